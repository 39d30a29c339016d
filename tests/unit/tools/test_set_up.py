"""What a command sets up: torch without CUDA where a package index offers it, the usual torch where not."""

import re
import subprocess
import sys
import zipfile

import pytest
from common import ROOT

LOCKED = re.search(r"^torch==(\S+)", (ROOT / "requirements.lock").read_text(), re.M)[1]


@pytest.fixture
def index(tmp_path):
    """A package index with a torch of the locked version for processors, which is empty."""
    folder = tmp_path / "index" / "torch"
    folder.mkdir(parents=True)
    name = f"torch-{LOCKED}+cpu"
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: torch\nVersion: {LOCKED}+cpu\n")
        wheel.writestr(f"{name}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{name}.dist-info/RECORD", "")
    (folder / "index.html").write_text(f'<a href="{name.replace("+", "%2B")}-py3-none-any.whl">{name}</a>')
    return folder.parent


def make_torch(tmp_path, *variables: str) -> tuple[str, str]:
    """What `make torch` says, and the version of torch that is there afterwards."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    isolated = {"PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INDEX": "", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    command = ["make", "--silent", "torch", f"BIN={tmp_path}/venv/bin", "--assume-old=.venv/python", *variables]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=isolated)
    assert done.returncode == 0, done.stderr
    listed = [tmp_path / "venv/bin/python", "-m", "pip", "list", "--disable-pip-version-check"]
    found = re.search(r"^torch +(\S+)", subprocess.run(listed, capture_output=True, text=True, check=True).stdout, re.M)
    return done.stdout, found[1] if found else ""


def test_torch_is_taken_from_an_index_that_has_it_for_processors(tmp_path, index):
    assert make_torch(tmp_path, f"TORCH_INDEX={index.as_uri()}") == ("", f"{LOCKED}+cpu")


def test_an_index_without_it_changes_nothing_and_says_so(tmp_path):
    (tmp_path / "empty").mkdir()
    said, version = make_torch(tmp_path, f"TORCH_INDEX={(tmp_path / 'empty').as_uri()}")
    assert "taking the usual one" in said
    assert version == ""  # the next step installs it as always


def test_without_the_variable_nothing_is_asked(tmp_path):
    assert make_torch(tmp_path) == ("", "")
