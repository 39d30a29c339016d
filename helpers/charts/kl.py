"""The live charts of notebook 04: support, the integrand of either KL, its landscape, its estimators, compounding error."""

import functools

import altair as alt
import torch
from contourpy import contour_generator
from torch.distributions import Normal

from helpers.charts import parts
from helpers.charts.integrals import chosen
from helpers.charts.parts import SIDE, let
from helpers.charts.uniforms import with_uniforms
from helpers.colors import CRASH, NEUTRAL, SERIES, SUCCESS, P, Q
from helpers.namespace import exp, field, floor, log, maximum, minimum, normal_quantile, signal, sqrt, text, where
from helpers.page.live import live_chart
from helpers.policies.gaussian_fit import roll, two_modes
from helpers.theory.densities import log_density
from helpers.theory.estimators import error_of_mean, kl_estimate_moments, kl_estimates, steps_off_course
from helpers.theory.information import excess, integrand
from helpers.theory.modes import log_two_modes, modes

MODE, SPREAD, SHARE = 1.0, 0.25, 0.3  # the two-mode p: modes at -1 and 1, their spread, the share of the right one
EDGE, CELL = 10.5, 0.03  # the grid of the integrals: six spreads beyond the widest q, three cells to the narrowest
DIRECTIONS = {"forward": "forward D(p‖q)", "reverse": "reverse D(q‖p)"}
STEP = 0.05  # between the Gaussians of the landscape, in mean and spread
LEVELS = (0.4, 0.5, 0.6, 0.73, 0.76, 0.85, 1, 1.25, 1.5, 2, 3, 5, 8, 12, 20, 60)  # of its contours, nats
STARTS = (31, 14)  # from where a ball can roll: means from -1.5 and spreads from 0.2, 0.1 apart
STAGES, WIDTH = 12, 4  # of its way, and characters of a number in `rolled`
SHOWN_BALL = f"(direction == 'forward' || {parts.GUESSED})"  # the way down in reverse waits for the guess
ENDS = {"one": "all in one place", "two": "in two places", "many": "each in its own"}
INFINITE = {"forward": "forward", "reverse": "reverse", "both": "both"}
PLACES = {"left": (-1.0, "on the left"), "between": (0.0, "between the two"), "right": (1.0, "on the right")}
DOUBLINGS = 12  # of the number of draws, at most
DRAWS = 2**DOUBLINGS
ROLLOUTS = 400
SHOWN = 24  # of them are drawn
DRIFT = 0.015  # to the side, per step off course
LONGEST = 100


@live_chart()
def support() -> alt.VConcatChart:
    """Two PMFs over left, right and wait: the demonstrator p, and a policy q that was shown left only, with a floor under its
    probabilities. As it opens, p goes right with probability 0.3 and the floor is 0. Which of the divergences is infinite, and
    why, is shown once you have guessed it. With any floor above 0 the policy sometimes waits, and p never does.
    """
    i, share, least = field("i"), signal("share"), signal("floor")
    rows = parts.rows(*({"outcome": word, "i": i} for i, word in enumerate(parts.OUTCOMES)))
    p = where(i == 0, 1 - share, where(i == 1, share, 0))
    pmfs = let(rows, p=p, q=(1 - least) * where(i == 0, 1, 0) + least / 3)
    terms = let(pmfs, forward=excess(field("p"), field("q")), reverse=excess(field("q"), field("p")))
    numbers = {
        "q of wait": parts.number(least / 3, ".3f"),
        "forward D(p‖q)": parts.after_the_guess(parts.nats(field("forward"))),
        "reverse D(q‖p)": parts.after_the_guess(parts.nats(field("reverse"))),
    }
    remark = parts.one(readout="'why'", value=why_infinite(), shown=why_infinite()).transform_filter(parts.GUESSED)
    remark = remark.mark_text(fontSize=13, align="center", baseline="top", lineBreak="\n")
    remark = remark.encode(text="shown:N", y=alt.value(0))
    remark = remark.properties(width=parts.WIDE - 50, height=34, view=alt.ViewConfig(stroke=None))
    guess = parts.told_guess()
    title = "The demonstrator p (green), and a policy q (pink) that was shown left only"
    return parts.sheet(
        parts.readouts(terms.transform_aggregate(forward="sum(forward)", reverse="sum(reverse)"), numbers),
        alt.vconcat(remark, parts.wide(alt.layer(parts.pmf_bars(pmfs), guess), title, 200)),
        parts.guess("Which of the two is infinite?", INFINITE, "forward", "share == 0.3 && floor == 0"),
        parts.slider("share", "p: share of right", 0.3, 0, 1, 0.05),
        parts.slider("floor", "least probability", 0, 0, 0.3, 0.01),
    )


