"""The live charts of notebook 03: a betting game, cross-entropy as areas, what a loss means, temperature, calibration, bins."""

import math
from itertools import pairwise

import altair as alt
from torch import Tensor

from helpers.charts import parts
from helpers.charts.parts import let
from helpers.charts.uniforms import with_uniforms
from helpers.colors import CRASH, NEUTRAL, SERIES, P, Q
from helpers.namespace import exp, field, floor, log, maximum, minimum, signal, sin, where
from helpers.page.live import live_chart
from helpers.theory.densities import mass
from helpers.theory.information import log_sigmoid, sigmoid, surprise
from helpers.theory.optima import gaussian_entropy

LOGITS = (2.0, 1.6, 1.0, 0.5, 0.0, -0.5, -1.0, -2.0)
DEMONSTRATOR = (0.7, 0.3)  # who is bet on: left, right, and it never waits
ROUNDS = 20
FLOOR = sum(surprise(p, p) for p in DEMONSTRATOR)
LANES = {"left": 2, "right": 1, "wait": 0}
PIECES = {"p": (0.5, 0.8), "q": (0.25, 0.5)}  # where left and right end on the strips of `rectangles`, as it opens
HEIGHT = 3.2  # of its axis, in nats
EVERY = 5  # steps of `loss_curves` from one point to the next
CLIMBS = {"below": "below the floor", "at": "near the floor", "above": "far above it"}
MOST_DOUBLINGS = 9  # of the number of bins
STARTS = 200  # places of the cup, in `calibration`
SLOPE = 4.0  # how quickly the demonstrator becomes sure


def edges(pmf: str) -> tuple:
    """Where left, right and wait begin and end on a strip of length 1 that is cut at two places, the parameters pmf1 and pmf2."""
    first, second = signal(f"{pmf}1"), signal(f"{pmf}2")
    return 0, first, maximum(first, second), 1


def shares(pmf: str) -> dict:
    """The PMF that the strip of `edges` is cut into."""
    return {name: high - low for name, (low, high) in zip(parts.OUTCOMES, pairwise(edges(pmf)), strict=True)}


def strip(pmf: str, color: str, title: str) -> alt.LayerChart:
    """The strip of `edges`, with its shares written on it and two handles to drag, named pmf1 and pmf2."""
    x = lambda name: parts.axis(alt.X, title, 0, 1)(name).axis(format="%", tickCount=10)
    layers = []
    for k, (outcome, (low, high)) in enumerate(zip(parts.OUTCOMES, pairwise(edges(pmf)), strict=True)):
        piece = let(parts.one(low=low, high=high), middle=(field("low") + field("high")) / 2)
        piece = let(piece, share=field("high") - field("low"))
        piece = let(piece, long=f"'{outcome} ' + format(datum.share, '.0%')", short=f"'{outcome}'")
        bar = piece.mark_bar(color=color, opacity=(0.75, 0.5, 0.25)[k]).encode(x=x("low"), x2="high")
        layers.append(bar)
        for words, least, most in (("short", 0.12, 0.3), ("long", 0.3, 1)):
            said = piece.transform_filter(f"datum.share > {least} && datum.share <= {most}")
            layers.append(said.mark_text(fontSize=12, fontWeight=600).encode(x=x("middle"), text=f"{words}:N"))
    handles = [
        parts.one(place=f"{pmf}{k}")
        .mark_rule(color=color, strokeWidth=5)
        .encode(x=x("place"))
        .properties(name=f"{pmf}{k}")
        for k in (1, 2)
    ]
    return alt.layer(*layers, *handles).properties(width=parts.WIDE - 50, height=38)


def sliders_of(pmf: str, whose: str, opening: tuple[float, float]) -> list[alt.Parameter]:
    """The sliders of the two places where a strip is cut."""
    words = ("left up to", "right up to")
    return [parts.slider(f"{pmf}{k + 1}", f"{whose}{words[k]}", opening[k], 0, 1, 0.01) for k in (0, 1)]


