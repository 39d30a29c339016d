"""The book's own pages say what the notebooks say: every note is gathered, every term is explained where they send the reader."""

import re

import nbformat
import pytest
from common import NOTEBOOKS, ROOT

NOTEBOOKS = {path.stem: nbformat.read(path, as_version=4) for path in NOTEBOOKS}


def glossary() -> list[tuple[str, str]]:
    """(term, notebook) of each row of the glossary that has no formula as its name."""
    rows = re.findall(
        r"^\| (.+?) \|.*\.\./notebooks/(\w+)\.ipynb\) \|$", (ROOT / "book" / "notation.md").read_text(), re.M
    )
    return [row for row in rows if "$" not in row[0]]


def notes(notebook) -> list[str]:
    """The folds headed Precisely."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found += re.findall(r"<details><summary>Precisely: .*?</details>", cell.source, re.S)
    return found


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_precise_note_is_gathered_with_its_sources(name):
    """One row or more for each note, and every file and commit that a note names."""
    rows = [row for row in (ROOT / "book" / "sources.md").read_text().splitlines() if row.startswith("|")]
    mine = [row for row in rows if name in row]
    assert len(mine) >= len(notes(NOTEBOOKS[name]))
    for note in notes(NOTEBOOKS[name]):
        for source in re.findall(r"`([\w/-]+\.(?:py|md|yaml|pbtxt))`", note):
            assert any(source.split("/")[-1] in row for row in mine), source
        for commit in re.findall(r"at ([0-9a-f]{7})\b", note):
            assert any(commit in row for row in rows), commit


def test_the_commits_are_those_of_the_references():
    named = {page: (ROOT / "book" / page).read_text() for page in ("sources.md", "references.md")}
    commits = {page: set(re.findall(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7}\b", text)) for page, text in named.items()}
    assert commits["sources.md"] == commits["references.md"] - {"5ba07ac"}  # Diffusion Policy: read, and no note on it
    assert len(commits["sources.md"]) == 8


@pytest.mark.parametrize("row", glossary(), ids=lambda row: row[0])
def test_a_term_is_explained_where_the_glossary_says(row):
    term, notebook = row
    text = " ".join(cell.source for cell in NOTEBOOKS[notebook].cells).lower()
    for word in re.sub(r"[*`]", "", term).split(", "):
        assert word.lower() in text, word
