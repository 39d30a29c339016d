"""The live charts of notebook 07: what each policy head does with two good ways round an obstacle.

The formulas are those of helpers/heads/ and helpers/theory/, called with the chart's names.
"""

from collections.abc import Callable

import altair as alt
import torch

from helpers import heads
from helpers.charts import parts, scene
from helpers.charts.integrals import GRID, Integrals, chosen, grid
from helpers.charts.parts import let
from helpers.colors import P, Q
from helpers.namespace import field, maximum, signal, sqrt, text, where
from helpers.page.live import live_chart
from helpers.robot.cup_and_tray import HALF_WIDTH, on_mode
from helpers.theory import transport
from helpers.theory.modes import SQRT2

SAMPLES = 60
EULER = 20  # most steps that can be chosen
OBSTACLE = HALF_WIDTH  # the flagship's; with a slider for it, signal("half_width")


def demonstrator_sliders() -> list[alt.Parameter]:
    """Offset d, share w and spread s, as far as the optima are exact to the shown digits (d / s above 3)."""
    return [
        parts.slider("d", "offset d", 0.6, 0.4, 0.9, 0.01),
        parts.slider("w", "share right w", 0.5, 0, 1, 0.01),
        parts.slider("s", "spread s", 0.1, 0.05, 0.13, 0.005),
    ]


def flow_constants() -> list[transport.Step]:
    """Each Euler step of n, in the chart's names."""
    return [transport.flow_step(signal("time")[k], *map(signal, ("n", "m", "s"))) for k in range(EULER)]


def step_names(steps: list[transport.Step], when: Callable) -> list[alt.Parameter]:
    """The time before each of n steps, the constants of the steps as arrays, and `across`, the spread that they leave.

    when: whether step k is taken; one that is not taken leaves everything where it is.
    """

    def array(name: str) -> str:
        rest = getattr(transport.REST, name)
        cells = (text(where(when(k), getattr(step, name), rest)) for k, step in enumerate(steps))
        return f"[{', '.join(cells)}]"

    variance = 1.0  # across the diagonal
    for k in range(EULER):
        variance = nth(k).keep ** 2 * variance + nth(k).fresh ** 2
    time = parts.param("time", f"[{', '.join(f'1 - {k} / n' for k in range(EULER))}]")
    return [
        time,
        *(parts.param(name, array(name)) for name in transport.Step._fields),
        parts.param("across", sqrt(variance)),
    ]


def nth(step: int) -> transport.Step:
    """The constants of one step in a chart."""
    return transport.Step(*(signal(name)[step] for name in transport.Step._fields))


def carried(rows: alt.Chart, start: str, name: str) -> alt.Chart:
    """Fields name2, name4 ... name20: where the flow has carried `start` after so many steps.

    Two steps a field cost less than two fields. But a field of its own each time: Vega runs only the steps again that a
    control touches, so one that overwrote its own input would start from what the last run left there.
    """
    for step in range(0, EULER, 2):
        u = field(f"{name}{step}" if step else start)
        for k in (step, step + 1):
            u = transport.taken(u, nth(k), scene.DEMONSTRATOR.odds)
        rows = let(rows, **{f"{name}{step + 2}": u})
    return rows


def samples() -> alt.Chart:
    """60 actions of the chosen head, from the same noise whatever the sliders say."""
    columns = scene.draws(SAMPLES, 7)
    z1, z2, r1, r2 = map(field, columns)
    rows = carried(let(alt.Chart(parts.noise(SAMPLES, columns)), u=(z1 + z2) / SQRT2), "u", "u")
    noise = heads.Noise(z1, z2, r1, r2, field(f"u{EULER}"), signal("across") * (z1 - z2) / SQRT2)
    drawn = {name: ideal.draw(noise, scene.DEMONSTRATOR) for name, ideal in heads.IDEALS.items()}
    x1, x2 = (chosen("head", {name: draw[gate] for name, draw in drawn.items()}) for gate in (0, 1))
    return scene.with_outcome(let(rows, x1=x1, x2=x2), OBSTACLE)


