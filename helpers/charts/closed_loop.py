"""The live charts of notebook 09: a robot that looks again on its way, and why this is a flow."""

import functools
import json
import math
from collections.abc import Callable
from pathlib import Path

import altair as alt
import torch

from helpers.charts import parts, scene
from helpers.charts.integrals import chosen
from helpers.charts.parts import let
from helpers.charts.scene import OUTCOME
from helpers.colors import NEUTRAL, SERIES, P, Q
from helpers.namespace import field, maximum, minimum, normal_quantile, signal, text, where
from helpers.page.live import live_chart
from helpers.robot import replanning
from helpers.robot.cup_and_tray import HALF_WIDTH
from helpers.training import seeded

RUNS, PLANS = 40, 20  # robots that are drawn, and the most plans that can be chosen
COUNTS = range(1, PLANS + 1)
SIMULATED = 20_000  # runs behind the crash rate of a head that draws
INNER, ROUNDS = 2, 6  # steps of the flow; rounds of bisection for a median, which stands to 0.005 then
HEADS = {"mse": "squared error", "l1": "absolute error (L1)", "flow": f"flow, {INNER} steps", "sampled": "sampled"}
SCATTERS = (0.001, 0.02, 0.05, 0.2)
AIMS = {"mse": "aims at the mean", "l1": "aims at the median", "flow": "takes 2 flow steps", "sampled": "draws a goal"}
OFTEN = {
    "all": "in all of its runs",
    "half": "in about half",
    "eighth": "in one or two of ten",
    "never": "hardly ever",
}
RAREST = 1e-4  # crash rates below it are drawn there
KNOWN = f"(n == 1 || {parts.GUESSED})"  # one plan is page 08
EXECUTED = (1, 2, 3, 6, 12)  # actions of the arm before it looks again
TO_THE_BOX = 10  # actions that take it out to the side, close before the box
HEADS_OF_ARM = {
    "mse": "squared error",
    "l1": "absolute error (L1)",
    "independent_bins": "independent bins, sampled",
    "autoregressive_bins": "autoregressive bins, greedy",
    "flow": "flow",
    "flow_longer": "flow, trained twice as long",
}
FURTHEST = 40  # of the axis of executed actions: beyond 12 stand the names of the lines
APART = 0.075  # how far these names are from each other at least
IN_PLANE = {"mse": "squared error", "l1": "absolute error", "sampled": "sampled"}
PLANE = (0.02, 0.04, 0.06, 0.08, 0.1)  # scatters of the start, beside the arm
AGAIN = {"all": "nearly always", "half": "in about half", "hardly": "hardly ever"}
FAR, EXTENT, WIDE = (
    1.35,
    1.1,
    2.2,
)  # where the obstacle ends, in ways to gate 1; of the axis across, and where noise begins
MORE = {"world": "the robots in the world", "network": "the draws in the network", "same": "both as often"}


def starts() -> alt.Chart:
    """A row for each robot: `start`, its place in spreads, one from each fortieth of a Gaussian, and what its head draws."""
    generator = torch.Generator().manual_seed(9)
    rank, noise = torch.rand(RUNS, PLANS, generator=generator), torch.randn(RUNS, PLANS, generator=generator)
    rows = alt.Chart(parts.noise(RUNS, {"rank": rank, "noise": noise}, 2))
    return let(rows, start=normal_quantile((field("i") + 0.5) / RUNS))


def looks(name: str, scatter) -> list[alt.Parameter]:
    """What each look tells a robot that stands at 1, as arrays name_lean, name_middle, name_half and name_spread; the first two
    grow with where it stands. scatter: of the starts."""
    found = [replanning.believed(1.0, k / signal("n"), scatter) for k in range(PLANS)]
    array = lambda part: f"[{', '.join(text(getattr(belief, part)) for belief in found)}]"
    return [parts.param(f"{name}_{part}", array(part)) for part in replanning.Belief._fields]


