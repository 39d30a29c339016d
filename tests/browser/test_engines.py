"""Firefox and WebKit walk every page: nothing in the console, every control moves its chart, each number is Chromium's."""

import functools
from pathlib import Path

import engines
import pytest
from browser import served
from common import untested
from conftest import LIVE, PAGES

HERE = Path(__file__).parent
WALK, WATCH, HANDS = ((HERE / name).read_text() for name in ("walk.js", "watch.js", "hands.js"))
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # in what drives the engines, not ours
WALKED = [path for path in PAGES if path != "index.html"]  # which only leads to book/index.html
DRIVERS = {"firefox": engines.firefox, "webkit": engines.webkit}


@pytest.fixture(scope="module")
def watched():
    """Address of the site, each of its pages with an ear at its console."""
    with served(first=WATCH) as address:
        yield address


@pytest.fixture(scope="module")
def chromium(browser, watched):
    """path -> what Chromium's walk gives."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})

    @functools.cache
    def walk(path: str) -> dict:
        page.goto(watched + path)
        return page.evaluate(WALK)

    yield walk
    page.close()


@pytest.fixture(scope="module", params=DRIVERS)
def engine(request):
    if lacks := engines.missing().get(request.param):
        untested(engines.untested(request.param, lacks))
    with DRIVERS[request.param]() as driver:
        yield driver


@pytest.mark.parametrize("path", WALKED)
def test_engine_walks_the_page_as_chromium_does(engine, watched, chromium, path):
    engine.open(watched + path)
    walk = engine.run(WALK)
    assert walk["faults"] + engine.said() == []
    assert bool(walk["charts"]) == (path in LIVE)
    for chart, moves in walk["charts"].items():
        for move, expected in zip(moves, chromium(path)["charts"][chart], strict=True):
            assert move["moved"], f"{chart}: {move['control']} at {move['to']} changes nothing"
            assert move["numbers"] == same(expected["numbers"]), (chart, move["control"], move["to"])


@pytest.mark.parametrize("path", LIVE)
def test_a_hand_does_in_each_engine_what_it_does_in_chromium(engine, watched, path):
    engine.open(watched + path)
    used = engine.run(HANDS)
    assert used["faults"] + engine.said() == []
    assert all(used["terms"])
    for chart, found in used["charts"].items():
        assert found["shared"] and found["reset"] and found["drawn"], chart
        for drag in found["drags"]:
            assert drag["off"] < 8, (chart, drag)  # a slider has steps, some of 5 pixels on a phone
            assert drag["held"] and all(grown > 0 for grown in drag["grown"].values()), (chart, drag)
        for play in found["plays"]:
            assert play == {"stays": True, "step": 1}, (chart, play)


def same(numbers: list) -> list:
    """Exponentials and logarithms differ between engines in the last digit."""
    about = lambda value: value if isinstance(value, str) else pytest.approx(value, rel=1e-9, abs=1e-9)
    return [[name, about(value), shown] for name, value, shown in numbers]
