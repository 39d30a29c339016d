"""A clean environment with Colab's own versions, and the helpers installed into it as a notebook's first cell does."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common import ROOT, run

VERSIONS = Path(__file__).with_name("versions.txt")
ENVIRONMENT = ROOT / "_build" / "colab"
PYTHON = ENVIRONMENT / "bin" / "python"
FINISHED = ENVIRONMENT / "finished"  # tells what was built; it is there only while the environment is as it was built


def pip(*arguments: str | Path) -> str:
    return run(PYTHON, "-m", "pip", *arguments)


def normal(name: str) -> str:
    return name.lower().replace("_", "-")


def listed() -> dict[str, str]:
    """Colab's versions."""
    return {normal(name): version for name, version in re.findall(r"^([\w-]+)==(\S+)$", VERSIONS.read_text(), re.M)}


def installed() -> dict[str, str]:
    """The environment's versions, without the name of a build: 2.11.0+cpu is 2.11.0."""
    packages = json.loads(pip("list", "--format=json"))
    return {normal(package["name"]): package["version"].split("+")[0] for package in packages}


def build() -> None:
    """Makes the environment, unless a finished one has the same versions and Python.

    A version that has no wheel for this Python is an error, in which pip names it.
    """
    purpose = f"{sys.version}\n{VERSIONS.read_text()}"
    if FINISHED.exists() and FINISHED.read_text() == purpose:
        return
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    run(sys.executable, "-m", "venv", ENVIRONMENT)
    pip("install", "--quiet", "--only-binary=:all:", "--no-compile", "--requirement", VERSIONS)
    FINISHED.write_text(purpose)


def install_helpers(folder: Path) -> None:
    """Builds the wheel, from a copy because building leaves files behind, and installs it with what it depends on."""
    shutil.copytree(ROOT / "helpers", folder / "source" / "helpers")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "source")
    pip("wheel", "--quiet", "--no-deps", "--wheel-dir", folder, folder / "source")
    [wheel] = folder.glob("*.whl")
    pip("install", "--quiet", wheel)


@contextmanager
def with_helpers(folder: Path) -> Iterator[tuple[dict, dict]]:
    """The versions before and after the helpers were installed; they go again, and what they spoilt is built anew."""
    build()
    before, purpose = installed(), FINISHED.read_text()
    FINISHED.unlink()
    install_helpers(folder)
    after = installed()
    yield before, after
    pip("uninstall", "--quiet", "--yes", *(after.keys() - before.keys()))
    if installed() == before:
        FINISHED.write_text(purpose)
