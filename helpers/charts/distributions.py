"""The live charts of notebook 01: one answer for everybody, the demonstrator, mass and density, bins, Gaussians, noise."""

import json

import altair as alt
import torch

from helpers import heads
from helpers.charts import parts, scene
from helpers.charts.integrals import chosen
from helpers.charts.parts import let
from helpers.colors import NEUTRAL, P, Q
from helpers.namespace import PI, cos, exp, field, floor, maximum, normal_cdf, signal, sin, sqrt, where
from helpers.page.live import live_chart
from helpers.robot.cup_and_tray import HALF_WIDTH
from helpers.theory.densities import (
    density,
    length_density,
    length_unit,
    log_density,
    log_density_2d,
    mahalanobis,
    mass,
    mean_length,
    share_beyond,
)
from helpers.theory.modes import log_two_modes, squared_error

REACH = 2.0  # of the axes
MOST_BINS = 512
MILLIMETRES = 50  # of an action of 1
BEYOND = 1e9  # where the first and the last bin end, since what lies beyond the range is clipped into them
CLOUD = 300  # samples
NOISING = 20  # Octo's steps
LENGTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1600)  # numbers of noise
TELLING = 5  # so many give the answer away
SHOWN = (0.32, 0.45, 0.5, 0.55, 0.6, 0.66, 0.72, 0.9)  # demonstrations under the bell


MARGIN = 0.45  # height of a marginal along its edge of the plane
CRASHES = {"0": "none", "15": "about 15", "30": "about 30"}
CURVES = {"bell": "a bell, upside down", "v": "a V", "parabola": "a parabola"}
UNUSUAL = {"along": "(1, 0.5)", "across": "(1, −0.5)", "alike": "both alike"}
MERGED = {"2": "after 2", "7": "after 7", "15": "after 15"}
GUESSED_LENGTHS = {"0": "about 0", "7": "about 7", "40": "about 40", "1600": "about 1600"}
ANSWERS = {
    "left": (-0.6, "on the left route"),
    "middle": (0.0, "between the routes"),
    "right": (0.6, "on the right route"),
}


@live_chart(drag={"answer": {"x": "a"}})
def one_answer() -> alt.VConcatChart:
    """Demonstrations pass an obstacle on the left or on the right. A network with a single output has one action for all of
    them: move it, and see where it drives. Its mean squared error, and where that is least, are shown once you have
    guessed the place. As it opens, the one action passes on the right, at 0.6.
    """
    p, a = scene.DEMONSTRATOR, signal("a")
    mine = scene.with_outcome(let(parts.one(x1=a, x2=a, middle=0.5), zero=0), HALF_WIDTH)
    handle = mine.mark_point(**parts.DOT).encode(x=scene.lateral("x1"), y=scene.forward("middle"), color=scene.OUTCOME)
    drive = alt.layer(
        scene.surroundings(HALF_WIDTH),
        scene.demonstrations(HALF_WIDTH),
        scene.paths(mine, scene.OUTCOME, HALF_WIDTH, strokeWidth=4),
        handle.properties(name="answer"),
    )
    x, y = parts.axis(alt.X, "the one answer", -1.2, 1.2), parts.axis(alt.Y, "mean squared error", 0, 3.4)
    curve = let(parts.line("x", -1.2, 1.2, 120), error=squared_error(field("x"), p)).transform_filter(parts.GUESSED)
    least = parts.one(x="mean").transform_filter(parts.GUESSED).mark_rule(**parts.GUIDE).encode(x=x("x"))
    here = let(mine, error=squared_error(field("x1"), p)).transform_filter(parts.GUESSED)
    here = here.mark_point(**parts.DOT).encode(x=x("x1"), y=y("error"), color=scene.OUTCOME)
    guess = parts.guessed({name: place for name, (place, _) in ANSWERS.items()})
    first = parts.waiting(x=0, error=1.7).encode(x=x("x"), y=y("error"))
    curve = curve.mark_line(color=Q, strokeWidth=2.5).encode(x=x("x"), y=y("error"))
    cost = alt.layer(first, guess.encode(x=x("place")), curve, least, here)
    numbers = {
        "your answer": parts.number(a, ".2f"),
        "the path": parts.words("datum.outcome", "datum.outcome"),
        "its squared error": parts.after_the_guess(parts.number(squared_error(a, p), ".3f")),
        "least at": parts.after_the_guess(parts.number(p.mean, ".2f")),
    }
    return parts.sheet(
        parts.readouts(mine, numbers),
        parts.pair(
            (drive, "Demonstrations (green) and your one answer"),
            (cost, "What training minimises (dotted: your guess)"),
        ),
        parts.guess(
            "Where is the squared error least?",
            {name: words for name, (_, words) in ANSWERS.items()},
            "middle",
            "w == 0.5",
        ),
        parts.slider("a", "your answer", 0.6, -1, 1, 0.01),
        parts.slider("w", "share right w", 0.5, 0, 1, 0.05),
        *(alt.param(name=name, value=value) for name, value in (("d", 0.6), ("s", 0.1))),
        *scene.what_follows(),
    )


