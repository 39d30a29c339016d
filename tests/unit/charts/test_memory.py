"""Rows that a control moves are not taken apart: Vega keeps the marks of the rows before, so memory would grow with play."""

import json
import re

import pytest
from common import NOTEBOOKS

from helpers.page.mime import CHART, RECORDED

STORED = {  # every chart of the book, as its readers get it
    f"{path.stem}: {spec['usermeta']['name']}": spec
    for path in NOTEBOOKS
    for cell in json.loads(path.read_text())["cells"]
    for output in cell.get("outputs", [])
    if (spec := output.get("data", {}).get(CHART) or output.get("data", {}).get(RECORDED))
}


def moved(spec: dict) -> set[str]:
    """The parameters that a control sets, what is recorded among them, and those that are computed from them."""
    params = spec["params"]
    names = {param["name"] for param in params if "bind" in param} | {"recorded"}
    for _ in params:
        names |= {param["name"] for param in params if mentions(param.get("expr", ""), names)}
    return names


def mentions(expression, names: set[str]) -> bool:
    """Whether it reads one of these parameters; words in quotes and fields of datum are none."""
    text = re.sub(r"'[^']*'|\"[^\"]*\"", "", expression) if isinstance(expression, str) else ""
    return bool(set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", text)) & names)


def taken_apart(node: dict, names: set[str], transforms: tuple = ()) -> list[dict]:
    """The flattens and folds below a transform that names one of `names`, unless the marks of the rows have a key."""
    transforms += tuple(node.get("transform", ()))
    children = [child for group in ("vconcat", "hconcat", "layer") for child in node.get(group, ())]
    if children:
        return [found for child in children for found in taken_apart(child, names, transforms)]
    above, found = False, []
    for transform in transforms:
        found += [transform] if above and ("flatten" in transform or "fold" in transform) else []
        above |= any(mentions(transform.get(kind), names) for kind in ("calculate", "filter"))
    return [] if "key" in node.get("encoding", {}) else found


@pytest.mark.parametrize("name", STORED)
def test_nothing_that_a_control_moves_stands_above_a_flatten_or_a_fold(name):
    assert taken_apart(STORED[name], moved(STORED[name])) == []


def test_the_walk_finds_a_flatten_below_a_slider():
    slider, spread = {"name": "s", "bind": {"input": "range"}}, {"name": "spread", "expr": "2 * s"}
    bad = [{"calculate": "[1, spread]", "as": "x"}, {"flatten": ["x"]}]
    layer = {"mark": "line", "encoding": {}}
    spec = {"params": [slider, spread], "vconcat": [{"transform": bad, "layer": [layer]}]}
    assert moved(spec) == {"s", "spread", "recorded"}
    assert taken_apart(spec, moved(spec)) == [{"flatten": ["x"]}]
    spec["vconcat"][0]["transform"] = bad[::-1]
    assert taken_apart(spec, moved(spec)) == []
    spec["vconcat"] = [{"transform": [{"calculate": "datum.s", "as": "x"}, {"flatten": ["x"]}], **layer}]
    assert taken_apart(spec, moved(spec)) == []
