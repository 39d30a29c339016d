"""The live charts of notebook 06: an action on its way to a token and back, and what an unmasked softmax costs."""

import altair as alt

from helpers.charts import parts
from helpers.charts.integrals import chosen
from helpers.charts.parts import let
from helpers.colors import NEUTRAL, P, Q
from helpers.namespace import field, floor, log, minimum, signal, where
from helpers.page.live import live_chart
from helpers.robot.tokens import BRIDGE_MASK, BRIDGE_Q01, BRIDGE_Q99, OpenVLATokenizer, from_unit, to_unit

DIMENSIONS = ("x", "y", "z", "roll", "pitch", "yaw", "gripper")
SLIDERS = {"mm": DIMENSIONS[:3], "mrad": DIMENSIONS[3:6], "gripper": DIMENSIONS[6:]}  # which one moves which dimension
TOKENIZER = OpenVLATokenizer()
EDGES = TOKENIZER.bins
NEAR = 3  # bins to either side in the enlarged ruler


def edge(i):
    """The tokenizer's own edge i, from the parameter that holds all of them."""
    return signal("edges")[i]


def bin_of(u):
    """How many edges are not above u, NumPy's digitize: the edges are equally spaced, up to their last bit."""
    guess = floor((u + 1) / 2 * (EDGES - 1))
    below = lambda i: where((i < EDGES) & (edge(i) <= u), 1, 0)
    return guess + below(guess) + below(guess + 1)


def centre_of(k):
    """What bin k decodes to: the middle of its interval, the last bin that of the one before."""
    k = minimum(k, EDGES - 1)
    return (edge(k - 1) + edge(k)) / 2


def by_dimension(name: str, values: list) -> alt.Parameter:
    """A value for each dimension; of(name) is that of the chosen one."""
    return alt.param(name=name, value=dict(zip(DIMENSIONS, values, strict=True)))


def of(name: str):
    """The value of the chosen dimension."""
    return signal(name)[signal("dim")]


@live_chart(follows={slider: ("dim", list(dimensions)) for slider, dimensions in SLIDERS.items()})
def tokenizer() -> alt.VConcatChart:
    """An action of one of Bridge's seven dimensions on its way to an OpenVLA token and back: normalised by quantiles, cut at 256
    edges, decoded to the middle of an interval. As it opens, y = 0 mm: u 0.0103, bin 129, token 31871, decoded to
    −0.100 mm. Beyond the quantiles the action is clipped.
    """
    action, u, k, scaled = signal("action"), signal("u"), signal("k"), of("scaled")
    moved = {name: signal(slider) / of("unit") for slider, names in SLIDERS.items() for name in names}
    follows = {
        "action": chosen("dim", moved),
        "u": where(scaled, to_unit(action, of("q01"), of("q99")), minimum(1, action)),
        "k": bin_of(u),
        "centre": centre_of(k),
        "decoded": where(scaled, from_unit(signal("centre"), of("q01"), of("q99")), signal("centre")),
    }
    scales = BRIDGE_MASK.int().tolist()  # the gripper is not normalised
    tables = {
        "q01": BRIDGE_Q01.tolist(),
        "q99": BRIDGE_Q99.tolist(),
        "scaled": scales,
        "unit": [1000 if own else 1 for own in scales],
        "word": ["" if slider == "gripper" else f" {slider}" for slider, names in SLIDERS.items() for _ in names],
    }
    tokens = {
        "normalised u": parts.number("u", ".4f"),
        "bin k": parts.number("k", "d"),
        "token id": parts.number(TOKENIZER.vocabulary - k, "d"),
    }
    there_and_back = {
        "action": physical(action),
        "decoded": physical(signal("decoded")),
        "error": physical(abs(signal("decoded") - action)),
    }
    picture = alt.vconcat(
        parts.wide(whole_range(), "The action (green) in the whole range", 40),
        parts.wide(ruler(u, k), "Enlarged: the diamond is what the robot will do", 70),
    ).resolve_scale(x="independent", opacity="independent")
    return parts.sheet(
        parts.readouts(parts.one(), tokens, there_and_back),
        picture,
        parts.choice("dim", "dimension", DIMENSIONS, "y"),
        parts.slider("mm", "mm, for x, y, z", 0, -60, 60, 0.1),
        parts.slider("mrad", "mrad, for roll, pitch, yaw", 50, -250, 250, 1),
        parts.slider("gripper", "gripper only", 1, 0, 1, 0.05),
        alt.param(name="edges", value=TOKENIZER.edges.tolist()),
        *(by_dimension(name, values) for name, values in tables.items()),
        *(parts.param(name, formula) for name, formula in follows.items()),
    )


