"""The live charts of notebook 04: support, the integrand of either KL, its landscape, its estimators, compounding error."""

import altair as alt
import torch
from torch.distributions import Categorical, MixtureSameFamily, Normal

from helpers.charts import parts
from helpers.charts.expressions import with_uniforms
from helpers.charts.integrals import chosen
from helpers.colors import CRASH, NEUTRAL, SERIES, SUCCESS, P, Q
from helpers.namespace import field, signal, text
from helpers.page.live import LiveChart, live_chart
from helpers.theory.densities import log_density
from helpers.theory.estimators import steps_off_course
from helpers.theory.information import excess, integrand
from helpers.theory.modes import log_two_modes, modes

MODE, SPREAD, SHARE = 1.0, 0.25, 0.3  # the two-mode p: modes at -1 and 1, their spread, the share of the right one
EDGE, CELL = 10.5, 0.01  # the grid of the integrals: six spreads beyond the widest q
DIRECTIONS = {"forward": "forward D(p‖q)", "reverse": "reverse D(q‖p)"}
STEP = 0.04  # of the landscape's cells, in mean and spread
DRAWS = 4096
ROLLOUTS = 400
LONGEST = 200


@live_chart
def support() -> LiveChart:
    """A policy that has seen one way only, with a floor under its probabilities."""
    p = "datum.i == 0 ? 1 - share : datum.i == 1 ? share : 0"
    pmfs = parts.rows(*({"outcome": word, "i": i} for i, word in enumerate(parts.OUTCOMES))).transform_calculate(
        p=p, q="(1 - floor) * (datum.i == 0 ? 1 : 0) + floor / 3"
    )
    term = lambda a, b: text(excess(field(a), field(b)))
    summed = (
        pmfs.transform_calculate(forward=term("p", "q"), reverse=term("q", "p"))
        .transform_aggregate(forward="sum(forward)", reverse="sum(reverse)")
        .transform_calculate(forward="max(0, datum.forward)", reverse="max(0, datum.reverse)")
    )
    numbers = parts.readouts(
        summed,
        {
            "forward D(p‖q)": parts.nats("datum.forward"),
            "reverse D(q‖p)": parts.nats("datum.reverse"),
        },
    )
    only_q = "share == 0 ? 'right and wait' : share == 1 ? 'left and wait' : 'wait'"
    why = (
        "floor == 0 && share > 0 ? 'D(p‖q) is infinite: p sometimes goes right, and q never does.' + "
        "(share == 1 ? '\\nSo is D(q‖p): q goes left, and p never does.' : '') : "
        f"floor > 0 ? 'D(q‖p) is infinite: q gives mass to ' + ({only_q}) + ',\\nwhere p has none.' : "
        "'p and q agree on everything.'"
    )
    remark = (
        parts.rows({"one": 1})
        .transform_calculate(readout="'why'", value=why, shown=why)
        .mark_text(fontSize=13, align="center", baseline="top", lineBreak="\n")
        .encode(text="shown:N", y=alt.value(0))
        .properties(width=parts.WIDE - 50, height=34, view=alt.ViewConfig(stroke=None))
    )
    picture = parts.wide(
        parts.pmf_bars(pmfs), "The demonstrator p (green), and a policy q that was shown left only", 200
    )
    chart = parts.sheet(
        numbers,
        alt.vconcat(remark, picture),
        parts.slider("share", "p: share of right", 0.3, 0, 1, 0.05),
        parts.slider("floor", "floor under q", 0, 0, 0.3, 0.01),
    )
    return LiveChart(
        "support",
        chart,
        "Two PMFs over left, right and wait: the demonstrator p, and a policy q that was shown left only, with a floor under its "
        "probabilities. As it opens, p goes right with probability 0.3 and the floor is 0: D(p||q) is infinite and D(q||p) is "
        "0.357 nats. With any floor above 0, D(p||q) is finite and D(q||p) infinite, because p never waits.",
    )


