"""Gaussian densities, masses, distances and divergences. Numbers, tensors or the names of a chart (helpers/namespace.py)."""

import math
from typing import NamedTuple

from helpers.namespace import PI, exp, log, normal_cdf, normal_pdf, sqrt


class Bell(NamedTuple):
    """N(mean, std^2), with the words of torch.distributions.Normal."""

    mean: float
    std: float

    @property
    def variance(self):
        """std^2."""
        return self.std**2


def density(x, mean, std):
    """N(x; mean, std^2)."""
    return normal_pdf((x - mean) / std) / std


def log_density(x, mean, std):
    """log N(x; mean, std^2), in nats."""
    return -(((x - mean) / std) ** 2) / 2 - log(std * (2 * PI) ** 0.5)


def share_beyond(distance):
    """Share of a two-dimensional Gaussian that lies more spreads from its mean: exp(-distance^2 / 2)."""
    return exp(-(distance**2) / 2)


def length_density(r, n, log_unit):
    """Density of the length r > 0 of n standard normal numbers: r^(n - 1) exp(-r^2 / 2) / unit.

    log_unit: log(2^(n / 2 - 1) Gamma(n / 2)), which charts cannot compute (`length_unit`).
    """
    return exp((n - 1) * log(r) - r**2 / 2 - log_unit)


def length_unit(n: int) -> float:
    """log(2^(n / 2 - 1) Gamma(n / 2))."""
    return (n / 2 - 1) * math.log(2) + math.lgamma(n / 2)


def mean_length(n: int) -> float:
    """Mean length of n standard normal numbers: sqrt(2) Gamma((n + 1) / 2) / Gamma(n / 2), close to sqrt(n)."""
    return math.sqrt(2) * math.exp(math.lgamma((n + 1) / 2) - math.lgamma(n / 2))


def mass(low, high, mean, std):
    """P(low < X < high) for X ~ N(mean, std^2)."""
    return normal_cdf((high - mean) / std) - normal_cdf((low - mean) / std)


def gaussian_kl(mean, std, other_mean, other_std):
    """D(N(mean, std^2) || N(other_mean, other_std^2)), in nats."""
    return log(other_std / std) + (std**2 + (mean - other_mean) ** 2) / (2 * other_std**2) - 0.5


def mahalanobis(x1, x2, std1, std2, rho):
    """Distance of (x1, x2) from the mean 0 in spreads: sqrt(x^T Sigma^-1 x), with correlation rho."""
    a, b = x1 / std1, x2 / std2
    return sqrt((a**2 - 2 * rho * a * b + b**2) / (1 - rho**2))


def log_density_2d(x1, x2, std1, std2, rho):
    """log N((x1, x2); 0, Sigma), in nats."""
    return -log(2 * PI * std1 * std2 * sqrt(1 - rho**2)) - mahalanobis(x1, x2, std1, std2, rho) ** 2 / 2
