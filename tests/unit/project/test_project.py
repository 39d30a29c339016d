"""The project's own rules: one address, pinned versions, notebooks that stay small, stable and readable everywhere."""

import io
import itertools
import json
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
import urllib.error
import urllib.request

import cover
import execute
import nbformat
import publish_as
import pytest
import yaml
from common import NOTEBOOKS, ROOT
from PIL import Image, ImageChops, ImageStat
from setuptools import find_packages

from helpers import labs
from helpers.page import live, mime

WORKFLOW = ROOT / ".github" / "workflows" / "book.yml"
ADDRESS = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
EXEMPT = "nbval-ignore-output"  # the tag of a cell whose output is not compared


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def test_the_repositorys_address_is_the_same_everywhere(notebook):
    install = notebook.cells[1]
    assert f'"git+{ADDRESS}@v' in install.source
    assert install.metadata.tags == ["remove-cell"]
    for name in ("README.md", "CITATION.cff", "book/how_to_use.md"):
        found = re.findall(r"https://github\.com/[\w.-]+/[\w-]+", (ROOT / name).read_text())
        assert set(found) == {ADDRESS}, name


def test_the_readme_prints_what_it_says():
    code, printed = re.search(
        r"```python\n(.*?)```\n\n((?:    [^\n]*\n)+)", (ROOT / "README.md").read_text(), re.S
    ).groups()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == textwrap.dedent(printed)
    assert (ROOT / ".github" / "flagship.gif").stat().st_size < 1_000_000


@pytest.mark.parametrize(
    ("error", "says"),
    [(None, "answers."), (urllib.error.HTTPError("", 404, "", {}, None), "answers 404"), (OSError(), "a network?")],
)
def test_publishing_says_whether_the_address_answers(monkeypatch, error, says):
    def ask(address, timeout):
        if error:
            raise error

    monkeypatch.setattr(urllib.request, "urlopen", ask)
    assert says in publish_as.answers("https://github.com/ada/book")


def test_publishing_under_another_address_leaves_nothing_of_the_old_one(tmp_path):
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    names = [name for name in names if (ROOT / name).exists()]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    command = [sys.executable, tmp_path / "tools" / "publish_as.py", "ada/robot.book"]
    subprocess.run(command, check=True, capture_output=True)
    owner, name = ADDRESS.removeprefix("https://github.com/").split("/")
    for old in (f"{owner}/{name}", f"{owner}.github.io/{name}"):
        assert [path for path in names if old.encode() in (tmp_path / path).read_bytes()] == [], old
    assert "https://github.com/ada/robot.book" in (tmp_path / "_config.yml").read_text()
    assert "https://ada.github.io/robot.book/" in (tmp_path / "README.md").read_text()
    assert "v2/gh/ada/robot.book/main" in (tmp_path / "book" / "how_to_use.md").read_text()


def test_workflow_is_valid_and_tests_every_python():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(WORKFLOW)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    jobs = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert jobs["publish"]["needs"] == "test"
    assert "repo2docker" in jobs["binder"]["steps"][-1]["run"]
    assert jobs["newest"]["env"] == {"LOCK": ""}
    assert jobs["lerobot"]["steps"][-1]["run"] == "make lerobot STEPS=5"


def test_lock_pins_everything_and_holds_no_address():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert all(re.match(r"[\w.-]+==[\w.]+( ;.*)?$", line) for line in lines)
    pinned = {re.split("==", line)[0].lower() for line in lines}
    text = (ROOT / "pyproject.toml").read_text()
    named = re.findall(r'^    "([\w-]+)', text.split("[project.entry-points")[0], re.M)
    assert {name.lower() for name in named} <= pinned


def test_every_lower_bound_is_the_version_that_is_tested_for_colab():
    """Or, where Colab lacks it and installs the newest, the locked one, with which everything is tested."""
    versions = lambda path: dict(re.findall(r"^([\w-]+)==(\S+)$", (ROOT / path).read_text(), re.M))
    listed = versions("requirements.lock") | versions("tests/colab/versions.txt")
    for dependency in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]:
        name, bound = re.match(r"([\w-]+)>=([\d.]+)", dependency).groups()
        assert f"{listed[name]}.".startswith(f"{bound}."), dependency


def test_binder_builds_a_python_that_is_tested_and_installs_the_locked_versions():
    dependencies = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert {"pip": ["-c requirements.lock", "-e ."]} in dependencies
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    plan = done.stdout + done.stderr
    [python] = re.findall(r"Building conda environment for python=(\S+)", plan)
    assert python in yaml.safe_load(WORKFLOW.read_text())["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert "No frozen env" not in plan  # Binder has Jupyter ready for this Python
    assert plan.index(" src/ ") < plan.index('--file "environment.yml"')  # the lock and the helpers are there by then


def test_an_installed_package_has_every_file_of_the_helpers():
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    find = {"include": setuptools["packages"]["find"]["include"]}
    packed = set()
    for package in find_packages(str(ROOT), **find):
        for pattern in ["*.py", *setuptools["package-data"].get(package, [])]:
            packed |= set((ROOT / package.replace(".", "/")).glob(pattern))
    there = {path for path in (ROOT / "helpers").rglob("*.*") if "__pycache__" not in path.parts}
    assert packed == there


def test_notebook_is_small_and_free_of_what_changes_from_run_to_run(notebook):
    assert len(nbformat.writes(notebook)) < 1_000_000
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags", "jupyter"}
        for output in cell.get("outputs", []):
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})
            assert output.output_type != "error"


