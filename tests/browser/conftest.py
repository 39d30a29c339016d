"""The built site in a real browser. `make book` first; Chromium or Chrome must be installed."""

import re

import engines
import pytest
from browser import SITE, find_browser, launch, served
from common import ROOT, untested
from playwright.sync_api import sync_playwright

PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html") if "_static" not in path.parts)
CONTENT = [page for page in PAGES if page.startswith(("book/", "notebooks/"))]  # without search, 404 and the like
LIVE = [page for page in CONTENT if 'class="live-chart"' in (SITE / page).read_text()]
SHOTS = ROOT / "_build" / "screenshots" / "browser"
NO_BROWSER = "no browser found (chromium, chromium-browser or google-chrome): THE SITE WAS NOT TESTED"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that fails leaves a picture of each page that it had."""
    report = yield
    if call.when == "call" and report.failed:
        used = getattr(item, "funcargs", {})
        pages = [used["page"]] if "page" in used else getattr(used.get("open_page"), "pages", [])
        name = re.sub(r"[^\w-]+", "_", item.name)
        for i, page in enumerate(pages):
            picture = SHOTS / f"{name}-{i}.png"
            page.screenshot(path=picture)
            report.sections.append(("screenshot", str(picture.relative_to(ROOT))))
    return report


@pytest.fixture(scope="session")
def browser():
    if find_browser() is None:
        untested(NO_BROWSER)
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def base():
    """Address of the site."""
    if not (SITE / "index.html").exists():
        pytest.fail(f"{SITE} is missing: run `make book` first")
    with served() as address:
        yield address


def load(browser, base: str, path: str, width: int = 1280, scheme: str = "light"):
    """A page in a context of its own, its charts drawn; its console's errors and foreign requests are in .faults."""
    phone = {"is_mobile": True, "has_touch": True} if width < 600 else {}
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **phone).new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(f"error: {error}"))
    page.on(
        "console",
        lambda m: page.faults.append(f"{m.type}: {m.text} {m.location}") if m.type in ("error", "warning") else None,
    )
    page.on("requestfailed", lambda request: page.faults.append(f"failed: {request.url}"))
    page.on("request", lambda r: None if r.url.startswith((base, "data:")) else page.faults.append(f"foreign: {r.url}"))
    page.goto(base + path, wait_until="networkidle")
    draw_charts(page)
    return page


@pytest.fixture
def open_page(browser, base):
    """open_page(path, width=1280, scheme="light") -> a freshly loaded page."""
    pages = []

    def open_(path: str, width: int = 1280, scheme: str = "light"):
        pages.append(load(browser, base, path, width, scheme))
        return pages[-1]

    open_.pages = pages
    yield open_
    for page in pages:
        page.context.close()


@pytest.fixture(scope="module")
def page(browser, base, request):
    """The page that the test module names in PAGE, loaded once."""
    page = load(browser, base, request.module.PAGE)
    yield page
    page.context.close()


def touch(page):
    """The reader moves for the first time: the engine of the charts starts."""
    page.evaluate("window.dispatchEvent(new Event('pointermove'))")


def draw_charts(page):
    """Scrolls to each chart and waits until all are drawn."""
    touch(page)
    for chart in page.query_selector_all("figure.live-chart"):
        chart.scroll_into_view_if_needed()
        page.wait_for_function("figure => figure.dataset.drawn", arg=chart)


def set_signals(page, chart: str, **values):
    page.evaluate(
        """async ([chart, values]) => {
            const { view } = window.liveCharts[chart];
            for (const [name, value] of Object.entries(values)) view.signal(name, value);
            await view.runAsync();
        }""",
        [chart, values],
    )


def readouts(page, chart: str) -> dict:
    """{name: (value, shown)}"""
    found = page.evaluate("chart => window.liveCharts[chart].readouts()", chart)
    return {name: (entry["value"], entry["shown"]) for name, entry in found.items()}


def pytest_terminal_summary(terminalreporter):
    lines = [engines.untested(*item) for item in engines.missing().items()]
    if find_browser() is None:
        lines.append(NO_BROWSER)
    if lines:
        terminalreporter.section("BROWSERS")
    for line in lines:
        terminalreporter.write_line(line, red=True, bold=True)
