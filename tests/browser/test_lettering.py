"""Whatever the controls say, no word or number of a live chart is cut off, and none lies on another."""

import pytest
from conftest import LIVE, set_signals

RANGES = "all => all.map(({ name, value, min, max }) => [name, { value: +value, min: +min, max: +max }])"
TEXTS = """async (chart) => {
    const { view } = window.liveCharts[chart];
    await view.runAsync();
    const { _width: width, _height: height, _origin: [left, top] } = view._renderer;
    const texts = [];
    (function walk(mark, x, y) {
        for (const item of mark.items ?? []) {
            if (mark.marktype === "group") for (const inner of item.items) walk(inner, x + (item.x ?? 0), y + (item.y ?? 0));
            if (mark.marktype !== "text" || item.opacity === 0 || !item.text) continue;
            const { x1, y1, x2, y2 } = item.bounds;
            texts.push({ text: String(item.text), x1: x1 + x, y1: y1 + y, x2: x2 + x, y2: y2 + y });
        }
    })(view.scenegraph().root, left, top);
    const cut = texts.filter((t) => t.x1 < -1 || t.y1 < -1 || t.x2 > width + 1 || t.y2 > height + 1);
    const over = (a, b) => Math.min(a.x2, b.x2) > Math.max(a.x1, b.x1) + 1 && Math.min(a.y2, b.y2) > Math.max(a.y1, b.y1) + 2;
    const covered = texts.flatMap((a, i) => texts.slice(i + 1).filter((b) => over(a, b)).map((b) => `${a.text} on ${b.text}`));
    return { read: texts.length, faults: [...cut.map((t) => `${t.text} is cut`), ...covered] };
}"""


def check(page, chart: str, state: str) -> None:
    found = page.evaluate(TEXTS, chart)
    assert found["read"] > 5, chart
    assert found["faults"] == [], f"{chart}, {state}"


@pytest.mark.parametrize("width", [1280, 390, 360])
@pytest.mark.parametrize("path", LIVE)
def test_no_text_is_cut_off_or_covered(open_page, path, width):
    page = open_page(path, width)
    for figure in page.locator("figure.live-chart").all():
        chart = figure.get_attribute("id")
        check(page, chart, "as it opens")
        sliders = figure.locator("input[type=range]").evaluate_all(RANGES)
        start = {name: ends["value"] for name, ends in sliders}
        for end in ("min", "max"):
            for name, ends in sliders:
                set_signals(page, chart, **start | {name: ends[end]})
                check(page, chart, f"{name} at its {end}")
            set_signals(page, chart, **{name: ends[end] for name, ends in sliders})
            check(page, chart, f"all at their {end}")
            for radio in figure.locator("input[type=radio]").all():
                radio.evaluate("radio => radio.click()")
                check(page, chart, f"{radio.get_attribute('value')}, all sliders at their {end}")
            set_signals(page, chart, **start)
