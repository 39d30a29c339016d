"""The live charts of notebook 07: what each policy head does with two good ways round an obstacle.

Checked against helpers.optima in the browser tests: same formulas, written once in torch and once for the page.
"""

import altair as alt
import torch

from helpers.charts import parts, scene
from helpers.charts.expressions import (
    CELL,
    GRID,
    REACH,
    choose,
    flow_gain,
    flow_slope,
    flow_step,
    log_two_modes,
    mean_log_two_modes,
    passing,
    spike,
    tanh_half,
)
from helpers.colors import P, Q
from helpers.live import LiveChart, live_chart
from helpers.tasks import HALF_WIDTH, ON_MODE

SAMPLES = 60
EULER = 20  # most steps that can be chosen
FINE = 7 * CELL / GRID  # width of the fine cells of `integrals`
HEADS = {  # as in helpers.optima.HEADS: what a reader chooses from
    "demonstrator": "demonstrator p",
    "mse": "squared error",
    "full_gaussian": "Gaussian",
    "diagonal_gaussian": "diagonal Gaussian",
    "reverse_kl_gaussian": "reverse-KL Gaussian",
    "independent_bins": "independent bins, sampled",
    "autoregressive_sampled": "autoregressive, sampled",
    "autoregressive_greedy": "autoregressive, greedy (OpenVLA)",
    "autoregressive_mean": "autoregressive, mean",
    "mixture": "mixture of two",
    "flow": "flow (π0)",
}
DEMONSTRATOR = ("demonstrator", "autoregressive_sampled", "mixture")  # heads whose optimum is p itself
POINTS = {  # heads that always give one answer: its x1, x2
    "mse": ("mean", "mean"),
    "autoregressive_greedy": ("heavier", "heavier"),
    "autoregressive_mean": ("mean", "after_mean"),
}


def demonstrator_sliders() -> list[alt.Parameter]:
    """Offset d, share w and spread s, as far as the optima are exact to the shown digits (d / s above 3)."""
    return [
        parts.slider("d", "offset d", 0.6, 0.4, 0.9, 0.01),
        parts.slider("w", "share right w", 0.5, 0, 1, 0.01),
        parts.slider("s", "spread s", 0.1, 0.05, 0.13, 0.005),
    ]


def moments() -> list[alt.Parameter]:
    """What the heads need of the demonstrator, computed once per change of a slider."""
    posterior = tanh_half("log(w / (1 - w)) + 2 * d * mean / (s * s)")
    return [
        alt.param(name="m", expr="sqrt(2) * d"),  # of a mode along the diagonal
        alt.param(name="mean", expr="(2 * w - 1) * d"),
        alt.param(name="spread", expr="sqrt(s * s + 4 * w * (1 - w) * d * d)"),  # of one coordinate
        alt.param(name="along", expr="sqrt(s * s + 8 * w * (1 - w) * d * d)"),  # along the diagonal
        alt.param(name="heavier", expr="w > 0.5 ? d : -d"),
        alt.param(name="after_mean", expr=f"d * {posterior}"),  # E[x2 | x1 = mean]
        alt.param(name="gain", expr=flow_gain(EULER)),
    ]


