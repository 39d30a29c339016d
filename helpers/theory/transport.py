"""One step from noise towards an action, with the exact field of the demonstrator: of a flow, and of a diffusion head.

Along the diagonal both steps have one form, u' = keep u + pull side(lean u), and across it v' = keep v; a diffusion step
adds fresh noise. Their constants depend on the time alone. Numbers, tensors or the names of a chart.
"""

from typing import NamedTuple

from helpers.namespace import normal_quantile, sqrt, where
from helpers.theory.modes import side


class Step(NamedTuple):
    """The constants of one step; fresh is the spread of the noise that it adds."""

    keep: float
    pull: float
    lean: float
    fresh: float


DRAWS, GENERATOR = 1201, 61  # of the lattice below: the best of 600 generators, tried against the chain of densities
REST = Step(1.0, 0.0, 0.0, 0.0)  # a step that leaves everything where it is


def flow_step(t, n, m, s) -> Step:
    """Euler step of size 1 / n at time t, t = 1 being noise, with the velocity E[noise - action | x_t = u].

    With variance c = t^2 + (1 - t)^2 s^2, slope g = (t - (1 - t) s^2) / c and mode m r, r = side(lean u), it is
    g (u - (1 - t) m r) - m r; so a step keeps 1 - g / n of u and pulls by m (1 + g (1 - t)) / n.
    """
    rest = 1 - t
    variance = t**2 + rest**2 * s**2
    slope = (t - rest * s**2) / variance
    return Step(1 - slope / n, m * (1 + slope * rest) / n, rest * m / variance, 0.0)


def diffusion_step(beta, alpha_bar, last, m, s) -> Step:
    """DDPM step of variance beta with the exact denoiser; alpha_bar: share of the signal before it; last: adds no noise.

    With c = alpha_bar s^2 + 1 - alpha_bar it keeps (1 - beta / c) / sqrt(1 - beta) of u and pulls by
    beta sqrt(alpha_bar) m / (c sqrt(1 - beta)).
    """
    variance, root, signal = alpha_bar * s**2 + 1 - alpha_bar, sqrt(1 - beta), sqrt(alpha_bar)
    pull = beta * signal * m / (variance * root)
    return Step((1 - beta / variance) / root, pull, signal * m / variance, where(last, 0.0, sqrt(beta)))


def lattice_normal(i, k: int):
    """The noise of draw i, 0 <= i < DRAWS, before step 1 (k = 0) and after step k: a standard normal of a rank-1 lattice,
    which fills the space of the noises more evenly than chance."""
    place = (i + 0.5) if k == 0 else (i * pow(GENERATOR, k, DRAWS) + DRAWS / 2) % DRAWS
    return normal_quantile(place / DRAWS)


def taken(u, step: Step, odds):
    """u after the step, before any fresh noise."""
    return step.keep * u + step.pull * side(step.lean * u, odds)
