"""Charts used by hand: dragged with the mouse and with a finger, played, reset, shared, set and lit up from the text."""

import json

import pytest
from conftest import load, readouts

from helpers.colors import CRASH

PAGE, CHART = "notebooks/01_distributions.html", "gaussian_ellipse"
NOW = """chart => Object.fromEntries([...document.querySelectorAll(`#${chart} input[type=range]`)].map(({ name, value }) => [name, Number(value)]))"""


def sliders(page, chart=CHART) -> dict:
    return page.evaluate(NOW, chart)


def middle(locator) -> tuple[float, float]:
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def place(page, chart: str, x: float, y: float) -> list[float]:
    """The pixel of a point of the plane, by the chart's own scales."""
    return page.evaluate(
        """([chart, x, y]) => {
            const { view } = window.liveCharts[chart], canvas = document.querySelector(`#${chart} canvas`);
            const { left, top, width } = canvas.getBoundingClientRect(), zoom = width / parseFloat(canvas.style.width);
            const scene = view.scenegraph().root.items[0].items.find(({ name }) => name === "concat_1_group").items[0];
            const [ox, oy] = view.origin(), padding = view.padding();
            return [left + zoom * (padding.left + ox + scene.x + view.scale("concat_1_x")(x)),
                    top + zoom * (padding.top + oy + scene.y + view.scale("concat_1_y")(y))];
        }""",
        [chart, x, y],
    )


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["desk", "phone"])
def any_page(request, browser, base):
    page = load(browser, base, PAGE, *request.param)
    yield page
    assert page.faults == []
    page.context.close()


def test_a_grip_lies_on_its_mark(any_page):
    grip = any_page.locator(f"#{CHART} .live .grip")
    for x, y in ((1, -0.5), (-2.5, 2.5), (2.5, -2.5)):
        any_page.locator(f"#{CHART} input[name=x1]").fill(str(x))
        any_page.locator(f"#{CHART} input[name=x2]").fill(str(y))
        any_page.wait_for_timeout(100)
        assert middle(grip) == pytest.approx(place(any_page, CHART, x, y), abs=1.5)


def test_the_mouse_drags_the_probe_and_the_arrow_keys_go_on(any_page):
    page, grip = any_page, any_page.locator(f"#{CHART} .live .grip")
    grip.scroll_into_view_if_needed()
    page.mouse.move(*middle(grip))
    page.mouse.down()
    page.mouse.move(*place(page, CHART, -1, 2), steps=4)
    page.mouse.up()
    page.wait_for_timeout(100)
    assert (sliders(page)["x1"], sliders(page)["x2"]) == (-1, 2)
    assert middle(grip) == pytest.approx(place(page, CHART, -1, 2), abs=1.5)
    assert readouts(page, CHART)["by ruler"][1] == "2.236"
    page.keyboard.press("ArrowRight")
    assert sliders(page)["x1"] == -0.9
    page.mouse.move(5, 5)
    assert sliders(page)["x2"] == 2  # let go


def test_a_finger_drags_the_probe_and_the_page_stands_still(browser, base):
    page = load(browser, base, PAGE, 390)
    grip, session = page.locator(f"#{CHART} .live .grip"), page.context.new_cdp_session(page)
    page.locator(f"#{CHART} .live").scroll_into_view_if_needed()
    scrolled = page.evaluate("scrollY")

    def touch(kind, *points):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    touch("touchStart", middle(grip))
    page.wait_for_timeout(300)
    for way in (0.5, 1):
        touch("touchMove", place(page, CHART, 1 + way, -0.5 - 1.5 * way))
    page.wait_for_timeout(100)
    touch("touchEnd")
    assert (sliders(page)["x1"], sliders(page)["x2"]) == (2, -2)
    assert page.evaluate("scrollY") == scrolled
    page.context.close()


def test_who_drags_before_anything_else_is_followed_once_the_engine_has_come(browser, base):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(base + PAGE)
    still = page.locator(f"#{CHART} .still.wide .grip")
    page.evaluate("document.querySelector('#gaussian_ellipse').scrollIntoView({ behavior: 'instant' })")
    x, y = middle(still)
    page.mouse.move(x, y)
    page.mouse.down()
    page.wait_for_function("() => window.liveCharts?.gaussian_ellipse")
    page.mouse.move(x - 30, y, steps=3)
    page.wait_for_function("() => Number(document.querySelector('#gaussian_ellipse input[name=x1]').value) < 1")
    page.mouse.up()
    page.close()


def test_an_edge_moves_along_its_axis_only(open_page):
    page = open_page(PAGE)
    grip = page.locator("#interval_probability .live .grip").first
    grip.scroll_into_view_if_needed()
    x, y = middle(grip)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 90, y + 50, steps=4)
    page.mouse.up()
    now = sliders(page, "interval_probability")
    assert now["a"] < -0.5 and (now["b"], now["sigma"]) == (0.5, 0.5)


def test_a_slider_plays_to_its_end_and_anew(open_page):
    page, chart = open_page(PAGE), "forward_noising"
    play, slider = page.locator(f"#{chart} .play"), page.locator(f"#{chart} input[name=t]")
    page.locator(f"#{chart} input[name=guess][value='7']").check(force=True)
    slider.fill("17")
    play.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#{chart} .play[aria-pressed=true]")
    page.wait_for_function("() => document.querySelector('#forward_noising .play').ariaPressed === 'false'")
    assert slider.input_value() == "20"
    assert readouts(page, chart)["means at ±"][0] == pytest.approx(0, abs=0.01)
    play.click()
    page.wait_for_timeout(400)
    assert 0 < float(slider.input_value()) < 10
    slider.fill("15")  # the reader takes it
    page.wait_for_timeout(300)
    assert (slider.input_value(), play.get_attribute("aria-pressed")) == ("15", "false")


