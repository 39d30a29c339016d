"""Directives for the pages that are not notebooks.

```{live-chart} notebooks/07_mode_averaging.ipynb mode_averaging
```
```{exercise-key}
```
"""

import html
import json
import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from helpers import exercises
from helpers.mime import CHART
from helpers.pages import page_html

ROOT = Path(__file__).parents[1]


def stored_chart(notebook: Path, name: str) -> dict:
    """The specification of a live chart, from the outputs that are stored with a notebook."""
    cells = json.loads(notebook.read_text())["cells"]
    specs = [
        output["data"][CHART] for cell in cells for output in cell.get("outputs", []) if CHART in output.get("data", {})
    ]
    return next(spec for spec in specs if spec["usermeta"]["name"] == name)


class LiveChartDirective(SphinxDirective):
    """A live chart, as it is stored in a notebook."""

    required_arguments = 2

    def run(self):
        notebook = ROOT / self.arguments[0]
        self.env.note_dependency(str(notebook))  # a page is written anew when its chart changes
        return [nodes.raw(text=page_html(stored_chart(notebook, self.arguments[1])), format="html")]


def notebook_of() -> dict[str, str]:
    """{code of an exercise: the notebook that asks it}."""
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    return {code: path.stem for path in paths for code in re.findall(r'ask\(\\"(\w+)\\"\)', path.read_text())}


class ExerciseKeyDirective(SphinxDirective):
    """A table of every exercise: its answer, and what each typical mistake gives and reveals."""

    def run(self):
        for source in (ROOT / "helpers" / "exercises.py", __file__):
            self.env.note_dependency(str(source))
        head = "<tr><th>exercise</th><th>question</th><th>answer</th><th>typical mistakes</th></tr>"
        notebooks = notebook_of()
        by_notebook = groupby(exercises.EXERCISES.values(), lambda exercise: notebooks[exercise.code])
        body = "".join(key_part(notebook, part) for notebook, part in by_notebook)
        table = f'<table class="table key"><thead>{head}</thead>{body}</table>'
        return [nodes.raw(text=f'<div class="pst-scrollable-table-container">{table}</div>', format="html")]


def key_part(notebook: str, part: Iterable[exercises.Exercise]) -> str:
    link = f'<a href="../notebooks/{notebook}.html">Notebook {notebook[:2]}</a>'
    head = f'<tr><th class="part" scope="rowgroup" colspan="4">{link}</th></tr>'
    return f"<tbody>{head}{''.join(key_row(notebook, exercise) for exercise in part)}</tbody>"


def key_row(notebook: str, exercise: exercises.Exercise) -> str:
    wrong = "".join(f"<li><b>{value:g}</b>: {html.escape(says)}</li>" for value, says in exercise.mistakes.items())
    question = f"<td>{html.escape(exercise.question)}</td><td><b>{exercise.answer:g}</b></td>"
    page = f"../notebooks/{notebook}.html#exercise-{exercise.code}"
    link = f'<a href="{page}">{exercise.code}</a>'
    return f'<tr id="key-{exercise.code}"><th scope="row">{link}</th>{question}<td><ul>{wrong}</ul></td></tr>'