@live_chart(drag={"edge_a": {"x": "a"}, "edge_b": {"x": "b"}})
def interval_probability() -> alt.VConcatChart:
    """The density of a Gaussian with mean 0 and spread sigma, the area between a and b shaded. As it opens, sigma is 0.5
    and the interval is one spread to either side: probability 0.6827, highest density 0.798. With sigma 0.1 the density exceeds 1.
    """
    sigma, a, b = map(signal, ("sigma", "a", "b"))
    points = let(parts.line("x", -REACH, REACH, 400), density=density(field("x"), 0, sigma))
    x, y = parts.axis(alt.X, "x", -REACH, REACH)("x"), parts.axis(alt.Y, "density p(x)", 0, 4.2)("density")
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
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.wide(alt.layer(area, curve, one, *edges), "Probability is the shaded area; the height is a density"),
        parts.slider("sigma", "spread σ", 0.5, 0.1, 1, 0.05),
        parts.slider("a", "from a", -0.5, -2, 2, 0.05),
        parts.slider("b", "to b", 0.5, -2, 2, 0.05),
    )


@live_chart()
def bins_and_density() -> alt.VConcatChart:
    """A Gaussian action on the range from -1 to 1, cut into equal bins: bars of mass over width against the density. As it
    opens, 16 bins and sigma 0.4: total mass 1, largest bin 0.1227, and an error of at most half a bin, 3.1 mm if 1 is 50 mm.
    """
    i, bins, sigma = field("i"), signal("bins"), signal("sigma")
    rows = parts.counted(MOST_BINS).transform_filter("datum.i < bins")
    rows = let(rows, left=2 * i / bins - 1, right=2 * (i + 1) / bins - 1)
    low = where(i == 0, -BEYOND, field("left"))
    rows = let(rows, mass=mass(low, where(i == bins - 1, BEYOND, field("right")), 0, sigma))
    rows = let(rows, height=field("mass") * bins / 2, floor=0)
    x, y = parts.axis(alt.X, "action", -1.15, 1.15), parts.axis(alt.Y, "mass / width of a bin", 0, 4.2)("height")
    is_end = "datum.i == 0 || datum.i == bins - 1"  # its bar is thin, and not to be missed
    bars = rows.mark_bar(color=Q, stroke=Q, opacity=0.6, clip=True).encode(
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
        "error inside, mm": parts.number(MILLIMETRES / bins, ".1f"),
    }
    return parts.sheet(
        parts.readouts(rows.transform_aggregate(total="sum(mass)", largest="max(mass)"), numbers),
        parts.wide(alt.layer(bars, curve), "The area of a bar is its probability; the line is the density"),
        parts.choice("bins", "bins", [2**k for k in range(1, 10)], 16),
        parts.slider("sigma", "spread σ", 0.4, 0.1, 1, 0.05),
    )


