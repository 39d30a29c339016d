"""Entropy, cross-entropy and KL divergence: exact for PMFs, by quadrature and by Monte Carlo for densities.

All in nats. `D(p || q)` is an expectation under its first argument: D(p || q) = E_p[log p(x) - log q(x)].
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Distribution

from helpers import validate
from helpers.namespace import exp, log, minimum, where, xlogy


def check_pmfs(p: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
    """p and q as PMFs over outcomes of the same number, or ValueError."""
    p, q = validate.pmf("p", p), validate.pmf("q", q)
    try:
        torch.broadcast_shapes(p.shape, q.shape)
    except RuntimeError:
        p_and_q_fit = False
    else:
        p_and_q_fit = p.shape[-1] == q.shape[-1]
    if not p_and_q_fit:
        raise ValueError(
            f"p has shape {tuple(p.shape)} and q {tuple(q.shape)}; expected PMFs over the same outcomes. "
            "Give both the same last axis."
        )
    dtype = torch.promote_types(p.dtype, q.dtype)
    return p.to(dtype), q.to(dtype)


def surprise(p, q):
    """-p log q, what an outcome adds to H(p, q). Numbers, tensors or the names of a chart, as the next two."""
    return -xlogy(p, q)


def sigmoid(x):
    """1 / (1 + exp(-x)), the softmax of the logits x and 0. Numbers, tensors or the names of a chart, as the next one."""
    return 1 / (1 + exp(-x))


def log_sigmoid(x):
    """log(1 / (1 + exp(-x))), right where the sigmoid itself is too small for a number."""
    return minimum(x, 0) - log(1 + exp(-abs(x)))


def excess(p, q):
    """p log(p / q), what an outcome adds to D(p || q)."""
    return xlogy(p, p) - xlogy(p, q)


def integrand(log_p, log_q):
    """p (log p - log q), what a place adds to D(p || q); 0 where p vanishes."""
    return where(exp(log_p) > 0, exp(log_p) * (log_p - log_q), 0.0)


def entropy(p: Tensor) -> Tensor:
    """Entropy H(p) = -sum_x p(x) log p(x), in nats, with 0 log 0 = 0.

    p: PMFs over the last axis, shape (..., k). Returns shape (...).
    Raises ValueError if p is negative, not finite or does not sum to 1.
    """
    p = validate.pmf("p", p)
    return torch.special.entr(p).sum(-1) + 0.0  # + 0 makes the -0 of a one-hot PMF a 0


def cross_entropy(p: Tensor, q: Tensor) -> Tensor:
    """Cross-entropy H(p, q) = -sum_x p(x) log q(x), in nats.

    p, q: PMFs over the last axis, shape (..., k), broadcast against each other.
    Returns shape (...). Infinite where p has mass that q lacks.
    Raises ValueError if either is negative, not finite or does not sum to 1, or if k differs.
    """
    p, q = check_pmfs(p, q)
    return surprise(p, q).sum(-1)


def kl_divergence(p: Tensor, q: Tensor) -> Tensor:
    """KL divergence D(p || q) = sum_x p(x) log(p(x) / q(x)) = H(p, q) - H(p), in nats.

    p, q: PMFs over the last axis, shape (..., k), broadcast against each other.
    Returns shape (...). Never negative; infinite where p has mass that q lacks.
    Raises ValueError if either is negative, not finite or does not sum to 1, or if k differs.
    """
    p, q = check_pmfs(p, q)
    return excess(p, q).sum(-1).clamp(min=0)


LogDensity = Callable[[Tensor], Tensor]
MASS_ERROR = 1e-3  # how far from 1 the integral of p may be on the grid


def log_density_at(name: str, log_density: LogDensity, x: Tensor) -> Tensor:
    """The log density at each point of x, or ValueError if it is no function, or gives NaN, +infinity or another shape."""
    if not callable(log_density):
        raise ValueError(
            f"{name} is a {type(log_density).__name__}; expected a function of x. Of a distribution p pass p.log_prob."
        )
    value = validate.numbers(name, log_density(x))
    bad = value.isnan() | (value == math.inf)
    if value.shape != x.shape or bad.any():
        raise ValueError(
            f"{name} returned shape {tuple(value.shape)}, {int(bad.sum())} NaN or +infinity; "
            f"expected one number for each of {len(x)} points. Check its formula at the ends of the interval."
        )
    return value


def kl_quadrature(log_p: LogDensity, log_q: LogDensity, low: float, high: float, points: int = 4001) -> Tensor:
    """D(p || q) = integral of p (log p - log q) over [low, high], by the trapezoid rule, in nats. One dimension.

    log_p, log_q: log densities; called with a float64 tensor of shape (points,).
    The interval must hold all but a negligible part of p, and the points show it: on them p must integrate to 1 within
    MASS_ERROR. Where p is 0 the integrand is 0. Returns a scalar; infinite where p has mass that q lacks.
    Raises ValueError if the interval is empty, misses part of p or has too few points, or if a log density is no
    function, or returns NaN, +infinity or another shape.
    """
    low = validate.number("low", low)
    high = validate.number("high", high, low, open_low=True)
    x = torch.linspace(low, high, validate.count("points", points), dtype=torch.float64)
    at_p, at_q = log_density_at("log_p", log_p, x), log_density_at("log_q", log_q, x)
    density = at_p.exp()
    mass = torch.trapezoid(density, x).item()
    if not abs(mass - 1) <= MASS_ERROR:
        raise ValueError(
            f"p integrates to {mass:.4g} over [{low:g}, {high:g}] with points={len(x)}; expected 1, within {MASS_ERROR:g}. "
            "Widen the interval until it holds p, take more points, or normalise p."
        )
    return torch.trapezoid(integrand(at_p, at_q), x)


def kl_monte_carlo(p: Distribution, q: Distribution, n: int) -> tuple[Tensor, Tensor]:
    """Monte Carlo estimate of D(p || q) = E_p[log p(x) - log q(x)] with its standard error, in nats.

    p: sampled n times; q: anything with `log_prob`. Returns (mean, standard deviation / sqrt(n)), two scalars.
    The estimate is unbiased but, unlike the divergence, can be negative.
    Raises ValueError if n is below 2, p or q is no distribution, or they do not share the event shape of one variable.
    """
    n = validate.count("n", n)
    if n < 2:
        raise ValueError("n = 1; expected 2 or more, because one draw has no standard error. Pass for example n=10000.")
    if not (hasattr(p, "sample") and hasattr(p, "log_prob") and hasattr(q, "log_prob")):
        raise ValueError(
            f"p is a {type(p).__name__} and q a {type(q).__name__}; expected distributions, with sample and log_prob. "
            "Pass for example torch.distributions.Normal(0.0, 1.0); for tensors of probabilities use kl_divergence."
        )
    x = p.sample((n,))
    ratio = p.log_prob(x) - q.log_prob(x)
    if ratio.shape != (n,):
        raise ValueError(
            f"log densities have shape {tuple(ratio.shape)}; expected ({n},). "
            "Wrap a batch of independent coordinates in torch.distributions.Independent."
        )
    return ratio.mean(), ratio.std() / n**0.5
