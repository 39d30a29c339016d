"""Numbers that the text states and no cell prints."""

import itertools
import json
import math

import numpy as np
import pytest
import torch
from common import ROOT
from torch.distributions import Categorical, MultivariateNormal, Normal, kl_divergence

from helpers import heads
from helpers.charts import closed_loop
from helpers.charts.entropy import LOGITS
from helpers.labs.fits import fit
from helpers.labs.temperature import calibrate
from helpers.policies import gaussian_fit, world_model
from helpers.policies.cvae import SPREAD
from helpers.policies.reinforce import success_probability
from helpers.robot import replanning
from helpers.robot.cup_and_tray import HALF_WIDTH, CupAndTray, crashes
from helpers.robot.table import BOX, CUP, USUAL

DOUBLE = {"dtype": torch.float64}


def bumps(step: int) -> int:
    """Local maxima of the demonstrator's x1 after that many noising steps."""
    alpha_bar = (1 - heads.cosine_schedule(20).double()).cumprod(0)[step - 1]
    x = torch.linspace(-3, 3, 6001, **DOUBLE)
    spread = (alpha_bar * 0.01 + 1 - alpha_bar).sqrt()
    density = sum(Normal(side * 0.6 * alpha_bar.sqrt(), spread).log_prob(x).exp() for side in (-1, 1))
    inner = density[1:-1]
    return ((inner > density[:-2]) & (inner > density[2:])).sum().item()


def test_notebook_01_the_average_of_the_demonstrations_and_where_it_leads():
    means = [CupAndTray(w=w).demonstrator.mean for w in (0.8, 0.7)]
    assert [mean[0].item() for mean in means] == pytest.approx([0.36, 0.24])
    assert [crashes(mean).item() for mean in means] == [False, True]


def test_notebook_01_the_share_of_a_gaussian_that_is_further_out():
    covariance = torch.tensor([[1.0, 0.42], [0.42, 0.36]], **DOUBLE)
    squared = lambda x: (x @ torch.linalg.inv(covariance) * x).sum(-1)  # of a draw in the plane: exponential, of mean 2
    beyond = [(-squared(torch.tensor([1.0, x2], **DOUBLE)) / 2).exp().item() for x2 in (0.5, -0.5)]
    assert beyond[0] > 0.55  # more than half
    assert beyond[1] == pytest.approx(0.061, abs=0.0005)
    draws = squared(MultivariateNormal(torch.zeros(2, **DOUBLE), covariance).sample((200_000,)))
    further = [(draws > -2 * math.log(share)).double().mean().item() for share in beyond]
    assert further == pytest.approx(beyond, abs=0.005)  # four standard errors


def test_notebook_01_the_two_bumps_become_one_at_step_7():
    assert [bumps(step) for step in (4, 6, 7, 20)] == [2, 2, 1, 1]


def test_notebook_01_the_share_of_the_variance_that_is_signal_after_four_steps():
    alpha_bar = (1 - heads.cosine_schedule(20).double()).cumprod(0)[3].item()
    demonstrations = CupAndTray().demonstrator.variance[0].item()
    assert alpha_bar == pytest.approx(0.90, abs=0.005)
    assert demonstrations == pytest.approx(0.37, abs=0.005)
    assert alpha_bar * demonstrations / (alpha_bar * demonstrations + 1 - alpha_bar) == pytest.approx(0.77, abs=0.005)


@pytest.mark.parametrize(("n", "behind", "tie"), [(10, 0.0705, 0.1197), (30, 0.0144, 0.0179)])
def test_notebook_02_how_often_mine_is_not_ahead(n, behind, tie):
    crashes_of = [torch.distributions.Binomial(n, torch.tensor(rate, **DOUBLE)) for rate in (0.1, 0.3)]
    mine, old = (binomial.log_prob(torch.arange(n + 1, **DOUBLE)).exp() for binomial in crashes_of)
    together = torch.outer(mine, old)
    assert together.tril(-1).sum().item() == pytest.approx(behind, abs=5e-5)
    assert together.trace().item() == pytest.approx(tie, abs=5e-5)


def test_notebook_02_the_difference_falls_short_of_two_errors_half_of_the_time():
    mine, old = torch.distributions.Binomial(30, torch.tensor([0.1, 0.3])).sample((40_000,)).unbind(-1)
    short = (old - mine) / 30 < 2 * (0.3 / 30) ** 0.5
    assert short.float().mean().item() == pytest.approx(0.5, abs=0.1)
    mine, old = torch.distributions.Binomial(60, torch.tensor([0.1, 0.3])).sample((40_000,)).unbind(-1)
    ahead = (old - mine) / 60 >= 2 * (0.3 / 60) ** 0.5
    assert ahead.float().mean().item() == pytest.approx(0.8, abs=0.05)


