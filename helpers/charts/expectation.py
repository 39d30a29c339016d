"""The live charts of notebook 02: Monte Carlo, the variance that a baseline takes away, GAE's choice of lambda."""

import altair as alt

from helpers.charts import parts
from helpers.charts.integrals import chosen
from helpers.charts.parts import let
from helpers.charts.uniforms import with_uniforms
from helpers.colors import NEUTRAL, Q
from helpers.namespace import field, maximum, minimum, normal_quantile, signal, sqrt, where
from helpers.page.live import live_chart
from helpers.robot.cup_and_tray import HALF_WIDTH, hits
from helpers.theory.estimators import bandit_moments, best_baseline, gae_moments
from helpers.theory.passing import passing

OFFSET = 0.6  # where the policy of `monte_carlo` aims, at both gates
DOUBLINGS = 12  # of the number of draws, at most
DRAWS = 2**DOUBLINGS
ARMS = 4
STEPS = 10  # of the episodes of `gae_lambda`


@live_chart()
def monte_carlo() -> alt.VConcatChart:
    """The running mean of the cost of a policy that aims 0.6 to the right and trembles: 1 for a crash, 0 otherwise. As it
    opens, 64 draws with a tremble of 0.25; the exact expected cost is 0.1550 and one standard error is 0.0452. The band
    around the truth, one standard error either side, halves whenever the number of draws is multiplied by four.
    """
    tremble, exact = signal("tremble"), signal("exact")
    rows = with_uniforms(parts.counted(DRAWS), "u1", "u2")
    rows = let(rows, **{f"x{gate}": OFFSET + tremble * normal_quantile(field(f"u{gate}")) for gate in "12"})
    rows = let(rows, cost=where(hits(field("x1"), field("x2"), HALF_WIDTH), 1, 0))
    rows = rows.transform_window(total="sum(cost)", sort=[alt.SortField("i")], frame=[None, 0])
    rows = let(rows, n=field("i") + 1, estimate=field("total") / (field("i") + 1))
    n = alt.X("n:Q", title="draws (each mark is twice the one before)").scale(type="log", base=2, domain=[1, DRAWS])
    mean = alt.Y("estimate:Q", title="mean cost").scale(domain=[0, 1])
    here = rows.transform_filter("datum.n == pow(2, k)")
    drawn = rows.transform_filter("datum.n <= pow(2, k) && (datum.n <= 64 || datum.n % 16 == 0)")
    line = drawn.mark_line(color=Q, strokeWidth=2).encode(x=n, y=mean)
    last = here.mark_point(color=Q, **parts.DOT).encode(x=n, y=mean)
    band = let(parts.counted(4 * DOUBLINGS + 1), n="pow(2, datum.i / 4)")
    band = let(band, error=sqrt(exact * (1 - exact) / field("n")))
    band = let(band, estimate=maximum(0, exact - field("error")), high=minimum(1, exact + field("error")))
    band = band.mark_area(color=NEUTRAL, opacity=0.3).encode(x=n, y=mean, y2="high:Q")
    truth = parts.one(estimate=exact).mark_rule(strokeWidth=1.5, **parts.GUIDE).encode(y=mean)
    exactly = parts.one(n=DRAWS, estimate=exact, text="'exact: ' + format(exact, '.4f')")
    exactly = exactly.mark_text(align="right", dy=-9, fontSize=12).encode(x=n, y=mean, text="text:N")
    numbers = {
        "draws N": parts.number(field("n"), ","),
        "mean cost": parts.number(field("estimate"), ".4f"),
        "error": parts.number(abs(field("estimate") - exact), ".4f"),
        "σ / √N": parts.number(sqrt(exact * (1 - exact) / field("n")), ".4f"),
    }
    title = "The mean cost of the first draws, and one standard error about the truth"
    return parts.sheet(
        parts.readouts(here, numbers),
        parts.wide(alt.layer(band, truth, exactly, line, last), title),
        parts.slider("k", "doublings of N", 6, 0, DOUBLINGS, 1),
        parts.another_run(),
        parts.slider("tremble", "tremble", 0.25, 0.05, 0.6, 0.05),
        parts.param("exact", 1 - passing(OFFSET, OFFSET, tremble, HALF_WIDTH)),
    )