def samples() -> alt.Chart:
    """60 actions of the chosen head, from the same noise whatever the sliders say."""
    generator = torch.Generator().manual_seed(7)
    normal = torch.randn(2, SAMPLES, generator=generator)
    ranks = torch.stack([torch.randperm(SAMPLES, generator=generator) for _ in range(2)])
    uniform = (ranks + 0.5) / SAMPLES  # stratified: a share w of the paths really passes right
    columns = {"z1": normal[0], "z2": normal[1], "r1": uniform[0], "r2": uniform[1]}
    way = lambda r: f"(datum.{r} < 1 - w ? -d : d)"
    both = {head: f"{way('r1')} + s * datum.z{{}}" for head in DEMONSTRATOR}
    across, diagonal = "s * datum.z2 / sqrt(2)", "along * datum.z1 / sqrt(2)"
    x1 = {head: xs[0] for head, xs in POINTS.items()} | {
        "full_gaussian": f"mean + {diagonal} + {across}",
        "diagonal_gaussian": "mean + spread * datum.z1",
        "reverse_kl_gaussian": "heavier + s * datum.z1",
        "independent_bins": f"{way('r1')} + s * datum.z1",
        "flow": f"(datum.u{EULER} + datum.v) / sqrt(2)",
    }
    x2 = {head: xs[1] for head, xs in POINTS.items()} | {
        "full_gaussian": f"mean + {diagonal} - {across}",
        "diagonal_gaussian": "mean + spread * datum.z2",
        "reverse_kl_gaussian": "heavier + s * datum.z2",
        "independent_bins": f"{way('r2')} + s * datum.z2",
        "flow": f"(datum.u{EULER} - datum.v) / sqrt(2)",
    }
    demonstrator = both["demonstrator"]
    chart = alt.Chart(parts.noise(SAMPLES, columns)).transform_calculate(
        u="(datum.z1 + datum.z2) / sqrt(2)", v="gain * (datum.z1 - datum.z2) / sqrt(2)"
    )
    chart = carried(chart, "u", "head == 'flow'")
    return scene.with_outcome(
        chart.transform_calculate(
            x1=choose("head", x1, demonstrator.format(1)), x2=choose("head", x2, demonstrator.format(2))
        )
    )


def carried(chart: alt.Chart, field: str, when: str) -> alt.Chart:
    """From field "u" makes u1, u2, ..., u20: after each of the n Euler steps of the exact flow, where `when` holds.

    A field of its own for each step: Vega runs only the steps again that a control touches, so a step that
    overwrote its own input would start from what the last run left there.
    """
    for step in range(1, EULER + 1):
        before = f"datum.{field}{step - 1 or ''}"
        chart = chart.transform_calculate(
            **{f"{field}{step}": f"{when} && {step} <= n ? {flow_step(before, step)} : {before}"}
        )
    return chart


def demonstrations() -> alt.Chart:
    """The demonstrator's own paths, faint, behind those of the head."""
    generator = torch.Generator().manual_seed(11)
    normal = torch.randn(2, 24, generator=generator)
    rank = (torch.randperm(24, generator=generator) + 0.5) / 24
    way = "(datum.r < 1 - w ? -d : d)"
    actions = alt.Chart(parts.noise(24, {"z1": normal[0], "z2": normal[1], "r": rank})).transform_calculate(
        x1=f"{way} + s * datum.z1", x2=f"{way} + s * datum.z2"
    )
    return scene.paths(scene.with_outcome(actions), alt.value(P), strokeWidth=1.2, opacity=0.6)


def integrals() -> alt.Chart:
    """One row with the expectations over z ~ N(0, 1) that the readouts need: midpoint sums over GRID cells."""
    chart = alt.Chart(alt.sequence(0, GRID, as_="i")).transform_calculate(
        z=f"-{REACH} + (datum.i + 0.5) * {CELL}", y=f"(datum.i + 0.5 - {GRID / 2}) * 0.2"
    )
    chart = chart.transform_calculate(weight=f"densityNormal(datum.z) * {CELL}")
    # The flow's map is steep where noise parts to the left and to the right: the seven cells there are cut finer.
    chart = carried(chart.transform_calculate(u=f"datum.z - {CELL / 2}"), "u", "head == 'flow'")
    chart = chart.transform_calculate(left=f"datum.u{EULER} < 0 ? datum.z : -{REACH}")
    chart = chart.transform_joinaggregate(parting="max(left)").transform_calculate(
        near=f"abs(datum.z - datum.parting) < {3.5 * CELL}",
        fine=f"datum.parting + (datum.i - {GRID / 2}) * {FINE}",
    )
    chart = carried(chart, "fine", "head == 'flow'")
    chart = chart.transform_window(
        window=[
            alt.WindowFieldDef(op="lead", field=f"u{EULER}", **{"as": "u_after"}),
            alt.WindowFieldDef(op="lead", field=f"fine{EULER}", **{"as": "fine_after"}),
        ],
        sort=[alt.SortField("i")],
    ).transform_calculate(
        u_next=f"isValid(datum.u_after) ? datum.u_after : datum.u{EULER}",
        fine_next=f"isValid(datum.fine_after) ? datum.fine_after : datum.fine{EULER}",
    )
    log_p_u = lambda x: log_two_modes(x, "m")
    log_p_x = lambda x: log_two_modes(x, "d")
    sums = {
        "log_left": log_p_u("-m + s * datum.z"),
        "log_right": log_p_u("m + s * datum.z"),
        "corner_spikes": spike("0", "s", "m"),
        "own_spikes": spike("sqrt(2) * centre", "wide", "m"),
        "log_x_left": log_p_x("-d + s * datum.z"),
        "log_x_right": log_p_x("d + s * datum.z"),
        "gaussian_crash": spread_passing(HALF_WIDTH),
        "gaussian_corner": spread_passing(0),
        "flow_crash": flow_passing(HALF_WIDTH),
        "flow_corner": flow_passing(0),
    }
    weighted = {
        name: expression if name.startswith("flow") or name.endswith("spikes") else f"datum.weight * ({expression})"
        for name, expression in sums.items()
    }
    return chart.transform_calculate(**weighted).transform_aggregate(**{name: f"sum({name})" for name in sums})