def physical(value) -> parts.Readout:
    """An entry of `readouts` in the dimension's own unit: mm and mrad to what a phone has room for, the gripper without."""
    own = parts.written(value * of("unit"))
    in_unit = f"format({own}, word[dim] == ' mrad' ? '.1f' : '.3f') + word[dim]"
    return parts.words(own, in_unit)


def whole_range() -> alt.LayerChart:
    """All intervals, and the action among them."""
    x = parts.axis(alt.X, "normalised action u, all 255 intervals", -1.05, 1.05)
    rows = let(parts.counted(EDGES - 1), left=edge(field("i")), right=edge(field("i") + 1), odd=field("i") % 2)
    shade = alt.Opacity("odd:Q", legend=None).scale(domain=[0, 1], range=[0.15, 0.45])
    cells = rows.mark_rect(color=NEUTRAL).encode(x=x("left"), x2="right:Q", opacity=shade)
    return alt.layer(cells, parts.one(left="u").mark_rule(color=P, strokeWidth=3).encode(x=x("left")))


def ruler(u, k) -> alt.LayerChart:
    """The intervals around the action with their token ids, in bins from the centre of its own, so that it stands still."""
    axis = parts.axis(alt.X, "the intervals around it, with their token ids", -NEAR - 0.5, NEAR + 0.5)
    x = lambda name: axis(name).axis(labels=False, ticks=False, grid=False)
    own, j, last = minimum(k, EDGES - 1), field("j"), TOKENIZER.vocabulary - EDGES
    rows = let(parts.line("j", -NEAR, NEAR, 2 * NEAR), k=own + field("j"))
    ids_of_bin = f"datum.k == {EDGES - 1} ? '{last + 1}\\n{last}' : '' + ({last + EDGES} - datum.k)"
    rows = rows.transform_filter(f"datum.k >= 1 && datum.k <= {EDGES - 1}")
    rows = let(
        rows,
        at=j - 0.5,
        right=j + 0.5,
        chosen=where(j == 0, 1, 0),
        id=ids_of_bin,
    )
    shade = alt.Opacity("chosen:Q", legend=None).scale(domain=[0, 1], range=[0.12, 0.5])
    boxes = rows.mark_rect(color=Q, stroke=NEUTRAL, strokeWidth=1).encode(x=x("at"), x2="right:Q", opacity=shade)
    ids = rows.mark_text(fontSize=10, dy=16, lineBreak="\n", lineHeight=11).encode(x=x("j"), text="id:N")
    action = parts.one(at=(u - centre_of(k)) * ((EDGES - 1) / 2)).mark_rule(color=P, strokeWidth=3, clip=True)
    answer = parts.rows({"at": 0}).mark_point(shape="diamond", size=110, filled=True, color=Q, opacity=1)
    return alt.layer(boxes, ids, action.encode(x=x("at")), answer.encode(x=x("at")))


@live_chart()
def masked_loss() -> alt.VConcatChart:
    """Probability mass on the demonstrated action, on other actions and on ids that are no actions, as it is and with the latter
    masked. As it opens, all mass is on actions and the loss is 0.6931 nats either way; with half of it on ids that are no actions it is 1.3863 as it is.
    """
    hit, outside = signal("hit"), signal("outside")
    of_actions = {"the demonstrated action": hit, "other actions": 1 - hit}
    words = [*of_actions, "no actions"]
    plain = {name: share * (1 - outside) for name, share in of_actions.items()} | {"no actions": outside}
    masked = of_actions | {"no actions": 0}
    both = {"as it is": plain, "masked": masked}
    rows = parts.rows(*({"row": row, "piece": piece, "order": i} for row in both for i, piece in enumerate(words)))
    bars = let(rows, mass=chosen("datum.row", {row: chosen("datum.piece", pieces) for row, pieces in both.items()}))
    legend = alt.Legend(orient="top", title=None, labelLimit=300)
    bars = bars.mark_bar().encode(
        y=alt.Y("row:N", sort=list(both), title=None),
        x=alt.X("mass:Q", title="probability", axis=alt.Axis(tickCount=10)).scale(domain=[0, 1]),
        order="order:Q",
        color=alt.Color("piece:N", legend=legend).scale(domain=words, range=[P, Q, NEUTRAL]),
    )
    numbers = {
        "loss as it is": parts.number(-log(hit * (1 - outside)), ".4f"),
        "loss if masked": parts.number(-log(hit), ".4f"),
        "difference": parts.number(-log(1 - outside), ".4f"),
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.wide(bars, "The softmax over all 32,064 ids, and the same over the action ids only", 110),
        parts.slider("outside", "mass that is no action", 0, 0, 0.9, 0.01),
        parts.slider("hit", "demonstrated, of actions", 0.5, 0.05, 1, 0.05),
    )
