"""What is stored with a notebook that has run, and what a reader sees while it runs."""

import base64
import json

import execute
import nbformat
from IPython.display import HTML
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers.charts import expectation
from helpers.page import mime, progress


def test_a_chart_is_stored_with_its_picture_and_a_widget_without_its_kernel():
    bundle, about = expectation.baseline_variance()._repr_mimebundle_()
    chart = new_code_cell(outputs=[new_output("execute_result", data=bundle, metadata=about)])
    widget = new_code_cell(
        outputs=[new_output("display_data", data={mime.WIDGET: {"model_id": "1"}, "text/plain": "w"})]
    )
    notebook = new_notebook(cells=[chart, widget], metadata={"language_info": {"name": "python", "version": "3.99.1"}})
    execute.store(notebook)
    [stored] = notebook.cells[0].outputs
    assert base64.b64decode(stored.data["image/png"]).startswith(b"\x89PNG")
    assert stored.metadata["image/png"]["alt"] == bundle["text/plain"]
    assert notebook.cells[1].outputs[0].data == {"text/plain": "w"}
    assert "3.99" not in json.dumps(notebook.metadata)


def test_what_a_tag_hides_is_folded_and_an_answer_is_open():
    kinds = (
        ["hide-cell"],
        ["hide-input"],
        ["remove-input"],
        ["remove-cell"],
        ["answer", "remove-cell"],
        ["the-loop"],
        [],
    )
    notebook = new_notebook(cells=[new_code_cell(metadata={"tags": tags}) for tags in kinds])
    execute.store(notebook)
    both, source = {"outputs_hidden": True, "source_hidden": True}, {"source_hidden": True}
    assert [cell.metadata.get("jupyter") for cell in notebook.cells] == [both, source, source, source, None, None, None]
    assert "tags" not in notebook.cells[-1].metadata


LAB = """
from helpers.labs.lab import Lab, slider
from helpers.page import plots, progress

lab = Lab({"value": slider("value", 0.5, 0, 1, 0.1)}, lambda tell, value: value, lambda seen: plots.figure()[0], "Lab: {}".format)
"""


def test_a_second_run_stores_the_same(tmp_path):
    path = tmp_path / "small.ipynb"
    cells = [
        new_code_cell(LAB, id="a"),
        new_code_cell("with progress.bar('working') as show:\n    [show(i / 3) for i in range(4)]\n1 + 1", id="b"),
        new_code_cell("lab", id="c"),
        new_code_cell("lab", id="d"),  # a lab may be shown twice
    ]
    nbformat.write(new_notebook(cells=cells), path)
    execute.execute(path)
    first = path.read_text()
    execute.execute(path)
    assert path.read_text() == first
    plain, shown, again = nbformat.read(path, as_version=4).cells[1:]
    assert [output.data for output in plain.outputs] == [{"text/plain": "2"}]
    assert "image/png" in shown.outputs[0].data
    assert shown.outputs[0].data == again.outputs[0].data


def test_a_bar_shows_the_share_that_is_done_and_goes_in_the_end(monkeypatch):
    events = []

    class Shown:
        def update(self, html: HTML):
            events.append(html.data)

    monkeypatch.setattr(progress, "display", lambda html, display_id: events.append(html.data) or Shown())
    monkeypatch.setattr(progress, "clear_output", lambda: events.append("cleared"))
    with progress.bar("training") as show:
        for i in range(1001):
            show(i / 2000)
    assert events[0] == "training …"  # at once
    assert events[1] == "<progress max=100 value=0></progress> training: 0 %"
    assert events[-2:] == ["<progress max=100 value=50></progress> training: 50 %", "cleared"]
    assert len(events) == 53  # one for each per cent, not for each step
