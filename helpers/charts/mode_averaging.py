"""The live charts of notebook 08: what each policy head does with two good routes round an obstacle.

The formulas are those of helpers/heads/ and helpers/theory/, called with the chart's names.
"""

import json
from collections.abc import Callable

import altair as alt
import torch

from helpers import heads
from helpers.charts import parts, scene
from helpers.charts.integrals import DRAWS, GRID, Integrals, chosen, grid
from helpers.charts.parts import let
from helpers.colors import P, Q
from helpers.namespace import field, maximum, signal, sqrt, text, where
from helpers.page.live import live_chart
from helpers.robot.cup_and_tray import HALF_WIDTH, on_mode
from helpers.theory import transport
from helpers.theory.modes import SQRT2

SAMPLES = 60
EULER = heads.STEPS  # most steps that can be chosen, and those of the denoiser
ROWS = {"flow": DRAWS, "diffusion": transport.DRAWS}  # that an expectation takes; for the other heads the grid
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


def either_field(chosen_by: str, diffusion: list[transport.Step]) -> list[transport.Step]:
    """Each step of the flow or of the denoiser, whichever a choice names, in the chart's names."""
    cases = [zip(flow, other, strict=True) for flow, other in zip(flow_constants(), diffusion, strict=True)]
    return [transport.Step(*(chosen(chosen_by, {"flow": a, "diffusion": b}) for a, b in case)) for case in cases]


def denoising() -> list[transport.Step]:
    """The steps of a denoiser that takes Octo's number of them, in the order in which it takes them."""
    beta = heads.cosine_schedule(EULER).double()
    schedule = zip(beta.tolist(), (1 - beta).cumprod(0).tolist(), range(EULER), strict=True)
    step = lambda b, a, t: transport.diffusion_step(b, a, t == 0, signal("m"), signal("s"))
    return [step(*row) for row in reversed(list(schedule))]


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


def carried(rows: alt.Chart, start: str, name: str, draw) -> alt.Chart:
    """Fields name2, name4 ... name20: where the field has carried `start` after so many steps; a denoiser adds the noise of
    that draw of the lattice at each.

    Two steps a field cost less than two fields. But a field of its own each time: Vega runs only the steps again that a
    control touches, so one that overwrote its own input would start from what the last run left there.
    """
    for step in range(0, EULER, 2):
        u = field(f"{name}{step}" if step else start)
        for k in (step, step + 1):
            fresh = nth(k).fresh
            noise = where(fresh > 0, fresh * transport.lattice_normal(draw, k + 1), 0)
            u = transport.taken(u, nth(k), scene.DEMONSTRATOR.odds) + noise
        rows = let(rows, **{f"{name}{step + 2}": u})
    return rows


def samples() -> alt.Chart:
    """60 actions of the chosen head, from the same noise whatever the sliders say."""
    columns = scene.draws(SAMPLES, 7)
    z1, z2, r1, r2 = map(field, columns)
    rows = let(alt.Chart(parts.noise(SAMPLES, columns)), u=(z1 + z2) / SQRT2)
    rows = carried(rows, "u", "u", 20 * field("i") + 10)
    noise = heads.Noise(z1, z2, r1, r2, field(f"u{EULER}"), signal("across") * (z1 - z2) / SQRT2)
    drawn = {name: ideal.draw(noise, scene.DEMONSTRATOR) for name, ideal in heads.IDEALS.items()}
    x1, x2 = (chosen("head", {name: draw[gate] for name, draw in drawn.items()}) for gate in (0, 1))
    return scene.with_outcome(let(rows, x1=x1, x2=x2), OBSTACLE)


def failures() -> alt.Chart:
    """One row: crash rate, corner mass and both divergences of the chosen head, by the formulas of helpers/heads/."""
    sums = Integrals("head")
    found: dict[str, heads.Optimum] = {}
    for name, ideal in heads.IDEALS.items():
        mean_of = sums.over_draws(name, ROWS[name]) if name in ROWS else sums.over_grid(name)
        steps = EULER if name == "diffusion" else signal("n")
        flow = heads.Flow(steps, lambda z: field(f"end{EULER}"), signal("across"))
        found[name] = ideal.optimum(heads.Case(scene.DEMONSTRATOR, OBSTACLE, flow, mean_of))
    first = transport.lattice_normal(field("i"), 0)
    needed = let(
        grid().transform_filter("datum.i < rows"), start=where(signal("head") == "diffusion", first, field("draw"))
    )
    best = {
        number: chosen("head", {name: getattr(optimum, number) for name, optimum in found.items()})
        for number in heads.Optimum._fields
    }
    return let(sums.summed(carried(needed, "start", "end", field("i"))), **best)


def taken(k: int):
    """Whether the chosen head takes step k."""
    return (signal("head") == "diffusion") | (signal("head") == "flow") & (k < signal("n"))


def grouped() -> dict[str, str]:
    """The words of each head, after the choice that it is about."""
    rank = {"": 0, "loss": 1, "family": 2, "decoding": 3}
    group = {name: ideal.group or row.group for row in heads.HEADS.values() for name, ideal in row.ideals.items()}
    ordered = sorted(heads.IDEALS, key=lambda name: rank[group.get(name, "")])
    return {name: f"{group[name]} · {heads.words(name)}" if name in group else heads.words(name) for name in ordered}


def what_it_does() -> alt.Chart:
    """The chosen head's words, at the lower left of the scene."""
    does = {name: ideal.does for name, ideal in heads.IDEALS.items()}
    said = parts.one(x=-scene.EXTENT, y=-0.03, said=f"{json.dumps(does)}[head]")
    words = said.mark_text(align="left", dx=4, fontSize=11, fontWeight=600)
    return words.encode(x=scene.lateral(), y=scene.forward(), text="said:N")


