"""The rooms of the helpers are stairs: each imports only from those below it, the floor from none."""

import ast

import pytest
from common import ROOT

STAIRS = ["robot", "theory", "heads", "policies", "page", "charts"]
FILES = sorted((ROOT / "helpers").rglob("*.py"))


def room(module: str) -> int:
    """How high the room of helpers.<room>.<module> is; the floor is -1."""
    name = module.split(".")[1] if "." in module else ""
    return STAIRS.index(name) if name in STAIRS else -1


def imported(path) -> set[str]:
    """The helpers that a file imports, `from helpers import heads` as helpers.heads."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("helpers.")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT / "helpers")))
def test_nothing_is_imported_from_a_room_above(path):
    own = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert not {name for name in imported(path) if room(name) > own}


def test_every_room_is_one_of_the_stairs_and_says_what_it_holds():
    rooms = {path.parent.name: path.read_text() for path in (ROOT / "helpers").glob("*/__init__.py")}
    assert set(rooms) == set(STAIRS)
    assert all(text.startswith('"""') for text in rooms.values())
