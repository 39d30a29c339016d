"""Notebook 07 says which of its cells may be run with other numbers: what they compare agrees then, too."""

import ast

import nbformat
import pytest
from common import ROOT

CELLS = nbformat.read(ROOT / "notebooks" / "07_mode_averaging.ipynb", as_version=4).cells
VALUES = "d, w, s = 0.6, 0.5, 0.1"
EXERCISES = {
    "remove-input",
    "answer",
    "hide-cell",
}  # questions, answers and solutions say what holds for the book's values


def compared(values: str) -> list[tuple]:
    """What each cell between the three numbers and the training shows last, with these numbers in their place."""
    first = next(i for i, cell in enumerate(CELLS) if VALUES in cell.source)
    space, shown = {}, []
    exec(CELLS[2].source, space)
    for cell in CELLS[first:]:
        if cell.source.startswith("# NBVAL_IGNORE_OUTPUT"):
            return shown
        apart = EXERCISES & set(cell.metadata.get("tags", []))
        if cell.cell_type == "code" and not apart and "mode_averaging." not in cell.source:
            *lines, last = ast.parse(cell.source.replace(VALUES, values)).body
            exec(compile(ast.Module(lines, []), "cell", "exec"), space)
            if isinstance(last, ast.Expr):
                shown.append(eval(compile(ast.Expression(last.value), "cell", "eval"), space))
            else:
                exec(compile(ast.Module([last], []), "cell", "exec"), space)
    raise AssertionError("no training found")


@pytest.mark.parametrize("values", [VALUES, "d, w, s = 0.9, 0.7, 0.1", "d, w, s = 0.5, 0.2, 0.05"])
def test_what_is_compared_agrees(values, capsys):
    entropy, squared_error, _, reverse, (_, kl, choice), _ = compared(values)
    assert entropy[0] == pytest.approx(entropy[1], abs=2e-4)
    assert squared_error[0] == pytest.approx(squared_error[1], abs=0.011)  # a grid of 201 answers
    assert reverse[0] == pytest.approx(reverse[1], abs=2e-4)
    assert kl == pytest.approx(choice, abs=2e-4)


def test_the_values_stand_in_one_cell():
    assert sum(VALUES in cell.source for cell in CELLS) == 1
