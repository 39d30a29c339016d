"""A lab: a head that has seen few ambiguous demonstrations grows too sure of itself; cool or warm its softmax."""

from typing import NamedTuple

import altair as alt
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from helpers.charts import parts
from helpers.charts.parts import let
from helpers.colors import NEUTRAL, P, Q
from helpers.labs.lab import Lab, Recording, another_run, slider, steps, whole
from helpers.namespace import field
from helpers.page import plots
from helpers.page.live import live_chart
from helpers.policies import calibration
from helpers.theory.information import sigmoid

OFFSETS = 41  # places where the cup may start, in the picture of what the head believes
EVERY = 100  # steps between two states of a recording
MOST = 1500  # steps


class Seen(NamedTuple):
    """A trained head at a temperature: P(right) at each place, how reliable it is on 20,000 cases, its cross-entropy there in nats,
    and the temperature that would suit it best."""

    demonstrations: int
    steps: int
    temperature: float
    right: Tensor
    reliability: calibration.Reliability
    loss: float
    best: float


def temperature_scaling() -> Lab:
    """Train a head on few ambiguous demonstrations, see it grow too sure of itself, and cool or warm its softmax."""
    controls = {
        "demonstrations": steps("demos", [20, 50, 100, 500, 5000], 50),
        "steps": steps("steps", [20, *range(EVERY, MOST + 1, EVERY)], 500),
        "temperature": slider("temperature", 1, 0.2, 10, 0.1),
        "seed": another_run(),
    }
    return Lab(controls, calibrate, draw, words, Recording(temperature_scaling_lab, columns, steps=MOST))


def calibrate(tell, demonstrations: int, steps: int, temperature: float, seed: int) -> Seen:
    """Trains a head on the teacher and looks how well it is calibrated at that temperature; on the way, every hundredth step."""
    torch.manual_seed(seed)
    examples, held_out, test = (calibration.teacher(n) for n in (demonstrations, 2000, 20_000))
    offset = torch.linspace(-1, 1, OFFSETS).unsqueeze(1)

    @torch.no_grad()
    def seen(step: int, network: nn.Module) -> Seen:
        logits = network(test[0]) / temperature
        return Seen(
            demonstrations,
            step,
            temperature,
            (network(offset) / temperature).softmax(-1)[:, 1],
            calibration.reliability(logits, test[1]),
            nn.functional.cross_entropy(logits, test[1]).item(),
            calibration.fit_temperature(network(held_out[0]), held_out[1]),
        )

    def progress(done: float, network: nn.Module) -> None:
        step = round(done * steps)
        tell(done, seen(step, network) if done < 1 and step % EVERY == 0 else None)

    return seen(steps, calibration.train_head(*examples, steps, progress))


def draw(seen: Seen) -> Figure:
    """What the head believes beside what the demonstrator does, and the reliability diagram."""
    picture, (left, right) = plots.figure(1, 2, width=7.6, height=3.2)
    start = torch.linspace(-1, 1, OFFSETS)
    left.plot(start.tolist(), (4 * start).sigmoid().tolist(), color=P, ls="--", label="demonstrator")
    left.plot(start.tolist(), seen.right.tolist(), color=Q, label=f"head, T = {seen.temperature:g}")
    left.set(xlabel="where the cup starts", ylabel="P(right)", ylim=(-0.03, 1.03))
    left.set_title(f"cross-entropy {seen.loss:.3f} nats", fontsize=10)
    left.legend(frameon=False, loc="upper left")
    found = seen.reliability
    some = found.share > 0
    confidence, accuracy = found.confidence[some].tolist(), found.accuracy[some].tolist()
    right.plot([0.5, 1], [0.5, 1], color=NEUTRAL, ls="--", lw=1)
    right.bar(confidence, accuracy, width=0.03, color=Q, alpha=0.5)
    right.plot(confidence, accuracy, "o", color=Q)
    right.set(xlabel="how sure the head is", ylabel="how often it is correct", xlim=(0.48, 1.02), ylim=(0, 1.03))
    right.set_title(f"error {found.error:.3f}; best T on held-out data {seen.best:.2f}", fontsize=10)
    return picture