@live_chart(follows={"n": ("head", "flow")})
def mode_averaging() -> alt.VConcatChart:
    """A demonstrator passes an obstacle on the left or on the right. Choose a policy head and see the paths of 60
    of its actions, its crash rate, its mass in the corners that lead through the obstacle, and both KL divergences.
    As it opens, the head trained by squared error drives straight into the obstacle: crash rate 100 %.
    """
    numbers = {
        "crash rate": parts.words("datum.crash", "about + format(max(0, 100 * datum.crash), digits) + ' %'"),
        "corner mass": parts.number(maximum(0, field("corner")), ".2f"),
        "D(p‖q), nats": parts.nats(field("forward_kl")),
        "D(q‖p), nats": parts.nats(field("reverse_kl")),
    }
    picture = scene.paths_and_plane(
        samples(),
        "60 paths: blue pass, orange crash",
        "The same 60 actions; dashed: shown",
        OBSTACLE,
        below=[scene.demonstrations(OBSTACLE), what_it_does()],
    )
    return parts.sheet(
        parts.readouts(failures(), numbers),
        picture,
        parts.choice("head", "policy head", grouped(), "mse"),
        *demonstrator_sliders(),
        parts.slider("n", "flow: steps n", 10, 1, EULER, 1),
        *scene.what_follows(),
        parts.param("about", "head == 'diffusion' ? '≈ ' : ''"),  # its rates are right to 0.2 %
        parts.param("digits", "head == 'diffusion' ? '.0f' : '.1f'"),
        parts.param("rows", f"{json.dumps(ROWS)}[head] || {GRID}"),
        *step_names(either_field("head", denoising()), taken),
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
    """Each step of the flow or of a denoiser with n steps, whichever is chosen, in the chart's names."""
    now = lambda name, k: signal(name)[signal("n") - 1][k]
    step = lambda k: transport.diffusion_step(
        now("beta", k), now("alpha_bar", k), signal("n") == k + 1, signal("m"), signal("s")
    )
    return either_field("method", [step(k) for k in range(EULER)])


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


LANDS = {"mean": "all on one point, the mean", "routes": "each on the nearer route", "cloud": "anywhere: it is noise"}
KNOWN = f"(n > 1 || {parts.GUESSED})"  # what a single step does waits for the guess
MEAN = {"shape": "diamond", "size": 130, "strokeWidth": 2.5, "color": Q, "opacity": 1}  # how the mean is marked


@live_chart(play={"share": 3})
def flow_steps() -> alt.VConcatChart:
    """Sixty draws of noise become actions in n steps, by the exact flow of a pi0-like head or by the exact denoiser of an
    Octo-like head. With one step every draw lands on the mean, a diamond in the obstacle; with ten they part to the
    two modes. What the single step does is shown once you have guessed it. As it opens, one step, and the spread of the
    demonstrator is 0.100.
    """
    words = {"flow": "flow, n Euler steps (π0)", "diffusion": "denoising diffusion, n steps (Octo)"}
    now = particles()
    mean = parts.one(x1="mean", x2="mean").mark_point(**MEAN).encode(x=scene.gate("x1"), y=scene.gate("x2"))
    known = now.transform_filter(KNOWN)
    plane = alt.layer(
        scene.regions(HALF_WIDTH), scene.demonstrator_circles(), scene.dots(known), mean.transform_filter(KNOWN), wait()
    )
    landed = where(on_mode(field("x1"), field("x2"), signal("d")), 1, 0)
    counted = let(now, on=landed, off="datum.crash ? 1 : 0").transform_aggregate(on="sum(on)", off="sum(off)")
    numbers = {
        "on a route": parts.once(KNOWN, parts.words("datum.on", "datum.on")),
        "crash": parts.once(KNOWN, parts.words("datum.off", "datum.off")),
        "spread": parts.once(KNOWN, parts.number("across", ".3f")),
        "as shown": parts.number("s", ".3f"),
    }
    _, w, s = demonstrator_sliders()
    return parts.sheet(
        parts.readouts(counted, numbers),
        parts.pair(
            (plane, "60 draws in the plane of actions"),
            (courses(known), "Their course, along the diagonal"),
            height=parts.SIDE,
        ),
        parts.guess("With a single step, where does each draw land?", LANDS, "mean", "n == 1 && method == 'flow'"),
        parts.choice("method", "how noise becomes an action", words, "flow"),
        parts.slider("n", "steps n", 1, 1, EULER, 1),
        parts.slider("share", "share taken", 1, 0, 1, 0.05),
        w,
        s,
        parts.param("k", "round(share * n)"),  # steps taken
        alt.param(name="d", value=0.6),
        *scene.what_follows(),
        *schedules(),
        *step_names(either_method(), lambda k: k < signal("k")),
    )


def wait() -> alt.Chart:
    """Words in the plane until the reader has guessed."""
    words = parts.waiting(x1=0, x2=0).encode(x=scene.gate("x1"), y=scene.gate("x2"))
    return words.transform_filter("n == 1")


def courses(now: alt.Chart) -> alt.LayerChart:
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
    mean = parts.one(done=1, middle="mean").transform_filter(KNOWN).mark_point(**MEAN)
    mean = mean.encode(x=done("done"), y=middle("middle"))
    told = parts.told_guess(LANDS)
    ends = ends.encode(x=done("done"), y=middle("middle"), color=scene.OUTCOME)
    return alt.layer(goals, alt.layer(parts.together(let(now, **places), *trail), ends), mean, told)
