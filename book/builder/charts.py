"""A live chart in the HTML: its opening picture and its controls, and beside the page a module that computes it.

The picture is drawn when the book is built, once for a desk's column and once for a phone's, and serves both themes. The
module holds the chart compiled as far as it goes: Vega's dataflow as data, its expressions as functions (charts.mjs).
Nothing of Vega runs in the page before the reader moves (book/scripts/live.js).
"""

import functools
import html
import json
import math
import re
import zlib
from collections.abc import Iterable
from pathlib import Path

import vl_convert

from builder import links, recordings
from builder.node import worker
from helpers.page.mime import VEGA_LITE

FOLLOWS = Path(__file__).parents[2] / "helpers" / "page" / "follows.js"
COLUMNS = {"wide": 688, "narrow": 342}  # pixels: the text column on a desk, and on a phone of 390
AXIS = 70  # pixels that the axis of a view takes beside it
FONT = "Liberation Sans"  # stands for the page's own, in the module; charts.mjs knows how wide its letters are
# Colours that nobody uses, in place of the theme's: variables in the picture, values of the theme in the module.
INK, MUTED, LINE = "#010203", "#010204", "#010205"
THEMED = {"text": INK, "muted": MUTED, "line": LINE, "font": FONT}
CONFIG = {
    "background": None,
    "padding": {"left": 12, "top": 5, "right": 5, "bottom": 14},  # slack: labels change their size while a slider moves
    "axisY": {"minExtent": 32},
    "font": FONT,
    "text": {"color": INK},
    "title": {"color": INK, "fontSize": 14, "fontWeight": 600},
    "view": {"stroke": LINE},
    "header": {"labelColor": INK, "titleColor": INK},
    "legend": {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12},
    "axis": {
        "labelColor": MUTED,
        "titleColor": INK,
        "titleFontWeight": 400,
        "labelFontSize": 11,
        "titleFontSize": 12,
        "labelSeparation": 6,
        "domainColor": LINE,
        "tickColor": LINE,
        "gridColor": LINE,
        "gridOpacity": 0.6,
        "aria": False,
    },
    "mark": {"aria": False},
}
FIGURE = re.compile(r'<figure class="live-chart"><script type="application/json">(.*?)</script></figure>', re.S)


def with_charts(body: str, modules: Path) -> str:
    """A page's body with each specification in it replaced by the chart; writes the charts' modules.

    Raises ValueError for a link to a state that a chart cannot have, or to a mark that it lacks.
    """
    seen: dict[str, dict] = {}

    def whole(found: re.Match) -> str:
        spec = json.loads(found[1].replace("<\\/", "</"))
        name = spec["usermeta"]["name"]
        number = next(i for i in range(1, 99) if f"{name}-{i}" not in seen)
        place = name if number == 1 else f"{name}-{number}"
        seen[f"{name}-{number}"] = seen[place] = spec
        return figure(spec, place, modules)

    body = FIGURE.sub(whole, body)
    links.check(body, seen)
    return body


def figure(spec: dict, place: str, modules: Path) -> str:
    """The chart as HTML. place: its id in the page, the chart's name unless the page has shown it before."""
    spec, recording = recordings.with_recording(spec, modules.parent / "recordings")
    text = json.dumps(spec, separators=(",", ":"))
    name = f"{spec['usermeta']['name']}.{zlib.crc32(''.join(compiled(text, kind)[1] for kind in COLUMNS).encode()):08x}"
    modules.mkdir(parents=True, exist_ok=True)
    pictures = ""
    for kind in COLUMNS:
        picture, module, said, grips = compiled(text, kind)
        (modules / f"{name}.{kind}.js").write_text(module)
        width, height = re.search(r'width="([\d.]+)" height="([\d.]+)"', picture).groups()
        size = f"--width: {width}px; aspect-ratio: {width} / {height}"
        pictures += f'<div class="still {kind}" style="{size}">{named(picture, f"{place}-{kind}")}{grips}</div>'
    follows = spec["usermeta"]["follows"]
    words = place.replace("_", " ")
    sketch = spec["usermeta"].get("sketch")
    asked, moved = controls(spec, follows)
    inputs = panels(asked, moved + (sketching(sketch["into"]) if sketch else "") + tools(), not sketch and low(spec))
    sketch = f' data-sketch="{html.escape(json.dumps(sketch))}"' if sketch else ""
    return (
        f'<figure class="live-chart" id="{place}" data-chart="{name}" data-follows="{html.escape(json.dumps(follows))}"{recording}{sketch}>'
        f'<form class="vega-bindings" autocomplete="off" aria-label="Controls of {words}">{inputs}</form>'
        f'<div class="live-view" role="img" aria-label="{html.escape(spec["description"])}">{pictures}</div>'
        f'<div class="live-text" role="status" aria-live="polite">{html.escape(said)}</div></figure>'
    )