def spread_passing(t: float) -> str:
    """P(|u| > sqrt(2) t + |v|) given v = s z, for the full Gaussian: u ~ N(sqrt(2) mean, along^2)."""
    edge = f"(sqrt(2) * {t} + s * abs(datum.z))"
    return f"cumulativeNormal((sqrt(2) * mean - {edge}) / along) + cumulativeNormal((-sqrt(2) * mean - {edge}) / along)"


def flow_passing(t: float) -> str:
    """P(|v| < |u| - sqrt(2) t) for the flow, v ~ N(0, gain^2): coarse cells, but fine ones near the parting."""
    fine = f"densityNormal(datum.fine + {FINE / 2}) * {FINE} * {mean_share(f'datum.fine{EULER}', 'datum.fine_next', t)}"
    coarse = f"datum.weight * {mean_share(f'datum.u{EULER}', 'datum.u_next', t)}"
    return f"head == 'flow' ? (datum.near ? 0 : {coarse}) + {fine} : 0"


def mean_share(here: str, after: str, t: float) -> str:
    """Mean of P(|v| < |u| - sqrt(2) t) while u goes from one cell's value to the next: (K(after) - K(here)) / (after - here).

    K(u) = sign(u) G(|u| - sqrt(2) t) with G(r) the integral of 2 Phi(r / gain) - 1 from 0 to r.
    """
    room = lambda u: f"max(0, abs({u}) - sqrt(2) * {t})"
    scaled = lambda u: f"{room(u)} / max(abs(gain), 1e-9)"
    bell = lambda u: f"2 * abs(gain) * (densityNormal({scaled(u)}) - densityNormal(0))"
    g = lambda u: f"({room(u)} * (2 * cumulativeNormal({scaled(u)}) - 1) + {bell(u)})"
    k = lambda u: f"({u} < 0 ? -{g(u)} : {g(u)})"
    still = f"(abs({here}) < sqrt(2) * {t} ? 0 : abs(gain) < 1e-9 ? 1 : 2 * cumulativeNormal({scaled(here)}) - 1)"
    return f"(abs({after} - {here}) < 1e-6 ? {still} : ({k(after)} - {k(here)}) / ({after} - {here}))"


def crash_or_corner(t: float, which: str) -> str:
    """1 - P(passing) for the chosen head, t = the obstacle's half width for a crash, 0 for the corners."""
    point = {
        head: f"({x1}) * ({x2}) < 0 || min(abs({x1}), abs({x2})) < {t} ? 1 : 0" for head, (x1, x2) in POINTS.items()
    }
    two_sides = f"(w * w + (1 - w) * (1 - w)) * {passing('d', 'd', 's', t)}"
    crossed = f"2 * w * (1 - w) * {passing('d', '-d', 's', t)}"
    return choose(
        "head",
        point
        | {
            "full_gaussian": f"1 - datum.gaussian_{which}",
            "diagonal_gaussian": f"1 - {passing('mean', 'mean', 'spread', t)}",
            "independent_bins": f"1 - {two_sides} - {crossed}",
            "flow": f"1 - datum.flow_{which}",
        },
        f"1 - {passing('d', 'd', 's', t)}",
    )


