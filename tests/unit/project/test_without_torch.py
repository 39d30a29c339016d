"""The book is built from what is stored: without torch, and without whatever else the notebooks need to run."""

import subprocess
import sys
import tomllib

from common import ROOT

BUILD = """
import re, sys
for name in {names}:
    sys.modules[name] = None  # an import of it fails
from jupyter_book.cli.main import main
main(["build", {root!r}, "--path-output", {out!r}, "-W", "-n"])
"""


def test_the_book_is_built_where_nothing_computes(tmp_path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [dependency.split(">")[0] for dependency in project["dependencies"]]
    assert "torch" in names
    code = BUILD.format(names=names, root=str(ROOT), out=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    built = tmp_path / "_build" / "html"
    assert 'id="mode_averaging"' in (built / "book" / "index.html").read_text()
    assert 'id="exercise-V2"' in (built / "notebooks" / "01_distributions.html").read_text()
    assert (built / "_static" / "cover.png").exists()
    assert list((built / "_static" / "chunks").glob("engine-*.js"))
