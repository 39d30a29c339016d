"""The live charts of notebook 03: temperature, the entropy of bins, entropy and cross-entropy of two PMFs."""

import altair as alt

from helpers.charts import parts
from helpers.charts.parts import let
from helpers.colors import Q
from helpers.namespace import exp, field, log, signal, where
from helpers.page.live import live_chart
from helpers.theory.densities import mass
from helpers.theory.information import surprise
from helpers.theory.optima import gaussian_entropy

LOGITS = (2.0, 1.6, 1.0, 0.5, 0.0, -0.5, -1.0, -2.0)
CELLS = 3072  # of the unbounded grid of bins: six spreads to either side at the widest setting


@live_chart()
def temperature() -> alt.VConcatChart:
    """A PMF over eight choices, the softmax of fixed logits divided by a temperature. As it opens, T is 1: entropy 1.590 nats,
    as much as 4.91 equally likely choices. Near T = 0.05 one choice has all the mass; at T = 5 the eight are nearly equal.
    """
    rows = parts.rows(*({"choice": str(i + 1), "logit": logit} for i, logit in enumerate(LOGITS)))
    weights = let(rows, weight=exp((field("logit") - max(LOGITS)) / signal("T")))
    pmf = let(weights.transform_joinaggregate(total="sum(weight)"), p=field("weight") / field("total"))
    bars = pmf.mark_bar(color=Q).encode(
        x=alt.X("choice:N", title="choice", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("p:Q", title="probability").scale(domain=[0, 1]),
    )
    adds = let(pmf, surprise=surprise(field("p"), field("p")))
    numbers = {
        "entropy H, nats": parts.number(field("entropy"), ".3f"),
        "choices exp(H)": parts.number(exp(field("entropy")), ".2f"),
        "largest p": parts.number(field("largest"), ".3f"),
    }
    return parts.sheet(
        parts.readouts(adds.transform_aggregate(entropy="sum(surprise)", largest="max(p)"), numbers),
        parts.wide(bars, "softmax(logits / T): the same ranking, more or less sure", 220),
        parts.slider("T", "temperature T", 1, 0.05, 5, 0.01),
    )


@live_chart()
def entropy_of_bins() -> alt.VConcatChart:
    """A Gaussian cut into bins: the entropy of the bins, and the differential entropy h plus the logarithm of one over the
    width, which it approaches. As it opens, 8 bins on the range from -1 to 1 and sigma 0.4: 1.905 against 1.889; h alone is 0.503.
    """
    i, bins, sigma = field("i"), signal("bins"), signal("sigma")
    rows = let(parts.counted(CELLS), left=(i - CELLS // 2) * 2 / bins, right=(i - CELLS // 2 + 1) * 2 / bins)
    rows = let(rows, mass=mass(field("left"), field("right"), 0, sigma))
    x, y = parts.axis(alt.X, "action", -3, 3)("left"), parts.axis(alt.Y, None)("mass")
    seen = let(rows.transform_filter("abs(datum.left) < 3 && datum.mass > 1e-6"), floor=0)
    bars = seen.mark_bar(color=Q, opacity=0.7).encode(x=x, x2="right:Q", y=y, y2=alt.Y2("floor:Q"))
    adds = let(rows, surprise=surprise(field("mass"), field("mass")))
    differential = gaussian_entropy(sigma)
    numbers = {
        "H(bins), nats": parts.number(field("entropy"), ".4f"),
        "h + log(1/width)": parts.number(differential + log(bins / 2), ".4f"),
        "h alone": parts.number(differential, ".4f"),
    }
    return parts.sheet(
        parts.readouts(adds.transform_aggregate(entropy="sum(surprise)"), numbers),
        parts.wide(bars, "The mass of each bin of a Gaussian, cut at width 2 / bins", 220),
        parts.slider("bins", "bins on [-1, 1]", 8, 2, 512, 1),
        parts.slider("sigma", "spread σ", 0.4, 0.05, 1, 0.05),
    )


@live_chart()
def cross_entropy() -> alt.VConcatChart:
    """Two PMFs over left, right and wait, each set by three weights that are divided by their sum. As it opens, p is 0.7, 0.2,
    0.1 and q is 0.4, 0.4, 0.2: H(p) 0.8018, H(p, q) 0.9856, H(q, p) 1.2470, gap 0.1838 nats. Where q is zero and p is not, H(p, q) is infinite.
    """
    weights = {"p": (0.7, 0.2, 0.1), "q": (0.4, 0.4, 0.2)}
    sliders = [
        parts.slider(f"{pmf}{i}", f"{pmf}: {word}", weights[pmf][i], 0.01 if word == "wait" else 0, 1, 0.01)
        for pmf in "pq"
        for i, word in enumerate(parts.OUTCOMES)
    ]

    def share(pmf: str):
        left, right, wait = (signal(f"{pmf}{i}") for i in range(3))
        return where(field("i") == 0, left, where(field("i") == 1, right, wait)) / (left + right + wait)

    rows = parts.rows(*({"outcome": word, "i": i} for i, word in enumerate(parts.OUTCOMES)))
    pmfs = let(rows, p=share("p"), q=share("q"))
    adds = {f"h{a}{b}": surprise(field(a), field(b)) for a, b in ("pp", "pq", "qp")}
    summed = let(pmfs, **adds).transform_aggregate(**{name: f"sum({name})" for name in adds})
    numbers = {
        "H(p)": parts.number(field("hpp"), ".4f"),
        "H(p, q)": parts.number(field("hpq"), ".4f"),
        "H(q, p)": parts.number(field("hqp"), ".4f"),
        "gap H(p, q) − H(p)": parts.number(field("hpq") - field("hpp"), ".4f"),
    }
    picture = parts.wide(parts.pmf_bars(pmfs), "The demonstrator p (green) and the policy q", 220)
    return parts.sheet(parts.readouts(summed, numbers), picture, *sliders)
