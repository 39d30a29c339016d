"""The live chart in which a reader draws demonstrations, and every kind of head is fitted to them at once.

The formulas are those of helpers/theory/handful.py, called with the chart's names.
"""

import math

import altair as alt
import torch

from helpers import validate
from helpers.charts import parts, scene
from helpers.charts.parts import let
from helpers.colors import P
from helpers.namespace import exp, field, floor, maximum, signal, where
from helpers.page.live import live_chart
from helpers.robot.cup_and_tray import GATES, HALF_WIDTH, hits
from helpers.theory import handful

DRAWS, SHOWN = 100, 40  # of each head; and of them in the picture
SIDE, HEIGHT = 140, 92  # pixels of a small scene
EXAMPLES = {
    "even": [(-0.55, -0.6), (0.6, 0.55), (-0.65, -0.6), (0.55, 0.65), (-0.6, -0.5), (0.65, 0.6)],
    "uneven": [(-0.6, -0.65), (-0.55, -0.6), (0.6, 0.6), (-0.7, -0.6), (-0.6, -0.55)],
    "one side": [(0.5, 0.7), (0.7, 0.5), (0.6, 0.65)],
}
WORDS = {"own": "your own", "even": "three on each side", "uneven": "four left, one right", "one side": "all right"}


def noise() -> list[alt.Parameter]:
    """Arrays of fixed noise for the draws: two normals, two uniforms, and two stratified ranks that pick demonstrations."""
    generator = torch.Generator().manual_seed(5)
    normal = torch.randn(2, DRAWS, generator=generator)
    uniform = torch.rand(2, DRAWS, generator=generator)
    ranks = [(torch.randperm(DRAWS, generator=generator) + 0.5) / DRAWS for _ in range(2)]
    names = ("z1", "z2", "r1", "r2", "pick1", "pick2")
    columns = zip(names, (*normal, *uniform, *ranks), strict=True)
    return [alt.param(name=name, value=parts.rounded(column, 3)) for name, column in columns]


def demonstration(k, gate: int):
    """The offset of demonstration k at a gate, 0 or 1: the array holds x1, x2, x1, x2 ..."""
    return signal("drawn")[2 * k + gate]


def each_with_each() -> alt.Chart:
    """A row for every draw `i` with every demonstration `k`, with the fit to all of them."""
    rows = let(parts.counted(DRAWS * handful.MOST), draw=floor(field("i") / handful.MOST), k=field("i") % handful.MOST)
    rows = rows.transform_filter("datum.k < count")
    rows = let(rows, a1=demonstration(field("k"), 0), a2=demonstration(field("k"), 1))
    a1, a2 = field("a1"), field("a2")
    passed = where(hits(a1, a2, HALF_WIDTH), 0, 1)
    rows = let(rows, product=a1 * a2, left=passed * where(a1 < 0, 1, 0), right=passed * where(a1 > 0, 1, 0))
    sums = {"mean1": "mean(a1)", "mean2": "mean(a2)", "median1": "median(a1)", "median2": "median(a2)"}
    sums |= {"variance1": "variancep(a1)", "variance2": "variancep(a2)", "moment": "mean(product)"}
    sums |= {"shown_left": "mean(left)", "shown_right": "mean(right)"}
    rows = rows.transform_joinaggregate(groupby=["draw"], **sums)
    return let(rows, covariance=field("moment") - field("mean1") * field("mean2"))


def flowed(rows: alt.Chart) -> alt.Chart:
    """Fields flow1 and flow2: where the flow carries the noise of each draw, with the exact velocity of the demonstrations."""
    n, a1, a2 = handful.STEPS, field("a1"), field("a2")
    rows = let(rows, x0=signal("z1")[field("draw")], y0=signal("z2")[field("draw")])
    for step in range(n):
        t, x, y = 1 - step / n, field(f"x{step}"), field(f"y{step}")
        rows = let(rows, log_weight=handful.log_weight(x, y, a1, a2, t))
        rows = rows.transform_joinaggregate(groupby=["draw"], largest="max(log_weight)")
        rows = let(rows, weight=exp(field("log_weight") - field("largest")))
        rows = let(rows, w1=field("weight") * a1, w2=field("weight") * a2)
        rows = rows.transform_joinaggregate(groupby=["draw"], sum="sum(weight)", sum1="sum(w1)", sum2="sum(w2)")
        after = [handful.euler(u, field(f"sum{g}") / field("sum"), t, n) for u, g in ((x, 1), (y, 2))]
        rows = let(rows, **{f"x{step + 1}": after[0], f"y{step + 1}": after[1]})
    return rows.transform_filter("datum.k == 0")


def answers() -> alt.Chart:
    """A row for each draw, with the fit, its noise and what the flow makes of it."""
    draw, count = field("draw"), signal("count")
    rows = let(flowed(each_with_each()), **{name: signal(name)[draw] for name in ("z1", "z2", "r1", "r2")})
    picked = [floor(signal(name)[draw] * count) for name in ("pick1", "pick2")]
    rows = let(rows, p1=demonstration(picked[0], 0), p2=demonstration(picked[0], 1), b2=demonstration(picked[1], 1))
    return let(rows, a1=field("p1"), a2=field("p2"), flow1=field(f"x{handful.STEPS}"), flow2=field(f"y{handful.STEPS}"))


