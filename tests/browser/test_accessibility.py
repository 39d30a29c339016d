"""Beyond axe: focus that can be seen, charts that can be heard, colours that can be told from the page."""

import pytest
from chart_numbers import played, stored
from conftest import CONTENT

from helpers import colors

STORED = {name: spec["description"] for name, spec in (stored() | played()).items()}
FOCUS = """() => {
    const focused = document.activeElement;
    const seen = [focused, focused.closest("label")].filter(Boolean).some((element) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
    });
    return focused === document.body ? null : [focused.outerHTML.slice(0, 120), seen];
}"""


@pytest.mark.parametrize("path", CONTENT)
def test_tab_visits_every_control_and_the_focus_is_seen(open_page, path):
    page = open_page(path)
    controls = page.locator(
        "figure.live-chart input:not([disabled], [hidden]), form.exercise :is(input, button), article summary"
    )
    wanted = set(
        controls.evaluate_all("list => list.filter((e) => e.type !== 'radio' || e.checked).map((e) => e.outerHTML)")
    )
    visited = set()
    for _ in range(400):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        if found is None:
            break
        assert found[1], f"no focus to be seen on {found[0]}"
        visited.add(page.evaluate("document.activeElement.outerHTML"))
    assert len(visited) < 400
    assert wanted <= visited


@pytest.mark.parametrize("path", [p for p in CONTENT if p.startswith("notebooks/")] + ["book/index.html"])
def test_every_chart_says_what_it_shows_and_what_its_numbers_are(open_page, path):
    page = open_page(path)
    charts = page.query_selector_all("figure.live-chart")
    assert charts
    for chart in charts:
        assert chart.query_selector(".live-view").get_attribute("aria-label") == STORED[chart.get_attribute("id")]
        page.wait_for_function("f => /\\d|∞/.test(f.querySelector('[aria-live=polite]').textContent)", arg=chart)


def luminance(color: tuple[int, ...]) -> float:
    """Relative luminance of sRGB, as WCAG 2 defines it."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_of_charts_stand_out_from_the_page(open_page, scheme):
    page = open_page("book/notation.html", scheme=scheme)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    ground = luminance(tuple(int(part) for part in ground.removeprefix("rgb(").removesuffix(")").split(",")))
    for color in (colors.P, colors.Q, colors.SUCCESS, colors.CRASH, colors.NEUTRAL, *colors.SERIES):
        mark = luminance(tuple(bytes.fromhex(color.removeprefix("#"))))
        contrast = (max(mark, ground) + 0.05) / (min(mark, ground) + 0.05)
        assert contrast >= 3, (color, round(contrast, 2))
