"""The live chart of notebook 08: what a policy believes while it trains, by cross-entropy and by squared error."""

from collections.abc import Mapping

import altair as alt
from torch import Tensor

from helpers.charts import parts
from helpers.charts.parts import let
from helpers.colors import CRASH, NEUTRAL, P, Q
from helpers.namespace import field
from helpers.page.live import live_chart
from helpers.robot.cup_and_tray import HALF_WIDTH

EVERY = 5  # steps between two that are kept
STEP = "round(step)"
GUESSES = {"left": (-0.6, "at −0.6"), "between": (0, "between them"), "right": (0.6, "at 0.6")}  # place, words
NOW = f"({STEP} / {EVERY})"  # which of the kept ones is shown


@live_chart(play={"step": 8})
def training(
    centres: Tensor, target: Tensor, pmfs: Tensor, answers: Tensor, losses: Mapping[str, Tensor]
) -> alt.VConcatChart:
    """What two policies believe while they train, beside the demonstrations at -0.6 and 0.6. The one trained by
    cross-entropy begins without them and grows two peaks; where the one trained with squared error goes is shown once
    you have guessed it. As it opens, step 0 and no guess.

    centres (k,): of the bins. target (k,): share of the demonstrations in each. pmfs (steps, k): the softmax of the
    policy trained by cross-entropy; answers (steps,): the one action of the policy trained by squared error;
    losses: of both, by the names "cross-entropy" and "squared error", (steps,) each. One entry for every step.
    """
    kept = slice(0, None, EVERY)
    record = {
        "answer": parts.rounded(answers[kept], 4),
        "entropy": parts.rounded(losses["cross-entropy"][kept], 4),
        "square": parts.rounded(losses["squared error"][kept], 4),
    }
    now = let(parts.rows(record), **{f"{name}_now": f"datum.{name}[{NOW}]" for name in record})
    numbers = {
        "step": parts.number(STEP, "d"),
        "cross-entropy": parts.number(field("entropy_now"), ".3f"),
        "squared error": parts.after_the_guess(parts.number(field("square_now"), ".3f")),
        "its answer": parts.after_the_guess(parts.number(field("answer_now"), ".2f")),
    }
    x = parts.axis(alt.X, "x₁ at gate 1", -1.2, 1.2)
    obstacle = parts.rows({"left": -HALF_WIDTH, "right": HALF_WIDTH}).mark_rect(color=NEUTRAL, opacity=0.3)
    answer = now.transform_filter(parts.GUESSED).mark_rule(color=CRASH, strokeWidth=3).encode(x=x("answer_now"))
    guess = parts.guessed({name: place for name, (place, _) in GUESSES.items()})
    believed = beliefs(centres, target, pmfs[kept], x)
    picture = alt.layer(obstacle.encode(x=x("left"), x2="right:Q"), *believed, guess.encode(x=x("place")), answer)
    return parts.sheet(
        parts.readouts(now, numbers),
        parts.wide(
            picture, "Cross-entropy (bars), squared error (orange; dotted: your guess), demonstrations (dashed)"
        ),
        parts.guess("Where does squared error end?", {name: words for name, (_, words) in GUESSES.items()}),
        parts.slider("step", "training step", 0, 0, EVERY * (len(record["answer"]) - 1), EVERY),
    )


def beliefs(centres: Tensor, target: Tensor, pmfs: Tensor, x) -> tuple[alt.Chart, alt.Chart]:
    """The softmax at the step that is shown, as bars, and the share of the demonstrations in each bin."""
    width = (centres[1] - centres[0]).item()
    table = {"x": parts.rounded(centres, 4), "target": parts.rounded(target, 4), "j": list(range(len(centres)))}
    rows = parts.rows(table | {"history": parts.rounded(pmfs, 5)}).transform_flatten(["x", "target", "j"])
    rows = let(rows, q=f"datum.history[{NOW}][datum.j]", zero=0)
    rows = let(rows, left=field("x") - width / 2, right=field("x") + width / 2)
    top = round(1.25 * max(pmfs.max().item(), target.max().item()), 2)
    y = parts.axis(alt.Y, "probability of a bin", 0, top)
    line = rows.mark_line(color=P, interpolate="step", strokeWidth=2, strokeDash=[4, 3])
    bars = rows.mark_bar(color=Q, opacity=0.75)
    return bars.encode(x=x("left"), x2="right:Q", y=y("q"), y2=alt.Y2("zero:Q")), line.encode(x=x("x"), y=y("target"))
