"""Every kind of head fitted, in closed form, to a handful of demonstrations (x1, x2): what it answers.

A fit is a few sums over the demonstrations; an answer takes them and noise. Numbers, tensors or the names of a chart.
"""

from collections.abc import Callable
from typing import NamedTuple

from helpers.namespace import floor, maximum, sqrt

MOST = 30  # demonstrations
STEPS = 10  # of the flow


class Fit(NamedTuple):
    """Of each coordinate its mean, median and variance, and their covariance; the width of a bin, which is also the spread
    of a kernel."""

    mean1: float
    mean2: float
    median1: float
    median2: float
    variance1: float
    variance2: float
    covariance: float
    width: float


class Noise(NamedTuple):
    """What a draw is made of: two standard normals, two uniforms on (0, 1); the demonstration (a1, a2) and the other one's
    second coordinate b2, both picked at random; and where the flow has carried the normals."""

    z1: float
    z2: float
    r1: float
    r2: float
    a1: float
    a2: float
    b2: float
    flow1: float
    flow2: float


def full_gaussian(fit: Fit, e: Noise) -> tuple:
    """mean + L z with L Lᵀ the covariance, L = [[along, 0], [below, rest]]; a spread of 0 stays 0."""
    along = sqrt(fit.variance1)
    below = fit.covariance / maximum(along, 1e-9)
    rest = sqrt(maximum(0, fit.variance2 - below**2))
    return fit.mean1 + along * e.z1, fit.mean2 + below * e.z1 + rest * e.z2


def diagonal_gaussian(fit: Fit, e: Noise) -> tuple:
    """Each coordinate by its own mean and spread."""
    return fit.mean1 + sqrt(fit.variance1) * e.z1, fit.mean2 + sqrt(fit.variance2) * e.z2


def in_bin(x, share, width):
    """The point that cuts the bin of x in these shares."""
    return (floor(x / width) + share) * width


def both_in_bins(x1, x2, fit: Fit, e: Noise) -> tuple:
    """A point at random in the bins of x1 and x2."""
    return in_bin(x1, e.r1, fit.width), in_bin(x2, e.r2, fit.width)


class Kind(NamedTuple):
    """A kind of head: what a reader calls it, and its answer."""

    words: str
    answer: Callable[[Fit, Noise], tuple]


KINDS = {
    "mean": Kind("squared error", lambda fit, e: (fit.mean1, fit.mean2)),
    "median": Kind("absolute error", lambda fit, e: (fit.median1, fit.median2)),
    "full": Kind("full Gaussian", full_gaussian),
    "diagonal": Kind("diagonal Gaussian", diagonal_gaussian),
    "independent": Kind("independent bins", lambda fit, e: both_in_bins(e.a1, e.b2, fit, e)),
    "joint": Kind("autoregressive bins", lambda fit, e: both_in_bins(e.a1, e.a2, fit, e)),
    "kernels": Kind("mixture", lambda fit, e: (e.a1 + fit.width * e.z1, e.a2 + fit.width * e.z2)),
    "flow": Kind(f"flow, {STEPS} steps", lambda fit, e: (e.flow1, e.flow2)),
}


def log_weight(x1, x2, a1, a2, t):
    """log p(x_t = x | action a) up to a constant, x_t = t noise + (1 - t) a: -|x - (1 - t) a|^2 / (2 t^2)."""
    return -((x1 - (1 - t) * a1) ** 2 + (x2 - (1 - t) * a2) ** 2) / (2 * t**2)


def euler(x, expected, t, steps: int):
    """A coordinate after one Euler step with the exact velocity E[noise - a | x_t = x] = (x - E[a | x_t = x]) / t."""
    return x - (x - expected) / (t * steps)