@live_chart(drag={"bet1": {"x": "bet1"}, "bet2": {"x": "bet2"}}, play={"rounds": 14})
def bet() -> alt.VConcatChart:
    """A match of twenty rounds. You split 100 % over left, right and wait; the demonstrator moves, and you pay -log of the share
    that you gave to each move. As it opens, five rounds with about a third on each: a move costs about 1.1 nats. What the
    best split would pay on average, 0.611, is shown after the last round of a second match.
    """
    i = field("i")
    rows = with_uniforms(parts.counted(ROUNDS), "u").transform_filter("datum.i < rounds")
    gave = shares("bet")
    went = field("u") < DEMONSTRATOR[0]
    rows = let(
        rows, lane=where(went, LANES["left"], LANES["right"]), paid=-log(where(went, gave["left"], gave["right"]))
    )
    rows = rows.transform_window(total="sum(paid)", sort=[alt.SortField("i")], frame=[None, 0])
    rows = let(rows, round=i + 1, average=field("total") / (i + 1), left=where(went, 1, 0))
    x = parts.axis(alt.X, "round", 0, ROUNDS + 0.5)
    lane, nats = parts.axis(alt.Y, None, -0.6, 2.6), parts.axis(alt.Y, "nats a round, on average", 0, 4)
    names = parts.rows(*({"place": 0.2, "lane": place, "name": name} for name, place in LANES.items()))
    names = names.mark_text(align="left", dy=-14, fontSize=11)
    dearer = alt.Size("paid:Q", legend=None).scale(domain=[0, 3], range=[10, 420], clamp=True)
    moves = rows.mark_circle(color=P, opacity=0.85).encode(x=x("round"), y=lane("lane"), size=dearer)
    endless = rows.transform_filter("!isFinite(datum.paid)").mark_text(
        text="∞", color=CRASH, fontSize=15, fontWeight=600
    )
    endless = endless.encode(x=x("round"), y=lane("lane"))
    moves = alt.layer(endless, names.encode(x=x("place"), y=lane("lane").axis(None), text="name:N"), moves)
    finite = rows.transform_filter("isFinite(datum.average)")
    line = finite.mark_line(color=Q, strokeWidth=2.5, clip=True, point={"color": Q}).encode(
        x=x("round"), y=nats("average")
    )
    over = f"(rounds == {ROUNDS} && seed > 1)"  # not before the reader has bet twice
    best = parts.one(floor=FLOOR).transform_filter(over).mark_rule(strokeWidth=2, **parts.GUIDE)
    summed = rows.transform_aggregate(rounds="count()", total="sum(paid)", left="sum(left)", last="argmax(i)")
    numbers = {
        "left": parts.number(field("left"), "d"),
        "right": parts.number(field("rounds") - field("left"), "d"),
        "paid last": parts.number("datum.last.paid", ".3f"),
        "average": parts.number(field("total") / field("rounds"), ".3f"),
        "the floor": parts.once(over, parts.number(FLOOR, ".3f")),
    }
    return parts.sheet(
        parts.readouts(summed, numbers),
        alt.vconcat(
            strip("bet", Q, "your bet: drag the two edges"),
            parts.pair(
                (moves, "The moves; a larger dot cost more"),
                (alt.layer(line, best.encode(y=nats("floor"))), "What you pay on average"),
                height=parts.SIDE - 100,
            ),
        ),
        *sliders_of("bet", "bet on ", (0.33, 0.67)),
        parts.slider("rounds", "rounds", 5, 1, ROUNDS, 1),
        parts.another_run(),
    )


@live_chart(drag={f"{pmf}{k}": {"x": f"{pmf}{k}"} for pmf in "pq" for k in (1, 2)})
def rectangles() -> alt.VConcatChart:
    """Cross-entropy as an area. For each of left, right and wait a rectangle as wide as p gives it, and as high as -log q; a line
    at -log p. As it opens, p is 0.5, 0.3, 0.2 and q is 0.25, 0.25, 0.5: H(p) 1.030, H(p, q) 1.248, excess 0.218 nats.
    Where q is zero and p is not, the rectangle has no top.
    """
    p, q = map(shares, "pq")
    x, y = (
        (lambda name: parts.axis(alt.X, "width: p, how often it happens", 0, 1)(name).axis(tickCount=10)),
        parts.axis(alt.Y, "height: surprise, nats", 0, HEIGHT),
    )
    cost = lambda share: minimum(HEIGHT, -log(share))
    layers = []
    for outcome, (left, right) in zip(parts.OUTCOMES, pairwise(edges("p")), strict=True):
        heights = {"top": cost(q[outcome]), "own": cost(p[outcome]), "full": -log(q[outcome])}
        row = parts.one(left=left, right=right, zero=0, **heights).transform_filter("datum.right > datum.left")
        area = row.mark_rect(color=Q, opacity=0.3, stroke=Q).encode(x=x("left"), x2="right", y=y("zero"), y2="top")
        more = row.mark_rect(color=CRASH, opacity=0.35).transform_filter("datum.top > datum.own")
        more = more.encode(x=x("left"), x2="right", y=y("own"), y2="top")
        own = row.mark_rule(color=P, strokeWidth=3).encode(x=x("left"), x2="right", y=y("own"))
        endless = let(
            row.transform_filter("!isFinite(datum.full)"), middle=(field("left") + field("right")) / 2, high=2.9
        )
        endless = endless.mark_text(text="∞ ↑", fontSize=18, fontWeight=600).encode(x=x("middle"), y=y("high"))
        layers += [area, more, own, endless]
    add = lambda a, b: sum(surprise(a[outcome], b[outcome]) for outcome in parts.OUTCOMES)
    numbers = {
        "entropy H(p)": parts.number(field("hpp"), ".3f"),
        "cross-entropy H(p, q)": parts.number(field("hpq"), ".3f"),
        "excess": parts.number(maximum(0, field("hpq") - field("hpp")), ".3f"),
    }
    picture = alt.vconcat(
        parts.wide(alt.layer(*layers), "Under the green lines H(p), under the pink tops H(p, q)", 200),
        strip("p", P, "p, the demonstrator: drag the edges"),
        strip("q", Q, "q, the policy: drag the edges"),
    )
    return parts.sheet(
        parts.readouts(parts.one(hpp=add(p, p), hpq=add(p, q)), numbers),
        picture,
        *sliders_of("p", "p: ", PIECES["p"]),
        *sliders_of("q", "q: ", PIECES["q"]),
    )