def test_notebook_02_the_band_after_16_and_64_trials():
    crash = 1 - success_probability(torch.tensor([0.6, 0.6], **DOUBLE), 0.25).item()
    band = [(crash * (1 - crash) / n) ** 0.5 for n in (16, 64)]
    assert band == pytest.approx([0.090, 0.045], abs=0.0006)


def test_notebook_02_hardly_any_demonstration_passes_near_the_mean():
    x1 = CupAndTray(w=0.7).demonstrations(400_000)[:, 0]
    near = ((x1 - CupAndTray(w=0.7).demonstrator.mean[0]).abs() < 0.1).float().mean().item()
    assert near == pytest.approx(0.003, abs=0.0005)


def test_notebook_03_no_bet_beats_the_demonstrators_own_shares():
    bets = torch.cartesian_prod(*[torch.arange(1, 100, **DOUBLE) / 100] * 2)
    bets = bets[bets.sum(-1) <= 1]
    paid = -(bets.log() @ torch.tensor([0.7, 0.3], **DOUBLE))
    assert bets[paid.argmin()].tolist() == [0.7, 0.3]
    assert paid.min().item() == pytest.approx(0.611, abs=5e-4)


@pytest.mark.parametrize(("temperature", "choices"), [(0.31, 2), (0.75, 4)])
def test_notebook_03_the_temperatures_of_two_and_of_four_choices(temperature, choices):
    q = Categorical(logits=torch.tensor(LOGITS, **DOUBLE) / temperature)
    assert q.entropy().exp().item() == pytest.approx(choices, abs=0.05)


@pytest.mark.parametrize("wrong", [0.0, 0.6])
def test_notebook_03_a_temperature_mends_a_policy_that_is_too_sure_and_not_one_that_is_wrong_about_where(wrong):
    o = torch.linspace(-1, 1, 401, **DOUBLE)
    right, logit = (4 * o).sigmoid(), 16 * o + 8 * wrong * torch.sin(7 * o)
    loss = lambda z: torch.nn.functional.binary_cross_entropy_with_logits(z, right).item()
    best = min(loss(logit / (t / 10)) for t in range(5, 81))
    assert (best == pytest.approx(loss(4 * o), abs=1e-6)) == (wrong == 0)


def test_notebook_03_what_a_million_times_the_variance_adds():
    assert Normal(0.0, 1000.0).entropy().item() - Normal(0.0, 1.0).entropy().item() == pytest.approx(6.908, abs=1e-3)


@pytest.mark.parametrize("std", [0.6, 1.4])
def test_notebook_04_a_ball_a_little_to_the_right_still_rolls_left_in_reverse(std):
    way = gaussian_fit.roll(gaussian_fit.two_modes(0.3, 1.0), "reverse", torch.tensor([[0.2, std]]), 12)
    assert way[-1, 0].tolist() == pytest.approx([-1, 0.25], abs=0.01)


def test_notebook_04_twice_the_steps_are_3_4_times_as_many_off_course():
    off = [(1 - 0.99 ** torch.arange(1, steps + 1, **DOUBLE)).sum().item() for steps in (50, 100)]
    assert off[0] == pytest.approx(10.9, abs=0.05)
    assert off[1] == pytest.approx(37.2, abs=0.05)
    assert off[1] / off[0] == pytest.approx(3.4, abs=0.05)


@pytest.mark.parametrize(("mean", "times"), [(1.0, 21.75), (0.0, 3.75)])
def test_notebook_05_how_many_times_as_many_draws_the_score_function_needs(mean, times):
    z = mean + 0.5 * torch.randn(2_000_000, **DOUBLE)
    score, path = z**2 * (z - mean) / 0.25, 2 * z
    assert (score.var() / path.var()).item() == pytest.approx(times, rel=0.02)


def test_notebook_05_the_largest_kl_of_two_values_with_unimix():
    certain = world_model.mixed(torch.tensor([100.0, -100.0], **DOUBLE))
    half = torch.full((2,), 0.5, **DOUBLE)
    worst = kl_divergence(Categorical(probs=certain), Categorical(probs=half)).item()
    assert worst == pytest.approx(0.662, abs=0.0005)


