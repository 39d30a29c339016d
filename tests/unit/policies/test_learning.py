"""The learners behind the labs of notebooks 02 and 04: policy gradient, and a Gaussian fitted in either direction."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import Normal

from helpers.policies import gaussian_fit, reinforce
from helpers.robot.cup_and_tray import crashes

DOUBLE = {"dtype": torch.float64}


@pytest.mark.parametrize(("mean", "spread"), [((0.2, 0.2), 0.3), ((0.6, 0.6), 0.25), ((-0.5, 0.9), 0.5)])
def test_success_probability_is_the_share_of_paths_that_pass(mean, spread):
    torch.manual_seed(0)
    mean = torch.tensor(mean)
    passed = (~crashes(Normal(mean, spread).sample((200_000,)))).double()
    error = passed.std().item() / 200_000**0.5
    assert reinforce.success_probability(mean, spread).item() == pytest.approx(passed.mean().item(), abs=4 * error)


def test_success_probability_takes_a_list_and_batches():
    mean = torch.tensor([[0.6, 0.6], [-0.2, 0.3]])
    one, two = reinforce.success_probability(mean, 0.25)
    assert reinforce.success_probability([0.6, 0.6], spread=0.25) == one
    assert reinforce.success_probability(mean[1], torch.tensor(0.25)) == two


@pytest.mark.parametrize("baseline", [True, False])
def test_the_mean_step_is_up_the_gradient_of_the_success_probability(baseline):
    torch.manual_seed(0)
    start = torch.full((2,), 0.2, **DOUBLE, requires_grad=True)
    (gradient,) = torch.autograd.grad(reinforce.success_probability(start), start)
    _, way = reinforce.learn(100_000, 1, 2, 0.01, 0.0, baseline)
    step = (way[-1].double() - start.detach()) / 0.01
    error = step.std(0) / 100_000**0.5
    assert error.max() < 0.02 * gradient.min()
    assert ((step.mean(0) - gradient).abs() < 4 * error).all()


@pytest.mark.parametrize(("bonus", "outcome"), [(0.0, "crash"), (-1.0, "pass")])
def test_what_pays_nothing_moves_nothing(bonus, outcome):
    """Without a baseline: passing pays 1 + bonus and a crash the bonus, so that both draws may be worth 0."""
    torch.manual_seed(0)
    success, way = reinforce.learn(40_000, 1, 2, 0.01, bonus, False)
    still = (way[-1] == 0.2).all(-1).double().mean().item()
    chance = success[0, 0].item() if outcome == "pass" else 1 - success[0, 0].item()
    assert still == pytest.approx(chance**2, abs=4 * (chance**2 * (1 - chance**2) / 40_000) ** 0.5)


def test_policy_gradient_learns_to_pass():
    torch.manual_seed(0)
    seen = []
    success, way = reinforce.learn(20, 200, 16, 0.02, 0.0, True, seen.append)
    assert success.shape == (41, 20)
    assert way.shape == (201, 20, 2)
    for measured, step in ((0, 0), (1, 5), (-1, -1)):
        assert torch.allclose(success[measured], reinforce.success_probability(way[step]))
    assert seen == pytest.approx([k / 40 for k in range(1, 41)])
    assert success[0].max() == pytest.approx(0.19, abs=0.01)
    assert success[-1].min() > 0.95


def test_a_bonus_cancels_with_the_baseline_and_hurts_without():
    curves = {}
    for baseline in (True, False):
        for bonus in (0.0, 8.0):
            torch.manual_seed(0)
            curves[baseline, bonus] = reinforce.learn(40, 100, 16, 0.02, bonus, baseline)[0]
    assert torch.allclose(curves[True, 0.0], curves[True, 8.0], atol=1e-3)
    assert curves[False, 8.0][-1].mean() < curves[False, 0.0][-1].mean() - 0.1
    assert curves[False, 8.0][-1].std() > 5 * curves[True, 8.0][-1].std()


def test_forward_fits_end_at_the_moments():
    torch.manual_seed(0)
    p = gaussian_fit.two_modes(0.3, 1.0)
    path = gaussian_fit.fit(p, "forward", 8)
    assert path.shape == (401, 8, 2)
    assert path[-1, :, 0].tolist() == pytest.approx([-0.4] * 8, abs=0.06)
    assert path[-1, :, 1].tolist() == pytest.approx([0.95] * 8, abs=0.04)


def test_fits_start_at_normal_means_with_spread_one_half_and_report_their_way():
    torch.manual_seed(0)
    seen = []
    progress = lambda done, path: seen.append((done, len(path)))
    path = gaussian_fit.fit(gaussian_fit.two_modes(0.3, 1.0), "reverse", 2000, 2, progress)
    assert stats.kstest(path[0, :, 0].numpy(), "norm").pvalue > 0.01
    assert path[0, :, 1].tolist() == pytest.approx([0.5] * 2000)
    assert seen == [(0.5, 2), (1.0, 3)]


@pytest.mark.parametrize("direction", gaussian_fit.DIRECTIONS)
def test_a_fit_reports_after_each_quarter_and_is_the_same_if_nobody_listens(direction):
    p, ways, seen = gaussian_fit.two_modes(0.3, 1.0), [], []
    for progress in ({}, {"progress": lambda done, path: seen.append((done, len(path)))}):
        torch.manual_seed(0)
        ways.append(gaussian_fit.fit(p, direction, 3, 10, **progress))
    assert torch.equal(*ways)
    assert seen == [(0.3, 4), (0.6, 7), (0.9, 10), (1.0, 11)]


def test_a_fit_has_its_stated_number_of_steps():
    assert len(gaussian_fit.fit(gaussian_fit.two_modes(0.3, 1.0), "reverse", 1)) == gaussian_fit.STEPS + 1


def test_counts_of_any_kind_are_taken():
    success, way = reinforce.learn(np.int64(3), 5.0, np.int32(4), 0.02, 0, True)
    assert (success.shape, way.shape) == ((2, 3), (6, 3, 2))
    assert gaussian_fit.fit(gaussian_fit.two_modes(0.3, 1.0), "reverse", 2.0, np.int64(3)).shape == (4, 2, 2)


def test_reverse_fits_split_between_the_modes():
    torch.manual_seed(0)
    p = gaussian_fit.two_modes(0.3, 1.0)
    end = gaussian_fit.fit(p, "reverse", 20)[-1]
    assert end[:, 0].abs().tolist() == pytest.approx([1.0] * 20, abs=0.06)
    assert end[:, 1].tolist() == pytest.approx([0.25] * 20, abs=0.04)
    assert 4 <= (end[:, 0] > 0).sum() <= 16  # 20 fair coins: 0.26 % lie outside


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: reinforce.learn(1, 1, 1, 0.1, 0.0, True), "batch"),
        (lambda: reinforce.learn(1, 1, 2, 0.0, 0.0, True), "rate"),
        (lambda: reinforce.success_probability(0.6), r"mean has shape \(\); expected \(\.\.\., 2\)"),
        (lambda: reinforce.success_probability([0.6, 0.6, 0.6]), r"mean has shape \(3,\)"),
        (lambda: reinforce.success_probability([0.6, 0.6], spread=-1), r"spread = -1\.0; .*\(0, inf\)"),
        (lambda: reinforce.success_probability([0.6, 0.6], [0.3, 0.3]), "spread is .*one number"),
        (lambda: gaussian_fit.two_modes(1.5, 1), "share"),
        (lambda: gaussian_fit.two_modes(0.5, -1), "distance"),
        (lambda: gaussian_fit.fit(gaussian_fit.two_modes(0.5, 1), "sideways", 2), "forward, reverse"),
    ],
)
def test_refusals_say_what_was_expected(call, word):
    with pytest.raises(ValueError, match=word):
        call()
