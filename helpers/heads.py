"""The policy heads, behind one small interface.

    head.loss(obs, action) -> scalar            obs (B, k): features from the trunk; action (B, 2)
    head.sample(obs, n)    -> (n, B, 2)         n actions for each observation

In notebook 07 the robot always sees the same scene, so obs is a column of ones and a linear layer on it is a set
of free parameters. Actions are scaled to about [-1.5, 1.5]; losses are in nats where they are likelihoods.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.distributions import Categorical, Independent, MixtureSameFamily, MultivariateNormal, Normal
from torch.nn import functional as F

from helpers import check
from helpers.actions import OpenVLATokenizer, RT1Tokenizer
from helpers.tasks import CupAndTray
from helpers.training import descend, seeded

DIM = 2  # x1 and x2
REACH = 1.5  # bins cover [-REACH, REACH]


class Head(nn.Module):
    """What every head offers. Raises ValueError on a wrong shape, a non-finite number or n below 1."""

    def loss(self, obs: Tensor, action: Tensor) -> Tensor:
        """Scalar to minimise, averaged over the batch. obs (B, k), action (B, 2)."""
        obs, action = check_obs(obs), check.finite("action", action, last=DIM)
        if action.ndim != 2 or len(action) != len(obs):
            raise ValueError(
                f"obs has shape {tuple(obs.shape)} and action {tuple(action.shape)}; expected (B, k) and (B, {DIM}). "
                "Give one action for each observation."
            )
        return self._loss(obs, action)

    def sample(self, obs: Tensor, n: int, **how) -> Tensor:
        """n actions for each observation: obs (B, k) -> (n, B, 2), without gradients."""
        with torch.no_grad():
            return self._sample(check_obs(obs), check.count("n", n), **how)


def check_obs(obs: Tensor) -> Tensor:
    """`obs` if it is finite and of shape (B, k) with B >= 1; else ValueError."""
    obs = check.finite("obs", obs)
    if obs.ndim != 2 or len(obs) == 0:
        raise ValueError(f"obs has shape {tuple(obs.shape)}; expected (B, k). Stack the observations in rows.")
    return obs


class MSEHead(Head):
    """One answer, trained by squared error: the mean of (a - f(obs))^2. Optimum: the conditional mean."""

    def __init__(self, obs_dim: int):
        super().__init__()
        self.mean = nn.Linear(obs_dim, DIM)

    def _loss(self, obs, action):
        return F.mse_loss(self.mean(obs), action)

    def _sample(self, obs, n):
        return self.mean(obs).expand(n, -1, -1)


class DensityHead(Head):
    """A head that has a density: trained by the negative log-likelihood, the forward KL up to a constant."""

    def _loss(self, obs, action):
        return -self.distribution(obs).log_prob(action).mean()

    def _sample(self, obs, n):
        return self.distribution(obs).sample((n,))


class FullGaussianHead(DensityHead):
    """One Gaussian with a full covariance L L^T, L lower triangular. Optimum: the moments of the demonstrations."""

    def __init__(self, obs_dim: int):
        super().__init__()
        self.parameters_of = nn.Linear(obs_dim, DIM + DIM + 1)  # mean, log diagonal of L, the entry below it

    def distribution(self, obs: Tensor) -> MultivariateNormal:
        """N(mean, L Lᵀ) for each observation, batch shape (B,): L lower triangular with a positive diagonal."""
        mean, log_diagonal, below = self.parameters_of(obs).split([DIM, DIM, 1], -1)
        lower = torch.diag_embed(log_diagonal.exp())  # (B, 2, 2)
        lower = lower + F.pad(below.unsqueeze(-1), (0, 1, 1, 0))
        return MultivariateNormal(mean, scale_tril=lower)


class DiagonalGaussianHead(DensityHead):
    """One Gaussian with a diagonal covariance: each coordinate on its own. Optimum: mean and variances."""

    def __init__(self, obs_dim: int):
        super().__init__()
        self.parameters_of = nn.Linear(obs_dim, 2 * DIM)

    def distribution(self, obs: Tensor) -> Independent:
        """N(mean, diag(std²)) for each observation, batch shape (B,)."""
        mean, log_std = self.parameters_of(obs).chunk(2, -1)
        return Independent(Normal(mean, log_std.exp()), 1)


class ReverseKLGaussianHead(FullGaussianHead):
    """One Gaussian q trained on the reverse KL, D(q || p) = E_q[log q - log p]. Optimum: one of the modes.

    It needs the demonstrator's log density, which demonstrations alone do not give; `action` is not used.
    """

    def __init__(self, obs_dim: int, log_density: Callable[[Tensor], Tensor]):
        super().__init__(obs_dim)
        self.log_density = log_density

    def _loss(self, obs, action):
        q = self.distribution(obs)
        draw = q.rsample()  # reparameterised, so that the gradient flows through it
        return (q.log_prob(draw) - self.log_density(draw)).mean()


class MixtureHead(DensityHead):
    """A mixture of Gaussians with diagonal covariances (a mixture density network). Optimum: the demonstrator."""

    def __init__(self, obs_dim: int, components: int = 2):
        super().__init__()
        self.components = check.count("components", components)
        self.parameters_of = nn.Linear(obs_dim, self.components * (1 + 2 * DIM))

    def distribution(self, obs: Tensor) -> MixtureSameFamily:
        """sum_k pi_k N(mean_k, diag(std_k²)) for each observation, batch shape (B,)."""
        logits, rest = self.parameters_of(obs).split([self.components, self.components * 2 * DIM], -1)
        mean, log_std = rest.unflatten(-1, (self.components, 2 * DIM)).chunk(2, -1)  # (B, K, 2) each
        return MixtureSameFamily(Categorical(logits=logits), Independent(Normal(mean, log_std.exp()), 1))


class IndependentBinsHead(Head):
    """RT-1's factorisation: one softmax over bins for each coordinate, independent given obs.

    Tokens by RT-1's rule. Loss: the sum of the two cross-entropies. Optimum: the product of the marginals.
    """

    def __init__(self, obs_dim: int, bins: int = 64):
        super().__init__()
        self.tokenizer = RT1Tokenizer(-REACH, REACH, bins)
        self.logits = nn.Linear(obs_dim, DIM * self.tokenizer.bins)

    def coordinate(self, obs: Tensor) -> Categorical:
        """The PMFs q(x1), q(x2): batch shape (B, 2)."""
        return Categorical(logits=self.logits(obs).unflatten(-1, (DIM, -1)))

    def pmf(self, obs: Tensor) -> Tensor:
        """The joint PMF over pairs of tokens: (B, bins, bins)."""
        first, second = self.coordinate(obs).probs.unbind(-2)
        return first.unsqueeze(-1) * second.unsqueeze(-2)

    def _loss(self, obs, action):
        return -self.coordinate(obs).log_prob(self.tokenizer.encode(action)).sum(-1).mean()

    def _sample(self, obs, n):
        return self.tokenizer.decode(self.coordinate(obs).sample((n,))).to(obs.dtype)


class AutoregressiveBinsHead(Head):
    """OpenVLA's factorisation: q(x1) q(x2 | x1), one softmax after the other, the second told the first token.

    Bins by OpenVLA's rule. Loss: the sum of the two cross-entropies. Optimum: the demonstrator, up to the bin width.
    """

    DECODINGS = ("sample", "greedy", "mean")

    def __init__(self, obs_dim: int, bins: int = 64, width: int = 64):
        super().__init__()
        self.tokenizer = OpenVLATokenizer(bins)
        bins = self.tokenizer.bins
        self.first = nn.Linear(obs_dim, bins)
        self.previous = nn.Embedding(bins, width)
        self.second = nn.Sequential(nn.Linear(obs_dim + width, width), nn.ReLU(), nn.Linear(width, bins))

    def conditional(self, obs: Tensor, first: Tensor) -> Categorical:
        """q(x2 | x1, obs): obs (..., k), first bin index (...) -> batch shape (...)."""
        return Categorical(logits=self.second(torch.cat([obs, self.previous(first)], -1)))

    def pmf(self, obs: Tensor) -> Tensor:
        """The joint PMF over pairs of bins: (B, bins, bins)."""
        first = torch.arange(self.tokenizer.bins, device=obs.device).expand(len(obs), -1)
        second = self.conditional(obs.unsqueeze(1).expand(-1, self.tokenizer.bins, -1), first).probs
        return self.first(obs).softmax(-1).unsqueeze(-1) * second

    def _loss(self, obs, action):
        first, second = (self.tokenizer.bin(action / REACH) - 1).unbind(-1)
        return F.cross_entropy(self.first(obs), first) - self.conditional(obs, first).log_prob(second).mean()

    def _sample(self, obs, n, decoding: str = "sample"):
        """decoding: "sample" each token; "greedy", the argmax of each; "mean", the bin nearest to each mean."""
        check.one_of("decoding", decoding, self.DECODINGS)
        obs = obs.expand(n, -1, -1)
        first = self.pick(Categorical(logits=self.first(obs)), decoding)
        second = self.pick(self.conditional(obs, first), decoding)
        token = self.tokenizer.vocabulary - 1 - torch.stack([first, second], -1)
        return (self.tokenizer.decode(token) * REACH).to(obs.dtype)

    def pick(self, q: Categorical, decoding: str) -> Tensor:
        """A bin, counted from 0, for each PMF of `q`: drawn, the most probable one, or the one that holds the mean action."""
        if decoding == "sample":
            return q.sample()
        if decoding == "greedy":
            return q.probs.argmax(-1)
        return self.tokenizer.bin((q.probs * self.tokenizer.values.to(q.probs)).sum(-1)) - 1


class Denoiser(nn.Module):
    """A network (obs, x, t) -> (..., 2), with sines and cosines of the time t in [0, 1]."""

    def __init__(self, obs_dim: int, width: int = 128, frequencies: int = 4):
        super().__init__()
        self.register_buffer("frequency", math.pi * 2.0 ** torch.arange(frequencies))
        self.layers = nn.Sequential(
            nn.Linear(obs_dim + DIM + 1 + 2 * frequencies, width), nn.SiLU(),
            nn.Linear(width, width), nn.SiLU(),
            nn.Linear(width, DIM),
        )  # fmt: skip

    def forward(self, obs: Tensor, x: Tensor, t: Tensor) -> Tensor:
        """obs (B, k), noised action x (..., B, 2) and time t (..., B, 1) -> velocity or noise, (..., B, 2)."""
        angle = t * self.frequency
        return self.layers(torch.cat([obs.expand(*x.shape[:-1], -1), x, t, angle.sin(), angle.cos()], -1))


class FlowHead(Head):
    """Flow matching as in openpi: x_t = t noise + (1 - t) action, so t = 1 is noise; the target is noise - action.

    Loss: the squared error of the velocity, with t = 0.999 Beta(1.5, 1) + 0.001. Sampling: Euler steps from t = 1 to 0.
    """

    def __init__(self, obs_dim: int):
        super().__init__()
        self.velocity = Denoiser(obs_dim)

    def _loss(self, obs, action):
        beta = torch.distributions.Beta(action.new_tensor(1.5), action.new_tensor(1.0))
        t = 0.999 * beta.sample((len(action), 1)) + 0.001
        noise = torch.randn_like(action)
        return F.mse_loss(self.velocity(obs, t * noise + (1 - t) * action, t), noise - action)

    def _sample(self, obs, n, steps: int = 10):
        return euler(lambda x, t: self.velocity(obs, x, t), noise_for(obs, n), steps)


def noise_for(obs: Tensor, n: int) -> Tensor:
    """Standard normal noise for n actions per observation, on obs's device and of its dtype: obs (B, k) -> (n, B, 2)."""
    return torch.randn(n, len(obs), DIM, dtype=obs.dtype, device=obs.device)


