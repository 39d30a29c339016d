"""The live charts of notebook 01: mass and density, bins, the Gaussian in two dimensions, the demonstrator, noising."""

import altair as alt

from helpers import heads
from helpers.charts import parts, scene
from helpers.charts.integrals import chosen
from helpers.charts.parts import let
from helpers.colors import NEUTRAL, P, Q
from helpers.namespace import PI, cos, field, floor, maximum, normal_cdf, signal, sin, sqrt, where
from helpers.page.live import live_chart
from helpers.robot.cup_and_tray import HALF_WIDTH
from helpers.theory.densities import density, log_density_2d, mahalanobis, mass
from helpers.theory.passing import passing, passing_apart

REACH = 2.0  # of the axes
MOST_BINS = 512
BEYOND = 1e9  # where the first and the last bin end, since what lies beyond the range is clipped into them
NOISING = 20  # Octo's steps


@live_chart(drag={"edge_a": {"x": "a"}, "edge_b": {"x": "b"}})
def interval_probability() -> alt.VConcatChart:
    """The density of a Gaussian with mean 0 and spread sigma, the area between a and b shaded. As it opens, sigma is 0.5
    and the interval is one spread to either side: probability 0.6827, highest density 0.798. With sigma 0.1 the density exceeds 1.
    """
    sigma, a, b = map(signal, ("sigma", "a", "b"))
    points = let(parts.line("x", -REACH, REACH, 400), density=density(field("x"), 0, sigma))
    x, y = parts.axis(alt.X, "x", -REACH, REACH)("x"), parts.axis(alt.Y, "density p(x)")("density")
    curve = points.mark_line(color=P, strokeWidth=2).encode(x=x, y=y)
    between = let(parts.line("t", 0, 1, 100), x=a + field("t") * maximum(0, b - a))  # from a to b; nothing if b is less
    area = let(between, density=density(field("x"), 0, sigma)).mark_area(color=P, opacity=0.35).encode(x=x, y=y)
    one = parts.one(density=1).mark_rule(**parts.GUIDE).encode(y=y)
    edges = [
        let(parts.one(x=name), density=density(field("x"), 0, sigma), floor=0)
        .mark_rule(color=P, strokeWidth=2)
        .encode(x=x, y=y, y2="floor:Q")
        .properties(name=f"edge_{name}")
        for name in "ab"
    ]
    numbers = {
        "P(a < X < b)": parts.number(maximum(0, mass(a, b, 0, sigma)), ".4f"),
        "highest density": parts.number(density(0, 0, sigma), ".3f"),
        "P(X = a)": parts.words(0, "'0'"),
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.wide(alt.layer(area, curve, one, *edges), "Probability is the shaded area; the height is a density"),
        parts.slider("sigma", "spread σ", 0.5, 0.05, 1, 0.05),
        parts.slider("a", "from a", -0.5, -2, 2, 0.05),
        parts.slider("b", "to b", 0.5, -2, 2, 0.05),
    )


