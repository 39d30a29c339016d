"""The live chart of notebook 08: what a policy believes while it trains, by cross-entropy and by squared error."""

from collections.abc import Mapping

import altair as alt
from torch import Tensor

from helpers.charts import parts
from helpers.colors import CRASH, NEUTRAL, P, Q
from helpers.page.live import LiveChart, live_chart
from helpers.robot.cup_and_tray import HALF_WIDTH

EVERY = 5  # steps between two that are kept


@live_chart
def training(centres: Tensor, target: Tensor, pmfs: Tensor, answers: Tensor, losses: Mapping[str, Tensor]) -> LiveChart:
    """The recorded training of two policies, step by step.

    centres (k,): of the bins. target (k,): share of the demonstrations in each. pmfs (steps, k): the softmax of the
    policy trained by cross-entropy; answers (steps,): the one action of the policy trained by squared error;
    losses: of both, by the names "cross-entropy" and "squared error", (steps,) each. One entry for every step.
    """
    short = lambda tensor, digits=4: [round(value, digits) for value in tensor.tolist()]
    width = (centres[1] - centres[0]).item()
    kept = range(0, len(pmfs), EVERY)
    step = "round(step)"
    now = f"({step} / {EVERY})"
    bins = (
        parts.rows(
            {
                "x": short(centres),
                "target": short(target),
                "j": list(range(len(centres))),
                "history": [short(pmfs[i], 5) for i in kept],
            }
        )
        .transform_flatten(["x", "target", "j"])
        .transform_calculate(q=f"datum.history[{now}][datum.j]")
        .transform_calculate(left=f"datum.x - {width / 2}", right=f"datum.x + {width / 2}", zero="0")
    )
    x = lambda field: alt.X(f"{field}:Q", title="x₁ at gate 1").scale(domain=[-1.2, 1.2], nice=False)
    top = 1.25 * max(pmfs.max().item(), target.max().item())
    y = lambda field: (
        alt.Y(f"{field}:Q", title="probability of a bin").scale(domain=[0, round(top, 2)], nice=False).stack(None)
    )
    obstacle = (
        parts.rows({"left": -HALF_WIDTH, "right": HALF_WIDTH})
        .mark_rect(color=NEUTRAL, opacity=0.3)
        .encode(x=x("left"), x2="right:Q")
    )
    demonstrated = bins.mark_line(color=P, interpolate="step", strokeWidth=2, strokeDash=[4, 3]).encode(
        x=x("x"), y=y("target")
    )
    believed = bins.mark_bar(color=Q, opacity=0.75).encode(x=x("left"), x2="right:Q", y=y("q"), y2=alt.Y2("zero:Q"))
    numbers = parts.rows(
        {
            "answer": [short(answers)[i] for i in kept],
            "entropy": [short(losses["cross-entropy"])[i] for i in kept],
            "square": [short(losses["squared error"])[i] for i in kept],
        }
    ).transform_calculate(
        at_answer=f"datum.answer[{now}]", at_entropy=f"datum.entropy[{now}]", at_square=f"datum.square[{now}]"
    )
    answer = (
        numbers.transform_calculate(here="datum.at_answer").mark_rule(color=CRASH, strokeWidth=3).encode(x=x("here"))
    )
    shown = parts.readouts(
        numbers,
        {
            "step": parts.number(step, "d"),
            "cross-entropy": parts.number("datum.at_entropy", ".3f"),
            "squared error": parts.number("datum.at_square", ".3f"),
            "its answer": parts.number("datum.at_answer", ".2f"),
        },
    )
    chart = parts.sheet(
        shown,
        parts.wide(
            alt.layer(obstacle, believed, demonstrated, answer),
            "Cross-entropy (bars), squared error (orange line), demonstrations (dashed)",
        ),
        parts.slider("step", "training step", 0, 0, kept[-1], EVERY),
    )
    return LiveChart(
        "training",
        chart,
        f"What two policies believe during {kept[-1]} training steps, beside the demonstrations at -0.6 and 0.6. The one trained by "
        "cross-entropy begins without them and grows two peaks; the one trained by squared error stays in the middle, in the obstacle. "
        f"As it opens, step 0: cross-entropy {losses['cross-entropy'][0]:.3f} nats, squared error {losses['squared error'][0]:.3f}.",
    )
