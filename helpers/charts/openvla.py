"""The live charts of notebook 06: an action on its way to a token and back, a chain of two tokens, an unmasked softmax."""

import altair as alt

from helpers.charts import parts
from helpers.charts.integrals import chosen
from helpers.charts.parts import let
from helpers.colors import CRASH, NEUTRAL, P, Q
from helpers.namespace import field, floor, log, maximum, minimum, signal, where
from helpers.page.live import live_chart
from helpers.robot.tokens import BRIDGE_MASK, BRIDGE_Q01, BRIDGE_Q99, OpenVLATokenizer, from_unit, scaled, to_unit

DIMENSIONS = ("x", "y", "z", "roll", "pitch", "yaw", "gripper")
SLIDERS = {"mm": DIMENSIONS[:3], "mrad": DIMENSIONS[3:6], "gripper": DIMENSIONS[6:]}  # which one moves which dimension
TOKENIZER = OpenVLATokenizer()
EDGES = TOKENIZER.bins
NEAR = 3  # bins to either side in the enlarged ruler
DIAMOND = {"shape": "diamond", "size": 110, "filled": True, "color": Q, "opacity": 1}
LOST = {"none": "less than 1 mm", "part": "about 20 mm", "all": "all 60 mm"}  # of a command of 60 mm
PRICES = {"half": "0.5 nats", "log2": "0.69 nats", "depends": "it depends on the actions"}
SECOND = {"left": (1, 0, 0), "right": (0.2, 0.5, 0.3)}  # after each first token, the PMF of the second
HEIGHTS = ("low", "middle", "high")
ALONE = "alone"  # the margin
TAKEN = {"joint": "the most probable action", "greedy": "token by token, greedily", "alone": "each token on its own"}
GREEDY = {"left low": "left, low", "right middle": "right, middle", "right low": "right, low"}


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
    edges, decoded to the middle of an interval. As it opens, y = 60 mm, beyond the quantiles: u is clipped to 1,
    bin 256, token 31744. What comes back is shown once you have guessed.
    """
    action, u, k, own_range = signal("action"), signal("u"), signal("k"), of("scaled")
    moved = {name: signal(slider) / of("unit") for slider, names in SLIDERS.items() for name in names}
    follows = {
        "action": chosen("dim", moved),
        "raw": where(own_range, scaled(action, of("q01"), of("q99")), action),
        "u": where(own_range, to_unit(action, of("q01"), of("q99")), minimum(1, action)),
        "k": bin_of(u),
        "centre": centre_of(k),
        "decoded": where(own_range, from_unit(signal("centre"), of("q01"), of("q99")), signal("centre")),
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
        "clipped u": parts.number("u", ".4f"),
        "bin k": parts.number("k", "d"),
        "token id": parts.number(TOKENIZER.vocabulary - k, "d"),
    }
    there_and_back = {
        "action": physical(action),
        "decoded": parts.after_the_guess(physical(signal("decoded"))),
        "lost": parts.after_the_guess(physical(abs(signal("decoded") - action))),
    }
    picture = alt.vconcat(
        parts.wide(whole_range(), "The action (green) and the range of the bins", 46),
        parts.wide(ruler(u, k), "Enlarged: the diamond is what the robot will do", 70),
    ).resolve_scale(x="independent", opacity="independent")
    return parts.sheet(
        parts.readouts(parts.one(), tokens, there_and_back),
        picture,
        parts.guess("Commanded 60 mm in y: how much is lost?", LOST, "part", "dim == 'y' && mm == 60"),
        parts.choice("dim", "dimension", DIMENSIONS, "y"),
        parts.slider("mm", "mm, for x, y, z", 60, -60, 60, 0.1),
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
    """All intervals; the action, where it was commanded; and once guessed, a diamond where it comes back."""
    x = parts.axis(alt.X, "normalised action u, before it is clipped", -1.6, 1.6)
    rows = let(parts.counted(EDGES - 1), left=edge(field("i")), right=edge(field("i") + 1), odd=field("i") % 2)
    shade = alt.Opacity("odd:Q", legend=None).scale(domain=[0, 1], range=[0.15, 0.45])
    cells = rows.mark_rect(color=NEUTRAL).encode(x=x("left"), x2="right:Q", opacity=shade)
    action = parts.one(left=maximum(-1.6, minimum(1.6, signal("raw")))).mark_rule(color=P, strokeWidth=3)
    back = parts.one(left="centre").transform_filter(parts.GUESSED).mark_point(**DIAMOND)
    return alt.layer(cells, action.encode(x=x("left")), back.encode(x=x("left")))


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
    answer = parts.rows({"at": 0}).transform_filter(parts.GUESSED).mark_point(**DIAMOND)
    guess = parts.told_guess(LOST)
    return alt.layer(boxes, ids, action.encode(x=x("at")), answer.encode(x=x("at")), guess)


@live_chart()
def chain() -> alt.VConcatChart:
    """Six actions of two tokens, the first left or right, the second low, middle or high: a table of their probabilities, with
    the probabilities of each token alone at its margins, and a ring around the action that is taken. As it opens, left is
    0.4 probable, and then always low, which makes it the most probable action, 0.40. What greedy decoding takes is shown
    once you have guessed it.
    """
    share = signal("share")
    p = {(one, two): q * first(one, share) for one in SECOND for two, q in zip(HEIGHTS, SECOND[one], strict=True)}
    low, middle, high = (p["left", two] + p["right", two] for two in HEIGHTS)
    likelier = where(share >= 0.5, 0, 1)  # of the first tokens: 0 is left
    joint = where(p["left", "low"] >= p["right", "middle"], 0, 1)
    row = chosen("take", {"joint": joint, "greedy": likelier, "alone": likelier})
    after = where(row == 0, 0, 1)  # the likeliest second token: low after left, middle after right
    alone = where(low >= maximum(middle, high), 0, 1)
    column = chosen("take", {"joint": after, "greedy": after, "alone": alone})
    of_right = where(column == 0, p["right", "low"], p["right", "middle"])
    found = where(row == 0, where(column == 0, share, 0), of_right)
    known = f"({parts.GUESSED} || take != 'greedy')"
    numbers = {
        "probability of the action": parts.once(known, parts.number(found, ".2f")),
        "of the most probable": parts.number(maximum(p["left", "low"], p["right", "middle"]), ".2f"),
    }
    tokens = {"first": f"{list(SECOND)}[{parts.written(row)}]", "second": f"{list(HEIGHTS)}[{parts.written(column)}]"}
    ring = parts.one(**tokens).transform_filter(known)
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.wide(table_of(p, ring), "Each action’s probability; alone: that of one token by itself", 170),
        parts.guess("What does greedy decoding take?", GREEDY, "right middle", "share == 0.4 && take == 'greedy'"),
        parts.choice("take", "take", TAKEN, "greedy"),
        parts.slider("share", "first token: left", 0.4, 0.05, 0.95, 0.05),
    )


def first(token: str, share):
    """The probability of the first token."""
    return share if token == "left" else 1 - share


def table_of(p: dict, ring: alt.Chart) -> alt.LayerChart:
    """The table: a cell for each pair of tokens, darker the more probable, and the sums of its rows and columns."""
    p = p | {(one, ALONE): sum(p[one, two] for two in HEIGHTS) for one in SECOND}
    p = p | {(ALONE, two): sum(p[one, two] for one in SECOND) for two in HEIGHTS}
    rows = parts.rows(*({"first": one, "second": two, "cell": f"{one} {two}"} for one, two in p))
    rows = let(rows, p=chosen("datum.cell", {f"{one} {two}": share for (one, two), share in p.items()}))
    place = lambda channel, name, tokens: channel(f"{name}:N", title=f"{name} token").scale(domain=tokens, padding=0.06)
    x = place(alt.X, "second", [*HEIGHTS, ALONE]).axis(labelAngle=0, ticks=False, domain=False)
    y = place(alt.Y, "first", [*SECOND, ALONE]).axis(ticks=False, domain=False)
    shade = alt.Opacity("p:Q", legend=None).scale(domain=[0, 1], range=[0.04, 0.8])
    pairs = rows.transform_filter(f"datum.first != '{ALONE}' && datum.second != '{ALONE}'").mark_rect(color=Q)
    said = rows.mark_text(fontSize=14, fontWeight=600).encode(x=x, y=y, text=alt.Text("p:Q", format=".2f"))
    ring = ring.mark_point(shape="circle", size=2200, strokeWidth=3, color=CRASH, opacity=1)
    guess = parts.told_guess(GREEDY, down=162)
    return alt.layer(pairs.encode(x=x, y=y, opacity=shade), said, ring.encode(x=x, y=y), guess)


@live_chart()
def masked_loss() -> alt.VConcatChart:
    """Probability on the demonstrated action, on other actions and on other words, as it is and with the latter masked.
    As it opens, half of it is on other words, and with these masked the loss is 1.6094 nats; what it is as it is, and the
    difference at every share, is shown once you have guessed it.
    """
    hit, outside = signal("hit"), signal("outside")
    of_actions = {"demonstrated": hit, "other actions": 1 - hit}
    words = [*of_actions, "other words"]
    plain = {name: share * (1 - outside) for name, share in of_actions.items()} | {"other words": outside}
    masked = of_actions | {"other words": 0}
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
        "loss as it is": parts.after_the_guess(parts.number(-log(hit * (1 - outside)), ".4f")),
        "loss if masked": parts.number(-log(hit), ".4f"),
        "difference": parts.after_the_guess(parts.number(-log(1 - outside), ".4f")),
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        alt.vconcat(
            parts.wide(bars, "Over all 32,064 tokens, and over the action tokens only", 90),
            parts.wide(price_of_words(outside), "What the other words cost", 120),
        ),
        parts.guess("Half goes to other words. What does that cost?", PRICES, "log2", "outside == 0.5"),
        parts.slider("outside", "on other words", 0.5, 0, 0.9, 0.01),
        parts.slider("hit", "demonstrated share", 0.2, 0.05, 1, 0.05),
    )


def price_of_words(outside) -> alt.LayerChart:
    """-log(1 - s) over the share s of other words, and where the chart stands; once guessed."""
    x, y = parts.axis(alt.X, "on other words", 0, 1), parts.axis(alt.Y, "nats", 0, 2.4)
    curve = let(parts.line("s", 0, 0.9, 90), cost=-log(1 - field("s"))).transform_filter(parts.GUESSED)
    here = parts.one(s="outside", cost=-log(1 - outside)).transform_filter(parts.GUESSED)
    told = parts.told_guess(PRICES, right=200)
    return alt.layer(
        curve.mark_line(color=NEUTRAL, strokeWidth=2.5).encode(x=x("s"), y=y("cost")),
        here.mark_point(color=Q, **parts.DOT).encode(x=x("s"), y=y("cost")),
        parts.waiting(s=0.5, cost=1.2).encode(x=x("s"), y=y("cost")),
        told,
    )