def failures() -> alt.Chart:
    """One row: crash rate, corner mass and both divergences of the chosen head, by the formulas of helpers/heads/."""
    sums = Integrals("head")
    found: dict[str, heads.Optimum] = {}
    flow = heads.Flow(signal("n"), lambda z: field(f"end{EULER}"), signal("across"))
    for name, ideal in heads.IDEALS.items():
        mean_of = sums.over_draws(name) if name == "flow" else sums.over_grid(name)
        found[name] = ideal.optimum(heads.Case(scene.DEMONSTRATOR, OBSTACLE, flow, mean_of))
    needed = grid().transform_filter(f"head == 'flow' || datum.i < {GRID}")  # only the flow asks for more draws
    best = {
        number: chosen("head", {name: getattr(optimum, number) for name, optimum in found.items()})
        for number in heads.Optimum._fields
    }
    return let(sums.summed(carried(needed, "draw", "end")), **best)


@live_chart(follows={"n": ("head", "flow")})
def mode_averaging() -> alt.VConcatChart:
    """A demonstrator passes an obstacle on the left or on the right. Choose a policy head and see the paths of 60
    of its actions, its crash rate, its mass in the corners that lead through the obstacle, and both KL divergences.
    As it opens, the head trained by squared error drives straight into the obstacle: crash rate 100 %.
    """
    numbers = {
        "crash rate": parts.words("datum.crash", "format(max(0, 100 * datum.crash), '.1f') + ' %'"),
        "corner mass": parts.number(maximum(0, field("corner")), ".3f"),
        "D(p‖q), nats": parts.nats(field("forward_kl")),
        "D(q‖p), nats": parts.nats(field("reverse_kl")),
    }
    picture = scene.paths_and_plane(
        samples(),
        "60 paths: blue pass, orange crash (green: shown)",
        "The same actions; dashed: the demonstrator",
        OBSTACLE,
        below=[scene.demonstrations(OBSTACLE)],
    )
    return parts.sheet(
        parts.readouts(failures(), numbers),
        picture,
        parts.choice("head", "policy head", {name: heads.words(name) for name in heads.IDEALS}, "mse"),
        *demonstrator_sliders(),
        parts.slider("n", "flow: steps n", 10, 1, EULER, 1),
        *scene.what_follows(),
        *step_names(flow_constants(), lambda k: (signal("head") == "flow") & (k < signal("n"))),
    )


def schedules() -> list[alt.Parameter]:
    """beta and alpha_bar of Octo's cosine schedule for 1 to 20 steps, in the order in which a sampler takes them."""
    found: dict[str, list] = {"beta": [], "alpha_bar": []}
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
    """60 draws of noise, where each stands after every step, along and across the diagonal (u0, v0 ... u20, v20), its action."""
    generator = torch.Generator().manual_seed(3)
    start = torch.randn(2, SAMPLES, generator=generator)
    later = torch.randn(2, SAMPLES, EULER, generator=generator)
    columns = {"u0": start[0], "v0": start[1], "eu": later[0], "ev": later[1]}
    rows = alt.Chart(parts.noise(SAMPLES, columns, decimals=2))
    for k in range(EULER):
        u, v = transport.taken(field(f"u{k}"), nth(k), scene.DEMONSTRATOR.odds), nth(k).keep * field(f"v{k}")
        fresh = {axis: nth(k).fresh * field(f"e{axis}")[k] for axis in "uv"}
        rows = let(rows, **{f"u{k + 1}": u + fresh["u"], f"v{k + 1}": v + fresh["v"]})
    u, v = field(f"u{EULER}"), field(f"v{EULER}")  # where the steps that are taken have led
    return scene.with_outcome(let(rows, x1=(u + v) / SQRT2, x2=(u - v) / SQRT2), HALF_WIDTH)