def why_infinite() -> str:
    """The expression of a sentence that says which divergence is infinite, and why."""
    forward = "'D(p‖q) is infinite: p goes right, and q never does.'"
    and_reverse = "'\\nSo is D(q‖p): q goes left, and p never does.'"
    only_q = "(share == 0 ? 'right and wait' : share == 1 ? 'left and wait' : 'wait')"  # a choice of words
    reverse = f"'D(q‖p) is infinite: q gives mass to ' + {only_q} + ',\\nwhere p has none.'"
    neither = "'p and q agree on everything.'"
    sentence = (
        f"floor == 0 && share > 0 ? {forward} + (share == 1 ? {and_reverse} : '') : floor > 0 ? {reverse} : {neither}"
    )
    return sentence


def on_the_grid(mean: str = "mu", std: str = "sigma") -> alt.Chart:
    """log p, log q and the integrands of both directions at every cell of the grid; q = N(mean, std^2)."""
    log_p, log_q = field("log_p"), field("log_q")
    grid = let(
        parts.line("x", -EDGE, EDGE, round(2 * EDGE / CELL)),
        log_p=log_two_modes(field("x"), MODE, signal("w"), SPREAD),
        log_q=log_density(field("x"), signal(mean), signal(std)),
    )
    return let(grid, p=exp(log_p), q=exp(log_q), forward=integrand(log_p, log_q), reverse=integrand(log_q, log_p))


def both_divergences(grid: alt.Chart) -> alt.Chart:
    """One row: D(p || q) and D(q || p), the sums of the grid's cells."""
    sums = grid.transform_aggregate(forward="sum(forward)", reverse="sum(reverse)")
    return let(sums, forward_kl=field("forward") * CELL, reverse_kl=field("reverse") * CELL)


def in_direction():
    """The field `forward` or `reverse`, whichever direction is shown."""
    return chosen("below", {direction: field(direction) for direction in DIRECTIONS})


def direction_choice(label: str) -> alt.Parameter:
    """Forward or reverse."""
    return parts.choice("direction", label, DIRECTIONS, "forward")


@live_chart(follows=dict.fromkeys(("mu", "sigma", "direction"), ("jump", "free")), drag={"bell": {"x": "mu"}})
def kl_pointwise() -> alt.VConcatChart:
    """A demonstrator with two modes, at -1 and 1, and one Gaussian q: their densities, and below them where the chosen
    divergence comes from. The divergences are shown once you have guessed where q belongs; buttons then put it on the best
    place. As it opens, q has mean 0.2 and spread 0.6.
    """
    p = modes(MODE, signal("w"), SPREAD)
    bells = {
        "free": ("moved by hand", signal("mu"), signal("sigma")),
        "forward": ("best by D(p‖q)", p.mean, p.spread),
        "left": ("best by D(q‖p), from the left", -MODE, SPREAD),
        "right": ("best by D(q‖p), from the right", MODE, SPREAD),
    }
    grid = on_the_grid("mean", "std")
    numbers = {
        "D(p‖q)": parts.after_the_guess(parts.nats(field("forward_kl"))),
        "D(q‖p)": parts.after_the_guess(parts.nats(field("reverse_kl"))),
        "mean of q": parts.number("mean", ".2f"),
        "spread of q": parts.number("std", ".3f"),
    }
    return parts.sheet(
        parts.readouts(both_divergences(grid), numbers),
        densities_and_integrand(grid.transform_filter("abs(datum.x) <= 3")),
        parts.guess(
            "Where will training put q?",
            {name: words for name, (_, words) in PLACES.items()},
            "between",
            f"w == {SHARE} && below == 'forward'",
        ),
        direction_choice("lower picture shows"),
        parts.choice("jump", "q is", {name: words for name, (words, *_) in bells.items()}, "free"),
        parts.slider("mu", "mean μ", 0.2, -1.5, 1.5, 0.05),
        parts.slider("sigma", "spread σ", 0.6, 0.2, 1.5, 0.05),
        parts.slider("w", "share right", SHARE, 0.05, 0.95, 0.05),
        parts.param("mean", chosen("jump", {name: mean for name, (_, mean, _) in bells.items()})),
        parts.param("std", chosen("jump", {name: std for name, (*_, std) in bells.items()})),
        parts.param(
            "below",
            chosen(
                "jump",
                {"free": signal("direction")}
                | dict.fromkeys(("left", "right"), signal("'reverse'"))
                | {"forward": signal("'forward'")},
            ),
        ),
    )


