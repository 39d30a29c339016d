"""The matplotlib pictures: each path and each action in the colour of its outcome, and words for every picture."""

import io
from xml.etree import ElementTree

import torch
from matplotlib.collections import LineCollection
from matplotlib.colors import same_color
from matplotlib.patches import Circle
from PIL import Image

from helpers.colors import CRASH, SUCCESS, P
from helpers.page import pictures, plots
from helpers.robot.cup_and_tray import CupAndTray

ACTION = torch.tensor([[0.6, 0.7], [-0.6, 0.6], [-0.9, -0.5], [0.1, 0.1]])  # passes, crashes, passes, crashes


def ends(ax, color: str) -> list[list[float]]:
    """Where the paths in a colour end."""
    lines = [c for c in ax.collections if isinstance(c, LineCollection) and same_color(c.get_colors()[0][:3], color)]
    return [
        [round(x, 6) for x in segment[-1].tolist()]
        for line in lines
        for segment in line.get_segments()
        if len(segment) == 4
    ]


def test_a_path_that_passes_ends_at_the_tray_and_one_that_crashes_at_a_cross():
    _, [ax] = plots.figure()
    plots.scene(ax, ACTION)
    assert ends(ax, SUCCESS) == [[0, 1], [0, 1]]
    impacts = [[-0.25, round(0.3 + 0.4 * 0.35 / 1.2, 6)], [0.1, 0.3]]
    assert ends(ax, CRASH) == impacts
    [crosses] = [line for line in ax.lines if line.get_marker() == "x"]
    assert crosses.get_xydata().round(6).tolist() == impacts
    _, [ax] = plots.figure()
    plots.scene(ax, ACTION, color=P)
    assert len(ends(ax, P)) == 4


def test_the_planes_green_squares_are_where_no_path_crashes():
    task = CupAndTray(d=0.7, s=0.15)
    picture, [ax] = plots.figure()
    plots.plane(ax, ACTION, task)
    [dots] = ax.collections
    assert [same_color(c[:3], SUCCESS) for c in dots.get_facecolors()] == [True, False, True, False]
    assert dots.get_offsets().tolist() == ACTION.tolist()
    picture.canvas.draw()
    squares = [patch for patch in ax.patches if same_color(patch.get_facecolor()[:3], SUCCESS) and patch.get_fill()]
    inside = lambda a: any(square.contains_point(ax.transData.transform(a)) for square in squares)
    assert [inside(a) for a in ACTION.tolist()] == [True, False, True, False]
    assert not inside([0.3, 0.2])
    circles = [patch for patch in ax.patches if isinstance(patch, Circle)]
    assert sorted((*circle.center, circle.radius) for circle in circles) == [
        (*mode, 0.3) for mode in task.modes.tolist()
    ]


def test_pictures_and_tables_come_with_their_words(monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "display", lambda data, metadata=None, raw=False: shown.append((data, metadata)))
    plots.show(plots.figure()[0], "words")
    plots.table(["a", "b"], [["1", "2"], ["3", "4"]])
    (picture, about), (table, _) = shown
    assert picture["text/plain"] == about["image/png"]["alt"] == "words"
    assert table["text/plain"] == "a | b\n1 | 2\n3 | 4"
    assert "<tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr><tr><td>3" in table["text/html"]


def test_a_tables_cells_are_text_and_no_markup(monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "display", lambda data, raw: shown.append(data))
    header, rows = ["token", "</s>"], [["<PAD>", "a < b & c"], ["D(p‖q)", 'it\'s "so"']]
    plots.table(header, rows)
    found = ElementTree.fromstring(shown[0]["text/html"])
    assert [[cell.text for cell in row] for row in found.iter("tr")] == [header, *rows]
    assert 'it\'s "so"' in shown[0]["text/html"]  # only what would be markup is written otherwise
    assert shown[0]["text/plain"] == 'token | </s>\n<PAD> | a < b & c\nD(p‖q) | it\'s "so"'


def test_a_small_png_is_on_white_with_few_colours():
    picture = Image.new("RGBA", (300, 2), (0, 0, 0, 0))
    for x in range(200):
        picture.putpixel((x, 0), (x, 255 - x, 0, 255))
    small = Image.open(io.BytesIO(pictures.small_png(picture))).convert("RGB")
    assert small.size == (300, 2)
    assert small.getpixel((299, 1)) == (255, 255, 255)
    assert 64 <= len(small.getcolors()) <= 128
