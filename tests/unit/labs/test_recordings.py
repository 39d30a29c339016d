"""The recordings of the labs: what a lab does when it is run again, and what a page shows of it."""

import gzip
import json
import random
from itertools import chain

import chart_numbers
import pytest
import record
import torch

from helpers import labs
from helpers.charts import closed_loop
from helpers.labs import carrying, fits, instructions, learners, temperature, training_heads
from helpers.robot.cup_and_tray import success_rate

NAMES = [lab.__name__ for lab in labs.LABS]
NEAR = 1.5  # whole numbers, on average: another processor rounds otherwise, and a draw may fall to the other side


def recording(name: str) -> dict:
    return json.loads((record.FOLDER / f"{name}_lab.json").read_text())


def spec(name: str) -> dict:
    return getattr(labs, name)().recording.chart().spec


def flat(values) -> list[int]:
    return list(chain.from_iterable(map(flat, values))) if isinstance(values, list) else [values]


def apart(one: dict, other: dict) -> float:
    """How far two entries are from each other: of the column that differs most, the mean difference."""
    assert one.keys() == other.keys()
    pairs = ([flat(entry[name]) for entry in (one, other)] for name in one)
    return max(sum(abs(x - y) for x, y in zip(*pair, strict=True)) / len(pair[0]) for pair in pairs)


def test_all_recordings_are_small():
    assert sum(len(gzip.compress(path.read_bytes())) for path in record.FOLDER.glob("*.json")) <= record.MOST


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_offers_what_the_chart_and_the_lab_offer(name):
    lab, kept = getattr(labs, name)(), recording(name)
    assert kept["choices"] == record.grid(lab.recording.chart().spec)
    assert len(kept["entries"]) == len(record.combinations(kept["choices"]))
    assert {*kept["choices"]} | {*lab.recording.fixed} == {*lab.controls}  # no control of the lab is missing
    for control, values in kept["choices"].items():
        assert len(values) > 1
        for value in values:
            lab.controls[control].unobserve_all()
            lab.controls[control].value = value
            assert lab.controls[control].value == value  # and not the nearest that it can have


@pytest.mark.parametrize("name", NAMES)
def test_a_lab_that_is_run_again_does_what_is_recorded(name):
    kept = recording(name)
    place = random.randrange(len(kept["entries"]))
    values = record.combinations(kept["choices"])[place]
    again = record.entry(name, values)
    assert apart(again, kept["entries"][place]) < NEAR, values


@pytest.mark.parametrize("name", NAMES)
def test_another_entry_is_something_else(name):
    entries = recording(name)["entries"]
    assert apart(entries[0], entries[-4]) > 5 * NEAR  # as many demonstrations, another head


def shown(name: str, entry: dict, **setting) -> dict[str, float]:
    """The numbers of the chart that shows the entry."""
    found = chart_numbers.numbers(spec(name), recorded=entry, **{"guess": "given", **setting})
    return {key: value for key, (value, _) in found.items()}


def told(work, **values) -> list:
    """Everything that a run of a lab tells, from first to last."""
    stages = []
    last = work(lambda done, seen: None if seen is None else stages.append(seen), **values)
    return [*stages, last]


def test_the_chart_of_a_head_shows_its_success_at_every_stage():
    stages = told(training_heads.train, head="mixture", d=0.6, w=0.7, s=0.1, demonstrations=1000, seed=1)
    entry = training_heads.columns(stages)
    assert [seen.done for seen in stages] == pytest.approx([k / 10 for k in range(11)])
    for k in (0, 3, 10):
        assert shown("mode_averaging", entry, trained=10 * k)["success"] == pytest.approx(
            stages[k].success[0], abs=6e-4
        )
    last = torch.tensor(entry["actions"][-1]).T / training_heads.SCALE
    assert torch.allclose(last, stages[-1].action[: training_heads.RECORDED], atol=0.5 / training_heads.SCALE + 1e-6)
    first = torch.tensor(entry["shown"]).T / training_heads.SCALE
    assert torch.allclose(first, stages[0].examples[: training_heads.RECORDED], atol=0.5 / training_heads.SCALE + 1e-6)


def test_the_chart_of_the_temperature_shows_each_hundredth_step_as_a_shorter_training_ends():
    some = {"demonstrations": 50, "temperature": 2.0, "seed": 1}
    entry = temperature.columns(told(temperature.calibrate, steps=temperature.MOST, **some))
    seen = temperature.calibrate(lambda done, seen: None, steps=400, **some)
    numbers = shown("temperature_scaling", entry, steps=400)
    assert numbers["cross-entropy, nats"] == pytest.approx(seen.loss, abs=2e-3)
    assert numbers["calibration error"] == pytest.approx(seen.reliability.error, abs=2e-3)
    assert numbers["best T"] == pytest.approx(seen.best, rel=0.02)
    assert torch.allclose(torch.tensor(entry["right"][3]) / 1000, seen.right, atol=2e-3)


