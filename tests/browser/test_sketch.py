"""Demonstrations drawn by hand: with the mouse, with a finger; taken back, cleared, shared."""

import pytest
from conftest import load, readouts

PAGE, CHART = "notebooks/08_mode_averaging.html", "your_demonstrations"
RIGHT = [(0, 0), (0.5, 0.3), (0.7, 0.7), (0, 1)]  # gripper, gate 1, gate 2, tray
LEFT = [(-x, y) for x, y in RIGHT]


def drawn(page) -> list[float]:
    return page.evaluate("chart => window.liveCharts[chart].view.signal('drawn')", CHART)


def pixels(page, points: list[tuple]) -> list[tuple[float, float]]:
    """Where these points of the scene are, by the sheet: from -1.6 to 1.6 and, upwards, from -0.08 to 1.1."""
    box = page.locator(f"#{CHART} .live .sheet").bounding_box()
    across = lambda x: box["x"] + box["width"] * (x + 1.6) / 3.2
    return [(across(x), box["y"] + box["height"] * (1.1 - y) / 1.18) for x, y in points]


def by_mouse(page, points: list[tuple]):
    first, *others = pixels(page, points)
    page.mouse.move(*first)
    page.mouse.down()
    page.wait_for_timeout(200)  # the file that follows comes
    for place in others:
        page.mouse.move(*place, steps=5)
    page.mouse.up()
    page.wait_for_timeout(300)


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["desk", "phone"])
def page(request, browser, base):
    page = load(browser, base, PAGE, *request.param)
    page.locator(f"#{CHART} .live .sheet").scroll_into_view_if_needed()
    yield page
    assert page.faults == []
    page.context.close()


def test_the_sheet_lies_on_the_scene(page):
    gate = page.evaluate(
        """chart => {
            const { view } = window.liveCharts[chart], canvas = document.querySelector(`#${chart} canvas`);
            const { left, top, width } = canvas.getBoundingClientRect(), zoom = width / parseFloat(canvas.style.width);
            const scene = view.scenegraph().root.items[0].items.find(({ name }) => name === "concat_0_group").items[0];
            const [ox, oy] = view.origin(), padding = view.padding();
            return [left + zoom * (padding.left + ox + scene.x + view.scale("concat_0_x")(0.5)),
                    top + zoom * (padding.top + oy + scene.y + view.scale("concat_0_y")(0.3))];
        }""",
        CHART,
    )
    assert pixels(page, [(0.5, 0.3)])[0] == pytest.approx(gate, abs=1.5)


def test_what_is_drawn_with_the_mouse_is_fitted(page):
    page.click(f"#{CHART} .clear")
    by_mouse(page, RIGHT)
    assert drawn(page) == pytest.approx([0.5, 0.7], abs=0.03)
    assert readouts(page, CHART)["squared error: crash"][1] == "0 %"
    by_mouse(page, LEFT)
    assert drawn(page) == pytest.approx([0.5, 0.7, -0.5, -0.7], abs=0.03)
    assert readouts(page, CHART)["squared error: crash"][1] == "100 %"
    page.click(f"#{CHART} .back")
    page.wait_for_timeout(300)
    assert drawn(page) == pytest.approx([0.5, 0.7], abs=0.03)
    page.click(f"#{CHART} .clear")
    page.wait_for_timeout(300)
    assert drawn(page) == []
    assert readouts(page, CHART) == {}


def test_a_line_is_added_to_the_example_that_is_shown(page):
    by_mouse(page, RIGHT)
    assert len(drawn(page)) == 14
    page.click(f"#{CHART} .back")
    page.wait_for_timeout(300)
    assert len(drawn(page)) == 12


@pytest.mark.parametrize(
    ("line", "action"),
    [
        (
            [(0, 0), (0.6, 0.4), (0.6, 0.1), (-0.6, 0.1), (-0.6, 0.8), (0, 1)],
            [-0.6, -0.6],
        ),  # came back before the obstacle
        ([(0, 0), (-0.6, 0.2), (-0.6, 0.8), (0.6, 0.8), (0.6, 0.5)], [-0.6, -0.6]),  # went on round the obstacle
    ],
    ids=["came back", "went on"],
)
def test_the_gates_count_as_they_are_passed(page, line, action):
    page.click(f"#{CHART} .clear")
    by_mouse(page, line)
    assert drawn(page) == pytest.approx(action, abs=0.03)


def test_a_line_that_misses_a_gate_is_told_so(page):
    by_mouse(page, [(0, 0), (0.5, 0.5)])
    assert "both gates" in page.inner_text(f"#{CHART} .sketching [role=status]")
    assert page.is_checked(f"#{CHART} input[value=even]")


def test_thirty_are_the_most(page):
    page.evaluate(
        """chart => {
            document.querySelector(`#${chart} input[name=own]`).value = Array(60).fill(0.6).join();
            document.querySelector(`#${chart} input[value=own]`).click();
        }""",
        CHART,
    )
    by_mouse(page, LEFT)
    assert len(drawn(page)) == 60
    assert "30 are the most" in page.inner_text(f"#{CHART} .sketching [role=status]")


def test_a_finger_that_does_not_begin_at_the_ring_scrolls(browser, base):
    page = load(browser, base, PAGE, 390)
    page.locator(f"#{CHART} .live .sheet").scroll_into_view_if_needed()
    touch_action = page.evaluate(
        """chart => {
            const { left, top, width, height } = document.querySelector(`#${chart} .live .sheet`).getBoundingClientRect();
            const under = (x, y) => getComputedStyle(document.elementFromPoint(left + x * width, top + y * height)).touchAction;
            return [under(0.2, 0.5), under(0.5, 1.1 / 1.18)];
        }""",
        CHART,
    )
    assert touch_action == ["auto", "none"]
    page.context.close()


def test_a_finger_draws_and_the_page_stands_still(browser, base):
    page = load(browser, base, PAGE, 390)
    page.locator(f"#{CHART} .live .sheet").scroll_into_view_if_needed()
    session, scrolled = page.context.new_cdp_session(page), page.evaluate("scrollY")

    def touch(kind, *points):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    page.click(f"#{CHART} .clear")
    first, *others = pixels(page, LEFT)
    touch("touchStart", first)
    page.wait_for_timeout(300)
    for place in others:
        touch("touchMove", place)
    touch("touchEnd")
    page.wait_for_timeout(300)
    assert drawn(page) == pytest.approx([-0.5, -0.7], abs=0.03)
    assert page.evaluate("scrollY") == scrolled
    page.context.close()


def test_a_link_holds_what_is_drawn_and_reset_forgets_it(browser, base):
    page = load(browser, base, f"{PAGE}#{CHART}?whose=own&own=0.5,0.6,-0.5,-0.6,rubbish")
    assert drawn(page) == [0.5, 0.6, -0.5, -0.6]
    page.click(f"#{CHART} .share")
    page.wait_for_timeout(300)
    assert "own=0.5%2C0.6%2C-0.5%2C-0.6" in page.url
    page.click(f"#{CHART} button[type=reset]")
    page.wait_for_timeout(300)
    assert len(drawn(page)) == 12
    assert page.input_value(f"#{CHART} input[name=own]") == ""
    assert "Pull the ring" in page.inner_text(f"#{CHART} .sketching [role=status]")
    page.context.close()
