"""When a path passes the obstacle, and with what probability. Numbers, tensors or the names of a chart.

A path passes when x1 and x2 have the same sign and min(|x1|, |x2|) > t, the obstacle's half width: |u| > sqrt(2) t + |v|
for u = (x1 + x2) / sqrt(2) and v = (x1 - x2) / sqrt(2). With t = 0 it is the corners, x1 x2 < 0, that fail.
"""

from helpers.namespace import normal_cdf, where
from helpers.theory.modes import SQRT2


def passing(a, b, std, t):
    """P(pass) for independent x1 ~ N(a, std^2) and x2 ~ N(b, std^2): both above t, or both below -t."""
    above = lambda mean: normal_cdf((mean - t) / std)
    return above(a) * above(b) + above(-a) * above(-b)


def passing_apart(d, w, s, t):
    """P(pass) when each gate is drawn on its own: on one side with probability w^2 + (1 - w)^2, else crossed."""
    same = w**2 + (1 - w) ** 2
    return same * passing(d, d, s, t) + (1 - same) * passing(d, -d, s, t)


def passing_on(u, across, t):
    """P(pass) given u, for v ~ N(0, across^2): P(|v| < |u| - sqrt(2) t); a spread of 0 leaves v = 0."""
    room = abs(u) - SQRT2 * t
    return where(room < 0, 0.0, where(across > 0, 2 * normal_cdf(room / across) - 1, 1.0))


def passing_across(v, mean, along, t):
    """P(pass) given v, for u ~ N(sqrt(2) mean, along^2): P(|u| > sqrt(2) t + |v|)."""
    centre, edge = SQRT2 * mean, SQRT2 * t + abs(v)
    return normal_cdf((centre - edge) / along) + normal_cdf((-centre - edge) / along)
