"""The live charts of notebook 03: temperature, the entropy of bins, entropy and cross-entropy of two PMFs."""

import altair as alt

from helpers.charts import parts
from helpers.colors import Q
from helpers.namespace import field, log, signal, text
from helpers.page.live import LiveChart, live_chart
from helpers.theory import densities
from helpers.theory.information import surprise
from helpers.theory.optima import gaussian_entropy

LOGITS = (2.0, 1.6, 1.0, 0.5, 0.0, -0.5, -1.0, -2.0)
CELLS = 3072  # of the unbounded grid of bins: six spreads to either side at the widest setting


@live_chart
def temperature() -> LiveChart:
    """A softmax over eight logits divided by a temperature."""
    rows = parts.rows(*({"choice": str(i + 1), "logit": logit} for i, logit in enumerate(LOGITS)))
    pmf = (
        rows.transform_calculate(weight=f"exp((datum.logit - {max(LOGITS)}) / T)")
        .transform_joinaggregate(total="sum(weight)")
        .transform_calculate(p="datum.weight / datum.total")
    )
    bars = pmf.mark_bar(color=Q).encode(
        x=alt.X("choice:N", title="choice", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("p:Q", title="probability").scale(domain=[0, 1]),
    )
    summed = pmf.transform_calculate(surprise=text(surprise(field("p"), field("p")))).transform_aggregate(
        entropy="sum(surprise)", largest="max(p)"
    )
    numbers = parts.readouts(
        summed,
        {
            "entropy H, nats": parts.number("datum.entropy", ".3f"),
            "choices exp(H)": parts.number("exp(datum.entropy)", ".2f"),
            "largest p": parts.number("datum.largest", ".3f"),
        },
    )
    chart = parts.sheet(
        numbers,
        parts.wide(bars, "softmax(logits / T): the same ranking, more or less sure", 220),
        parts.slider("T", "temperature T", 1, 0.05, 5, 0.01),
    )
    return LiveChart(
        "temperature",
        chart,
        "A PMF over eight choices, the softmax of fixed logits divided by a temperature. As it opens, T is 1: entropy 1.590 nats, "
        "as much as 4.91 equally likely choices. Near T = 0.05 one choice has all the mass; at T = 5 the eight are nearly equal.",
    )


@live_chart
def entropy_of_bins() -> LiveChart:
    """The entropy of a Gaussian cut into bins, beside its differential entropy and the logarithm of the width."""
    bins = (
        alt.Chart(alt.sequence(0, CELLS, as_="i"))
        .transform_calculate(
            left=f"(datum.i - {CELLS // 2}) * 2 / bins", right=f"(datum.i - {CELLS // 2} + 1) * 2 / bins"
        )
        .transform_calculate(mass=text(densities.mass(field("left"), field("right"), 0, signal("sigma"))))
    )
    x = alt.X("left:Q", title="action").scale(domain=[-3, 3], nice=False)
    y = alt.Y("mass:Q", title=None).stack(None)
    bars = (
        bins.transform_filter("abs(datum.left) < 3 && datum.mass > 1e-6")
        .transform_calculate(floor="0")
        .mark_bar(color=Q, opacity=0.7)
        .encode(x=x, x2="right:Q", y=y, y2=alt.Y2("floor:Q"))
    )
    own = text(surprise(field("mass"), field("mass")))
    summed = bins.transform_calculate(surprise=own).transform_aggregate(entropy="sum(surprise)")
    differential = gaussian_entropy(signal("sigma"))
    fine = differential + log(signal("bins") / 2)
    numbers = parts.readouts(
        summed,
        {
            "H(bins), nats": parts.number("datum.entropy", ".4f"),
            "h + log(1/width)": parts.number(text(fine), ".4f"),
            "h alone": parts.number(text(differential), ".4f"),
        },
    )
    chart = parts.sheet(
        numbers,
        parts.wide(bars, "The mass of each bin of a Gaussian, cut at width 2 / bins", 220),
        parts.slider("bins", "bins on [-1, 1]", 8, 2, 512, 1),
        parts.slider("sigma", "spread σ", 0.4, 0.05, 1, 0.05),
    )
    return LiveChart(
        "entropy_of_bins",
        chart,
        "A Gaussian cut into bins: the entropy of the bins, and the differential entropy h plus the logarithm of one over the "
        "width, which it approaches. As it opens, 8 bins on the range from -1 to 1 and sigma 0.4: 1.905 against 1.889; h alone is 0.503.",
    )


@live_chart
def cross_entropy() -> LiveChart:
    """Two PMFs over three outcomes, set by weights; their entropy and cross-entropies."""
    weights = {"p": (0.7, 0.2, 0.1), "q": (0.4, 0.4, 0.2)}
    sliders = [
        parts.slider(f"{pmf}{i}", f"{pmf}: {word}", weights[pmf][i], 0.01 if word == "wait" else 0, 1, 0.01)
        for pmf in "pq"
        for i, word in enumerate(parts.OUTCOMES)
    ]
    total = lambda pmf: f"({pmf}0 + {pmf}1 + {pmf}2)"
    rows = parts.rows(*({"outcome": word, "i": i} for i, word in enumerate(parts.OUTCOMES)))
    share = lambda pmf: f"(datum.i == 0 ? {pmf}0 : datum.i == 1 ? {pmf}1 : {pmf}2) / {total(pmf)}"
    pmfs = rows.transform_calculate(p=share("p"), q=share("q"))
    adds = lambda a, b: text(surprise(field(a), field(b)))
    summed = pmfs.transform_calculate(hp=adds("p", "p"), hpq=adds("p", "q"), hqp=adds("q", "p")).transform_aggregate(
        hp="sum(hp)", hpq="sum(hpq)", hqp="sum(hqp)"
    )
    shown = lambda value: f"isFinite({value}) ? format({value}, '.4f') : '∞'"
    gap = "(datum.hpq - datum.hp)"
    numbers = parts.readouts(
        summed,
        {
            "H(p)": ("datum.hp", shown("datum.hp")),
            "H(p, q)": ("datum.hpq", shown("datum.hpq")),
            "H(q, p)": ("datum.hqp", shown("datum.hqp")),
            "gap H(p, q) − H(p)": (gap, shown(gap)),
        },
    )
    picture = parts.wide(parts.pmf_bars(pmfs), "The demonstrator p (green) and the policy q", 220)
    chart = parts.sheet(numbers, picture, *sliders)
    return LiveChart(
        "cross_entropy",
        chart,
        "Two PMFs over left, right and wait, each set by three weights that are divided by their sum. As it opens, p is 0.7, 0.2, "
        "0.1 and q is 0.4, 0.4, 0.2: H(p) 0.8018, H(p, q) 0.9856, H(q, p) 1.2470, gap 0.1838 nats. Where q is zero and p is not, H(p, q) is infinite.",
    )
