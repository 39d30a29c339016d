"""`make check`: the tests of what has changed since the last commit, without those that need a browser or minutes."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "tests" / "unit"
SLOW = {"08_mode_averaging.ipynb"}  # a minute and a half: make test runs it


def changed() -> list[Path]:
    """The files that differ from the last commit, new ones among them."""
    git = ["git", "status", "--porcelain", "--untracked-files=all", "--no-renames"]
    lines = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [path for line in lines if (path := ROOT / line[3:].strip('"')).exists()]


def charts_in(module: Path) -> list[str]:
    """The names of the live charts that a module of helpers/charts makes."""
    functions = [node for node in ast.parse(module.read_text()).body if isinstance(node, ast.FunctionDef)]
    return [f.name for f in functions if any("live_chart" in ast.unparse(d) for d in f.decorator_list)]


def tests_of(path: Path) -> list[str]:
    """What tests a file: the tests themselves, those of the same name or else of the same room, the chart's numbers."""
    parts = path.relative_to(ROOT).parts
    if path.suffix == ".ipynb":
        return [] if path.name in SLOW else [str(path)]
    if parts[:2] == ("tests", "unit"):
        return [str(path)]
    if parts[:2] == ("helpers", "charts"):
        numbers = f"{UNIT / 'charts' / 'test_chart_numbers.py'}::test_"
        charts = [f"{numbers}every_number_of_every_chart_is_what_torch_says[{name}]" for name in charts_in(path)]
        as_stored = f"{numbers}a_notebook_holds_the_chart_as_its_function_builds_it_now"
        return [str(UNIT / "charts" / "test_readable.py"), as_stored, *charts]
    room = UNIT.joinpath(*(parts[1:-1] if parts[0] == "helpers" else parts[:1]))
    own = room / f"test_{path.stem}.py"
    return [str(own)] if own.exists() else [str(room)] if room.is_dir() and room != UNIT else []


if __name__ == "__main__":
    asked = sorted({test for path in changed() for test in tests_of(path)})
    print("\n".join(asked) or "Nothing that has tests of its own has changed.")
    project = str(UNIT / "project" / "test_rooms.py")
    sys.exit(pytest.main(["-q", "-n", "2", "--dist", "worksteal", "--nbval", project, *asked]))
