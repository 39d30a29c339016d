"""The notebooks in a real JupyterLab, as a reader meets them: opened, read in both themes, and run."""

import json
from itertools import product

import pytest
from browser import find_browser, launch
from common import untested
from lab import ROOT, open_notebook, page_of, screenshot, served, set_theme
from playwright.sync_api import sync_playwright

from helpers.page.mime import CHART

NO_BROWSER = "no browser found (chromium, chromium-browser or google-chrome): JUPYTERLAB WAS NOT TESTED"
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
LEGIBLE = 4.5  # WCAG 2, AA
SOON = 1000  # ms


def cells_of(name: str) -> list[dict]:
    return json.loads((ROOT / "notebooks" / name).read_text())["cells"]


def tags(cell: dict) -> list[str]:
    return cell["metadata"].get("tags", [])


def charts_stored(name: str) -> int:
    return sum(CHART in output.get("data", {}) for cell in cells_of(name) for output in cell.get("outputs", []))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """One JupyterLab in one page, for all tests."""
    if find_browser() is None:
        untested(NO_BROWSER)
    with served(tmp_path_factory.mktemp("jupyterlab")) as address, sync_playwright() as playwright:
        chromium = launch(playwright)
        yield page_of(chromium, address)
        chromium.close()


@pytest.fixture(scope="module", params=product(("Light", "Dark"), NOTEBOOKS), ids="-".join)
def notebook(page, request):
    """(page, name) of a notebook that was opened without a kernel, its charts drawn, in either theme."""
    theme, name = request.param
    set_theme(page, theme)
    open_notebook(page, f"notebooks/{name}", kernel=False)
    page.wait_for_function("charts => views().length >= charts", arg=charts_stored(name))
    page.locator(".vega-embed").first.scroll_into_view_if_needed()
    return page, name


def test_every_live_chart_is_drawn_from_its_stored_output(notebook):
    page, name = notebook
    assert page.evaluate("views().length") == page.locator(".vega-embed canvas").count() == charts_stored(name)


def looks(page, chart) -> str:
    page.evaluate("Promise.all(views().map((view) => view.runAsync())).then(() => null)")
    return chart.locator("canvas").evaluate("canvas => canvas.toDataURL()")


def test_the_first_slider_of_each_chart_changes_its_picture(notebook, request):
    page, _ = notebook
    for chart in page.locator(".vega-embed").all():
        slider = chart.locator("input[type=range]:not([disabled])").first
        start, before = slider.input_value(), looks(page, chart)
        slider.fill(slider.get_attribute("max" if start == slider.get_attribute("min") else "min"))
        assert looks(page, chart) != before, screenshot(page, request.node.name)
        slider.fill(start)


def test_every_word_and_number_of_a_chart_can_be_read(notebook, request):
    page, _ = notebook
    found = page.evaluate("views().flatMap(contrasts)")
    assert found
    faint = {words: round(ratio, 2) for words, ratio in found if ratio < LEGIBLE}
    assert faint == {}, screenshot(page, request.node.name)


@pytest.mark.parametrize("width", [1280, 800])
def test_nothing_of_a_chart_is_out_of_sight(notebook, width, request):
    page, _ = notebook
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(300 if width != 1280 else 0)
    lost = page.evaluate("views().flatMap(outOfSight)")
    shot = screenshot(page, request.node.name) if lost else ""
    page.set_viewport_size({"width": 1280, "height": 900})
    assert lost == [], shot


def test_what_the_tags_hide_is_folded(notebook, request):
    page, _ = notebook
    assert page.evaluate("unfolded()") == [], screenshot(page, request.node.name)


def test_without_a_kernel_the_notebook_stays_saved(notebook, request):
    page, _ = notebook  # that has been open, read and played with for some seconds
    assert not page.evaluate("panel().context.model.dirty"), screenshot(page, request.node.name)


