"""The labs: ipywidgets controls whose every move reruns real torch code. They need a kernel.

A lab draws into an Image, not an Output: that works on ipywidgets 7.7 (Colab) and 8, does not flicker, and notebooks
with it can be executed and checked. Where no kernel runs, its picture stands for it.
"""

import base64
import html
from collections.abc import Callable

import ipywidgets as widgets
import torch
from IPython.display import display
from matplotlib.figure import Figure

from helpers import heads
from helpers.colors import NEUTRAL, P, Q
from helpers.page import plots
from helpers.page.mime import WIDGET
from helpers.policies import calibration, gaussian_fit, miniature_vla, reinforce
from helpers.robot.cup_and_tray import CupAndTray, success_rate
from helpers.theory.information import kl_quadrature

STILL = "A picture of the lab as it opened. Run this cell for the controls."


class Lab:
    """Controls above a picture. `draw(show, **values)` is called when the lab is displayed, and whenever a control moves.

    draw: calls show(figure, done) as often as it likes, done being the share of the work behind it; returns the
    alternative text of its last figure.
    """

    def __init__(self, controls: dict[str, widgets.Widget], draw: Callable[..., str]):
        self.controls, self.draw = controls, draw
        self.alt = "Lab: not run yet."
        self.figure: Figure | None = None
        self.image = widgets.Image(format="png")
        self.progress = widgets.FloatProgress(min=0, max=1, description="training")
        self.status = widgets.HTML()
        self.box = widgets.VBox([*controls.values(), self.progress, self.status, self.image])
        for control in controls.values():
            control.style.description_width = "6.5rem"  # "temperature" is longer than the usual 80 pixels
            control.observe(lambda change: self.run(), names="value")

    def run(self) -> bool:
        """Draws anew from the controls' values, and tells the reader what stopped it. Whether it was not interrupted."""
        self.status.value, self.progress.value = "", 0
        try:
            self.alt = self.draw(self.show, **{name: control.value for name, control in self.controls.items()})
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

    def show(self, picture: Figure | None, done: float) -> None:
        """Shows the picture, if there is one yet, and the share of the work that is done."""
        self.progress.value = done
        if picture is not None:
            self.figure, self.image.value = picture, plots.png(picture)

    def _ipython_display_(self):
        """The controls and the bar at once, then the work; in the end the output also holds a picture to be stored."""
        view = {WIDGET: {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}}
        shown = display(view | {"text/plain": self.alt}, raw=True, display_id=True)
        if not self.run():
            raise KeyboardInterrupt  # stops the cells after this one, too
        bundle, about = self.still()
        shown.update(view | bundle, metadata=about, raw=True)

    def still(self) -> tuple[dict, dict]:
        """What stands for the lab where no kernel runs: its picture, which says what it is, and its words."""
        if self.figure is None:
            return {"text/plain": self.alt}, {}
        self.figure.supxlabel(STILL, fontsize=8, color="#555555")
        picture = base64.b64encode(plots.png(self.figure)).decode()
        return {"image/png": picture, "text/plain": self.alt}, {"image/png": {"alt": self.alt, "lab": True}}


def slider(label: str, value: float, low: float, high: float, step: float) -> widgets.FloatSlider:
    """A slider that reports where it was let go, not every place on the way."""
    return widgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=label, continuous_update=False, readout_format=".2f"
    )


def another_run() -> widgets.IntSlider:
    """The slider of the seed of a lab's draws and weights."""
    return widgets.IntSlider(value=0, min=0, max=9, description="seed", continuous_update=False)


def mode_averaging() -> Lab:
    """Train any head on demonstrations of your choice and watch its paths while it learns."""
    names = [(row.words, name) for name, row in heads.HEADS.items()]
    controls = {
        "head": widgets.Dropdown(options=names, value="full_gaussian", description="head"),
        "d": slider("offset d", 0.6, 0, 1, 0.05),
        "w": slider("share w", 0.5, 0, 1, 0.05),
        "s": slider("spread s", 0.1, 0.02, 0.3, 0.02),
        "demonstrations": widgets.SelectionSlider(
            options=[2, 10, 50, 200, 1000, 20_000], value=1000, description="demos", continuous_update=False
        ),
        "seed": another_run(),
    }
    return Lab(controls, train_and_draw)


def train_and_draw(show, head: str, d: float, w: float, s: float, demonstrations: int, seed: int) -> str:
    """One picture now and then while the head trains, a last one when it has; returns what that one shows."""
    task = CupAndTray(d, w, s)
    torch.manual_seed(seed)
    examples = task.demonstrations(demonstrations)
    share = 1.0 if heads.row(head).steps <= 1000 else 0.4  # the slow ones stop early, so that a lab stays a lab

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
        "seed": another_run(),
    }
    return Lab(controls, calibrate_and_draw)


