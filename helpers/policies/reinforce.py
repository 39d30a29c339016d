"""Policy gradient on the cup and the tray: a Gaussian policy that learns from its own crashes, with or without a baseline."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Normal

from helpers import validate
from helpers.robot.cup_and_tray import HALF_WIDTH, crashes
from helpers.theory.passing import passing

TREMBLE = 0.3  # spread of the policy at either gate; only its mean is learned
START = 0.2  # of both means: a little to the right
EVERY = 5  # steps between two measurements


def success_probability(mean: Tensor, spread: float = TREMBLE) -> Tensor:
    """P(a path passes) for a ~ N(mean, spread^2 I): both gates beyond the obstacle, on the same side.

    mean: shape (..., 2). Returns shape (...), differentiable in the mean.
    Raises ValueError if a mean is not finite or has not two components, or the spread is not positive.
    """
    mean, spread = validate.finite("mean", mean, last=2), validate.number("spread", spread, 0, open_low=True)
    return passing(*mean.unbind(-1), spread, HALF_WIDTH)


def learn(
    seeds: int,
    steps: int,
    batch: int,
    rate: float,
    bonus: float,
    baseline: bool,
    progress: Callable[[float], None] = lambda done: None,
) -> tuple[Tensor, Tensor]:
    """REINFORCE from mean (0, 0), all seeds at once: reward 1 + bonus for passing, bonus for a crash.

    Each step draws `batch` actions and moves the mean by rate * average of advantage * d log pi(a) / d mean.
    baseline: the advantage is the reward less the mean reward of the *other* draws of the batch, which leaves the
    gradient's mean as it is; otherwise it is the reward itself.
    Returns P(success) before the first step and after every 5th, shape (1 + steps // 5, seeds), and the mean
    before each step and after the last, (1 + steps, seeds, 2).
    Raises ValueError unless the counts are 1 or more, the batch 2 or more and the rate is positive.
    """
    seeds, steps, batch = validate.count("seeds", seeds), validate.count("steps", steps), validate.count("batch", batch)
    if batch < 2:
        raise ValueError("batch = 1; expected 2 or more, because the baseline is the mean of the other draws. Pass 8.")
    rate, bonus = validate.number("rate", rate, 0, open_low=True), validate.number("bonus", bonus)
    mean = torch.full((seeds, 2), START, requires_grad=True)
    means = [mean.detach()]
    for step in range(1, steps + 1):
        policy = Normal(mean, TREMBLE)
        action = policy.sample((batch,))  # (batch, seeds, 2)
        reward = (~crashes(action)).float() + bonus
        advantage = reward - (reward.sum(0) - reward) / (batch - 1) if baseline else reward
        objective = (advantage * policy.log_prob(action).sum(-1)).mean(0).sum()
        (gradient,) = torch.autograd.grad(objective, mean)
        mean = (mean + rate * gradient).detach().requires_grad_()
        means.append(mean.detach())
        if step % EVERY == 0:
            progress(step / steps)
    way = torch.stack(means)
    return success_probability(way[::EVERY]), way
