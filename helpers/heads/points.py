"""The heads that give one answer: the mean of what was demonstrated, or its median."""

import math

from torch import nn
from torch.nn import functional as F

from helpers.heads.head import DIM, Head, Row
from helpers.heads.ideal import at_one
from helpers.theory.modes import median_of


class PointHead(Head):
    """A head that gives one answer f(obs), whatever it is trained by."""

    def __init__(self, obs_dim: int, dim: int = DIM):
        super().__init__()
        self.dim = dim
        self.answer = nn.Linear(obs_dim, dim)

    def measured_kl(self, task, n=20_000):
        """Infinite: a point has no density."""
        return math.inf, 0.0

    def _sample(self, obs, n):
        return self.answer(obs).repeat(n, 1, 1)


class MSEHead(PointHead):
    """One answer, trained by squared error: the mean of (a - f(obs))^2. Optimum: the conditional mean."""

    def _loss(self, obs, action):
        return F.mse_loss(self.answer(obs), action)


class L1Head(PointHead):
    """One answer, trained by absolute error: the mean of |a - f(obs)|. Optimum: the conditional median of each coordinate.

    Between two modes of equal share the loss is all but flat: what it answers there is chance.
    """

    def _loss(self, obs, action):
        return F.l1_loss(self.answer(obs), action)


HEADS = {
    "mse": Row(
        "squared error",
        "loss",
        lambda task: MSEHead(1),
        400, 1024, 0.05,
        {"mse": at_one(lambda p: (p.mean, p.mean), "always the mean")},
    ),
    "l1": Row(
        "absolute error, L1",
        "loss",
        lambda task: L1Head(1),
        400, 1024, 0.05,
        {"l1": at_one(lambda p: (median_of(p), median_of(p)), "always the median")},
    ),
}  # fmt: skip