def calibrate_and_draw(show, demonstrations: int, steps: int, temperature: float, seed: int) -> str:
    """Trains a head on the teacher, then draws its reliability at that temperature, and what it believes."""
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
    right.set(xlabel="how sure the head is", ylabel="how often it is correct", xlim=(0.48, 1.02), ylim=(0, 1.03))
    right.set_title(f"error {found.error:.3f}; best T on held-out data {best:.2f}", fontsize=10)
    show(picture, 1.0)
    return (
        f"Lab: a head trained for {steps} steps on {demonstrations} demonstrations, its softmax at temperature {temperature:g}: "
        f"cross-entropy {loss:.3f} nats, calibration error {found.error:.3f}, best temperature {best:.2f}. Two pictures: the "
        "probability of passing right against the demonstrator's, and a reliability diagram."
    )


SEEDS = 40  # learners of the policy-gradient lab
FITS = 20  # starts of the Gaussian-fitting lab


def policy_gradients() -> Lab:
    """Let 40 policies learn from their own crashes, with and without a baseline."""
    controls = {
        "baseline": widgets.Checkbox(value=False, description="baseline"),
        "bonus": slider("bonus", 3, 0, 10, 0.5),
        "batch": widgets.SelectionSlider(
            options=[2, 4, 16, 64, 256], value=16, description="batch", continuous_update=False
        ),
        "rate": slider("step size", 0.02, 0.01, 0.1, 0.01),
        "seed": another_run(),
    }
    return Lab(controls, learn_and_draw)


def learn_and_draw(show, baseline: bool, bonus: float, batch: int, rate: float, seed: int) -> str:
    """Learns with and without the baseline from the same seed, then draws both curves with their bands."""
    curves = {}
    for first, chosen in ((0.0, not baseline), (0.5, baseline)):
        torch.manual_seed(seed)
        curves[chosen], mean = reinforce.learn(
            SEEDS, 200, batch, rate, bonus, chosen, lambda done, first=first: show(None, first + done / 2)
        )
    chosen, other = curves[baseline], curves[not baseline]
    step = (torch.arange(len(chosen)) * reinforce.EVERY).tolist()
    low, high = chosen.quantile(0.1, dim=1).tolist(), chosen.quantile(0.9, dim=1).tolist()
    names = {True: "with baseline", False: "without"}
    picture, (left, right) = plots.figure(1, 2, width=8, height=3.2)
    left.fill_between(step, low, high, color=Q, alpha=0.25, lw=0)
    left.plot(step, chosen.mean(1).tolist(), color=Q, lw=2, label=f"{names[baseline]} (band: 8 of 10 learners)")
    left.plot(step, other.mean(1).tolist(), color=NEUTRAL, lw=1.5, ls="--", label=names[not baseline])
    left.set(xlabel="steps", ylabel="success", ylim=(0, 1.02))
    left.legend(frameon=False, loc="lower right", fontsize=8)
    end = [curve[-1].mean().item() for curve in (chosen, other)]
    left.set_title(
        f"mean of {SEEDS} learners: {end[0]:.1%} {names[baseline]}, {end[1]:.1%} {names[not baseline]}", fontsize=9
    )
    plots.scene(right, mean.clamp(-plots.EXTENT, plots.EXTENT), f"where each one aims, {names[baseline]}")
    show(picture, 1.0)
    return (
        f"Lab: {SEEDS} policies learn by policy gradient, batch {batch}, step size {rate:g}, {bonus:g} added to every reward. "
        f"After 200 steps they succeed {end[0]:.1%} of the time {names[baseline]}, {end[1]:.1%} {names[not baseline]}. Two "
        "pictures: success against steps with a band over the learners, and the path each one aims at in the end."
    )


def kl_direction() -> Lab:
    """Fit one Gaussian to two modes by either divergence, from 20 random starts."""
    controls = {
        "direction": widgets.Dropdown(
            options=[("forward, D(p‖q)", "forward"), ("reverse, D(q‖p)", "reverse")], value="reverse", description="KL"
        ),
        "share": slider("share right", 0.3, 0, 1, 0.05),
        "distance": slider("modes at ±", 1, 0, 1.5, 0.1),
        "seed": another_run(),
    }
    return Lab(controls, fit_and_draw)