def marched(rows: alt.Chart, name: str, scatter, aim: Callable) -> alt.Chart:
    """Fields x0, x1 ... x20: where the robot is after so many of n plans; the later ones are where it ends.

    name, scatter: of its `looks`. aim: (rows, belief, plan) -> rows with the field goal0, goal1 ... of that plan.
    """
    n = signal("n")
    rows = let(rows, x0=scatter * field("start"))
    for k in range(PLANS):
        x = field(f"x{k}")
        lean, middle, half, spread = (signal(f"{name}_{part}")[k] for part in replanning.Belief._fields)
        rows = let(rows, **{f"lean{k}": lean * x, f"middle{k}": middle * x})
        rows = aim(rows, replanning.Belief(field(f"lean{k}"), field(f"middle{k}"), half, spread), k)
        rows = let(rows, **{f"x{k + 1}": where(k < n, replanning.moved(x, field(f"goal{k}"), n - k), x)})
    return rows


def mean_aim(rows: alt.Chart, belief: replanning.Belief, k: int) -> alt.Chart:
    """The goal of squared error."""
    return let(rows, **{f"goal{k}": replanning.mean(belief)})


def chosen_aim(rows: alt.Chart, belief: replanning.Belief, k: int) -> alt.Chart:
    """The goal of the head that the reader has chosen."""
    rank, noise = field("rank")[k], field("noise")[k]
    u = noise
    for step in range(INNER):
        rows = let(rows, **{f"u{k}_{step}": replanning.flow_step(u, 1 - step / INNER, INNER, belief)})
        u = field(f"u{k}_{step}")
    y = belief.half / 2
    for step in range(ROUNDS):
        rows = let(rows, **{f"y{k}_{step}": replanning.median_step(y, 0.5 ** (step + 2), belief)})
        y = field(f"y{k}_{step}")
    goals = {
        "mse": replanning.mean(belief),
        "l1": replanning.from_middle(y, belief),
        "flow": u,
        "sampled": replanning.sampled(belief, rank, noise),
    }
    return let(rows, **{f"goal{k}": chosen("head", goals)})


def with_crash(rows: alt.Chart) -> alt.Chart:
    """Adds crash and outcome: whether it meets gate 1 in front of the obstacle."""
    decided = let(rows, crash=f"abs(datum.x{PLANS}) < {HALF_WIDTH}")
    return let(decided, outcome="datum.crash ? 'crashes' : 'passes'")


def across(name: str, extent: float) -> alt.X:
    """The axis to the left and right of the line."""
    return parts.axis(alt.X, "left  ←  lateral offset  →  right", -extent, extent)(name).axis(tickCount=5, grid=False)


def along(name: str) -> alt.Y:
    """The axis from the start to the far end of the obstacle, in distances to gate 1."""
    return alt.Y(f"{name}:Q", axis=None).scale(domain=[-0.08, FAR + 0.1], nice=False)


def routes(rows: alt.Chart, extent: float = EXTENT) -> alt.LayerChart:
    """The route of each row, a straight piece for each plan, and past the obstacle if it passes; a cross where it crashes.

    The key is for Vega, which keeps the marks of rows that went otherwise.
    """
    times = {f"t{k}": f"min({k}, n) / n" for k in range(PLANS + 1)}
    drawn = {"strokeWidth": 1.3, "opacity": 0.7, "clip": True, "strokeCap": "round"}
    pieces = [
        alt.Chart()
        .transform_filter(f"{k} < n")
        .mark_rule(**drawn)
        .encode(x=across(f"x{k}", extent), x2=f"x{k + 1}", y=along(f"t{k}"), y2=f"t{k + 1}", color=OUTCOME, key="i:Q")
        for k in range(PLANS)
    ]
    last = across(f"x{PLANS}", extent)
    rest = alt.Chart().transform_filter("!datum.crash").mark_rule(**drawn)
    rest = rest.encode(x=last, y=along(f"t{PLANS}"), y2="far", color=OUTCOME, key="i:Q")
    cross = alt.Chart().transform_filter("datum.crash")
    cross = cross.mark_point(shape="cross", angle=45, size=50, filled=True, opacity=0.9, clip=True)
    cross = cross.encode(x=last, y=along(f"t{PLANS}"), color=OUTCOME, key="i:Q")
    return parts.together(let(rows, far=FAR, **times), *pieces, rest, cross)


