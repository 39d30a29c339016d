"""Entropy, cross-entropy and KL against SciPy, torch.distributions and hand-computed numbers."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from torch.distributions import Independent, Normal

from helpers.theory.information import cross_entropy, entropy, kl_divergence, kl_monte_carlo, kl_quadrature

P = torch.tensor([0.7, 0.2, 0.1], dtype=torch.float64)
Q = torch.tensor([0.4, 0.4, 0.2], dtype=torch.float64)
weights = st.lists(st.floats(0.01, 1), min_size=5, max_size=5)


def test_worked_numbers_have_the_right_base_and_direction():
    assert entropy(P).item() == pytest.approx(0.8018, abs=5e-5)
    assert cross_entropy(P, Q).item() == pytest.approx(0.9856, abs=5e-5)
    assert cross_entropy(Q, P).item() == pytest.approx(1.2470, abs=5e-5)
    assert kl_divergence(P, Q).item() == pytest.approx(0.1838, abs=5e-5)
    assert kl_divergence(Q, P).item() == pytest.approx(0.1920, abs=5e-5)


def test_uniform_has_log_k_and_one_hot_has_none():
    assert entropy(torch.full((256,), 1 / 256)).item() == pytest.approx(8 * math.log(2), abs=1e-5)
    certain = entropy(torch.tensor([0.0, 1.0, 0.0])).item()
    assert (certain, math.copysign(1, certain)) == (0, 1)  # a reader sees 0, not -0
    assert kl_divergence(torch.tensor([0.0, 1.0]), torch.tensor([0.3, 0.7])).item() == pytest.approx(-math.log(0.7))


@given(weights, weights)
def test_agrees_with_scipy(a, b):
    p, q = (torch.tensor(x, dtype=torch.float64) / sum(x) for x in (a, b))
    assert entropy(p).item() == pytest.approx(stats.entropy(p.numpy()), abs=1e-12)
    assert kl_divergence(p, q).item() == pytest.approx(stats.entropy(p.numpy(), q.numpy()), abs=1e-12)
    assert kl_divergence(p, q).item() == pytest.approx((cross_entropy(p, q) - entropy(p)).item(), abs=1e-12)


def test_rounding_makes_no_divergence_negative():
    torch.manual_seed(0)
    p = torch.randn(10_000, 5).softmax(-1)
    q = (p + 1e-7 * torch.randn(10_000, 5)).abs()
    assert (kl_divergence(p, q) >= 0).all()


def test_missing_mass_costs_infinity_in_one_direction_only():
    p, q = torch.tensor([0.5, 0.5]), torch.tensor([1.0, 0.0])
    assert kl_divergence(p, q).item() == math.inf
    assert cross_entropy(p, q).item() == math.inf
    assert kl_divergence(q, p).item() == pytest.approx(math.log(2))


def test_last_axis_is_the_outcome_and_the_rest_broadcasts():
    batch = torch.stack([P, Q])
    assert kl_divergence(batch, Q).tolist() == pytest.approx([kl_divergence(P, Q).item(), 0.0], abs=1e-12)
    assert entropy(batch).shape == (2,)


@pytest.mark.parametrize(("std_p", "std_q", "answer"), [(0.5, 1.0, 0.3181), (1.0, 0.5, 0.8069)])
def test_three_ways_to_the_kl_of_two_gaussians(std_p, std_q, answer):
    p, q = Normal(0.0, std_p), Normal(0.0, std_q)
    exact = torch.distributions.kl_divergence(p, q).item()
    torch.manual_seed(0)
    estimate, error = kl_monte_carlo(p, q, 100_000)
    assert exact == pytest.approx(answer, abs=5e-5)
    assert kl_quadrature(p.log_prob, q.log_prob, -10, 10).item() == pytest.approx(exact, abs=1e-6)
    assert abs(estimate.item() - exact) < 4 * error.item() < 0.04


def test_monte_carlo_standard_error_is_that_of_the_mean():
    p, q = Normal(0.0, 1.0), Normal(1.0, 1.0)  # log p - log q = 1/2 - x has standard deviation 1
    torch.manual_seed(0)
    assert kl_monte_carlo(p, q, 40_000)[1].item() == pytest.approx(1 / 200, rel=0.02)


def test_quadrature_takes_a_density_that_vanishes():
    uniform = lambda x: torch.where((x > 0) & (x < 1), 0.0, -math.inf)
    normal = Normal(0.0, 1.0)
    expected = 0.5 * math.log(2 * math.pi) + 1 / 6
    assert kl_quadrature(uniform, normal.log_prob, -1, 2, 30_001).item() == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("edge", [3.2, 3.28, 3.3, 3.4])  # one thousandth lies beyond 3.29
def test_quadrature_refuses_an_interval_that_misses_a_thousandth_of_p(edge):
    p, q = Normal(0.0, 1.0), Normal(0.0, 2.0)
    if 2 * stats.norm.sf(edge) < 1e-3:
        exact = torch.distributions.kl_divergence(p, q).item()
        assert kl_quadrature(p.log_prob, q.log_prob, -edge, edge).item() == pytest.approx(exact, abs=5e-3)
    else:
        with pytest.raises(ValueError, match=r"p integrates to 0\.99.*Widen the interval"):
            kl_quadrature(p.log_prob, q.log_prob, -edge, edge)


@pytest.mark.parametrize(
    ("low", "high", "points"), [(-0.5, 0.5, 4001), (2, 8, 4001), (-9, 9, 1), (-9, 9, 2), (-9, 9, 5)]
)
def test_quadrature_refuses_a_grid_that_does_not_show_p(low, high, points):
    p, q = Normal(0.0, 1.0), Normal(1.0, 1.0)
    with pytest.raises(ValueError, match=f"points={points}; expected 1.*more points"):
        kl_quadrature(p.log_prob, q.log_prob, low, high, points)


def test_quadrature_takes_a_q_that_is_narrower_than_its_grid():
    """Only p's integral needs the grid: log q is smooth however narrow q is."""
    p, q = Normal(0.0, 1.0), Normal(0.001, 0.001)
    exact = torch.distributions.kl_divergence(p, q).item()
    assert kl_quadrature(p.log_prob, q.log_prob, -9, 9).item() == pytest.approx(exact, rel=1e-6)


