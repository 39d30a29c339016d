"""A lab: teach an arm by any head, say how much of each chunk it carries out before it looks again, and watch what it does."""

from typing import NamedTuple

import altair as alt
import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from helpers.charts import parts, table_top
from helpers.charts.closed_loop import EXECUTED, HEADS_OF_ARM
from helpers.charts.parts import let
from helpers.charts.scene import OUTCOME
from helpers.charts.table_top import MM, TIMES
from helpers.colors import CRASH, NEUTRAL, SUCCESS
from helpers.labs.lab import Lab, Recording, another_run, slider, steps, whole
from helpers.page import plots
from helpers.page.live import live_chart
from helpers.robot.table import BOX, PERIOD, Table

HEADS = {name: words for name, words in HEADS_OF_ARM.items() if name != "flow_longer"}
EPISODES = 200
RECORDED, EVERY = 20, 3  # episodes of a recording, and of their steps every third
REACH = 0.3  # of the axes of the view from above, on either side of the box
FEWER = {"less": "clearly less often", "same": "about as often", "more": "clearly more often"}
ASKED = "head == 'mse' && executed == 12 && demonstrations == 50"
HALF = Table().half_width  # of the box in a recording
ACROSS = parts.axis(alt.X, "left  ←  metres from the box  →  right", -REACH, REACH)
AHEAD = parts.axis(alt.Y, None, -REACH, REACH)


class Seen(NamedTuple):
    """What a policy does with the arm. crash, delivered (n,) of bool; way (n, time, 2): of the cups from above, less the middle of the
    box. Of the first episode: frames, pictures from its right; joints (time, 4, 3); box (2,)."""

    head: str
    demonstrations: int
    executed: int
    half_width: float
    crash: Tensor
    delivered: Tensor
    way: Tensor
    frames: list[np.ndarray]
    joints: Tensor
    box: Tensor


def carry_cup() -> Lab:
    """Teach the arm by any head, and choose how much of each chunk it carries out before it looks again."""
    controls = {
        "head": widgets.Dropdown(
            options=[(words, name) for name, words in HEADS.items()], value="mse", description="head"
        ),
        "executed": steps("executed", list(EXECUTED), 12),
        "demonstrations": steps("demos", [50, 100, 200, 400], 400),
        "half_width": slider("half box, m", 0.08, 0.03, 0.1, 0.01),
        "seed": another_run(),
    }
    return Lab(controls, carry, draw, words, Recording(carry_cup_lab, columns, half_width=HALF, seed=0))


def carry(tell, head: str, executed: int, demonstrations: int, half_width: float, seed: int) -> Seen:
    """Trains the policy, or finds it trained, and lets it carry the cup."""
    from helpers.policies import carrier  # brings MuJoCo, which no other lab needs

    table = Table(half_width=half_width)
    policy = carrier.trained(head, demonstrations, table, seed, lambda done: tell(0.8 * done, None))
    frames: list[np.ndarray] = []
    joints: list[np.ndarray] = []
    box = torch.zeros(2)

    def watch(env) -> None:
        if len(joints) % 5 == 0:
            frames.append(env.render())
        joints.append(env.joints)
        box[:] = torch.from_numpy(env.info()["box"])

    found = carrier.roll_out(policy, executed, EPISODES, table, watch=watch)
    return Seen(
        head, demonstrations, executed, half_width, found.crash, found.delivered, found.way,
        frames, torch.tensor(np.array(joints)), box,
    )  # fmt: skip


