"""The live charts of notebook 01: mass and density, bins, the Gaussian in two dimensions, the demonstrator, noising."""

import altair as alt
import torch

from helpers import heads
from helpers.charts import parts, scene
from helpers.charts.integrals import chosen
from helpers.colors import NEUTRAL, P, Q
from helpers.namespace import cos, field, maximum, normal_cdf, signal, sin, sqrt, text
from helpers.page.live import LiveChart, live_chart
from helpers.theory import densities
from helpers.theory.modes import Modes
from helpers.theory.passing import passing, passing_apart

REACH = 2.0  # of the axes
MOST_BINS = 512
NOISING = 20  # Octo's steps


def density_area() -> tuple[alt.Chart, alt.X]:
    """401 points of N(0, sigma^2) on [-2, 2], and the axis they share."""
    points = (
        alt.Chart(alt.sequence(0, 401, as_="i"))
        .transform_calculate(x=f"-{REACH} + datum.i * {2 * REACH / 400}")
        .transform_calculate(density=text(densities.density(field("x"), 0, signal("sigma"))))
    )
    return points, alt.X("x:Q", title="x").scale(domain=[-REACH, REACH], nice=False)


@live_chart
def interval_probability() -> LiveChart:
    """The area under a Gaussian density between a and b, beside the density's height."""
    points, x = density_area()
    y = alt.Y("density:Q", title="density p(x)").stack(None)
    curve = points.mark_line(color=P, strokeWidth=2).encode(x=x, y=y)
    area = points.transform_filter("datum.x >= a && datum.x <= b").mark_area(color=P, opacity=0.35).encode(x=x, y=y)
    one = parts.rows({"density": 1}).mark_rule(strokeDash=[3, 3], color=NEUTRAL).encode(y=y)
    probability = maximum(0, densities.mass(signal("a"), signal("b"), 0, signal("sigma")))
    numbers = parts.readouts(
        parts.rows({"one": 1}),
        {
            "P(a < X < b)": parts.number(text(probability), ".4f"),
            "highest density": parts.number(text(densities.density(0, 0, signal("sigma"))), ".3f"),
            "P(X = a)": ("0", "'0'"),
        },
    )
    chart = parts.sheet(
        numbers,
        parts.wide(alt.layer(area, curve, one), "Probability is the shaded area; the height is a density"),
        parts.slider("sigma", "spread σ", 0.5, 0.05, 1, 0.05),
        parts.slider("a", "from a", -0.5, -2, 2, 0.05),
        parts.slider("b", "to b", 0.5, -2, 2, 0.05),
    )
    return LiveChart(
        "interval_probability",
        chart,
        "The density of a Gaussian with mean 0 and spread sigma, the area between a and b shaded. As it opens, sigma is 0.5 "
        "and the interval is one spread to either side: probability 0.6827, highest density 0.798. With sigma 0.1 the density exceeds 1.",
    )


@live_chart
def bins_and_density() -> LiveChart:
    """A Gaussian action cut into bins on [-1, 1]: the PMF over bins against the density."""
    bins = (
        alt.Chart(alt.sequence(0, MOST_BINS, as_="i"))
        .transform_filter("datum.i < bins")
        .transform_calculate(left="-1 + 2 * datum.i / bins", right="-1 + 2 * (datum.i + 1) / bins")
        .transform_calculate(  # what lies beyond the range is clipped into the first and the last bin
            low="datum.i == 0 ? -1e9 : datum.left",
            high="datum.i == bins - 1 ? 1e9 : datum.right",
        )
        .transform_calculate(mass=text(densities.mass(field("low"), field("high"), 0, signal("sigma"))))
        .transform_calculate(height="datum.mass * bins / 2", floor="0")
    )
    x = alt.X("left:Q", title="action").scale(domain=[-1.15, 1.15], nice=False)
    y = alt.Y("height:Q", title="mass / width of a bin").stack(None)
    ends = alt.condition(
        "datum.i == 0 || datum.i == bins - 1", alt.value(2), alt.value(0)
    )  # thin, and not to be missed
    bars = bins.mark_bar(color=Q, stroke=Q, opacity=0.6).encode(
        x=x, x2="right:Q", y=y, y2=alt.Y2("floor:Q"), strokeWidth=ends
    )
    curve = (
        alt.Chart(alt.sequence(0, 231, as_="i"))
        .transform_calculate(left="-1.15 + datum.i / 100")
        .transform_calculate(height=text(densities.density(field("left"), 0, signal("sigma"))))
        .mark_line(color=P, strokeWidth=2)
        .encode(x=x, y=y)
    )
    totals = bins.transform_aggregate(total="sum(mass)", largest="max(mass)")
    numbers = parts.readouts(
        totals,
        {
            "total mass": parts.number("datum.total", ".4f"),
            "largest bin": parts.number("datum.largest", ".4f"),
            "error inside ±1": parts.number("1 / bins", ".4f"),
        },
    )
    chart = parts.sheet(
        numbers,
        parts.wide(alt.layer(bars, curve), "The area of a bar is its probability; the line is the density"),
        parts.slider("bins", "bins", 16, 2, MOST_BINS, 1),
        parts.slider("sigma", "spread σ", 0.4, 0.1, 1, 0.05),
    )
    return LiveChart(
        "bins_and_density",
        chart,
        "A Gaussian action on the range from -1 to 1, cut into equal bins: bars of mass over width against the density. As it "
        "opens, 16 bins and sigma 0.4: total mass 1, largest bin 0.1227, largest quantisation error 1/16, half a bin.",
    )