def kl(direction: str) -> str:
    """Forward D(p || q) or reverse D(q || p), in nats; infinite for a point, NaN for the flow with more steps than one."""
    entropy_v = "0.5 * log(2 * PI * E * s * s)"
    entropy_p = f"({entropy_v} - (1 - w) * datum.log_left - w * datum.log_right)"
    two_marginals = "(-2 * ((1 - w) * datum.log_x_left + w * datum.log_x_right))"
    second_moment = (
        "(s * s + (1 - w) * pow(m + sqrt(2) * centre, 2) + w * pow(m - sqrt(2) * centre, 2))"  # of u, about q's mean
    )
    forward = (
        f"log(2 * PI * wide * thick) + {second_moment} / (2 * wide * wide) + s * s / (2 * thick * thick) - {entropy_p}"
    )
    own = mean_log_two_modes("sqrt(2) * centre", "wide", "m", "datum.own_spikes")
    reverse = f"-log(2 * PI * E * wide * thick) - {own} + 0.5 * log(2 * PI * s * s) + thick * thick / (2 * s * s)"
    corner = mean_log_two_modes("0", "s", "m", "datum.corner_spikes")
    same = "(1 - w) * (1 - w) * datum.log_left + w * w * datum.log_right"
    crossed = f"2 * w * (1 - w) * ({corner} - d * d / (s * s))"
    product = {
        "forward": f"{two_marginals} - {entropy_p}",
        "reverse": f"-{two_marginals} - ({same}) - {crossed} + {entropy_v}",
    }
    cases = {head: "0" for head in DEMONSTRATOR} | {head: "1 / 0" for head in POINTS}
    cases |= {"independent_bins": product[direction], "flow": "n == 1 ? 1 / 0 : 0 / 0"}
    return choose("head", cases, {"forward": forward, "reverse": reverse}[direction])


def gaussian_of_head() -> list[alt.Parameter]:
    """Mean, spread along and across the diagonal of the Gaussian heads."""
    heavier = "head == 'reverse_kl_gaussian'"
    return [
        alt.param(name="centre", expr=f"{heavier} ? heavier : mean"),
        alt.param(name="wide", expr=choose("head", {"full_gaussian": "along", "diagonal_gaussian": "spread"}, "s")),
        alt.param(name="thick", expr=choose("head", {"diagonal_gaussian": "spread"}, "s")),
    ]


@live_chart
def mode_averaging() -> LiveChart:
    """The flagship: choose a head, move the demonstrator, watch the paths and what the failure costs."""
    head = parts.choice("head", "policy head", HEADS, "mse")
    controls = [head, *demonstrator_sliders(), parts.slider("n", "flow: steps n", 10, 1, EULER, 1)]
    actions = samples()
    picture = scene.paths_and_plane(
        actions,
        "60 paths: blue pass, orange crash (green: shown)",
        "The same actions; dashed: the demonstrator",
        below=[demonstrations()],
    )
    nats = lambda value: f"isNaN({value}) ? '–' : !isFinite({value}) ? '∞' : format({value}, '.3f')"
    numbers = parts.readouts(
        integrals().transform_calculate(
            crash=crash_or_corner(HALF_WIDTH, "crash"),
            corner=crash_or_corner(0, "corner"),
            forward_kl=f"abs({kl('forward')}) < 1e-6 ? 0 : {kl('forward')}",
            reverse_kl=f"abs({kl('reverse')}) < 1e-6 ? 0 : {kl('reverse')}",
        ),
        {
            "crash rate": ("datum.crash", "format(max(0, 100 * datum.crash), '.1f') + ' %'"),
            "corner mass": ("datum.corner", "format(max(0, datum.corner), '.3f')"),
            "D(p‖q), nats": ("datum.forward_kl", nats("datum.forward_kl")),
            "D(q‖p), nats": ("datum.reverse_kl", nats("datum.reverse_kl")),
        },
    )
    chart = parts.sheet(numbers, picture, *controls, *moments(), *gaussian_of_head())
    return LiveChart(
        "mode_averaging",
        chart,
        "A demonstrator passes an obstacle on the left or on the right. Choose a policy head and see the paths of 60 "
        "of its actions, its crash rate, its mass in the corners that lead through the obstacle, and both KL divergences. "
        "As it opens, the head trained by squared error drives straight into the obstacle: crash rate 100 %.",
        follows={"n": ("head", "flow")},
    )


