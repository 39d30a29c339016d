"""The cup-and-tray scene and the plane of actions, drawn the same way in every live chart.

Both take a chart whose data has one row per action: x1, x2, and `crash` (from `with_outcome`).
"""

from collections.abc import Sequence

import altair as alt

from helpers.charts import parts
from helpers.colors import CRASH, NEUTRAL, SUCCESS, P
from helpers.namespace import field, text
from helpers.robot.cup_and_tray import GATES, HALF_WIDTH, hits

EXTENT = 1.6  # of the axes, in both directions
CRASHES = text(hits(field("x1"), field("x2"), HALF_WIDTH))
OUTCOME = alt.Color("outcome:N", legend=None).scale(domain=["passes", "crashes"], range=[SUCCESS, CRASH])


def with_outcome(actions: alt.Chart) -> alt.Chart:
    """Adds crash and outcome, as helpers.robot.cup_and_tray.crashes decides them."""
    return actions.transform_calculate(crash=CRASHES).transform_calculate(outcome="datum.crash ? 'crashes' : 'passes'")


def paths(actions: alt.Chart, color: str | alt.Color, **line) -> alt.LayerChart:
    """The path of each action in three straight pieces, a layer each; a cross where it hits the obstacle and ends."""
    near, far = GATES
    reach = f"max(0, (abs(datum.x1) - {HALF_WIDTH}) / max(abs(datum.x1 - datum.x2), 1e-9))"
    ends = actions.transform_calculate(
        entry=f"datum.crash ? min(1, {reach}) : 1", start="0", gate=f"{near}", tray="1"
    ).transform_calculate(
        hit_x="datum.x1 + datum.entry * (datum.x2 - datum.x1)", hit_y=f"{near} + datum.entry * {far - near}"
    )

    def piece(x: str, y: str, x2: str, y2: str) -> alt.Chart:
        rule = alt.Chart().mark_rule(clip=True, strokeCap="round", **line)
        return rule.encode(x=lateral(x), y=forward(y), x2=x2, y2=y2, color=color)

    cross = {"shape": "cross", "angle": 45, "size": 45, "filled": True, "clip": True, "color": CRASH, "opacity": 0.9}
    return parts.together(
        ends,
        piece("start", "start", "x1", "gate"),
        piece("x1", "gate", "hit_x", "hit_y"),
        piece("hit_x", "hit_y", "start", "tray").transform_filter("!datum.crash"),
        alt.Chart().transform_filter("datum.crash").mark_point(**cross).encode(x=lateral("hit_x"), y=forward("hit_y")),
    )


def lateral(field: str = "x") -> alt.X:
    """The axis across the scene."""
    return (
        alt.X(f"{field}:Q", title="left  ←  lateral offset  →  right")
        .axis(grid=False)
        .scale(domain=[-EXTENT, EXTENT], nice=False)
    )


def forward(field: str = "y") -> alt.Y:
    """The axis from gripper to tray."""
    return alt.Y(f"{field}:Q", axis=None).scale(domain=[-0.08, 1.1], nice=False)


def surroundings() -> alt.LayerChart:
    """Obstacle, gates, gripper with cup, tray."""
    near, far = GATES
    obstacle = (
        parts.rows({"x": -HALF_WIDTH, "x2": HALF_WIDTH, "y": near, "y2": far})
        .mark_rect(color=NEUTRAL, opacity=0.45, cornerRadius=3)
        .encode(x=lateral(), x2="x2", y=forward(), y2="y2")
    )
    gates = (
        parts.rows({"y": near, "name": "gate 1"}, {"y": far, "name": "gate 2"})
        .mark_rule(strokeDash=[2, 4], color=NEUTRAL, opacity=0.8)
        .encode(y=forward())
    )
    words = (
        parts.rows(
            {"x": -EXTENT, "y": near, "name": "gate 1"},
            {"x": -EXTENT, "y": far, "name": "gate 2"},
        )
        .mark_text(align="left", dx=4, dy=-7, fontSize=11)
        .encode(x=lateral(), y=forward(), text="name:N")
    )
    ends = (
        parts.rows({"x": 0.12, "y": 0.0, "name": "gripper with cup"}, {"x": 0.2, "y": 1.035, "name": "tray"})
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
    return alt.layer(obstacle, gates, words, ends, tray, cup)


def gate(name: str, title: str) -> alt.X | alt.Y:
    """The axis of the plane of actions that belongs to a gate."""
    channel = alt.X if name == "x1" else alt.Y
    return channel(f"{name}:Q", title=title).scale(domain=[-EXTENT, EXTENT], nice=False)


def regions() -> alt.LayerChart:
    """The plane of actions: where a path passes (two squares) and where it crashes; the corners have names."""
    e, h = EXTENT, HALF_WIDTH
    crash = [(-e, -h, -h, e), (-h, h, -e, e), (h, e, -e, h)]
    passes = [(-e, -h, -e, -h), (h, e, h, e)]
    areas = [
        {"x1": a, "x1b": b, "x2": c, "x2b": d, "outcome": name}
        for name, boxes in (("crashes", crash), ("passes", passes))
        for a, b, c, d in boxes
    ]
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
            .encode(x=gate("x1", "x₁ at gate 1"), y=gate("x2", "x₂ at gate 2"), text="name:N")
            for x1, x2, name in names
        )
    )
    return alt.layer(
        parts.rows(*areas)
        .mark_rect(opacity=0.13)
        .encode(x=gate("x1", "x₁ at gate 1"), x2="x1b", y=gate("x2", "x₂ at gate 2"), y2="x2b", color=OUTCOME),
        labels,
    )


def demonstrator_circles() -> alt.Chart:
    """Two circles, two spreads s wide, around the demonstrator's modes (-d, -d) and (d, d)."""
    return (
        alt.Chart(alt.sequence(0, 98, as_="i"))
        .transform_calculate(side="datum.i < 49 ? -1 : 1", angle="2 * PI * (datum.i % 49) / 48")
        .transform_calculate(
            x1="datum.side * d + 2 * s * cos(datum.angle)", x2="datum.side * d + 2 * s * sin(datum.angle)"
        )
        .mark_line(color=P, strokeWidth=2, clip=True, strokeDash=[5, 3])
        .encode(x=gate("x1", "x₁ at gate 1"), y=gate("x2", "x₂ at gate 2"), detail="side:N", order="i:Q")
    )


def dots(actions: alt.Chart) -> alt.Chart:
    """Each action as a point of the plane, coloured by what its path does."""
    return actions.mark_circle(size=44, opacity=0.75, clip=True).encode(
        x=gate("x1", "x₁ at gate 1"), y=gate("x2", "x₂ at gate 2"), color=OUTCOME
    )


def paths_and_plane(actions: alt.Chart, above: str, plane: str, below: Sequence[alt.Chart] = ()) -> alt.HConcatChart:
    """The scene with the path of each action, and the plane with each action, side by side under these two titles.

    below: what is drawn in the scene underneath the paths.
    """
    seen = alt.layer(surroundings(), *below, paths(actions, OUTCOME, strokeWidth=1.4, opacity=0.7))
    return alt.hconcat(
        seen.properties(width=parts.SIDE + 20, height=parts.SIDE, title=above),
        alt.layer(regions(), demonstrator_circles(), dots(actions)).properties(
            width=parts.SIDE, height=parts.SIDE, title=plane
        ),
    )
