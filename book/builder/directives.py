"""Directives for the pages that are not notebooks.

```{live-chart} notebooks/08_mode_averaging.ipynb mode_averaging
```
```{exercise-key}
```
```{book-map}
01_distributions: Why should a policy say how likely each action is?
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

from helpers.page import exercises
from helpers.page.mime import CHART
from helpers.page.renderer import page_html

ROOT = Path(__file__).parents[2]


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


class BookMapDirective(SphinxDirective):
    """The notebooks that its lines name, each with its question, how long it takes and how many exercises it has; how many of
    these the reader has answered is filled in by book/scripts/progress.js."""

    has_content = True

    def run(self):
        rows, total = "", 0
        for line in self.content:
            page, question = line.split(": ", 1)
            notebook = ROOT / "notebooks" / f"{page}.ipynb"
            self.env.note_dependency(str(notebook))
            title, minutes = title_and_minutes(notebook)
            rows, total = rows + map_row(page, title, question, minutes), total + minutes
        note = f"<p>Together about {round(total / 60)} hours, exercises included.</p>"
        return [nodes.raw(text=f'<ol class="book-map">{rows}</ol>{note}', format="html")]


def title_and_minutes(notebook: Path) -> tuple[str, int]:
    """What its first cell says."""
    opening = "".join(json.loads(notebook.read_text())["cells"][0]["source"])
    return re.match(r"# ([^:\n]*)", opening)[1], int(re.search(r"About (\d+) minutes", opening)[1])


def map_row(page: str, title: str, question: str, minutes: int) -> str:
    codes = [code for code, exercise in exercises.EXERCISES.items() if exercise.page == page]
    about = f"{minutes} minutes, <output>{len(codes)} exercises</output>"
    link = f'<a href="../notebooks/{page}.html">{html.escape(title)}</a>'
    return f'<li data-letter="{codes[0][0]}">{link}<div>{html.escape(question)} <small>{about}</small></div></li>'


class ExerciseKeyDirective(SphinxDirective):
    """A table of every exercise: its answer, and what each typical mistake gives and reveals."""

    def run(self):
        for source in (*exercises.QUESTIONS.glob("*.toml"), __file__):
            self.env.note_dependency(str(source))
        head = "<tr><th>exercise</th><th>question</th><th>answer</th><th>typical mistakes</th></tr>"
        by_page = groupby(exercises.EXERCISES.values(), lambda exercise: exercise.page)
        body = "".join(key_part(page, part) for page, part in by_page)
        table = f'<table class="table key"><thead>{head}</thead>{body}</table>'
        return [nodes.raw(text=f'<div class="pst-scrollable-table-container">{table}</div>', format="html")]


def key_part(page: str, part: Iterable[exercises.Exercise]) -> str:
    link = f'<a href="../notebooks/{page}.html">Notebook {page[:2]}</a>'
    head = f'<tr><th class="part" scope="rowgroup" colspan="4">{link}</th></tr>'
    return f"<tbody>{head}{''.join(map(key_row, part))}</tbody>"


def key_row(exercise: exercises.Exercise) -> str:
    mistakes = exercise.mistakes.values()
    shown = lambda value: html.escape(exercise.options[int(value) - 1]) if exercise.options else f"{value:g}"
    wrong = "".join(f"<li><b>{shown(mistake.value)}</b>: {html.escape(mistake.reply)}</li>" for mistake in mistakes)
    question = f"<td>{html.escape(exercise.prompt)}</td><td><b>{shown(exercise.answer)}</b></td>"
    place = f"../notebooks/{exercise.page}.html#exercise-{exercise.code}"
    link = f'<a href="{place}">{exercise.code}</a>'
    return f'<tr id="key-{exercise.code}"><th scope="row">{link}</th>{question}<td><ul>{wrong}</ul></td></tr>'
