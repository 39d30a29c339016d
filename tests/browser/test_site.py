"""Every page of the built site: loads clean, fits a phone, keeps its budget, can be used by everybody."""

import gzip
import re
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import CONTENT, LIVE, PAGES, SITE, load, readouts

BUDGET, BUDGET_LIVE = 250_000, 500_000  # bytes, gzipped, fonts and data included


def test_there_are_pages_and_live_charts():
    assert {"book/index.html", "book/references.html", "notebooks/08_mode_averaging.html"} <= set(CONTENT)
    assert {"book/index.html", "notebooks/08_mode_averaging.html"} <= set(LIVE)


LOST = "404.html"  # stands alone, without the theme; tests/browser/test_book.py follows its links
VIEWS = [(path, width, scheme) for path in PAGES for width in (1280, 390) for scheme in ("light", "dark")]


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: "-".join(map(str, view)))
def view(browser, base, request):
    """(page, width, scheme): each page at both widths in both themes, loaded once."""
    page = load(browser, base, *request.param)
    yield page, *request.param[1:]
    page.context.close()


def test_page_loads_without_a_fault_or_a_foreign_request(view):
    page, _, scheme = view
    assert page.faults == []
    if not page.url.endswith(LOST):
        assert page.evaluate("document.documentElement.dataset.theme") == scheme


def test_page_does_not_scroll_sideways(view):
    page, width, _ = view
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for figure in page.query_selector_all("figure.live-chart"):
        column, chart = figure.bounding_box(), figure.query_selector(".live canvas").bounding_box()
        assert chart["x"] >= column["x"]
        assert chart["x"] + chart["width"] <= column["x"] + column["width"] + 1


def test_charts_are_drawn_pixel_for_pixel(view):
    """A canvas of another size than its place is soft, and WebKit drops rows of the letters."""
    sizes = (
        view[0]
        .locator(".live canvas")
        .evaluate_all("all => all.map((e) => [e.width, e.clientWidth, e.height, e.clientHeight])")
    )
    assert [size for size in sizes if abs(size[0] - size[1]) > 1 or abs(size[2] - size[3]) > 1] == []


def test_tables_of_results_are_whole_on_a_desk(view):
    page, width, _ = view
    if width > 1000:  # on a phone they scroll
        tables = page.locator(".output.text_html").evaluate_all("all => all.map((e) => [e.scrollWidth, e.clientWidth])")
        assert all(inside <= outside for inside, outside in tables), tables


def test_pictures_keep_their_proportions(view):
    bent = view[0].evaluate("""() => [...document.querySelectorAll("article img")].filter((e) => {
        const pad = 2 * parseFloat(getComputedStyle(e).paddingTop), ratio = e.getAttribute("height") / e.getAttribute("width");
        return Math.abs((e.clientWidth - pad) * ratio - (e.clientHeight - pad)) > 2;
    }).map((e) => [e.alt, e.clientWidth, e.clientHeight])""")
    assert bent == []


def test_formulas_are_whole(view):
    cut = view[0].evaluate("""() => [...document.querySelectorAll("div.math")]
        .filter((e) => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight).map((e) => e.textContent)""")
    assert cut == []


def test_axe_finds_no_violation(view):
    found = Axe().run(view[0])
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", CONTENT)
def test_page_keeps_its_budget(browser, base, path):
    weights = {}
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.on("response", lambda response: weights.update({response.url: len(gzip.compress(response.body()))}))
    page.goto(base + path, wait_until="networkidle")
    page.mouse.wheel(0, 100_000)
    page.wait_for_load_state("networkidle")
    context.close()
    total = sum(weights.values())
    assert total <= (BUDGET_LIVE if path in LIVE else BUDGET), sorted(weights.items(), key=lambda item: -item[1])[:6]


@pytest.mark.parametrize("path", [path for path in PAGES if path != LOST])
def test_internal_links_lead_somewhere(path):
    page = SITE / path
    text = page.read_text()
    for target in re.findall(r'(?:href|src)="([^"#][^"]*|#[^"]*)"', text):
        if re.match(r"[a-z]+:", target):
            continue
        address, anchor = urldefrag(target)
        goal = Path(urljoin(str(page), unquote(address.split("?")[0]))) if address else page
        goal = goal / "index.html" if goal.is_dir() else goal
        assert goal.exists(), f"{path} links to {target}"
        if anchor and goal.suffix == ".html":
            anchor = anchor.split("?")[0]  # a chart's state stands behind it, which the build looks at
            assert f'id="{anchor}"' in goal.read_text(), f"{path} links to {target}"


def charts_of(page) -> list[str]:
    return page.evaluate("[...document.querySelectorAll('figure.live-chart')].map((figure) => figure.id)")


def looks(page, chart: str) -> str:
    page.evaluate("async (chart) => { await window.liveCharts[chart].view.runAsync(); }", chart)
    return page.evaluate("chart => document.querySelector(`#${chart} canvas`).toDataURL()", chart)