@live_chart(drag={"probe": {"x": "x1", "y": "x2"}})
def gaussian_ellipse() -> alt.VConcatChart:
    """A cloud of 300 samples of a two-dimensional Gaussian, its contours one, two and three spreads from the mean, and a
    probe point. As it opens, the probe at (1, -0.5) lies 1.118 from the mean by ruler. How unusual it is, is shown once you
    have guessed whether it is more so than (1, 0.5).
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
    generator = torch.Generator().manual_seed(1)
    z1, z2 = field("z1"), field("z2")
    cloud = parts.noise(CLOUD, dict(zip(("z1", "z2"), torch.randn(2, CLOUD, generator=generator), strict=True)), 2)
    cloud = let(alt.Chart(cloud), x=signal("sigma1") * z1, y=signal("sigma2") * (rho * z1 + sqrt(1 - rho**2) * z2))
    cloud = cloud.mark_circle(color=P, size=14, opacity=0.35, clip=True).encode(x=x, y=y)
    probe = parts.one(x="x1", y="x2", zero=0)
    ray = probe.mark_rule(color=Q, strokeWidth=1.5, strokeDash=[4, 3]).encode(
        x=x, y=y, x2=alt.X2("zero:Q"), y2=alt.Y2("zero:Q")
    )
    point = probe.mark_point(color=Q, **parts.DOT).encode(x=x, y=y).properties(name="probe")
    shape = [signal(name) for name in ("x1", "x2", "sigma1", "sigma2", "rho")]
    beyond = share_beyond(mahalanobis(*shape))
    numbers = {
        "by ruler": parts.number(sqrt(shape[0] ** 2 + shape[1] ** 2), ".3f"),
        "in spreads": parts.after_the_guess(parts.number(mahalanobis(*shape), ".3f")),
        "log density": parts.after_the_guess(parts.number(log_density_2d(*shape), ".3f")),
        "further out": parts.after_the_guess(parts.percent(beyond)),
    }
    side = parts.SIDE + 60
    told = parts.told_guess(UNUSUAL)
    picture = alt.layer(cloud, contours.transform_filter(parts.GUESSED), ray, point, told).properties(
        width=side, height=side, title="Contours one, two and three spreads from the mean"
    )
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        picture,
        parts.guess(
            "Which is the more unusual sample?", UNUSUAL, "across", "sigma1 == 1 && sigma2 == 0.6 && rho == 0.7"
        ),
        parts.slider("sigma1", "spread σ₁", 1, 0.2, 1.5, 0.05),
        parts.slider("sigma2", "spread σ₂", 0.6, 0.2, 1.5, 0.05),
        parts.slider("rho", "correlation ρ", 0.7, -0.95, 0.95, 0.05),
        parts.slider("x1", "probe x₁", 1, -2.5, 2.5, 0.1),
        parts.slider("x2", "probe x₂", -0.5, -2.5, 2.5, 0.1),
        center=True,
    )


@live_chart()
def demonstrator() -> alt.VConcatChart:
    """Sixty demonstrated paths around the obstacle, and the same actions in the plane of the two gates. The margins of the plane
    show each gate on its own: a tick for each path, and the density. As it opens, each path has its own two gates, and
    every path passes. With each gate on its own the 60 ticks stay, and whose is whose is dealt out anew; how many paths crash
    is shown once you have guessed it.
    """
    words = {
        "joint": "as demonstrated: both gates together",
        "product": "each gate on its own",
    }
    p, columns = scene.DEMONSTRATOR, scene.draws(60, 5)
    partner = torch.randperm(60, generator=torch.Generator().manual_seed(2))  # whose second gate a path gets
    columns |= {"z3": columns["z2"][partner], "r2": columns["r1"][partner]}
    drawn = lambda z2, r: heads.IDEALS["demonstrator"].draw(
        heads.Noise(field("z1"), field(z2), field(r), r2=0.0, u=0.0, v=0.0), p
    )
    x1, own = drawn("z2", "r1")
    _, dealt = drawn("z3", "r2")
    actions = let(alt.Chart(parts.noise(60, columns)), x1=x1, x2=chosen("drawn", {"joint": own, "product": dealt}))
    known = f"(drawn == 'joint' || {parts.GUESSED})"
    actions = scene.with_outcome(actions, HALF_WIDTH)
    told = parts.told_guess(CRASHES, down=104)
    right = p.w * normal_cdf(p.d / p.s) + (1 - p.w) * normal_cdf(-p.d / p.s)
    counted = scene.crashes_of(actions)
    numbers = {
        "right, gate 1": parts.number(right, ".3f"),
        "right, gate 2": parts.number(right, ".3f"),
        "crash, of 60": parts.once(known, parts.words("datum.off", "datum.off")),
    }
    picture = scene.paths_and_plane(
        actions.transform_filter(known),
        "60 paths: blue pass, orange crash",
        "Both gates, and each alone on the margins",
        HALF_WIDTH,
        beside=[*margins(actions), told],
    )
    return parts.sheet(
        parts.readouts(counted, numbers),
        picture,
        parts.guess("Each gate on its own: how many of 60 crash?", CRASHES, "30", "drawn == 'product' && w == 0.5"),
        parts.choice("drawn", "draw the actions from", words, "joint"),
        parts.slider("d", "offset d", 0.6, 0.3, 1, 0.01),
        parts.slider("w", "share right w", 0.5, 0, 1, 0.01),
        parts.slider("s", "spread s", 0.1, 0.02, 0.3, 0.01),
    )


def margins(actions: alt.Chart) -> list[alt.Chart]:
    """The distribution of either gate along its edge of the plane: a tick for each action, and the density, at most MARGIN high."""
    p, edge = scene.DEMONSTRATOR, -scene.EXTENT
    at = field("at")
    high = edge + MARGIN * exp(log_two_modes(at, p.d, p.w, p.s) - log_density(0, 0, p.s))
    curve = let(parts.line("at", -scene.EXTENT, scene.EXTENT, 160), high=high, edge=edge)
    ends = let(actions, edge=edge, tick=edge + 0.07)
    area, tick = {"color": P, "opacity": 0.35}, {"color": P, "strokeWidth": 1, "opacity": 0.9, "clip": True}
    x, y = scene.across, scene.upward
    return [
        curve.mark_area(**area).encode(x=x("at"), y=y("high"), y2="edge"),
        curve.mark_area(orient="horizontal", **area).encode(y=y("at"), x=x("high"), x2="edge"),
        ends.mark_rule(**tick).encode(x=x("x1"), y=y("edge"), y2="tick"),
        ends.mark_rule(**tick).encode(y=y("x2"), x=x("edge"), x2="tick"),
    ]


@live_chart(play={"k": 5})
def length_of_noise() -> alt.VConcatChart:
    """How long is a vector of n standard normal numbers? The density of its length, which moves away from 0 as n grows. The
    answer for 1600 numbers, and for more than a few, is shown once you have guessed it. As it opens, one number: a length near 0 is the likeliest.
    """
    shown = f"n < {TELLING} || {parts.GUESSED}"
    r = field("r")
    curve = let(parts.line("r", 0.02, 45.02, 900), density=length_density(r, signal("n"), signal("unit")))
    x, y = parts.axis(alt.X, "length of the vector", 0, 45), parts.axis(alt.Y, "density", 0, 0.85)
    area = curve.transform_filter(shown).mark_area(color=Q, opacity=0.45, line={"color": Q})
    guess = parts.guessed({name: float(name) for name in GUESSED_LENGTHS})
    told = lambda value: parts.once(shown, parts.number(value, ".2f"))
    numbers = {"numbers n": parts.number("n", ","), "mean length": told("mean"), "its spread": told("spread")}
    picture = alt.layer(area.encode(x=x("r"), y=y("density")), guess.encode(x=x("place")))
    constants = {
        "counts": list(LENGTHS),
        "units": list(map(length_unit, LENGTHS)),
        "means": list(map(mean_length, LENGTHS)),
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.wide(picture, "How long is noise? (dotted: your guess)"),
        parts.guess("How long are 1600 standard normal numbers, as a vector?", GUESSED_LENGTHS, "40", "n == 1600"),
        parts.slider("k", "let n grow", 0, 0, len(LENGTHS) - 1, 1),
        *(alt.param(name=name, value=values) for name, values in constants.items()),
        *(parts.param(name, f"{name}s[k]") for name in ("unit", "mean")),
        parts.param("n", "counts[k]"),
        parts.param("spread", sqrt(signal("n") - signal("mean") ** 2)),
    )


@live_chart(drag={"bell": {"x": "mu"}})
def bell_and_parabola() -> alt.VConcatChart:
    """Eight demonstrations of one number, and a bell of fixed spread that says how likely each was. Move the bell: the mean
    of -log p over the demonstrations is a parabola in its place, the squared error scaled and lifted, which is shown once you
    have guessed its shape. As it opens, the
    bell stands at 0.2, too far left, and a demonstration costs 0.558 nats on average.
    """
    mu, sigma = signal("mu"), signal("sigma")
    shown = torch.tensor(SHOWN, dtype=torch.float64)
    mean, spread = round(shown.mean().item(), 6), shown.std(correction=0).item()
    error = lambda place: (place - mean) ** 2 + spread**2  # mean squared error of one answer
    cost = lambda place: -log_density(sqrt(error(place)), 0, sigma)
    x, y = parts.axis(alt.X, "action", -0.5, 1.5), parts.axis(alt.Y, "density", 0, 2.1)
    bell = let(parts.line("x", -0.5, 1.5, 200), density=density(field("x"), mu, sigma))
    bell = bell.mark_line(color=Q, strokeWidth=2.5).encode(x=x("x"), y=y("density"))
    dots = let(parts.rows(*({"x": place} for place in SHOWN)), density=density(field("x"), mu, sigma), zero=0)
    rules = dots.mark_rule(color=P, strokeWidth=1.5).encode(x=x("x"), y=y("zero"), y2="density")
    dots = dots.mark_circle(color=P, size=55, opacity=1).encode(x=x("x"), y=y("zero"))
    top = parts.one(x=mu, density=density(0, 0, sigma)).mark_point(color=Q, **parts.DOT)
    left = alt.layer(rules, dots, bell, top.encode(x=x("x"), y=y("density")).properties(name="bell"))
    place, nats = (
        parts.axis(alt.X, "where the bell stands", -0.5, 1.5),
        parts.axis(alt.Y, "mean of −log p, nats", -1, 12),
    )
    curve = let(parts.line("x", -0.5, 1.5, 100), cost=cost(field("x"))).mark_line(color=Q, strokeWidth=2.5, clip=True)
    here = parts.one(x=mu, cost=cost(mu)).mark_point(color=Q, **parts.DOT)
    least = parts.one(x=mean).mark_rule(**parts.GUIDE).encode(x=place("x"))
    told = parts.told_guess(CURVES)
    shown_now = (curve.transform_filter(parts.GUESSED), here, parts.waiting(x=0.5, cost=9))
    right = alt.layer(
        least.transform_filter(parts.GUESSED),
        *(layer.encode(x=place("x"), y=nats("cost")) for layer in shown_now),
        told,
    )
    numbers = {
        "bell at": parts.number(mu, ".2f"),
        "squared error": parts.number(error(mu), ".4f"),
        "mean of −log p": parts.number(cost(mu), ".3f"),
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.pair((left, "Eight demonstrations under a bell"), (right, "What they cost; dashed: their mean")),
        parts.guess("As the bell moves, what curve does the cost draw?", CURVES, "parabola"),
        parts.slider("mu", "bell at μ", 0.2, -0.3, 1.3, 0.02),
        parts.slider("sigma", "its spread σ", 0.4, 0.2, 0.6, 0.05),
    )


@live_chart(play={"t": 6})
def forward_noising() -> alt.VConcatChart:
    """The density of one coordinate of the demonstrator's action after some of Octo's 20 noising steps. After 0 steps it has
    two sharp peaks at -0.6 and 0.6, after 20 it is a standard Gaussian. What is between is shown once you have guessed when the
    two bumps become one. As it opens, 0 steps: their spread is 0.100.
    """
    levels = [1.0, *(1 - heads.cosine_schedule(NOISING).double()).cumprod(0).tolist()]
    one = lambda mean, std: density(field("x"), mean, std)
    mixture = lambda m, std: let(parts.line("x", -3.2, 3.2, 320), density=0.5 * one(-m, std) + 0.5 * one(m, std))
    x, y = parts.axis(alt.X, "x₁", -3.2, 3.2)("x"), parts.axis(alt.Y, "density", 0, 2.4)("density")
    known = f"(t == 0 || {parts.GUESSED})"
    now = (
        mixture(signal("mode"), signal("spread"))
        .transform_filter(known)
        .mark_area(color=Q, opacity=0.45, line={"color": Q})
    )
    start = mixture(0.6, 0.1).mark_line(color=P, strokeDash=[4, 3])
    goal = mixture(0, 1).mark_line(color=NEUTRAL, strokeDash=[2, 3])
    left, level = signal("alpha_bar"), "format(alpha_bar, alpha_bar < 0.001 ? '.1e' : '.4f')"
    numbers = {
        "steps": parts.number("t", "d"),
        "factor ᾱ": parts.words("alpha_bar", level),
        "means at ±": parts.once(known, parts.number("mode", ".3f")),
        "their spread": parts.once(known, parts.number("spread", ".3f")),
    }
    told = parts.told_guess(f"{json.dumps(MERGED)}[guess] + ' steps'")
    picture = alt.layer(*(layer.encode(x=x, y=y) for layer in (now, start, goal)), told)
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.wide(picture, "Noised (pink); where it began (green), where it ends (grey)"),
        parts.guess("After how many of 20 steps are the two bumps one?", MERGED, "7", "t >= 7"),
        parts.slider("t", "noising steps taken", 0, 0, NOISING, 1),
        alt.param(name="levels", value=levels),
        parts.param("alpha_bar", "levels[t]"),
        parts.param("mode", 0.6 * sqrt(left)),
        parts.param("spread", sqrt(left * 0.01 + 1 - left)),
    )
