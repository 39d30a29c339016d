"""The cup-and-tray scene and the plane of actions, drawn the same way in every live chart.

Both take a chart whose data has one row per action: x1, x2, and `crash` (from `with_outcome`). half_width is the
obstacle's: a number, or the name of a chart's parameter as signal("...").
"""

from collections.abc import Sequence

import altair as alt
import torch

from helpers import heads
from helpers.charts import parts
from helpers.charts.parts import let
from helpers.colors import CRASH, NEUTRAL, SUCCESS, P
from helpers.namespace import PI, cos, field, signal, sin, where
from helpers.robot.cup_and_tray import GATES, hits, impact
from helpers.theory.modes import Modes, modes

EXTENT = 1.6  # of the axes, in both directions
FORWARD = (-0.08, 1.1)  # the ends of the axis from gripper to tray
OUTCOME = alt.Color("outcome:N", legend=None).scale(domain=["passes", "crashes"], range=[SUCCESS, CRASH])
DEMONSTRATOR = Modes(*map(signal, Modes._fields))  # in a chart: its sliders d, w, s, and what follows from them


def what_follows() -> list[alt.Parameter]:
    """What follows from d, w and s, computed once a move."""
    computed = modes(*map(signal, "dws"))._asdict()
    return [parts.param(name, formula) for name, formula in computed.items() if name not in "dws"]


def draws(n: int, seed: int) -> dict[str, torch.Tensor]:
    """Noise for n actions, always the same: normals z1, z2; ranks r1, r2 in (0, 1), stratified, so that a share w of n passes right."""
    generator = torch.Generator().manual_seed(seed)
    normal = torch.randn(2, n, generator=generator)
    ranks = torch.stack([torch.randperm(n, generator=generator) for _ in range(2)])
    return dict(zip(("z1", "z2", "r1", "r2"), (*normal, *((ranks + 0.5) / n)), strict=True))


def with_outcome(actions: alt.Chart, half_width) -> alt.Chart:
    """Adds crash and outcome, as helpers.robot.cup_and_tray decides them."""
    decided = let(actions, crash=hits(field("x1"), field("x2"), half_width))
    return let(decided, outcome="datum.crash ? 'crashes' : 'passes'")


def crashes_of(actions: alt.Chart) -> alt.Chart:
    """One row: `off`, how many of the actions crash."""
    return let(actions, off=where(field("crash"), 1, 0)).transform_aggregate(off="sum(off)")


def paths(actions: alt.Chart, color: str | alt.Color, half_width, key: str = "", **line) -> alt.LayerChart:
    """The path of each action in three straight pieces, a layer each; where it hits the obstacle a cross, and faint from
    there to where it was meant to leave the second gate.

    key: the field that tells actions apart, where they come and go: without it Vega keeps the marks of those that went.
    """
    near, far = GATES
    x1, x2, entry = map(field, ("x1", "x2", "entry"))
    hit = impact(x1, x2, half_width)
    ends = let(actions, entry=where(field("crash"), hit, 1), start=0, gate=near, far=far, tray=1)
    ends = let(ends, hit_x=x1 + entry * (x2 - x1), hit_y=near + entry * (far - near))

    def piece(x: str, y: str, x2: str, y2: str) -> alt.Chart:
        rule = alt.Chart().mark_rule(clip=True, strokeCap="round", **line)
        return rule.encode(x=lateral(x), y=forward(y), x2=x2, y2=y2, color=color)

    meant = alt.Chart().mark_rule(clip=True, strokeDash=[2, 3], opacity=0.35, color=CRASH)
    meant = meant.encode(x=lateral("hit_x"), y=forward("hit_y"), x2="x2", y2="far")
    cross = {"shape": "cross", "angle": 45, "size": 45, "filled": True, "clip": True, "color": CRASH, "opacity": 0.9}
    layers = [
        piece("start", "start", "x1", "gate"),
        piece("x1", "gate", "hit_x", "hit_y"),
        piece("hit_x", "hit_y", "start", "tray").transform_filter("!datum.crash"),
        meant.transform_filter("datum.crash"),
        alt.Chart().transform_filter("datum.crash").mark_point(**cross).encode(x=lateral("hit_x"), y=forward("hit_y")),
    ]
    return parts.together(ends, *(layer.encode(key=f"{key}:Q") if key else layer for layer in layers))


def lateral(field: str = "x") -> alt.X:
    """The axis across the scene."""
    return parts.axis(alt.X, "left  ←  lateral offset  →  right", -EXTENT, EXTENT)(field).axis(grid=False)


def forward(field: str = "y") -> alt.Y:
    """The axis from gripper to tray."""
    return alt.Y(f"{field}:Q", axis=None).scale(domain=list(FORWARD), nice=False)


across = parts.axis(alt.X, "x₁ at gate 1", -EXTENT, EXTENT)  # the axes of the plane of actions
upward = parts.axis(alt.Y, "x₂ at gate 2", -EXTENT, EXTENT)


def gate(name: str) -> alt.X | alt.Y:
    """The axis of the plane of actions that belongs to x1 or x2."""
    return (across if name == "x1" else upward)(name)


def obstacle(half_width) -> alt.Chart:
    """The obstacle alone."""
    near, far = GATES
    box = parts.one(x=-half_width, x2=half_width, y=near, y2=far).mark_rect(color=NEUTRAL, opacity=0.45, cornerRadius=3)
    return box.encode(x=lateral(), x2="x2", y=forward(), y2="y2")


