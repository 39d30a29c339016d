"""Before the reader moves, a page is whole without its engine; the live charts then take the pictures' places unnoticed."""

import gzip
import io

import pytest
from browser import shift_while_scrolling
from conftest import CONTENT, LIVE, touch
from PIL import Image, ImageChops, ImageFilter, ImageStat

PAGE = "notebooks/04_kl_divergence.html"
BLUR = ImageFilter.GaussianBlur(4)  # edges are smoothed otherwise
VISIBLE = """.still { content-visibility: visible !important; } #pst-back-to-top { display: none !important; }
.live-chart .panel.stays { position: static !important; }"""  # else the controls stand before the picture that is taken
BOXES = """figure => {
    const { x, y } = figure.getBoundingClientRect();
    const boxes = (place) => [...figure.querySelectorAll(`${place} svg text`)].filter((t) => t.textContent && t.getClientRects().length)
        .filter((t) => t.getAttribute("opacity") !== "0")
        .map((t) => [t.textContent, t.getBoundingClientRect()])
        .map(([text, box]) => [text, box.left - x, box.top - y, box.right - x, box.bottom - y]);
    return [boxes(".still"), boxes(".live")];
}"""


def opened(browser, base, path, width, scheme, **more):
    """A page that nobody has touched."""
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more).new_page()
    page.goto(base + path, wait_until="networkidle")
    return page


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("path", LIVE)
def test_the_live_chart_looks_like_the_picture_before_it(browser, base, path, width, scheme):
    page = opened(browser, base, path, width, scheme)
    page.add_style_tag(content=VISIBLE)
    assert page.evaluate("window.liveCharts") is None
    figures = page.query_selector_all("figure.live-chart")
    before = [picture(figure) for figure in figures]
    touch(page)
    for figure, still in zip(figures, before, strict=True):
        figure.scroll_into_view_if_needed()
        page.wait_for_function("figure => figure.dataset.drawn", arg=figure)
        live = picture(figure)
        assert live.size == still.size
        difference = ImageChops.difference(*(image.filter(BLUR) for image in (still, live)))
        assert ImageStat.Stat(difference).mean[0] < 1.2, figure.get_attribute(
            "id"
        )  # of 255; an opacity rounded to one digit makes 1.8
        assert figure.query_selector(".still").evaluate("still => getComputedStyle(still).visibility") == "hidden"
    page.context.close()


def picture(figure) -> Image.Image:
    return Image.open(io.BytesIO(figure.query_selector(".live-view").screenshot())).convert("L")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", LIVE)
def test_its_lettering_stands_where_it_stood(open_page, path, width):
    page = open_page(path, width)
    page.add_style_tag(content=VISIBLE)
    page.evaluate("document.querySelectorAll('figure.live-chart').forEach((figure) => delete figure.dataset.drawn)")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")  # the live charts as SVG, whose text has boxes
    for figure in page.query_selector_all("figure.live-chart"):
        page.wait_for_function("figure => figure.dataset.drawn", arg=figure)
        still, live = figure.evaluate(BOXES)
        assert sorted(text for text, *_ in still) == sorted(text for text, *_ in live)
        for text, *box in live:
            near = min(
                max(abs(a - b) for a, b in zip(box, other, strict=True)) for word, *other in still if word == text
            )
            assert near <= 2, (figure.get_attribute("id"), text, near)


def test_without_scripts_a_page_is_whole(browser, base):
    for scheme in ("light", "dark"):
        page = opened(browser, base, PAGE, 390, scheme, java_script_enabled=False)
        assert page.locator(".still.narrow svg").first.is_visible()
        assert page.locator(".vega-bind input").first.is_visible()
        figure = picture(page.query_selector("figure.live-chart"))
        assert ImageStat.Stat(figure).stddev[0] > 10  # axes and words are seen
        assert page.locator("math").first.is_visible()
        page.context.close()


@pytest.mark.parametrize("move", ["key", "wheel", "pointer"])
def test_the_engine_starts_once_at_the_first_move(browser, base, move):
    page = opened(browser, base, PAGE, 1280, "light")
    page.wait_for_timeout(300)
    assert page.evaluate("window.liveCharts") is None
    for _ in range(2):
        {"key": lambda: page.keyboard.press("Tab"), "wheel": lambda: page.mouse.wheel(0, 900)}.get(
            move, lambda: page.mouse.move(300, 300)
        )()
    page.query_selector("figure.live-chart").scroll_into_view_if_needed()
    page.wait_for_function("() => window.liveCharts?.kl_pointwise")
    assert page.evaluate("performance.getEntriesByName('touch').length") == 1
    page.context.close()


@pytest.mark.parametrize("path", CONTENT)
def test_a_page_is_light_and_brings_nothing_of_the_engine_before_the_first_touch(browser, base, path):
    page = browser.new_context(viewport={"width": 390, "height": 900}).new_page()
    weights = {}
    page.on("response", lambda response: weights.update({response.url: len(gzip.compress(response.body()))}))
    page.goto(base + path, wait_until="networkidle")
    page.wait_for_timeout(500)
    assert [url for url in weights if "/chunks/" in url or "/charts/" in url] == []
    assert sum(weights.values()) <= 200_000, sorted(weights.items(), key=lambda item: -item[1])[:6]
    page.context.close()


def test_what_the_reader_sets_before_the_engine_has_come_is_kept(browser, base):
    page = browser.new_page()
    held, free = [], []
    page.route("**/chunks/engine-*.js", lambda route: route.continue_() if free else held.append(route))
    page.goto(base + PAGE)
    slider = page.locator("#kl_pointwise input[name=mu]")
    slider.fill("-0.4")
    assert (
        page.locator("#kl_pointwise .vega-bind", has=page.locator("input[name=mu]")).inner_text().split()[-1] == "-0.4"
    )
    page.wait_for_timeout(300)
    free.append(True)
    for route in held:
        route.continue_()
    page.wait_for_function("() => window.liveCharts?.kl_pointwise")
    assert page.evaluate("window.liveCharts.kl_pointwise.view.signal('mu')") == -0.4
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", LIVE)
def test_nothing_shifts_while_the_reader_scrolls_for_the_first_time(browser, base, path, width):
    assert shift_while_scrolling(browser, base + path, width) < 0.01