def test_page_08_the_steps_of_training():
    steps = {name: row.steps for name, row in heads.HEADS.items()}
    assert steps["full_gaussian"] == steps["diagonal_gaussian"] == 400
    assert steps["flow"] == steps["diffusion"] == 3000 == max(steps.values())


def test_a_row_is_about_one_of_the_three_choices():
    assert {row.group for row in heads.HEADS.values()} == {"loss", "family", "decoding"}


def test_page_07_how_far_a_batch_strays_from_the_floor():
    p = Normal(torch.tensor([-0.6, 0.6], **DOUBLE), 0.1).cdf(torch.linspace(-1.2, 1.2, 49, **DOUBLE).unsqueeze(1))
    p = p.diff(dim=0).sum(1) / 2
    surprise = -p.clamp(min=1e-300).log()
    spread = ((p * surprise**2).sum() - (p * surprise).sum() ** 2).sqrt().item()
    assert spread == pytest.approx(0.7, abs=0.02)
    assert spread / 8 == pytest.approx(0.09, abs=0.005)


def test_page_05_where_the_linear_rule_puts_the_collapse_of_the_cup():
    covariance = torch.cov(CupAndTray().demonstrations(200_000).T.double())
    along = torch.linalg.eigvalsh(covariance)[-1].item()
    assert along == pytest.approx(0.73, abs=0.01)
    assert along / SPREAD**2 == pytest.approx(73, abs=1)


def test_page_07_without_zero_grad_the_loss_falls_first_and_then_climbs_above_its_beginning():
    torch.manual_seed(0)
    side = torch.where(torch.rand(4000) < 0.5, -0.6, 0.6)
    token = torch.bucketize(side + 0.1 * torch.randn(4000), torch.linspace(-1.2, 1.2, 49)[1:-1])
    network = torch.nn.Sequential(torch.nn.Linear(1, 32), torch.nn.Tanh(), torch.nn.Linear(32, 48))
    loss = lambda rows: torch.nn.functional.cross_entropy(network(torch.ones(len(rows), 1)), token[rows])
    optimizer, found = torch.optim.SGD(network.parameters(), lr=0.3), []
    for _ in range(101):
        found.append(loss(torch.arange(2000, 4000)).item())
        loss(torch.randint(2000, (64,))).backward()  # nobody empties the gradients
        optimizer.step()
    assert found[15] < found[0] - 0.5
    assert found[100] > found[0] + 0.5


@pytest.mark.parametrize(("demonstrations", "low", "high"), [(20, 19.5, 20.1), (5000, 0.9, 1.3)])
def test_page_03_what_the_lab_shows_of_few_and_of_many_demonstrations(demonstrations, low, high):
    seen = calibrate(lambda done, seen: None, demonstrations, steps=1500, temperature=1.0, seed=0)
    assert low < seen.best < high  # the best temperature, looked for up to 20


def test_page_04_nine_of_twenty_fits_end_on_the_rarer_route():
    seen = fit(lambda done, seen: None, "reverse", share=0.3, distance=1.0, seed=0)
    assert (seen.path[-1, :, 0] > 0).sum().item() == pytest.approx(9, abs=1)


def test_page_06_how_many_steps_contain_a_word_that_is_no_action():
    assert 1 - Categorical(torch.tensor([0.985, 0.015], **DOUBLE)).probs[0].item() ** 7 == pytest.approx(0.1, abs=0.005)


def test_page_09_how_often_the_arm_crashes():
    # for 1, 2, 3, 6 and 12 executed actions
    rates = {head: found["crash"] for head, found in closed_loop.arm_rates().items()}
    assert rates["mse"][0] == pytest.approx(0.01, abs=0.005) and rates["mse"][-1] > 0.95
    assert max(rates["l1"][:3]) < 0.015 and rates["l1"][-1] > 0.5
    assert rates["independent_bins"][-1] > 0.5
    assert rates["autoregressive_bins"][-1] == pytest.approx(1 / 12, abs=0.006)
    assert rates["flow"][-1] == pytest.approx(0.2, abs=0.03)
    assert rates["flow_longer"][-1] == pytest.approx(0.14, abs=0.006)
    for found in closed_loop.arm_rates().values():
        assert all(
            crash + delivered > 0.94 for crash, delivered in zip(found["crash"], found["delivered"], strict=True)
        )


