"""The arm and its table as charts draw them: from the arm's right, and from above."""

import math
from collections.abc import Mapping, Sequence

import altair as alt

from helpers.charts import parts
from helpers.charts.parts import let
from helpers.colors import CRASH, NEUTRAL, SUCCESS, Q
from helpers.namespace import field, signal
from helpers.robot.table import BOX, CUP, HALF_CUP, HEIGHT, RIM, TRAY

TIMES = 27  # that are recorded of an episode
MM = 1000  # whole numbers to the metre, in a recording


def from_right(x, y, z) -> dict:
    """Fields u and v: where a place stands in the picture from the arm's right. What is further to the left stands higher."""
    return {"u": x + 0.4 * y, "v": z + 0.3 * y}


def along(name: str) -> alt.X:
    """The picture's axis from the arm's base to the tray, in metres."""
    return alt.X(f"{name}:Q", axis=None).scale(domain=[-0.24, 0.99], nice=False)


def upward(name: str) -> alt.Y:
    """The picture's axis upwards, in metres."""
    return alt.Y(f"{name}:Q", axis=None).scale(domain=[-0.13, 0.7], nice=False)


def shape(corners: alt.Chart, color: str, opacity: float) -> alt.Chart:
    """A filled shape for each `face` of the rows, whose corners 0, 1 .. have x, y and z."""
    filled = {"fill": color, "stroke": color, "strokeWidth": 1, "opacity": opacity, "interpolate": "linear-closed"}
    seen = let(corners, **from_right(field("x"), field("y"), field("z")))
    return seen.mark_line(**filled).encode(x=along("u"), y=upward("v"), detail="face:N", order="corner:Q")


def corners(faces: Mapping[str, Sequence[tuple[float, float, float]]]) -> alt.Chart:
    """A row for each corner of each face: x, y, z."""
    named = lambda face, places: (dict(face=face, corner=i, x=x, y=y, z=z) for i, (x, y, z) in enumerate(places))
    return parts.rows(*(row for face, places in faces.items() for row in named(face, places)))


def table(half_width) -> alt.LayerChart:
    """The table, the tray and the box of the first recorded episode, whose place is recorded.box."""
    top = corners({"table": [(-0.1, -0.3, 0), (0.86, -0.3, 0), (0.86, 0.3, 0), (-0.1, 0.3, 0)]})
    round_ = [(TRAY + RIM * math.cos(k * math.pi / 12), RIM * math.sin(k * math.pi / 12), 0.0) for k in range(24)]
    faces = {
        "top": [(-1, -1, 1), (1, -1, 1), (1, 1, 1), (-1, 1, 1)],
        "right": [(-1, -1, 0), (1, -1, 0), (1, -1, 1), (-1, -1, 1)],
        "near the base": [(-1, -1, 0), (-1, 1, 0), (-1, 1, 1), (-1, -1, 1)],
    }
    middle = signal("recorded.box")
    x, y = middle[0] / MM + BOX * field("x"), middle[1] / MM + half_width * field("y")
    box = let(corners(faces), x=x, y=y, z=HEIGHT * field("z"))
    return alt.layer(
        shape(top, NEUTRAL, 0.12), shape(corners({"tray": round_}), SUCCESS, 0.7), shape(box, NEUTRAL, 0.5)
    )


def arm(now: str, shown: str) -> alt.LayerChart:
    """The arm after so many recorded times: recorded.joints[x, y or z][shoulder, elbow, wrist or cup][time] in millimetres; and the
    way of its cup, where `shown` holds."""
    place = lambda joint, time: from_right(*(signal(f"recorded.joints[{k}][{joint}][{time}]") / MM for k in range(3)))
    base = {"u": 0, "v": 0}
    rows = [base, *(place(joint, now) for joint in range(4))]
    links = parts.together(
        parts.one(**{f"{name}{k}": row[name] for k, row in enumerate(rows) for name in "uv"}),
        *(
            alt.Chart()
            .mark_rule(color=NEUTRAL, strokeWidth=9 - k, strokeCap="round", opacity=1)
            .encode(x=along(f"u{k}"), y=upward(f"v{k}"), x2=f"u{k + 1}", y2=f"v{k + 1}")
            for k in range(4)
        ),
        let(alt.Chart(), top=field("v4") + HALF_CUP, bottom=field("v4") - HALF_CUP)
        .mark_rule(color=CRASH, strokeWidth=13, opacity=1)
        .encode(x=along("u4"), y=upward("bottom"), y2="top"),
    )
    way = let(parts.counted(TIMES), **place(3, "datum.i")).transform_filter(f"datum.i <= {now} && {shown}")
    way = way.mark_line(color=Q, strokeWidth=2, strokeDash=[2, 4]).encode(x=along("u"), y=upward("v"), order="i:Q")
    return alt.layer(way, links.transform_filter(shown))


def box_from_above(half_width, across, ahead) -> alt.LayerChart:
    """The box, and dotted the line that the middle of a cup crosses when it touches it."""
    rows = parts.one(x=-half_width, x2=half_width, y=-BOX, y2=BOX)
    rows = let(rows, out=half_width + CUP, far=BOX + CUP)
    rows = let(rows, left=-field("out"), near=-field("far"))
    solid = alt.Chart().mark_rect(color=NEUTRAL, opacity=0.45).encode(x=across("x"), x2="x2", y=ahead("y"), y2="y2")
    dotted = alt.Chart().mark_rect(filled=False, stroke=NEUTRAL, strokeDash=[2, 3], cornerRadius=6)
    dotted = dotted.encode(x=across("left"), x2="out", y=ahead("near"), y2="far")
    return parts.together(rows, solid, dotted)
