"""The rooms of the helpers are stairs: each imports only from those below it, the floor from none."""

import pytest
from common import ROOT, imported

STAIRS = ["robot", "theory", "heads", "policies", "page", "charts", "labs"]
FILES = sorted((ROOT / "helpers").rglob("*.py"))


def room(module: str) -> int:
    """How high the room of helpers.<room>.<module> is; the floor is -1."""
    name = module.split(".")[1] if "." in module else ""
    return STAIRS.index(name) if name in STAIRS else -1


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT / "helpers")))
def test_nothing_is_imported_from_a_room_above(path):
    own = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
    ours = {name for name in imported(path.read_text()) if name.startswith("helpers.")}
    assert not {name for name in ours if room(name) > own}


def test_every_room_is_one_of_the_stairs_and_says_what_it_holds():
    rooms = {path.parent.name: path.read_text() for path in (ROOT / "helpers").glob("*/__init__.py")}
    assert set(rooms) == set(STAIRS)
    assert all(text.startswith('"""') for text in rooms.values())
