"""What play leaves in a page's memory: the heap after a forced collection, before and after many moves."""

import pytest
from conftest import CONTENT, LIVE, load

MOVE = 2**20 * 2  # bytes that 150 moves of one chart may leave
REDRAW = 2**20 * 5  # bytes that ten changes of theme, or of width, may leave on a page
PLAY = """async ([name, moves]) => {
    const { view } = window.liveCharts[name];
    const inputs = [...document.querySelectorAll(`#${name} .vega-bind input`)];
    const controls = [...new Set(inputs.map((input) => input.name))].map((name) => inputs.filter((input) => input.name === name));
    const all = controls.length * Math.max(...controls.map((control) => control.length)); // moves that visit each option, and a slider from end to end
    for (let i = 0; i < (moves || Math.max(40, all)); i++) {
        const control = controls[i % controls.length], input = control[i % control.length];
        const share = (i * 0.618) % 1, min = Number(input.min), step = Number(input.step);
        if (input.type === "radio") input.checked = true;
        else input.value = min + step * Math.round((share * (input.max - min)) / step);
        input.dispatchEvent(new Event("input", { bubbles: true }));
        await new Promise((done) => requestAnimationFrame(done));
        await view.runAsync();
    }
}"""

BY_HAND = """async ([name, moves]) => {
    const point = (target, type, x, y) => target.dispatchEvent(
        new PointerEvent(type, { clientX: x, clientY: y, buttons: 1, bubbles: true, cancelable: true }));
    for (const grip of document.querySelectorAll(`#${name} .live .grip`)) {
        const { x, y } = grip.getBoundingClientRect();
        point(grip, "pointerdown", x, y);
        await new Promise((done) => setTimeout(done, 100));
        for (let i = 0; i < (moves || 20); i++) {
            point(window, "pointermove", x + 60 * Math.sin(i), y + 60 * Math.cos(i));
            await new Promise((done) => requestAnimationFrame(done));
        }
        point(window, "pointerup", x, y);
    }
    for (const button of document.querySelectorAll(`#${name} .play, #${name} .step`)) {
        for (let i = 0; i < (moves || 20) / 2; i++) {
            button.click();
            await new Promise((done) => requestAnimationFrame(done));
        }
    }
}"""


@pytest.fixture(scope="module", params=LIVE)
def live_page(browser, base, request):
    page = load(browser, base, request.param)
    page.session = page.context.new_cdp_session(page)
    yield page
    page.context.close()


def heap(page) -> int:
    for _ in range(2):
        page.session.send("HeapProfiler.collectGarbage")
    return page.session.send("Runtime.getHeapUsage")["usedSize"]


def heap_at_rest(page) -> int:
    """The least of four collections: a view that a frame or a timer still holds goes soon, what leaks stays."""
    sizes = []
    for _ in range(4):
        page.wait_for_timeout(500)
        sizes.append(heap(page))
    return min(sizes)


def test_every_page_with_charts_is_here():
    assert len(LIVE) == 10
    assert set(LIVE) <= set(CONTENT)


@pytest.mark.parametrize("play", [PLAY, BY_HAND], ids=["controls", "grips and buttons"])
def test_150_moves_of_a_chart_leave_next_to_nothing(live_page, play):
    left = {}
    for name in live_page.evaluate("Object.keys(window.liveCharts)"):
        live_page.evaluate(play, [name, 0])  # what is made when an option is first chosen stays, once
        before = heap(live_page)
        live_page.evaluate(play, [name, 150])
        left[name] = heap(live_page) - before
    assert {name: f"{size / 2**20:.1f} MiB" for name, size in left.items() if size > MOVE} == {}


DRAWN = "() => [...document.querySelectorAll('figure.live-chart')].every((figure) => figure.dataset.drawn)"


def redraw(page, i: int) -> None:
    """Every chart anew: by turns in another theme and for another width."""
    page.evaluate("document.querySelectorAll('figure.live-chart').forEach((figure) => delete figure.dataset.drawn)")
    if i % 2:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", ("dark", "light")[i // 2 % 2])
    else:
        page.set_viewport_size({"width": (700, 1280)[i // 2 % 2], "height": 900})
    page.wait_for_function(DRAWN)


def test_ten_changes_of_theme_and_width_leave_next_to_nothing(live_page):
    for i in range(4):
        redraw(live_page, i)
    before = heap_at_rest(live_page)
    for i in range(4, 14):
        redraw(live_page, i)
    left = heap_at_rest(live_page) - before
    assert left < REDRAW, f"{left / 2**20:.1f} MiB"
