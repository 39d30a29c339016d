"""Torch has one thread in every notebook, without a variable that readers do not have; who sets one is obeyed."""

import os
import subprocess
import sys

import nbformat
import pytest
from common import NOTEBOOKS, ROOT, imported

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): imported(path.read_text())
    for path in (ROOT / "helpers").rglob("*.py")
}


def reached(modules: set[str]) -> set[str]:
    """All helpers that these import, and that those import."""
    found, new = set(), modules & set(MODULES)
    while new:
        found |= new
        new = set().union(*(MODULES[name] for name in new)) & set(MODULES) - found
    return found


def threads(code: str, **environment: str) -> str:
    """How many threads torch has after the code, in a fresh Python."""
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    command = [sys.executable, "-c", f"{code}\nprint(torch.get_num_threads())"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=inherited | environment)
    return done.stdout.strip()


@pytest.mark.parametrize("name", [name for name, modules in MODULES.items() if "torch" in modules])
def test_whatever_computes_imports_what_sets_the_threads(name):
    assert "helpers.threads" in reached({name}) | {name} & {"helpers.threads"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_imports_something_that_computes(path):
    cells = nbformat.read(path, as_version=4).cells
    imports = next(cell.source for cell in cells if "from helpers" in cell.source)
    assert "helpers.threads" in reached(imported(imports))


def test_torch_has_one_thread_whether_it_comes_first_or_last():
    assert threads("import torch\nfrom helpers.robot.cup_and_tray import CupAndTray") == "1"
    assert threads("from helpers.robot.cup_and_tray import CupAndTray\nimport torch") == "1"


def test_whoever_sets_the_number_of_threads_is_obeyed():
    assert threads("import torch, helpers.validate", OMP_NUM_THREADS="2") == "2"
    assert threads("import helpers.validate, torch; torch.set_num_threads(2)") == "2"
