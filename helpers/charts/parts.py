"""Parts that every live chart is made of: rows of data, sliders, the line of numbers above the picture.

Nothing that a control moves stands above a flatten or a fold: they make new rows at every move, and Vega keeps the
marks of the old ones. So a series is a layer (`series`), and the numbers, whose marks have a key, are the one exception.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import altair as alt
import numpy as np
from torch import Tensor

from helpers.colors import CRASH, NEUTRAL, SERIES, P, Q
from helpers.namespace import field, maximum, text

SIDE = 280  # pixels: two square views fit a page's column side by side without being scaled
OUTCOMES = ("left", "right", "wait")  # of the PMFs small enough to set by hand
WIDE = 2 * SIDE + 90  # a single view as wide as the column
GUIDE = {"color": NEUTRAL, "strokeDash": [4, 3]}  # how a line looks that only guides the eye
GUESSED = "isValid(guess)"
DOT = {"filled": True, "size": 100, "opacity": 1}  # how the reader's own point looks


def rows(*values: dict) -> alt.Chart:
    """A chart whose data are these rows."""
    return alt.Chart(alt.Data(values=list(values)))


def one(**formulas) -> alt.Chart:
    """A chart of one row with these fields."""
    return let(rows({"one": 1}), **formulas)


def line(name: str, low: float, high: float, cells: int) -> alt.Chart:
    """Rows i = 0 .. cells, whose field of that name goes from low to high."""
    return let(counted(cells + 1), **{name: low + field("i") * ((high - low) / cells)})


def counted(n: int) -> alt.Chart:
    """Rows i = 0 .. n - 1."""
    return alt.Chart(alt.sequence(0, n, as_="i"))


def let(chart: alt.Chart, **formulas) -> alt.Chart:
    """More fields for each row, each a formula in the chart's names, or its text. One step: none sees another."""
    return chart.transform_calculate(**{name: written(formula) for name, formula in formulas.items()})


def written(formula) -> str:
    """The text of a formula; text as it is."""
    return formula if isinstance(formula, str) else text(formula)


def together(data: alt.Chart, *layers: alt.Chart) -> alt.LayerChart:
    """Layers that share the rows of `data`: its transforms are written, and run, once."""
    return alt.layer(*layers, data=data.data, transform=data.transform)


def series(data: alt.Chart, words: Mapping[str, str], layer: Callable[[alt.Chart, str], alt.Chart]) -> alt.LayerChart:
    """A layer for each field of the rows, `layer(chart, field)`; a field `series` holds the words of each."""
    constant = lambda field: let(alt.Chart(), series=json.dumps(words[field], ensure_ascii=False))
    return together(data, *(layer(constant(field), field) for field in words))


def series_color(words: Mapping[str, str]) -> alt.Color:
    """A colour for each of `series`, with a legend above the picture."""
    legend = alt.Legend(orient="top", title=None, labelLimit=300, symbolStrokeWidth=3)
    return alt.Color("series:N", legend=legend).scale(domain=list(words.values()), range=list(SERIES))


class Readout(NamedTuple):
    """A number above a picture, in expressions: its value, and its format in d3's words such as ".3f"; where the format is
    empty, the text that is shown."""

    value: str
    digits: str = '""'
    shown: str = "null"


def number(value, digits: str) -> Readout:
    """A formula's value in a format; infinity is shown as a sign, NaN as a dash."""
    return Readout(written(value), json.dumps(digits))


def nats(value) -> Readout:
    """A divergence, which rounding must not make negative."""
    return number(maximum(0, value), ".3f")


def words(value, shown: str) -> Readout:
    """A formula's value, and the expression of the text that is shown for it."""
    return Readout(written(value), shown=shown)


def percent(value) -> Readout:
    """A share in per cent."""
    return words(value, f"format(100 * {written(value)}, '.1f') + ' %'")


def once(condition: str, known: Readout) -> Readout:
    """A question mark until the condition holds."""
    hidden = Readout("'?'", '""', "'?'")
    return Readout(*(f"{condition} ? {own} : {other}" for own, other in zip(known, hidden, strict=True)))


def after_the_guess(known: Readout) -> Readout:
    """A question mark until the reader has guessed."""
    return once(GUESSED, known)


def readouts(data: alt.Chart, *lines: dict[str, Readout]) -> alt.LayerChart | alt.VConcatChart:
    """Lines of numbers by their names, from the one row of the data."""
    shown = [readout_line(data, values) for values in lines]
    return shown[0] if len(shown) == 1 else alt.vconcat(*shown, spacing=0)


def readout_line(data: alt.Chart, values: dict[str, Readout]) -> alt.LayerChart:
    """One line of `readouts`."""
    array = lambda expressions: f"[{', '.join(expressions)}]"
    fields = {"readout": json.dumps(list(values), ensure_ascii=False)}
    fields |= {name: array(getattr(own, name) for own in values.values()) for name in ("digits", "value", "shown")}
    plain = "isFinite(datum.value) ? format(datum.value, datum.digits) : isNaN(datum.value) ? '–' : '∞'"
    table = let(let(data, **fields).transform_flatten(list(fields)), shown=f"datum.digits ? {plain} : datum.shown")
    place = alt.X("readout:N", sort=list(values), axis=None).scale(paddingOuter=0)
    name = alt.Chart().mark_text(fontSize=11, dy=-13).encode(x=place, text="readout:N", key="readout:N")
    value = alt.Chart().mark_text(fontSize=20, fontWeight=600, dy=9).encode(x=place, text="shown:N", key="readout:N")
    return together(table, name, value).properties(width=WIDE - 10, height=44, view=alt.ViewConfig(stroke=None))