def densities_and_integrand(seen: alt.Chart) -> alt.VConcatChart:
    """Both densities, and below them where the chosen divergence comes from."""
    x, above = parts.axis(alt.X, "action", -3, 3)("x"), parts.axis(alt.X, None, -3, 3)("x")
    y, value = parts.axis(alt.Y, "density", 0, 2.2), parts.axis(alt.Y, "per unit of x", -1, 16)("part")
    top = parts.one(x="mean", q=exp(log_density(0, 0, signal("std")))).mark_point(color=Q, **parts.DOT)
    value = value.scale(type="sqrt", domain=[-1, 16], nice=False).axis(values=[-1, 0, 1, 4, 9, 16])
    guess = parts.guessed({name: place for name, (place, _) in PLACES.items()})
    densities = alt.layer(
        seen.mark_area(color=P, opacity=0.4, clip=True).encode(x=above, y=y("p")),
        guess.encode(x=parts.axis(alt.X, None, -3, 3)("place")),
        seen.mark_line(color=Q, strokeWidth=2, clip=True).encode(x=above, y=y("q")),
        top.encode(x=above, y=y("q")).properties(name="bell"),
    )
    told = seen.transform_filter(parts.GUESSED)
    averaged = {name: signal(f"'averaged over {of}'") for name, of in zip(DIRECTIONS, "pq", strict=True)}
    whose = parts.one(x=-2.95, part=14, whose=chosen("below", averaged)).mark_text(align="left", fontSize=12)
    area = lambda part, color: let(told, part=part).mark_area(color=color, opacity=0.6, clip=True).encode(x=x, y=value)
    areas = alt.layer(
        area(maximum(0, in_direction()), SERIES[1]),
        area(-maximum(0, -in_direction()), SERIES[0]),
        parts.one(part=0).mark_rule(color=NEUTRAL).encode(y=value),
        parts.waiting(x=0, part=2).encode(x=x, y=value),
        whose.encode(x=x, y=value, text="whose:N"),
    )
    return alt.vconcat(
        parts.wide(densities, "The demonstrator p (green) and one Gaussian q (line); dotted: your guess", 130),
        parts.wide(areas, "Where the divergence comes from: ochre adds, teal takes away (root scale)", 130),
    )


@functools.cache
def landscape() -> dict[str, list]:
    """The sets of Gaussians whose divergence from the two-mode p is below a level, as outlines: mean u, spread v, a number
    for each outline, its level and direction; high levels first. By quadrature in torch on a grid STEP apart.
    """
    x = torch.linspace(-EDGE, EDGE, 701, dtype=torch.float64)
    mean, std = (torch.arange(low, 1.5 + STEP / 2, STEP, dtype=torch.float64) for low in (-1.5, 0.2))
    log_p = log_two_modes(x, MODE, SHARE, SPREAD)[:, None, None]
    log_q = Normal(mean, std[:, None]).log_prob(x[:, None, None])
    surfaces = {"forward": integrand(log_p, log_q), "reverse": integrand(log_q, log_p)}
    outlines = [
        (outline, level, direction)
        for direction, values in surfaces.items()
        for below in [contour_generator(mean, std, torch.trapezoid(values, x, dim=0).numpy(), fill_type="OuterCode")]
        for level in reversed(LEVELS)
        for outline in below.filled(0, level)[0]
    ]
    rows = [
        (u, v, piece, level, direction)
        for piece, (outline, level, direction) in enumerate(outlines)
        for u, v in outline.round(3).tolist()
    ]
    return dict(zip(("u", "v", "piece", "level", "of"), map(list, zip(*rows, strict=True)), strict=True))


@functools.cache
def rolled() -> dict[str, str]:
    """The way of a ball from each of STARTS by either direction: a text of whole numbers, WIDTH characters each, mean and
    spread in hundredths, for each stage and start. As a text, since Altair looks at each number of a list.
    """
    means, stds = (low + 0.1 * torch.arange(n) for low, n in zip((-1.5, 0.2), STARTS, strict=True))
    start, p = torch.cartesian_prod(means, stds), two_modes(SHARE, MODE, SPREAD)
    ways = {direction: (100 * roll(p, direction, start, STAGES)).round().int() for direction in DIRECTIONS}
    return {direction: "".join(f"{x:{WIDTH}d}" for x in way.flatten().tolist()) for direction, way in ways.items()}