def named(picture: str, prefix: str) -> str:
    """The picture with names of its own for its clips and gradients, hidden from screen readers: the figure has words."""
    own = re.sub(r'\b(id="|url\(#)', rf"\1{prefix}-", picture)
    return own.replace("<svg", '<svg aria-hidden="true"', 1)


@functools.cache
def compiled(text: str, kind: str) -> tuple[str, str, str, str]:
    """(picture, module, its numbers in words, the grips over the picture) of a specification in a column."""
    spec = json.loads(text)
    spec = fitted(spec, COLUMNS[kind], kind == "narrow") | {"config": spec["config"] | CONFIG}
    vega = vl_convert.vegalite_to_vega(spec, vl_version=VEGA_LITE)
    drag, sketch = spec["usermeta"].get("drag", {}), spec["usermeta"].get("sketch")
    answer = worker("charts.mjs").ask(
        {"vega": vega, "themed": THEMED, "drag": drag, "sketch": sketch and sketch["mark"]}
    )
    over = "".join(map(grip, answer["grips"])) + (sheet(answer["sheet"], sketch) if sketch else "")
    return answer["picture"], answer["module"], answer["said"], over


def grip(found: dict) -> str:
    """What a finger takes hold of, over a mark; the sliders do the same for the keyboard and for screen readers."""
    moves, place = html.escape(json.dumps(found["moves"])), f"left: {found['left']:.2f}%; top: {found['top']:.2f}%"
    axes = "".join(found["moves"])
    return f'<span class="grip {axes}" data-mark="{found["mark"]}" data-moves="{moves}" style="{place}"></span>'


def sheet(place: list[float], sketch: dict) -> str:
    """Where a reader draws, over the mark that is there for it, and the ring at x = y = 0 from which it is done."""
    left, top, width, height = (100 * share for share in place)
    (low, high), (bottom, top_) = sketch["x"], sketch["y"]
    ring = f"left: {-100 * low / (high - low):.2f}%; top: {100 * top_ / (top_ - bottom):.2f}%"
    box = f"left: {left:.2f}%; top: {top:.2f}%; width: {width:.2f}%; height: {height:.2f}%"
    return f'<div class="sheet" style="{box}"><span class="start" style="{ring}"></span></div>'


def write_scripts(static: Path, pages: Iterable[Path]):
    """The scripts of these pages, with the engine for their charts; modules that none of them names any more go."""
    named = set(re.findall(r'data-chart="([^"]+)"', "".join(page.read_text() for page in pages)))
    for module in (static / "charts").glob("*.js"):
        if module.name.rsplit(".", 2)[0] not in named:
            module.unlink()
    folders = {"modules": str(static / "charts"), "target": str(static)}
    worker("bundle.mjs").ask(folders | {"before": FOLLOWS.read_text()})


def fitted(node, column: float, narrow: bool):
    """The same chart for a column of so many pixels: none of its views is wider; in a narrow one they stand under each other."""
    if isinstance(node, list):
        return [fitted(child, column, narrow) for child in node]
    if not isinstance(node, dict):
        return node
    found = {}
    for key, value in node.items():
        if key in ("data", "datasets", "transform", "encoding"):
            found[key] = value
        elif key == "hconcat" and narrow:
            found["vconcat"] = fitted(value, column, narrow)
        elif key == "width" and isinstance(value, int | float):
            found[key] = min(value, column - AXIS)
        elif key == "fontSize" and narrow:  # of the numbers above a picture
            found[key] = min(value, 15)
        elif key == "title" and isinstance(value, str) and narrow:
            found[key] = lines(value, column / 8.5)
        else:
            found[key] = fitted(value, column, narrow)
    return found


def lines(title: str, most: float) -> list[str]:
    """A title in lines of at most `most` letters, or a long one would make the whole chart shrink."""
    found = [""]
    for word in title.split(" "):
        if len(found[-1]) + len(word) >= most:
            found.append(word)
        else:
            found.append(f"{found.pop()} {word}".strip())
    return found


def bound(spec: dict) -> list[dict]:
    """The parameters that a reader sets."""
    return [param for param in spec["params"] if "bind" in param]


