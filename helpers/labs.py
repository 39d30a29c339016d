"""The labs: ipywidgets controls whose every move reruns real torch code. They need a kernel.

A lab draws into an Image, not an Output: that works on ipywidgets 7.7 (Colab) and 8, does not flicker, and notebooks
with it can be executed and checked. Where no kernel runs, its picture stands for it.
"""

import base64
from collections.abc import Callable

import ipywidgets as widgets
import torch
from matplotlib.figure import Figure

from helpers import calibration, heads, plots
from helpers.colors import NEUTRAL, P, Q
from helpers.tasks import CupAndTray, success_rate


class Lab:
    """Controls above a picture. `draw(show, **values)` is called with the controls' values whenever one moves.

    draw: calls show(figure, done) as often as it likes, done being the share of the work behind it; returns the
    alternative text of its last figure.
    """

    def __init__(self, controls: dict[str, widgets.Widget], draw: Callable[..., str]):
        self.controls, self.draw = controls, draw
        self.image = widgets.Image(format="png")
        self.progress = widgets.FloatProgress(min=0, max=1, description="training")
        self.status = widgets.HTML()
        self.box = widgets.VBox([*controls.values(), self.progress, self.status, self.image])
        for control in controls.values():
            control.observe(lambda change: self.run(), names="value")
        self.run()

    def run(self) -> None:
        """Draws anew from the controls' values; an error is shown to the reader."""
        self.status.value, self.progress.value = "", 0
        try:
            self.alt = self.draw(self.show, **{name: control.value for name, control in self.controls.items()})
        except ValueError as error:
            self.status.value = f"<b>{error}</b>"

    def show(self, picture: Figure | None, done: float) -> None:
        """Shows the picture, if there is one yet, and the share of the work that is done."""
        self.progress.value = done
        if picture is not None:
            self.image.value = plots.png(picture)

    def _repr_mimebundle_(self, include=None, exclude=None):
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        bundle = {
            "application/vnd.jupyter.widget-view+json": view,
            "image/png": base64.b64encode(self.image.value).decode(),
            "text/plain": self.alt,
        }
        return bundle, {"image/png": {"alt": self.alt, "lab": True}}


def slider(label: str, value: float, low: float, high: float, step: float) -> widgets.FloatSlider:
    return widgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=label, continuous_update=False, readout_format=".2f"
    )


def mode_averaging() -> Lab:
    """Train any head on demonstrations of your choice and watch its paths while it learns."""
    names = {
        "squared error": "mse",
        "full Gaussian": "full_gaussian",
        "diagonal Gaussian": "diagonal_gaussian",
        "reverse-KL Gaussian": "reverse_kl_gaussian",
        "independent bins (RT-1)": "independent_bins",
        "autoregressive bins (OpenVLA)": "autoregressive_bins",
        "mixture of two": "mixture",
        "denoising diffusion (Octo)": "diffusion",
        "flow (π0)": "flow",
    }
    controls = {
        "head": widgets.Dropdown(options=list(names.items()), value="full_gaussian", description="head"),
        "d": slider("offset d", 0.6, 0, 1, 0.05),
        "w": slider("share w", 0.5, 0, 1, 0.05),
        "s": slider("spread s", 0.1, 0.02, 0.3, 0.02),
        "demonstrations": widgets.SelectionSlider(
            options=[2, 10, 50, 200, 1000, 20_000], value=1000, description="demos", continuous_update=False
        ),
        "seed": widgets.IntSlider(value=0, min=0, max=9, description="seed", continuous_update=False),
    }
    return Lab(controls, train_and_draw)


def train_and_draw(show, head: str, d: float, w: float, s: float, demonstrations: int, seed: int) -> str:
    """One picture now and then while the head trains, a last one when it has; returns what that one shows."""
    task = CupAndTray(d, w, s)
    torch.manual_seed(seed)
    examples = task.demonstrations(demonstrations)
    share = 1.0 if heads.recipe(head).steps <= 1000 else 0.4  # the slow ones stop early, so that a lab stays a lab

    def progress(done: float, trained: heads.Head) -> None:
        if round(done * 20) % 5 == 0 and done < 0.99:
            show(paths_picture(task, trained, examples, f"{done:.0%} trained"), done)

    trained = heads.train(head, task, examples, seed, share, progress)
    rate, error = success_rate(trained.sample(torch.ones(1, 1), 2000)[:, 0])
    result = f"success {rate:.1%} ± {error:.1%}"
    show(paths_picture(task, trained, examples, result), 1.0)
    return (
        f"Lab: {head} trained on {demonstrations} demonstrations with d = {d:g}, w = {w:g}, s = {s:g}: {result}. "
        "Three pictures: the demonstrated paths, the paths of 60 of the head's actions, the same actions in the plane."
    )


