"""A lab: train any head on demonstrations of your choice, and see its paths while it learns."""

from typing import NamedTuple

import altair as alt
import ipywidgets as widgets
import torch
from matplotlib.figure import Figure
from torch import Tensor

from helpers import heads
from helpers.charts import parts, scene
from helpers.charts.parts import let
from helpers.colors import P
from helpers.labs.lab import STAGES, Lab, Recording, another_run, slider, steps, whole
from helpers.namespace import field
from helpers.page import plots
from helpers.page.live import live_chart
from helpers.robot.cup_and_tray import HALF_WIDTH, CupAndTray, success_rate
from helpers.training import seeded

SUFFICE = {"yes": "yes, nearly always", "half": "about half of the time", "no": "no, it averages"}
PATHS = 60  # that are shown
RECORDED = 40  # of them in a recording
SCALE = 50  # whole numbers to the unit of length, in a recording


class Seen(NamedTuple):
    """A head in training. task, examples: what it learns from; done: how much of its training; action (n, 2): what it does;
    success: (rate, standard error) of 2000 actions."""

    head: str
    task: CupAndTray
    examples: Tensor
    done: float
    action: Tensor
    success: tuple[float, float]


def mode_averaging() -> Lab:
    """Train any head on demonstrations of your choice and watch its paths while it learns."""
    names = [(row.words, name) for name, row in heads.HEADS.items()]
    controls = {
        "head": widgets.Dropdown(options=names, value="mixture", description="head"),
        "d": slider("offset d", 0.6, 0, 1, 0.05),
        "w": slider("share right w", 0.5, 0, 1, 0.05),
        "s": slider("spread s", 0.1, 0.02, 0.3, 0.02),
        "demonstrations": steps("demos", [2, 10, 50, 200, 1000, 20_000], 10),
        "seed": another_run(),
    }
    return Lab(controls, train, draw, words, Recording(mode_averaging_lab, columns))


def train(tell, head: str, d: float, w: float, s: float, demonstrations: int, seed: int) -> Seen:
    """The trained head; on the way the head at every tenth of its training."""
    task = CupAndTray(d, w, s)
    torch.manual_seed(seed)
    examples = task.demonstrations(demonstrations)
    share = 1.0 if heads.row(head).steps <= 1000 else 0.4  # the slow ones stop early, so that a lab stays a lab

    def seen(done: float, trained: heads.Head) -> Seen:
        with seeded(seed):  # the same noise at every stage
            action = trained.sample(torch.ones(1, 1), 2000)[:, 0]
        return Seen(head, task, examples, done, action, success_rate(action))

    def progress(done: float, trained: heads.Head) -> None:
        report = round(done * 20)  # of twenty
        tell(done, seen(done, trained) if done < 1 and report * STAGES % 20 == 0 else None)

    return seen(1.0, heads.train(head, task, examples, seed, share, progress))


def draw(seen: Seen) -> Figure:
    """Demonstrated paths, the head's paths, and the head's actions in the plane."""
    action = seen.action[:PATHS]
    picture, (left, middle, right) = plots.figure(1, 3, width=9, height=3.2)
    plots.scene(left, seen.examples[:PATHS], "demonstrations", P)
    plots.scene(middle, action, f"the head’s paths: {result(seen)}")
    plots.plane(right, action, seen.task, "its actions")
    return picture


def result(seen: Seen) -> str:
    """How far the training is, or what came of it."""
    rate, error = seen.success
    return f"{seen.done:.0%} trained" if seen.done < 1 else f"success {rate:.1%} ± {error:.1%}"


def words(seen: Seen) -> str:
    """What the picture shows, with its numbers."""
    task = seen.task
    return (
        f"Lab: {seen.head} trained on {len(seen.examples)} demonstrations with d = {task.d:g}, w = {task.w:g}, s = {task.s:g}: "
        f"{result(seen)}. Three pictures: the demonstrated paths, the paths of {PATHS} of the head's actions, the same "
        "actions in the plane."
    )


def columns(stages: list[Seen]) -> dict[str, list]:
    """What is recorded of them."""
    shown = lambda actions: whole(actions[:RECORDED].clamp(-scene.EXTENT, scene.EXTENT).T, SCALE)
    return {
        "success": [whole(seen.success[0], 1000) for seen in stages],
        "actions": [shown(seen.action) for seen in stages],
        "shown": shown(stages[0].examples),
    }


@live_chart(play={"trained": 4})
def mode_averaging_lab() -> alt.VConcatChart:
    """A policy head learns from demonstrations that pass an obstacle on either side. Choose the head, what is
    demonstrated and how often; play its training, and see the paths of 40 of its actions and its success rate.
    """
    now = f"[trained / {100 // STAGES}]"
    known = f"(head != 'mixture' || demonstrations != 10 || {parts.GUESSED})"
    row = parts.one(success=f"recorded.success{now} / 1000")
    numbers = {
        "trained": parts.words("trained", "trained + ' %'"),
        "success": parts.once(known, parts.words(field("success"), "format(100 * datum.success, '.1f') + ' %'")),
    }
    action = lambda where: let(
        parts.counted(RECORDED), x1=f"{where}[0][datum.i] / {SCALE}", x2=f"{where}[1][datum.i] / {SCALE}"
    ).transform_filter("isValid(datum.x1)")
    demonstrated = scene.with_outcome(action("recorded.shown"), HALF_WIDTH)
    told = parts.told_guess(SUFFICE, down=150)
    wait = parts.waiting(x1=0, x2=0).transform_filter("head == 'mixture' && demonstrations == 10")
    wait = wait.encode(x=scene.gate("x1"), y=scene.gate("x2"))
    picture = scene.paths_and_plane(
        scene.with_outcome(action(f"recorded.actions{now}").transform_filter(known), HALF_WIDTH),
        "Its paths: blue pass, orange crash",
        "The same actions; dashed: shown",
        HALF_WIDTH,
        beside=[told, wait],
        below=[scene.paths(demonstrated, alt.value(P), HALF_WIDTH, strokeWidth=1.2, opacity=0.5)],
    )
    return parts.sheet(
        parts.readouts(row, numbers),
        picture,
        parts.guess(
            "From ten demonstrations, does a mixture learn to pass?",
            SUFFICE,
            "yes",
            "head == 'mixture' && demonstrations == 10 && trained == 100",
        ),
        parts.choice("head", "policy head", {name: row.words for name, row in heads.HEADS.items()}, "mixture"),
        parts.choice("d", "offset d", [0.6, 0.9], 0.6),
        parts.choice("w", "share right w", [0.5, 0.7, 0.9], 0.5),
        parts.choice("s", "spread s", [0.1, 0.2], 0.1),
        parts.choice("demonstrations", "demonstrations", [10, 1000], 10),
        parts.choice("seed", "run", {0: "first", 1: "second"}, 0),
        parts.slider("trained", "trained, %", 100, 0, 100, 100 // STAGES),
        parts.recorded(),
    )
