"""The live charts of notebook 04: support, the integrand of either KL, its landscape, its estimators, compounding error."""

import altair as alt
import torch
from torch.distributions import Normal

from helpers.charts import parts
from helpers.charts.integrals import chosen
from helpers.charts.parts import let
from helpers.charts.uniforms import with_uniforms
from helpers.colors import CRASH, NEUTRAL, SERIES, SUCCESS, P, Q
from helpers.namespace import exp, field, floor, log, maximum, normal_quantile, signal, sqrt, where
from helpers.page.live import live_chart
from helpers.theory.densities import log_density
from helpers.theory.estimators import error_of_mean, kl_estimate_moments, kl_estimates, steps_off_course
from helpers.theory.information import excess, integrand
from helpers.theory.modes import log_two_modes, modes

MODE, SPREAD, SHARE = 1.0, 0.25, 0.3  # the two-mode p: modes at -1 and 1, their spread, the share of the right one
EDGE, CELL = 10.5, 0.01  # the grid of the integrals: six spreads beyond the widest q
DIRECTIONS = {"forward": "forward D(p‖q)", "reverse": "reverse D(q‖p)"}
STEP = 0.04  # of the landscape's cells, in mean and spread
DOUBLINGS = 12  # of the number of draws, at most
DRAWS = 2**DOUBLINGS
ROLLOUTS = 400
LONGEST = 200


@live_chart()
def support() -> alt.VConcatChart:
    """Two PMFs over left, right and wait: the demonstrator p, and a policy q that was shown left only, with a floor under its
    probabilities. As it opens, p goes right with probability 0.3 and the floor is 0: D(p||q) is infinite and D(q||p) is
    0.357 nats. With any floor above 0, D(p||q) is finite and D(q||p) infinite, because p never waits.
    """
    i, share, least = field("i"), signal("share"), signal("floor")
    rows = parts.rows(*({"outcome": word, "i": i} for i, word in enumerate(parts.OUTCOMES)))
    p = where(i == 0, 1 - share, where(i == 1, share, 0))
    pmfs = let(rows, p=p, q=(1 - least) * where(i == 0, 1, 0) + least / 3)
    terms = let(pmfs, forward=excess(field("p"), field("q")), reverse=excess(field("q"), field("p")))
    numbers = {
        "forward D(p‖q)": parts.nats(field("forward")),
        "reverse D(q‖p)": parts.nats(field("reverse")),
    }
    remark = parts.one(readout="'why'", value=why_infinite(), shown=why_infinite())
    remark = remark.mark_text(fontSize=13, align="center", baseline="top", lineBreak="\n")
    remark = remark.encode(text="shown:N", y=alt.value(0))
    remark = remark.properties(width=parts.WIDE - 50, height=34, view=alt.ViewConfig(stroke=None))
    title = "The demonstrator p (green), and a policy q that was shown left only"
    return parts.sheet(
        parts.readouts(terms.transform_aggregate(forward="sum(forward)", reverse="sum(reverse)"), numbers),
        alt.vconcat(remark, parts.wide(parts.pmf_bars(pmfs), title, 200)),
        parts.slider("share", "p: share of right", 0.3, 0, 1, 0.05),
        parts.slider("floor", "floor under q", 0, 0, 0.3, 0.01),
    )


def why_infinite() -> str:
    """The expression of a sentence that says which divergence is infinite, and why."""
    forward = "'D(p‖q) is infinite: p sometimes goes right, and q never does.'"
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
    """The field `forward` or `reverse`, whichever direction is chosen."""
    return chosen("direction", {direction: field(direction) for direction in DIRECTIONS})


def direction_choice(label: str) -> alt.Parameter:
    """Forward or reverse."""
    return parts.choice("direction", label, DIRECTIONS, "forward")


@live_chart(follows={"mu": ("jump", "free"), "sigma": ("jump", "free")})
def kl_pointwise() -> alt.VConcatChart:
    """A demonstrator with two modes, at -1 and 1, and one Gaussian q: their densities, and below them the integrand of the
    chosen divergence. Buttons put q on the forward optimum or on either reverse minimum, one mode each. As it opens, q has mean
    0.2 and spread 0.6; the forward optimum has mean -0.40 and spread 0.95 with D(p||q) 0.724, the reverse minima have D(q||p)
    0.357 and 1.204.
    """
    p = modes(MODE, signal("w"), SPREAD)
    bells = {
        "free": ("set by the sliders", signal("mu"), signal("sigma")),
        "forward": ("the forward optimum", p.mean, p.spread),
        "left": ("the reverse minimum, left", -MODE, SPREAD),
        "right": ("the reverse minimum, right", MODE, SPREAD),
    }
    grid = on_the_grid("mean", "std")
    numbers = {
        "D(p‖q)": parts.nats(field("forward_kl")),
        "D(q‖p)": parts.nats(field("reverse_kl")),
        "mean of q": parts.number("mean", ".2f"),
        "spread of q": parts.number("std", ".3f"),
    }
    return parts.sheet(
        parts.readouts(both_divergences(grid), numbers),
        densities_and_integrand(grid.transform_filter("abs(datum.x) <= 3")),
        direction_choice("integrand of"),
        parts.choice("jump", "q is", {name: words for name, (words, *_) in bells.items()}, "free"),
        parts.slider("mu", "mean μ (by slider)", 0.2, -1.5, 1.5, 0.05),
        parts.slider("sigma", "spread σ (by slider)", 0.6, 0.1, 1.5, 0.05),
        parts.slider("w", "p: share of right", SHARE, 0.05, 0.95, 0.05),
        parts.param("mean", chosen("jump", {name: mean for name, (_, mean, _) in bells.items()})),
        parts.param("std", chosen("jump", {name: std for name, (*_, std) in bells.items()})),
    )