def schedule(t: str) -> tuple[str, str]:
    """Octo's cosine schedule for n steps: beta_t and alpha_bar_t, as helpers.heads.cosine_schedule."""
    f = lambda t: f"pow(cos((({t}) / n + 0.008) / 1.008 * PI / 2), 2)"
    beta = f"({t} < n - 1 ? 1 - {f(f'{t} + 1')} / {f(t)} : 0.999)"
    alpha_bar = f"({t} < n - 1 ? {f(f'{t} + 1')} : 0.001 * {f(t)}) / {f('0')}"
    return beta, alpha_bar


def denoising_constants() -> list[alt.Parameter]:
    """beta, alpha_bar, the variance of the noised action along one coordinate, and the spread so far, step by step."""
    params = [alt.param(name="q0", expr="1")]
    for step in range(1, EULER + 1):
        beta, alpha_bar = schedule(f"(n - {step})")
        t, shrink = f"(n - {step})", f"pow((1 - b{step} / c{step}) / sqrt(1 - b{step}), 2)"
        params += [
            alt.param(name=f"b{step}", expr=f"{step} <= n ? {beta} : 0"),
            alt.param(name=f"a{step}", expr=f"{step} <= n ? {alpha_bar} : 1"),
            alt.param(name=f"c{step}", expr=f"a{step} * s * s + 1 - a{step}"),
            alt.param(
                name=f"q{step}",
                expr=f"{step} <= k ? {shrink} * q{step - 1} + ({t} > 0 ? b{step} : 0) : q{step - 1}",
            ),
        ]
    return params


def particles() -> alt.Chart:
    """60 draws of noise and, as arrays us and vs, where each stands after every step, along and across the diagonal."""
    generator = torch.Generator().manual_seed(3)
    start = torch.randn(2, SAMPLES, generator=generator)
    later = torch.randn(2, SAMPLES, EULER, generator=generator)
    chart = alt.Chart(
        parts.noise(SAMPLES, {"u0": start[0], "v0": start[1], "eu": later[0], "ev": later[1]}, decimals=2)
    )
    for step in range(1, EULER + 1):
        before = step - 1
        last = f"{step} == n ? 0 : sqrt(b{step})"
        keep, root = f"(1 - b{step} / c{step})", f"sqrt(1 - b{step})"
        side = tanh_half(f"log(w / (1 - w)) + 2 * sqrt(a{step}) * m * datum.u{before} / c{step}")
        pull = f"b{step} / c{step} * sqrt(a{step}) * m * {side}"
        noise = lambda axis, last=last, before=before: f"({last}) * datum.e{axis}[{before}]"
        denoised = {
            "u": f"({keep} * datum.u{before} + {pull}) / {root} + {noise('u')}",
            "v": f"{keep} * datum.v{before} / {root} + {noise('v')}",
        }
        carried = {
            "u": flow_step(f"datum.u{before}", step),
            "v": f"datum.v{before} * (1 - {flow_slope(step)} / n)",
        }
        chart = chart.transform_calculate(
            **{
                f"{axis}{step}": f"{step} > n ? datum.{axis}{before} : "
                f"method == 'flow' ? {carried[axis]} : {denoised[axis]}"
                for axis in "uv"
            }
        )
    every = lambda axis: "[" + ", ".join(f"datum.{axis}{step}" for step in range(EULER + 1)) + "]"
    return chart.transform_calculate(us=every("u"), vs=every("v"))


