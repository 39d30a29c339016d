"""The linear beta-VAE, trained on draws: what helpers/theory/latent.py knows exactly, found by gradient descent."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from helpers import validate
from helpers.training import descend


def train_beta_vae(
    beta: Tensor,
    signal: float = 1.0,
    noise: float = 0.1,
    steps: int = 2000,
    progress: Callable[[float], None] = lambda done: None,
) -> tuple[Tensor, Tensor]:
    """Trains one linear beta-VAE for each beta, all at once, on draws: (distortion, rate), each of shape (k,).

    x ~ N(0, signal); encoder q(z | x) = N(a x, v); decoder p(x | z) = N(w z, noise). Minimises
    E[(x - w z)^2] / (2 noise) + beta * D(q || N(0, 1)) with reparameterised z, by Adam. What it returns is exact for
    the parameters it found. Raises ValueError unless betas, signal and noise are positive and steps is 1 or more.
    """
    beta = validate.finite("beta", beta)
    if beta.ndim != 1 or (beta <= 0).any():
        raise ValueError(
            f"beta = {beta.tolist()}; expected a vector of positive numbers. Pass torch.tensor([1.0, 4.0])."
        )
    signal, noise = (validate.number(name, v, 0, open_low=True) for name, v in (("signal", signal), ("noise", noise)))
    encoder, decoder, log_v = (torch.full_like(beta, value).requires_grad_() for value in (0.5, 0.5, -1.0))

    def loss() -> Tensor:
        x = math.sqrt(signal) * torch.randn(512, 1)
        z = encoder * x + (0.5 * log_v).exp() * torch.randn(512, len(beta))
        rate = 0.5 * ((encoder * x) ** 2 + log_v.exp() - 1 - log_v)
        return ((x - decoder * z) ** 2 / (2 * noise) + beta * rate).mean(0).sum()

    descend(torch.optim.Adam([encoder, decoder, log_v], lr=0.02), loss, steps, progress)
    a, w, v = encoder.detach(), decoder.detach(), log_v.detach().exp()
    distortion = signal * (1 - w * a) ** 2 + w**2 * v
    return distortion, 0.5 * (a**2 * signal + v - 1 - v.log())