def densities_and_integrand(seen: alt.Chart) -> alt.VConcatChart:
    """Both densities, and below them where the chosen divergence comes from."""
    x, above = parts.axis(alt.X, "action", -3, 3)("x"), parts.axis(alt.X, None, -3, 3)("x")
    y, value = parts.axis(alt.Y, "density"), parts.axis(alt.Y, "integrand")("part")
    densities = alt.layer(
        seen.mark_area(color=P, opacity=0.4).encode(x=above, y=y("p")),
        seen.mark_line(color=Q, strokeWidth=2).encode(x=above, y=y("q")),
    )
    area = lambda part, color: let(seen, part=part).mark_area(color=color, opacity=0.6).encode(x=x, y=value)
    areas = alt.layer(
        area(maximum(0, in_direction()), SERIES[1]),
        area(-maximum(0, -in_direction()), SERIES[0]),
        parts.one(part=0).mark_rule(color=NEUTRAL).encode(y=value),
    )
    return alt.vconcat(
        parts.wide(densities, "The demonstrator p (green area) and one Gaussian q (line)", 130),
        parts.wide(areas, "What adds to the divergence (ochre) and what takes away from it (teal)", 150),
    )


def landscape_axes() -> tuple[torch.Tensor, torch.Tensor]:
    """The means and the spreads of the landscape's Gaussians, STEP apart."""
    return tuple(torch.arange(low, 1.51, STEP, dtype=torch.float64) for low in (-1.5, 0.1))


def landscape() -> dict[str, list[float]]:
    """Both divergences from the two-mode p on a grid of Gaussians, by quadrature in torch; sigma varies fastest."""
    x = torch.linspace(-EDGE, EDGE, 2101, dtype=torch.float64)
    mu, sigma = landscape_axes()
    log_p = log_two_modes(x, MODE, SHARE, SPREAD)[:, None, None]
    log_q = Normal(mu[:, None], sigma).log_prob(x[:, None, None])  # (2101, 76, 36)
    forward = torch.trapezoid(integrand(log_p, log_q), x, dim=0)
    reverse = torch.trapezoid(integrand(log_q, log_p), x, dim=0)
    short = lambda surface: [float(f"{value:.3g}") for value in surface.flatten().tolist()]
    return {"forward": short(forward), "reverse": short(reverse)}


@live_chart()
def kl_landscape() -> alt.VConcatChart:
    """A map of all Gaussians by mean and spread, coloured by the chosen divergence from a two-mode demonstrator. Forward it is
    one basin around mean -0.40, spread 0.95, where D(p||q) is 0.724. In reverse there are two basins, one for each mode,
    at spread 0.25: 0.357 nats on the left and 1.204 on the right. A dot marks the reader's own Gaussian.
    """
    u, v = parts.axis(alt.X, "mean μ of q", -1.52, 1.52), parts.axis(alt.Y, "spread σ of q", 0.08, 1.52)
    p = modes(MODE, SHARE, SPREAD)
    optima = parts.rows(
        {"u": p.mean, "v": p.spread, "of": "forward"},
        {"u": -MODE, "v": SPREAD, "of": "reverse"},
        {"u": MODE, "v": SPREAD, "of": "reverse"},
    ).transform_filter("datum.of == direction")
    cross = {
        "shape": "cross",
        "angle": 45,
        "size": 150,
        "filled": True,
        "color": "white",
        "stroke": "black",
        "opacity": 1,
    }
    own = {"size": 130, "filled": True, "color": "black", "stroke": "white", "strokeWidth": 2, "opacity": 1}
    you = parts.one(u="mu", v="sigma").mark_point(**own).encode(x=u("u"), y=v("v"))
    picture = alt.layer(cells(u, v), optima.mark_point(**cross).encode(x=u("u"), y=v("v")), you)
    numbers = {
        "forward D(p‖q)": parts.nats(field("forward_kl")),
        "reverse D(q‖p)": parts.nats(field("reverse_kl")),
    }
    return parts.sheet(
        parts.readouts(both_divergences(on_the_grid()), numbers),
        parts.wide(picture, "Every Gaussian is a point; darker is farther from p; ✕ a minimum", 260),
        direction_choice("landscape of"),
        parts.slider("mu", "mean μ", 0.2, -1.5, 1.5, 0.05),
        parts.slider("sigma", "spread σ", 0.6, 0.1, 1.5, 0.05),
        alt.param(name="w", value=SHARE),
    )