@live_chart
def gaussian_ellipse() -> LiveChart:
    """Contours of a two-dimensional Gaussian, a probe point, and its distance in the metric of the covariance."""
    axis = lambda name, title: (alt.X if name == "x" else alt.Y)(f"{name}:Q", title=title).scale(
        domain=[-4, 4], nice=False
    )
    x, y = axis("x", "x₁"), axis("y", "x₂")
    ring, angle, rho = field("ring"), field("angle"), signal("rho")
    leaning = rho * cos(angle) + sqrt(1 - rho**2) * sin(angle)
    contours = (
        alt.Chart(alt.sequence(0, 147, as_="i"))
        .transform_calculate(ring="1 + floor(datum.i / 49)", angle="2 * PI * (datum.i % 49) / 48")
        .transform_calculate(x=text(ring * signal("sigma1") * cos(angle)), y=text(ring * signal("sigma2") * leaning))
        .mark_line(color=P, strokeWidth=1.8, clip=True)
        .encode(
            x=x, y=y, detail="ring:N", order="i:Q", opacity=alt.Opacity("ring:Q", legend=None).scale(range=[1, 0.55])
        )
    )
    probe = parts.rows({"one": 1}).transform_calculate(x="x1", y="x2", zero="0")
    ray = probe.mark_rule(color=Q, strokeWidth=1.5, strokeDash=[4, 3]).encode(
        x=x, y=y, x2=alt.X2("zero:Q"), y2=alt.Y2("zero:Q")
    )
    point = probe.mark_point(color=Q, filled=True, size=110, opacity=1).encode(x=x, y=y)
    shape = [signal(name) for name in ("x1", "x2", "sigma1", "sigma2", "rho")]
    numbers = parts.readouts(
        parts.rows({"one": 1}),
        {
            "Euclidean distance": parts.number("sqrt(x1 * x1 + x2 * x2)", ".3f"),
            "Mahalanobis": parts.number(text(densities.mahalanobis(*shape)), ".3f"),
            "log density": parts.number(text(densities.log_density_2d(*shape)), ".3f"),
        },
    )
    picture = alt.layer(contours, ray, point).properties(
        width=parts.SIDE + 60, height=parts.SIDE + 60, title="Contours one, two and three spreads from the mean"
    )
    chart = parts.sheet(
        numbers,
        picture,
        parts.slider("sigma1", "spread σ₁", 1, 0.2, 1.5, 0.05),
        parts.slider("sigma2", "spread σ₂", 0.6, 0.2, 1.5, 0.05),
        parts.slider("rho", "correlation ρ", 0.7, -0.95, 0.95, 0.05),
        parts.slider("x1", "probe x₁", 1, -2.5, 2.5, 0.1),
        parts.slider("x2", "probe x₂", -0.5, -2.5, 2.5, 0.1),
        center=True,
    )
    return LiveChart(
        "gaussian_ellipse",
        chart,
        "Contours of a two-dimensional Gaussian one, two and three spreads from its mean, and a probe point. As it opens, the "
        "probe at (1, -0.5) lies 1.118 from the mean by ruler but 2.369 spreads away in the metric of the covariance.",
    )


