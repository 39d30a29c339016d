"""The live charts of notebook 07: what each policy head does with two good ways round an obstacle.

The formulas are those of helpers/heads/ and helpers/theory/, called with the chart's names.
"""

import altair as alt
import torch

from helpers import heads
from helpers.charts import parts, scene
from helpers.charts.integrals import GRID, Integrals, chosen, grid
from helpers.colors import P, Q
from helpers.namespace import field, signal, sqrt, text, where
from helpers.page.live import LiveChart, live_chart
from helpers.robot.cup_and_tray import HALF_WIDTH, on_mode
from helpers.theory import transport
from helpers.theory.modes import Modes, modes

SAMPLES = 60
EULER = 20  # most steps that can be chosen
P_NAMES = Modes(*map(signal, Modes._fields))  # the demonstrator in a chart: its sliders, and what follows from them


def demonstrator_sliders() -> list[alt.Parameter]:
    """Offset d, share w and spread s, as far as the optima are exact to the shown digits (d / s above 3)."""
    return [
        parts.slider("d", "offset d", 0.6, 0.4, 0.9, 0.01),
        parts.slider("w", "share right w", 0.5, 0, 1, 0.01),
        parts.slider("s", "spread s", 0.1, 0.05, 0.13, 0.005),
    ]


def demonstrator_numbers() -> list[alt.Parameter]:
    """What follows from d, w and s, computed once per change of a slider."""
    computed = modes(*map(signal, "dws"))._asdict()
    return [alt.param(name=name, expr=text(value)) for name, value in computed.items() if name not in "dws"]


def flow_constants() -> list[transport.Step]:
    """Each Euler step of n, in the chart's names."""
    return [transport.flow_step(signal("time")[k], *map(signal, ("n", "m", "s"))) for k in range(EULER)]


def step_names(steps: list[transport.Step], when: str) -> list[alt.Parameter]:
    """The time before each of n steps, and the constants of the steps as arrays.

    when: whether step k is taken, k in braces; one that is not taken leaves everything where it is.
    """

    def array(name: str) -> str:
        rest = text(getattr(transport.REST, name))
        cells = (f"{when.format(k)} ? {text(getattr(step, name))} : {rest}" for k, step in enumerate(steps))
        return f"[{', '.join(cells)}]"

    time = alt.param(name="time", expr=f"[{', '.join(f'1 - {k} / n' for k in range(EULER))}]")
    return [time, *(alt.param(name=name, expr=array(name)) for name in transport.Step._fields)]


def left_of_spread() -> alt.Parameter:
    """The spread across the diagonal after all steps that are taken, from 1: its square follows keep^2 ( ) + fresh^2."""
    square = 1
    for k in range(EULER):
        square = nth(k).keep ** 2 * square + nth(k).fresh ** 2
    return alt.param(name="across", expr=text(sqrt(square)))


def nth(step: int) -> transport.Step:
    """The constants of one step in a chart."""
    return transport.Step(*(signal(name)[step] for name in transport.Step._fields))


def carried(chart: alt.Chart, start: str, name: str) -> alt.Chart:
    """Fields name1 ... name20: where the flow has carried `start` after each step.

    A field of its own for each step: Vega runs only the steps again that a control touches, so a step that
    overwrote its own input would start from what the last run left there.
    """
    for step in range(EULER):
        before = field(f"{name}{step}" if step else start)
        chart = chart.transform_calculate(
            **{f"{name}{step + 1}": text(transport.taken(before, nth(step), P_NAMES.odds))}
        )
    return chart


def samples() -> alt.Chart:
    """60 actions of the chosen head, from the same noise whatever the sliders say."""
    generator = torch.Generator().manual_seed(7)
    normal = torch.randn(2, SAMPLES, generator=generator)
    ranks = torch.stack([torch.randperm(SAMPLES, generator=generator) for _ in range(2)])
    uniform = (ranks + 0.5) / SAMPLES  # stratified: a share w of the paths really passes right
    columns = {"z1": normal[0], "z2": normal[1], "r1": uniform[0], "r2": uniform[1]}
    z1, z2, r1, r2 = map(field, columns)
    chart = alt.Chart(parts.noise(SAMPLES, columns)).transform_calculate(u=text((z1 + z2) / 2**0.5))
    chart = carried(chart, "u", "u")
    noise = heads.Noise(z1, z2, r1, r2, field(f"u{EULER}"), signal("across") * (z1 - z2) / 2**0.5)
    draws = {head: ideal.draw(noise, P_NAMES) for head, ideal in heads.IDEALS.items()}
    x1, x2 = (chosen("head", {head: draw[gate] for head, draw in draws.items()}) for gate in (0, 1))
    return scene.with_outcome(chart.transform_calculate(x1=text(x1), x2=text(x2)))


