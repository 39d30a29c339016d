"""Replanning in the plane, against Bayes' rule added up on a grid and runs that know no formula of it."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from helpers.robot import replanning
from helpers.robot.cup_and_tray import HALF_WIDTH, CupAndTray
from helpers.theory import transport

GOALS = torch.linspace(-1.6, 1.6, 1601, dtype=torch.float64)
DOUBLE = {"dtype": torch.float64}
CRASH = {  # the start's scatter: crash rate for 1, 2, 5, 10, 20, 50 and 200 plans, from 400,000 runs of a prototype
    0.001: (1, 1, 1, 1, 1, 1, 0.106),
    0.02: (1, 1, 0.825, 0.145, 0.0247, 0.0040, 0.0006),
    0.05: (1, 0.9988, 0.128, 0.0212, 0.0054, 0.0013, 0.0004),
    0.2: (1, 0.182, 0.0195, 0.0054, 0.0018, 0.0007, 0.0003),
}


def posterior(x: torch.Tensor, r: float, scatter: float, hidden: float = 0.0) -> torch.Tensor:
    """p(side, goal | x), left first, on GOALS: (..., 2, 1601), from the demonstrator's density and that of x around r times the goal."""
    task = CupAndTray()
    prior = Normal(torch.tensor([[-task.d], [task.d]], **DOUBLE), task.s).log_prob(GOALS)
    seen = Normal(r * GOALS, math.hypot((1 - r) * scatter, hidden)).log_prob(x.unsqueeze(-1)).unsqueeze(-2)
    return (prior + seen).flatten(-2).softmax(-1).unflatten(-1, (2, -1))


@pytest.mark.parametrize("hidden", [0.0, 0.1])
@pytest.mark.parametrize(("r", "scatter"), [(0.0, 0.05), (0.2, 0.05), (0.5, 0.02), (0.9, 0.2)])
def test_what_x_tells_is_bayes_rule(r, scatter, hidden):
    x = torch.tensor([-0.4, -0.05, 0.0, 0.01, 0.2], **DOUBLE) * max(r, 0.2)
    p, b = posterior(x, r, scatter, hidden), replanning.believed(x, r, scatter, hidden)
    right = p[:, 1].sum(-1)
    torch.testing.assert_close((1 + b.lean.tanh()) / 2, right, atol=1e-4, rtol=0)
    torch.testing.assert_close(replanning.mean(b), p.sum(-2) @ GOALS, atol=1e-4, rtol=0)
    side = p[:, 1] / right[:, None]
    inside = right > 1e-6
    centre = side @ GOALS
    spread = ((side * (GOALS - centre[:, None]) ** 2).sum(-1)).sqrt()
    torch.testing.assert_close((b.middle + b.half)[inside], centre[inside], atol=1e-3, rtol=0)
    torch.testing.assert_close(
        torch.as_tensor(b.spread, **DOUBLE).expand(len(x))[inside], spread[inside], atol=1e-3, rtol=0
    )


def simulated(plans: int, scatter: float, runs: int = 50_000) -> float:
    """The crash rate of squared error, its answer read from a table that Bayes' rule fills."""
    rng = np.random.default_rng(plans)
    x = scatter * rng.standard_normal(runs)
    table = torch.linspace(-1.2, 1.2, 4801, **DOUBLE)
    for k in range(plans):
        near = table[(table >= x.min() - 1e-3) & (table <= x.max() + 1e-3)]
        answer = posterior(near, k / plans, scatter).sum(-2) @ GOALS
        x = x + (np.interp(x, near, answer) - x) / (plans - k)
    return float((np.abs(x) < HALF_WIDTH).mean())


@pytest.mark.parametrize("scatter", CRASH)
def test_crash_rate_of_squared_error_is_that_of_runs(scatter):
    for plans, known in zip((1, 2, 5, 10, 20, 50, 200), CRASH[scatter], strict=True):
        exact = replanning.crash_rate(replanning.mean, plans, scatter)
        assert exact == pytest.approx(known, abs=4 * math.sqrt(known * (1 - known) / 400_000) + 6e-5)
        if plans <= 20 and scatter > 0.01:  # a finer grid than this it would take
            found = simulated(plans, scatter)
            assert exact == pytest.approx(
                found, abs=4 * math.sqrt(max(found, 1e-3) * (1 - min(found, 1)) / 50_000) + 1e-3
            )