@live_chart
def demonstrator() -> LiveChart:
    """The cup-and-tray demonstrator, drawn from its joint density or from the product of its two marginals."""
    joint = parts.choice(
        "drawn",
        "draw the actions from",
        {"joint": "the demonstrator’s joint density", "product": "each gate on its own (product of the marginals)"},
        "joint",
    )
    generator = torch.Generator().manual_seed(5)
    normal = torch.randn(2, 60, generator=generator)
    ranks = torch.stack([torch.randperm(60, generator=generator) for _ in range(2)])
    columns = {"z1": normal[0], "z2": normal[1], "r1": (ranks[0] + 0.5) / 60, "r2": (ranks[1] + 0.5) / 60}
    p = Modes(*map(signal, Modes._fields))
    noise = heads.Noise(*map(field, columns), 0.0, 0.0)
    either = {"joint": "demonstrator", "product": "independent_bins"}
    draws = {drawn: heads.IDEALS[head].draw(noise, p) for drawn, head in either.items()}
    x1, x2 = (chosen("drawn", {drawn: draw[gate] for drawn, draw in draws.items()}) for gate in (0, 1))
    actions = scene.with_outcome(alt.Chart(parts.noise(60, columns)).transform_calculate(x1=text(x1), x2=text(x2)))
    picture = scene.paths_and_plane(actions, "60 paths, seen from above", "The same actions at the two gates")
    sides = {"joint": 1 - passing(p.d, p.d, p.s, 0), "product": 1 - passing_apart(p.d, p.w, p.s, 0)}
    right = text(p.w * normal_cdf(p.d / p.s) + (1 - p.w) * normal_cdf(-p.d / p.s))
    numbers = parts.readouts(
        parts.rows({"one": 1}),
        {
            "P(x₁ > 0)": parts.number(right, ".3f"),
            "P(x₂ > 0)": parts.number(right, ".3f"),
            "P(different sides)": parts.number(text(chosen("drawn", sides)), ".3f"),
        },
    )
    d, w, s = (
        parts.slider("d", "offset d", 0.6, 0.3, 1, 0.01),
        parts.slider("w", "share right w", 0.5, 0, 1, 0.01),
        parts.slider("s", "spread s", 0.1, 0.02, 0.3, 0.01),
    )
    chart = parts.sheet(numbers, picture, joint, d, w, s)
    return LiveChart(
        "demonstrator",
        chart,
        "Sixty paths around the obstacle and the same actions in the plane of the two gates, drawn from the demonstrator’s joint "
        "density or gate by gate from its two marginals, which stay the same. As it opens, the joint density: every path "
        "passes. Drawn gate by gate, half go left at one gate and right at the other: probability 0.5 of different sides.",
    )


@live_chart
def forward_noising() -> LiveChart:
    """Octo's forward process: what 20 steps of noise make of the two-mode density of one coordinate."""
    levels = [1.0, *(1 - heads.cosine_schedule(NOISING).double()).cumprod(0).tolist()]
    points = alt.Chart(alt.sequence(0, 321, as_="i")).transform_calculate(x="-3.2 + datum.i * 0.02")
    one = lambda mean, std: densities.density(field("x"), mean, std)
    mixture = lambda m, std: text(0.5 * one(-m, std) + 0.5 * one(m, std))
    x = alt.X("x:Q", title="x₁").scale(domain=[-3.2, 3.2], nice=False)
    y = alt.Y("density:Q", title="density").scale(domain=[0, 2.1], nice=False).stack(None)
    now = points.transform_calculate(density=mixture(signal("mode"), signal("spread"))).mark_area(
        color=Q, opacity=0.45, line={"color": Q}
    )
    start = points.transform_calculate(density=mixture(0.6, 0.1)).mark_line(color=P, strokeDash=[4, 3])
    goal = points.transform_calculate(density=text(one(0, 1))).mark_line(color=NEUTRAL, strokeDash=[2, 3])
    numbers = parts.readouts(
        parts.rows({"one": 1}),
        {
            "factor ᾱ on signal": ("alpha_bar", "format(alpha_bar, alpha_bar < 0.001 ? '.1e' : '.4f')"),
            "means at ±": parts.number("mode", ".3f"),
            "their spread": parts.number("spread", ".3f"),
        },
    )
    picture = alt.layer(*(layer.encode(x=x, y=y) for layer in (now, start, goal)))
    chart = parts.sheet(
        numbers,
        parts.wide(picture, "From the demonstrator (green, dashed) to N(0, 1) (grey, dotted)"),
        parts.slider("t", "noising steps taken", 4, 0, NOISING, 1),
        alt.param(name="levels", value=levels),
        alt.param(name="alpha_bar", expr="levels[t]"),
        alt.param(name="mode", expr="0.6 * sqrt(alpha_bar)"),
        alt.param(name="spread", expr="sqrt(alpha_bar * 0.01 + 1 - alpha_bar)"),
    )
    return LiveChart(
        "forward_noising",
        chart,
        "The density of one coordinate of the demonstrator's action after some of Octo's 20 noising steps. After 0 steps it has "
        "two sharp peaks at -0.6 and 0.6, after 20 it is a standard Gaussian. As it opens, 4 steps: 90 % of the signal's variance is left.",
    )
