"""A lab: train a small OpenVLA on instructions, then tell it what to do, and decode it in three ways."""

from typing import NamedTuple

import altair as alt
import ipywidgets as widgets
from matplotlib.figure import Figure
from torch import Tensor

from helpers import heads
from helpers.charts import parts, scene
from helpers.charts.parts import let
from helpers.colors import Q
from helpers.labs.lab import STAGES, Lab, Recording, another_run, slider, whole
from helpers.namespace import field
from helpers.page import plots
from helpers.page.live import live_chart
from helpers.policies import miniature_vla
from helpers.policies.miniature_vla import BINS
from helpers.robot.cup_and_tray import HALF_WIDTH, CupAndTray, success_rate
from helpers.robot.tokens import OpenVLATokenizer
from helpers.training import seeded

GREEDY = {"both": "on both sides", "one": "always on the same side", "none": "not at all"}
PATHS = 60  # that are shown
RECORDED = 30  # of them in a recording
SCALE = 50  # whole numbers to the unit of length, in a recording


class Seen(NamedTuple):
    """What the miniature does on an instruction: action (2000, 2), and the PMF over the bins from which each token came,
    (2000, 2, BINS); of the second token each has its own, after its first."""

    instruction: str
    decoding: str
    temperature: float
    done: float
    action: Tensor
    pmfs: Tensor


def miniature_openvla() -> Lab:
    """Train a small OpenVLA on instructions, then tell it what to do and decode it in three ways."""
    controls = {
        "instruction": widgets.Dropdown(options=miniature_vla.INSTRUCTIONS, value="either", description="say"),
        "decoding": widgets.Dropdown(options=heads.DECODINGS, value="sampled", description="decode"),
        "temperature": slider("temperature", 1, 0.1, 3, 0.1),
        "w": slider("share right", 0.5, 0, 1, 0.1),
        "seed": another_run(),
    }
    return Lab(controls, speak, draw, words, Recording(miniature_openvla_lab, columns))


def speak(tell, instruction: str, decoding: str, temperature: float, w: float, seed: int) -> Seen:
    """Trains the miniature, or finds it trained, and lets it act at each stage of its training."""

    def seen(done: float, model: miniature_vla.MiniatureVLA) -> Seen:
        with seeded(seed):  # the same draws at every stage
            action, pmfs = model.act(instruction, 2000, decoding, temperature)
        return Seen(instruction, decoding, temperature, done, action, pmfs[..., :BINS])

    stages = miniature_vla.stages(CupAndTray(w=w), seed, progress=lambda done: tell(done, None))
    for stage, model in enumerate(stages[:-1]):
        tell(1.0, seen(stage / STAGES, model))
    return seen(1.0, stages[-1])


def draw(seen: Seen) -> Figure:
    """Both PMFs and sixty paths."""
    picture, (first, second, right) = plots.figure(1, 3, width=9, height=3)
    offset = bins().tolist()
    for ax, pmf, title in (
        (first, seen.pmfs[0, 0], "PMF of x₁"),
        (second, seen.pmfs[0, 1], f"PMF of x₂ after x₁ = {seen.action[0, 0]:.2f}"),
    ):
        ax.bar(offset, pmf.tolist(), width=0.05, color=Q)
        ax.set(xlabel="offset", yticks=[])
        ax.set_title(title, fontsize=10)
    rate, error = success_rate(seen.action)
    plots.scene(right, seen.action[:PATHS], f"“{seen.instruction}”, {seen.decoding}: {rate:.1%} ± {error:.1%}")
    return picture


def bins() -> Tensor:
    """The offset in the middle of each bin, (BINS,)."""
    return OpenVLATokenizer(BINS).values * heads.REACH


def words(seen: Seen) -> str:
    """What the picture shows, with its numbers."""
    rate, error = success_rate(seen.action)
    return (
        f"Lab: a miniature OpenVLA told “{seen.instruction}”, decoded {seen.decoding} at temperature {seen.temperature:g}: "
        f"success {rate:.1%} ± {error:.1%}. Three pictures: the PMF of the first token, that of the second after it, and the "
        f"paths of {PATHS} actions."
    )


