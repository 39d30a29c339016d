"""Calibration against cases counted by hand and a temperature that is known."""

import math

import pytest
import torch
from torch.nn import functional as F

from helpers.policies.calibration import fit_temperature, reliability, teacher, train_head


def test_reliability_counts_by_hand():
    p = torch.tensor([[0.95, 0.05], [0.95, 0.05], [0.35, 0.65], [0.4, 0.6]])
    found = reliability(p.log(), torch.tensor([0, 1, 1, 1]), bins=5)
    assert found.share.tolist() == pytest.approx([0, 0, 0, 0.5, 0.5])
    assert found.confidence[3:].tolist() == pytest.approx([0.625, 0.95])
    assert found.accuracy[3:].tolist() == pytest.approx([1.0, 0.5])
    assert found.error == pytest.approx(0.5 * 0.375 + 0.5 * 0.45)


def test_a_head_that_is_certain_lands_in_the_top_bin():
    found = reliability(torch.tensor([[200.0, 0.0], [0.0, 200.0]]), torch.tensor([0, 0]), bins=4)
    assert (found.share.tolist(), found.confidence.tolist()) == ([0, 0, 0, 1], [0, 0, 0, 1])
    assert found.error == 0.5


def test_temperature_stops_at_the_ends_of_its_range():
    """A head that is always right cannot be sharpened enough, one that is always wrong not flattened enough."""
    logits = torch.tensor([[0.1, 0.0]] * 3)
    assert fit_temperature(logits, torch.tensor([0, 0, 0])) == pytest.approx(0.05, rel=1e-3)
    assert fit_temperature(logits, torch.tensor([1, 1, 1])) == pytest.approx(20, rel=1e-3)


def test_a_truthful_head_is_calibrated_and_a_sharpened_one_too_sure():
    torch.manual_seed(0)
    offset, way = teacher(100_000)
    truth = torch.cat([torch.zeros_like(offset), 4 * offset], -1)
    assert reliability(truth, way).error < 0.01
    sharp = reliability(3 * truth, way)
    some = sharp.share > 0.001
    assert (sharp.confidence > sharp.accuracy)[some].all()


@pytest.mark.parametrize("temperature", [0.3, 1.0, 3.0])
def test_fitted_temperature_undoes_a_known_one(temperature):
    torch.manual_seed(0)
    offset, way = teacher(50_000)
    logits = temperature * torch.cat([torch.zeros_like(offset), 4 * offset], -1)
    fitted = fit_temperature(logits, way)
    assert fitted == pytest.approx(temperature, rel=0.04)
    assert F.cross_entropy(logits / fitted, way) <= F.cross_entropy(logits, way)


def test_teacher_passes_right_by_the_stated_rule():
    torch.manual_seed(0)
    offset, way = teacher(100_000)
    near = ((offset - 0.5).abs() < 0.02).squeeze()
    expected = 1 / (1 + math.exp(-2))
    error = math.sqrt(expected * (1 - expected) / near.sum().item())
    assert way[near].double().mean().item() == pytest.approx(expected, abs=4 * error + 0.002)


def test_training_lowers_the_loss_and_reports_progress():
    torch.manual_seed(0)
    seen = []
    offset, way = teacher(200)
    network = train_head(offset, way, 100, progress=lambda done, network: seen.append(done))
    assert F.cross_entropy(network(offset), way).item() < 0.55
    assert seen == [0.5, 1.0]  # after 50 steps and after 100


def test_progress_ends_at_one_whatever_the_number_of_steps():
    seen = []
    for steps in (120, 3):
        train_head(*teacher(20), steps, progress=lambda done, network: seen.append(done))
    assert seen == pytest.approx([50 / 120, 100 / 120, 1, 1])


def test_refusals_say_what_was_expected():
    logits, target = torch.zeros(3, 2), torch.tensor([0, 1, 1])
    bad = [(torch.zeros(3), target), (logits, target[:2]), (logits, target.float()), (logits[:0], target[:0]), (logits, target + 1), (logits, target - 1),
           (torch.full((3, 2), math.nan), target)]  # fmt: skip
    for arguments in bad:
        with pytest.raises(ValueError, match="expected"):
            reliability(*arguments)
        with pytest.raises(ValueError, match="expected"):
            fit_temperature(*arguments)
    with pytest.raises(ValueError, match="target is 'left'"):
        reliability(logits, "left")
    with pytest.raises(ValueError, match="bins"):
        reliability(logits, target, bins=0)
    with pytest.raises(ValueError, match="whole number"):
        teacher(0)


def test_the_cup_starts_anywhere_from_left_to_right():
    torch.manual_seed(0)
    offset, _ = teacher(40_000)
    quartiles = offset.quantile(torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0]))
    assert torch.allclose(quartiles, torch.linspace(-1, 1, 5), atol=0.02)