@live_chart(drag={"ball": {"x": "mu", "y": "sigma"}}, play={"stage": 4})
def kl_landscape() -> alt.VConcatChart:
    """A map of all Gaussians by mean and spread, with lines of equal divergence from a two-mode demonstrator. Put a ball on it
    and let it roll downhill: beside the map is the Gaussian where it lies. As it opens, it lies at mean 0.2, spread 0.6,
    1.518 nats from p in the forward direction. Forward there is one valley; the map in reverse is shown once you have guessed
    where the balls end.
    """
    u, v = parts.axis(alt.X, "mean μ of q", -1.5, 1.5), parts.axis(alt.Y, "spread σ of q", 0.2, 1.5)
    own = {"size": 170, "filled": True, "color": Q, "stroke": "white", "strokeWidth": 2, "opacity": 1}
    ball = parts.one(u="mu_now", v="sigma_now").mark_point(**own).encode(x=u("u"), y=v("v"))
    start = parts.one(u="mu", v="sigma").mark_point(color=Q, size=60, opacity=0.9).encode(x=u("u"), y=v("v"))
    start = start.properties(name="ball")
    trace = let(parts.counted(STAGES + 1), u=on_the_way(0, field("i")), v=on_the_way(1, field("i"))).transform_filter(
        "datum.i <= stage"
    )
    trace = trace.mark_line(color=Q, strokeWidth=2.5, clip=True).encode(x=u("u"), y=v("v"), order="i:Q")
    x, y = parts.axis(alt.X, "action", -3, 3)("x").axis(values=[-2, -1, 0, 1, 2]), parts.axis(alt.Y, "density", 0, 2)
    grid = on_the_grid("mu_now", "sigma_now")
    seen = grid.transform_filter("abs(datum.x) <= 3")
    bells = alt.layer(
        seen.mark_area(color=P, opacity=0.4, clip=True).encode(x=x, y=y("p")),
        seen.mark_line(color=Q, strokeWidth=2.5, clip=True).encode(x=x, y=y("q")),
    )
    numbers = {
        "D(p‖q)": parts.nats(field("forward_kl")),
        "D(q‖p)": parts.nats(field("reverse_kl")),
        "mean": parts.number("mu_now", ".2f"),
        "spread": parts.number("sigma_now", ".2f"),
    }
    wait = parts.waiting(u=0, v=1.35).encode(x=u("u"), y=v("v")).transform_filter("direction == 'reverse'")
    told = parts.told_guess(ENDS)
    picture = alt.layer(
        contours(u, v), *(mark.transform_filter(SHOWN_BALL) for mark in (trace, ball)), start, wait, told
    )
    return parts.sheet(
        parts.readouts(both_divergences(grid), numbers),
        parts.pair(
            (picture, "Each Gaussian a point; light is near p"),
            (bells, "The Gaussian where the ball lies"),
            height=SIDE,
        ),
        parts.guess("By D(q‖p), where do the balls end?", ENDS, "two", "direction == 'reverse' && stage == 12"),
        direction_choice("the ball rolls by"),
        parts.slider("mu", "start: mean μ", 0.2, -1.5, 1.5, 0.1),
        parts.slider("sigma", "start: spread σ", 0.6, 0.2, 1.5, 0.1),
        parts.slider("stage", "let it roll", 0, 0, STAGES, 1),
        alt.param(name="w", value=SHARE),
        *(alt.param(name=direction, value=way) for direction, way in rolled().items()),
        parts.param("way", chosen("direction", {direction: signal(direction) for direction in DIRECTIONS})),
        parts.param("start", floor(10 * signal("mu") + 15.5) * STARTS[1] + floor(10 * signal("sigma") - 1.5)),
        *(parts.param(f"{name}_now", on_the_way(k, signal("stage"))) for k, name in enumerate(("mu", "sigma"))),
    )


def on_the_way(axis: int, stage):
    """The ball's mean (0) or spread (1) at a stage, as `rolled` holds it."""
    place = WIDTH * (2 * (stage * STARTS[0] * STARTS[1] + signal("start")) + axis)
    return signal(f"slice(way, {text(place)}, {text(place + WIDTH)})") / 100  # a text divided is a number