def columns(stages: list[Seen]) -> dict[str, list]:
    """What is recorded of them."""
    return {
        "success": [whole(success_rate(seen.action)[0], 1000) for seen in stages],
        "actions": [whole(seen.action[:RECORDED].T, SCALE) for seen in stages],
        "pmfs": [whole(seen.pmfs[0], 1000) for seen in stages],
    }


@live_chart(follows={"temperature": ("decoding", ["sampled", "mean"])}, play={"trained": 3})
def miniature_openvla_lab() -> alt.VConcatChart:
    """A small OpenVLA learns what to do on three instructions. Say one, choose how its tokens become an action, and play
    its training: the probabilities of the first token, those of the second after it, and the paths of 30 actions.
    """
    step = 100 // STAGES
    now, known = f"[trained / {step}]", f"(decoding != 'greedy' || {parts.GUESSED})"
    first = f"format(recorded.actions{now}[0][0] / {SCALE}, '.2f')"
    numbers = {
        "trained": parts.words("trained", "trained + ' %'"),
        "success": parts.once(
            known, parts.words(f"recorded.success{now} / 1000", f"format(recorded.success{now} / 10, '.1f') + ' %'")
        ),
        "its first x₁": parts.once(known, parts.words(f"recorded.actions{now}[0][0] / {SCALE}", first)),
    }
    offset = bins()
    place = offset[0].item() + field("i") * ((offset[-1] - offset[0]).item() / (BINS - 1))
    x, y = parts.axis(alt.X, "offset", -1.5, 1.5), parts.axis(alt.Y, "probability (root scale)", 0, 1)
    height = lambda name: (
        y(name).scale(type="sqrt", domain=[0, 1], nice=False).axis(values=[0, 0.1, 0.5, 1])
    )  # so that small ones can be seen
    half = (offset[1] - offset[0]).abs().item() / 2 * 0.85

    def bars(token: int) -> alt.Chart:
        rows = let(
            parts.counted(BINS),
            left=place - half,
            right=place + half,
            zero=0,
            q=f"recorded.pmfs{now}[{token}][datum.i] / 1000",
        )
        return rows.transform_filter(known).mark_rect(color=Q).encode(x=x("left"), x2="right", y=height("zero"), y2="q")

    action = lambda axis: f"recorded.actions{now}[{axis}][datum.i] / {SCALE}"
    actions = scene.with_outcome(let(parts.counted(RECORDED), x1=action(0), x2=action(1)), HALF_WIDTH)
    paths = scene.paths(actions.transform_filter(known), scene.OUTCOME, HALF_WIDTH, strokeWidth=1.4, opacity=0.7)
    told = parts.told_guess(GREEDY, down=10)
    pmfs = alt.vconcat(
        bars(0).properties(width=parts.SIDE, height=90, title="The first token, x₁"),
        alt.layer(bars(1), told).properties(width=parts.SIDE, height=90, title="The second, after the first x₁"),
    )
    way = alt.layer(scene.surroundings(HALF_WIDTH), paths)
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        alt.hconcat(pmfs, way.properties(width=parts.SIDE, height=parts.SIDE - 10, title="The paths of 30 actions")),
        parts.guess(
            "Told “either” and decoded greedily, it passes …",
            GREEDY,
            "one",
            "decoding == 'greedy' && instruction == 'either'",
        ),
        parts.choice("instruction", "say", list(miniature_vla.INSTRUCTIONS), "either"),
        parts.choice("decoding", "decode", list(heads.DECODINGS), "sampled"),
        parts.choice("temperature", "temperature", [0.3, 1, 2, 3], 1),
        parts.choice("w", "share right, of “either”", [0.2, 0.5, 0.8], 0.5),
        parts.choice("seed", "run", {0: "first", 1: "second"}, 0),
        parts.slider("trained", "trained, %", 100, 0, 100, step),
        parts.recorded(),
    )
