"""The picture that is shown where somebody shares a link to the book: what was demonstrated, and what squared error makes of it.

python tools/cover.py      writes book/static/cover.png, which is stored, so that the book is built without torch
"""

from pathlib import Path

import torch

from helpers.colors import P
from helpers.page import plots
from helpers.robot.cup_and_tray import CupAndTray

COVER = Path(__file__).parents[1] / "book" / "static" / "cover.png"


def cover() -> bytes:
    """A PNG of 1200 x 630 pixels, as those who show it ask for."""
    torch.manual_seed(0)
    task = CupAndTray()
    shown = task.demonstrations(60)
    average = task.s * torch.randn(60, 2) / 60**0.5  # means of sixty demonstrations, half of them on either side
    picture, (left, right) = plots.figure(1, 2, width=1200 / 110, height=630 / 110)
    picture.get_layout_engine().set(w_pad=0.25, h_pad=0.25)
    plots.scene(left, shown, "", P)
    plots.scene(right, average, "")
    left.set_title("Half pass left, half right.", fontsize=20)
    right.set_title("Squared error drives between.", fontsize=20)
    picture.suptitle("Probability for Robot Learning", fontsize=28, fontweight="bold")
    return plots.png(picture)


if __name__ == "__main__":
    COVER.write_bytes(cover())
