"""The heads that cut each coordinate into bins and put a softmax over them: RT-1's rule and OpenVLA's."""

from abc import abstractmethod

import torch
from torch import Tensor, nn
from torch.distributions import Categorical
from torch.nn import functional as F

from helpers import validate
from helpers.heads.head import DIM, REACH, Head, Row
from helpers.heads.ideal import Case, Ideal, Noise, Optimum, at_one, demonstrator, way
from helpers.namespace import normal_cdf
from helpers.robot.cup_and_tray import CupAndTray
from helpers.robot.tokens import OpenVLATokenizer, RT1Tokenizer
from helpers.theory.information import kl_divergence
from helpers.theory.modes import Modes, mean_after
from helpers.theory.optima import product_kls
from helpers.theory.passing import passing_apart

DECODINGS = ("sampled", "greedy", "mean")


class BinsHead(Head):
    """A head with a PMF over bins; over pairs of bins, if an action has two coordinates."""

    @abstractmethod
    def pmf(self, obs: Tensor) -> Tensor:
        """The joint PMF over pairs of bins: (B, bins, bins). For two coordinates."""

    def measured_kl(self, task, n=20_000):
        """D(p || q) between PMFs over pairs of bins, in nats: exact, so its standard error is 0."""
        with torch.no_grad():
            q = self.pmf(torch.ones(1, 1)).flatten()
        return kl_divergence(demonstrator_pmf(task, self.tokenizer.bins).flatten(), q).item(), 0.0


class IndependentBinsHead(BinsHead):
    """RT-1's factorisation: one softmax over bins for each coordinate, independent given obs.

    Tokens by RT-1's rule. Loss: the sum of the cross-entropies. Optimum: the product of the marginals.
    """

    def __init__(self, obs_dim: int, bins: int = 64, dim: int = DIM):
        super().__init__()
        self.dim, self.tokenizer = dim, RT1Tokenizer(-REACH, REACH, bins)
        self.logits = nn.Linear(obs_dim, dim * self.tokenizer.bins)

    def coordinate(self, obs: Tensor) -> Categorical:
        """The PMFs q(x1), q(x2), ...: batch shape (B, dim)."""
        return Categorical(logits=self.logits(obs).unflatten(-1, (self.dim, -1)))

    def pmf(self, obs: Tensor) -> Tensor:
        """The joint PMF over pairs of tokens: (B, bins, bins)."""
        first, second = self.coordinate(obs).probs.unbind(-2)
        return first.unsqueeze(-1) * second.unsqueeze(-2)

    def _loss(self, obs, action):
        return -self.coordinate(obs).log_prob(self.tokenizer.encode(action)).sum(-1).mean()

    def _sample(self, obs, n, decoding: str = "sampled"):
        pmf = self.coordinate(obs).probs.expand(n, -1, -1, -1)
        return self.tokenizer.decode(decoded(pmf, decoding, self.tokenizer)).to(obs.dtype)


class AutoregressiveBinsHead(BinsHead):
    """OpenVLA's factorisation: q(x1) q(x2 | x1) ..., one softmax after the other, each told the tokens before it.

    Bins by OpenVLA's rule. Loss: the sum of the cross-entropies. Optimum: the demonstrator, up to the bin width.
    """

    def __init__(self, obs_dim: int, bins: int = 64, width: int = 64, dim: int = DIM):
        super().__init__()
        self.dim, self.tokenizer = dim, OpenVLATokenizer(bins)
        bins = self.tokenizer.bins
        self.first = nn.Linear(obs_dim, bins)
        self.previous = nn.Embedding((dim - 1) * bins, width)  # each coordinate has its own
        self.following = nn.Sequential(nn.Linear(obs_dim + width, width), nn.ReLU(), nn.Linear(width, bins))

    def conditional(self, obs: Tensor, before: Tensor) -> Categorical:
        """q(x2 | x1, obs), q(x3 | x1, x2, obs) and so on: obs (..., k), bin indices before (..., m) -> batch shape (..., m)."""
        place = self.tokenizer.bins * torch.arange(before.shape[-1], device=before.device)
        told = self.previous(before + place).cumsum(-2)
        obs = obs.unsqueeze(-2).expand(*told.shape[:-1], -1)
        return Categorical(logits=self.following(torch.cat([obs, told], -1)))

    def pmf(self, obs: Tensor) -> Tensor:
        """The joint PMF over pairs of bins: (B, bins, bins)."""
        first = torch.arange(self.tokenizer.bins, device=obs.device).expand(len(obs), -1)
        second = self.conditional(obs.unsqueeze(1), first.unsqueeze(-1)).probs.squeeze(-2)
        return self.first(obs).softmax(-1).unsqueeze(-1) * second

    def _loss(self, obs, action):
        index = self.tokenizer.index(action / REACH)
        rest = self.conditional(obs, index[:, :-1]).log_prob(index[:, 1:]).sum(-1)
        return F.cross_entropy(self.first(obs), index[:, 0]) - rest.mean()

    def _sample(self, obs, n, decoding: str = "sampled"):
        obs = obs.expand(n, -1, -1)
        index = decoded(self.first(obs).softmax(-1), decoding, self.tokenizer).unsqueeze(-1)
        while index.shape[-1] < self.dim:
            pmf = self.conditional(obs, index).probs[..., -1, :]
            index = torch.cat([index, decoded(pmf, decoding, self.tokenizer).unsqueeze(-1)], -1)
        token = self.tokenizer.vocabulary - 1 - index
        return (self.tokenizer.decode(token) * REACH).to(obs.dtype)


