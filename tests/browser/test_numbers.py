"""The numbers of every chart in a page: a live view computes again only what a control touches.

What the numbers should be is checked without a browser, in tests/unit/test_chart_numbers.py.
"""

import pytest
from chart_numbers import numbers, settings, stored
from conftest import LIVE, SITE, load

STORED = stored()
MOVE = """async ([chart, settings]) => {
    const { view, readouts } = window.liveCharts[chart];
    const found = [];
    for (const setting of settings) {
        for (const [name, value] of Object.entries(setting)) view.signal(name, value);
        await view.runAsync();
        found.push(Object.entries(readouts()).map(([name, { value, shown }]) => [name, value, shown]));
    }
    return found;
}"""


@pytest.fixture(scope="module", params=LIVE)
def live_page(browser, base, request):
    page = load(browser, base, request.param)
    yield page
    page.context.close()


def test_a_moved_chart_shows_what_a_fresh_one_does_and_the_same_on_the_way_back(live_page):
    for chart in live_page.evaluate("Object.keys(window.liveCharts)"):
        if chart not in STORED:  # a lab, which test_played_labs.py plays
            continue
        tried = settings(STORED[chart])
        found = live_page.evaluate(MOVE, [chart, tried + tried[::-1]])
        there, back = found[: len(tried)], found[: len(tried) - 1 : -1]
        unlike = [setting for setting, a, b in zip(tried, there, back, strict=True) if not same(a, b)]
        assert not unlike, f"{chart} differs on the way back"
        fresh = [(name, *entry) for name, entry in numbers(STORED[chart], **tried[-1]).items()]
        assert same(there[-1], fresh), f"{chart} at {tried[-1]}: {there[-1]} against {fresh}"


def same(found: list, expected: list) -> bool:
    """Whether two lists of (name, value, shown) are equal, but for the last digits of a sum that is kept up to date."""
    rounded = lambda value: value if isinstance(value, str) else pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True)
    return [tuple(entry) for entry in found] == [(name, rounded(value), shown) for name, value, shown in expected]


def test_every_chart_of_the_notebooks_is_in_a_page():
    text = "".join((SITE / page).read_text() for page in LIVE)
    assert [name for name in STORED if f'class="live-chart" id="{name}"' not in text] == []
