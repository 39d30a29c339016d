"""An RSSM in miniature: a hidden state with two values, a learned prior that imagines, a posterior that looks.

The world: z flips between -1 and 1 with probability 0.1 a step; one sees o = z + 0.4 e. The model has a latent with two
values, a prior p(z' | z), a posterior q(z' | z, o) and a decoder N(m_z, 0.4^2), and is trained as DreamerV3 trains its
own (dreamerv3 at e3f0224, rssm.py): KL balancing with stop-gradients, unimix and free nats. Two simplifications: the
latent is the whole state (no recurrent network), and expectations over its two values are sums, not samples. So the
first KL trains the prior alone; DreamerV3's reaches the posteriors of earlier steps, too, through its recurrent state.
Here free nats clamp the KL averaged over the batch; DreamerV3 sums the KL over its 32 latents and clamps each time step.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Normal

from helpers import validate
from helpers.training import descend

FLIP, NOISE, LENGTH = 0.1, 0.4, 12
UNIMIX = 0.01  # share of the uniform PMF that is mixed into every categorical
START, FIRST, SECOND = range(3)  # where a posterior comes from: no state yet, or one of the two


class Setting(NamedTuple):
    """Weights of the two KL terms, and the nats below which neither counts."""

    dyn: float
    rep: float
    free: float = 0.0


SETTINGS = {
    "the ELBO": Setting(1, 1),
    "balanced": Setting(1, 0.1),
    "KL off": Setting(0, 0),
    "KL too strong": Setting(10, 10),
    "one free nat": Setting(1, 0.1, 1),
}


def observe(n: int) -> Tensor:
    """n sequences of observations, shape (n, 12)."""
    n = validate.count("n", n)
    flips = torch.rand(n, LENGTH) < FLIP
    flips[:, 0] = torch.rand(n) < 0.5  # the first state is a fair coin
    state = 1 - 2 * (flips.cumsum(1) % 2)
    return state + NOISE * torch.randn(n, LENGTH)


def check_sequences(o: Tensor) -> Tensor:
    """`o` if it is finite and of shape (n, T) with T >= 1; else ValueError."""
    o = validate.finite("o", o)
    if o.ndim != 2 or o.shape[1] == 0:
        raise ValueError(
            f"o has shape {tuple(o.shape)}; expected (n, T), T >= 1. Pass one sequence a row, a single one as o.unsqueeze(0)."
        )
    return o


def exact_filter(o: Tensor) -> tuple[Tensor, Tensor]:
    """The forward algorithm: belief P(z_t = 1 | o_1..o_t), (n, T), and log p(o) per step, (n,), in nats.

    o: sequences of observations, (n, T). Raises ValueError if they are not finite or have another shape.
    """
    o = check_sequences(o)
    belief, log_evidence, beliefs = torch.full_like(o[:, 0], 0.5), torch.zeros_like(o[:, 0]), []
    for t in range(o.shape[1]):
        prior = belief if t == 0 else (1 - FLIP) * belief + FLIP * (1 - belief)
        likely = torch.stack([Normal(z, NOISE).log_prob(o[:, t]) for z in (-1.0, 1.0)], -1).exp()
        joint = likely * torch.stack([1 - prior, prior], -1)
        belief = joint[:, 1] / joint.sum(-1)
        log_evidence = log_evidence + joint.sum(-1).log()
        beliefs.append(belief)
    return torch.stack(beliefs, 1), log_evidence / o.shape[1]


def forecast(belief, up, down, steps):
    """P(z = 1) some steps ahead with eyes shut; up = P(1 | -1) and down = P(-1 | 1). Numbers, tensors or a chart's names.

    It forgets the belief at the rate 1 - up - down: rest + (1 - up - down)^steps (belief - rest), rest = up / (up + down).
    """
    rest = up / (up + down)
    return rest + (1 - up - down) ** steps * (belief - rest)


class WorldModel(nn.Module):
    """`runs` models of the same shape, trained side by side; every tensor has them as its first axis."""

    def __init__(self, runs: int, hidden: int = 16):
        super().__init__()
        self.transition = nn.Parameter(torch.zeros(runs, 3, 2))  # logits of p(z' | START, FIRST or SECOND)
        self.means = nn.Parameter(0.1 * torch.randn(runs, 2))
        self.from_state = nn.Parameter(0.5 * torch.randn(runs, 3, hidden))
        self.from_o = nn.Parameter(torch.randn(runs, hidden))
        self.to_logits = nn.Parameter(torch.randn(runs, hidden, 2) / math.sqrt(hidden))

    def prior(self) -> Tensor:
        """p(z' | previous), (runs, 3, 2)."""
        return mixed(self.transition)

    def posterior(self, o: Tensor) -> Tensor:
        """q(z' | previous, o) for every previous state: o (n, T) -> (runs, 3, n, T, 2)."""
        hidden = self.from_state[:, :, None, None] + self.from_o[:, None, None, None] * o[..., None]
        return mixed(torch.einsum("rpnth,rhz->rpntz", hidden.tanh(), self.to_logits))

    def forward(self, o: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """o (n, T) -> beliefs (runs, n, T, 2) and, per run and step: reconstruction, KL to train p, KL to train q."""
        o = check_sequences(o)
        prior, posterior = self.prior()[:, :, None, None], self.posterior(o)
        apart = (
            (posterior.detach() * (posterior.detach() / prior).log()).sum(-1),  # (runs, 3, n, T)
            (posterior * (posterior / prior.detach()).log()).sum(-1),
        )
        belief, beliefs = posterior[:, START, :, 0], []
        kl = [term[:, START, :, 0] for term in apart]
        for t in range(o.shape[1]):
            if t > 0:
                kl = [
                    k + (weight * term[:, FIRST:, :, t].movedim(1, -1)).sum(-1)
                    for k, weight, term in zip(kl, (belief.detach(), belief), apart, strict=True)
                ]
                belief = (belief.unsqueeze(-1) * posterior[:, FIRST:, :, t].movedim(1, 2)).sum(-2)
            beliefs.append(belief)
        beliefs = torch.stack(beliefs, 2)
        log_likelihood = Normal(self.means[:, None, None], NOISE).log_prob(o[..., None])
        reconstruction = (beliefs * log_likelihood).sum(-1).mean((1, 2))
        return beliefs, reconstruction, *(k.mean(1) / o.shape[1] for k in kl)


def mixed(logits: Tensor) -> Tensor:
    """DreamerV3's unimix: 99 % of the softmax and 1 % of the uniform PMF."""
    return (1 - UNIMIX) * logits.softmax(-1) + UNIMIX / logits.shape[-1]


def train(
    settings: list[Setting], steps: int = 400, progress: Callable[[float], None] = lambda done: None
) -> WorldModel:
    """One model for each setting, on fresh sequences, by Adam; a few seconds for five of them.

    Raises ValueError if there is no setting, one is not three finite numbers, or steps is below 1.
    """
    weights = validate.finite("settings", settings).float()
    if weights.ndim != 2 or weights.shape[0] == 0 or weights.shape[1] != 3:
        raise ValueError(
            f"settings has shape {tuple(weights.shape)}; expected (runs, 3), runs >= 1: dyn, rep and free of each. "
            "Pass a list of Settings, for example list(SETTINGS.values())."
        )
    model = WorldModel(len(weights))
    dyn, rep, free = weights.T

    def loss() -> Tensor:
        _, reconstruction, to_train_p, to_train_q = model(observe(64))
        each = -reconstruction + dyn * torch.maximum(to_train_p, free) + rep * torch.maximum(to_train_q, free)
        return each.sum()

    descend(torch.optim.Adam(model.parameters(), lr=0.02), loss, steps, progress)
    return model


class Result(NamedTuple):
    """What `measure` finds, each of shape (runs,): nats per step, a probability, and an error in units of o."""

    kl: Tensor
    elbo: Tensor
    flip: Tensor
    error: Tensor


@torch.no_grad()
def measure(model: WorldModel, o: Tensor) -> Result:
    """KL and ELBO per step, the flip probability that the prior has learned, and the root mean square error of the
    model's prediction of the next observation against the exact filter's."""
    beliefs, reconstruction, kl, _ = model(o)
    belief, _ = exact_filter(o)
    next_state = torch.einsum("rntz,rzy->rnty", beliefs, model.prior()[:, FIRST:])
    predicted = (next_state * model.means[:, None, None]).sum(-1)
    exact = (1 - 2 * FLIP) * (2 * belief - 1)
    flip = (model.prior()[:, FIRST, 1] + model.prior()[:, SECOND, 0]) / 2
    return Result(kl, reconstruction - kl, flip, (predicted - exact).pow(2).mean((1, 2)).sqrt())
