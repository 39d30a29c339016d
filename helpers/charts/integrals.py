"""E[f(z)], z ~ N(0, 1), as a chart takes it: every integrand is a field of the rows of one grid, and the row of their sums
holds the expectations. The same formulas that torch integrates ask for them.
"""

from collections.abc import Callable

import altair as alt

from helpers.charts.parts import counted, let
from helpers.namespace import field, normal_pdf, normal_quantile, signal, text, where

REACH, GRID = 6.0, 600  # the first rows cut [-REACH, REACH] into so many cells
DRAWS = 4800  # all rows are values of equal probability, for integrands that are steep where nobody knows beforehand


def grid() -> alt.Chart:
    """Rows i with z and its weight in the grid, and with `draw`, the middle of one of DRAWS shares of N(0, 1)."""
    i, width = field("i"), 2 * REACH / GRID
    rows = let(counted(DRAWS), z=-REACH + (i + 0.5) * width, draw=normal_quantile((i + 0.5) / DRAWS))
    return let(rows, weight=where(i < GRID, normal_pdf(field("z")) * width, 0))


class Integrals:
    """The expectations that each case of a choice needs: field k of a row holds the k-th integrand of the chosen case."""

    def __init__(self, choice: str):
        self.choice = choice
        self.cases: dict[str, list[str]] = {}  # the texts of each case's integrands

    def over_grid(self, case: str) -> Callable:
        """mean_of(f) for one case, by the grid."""
        return lambda f: self.sum_of(where(field("weight") > 0, field("weight") * f(field("z")), 0), case)

    def over_draws(self, case: str, draws: int = DRAWS) -> Callable:
        """mean_of(f) for one case, by the values of equal probability, or by so many rows of noise."""
        return lambda f: self.sum_of(f(field("draw")) / draws, case)

    def sum_of(self, integrand, case: str):
        """The field that holds the sum of the integrand over all rows."""
        integrands = self.cases.setdefault(case, [])
        if (written := text(integrand)) not in integrands:
            integrands.append(written)
        return field(f"sum{integrands.index(written)}")

    def summed(self, rows: alt.Chart) -> alt.Chart:
        """The one row with all sums."""
        fields = {}
        for k in range(max(map(len, self.cases.values()))):
            kth = {case: signal(integrands[k]) for case, integrands in self.cases.items() if k < len(integrands)}
            fields[f"sum{k}"] = chosen(self.choice, kth)
        return let(rows, **fields).transform_aggregate(**{name: f"sum({name})" for name in fields})


def chosen(choice: str, cases: dict):
    """The formula of the case that the parameter `choice` names. There is no last case that takes what is left: NaN."""
    written = "NaN"
    for case, formula in reversed(cases.items()):
        written = f"{choice} == '{case}' ? {text(formula)} : {written}"
    return signal(f"({written})")