def road(first: str, last: str, extent: float = EXTENT) -> alt.LayerChart:
    """The obstacle, a dotted line where each look is taken, and words for the first place and for the last."""
    box = parts.one(x=-HALF_WIDTH, x2=HALF_WIDTH, y=1, y2=FAR).mark_rect(color=NEUTRAL, opacity=0.45, cornerRadius=3)
    looks = let(parts.counted(PLANS), y="datum.i / n").transform_filter("datum.i < n")
    words = parts.rows({"x": -extent, "y": 1, "name": last}, {"x": -extent, "y": 0, "name": first})
    words = words.mark_text(align="left", dx=4, dy=-7, fontSize=11).encode(
        x=across("x", extent), y=along("y"), text="name:N"
    )
    gate = parts.one(y=1).mark_rule(color=NEUTRAL, opacity=0.8).encode(y=along("y"))
    return alt.layer(
        box.encode(x=across("x", extent), x2="x2", y=along("y"), y2="y2"),
        looks.mark_rule(strokeDash=[2, 4], color=NEUTRAL, opacity=0.8).encode(y=along("y"), key="i:Q"),
        gate,
        words,
    )


@functools.cache
def exact(head: Callable, scatters: tuple[float, ...] = SCATTERS) -> dict[str, list[float]]:
    """{scatter: crash rate for 1 to 20 plans} of a head that draws nothing."""
    return {f"{tau:g}": [round(replanning.crash_rate(head, n, tau), 5) for n in COUNTS] for tau in scatters}


@functools.cache
def crash_rates() -> dict[str, dict[str, list[float]]]:
    """{head: {scatter: crash rate for 1 to 20 plans}}: exact for squared and absolute error and for sampling, where it is the
    demonstrator's; for the flow among 20,000 runs, standard error at most 0.004."""
    rates = {"mse": exact(replanning.mean), "l1": exact(replanning.median)}
    flow = lambda belief: replanning.flow(belief, torch.randn_like(belief.lean), INNER)
    with seeded(0):
        ends = {str(tau): [replanning.replan(flow, n, tau, SIMULATED)[:, -1] for n in COUNTS] for tau in SCATTERS}
    hit = lambda x: round((x.abs() < HALF_WIDTH).double().mean().item(), 4)
    rates["flow"] = {tau: [hit(x) for x in found] for tau, found in ends.items()}
    rates["sampled"] = {str(tau): [round(replanning.demonstrators_rate(), 5)] * PLANS for tau in SCATTERS}
    return rates


def said() -> alt.Chart:
    """What the chosen head does, at the lower right of the road."""
    words = parts.one(x=EXTENT, y=-0.03, said=f"{json.dumps(AIMS)}[head]")
    words = words.mark_text(align="right", baseline="bottom", dx=-4, fontSize=11, fontWeight=600)
    return words.encode(x=across("x", EXTENT), y=along("y"), text="said:N")