def test_page_09_after_ten_actions_the_cup_is_beside_the_box():
    rng, steps = np.random.default_rng(0), []
    for _ in range(200):
        start, box = USUAL.start(rng), USUAL.box(rng)
        way = USUAL.demonstration(rng, start, box)
        steps.append(int((way[:, 0] > box[0] - BOX - CUP).argmax()))
    assert 9 <= np.median(steps) <= 11 == closed_loop.TO_THE_BOX + 1


def test_page_09_the_smaller_the_scatter_the_more_looks_it_takes():
    assert replanning.crash_rate(replanning.mean, 100, 0.001) == pytest.approx(0.5, abs=0.07)


def crashes_with(noise: float, looks: int = 20, scatter: float = 0.05, learned: float = 0.0) -> float:
    """How often squared error crashes that sees its place with noise, and has learned with that of spread `learned` and with starts
    that scatter by 0.05."""
    torch.manual_seed(0)
    x = scatter * torch.randn(40_000, **DOUBLE)
    for k in range(looks):
        belief = replanning.believed(x + noise * torch.randn_like(x), k / looks, 0.05, learned)
        x = replanning.moved(x, replanning.mean(belief), looks - k)
    return (x.abs() < HALF_WIDTH).double().mean().item()


def test_page_09_an_error_that_it_has_learned_with_helps_and_another_harms():
    exact, doubting, surprised = crashes_with(0), crashes_with(0, learned=0.05), crashes_with(0.05)
    assert crashes_with(0.05, learned=0.05) < exact
    assert doubting < exact  # so it is the doubt that helps, not the error
    assert surprised == pytest.approx(0.07, abs=0.006)


def test_page_09_a_policy_that_is_not_trained_again_for_the_jig():
    assert crashes_with(0, looks=10, scatter=0.001) == pytest.approx(0.8, abs=0.03)


def test_page_09_what_the_lab_shows_of_few_demonstrations():
    kept = json.loads((ROOT / "book" / "recordings" / "carry_cup_lab.json").read_text())
    combinations = itertools.product(*kept["choices"].values())
    crash = {key: entry["crash"] / 1000 for key, entry in zip(combinations, kept["entries"], strict=True)}
    said = {
        ("mse", 50, 12): 0.95, ("mse", 400, 12): 0.98, ("autoregressive_bins", 50, 12): 0.5,
        ("autoregressive_bins", 400, 12): 0.04, ("l1", 50, 6): 0.24, ("l1", 400, 6): 0.05,
    }  # fmt: skip
    assert {key: crash[key] for key in said} == pytest.approx(said, abs=0.006)
    assert (
        crash["flow", 50, 12] < crash["flow", 400, 12]
        and crash["independent_bins", 50, 12] < crash["independent_bins", 400, 12]
    )


def test_notebook_09_a_position_unseen_a_mean_of_goals_and_two_trainings():
    way = replanning.replan(replanning.mean, 20, 0.05, 20_000, 1.0)
    assert (way[:, -2].abs() < HALF_WIDTH).double().mean() > 0.88  # nine in ten, before the last plan
    assert replanning.crash_rate(replanning.mean, 10, 1.0) == pytest.approx(0.008, abs=0.0005)
    x, goals = 0.05 * torch.randn(20_000, **DOUBLE), []
    for k in range(5):
        goals.append(replanning.median(replanning.believed(x, k / 5, 0.05)))
        x = replanning.moved(x, torch.stack(goals).mean(0), 5 - k)
    assert (x.abs() < HALF_WIDTH).double().mean() == pytest.approx(0.16, abs=0.01)
    arm = closed_loop.arm_rates()
    assert arm["l1"]["crash"][closed_loop.EXECUTED.index(6)] == pytest.approx(0.08, abs=0.005)
    assert replanning.crash_rate(replanning.median, 2, 0.04) > 0.995
    flow, longer = (arm[name] for name in ("flow", "flow_longer"))
    assert flow["crash"][-1] - longer["crash"][-1] == pytest.approx(0.06, abs=0.005)
    assert (flow["error"][-1] ** 2 + longer["error"][-1] ** 2) ** 0.5 == pytest.approx(0.03, abs=0.005)


@pytest.mark.parametrize("page", ["lerobot", "teachers"])
def test_the_book_pages_no_crash_in_twenty(page):
    assert "3.4 %" in (ROOT / "book" / f"{page}.md").read_text()
    assert (1 - 0.034) ** 20 == pytest.approx(0.5, abs=0.005)  # every second time