@live_chart(play={"step": 6})
def loss_curves(honest: Tensor, memoriser: Tensor) -> alt.VConcatChart:
    """Two policies learn from the same forty demonstrations, 70 % left and 30 % right: an honest one, and one that can tell the
    demonstrations apart. The training loss of each, step by step, and the floor at 0.611. The loss on fresh
    demonstrations is shown once you have guessed where that of the memoriser goes.

    honest, memoriser: (steps, 2), each step's loss in training and on fresh demonstrations, in nats.
    """
    kept = slice(0, None, EVERY)
    record = {
        f"{name}_{where_}": parts.rounded(losses[kept, k], 3)
        for name, losses in (("honest", honest), ("memoriser", memoriser))
        for k, where_ in enumerate(("training", "fresh"))
    }
    last = len(record["honest_training"]) - 1
    steps = let(
        parts.counted(last + 1), step=field("i") * EVERY, **{name: f"columns.{name}[datum.i]" for name in record}
    )
    steps = steps.transform_filter("datum.step <= step")
    x, y = parts.axis(alt.X, "training step", 0, last * EVERY), parts.axis(alt.Y, "cross-entropy, nats", 0, 2.2)
    below = parts.rows({"floor": FLOOR}).mark_rule(strokeWidth=2, **parts.GUIDE).encode(y=y("floor"))

    def curves(name: str) -> alt.LayerChart:
        line = lambda column, **look: steps.mark_line(clip=True, **look).encode(x=x("step"), y=y(column))
        fresh = line(f"{name}_fresh", color=SERIES[1], strokeWidth=3, strokeDash=[6, 4]).transform_filter(parts.GUESSED)
        said = parts.told_guess(CLIMBS)
        said = said.transform_filter(str(name == "memoriser").lower())
        return alt.layer(below, line(f"{name}_training", color=Q, strokeWidth=2.5), fresh, said)

    now = lambda column: f"columns.{column}[step / {EVERY}]"
    told = lambda name: parts.number(now(f"{name}_training"), ".3f")
    hidden = lambda name: parts.after_the_guess(parts.number(now(f"{name}_fresh"), ".3f"))
    return parts.sheet(
        parts.readouts(
            parts.one(),
            {f"training: {name}": told(name) for name in ("honest", "memoriser")},
            {f"fresh: {name}": hidden(name) for name in ("honest", "memoriser")},
        ),
        parts.pair(
            (curves("honest"), "Honest: training; fresh (brown); floor"),
            (curves("memoriser"), "Memoriser: training; fresh (brown); floor"),
        ),
        parts.guess("The memoriser, on fresh demonstrations, ends …", CLIMBS, "above", "step >= 100"),
        parts.slider("step", "training step", 0, 0, last * EVERY, EVERY),
        alt.param(name="columns", value=record),
    )