def rate_curves() -> alt.LayerChart:
    """The crash rate of each head against the number of plans, and where the chosen one stands."""
    x = parts.axis(alt.X, "plans on the way", 0.5, PLANS + 0.5)
    y = lambda name: alt.Y(f"{name}:Q", title="crash rate").scale(type="log", domain=[RAREST, 1.3], nice=False)
    ticks = alt.Axis(values=[1, 0.1, 0.01, 0.001, 0.0001], format="~%", grid=True)
    rates = {name: f"max({RAREST}, rates.{name}[scatter][datum.i])" for name in HEADS}
    table = let(parts.counted(PLANS).transform_filter(parts.GUESSED), plans=field("i") + 1, **rates)
    legend = alt.Legend(orient="top", title=None, labelLimit=300, symbolStrokeWidth=3, columns=2)
    color = alt.Color("series:N", legend=legend).scale(domain=list(HEADS.values()), range=[*SERIES, P])
    line = lambda chart, name: chart.mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=18)).encode(
        x=x("plans"), y=y(name).axis(ticks), color=color
    )
    now = parts.one(plans="n", rate=f"max({RAREST}, rates[head][scatter][n - 1])").transform_filter(KNOWN)
    now = now.mark_point(color=Q, size=160, strokeWidth=2.5, opacity=1).encode(x=x("plans"), y=y("rate").axis(ticks))
    wait = parts.waiting(plans=PLANS / 2, rate=0.02).encode(x=x("plans"), y=y("rate").axis(ticks))
    return alt.layer(parts.series(table, HEADS, line), now, wait, parts.told_guess(OFTEN, down=34))


@live_chart(play={"n": 2})
def replanned() -> alt.VConcatChart:
    """Forty robots on their way to the obstacle, each looking so many times where it is and planning anew; on the right the crash
    rate of each head against the number of plans. With one plan, by squared error, the crash rate is 100 %, as on page 08. As it
    opens there are five; what comes of more than one is shown once you have guessed.
    """
    robots = with_crash(marched(starts(), "world", signal("scatter"), chosen_aim))
    counted = scene.crashes_of(robots)
    numbers = {
        "scatter of the start": parts.number("scatter", ".3~f"),
        f"crash, of {RUNS}": parts.once(KNOWN, parts.number(field("off"), "d")),
        "crash rate": parts.once(KNOWN, parts.percent("rates[head][scatter][n - 1]")),
    }
    return parts.sheet(
        parts.readouts(counted, numbers),
        parts.pair(
            (
                alt.layer(road("start", "gate 1"), routes(robots.transform_filter(KNOWN)), said()),
                "40 robots; dotted: where they look",
            ),
            (rate_curves(), "Crash rate and number of plans"),
            height=parts.SIDE,
        ).resolve_scale(color="independent"),
        parts.guess(
            "It looks five times. How often does squared error crash now?",
            OFTEN,
            "eighth",
        ),
        parts.choice("head", "policy head", HEADS, "mse"),
        parts.slider("n", "plans on the way", 5, 1, PLANS, 1),
        parts.choice("scatter", "start scatters by", SCATTERS, 0.05),
        *looks("world", signal("scatter")),
        alt.param(name="rates", value=crash_rates()),
    )


@live_chart(play={"n": 2})
def world_and_network() -> alt.VConcatChart:
    """On the left robots that replan with squared error, from starts that scatter; on the right a flow head that takes as many Euler
    steps inside the network, from standard normal noise to one coordinate of its action. Both are drawn by one formula and on one
    scale. With one step all crash, 100 % on either side. As it opens there are five; which crash more often is shown once you
    have guessed.
    """
    world = with_crash(marched(starts(), "world", signal("scatter"), mean_aim))
    network = with_crash(marched(starts(), "network", 1.0, mean_aim))
    numbers = {
        "plans, steps": parts.number("n", "d"),
        "crash: world": parts.once(KNOWN, parts.percent("rates[scatter][n - 1]")),
        "network": parts.once(KNOWN, parts.percent("rates['1'][n - 1]")),
    }
    at_first = lambda rows: let(rows, zero=0).mark_circle(size=16, color=NEUTRAL, opacity=0.8, clip=True)
    drawn = lambda first, last, rows: alt.layer(
        road(first, last, WIDE),
        routes(rows.transform_filter(KNOWN), WIDE),
        at_first(rows).encode(x=across("x0", WIDE), y=along("zero"), key="i:Q"),
    )
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.pair(
            (
                alt.layer(
                    drawn("start", "gate 1", world),
                    parts.told_guess(dict(zip(MORE, ("the world", "the network", "both"), strict=True)), down=226),
                ),
                "In the world, from the starts",
            ),
            (drawn("noise", "action", network), "In the network, from noise"),
            height=parts.SIDE,
        ),
        parts.guess(
            "Five plans, five Euler steps: which crash more often?", MORE, "world", "n == 5 && scatter == 0.05"
        ),
        parts.slider("n", "plans, or Euler steps", 5, 1, PLANS, 1),
        parts.choice("scatter", "start scatters by", SCATTERS, 0.05),
        *looks("world", signal("scatter")),
        *looks("network", 1.0),
        alt.param(name="rates", value=exact(replanning.mean, (*SCATTERS, 1.0))),
    )


