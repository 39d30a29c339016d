"""`make bench`: what the book costs its readers and its makers, in one run on one machine.

Redraws: the time from a slider's input event to the frame that shows it, against the time in which the lab's
ipywidgets slider redraws its picture with no training at all. Prints each row as it is found; says which budget is broken.
"""

import contextlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "tests")]

import bench_pages  # noqa: E402
import common  # noqa: E402
import execute  # noqa: E402
import torch  # noqa: E402
from browser import launch, served  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from helpers import heads  # noqa: E402
from helpers.labs import lab, training_heads  # noqa: E402
from helpers.robot.cup_and_tray import CupAndTray  # noqa: E402

COMPUTES = "from helpers import heads; from helpers.robot import tokens; from helpers.theory import information"
DRAWS = "from helpers import labs; from helpers.page import plots; from helpers.charts import mode_averaging"
over: list[str] = []  # what exceeds its budget


def row(what: str, value: float, unit: str, budget: float | None = None, at_least: bool = False) -> None:
    broken = budget is not None and (value < budget if at_least else value > budget)
    limit = "" if budget is None else f"{'>=' if at_least else '<='} {budget:g} {unit}"
    over.extend([what] if broken else [])
    print(f"{what:60}  {f'{value:.3g} {unit}':>10}  {limit:14} {'BROKEN' if broken else ''}".rstrip(), flush=True)


def import_time(statement: str) -> float:
    """Median of five fresh interpreters, seconds."""
    code = f"import time, torch; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)]
    return statistics.median(float(run.stdout) for run in runs)


def lab_redraw() -> float:
    """Median seconds in which the lab's slider callback draws and ships its picture, training left out."""
    task = CupAndTray()
    examples, head = task.demonstrations(1000), heads.row("full_gaussian").build(task)
    action = head.sample(torch.ones(1, 1), training_heads.PATHS)[:, 0]
    seen = lambda d: training_heads.Seen("full_gaussian", CupAndTray(d), examples, 1.0, action, (1.0, 0.0))
    drawn = lab.Lab(
        {"d": lab.slider("d", 0.6, 0, 1, 0.01)}, lambda tell, d: seen(d), training_heads.draw, training_heads.words
    )
    times = []
    for step in range(12):
        start = time.perf_counter()
        drawn.controls["d"].value = 0.3 + step / 20
        times.append(time.perf_counter() - start)
    return statistics.median(times[2:])


@contextlib.contextmanager
def busy(processes: int):
    """So many processes that do nothing but work, as on a class server."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    yield
    for process in running:
        process.kill()


def notebook_seconds(path: Path, **environment: str) -> float:
    """Seconds in which a notebook executes in a reader's environment, with these variables besides."""
    before = os.environ.copy()
    os.environ.pop("OMP_NUM_THREADS", None)
    os.environ.update(environment)
    seconds = execute.execute(path, write=False)
    os.environ.clear()
    os.environ.update(before)
    return seconds


def peak_memory(process: int) -> float:
    """The most memory that a process has had, MB; Linux tells it."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) / 1000


def threads() -> None:
    """Notebook 03, which trains, as readers run it against one thread: the median of three pairs, quiet and busy."""
    path = ROOT / "notebooks" / "03_entropy.ipynb"
    for processes, when in ((0, "quiet"), (2, "beside two busy processes")):
        with busy(processes):
            pairs = [(notebook_seconds(path), notebook_seconds(path, OMP_NUM_THREADS="1")) for _ in range(3)]
        row(f"execution of {path.name}, {when}", statistics.median(ours for ours, _ in pairs), "s")
        row("  against one thread", statistics.median(ours / one for ours, one in pairs), "x", 1.1)


def main() -> int:
    torch.manual_seed(0)
    row("import helpers, after torch", import_time("import helpers"), "s", 0.3)
    row("import of what computes, after torch", import_time(COMPUTES), "s", 0.3)
    row("import of charts, labs and plots too", import_time(DRAWS), "s")
    lab_seconds = lab_redraw()
    row("redraw of the lab's ipywidgets slider", 1000 * lab_seconds, "ms")
    with sync_playwright() as playwright, served() as site:
        browser = launch(playwright)
        bench_pages.pages(row, browser, site, lab_seconds)
        browser.close()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        build = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(ROOT), "--all", "-W", "-n"]
        subprocess.run([*build, "--path-output", folder], check=True, capture_output=True, cwd=ROOT)
    row("build of the site from stored outputs", time.perf_counter() - start, "s", 60)
    threads()
    seconds: list[float] = []
    peaks: list[float] = []
    for path in common.NOTEBOOKS:
        seconds.append(execute.execute(path, write=False, ran=lambda process: peaks.append(peak_memory(process))))
        row(f"execution of {path.name}", seconds[-1], "s", 90)
        row("  memory of its kernel at most", peaks[-1], "MB")
    row("execution of all notebooks", sum(seconds), "s", 180)
    return bool(over)


if __name__ == "__main__":
    sys.exit(main())
