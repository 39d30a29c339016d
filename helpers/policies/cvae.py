"""A conditional VAE head, as in ACT: a latent of its own for what the observation does not tell, here left or right.

T. Z. Zhao et al. (2023), arXiv:2304.13705. ACT's loss is a mean absolute error and ten times the KL; here the decoder is
a Gaussian of fixed spread, so that the loss is a negative ELBO in nats, with beta before the KL.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.distributions import Independent, Normal, kl_divergence

from helpers import validate
from helpers.heads import DIM, Head
from helpers.robot.cup_and_tray import CupAndTray
from helpers.training import descend, seeded

SPREAD = 0.1  # of the decoder, as the demonstrator's


class CVAEHead(Head):
    """Encoder q(z | a, obs), prior N(0, 1), decoder N(f(z, obs), 0.1^2 I); z is one number.

    Loss: -E_q[log p(a | z, obs)] + beta * D(q || prior), one draw of z per example.
    """

    def __init__(self, obs_dim: int, beta: float = 1.0, hidden: int = 64):
        super().__init__()
        self.beta = validate.number("beta", beta, 0)
        mlp = lambda n, m: nn.Sequential(
            nn.Linear(n, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, m)
        )
        self.encoder, self.decoder = mlp(DIM + obs_dim, 2), mlp(1 + obs_dim, DIM)

    def posterior(self, obs: Tensor, action: Tensor) -> Normal:
        """q(z | a, obs): (B, k), (B, 2) -> a distribution over z of shape (B,)."""
        mean, log_std = self.encoder(torch.cat([action, obs], -1)).unbind(-1)
        return Normal(mean, log_std.exp())

    def decode(self, obs: Tensor, z: Tensor) -> Tensor:
        """The mean action for each latent: (B, k), (n, B) -> (n, B, 2)."""
        return self.decoder(torch.cat([z.unsqueeze(-1), obs.expand(len(z), -1, -1)], -1))

    def _loss(self, obs, action):
        q = self.posterior(obs, action)
        mean = self.decode(obs, q.rsample().unsqueeze(0))[0]
        reconstruction = Independent(Normal(mean, SPREAD), 1).log_prob(action)
        rate = kl_divergence(q, Normal(torch.zeros_like(q.mean), 1.0))
        return (self.beta * rate - reconstruction).mean()

    def _sample(self, obs, n, zero: bool = False):
        """Draws z from the prior, or with `zero` takes z = 0, as ACT does; adds no decoder noise."""
        z = (torch.zeros if zero else torch.randn)(n, len(obs), dtype=obs.dtype, device=obs.device)
        return self.decode(obs, z)


def train_cvae(
    task: CupAndTray,
    beta: float,
    seed: int = 0,
    steps: int = 500,
    progress: Callable[[float], None] = lambda done: None,
) -> CVAEHead:
    """A head trained on fresh demonstrations of the task.

    seed: of the weights and of the draws; the caller's random state stays as it is.
    Raises ValueError if beta is negative or steps below 1.
    """
    obs = torch.ones(256, 1)
    with seeded(seed):
        head = CVAEHead(1, beta)
        optimizer = torch.optim.Adam(head.parameters(), lr=5e-3, fused=True)
        descend(optimizer, lambda: head.loss(obs, task.demonstrations(256)), steps, progress)
    return head