def fit_and_draw(show, direction: str, share: float, distance: float, seed: int) -> str:
    """Fits FITS Gaussians by that direction, drawing them on the way and at the end."""
    p = gaussian_fit.two_modes(share, distance)
    torch.manual_seed(seed)

    def progress(done: float, path: torch.Tensor) -> None:
        if done < 1:
            show(fits_picture(p, path, direction, f"{done:.0%} of the steps"), done)

    path = gaussian_fit.fit(p, direction, FITS, progress=progress)
    mean, values = path[-1, :, 0], [divergence(p, fitted, direction) for fitted in path[-1].double()]
    sides = f"{(mean < 0).sum()} left, {(mean > 0).sum()} right"
    where = sides if direction == "reverse" else f"mean {mean.min():.2f} to {mean.max():.2f}"
    result = f"{where}; KL {min(values):.3f} to {max(values):.3f} nats"
    show(fits_picture(p, path, direction, result), 1.0)
    return (
        f"Lab: one Gaussian fitted from {FITS} starts by the {direction} KL to two modes at ±{distance:g}, share of the right one "
        f"{share:g}: {result}. Two pictures: the demonstrator's density with all fitted Gaussians, and the way of each "
        "fit in the plane of mean and spread."
    )


def divergence(p: torch.distributions.Distribution, fitted: torch.Tensor, direction: str) -> float:
    """The KL of that direction between p and N(*fitted), by quadrature, in nats."""
    q = torch.distributions.Normal(*fitted)
    first, second = (p, q) if direction == "forward" else (q, p)
    return kl_quadrature(first.log_prob, second.log_prob, -8, 8).item()


def fits_picture(p: torch.distributions.Distribution, path: torch.Tensor, direction: str, result: str) -> Figure:
    """The fitted densities over p's, and the ways (steps, fits, 2) of mean and spread."""
    picture, (left, right) = plots.figure(1, 2, width=8, height=3.2)
    x = torch.linspace(-3, 3, 301)
    left.fill_between(x.tolist(), p.log_prob(x).exp().tolist(), color=P, alpha=0.35, lw=0)
    for mean, std in path[-1]:
        left.plot(
            x.tolist(), torch.distributions.Normal(mean, std).log_prob(x).exp().tolist(), color=Q, lw=0.8, alpha=0.6
        )
    left.set(xlabel="action", ylabel="density")
    left.set_title(result, fontsize=9)
    for mean, std in (way.T for way in path.unbind(1)):
        right.plot(mean.tolist(), std.tolist(), color=Q, lw=0.8, alpha=0.6)
    right.plot(*path[0].T.tolist(), ".", color=NEUTRAL, ms=4)
    right.plot(*path[-1].T.tolist(), "o", color=Q, ms=5)
    right.set(xlabel="mean of q", ylabel="spread of q", xlim=(-3, 3), ylim=(0, 1.8))
    right.set_title(f"{direction} KL: from the grey dots to the others", fontsize=9)
    return picture


def miniature_openvla() -> Lab:
    """Train a small OpenVLA on instructions, then tell it what to do and decode it in three ways."""
    controls = {
        "instruction": widgets.Dropdown(options=miniature_vla.INSTRUCTIONS, value="either", description="say"),
        "decoding": widgets.Dropdown(options=heads.DECODINGS, value="sampled", description="decode"),
        "temperature": slider("temperature", 1, 0.1, 3, 0.1),
        "w": slider("share right", 0.5, 0, 1, 0.1),
        "seed": another_run(),
    }
    return Lab(controls, speak_and_draw)


def speak_and_draw(show, instruction: str, decoding: str, temperature: float, w: float, seed: int) -> str:
    """Trains the miniature, or finds it trained, and draws both PMFs and sixty paths."""
    task = CupAndTray(w=w)
    model = miniature_vla.train(task, seed, progress=lambda done: show(None, done))
    torch.manual_seed(seed)
    action, pmfs = model.act(instruction, 2000, decoding, temperature)
    rate, error = success_rate(action)
    picture, (first, second, right) = plots.figure(1, 3, width=9, height=3)
    offset = (model.tokenizer.values * heads.REACH).tolist()
    for ax, pmf, title in (
        (first, pmfs[0, 0], "PMF of x₁"),
        (second, pmfs[0, 1], f"PMF of x₂ after x₁ = {action[0, 0]:.2f}"),
    ):
        ax.bar(offset, pmf[: miniature_vla.BINS].tolist(), width=0.05, color=Q)
        ax.set(xlabel="offset", yticks=[])
        ax.set_title(title, fontsize=10)
    plots.scene(right, action[:60], f"“{instruction}”, {decoding}: {rate:.1%} ± {error:.1%}")
    show(picture, 1.0)
    return (
        f"Lab: a miniature OpenVLA told “{instruction}”, decoded {decoding} at temperature {temperature:g}: success {rate:.1%} ± "
        f"{error:.1%}. Three pictures: the PMF of the first token, that of the second after it, and the paths of 60 actions."
    )
