"""Parts that every live chart is made of: rows of data, sliders, the line of numbers above the picture.

Nothing that a control moves stands above a flatten or a fold: they make new rows at every move, and Vega keeps the
marks of the old ones. So a series is a layer (`series`), and the numbers, whose marks have a key, are the one exception.
"""

import json
from collections.abc import Callable, Iterable, Mapping

import altair as alt
import numpy as np
from torch import Tensor

from helpers.colors import NEUTRAL, SERIES, P, Q

SIDE = 280  # pixels: two square views fit a page's column side by side without being scaled
OUTCOMES = ("left", "right", "wait")  # of the PMFs small enough to set by hand
WIDE = 2 * SIDE + 90  # a single view as wide as the column


def rows(*values: dict) -> alt.Chart:
    """A chart whose data are these rows."""
    return alt.Chart(alt.Data(values=list(values)))


def together(data: alt.Chart, *layers: alt.Chart) -> alt.LayerChart:
    """Layers that share the rows of `data`: its transforms are written, and run, once."""
    return alt.layer(*layers, data=data.data, transform=data.transform)


def series(data: alt.Chart, words: Mapping[str, str], layer: Callable[[alt.Chart, str], alt.Chart]) -> alt.LayerChart:
    """A layer for each field of the rows, `layer(chart, field)`; a field `series` holds the words of each."""
    constant = lambda field: alt.Chart().transform_calculate(series=json.dumps(words[field], ensure_ascii=False))
    return together(data, *(layer(constant(field), field) for field in words))


def series_color(words: Mapping[str, str]) -> alt.Color:
    """A colour for each of `series`, with a legend above the picture."""
    legend = alt.Legend(orient="top", title=None, labelLimit=300, symbolStrokeWidth=3)
    return alt.Color("series:N", legend=legend).scale(domain=list(words.values()), range=list(SERIES))


def readouts(data: alt.Chart, values: dict[str, tuple[str, str]]) -> alt.LayerChart:
    """A row of numbers: values maps a name to (expression of the value, expression of what is shown)."""
    names = list(values)
    one_of = lambda which: "[" + ", ".join(f"({values[name][which]})" for name in names) + "]"
    table = data.transform_calculate(
        readout=json.dumps(names, ensure_ascii=False), value=one_of(0), shown=one_of(1)
    ).transform_flatten(["readout", "value", "shown"])
    place = alt.X("readout:N", sort=names, axis=None).scale(paddingOuter=0)
    name = alt.Chart().mark_text(fontSize=11, dy=-13).encode(x=place, text="readout:N", key="readout:N")
    value = alt.Chart().mark_text(fontSize=20, fontWeight=600, dy=9).encode(x=place, text="shown:N", key="readout:N")
    return together(table, name, value).properties(width=WIDE - 10, height=44, view=alt.ViewConfig(stroke=None))


def number(value: str, digits: str) -> tuple[str, str]:
    """An entry of `readouts`: the expression of a value, and of its text in a format of d3 such as ".3f"."""
    return value, f"format({value}, '{digits}')"


def nats(value: str) -> tuple[str, str]:
    """An entry of `readouts` for a divergence: infinity as a sign, a dash where there is no number."""
    return value, f"isNaN({value}) ? '–' : !isFinite({value}) ? '∞' : format(max(0, {value}), '.3f')"


def wide(picture: alt.Chart | alt.LayerChart, title: str, height: int = 240) -> alt.Chart | alt.LayerChart:
    """A single view as wide as the column."""
    return picture.properties(width=WIDE - 50, height=height, title=title)


def sheet(numbers: alt.LayerChart, picture: alt.TopLevelMixin, *params: alt.Parameter, **concat) -> alt.VConcatChart:
    """The whole chart: its numbers above its picture, and its controls."""
    return alt.vconcat(numbers, picture, **concat).add_params(*params).configure_mark(aria=False)


def slider(name: str, label: str, value: float, low: float, high: float, step: float) -> alt.Parameter:
    """A parameter with a slider; `label` is what the page shows."""
    return alt.param(name=name, value=value, bind=alt.binding_range(min=low, max=high, step=step, name=label))


def choice(name: str, label: str, options: Iterable[str] | Mapping[str, str], value: str) -> alt.Parameter:
    """Radio buttons: `options` are the values, or maps each value to its words."""
    words = {"labels": list(options.values())} if isinstance(options, Mapping) else {}
    return alt.param(name=name, value=value, bind=alt.binding_radio(options=list(options), name=label, **words))


def pmf_bars(pmfs: alt.Chart) -> alt.LayerChart:
    """Two PMFs over OUTCOMES, side by side: one row each with outcome, p (green) and q (magenta)."""
    outcome = alt.X("outcome:N", sort=list(OUTCOMES), title=None, axis=alt.Axis(labelAngle=0))
    probability = lambda field: alt.Y(f"{field}:Q", title="probability").scale(domain=[0, 1])
    color = alt.Color("series:N", legend=None).scale(domain=["p", "q"], range=[P, Q])
    bars = lambda chart, field: chart.mark_bar().encode(
        x=outcome, xOffset=alt.XOffset("series:N").scale(domain=["p", "q"]), y=probability(field), color=color
    )
    ground = rows({"value": 0}).mark_rule(color=NEUTRAL).encode(y="value:Q")
    return alt.layer(series(pmfs, {"p": "p", "q": "q"}, bars), ground)


def noise(n: int, columns: dict[str, Tensor], decimals: int = 3) -> alt.Data:
    """Rows i = 0..n-1 with columns of fixed random numbers, (n,) or (n, k), rounded so that a page stays small."""
    rounded = {name: np.round(column.double().numpy(), decimals).tolist() for name, column in columns.items()}
    return alt.Data(values=[{"i": i, **{name: column[i] for name, column in rounded.items()}} for i in range(n)])
