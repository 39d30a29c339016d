"""The live charts of notebook 02: Monte Carlo, the variance that a baseline takes away, GAE's choice of lambda."""

import altair as alt

from helpers.charts import parts
from helpers.charts.expressions import with_uniforms
from helpers.charts.scene import CRASHES
from helpers.colors import NEUTRAL, Q
from helpers.namespace import field, signal, text
from helpers.page.live import LiveChart, live_chart
from helpers.robot.cup_and_tray import HALF_WIDTH
from helpers.theory.estimators import gae_moments
from helpers.theory.passing import passing

OFFSET = 0.6  # where the policy of `monte_carlo` aims, at both gates
DRAWS = 4096
ARMS = 4
STEPS = 10  # of the episodes of `gae_lambda`


@live_chart
def monte_carlo() -> LiveChart:
    """The running mean of the crash cost of a policy that aims right and trembles."""
    draws = (
        with_uniforms(alt.Chart(alt.sequence(0, DRAWS, as_="i")), "u1", "u2")
        .transform_calculate(
            x1=f"{OFFSET} + tremble * quantileNormal(datum.u1)", x2=f"{OFFSET} + tremble * quantileNormal(datum.u2)"
        )
        .transform_calculate(cost=f"{CRASHES} ? 1 : 0")
        .transform_window(total="sum(cost)", sort=[alt.SortField("i")], frame=[None, 0])
        .transform_calculate(n="datum.i + 1", estimate="datum.total / (datum.i + 1)")
    )
    exact = text(1 - passing(OFFSET, OFFSET, signal("tremble"), HALF_WIDTH))
    n = alt.X("n:Q", title="draws (each mark is twice the one before)").scale(type="log", base=2, domain=[1, DRAWS])
    mean = alt.Y("estimate:Q", title="mean cost").scale(domain=[0, 1])
    line = (
        draws.transform_filter("datum.n <= pow(2, k) && (datum.n <= 64 || datum.n % 16 == 0)")
        .mark_line(color=Q, strokeWidth=2)
        .encode(x=n, y=mean)
    )
    last = (
        draws.transform_filter("datum.n == pow(2, k)")
        .mark_point(color=Q, filled=True, size=80, opacity=1)
        .encode(x=n, y=mean)
    )
    band = (
        alt.Chart(alt.sequence(0, 49, as_="j"))
        .transform_calculate(n="pow(2, datum.j / 4)", error="sqrt(exact * (1 - exact) / pow(2, datum.j / 4))")
        .transform_calculate(estimate="max(0, exact - datum.error)", high="min(1, exact + datum.error)")
        .mark_area(color=NEUTRAL, opacity=0.3)
        .encode(x=n, y=mean, y2="high:Q")
    )
    truth = (
        parts.rows({"one": 1})
        .transform_calculate(estimate="exact")
        .mark_rule(color=NEUTRAL, strokeWidth=1.5, strokeDash=[5, 3])
        .encode(y=mean)
    )
    exactly = (
        parts.rows({"n": DRAWS})
        .transform_calculate(estimate="exact", text="'exact: ' + format(exact, '.4f')")
        .mark_text(align="right", dy=-9, fontSize=12)
        .encode(x=n, y=mean, text="text:N")
    )
    error = "abs(datum.estimate - exact)"
    expected = "sqrt(exact * (1 - exact) / datum.n)"
    numbers = parts.readouts(
        draws.transform_filter("datum.n == pow(2, k)"),
        {
            "draws N": parts.number("datum.n", ","),
            "mean cost": parts.number("datum.estimate", ".4f"),
            "error": parts.number(error, ".4f"),
            "σ / √N": parts.number(expected, ".4f"),
        },
    )
    chart = parts.sheet(
        numbers,
        parts.wide(alt.layer(band, truth, exactly, line, last), "The mean cost of the first draws, and one standard error about the truth"),
        parts.slider("k", "doublings of N", 6, 0, 12, 1),
        parts.slider("seed", "seed", 1, 1, 50, 1),
        parts.slider("tremble", "tremble", 0.25, 0.05, 0.6, 0.05),
        alt.param(name="exact", expr=exact),
    )  # fmt: skip
    return LiveChart(
        "monte_carlo",
        chart,
        "The running mean of the cost of a policy that aims 0.6 to the right and trembles: 1 for a crash, 0 otherwise. As it "
        "opens, 64 draws with a tremble of 0.25; the exact expected cost is 0.1550 and one standard error is 0.0452. The band "
        "around the truth, one standard error either side, halves whenever the number of draws is multiplied by four.",
    )