WITH_LAB, SHORT = "03_entropy.ipynb", "07_training_loop.ipynb"
with_lab = pytest.mark.parametrize("running", [WITH_LAB], indirect=True)


@pytest.fixture(scope="module", params=[SHORT, WITH_LAB])
def running(page, request):
    """(page, name, whether it was saved then) of a notebook that was opened with a kernel and run."""
    set_theme(page, "Light")
    open_notebook(page, f"notebooks/{request.param}", kernel=True)
    page.wait_for_timeout(1000)
    saved = not page.evaluate("panel().context.model.dirty")
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells').then(() => null)")
    return page, request.param, saved


def outputs(page, index: int) -> list[dict]:
    return page.evaluate("index => cells()[index].model.outputs.toJSON()", index)


def answers_of(name: str) -> list[int]:
    return [index for index, cell in enumerate(cells_of(name)) if "answer" in tags(cell)]


def test_the_address_that_make_lab_prints_opens_the_first_notebook(page):
    printed = page.url.split("/lab")[0] + "/"
    opened = page.request.get(printed).url.rstrip("?")  # the server adds an empty query
    assert opened.endswith(f"/lab/tree/notebooks/{NOTEBOOKS[0]}")


def test_with_a_kernel_the_notebook_opens_saved(running):
    _, name, saved = running
    assert saved, f"{name} is unsaved before anything was done"


def test_run_all_runs_every_cell_without_an_error(running, request):
    page, name, _ = running
    code = [index for index, cell in enumerate(cells_of(name)) if cell["cell_type"] == "code"]
    errors = [output for index in code for output in outputs(page, index) if output["output_type"] == "error"]
    assert errors == [], screenshot(page, request.node.name)
    assert all(page.evaluate("code => code.map((index) => cells()[index].model.executionCount)", code))


def test_answers_stay_folded_when_all_cells_have_run(running, request):
    page, _, _ = running
    assert page.evaluate("unfolded()") == [], screenshot(page, request.node.name)


@with_lab
def test_an_empty_answer_stands_below_its_question_and_says_nothing(running):
    page, name, _ = running
    cells, answers = cells_of(name), answers_of(name)
    assert answers
    for index in answers:
        question, answer = "".join(cells[index - 1]["source"]), "".join(cells[index]["source"])
        assert answer.startswith(question.replace("ask(", "check(").replace(")", ", ..."))
        assert outputs(page, index) == []


@with_lab
def test_an_answer_is_judged_where_it_is_typed(running):
    page, name, _ = running
    typed, index = 'check("H7", 0.802)', answers_of(name)[0]
    page.evaluate("([index, typed]) => cells()[index].model.sharedModel.setSource(typed)", [index, typed])
    page.evaluate("runCell", index)
    assert "more digits" in outputs(page, index)[0]["text"]  # what tests/answers.py says of this mistake


def lab_of(page) -> int:
    """The cell that shows the lab."""
    return page.evaluate("cells().findIndex((cell) => cell.outputArea?.node.querySelector('.jupyter-widgets'))")


@with_lab
def test_a_lab_shows_its_controls_and_its_bar_before_it_works(running, request):
    page = running[0]
    times = page.evaluate("runLab", lab_of(page))
    assert {"controls", "bar"} <= set(times), f"{times} {screenshot(page, request.node.name)}"
    soon = max(SOON, times["done"] / 2)  # a busy machine may take longer
    assert max(times["controls"], times["bar"]) < min(soon, times["done"] - 100), times


@with_lab
def test_a_lab_draws_anew_when_a_control_moves(running, request):
    page = running[0]
    lab = page.locator(".jp-Notebook-cell").nth(lab_of(page)).locator(".jupyter-widgets").first
    picture = lab.locator("img").element_handle()
    before = picture.get_attribute("src")
    lab.locator(".noUi-handle").first.press("ArrowRight")
    for _ in range(100):
        page.wait_for_timeout(200)
        if picture.get_attribute("src") != before:
            return
    pytest.fail(screenshot(page, request.node.name))