def surroundings(half_width) -> alt.LayerChart:
    """Obstacle, gates, gripper with cup, tray."""
    near, far = GATES
    gates = (
        parts.rows({"y": near, "name": "gate 1"}, {"y": far, "name": "gate 2"})
        .mark_rule(strokeDash=[2, 4], color=NEUTRAL, opacity=0.8)
        .encode(y=forward())
    )
    words = (
        parts.rows({"x": -EXTENT, "y": near, "name": "gate 1"}, {"x": -EXTENT, "y": far, "name": "gate 2"})
        .mark_text(align="left", dx=4, dy=-7, fontSize=11)
        .encode(x=lateral(), y=forward(), text="name:N")
    )
    ends = (
        parts.rows({"x": 0.2, "y": 0.0, "name": "gripper with cup"}, {"x": 0.2, "y": 1.035, "name": "tray"})
        .mark_text(align="left", fontSize=11)
        .encode(x=lateral(), y=forward(), text="name:N")
    )
    tray = (
        parts.rows({"x": -0.16, "x2": 0.16, "y": 1.0, "y2": 1.07})
        .mark_rect(color=NEUTRAL, cornerRadius=3)
        .encode(x=lateral(), x2="x2", y=forward(), y2="y2")
    )
    cup = (
        parts.rows({"x": 0, "y": 0})
        .mark_point(size=110, filled=False, strokeWidth=3, color=NEUTRAL, opacity=1)
        .encode(x=lateral(), y=forward())
    )
    return alt.layer(obstacle(half_width), gates, words, ends, tray, cup)


def regions(half_width) -> alt.LayerChart:
    """The plane of actions: where a path passes (two squares) and where it crashes; the corners have names."""
    e, x, y = EXTENT, gate("x1"), gate("x2")
    areas = squares(half_width).mark_rect(opacity=0.13)
    names = [(-e, e, "left, then right"), (e, -e, "right, then left"), (-e, -e, "both left"), (e, e, "both right")]
    labels = alt.layer(
        *(
            parts.rows({"x1": x1, "x2": x2, "name": name})
            .mark_text(
                align="left" if x1 < 0 else "right",
                baseline="bottom" if x2 < 0 else "top",
                dx=4 if x1 < 0 else -4,
                dy=-4 if x2 < 0 else 5,
                fontSize=11,
            )
            .encode(x=x, y=y, text="name:N")
            for x1, x2, name in names
        )
    )
    return alt.layer(areas.encode(x=x, x2="x1b", y=y, y2="x2b", color=OUTCOME), labels)


def squares(half_width) -> alt.Chart:
    """The plane of actions cut where the outcome changes: a row for each piece, x1 to x1b and x2 to x2b, with its outcome."""
    crash = [(-2, -1, -1, 2), (-1, 1, -2, 2), (1, 2, -2, 1)]  # 1: an edge of the obstacle, 2: of the plane
    passes = [(-2, -1, -2, -1), (1, 2, 1, 2)]
    boxes = [(box, "crashes") for box in crash] + [(box, "passes") for box in passes]
    rows = parts.rows(*({**dict(zip("abcd", box, strict=True)), "outcome": outcome} for box, outcome in boxes))
    place = lambda name: where(abs(field(name)) > 1, field(name) * EXTENT / 2, field(name) * half_width)
    return let(rows, x1=place("a"), x1b=place("b"), x2=place("c"), x2b=place("d"))


def demonstrator_circles() -> alt.Chart:
    """Two circles, two spreads s wide, around the demonstrator's modes (-d, -d) and (d, d)."""
    i, side, angle, radius = field("i"), field("side"), field("angle"), 2 * signal("s")
    points = let(parts.counted(98), side=where(i < 49, -1, 1), angle=2 * PI * (i % 49) / 48)
    centre = side * signal("d")
    return (
        let(points, x1=centre + radius * cos(angle), x2=centre + radius * sin(angle))
        .mark_line(color=P, strokeWidth=2, clip=True, strokeDash=[5, 3])
        .encode(x=gate("x1"), y=gate("x2"), detail="side:N", order="i:Q")
    )


def demonstrations(half_width) -> alt.LayerChart:
    """The demonstrator's own paths, faint, behind those of a policy."""
    columns = draws(24, 11)
    columns.pop("r2")
    x1, x2 = heads.IDEALS["demonstrator"].draw(heads.Noise(*map(field, columns), r2=0.0, u=0.0, v=0.0), DEMONSTRATOR)
    actions = let(alt.Chart(parts.noise(24, columns)), x1=x1, x2=x2)
    return paths(with_outcome(actions, half_width), alt.value(P), half_width, strokeWidth=1.2, opacity=0.6)


def dots(actions: alt.Chart) -> alt.Chart:
    """Each action as a point of the plane, coloured by what its path does."""
    return actions.mark_circle(size=44, opacity=0.75, clip=True).encode(x=gate("x1"), y=gate("x2"), color=OUTCOME)


def paths_and_plane(
    actions: alt.Chart,
    above: str,
    plane: str,
    half_width,
    below: Sequence[alt.Chart] = (),
    beside: Sequence[alt.Chart] = (),
) -> alt.HConcatChart:
    """The scene with the path of each action, and the plane with each action, side by side under these two titles.

    below: what is drawn in the scene underneath the paths; beside: in the plane underneath the actions.
    """
    drawn = paths(actions, OUTCOME, half_width, strokeWidth=1.4, opacity=0.7)
    scene = alt.layer(surroundings(half_width), *below, drawn)
    square = alt.layer(regions(half_width), *beside, demonstrator_circles(), dots(actions))
    return alt.hconcat(
        scene.properties(width=parts.SIDE + 20, height=parts.SIDE, title=above),
        square.properties(width=parts.SIDE, height=parts.SIDE, title=plane),
    )
