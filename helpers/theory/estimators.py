"""Estimates of expectations and of their gradients from samples: Monte Carlo, the score function, GAE.

The score-function gradient (REINFORCE, R. J. Williams, 1992) and generalised advantage estimation (J. Schulman et al.,
2015, arXiv:1506.02438).
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from helpers import validate
from helpers.namespace import exp, log, maximum, sqrt, where


def mean_and_error(samples: Tensor) -> tuple[Tensor, Tensor]:
    """Monte Carlo estimate of E[X], sum_i x_i / n, with its standard error std / sqrt(n), over the first axis.

    samples: independent draws, shape (n, ...), n >= 2. Returns two tensors of shape (...).
    Raises ValueError if there are fewer than two draws, or one that is not finite.
    """
    samples = validate.finite("samples", samples)
    if samples.ndim == 0 or len(samples) < 2:
        raise ValueError(
            f"samples has shape {tuple(samples.shape)}; expected (n, ...), n >= 2. One draw has no standard error."
        )
    return samples.mean(0), samples.std(0) / len(samples) ** 0.5


def score_gradient(logits: Tensor, action: Tensor, advantage: Tensor) -> Tensor:
    """Each draw's estimate of the gradient of E[r], advantage * d log softmax(logits)[action] / d logits.

    logits: shape (k,). action: draws from softmax(logits), integers, shape (n,). advantage: reward less a baseline, (n,).
    Returns shape (n, k): advantage * (one_hot(action) - softmax(logits)).
    Raises ValueError if the shapes differ from these or an action is not in 0..k-1.
    """
    logits, advantage = validate.finite("logits", logits), validate.finite("advantage", advantage)
    action = validate.numbers("action", action)
    if logits.ndim != 1 or action.ndim != 1 or advantage.shape != action.shape:
        raise ValueError(
            f"logits {tuple(logits.shape)}, action {tuple(action.shape)}, advantage {tuple(advantage.shape)}; "
            "expected (k,), (n,), (n,). Pass one advantage for each action."
        )
    action = validate.integers("action", action, 0, len(logits) - 1)
    one_hot = torch.nn.functional.one_hot(action, len(logits)).to(logits)
    return advantage.unsqueeze(-1) * (one_hot - logits.softmax(-1))


def gae(reward: Tensor, value: Tensor, discount: float, lam: float) -> Tensor:
    """Generalised advantage estimates A_t = sum_l (discount * lam)^l delta_{t+l} of an episode that ends.

    delta_t = reward_t + discount * value_{t+1} - value_t, the value after the last step being 0.
    reward, value: what each step paid and what the critic said before it, shape (..., T). discount, lam: in [0, 1];
    lam = 1 gives the return less the value (no bias from later values), lam = 0 gives delta_t (least variance).
    Returns shape (..., T). Raises ValueError if the last axes differ, or outside these ranges.
    """
    reward, value = validate.finite("reward", reward), validate.finite("value", value)
    discount, lam = validate.number("discount", discount, 0, 1), validate.number("lam", lam, 0, 1)
    if reward.ndim == 0 or reward.shape[-1:] != value.shape[-1:] or reward.shape[-1] == 0:
        raise ValueError(
            f"reward has shape {tuple(reward.shape)} and value {tuple(value.shape)}; expected the same last axis, "
            "of one step or more. Pass one value for each reward."
        )
    after = torch.cat([value[..., 1:], torch.zeros_like(value[..., :1])], -1)
    advantage = reward + discount * after - value
    for t in range(advantage.shape[-1] - 2, -1, -1):
        advantage[..., t] += discount * lam * advantage[..., t + 1]
    return advantage


def gae_moments(lam, discount, critic, noise, steps: int) -> tuple:
    """Bias and variance of the GAE of an advantage that is 0, over `steps` steps, with a critic that errs by `critic`.

    The critic overrates all states of the episode alike and every reward has standard deviation `noise`. With
    c = discount lam the estimate sums rewards with weights c^t: bias critic (1 - lam) discount (1 + c + ... + c^(steps-2)),
    variance noise^2 (1 + c^2 + ... + c^(2 steps - 2)). Numbers, tensors or the names of a chart, as the next one.
    """
    decay = discount * lam
    return critic * (1 - lam) * discount * geometric(decay, steps - 1), noise**2 * geometric(decay**2, steps)


def geometric(ratio, terms: int):
    """1 + ratio + ... + ratio^(terms - 1)."""
    return where(ratio > 1 - 1e-9, terms, (1 - ratio**terms) / (1 - ratio))


def steps_off_course(slip, horizon):
    """Steps of an episode from the first slip on: sum over t of 1 - (1 - slip)^t = T - (1 - slip) (1 - (1 - slip)^T) / slip."""
    stays = 1 - slip
    return horizon - stays * (1 - stays**horizon) / slip


def binomial(k, n, rate, log_ways):
    """P(k of n independent trials crash) = C(n, k) rate^k (1 - rate)^(n - k), given log C(n, k); 0 < rate < 1."""
    return exp(log_ways + k * log(rate) + (n - k) * log(1 - rate))


def updated(p: Sequence, one_hot: Sequence, advantage, step) -> tuple[list, list]:
    """One step of REINFORCE on softmax's logits: the push step * advantage * (1[a = k] - p_k) on each, and the new policy.

    p: probabilities, one_hot: 1 for the action that was tried, else 0. The new policy is p_k exp(push_k) / sum of these.
    """
    push = [step * advantage * (drawn - share) for drawn, share in zip(one_hot, p, strict=True)]
    weights = [share * exp(moved) for share, moved in zip(p, push, strict=True)]
    return push, [weight / sum(weights) for weight in weights]


class Moments(NamedTuple):
    """Mean and variance of one draw."""

    mean: float
    variance: float


def bandit_moments(p: Sequence, reward: Sequence, baseline) -> list[Moments]:
    """Of REINFORCE's gradient by each logit of softmax, (r_a - b) (1[a = k] - p_k) for an arm a drawn from p.

    p, reward: of each arm, numbers or the names of a chart. Enumerated over the arm that is drawn.
    """
    found = []
    for k in range(len(p)):
        drawn = [(r - baseline) * ((a == k) - p[k]) for a, r in enumerate(reward)]
        mean = sum(share * g for share, g in zip(p, drawn, strict=True))
        square = sum(share * g * g for share, g in zip(p, drawn, strict=True))
        found.append(Moments(mean, maximum(0.0, square - mean * mean)))
    return found


def best_baseline(p: Sequence, reward: Sequence):
    """The baseline of least total variance: the mean of the rewards, each weighted with p_a |1[a] - p|^2."""
    weights = [share * sum(((a == k) - p[k]) ** 2 for k in range(len(p))) for a, share in enumerate(p)]
    return sum(weight * r for weight, r in zip(weights, reward, strict=True)) / sum(weights)


def square_gradient_estimates(z, mean, std) -> dict:
    """Two estimates of d E[z^2] / d mean from one draw z of N(mean, std^2): the score function's and the pathwise one."""
    return {"score": z**2 * (z - mean) / std**2, "pathwise": 2 * z}