def test_the_chart_of_the_learners_shows_those_that_are_asked_for():
    for baseline in (0, 1):
        seen = learners.learn(lambda done, seen: None, baseline, 8.0, 16, 0.02, 0)
        numbers = shown("policy_gradients", learners.columns([seen]), step=100)
        assert numbers["mean success"] == pytest.approx(seen.success[bool(baseline)][20].mean().item(), abs=6e-4)
        assert numbers["the other 40"] == pytest.approx(seen.success[not baseline][20].mean().item(), abs=6e-4)
        assert (seen.success[bool(baseline)][20] > numbers["nine in ten reach"] - 6e-4).sum() in (36, 37)  # of 40


def test_the_chart_of_the_fits_counts_and_measures_them():
    (seen,) = told(fits.fit, direction="reverse", share=0.3, distance=1.0, seed=0)[-1:]
    entry = fits.columns([seen])
    for step in (0, 200, 400):
        numbers, values = shown("kl_direction", entry, step=step), fits.divergences(seen, step)
        mean = seen.path[step, :, 0]  # routes at -1 and 1
        assert abs(numbers["left"] - (mean < -0.5).sum()) <= ((mean + 0.5).abs() < 0.006).sum()
        assert abs(numbers["right"] - (mean > 0.5).sum()) <= ((mean - 0.5).abs() < 0.006).sum()
        assert numbers["left"] + numbers["between"] + numbers["right"] == 20
        assert numbers["least KL"] == pytest.approx(min(values), abs=6e-4)
        assert numbers["greatest"] == pytest.approx(max(values), abs=6e-4)


def test_the_chart_of_the_miniature_shows_what_it_does_and_believes():
    stages = told(instructions.speak, instruction="pass right", decoding="sampled", temperature=1.0, w=0.5, seed=0)
    entry = instructions.columns(stages)
    for k in (0, 10):
        numbers = shown("miniature_openvla", entry, trained=10 * k)
        assert numbers["success"] == pytest.approx(success_rate(stages[k].action)[0], abs=6e-4)
        assert numbers["its first x₁"] == pytest.approx(stages[k].action[0, 0].item(), abs=0.011)
        assert torch.allclose(torch.tensor(entry["pmfs"][k]) / 1000, stages[k].pmfs[0], atol=6e-4)
    assert success_rate(stages[-1].action)[0] > 0.9 > success_rate(stages[0].action)[0]


def test_the_chart_of_the_arm_shows_how_many_crash_and_where_the_cups_go():
    way = torch.zeros(4, 81, 2, dtype=torch.float64)
    way[:, :, 0] = torch.linspace(-0.2, 0.2, 81, dtype=torch.float64)
    way[0, 40:, 1] = 0.15
    joints = torch.rand(50, 4, 3, dtype=torch.float64)
    crash, delivered = torch.tensor([True, False, False, False]), torch.tensor([False, True, True, False])
    box = torch.tensor([0.5, -0.02])
    entry = carrying.columns([carrying.Seen("mse", 400, 12, 0.08, crash, delivered, way, [], joints, box)])
    numbers = shown("carry_cup", entry, demonstrations=400, time=30)
    assert numbers["crash"] == 0.25 and numbers["deliver"] == 0.5
    recorded = torch.tensor(entry["way"]).movedim(0, -1) / carrying.MM
    assert torch.allclose(recorded, way[:, ::3].float(), atol=6e-4)
    assert torch.allclose(torch.tensor(entry["joints"])[:, :, 5] / carrying.MM, joints[15].T.float(), atol=6e-4)
    assert torch.allclose(torch.tensor(entry["joints"])[:, :, -1] / carrying.MM, joints[-1].T.float(), atol=6e-4)
    assert entry["box"] == [500, -20] and entry["off"] == [1, 0, 0, 0]


def test_the_lab_and_the_measured_table_agree():
    """Two records of the same trainings, made by two tools: the first seed's rates."""
    kept, found = recording("carry_cup"), closed_loop.measured()
    for values, entry in zip(record.combinations(kept["choices"]), kept["entries"], strict=True):
        if values["demonstrations"] == found["demonstrations"]:
            crashes, delivered = found["cells"][values["head"]][0][found["executed"].index(values["executed"])]
            assert entry["crash"] == pytest.approx(1000 * crashes / found["episodes"], abs=20)
            assert entry["delivered"] == pytest.approx(1000 * delivered / found["episodes"], abs=20)