@live_chart
def baseline_variance() -> LiveChart:
    """The mean and the variance of REINFORCE's gradient on a four-armed bandit, against the baseline."""
    mean = "(datum.k == 1 ? p1 * (1 - p1) : -p1 * other)"
    # E[g_k^2], summed over the arm that is drawn: arm 1 pays 1, the others nothing
    first = "p1 * pow((1 - b) * (1 - p1), 2) + (1 - p1) * pow(b * p1, 2)"
    rest = "p1 * pow((1 - b) * other, 2) + other * pow(b * (1 - other), 2) + 2 * other * pow(b * other, 2)"
    arms = (
        parts.rows(*({"arm": f"arm {k}", "k": k} for k in range(1, ARMS + 1)))
        .transform_calculate(mean=mean, square=f"datum.k == 1 ? {first} : {rest}")
        .transform_calculate(std="sqrt(max(0, datum.square - datum.mean * datum.mean))")
        .transform_calculate(low="datum.mean - datum.std", high="datum.mean + datum.std")
    )
    x = alt.X("arm:N", title=None, axis=alt.Axis(labelAngle=0))
    y = lambda field: alt.Y(f"{field}:Q", title="gradient of the logit").scale(domain=[-1.1, 1.1])
    bars = arms.mark_bar(color=Q, opacity=0.8).encode(x=x, y=y("mean"))
    spread = arms.mark_rule(color=NEUTRAL, strokeWidth=2.5, clip=True).encode(x=x, y=y("low"), y2="high:Q")
    gradient = alt.layer(bars, spread).properties(
        width=parts.SIDE, height=parts.SIDE - 40, title="Mean of the gradient, and one std"
    )
    lengths = ("(pow(1 - p1, 2) + 3 * other * other)", "(pow(1 - other, 2) + p1 * p1 + 2 * other * other)")
    squared_mean = "(pow(p1 * (1 - p1), 2) + 3 * pow(p1 * other, 2))"
    variance = lambda b: f"(p1 * pow(1 - {b}, 2) * {lengths[0]} + (1 - p1) * {b} * {b} * {lengths[1]} - {squared_mean})"
    at = lambda rows: rows.transform_calculate(variance=variance("datum.at"))
    x, y = alt.X("at:Q", title="baseline b"), alt.Y("variance:Q", title="total variance").scale(domainMin=0)
    curve = at(alt.Chart(alt.sequence(0, 121, as_="j")).transform_calculate(at="-1 + datum.j * 0.025"))
    here = at(parts.rows({"one": 1}).transform_calculate(at="b"))
    usual = parts.rows({"one": 1}).transform_calculate(at="p1")
    parabola = alt.layer(
        usual.mark_rule(color=NEUTRAL, strokeDash=[4, 3], strokeWidth=1.5).encode(x=x),
        curve.mark_line(color=Q, strokeWidth=2).encode(x=x, y=y),
        here.mark_point(color=Q, filled=True, size=110, opacity=1).encode(x=x, y=y),
    ).properties(width=parts.SIDE, height=parts.SIDE - 40, title="Its variance; dashed: b = mean reward")
    best = f"(p1 * {lengths[0]} / (p1 * {lengths[0]} + (1 - p1) * {lengths[1]}))"
    numbers = parts.readouts(
        parts.rows({"one": 1}),
        {
            "mean, arm 1": parts.number("p1 * (1 - p1)", ".4f"),
            "total variance": parts.number(variance("b"), ".6f"),
            "best b": parts.number(best, ".3f"),
        },
    )
    chart = parts.sheet(
        numbers,
        alt.hconcat(gradient, parabola),
        parts.slider("b", "baseline b", 0, -1, 2, 0.05),
        parts.slider("p1", "P(arm 1)", 0.25, 0.05, 0.95, 0.05),
        alt.param(name="other", expr=f"(1 - p1) / {ARMS - 1}"),
    )
    return LiveChart(
        "baseline_variance",
        chart,
        "REINFORCE on a bandit with four arms of which the first pays 1: on the left the mean gradient of each logit with one "
        "standard deviation, on the right its total variance against the baseline, a parabola. As it opens, no baseline and a "
        "uniform policy: variance 0.140625; with the mean reward 0.25 as baseline it is 0.09375 and the mean has not moved.",
    )