@live_chart()
def temperature() -> alt.VConcatChart:
    """A PMF over eight choices, the softmax of fixed logits divided by a temperature, and dashed the uniform PMF of the same
    entropy. As it opens, T is 1: entropy 1.590 nats, as much as 4.9 equally likely choices. Near T = 0.05 one choice has
    all the mass; at T = 5 the eight are nearly equal.
    """
    rows = parts.rows(*({"i": i, "logit": logit} for i, logit in enumerate(LOGITS)))
    weights = let(rows, weight=exp((field("logit") - max(LOGITS)) / signal("T")))
    pmf = let(weights.transform_joinaggregate(total="sum(weight)"), p=field("weight") / field("total"))
    place, y = parts.axis(alt.X, "choice", 0, len(LOGITS)), parts.axis(alt.Y, "probability", 0, 1)
    named = alt.Axis(values=[i + 0.5 for i in range(len(LOGITS))], labelExpr="datum.value + 0.5", grid=False)
    x = lambda name: place(name).axis(named)
    bars = let(pmf, low=field("i") + 0.1, high=field("i") + 0.9, zero=0).mark_bar(color=Q)
    adds = let(pmf, surprise=surprise(field("p"), field("p")))
    summed = adds.transform_aggregate(entropy="sum(surprise)", largest="max(p)")
    even = let(summed, low=0, zero=0, high=exp(field("entropy")), p=exp(-field("entropy")))
    even = even.mark_rect(fillOpacity=0, stroke=NEUTRAL, strokeWidth=2, strokeDash=[5, 4])
    numbers = {
        "entropy H, nats": parts.number(field("entropy"), ".3f"),
        "choices exp(H)": parts.number(exp(field("entropy")), ".1f"),
        "largest p": parts.number(field("largest"), ".3f"),
    }
    picture = alt.layer(*(layer.encode(x=x("low"), x2="high", y=y("p"), y2="zero") for layer in (bars, even)))
    return parts.sheet(
        parts.readouts(summed, numbers),
        parts.wide(picture, "softmax(logits / T), and as many equal choices (dashed)", 220),
        parts.slider("T", "temperature T", 1, 0.05, 5, 0.01),
    )


@live_chart()
def calibration() -> alt.VConcatChart:
    """A policy that is too sure of itself: what it believes at each start of the cup, beside what the demonstrator does, and how
    often it is right against how sure it is. As it opens, its logits are four times too large: cross-entropy 0.785 nats,
    where the floor is 0.384. A temperature of 4 cools it to the floor, unless it is also wrong about where to be sure.
    """
    o, over, wrong, heat = field("o"), signal("over"), signal("wrong"), signal("T")
    logit = (over * SLOPE * o + wrong * 8 * sin(7 * o)) / heat
    rows = let(parts.counted(STARTS), o=-1 + (field("i") + 0.5) * 2 / STARTS)
    rows = let(rows, demonstrator=sigmoid(SLOPE * o), logit=logit)
    rows = let(rows, policy=sigmoid(field("logit")))
    right = where(field("logit") > 0, field("demonstrator"), 1 - field("demonstrator"))
    rows = let(rows, sure=maximum(field("policy"), 1 - field("policy")), right=right)
    loss = -field("demonstrator") * log_sigmoid(field("logit")) - (1 - field("demonstrator")) * log_sigmoid(
        -field("logit")
    )
    rows = let(rows, bin=minimum(9, floor(10 * field("sure"))), loss=loss)
    place, chance = parts.axis(alt.X, "where the cup starts", -1, 1), parts.axis(alt.Y, "P(right)", 0, 1)
    believed = alt.layer(
        rows.mark_line(color=P, strokeWidth=2, strokeDash=[5, 3]).encode(x=place("o"), y=chance("demonstrator")),
        rows.mark_line(color=Q, strokeWidth=2.5).encode(x=place("o"), y=chance("policy")),
    )
    means = {"sure": "mean(sure)", "right": "mean(right)", "count": "count()", "loss": "sum(loss)"}
    bins = rows.transform_aggregate(**means, groupby=["bin"])
    x, y = parts.axis(alt.X, "how sure", 0.48, 1.02), parts.axis(alt.Y, "how often it agrees", 0, 1.02)
    size = alt.Size("count:Q", legend=None).scale(domain=[0, STARTS], range=[20, 500])
    dots = bins.mark_circle(color=Q, opacity=0.9).encode(x=x("sure"), y=y("right"), size=size)
    gaps = bins.mark_rule(color=CRASH, strokeWidth=2).encode(x=x("sure"), y=y("sure"), y2="right")
    ideal = let(parts.line("x", 0.5, 1, 1), y=field("x")).mark_line(**parts.GUIDE).encode(x=x("x"), y=y("y"))
    gap = let(bins, weighed=field("count") * abs(field("sure") - field("right")))
    summed = gap.transform_aggregate(weighed="sum(weighed)", cases="sum(count)", loss="sum(loss)")
    numbers = {
        "cross-entropy": parts.number(field("loss") / field("cases"), ".3f"),
        "the floor": parts.number(lowest_loss(), ".3f"),
        "calibration error": parts.number(field("weighed") / field("cases"), ".3f"),
    }
    return parts.sheet(
        parts.readouts(summed, numbers),
        parts.pair(
            (believed, "What it believes (dashed: the demonstrator)"),
            (alt.layer(ideal, gaps, dots), "Does it agree as often as it is sure?"),
        ),
        parts.slider("over", "logits times", 4, 0.5, 6, 0.5),
        parts.slider("wrong", "sure in wrong places", 0, 0, 1, 0.1),
        parts.slider("T", "temperature T", 1, 0.5, 8, 0.1),
    )


