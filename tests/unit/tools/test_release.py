"""`make release` and `make publish-as`, on a copy: what they write, that they write nothing else, what they refuse."""

import re
import shutil
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import nbformat
import pytest
import yaml
from common import ROOT

PARTS = ("_config.yml", "README.md", "CHANGELOG.md", "CITATION.cff", "pyproject.toml", "book/*.md", "notebooks/*.ipynb")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
ADDRESS = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
NEWS = f"# News\n\n## Unreleased\n\n- All is better.\n\n## {VERSION} - 2026-01-01\n\n- All is new.\n"


@pytest.fixture
def book(tmp_path):
    """A copy of all that holds the address or the version, with something unreleased."""
    for path in (path for part in (*PARTS, "tools/*.py") for path in ROOT.glob(part)):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(path, copy)
    (tmp_path / "CHANGELOG.md").write_text(NEWS)
    return tmp_path


def contents(book: Path) -> dict[str, bytes]:
    return {str(path.relative_to(book)): path.read_bytes() for part in PARTS for path in book.glob(part)}


def run(book: Path, tool: str, *arguments: str) -> str:
    command = [sys.executable, "-B", book / "tools" / f"{tool}.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def refusal(book: Path, tool: str, *arguments: str) -> str:
    """The one sentence with which it refuses, having written nothing."""
    before = contents(book)
    with pytest.raises(subprocess.CalledProcessError) as error:
        run(book, tool, *arguments)
    assert contents(book) == before
    assert re.fullmatch(r"[^\n]+\.\n", error.value.stderr), error.value.stderr
    return error.value.stderr


def changes(before: bytes, after: bytes) -> list[str]:
    """The lines that are new; every other line is the same byte for byte."""
    pairs = zip(before.splitlines(keepends=True), after.splitlines(keepends=True), strict=True)
    return [new.decode().rstrip("\n") for old, new in pairs if old != new]


def first_cells(book: Path) -> set[str]:
    """The first code cells of all notebooks: one, if they are equal."""
    notebooks = [nbformat.read(path, as_version=4) for path in book.glob("notebooks/*.ipynb")]
    return {next(cell.source for cell in notebook.cells if cell.cell_type == "code") for notebook in notebooks}


def installed(book: Path) -> str:
    """What the one pip line of the notebooks' first cell installs."""
    [cell] = first_cells(book)
    [line] = [line.strip() for line in cell.splitlines() if "%pip" in line]
    return re.fullmatch(r'%pip install -q "git\+(\S+)"', line)[1]


def test_a_release_writes_version_date_and_tag_and_changes_nothing_else(book):
    before, today = contents(book), date.today().isoformat()
    done = run(book, "release", "98.7.6")
    new = {name: changes(before[name], after) for name, after in contents(book).items()}
    assert new.pop("pyproject.toml") == ['version = "98.7.6"']
    assert new.pop("CITATION.cff") in (
        ["version: 98.7.6", f"date-released: {today}"],
        ["version: 98.7.6"],  # released on the day of the last release
    )
    assert new.pop("CHANGELOG.md") == [f"## 98.7.6 - {today}"]
    for name, lines in new.items():
        if name.startswith("notebooks/"):
            [line] = lines
            assert line.count(f'\\"git+{ADDRESS}@v98.7.6\\"') == 1
        else:
            assert lines == [], name
    assert installed(book) == f"{ADDRESS}@v98.7.6"
    for command in ("git commit", "git tag v98.7.6\n", "git push --atomic origin main v98.7.6\n"):
        assert command in done


def test_a_section_that_has_its_number_already_gets_the_date(book):
    news = NEWS.replace("Unreleased", "98.7.6")
    (book / "CHANGELOG.md").write_text(news)
    run(book, "release", "98.7.6")
    expected = news.replace("98.7.6", f"98.7.6 - {date.today().isoformat()}")
    assert (book / "CHANGELOG.md").read_text() == expected


@pytest.mark.parametrize("version", ["", "98.7", "v98.7.6", "98.7.6rc1", "98.7.6\n", "ninety"])
def test_what_is_not_three_numbers_is_no_version(book, version):
    assert "expected three numbers" in refusal(book, "release", version)


@pytest.mark.parametrize("version", [VERSION, "0.0.9"])
def test_a_release_is_newer_than_the_last(book, version):
    assert f"newer one than {VERSION}" in refusal(book, "release", version)


def test_numbers_are_compared_as_numbers(book):
    run(book, "release", "98.9.0")
    (book / "CHANGELOG.md").write_text(NEWS)
    run(book, "release", "98.10.0")
    assert installed(book).endswith("@v98.10.0")


@pytest.mark.parametrize(
    "news", ["", "# News\n\n## Unreleased\n\n## 0.1.0\n\n- All is new.\n", "# News\n\n## 98.7.60\n\n- No.\n"]
)
def test_a_release_without_news_is_refused(book, news):
    (book / "CHANGELOG.md").write_text(news)
    assert "says nothing about 98.7.6;" in refusal(book, "release", "98.7.6")


def test_a_notebook_that_installs_nothing_stops_the_release_before_anything_is_written(book):
    path = sorted(book.glob("notebooks/*.ipynb"))[-1]
    path.write_text(path.read_text().replace("%pip install", "%conda install"))
    assert path.name in refusal(book, "release", "98.7.6")


def test_publishing_under_another_address_keeps_the_tag(book):
    run(book, "release", "98.7.6")
    (book / "CHANGELOG.md").write_text(f"{NEWS}\n{ADDRESS}\n")
    assert "v98.7.6" in run(book, "publish_as", "ada/robot.book")
    assert installed(book) == "https://github.com/ada/robot.book@v98.7.6"
    assert not [name for name, text in contents(book).items() if ADDRESS.encode() in text]
    run(book, "release", "98.7.7")
    assert installed(book) == "https://github.com/ada/robot.book@v98.7.7"


@pytest.mark.parametrize("address", ["", "not an address", "ada", "ada/robot/book"])
def test_what_is_not_owner_and_name_is_no_address(book, address):
    assert "expected owner/name" in refusal(book, "publish_as", address)


def test_the_repository_agrees_on_its_newest_release():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    released = re.findall(r"^## ([\d.]+) - (\S+)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert released[0] == (VERSION, str(citation["date-released"]))
    assert citation["version"] == VERSION
    assert installed(ROOT) == f"{ADDRESS}@v{VERSION}"