@live_chart()
def bins_and_density() -> alt.VConcatChart:
    """A Gaussian action on the range from -1 to 1, cut into equal bins: bars of mass over width against the density. As it
    opens, 16 bins and sigma 0.4: total mass 1, largest bin 0.1227, largest quantisation error 1/16, half a bin.
    """
    i, bins, sigma = field("i"), signal("bins"), signal("sigma")
    rows = parts.counted(MOST_BINS).transform_filter("datum.i < bins")
    rows = let(rows, left=2 * i / bins - 1, right=2 * (i + 1) / bins - 1)
    low = where(i == 0, -BEYOND, field("left"))
    rows = let(rows, mass=mass(low, where(i == bins - 1, BEYOND, field("right")), 0, sigma))
    rows = let(rows, height=field("mass") * bins / 2, floor=0)
    x, y = parts.axis(alt.X, "action", -1.15, 1.15), parts.axis(alt.Y, "mass / width of a bin")("height")
    is_end = "datum.i == 0 || datum.i == bins - 1"  # its bar is thin, and not to be missed
    bars = rows.mark_bar(color=Q, stroke=Q, opacity=0.6).encode(
        x=x("left"),
        x2="right:Q",
        y=y,
        y2=alt.Y2("floor:Q"),
        strokeWidth=alt.condition(is_end, alt.value(2), alt.value(0)),
    )
    curve = let(parts.line("left", -1.15, 1.15, 230), height=density(field("left"), 0, sigma))
    curve = curve.mark_line(color=P, strokeWidth=2).encode(x=x("left"), y=y)
    numbers = {
        "total mass": parts.number(field("total"), ".4f"),
        "largest bin": parts.number(field("largest"), ".4f"),
        "error inside ±1": parts.number(1 / bins, ".4f"),
    }
    return parts.sheet(
        parts.readouts(rows.transform_aggregate(total="sum(mass)", largest="max(mass)"), numbers),
        parts.wide(alt.layer(bars, curve), "The area of a bar is its probability; the line is the density"),
        parts.slider("bins", "bins", 16, 2, MOST_BINS, 1),
        parts.slider("sigma", "spread σ", 0.4, 0.1, 1, 0.05),
    )


@live_chart(drag={"probe": {"x": "x1", "y": "x2"}})
def gaussian_ellipse() -> alt.VConcatChart:
    """Contours of a two-dimensional Gaussian one, two and three spreads from its mean, and a probe point. As it opens, the
    probe at (1, -0.5) lies 1.118 from the mean by ruler but 2.369 spreads away in the metric of the covariance.
    """
    x, y = parts.axis(alt.X, "x₁", -4, 4)("x"), parts.axis(alt.Y, "x₂", -4, 4)("y")
    i, ring, angle, rho = field("i"), field("ring"), field("angle"), signal("rho")
    leaning = rho * cos(angle) + sqrt(1 - rho**2) * sin(angle)
    points = let(parts.counted(147), ring=1 + floor(i / 49), angle=2 * PI * (i % 49) / 48)
    points = let(points, x=ring * signal("sigma1") * cos(angle), y=ring * signal("sigma2") * leaning)
    fading = alt.Opacity("ring:Q", legend=None).scale(range=[1, 0.55])
    contours = points.mark_line(color=P, strokeWidth=1.8, clip=True).encode(
        x=x, y=y, detail="ring:N", order="i:Q", opacity=fading
    )
    probe = parts.one(x="x1", y="x2", zero=0)
    ray = probe.mark_rule(color=Q, strokeWidth=1.5, strokeDash=[4, 3]).encode(
        x=x, y=y, x2=alt.X2("zero:Q"), y2=alt.Y2("zero:Q")
    )
    point = probe.mark_point(color=Q, **parts.DOT).encode(x=x, y=y).properties(name="probe")
    shape = [signal(name) for name in ("x1", "x2", "sigma1", "sigma2", "rho")]
    numbers = {
        "Euclidean distance": parts.number(sqrt(shape[0] ** 2 + shape[1] ** 2), ".3f"),
        "Mahalanobis": parts.number(mahalanobis(*shape), ".3f"),
        "log density": parts.number(log_density_2d(*shape), ".3f"),
    }
    side = parts.SIDE + 60
    picture = alt.layer(contours, ray, point).properties(
        width=side, height=side, title="Contours one, two and three spreads from the mean"
    )
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        picture,
        parts.slider("sigma1", "spread σ₁", 1, 0.2, 1.5, 0.05),
        parts.slider("sigma2", "spread σ₂", 0.6, 0.2, 1.5, 0.05),
        parts.slider("rho", "correlation ρ", 0.7, -0.95, 0.95, 0.05),
        parts.slider("x1", "probe x₁", 1, -2.5, 2.5, 0.1),
        parts.slider("x2", "probe x₂", -0.5, -2.5, 2.5, 0.1),
        center=True,
    )


