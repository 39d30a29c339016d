"""The heads that are one Gaussian, or a mixture of them."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.distributions import Categorical, Independent, MixtureSameFamily, MultivariateNormal, Normal
from torch.nn import functional as F

from helpers import validate
from helpers.heads.head import DIM, DensityHead, Row
from helpers.heads.ideal import Case, Ideal, Noise, Optimum, around, demonstrator
from helpers.theory.modes import SQRT2, Modes
from helpers.theory.optima import gaussian_kls
from helpers.theory.passing import passing, passing_across


class FullGaussianHead(DensityHead):
    """One Gaussian with a full covariance L L^T, L lower triangular. Optimum: the moments of the demonstrations."""

    def __init__(self, obs_dim: int):
        super().__init__()
        self.parameters_of = nn.Linear(obs_dim, DIM + DIM + 1)  # mean, log diagonal of L, the entry below it

    def distribution(self, obs: Tensor) -> MultivariateNormal:
        """N(mean, L Lᵀ) for each observation, batch shape (B,): L lower triangular with a positive diagonal."""
        mean, log_diagonal, below = self.parameters_of(obs).split([DIM, DIM, 1], -1)
        lower = torch.diag_embed(log_diagonal.exp())  # (B, 2, 2)
        lower = lower + F.pad(below.unsqueeze(-1), (0, 1, 1, 0))
        return MultivariateNormal(mean, scale_tril=lower)


class DiagonalGaussianHead(DensityHead):
    """One Gaussian with a diagonal covariance: each coordinate on its own. Optimum: mean and variances."""

    def __init__(self, obs_dim: int):
        super().__init__()
        self.parameters_of = nn.Linear(obs_dim, 2 * DIM)

    def distribution(self, obs: Tensor) -> Independent:
        """N(mean, diag(std²)) for each observation, batch shape (B,)."""
        mean, log_std = self.parameters_of(obs).chunk(2, -1)
        return Independent(Normal(mean, log_std.exp()), 1)


class ReverseKLGaussianHead(FullGaussianHead):
    """One Gaussian q trained on the reverse KL, D(q || p) = E_q[log q - log p]. Optimum: one of the modes.

    It needs the demonstrator's log density, which demonstrations alone do not give; `action` is not used.
    """

    def __init__(self, obs_dim: int, log_density: Callable[[Tensor], Tensor]):
        super().__init__(obs_dim)
        self.log_density = log_density

    def _loss(self, obs, action):
        q = self.distribution(obs)
        draw = q.rsample()  # reparameterised, so that the gradient flows through it
        return (q.log_prob(draw) - self.log_density(draw)).mean()


class MixtureHead(DensityHead):
    """A mixture of Gaussians with diagonal covariances (a mixture density network). Optimum: the demonstrator."""

    def __init__(self, obs_dim: int, components: int = 2):
        super().__init__()
        self.components = validate.count("components", components)
        self.parameters_of = nn.Linear(obs_dim, self.components * (1 + 2 * DIM))

    def distribution(self, obs: Tensor) -> MixtureSameFamily:
        """sum_k pi_k N(mean_k, diag(std_k²)) for each observation, batch shape (B,)."""
        logits, rest = self.parameters_of(obs).split([self.components, self.components * 2 * DIM], -1)
        mean, log_std = rest.unflatten(-1, (self.components, 2 * DIM)).chunk(2, -1)  # (B, K, 2) each
        return MixtureSameFamily(Categorical(logits=logits), Independent(Normal(mean, log_std.exp()), 1))


def full_gaussian(case: Case) -> Optimum:
    """Mean and covariance of the demonstrations: spread `along` in u, s in v."""
    p, mean_of = case.p, case.mean_of
    rates = case.failing(lambda t: mean_of(lambda z: passing_across(p.s * z, p.mean, p.along, t)))
    return Optimum(*rates, *gaussian_kls(p.mean, p.along, p.s, p, mean_of))


def full_gaussian_draw(e: Noise, p: Modes) -> tuple:
    """The mean and two independent steps, along the diagonal and across it."""
    along, across = p.along * e.z1 / SQRT2, p.s * e.z2 / SQRT2
    return p.mean + along + across, p.mean + along - across


def diagonal_gaussian(case: Case) -> Optimum:
    """Mean and variance of each coordinate alone."""
    p = case.p
    rates = case.failing(lambda t: passing(p.mean, p.mean, p.spread, t))
    return Optimum(*rates, *gaussian_kls(p.mean, p.spread, p.spread, p, case.mean_of))


def reverse_kl_gaussian(case: Case) -> Optimum:
    """The heavier mode; for well separated modes, d > 3 s, that is the reverse KL's global optimum."""
    p = case.p
    rates = case.failing(lambda t: passing(p.heavier, p.heavier, p.s, t))
    return Optimum(*rates, *gaussian_kls(p.heavier, p.s, p.s, p, case.mean_of))


HEADS = {
    "full_gaussian": Row(
        "full Gaussian",
        "family",
        lambda task: FullGaussianHead(1),
        400, 1024, 0.05,
        {"full_gaussian": Ideal(full_gaussian, full_gaussian_draw, "one bell over both")},
    ),
    "diagonal_gaussian": Row(
        "diagonal Gaussian",
        "family",
        lambda task: DiagonalGaussianHead(1),
        400, 1024, 0.05,
        {"diagonal_gaussian": around(diagonal_gaussian, lambda r, p: p.mean, lambda p: p.spread, "a bell at each gate")},
    ),
    "reverse_kl_gaussian": Row(
        "reverse-KL Gaussian",
        "loss",
        lambda task: ReverseKLGaussianHead(1, task.demonstrator.log_prob),
        600, 256, 0.03,
        {"reverse_kl_gaussian": around(reverse_kl_gaussian, lambda r, p: p.heavier, lambda p: p.s, "a bell on one route")},
    ),
    "mixture": Row(
        "mixture of two", "family", lambda task: MixtureHead(1), 600, 1024, 0.05, {"mixture": demonstrator("a bell on each route")}
    ),
}  # fmt: skip
