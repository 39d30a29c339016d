"""The cells of page 08 on loss and family run with other demonstrators, too, and print what the closed forms say."""

import re

import nbformat
import pytest
from common import ROOT

from helpers import heads
from helpers.robot.cup_and_tray import CupAndTray
from helpers.theory.modes import median_of
from helpers.theory.optima import modes_of

CELLS = nbformat.read(ROOT / "notebooks" / "08_mode_averaging.ipynb", as_version=4).cells
VALUES = "CupAndTray(d=0.6, w=0.52, s=0.1)"


def printed(values: str, capsys) -> list[float]:
    """The last number of each line that the cell with these values prints, and the next one with code."""
    first = next(i for i, cell in enumerate(CELLS) if VALUES in cell.source)
    family = next(i for i, cell in enumerate(CELLS) if i > first and cell.cell_type == "code")
    space: dict = {}
    for i in (2, first, family):
        exec(CELLS[i].source.replace(VALUES, values), space)
    return [float(re.findall(r"-?\d+\.\d+", line)[-1]) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(("d", "w", "s"), [(0.6, 0.52, 0.1), (0.9, 0.7, 0.1), (0.5, 0.2, 0.05)])
def test_what_is_printed_agrees_with_the_closed_forms(d, w, s, capsys):
    squared, absolute, full, diagonal = printed(f"CupAndTray(d={d}, w={w}, s={s})", capsys)
    task = CupAndTray(d, w, s)
    assert squared == pytest.approx((2 * w - 1) * d, abs=0.03)  # a grid of 201 answers, a sample of 20,000
    assert absolute == pytest.approx(median_of(modes_of(task)).item(), abs=0.03)
    assert full == pytest.approx(heads.optimum("full_gaussian", task).forward_kl, abs=0.03)
    assert diagonal == pytest.approx(heads.optimum("diagonal_gaussian", task).forward_kl, abs=0.05)


def test_the_values_stand_in_one_cell():
    assert sum(VALUES in cell.source for cell in CELLS) == 1