def test_who_wants_little_motion_goes_step_by_step(browser, base):
    page = browser.new_context(reduced_motion="reduce").new_page()
    page.goto(base + PAGE)
    assert page.locator("#forward_noising .play").is_hidden()
    page.locator("#forward_noising .step").click()
    page.wait_for_function("() => document.querySelector('#forward_noising input[name=t]').value === '1'")
    page.context.close()


def test_a_link_holds_the_state_and_opens_it_elsewhere(browser, base):
    page = load(browser, base, PAGE)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#demonstrator input[value=product]").check(force=True)
    page.locator("#demonstrator input[name=w]").fill("0.7")
    page.locator("#demonstrator .share").click()
    page.wait_for_function("() => location.hash")
    assert page.locator("#demonstrator .share").inner_text() == "Link copied"
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == page.url
    other = browser.new_page()
    other.goto(address)
    other.wait_for_function("() => window.liveCharts?.demonstrator")
    assert sliders(other, "demonstrator") == sliders(page, "demonstrator")
    assert sliders(other, "demonstrator")["w"] == 0.7
    assert other.locator("#demonstrator input[value=product]").is_checked()
    assert other.evaluate("window.liveCharts.demonstrator.view.signal('drawn')") == "product"
    assert other.evaluate("document.querySelector('#demonstrator').getBoundingClientRect().top") < 800
    other.close()
    page.context.close()


def test_reset_puts_everything_back(open_page):
    page = open_page(PAGE)
    before = readouts(page, "demonstrator")
    page.locator("#demonstrator input[value=product]").check(force=True)
    page.locator("#demonstrator input[name=s]").fill("0.3")
    page.wait_for_timeout(100)
    assert readouts(page, "demonstrator") != before
    page.locator("#demonstrator [type=reset]").click()
    page.wait_for_timeout(200)
    assert readouts(page, "demonstrator") == before
    assert page.locator("#demonstrator .vega-bind", has=page.locator("input[name=s]")).inner_text().split()[-1] == "0.1"


def test_links_in_the_text_set_a_chart(any_page):
    page = any_page
    links = page.locator("a.to-chart[href*='x1=']")
    for link in (links.nth(0), links.nth(1), links.nth(0)):
        link.click()
        page.wait_for_timeout(200)
        values = dict(pair.split("=") for pair in link.get_attribute("href").split("?")[1].split("&"))
        now = sliders(page)
        assert {name: now[name] for name in values} == {name: float(value) for name, value in values.items()}
        assert page.evaluate("window.liveCharts.gaussian_ellipse.view.signal('x1')") == now["x1"]


def test_a_phrase_lights_up_its_mark(open_page):
    page = open_page(PAGE)
    phrase = page.locator("a.to-chart[href*='mark=probe']")
    brightness = """() => {
        const found = {};
        const each = (mark) => mark.items.forEach((item) =>
            mark.marktype === "group" ? item.items.forEach(each) : (found[mark.name ?? mark.role] = item.opacity ?? 1));
        each(window.liveCharts.gaussian_ellipse.view.scenegraph().root);
        return found;
    }"""
    before = page.evaluate(brightness)
    picture = "document.querySelector('#gaussian_ellipse canvas').toDataURL()"
    drawn = page.evaluate(picture)
    for light_up, leave in ((phrase.hover, lambda: page.mouse.move(2, 2)), (phrase.focus, phrase.blur)):
        light_up()
        page.wait_for_timeout(300)
        lit = page.evaluate(brightness)
        assert lit["probe_marks"] == before["probe_marks"] == 1
        faded = {name for name in lit if lit[name] < before[name]}
        assert faded and all("layer" in name for name in faded)  # neither axes nor numbers
        assert page.evaluate(picture) != drawn
        leave()
        page.wait_for_timeout(300)
        assert page.evaluate(brightness) == before
        assert page.evaluate(picture) == drawn


def test_a_result_is_hidden_until_the_reader_has_guessed(open_page):
    page = open_page("notebooks/07_training_loop.html")
    orange = """() => {
        const { view } = window.liveCharts.training, found = [];
        const each = (mark) => mark.items.forEach((item) =>
            mark.marktype === "group" ? item.items.forEach(each) : mark.marktype === "rule" && item.stroke === "CRASH" && found.push(item.x));
        each(view.scenegraph().root);
        return found;
    }""".replace("CRASH", CRASH)
    page.locator("#training input[name=step]").fill("100")
    page.wait_for_timeout(100)
    hidden = ("squared", "its answer")
    assert [readouts(page, "training")[name][1] for name in hidden] == ["?", "?"]
    assert page.evaluate(orange) == []
    assert (
        "squared: ?"
        in page.wait_for_function(
            "() => /step: 100/.test(document.querySelector('#training .live-text').textContent) && document.querySelector('#training .live-text').textContent"
        ).json_value()
    )
    page.locator("#training input[value=even]").check(force=True)
    page.wait_for_timeout(100)
    numbers = readouts(page, "training")
    loss, answered = (numbers[name][0] for name in hidden)
    assert [numbers[name][1] for name in hidden] == [f"{loss:.3f}", f"{answered:.2f}".replace("-", "−")]
    assert len(page.evaluate(orange)) == 1  # the answer
    assert json.loads(page.evaluate("JSON.stringify(window.liveCharts.training.view.signal('guess'))")) == "even"
    page.locator("#training [type=reset]").click()
    page.wait_for_timeout(200)
    assert page.evaluate(orange) == []
