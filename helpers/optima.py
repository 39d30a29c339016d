"""What each head converges to on the cup and the tray: the population optimum, by closed forms and 1-D quadrature.

A head is a row of HEADS. Its formulas take numbers, or the names of a chart (helpers/namespace.py): the chart of notebook
07 shows them, `optimum` evaluates them. Along u = (x1 + x2) / sqrt(2) the demonstrator has two modes, across, along
v = (x1 - x2) / sqrt(2), it is N(0, s^2), and u and v are independent; so everything here is one-dimensional.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from helpers import check, transport
from helpers.heads import REACH, AutoregressiveBinsHead, DensityHead, Head, IndependentBinsHead, MSEHead
from helpers.information import kl_divergence, kl_monte_carlo
from helpers.modes import SQRT2, Modes, log_two_modes, mean_after, modes
from helpers.namespace import PI, log, normal_cdf, normal_pdf, where
from helpers.passing import hits, passing, passing_across, passing_apart, passing_on
from helpers.tasks import HALF_WIDTH, CupAndTray


class Optimum(NamedTuple):
    """Crash rate, mass with x1 x2 < 0, forward KL D(p || q) and reverse KL D(q || p) in nats.

    A KL is infinite for a point (it has no density) and NaN where it has no closed form (the flow in several steps).
    """

    crash: float
    corner: float
    forward_kl: float
    reverse_kl: float


class Noise(NamedTuple):
    """What a draw is made of: two standard normals, two uniforms on (0, 1); u and v where the flow carries the normals."""

    z1: float
    z2: float
    r1: float
    r2: float
    u: float
    v: float


class Flow(NamedTuple):
    """The exact flow in n Euler steps: `end(z)` is where noise z along the diagonal lands; it shrinks v by `across`."""

    n: int
    end: Callable
    across: float


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


def failing(pass_rate: Callable) -> tuple:
    """Crash rate and corner mass, from the probability of passing an obstacle of half width t."""
    return 1 - pass_rate(HALF_WIDTH), 1 - pass_rate(0.0)


def point(x1, x2) -> Optimum:
    """The failures of a head that always answers (x1, x2)."""
    crash, corner = (where(hits(x1, x2, t), 1.0, 0.0) for t in (HALF_WIDTH, 0.0))
    return Optimum(crash, corner, math.inf, math.inf)


def itself(p: Modes, flow: Flow, mean_of) -> Optimum:
    """A head that becomes the demonstrator."""
    return Optimum(*failing(lambda t: passing(p.d, p.d, p.s, t)), 0.0, 0.0)


def full_gaussian(p: Modes, flow: Flow, mean_of) -> Optimum:
    """Mean and covariance of the demonstrations: spread `along` in u, s in v."""
    rates = failing(lambda t: mean_of(lambda z: passing_across(p.s * z, p.mean, p.along, t)))
    return Optimum(*rates, *gaussian_kls(p.mean, p.along, p.s, p, mean_of))


def diagonal_gaussian(p: Modes, flow: Flow, mean_of) -> Optimum:
    """Mean and variance of each coordinate alone."""
    rates = failing(lambda t: passing(p.mean, p.mean, p.spread, t))
    return Optimum(*rates, *gaussian_kls(p.mean, p.spread, p.spread, p, mean_of))


def reverse_kl_gaussian(p: Modes, flow: Flow, mean_of) -> Optimum:
    """The heavier mode; for well separated modes, d > 3 s, that is the reverse KL's global optimum."""
    rates = failing(lambda t: passing(p.heavier, p.heavier, p.s, t))
    return Optimum(*rates, *gaussian_kls(p.heavier, p.s, p.s, p, mean_of))


def independent_bins(p: Modes, flow: Flow, mean_of) -> Optimum:
    """The product of the two marginals."""
    return Optimum(*failing(lambda t: passing_apart(p.d, p.w, p.s, t)), *product_kls(p, mean_of))


def exact_flow(p: Modes, flow: Flow, mean_of) -> Optimum:
    """The exact velocity in n Euler steps: one step is a point; more have a density, but none in closed form."""
    rates = failing(lambda t: mean_of(lambda z: passing_on(flow.end(z), flow.across, t)))
    kl = where(flow.n == 1, math.inf, math.nan)
    return Optimum(*rates, kl, kl)


def way(share, p: Modes):
    """The side of a draw: left for the share 1 - w, right for the rest."""
    return where(share < 1 - p.w, -p.d, p.d)


@dataclass(frozen=True)
class Ideal:
    """A head at its optimum: its words, its optimum (p, flow, mean_of) and how it makes an action (noise, p) -> x1, x2."""

    words: str
    optimum: Callable[..., Optimum]
    draw: Callable[[Noise, Modes], tuple]


def at_one(words: str, answer: Callable[[Modes], tuple]) -> Ideal:
    """A head that always gives one answer."""
    return Ideal(words, lambda p, flow, mean_of: point(*answer(p)), lambda noise, p: answer(p))


def around(words: str, optimum: Callable[..., Optimum], centre: Callable, std: Callable) -> Ideal:
    """A head that draws both coordinates around centre(share, p), with the same spread std(p)."""
    draw = lambda e, p: (centre(e.r1, p) + std(p) * e.z1, centre(e.r1, p) + std(p) * e.z2)
    return Ideal(words, optimum, draw)