@live_chart
def flow_steps() -> LiveChart:
    """Noise becomes actions in n steps: by the exact flow, or by the exact denoiser of a diffusion head."""
    names = {"flow": "flow, n Euler steps (π0)", "diffusion": "denoising diffusion, n steps (Octo)"}
    method = parts.choice("method", "how noise becomes an action", names, "flow")
    _, w, s = demonstrator_sliders()
    steps = parts.slider("n", "steps n", 10, 1, EULER, 1)
    taken = parts.slider("share", "share taken", 1, 0, 1, 0.05)
    now = scene.with_outcome(
        particles()
        .transform_calculate(u="datum.us[k]", v="datum.vs[k]")
        .transform_calculate(x1="(datum.u + datum.v) / sqrt(2)", x2="(datum.u - datum.v) / sqrt(2)")
    )
    answer = (
        parts.rows({"x": 0})
        .transform_calculate(x1="mean", x2="mean")
        .mark_point(shape="diamond", size=130, strokeWidth=2.5, color=Q, opacity=1)
    )
    plane = alt.layer(
        scene.regions(),
        scene.demonstrator_circles(),
        scene.dots(now),
        answer.encode(x=scene.gate("x1", "x₁ at gate 1"), y=scene.gate("x2", "x₂ at gate 2")),
    ).properties(width=parts.SIDE, height=parts.SIDE, title="60 draws in the plane of actions")
    done = lambda field: alt.X(f"{field}:Q", title="noise  →  share of the steps  →  action").scale(domain=[0, 1])
    middle = lambda field: alt.Y(f"{field}:Q", title="(x₁ + x₂) / 2").scale(
        domain=[-scene.EXTENT, scene.EXTENT], nice=False
    )
    places = {f"t{step}": f"{step} / n" for step in range(EULER + 1)}
    places |= {f"m{step}": f"datum.us[{step}] / sqrt(2)" for step in range(EULER + 1)}
    trail = [
        alt.Chart()
        .transform_filter(f"{step} <= k")
        .mark_rule(strokeWidth=1.2, opacity=0.6, clip=True, strokeCap="round")
        .encode(x=done(f"t{step - 1}"), x2=f"t{step}", y=middle(f"m{step - 1}"), y2=f"m{step}", color=scene.OUTCOME)
        for step in range(1, EULER + 1)
    ]
    ends = (
        now.transform_calculate(done="k / n", middle="datum.u / sqrt(2)")
        .mark_circle(size=16, opacity=1, clip=True)
        .encode(x=done("done"), y=middle("middle"), color=scene.OUTCOME)
    )
    trails = alt.layer(parts.together(now.transform_calculate(**places), *trail), ends)
    goals = (
        parts.rows({"side": -1}, {"side": 1})
        .transform_calculate(middle="datum.side * d")
        .mark_rule(color=P, strokeDash=[5, 3], strokeWidth=2)
        .encode(y=middle("middle"))
    )
    mean = (
        parts.rows({"done": 1})
        .transform_calculate(middle="mean")
        .mark_point(shape="diamond", size=130, strokeWidth=2.5, color=Q, opacity=1)
        .encode(x=done("done"), y=middle("middle"))
    )
    ways = alt.layer(goals, trails, mean).properties(
        width=parts.SIDE, height=parts.SIDE, title="Their ways, along the diagonal"
    )
    near = "min(pow(datum.x1 - d, 2) + pow(datum.x2 - d, 2), pow(datum.x1 + d, 2) + pow(datum.x2 + d, 2))"
    counted = now.transform_calculate(
        on=f"{near} < {ON_MODE**2} ? 1 : 0", off="datum.crash ? 1 : 0"
    ).transform_aggregate(on="sum(on)", off="sum(off)")
    spread = "method == 'flow' ? abs(g) : sqrt(q" + str(EULER) + ")"
    numbers = parts.readouts(
        counted,
        {
            "on a mode": ("datum.on", "datum.on"),
            "crash": ("datum.off", "datum.off"),
            "spread": parts.number(spread, ".3f"),
            "its goal": parts.number("s", ".3f"),
        },
    )
    chart = parts.sheet(
        numbers, alt.hconcat(plane, ways), method, steps, taken, w, s,
        alt.param(name="k", expr="round(share * n)"),  # steps taken
        alt.param(name="d", value=0.6), alt.param(name="m", expr="sqrt(2) * d"),
        alt.param(name="mean", expr="(2 * w - 1) * d"), alt.param(name="g", expr=flow_gain(EULER, "k")),
        *denoising_constants(),
    )  # fmt: skip
    return LiveChart(
        "flow_steps",
        chart,
        "Sixty draws of noise become actions in n steps, by the exact flow of a pi0-like head or by the exact denoiser of an "
        "Octo-like head. With one step every draw lands on the mean, a diamond in the obstacle; with ten they part to the "
        "two modes. As it opens, ten Euler steps put 60 of 60 on a mode, with spread 0.062 where the demonstrator has 0.1.",
    )
