"""Monte Carlo means, the score-function gradient and GAE, against enumeration, autograd and definitions."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers.theory.estimators import best_baseline, binomial, gae, mean_and_error, score_gradient, updated

DOUBLE = {"dtype": torch.float64}


def test_mean_and_error_hold_their_promise():
    """Over many runs the estimate is unbiased and its spread is the standard error."""
    torch.manual_seed(0)
    runs = torch.distributions.Exponential(torch.tensor(0.5, **DOUBLE)).sample((50, 4000))  # mean 2, std 2
    mean, error = mean_and_error(runs)
    assert mean.mean() == pytest.approx(2, abs=4 * 2 / 200_000**0.5)
    assert mean.std() == pytest.approx(2 / 50**0.5, rel=0.05)
    assert error.pow(2).mean().sqrt() == pytest.approx(2 / 50**0.5, rel=0.05)


def test_standard_error_of_two_draws_by_hand():
    """1 and 3: mean 2, variance ((1 - 2)^2 + (3 - 2)^2) / (2 - 1) = 2, standard error sqrt(2 / 2)."""
    mean, error = mean_and_error(torch.tensor([[1.0, 5.0], [3.0, 5.0]]))
    assert mean.tolist() == [2, 5]
    assert error.tolist() == pytest.approx([1, 0])


def test_score_gradient_is_autograds_draw_by_draw():
    torch.manual_seed(0)
    logits = torch.randn(5, **DOUBLE).requires_grad_()
    action, advantage = torch.tensor([3, 0, 3, 4]), torch.randn(4, **DOUBLE)
    found = score_gradient(logits.detach(), action, advantage)
    for row, a, weight in zip(found, action, advantage, strict=True):
        (expected,) = torch.autograd.grad(weight * logits.log_softmax(-1)[a], logits)
        assert torch.allclose(row, expected)


def test_score_gradient_takes_lists_and_integers_of_any_size():
    expected = score_gradient(torch.tensor([0.0, 1.0, 2.0]), torch.tensor([0, 2]), torch.tensor([1.0, -2.0]))
    assert torch.equal(score_gradient([0, 1, 2], [0, 2], [1, -2]), expected)
    assert torch.equal(score_gradient([0, 1, 2], torch.tensor([0, 2], dtype=torch.int32), [1, -2]), expected)


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=6), st.floats(-10, 10))
def test_score_gradient_is_unbiased_with_any_baseline(logits, baseline):
    """The mean over all actions is the gradient of the expected reward."""
    logits = torch.tensor(logits, **DOUBLE).requires_grad_()
    reward = torch.arange(len(logits), **DOUBLE) ** 2
    (expected,) = torch.autograd.grad(logits.softmax(-1) @ reward, logits)
    draws = score_gradient(logits.detach(), torch.arange(len(logits)), reward - baseline)
    assert torch.allclose(logits.softmax(-1).detach() @ draws, expected, atol=1e-9)


@given(st.integers(1, 8), st.floats(0, 1), st.floats(0, 1), st.integers(0, 1000))
def test_gae_is_the_weighted_mean_of_n_step_advantages(steps, discount, lam, seed):
    """The other definition (Schulman et al., eq. 16): (1 - lam) sum_n lam^(n-1) A^(n), the rest on the last."""
    reward, value = torch.randn(2, steps, generator=torch.Generator().manual_seed(seed), **DOUBLE)
    after = torch.cat([value, torch.zeros(1, **DOUBLE)])

    def n_step(t: int, n: int) -> torch.Tensor:
        gains = sum(discount**i * reward[t + i] for i in range(n))
        return gains + discount**n * after[t + n] - value[t]

    found = gae(reward, value, discount, lam)
    for t in range(steps):
        left = steps - t
        blend = sum((1 - lam) * lam ** (n - 1) * n_step(t, n) for n in range(1, left))
        assert found[t] == pytest.approx((blend + lam ** (left - 1) * n_step(t, left)).item(), abs=1e-9)


def test_gae_takes_batches():
    torch.manual_seed(0)
    reward, value = torch.randn(2, 3, 7)
    whole = gae(reward, value, 0.9, 0.8)
    assert torch.allclose(whole[1], gae(reward[1], value[1], 0.9, 0.8))


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: mean_and_error(torch.ones(1)), "n >= 2"),
        (lambda: mean_and_error([1.0, float("nan")]), "NaN"),
        (lambda: score_gradient(torch.zeros(3), torch.tensor([3]), torch.ones(1)), "0 to 2"),
        (lambda: score_gradient(torch.zeros(3), torch.tensor([-1]), torch.ones(1)), "0 to 2"),
        (lambda: score_gradient(torch.zeros(3), torch.tensor([0.5]), torch.ones(1)), "0 to 2"),
        (lambda: score_gradient(torch.zeros(3), torch.tensor([0]), torch.ones(2)), "one advantage"),
        (lambda: score_gradient(torch.zeros(2), [True, False], torch.ones(2)), "whole numbers, 0 to 1"),
        (lambda: score_gradient(torch.zeros(2), ["left"], torch.ones(1)), "action is .*expected numbers"),
        (lambda: gae(torch.zeros(3), torch.zeros(2), 0.9, 0.9), "one value"),
        (lambda: gae(torch.zeros(3), torch.zeros(3), 1.1, 0.9), "discount"),
        (lambda: gae(torch.zeros(3), torch.zeros(3), 0.9, -0.1), "lam"),
    ],
)
def test_refusals_say_what_was_expected(call, word):
    with pytest.raises(ValueError, match=word):
        call()


@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_binomial_is_scipys(rate):
    ways = [math.log(math.comb(10, k)) for k in range(11)]
    found = [binomial(k, 10, rate, log_ways) for k, log_ways in enumerate(ways)]
    assert found == pytest.approx(stats.binom.pmf(range(11), 10, rate))


def test_an_update_is_a_step_along_the_score_function_gradient():
    p = torch.tensor([0.5, 0.3, 0.2], **DOUBLE)
    push, after = updated(p.tolist(), [0, 0, 1], advantage=-0.7, step=0.4)
    gradient = score_gradient(p.log(), torch.tensor([2]), torch.tensor([-0.7], **DOUBLE))[0]
    assert push == pytest.approx((0.4 * gradient).tolist())
    assert after == pytest.approx((p.log() + 0.4 * gradient).softmax(-1).tolist())


@pytest.mark.parametrize("first", [0.25, 0.8])
def test_the_best_baseline_has_the_least_variance(first):
    """For a uniform policy it is the mean reward; at 0.8 the mean reward is worse than no baseline."""
    p = torch.tensor([first] + [(1 - first) / 3] * 3, **DOUBLE)
    reward = torch.tensor([1.0, 0, 0, 0], **DOUBLE)
    length = (torch.eye(4, **DOUBLE) - p).pow(2).sum(-1)  # squared, of each arm's score
    second_moment = lambda b: (p @ ((reward - b) ** 2 * length)).item()  # the variance, but for the mean
    best = best_baseline(p.tolist(), reward.tolist())
    assert min((second_moment(b / 1000), b / 1000) for b in range(1001))[1] == pytest.approx(best, abs=5e-4)
    assert (second_moment(first) > second_moment(0)) == (first == 0.8)
    assert (best == pytest.approx(first)) == (first == 0.25)