@functools.cache
def measured() -> dict:
    """How often the arm crashed and delivered, by tools/measure_arm.py: `cells` {head: [training][executed][crashes, deliveries]}."""
    return json.loads(Path(__file__).with_name("measured_arm.json").read_text())


def arm_rates() -> dict[str, dict[str, list[float]]]:
    """{head: {"crash": rates, "error": their standard errors, "delivered": rates}} for each number of executed actions, over all
    trainings of a head. An error is that of the episodes or that of the trainings, whichever is larger."""
    found, rates = measured(), {}
    for head, trainings in found["cells"].items():
        n = found["episodes"] * len(trainings)
        crash, delivered = (torch.tensor(trainings).sum(0) / n).T
        of_each = torch.tensor(trainings)[..., 0] / found["episodes"]
        error = maximum((crash * (1 - crash) / n).sqrt(), of_each.std(0) / math.sqrt(len(trainings)))
        columns = {"crash": crash, "error": error, "delivered": delivered}
        rates[head] = {name: parts.rounded(column, 4) for name, column in columns.items()}
    return rates


@functools.cache
def plane_rates() -> dict[str, list[list[float]]]:
    """{head: [scatter][executed]}: exact crash rates in the plane, with as many looks as the arm takes on its way to the box."""
    looks = [math.ceil(TO_THE_BOX / executed) for executed in EXECUTED]
    rates = lambda head, tau: [round(replanning.crash_rate(head, n, tau), 4) for n in looks]
    heads_ = {"mse": replanning.mean, "l1": replanning.median}
    return {name: [rates(head, tau) for tau in PLANE] for name, head in heads_.items()}


def executed_axis(name: str) -> alt.X:
    """The axis of the actions that are executed before the next look."""
    place = alt.X(f"{name}:Q", title="actions executed before it looks again")
    place = place.scale(type="log", domain=[0.9, FURTHEST], nice=False)
    return place.axis(values=list(EXECUTED), grid=False)


def crash_axis(name: str) -> alt.Y:
    """The axis of a crash rate, from 0 to 1."""
    return parts.axis(alt.Y, "crash rate", 0, 1)(name).axis(format="~%")


def rows_of_executed() -> alt.Chart:
    """A row for each of EXECUTED."""
    return let(parts.counted(len(EXECUTED)), executed=f"{list(EXECUTED)}[datum.i]")


def line_names() -> alt.Chart:
    """The name of each head where its line ends, or a little below, so that none lies on another."""
    ends = sorted(((found["crash"][-1], head) for head, found in arm_rates().items()), reverse=True)
    short = {head: words.split(",")[0].split(" (")[0] for head, words in HEADS_OF_ARM.items()} | {
        "flow_longer": "flow, 2 × as long",
        "autoregressive_bins": "autoregressive",
        "independent_bins": "independent",
    }
    rows, place = [], 1.0 + APART
    for rate, head in ends:
        place = min(rate, place - APART)
        rows.append({"executed": EXECUTED[-1], "rate": round(place, 3), "name": short[head]})
    return parts.rows(*rows)