def euler(velocity: Callable[[Tensor, Tensor], Tensor], x: Tensor, steps: int) -> Tensor:
    """Carry x from t = 1 to t = 0 in `steps` Euler steps: x <- x - velocity(x, t) / steps. x (..., 2), t (..., 1)."""
    steps = check.count("steps", steps)
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

    def __init__(self, obs_dim: int, steps: int = 20):
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
    steps = check.count("steps", steps)
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


@dataclass(frozen=True)
class Recipe:
    """How a head is built for a task and trained: Adam, the learning rate falling linearly to 0."""

    build: Callable[[CupAndTray], Head]
    steps: int
    batch: int
    learning_rate: float


RECIPES = {
    "mse": Recipe(lambda task: MSEHead(1), 400, 1024, 0.05),
    "full_gaussian": Recipe(lambda task: FullGaussianHead(1), 400, 1024, 0.05),
    "diagonal_gaussian": Recipe(lambda task: DiagonalGaussianHead(1), 400, 1024, 0.05),
    "reverse_kl_gaussian": Recipe(lambda task: ReverseKLGaussianHead(1, task.demonstrator.log_prob), 600, 256, 0.03),
    "independent_bins": Recipe(lambda task: IndependentBinsHead(1), 400, 2048, 0.1),
    "autoregressive_bins": Recipe(lambda task: AutoregressiveBinsHead(1), 1500, 1024, 0.01),
    "mixture": Recipe(lambda task: MixtureHead(1), 600, 1024, 0.05),
    "diffusion": Recipe(lambda task: DiffusionHead(1), 3000, 512, 2e-3),
    "flow": Recipe(lambda task: FlowHead(1), 3000, 512, 2e-3),
}


