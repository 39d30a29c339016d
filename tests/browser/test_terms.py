"""A term opens its definition under the pointer, at the focus, at a tap; without a script it leads to the notation page."""

import pytest
from conftest import load

PAGE = "notebooks/01_distributions.html"
TERM = "a.term[href$=mahalanobis-distance]"
BOX = "#means-mahalanobis-distance"


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["desk", "phone"])
def any_page(request, browser, base):
    page = load(browser, base, PAGE, *request.param)
    page.locator(TERM).scroll_into_view_if_needed()
    yield page
    assert page.faults == []
    page.context.close()


def test_a_pointer_opens_it_and_may_go_over_to_it(any_page):
    page, box = any_page, any_page.locator(BOX)
    assert box.is_hidden()
    page.hover(TERM)
    assert box.is_visible()
    assert "counted in spreads" in box.inner_text()
    place, term = box.bounding_box(), page.locator(TERM).bounding_box()
    assert 0 <= place["x"] and place["x"] + place["width"] <= page.viewport_size["width"]
    assert 0 <= place["y"] - (term["y"] + 16) < 60 or 0 <= term["y"] - (place["y"] + place["height"]) < 20
    page.mouse.move(place["x"] + 20, place["y"] + 10)
    page.wait_for_timeout(400)
    assert box.is_visible()
    page.mouse.move(3, 3)
    page.wait_for_timeout(400)
    assert box.is_hidden()


def test_the_keyboard_opens_it_and_escape_closes_it(open_page):
    page = open_page(PAGE)
    page.evaluate("window.scrollTo(0, 0)")
    page.focus(TERM)  # the page scrolls there
    page.wait_for_timeout(300)
    box, term = page.locator(BOX), page.locator(TERM).bounding_box()
    assert box.is_visible()
    assert abs(box.bounding_box()["y"] - term["y"]) < 90
    page.keyboard.press("Escape")
    assert box.is_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/notation.html#term-mahalanobis-distance")
    row = page.locator("tr#term-mahalanobis-distance")
    assert row.bounding_box()["y"] < 800
    assert "counted in spreads" in row.inner_text()


def test_a_finger_opens_it_and_the_next_tap_closes_it(browser, base):
    page = load(browser, base, PAGE, 390)
    box = page.locator(BOX)
    page.locator(TERM).tap()
    assert box.is_visible() and PAGE in page.url
    page.locator(TERM).tap()
    assert box.is_hidden()
    page.locator(TERM).tap()
    page.touchscreen.tap(200, 700)
    assert box.is_hidden() and PAGE in page.url
    page.context.close()


def test_a_screen_reader_reads_it_with_the_link(open_page):
    page = open_page(PAGE)
    session = page.context.new_cdp_session(page)
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": TERM})["nodeId"]
    (told,) = session.send("Accessibility.getPartialAXTree", {"nodeId": node, "fetchRelatives": False})["nodes"]
    assert told["name"]["value"] == "Mahalanobis distance"
    assert "counted in spreads" in told["description"]["value"]
