"""The live charts of notebook 07: two policies while they train, and loops in which something is wrong."""

from collections.abc import Mapping

import altair as alt
from torch import Tensor

from helpers.charts import parts
from helpers.charts.parts import let
from helpers.colors import CRASH, NEUTRAL, SERIES, P, Q
from helpers.namespace import field
from helpers.page.live import live_chart
from helpers.robot.cup_and_tray import HALF_WIDTH

WALKS = {"slowing": "fast, then ever slower", "even": "at an even pace", "speeding": "slowly, then ever faster"}
SHORT = {"cross-entropy": "entropy", "squared error": "square"}  # how a loss is called in a column
SEEN = {"cross-entropy": (2.4, 4), "squared error": (0, 2.4)}  # the ends of its axis
UNIT = {"cross-entropy": "nats", "squared error": "squared offset"}
FAULTS = {  # what is wrong with a loop, in a reader's words
    "zero_grad": "no zero_grad",
    "order": "step before backward",
    "axis": "softmax over the batch",
    "none": "nothing",
}
WITHOUT = {"slow": "falls, only more slowly", "climbs": "falls, then climbs", "still": "does not move"}


@live_chart(play={"step": 10})
def training(
    edges: Tensor,
    target: Tensor,
    pmfs: Tensor,
    answers: Tensor,
    batch: Mapping[str, Tensor],
    fresh: Mapping[str, Tensor],
    floors: Mapping[str, float],
) -> alt.VConcatChart:
    """Two policies while they train, beside the demonstrations at -0.6 and 0.6, and below them each step's losses. The
    one trained with cross-entropy begins flat and grows two peaks; how the one trained with squared error walks is
    shown once you have guessed it. As it opens, step 0 and no guess.

    edges (k + 1,): of the bins. target (k,): the demonstrator's PMF over them. pmfs (steps, k): the softmax of the policy
    trained with cross-entropy; answers (steps,): the one action of the policy trained with squared error. By the names
    "cross-entropy" and "squared error", batch and fresh: the loss of each step's batch and of demonstrations that are
    not trained on, (steps,); floors: the least that the latter can be on average.
    """
    columns = {"answer": (answers, 3), "target": (target, 5), "pmfs": (pmfs, 4)}
    for name, short in SHORT.items():
        columns |= {short: (batch[name], 3), f"{short}_fresh": (fresh[name], 3)}
    now = lambda column: f"columns.{column}[step]"
    told = {name: parts.number(now(f"{short}_fresh"), ".3f") for name, short in SHORT.items()}
    numbers = {
        "step": parts.number("step", "d"),
        "cross-entropy": told["cross-entropy"],
        "squared": parts.after_the_guess(told["squared error"]),
        "its answer": parts.after_the_guess(parts.number(now("answer"), ".2f")),
    }
    last = len(answers) - 1
    curve = lambda name, when: loss_curve(name, floors[name], last, when)
    told = parts.told_guess(WALKS)
    wait = parts.waiting(step=last / 2, loss=1.2).encode(x="step:Q", y="loss:Q")
    picture = alt.vconcat(
        parts.wide(
            beliefs((edges[0].item(), edges[-1].item()), len(target)),
            "Both policies; dashed: the demonstrator, grey: the obstacle",
            190,
        ),
        parts.pair(
            (curve("cross-entropy", "true"), "Cross-entropy; thick: fresh, thin: each batch"),
            (
                alt.layer(curve("squared error", parts.GUESSED), wait, told),
                "Squared error; thick: fresh, thin: each batch",
            ),
            height=150,
        ),
    )
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        picture,
        parts.guess("How does the one answer walk to where it ends?", WALKS, "slowing", "step >= 50"),
        parts.slider("step", "training step", 0, 0, last, 1),
        alt.param(name="columns", value={name: parts.rounded(*column) for name, column in columns.items()}),
    )


def beliefs(edges: tuple[float, float], bins: int) -> alt.LayerChart:
    """The softmax at the step that is shown, the demonstrator's PMF, and once guessed the one answer."""
    low, width = edges[0], (edges[1] - edges[0]) / bins
    rows = let(parts.counted(bins), left=low + field("i") * width, right=low + (field("i") + 1) * width, zero=0)
    rows = let(rows, p="columns.target[datum.i]", q="columns.pmfs[step][datum.i]", middle=field("left") + width / 2)
    x, y = parts.axis(alt.X, "x₁ at gate 1", -1.6, 1.6), parts.axis(alt.Y, "probability of a bin", 0, 0.14)
    obstacle = parts.rows({"left": -HALF_WIDTH, "right": HALF_WIDTH}).mark_rect(color=NEUTRAL, opacity=0.3)
    line = rows.mark_line(color=P, interpolate="step", strokeWidth=2, strokeDash=[4, 3])
    answer = parts.one(left="columns.answer[step]").transform_filter(parts.GUESSED)
    label = answer.mark_text(text="the one answer", align="right", dx=-6, color=CRASH).encode(
        x=x("left"), y=alt.value(30)
    )
    return alt.layer(
        obstacle.encode(x=x("left"), x2="right:Q"),
        rows.mark_bar(color=Q, opacity=0.75).encode(x=x("left"), x2="right:Q", y=y("q"), y2="zero:Q"),
        line.encode(x=x("middle"), y=y("p")),
        answer.mark_rule(color=CRASH, strokeWidth=3).encode(x=x("left")),
        label,
    )