def recipe(name: str) -> Recipe:
    """The recipe of a head by its name in RECIPES. Raises ValueError if there is none."""
    return RECIPES[check.one_of("head", name, RECIPES)]


def train(
    name: str,
    task: CupAndTray,
    demonstrations: Tensor,
    seed: int = 0,
    share: float = 1.0,
    progress: Callable[[float, Head], None] = lambda done, head: None,
) -> Head:
    """The head `name`, trained by its recipe on demonstrations (n, 2) of the task.

    seed: of the weights and of the minibatches; the caller's random state stays as it is. share: how much of the recipe's steps to take, in (0, 1].
    progress: called with the share done and the head, about 20 times, the last time with 1.
    Raises ValueError on an unknown head, a share outside (0, 1] or bad demonstrations.
    """
    how = recipe(name)
    demonstrations = check.finite("demonstrations", demonstrations, last=DIM)
    if demonstrations.ndim != 2 or len(demonstrations) == 0:
        raise ValueError(
            f"demonstrations has shape {tuple(demonstrations.shape)}; expected (n, {DIM}), n >= 1. Pass one action a row."
        )
    steps = max(1, round(check.number("share", share, 0, 1, open_low=True) * how.steps))
    obs = torch.ones(how.batch, 1)
    minibatch = lambda: demonstrations[torch.randint(len(demonstrations), (how.batch,))]
    with seeded(seed):
        head = how.build(task)
        optimizer = torch.optim.Adam(head.parameters(), lr=how.learning_rate, fused=True)
        loss = lambda: head.loss(obs, minibatch())
        descend(optimizer, loss, steps, lambda done: progress(done, head), every=max(1, steps // 20))
    return head
