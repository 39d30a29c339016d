"""What a live chart gives each front end."""

import copy
import html
import json
import math
import re
import sys
import types

import pytest
import vl_convert
from chart_numbers import CHARTS
from docutils import nodes

from helpers.charts import mode_averaging, parts
from helpers.page import exercises, live, mime, renderer


@pytest.fixture(scope="module", params=CHARTS.values(), ids=CHARTS)
def chart(request):
    return request.param()


def controls(chart) -> dict[str, dict]:
    return {param["name"]: param for param in chart.spec["params"] if "bind" in param}


def luminance(color: str) -> float:
    """Of sRGB "#rrggbb", as WCAG 2 defines it."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_all_charts_of_the_book_are_here():
    assert len(CHARTS) == 35  # and seven that are given what a notebook trained


def test_jupyter_gets_the_specification_and_words_and_makes_no_picture(chart, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    bundle, about = chart._repr_mimebundle_()
    assert set(bundle) == {mime.CHART, "text/plain"}
    assert bundle[mime.CHART]["$schema"].endswith("vega-lite/v5.20.1.json")
    assert bundle["text/plain"] == bundle[mime.CHART]["description"]
    assert about[mime.CHART]["embed_options"]["actions"] is False
    assert len(json.dumps(bundle)) < 300_000


def test_the_colours_of_words_are_in_the_specification_and_readable_on_its_paper(chart):
    config = chart.spec["config"]
    assert config["background"] == "white"
    words = [
        value for part in config.values() if isinstance(part, dict) for key, value in part.items() if "olor" in key
    ]
    words = [color for color in words if color != live.LINE]
    assert len(words) >= 6
    assert all(1.05 / (luminance(color) + 0.05) >= 4.5 for color in words), words


def test_colab_gets_a_page_with_the_description_and_what_follows(chart, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    page = chart._repr_mimebundle_()["text/html"]
    [spec] = re.findall(r"var spec = (\{.*\});$", page, re.M)
    assert json.loads(spec) == json.loads(json.dumps(chart.spec))
    assert json.dumps(chart.spec["usermeta"]["follows"]) in page


def test_the_opening_values_of_every_control_can_be_chosen(chart):
    for name, control in controls(chart).items():
        bind = control["bind"]
        for value in bind["options"] if "options" in bind else (bind["min"], bind["max"]):
            opened = copy.deepcopy(chart).opened({name: value})
            assert controls(opened)[name]["value"] == value
            assert opened.spec["description"].endswith(f"It opens with {name} = {value}.")
            assert "As it opens" not in opened.spec["description"]
        bad = ["nowhere", None] if "options" in bind else ["a", math.nan, bind["min"] - 1, bind["max"] + 1]
        for value in bad:
            with pytest.raises(ValueError, match=rf"^{name} "):
                chart.opened({name: value})


def test_the_opening_values_are_arguments_of_every_chart(chart):
    build = CHARTS[chart.spec["usermeta"]["name"]]
    name, control = next(iter(controls(chart).items()))
    low = control["bind"]["options"][0] if "options" in control["bind"] else control["bind"]["min"]
    assert controls(build(**{name: low}))[name]["value"] == low
    with pytest.raises(ValueError, match=rf"'nothing' is unknown; expected one of {name}"):
        chart.opened({"nothing": 1})


def test_a_slider_of_whole_numbers_opens_at_a_whole_number():
    assert controls(mode_averaging.mode_averaging(n=5.0))["n"]["value"] == 5
    with pytest.raises(ValueError, match=r"n = 2.5; expected a whole number"):
        mode_averaging.mode_averaging(n=2.5)


def test_what_a_chart_opens_with_is_drawn():
    """Its numbers, from Vega itself: the crash rate of the independent bins is 2 w (1 - w), far from the obstacle."""
    spec = mode_averaging.mode_averaging(head="independent_bins", w=0.7, s=0.05).spec
    drawn = vl_convert.vegalite_to_svg(spec, vl_version=mime.VEGA_LITE)
    assert ">42.0 %<" in drawn


def test_a_label_may_hold_any_sign():
    label = 'critic\'s "error" \\ é'
    numbers = parts.readouts(parts.rows({"one": 1}), {label: parts.number("datum.one", ".1f")})
    drawn = vl_convert.vegalite_to_svg(numbers.to_dict(), vl_version=mime.VEGA_LITE)
    assert html.escape(label, quote=False) in drawn.replace("&quot;", '"')
    assert ">1.0<" in drawn


def test_a_page_holds_the_specification_unharmed(chart):
    spec = json.loads(json.dumps(chart.spec)) | {"description": 'a </script> & <b> "quoted" one'}
    text = renderer.page_html(spec)
    inside = text.split('<script type="application/json">')[1].split("</script>")[0]
    assert json.loads(inside) == spec
    assert text.count("</script>") == 1


def test_an_exercise_on_a_page_holds_all_that_judges_it_and_its_words_unharmed():
    exercise = {"code": "X1", "question": "Is 1 < 2 & </script> harmless?", "answer": -0.5, "tolerance": 0.1}
    text = renderer.exercise_html(exercise)
    inside = text.split('<script type="application/json">')[1].split("</script>")[0]
    assert json.loads(inside) == exercise
    assert text.count("</script>") == 1
    assert "Is 1 &lt; 2 &amp; &lt;/script&gt; harmless?" in text
    assert 'label for="answer-X1"' in text
    assert '<input id="answer-X1"' in text


class Output:
    def __init__(self, mime_type, about=None):
        self.mime_type, self.content, self.output_metadata = mime_type, {}, {mime_type: about or {}}


class Renderer:
    def render_image(self, data):
        return [nodes.image(uri="picture.png")]


def test_pictures_keep_their_words_and_labs_show_what_is_recorded():
    handle = renderer.PageRenderer.handle_mime
    exercise = Output(mime.EXERCISE)
    exercise.content = exercises.ask("V2")._repr_mimebundle_()[mime.EXERCISE]
    assert handle(Renderer(), exercise, True) is None
    assert 'id="exercise-V2"' in handle(Renderer(), exercise, False)[0].astext()
    assert handle(Renderer(), Output("image/png"), False) is None
    assert handle(Renderer(), Output("text/html"), False) is None
    [picture] = handle(Renderer(), Output("image/png", {"alt": "words"}), False)
    assert picture["alt"] == "words"
    recorded = Output(mime.RECORDED)
    recorded.content = {"usermeta": {"name": "a_lab"}}
    shown = handle(Renderer(), recorded, False)[0].astext()
    assert shown.startswith(
        '<figure class="live-chart"><script type="application/json">{"usermeta":{"name":"a_lab"}}</script>'
    )
    assert "is a recording" in shown
    assert "Colab" in shown


def test_every_control_names_itself_and_opens_inside_its_range(chart):
    for param in chart.spec["params"]:
        bind = param.get("bind")
        if bind and bind["input"] == "range":
            assert bind["min"] <= param["value"] <= bind["max"]
        if bind:
            assert bind["name"]


def test_colabs_page_leaves_the_options_of_the_other_front_ends_alone(chart):
    before = copy.deepcopy(live.EMBED)
    chart.html()
    assert before == live.EMBED


@pytest.mark.parametrize("more", [{"drag": {"dot": {"x": "nothing"}}}, {"play": {"nothing": 2}}, {"play": {"head": 2}}])
def test_what_is_dragged_or_played_is_a_slider(more):
    with pytest.raises(ValueError, match="expected one of d, w, s, n"):
        live.LiveChart("any", mode_averaging.mode_averaging.__wrapped__(), "words", **more)