def paths_picture(task: CupAndTray, head: heads.Head, examples: torch.Tensor, result: str) -> Figure:
    """Demonstrated paths, the head's paths, and the head's actions in the plane."""
    action = head.sample(torch.ones(1, 1), 60)[:, 0]
    picture, (left, middle, right) = plots.figure(1, 3, width=9, height=3.2)
    plots.scene(left, examples[:60], "demonstrations", P)
    plots.scene(middle, action, f"the head’s paths: {result}")
    plots.plane(right, action, task, "its actions")
    return picture


def temperature_scaling() -> Lab:
    """Train a head on few ambiguous demonstrations, see it grow too sure of itself, and cool or warm its softmax."""
    controls = {
        "demonstrations": widgets.SelectionSlider(
            options=[20, 50, 100, 500, 5000], value=50, description="demos", continuous_update=False
        ),
        "steps": widgets.SelectionSlider(
            options=[20, 100, 500, 1500], value=500, description="steps", continuous_update=False
        ),
        "temperature": slider("temperature", 1, 0.2, 10, 0.1),
        "seed": widgets.IntSlider(value=0, min=0, max=9, description="seed", continuous_update=False),
    }
    return Lab(controls, calibrate_and_draw)


def calibrate_and_draw(show, demonstrations: int, steps: int, temperature: float, seed: int) -> str:
    torch.manual_seed(seed)
    examples = calibration.teacher(demonstrations)
    network = calibration.train_head(*examples, steps, progress=lambda done: show(None, done))
    held_out, test = calibration.teacher(2000), calibration.teacher(20_000)
    with torch.no_grad():
        best = calibration.fit_temperature(network(held_out[0]), held_out[1])
        logits = network(test[0]) / temperature
        found = calibration.reliability(logits, test[1])
        loss = torch.nn.functional.cross_entropy(logits, test[1]).item()
        offset = torch.linspace(-1, 1, 201).unsqueeze(1)
        curve = (network(offset) / temperature).softmax(-1)[:, 1]
    picture, (left, right) = plots.figure(1, 2, width=7.6, height=3.2)
    start = offset[:, 0].tolist()
    left.plot(start, (4 * offset[:, 0]).sigmoid().tolist(), color=P, ls="--", label="demonstrator")
    left.plot(start, curve.tolist(), color=Q, label=f"head, T = {temperature:g}")
    left.set(xlabel="where the cup starts", ylabel="P(right)", ylim=(-0.03, 1.03))
    left.set_title(f"cross-entropy {loss:.3f} nats", fontsize=10)
    left.legend(frameon=False, loc="upper left")
    some = found.share > 0
    confidence, accuracy = found.confidence[some].tolist(), found.accuracy[some].tolist()
    right.plot([0.5, 1], [0.5, 1], color=NEUTRAL, ls="--", lw=1)
    right.bar(confidence, accuracy, width=0.03, color=Q, alpha=0.5)
    right.plot(confidence, accuracy, "o", color=Q)
    right.set(xlabel="how sure the head is", ylabel="how often it is right", xlim=(0.48, 1.02), ylim=(0, 1.03))
    right.set_title(f"calibration error {found.error:.3f}; best T on held-out data {best:.2f}", fontsize=10)
    show(picture, 1.0)
    return (
        f"Lab: a head trained for {steps} steps on {demonstrations} demonstrations, its softmax at temperature {temperature:g}: "
        f"cross-entropy {loss:.3f} nats, calibration error {found.error:.3f}, best temperature {best:.2f}. Two pictures: the "
        "probability of passing right against the demonstrator's, and a reliability diagram."
    )
