"""What the plane of actions shows is the task's own rule, in the live charts and in the labs' pictures."""

import pytest
import torch
from chart_numbers import drawn
from matplotlib.colors import to_rgb

from helpers.charts import scene
from helpers.colors import CRASH, SUCCESS
from helpers.page import plots
from helpers.robot.cup_and_tray import CupAndTray, crashes

PLACES = torch.cartesian_prod(torch.linspace(-1.55, 1.55, 32), torch.linspace(-1.55, 1.55, 32))


@pytest.mark.parametrize("half_width", [0.25, 0.1, 0.5])
def test_each_place_of_the_plane_lies_in_a_piece_of_its_own_outcome(half_width):
    told = "datum.x1 + ' ' + datum.x1b + ' ' + datum.x2 + ' ' + datum.x2b + ' ' + datum.outcome"
    chart = scene.let(scene.squares(half_width), told=told).mark_text().encode(text="told:N")
    pieces = [text.split() for text in drawn(chart.to_dict())]
    assert len(pieces) == 5
    for (x1, x2), crash in zip(PLACES.tolist(), crashes(PLACES, half_width).tolist(), strict=True):
        found = [p[4] for p in pieces if float(p[0]) <= x1 <= float(p[1]) and float(p[2]) <= x2 <= float(p[3])]
        assert found == ["crashes" if crash else "passes"], (x1, x2)


@pytest.mark.parametrize("half_width", [0.25, 0.5])
def test_the_plane_of_the_pictures_is_coloured_by_the_rule(half_width):
    picture, [ax] = plots.figure()
    plots.plane(ax, PLACES[:1], CupAndTray(half_width=half_width))
    picture.canvas.draw()
    squares = [patch for patch in ax.patches if hasattr(patch, "get_xy") and patch.get_facecolor()[:3] != (1, 1, 1)]
    for (x1, x2), crash in zip(PLACES.tolist(), crashes(PLACES, half_width).tolist(), strict=True):
        top = [square for square in squares if square.get_window_extent().contains(*ax.transData.transform((x1, x2)))][
            -1
        ]
        assert top.get_facecolor()[:3] == to_rgb(CRASH if crash else SUCCESS), (x1, x2)
