"""The live charts of notebook 06: an action on its way to a token and back, and what an unmasked softmax costs."""

import altair as alt

from helpers.charts import parts
from helpers.charts.integrals import chosen
from helpers.colors import NEUTRAL, P, Q
from helpers.namespace import signal, text
from helpers.page.live import LiveChart, live_chart
from helpers.robot.tokens import BRIDGE_Q01, BRIDGE_Q99, OpenVLATokenizer

DIMENSIONS = ("x", "y", "z", "roll", "pitch", "yaw", "gripper")
EDGES = 256
NEAR = 3  # bins to either side in the enlarged ruler


def edge(i: str) -> str:
    """The tokenizer's own edge i, from the parameter that holds all of them."""
    return f"edges[{i}]"


def bin_of(u: str) -> str:
    """NumPy's digitize: how many edges are not above u."""
    g = f"floor(({u} + 1) / 2 * {EDGES - 1})"
    at = lambda i: f"({i} < {EDGES} && {edge(i)} <= {u} ? 1 : 0)"
    return f"({g} + {at(g)} + {at(f'({g} + 1)')})"


@live_chart
def tokenizer() -> LiveChart:
    """One of Bridge's seven action dimensions: action, normalised action, bin, token id, decoded action."""
    which = parts.choice("dim", "dimension", DIMENSIONS, "y")
    index = f"indexof({list(DIMENSIONS)}, dim)".replace('"', "'")
    low, high = BRIDGE_Q01.tolist(), BRIDGE_Q99.tolist()
    pick = lambda values: f"[{', '.join(map(repr, values))}][{index}]"
    params = [
        alt.param(name="edges", value=OpenVLATokenizer().edges.tolist()),
        alt.param(name="scaled", expr="dim != 'gripper'"),  # the gripper is not normalised
        alt.param(name="unit", expr="scaled ? 1000 : 1"),
        alt.param(name="word", expr="scaled ? (indexof(['x', 'y', 'z'], dim) >= 0 ? ' mm' : ' mrad') : ''"),
        alt.param(name="digits", expr="word == ' mrad' ? '.1f' : '.3f'"),  # tenths of a milliradian are fine
        alt.param(name="q01", expr=pick(low)),
        alt.param(name="q99", expr=pick(high)),
        alt.param(
            name="action",
            expr="dim == 'gripper' ? gripper : indexof(['x', 'y', 'z'], dim) >= 0 ? mm / 1000 : mrad / 1000",
        ),
        alt.param(name="u", expr="clamp(scaled ? 2 * (action - q01) / (q99 - q01 + 1e-8) - 1 : action, -1, 1)"),
        alt.param(name="k", expr=bin_of("u")),
        alt.param(name="token", expr="32000 - k"),
        alt.param(name="centre", expr=f"({edge('min(k - 1, 254)')} + {edge('min(k, 255)')}) / 2"),
        alt.param(name="decoded", expr="scaled ? 0.5 * (centre + 1) * (q99 - q01) + q01 : centre"),
    ]
    physical = lambda value: (f"{value} * unit", f"format({value} * unit, digits) + word")
    numbers = alt.vconcat(
        parts.readouts(
            parts.rows({"one": 1}),
            {"normalised u": parts.number("u", ".4f"), "bin k": ("k", "k"), "token id": ("token", "token")},
        ),
        parts.readouts(
            parts.rows({"one": 1}),
            {
                "action": physical("action"),
                "decoded": physical("decoded"),
                "error": physical("abs(decoded - action)"),
            },
        ),
        spacing=0,
    )
    whole = alt.X("u:Q", title="normalised action u, all 255 intervals").scale(domain=[-1.05, 1.05], nice=False)
    cells = (
        alt.Chart(alt.sequence(0, EDGES - 1, as_="i"))
        .transform_calculate(u=edge("datum.i"), right=edge("(datum.i + 1)"), odd="datum.i % 2")
        .mark_rect()
        .encode(
            x=whole,
            x2="right:Q",
            opacity=alt.Opacity("odd:Q", legend=None).scale(domain=[0, 1], range=[0.15, 0.45]),
            color=alt.value(NEUTRAL),
        )
    )
    here = parts.rows({"one": 1}).transform_calculate(u="u").mark_rule(color=P, strokeWidth=3).encode(x=whole)
    near_at = lambda field: (
        alt.X(f"{field}:Q", title="the intervals around it, with their token ids")
        .scale(domain=[-NEAR - 0.5, NEAR + 0.5], nice=False)
        .axis(labels=False, ticks=False, grid=False)
    )
    near = near_at("at")
    # distances from the decoded bin's centre, in bins, so that the ruler stands still while the action moves
    position = f"(u - ({edge('min(k - 1, 254)')} + {edge('min(k, 255)')}) / 2) * {(EDGES - 1) / 2}"
    ruler = (
        alt.Chart(alt.sequence(-NEAR, NEAR + 1, as_="j"))
        .transform_calculate(
            id="min(k, 255) + datum.j == 255 ? '31745\\n31744' : '' + (32000 - min(k, 255) - datum.j)",
            inside="min(k, 255) + datum.j >= 1 && min(k, 255) + datum.j <= 255",
        )
        .transform_filter("datum.inside")
        .transform_calculate(at="datum.j - 0.5", right="datum.j + 0.5", middle="datum.j", chosen="datum.j == 0 ? 1 : 0")
    )
    boxes = ruler.mark_rect(stroke=NEUTRAL, strokeWidth=1).encode(
        x=near,
        x2="right:Q",
        opacity=alt.Opacity("chosen:Q", legend=None).scale(domain=[0, 1], range=[0.12, 0.5]),
        color=alt.value(Q),
    )
    ids = ruler.mark_text(fontSize=10, dy=16, lineBreak="\n", lineHeight=11).encode(x=near_at("middle"), text="id:N")
    action = (
        parts.rows({"one": 1})
        .transform_calculate(at=position)
        .mark_rule(color=P, strokeWidth=3, clip=True)
        .encode(x=near)
    )
    answer = parts.rows({"at": 0}).mark_point(shape="diamond", size=110, filled=True, color=Q, opacity=1).encode(x=near)
    picture = alt.vconcat(
        parts.wide(alt.layer(cells, here), "The action (green) in the whole range", 40),
        parts.wide(alt.layer(boxes, ids, action, answer), "Enlarged: the diamond is what the robot will do", 70),
    ).resolve_scale(x="independent", opacity="independent")
    chart = parts.sheet(
        numbers,
        picture,
        which,
        parts.slider("mm", "mm, for x, y, z", 0, -60, 60, 0.1),
        parts.slider("mrad", "mrad, for roll, pitch, yaw", 50, -250, 250, 1),
        parts.slider("gripper", "gripper only", 1, 0, 1, 0.05),
        *params,
    )
    return LiveChart(
        "tokenizer",
        chart,
        "An action of one of Bridge's seven dimensions on its way to an OpenVLA token and back: normalised by quantiles, cut at 256 "
        "edges, decoded to the middle of an interval. As it opens, y = 0 mm: u 0.0103, bin 129, token 31871, decoded to "
        "−0.100 mm. Beyond the quantiles the action is clipped.",
        follows={
            "mm": ("dim", ["x", "y", "z"]),
            "mrad": ("dim", ["roll", "pitch", "yaw"]),
            "gripper": ("dim", "gripper"),
        },
    )