def square_gradient_moments(mean, std) -> dict[str, Moments]:
    """Of each: both have the mean 2 mean. Numbers, tensors or the names of a chart."""
    return {
        "score": Moments(2 * mean, mean**4 / std**2 + 14 * mean**2 + 15 * std**2),
        "pathwise": Moments(2 * mean, 4 * std**2),
    }


def kl_estimates(log_r) -> dict:
    """Three estimates of D(q || p) from a draw of q with log r = log p - log q (J. Schulman, 2020, "Approximating KL")."""
    return {"k1": -log_r, "k2": log_r**2 / 2, "k3": exp(log_r) - 1 - log_r}


def kl_estimate_moments(delta) -> dict[str, Moments]:
    """Of one draw of each, for q = N(0, 1) and p = N(delta, 1), whose D(q || p) is delta^2 / 2.

    log r ~ N(-delta^2 / 2, delta^2); only k2 is biased, by delta^4 / 8.
    """
    truth = delta**2 / 2
    return {
        "k1": Moments(truth, delta**2),
        "k2": Moments(truth + delta**4 / 8, delta**4 / 2 + delta**6 / 4),
        "k3": Moments(truth, exp(delta**2) - 1 - delta**2),
    }


def error_of_mean(moments: Moments, truth, n):
    """Root mean square error of the mean of n draws as an estimate of the truth."""
    return sqrt(moments.variance / n + (moments.mean - truth) ** 2)
