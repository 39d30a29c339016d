"""Labs on the page: their file comes when they are near, and shows what was recorded for the choices."""

import json

import pytest
from common import ROOT
from conftest import touch

LABS = {
    "notebooks/02_expectation.html": "policy_gradients_lab",
    "notebooks/03_entropy.html": "temperature_scaling_lab",
    "notebooks/04_kl_divergence.html": "kl_direction_lab",
    "notebooks/06_openvla_head.html": "miniature_openvla_lab",
    "notebooks/08_mode_averaging.html": "mode_averaging_lab",
}
ENTRY = "name => window.liveCharts[name].view.signal('recorded')"


def recording(name: str) -> dict:
    return json.loads((ROOT / "book" / "recordings" / f"{name}.json").read_text())


@pytest.mark.parametrize(("path", "name"), LABS.items())
def test_each_choice_shows_its_own_entry(open_page, path, name):
    page, kept = open_page(path), recording(name)
    assert page.evaluate(ENTRY, name) in kept["entries"]
    for place, take in ((0, 0), (-1, -1)):  # all first choices, and all last ones
        for control, values in kept["choices"].items():
            page.check(f"#{name} input[name='{control}'][value='{values[take]}']", force=True)
        page.wait_for_function("([name, entry]) => JSON.stringify(window.liveCharts[name].view.signal('recorded')) === entry",
                               arg=[name, json.dumps(kept["entries"][place], separators=(",", ":"))])  # fmt: skip
    last = {control: values[-1] for control, values in kept["choices"].items()}
    held = page.evaluate(
        "([name, keys]) => keys.map((key) => window.liveCharts[name].view.signal(key))", [name, [*last]]
    )
    assert held == [*last.values()]  # a number is a number, not its text
    assert page.faults == []


def test_a_recording_comes_once_and_only_when_its_lab_is_near(browser, base):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/recordings/" in request.url else None)
    page.goto(base + "notebooks/08_mode_averaging.html", wait_until="networkidle")
    touch(page)
    page.wait_for_timeout(500)
    assert asked == []  # the lab is further down
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    page.locator("#mode_averaging_lab").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('#mode_averaging_lab').dataset.drawn")
    for value in ("mse", "mixture"):
        page.check(f"#mode_averaging_lab input[value={value}]", force=True)
    page.wait_for_timeout(200)
    assert len(asked) == 1
    page.close()


def test_a_recording_that_does_not_come_is_asked_for_again(browser, base):
    """Until it comes the lab stays as it was."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.route("**/recordings/*", lambda route: route.abort())
    page.goto(base + "notebooks/04_kl_divergence.html#kl_direction_lab", wait_until="networkidle")
    touch(page)
    page.wait_for_timeout(500)
    still = page.locator("#kl_direction_lab .still.wide")
    assert still.is_visible()
    page.unroute("**/recordings/*")
    page.check("#kl_direction_lab input[value=forward]", force=True)
    page.wait_for_function("() => window.liveCharts?.kl_direction_lab?.view.signal('direction') === 'forward'")
    page.close()