def on_the_grid(mean: str = "mu", std: str = "sigma") -> alt.Chart:
    """log p, log q and the integrands of both directions at every cell of the grid; q = N(mean, std^2)."""
    return (
        alt.Chart(alt.sequence(0, round(2 * EDGE / CELL) + 1, as_="i"))
        .transform_calculate(x=f"(datum.i - {round(EDGE / CELL)}) * {CELL}")
        .transform_calculate(
            log_p=text(log_two_modes(field("x"), MODE, signal("w"), SPREAD)),
            log_q=text(log_density(field("x"), signal(mean), signal(std))),
        )
        .transform_calculate(
            p="exp(datum.log_p)",
            q="exp(datum.log_q)",
            forward=text(integrand(field("log_p"), field("log_q"))),
            reverse=text(integrand(field("log_q"), field("log_p"))),
        )
    )


def both_divergences(grid: alt.Chart) -> alt.Chart:
    """One row: D(p || q) and D(q || p), the sums of the grid's cells."""
    return grid.transform_aggregate(forward="sum(forward)", reverse="sum(reverse)").transform_calculate(
        forward_kl=f"max(0, datum.forward * {CELL})", reverse_kl=f"max(0, datum.reverse * {CELL})"
    )


def direction_choice(label: str) -> alt.Parameter:
    """Forward or reverse."""
    return parts.choice("direction", label, DIRECTIONS, "forward")


@live_chart
def kl_pointwise() -> LiveChart:
    """Where either divergence comes from: its integrand, for a two-mode p and a Gaussian q."""
    names = {
        "free": "set by the sliders",
        "forward": "the forward optimum",
        "left": "the reverse minimum, left",
        "right": "the reverse minimum, right",
    }
    jump = parts.choice("jump", "q is", names, "free")
    p = modes(MODE, signal("w"), SPREAD)
    bells = {
        "free": (signal("mu"), signal("sigma")),
        "forward": (p.mean, p.spread),
        "left": (-MODE, SPREAD),
        "right": (MODE, SPREAD),
    }
    grid = on_the_grid("mean", "std")
    seen = grid.transform_filter("abs(datum.x) <= 3")
    x = alt.X("x:Q", title="action").scale(domain=[-3, 3], nice=False)
    density = lambda field: alt.Y(f"{field}:Q", title="density").stack(None)
    densities = alt.layer(
        seen.mark_area(color=P, opacity=0.4).encode(x=x.title(None), y=density("p")),
        seen.mark_line(color=Q, strokeWidth=2).encode(x=x.title(None), y=density("q")),
    )
    shown = seen.transform_calculate(value="direction == 'forward' ? datum.forward : datum.reverse")
    positive = shown.transform_calculate(part="max(0, datum.value)")
    negative = shown.transform_calculate(part="min(0, datum.value)")
    y = alt.Y("part:Q", title="integrand").stack(None)
    areas = alt.layer(
        positive.mark_area(color=SERIES[1], opacity=0.6).encode(x=x, y=y),
        negative.mark_area(color=SERIES[0], opacity=0.6).encode(x=x, y=y),
        parts.rows({"part": 0}).mark_rule(color=NEUTRAL).encode(y=y),
    )
    sums = both_divergences(grid)
    numbers = parts.readouts(
        sums,
        {
            "D(p‖q)": parts.nats("datum.forward_kl"),
            "D(q‖p)": parts.nats("datum.reverse_kl"),
            "mean of q": parts.number("mean", ".2f"),
            "spread of q": parts.number("std", ".3f"),
        },
    )
    picture = alt.vconcat(
        parts.wide(densities, "The demonstrator p (green area) and one Gaussian q (line)", 130),
        parts.wide(areas, "What adds to the divergence (ochre) and what takes away from it (teal)", 150),
    )
    chart = parts.sheet(
        numbers,
        picture,
        direction_choice("integrand of"),
        jump,
        parts.slider("mu", "mean μ (by slider)", 0.2, -1.5, 1.5, 0.05),
        parts.slider("sigma", "spread σ (by slider)", 0.6, 0.1, 1.5, 0.05),
        parts.slider("w", "p: share of right", SHARE, 0.05, 0.95, 0.05),
        *(
            alt.param(name=name, expr=text(chosen("jump", {jump: bell[i] for jump, bell in bells.items()})))
            for i, name in enumerate(("mean", "std"))
        ),
    )
    return LiveChart(
        "kl_pointwise",
        chart,
        "A demonstrator with two modes, at -1 and 1, and one Gaussian q: their densities, and below them the integrand of the "
        "chosen divergence. Buttons put q on the forward optimum or on either reverse minimum, one mode each. As it opens, q has mean "
        "0.2 and spread 0.6; the forward optimum has mean -0.40 and spread 0.95 with D(p||q) 0.724, the reverse minima have D(q||p) "
        "0.357 and 1.204.",
        follows={"mu": ("jump", "free"), "sigma": ("jump", "free")},
    )


