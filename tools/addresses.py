"""Where the book's address and version are read: what `make publish-as` and `make release` share."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def read(path: Path) -> str:
    """A file's text, with its line ends as they are."""
    return path.read_bytes().decode()


def write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def repository() -> str:
    """owner/name, from the one place that counts."""
    return re.search(r"url: https://github\.com/([\w.-]+/[\w.-]+)", read(ROOT / "_config.yml"))[1]


def version() -> str:
    return re.search(r'^version = "(.+)"', read(ROOT / "pyproject.toml"), re.M)[1]
