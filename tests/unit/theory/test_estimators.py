"""Monte Carlo means, the score-function gradient and GAE, against enumeration, autograd and definitions."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers.theory.estimators import gae, mean_and_error, score_gradient

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
