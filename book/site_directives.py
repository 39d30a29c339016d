"""Directives for the pages that are not notebooks.

```{live-chart} helpers.charts.mode_averaging:mode_averaging
```
```{exercise-key}
```
"""

import html
import importlib
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from helpers import exercises
from helpers.pages import page_html

NOTEBOOK = {  # where the exercises of a letter stand
    "V": "01_distributions",
    "E": "02_expectation",
    "H": "03_entropy",
    "K": "04_kl_divergence",
    "Z": "05_elbo",
    "O": "06_openvla_head",
}
HELPERS = Path(__file__).parents[1] / "helpers"


class LiveChartDirective(SphinxDirective):
    """A live chart, as in a notebook."""

    required_arguments = 1

    def run(self):
        module, function = self.arguments[0].split(":")
        chart = getattr(importlib.import_module(module), function)()
        for source in HELPERS.rglob("*.py"):
            self.env.note_dependency(str(source))  # a page is written anew when a chart changes
        return [nodes.raw(text=page_html(chart.spec), format="html")]


class ExerciseKeyDirective(SphinxDirective):
    """A table of every exercise: its answer, and what each typical mistake gives and reveals."""

    def run(self):
        for source in (HELPERS / "exercises.py", __file__):
            self.env.note_dependency(str(source))
        head = "<tr><th>exercise</th><th>question</th><th>answer</th><th>typical mistakes</th></tr>"
        by_letter = groupby(exercises.EXERCISES.values(), lambda exercise: exercise.code[0])
        body = "".join(key_part(NOTEBOOK[letter], part) for letter, part in by_letter)
        table = f'<table class="table key"><thead>{head}</thead>{body}</table>'
        return [nodes.raw(text=f'<div class="pst-scrollable-table-container">{table}</div>', format="html")]


def key_part(notebook: str, part: Iterable[exercises.Exercise]) -> str:
    link = f'<a href="../notebooks/{notebook}.html">Notebook {notebook[:2]}</a>'
    head = f'<tr><th class="part" scope="rowgroup" colspan="4">{link}</th></tr>'
    return f"<tbody>{head}{''.join(map(key_row, part))}</tbody>"


def key_row(exercise: exercises.Exercise) -> str:
    wrong = "".join(f"<li><b>{value:g}</b>: {html.escape(says)}</li>" for value, says in exercise.mistakes.items())
    question = f"<td>{html.escape(exercise.question)}</td><td><b>{exercise.answer:g}</b></td>"
    page = f"../notebooks/{NOTEBOOK[exercise.code[0]]}.html#exercise-{exercise.code}"
    link = f'<a href="{page}">{exercise.code}</a>'
    return f'<tr id="key-{exercise.code}"><th scope="row">{link}</th>{question}<td><ul>{wrong}</ul></td></tr>'