def lowest_loss() -> float:
    """The demonstrator's own entropy in `calibration`, averaged over the places where the cup starts."""
    logits = [SLOPE * (-1 + (i + 0.5) * 2 / STARTS) for i in range(STARTS)]
    return sum(-sigmoid(z) * log_sigmoid(z) - sigmoid(-z) * log_sigmoid(-z) for z in logits) / len(logits)


@live_chart()
def entropy_of_bins() -> alt.VConcatChart:
    """A Gaussian cut into bins: how much falls into each, and the entropy of the bins against their number, beside the rule
    h + log(1 / width). As it opens, 8 bins on the range from -1 to 1 and sigma 0.4: 1.905 by the bins, 1.889 by the rule.
    With few bins and a small sigma the rule falls below zero, and the entropy cannot.
    """
    i, k, sigma = field("i"), field("k"), signal("sigma")
    of_six = 3 * 2 ** field("k")  # so many cells of width 2 / 2^k on [-3, 3]
    rows = let(parts.counted(3 * (2 ** (MOST_DOUBLINGS + 1) - 2)), k=floor(log(i / 3 + 2) / math.log(2) + 1e-9))
    rows = let(rows, left=-3 + (i - of_six + 6) * 6 / of_six)
    rows = let(rows, right=field("left") + 6 / of_six)
    rows = let(rows, mass=mass(field("left"), field("right"), 0, sigma))
    x, y = parts.axis(alt.X, "action", -1.6, 1.6)("left"), parts.axis(alt.Y, "probability of the bin", 0, 1)("mass")
    seen = rows.transform_filter("pow(2, datum.k) == bins && datum.mass > 1e-6")
    bars = let(seen, zero=0).mark_bar(color=Q, opacity=0.7, clip=True).encode(x=x, x2="right:Q", y=y, y2="zero:Q")
    adds = let(rows, surprise=surprise(field("mass"), field("mass")))
    summed = adds.transform_aggregate(entropy="sum(surprise)", groupby=["k"])
    rule = lambda n: gaussian_entropy(sigma) + log(n / 2)
    summed = let(summed, n=2**k, rule=rule(2**k))
    n = alt.X("n:Q", title="bins on the range from −1 to 1").scale(type="log", base=2, domain=[2, 2**MOST_DOUBLINGS])
    nats = parts.axis(alt.Y, "nats", -2, 7)
    here = summed.transform_filter("datum.n == bins").mark_point(color=Q, **parts.DOT)
    curves = alt.layer(
        parts.rows({"zero": 0}).mark_rule(color=NEUTRAL).encode(y=nats("zero")),
        summed.mark_line(color=Q, strokeWidth=2.5, clip=True).encode(x=n, y=nats("entropy")),
        summed.mark_line(color=P, strokeWidth=2, strokeDash=[5, 4], clip=True).encode(x=n, y=nats("rule")),
        here.encode(x=n, y=nats("entropy")),
    )
    numbers = {
        "H(bins), nats": parts.number(field("entropy"), ".3f"),
        "h + log(1/width)": parts.number(field("rule"), ".3f"),
        "h alone": parts.number(gaussian_entropy(sigma), ".3f"),
    }
    return parts.sheet(
        parts.readouts(summed.transform_filter("datum.n == bins"), numbers),
        parts.pair((bars, "What falls into each bin"), (curves, "Entropy of the bins; dashed: the rule")),
        parts.choice("bins", "bins", [2**k for k in range(1, MOST_DOUBLINGS + 1)], 8),
        parts.slider("sigma", "spread σ", 0.4, 0.05, 0.5, 0.05),
    )