@live_chart
def gae_lambda() -> LiveChart:
    """Bias and variance of a generalised advantage estimate against lambda, when the critic is wrong."""
    bias, variance = gae_moments(field("at"), *map(signal, ("discount", "critic", "noise")), STEPS)
    moments = lambda rows: rows.transform_calculate(bias=text(bias), variance=text(variance)).transform_calculate(
        square="datum.bias * datum.bias", total="datum.bias * datum.bias + datum.variance"
    )
    grid = moments(alt.Chart(alt.sequence(0, 101, as_="j")).transform_calculate(at="datum.j / 100"))
    here = moments(parts.rows({"one": 1}).transform_calculate(at="lam"))
    names = {"square": "bias²", "variance": "variance", "total": "their sum, the squared error"}
    x = alt.X("at:Q", title="λ", axis=alt.Axis(tickCount=10)).scale(domain=[0, 1])
    y = lambda field: alt.Y(f"{field}:Q", title="squared units of reward")
    color = parts.series_color(names)
    line = lambda chart, field: chart.mark_line(strokeWidth=2.2).encode(x=x, y=y(field), color=color)
    dot = lambda chart, field: chart.mark_point(filled=True, size=80, opacity=1).encode(x=x, y=y(field), color=color)
    curves, dots = parts.series(grid, names, line), parts.series(here, names, dot)
    rule = here.mark_rule(color=NEUTRAL, strokeDash=[4, 3]).encode(x=x)
    least = grid.transform_aggregate(least="argmin(total)")
    numbers = parts.readouts(
        moments(least.transform_calculate(at="lam", best="datum.least.at")),
        {
            "bias": parts.number("datum.bias", ".3f"),
            "std": parts.number("sqrt(datum.variance)", ".3f"),
            "RMS error": parts.number("sqrt(datum.total)", ".3f"),
            "best λ": parts.number("datum.best", ".2f"),
        },
    )
    chart = parts.sheet(
        numbers,
        parts.wide(alt.layer(rule, curves, dots), "The estimated advantage of going left, which is truly 0"),
        parts.slider("lam", "λ", 0.8, 0, 1, 0.01),
        parts.slider("critic", "critic’s error", 1, -2, 2, 0.1),
        parts.slider("noise", "noise of a reward", 0.3, 0.05, 1, 0.05),
        parts.slider("discount", "discount γ", 0.99, 0.5, 1, 0.01),
    ).resolve_legend(color="independent")
    return LiveChart(
        "gae_lambda",
        chart,
        "Generalised advantage estimation over ten steps with a critic that misjudges every state on the left: squared bias, "
        "variance, and their sum, against lambda. As it opens, lambda 0.8, a critic's error of 1 and noise 0.3: bias 0.835, "
        "standard deviation 0.489. At lambda 0 the bias is nearly the critic's error; at lambda 1 it is 0 and the noise of all ten rewards adds up.",
    )