def words(seen: Seen) -> str:
    """What the picture shows, with its numbers."""
    return (
        f"Lab: a head trained for {seen.steps} steps on {seen.demonstrations} demonstrations, its softmax at temperature "
        f"{seen.temperature:g}: cross-entropy {seen.loss:.3f} nats, calibration error {seen.reliability.error:.3f}, best "
        f"temperature {seen.best:.2f}. Two pictures: the probability of passing right against the demonstrator's, and a "
        "reliability diagram."
    )


def columns(stages: list[Seen]) -> dict[str, list]:
    """What is recorded of them."""
    sure = slice(5, None)  # of two classes the likelier one has at least 1/2
    return {
        "right": [whole(seen.right, 1000) for seen in stages],
        "confidence": [whole(seen.reliability.confidence[sure], 1000) for seen in stages],
        "accuracy": [whole(seen.reliability.accuracy[sure], 1000) for seen in stages],
        "error": [whole(seen.reliability.error, 1000) for seen in stages],
        "loss": [whole(seen.loss, 1000) for seen in stages],
        "best": [whole(seen.best, 100) for seen in stages],
    }


@live_chart(play={"steps": 5})
def temperature_scaling_lab() -> alt.VConcatChart:
    """A softmax head learns from few ambiguous demonstrations. Choose how many and the temperature of its softmax, and
    play its training: what it believes at each start of the cup, against what the demonstrator does, and how often it is
    right when it is so sure.
    """
    now = f"[steps / {EVERY} - 1]"
    numbers = {
        "cross-entropy, nats": parts.number(f"recorded.loss{now} / 1000", ".3f"),
        "calibration error": parts.number(f"recorded.error{now} / 1000", ".3f"),
        "best T": parts.number(f"recorded.best{now} / 100", ".2f"),
    }
    start = parts.line("start", -1, 1, OFFSETS - 1)
    start = let(start, demonstrator=sigmoid(4 * field("start")), head=f"recorded.right{now}[datum.i] / 1000")
    place, chance = parts.axis(alt.X, "where the cup starts", -1, 1), parts.axis(alt.Y, "P(right)", 0, 1)
    believed = parts.together(
        start,
        alt.Chart()
        .mark_line(color=P, strokeWidth=2, strokeDash=[5, 3])
        .encode(x=place("start"), y=chance("demonstrator")),
        alt.Chart().mark_line(color=Q, strokeWidth=2.5).encode(x=place("start"), y=chance("head")),
    )
    x, y = parts.axis(alt.X, "how sure the head is", 0.48, 1.02), parts.axis(alt.Y, "how often it is right", 0, 1)
    bins = let(
        parts.counted(5),
        sure=f"recorded.confidence{now}[datum.i] / 1000",
        right=f"recorded.accuracy{now}[datum.i] / 1000",
    )
    filled = let(bins.transform_filter("datum.sure > 0"), left=field("sure") - 0.012, end=field("sure") + 0.012, zero=0)
    bars = alt.Chart().mark_rect(color=Q, opacity=0.5).encode(x=x("left"), x2="end", y=y("zero"), y2="right")
    dots = alt.Chart().mark_point(color=Q, **parts.DOT).encode(x=x("sure"), y=y("right"))
    ideal = let(parts.line("x", 0.5, 1, 1), y=field("x")).mark_line(**parts.GUIDE).encode(x=x("x"), y=y("y"))
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.pair(
            (believed, "What the head believes (dashed: demonstrator)"),
            (alt.layer(ideal, parts.together(filled, bars, dots)), "Is it as good as it is sure?"),
        ),
        parts.choice("demonstrations", "demonstrations", [20, 50, 100, 500, 5000], 50),
        parts.choice("temperature", "temperature T", [0.5, 1, 1.5, 2, 3, 5, 10], 1),
        parts.choice("seed", "run", {0: "first", 1: "second"}, 0),
        parts.slider("steps", "training steps", 500, EVERY, MOST, EVERY),
        parts.recorded(),
    )