def wake(page, chart: str, control) -> None:
    """Sets the other control to what this one needs, if it is idle."""
    if control.is_disabled():
        name = control.get_attribute("name")
        follows = page.evaluate("chart => JSON.parse(document.querySelector(`#${chart}`).dataset.follows)", chart)
        other, value = follows[name]
        value = value[0] if isinstance(value, list) else value
        page.check(f"#{chart} input[name={other}][value={value}]")
        page.wait_for_function("control => !control.disabled", arg=control)


@pytest.mark.parametrize("path", LIVE)
def test_every_control_changes_its_chart(open_page, path):
    page = open_page(path)
    for chart in charts_of(page):
        for control in page.query_selector_all(f"#{chart} .vega-bind input:not([hidden])"):
            before = looks(page, chart)
            if control.get_attribute("type") == "radio":
                if control.is_checked():
                    continue
                control.check()
                assert looks(page, chart) != before, f"{chart}: {control.get_attribute('value')}"
                continue
            wake(page, chart, control)
            start, seen = control.input_value(), {looks(page, chart)}
            for end in ("min", "max"):
                control.fill(control.get_attribute(end))
                seen.add(looks(page, chart))
                shown = [text for _, text in readouts(page, chart).values()]
                assert shown
                assert not any(re.search("NaN|undefined|null", text) for text in shown), (chart, end, shown)
            assert len(seen) > 1, f"{chart}: {control.get_attribute('name')} changes nothing"
            control.fill(start)


@pytest.mark.parametrize("path", LIVE)
def test_controls_work_from_the_keyboard_and_speak(open_page, path):
    page = open_page(path)
    for chart in charts_of(page):
        slider = page.query_selector(f"#{chart} .vega-bind input[type=range]:not([disabled])")
        radio = page.query_selector(f"#{chart} .vega-bind input[type=radio]:checked")
        assert slider
        lowest = slider.input_value() == slider.get_attribute("min")
        for control, key in ((slider, "ArrowRight" if lowest else "ArrowLeft"), (radio, "ArrowRight")):
            if control is None:  # not every chart has a choice
                continue
            before = looks(page, chart)
            control.focus()
            outline = "e => getComputedStyle(e.closest('label')).outlineStyle + getComputedStyle(e).outlineStyle"
            page.keyboard.press(key)
            assert looks(page, chart) != before, f"{chart}: {key}"
            assert "solid" in page.evaluate(f"() => ({outline})(document.activeElement)")
        numbers = ", ".join(f"{name}: {text}" for name, (_, text) in readouts(page, chart).items())
        live = page.wait_for_selector(f"#{chart} [aria-live=polite]", state="attached")
        page.wait_for_function("([live, numbers]) => live.textContent === numbers", arg=[live, numbers])


def test_charts_follow_the_theme_and_the_width_and_keep_their_state(open_page):
    page = open_page("book/index.html")
    page.check("#mode_averaging input[value=independent_bins]")
    page.fill("#mode_averaging input[name=d]", "0.8")
    light = looks(page, "mode_averaging")
    page.click("button.theme-switch-button")
    page.wait_for_function("() => document.documentElement.dataset.theme !== 'light' || localStorage.theme === 'light'")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_timeout(800)
    assert looks(page, "mode_averaging") != light
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function("() => document.querySelector('#mode_averaging').dataset.drawn === 'narrow'")
    page.wait_for_timeout(300)
    state = page.evaluate("['head', 'd'].map((name) => window.liveCharts.mode_averaging.view.signal(name))")
    assert state == ["independent_bins", 0.8]
    assert page.is_checked("#mode_averaging input[value=independent_bins]")
    assert page.input_value("#mode_averaging input[name=d]") == "0.8"


def test_labs_show_no_dead_controls(open_page):
    page = open_page("notebooks/08_mode_averaging.html")
    assert page.query_selector(".jupyter-widgets") is None
    assert "widget-view" not in page.content()
    assert page.is_visible("#mode_averaging_lab + .lab-note")
    for picture in page.query_selector_all(".cell_output img"):
        assert len(picture.get_attribute("alt")) > 60


def test_the_first_column_of_a_wide_table_stays_in_sight(open_page):
    page = open_page("notebooks/08_mode_averaging.html", 280)  # a folded phone
    moved = page.evaluate("""() => {
        const table = document.querySelector("table.dataframe"), frame = table.closest(".output");
        const left = (cell) => cell.getBoundingClientRect().left - frame.getBoundingClientRect().left;
        frame.scrollLeft = 150;
        return [frame.scrollLeft, ...[...table.rows].map((row) => [left(row.cells[0]), left(row.cells[2])])];
    }""")
    scrolled, *places = moved
    assert scrolled == 150
    assert all(abs(first) < 2 and third < 60 for first, third in places)
    seen = "cell => getComputedStyle(cell).backgroundColor"
    assert "rgba(0, 0, 0, 0)" not in {
        cell.evaluate(seen) for cell in page.query_selector_all("table.dataframe td:first-child")
    }