MEAN = {"shape": "diamond", "size": 130, "strokeWidth": 2.5, "color": Q, "opacity": 1}  # how the mean is marked


@live_chart(play={"share": 3})
def flow_steps() -> alt.VConcatChart:
    """Sixty draws of noise become actions in n steps, by the exact flow of a pi0-like head or by the exact denoiser of an
    Octo-like head. With one step every draw lands on the mean, a diamond in the obstacle; with ten they part to the
    two modes. As it opens, ten Euler steps put 60 of 60 on a mode, with spread 0.062 where the demonstrator has 0.1.
    """
    words = {"flow": "flow, n Euler steps (π0)", "diffusion": "denoising diffusion, n steps (Octo)"}
    now = particles()
    mean = parts.one(x1="mean", x2="mean").mark_point(**MEAN).encode(x=scene.gate("x1"), y=scene.gate("x2"))
    plane = alt.layer(scene.regions(HALF_WIDTH), scene.demonstrator_circles(), scene.dots(now), mean)
    landed = where(on_mode(field("x1"), field("x2"), signal("d")), 1, 0)
    counted = let(now, on=landed, off="datum.crash ? 1 : 0").transform_aggregate(on="sum(on)", off="sum(off)")
    numbers = {
        "on a mode": parts.words("datum.on", "datum.on"),
        "crash": parts.words("datum.off", "datum.off"),
        "spread": parts.number("across", ".3f"),
        "its goal": parts.number("s", ".3f"),
    }
    _, w, s = demonstrator_sliders()
    return parts.sheet(
        parts.readouts(counted, numbers),
        parts.pair(
            (plane, "60 draws in the plane of actions"),
            (ways(now), "Their ways, along the diagonal"),
            height=parts.SIDE,
        ),
        parts.choice("method", "how noise becomes an action", words, "flow"),
        parts.slider("n", "steps n", 10, 1, EULER, 1),
        parts.slider("share", "share taken", 1, 0, 1, 0.05),
        w,
        s,
        parts.param("k", "round(share * n)"),  # steps taken
        alt.param(name="d", value=0.6),
        *scene.what_follows(),
        *schedules(),
        *step_names(either_method(), lambda k: k < signal("k")),
    )


def ways(now: alt.Chart) -> alt.LayerChart:
    """Where along the diagonal each particle stands, from noise on the left to its action, and the two modes."""
    done = parts.axis(alt.X, "noise  →  share of the steps  →  action", 0, 1)
    middle = parts.axis(alt.Y, "(x₁ + x₂) / 2", -scene.EXTENT, scene.EXTENT)
    places = {f"t{step}": step / signal("n") for step in range(EULER + 1)}
    places |= {f"m{step}": field(f"u{step}") / SQRT2 for step in range(EULER + 1)}
    trail = [
        alt.Chart()
        .transform_filter(f"{step} <= k")
        .mark_rule(strokeWidth=1.2, opacity=0.6, clip=True, strokeCap="round")
        .encode(x=done(f"t{step - 1}"), x2=f"t{step}", y=middle(f"m{step - 1}"), y2=f"m{step}", color=scene.OUTCOME)
        for step in range(1, EULER + 1)
    ]
    ends = let(now, done="k / n", middle=field(f"u{EULER}") / SQRT2).mark_circle(size=16, opacity=1, clip=True)
    goals = let(parts.rows({"side": -1}, {"side": 1}), middle=field("side") * signal("d"))
    goals = goals.mark_rule(color=P, strokeDash=[5, 3], strokeWidth=2).encode(y=middle("middle"))
    mean = parts.one(done=1, middle="mean").mark_point(**MEAN).encode(x=done("done"), y=middle("middle"))
    ends = ends.encode(x=done("done"), y=middle("middle"), color=scene.OUTCOME)
    return alt.layer(goals, alt.layer(parts.together(let(now, **places), *trail), ends), mean)