def loss_curve(name: str, floor: float, last: int, when: str) -> alt.LayerChart:
    """The losses up to the step that is shown: thin of each batch, thick of fresh demonstrations, dashed the floor.

    when: the condition under which there is more than the floor.
    """
    short, ends = SHORT[name], SEEN[name]
    x, y = parts.axis(alt.X, "training step", 0, 1.04 * last), parts.axis(alt.Y, UNIT[name], *ends)
    steps = let(parts.counted(last + 1), loss=f"columns.{short}[datum.i]", fresh=f"columns.{short}_fresh[datum.i]")
    steps = steps.transform_filter(f"datum.i <= step && {when}")
    here = (
        parts.one(i="step", fresh=f"columns.{short}_fresh[step]")
        .transform_filter(when)
        .mark_point(color=SERIES[1], **parts.DOT)
    )
    return alt.layer(
        parts.rows({"floor": round(floor, 4)}).mark_rule(strokeWidth=2, **parts.GUIDE).encode(y=y("floor")),
        steps.mark_line(color=Q, strokeWidth=1, clip=True).encode(x=x("i"), y=y("loss")),
        steps.mark_line(color=SERIES[1], strokeWidth=3, clip=True).encode(x=x("i"), y=y("fresh")),
        here.encode(x=x("i"), y=y("fresh")),
    )


@live_chart(play={"step": 5})
def faults(curves: Mapping[str, Tensor], floor: float) -> alt.VConcatChart:
    """The loss on held-out demonstrations, step by step, while a loop trains in which something is wrong, beside that of the
    healthy loop. What becomes of it without zero_grad is shown once you have guessed it. As it opens, zero_grad is missing;
    after 100 steps the healthy loss is 2.897 nats.

    curves: by the names of FAULTS, the loss at each step, (steps,), in nats. floor: the least that it can be on average.
    """
    last, shown = len(curves["none"]) - 1, f"(fault != 'zero_grad' || {parts.GUESSED})"
    numbers = {
        "step": parts.number("step", "d"),
        "held-out loss": parts.once(shown, parts.number("columns[fault][step]", ".3f")),
        "healthy": parts.number("columns.none[step]", ".3f"),
    }
    x, y = parts.axis(alt.X, "training step", 0, 1.04 * last), parts.axis(alt.Y, "nats", 0, 8)
    steps = let(parts.counted(last + 1), loss="columns[fault][datum.i]", healthy="columns.none[datum.i]")
    steps = steps.transform_filter("datum.i <= step")
    here = parts.one(i="step", loss="columns[fault][step]").transform_filter(shown).mark_point(color=Q, **parts.DOT)
    waits = parts.waiting(i=last / 2, loss=5).transform_filter("fault == 'zero_grad'")
    told = parts.told_guess(WITHOUT)
    picture = alt.layer(
        parts.rows({"floor": round(floor, 4)}).mark_rule(strokeWidth=1.5, color=NEUTRAL).encode(y=y("floor")),
        steps.transform_filter(shown).mark_line(color=Q, strokeWidth=3, clip=True).encode(x=x("i"), y=y("loss")),
        steps.mark_line(color=SERIES[1], strokeWidth=2, strokeDash=[5, 3], clip=True).encode(x=x("i"), y=y("healthy")),
        here.encode(x=x("i"), y=y("loss")),
        waits.encode(x=x("i"), y=y("loss")),
        told,
    )
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.wide(picture, "Held-out loss; dashed: the healthy loop; grey: the floor", 190),
        parts.guess("Without zero_grad, the held-out loss …", WITHOUT, "climbs", "fault == 'zero_grad' && step >= 60"),
        parts.choice("fault", "what is wrong", FAULTS, "zero_grad"),
        parts.slider("step", "training step", last, 0, last, 1),
        alt.param(name="columns", value={name: parts.rounded(curve, 3) for name, curve in curves.items()}),
    )