def demonstrations() -> alt.Chart:
    """The demonstrator's own paths, faint, behind those of the head."""
    generator = torch.Generator().manual_seed(11)
    normal = torch.randn(2, 24, generator=generator)
    rank = (torch.randperm(24, generator=generator) + 0.5) / 24
    columns = {"z1": normal[0], "z2": normal[1], "r1": rank}
    noise = heads.Noise(*map(field, columns), r2=0.0, u=0.0, v=0.0)
    x1, x2 = heads.IDEALS["demonstrator"].draw(noise, P_NAMES)
    actions = alt.Chart(parts.noise(24, columns)).transform_calculate(x1=text(x1), x2=text(x2))
    return scene.paths(scene.with_outcome(actions), alt.value(P), strokeWidth=1.2, opacity=0.6)


def failures() -> alt.Chart:
    """One row: crash rate, corner mass and both divergences of the chosen head, by the formulas of helpers/heads/."""
    sums, found = Integrals("head"), {}
    flow = heads.Flow(signal("n"), lambda z: field(f"end{EULER}"), signal("across"))
    for head, ideal in heads.IDEALS.items():
        mean_of = sums.over_draws(head) if head == "flow" else sums.over_grid(head)
        found[head] = ideal.optimum(heads.Case(P_NAMES, HALF_WIDTH, flow, mean_of))
    needed = grid().transform_filter(f"head == 'flow' || datum.i < {GRID}")  # only the flow asks for more draws
    rows = sums.summed(carried(needed, "draw", "end"))
    return rows.transform_calculate(
        **{
            name: text(chosen("head", {head: getattr(best, name) for head, best in found.items()}))
            for name in heads.Optimum._fields
        }
    )


@live_chart
def mode_averaging() -> LiveChart:
    """The flagship: choose a head, move the demonstrator, watch the paths and what the failure costs."""
    head = parts.choice("head", "policy head", {name: heads.words(name) for name in heads.IDEALS}, "mse")
    controls = [head, *demonstrator_sliders(), parts.slider("n", "flow: steps n", 10, 1, EULER, 1)]
    picture = scene.paths_and_plane(
        samples(),
        "60 paths: blue pass, orange crash (green: shown)",
        "The same actions; dashed: the demonstrator",
        below=[demonstrations()],
    )
    numbers = parts.readouts(
        failures(),
        {
            "crash rate": ("datum.crash", "format(max(0, 100 * datum.crash), '.1f') + ' %'"),
            "corner mass": ("datum.corner", "format(max(0, datum.corner), '.3f')"),
            "D(p‖q), nats": parts.nats("datum.forward_kl"),
            "D(q‖p), nats": parts.nats("datum.reverse_kl"),
        },
    )
    names = [*demonstrator_numbers(), *step_names(flow_constants(), "head == 'flow' && {} < n"), left_of_spread()]
    chart = parts.sheet(numbers, picture, *controls, *names)
    return LiveChart(
        "mode_averaging",
        chart,
        "A demonstrator passes an obstacle on the left or on the right. Choose a policy head and see the paths of 60 "
        "of its actions, its crash rate, its mass in the corners that lead through the obstacle, and both KL divergences. "
        "As it opens, the head trained by squared error drives straight into the obstacle: crash rate 100 %.",
        follows={"n": ("head", "flow")},
    )


def schedules() -> list[alt.Parameter]:
    """beta and alpha_bar of Octo's cosine schedule for 1 to 20 steps, in the order in which a sampler takes them."""
    found = {"beta": [], "alpha_bar": []}
    for n in range(1, EULER + 1):
        beta = heads.cosine_schedule(n).double()
        for name, values in (("beta", beta), ("alpha_bar", (1 - beta).cumprod(0))):
            found[name].append(values.flip(0).tolist())
    return [alt.param(name=name, value=values) for name, values in found.items()]