def controls(spec: dict, follows: dict) -> tuple[str, str]:
    """The question that a reader answers first, and the sliders and choices, as they open; an idle one is greyed out."""
    now = {param["name"]: param["value"] for param in bound(spec)}
    plays = spec["usermeta"].get("play", {})
    found = {"asked": "", "moved": ""}
    for param in bound(spec):
        name = param["name"]
        found["asked" if name == "guess" else "moved"] += control(param, idle(name, follows, now), plays.get(name))
    return found["asked"], found["moved"]


def panels(asked: str, moved: str, stays: bool) -> str:
    """The question in a box of its own, above what is moved; that `stays` in sight over the picture on a phone."""
    question = f'<div class="panel asked">{asked}</div>' if asked else ""
    return f'{question}<div class="panel{" stays" * stays}">{moved}</div>'


def low(spec: dict) -> bool:
    """Whether the controls, without the guess, leave three quarters of a phone's height to the picture."""
    lines = 0.0
    for param in bound(spec):
        if param["bind"]["input"] == "range":
            lines += 0.5  # two stand beside each other
        elif param["name"] != "guess":
            words = "    ".join(param["bind"].get("labels") or map(str, param["bind"]["options"]))
            lines += 0.5 + math.ceil(len(words) / 46)
    return lines <= 3


def sketching(name: str) -> str:
    """What belongs to a chart in which a reader draws: the numbers of what is drawn, a word about it, two buttons."""
    drawn = f'<input type="text" name="{html.escape(name)}" hidden>'
    buttons = (
        '<button type="button" class="back">Take one back</button><button type="button" class="clear">Clear</button>'
    )
    hint = "Pull the ring past both gates to the tray."
    said = f'<span role="status" data-hint="{hint}">{hint}</span>'
    return f'<div class="vega-bind sketching">{drawn}{said}{buttons}</div>'


def tools() -> str:
    """What every chart has below its controls."""
    return '<div class="tools"><button type="reset">Reset</button><button type="button" class="share">Link to this</button></div>'


def idle(name: str, follows: dict, now: dict) -> bool:
    """Whether another control, as it stands, makes this one meaningless: the rule of helpers/page/follows.js."""
    other, values = follows.get(name, (None, None))
    return other is not None and now[other] not in (values if isinstance(values, list) else [values])


def control(param: dict, off: bool, seconds: float | None) -> str:
    """One slider or one choice; a slider that plays takes so many seconds from end to end."""
    bind, name, value = param["bind"], html.escape(param["name"]), param["value"]
    label, disabled = html.escape(bind.get("name", param["name"])), " disabled" if off else ""
    title = f'<span class="vega-bind-name">{label}</span>'
    if bind["input"] == "range":
        ends = f'min="{bind["min"]}" max="{bind["max"]}" step="{bind["step"]}" value="{value}"'
        slider = f'<input type="range" name="{name}" {ends}{disabled}><span aria-hidden="true">{value}</span>'
        inside = f"<label>{title}{slider}</label>{'' if seconds is None else plays(label, seconds)}"
    else:
        inside = choices(bind, name, value, disabled)
        inside = f'{title}<span class="vega-bind-radio" role="radiogroup" aria-label="{label}">{inside}</span>'
    return f'<div class="vega-bind{" idle" * off}">{inside}</div>'


def choices(bind: dict, name: str, value, disabled: str) -> str:
    """The options of a choice; "loss · squared error" stands in the group of the first word."""
    groups: dict[str, str] = {}
    for option, words in zip(bind["options"], bind.get("labels") or map(str, bind["options"]), strict=True):
        group, words = words.split(" · ", 1) if " · " in words else ("", words)
        groups[group] = groups.get(group, "") + (
            f'<label><input type="radio" name="{name}" value="{html.escape(str(option))}"{typed(option)}'
            f"{' checked' * (option == value)}{disabled}>{html.escape(words)}</label>"
        )
    return "".join(
        f'<span class="group">{html.escape(own)} {all_}</span>' if own else all_ for own, all_ in groups.items()
    )


def typed(option) -> str:
    """What tells the script that the choice is a number."""
    return ' data-type="number"' if isinstance(option, int | float) else ""


def plays(label: str, seconds: float) -> str:
    """The buttons of a slider that runs by itself."""
    play = f'<button type="button" class="play" aria-pressed="false" data-seconds="{seconds:g}" aria-label="Play {label}"></button>'
    return f'<span class="plays">{play}<button type="button" class="step" aria-label="Move {label} by one"></button></span>'
