"""The labs: every control reruns real code and none of its ends raises."""

import base64
import io
import math

import ipywidgets as widgets
import numpy as np
import pytest
import torch
from PIL import Image

from helpers import heads, labs
from helpers.labs import carrying, fits, learners, temperature
from helpers.labs import lab as one_lab
from helpers.page import mime, plots
from helpers.policies import carrier, reinforce


@pytest.fixture(scope="module")
def lab():
    lab = labs.mode_averaging()
    lab.run()
    return lab


def ends_and_middle(control: widgets.Widget) -> list:
    if hasattr(control, "options"):
        values = [option[1] if isinstance(option, tuple) else option for option in control.options]
        return [values[0], values[-1], values[len(values) // 2]]
    if isinstance(control, widgets.Checkbox):
        return [False, True]
    middle = (control.min + control.max) / 2
    return [control.min, control.max, int(middle) if isinstance(control, widgets.IntSlider) else middle]


def test_each_control_changes_the_picture_at_its_ends_and_in_the_middle(lab):
    lab.controls["head"].value = "mse"  # the quickest
    lab.controls["demonstrations"].value = 50
    for name, control in lab.controls.items():
        before = control.value
        seen = set()
        for value in ends_and_middle(control):
            control.value = value
            assert lab.status.value == "", name
            assert lab.progress.value == 1
            seen.add(lab.image.value)
        assert len(seen) > 1, f"{name} changes nothing"
        control.value = before


@pytest.mark.parametrize("head", heads.HEADS)
def test_every_head_trains_in_the_lab_and_is_shown_on_the_way(lab, head, monkeypatch):
    monkeypatch.setattr(one_lab, "PATIENCE", 0)
    shown = []
    lab.image.observe(lambda change: shown.append(change.new), "value")
    lab.controls["head"].value = "mixture" if head == "mse" else "mse"
    shown.clear()
    lab.controls["head"].value = head
    lab.image.unobserve_all("value")
    assert lab.status.value == ""
    assert len(shown) == one_lab.STAGES + 1  # what is not trained yet, nine on the way, one at the end
    assert head in lab.alt
    assert "success" in lab.alt


class Shown:
    """What a front end is told: the outputs of display() and of its updates, in order."""

    def __init__(self, monkeypatch):
        self.outputs = []
        monkeypatch.setattr(one_lab, "display", self.display)

    def display(self, bundle, raw, display_id):
        self.outputs.append((bundle, None))
        return self

    def update(self, bundle, metadata, raw):
        self.outputs.append((bundle, metadata))


def small_lab(work=lambda tell, value: value, **more) -> labs.Lab:
    return labs.Lab({"value": one_lab.slider("value", 0.5, 0, 1, 0.1)}, work, line, "Lab: a line to {}.".format, **more)


def line(value: float):
    picture, [ax] = plots.figure()
    ax.plot([0, value])
    return picture


def test_controls_and_bar_are_shown_before_the_work(monkeypatch):
    shown = Shown(monkeypatch)
    seen = []
    lab = small_lab(lambda tell, value: seen.append(len(shown.outputs)) or value)
    assert seen == []  # nothing is worked out for a lab that nobody displays
    lab._ipython_display_()
    assert seen == [1]
    view = {"version_major": 2, "version_minor": 0, "model_id": lab.box.model_id}
    assert all(bundle[mime.WIDGET] == view for bundle, _ in shown.outputs)
    assert lab.progress in lab.box.children


def test_work_that_takes_longer_is_shown_on_the_way(monkeypatch):
    now, shown = [0.0], []
    monkeypatch.setattr(one_lab.time, "monotonic", lambda: now[0])

    def work(tell, value):
        for step in range(8):
            now[0] += 0.4
            tell(step / 8, step)
        return value

    lab = small_lab(work)
    lab.draw = lambda seen: shown.append(seen) or line(seen)
    lab.run()
    assert shown == [2, 5, 0.5]  # whenever a second has passed without a new picture, and what came of it


def test_the_stored_picture_says_that_it_is_one(monkeypatch):
    shown = Shown(monkeypatch)
    lab = small_lab()
    lab._ipython_display_()
    bundle, about = shown.outputs[-1]
    stored = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert about["image/png"] == {"alt": "Lab: a line to 0.5."}
    assert mime.RECORDED not in bundle
    live = Image.open(io.BytesIO(lab.image.value))
    rows = lambda picture: (np.asarray(picture.convert("L"))[-20:] < 200).any(1).sum()  # in the bottom line: letters
    assert rows(stored) > 4
    assert lab.figure.get_supxlabel() == one_lab.STILL
    assert live.size == stored.size


def test_an_interrupted_lab_says_so_and_stops_the_cells_after_it(monkeypatch):
    Shown(monkeypatch)

    def work(tell, value):
        tell(0.5, None)
        raise KeyboardInterrupt

    lab = small_lab(work)
    with pytest.raises(KeyboardInterrupt):
        lab._ipython_display_()
    assert "Interrupted. Move a control" in lab.status.value
    lab.status.value = ""
    lab.controls["value"].value = 0.7  # a move: there is no cell to stop
    assert "Interrupted" in lab.status.value


@pytest.mark.parametrize("error", [ValueError, RuntimeError, ZeroDivisionError])
def test_a_lab_that_fails_is_shown_with_its_error_and_no_old_picture(monkeypatch, error):
    shown = Shown(monkeypatch)

    def work(tell, value):
        if value != 0.5:
            return value
        raise error("given <b>, expected & mend")

    lab = small_lab(work)
    lab._ipython_display_()
    assert "image/png" not in shown.outputs[-1][0]
    assert "given &lt;b&gt;, expected &amp; mend" in lab.status.value
    lab.controls["value"].value = 0.7
    assert lab.image.value
    assert lab.status.value == ""
    lab.controls["value"].value = 0.5
    assert lab.image.value == b""


@pytest.mark.parametrize(
    ("build", "quick", "word"),
    [
        (labs.temperature_scaling, {"steps": 20}, "calibration error"),
        (labs.policy_gradients, {"batch": 4}, "baseline"),
        (labs.kl_direction, {"direction": "forward"}, "nats"),
        (labs.miniature_openvla, {"decoding": "greedy"}, "success"),
    ],
)
def test_every_control_of_a_lab_reruns_it_at_its_ends(build, quick, word):
    lab = build()
    lab.run()
    for name, value in quick.items():
        lab.controls[name].value = value
    for name, control in lab.controls.items():
        before, seen = control.value, set()
        for value in ends_and_middle(control):
            control.value = value
            assert lab.status.value == "", name
            assert word in lab.alt
            assert lab.progress.value == 1
            seen.add(lab.image.value)
        assert len(seen) > 1, f"{name} changes nothing"
        control.value = before


def test_every_control_of_the_arms_lab_reruns_it_at_its_ends(monkeypatch):
    monkeypatch.setattr(carrying, "EPISODES", 3)  # what it learns and how well is measured elsewhere
    monkeypatch.setattr(carrier, "CARRYING", {name: row._replace(steps=20) for name, row in carrier.CARRYING.items()})
    monkeypatch.setattr(carrier, "TRAINED", {})
    lab = labs.carry_cup()
    lab.controls["demonstrations"].value = 50
    for name, control in lab.controls.items():
        before, seen = control.value, set()
        for value in ends_and_middle(control):
            control.value = value
            assert lab.status.value == "", name
            assert "of 3 crash" in lab.alt and lab.progress.value == 1
            seen.add(lab.image.value)
        assert len(seen) > 1, f"{name} changes nothing"
        control.value = before


def unseen(done, seen):
    """What is told on the way to somebody who does not look."""


@pytest.mark.parametrize(("direction", "answer"), [("forward", 0.3181), ("reverse", 0.8069)])
def test_the_labs_divergence_has_the_direction_it_names(direction, answer):
    p, q = torch.distributions.Normal(0.0, 0.5), torch.tensor([0.0, 1.0], dtype=torch.float64)
    assert fits.divergence(p, q, direction) == pytest.approx(answer, abs=5e-5)


def test_fits_to_one_mode_are_told_on_the_side_of_that_mode(monkeypatch):
    monkeypatch.setattr(fits, "FITS", 3)
    assert "0 left, 3 right; KL 0.00" in fits.words(fits.fit(unseen, "reverse", 1.0, 1.0, 0))


@pytest.mark.parametrize("baseline", [False, True])
def test_the_two_curves_of_the_policy_gradient_lab_keep_their_names(baseline):
    said = learners.words(learners.learn(unseen, baseline, 8.0, 16, 0.02, 0))
    share = {}
    for chosen in (False, True):
        torch.manual_seed(0)
        success, _ = reinforce.learn(learners.LEARNERS, 200, 16, 0.02, 8.0, chosen)
        share[chosen] = f"{success[-1].mean().item():.1%}"
    names = {True: "with baseline", False: "without"}
    assert f"they succeed: {share[baseline]} {names[baseline]}, {share[not baseline]} {names[not baseline]}." in said


def test_a_high_temperature_flattens_the_labs_head():
    assert temperature.calibrate(unseen, 500, 100, 100.0, 0).loss == pytest.approx(math.log(2), abs=0.02)