def landscape_axes() -> tuple[torch.Tensor, torch.Tensor]:
    """The means and the spreads of the landscape's Gaussians, STEP apart."""
    return tuple(torch.arange(low, 1.51, STEP, dtype=torch.float64) for low in (-1.5, 0.1))


def landscape() -> dict[str, list[float]]:
    """Both divergences from the two-mode p on a grid of Gaussians, by quadrature in torch; sigma varies fastest."""
    double = {"dtype": torch.float64}
    way = Categorical(torch.tensor([1 - SHARE, SHARE], **double))
    p = MixtureSameFamily(way, Normal(torch.tensor([-MODE, MODE], **double), SPREAD))
    x = torch.linspace(-EDGE, EDGE, 2101, **double)
    mu, sigma = landscape_axes()
    log_p, log_q = p.log_prob(x), Normal(mu[:, None], sigma).log_prob(x[:, None, None])  # (2101,), (2101, 76, 36)
    log_p = log_p[:, None, None]
    forward = torch.trapezoid(log_p.exp() * (log_p - log_q), x, dim=0)
    reverse = torch.trapezoid(log_q.exp() * (log_q - log_p), x, dim=0)
    short = lambda surface: [float(f"{value:.3g}") for value in surface.flatten().tolist()]
    return {"forward": short(forward), "reverse": short(reverse)}


@live_chart
def kl_landscape() -> LiveChart:
    """Either divergence over all Gaussians at once, and the reader's own among them."""
    u = lambda field: alt.X(f"{field}:Q", title="mean μ of q").scale(domain=[-1.52, 1.52], nice=False)
    v = lambda field: alt.Y(f"{field}:Q", title="spread σ of q").scale(domain=[0.08, 1.52], nice=False)
    color = alt.Color(
        "band:Q",
        title="nats",
        legend=alt.Legend(orient="top", titleOrient="left", gradientLength=260, values=[0.5, 1, 2, 5, 10]),
    )
    sigmas = len(landscape_axes()[1])
    cells = (
        parts.rows(landscape())
        .transform_flatten(["forward", "reverse"])
        .transform_window(i="row_number()")
        .transform_calculate(
            left=f"-1.5 + floor((datum.i - 1) / {sigmas}) * {STEP} - {STEP / 2}",
            low=f"0.1 + ((datum.i - 1) % {sigmas}) * {STEP} - {STEP / 2}",
            nats="direction == 'forward' ? datum.forward : datum.reverse",
        )
        .transform_calculate(  # later cells cover earlier ones, or the page would shine through the seams; bands are level lines
            right=f"datum.left + {2 * STEP}",
            high=f"datum.low + {2 * STEP}",
            band="exp(floor(4 * log(datum.nats)) / 4)",
        )
        .mark_rect(clip=True, opacity=1)
        .encode(
            x=u("left"),
            x2="right:Q",
            y=v("low"),
            y2="high:Q",
            color=color.scale(type="log", scheme="viridis", domain=[0.3, 20], clamp=True, reverse=True),
        )
    )
    p = modes(MODE, SHARE, SPREAD)
    optima = (
        parts.rows(
            {"u": p.mean, "v": p.spread, "of": "forward"},
            {"u": -MODE, "v": SPREAD, "of": "reverse"},
            {"u": MODE, "v": SPREAD, "of": "reverse"},
        )
        .transform_filter("datum.of == direction")
        .mark_point(shape="cross", angle=45, size=150, filled=True, color="white", stroke="black", opacity=1)
        .encode(x=u("u"), y=v("v"))
    )
    you = (
        parts.rows({"one": 1})
        .transform_calculate(u="mu", v="sigma")
        .mark_point(size=130, filled=True, color="black", stroke="white", strokeWidth=2, opacity=1)
        .encode(x=u("u"), y=v("v"))
    )
    numbers = parts.readouts(
        both_divergences(on_the_grid()),
        {
            "forward D(p‖q)": parts.nats("datum.forward_kl"),
            "reverse D(q‖p)": parts.nats("datum.reverse_kl"),
        },
    )
    chart = parts.sheet(
        numbers,
        parts.wide(alt.layer(cells, optima, you), "Every Gaussian is a point; darker is farther from p; ✕ a minimum", 260),
        direction_choice("landscape of"),
        parts.slider("mu", "mean μ", 0.2, -1.5, 1.5, 0.05),
        parts.slider("sigma", "spread σ", 0.6, 0.1, 1.5, 0.05),
        alt.param(name="w", value=SHARE),
    ).resolve_legend(color="independent")  # fmt: skip
    return LiveChart(
        "kl_landscape",
        chart,
        "A map of all Gaussians by mean and spread, coloured by the chosen divergence from a two-mode demonstrator. Forward it is "
        "one basin around mean -0.40, spread 0.95, where D(p||q) is 0.724. In reverse there are two basins, one for each mode, "
        "at spread 0.25: 0.357 nats on the left and 1.204 on the right. A dot marks the reader's own Gaussian.",
    )


