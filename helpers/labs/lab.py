"""What every lab is: ipywidgets controls whose every move reruns real torch code. In a kernel, that is; a page of the book
shows a recording of what the lab did.

A lab draws into an Image, not an Output: that works on ipywidgets 7.7 (Colab) and 8, does not flicker, and notebooks
with it can be executed and checked. Where no kernel runs, its picture stands for it.
"""

import base64
import html
import time
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import torch
from IPython.display import display
from matplotlib.figure import Figure
from torch import Tensor

from helpers.page import plots
from helpers.page.live import LiveChart
from helpers.page.mime import RECORDED, WIDGET

STILL = "A picture of the lab as it opened. Run this cell for the controls."
PATIENCE = 1.0  # seconds without a new picture before one is drawn of what there is so far
STAGES = 10  # of a training that is recorded: eleven states, the untrained one among them


class Recording:
    """How a page shows a lab without a kernel.

    chart: a live chart whose choices have the names of the lab's own controls, and fewer values; its slider runs through the
    stages of a training. Its parameter `recorded` holds what `columns` makes of the stages that a run has told, the last
    one among them: {name: small whole numbers, in lists}. fixed: values of controls that the chart has no choice for.
    """

    def __init__(self, chart: Callable[[], LiveChart], columns: Callable[[list], dict[str, list]], **fixed):
        self.chart, self.columns, self.fixed = chart, columns, fixed


class Lab:
    """Controls above a picture, drawn when the lab is displayed and whenever a control moves.

    run(tell, **values) does the work and returns what there is to see; on the way it calls tell(done, seen), done being
    the share of the work behind it, seen what there is to see by then, or None. draw(seen) makes the picture, words(seen)
    its alternative text.
    """

    def __init__(
        self,
        controls: dict[str, widgets.Widget],
        run: Callable,
        draw: Callable[..., Figure],
        words: Callable[..., str],
        recording: Recording | None = None,
    ):
        self.controls, self.work, self.draw, self.words, self.recording = controls, run, draw, words, recording
        self.alt = "Lab: not run yet."
        self.figure: Figure | None = None
        self.drawn = 0.0  # when
        self.image = widgets.Image(format="png")
        self.progress = widgets.FloatProgress(min=0, max=1, description="training")
        self.status = widgets.HTML()
        self.box = widgets.VBox([*controls.values(), self.progress, self.status, self.image])
        for control in controls.values():
            control.style.description_width = "6.5rem"  # "temperature" is longer than the usual 80 pixels
            control.observe(lambda change: self.run(), names="value")

    def run(self) -> bool:
        """Works anew with the controls' values, and tells the reader what stopped it. Whether it was not interrupted."""
        self.status.value, self.progress.value, self.drawn = "", 0, time.monotonic()
        try:
            seen = self.work(self.tell, **{name: control.value for name, control in self.controls.items()})
            self.alt = self.words(seen)
            self.show(seen)
            self.progress.value = 1
        except KeyboardInterrupt:
            self.say("Interrupted. Move a control to run it again.")
            return False
        except Exception as error:
            self.say(f"{type(error).__name__}: {error}")
        return True

    def say(self, message: str) -> None:
        """Shows the message in place of the picture, which would be that of other values."""
        self.alt, self.figure, self.image.value = f"Lab: {message}", None, b""
        self.status.value = f"<b>{html.escape(message)}</b>"

    def tell(self, done: float, seen) -> None:
        """Shows the share of the work that is done and, now and then, what there is to see by then."""
        self.progress.value = done
        if seen is not None and time.monotonic() - self.drawn > PATIENCE:
            self.show(seen)

    def show(self, seen) -> None:
        """Draws it, in place of the picture before."""
        self.figure = self.draw(seen)
        self.image.value, self.drawn = plots.png(self.figure), time.monotonic()

    def _ipython_display_(self):
        """The controls and the bar at once, then the work; in the end the output also holds a picture to be stored."""
        view = {WIDGET: {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}}
        shown = display(view | {"text/plain": self.alt}, raw=True, display_id=True)
        if not self.run():
            raise KeyboardInterrupt  # stops the cells after this one, too
        bundle, about = self.still()
        shown.update(view | bundle, metadata=about, raw=True)

    def still(self) -> tuple[dict, dict]:
        """What stands for the lab where no kernel runs: its picture, which says what it is, and its words; for a page of
        the book the chart that shows its recording."""
        if self.figure is None:
            return {"text/plain": self.alt}, {}
        self.figure.supxlabel(STILL, fontsize=8, color="#555555")
        picture = base64.b64encode(plots.png(self.figure)).decode()
        recorded = {RECORDED: self.recording.chart().spec} if self.recording else {}
        return recorded | {"image/png": picture, "text/plain": self.alt}, {"image/png": {"alt": self.alt}}


def slider(label: str, value: float, low: float, high: float, step: float) -> widgets.FloatSlider:
    """A slider that reports where it was let go, not every place on the way."""
    return widgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=label, continuous_update=False, readout_format=".2f"
    )


def steps(label: str, options: list, value) -> widgets.SelectionSlider:
    """A slider over a few values."""
    return widgets.SelectionSlider(options=options, value=value, description=label, continuous_update=False)


def another_run() -> widgets.IntSlider:
    """The slider of the seed of a lab's draws and weights."""
    return widgets.IntSlider(value=0, min=0, max=9, description="another run", continuous_update=False)


def whole(values: Tensor | float, scale: int) -> Any:
    """The numbers, `scale` to the unit, rounded to whole ones, as an int or in lists: short in a recording."""
    return torch.as_tensor(values, dtype=torch.float64).mul(scale).round().long().tolist()
