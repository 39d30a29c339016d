"""What each head converges to on the cup and the tray: the population optimum, by closed forms and 1-D quadrature.

Along u = (x1 + x2) / sqrt(2) the demonstrator is a mixture of N(-m, s^2) and N(m, s^2) with m = sqrt(2) d; across,
along v = (x1 - x2) / sqrt(2), it is N(0, s^2); u and v are independent. So everything here is one-dimensional.
A path passes when x1 and x2 have the same sign and min(|x1|, |x2|) > t, which is |u| > sqrt(2) t + |v|.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Categorical, MixtureSameFamily, Normal

from helpers import check
from helpers.heads import REACH, AutoregressiveBinsHead, DensityHead, Head, IndependentBinsHead, MSEHead, euler
from helpers.information import kl_divergence, kl_monte_carlo
from helpers.tasks import HALF_WIDTH, CupAndTray

HEADS = (
    "demonstrator",
    "mse",
    "full_gaussian",
    "diagonal_gaussian",
    "reverse_kl_gaussian",
    "independent_bins",
    "autoregressive_sampled",
    "autoregressive_greedy",
    "autoregressive_mean",
    "mixture",
    "flow",
)
STANDARD = Normal(torch.tensor(0.0, dtype=torch.float64), torch.tensor(1.0, dtype=torch.float64))


def gaussian_mean(f: Callable[[Tensor], Tensor], step: float = 0.002) -> Tensor:
    """E[f(z)] for z ~ N(0, 1), by the midpoint rule on [-8, 8]."""
    z = torch.arange(-8 + step / 2, 8, step, dtype=torch.float64)
    return (STANDARD.log_prob(z).exp() * f(z)).sum() * step


def two_modes(m: float, task: CupAndTray) -> MixtureSameFamily:
    """(1 - w) N(-m, s^2) + w N(m, s^2) in one dimension, float64."""
    weights = torch.tensor([1 - task.w, task.w], dtype=torch.float64)
    return MixtureSameFamily(Categorical(probs=weights), Normal(torch.tensor([-m, m], dtype=torch.float64), task.s))


def two_mode_entropy(m: float, task: CupAndTray) -> Tensor:
    """Differential entropy of `two_modes`, in nats: -sum_k w_k E[log p(m_k + s z)]."""
    log_p = two_modes(m, task).log_prob
    return -sum(
        weight * gaussian_mean(lambda z, mode=mode: log_p(mode + task.s * z))
        for weight, mode in ((1 - task.w, -m), (task.w, m))
    )


def demonstrator_entropy(task: CupAndTray) -> float:
    """H(p) = H(u) + H(v), in nats; for well separated modes H_b(w) + log(2 pi e s^2)."""
    return (two_mode_entropy(math.sqrt(2) * task.d, task) + gaussian_entropy(task.s)).item()


def gaussian_entropy(std: float) -> float:
    """Differential entropy of N(., std^2): log(2 pi e std^2) / 2, in nats."""
    return 0.5 * math.log(2 * math.pi * math.e) + math.log(std)


@dataclass(frozen=True)
class Optimum:
    """Crash rate, mass with x1 x2 < 0, forward KL D(p || q) and reverse KL D(q || p) in nats.

    A KL is infinite for a point (it has no density) and NaN where it has no closed form (the flow in several steps).
    """

    crash: float
    corner: float
    forward_kl: float
    reverse_kl: float


def optimum(head: str, task: CupAndTray, steps: int = 10) -> Optimum:
    """The population optimum of a head: what it becomes with endless demonstrations and a perfect fit.

    head: a name in HEADS. steps: Euler steps of the flow, with the exact velocity. Independent and autoregressive
    bins are taken infinitely fine. The reverse-KL Gaussian and the greedy decoding take the heavier mode, and the
    left one at w = 1/2; for well separated modes, d > 3 s, that is the reverse KL's global optimum.
    Raises ValueError on an unknown head or bad steps.
    """
    check.one_of("head", head, HEADS)
    mean, spread = (2 * task.w - 1) * task.d, math.sqrt(task.s**2 + 4 * task.w * (1 - task.w) * task.d**2)
    heavier = task.d if task.w > 0.5 else -task.d
    if head in ("demonstrator", "mixture", "autoregressive_sampled"):
        return Optimum(*failures([(1 - task.w, -task.d, -task.d), (task.w, task.d, task.d)], task.s), 0.0, 0.0)
    if head == "mse":
        return point(mean, mean)
    if head == "autoregressive_greedy":
        return point(heavier, heavier)
    if head == "autoregressive_mean":
        return point(mean, mean_after(mean, task))
    if head == "full_gaussian":
        along = math.sqrt(task.s**2 + 8 * task.w * (1 - task.w) * task.d**2)  # spread along u
        crash, mass = (1 - passing_two_spreads(t, mean, along, task.s) for t in (HALF_WIDTH, 0.0))
        return Optimum(crash, mass, *gaussian_kls(mean, along, task.s, task))
    if head == "diagonal_gaussian":
        return Optimum(*failures([(1.0, mean, mean)], spread), *gaussian_kls(mean, spread, spread, task))
    if head == "reverse_kl_gaussian":
        return Optimum(*failures([(1.0, heavier, heavier)], task.s), *gaussian_kls(heavier, task.s, task.s, task))
    if head == "independent_bins":
        sides = ((1 - task.w, -task.d), (task.w, task.d))
        return Optimum(*failures([(a * b, i, j) for a, i in sides for b, j in sides], task.s), *product_kls(task))
    if head == "flow":
        kl = math.inf if steps == 1 else math.nan  # one step is a point; more have a density, but none in closed form
        return Optimum(*flow_failures(task, steps), kl, kl)
    raise ValueError(f"head = {head!r} is in HEADS without an optimum; expected one. Write its case in optima.optimum.")


def failures(components: list[tuple[float, float, float]], std: float) -> tuple[float, float]:
    """Crash rate and corner mass of a mixture of (weight, mean of x1, mean of x2), each N(., std^2 I)."""

    def passing(t: float) -> float:
        """P(both gates beyond t on the same side) under the mixture."""
        above = lambda mean: STANDARD.cdf(torch.tensor((mean - t) / std, dtype=torch.float64)).item()
        return sum(weight * (above(i) * above(j) + above(-i) * above(-j)) for weight, i, j in components)

    return 1 - passing(HALF_WIDTH), 1 - passing(0.0)


def point(x1: float, x2: float) -> Optimum:
    """The failures of a head that always answers (x1, x2)."""
    crash = x1 * x2 < 0 or min(abs(x1), abs(x2)) < HALF_WIDTH
    return Optimum(float(crash), float(x1 * x2 < 0), math.inf, math.inf)


def mean_after(x1: float, task: CupAndTray) -> float:
    """E[x2 | x1] = d (r - (1 - r)), r the posterior probability of passing right: logit r = logit w + 2 d x1 / s^2."""
    if task.w in (0.0, 1.0):
        return (2 * task.w - 1) * task.d
    logit = math.log(task.w / (1 - task.w)) + 2 * task.d * x1 / task.s**2
    return task.d * math.tanh(logit / 2)


def passing_two_spreads(t: float, mean: float, along: float, across: float) -> float:
    """P(|u| > sqrt(2) t + |v|) for independent u ~ N(sqrt(2) mean, along^2) and v ~ N(0, across^2)."""
    edge = lambda z: math.sqrt(2) * t + across * z.abs()
    right = gaussian_mean(lambda z: STANDARD.cdf((math.sqrt(2) * mean - edge(z)) / along))
    left = gaussian_mean(lambda z: STANDARD.cdf((-math.sqrt(2) * mean - edge(z)) / along))
    return (right + left).item()


def gaussian_kls(mean: float, along: float, across: float, task: CupAndTray) -> tuple[float, float]:
    """D(p || q) and D(q || p) of a Gaussian q with mean (mean, mean), spread `along` in u and `across` in v."""
    m, centre = math.sqrt(2) * task.d, math.sqrt(2) * mean
    second_moment = task.s**2 + sum(
        weight * (mode - centre) ** 2 for weight, mode in ((1 - task.w, -m), (task.w, m))
    )  # of u about q's mean, under p
    cross = (
        math.log(2 * math.pi * along * across) + second_moment / (2 * along**2) + task.s**2 / (2 * across**2)
    )  # H(p, q)
    log_p_u = gaussian_mean(lambda z: two_modes(m, task).log_prob(centre + along * z)).item()
    log_p_v = -0.5 * math.log(2 * math.pi * task.s**2) - across**2 / (2 * task.s**2)
    own = gaussian_entropy(along) + gaussian_entropy(across)  # H(q)
    return cross - demonstrator_entropy(task), -own - log_p_u - log_p_v


def product_kls(task: CupAndTray) -> tuple[float, float]:
    """D(p || q) and D(q || p) of q = p(x1) p(x2): the first is the mutual information of x1 and x2."""
    marginal, m, s, w = two_mode_entropy(task.d, task).item(), math.sqrt(2) * task.d, task.s, task.w
    log_p_u = lambda centre: gaussian_mean(lambda z: two_modes(m, task).log_prob(centre + s * z)).item()
    both_same = (1 - w) ** 2 * log_p_u(-m) + w**2 * log_p_u(m)
    crossed = 2 * w * (1 - w) * (log_p_u(0.0) - task.d**2 / s**2)  # there v ~ N(+-m, s^2)
    log_p = both_same + crossed - gaussian_entropy(s)
    return 2 * marginal - demonstrator_entropy(task), -2 * marginal - log_p


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


def flow_failures(task: CupAndTray, steps: int) -> tuple[float, float]:
    """Crash rate and corner mass of the exact flow with Euler steps: u follows a 1-D map, v only shrinks."""
    across = flow_spread(task, steps)

    def passing(z: Tensor, t: float) -> Tensor:
        """P(both gates beyond t on the same side | z), z the noise along the diagonal, over the noise across it."""
        noise = torch.stack([z, z], -1) / math.sqrt(2)  # u = z, v = 0
        u = euler(lambda x, t: velocity(x, t, task), noise, steps).sum(-1) / math.sqrt(2)
        room = u.abs() - math.sqrt(2) * t  # passes if |v| is at most this
        share = 2 * STANDARD.cdf(room / across) - 1 if across > 0 else torch.ones_like(room)
        return torch.where(room < 0, 0.0, share)

    fine = 1e-4  # where noise parts to the left and to the right the map is steep
    return tuple(1 - gaussian_mean(lambda z, t=t: passing(z, t), fine).item() for t in (HALF_WIDTH, 0.0))


def flow_spread(task: CupAndTray, steps: int) -> float:
    """Standard deviation across the diagonal after Euler steps with the exact velocity; s for endless steps."""
    ones = torch.tensor([[1.0, -1.0]], dtype=torch.float64) / math.sqrt(2)  # u = 0, v = 1
    out = euler(lambda x, t: velocity(x, t, task), ones, steps)
    return ((out[0, 0] - out[0, 1]) / math.sqrt(2)).item()


def diffusion_spread(task: CupAndTray, beta: Tensor) -> float:
    """Standard deviation across the diagonal after DDPM with the exact denoiser and step variances beta."""
    beta, variance = beta.double(), 1.0
    alpha_bar = (1 - beta).cumprod(0)
    for t in reversed(range(len(beta))):
        shrink = (1 - beta[t] / (alpha_bar[t] * task.s**2 + 1 - alpha_bar[t])) / (1 - beta[t]).sqrt()
        variance = (shrink**2 * variance + (beta[t] if t > 0 else 0)).item()
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
        below = torch.cat([outer[:1], STANDARD.cdf((edges - mode) / task.s), outer[1:]])
        sides.append(below.diff())
    left, right = sides
    return (1 - task.w) * torch.outer(left, left) + task.w * torch.outer(right, right)