def draw(seen: Seen) -> Figure:
    """The first episode on its way, and all ways from above."""
    picture, (early, later, right) = plots.figure(1, 3, width=9, height=3)
    for ax, frame in ((early, seen.frames[len(seen.frames) // 2]), (later, seen.frames[-1])):
        ax.imshow(frame)
        ax.set_axis_off()
    early.set_title("the first episode", fontsize=9)
    shown = slice(None, 60)
    lines = np.stack([-seen.way[shown, :, 1], seen.way[shown, :, 0]], -1)
    colors = [CRASH if crash else SUCCESS for crash in seen.crash[shown].tolist()]
    right.add_patch(Rectangle((-seen.half_width, -BOX), 2 * seen.half_width, 2 * BOX, color=NEUTRAL, alpha=0.45, lw=0))
    right.add_collection(LineCollection(lines, colors=colors, linewidths=0.9, alpha=0.6))
    right.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="metres to the right of the box", yticks=[])
    right.set_title(result(seen), fontsize=9)
    return picture


def result(seen: Seen) -> str:
    """How many crashed, and how many delivered."""
    return f"{int(seen.crash.sum())} of {len(seen.crash)} crash, {int(seen.delivered.sum())} deliver"


def words(seen: Seen) -> str:
    """What the picture shows, with its numbers."""
    return (
        f"Lab: an arm taught by {seen.demonstrations} demonstrations, {HEADS[seen.head]}, carries out {seen.executed} of 12 "
        f"actions before it looks again, round a box {200 * seen.half_width:.0f} cm wide: {result(seen)}. Three pictures: the arm "
        "early and at the end of the first episode, and the ways of 60 cups from above."
    )


def columns(stages: list[Seen]) -> dict[str, list]:
    """What is recorded of the last."""
    seen = stages[-1]
    times = range(0, EVERY * TIMES, EVERY)
    joints = seen.joints[[min(time, len(seen.joints) - 1) for time in times]]
    return {
        "crash": whole(seen.crash.double().mean(), 1000),
        "delivered": whole(seen.delivered.double().mean(), 1000),
        "off": whole(seen.crash[:RECORDED], 1),
        "way": whole(seen.way[:RECORDED, list(times)].permute(2, 0, 1), MM),
        "joints": whole(joints.permute(2, 1, 0), MM),
        "box": whole(seen.box, MM),
    }


@live_chart(play={"time": 3})
def carry_cup_lab() -> alt.VConcatChart:
    """An arm carries a cup round a box to a tray. Choose how it was taught and how many of the twelve actions of a chunk it carries
    out before it looks again; play the time, and see the first episode from the arm's right and twenty from above.
    """
    known = f"(demonstrations == 400 || {parts.GUESSED})"
    numbers = {
        "time": parts.words("time", f"format(time * {PERIOD}, '.1f') + ' s'"),
        "crash": parts.once(known, parts.percent("recorded.crash / 1000")),
        "deliver": parts.once(known, parts.percent("recorded.delivered / 1000")),
    }
    first = alt.layer(table_top.table(HALF), table_top.arm(f"(time / {EVERY})", known))
    rows = let(parts.counted(RECORDED * TIMES), episode=f"floor(datum.i / {TIMES})", at=f"datum.i % {TIMES}")
    place = lambda axis: f"recorded.way[{axis}][datum.episode][datum.at] / {MM}"
    ways = let(rows, right=f"-{place(1)}", ahead=place(0), outcome="recorded.off[datum.episode] ? 'crashes' : 'passes'")
    ways = ways.transform_filter(f"datum.at <= time / {EVERY} && {known}")
    lines = ways.mark_line(strokeWidth=1.3, opacity=0.7, clip=True)
    lines = lines.encode(x=ACROSS("right"), y=AHEAD("ahead"), color=OUTCOME, detail="episode:Q", order="i:Q")
    wait = parts.waiting(right=0, ahead=0.2).transform_filter("demonstrations == 50")
    wait = wait.encode(x=ACROSS("right"), y=AHEAD("ahead"))
    above = alt.layer(table_top.box_from_above(HALF, ACROSS, AHEAD), lines, wait, parts.told_guess(FEWER))
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.pair(
            (first, "The first episode, from the right"),
            (above, "20 cups from above; dotted: they would touch"),
            height=230,
        ),
        parts.guess("With 400 demonstrations 98 % crash. With 50, squared error crashes …", FEWER, "same", ASKED),
        parts.choice("head", "policy head", HEADS, "mse"),
        parts.choice("demonstrations", "demonstrations", [50, 400], 50),
        parts.choice("executed", "executed of 12", EXECUTED, 12),
        parts.slider("time", "step of 0.1 s", EVERY * (TIMES - 1), 0, EVERY * (TIMES - 1), EVERY),
        parts.recorded(),
    )