@live_chart()
def demonstrator() -> alt.VConcatChart:
    """Sixty paths around the obstacle and the same actions in the plane of the two gates, drawn from the demonstrator’s joint
    density or gate by gate from its two marginals, which stay the same. As it opens, the joint density: every path
    passes. Drawn gate by gate, half go left at one gate and right at the other: probability 0.5 of different sides.
    """
    words = {
        "joint": "the demonstrator’s joint density",
        "product": "each gate on its own (product of the marginals)",
    }
    p, columns = scene.DEMONSTRATOR, scene.draws(60, 5)
    noise = heads.Noise(*map(field, columns), 0.0, 0.0)
    either = {"joint": "demonstrator", "product": "independent_bins"}
    drawn = {choice: heads.IDEALS[head].draw(noise, p) for choice, head in either.items()}
    x1, x2 = (chosen("drawn", {choice: draw[gate] for choice, draw in drawn.items()}) for gate in (0, 1))
    actions = scene.with_outcome(let(alt.Chart(parts.noise(60, columns)), x1=x1, x2=x2), HALF_WIDTH)
    sides = {"joint": 1 - passing(p.d, p.d, p.s, 0), "product": 1 - passing_apart(p.d, p.w, p.s, 0)}
    right = p.w * normal_cdf(p.d / p.s) + (1 - p.w) * normal_cdf(-p.d / p.s)
    numbers = {
        "P(x₁ > 0)": parts.number(right, ".3f"),
        "P(x₂ > 0)": parts.number(right, ".3f"),
        "P(different sides)": parts.number(chosen("drawn", sides), ".3f"),
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        scene.paths_and_plane(actions, "60 paths, seen from above", "The same actions at the two gates", HALF_WIDTH),
        parts.choice("drawn", "draw the actions from", words, "joint"),
        parts.slider("d", "offset d", 0.6, 0.3, 1, 0.01),
        parts.slider("w", "share right w", 0.5, 0, 1, 0.01),
        parts.slider("s", "spread s", 0.1, 0.02, 0.3, 0.01),
    )


@live_chart(play={"t": 6})
def forward_noising() -> alt.VConcatChart:
    """The density of one coordinate of the demonstrator's action after some of Octo's 20 noising steps. After 0 steps it has
    two sharp peaks at -0.6 and 0.6, after 20 it is a standard Gaussian. As it opens, 4 steps: 90 % of the signal's variance is left.
    """
    levels = [1.0, *(1 - heads.cosine_schedule(NOISING).double()).cumprod(0).tolist()]
    one = lambda mean, std: density(field("x"), mean, std)
    mixture = lambda m, std: let(parts.line("x", -3.2, 3.2, 320), density=0.5 * one(-m, std) + 0.5 * one(m, std))
    x, y = parts.axis(alt.X, "x₁", -3.2, 3.2)("x"), parts.axis(alt.Y, "density", 0, 2.1)("density")
    now = mixture(signal("mode"), signal("spread")).mark_area(color=Q, opacity=0.45, line={"color": Q})
    start = mixture(0.6, 0.1).mark_line(color=P, strokeDash=[4, 3])
    goal = mixture(0, 1).mark_line(color=NEUTRAL, strokeDash=[2, 3])
    left, level = signal("alpha_bar"), "format(alpha_bar, alpha_bar < 0.001 ? '.1e' : '.4f')"
    numbers = {
        "factor ᾱ on signal": parts.words("alpha_bar", level),
        "means at ±": parts.number("mode", ".3f"),
        "their spread": parts.number("spread", ".3f"),
    }
    picture = alt.layer(*(layer.encode(x=x, y=y) for layer in (now, start, goal)))
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.wide(picture, "From the demonstrator (green, dashed) to N(0, 1) (grey, dotted)"),
        parts.slider("t", "noising steps taken", 4, 0, NOISING, 1),
        alt.param(name="levels", value=levels),
        parts.param("alpha_bar", "levels[t]"),
        parts.param("mode", 0.6 * sqrt(left)),
        parts.param("spread", sqrt(left * 0.01 + 1 - left)),
    )