def cells(u, v) -> alt.Chart:
    """The landscape, a rectangle for each Gaussian of its grid; bands of colour are level lines."""
    legend = alt.Legend(orient="top", titleOrient="left", gradientLength=260, values=[0.5, 1, 2, 5, 10])
    scale = {"type": "log", "scheme": "viridis", "domain": [0.3, 20], "clamp": True, "reverse": True}
    color = alt.Color("band:Q", title="nats", legend=legend).scale(**scale)
    mu, sigma = landscape_axes()
    place = field("i") - 1
    rows = parts.rows(landscape()).transform_flatten(["forward", "reverse"]).transform_window(i="row_number()")
    rows = let(
        rows,
        left=mu[0].item() - STEP / 2 + floor(place / len(sigma)) * STEP,
        low=sigma[0].item() - STEP / 2 + place % len(sigma) * STEP,
        nats=in_direction(),
    )
    rows = let(  # later cells cover earlier ones, or the page would shine through the seams
        rows, right=field("left") + 2 * STEP, high=field("low") + 2 * STEP, band=exp(floor(4 * log(field("nats"))) / 4)
    )
    return rows.mark_rect(clip=True, opacity=1).encode(x=u("left"), x2="right:Q", y=v("low"), y2="high:Q", color=color)


@live_chart()
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
    sizes = let(parts.counted(DOUBLINGS + 1), n="pow(2, datum.i)")
    expected = parts.series(let(sizes, **{k: e / truth for k, e in errors.items()}), words, error)
    here = parts.one(n="pow(2, k)").mark_rule(**parts.GUIDE).encode(x=n)
    estimates = {"exact": parts.number(truth, ".4f")} | {k: parts.number(field(f"{k}_mean"), ".4f") for k in words}
    expected_errors = {f"error of {k}": parts.number(e, ".4f") for k, e in errors.items()}
    return parts.sheet(
        parts.readouts(runs.transform_filter("datum.n == pow(2, k)"), estimates, expected_errors),
        parts.pair(
            (alt.layer(truth_line, parts.series(drawn, words, so_far)), "Estimates from one run"),
            (alt.layer(here, expected), "The error to expect (root mean square)"),
        ),
        parts.slider("delta", "distance δ", 0.5, 0.1, 2, 0.1),
        parts.slider("k", "doublings of N", 8, 0, DOUBLINGS, 1),
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


@live_chart()
def compounding_error() -> alt.VConcatChart:
    """The share of episodes that are off course at each step when every step slips with a small probability and nothing brings
    the robot back, against a robot that recovers at once. As it opens, slips of 0.01 and 50 steps: 10.90 steps off course on
    average, beside 0.50 with recovery, and 12.5 by the rule of thumb, slip times T squared over two.
    """
    slip, horizon, t, first = signal("slip"), signal("horizon"), field("t"), field("first")
    steps = parts.line("t", 0, LONGEST, LONGEST).transform_filter("datum.t <= horizon")
    slips = with_uniforms(parts.counted(ROLLOUTS), "u")
    slips = let(slips, first=1 + floor(log(field("u")) / log(1 - slip)))  # step of the first slip: geometric
    slips = let(slips, off=maximum(0, horizon - first + 1))
    counts = slips.transform_filter("datum.first <= horizon").transform_aggregate(count="count()", groupby=["first"])
    counts = counts.transform_window(total="sum(count)", sort=[alt.SortField("first")], frame=[None, 0])
    x = lambda name: alt.X(f"{name}:Q", title="step").scale(domainMin=0, nice=False)
    y = alt.Y("share:Q", title="share off course").scale(domain=[0, 1])
    lost, simulated = let(steps, share=1 - (1 - slip) ** t), let(counts, share=field("total") / ROLLOUTS)
    picture = alt.layer(
        lost.mark_area(color=CRASH, opacity=0.35, line={"color": CRASH}).encode(x=x("t"), y=y),
        simulated.mark_line(color=NEUTRAL, interpolate="step-after", strokeWidth=1.5).encode(x=x("first"), y=y),
        let(steps, share="slip").mark_line(color=SUCCESS, strokeWidth=2.5).encode(x=x("t"), y=y),
    )
    numbers = {
        "steps off course": parts.number(steps_off_course(slip, horizon), ".2f"),
        "simulated": parts.number(field("off"), ".2f"),
        "± std error": parts.number(field("spread") / sqrt(ROLLOUTS), ".2f"),
        "ε T² / 2": parts.number(slip * horizon**2 / 2, ".2f"),
    }
    title = "Share of episodes off course: without recovery (orange), with (blue), simulated (grey)"
    return parts.sheet(
        parts.readouts(slips.transform_aggregate(off="mean(off)", spread="stdev(off)"), numbers),
        parts.wide(picture, title, 220),
        parts.slider("slip", "slip per step ε", 0.01, 0.001, 0.1, 0.001),
        parts.slider("horizon", "steps T", 50, 1, LONGEST, 1),
        parts.another_run(),
    )