def decoded(pmf: Tensor, decoding: str, tokenizer: RT1Tokenizer | OpenVLATokenizer) -> Tensor:
    """A bin, counted from 0, for each PMF over the tokenizer's bins: (..., bins) -> (...).

    decoding: "sampled", a draw; "greedy", the most probable bin; "mean", the bin of the mean value.
    Raises ValueError on another decoding.
    """
    validate.one_of("decoding", decoding, DECODINGS)
    if decoding == "sampled":
        return Categorical(pmf).sample()
    if decoding == "greedy":
        return pmf.argmax(-1)
    return tokenizer.index((pmf * tokenizer.values.to(pmf)).sum(-1))


def demonstrator_pmf(task: CupAndTray, bins: int) -> Tensor:
    """The demonstrator's joint PMF over pairs of bins, (bins, bins), float64, for either tokenizer on [-REACH, REACH].

    Both rules cut at the same `bins` edges, clip what lies beyond, and give the last bin only what is clipped from above.
    """
    edges = torch.linspace(-REACH, REACH, validate.count("bins", bins), dtype=torch.float64)[1:]
    outer = torch.tensor([0.0, 1.0], dtype=torch.float64)
    sides = []
    for mode in (-task.d, task.d):
        below = torch.cat([outer[:1], normal_cdf((edges - mode) / task.s), outer[1:]])
        sides.append(below.diff())
    left, right = sides
    return (1 - task.w) * torch.outer(left, left) + task.w * torch.outer(right, right)


def independent_bins(case: Case) -> Optimum:
    """The product of the two marginals."""
    p = case.p
    return Optimum(*case.failing(lambda t: passing_apart(p.d, p.w, p.s, t)), *product_kls(p, case.mean_of))


def independent_draw(e: Noise, p: Modes) -> tuple:
    """Each gate its own side."""
    return way(e.r1, p) + p.s * e.z1, way(e.r2, p) + p.s * e.z2


HEADS = {  # at their optimum both are infinitely fine
    "independent_bins": Row(
        "independent bins",
        "family",
        lambda task: IndependentBinsHead(1),
        400, 2048, 0.1,
        {
            "independent_bins": Ideal(independent_bins, independent_draw, "each gate on its own", "sampled"),
            "independent_greedy": at_one(
                lambda p: (p.heavier, p.heavier),
                "likeliest at each gate",
                decoding="greedy", user="RT-1", group="decoding",
            ),
        },
    ),
    "autoregressive_bins": Row(
        "autoregressive bins",
        "decoding",
        lambda task: AutoregressiveBinsHead(1),
        1500, 1024, 0.01,
        {
            "autoregressive_sampled": demonstrator("gate 2 is told gate 1", decoding="sampled"),
            "autoregressive_greedy": at_one(
                lambda p: (p.heavier, p.heavier), "likeliest, told the first", decoding="greedy", user="OpenVLA"
            ),
            "autoregressive_mean": at_one(
                lambda p: (p.mean, mean_after(p.mean, p)), "mean, told the first", decoding="mean"
            ),
        },
    ),
}  # fmt: skip
