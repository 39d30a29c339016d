"""The matplotlib look: the same scene, colours and sizes as the live charts, and pictures that say what they show."""

import base64
import html

import matplotlib
import numpy as np
import torch
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle
from PIL import Image
from torch import Tensor

from helpers.colors import CRASH, NEUTRAL, SUCCESS, P
from helpers.page.pictures import small_png
from helpers.robot.cup_and_tray import GATES, HALF_WIDTH, CupAndTray, crashes, path

EXTENT = 1.6  # of the axes, as in helpers.charts.scene
STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#999999",
    "figure.facecolor": "white",
}


def figure(rows: int = 1, columns: int = 1, width: float = 7.2, height: float = 3.2) -> tuple[Figure, list[Axes]]:
    """A figure in the book's look and its axes, row by row; width and height in inches."""
    with matplotlib.rc_context(STYLE):
        new = Figure(figsize=(width, height), dpi=110, layout="constrained")
        FigureCanvasAgg(new)
        axes = new.subplots(rows, columns, squeeze=False)
    return new, list(axes.flat)


def png(picture: Figure) -> bytes:
    """The figure as a small PNG; drawn once, where savefig draws twice."""
    picture.canvas.draw()
    pixels = picture.canvas.buffer_rgba()  # type: ignore[attr-defined]  # the canvas is Agg's, from `figure`
    return small_png(Image.fromarray(np.asarray(pixels)))


def show(picture: Figure, alt: str) -> None:
    """Displays the figure; `alt` says what it shows, with its numbers, to those who do not see it."""
    display_png(png(picture), alt)


def display_png(picture: bytes, alt: str) -> None:
    """Displays a PNG with its words."""
    data = {"image/png": base64.b64encode(picture).decode(), "text/plain": alt}
    display(data, metadata={"image/png": {"alt": alt}}, raw=True)


def table(header: list[str], rows: list[list[str]]) -> None:
    """Displays rows of text as a table, each character as itself."""
    text = lambda cell: html.escape(cell, quote=False)
    line = lambda tag, cells: "<tr>" + "".join(f"<{tag}>{text(cell)}</{tag}>" for cell in cells) + "</tr>"
    body = "".join(line("td", row) for row in rows)
    markup = f'<table class="dataframe"><thead>{line("th", header)}</thead><tbody>{body}</tbody></table>'
    plain = "\n".join(" | ".join(cells) for cells in [header, *rows])
    display({"text/html": markup, "text/plain": plain}, raw=True)


def scene(ax: Axes, action: Tensor, title: str = "", color: str | None = None) -> None:
    """The cup-and-tray scene with the path of each action (n, 2), in `color` or else in that of its outcome."""
    near, far = GATES
    ax.add_patch(Rectangle((-HALF_WIDTH, near), 2 * HALF_WIDTH, far - near, color=NEUTRAL, alpha=0.45, lw=0))
    ax.add_patch(FancyBboxPatch((-0.15, 1.0), 0.3, 0.06, boxstyle="round,pad=0.01", color=NEUTRAL, lw=0))
    ax.hlines(GATES, -EXTENT, EXTENT, colors=NEUTRAL, linestyles=":", linewidths=0.8)
    points, crashed = path(action), crashes(action)
    for outcome, shade in ((False, SUCCESS), (True, CRASH)):
        lines = points[crashed == outcome].numpy()
        ax.add_collection(LineCollection(lines, colors=color or shade, linewidths=0.9, alpha=0.6))
    ax.plot(*points[crashed][:, -1].T.numpy(), "x", color=CRASH, ms=5, mew=1.2)
    ax.plot(0, 0, "o", mfc="white", mec=NEUTRAL, mew=2, ms=7)
    ax.set(xlim=(-EXTENT, EXTENT), ylim=(-0.08, 1.12), yticks=[], xticks=[-1, 0, 1])
    ax.set_title(title, fontsize=10)


def plane(ax: Axes, action: Tensor, task: CupAndTray, title: str = "") -> None:
    """The actions (n, 2) in the plane of the two gates; dashed circles, 2 s wide, around the demonstrator's modes."""
    e, h = EXTENT, task.half_width
    ax.add_patch(Rectangle((-e, -e), 2 * e, 2 * e, color=CRASH, alpha=0.12, lw=0))
    for corner in ((-e, -e), (h, h)):
        ax.add_patch(Rectangle(corner, e - h, e - h, color="white", lw=0))
        ax.add_patch(Rectangle(corner, e - h, e - h, color=SUCCESS, alpha=0.12, lw=0))
    for mode in task.modes.tolist():
        ax.add_patch(Circle(mode, 2 * task.s, fill=False, ec=P, ls="--", lw=1.5))
    colors = [CRASH if crash else SUCCESS for crash in crashes(action, h).tolist()]
    ax.scatter(*torch.as_tensor(action).T.numpy(), c=colors, s=10, alpha=0.75, lw=0)
    ax.set(xlim=(-e, e), ylim=(-e, e), xlabel="x₁ at gate 1", ylabel="x₂ at gate 2", aspect="equal")
    ax.set_title(title, fontsize=10)


def photographs(pictures: list[np.ndarray], alt: str, height: int = 240) -> None:
    """Displays pictures (rows, columns, 3) of uint8 side by side, each as high; `alt` says what they show. Small ones keep their
    pixels as squares."""
    scaled = [
        Image.fromarray(one).resize((height * one.shape[1] // one.shape[0], height), Image.Resampling.NEAREST)
        for one in pictures
    ]
    joined = Image.new("RGB", (sum(one.width for one in scaled) + 6 * (len(scaled) - 1), height), "#8a8a8a")
    left = 0
    for one in scaled:
        joined.paste(one, (left, 0))
        left += one.width + 6
    display_png(small_png(joined), alt)
