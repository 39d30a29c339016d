"""What every policy head is: the contract, and the row that makes it known wherever heads are listed.

    head.loss(obs, action) -> scalar            obs (B, k): features from the trunk; action (B, dim)
    head.sample(obs, n)    -> (n, B, dim)       n actions for each observation

In notebook 08 the robot always sees the same scene, so obs is a column of ones and a linear layer on it is a set
of free parameters; an action has two coordinates, dim = 2. In notebook 09 a network sees a picture, and an action is a whole chunk
of motions. Actions are scaled to about [-1.5, 1.5]; losses are in nats where they are likelihoods.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from helpers import validate
from helpers.heads.ideal import Ideal
from helpers.robot.cup_and_tray import CupAndTray
from helpers.theory.information import kl_monte_carlo

DIM = 2  # x1 and x2: of an action on the plane
REACH = 1.5  # bins cover [-REACH, REACH]


class Head(nn.Module, ABC):
    """A subclass gives `_loss` and `_sample`, whose arguments are checked here. Raises ValueError on a wrong shape, a non-finite number or n below 1.

    dim: the number of an action's coordinates.
    """

    dim: int = DIM

    def loss(self, obs: Tensor, action: Tensor) -> Tensor:
        """Scalar to minimise, averaged over the batch. obs (B, k), action (B, dim)."""
        obs, action = check_obs(obs), validate.finite("action", action, last=self.dim)
        if action.ndim != 2 or len(action) != len(obs):
            raise ValueError(
                f"obs has shape {tuple(obs.shape)} and action {tuple(action.shape)}; expected (B, k) and (B, {self.dim}). "
                "Give one action for each observation."
            )
        return self._loss(obs, action)

    def sample(self, obs: Tensor, n: int, **how) -> Tensor:
        """n actions for each observation: obs (B, k) -> (n, B, dim), without gradients. how: the head's own choices."""
        with torch.no_grad():
            return self._sample(check_obs(obs), validate.count("n", n), **how)

    def measured_kl(self, task: CupAndTray, n: int = 20_000) -> tuple[float, float]:
        """D(p || q) for the one scene of `task`, in nats, with its standard error: NaN for samples without a density."""
        return math.nan, math.nan

    @abstractmethod
    def _loss(self, obs: Tensor, action: Tensor) -> Tensor: ...

    @abstractmethod
    def _sample(self, obs: Tensor, n: int) -> Tensor: ...


class DensityHead(Head):
    """A head that has a density: trained by the negative log-likelihood, the forward KL up to a constant."""

    @abstractmethod
    def distribution(self, obs: Tensor) -> Distribution:
        """q(a | obs), of batch shape (B,) and event shape (2,)."""

    def measured_kl(self, task: CupAndTray, n: int = 20_000) -> tuple[float, float]:
        """D(p || q) for the one scene of `task`, in nats, with its standard error: by Monte Carlo with n draws of p."""
        with torch.no_grad():
            mean, error = kl_monte_carlo(task.demonstrator, self.distribution(torch.ones(1, 1)), n)
        return mean.item(), error.item()

    def _loss(self, obs, action):
        return -self.distribution(obs).log_prob(action).mean()

    def _sample(self, obs, n):
        return self.distribution(obs).sample((n,))


@dataclass(frozen=True)
class Row:
    """A head wherever heads are listed.

    words: what a reader calls it. group: which choice it is about, the "loss", the "family" of distributions or the
    "decoding". build, steps, batch, learning_rate: how it is built for a task and trained, by Adam whose rate falls
    linearly to 0. ideals: its optimum for each way of decoding it; none where no closed form is known.
    """

    words: str
    group: str
    build: Callable[[CupAndTray], Head]
    steps: int
    batch: int
    learning_rate: float
    ideals: Mapping[str, Ideal]


def check_obs(obs: Tensor) -> Tensor:
    """`obs` if it is finite and of shape (B, k) with B >= 1; else ValueError."""
    obs = validate.finite("obs", obs)
    if obs.ndim != 2 or len(obs) == 0:
        raise ValueError(f"obs has shape {tuple(obs.shape)}; expected (B, k). Stack the observations in rows.")
    return obs