def contours(u, v) -> alt.Chart:
    """The landscape of the chosen direction: outlines, the higher below the lower."""
    legend = alt.Legend(orient="top", title="nats", titleOrient="left", gradientLength=200, values=[0.5, 1, 2, 5, 10])
    scale = {"type": "log", "scheme": "viridis", "domain": [0.4, 20], "reverse": True}
    color = alt.Color("level:Q", legend=legend).scale(**scale)
    rows = parts.rows(landscape()).transform_flatten(list(landscape()))
    rows = rows.transform_filter(f"datum.of == direction && {SHOWN_BALL}")
    look = {"interpolate": "linear-closed", "strokeWidth": 0.7, "filled": True, "clip": True}
    rows = rows.transform_window(i="row_number()")
    return rows.mark_line(**look).encode(
        x=u("u"), y=v("v"), detail="piece:Q", order="i:Q", color=color, stroke=alt.value("white")
    )


@live_chart(play={"k": 6})
def kl_estimators() -> alt.VConcatChart:
    """Three estimators of D(q||p) from draws of q, for two Gaussians of unit spread whose means are delta apart: running
    estimates of one run, and the expected error against the number of draws. As it opens, delta is 0.5: the exact value is
    0.1250, and one draw's standard deviation is 0.500 for k1, 0.188 for k2, which is biased, and 0.185 for k3, which is not.
    """
    words = {"k1": "k₁ = −log r", "k2": "k₂ = (log r)² / 2", "k3": "k₃ = r − 1 − log r"}
    delta, truth = signal("delta"), signal("delta") ** 2 / 2
    errors = {k: error_of_mean(moments, truth, field("n")) for k, moments in kl_estimate_moments(delta).items()}
    runs, color = running_estimates(words), parts.series_color(words)
    n = alt.X("n:Q", title="draws N").scale(type="log", base=2, domain=[1, DRAWS])
    n = n.axis(values=[1, 4, 16, 64, 256, 1024, 4096])
    drawn = runs.transform_filter("datum.n <= 64 || datum.n % 16 == 0")  # all that a screen can show
    drawn = let(drawn, **{k: field(f"{k}_mean") / truth for k in words})
    share = lambda name: alt.Y(f"{name}:Q", title="estimate ÷ truth").scale(domain=[-1, 3])
    so_far = lambda chart, k: parts.together(
        chart,
        alt.Chart().transform_filter("datum.n <= pow(2, k)").mark_line(strokeWidth=2, clip=True),
        alt.Chart().transform_filter("datum.n == pow(2, k)").mark_circle(size=45, opacity=1, clip=True),
    ).encode(x=n, y=share(k), color=color)
    truth_line = parts.one(share=1).mark_rule(**parts.GUIDE).encode(y=share("share"))
    error = lambda chart, k: chart.mark_line(strokeWidth=2).encode(
        x=n, y=alt.Y(f"{k}:Q", title="error ÷ truth").scale(type="log"), color=color
    )
    sizes = let(parts.counted(DOUBLINGS + 1).transform_filter("datum.i <= k"), n="pow(2, datum.i)")
    expected = parts.series(let(sizes, **{k: e / truth for k, e in errors.items()}), words, error)
    here = parts.one(n="pow(2, k)").mark_rule(**parts.GUIDE).encode(x=n)
    estimates = {"exact": parts.number(truth, ".4f")} | {k: parts.number(field(f"{k}_mean"), ".4f") for k in words}
    expected_errors = {"draws N": parts.number("pow(2, k)", "d")}
    expected_errors |= {f"error of {k}": parts.number(e, ".4f") for k, e in errors.items()}
    return parts.sheet(
        parts.readouts(runs.transform_filter("datum.n == pow(2, k)"), estimates, expected_errors),
        parts.pair(
            (alt.layer(truth_line, parts.series(drawn, words, so_far)), "Estimates from one run"),
            (alt.layer(here, expected), "The error to expect (root mean square)"),
        ),
        parts.slider("delta", "distance δ", 0.5, 0.1, 2, 0.1),
        parts.slider("k", "let N grow", 8, 0, DOUBLINGS, 1),
        parts.another_run(),
    )


def running_estimates(words) -> alt.Chart:
    """The mean of each estimate over the first n of DRAWS draws of q = N(0, 1)."""
    delta, draws = signal("delta"), with_uniforms(parts.counted(DRAWS), "u")
    draws = let(draws, log_r=delta * normal_quantile(field("u")) - delta**2 / 2)
    draws = let(draws, **kl_estimates(field("log_r")))
    sums = {f"{k}_sum": f"sum({k})" for k in words}
    draws = draws.transform_window(**sums, sort=[alt.SortField("i")], frame=[None, 0])
    draws = let(draws, n=field("i") + 1)
    return let(draws, **{f"{k}_mean": field(f"{k}_sum") / field("n") for k in words})


