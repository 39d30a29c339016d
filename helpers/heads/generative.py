"""The heads that carry noise to an action step by step: flow matching and denoising diffusion."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers import validate
from helpers.heads.head import DIM, Head, Row
from helpers.heads.ideal import Case, Ideal, Optimum
from helpers.namespace import where
from helpers.theory.modes import SQRT2
from helpers.theory.passing import passing_on

STEPS = 20  # of denoising: Octo's


class Denoiser(nn.Module):
    """A network (obs, x, t) -> (..., dim), with sines and cosines of the time t in [0, 1]."""

    def __init__(self, obs_dim: int, dim: int = DIM, width: int = 128, frequencies: int = 4):
        super().__init__()
        self.register_buffer("frequency", math.pi * 2.0 ** torch.arange(frequencies))
        self.layers = nn.Sequential(
            nn.Linear(obs_dim + dim + 1 + 2 * frequencies, width), nn.SiLU(),
            nn.Linear(width, width), nn.SiLU(),
            nn.Linear(width, dim),
        )  # fmt: skip

    def forward(self, obs: Tensor, x: Tensor, t: Tensor) -> Tensor:
        """obs (B, k), noised action x (..., B, dim) and time t (..., B, 1) -> velocity or noise, (..., B, dim)."""
        angle = t * self.frequency
        return self.layers(torch.cat([obs.expand(*x.shape[:-1], -1), x, t, angle.sin(), angle.cos()], -1))


class FlowHead(Head):
    """Flow matching as in openpi: x_t = t noise + (1 - t) action, so t = 1 is noise; the target is noise - action.

    Loss: the squared error of the velocity, with t = 0.999 Beta(1.5, 1) + 0.001. Sampling: Euler steps from t = 1 to 0.
    """

    def __init__(self, obs_dim: int, dim: int = DIM, width: int = 128):
        super().__init__()
        self.dim = dim
        self.velocity = Denoiser(obs_dim, dim, width)

    def _loss(self, obs, action):
        beta = torch.distributions.Beta(action.new_tensor(1.5), action.new_tensor(1.0))
        t = 0.999 * beta.sample((len(action), 1)) + 0.001
        noise = torch.randn_like(action)
        return F.mse_loss(self.velocity(obs, t * noise + (1 - t) * action, t), noise - action)

    def _sample(self, obs, n, steps: int = 10):
        return euler(lambda x, t: self.velocity(obs, x, t), noise_for(obs, n, self.dim), steps)


def noise_for(obs: Tensor, n: int, dim: int = DIM) -> Tensor:
    """Standard normal noise for n actions per observation, on obs's device and of its dtype: obs (B, k) -> (n, B, dim)."""
    return torch.randn(n, len(obs), dim, dtype=obs.dtype, device=obs.device)


def euler(velocity: Callable[[Tensor, Tensor], Tensor], x: Tensor, steps: int) -> Tensor:
    """Carry x from t = 1 to t = 0 in `steps` Euler steps: x <- x - velocity(x, t) / steps. x (..., 2), t (..., 1)."""
    steps = validate.count("steps", steps)
    for step in range(steps):
        x = x - velocity(x, torch.full_like(x[..., :1], 1 - step / steps)) / steps
    return x


class DiffusionHead(Head):
    """Denoising diffusion as in Octo: 20 steps, cosine schedule; the network predicts the noise.

    Loss: the squared error of the noise, at one step drawn for each example. Sampling: DDPM with variance beta_t,
    no noise at the last step. Octo also clips x to [-5, 5] at every step; the exact denoiser never leaves that range.
    A trained head leaves it in a few draws of a hundred, for the first step multiplies its error by 1 / sqrt(1 - 0.999)
    = 31.6; but the clip changes next to nothing in where its draws end, and is left out.
    """

    def __init__(self, obs_dim: int, steps: int = STEPS):
        super().__init__()
        self.noise = Denoiser(obs_dim)
        self.register_buffer("beta", cosine_schedule(steps))
        self.register_buffer("alpha_bar", (1 - self.beta).cumprod(0))

    def _loss(self, obs, action):
        step = torch.randint(len(self.beta), (len(action), 1), device=action.device)
        alpha_bar = self.alpha_bar[step]
        noise = torch.randn_like(action)
        noisy = alpha_bar.sqrt() * action + (1 - alpha_bar).sqrt() * noise
        return F.mse_loss(self.noise(obs, noisy, step.to(action) / len(self.beta)), noise)

    def _sample(self, obs, n):
        predict = lambda x, step: self.noise(obs, x, torch.full_like(x[..., :1], step / len(self.beta)))
        return denoise(predict, noise_for(obs, n), self.beta)


def cosine_schedule(steps: int) -> Tensor:
    """beta_0 .. beta_{steps-1}: 1 - f(t + 1) / f(t) with f(t) = cos^2((t / steps + 0.008) / 1.008 pi / 2), at most 0.999."""
    steps = validate.count("steps", steps)
    t = torch.arange(steps + 1, dtype=torch.float64) / steps
    f = torch.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    return (1 - f[1:] / f[:-1]).clamp(0, 0.999).float()


def denoise(noise: Callable[[Tensor, int], Tensor], x: Tensor, beta: Tensor) -> Tensor:
    """Carry x from noise to actions by DDPM: x <- (x - beta / sqrt(1 - alpha_bar) noise) / sqrt(1 - beta) + sqrt(beta) z."""
    alpha_bar = (1 - beta).cumprod(0)
    for t in reversed(range(len(beta))):
        x = (x - beta[t] / (1 - alpha_bar[t]).sqrt() * noise(x, t)) / (1 - beta[t]).sqrt()
        if t > 0:
            x = x + beta[t].sqrt() * torch.randn_like(x)
    return x


def exact_field(case: Case) -> Optimum:
    """The exact velocity, or the exact denoiser, in n steps: one Euler step is a point; more have a density, but none in closed form."""
    flow = case.flow
    rates = case.failing(lambda t: case.mean_of(lambda z: passing_on(flow.end(z), flow.across, t)))
    kl = where(flow.n == 1, math.inf, math.nan)
    return Optimum(*rates, kl, kl)


def carried(does: str) -> Ideal:
    """A head that carries noise u, v along and across the diagonal."""
    return Ideal(exact_field, lambda e, p: ((e.u + e.v) / SQRT2, (e.u - e.v) / SQRT2), does)


HEADS = {
    "diffusion": Row(
        "denoising diffusion (Octo)",
        "family",
        lambda task: DiffusionHead(1),
        3000, 512, 2e-3,
        {"diffusion": carried(f"noise, cleaned {STEPS} times")},
    ),
    "flow": Row("flow (π0)", "family", lambda task: FlowHead(1), 3000, 512, 2e-3, {"flow": carried("noise, moved n times")}),
}  # fmt: skip