def test_quadrature_is_infinite_where_q_lacks_mass_and_differentiable_elsewhere():
    p = Normal(0.0, 1.0)
    positive = lambda x: torch.where(x > 0, 0.0, -math.inf)
    assert kl_quadrature(p.log_prob, positive, -9, 9).item() == math.inf
    mean = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    kl_quadrature(p.log_prob, Normal(mean, 1.0).log_prob, -9, 9).backward()
    assert mean.grad.item() == pytest.approx(0.5)  # D = mean^2 / 2


BAD = {
    "negative": [1.2, -0.2, 0.0],
    "unnormalised": [0.5, 0.5, 0.5],
    "NaN": [math.nan, 0.5, 0.5],
    "infinite": [math.inf, 0.0, 0.0],
    "empty": [],
    "a number": 0.5,
    "no numbers": ["a"],
    "complex": [1j, 0, 0],
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_what_is_no_pmf_is_refused_on_either_side(bad):
    for call in (lambda: entropy(bad), lambda: cross_entropy(bad, P), lambda: kl_divergence(P, bad)):
        with pytest.raises(ValueError, match="expected"):
            call()


def test_other_refusals_say_what_was_expected():
    normal = Normal(0.0, 1.0)
    with pytest.raises(ValueError, match="same outcomes"):
        kl_divergence(P, torch.tensor([0.5, 0.5]))
    with pytest.raises(ValueError, match="same outcomes"):
        kl_divergence(torch.ones(2, 3) / 3, torch.ones(4, 3) / 3)
    with pytest.raises(ValueError, match="2 or more"):
        kl_monte_carlo(normal, normal, 1)
    with pytest.raises(ValueError, match="whole number"):
        kl_monte_carlo(normal, normal, 0)
    with pytest.raises(ValueError, match="Independent"):
        kl_monte_carlo(Normal(torch.zeros(2), 1.0), Normal(torch.zeros(2), 1.0), 10)
    with pytest.raises(ValueError, match="high"):
        kl_quadrature(normal.log_prob, normal.log_prob, 1, 1)
    with pytest.raises(ValueError, match="NaN"):
        kl_quadrature(lambda x: x * math.nan, normal.log_prob, 0, 1)
    with pytest.raises(ValueError, match=r"log_q returned .*infinity"):
        kl_quadrature(normal.log_prob, lambda x: x + math.inf, -9, 9)
    with pytest.raises(ValueError, match=r"log_p is a Normal; .*p\.log_prob"):
        kl_quadrature(normal, normal.log_prob, -9, 9)
    with pytest.raises(ValueError, match="log_q is a Normal"):
        kl_quadrature(normal.log_prob, normal, -9, 9)
    with pytest.raises(ValueError, match=r"log_p returned shape \(\)"):
        kl_quadrature(lambda x: 0.5, normal.log_prob, -9, 9)
    for p, q in ((P, normal), (normal, Q), ([0.5, 0.5], [0.5, 0.5])):
        with pytest.raises(ValueError, match=r"expected distributions.*kl_divergence"):
            kl_monte_carlo(p, q, 10)
    assert kl_monte_carlo(Independent(Normal(torch.zeros(2), 1.0), 1), Independent(Normal(torch.zeros(2), 1.0), 1), 9)[
        0
    ] == pytest.approx(0)