def axis(channel: type, title: str | None, low: float | None = None, high: float | None = None) -> Callable:
    """The encoding of a field, axis("x") for the field x: alt.X or alt.Y, its ends fixed if they are given."""

    def encoded(name: str) -> alt.X | alt.Y:
        place = channel(f"{name}:Q", title=title)
        place = place.stack(None) if channel is alt.Y else place
        return place if low is None else place.scale(domain=[low, high], nice=False)

    return encoded


def wide(picture: alt.Chart | alt.LayerChart, title: str, height: int = 240) -> alt.Chart | alt.LayerChart:
    """A single view as wide as the column."""
    return picture.properties(width=WIDE - 50, height=height, title=title)


def pair(*views: tuple[alt.Chart | alt.LayerChart, str], height: int = SIDE - 60) -> alt.HConcatChart:
    """Two views side by side, each with its title."""
    return alt.hconcat(*(view.properties(width=SIDE, height=height, title=title) for view, title in views))


class Guess(NamedTuple):
    """What a reader is asked, and the line that says whether the guess was right."""

    param: alt.Parameter
    verdict: alt.Chart


def sheet(
    numbers: alt.TopLevelMixin, picture: alt.TopLevelMixin, *asked: alt.Parameter | Guess, **concat
) -> alt.VConcatChart:
    """The whole chart: its numbers above its picture, between them whether a guess was right, and its controls."""
    verdicts = [one.verdict for one in asked if isinstance(one, Guess)]
    params = [one.param if isinstance(one, Guess) else one for one in asked]
    above = alt.vconcat(numbers, *verdicts, spacing=4) if verdicts else numbers
    whole = alt.vconcat(above, picture, **concat).add_params(*params).configure_mark(aria=False)
    return whole.resolve_legend(color="independent")


def param(name: str, formula) -> alt.Parameter:
    """A number that follows from the controls, computed once a move."""
    return alt.param(name=name, expr=written(formula))


def slider(name: str, label: str, value: float, low: float, high: float, step: float) -> alt.Parameter:
    """A parameter with a slider; `label` is what the page shows."""
    return alt.param(name=name, value=value, bind=alt.binding_range(min=low, max=high, step=step, name=label))


def another_run(first: int = 1) -> alt.Parameter:
    """The slider of the seed of pseudo-random draws."""
    return slider("seed", "another run", first, 1, 50, 1)


def choice(name: str, label: str, options: Iterable | Mapping[Any, str], value) -> alt.Parameter:
    """Radio buttons: `options` are the values, or maps each value to its words."""
    words = {"labels": list(options.values())} if isinstance(options, Mapping) else {}
    return alt.param(name=name, value=value, bind=alt.binding_radio(options=list(options), name=label, **words))


def recorded() -> alt.Parameter:
    """What the page has recorded of a lab for the chart's choices, {name: whole numbers in lists}: it comes with the page,
    book/builder/recordings.py, and changes with the choices, book/scripts/recording.js."""
    return alt.param(name="recorded", value=None)


def guess(question: str, options: Mapping[str, str], right: str, when: str = "true") -> Guess:
    """Radio buttons of which none is chosen yet, in every home of a notebook: what the reader expects.

    right: the option that is; it is said once the reader has guessed, and `when` holds. Filter by GUESSED what gives the
    answer away, and draw the guess beside it.
    """
    words = {"options": list(options), "labels": list(options.values())}
    param = alt.param(name="guess", value=None, bind=alt.binding_radio(name=question, **words))
    judged = f"guess == '{right}' ? 'Right' : 'Not quite'"
    said = one(middle=0.5, said=f"({judged}) + ': {options[right]}.'").transform_filter(f"{GUESSED} && {when}")
    place = alt.X("middle:Q", axis=None).scale(domain=[0, 1])
    verdict = said.mark_text(fontSize=13, fontWeight=600).encode(x=place, text="said:N")
    return Guess(param, verdict.properties(width=WIDE - 10, height=16, view=alt.ViewConfig(stroke=None)))


def waiting(**place) -> alt.Chart:
    """Words at that place until the reader has guessed, where the answer will stand."""
    words = one(**place, text="'Guess first: it appears here.'").transform_filter(f"!{GUESSED}")
    return words.mark_text(fontSize=12).encode(text="text:N")


def told_guess(options: Mapping[str, str] | str = "guess", down: float = 12, right: float | str = "width") -> alt.Chart:
    """What the reader has guessed, in words that end so many pixels down and to the right in their view.

    options: {guess: its words}, or the expression of the words.
    """
    words = options if isinstance(options, str) else f"{json.dumps(options)}[guess]"
    told = one(text=f"'your guess: ' + {words}").transform_filter(GUESSED)
    told = told.mark_text(align="right", fontSize=12, dx=-4)
    return told.encode(text="text:N", x=alt.value(right), y=alt.value(down))


def guessed(places: Mapping[str, float]) -> alt.Chart:
    """A dotted rule at the `place` of what the reader has guessed: {guess: place}."""
    marks = rows(*({"place": place, "of": name} for name, place in places.items()))
    marks = marks.transform_filter("datum.of == guess")
    return marks.mark_rule(color=CRASH, strokeWidth=3, strokeDash=[2, 4], clip=True)


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


def rounded(tensor: Tensor, digits: int) -> list:
    """Its numbers, so many decimals, so that a page stays small."""
    return np.round(tensor.detach().double().numpy(), digits).tolist()


def noise(n: int, columns: dict[str, Tensor], decimals: int = 3) -> alt.InlineData:
    """Rows i = 0..n-1 with columns of fixed random numbers, (n,) or (n, k); held once, however many layers draw them."""
    short = {name: rounded(column, decimals) for name, column in columns.items()}
    return alt.InlineData(values=[{"i": i, **{name: column[i] for name, column in short.items()}} for i in range(n)])
