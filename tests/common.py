"""Where the book stands, and how a command is run, for all tests."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def run(*command: str | Path, **options) -> str:
    """What the command prints. If it fails, the error holds everything that it said."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        raise RuntimeError("\n".join([" ".join(map(str, command)), done.stdout, done.stderr]))
    return done.stdout
