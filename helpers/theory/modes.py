"""The demonstrator's two modes in one dimension: their moments, their density, and on which side a point lies.

Along u = (x1 + x2) / sqrt(2) the demonstrator is (1 - w) N(-m, s^2) + w N(m, s^2) with m = sqrt(2) d; each coordinate
alone is the same with d in place of m; across, along v = (x1 - x2) / sqrt(2), it is N(0, s^2), whatever u is.
Every function takes numbers, tensors, or the names of a chart (helpers/namespace.py).
"""

from typing import NamedTuple

from helpers.namespace import PI, exp, log, maximum, normal_cdf, normal_quantile, sqrt, tanh, where

SQRT2 = 2**0.5


class Modes(NamedTuple):
    """Offset d, share w of the right one and spread s of the two modes, and what follows from them."""

    d: float
    w: float
    s: float
    m: float  # of a mode along u
    mean: float  # of a coordinate
    spread: float  # of a coordinate
    along: float  # spread along u
    heavier: float  # offset of the likelier mode, the left one at w = 1/2
    odds: float  # log(w / (1 - w))


def modes(d, w, s) -> Modes:
    """mean (2w - 1) d; spread sqrt(s^2 + 4w(1 - w) d^2) of a coordinate, sqrt(s^2 + 8w(1 - w) d^2) along u."""
    between = 4 * w * (1 - w) * d**2
    spread, along = sqrt(s**2 + between), sqrt(s**2 + 2 * between)
    return Modes(d, w, s, SQRT2 * d, (2 * w - 1) * d, spread, along, where(w > 0.5, d, -d), log(w) - log(1 - w))


def squared_error(x, p: Modes):
    """E (x1 - x)^2 of one answer x for a coordinate: s^2 + (1 - w) (x + d)^2 + w (x - d)^2, least at the mean."""
    return p.s**2 + (1 - p.w) * (x + p.d) ** 2 + p.w * (x - p.d) ** 2


def median_of(p: Modes):
    """The median of a coordinate: 0 at w = 1/2, else beside the heavier mode, to 1e-6 for d > 3 s.

    With share r = max(w, 1 - w) of the heavier mode the distance x from the middle solves
    (1 - r) Phi((x + d) / s) + r Phi((x - d) / s) = 1/2; here by two rounds of x = d + s Phi^-1((1/2 - (1 - r) Phi(...)) / r).
    """
    share = maximum(p.w, 1 - p.w)
    x = p.d + p.s * normal_quantile(1 - 0.5 / share)
    x = p.d + p.s * normal_quantile((0.5 - (1 - share) * normal_cdf((x + p.d) / p.s)) / share)
    return where(share > 0.5, where(p.w > 0.5, x, -x), 0.0)


def log_two_modes(x, m, w, s):
    """log((1 - w) N(x; -m, s^2) + w N(x; m, s^2)), by log-sum-exp, so that nothing underflows."""
    left, right = log(1 - w) - (x + m) ** 2 / (2 * s**2), log(w) - (x - m) ** 2 / (2 * s**2)
    return maximum(left, right) + log(1 + exp(-abs(left - right))) - log(s * (2 * PI) ** 0.5)


def side(lean, odds):
    """P(right) - P(left) = tanh((log odds) / 2 + lean): x seen through noise of variance c has lean x m / c."""
    return tanh(odds / 2 + lean)


def mean_after(x1, p: Modes):
    """E[x2 | x1] = d (P(right | x1) - P(left | x1))."""
    return p.d * side(p.d * x1 / p.s**2, p.odds)
