"""Every supported Python that this machine has, besides the one that runs the tests: set up anew, by `make`, in a clone."""

import os
import shutil
import subprocess
import sys

import pytest
from common import ROOT, run

ASKED = "true" in (os.environ.get("PYTHONS"), os.environ.get("CI"))
REASON = "it takes minutes (make pythons, or CI=true): THE OTHER PYTHONS WERE NOT TESTED"
pytestmark = pytest.mark.skipif(not ASKED, reason=REASON)


def find(version: str) -> str | None:
    """The Python of that version, if it is here and starts."""
    python = shutil.which(f"python{version}")
    return python if python and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0 else None


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_the_helpers_pass_their_tests(version, tmp_path):
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return  # these tests run on it
    python = find(version)
    if python is None:
        pytest.skip(f"no python{version} on this machine; the workflow tests it")
    run("git", "clone", "--quiet", ROOT, tmp_path / "clone")
    run("make", "--silent", f"PYTHON={python}", ".venv/test", cwd=tmp_path / "clone")
    assert f"Python {version}." in run(tmp_path / "clone/.venv/bin/python", "--version")
    run(tmp_path / "clone/.venv/bin/pytest", "-q", "tests/unit", cwd=tmp_path / "clone")
