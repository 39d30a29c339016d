"""What the demonstrations of the cup and the tray contain, and what a perfect fit of each kind gets out of them.

Closed forms and 1-D quadrature. Along u = (x1 + x2) / sqrt(2) the demonstrator has two modes; across, along
v = (x1 - x2) / sqrt(2), it is N(0, s^2), and u and v are independent; so everything here is one-dimensional. What takes
`mean_of` is also a chart's formula (helpers/namespace.py).
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from helpers import validate
from helpers.namespace import PI, log, normal_pdf
from helpers.robot.cup_and_tray import CupAndTray
from helpers.theory import transport
from helpers.theory.modes import SQRT2, Modes, log_two_modes, modes


def gaussian_mean(f: Callable[[Tensor], Tensor], step: float = 0.002) -> Tensor:
    """E[f(z)] for z ~ N(0, 1), by the midpoint rule on [-8, 8]."""
    z = torch.arange(-8 + step / 2, 8, step, dtype=torch.float64)
    return (normal_pdf(z) * f(z)).sum() * step


def gaussian_entropy(std):
    """Differential entropy of N(., std^2): log(2 pi e std^2) / 2, in nats."""
    return 0.5 * math.log(2 * PI * math.e) + log(std)


def two_mode_entropy(m, p: Modes, mean_of=gaussian_mean):
    """Differential entropy of two modes at -m and m, in nats: -sum_k w_k E[log p(m_k + s z)]."""
    own = lambda mode: mean_of(lambda z: log_two_modes(mode + p.s * z, m, p.w, p.s))
    return -((1 - p.w) * own(-m) + p.w * own(m))


def entropy_of(p: Modes, mean_of=gaussian_mean):
    """H(p) = H(u) + H(v), in nats; for well separated modes H_b(w) + log(2 pi e s^2)."""
    return two_mode_entropy(p.m, p, mean_of) + gaussian_entropy(p.s)


def gaussian_kls(centre, along, across, p: Modes, mean_of=gaussian_mean) -> tuple:
    """D(p || q) and D(q || p) of a Gaussian q with mean (centre, centre), spread `along` in u and `across` in v."""
    middle = SQRT2 * centre
    second_moment = p.s**2 + (1 - p.w) * (p.m + middle) ** 2 + p.w * (p.m - middle) ** 2  # of u about q's mean, under p
    cross = log(2 * PI * along * across) + second_moment / (2 * along**2) + p.s**2 / (2 * across**2)  # H(p, q)
    log_p_u = mean_of(lambda z: log_two_modes(middle + along * z, p.m, p.w, p.s))
    log_p_v = -log(2 * PI * p.s**2) / 2 - across**2 / (2 * p.s**2)
    own = gaussian_entropy(along) + gaussian_entropy(across)  # H(q)
    return cross - entropy_of(p, mean_of), -own - log_p_u - log_p_v


def product_kls(p: Modes, mean_of=gaussian_mean) -> tuple:
    """D(p || q) and D(q || p) of q = p(x1) p(x2): the first is the mutual information of x1 and x2."""
    marginal = two_mode_entropy(p.d, p, mean_of)
    log_p_u = lambda middle: mean_of(lambda z: log_two_modes(middle + p.s * z, p.m, p.w, p.s))
    both_same = (1 - p.w) ** 2 * log_p_u(-p.m) + p.w**2 * log_p_u(p.m)
    crossed = 2 * p.w * (1 - p.w) * (log_p_u(0.0) - p.d**2 / p.s**2)  # there v ~ N(+-m, s^2)
    log_p = both_same + crossed - gaussian_entropy(p.s)
    return 2 * marginal - entropy_of(p, mean_of), -2 * marginal - log_p


def modes_of(task: CupAndTray) -> Modes:
    """The demonstrator's two modes, in double precision."""
    return modes(*(torch.tensor(value, dtype=torch.float64) for value in (task.d, task.w, task.s)))


def demonstrator_entropy(task: CupAndTray) -> float:
    """H(p), in nats; for well separated modes H_b(w) + log(2 pi e s^2)."""
    return entropy_of(modes_of(task)).item()


def velocity(x: Tensor, t: Tensor, task: CupAndTray) -> Tensor:
    """The exact flow velocity E[noise - action | x_t = x], t = 1 being noise: x (..., 2), t (..., 1) -> (..., 2).

    v = sum_k r_k (-m_k + (t - (1 - t) s^2) / (t^2 + (1 - t)^2 s^2) (x - (1 - t) m_k)), r_k the posterior of mode k.
    """
    x = validate.finite("x", x, last=2)
    variance = t**2 + (1 - t) ** 2 * task.s**2
    side = posterior_side(x, (1 - t) * task.d / variance, task)  # r_right - r_left
    mean = side * task.d  # sum_k r_k m_k, the same in both coordinates
    return -mean + (t - (1 - t) * task.s**2) / variance * (x - (1 - t) * mean)


def noise_prediction(x: Tensor, alpha_bar: Tensor, task: CupAndTray) -> Tensor:
    """The exact denoiser E[noise | sqrt(alpha_bar) a + sqrt(1 - alpha_bar) noise = x]: x (..., 2) -> (..., 2)."""
    x = validate.finite("x", x, last=2)
    variance = alpha_bar * task.s**2 + 1 - alpha_bar
    side = posterior_side(x, alpha_bar.sqrt() * task.d / variance, task)
    return (1 - alpha_bar).sqrt() / variance * (x - alpha_bar.sqrt() * side * task.d)


def posterior_side(x: Tensor, scale: Tensor | float, task: CupAndTray) -> Tensor:
    """r_right - r_left = tanh(logit(w) / 2 + scale (x1 + x2)), shape (..., 1)."""
    prior = torch.logit(torch.tensor(task.w, dtype=x.dtype)) / 2
    return torch.tanh(prior + scale * x.sum(-1, keepdim=True))


def flow_end(z: Tensor, p: Modes, steps: int) -> Tensor:
    """Where noise z along the diagonal lands after n Euler steps with the exact velocity."""
    for step in range(steps):
        z = transport.taken(z, transport.flow_step(1 - step / steps, steps, p.m, p.s), p.odds)
    return z


def flow_spread(task: CupAndTray, steps: int) -> float:
    """Standard deviation across the diagonal after Euler steps with the exact velocity; s for endless steps."""
    return math.prod(transport.flow_step(1 - step / steps, steps, 0.0, task.s).keep for step in range(steps))


def diffusion_end(beta: Tensor, p: Modes) -> Tensor:
    """Where the draws of the lattice, one for each i, land along the diagonal after DDPM with the exact denoiser."""
    i = torch.arange(transport.DRAWS, dtype=torch.float64)
    u, alpha_bar = transport.lattice_normal(i, 0), (1 - beta.double()).cumprod(0)
    for k, t in enumerate(reversed(range(len(beta)))):
        step = transport.diffusion_step(beta[t].double(), alpha_bar[t], t == 0, p.m, p.s)
        u = transport.taken(u, step, p.odds) + step.fresh * transport.lattice_normal(i, k + 1)
    return u


def diffusion_spread(task: CupAndTray, beta: Tensor) -> float:
    """Standard deviation across the diagonal after DDPM with the exact denoiser and step variances beta."""
    beta, variance = beta.double(), 1.0
    alpha_bar = (1 - beta).cumprod(0)
    for t in reversed(range(len(beta))):
        step = transport.diffusion_step(beta[t], alpha_bar[t], t == 0, 0.0, task.s)
        variance = step.keep**2 * variance + step.fresh**2
    return math.sqrt(variance)
