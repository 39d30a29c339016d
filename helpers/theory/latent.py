"""Latent variables: the evidence lower bound (ELBO), exactly, for a linear-Gaussian model and for the beta-VAE.

    log p(o) = E_q[log p(o | z)] - D(q(z) || p(z)) + D(q(z) || p(z | o))
               reconstruction      rate              gap, never negative

The first two terms are the ELBO. beta-VAE: I. Higgins et al., ICLR 2017.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from helpers import validate
from helpers.namespace import log, maximum, minimum
from helpers.theory.densities import Bell, log_density


@dataclass(frozen=True)
class LinearGaussian:
    """z ~ N(0, 1), o = weight * z + noise * e with e ~ N(0, 1): everything about it has a closed form.

    Both are stored as floats. Raises ValueError unless both are finite numbers and noise > 0.
    """

    weight: float = 1.0
    noise: float = 0.5

    def __post_init__(self):
        object.__setattr__(self, "weight", validate.number("weight", self.weight))  # how a frozen dataclass stores
        object.__setattr__(self, "noise", validate.number("noise", self.noise, 0, open_low=True))

    @property
    def prior(self) -> Normal:
        """N(0, 1), in double precision."""
        return Normal(torch.tensor(0.0, dtype=torch.float64), 1.0)

    @property
    def evidence(self) -> Bell:
        """p(o) = N(0, weight^2 + noise^2)."""
        return Bell(0.0, math.hypot(self.weight, self.noise))

    def log_evidence(self, o: float) -> Tensor:
        """log p(o), in nats, a scalar."""
        return log_density(torch.tensor(o, dtype=torch.float64), *self.evidence)

    def posterior(self, o: float) -> Normal:
        """p(z | o), in double precision."""
        return Normal(*(torch.tensor(value, dtype=torch.float64) for value in self.posterior_bell(o)))

    def posterior_bell(self, o) -> Bell:
        """p(z | o) = N(v weight o / noise^2, v), v = 1 / (1 + weight^2 / noise^2); o a number or a chart's name."""
        variance = 1 / (1 + (self.weight / self.noise) ** 2)
        return Bell(variance * self.weight / self.noise**2 * o, math.sqrt(variance))

    def reconstruction(self, o: float, q: Normal | Bell) -> Tensor:
        """E_q[log p(o | z)] = -log(2 pi noise^2) / 2 - ((o - weight m)^2 + weight^2 s^2) / (2 noise^2), q = N(m, s^2)."""
        square = (o - self.weight * q.mean) ** 2 + self.weight**2 * q.variance
        return -0.5 * math.log(2 * math.pi * self.noise**2) - square / (2 * self.noise**2)

    def elbo(self, o: float, q: Normal) -> Tensor:
        """Reconstruction less D(q || prior): never above log p(o), equal to it only for q = p(z | o)."""
        return self.reconstruction(o, q) - kl_divergence(q, self.prior)


def distortion(beta, signal, noise):
    """Mean squared error of the best linear beta-VAE, min(beta noise, signal). Numbers or the names of a chart."""
    return minimum(beta * noise, signal)


def rate(signal, distortion):
    """KL from the prior that it pays for that distortion, log(signal / D) / 2, in nats; 0 once it has collapsed."""
    return maximum(0.0, 0.5 * log(signal / distortion))


def rate_distortion(beta: float, signal: float = 1.0, noise: float = 0.1) -> tuple[float, float]:
    """What the best linear beta-VAE does with x ~ N(0, signal): (distortion, rate).

    signal: variance of x. noise: variance of the decoder, fixed. Collapsed, with rate 0, from beta = signal / noise on.
    Raises ValueError unless all three are positive.
    """
    beta = validate.number("beta", beta, 0, open_low=True)
    signal, noise = (validate.number(name, v, 0, open_low=True) for name, v in (("signal", signal), ("noise", noise)))
    best = distortion(beta, signal, noise)
    return best, rate(signal, best)