@live_chart
def masked_loss() -> LiveChart:
    """What it costs that nothing masks the tokens that are no actions."""
    hit, outside = signal("hit"), signal("outside")
    pieces = {
        "the demonstrated action": hit * (1 - outside),
        "other actions": (1 - hit) * (1 - outside),
        "no actions": outside,
    }
    share = text(chosen("datum.piece", pieces))
    masked = "datum.row == 'masked' ? (datum.piece == 'no actions' ? 0 : datum.part / (1 - outside)) : datum.part"
    rows = parts.rows(
        *({"row": row, "piece": piece, "order": i} for row in ("as it is", "masked") for i, piece in enumerate(pieces))
    )
    bars = (
        rows.transform_calculate(part=share)
        .transform_calculate(mass=masked)
        .mark_bar()
        .encode(
            y=alt.Y("row:N", sort=["as it is", "masked"], title=None),
            x=alt.X("mass:Q", title="probability", axis=alt.Axis(tickCount=10)).scale(domain=[0, 1]),
            order="order:Q",
            color=alt.Color("piece:N", legend=alt.Legend(orient="top", title=None, labelLimit=300)).scale(
                domain=list(pieces), range=[P, Q, NEUTRAL]
            ),
        )
    )
    plain, over = "(-log(hit * (1 - outside)))", "(-log(hit))"
    numbers = parts.readouts(
        parts.rows({"one": 1}),
        {
            "loss as it is": parts.number(plain, ".4f"),
            "loss if masked": parts.number(over, ".4f"),
            "difference": parts.number("(-log(1 - outside))", ".4f"),
        },
    )
    chart = parts.sheet(
        numbers,
        parts.wide(bars, "The softmax over all 32,064 ids, and the same over the action ids only", 110),
        parts.slider("outside", "mass that is no action", 0, 0, 0.9, 0.01),
        parts.slider("hit", "demonstrated, of actions", 0.5, 0.05, 1, 0.05),
    ).resolve_legend(color="independent")
    return LiveChart(
        "masked_loss",
        chart,
        "Probability mass on the demonstrated action, on other actions and on ids that are no actions, as it is and with the latter "
        "masked. As it opens, all mass is on actions and the loss is 0.6931 nats either way; with half of it on ids that are no actions it is 1.3863 as it is.",
    )
