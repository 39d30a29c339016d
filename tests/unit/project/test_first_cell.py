"""A notebook's first cell: silent where the helpers are, plain where they cannot be had, not fooled by another package."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from common import ROOT

CELL = nbformat.read(ROOT / "notebooks" / "01_distributions.ipynb", as_version=4).cells[1].source
RUN = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
sys.meta_path = [finder for finder in sys.meta_path if "editable" not in repr(finder).lower()]  # nothing is installed
sys.path[:] = {path!r} + [place for place in sys.path if place != {root!r}]
shell = InteractiveShell.instance()
asked = []
def pip(line):
    asked.append(line)
    sys.path.insert({place}, {found!r})
shell.register_magic_function(pip, "line", "pip")
done = shell.run_cell({cell!r})
print(json.dumps({{"asked": asked, "error": done.error_in_exec is not None}}), file=sys.stderr)
"""


def run(tmp_path: Path, here: str = "", found: str = "", first: bool = True) -> tuple[dict, str]:
    """What the cell did and said, in a Python that has `here` on its path, and where pip installs into `found`."""
    script = RUN.format(
        path=[here] if here else [], root=str(ROOT), found=found, cell=CELL, place=0 if first else "len(sys.path)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, env={"HOME": str(tmp_path)}
    )
    assert done.stderr, done.stdout
    return json.loads(done.stderr.splitlines()[-1]), done.stdout


@pytest.fixture
def another(tmp_path):
    """A folder with a package of that common name that is not the book's."""
    (tmp_path / "theirs" / "helpers").mkdir(parents=True)
    (tmp_path / "theirs" / "helpers" / "__init__.py").write_text("theirs = True\n")
    return str(tmp_path / "theirs")


def test_it_is_silent_where_the_helpers_are(tmp_path):
    assert run(tmp_path, here=str(ROOT)) == ({"asked": [], "error": False}, "")


def test_it_says_what_it_installs_and_for_how_long(tmp_path):
    did, said = run(tmp_path, found=str(ROOT))
    assert did["error"] is False
    assert [asked.count("git+https://") for asked in did["asked"]] == [1]
    assert said == "Installing the book's helpers from GitHub: about half a minute ...\n"


def test_it_installs_them_beside_another_package_of_that_name(tmp_path, another):
    did, _ = run(tmp_path, here=another, found=str(ROOT))
    assert did["error"] is False
    assert len(did["asked"]) == 1


@pytest.mark.parametrize("in_the_way", [False, True])
def test_where_it_cannot_it_ends_with_a_plain_sentence(tmp_path, another, in_the_way):
    did, said = run(tmp_path, here=another if in_the_way else "", found=str(ROOT) if in_the_way else "", first=False)
    assert did["error"] is True
    assert "The book's helpers are not here." in said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 2  # that it installs, and that sentence