@live_chart(drag={"here": {"x": "b"}})
def baseline_variance() -> alt.VConcatChart:
    """REINFORCE on a bandit with four arms of which the first pays 1: on the left the mean gradient of each logit with one
    standard deviation, on the right its total variance against the baseline, a parabola. As it opens, no baseline and a
    uniform policy: variance 0.140625; with the mean reward 0.25 as baseline it is 0.09375 and the mean has not moved.
    """
    p, reward = [signal("p1")] + [signal("other")] * (ARMS - 1), [1] + [0] * (ARMS - 1)
    names = [f"arm {k + 1}" for k in range(ARMS)]
    by_arm = dict(zip(names, bandit_moments(p, reward, signal("b")), strict=True))
    arms = let(
        parts.rows(*({"arm": name} for name in names)),
        mean=chosen("datum.arm", {name: moments.mean for name, moments in by_arm.items()}),
        std=chosen("datum.arm", {name: sqrt(moments.variance) for name, moments in by_arm.items()}),
    )
    arms = let(arms, low=field("mean") - field("std"), high=field("mean") + field("std"))
    x, y = (
        alt.X("arm:N", title=None, axis=alt.Axis(labelAngle=0)),
        parts.axis(alt.Y, "gradient of the logit", -1.1, 1.1),
    )
    bars = arms.mark_bar(color=Q, opacity=0.8).encode(x=x, y=y("mean"))
    spread = arms.mark_rule(color=NEUTRAL, strokeWidth=2.5, clip=True).encode(x=x, y=y("low"), y2="high:Q")
    total = lambda b: sum(moments.variance for moments in bandit_moments(p, reward, b))
    x, y = alt.X("at:Q", title="baseline b"), alt.Y("variance:Q", title="total variance").scale(domainMin=0)
    curve = let(parts.line("at", -1, 2, 120), variance=total(field("at")))
    here = parts.one(at="b", variance=total(signal("b")))
    usual = parts.one(at="p1").mark_rule(strokeWidth=1.5, **parts.GUIDE).encode(x=x)
    parabola = alt.layer(
        usual,
        curve.mark_line(color=Q, strokeWidth=2).encode(x=x, y=y),
        here.mark_point(color=Q, **parts.DOT).encode(x=x, y=y).properties(name="here"),
    )
    numbers = {
        "mean, arm 1": parts.number(by_arm["arm 1"].mean, ".4f"),
        "total variance": parts.number(total(signal("b")), ".6f"),
        "best b": parts.number(best_baseline(p, reward), ".3f"),
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.pair(
            (alt.layer(bars, spread), "Mean of the gradient, and one std"),
            (parabola, "Its variance; dashed: b = mean reward"),
            height=parts.SIDE - 40,
        ),
        parts.slider("b", "baseline b", 0, -1, 2, 0.05),
        parts.slider("p1", "P(arm 1)", 0.25, 0.05, 0.95, 0.05),
        parts.param("other", (1 - signal("p1")) / (ARMS - 1)),
    )


@live_chart()
def gae_lambda() -> alt.VConcatChart:
    """Generalised advantage estimation over ten steps with a critic that misjudges every state on the left: squared bias,
    variance, and their sum, against lambda. As it opens, lambda 0.8, a critic's error of 1 and noise 0.3: bias 0.835,
    standard deviation 0.489. At lambda 0 the bias is nearly the critic's error; at lambda 1 it is 0 and the noise of all ten rewards adds up.
    """
    bias, variance = gae_moments(field("at"), *map(signal, ("discount", "critic", "noise")), STEPS)

    def moments(rows: alt.Chart) -> alt.Chart:
        rows = let(let(rows, bias=bias, variance=variance), square=field("bias") ** 2)
        return let(rows, total=field("square") + field("variance"))

    grid, here = moments(parts.line("at", 0, 1, 100)), moments(parts.one(at="lam"))
    words = {"square": "bias²", "variance": "variance", "total": "their sum, the squared error"}
    x = alt.X("at:Q", title="λ", axis=alt.Axis(tickCount=10)).scale(domain=[0, 1])
    y = lambda name: alt.Y(f"{name}:Q", title="squared units of reward")
    color = parts.series_color(words)
    line = lambda chart, name: chart.mark_line(strokeWidth=2.2).encode(x=x, y=y(name), color=color)
    dot = lambda chart, name: chart.mark_point(**parts.DOT).encode(x=x, y=y(name), color=color)
    curves, dots = parts.series(grid, words, line), parts.series(here, words, dot)
    rule = here.mark_rule(**parts.GUIDE).encode(x=x)
    least = grid.transform_aggregate(least="argmin(total)")
    numbers = {
        "bias": parts.number(field("bias"), ".3f"),
        "std": parts.number(sqrt(field("variance")), ".3f"),
        "RMS error": parts.number(sqrt(field("total")), ".3f"),
        "best λ": parts.number(field("best"), ".2f"),
    }
    return parts.sheet(
        parts.readouts(moments(let(least, at="lam", best="datum.least.at")), numbers),
        parts.wide(alt.layer(rule, curves, dots), "The estimated advantage of going left, which is truly 0"),
        parts.slider("lam", "λ", 0.8, 0, 1, 0.01),
        parts.slider("critic", "critic’s error", 1, -2, 2, 0.1),
        parts.slider("noise", "noise of a reward", 0.3, 0.05, 1, 0.05),
        parts.slider("discount", "discount γ", 0.99, 0.5, 1, 0.01),
    )
