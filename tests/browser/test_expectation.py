"""Every number that notebook 02's live charts show, against torch, at the default, the middle and the ends."""

import pytest
import torch
from conftest import pseudo_random, set_signals, values
from torch.distributions import Normal

from helpers.estimators import gae
from helpers.tasks import crashes

PAGE = "notebooks/02_expectation.html"
DOUBLE = {"dtype": torch.float64}


@pytest.mark.parametrize(
    ("k", "seed", "tremble"), [(6, 1, 0.25), (0, 50, 0.05), (12, 50, 0.6), (9, 17, 0.4), (12, 3, 0.05)]
)
def test_monte_carlo(page, k, seed, tremble):
    set_signals(page, "monte_carlo", k=k, seed=seed, tremble=tremble)
    n = 2**k
    normal = Normal(torch.tensor(0.6, **DOUBLE), tremble)
    action = normal.icdf(torch.stack([pseudo_random(n, seed, stream) for stream in range(2)], -1))
    cost = crashes(action).double()
    right, left = 1 - normal.cdf(torch.tensor(0.25)), normal.cdf(torch.tensor(-0.25))
    exact = (1 - right**2 - left**2).item()
    expected = [n, cost.mean().item(), abs(cost.mean().item() - exact), (exact * (1 - exact) / n) ** 0.5]
    assert values(page, "monte_carlo") == pytest.approx(expected, abs=1e-6)


def gradient_moments(p1: float, b: float) -> tuple[torch.Tensor, float]:
    """Mean and total variance of REINFORCE's gradient over the four arms, by autograd."""
    probability = torch.tensor([p1] + [(1 - p1) / 3] * 3, **DOUBLE)
    rows = []
    for arm in range(4):
        logits = probability.log().requires_grad_()
        (((arm == 0) - b) * logits.log_softmax(-1)[arm]).backward()
        rows.append(logits.grad)
    rows = torch.stack(rows)
    mean = probability @ rows
    return mean, (probability @ (rows - mean).pow(2).sum(-1)).item()


@pytest.mark.parametrize(("b", "p1"), [(0, 0.25), (0.25, 0.25), (-1, 0.05), (2, 0.95), (0.8, 0.8), (2, 0.05)])
def test_baseline_variance(page, b, p1):
    set_signals(page, "baseline_variance", b=b, p1=p1)
    mean, variance = gradient_moments(p1, b)
    grid = torch.linspace(0, 1, 1001).tolist()
    best = min(grid, key=lambda b: gradient_moments(p1, b)[1])
    found = values(page, "baseline_variance")
    assert found[:2] == pytest.approx([mean[0].item(), variance], abs=1e-9)
    assert found[2] == pytest.approx(best, abs=6e-4)


def test_the_mean_reward_can_be_worse_than_no_baseline():
    """What notebook 02 says of P(arm 1) = 0.8."""
    assert gradient_moments(0.8, 0.8)[1] > gradient_moments(0.8, 0.0)[1]


def advantage_moments(lam: float, critic: float, noise: float, discount: float) -> tuple[float, float]:
    """Bias and variance of the first advantage of ten steps: GAE is linear in the rewards, which are independent."""
    value = torch.full((10,), critic, **DOUBLE)
    value[0] = 0  # right about the start
    bias = gae(torch.zeros(10, **DOUBLE), value, discount, lam)[0].item()
    weights = gae(torch.eye(10, **DOUBLE), torch.zeros(10, 10, **DOUBLE), discount, lam)[:, 0]
    return bias, (noise**2 * weights.pow(2).sum()).item()


@pytest.mark.parametrize(
    ("lam", "critic", "noise", "discount"),
    [(0.8, 1, 0.3, 0.99), (0, -2, 0.05, 0.5), (1, 2, 1, 1), (0.5, 0, 0.3, 1), (1, 1, 0.3, 0.5)],
)
def test_gae_lambda(page, lam, critic, noise, discount):
    set_signals(page, "gae_lambda", lam=lam, critic=critic, noise=noise, discount=discount)
    bias, variance = advantage_moments(lam, critic, noise, discount)
    error = lambda lam: sum(
        x**power for x, power in zip(advantage_moments(lam, critic, noise, discount), (2, 1), strict=True)
    )
    best = min((i / 100 for i in range(101)), key=error)
    expected = [bias, variance**0.5, (bias**2 + variance) ** 0.5, best]
    assert values(page, "gae_lambda") == pytest.approx(expected, abs=1e-6)