@live_chart
def kl_estimators() -> LiveChart:
    """Three estimates of D(q || p) from the same draws of q = N(0, 1), for p = N(delta, 1)."""
    names = {"k1": "k₁ = −log r", "k2": "k₂ = (log r)² / 2", "k3": "k₃ = r − 1 − log r"}
    truth = "(delta * delta / 2)"
    variance = {
        "k1": "delta * delta",
        "k2": "pow(delta, 4) / 2 + pow(delta, 6) / 4",
        "k3": "exp(delta * delta) - 1 - delta * delta",
    }
    bias = {"k1": "0", "k2": "pow(delta, 4) / 8", "k3": "0"}
    draws = (
        with_uniforms(alt.Chart(alt.sequence(0, DRAWS, as_="i")), "u")
        .transform_calculate(log_r=f"delta * quantileNormal(datum.u) - {truth}")
        .transform_calculate(
            k1="-datum.log_r", k2="datum.log_r * datum.log_r / 2", k3="exp(datum.log_r) - 1 - datum.log_r"
        )
        .transform_window(
            k1_sum="sum(k1)", k2_sum="sum(k2)", k3_sum="sum(k3)", sort=[alt.SortField("i")], frame=[None, 0]
        )
        .transform_calculate(n="datum.i + 1")
        .transform_calculate(**{f"{key}_mean": f"datum.{key}_sum / datum.n" for key in names})
    )
    color = parts.series_color(names)
    n = alt.X("n:Q", title="draws N").scale(type="log", base=2, domain=[1, DRAWS])
    n = n.axis(values=[1, 4, 16, 64, 256, 1024, 4096])
    drawn = draws.transform_filter("datum.n <= 64 || datum.n % 16 == 0")  # all that a screen can show
    drawn = drawn.transform_calculate(**{f"{key}_share": f"datum.{key}_mean / {truth}" for key in names})
    share = lambda key: alt.Y(f"{key}_share:Q", title="estimate ÷ truth").scale(domain=[-1, 3])
    so_far = lambda chart, key: parts.together(
        chart,
        alt.Chart().transform_filter("datum.n <= pow(2, k)").mark_line(strokeWidth=2, clip=True),
        alt.Chart().transform_filter("datum.n == pow(2, k)").mark_circle(size=45, opacity=1, clip=True),
    ).encode(x=n, y=share(key), color=color)
    lines = parts.series(drawn, names, so_far)
    one = parts.rows({"share": 1}).mark_rule(color=NEUTRAL, strokeDash=[5, 3]).encode(y="share:Q")
    left = alt.layer(one, lines).properties(width=parts.SIDE, height=parts.SIDE - 60, title="Estimates from one run")
    error = {key: f"sqrt(({variance[key]}) / datum.n + pow({bias[key]}, 2)) / {truth}" for key in names}
    expected = parts.series(
        alt.Chart(alt.sequence(0, 13, as_="j")).transform_calculate(n="pow(2, datum.j)").transform_calculate(**error),
        names,
        lambda chart, key: chart.mark_line(strokeWidth=2).encode(
            x=n, y=alt.Y(f"{key}:Q", title="error ÷ truth").scale(type="log"), color=color
        ),
    )
    right = alt.layer(
        parts.rows({"one": 1})
        .transform_calculate(n="pow(2, k)")
        .mark_rule(color=NEUTRAL, strokeDash=[4, 3])
        .encode(x=n),
        expected,
    ).properties(width=parts.SIDE, height=parts.SIDE - 60, title="The error to expect (root mean square)")
    here = draws.transform_filter("datum.n == pow(2, k)")
    estimates = {"exact": parts.number(truth, ".4f")}
    estimates |= {key: parts.number(f"datum.{key}_mean", ".4f") for key in names}
    errors = {f"error of {key}": parts.number(f"{value} * {truth}", ".4f") for key, value in error.items()}
    numbers = alt.vconcat(parts.readouts(here, estimates), parts.readouts(here, errors), spacing=0)
    chart = parts.sheet(
        numbers,
        alt.hconcat(left, right),
        parts.slider("delta", "distance δ", 0.5, 0.1, 2, 0.1),
        parts.slider("k", "doublings of N", 8, 0, 12, 1),
        parts.slider("seed", "seed", 1, 1, 50, 1),
    ).resolve_legend(color="independent")
    return LiveChart(
        "kl_estimators",
        chart,
        "Three estimators of D(q||p) from draws of q, for two Gaussians of unit spread whose means are delta apart: running "
        "estimates of one run, and the expected error against the number of draws. As it opens, delta is 0.5: the exact value is "
        "0.1250, and one draw's standard deviation is 0.500 for k1, 0.188 for k2, which is biased, and 0.185 for k3, which is not.",
    )