def small_scene(kind: handful.Kind) -> alt.VConcatChart:
    """The paths of a head; below them how many crash, and what it has lost of what was shown."""
    *sums, _ = map(field, handful.Fit._fields)
    fit = handful.Fit(*sums, width=signal("width"))
    x1, x2 = kind.answer(fit, handful.Noise(*map(field, handful.Noise._fields)))
    acted = scene.with_outcome(let(alt.Chart(), x1=x1, x2=x2), HALF_WIDTH)
    paths = acted.transform_filter(f"datum.draw < {SHOWN}")
    paths = scene.paths(paths, scene.OUTCOME, HALF_WIDTH, "draw", strokeWidth=1.2, opacity=0.6)
    side = lambda name: f"datum.crash || {name} ? 0 : 1"
    counted = let(acted, off="datum.crash ? 1 : 0", l=side("datum.x1 > 0"), r=side("datum.x1 < 0"))
    counted = counted.transform_aggregate(
        off="mean(off)", l="mean(l)", r="mean(r)", shown_left="mean(shown_left)", shown_right="mean(shown_right)"
    )
    lost = maximum(0, field("shown_left") - field("l")) + maximum(0, field("shown_right") - field("r"))
    lost = where(field("shown_left") + field("shown_right") > 0, lost, math.nan)  # nothing that passes, nothing to lose
    told = [
        number(counted, f"{kind.words}: crash", "crash", field("off"), 0, 33),
        number(counted, f"{kind.words}: lost", "lost", lost, SIDE / 2 + 3, 26),
    ]
    bare = scene.obstacle(HALF_WIDTH).encode(x=scene.lateral().axis(None))
    picture = alt.layer(bare, paths).properties(width=SIDE, height=HEIGHT, title=kind.words)
    return alt.vconcat(
        picture, alt.layer(*told, view=alt.ViewConfig(stroke=None)).properties(width=SIDE, height=14), spacing=3
    )


def number(rows: alt.Chart, name: str, words: str, value, x: float, gap: float) -> alt.LayerChart:
    """A share, `gap` pixels after its word, which begins x pixels from the left."""
    rows = let(rows, readout=f"'{name}'", value=value, word=f"'{words}'")
    rows = let(rows.transform_filter("isValid(datum.value)"), shown="format(100 * datum.value, '.0f') + ' %'")
    mark = lambda dx, **look: (
        alt.Chart().mark_text(align="left", dx=dx, fontSize=11, **look).encode(x=alt.value(x), key="readout:N")
    )
    return parts.together(rows, mark(0).encode(text="word:N"), mark(gap, fontWeight=600).encode(text="shown:N"))


def sheet_of_paper() -> alt.LayerChart:
    """The scene on which a reader draws, with what is demonstrated."""
    k = field("i")
    rows = parts.counted(handful.MOST).transform_filter("datum.i < count")
    rows = scene.with_outcome(let(rows, x1=demonstration(k, 0), x2=demonstration(k, 1)), HALF_WIDTH)
    paths = scene.paths(rows, alt.value(P), HALF_WIDTH, "i", strokeWidth=2, opacity=0.9)
    whole = parts.one(x=-scene.EXTENT, x2=scene.EXTENT, y=scene.FORWARD[0], y2=scene.FORWARD[1])
    paper = whole.mark_rect(opacity=0).encode(x=scene.lateral(), x2="x2", y=scene.forward(), y2="y2")
    empty = parts.one(x=-scene.EXTENT, y=0.85).transform_filter("count == 0")
    hint = let(empty, text="'Pull the ring to the tray.'").mark_text(align="left", dx=12, fontSize=13)
    hint = hint.encode(x=scene.lateral(), y=scene.forward(), text="text:N")
    return alt.layer(scene.surroundings(HALF_WIDTH), paths, hint, paper.properties(name="paper"))


SKETCH = {
    "mark": "paper",
    "into": "own",
    "x": [-scene.EXTENT, scene.EXTENT],
    "y": scene.FORWARD,
    "gates": GATES,
    "most": handful.MOST,
}


@live_chart(sketch=SKETCH)
def your_demonstrations(demonstrations: torch.Tensor | None = None) -> alt.VConcatChart:
    """Demonstrations round an obstacle, and eight small scenes: what each kind of policy head does that is fitted to them. In
    each of them, of 100 draws, how many crash, and how much of what was shown on the left and on the right it no longer
    does. On a page of the book you draw demonstrations of your own. As it opens, three pass on each side: squared error
    crashes always, autoregressive bins never.

    demonstrations: your own, (n, 2), n <= 30. Raises ValueError for other shapes and for numbers that are not finite.
    """
    own = [] if demonstrations is None else checked(demonstrations)
    minis = [small_scene(kind) for kind in handful.KINDS.values()]
    halves = [alt.concat(*half, columns=2, spacing=14) for half in (minis[:4], minis[4:])]
    rows = answers()
    small = alt.hconcat(*halves, data=rows.data, transform=rows.transform, spacing=14)
    flat = {name: [x for pair in pairs for x in pair] for name, pairs in EXAMPLES.items()}
    params = [
        parts.choice("whose", "demonstrations", WORDS, "own" if own else "even"),
        parts.slider("width", "width of bins and bells", 0.1, 0.05, 0.4, 0.05),
        alt.param(name="examples", value=flat),
        alt.param(name="own", value=own),
        parts.param("drawn", "whose == 'own' ? own : examples[whose]"),
        parts.param("count", f"min({handful.MOST}, floor(length(drawn) / 2))"),
        *noise(),
    ]
    paper = parts.wide(sheet_of_paper(), "The demonstrations", 220)
    return parts.sheet(paper, small, *params)


def checked(demonstrations: torch.Tensor) -> list[float]:
    """x1, x2, x1, x2 ... of the demonstrations."""
    demonstrations = validate.finite("demonstrations", demonstrations, last=2)
    if demonstrations.ndim != 2 or not 1 <= len(demonstrations) <= handful.MOST:
        raise ValueError(
            f"demonstrations has shape {tuple(demonstrations.shape)}; expected (n, 2), n from 1 to {handful.MOST}. "
            "Pass one action a row."
        )
    return parts.rounded(demonstrations.flatten(), 3)