def test_what_a_tag_hides_on_the_page_is_folded_in_jupyterlab(notebook):
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        folded = {} if execute.OPEN in tags else {key: True for tag in tags for key in execute.FOLDED.get(tag, {})}
        assert cell.metadata.get("jupyter", {}) == folded, cell.source


def test_below_each_question_stands_a_cell_to_answer_in(notebook):
    for cell, after in itertools.pairwise(notebook.cells):
        if asked := re.fullmatch(r'ask\("(\w+)"\)', cell.source):
            assert after.source == f'check("{asked[1]}", ...)  # your answer in place of the dots'
            assert after.metadata == {"tags": ["answer", "remove-cell"]}
            assert after.outputs == []


def test_every_lab_is_stored_with_a_picture_and_the_chart_of_its_recording(notebook):
    for cell in notebook.cells:
        if found := re.search(r"^labs\.(\w+)\(\)$", cell.source, re.M):
            [output] = cell.outputs
            assert "image/png" in output.data
            assert output.data[mime.RECORDED] == json.loads(
                json.dumps(getattr(labs, found[1])().recording.chart().spec)
            )


def test_every_chart_is_stored_with_a_picture_and_what_jupyterlab_needs(notebook):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if mime.CHART in output.get("data", {}):
                assert output.metadata["image/png"]["alt"] == output.data[mime.CHART]["description"]
                assert output.metadata[mime.CHART]["embed_options"] == live.EMBED


def test_the_cover_is_what_its_tool_draws():
    stored, drawn = (Image.open(io.BytesIO(data)).convert("L") for data in (cover.COVER.read_bytes(), cover.cover()))
    assert ImageStat.Stat(ImageChops.difference(stored, drawn)).mean[0] < 1  # versions of matplotlib differ in edges


def test_every_picture_says_what_it_shows(notebook):
    pictures = [
        output for cell in notebook.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})
    ]
    for output in pictures:
        alt = output.metadata["image/png"]["alt"]
        assert len(alt) > 60
        assert re.search(r"\d", alt), alt


def test_markdown_reads_the_same_in_colab_and_on_github(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"^(```|:::)\{|\{[\w-]+\}`", cell.source, re.M), cell.source
            for target in re.findall(r"\]\(([^)]+)\)", cell.source):
                assert target.startswith(("https://", "#")) or (ROOT / "notebooks" / target.split("#")[0]).exists(), (
                    target
                )  # the build looks for the rest


def test_only_cells_of_trained_results_are_exempt_from_comparison(notebook):
    for cell in notebook.cells:
        assert "NBVAL" not in cell.source  # a reader's page shows no words of the harness: it is a tag
        if EXEMPT in cell.metadata.get("tags", []):
            assert re.search(r"train|labs\.|table\(|show\(", cell.source)


def test_code_fits_the_page(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code" and not {*cell.metadata.get("tags", [])} - {EXEMPT}:
            assert max(map(len, cell.source.splitlines())) <= 76, cell.source
            assert len(cell.source.splitlines()) <= 12


def test_the_time_on_a_page_is_measured(notebook):
    """A beginner reads 100 words a minute, playing with the charts, and takes a minute and a half for an exercise: to five
    minutes. A displayed formula or a line of code counts as ten words; folds do not count."""
    words, exercises = 0, 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"<details>.*?</details>|(?<=\])\([^)]*\)", "", cell.source, flags=re.S)
            text, formulas = re.subn(r"\$\$.*?\$\$", "", text, flags=re.S)
            words += 10 * formulas + len(re.findall(r"\w[\w'’.-]*", re.sub(r"\$[^$]*\$", "x", text)))
        elif cell.metadata.get("tags", []) in ([], ["the-loop"]):
            words += 10 * len(cell.source.splitlines())
        exercises += cell.source.startswith("ask(")
    said = f"About {5 * round((words / 100 + 1.5 * exercises) / 5)} minutes with the exercises"
    assert said in notebook.cells[0].source, said


def test_every_notebook_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = json.dumps(toc)
    assert all(f"notebooks/{path.stem}" in listed for path in NOTEBOOKS)


def test_a_reader_can_check_an_answer_as_the_exercise_says(notebook):
    source = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    if "ask(" in source:
        assert "from helpers.page.exercises import ask, check" in source


def test_a_computed_answer_is_folded_after_its_cell_has_run_too(notebook):
    for cell in notebook.cells:
        if "hide-cell" in cell.metadata.get("tags", []):
            assert all(output.metadata.get("text/html", {}).get("fold") for output in cell.outputs), cell.id


def test_the_loop_is_one_screen_and_hides_nothing():
    cells = nbformat.read(ROOT / "notebooks" / "07_training_loop.ipynb", as_version=4).cells
    [loop] = [cell.source for cell in cells if "the-loop" in cell.metadata.get("tags", [])]
    assert len(loop.splitlines()) <= 50
    assert max(map(len, loop.splitlines())) <= 76
    assert "helpers" not in loop
    assert all(word in loop for word in ("cross_entropy", "mse_loss", ".backward()", ".step()"))
