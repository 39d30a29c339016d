"""Where the book stands, what code imports and how a command is run, for all tests."""

import ast
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def run(*command: str | Path, **options) -> str:
    """What the command prints. If it fails, the error holds everything that it said."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        raise RuntimeError("\n".join([" ".join(map(str, command)), done.stdout, done.stderr]))
    return done.stdout


def untested(reason: str):
    """Something that the tests need is not here: they are skipped, and fail where everything must be."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


def imported(source: str) -> set[str]:
    """The modules that some code imports, `from helpers import heads` as helpers.heads."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
            found |= {node.module} if node.module.startswith("helpers") else set()
    return found
