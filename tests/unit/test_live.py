"""What a live chart gives each front end."""

import base64
import json
import sys
import types

import pytest
from docutils import nodes

from helpers import exercises, live, pages
from helpers.charts import mode_averaging

CHARTS = [mode_averaging.mode_averaging, mode_averaging.flow_steps]


@pytest.fixture(scope="module", params=CHARTS, ids=lambda chart: chart.__name__)
def chart(request):
    return request.param()


def test_jupyter_gets_the_specification_a_picture_and_words(chart):
    bundle, about = chart._repr_mimebundle_()
    assert bundle[live.MIME]["$schema"].endswith("vega-lite/v5.20.1.json")
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["text/plain"] == about["image/png"]["alt"] == chart.description
    assert bundle[live.MIME]["description"] == chart.description
    assert len(json.dumps(bundle)) < 300_000


def test_colab_gets_altairs_own_html_and_needs_no_vl_convert(chart, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    bundle = chart._repr_mimebundle_()
    assert "vegaEmbed" in bundle["text/html"]


def test_a_front_end_without_vl_convert_still_gets_the_chart(chart, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    bundle, _ = chart._repr_mimebundle_()
    assert "image/png" not in bundle
    assert live.MIME in bundle


def test_a_page_holds_the_specification_unharmed(chart):
    spec = json.loads(json.dumps(chart.spec)) | {"description": 'a </script> & <b> "quoted" one'}
    text = pages.page_html(spec)
    inside = text.split('<script type="application/json">')[1].split("</script>")[0]
    assert json.loads(inside) == spec
    assert text.count("</script>") == 1


def test_an_exercise_on_a_page_holds_all_that_judges_it_and_its_words_unharmed():
    exercise = {"code": "X1", "question": "Is 1 < 2 & </script> harmless?", "answer": -0.5, "tolerance": 0.1}
    text = pages.exercise_html(exercise)
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


def test_pictures_keep_their_words_and_labs_say_where_they_run():
    handle = pages.PageRenderer.handle_mime
    exercise = Output(exercises.MIME)
    exercise.content = exercises.ask("V1")._repr_mimebundle_()[exercises.MIME]
    assert handle(Renderer(), exercise, True) is None
    assert 'id="exercise-V1"' in handle(Renderer(), exercise, False)[0].astext()
    assert handle(Renderer(), Output("image/png"), False) is None
    assert handle(Renderer(), Output("text/html"), False) is None
    [picture] = handle(Renderer(), Output("image/png", {"alt": "words"}), False)
    assert picture["alt"] == "words"
    picture, note = handle(Renderer(), Output("image/png", {"alt": "words", "lab": True}), False)
    assert "Colab" in note.astext()


def test_every_control_names_itself_and_opens_inside_its_range(chart):
    for param in chart.spec["params"]:
        bind = param.get("bind")
        if bind and bind["input"] == "range":
            assert bind["min"] <= param["value"] <= bind["max"]
        if bind:
            assert bind["name"]