@pytest.mark.parametrize("plans", [1, 2, 5, 20])
def test_with_a_start_of_spread_1_it_is_the_flow_of_page_08(plans):
    """helpers/theory/transport.py has the flow's step for a coordinate whose modes are at -d and d."""
    torch.manual_seed(0)
    way = replanning.replan(replanning.mean, plans, 1.0, 200)
    u = way[:, 0]
    for k in range(plans):
        u = transport.taken(u, transport.flow_step(1 - k / plans, plans, 0.6, 0.1), 0.0)
        torch.testing.assert_close(way[:, k + 1], u)


def flow(steps: int):
    return lambda belief: replanning.flow(belief, torch.randn_like(belief.lean), steps)


def draw(belief):
    return replanning.sampled(belief, torch.rand_like(belief.lean), torch.randn_like(belief.lean))


def test_a_flow_of_one_step_is_squared_error():
    b = replanning.believed(torch.linspace(-0.3, 0.3, 50, **DOUBLE), 0.3, 0.05)
    torch.testing.assert_close(flow(1)(b), replanning.mean(b))


@pytest.mark.parametrize("head", [flow(400), draw], ids=["flow", "sampled"])
def test_a_head_that_draws_has_the_posteriors_distribution(head):
    torch.manual_seed(0)
    x = torch.full((40_000,), 0.004, **DOUBLE)
    b = replanning.believed(x, 0.2, 0.05)
    p, found = posterior(x[:1], 0.2, 0.05)[0].sum(0), head(b)
    share = p[GOALS > 0].sum().item()
    assert (found > 0).double().mean().item() == pytest.approx(share, abs=0.01)
    for power in (1, 2):
        assert (found**power).mean().item() == pytest.approx((p @ GOALS**power).item(), abs=0.01)


@pytest.mark.parametrize("plans", [1, 5, 20])
def test_sampling_crashes_as_often_as_the_demonstrator(plans):
    torch.manual_seed(0)
    end = replanning.replan(draw, plans, 0.05, 400_000)[:, -1]
    demonstrator = CupAndTray().demonstrator.component_distribution.base_dist
    exact = (demonstrator.cdf(torch.tensor(0.25)) - demonstrator.cdf(torch.tensor(-0.25))).mean().item()
    assert replanning.demonstrators_rate() == pytest.approx(exact, abs=1e-7)
    assert (end.abs() < HALF_WIDTH).double().mean().item() == pytest.approx(exact, abs=1.2e-4)


def test_absolute_error_commits():
    rates = [replanning.crash_rate(replanning.median, n, 0.05) for n in (1, 2, 3, 4, 5)]
    assert rates == pytest.approx([1, 0.9999, 0.21, 0.014, 0.0003], abs=0.005)  # an independent reader's, by hand
    assert replanning.crash_rate(replanning.median, 10, 0.05) < 1e-6


@pytest.mark.parametrize(("r", "scatter"), [(0.0, 0.05), (0.2, 0.05), (0.5, 0.02), (0.05, 0.001), (0.9, 0.2)])
def test_absolute_error_asks_for_the_median(r, scatter):
    x = torch.tensor([-0.05, 0.0, 0.002, 0.01, 0.2], **DOUBLE) * max(r, 0.2)
    below = posterior(x, r, scatter).sum(-2).cumsum(-1)
    found = GOALS[(below >= 0.5).int().argmax(-1)]
    b = replanning.believed(x, r, scatter)
    even = b.lean == 0  # every place between the routes is a median then; the middle is taken
    torch.testing.assert_close(replanning.median(b)[~even], found[~even], atol=0.004, rtol=0)
    assert (replanning.median(b)[even].abs() < 1e-9).all()


def test_what_it_cannot_see_brings_the_averaging_back():
    torch.manual_seed(0)
    rate = lambda hidden: (
        (replanning.replan(replanning.mean, 20, 0.05, 20_000, hidden)[:, -1].abs() < HALF_WIDTH).double().mean().item()
    )
    assert rate(0.05) < rate(0.0) < 0.01 < 0.1 < rate(0.3) < 0.5 < rate(1.0)


def test_more_plans_end_with_the_demonstrators_distribution():
    torch.manual_seed(0)
    end = replanning.replan(replanning.mean, 400, 0.2, 20_000)[:, -1]
    assert (end > 0).double().mean().item() == pytest.approx(0.5, abs=0.02)
    assert end[end > 0].mean().item() == pytest.approx(0.6, abs=0.01)
    assert end[end > 0].std().item() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({"plans": 0}, "plans = 0"),
        ({"runs": 0}, "runs = 0"),
        ({"scatter": 0.0}, "scatter = 0"),
        ({"hidden": -1.0}, "hidden = -1"),
    ],
)
def test_bad_input_is_refused(what, words):
    with pytest.raises(ValueError, match=words):
        replanning.replan(replanning.mean, **({"plans": 2, "scatter": 0.1, "runs": 3} | what))