def either_method() -> list[transport.Step]:
    """Each step of the flow or of the denoiser, whichever is chosen, in the chart's names."""
    steps = []
    for k, flow in enumerate(flow_constants()):
        beta, alpha_bar = (signal(name)[signal("n") - 1][k] for name in ("beta", "alpha_bar"))
        diffusion = transport.diffusion_step(beta, alpha_bar, signal("n") == k + 1, signal("m"), signal("s"))
        cases = zip(flow, diffusion, strict=True)
        steps.append(transport.Step(*(chosen("method", {"flow": one, "diffusion": two}) for one, two in cases)))
    return steps


def particles() -> alt.Chart:
    """60 draws of noise, and where each stands after every step, along and across the diagonal: u0, v0 ... u20, v20."""
    generator = torch.Generator().manual_seed(3)
    start = torch.randn(2, SAMPLES, generator=generator)
    later = torch.randn(2, SAMPLES, EULER, generator=generator)
    columns = {"u0": start[0], "v0": start[1], "eu": later[0], "ev": later[1]}
    chart = alt.Chart(parts.noise(SAMPLES, columns, decimals=2))
    for k in range(EULER):
        u, v = (transport.taken(field(f"u{k}"), nth(k), P_NAMES.odds), nth(k).keep * field(f"v{k}"))
        fresh = {axis: nth(k).fresh * field(f"e{axis}")[k] for axis in "uv"}
        chart = chart.transform_calculate(
            **{f"u{k + 1}": text(u + fresh["u"]), f"v{k + 1}": text(v + fresh["v"])},
        )
    return chart


@live_chart
def flow_steps() -> LiveChart:
    """Noise becomes actions in n steps: by the exact flow, or by the exact denoiser of a diffusion head."""
    names = {"flow": "flow, n Euler steps (π0)", "diffusion": "denoising diffusion, n steps (Octo)"}
    method = parts.choice("method", "how noise becomes an action", names, "flow")
    _, w, s = demonstrator_sliders()
    steps = parts.slider("n", "steps n", 10, 1, EULER, 1)
    taken = parts.slider("share", "share taken", 1, 0, 1, 0.05)
    u, v = field(f"u{EULER}"), field(f"v{EULER}")  # where the steps that are taken have led
    now = scene.with_outcome(particles().transform_calculate(x1=text((u + v) / 2**0.5), x2=text((u - v) / 2**0.5)))
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
    places |= {f"m{step}": text(field(f"u{step}") / 2**0.5) for step in range(EULER + 1)}
    trail = [
        alt.Chart()
        .transform_filter(f"{step} <= k")
        .mark_rule(strokeWidth=1.2, opacity=0.6, clip=True, strokeCap="round")
        .encode(x=done(f"t{step - 1}"), x2=f"t{step}", y=middle(f"m{step - 1}"), y2=f"m{step}", color=scene.OUTCOME)
        for step in range(1, EULER + 1)
    ]
    ends = (
        now.transform_calculate(done="k / n", middle=text(u / 2**0.5))
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
    counted = now.transform_calculate(
        on=text(where(on_mode(field("x1"), field("x2"), signal("d")), 1, 0)), off="datum.crash ? 1 : 0"
    ).transform_aggregate(on="sum(on)", off="sum(off)")
    numbers = parts.readouts(
        counted,
        {
            "on a mode": ("datum.on", "datum.on"),
            "crash": ("datum.off", "datum.off"),
            "spread": parts.number("across", ".3f"),
            "its goal": parts.number("s", ".3f"),
        },
    )
    names = [
        alt.param(name="k", expr="round(share * n)"),  # steps taken
        alt.param(name="d", value=0.6),
        *demonstrator_numbers(),
        *schedules(),
        *step_names(either_method(), "{} < k"),
        left_of_spread(),
    ]
    chart = parts.sheet(numbers, alt.hconcat(plane, ways), method, steps, taken, w, s, *names)
    return LiveChart(
        "flow_steps",
        chart,
        "Sixty draws of noise become actions in n steps, by the exact flow of a pi0-like head or by the exact denoiser of an "
        "Octo-like head. With one step every draw lands on the mean, a diamond in the obstacle; with ten they part to the "
        "two modes. As it opens, ten Euler steps put 60 of 60 on a mode, with spread 0.062 where the demonstrator has 0.1.",
    )