HEADS = {
    "demonstrator": around("demonstrator p", itself, way, lambda p: p.s),
    "mse": at_one("squared error", lambda p: (p.mean, p.mean)),
    "full_gaussian": Ideal(
        "Gaussian",
        full_gaussian,
        lambda e, p: (
            p.mean + (p.along * e.z1 + p.s * e.z2) / SQRT2,
            p.mean + (p.along * e.z1 - p.s * e.z2) / SQRT2,
        ),
    ),
    "diagonal_gaussian": around("diagonal Gaussian", diagonal_gaussian, lambda r, p: p.mean, lambda p: p.spread),
    "reverse_kl_gaussian": around("reverse-KL Gaussian", reverse_kl_gaussian, lambda r, p: p.heavier, lambda p: p.s),
    "independent_bins": Ideal(
        "independent bins, sampled",
        independent_bins,
        lambda e, p: (way(e.r1, p) + p.s * e.z1, way(e.r2, p) + p.s * e.z2),
    ),
    "autoregressive_sampled": around("autoregressive, sampled", itself, way, lambda p: p.s),
    "autoregressive_greedy": at_one("autoregressive, greedy (OpenVLA)", lambda p: (p.heavier, p.heavier)),
    "autoregressive_mean": at_one("autoregressive, mean", lambda p: (p.mean, mean_after(p.mean, p))),
    "mixture": around("mixture of two", itself, way, lambda p: p.s),
    "flow": Ideal("flow (π0)", exact_flow, lambda e, p: ((e.u + e.v) / SQRT2, (e.u - e.v) / SQRT2)),
}


def optimum(head: str, task: CupAndTray, steps: int = 10) -> Optimum:
    """The population optimum of a head: what it becomes with endless demonstrations and a perfect fit.

    head: a name in HEADS. steps: Euler steps of the flow, with the exact velocity. Independent and autoregressive
    bins are taken infinitely fine. The reverse-KL Gaussian and the greedy decoding take the heavier mode, and the
    left one at w = 1/2.
    Raises ValueError on an unknown head or bad steps.
    """
    ideal, p = HEADS[check.one_of("head", head, HEADS)], modes_of(task)
    flow = Flow(check.count("steps", steps), lambda z: flow_end(z, p, steps), flow_spread(task, steps))
    fine = 1e-4 if head == "flow" else 0.002  # where noise parts to the left and to the right the map is steep
    found = ideal.optimum(p, flow, lambda f: gaussian_mean(f, fine))
    return Optimum(*(float(value) for value in found))


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
    x = check.finite("x", x, last=2)
    variance = t**2 + (1 - t) ** 2 * task.s**2
    side = posterior_side(x, (1 - t) * task.d / variance, task)  # r_right - r_left
    mean = side * task.d  # sum_k r_k m_k, the same in both coordinates
    return -mean + (t - (1 - t) * task.s**2) / variance * (x - (1 - t) * mean)


def noise_prediction(x: Tensor, alpha_bar: Tensor, task: CupAndTray) -> Tensor:
    """The exact denoiser E[noise | sqrt(alpha_bar) a + sqrt(1 - alpha_bar) noise = x]: x (..., 2) -> (..., 2)."""
    x = check.finite("x", x, last=2)
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


def diffusion_spread(task: CupAndTray, beta: Tensor) -> float:
    """Standard deviation across the diagonal after DDPM with the exact denoiser and step variances beta."""
    beta, variance = beta.double(), 1.0
    alpha_bar = (1 - beta).cumprod(0)
    for t in reversed(range(len(beta))):
        step = transport.diffusion_step(beta[t], alpha_bar[t], t == 0, 0.0, task.s)
        variance = step.keep**2 * variance + step.fresh**2
    return math.sqrt(variance)


def measured_kl(head: Head, task: CupAndTray, n: int = 20_000) -> tuple[float, float]:
    """D(p || q) of a trained head for one scene, in nats, with its standard error.

    Gaussians and mixtures: Monte Carlo with n draws. Bins: exact, between PMFs over pairs of bins (standard error 0).
    A point: infinite. Diffusion and flow: NaN, NaN, for they offer samples but no density.
    """
    obs = torch.ones(1, 1)
    with torch.no_grad():
        if isinstance(head, DensityHead):
            q = head.distribution(obs)
            mean, error = kl_monte_carlo(task.demonstrator, q, n)
            return mean.item(), error.item()
        if isinstance(head, IndependentBinsHead | AutoregressiveBinsHead):
            p = demonstrator_pmf(task, head.tokenizer.bins)
            return kl_divergence(p.flatten(), head.pmf(obs).flatten()).item(), 0.0
    return (math.inf, 0.0) if isinstance(head, MSEHead) else (math.nan, math.nan)


def demonstrator_pmf(task: CupAndTray, bins: int) -> Tensor:
    """The demonstrator's joint PMF over pairs of bins, (bins, bins), float64, for either tokenizer on [-REACH, REACH].

    Both rules cut at the same `bins` edges, clip what lies beyond, and give the last bin only what is clipped from above.
    """
    edges = torch.linspace(-REACH, REACH, check.count("bins", bins), dtype=torch.float64)[1:]
    outer = torch.tensor([0.0, 1.0], dtype=torch.float64)
    sides = []
    for mode in (-task.d, task.d):
        below = torch.cat([outer[:1], normal_cdf((edges - mode) / task.s), outer[1:]])
        sides.append(below.diff())
    left, right = sides
    return (1 - task.w) * torch.outer(left, left) + task.w * torch.outer(right, right)