def measured_curves() -> alt.LayerChart:
    """The arm's crash rate with the chosen head, two standard errors to either side; once the reader has guessed also with the others, in grey."""
    rows = let(rows_of_executed(), rate="arm[head].crash[datum.i]", error="2 * arm[head].error[datum.i]")
    rows = let(rows, low=maximum(0, field("rate") - field("error")), high=minimum(1, field("rate") + field("error")))
    x, drawn = executed_axis("executed"), {"color": Q, "strokeWidth": 3}
    first = f"{parts.GUESSED} || datum.executed == {EXECUTED[-1]}"
    chosen_one = parts.together(
        rows.transform_filter(f"{parts.GUESSED} || head == 'mse'").transform_filter(first),
        alt.Chart().mark_rule(color=Q, strokeWidth=2).encode(x=x, y=crash_axis("low"), y2="high"),
        alt.Chart().mark_line(point=alt.OverlayMarkDef(color=Q, size=60), **drawn).encode(x=x, y=crash_axis("rate")),
    )
    others = let(rows_of_executed(), **{name: f"arm.{name}.crash[datum.i]" for name in HEADS_OF_ARM})
    grey = {"color": NEUTRAL, "strokeWidth": 1.2, "opacity": 0.8}
    line = lambda chart, name: chart.mark_line(**grey).encode(x=x, y=crash_axis(name))
    rest = parts.series(others.transform_filter(parts.GUESSED), HEADS_OF_ARM, line)
    names = line_names().transform_filter(parts.GUESSED).mark_text(align="left", dx=6, fontSize=10)
    wait = parts.waiting(executed=3, rate=0.5)
    words = [words.encode(x=x, y=crash_axis("rate")) for words in (names.encode(text="name:N"), wait)]
    return alt.layer(rest, chosen_one, *words, parts.told_guess(AGAIN, down=28, right=145))


def plane_curves() -> alt.LayerChart:
    """The plane's exact crash rates of the mean and the median, and that of the demonstrator, for as many looks."""
    rates = {name: f"plane.{name}[round(scatter / {PLANE[0]}) - 1][datum.i]" for name in ("mse", "l1")}
    rows = let(rows_of_executed(), **rates, sampled=replanning.demonstrators_rate())
    line = lambda chart, name: chart.mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=40)).encode(
        x=executed_axis("executed"), y=crash_axis(name), color=parts.series_color(IN_PLANE)
    )
    return parts.series(rows.transform_filter(f"{parts.GUESSED} || datum.executed >= 3"), IN_PLANE, line)


@live_chart()
def executed_steps() -> alt.VConcatChart:
    """On the left how often the arm crashes, measured in 200 episodes after each of three trainings, against the number of actions
    that it carries out before it looks again; on the right the plane's exact crash rates for as many looks. As it opens it
    shows of the arm squared error with all twelve actions of a chunk executed; the rest once you have guessed.
    """
    cell = lambda name, k: parts.percent(f"arm[head].{name}[{k}]")
    asked = parts.after_the_guess
    numbers = {
        "crash at 12": parts.once(f"(head == 'mse' || {parts.GUESSED})", cell("crash", len(EXECUTED) - 1)),
        "crash at 1": asked(cell("crash", 0)),
        "deliver at 1": asked(cell("delivered", 0)),
        "plane, 5 looks": asked(parts.percent(f"plane.mse[round(scatter / {PLANE[0]}) - 1][{EXECUTED.index(2)}]")),
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.pair((measured_curves(), "The arm, measured"), (plane_curves(), "The plane, exact")).resolve_scale(
            color="independent"
        ),
        parts.guess("It looks after every action. How often does it crash now?", AGAIN, "hardly"),
        parts.choice("head", "policy head", HEADS_OF_ARM, "mse"),
        parts.slider("scatter", "scatter of the plane’s start", 0.04, PLANE[0], PLANE[-1], PLANE[0]),
        alt.param(name="arm", value=arm_rates()),
        alt.param(name="plane", value=plane_rates()),
    )
