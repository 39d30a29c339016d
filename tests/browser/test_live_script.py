"""The script of the live charts where no page shows it: two redraws at once, two numbers with one name, Colab's page."""

import pytest
import vl_convert
from conftest import load

from helpers.charts import mode_averaging
from helpers.page.mime import VEGA_LITE

PAGE = "notebooks/03_entropy.html"
RECORD = """() => {
    window.drawn = new Set();
    const each = () => Object.values(window.liveCharts).forEach(({ view }) => window.drawn.add(view));
    each();
    new MutationObserver(each).observe(document.body, { attributes: true, childList: true, subtree: true });
    window.alive = () => [...window.drawn].filter((view) => view._renderer.element().isConnected).length;
}"""


def test_a_new_theme_and_a_new_width_at_once_leave_one_view_alive(open_page):
    page = open_page(PAGE)
    charts = page.locator("figure.live-chart").count()
    page.evaluate(RECORD)
    for theme in ("dark", "light", "dark"):  # three redraws of each chart, all begun before the first has ended
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    page.set_viewport_size({"width": 500, "height": 900})
    page.wait_for_function("charts => window.drawn.size > 2 * charts", arg=charts)
    page.wait_for_timeout(1500)
    assert page.evaluate("window.alive()") == page.locator(".live canvas").count() == charts


def test_two_numbers_with_one_name_are_an_error(browser, base):
    page = load(browser, base, PAGE)
    page.evaluate("""() => {
        const { view, readouts } = window.liveCharts.temperature;
        view.data = () => [{ readout: "p", value: 1, shown: "1" }, { readout: "p", value: 2, shown: "2" }];
        readouts();
    }""")
    assert [fault for fault in page.faults if "two numbers are called p" in fault]
    page.context.close()


@pytest.fixture
def colab(browser):
    """Colab's page of the flagship, with this machine's Vega in place of the network's."""
    page = browser.new_page()
    bundle = vl_convert.javascript_bundle(vl_version=VEGA_LITE)
    script = lambda text: lambda route: route.fulfill(body=text, content_type="text/javascript")
    page.route("**/npm/**", script(""))
    page.route("**/npm/vega-embed**", script(f"(() => {{{bundle.replace('export{', 'void {')}}})()"))
    page.route(
        "**/colab.html",
        lambda route: route.fulfill(body=mode_averaging.mode_averaging().html(), content_type="text/html"),
    )
    page.goto("http://colab.test/colab.html")
    page.wait_for_selector("canvas")
    yield page
    page.close()


def test_in_colab_a_chart_has_its_description_and_greys_out_what_does_not_matter(colab):
    assert "drives straight into the obstacle" in colab.get_attribute(
        "[aria-label^='A demonstrator passes']", "aria-label"
    )
    steps = colab.locator("input[name=n]")
    assert steps.is_disabled()
    assert "idle" in colab.locator(".vega-bind", has=steps).get_attribute("class")
    colab.check("input[name=head][value=flow]")
    assert steps.is_enabled()
    colab.check("input[name=head][value=mse]")
    assert steps.is_disabled()