@live_chart(play={"horizon": 8})
def compounding_error() -> alt.VConcatChart:
    """Robots that slip with a small probability at each step, and once off course drift further away, because nobody has shown
    them how to come back. On the left the ways of 24 of them, on the right the share that is off course, beside robots that
    recover at once. As it opens, slips of 0.01 and 50 steps: 10.90 steps off course on average, 0.50 with recovery.
    """
    slip, horizon, t, first = signal("slip"), signal("horizon"), field("t"), field("first")
    slips = with_uniforms(parts.counted(ROLLOUTS), "u")
    slips = let(slips, first=1 + floor(log(field("u")) / log(1 - slip)))  # step of the first slip: geometric
    slips = let(slips, off=maximum(0, horizon - first + 1))
    steps = parts.line("t", 0, LONGEST, LONGEST).transform_filter("datum.t <= horizon")
    counts = slips.transform_filter("datum.first <= horizon").transform_aggregate(count="count()", groupby=["first"])
    counts = counts.transform_window(total="sum(count)", sort=[alt.SortField("first")], frame=[None, 0])
    x, y = parts.axis(alt.X, "step", 0, LONGEST), parts.axis(alt.Y, "share off course", 0, 1)
    lost, simulated = let(steps, share=1 - (1 - slip) ** t), let(counts, share=field("total") / ROLLOUTS)
    share = alt.layer(
        lost.mark_area(color=CRASH, opacity=0.35, line={"color": CRASH}).encode(x=x("t"), y=y("share")),
        simulated.mark_line(color=NEUTRAL, interpolate="step-after", strokeWidth=1.5).encode(
            x=x("first"), y=y("share")
        ),
        let(steps, share="slip").mark_line(color=SUCCESS, strokeWidth=2.5).encode(x=x("t"), y=y("share")),
    )
    numbers = {
        "steps off course": parts.number(steps_off_course(slip, horizon), ".2f"),
        "simulated": parts.number(field("off"), ".2f"),
        "give or take": parts.number(field("spread") / sqrt(ROLLOUTS), ".2f"),
        "with recovery": parts.number(slip * horizon, ".2f"),
    }
    return parts.sheet(
        parts.readouts(slips.transform_aggregate(off="mean(off)", spread="stdev(off)"), numbers),
        parts.pair(
            (drifting(slips), "24 of 400 robots; orange: after a slip"),
            (share, "Share off course; blue: if they come back"),
        ),
        parts.slider("horizon", "steps T", 50, 1, LONGEST, 1),
        parts.slider("slip", "slip per step ε", 0.01, 0.001, 0.1, 0.001),
        parts.another_run(),
    )


def drifting(slips: alt.Chart) -> alt.LayerChart:
    """The ways of the first SHOWN robots so far: straight on, and after the first slip away to one side."""
    i, horizon = field("i"), signal("horizon")
    x, y = parts.axis(alt.X, "sideways", -2, 2), parts.axis(alt.Y, "step", 0, LONGEST)
    shown = parts.one(left=-0.5, right=0.5, zero=0, top=LONGEST).mark_rect(color=P, opacity=0.2)
    ways = let(slips.transform_filter(f"datum.i < {SHOWN}"), start=0.9 * (i + 0.5) / SHOWN - 0.45, zero=0)
    ways = let(ways, turn=minimum(horizon, field("first") - 1), side=where(field("start") > 0, 1, -1))
    ways = let(ways, end=field("start") + field("side") * DRIFT * (horizon - field("turn")), now=horizon)
    straight = ways.mark_rule(color=SUCCESS, strokeWidth=1.2).encode(x=x("start"), y=y("zero"), y2="turn")
    off = ways.transform_filter("datum.off > 0").mark_rule(color=CRASH, strokeWidth=1.5, clip=True)
    robots = ways.mark_circle(size=30, opacity=1, clip=True).encode(
        x=x("end"), y=y("now"), color=alt.condition("datum.off > 0", alt.value(CRASH), alt.value(SUCCESS))
    )
    return alt.layer(
        shown.encode(x=x("left"), x2="right", y=y("zero"), y2="top"),
        straight,
        off.encode(x=x("start"), x2="end", y=y("turn"), y2="now"),
        robots,
    )
