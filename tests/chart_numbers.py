"""The numbers of a live chart at any setting of its controls, computed by Vega itself without a browser."""

import html
import inspect
import itertools
import json
import re

import vl_convert
from builder import recordings
from common import NOTEBOOKS

from helpers.charts import (
    closed_loop,
    distributions,
    elbo,
    entropy,
    expectation,
    kl,
    mode_averaging,
    openvla,
    your_demonstrations,
)
from helpers.page.mime import CHART, RECORDED, VEGA_LITE

MODULES = (closed_loop, distributions, elbo, entropy, expectation, kl, mode_averaging, openvla, your_demonstrations)
CHARTS = {  # every chart that needs no data of a notebook
    name: build
    for module in MODULES
    for name, build in vars(module).items()
    if hasattr(build, "__wrapped__") and not hasattr(build, "cache_info") and not inspect.signature(build).parameters
}
BETWEEN = " := "  # a number's name, its value and its text


def stored() -> dict[str, dict]:
    """The specification of every chart of the book by its name, as the notebooks hold it."""
    return held(CHART)


def played() -> dict[str, dict]:
    """The chart of every lab by its name, with what is recorded for its opening choices, as a page shows it."""
    read = lambda name: json.loads((recordings.FOLDER / f"{name}.json").read_text())
    return {name: recordings.opened(spec, read(name)) for name, spec in held(RECORDED).items()}


def held(kind: str) -> dict[str, dict]:
    """The specifications of that kind of output in the notebooks, by their names."""
    cells = [cell for path in NOTEBOOKS for cell in json.loads(path.read_text())["cells"]]
    bundles = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    return {bundle[kind]["usermeta"]["name"]: bundle[kind] for bundle in bundles if kind in bundle}


def numbers(spec: dict, **setting) -> dict[str, tuple[float | str, str]]:
    """{name: (value, shown)} with the controls at these values, in the chart's order; a value may be text.

    Of the chart only the rows with the numbers are computed, and drawn as text: its picture takes most of the time.
    """
    told = {"calculate": f"datum.readout + '{BETWEEN}' + datum.value + '{BETWEEN}' + datum.shown", "as": "told"}
    views = [
        {"data": view["data"], "transform": [*view["transform"], told]}
        | {"mark": "text", "encoding": {"text": {"field": "told"}}}
        for view in views_of_numbers(spec)
    ]
    params = [
        param | {"value": setting[param["name"]]} if param["name"] in setting else param for param in spec["params"]
    ]
    told_of = {"params": params, "datasets": spec.get("datasets", {}), "vconcat": views}
    found = [text.split(BETWEEN) for text in drawn(told_of)]
    assert len({name for name, _, _ in found}) == len(found), f"two numbers have one name: {found}"
    return {name: (number(value), shown) for name, value, shown in found}


def views_of_numbers(view: dict, data: dict | None = None, before: list | None = None) -> list[dict]:
    """The parts of a view whose rows have a field `readout`, each with the data and the transforms that it has or inherits."""
    rows = {"data": view.get("data", data)}
    rows["transform"] = [*([] if "data" in view else before or []), *view.get("transform", [])]
    if any(step.get("as") == "readout" for step in view.get("transform", [])):
        return [view | rows]
    parts = (part for way in ("vconcat", "hconcat", "concat", "layer") for part in view.get(way, []))
    return [found for part in parts for found in views_of_numbers(part, rows["data"], rows["transform"])]


def drawn(spec: dict) -> list[str]:
    """Every text in the picture of a specification, in its order."""
    picture = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
    return [html.unescape(text) for text in re.findall(r">([^<]*)</text>", picture)]


def number(text: str) -> float | str:
    """What JavaScript wrote, "Infinity" and "NaN" too, as a number; other text as it is."""
    try:
        return float(text)
    except ValueError:
        return text


def settings(spec: dict) -> list[dict]:
    """What to try, for all choices: the sliders as they open, each at its ends and its middle, and the corners.

    Corners: all low, all high, and by turns. A slider that does not matter under a choice moves with these only.
    """
    controls = {param["name"]: param for param in spec["params"] if "bind" in param}
    choices = {name: param["bind"]["options"] for name, param in controls.items() if "options" in param["bind"]}
    sliders = {name: places(param["bind"]) for name, param in controls.items() if name not in choices}
    opening = {name: controls[name]["value"] for name in sliders}
    corners = [
        {name: sliders[name][low if i % 2 else high] for i, name in enumerate(sliders)}
        for low, high in itertools.product((0, -1), repeat=2)
    ]
    tried = []
    for options in itertools.product(*choices.values()):
        chosen = dict(zip(choices, options, strict=True))
        moved = [opening | {name: place} for name in sliders if matters(spec, name, chosen) for place in sliders[name]]
        tried += [chosen | places for places in (opening, *moved, *corners)]
    return [setting for i, setting in enumerate(tried) if setting not in tried[:i]]


def places(bind: dict) -> tuple[float, float, float]:
    """A slider's low end, a step near its middle, and its high end."""
    low, high, step = bind["min"], bind["max"], bind["step"]
    return low, round(low + step * round((high - low) / step / 2), 9), high


def matters(spec: dict, name: str, chosen: dict) -> bool:
    """Whether the control changes anything under these choices."""
    other, values = spec["usermeta"]["follows"].get(name, (None, None))
    return other is None or chosen[other] in (values if isinstance(values, list) else [values])
