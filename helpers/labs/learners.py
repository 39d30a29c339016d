"""A lab: forty policies learn from their own crashes, with and without a baseline."""

from typing import NamedTuple

import altair as alt
import ipywidgets as widgets
import torch
from matplotlib.figure import Figure
from torch import Tensor

from helpers.charts import parts, scene
from helpers.charts.parts import let
from helpers.colors import NEUTRAL, Q
from helpers.labs.lab import STAGES, Lab, Recording, another_run, slider, steps, whole
from helpers.namespace import field
from helpers.page import plots
from helpers.page.live import live_chart
from helpers.policies import reinforce
from helpers.robot.cup_and_tray import HALF_WIDTH

LEARNERS = 40
STEPS = 200
NAMES = {True: "with baseline", False: "without"}
SCALE = 50  # whole numbers to the unit of length, in a recording


class Seen(NamedTuple):
    """What came of the learners: success {with baseline?: (1 + STEPS / 5, LEARNERS)}, and where those that were asked for
    aim before each step and after the last, (1 + STEPS, LEARNERS, 2)."""

    baseline: bool
    bonus: float
    batch: int
    rate: float
    success: dict[bool, Tensor]
    aims: Tensor


def policy_gradients() -> Lab:
    """Let 40 policies learn from their own crashes, with and without a baseline."""
    controls = {
        "baseline": widgets.Checkbox(value=False, description="baseline"),
        "bonus": slider("bonus", 3, 0, 10, 0.5),
        "batch": steps("batch", [2, 4, 16, 64, 256], 16),
        "rate": slider("step size", 0.02, 0.01, 0.1, 0.01),
        "seed": another_run(),
    }
    return Lab(controls, learn, draw, words, Recording(policy_gradients_lab, columns))


def learn(tell, baseline: bool, bonus: float, batch: int, rate: float, seed: int) -> Seen:
    """Learns with and without the baseline from the same seed."""
    success, aims = {}, {}
    for first, chosen in ((0.0, not baseline), (0.5, baseline)):
        torch.manual_seed(seed)
        progress = lambda done, first=first: tell(first + done / 2, None)
        success[chosen], aims[chosen] = reinforce.learn(LEARNERS, STEPS, batch, rate, bonus, chosen, progress)
    return Seen(baseline, bonus, batch, rate, success, aims[baseline])


def draw(seen: Seen) -> Figure:
    """Both curves, the chosen one with its band, and the paths at which its learners aim in the end."""
    chosen, other = seen.success[seen.baseline], seen.success[not seen.baseline]
    name = NAMES[seen.baseline]
    step = (torch.arange(len(chosen)) * reinforce.EVERY).tolist()
    low, high = chosen.quantile(0.1, dim=1).tolist(), chosen.quantile(0.9, dim=1).tolist()
    picture, (left, right) = plots.figure(1, 2, width=8, height=3.2)
    left.fill_between(step, low, high, color=Q, alpha=0.25, lw=0)
    left.plot(step, chosen.mean(1).tolist(), color=Q, lw=2, label=f"{name} (band: 8 of 10 learners)")
    left.plot(step, other.mean(1).tolist(), color=NEUTRAL, lw=1.5, ls="--", label=NAMES[not seen.baseline])
    left.set(xlabel="steps", ylabel="success", ylim=(0, 1.02))
    left.legend(frameon=False, loc="lower right", fontsize=8)
    left.set_title(f"mean of {LEARNERS} learners: {ends(seen)}", fontsize=9)
    plots.scene(right, seen.aims[-1].clamp(-plots.EXTENT, plots.EXTENT), f"where each one aims, {name}")
    return picture


def ends(seen: Seen) -> str:
    """How often both succeed in the end."""
    end = lambda baseline: f"{seen.success[baseline][-1].mean().item():.1%} {NAMES[baseline]}"
    return f"{end(seen.baseline)}, {end(not seen.baseline)}"


def words(seen: Seen) -> str:
    """What the picture shows, with its numbers."""
    return (
        f"Lab: {LEARNERS} policies learn by policy gradient, batch {seen.batch}, step size {seen.rate:g}, {seen.bonus:g} added "
        f"to every reward. After {STEPS} steps they succeed: {ends(seen)}. Two pictures: success against steps with a band "
        "over the learners, and the path each one aims at in the end."
    )


def columns(stages: list[Seen]) -> dict[str, list]:
    """What is recorded of them."""
    (seen,) = stages
    chosen, other = seen.success[seen.baseline], seen.success[not seen.baseline]
    aims = seen.aims[:: STEPS // STAGES].clamp(-scene.EXTENT, scene.EXTENT)
    return {
        "mean": whole(chosen.mean(1), 1000),
        "low": whole(chosen.quantile(0.1, dim=1), 1000),
        "high": whole(chosen.quantile(0.9, dim=1), 1000),
        "other": whole(other.mean(1), 1000),
        "aims": whole(aims.transpose(1, 2), SCALE),
    }


@live_chart(play={"step": 4})
def policy_gradients_lab() -> alt.VConcatChart:
    """Forty policies learn from their own crashes. Choose whether a baseline is taken off the reward, what is added to
    every reward, the batch and the step size; play the steps, and see how often they succeed and where each one aims.
    """
    now = f"[step / {reinforce.EVERY}]"
    numbers = {
        "mean success": parts.number(f"recorded.mean{now} / 1000", ".3f"),
        "nine in ten reach": parts.number(f"recorded.low{now} / 1000", ".3f"),
        "the other 40": parts.number(f"recorded.other{now} / 1000", ".3f"),
    }
    x, y = parts.axis(alt.X, "steps", 0, STEPS), parts.axis(alt.Y, "success", 0, 1)
    curve = {name: f"recorded.{name}[datum.i] / 1000" for name in ("mean", "low", "high", "other")}
    rows = let(parts.counted(STEPS // reinforce.EVERY + 1), step=field("i") * reinforce.EVERY, **curve)
    learned = parts.together(
        rows.transform_filter("datum.step <= step"),
        alt.Chart().mark_area(color=Q, opacity=0.25).encode(x=x("step"), y=y("low"), y2="high"),
        alt.Chart().mark_line(color=NEUTRAL, strokeDash=[5, 3], strokeWidth=2).encode(x=x("step"), y=y("other")),
        alt.Chart().mark_line(color=Q, strokeWidth=3).encode(x=x("step"), y=y("mean")),
    )
    place = lambda axis: f"recorded.aims[step / {STEPS // STAGES}][{axis}][datum.i] / {SCALE}"
    aims = scene.with_outcome(let(parts.counted(LEARNERS), x1=place(0), x2=place(1)), HALF_WIDTH)
    paths = scene.paths(aims, scene.OUTCOME, HALF_WIDTH, strokeWidth=1.4, opacity=0.7)
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.pair(
            (learned, "The 40, 8 in 10 in the band; dashed: the other 40"),
            (alt.layer(scene.surroundings(HALF_WIDTH), paths), "Where each of the 40 aims"),
        ),
        parts.choice("baseline", "the 40 learn", {0: "without a baseline", 1: "with one"}, 0),
        parts.choice("bonus", "added to every reward", [0, 3, 10], 3),
        parts.choice("batch", "batch", [2, 16, 256], 16),
        parts.choice("rate", "step size", [0.02, 0.1], 0.02),
        parts.choice("seed", "run", {0: "first", 1: "second"}, 0),
        parts.slider("step", "training step", STEPS, 0, STEPS, STEPS // STAGES),
        parts.recorded(),
    )
