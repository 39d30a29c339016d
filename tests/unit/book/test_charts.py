"""A live chart as the build writes it into a page."""

import html
import json
import re

import pytest
from builder import charts
from chart_numbers import stored

from helpers.page import renderer

STORED = stored()


@pytest.fixture(scope="module")
def body(tmp_path_factory):
    """A page that shows one chart twice and another between."""
    names = ("temperature", "support", "temperature")
    text = "".join(renderer.page_html(STORED[name]) for name in names)
    return charts.with_charts(text, tmp_path_factory.mktemp("site") / "charts")


def test_a_chart_that_is_shown_twice_has_two_ids_and_no_name_twice(body):
    ids = re.findall(r' id="([^"]+)"', body)
    assert len(ids) == len(set(ids))
    assert {"temperature", "support", "temperature-2"} <= set(ids)
    assert set(re.findall(r"url\(#([^)]+)\)", body)) <= set(ids)


def test_its_controls_stand_as_the_specification_says(body):
    for param in STORED["temperature"]["params"]:
        if param.get("bind", {}).get("input") == "range":
            ends = " ".join(f'{key}="{param["bind"][key]}"' for key in ("min", "max", "step"))
            assert f'name="{param["name"]}" {ends} value="{param["value"]}"' in body


def test_a_control_that_does_not_matter_is_off():
    spec = STORED["mode_averaging"]
    text = "".join(charts.controls(spec, spec["usermeta"]["follows"]))
    assert re.search(r'class="vega-bind idle">.*?name="n"[^>]* disabled', text)
    assert not re.search(r'name="d"[^>]* disabled', text)


def test_its_numbers_are_said_before_anything_runs(body):
    assert re.search(r'class="live-text"[^>]*>[^<]*: [^<]*\d', body)


def test_a_grip_lies_where_its_mark_is_drawn_and_knows_slider_and_scale():
    spec = STORED["gaussian_ellipse"]
    for kind in charts.COLUMNS:
        *_, grips = charts.compiled(json.dumps(spec), kind)
        (moves,) = re.findall('data-moves="([^"]*)"', grips)
        assert json.loads(html.unescape(moves)) == {"x": ["x1", "concat_1_x"], "y": ["x2", "concat_1_y"]}
        left, top = (float(re.search(rf"{side}: ([\d.]+)%", grips)[1]) for side in ("left", "top"))
        assert 52 < left < 70 and 52 < top < 70  # right of the middle and below it; to the pixel in the browser's test


def test_a_mark_that_nobody_drew_stops_the_build():
    spec = json.loads(json.dumps(STORED["gaussian_ellipse"]))
    spec["usermeta"]["drag"] = {"nothing": {"x": "x1"}}
    with pytest.raises(ValueError, match="no mark is called nothing"):
        charts.compiled(json.dumps(spec), "wide")


def test_a_slider_that_plays_has_its_buttons_and_no_other():
    spec = STORED["flow_steps"]
    text = "".join(charts.controls(spec, spec["usermeta"]["follows"]))
    assert re.findall(r'data-seconds="([^"]*)" aria-label="([^"]*)"', text) == [("3", "Play share taken")]
    assert text.count('class="step"') == 1


def test_its_module_holds_functions_and_no_code_as_text():
    _, module, *_ = charts.compiled(json.dumps(STORED["mode_averaging"]), "narrow")
    flow = json.loads(json.loads(module_text(module)))
    codes = [node["code"] for node in nodes(flow) if "code" in node]
    assert codes
    assert all(isinstance(code, int) for code in codes)
    assert not any(word in module for word in charts.THEMED.values())


def module_text(module: str) -> str:
    """The dataflow's text as a JSON string, whatever quotes it is written in."""
    inside = re.search(r"JSON\.parse\(['`](.*?)['`]\)", module, re.S)
    return (
        json.dumps(inside[1].replace("\\\\", "\\")) if inside else re.search(r'JSON\.parse\((".*?")\)', module, re.S)[1]
    )


def nodes(node):
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        yield from nodes(child)


def test_a_word_of_the_theme_that_no_function_can_replace_stops_the_build():
    spec = json.loads(json.dumps(STORED["temperature"]))
    spec["datasets"] = spec.get("datasets", {}) | {"extra": [{"color": charts.INK}]}
    spec["data"] = {"name": "extra"}
    with pytest.raises(ValueError, match="stands in the dataflow"):
        charts.compiled(json.dumps(spec), "wide")


def test_a_picture_is_made_small_and_keeps_its_words_and_the_themes_colours():
    picture, *_ = charts.compiled(json.dumps(STORED["mode_averaging"]), "wide")
    assert "left  ←  lateral offset  →  right" in picture
    assert len(picture) < 30_000  # 85 kB as Vega writes it
    assert all(color in picture for color in ("currentColor", "var(--pst-color-text-muted)", "var(--pst-color-border)"))
    assert not any(color in picture for color in (charts.INK, charts.MUTED, charts.LINE))