@live_chart
def compounding_error() -> LiveChart:
    """How many steps of an episode are spent off course when a slip is never recovered from."""
    steps = alt.Chart(alt.sequence(0, LONGEST + 1, as_="t")).transform_filter("datum.t <= horizon")
    lost = steps.transform_calculate(share="1 - pow(1 - slip, datum.t)")
    slips = (
        with_uniforms(alt.Chart(alt.sequence(0, ROLLOUTS, as_="i")), "u")
        .transform_calculate(first="1 + floor(log(datum.u) / log(1 - slip))")  # step of the first slip: geometric
        .transform_calculate(off="max(0, horizon - datum.first + 1)")
    )
    simulated = (
        slips.transform_filter("datum.first <= horizon")
        .transform_aggregate(count="count()", groupby=["first"])
        .transform_window(total="sum(count)", sort=[alt.SortField("first")], frame=[None, 0])
        .transform_calculate(share=f"datum.total / {ROLLOUTS}")
    )
    x = lambda field: alt.X(f"{field}:Q", title="step").scale(domainMin=0, nice=False)
    y = alt.Y("share:Q", title="share off course").scale(domain=[0, 1])
    picture = alt.layer(
        lost.mark_area(color=CRASH, opacity=0.35, line={"color": CRASH}).encode(x=x("t"), y=y),
        simulated.mark_line(color=NEUTRAL, interpolate="step-after", strokeWidth=1.5).encode(x=x("first"), y=y),
        steps.transform_calculate(share="slip").mark_line(color=SUCCESS, strokeWidth=2.5).encode(x=x("t"), y=y),
    )
    exact = text(steps_off_course(signal("slip"), signal("horizon")))
    summed = slips.transform_aggregate(off="mean(off)", spread="stdev(off)")
    error = f"(datum.spread / sqrt({ROLLOUTS}))"
    numbers = parts.readouts(
        summed,
        {
            "steps off course": parts.number(exact, ".2f"),
            "simulated": parts.number("datum.off", ".2f"),
            "± std error": parts.number(error, ".2f"),
            "ε T² / 2": parts.number("slip * horizon * horizon / 2", ".2f"),
        },
    )
    chart = parts.sheet(
        numbers,
        parts.wide(
            picture, "Share of episodes off course: without recovery (orange), with (blue), simulated (grey)", 220
        ),
        parts.slider("slip", "slip per step ε", 0.01, 0.001, 0.1, 0.001),
        parts.slider("horizon", "steps T", 50, 1, LONGEST, 1),
        parts.slider("seed", "seed", 1, 1, 50, 1),
    )
    return LiveChart(
        "compounding_error",
        chart,
        "The share of episodes that are off course at each step when every step slips with a small probability and nothing brings "
        "the robot back, against a robot that recovers at once. As it opens, slips of 0.01 and 50 steps: 10.90 steps off course on "
        "average, beside 0.50 with recovery, and 12.5 by the rule of thumb, slip times T squared over two.",
    )
