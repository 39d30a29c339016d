"""The exercises' answers, computed anew by torch, and each typical mistake, made on purpose."""

import itertools
import json
import math
import re

import nbformat
import pytest
import torch
from answers import ANSWERS_AS_TYPED, reply
from common import ROOT
from torch.distributions import Bernoulli, Categorical, Normal, kl_divergence

from helpers import heads
from helpers.page import exercises, mime
from helpers.page.exercises import EXERCISES
from helpers.robot import cup_and_tray, tokens
from helpers.theory.estimators import mean_and_error, score_gradient
from helpers.theory.information import kl_quadrature
from helpers.theory.latent import rate_distortion

NOTEBOOKS = ROOT / "notebooks"
SKEWED = torch.tensor([-0.7, -0.4, 0.1, 0.25, 1.5], dtype=torch.float64)  # its median is not its mean
NARROW, UNIT = Normal(0.0, 0.1), Normal(0.0, 1.0)
T = torch.tensor
P, Q = T([0.7, 0.2, 0.1], dtype=torch.float64), T([0.4, 0.4, 0.2], dtype=torch.float64)


def cross(p: torch.Tensor, q: torch.Tensor) -> float:
    return -(p @ q.log()).item()


def logit_gradient() -> list[float]:
    logits = T([2.0, 0.0, 0.0], requires_grad=True)
    torch.nn.functional.cross_entropy(logits, T(0)).backward()
    return logits.grad.tolist()


def length_of_noise() -> float:
    torch.manual_seed(0)
    return torch.randn(20_000, 50 * 18).norm(dim=-1).mean().item()


def share_on_the_top_id() -> float:
    """Draws from a skewed distribution, normalised by their own quantiles."""
    torch.manual_seed(0)
    a = torch.randn(100_000, 1).exp()
    q01, q99 = a.quantile(0.01, dim=0), a.quantile(0.99, dim=0)
    u = tokens.normalize(a, q01, q99, T([True]))
    return (tokens.OpenVLATokenizer().bin(u) == 256).double().mean().item()


RT1 = tokens.RT1Tokenizer()
COST, CHANCE = T([0.0, 1.0, 4.0], dtype=torch.float64), T([0.5, 0.3, 0.2], dtype=torch.float64)
DEMONSTRATED, SHARES = T([-1.0, 1.0], dtype=torch.float64), T([0.7, 0.3], dtype=torch.float64)
HALF = Normal(T(0.0), 0.5)


def mean_and_variance(f: torch.Tensor, p: torch.Tensor) -> tuple[float, float]:
    mean = p @ f
    return mean.item(), (p @ (f - mean) ** 2).item()


def bandit(baseline: float, arms: int = 3) -> torch.Tensor:
    """REINFORCE's gradient for each of three arms that may be drawn, by autograd: (3 arms, 3 logits); only so many count."""
    rows = []
    for arm in range(3):
        logits = torch.zeros(3, dtype=torch.float64, requires_grad=True)
        advantage = (1.0 if arm == 0 else 0.0) - baseline
        (advantage * logits.log_softmax(-1)[arm]).backward()
        rows.append(logits.grad if arm < arms else torch.zeros(3, dtype=torch.float64))
    return torch.stack(rows)


def second_moment(baseline: float, arms: int = 3) -> float:
    return bandit(baseline, arms).pow(2).sum(-1).mean().item()


def total_variance(baseline: float, arms: int = 3) -> float:
    return second_moment(baseline, arms) - bandit(baseline).mean(0).pow(2).sum().item()


def loss_whose_gradient_is(wanted) -> int:
    """The option of E9 whose gradient in the logits is minus the mean score-function gradient: wanted(r, b) by draw."""
    torch.manual_seed(0)
    logits, b = torch.randn(4, dtype=torch.float64, requires_grad=True), 0.7
    action, r = torch.randint(4, (6,)), torch.randn(6, dtype=torch.float64)
    expected = -score_gradient(logits.detach(), action, wanted(r, b)).mean(0)
    for k, line in enumerate(EXERCISES["E9"].options, 1):
        loss = eval(line, {"r": r, "b": b, "log_p": logits.log_softmax(-1)[action]})
        (gradient,) = torch.autograd.grad(loss, logits)
        if torch.allclose(gradient, expected):
            return k
    return 0


def shrinks(own: bool) -> bool:
    """Whether the mean of a batch of three as baseline, with or without the draw itself, shrinks the gradient; all batches."""
    batch = torch.cartesian_prod(*[torch.arange(3)] * 3)
    r = (batch == 0).double()
    mean = r.mean(1, keepdim=True) if own else (r.sum(1, keepdim=True) - r) / 2
    gradient = score_gradient(torch.zeros(3, dtype=torch.float64), batch.flatten(), (r - mean).flatten()).mean(0)
    return gradient[0].item() < bandit(0.0).mean(0)[0].item() - 1e-9


TREMBLING = Normal(T(0.6, dtype=torch.float64), 0.25)
EDGE = T(cup_and_tray.HALF_WIDTH, dtype=torch.float64)
COSTLY, GREEDY = T([3.0, 0.0, 1.0], dtype=torch.float64), T([0.4, 0.35, 0.25], dtype=torch.float64)


def uniform_entropy(k: int) -> float:
    return Categorical(probs=torch.ones(k, dtype=torch.float64)).entropy().item()


def best_bet(p: float) -> float:
    """The bet on left that costs least on average, by search."""
    q = torch.linspace(0.001, 0.999, 999, dtype=torch.float64)
    return q[(-p * q.log() - (1 - p) * (1 - q).log()).argmin()].item()


def sure_and_right(temperature: float) -> tuple[float, float]:
    """Of a policy that would be calibrated, with its logits divided by that: how sure it is on average, and how often right."""
    logits = torch.linspace(0, 4, 101)
    return (logits / temperature).sigmoid().mean().item(), logits.sigmoid().mean().item()


def trials_for(share: float, first: int = 25) -> int:
    """How many Bernoulli trials bring the standard error down to that share of what it is after `first`."""
    error = lambda n: Bernoulli(T(0.3)).stddev.item() / n**0.5
    return next(n for n in range(1, 10_000) if error(n) <= share * error(first) * (1 + 1e-9))


def trials_apart(errors: float, rates: torch.Tensor, of: int = 2) -> int:
    """The fewest trials of each after which the rates differ by so many standard errors; of 1: of the first policy's mean."""
    variance = Bernoulli(rates.double()).variance[:of].sum()
    apart = lambda n: (rates[1] - rates[0]).item() / (variance / n).sqrt().item()
    return next(n for n in range(1, 1000) if apart(n) >= errors * (1 - 1e-6))


def best(power: int) -> float:
    """The action with the smallest mean |a - x|^power, on a fine grid."""
    a = torch.linspace(-1.5, 1.5, 3001, dtype=torch.float64)
    return a[((a.unsqueeze(-1) - DEMONSTRATED).abs() ** power @ SHARES).argmin()].item()


ROUTES = T([0.8, 0.2], dtype=torch.float64)
EVEN = Categorical(probs=T([0.5, 0.5, 0.0], dtype=torch.float64))
UNSURE = Categorical(probs=T([0.25, 0.25, 0.5], dtype=torch.float64))


def two_modes() -> torch.distributions.Distribution:
    return torch.distributions.MixtureSameFamily(Categorical(probs=ROUTES), Normal(DEMONSTRATED, 0.25))


def divergence(p, q) -> float:
    return kl_quadrature(p.log_prob, q.log_prob, -12, 12, 20_001).item()


def mode(at: float) -> Normal:
    return Normal(T(at, dtype=torch.float64), 0.25)


def off_course(counted: str) -> float:
    """Mean over the 20 steps of a first slip, by enumeration."""
    first = torch.arange(1, 21, dtype=torch.float64)
    probability = 0.05 * 0.95 ** (first - 1)
    off = {"from the slip": 21 - first, "after the slip": 20 - first, "at all": torch.ones(20, dtype=torch.float64)}
    return (probability * off[counted]).sum().item()


def draw_of(mean: float, std: float, noise: float) -> float:
    """The value of N(mean, std^2) at the quantile at which `noise` is in N(0, 1)."""
    as_double = lambda x: T(x, dtype=torch.float64)
    return Normal(as_double(mean), std).icdf(Normal(as_double(0.0), 1.0).cdf(as_double(noise))).item()


def collapse(signal: float, noise: float) -> float:
    """The smallest beta, on a grid, at which the best rate is zero."""
    return next(b / 1000 for b in range(1, 200_000) if rate_distortion(b / 1000, signal, noise)[1] == 0)


def unimix(choice: int, share: float = 0.01) -> Categorical:
    return Categorical(probs=(1 - share) * torch.eye(32, dtype=torch.float64)[choice] + share / 32)


LAPLACE = torch.distributions.Laplace(0.0, 1.0)


def act_beta(steps: int = 100, numbers: int = 14, weight: float = 10.0) -> float:
    """How much more ACT's KL counts than in a summed Laplace likelihood: the ratio of the two losses' slopes."""
    error = torch.full((steps, numbers), 0.3, requires_grad=True)
    (mean,) = torch.autograd.grad(error.abs().mean(), error)
    (summed,) = torch.autograd.grad(-LAPLACE.log_prob(error).sum(), error)
    return weight * (summed / mean)[0, 0].item()


VLA = tokens.OpenVLATokenizer()


def openvla(millimetres: float, dimension: int = 1) -> int:
    """The token id of a Bridge action along one axis."""
    action = torch.zeros(7, dtype=torch.float64)
    action[dimension] = millimetres / 1000
    u = tokens.normalize(action, tokens.BRIDGE_Q01, tokens.BRIDGE_Q99, tokens.BRIDGE_MASK)
    return VLA.encode(u)[dimension].item()


def back(normalised: float) -> float:
    """y in millimetres."""
    u = torch.full((7,), normalised, dtype=torch.float64)
    return 1000 * tokens.unnormalize(u, tokens.BRIDGE_Q01, tokens.BRIDGE_Q99, tokens.BRIDGE_MASK)[1].item()


def largest_error() -> float:
    """Over a fine grid inside the range of y."""
    u = torch.linspace(-1, 1, 200_001, dtype=torch.float64)
    return (VLA.decode(VLA.encode(u)) - u).abs().max().item()


def reported(tokens: list[float]) -> float:
    """What cross_entropy's mean makes of tokens whose losses are these."""
    q = torch.exp(-T(tokens, dtype=torch.float64))
    logits = torch.stack([q, 1 - q], -1).log()
    return torch.nn.functional.cross_entropy(logits, torch.zeros(len(tokens), dtype=torch.long)).item()


def masking(kept: float) -> float:
    """Cross-entropy over all ids less that over the action ids."""
    q = T([0.5 * kept, 0.5 * kept, 1 - kept], dtype=torch.float64)
    full = Categorical(probs=q).log_prob(T(0))
    return (Categorical(probs=q[:2]).log_prob(T(0)) - full).item()


def left_in_grad(step: int = 3) -> torch.Tensor:
    """.grad of a weight after so many backward passes without zero_grad, the gradients of the batches beside it."""
    weight, batches = torch.zeros(1, requires_grad=True), T([1.0, 10.0, 100.0])
    for batch in batches[:step]:
        (batch * weight).sum().backward()
    return torch.isclose(weight.grad, torch.stack([batches[step - 1], batches[:step].sum(), batches[:step].mean()]))


def line_for(code: str, goal) -> int:
    """Which option of a line of code gives `goal` of two PMFs."""
    (found,) = [
        k for k, line in enumerate(EXERCISES[code].options, 1) if abs(eval(line, {"p": P, "q": Q}).item() - goal) < 1e-9
    ]
    return found


def line_of(code: str, values: list, goal: float) -> int:
    """Which option of a line of code gives `goal` for these values of its arguments."""
    exercise = EXERCISES[code]
    names = dict(
        zip(exercise.arguments, (torch.as_tensor(value, dtype=torch.float64) for value in values), strict=True)
    )
    given = [float(eval(line, {"torch": torch}, names)) for line in exercise.options]
    (found,) = [k for k, value in enumerate(given, 1) if abs(value - goal) < 1e-6]
    return found


def least(cost) -> float:
    """The answer of least mean cost, by search."""
    grid = torch.linspace(-2, 2, 4001, dtype=torch.float64)
    return grid[torch.stack([cost(x).mean() for x in grid]).argmin()].item()


def passes(head: str, w: float) -> float:
    """How often a head crosses from side to side, by its optimum."""
    return heads.optimum(head, cup_and_tray.CupAndTray(w=w)).corner


def bins_for(error) -> int:
    """The fewest bins on 100 mm whose error is at most 0.5 mm."""
    return next(n for n in range(1, 1000) if error(100 / n) <= 0.5)


def choice_of(p: float) -> dict[str, float]:
    """The answer of H7 for this probability, and its mistakes."""
    right, entropy = T(p, dtype=torch.float64), Bernoulli(T(p, dtype=torch.float64)).entropy().item()
    own = {"bits": entropy / math.log(2), "right_only": -(right * right.log()).item(), "surprise": -right.log().item()}
    return {"answer": entropy, **own, "equal_choice": Bernoulli(T(0.5)).entropy().item()}


ANSWERS = {
    "H7": lambda: choice_of(0.1)["answer"],
    "H6": lambda: line_for("H6", cross(P, Q)),
    "L1": lambda: 1 + left_in_grad().nonzero().item(),
    "O1": lambda: openvla(4.2),
    "O1b": lambda: back(VLA.decode(T(openvla(4.2))).item()),
    "O2": lambda: largest_error() * (back(1) - back(-1)) / 2,
    "O3": lambda: reported([1.2] * 7 + [0.001]),
    "O4": lambda: masking(0.9),
    "O5": lambda: VLA.decode(T(100)).item(),
    "Z1": lambda: collapse(2.0, 0.25),
    "Z2": lambda: rate_distortion(5.0)[1],
    "Z6": lambda: -1.9 - -2.6,
    "Z7": lambda: 1,
    "Z8": lambda: line_of("Z8", [0.3, 0.7, 1.1], draw_of(0.3, 0.7, 1.1)),
    "Z9": lambda: line_of("Z9", [0.3, 0.7], kl_divergence(Normal(0.3, 0.7), UNIT).item()),
    "Z10": lambda: 2 if cup_and_tray.crashes(cup_and_tray.CupAndTray().demonstrator.mean).item() else 3,
    "Z11": lambda: 1 if rate_distortion(2.0)[1] < rate_distortion(1.0)[1] else 2,
    "Z12": lambda: uniform_entropy(4),
    "Z13": lambda: 2 if rate_distortion(12.0)[1] == 0 < rate_distortion(9.0)[1] else 1,
    "Z14": lambda: 2,
    "Z3": lambda: kl_divergence(unimix(0), unimix(1)).item(),
    "Z5": act_beta,
    "E1": lambda: mean_and_variance(COST, CHANCE)[0],
    "E1b": lambda: mean_and_variance(COST, CHANCE)[1],
    "E1c": lambda: math.sqrt(mean_and_variance(COST, CHANCE)[1] / 64),
    "E1d": lambda: COST[CHANCE.argmax()].item(),
    "E2": lambda: mean_and_variance(T([2.0, -1.0]), T([0.3, 0.7]))[0],
    "E3": lambda: total_variance(0.0),
    "E3b": lambda: total_variance(1 / 3) / total_variance(0.0),
    "E5": lambda: 1 - TREMBLING.cdf(EDGE).item(),
    "E6": lambda: 2 if cup_and_tray.CupAndTray(w=0.5).demonstrations(4000).gt(0).all(-1).float().mean() > 0.4 else 1,
    "E7": lambda: line_of("E7", [SKEWED], mean_and_error(SKEWED)[1].item()),
    "E8": lambda: 1 if bandit(-1.0).mean(0).allclose(bandit(0.0).mean(0)) and second_moment(-1.0) > 0 else 0,
    "E9": lambda: loss_whose_gradient_is(lambda r, b: r - b),
    "E10": lambda: mean_and_variance(T([0.0, 4.0]), T([0.8, 0.2]))[0],
    "E11": lambda: trials_for(1 / 4),
    "E12": lambda: trials_apart(2.0, T([0.1, 0.2])),
    "E13": lambda: (COSTLY[GREEDY.argmax()] - COSTLY @ GREEDY).item(),
    "E14": lambda: 3 if shrinks(own=True) and not shrinks(own=False) else 0,
    "E4": lambda: best(2),
    "E4b": lambda: best(1),
    "K1": lambda: kl_divergence(EVEN, UNSURE).item(),
    "K1b": lambda: 2 if math.isinf(kl_divergence(UNSURE, EVEN).item()) else 1,
    "K2": lambda: two_modes().mean.item(),
    "K2b": lambda: two_modes().stddev.item(),
    "K2d": lambda: divergence(mode(-1.0), two_modes()),
    "K4": lambda: off_course("from the slip"),
    "K5": lambda: 0.80 - round(Bernoulli(T(0.3)).entropy().item(), 2),
    "K6": lambda: Categorical(probs=T([0.7, 0.3])).entropy().item(),
    "K7": lambda: line_for("K7", kl_divergence(Categorical(probs=P), Categorical(probs=Q)).item()),
    "K9": lambda: line_of("K9", [SKEWED], -SKEWED.mean().item()),
    "K10": lambda: 2 if best(2) == pytest.approx(-0.4) else 1,
    "K12": lambda: 2 if best(1) == pytest.approx(-1.0) and LAPLACE.log_prob(T(0.7)) < LAPLACE.log_prob(T(0.2)) else 3,
    "K13": lambda: 2,
    "K14": lambda: mean_and_variance(DEMONSTRATED, T([0.75, 0.25], dtype=torch.float64))[0],
    "K3": lambda: kl_divergence(HALF, UNIT).item(),
    "K3b": lambda: kl_divergence(UNIT, HALF).item(),
    "V1": lambda: NARROW.log_prob(T(0.0)).exp().item(),
    "V1b": lambda: (NARROW.cdf(T(0.1)) - NARROW.cdf(T(-0.1))).item(),
    "V2": length_of_noise,
    "V6": lambda: (
        2
        if abs(Normal(0.1, 1 / (3 * math.sqrt(2 * math.pi))).cdf(T([0.099, 0.101])).diff().item() - 0.006) < 1e-4
        else 0
    ),
    "V7": lambda: line_of("V7", [0.3, 0.2, 0.5], Normal(0.2, 0.5).log_prob(T(0.3)).exp().item()),
    "V8": lambda: passes("independent_bins", 0.2),
    "V9": lambda: 3,
    "V10": lambda: cup_and_tray.CupAndTray(0.6, 0.75).demonstrator.mean[0].item(),
    "V11": lambda: line_of("V11", [SKEWED], least(lambda x: (SKEWED - x) ** 2)),
    "V12": lambda: bins_for(lambda width: width / 2),
    "V3": lambda: heads.optimum("independent_bins", cup_and_tray.CupAndTray()).corner,
    "V4": lambda: RT1.encode(T(0.0)).item(),
    "V4b": lambda: RT1.decode(RT1.encode(T(0.0))).item(),
    "V5": share_on_the_top_id,
    "H1": lambda: Categorical(probs=P).entropy().item(),
    "H1b": lambda: cross(P, Q),
    "H2": lambda: uniform_entropy(32),
    "H3": lambda: Bernoulli(T(0.2)).entropy().item(),
    "H8": lambda: trials_for(1 / 2, first=20),
    "H9": lambda: 1 if Normal(0.0, 1 / (3 * math.sqrt(2 * math.pi))).log_prob(T(0.0)).item() > 0 else 2,
    "H10": lambda: -0.01 * math.log(0.0001),
    "H11": lambda: line_of("H11", [P], math.exp(cross(P, P))),
    "H12": lambda: 1 if uniform_entropy(2) == pytest.approx(0.69, abs=0.005) else 3,
    "H15": lambda: 1 if best_bet(0.7) == pytest.approx(0.7) else 3,
    "H13": lambda: cross(T([1.0, 0.0]), T([0.6, 0.4])),
    "H14": lambda: 1 if sure_and_right(0.5)[0] > sure_and_right(0.5)[1] else 2,
    "H4": lambda: logit_gradient()[0],
    "H5": lambda: NARROW.entropy().item(),
    "H5b": lambda: Normal(0.0, 100.0).entropy().item(),
}
EQUAL = torch.ones(3, dtype=torch.float64) / 3
MISTAKES = {
    "H7": {name: lambda name=name: choice_of(0.1)[name] for name in ("bits", "right_only", "surprise", "equal_choice")},
    "H6": {
        "swapped": lambda: line_for("H6", cross(Q, P)),
        "mean": lambda: line_for("H6", cross(P, Q) / 3),
        "bits": lambda: line_for("H6", cross(P, Q) / math.log(2)),
        "gap": lambda: line_for("H6", kl_divergence(Categorical(probs=P), Categorical(probs=Q)).item()),
    },
    "L1": {"last_batch": lambda: 1, "mean": lambda: 3},
    "O1": {
        "bin": lambda: 32_000 - openvla(4.2),
        "counted_from_zero": lambda: openvla(4.2) + 1,
        "in_x": lambda: openvla(4.2, dimension=0),
        "negative": lambda: openvla(-4.2),
    },
    "O1b": {
        "left_edge": lambda: back(VLA.edges[32_000 - openvla(4.2) - 1]),
        "right_edge": lambda: back(VLA.edges[32_000 - openvla(4.2)]),
        "action_itself": lambda: 4.2,
    },
    "O2": {
        "whole_interval": lambda: back(VLA.edges[1]) - back(VLA.edges[0]),
        "divided_by_256": lambda: (back(1) - back(-1)) / 256 / 2,
        "normalised_units": lambda: largest_error(),
        "half_of_range": lambda: (back(1) - back(-1)) / 2,
    },
    "O3": {
        "end_token_left_out": lambda: reported([1.2] * 7),
        "sum": lambda: 8 * reported([1.2] * 7 + [0.001]),
        "mean_of_two": lambda: reported([1.2, 0.001]),
    },
    "O4": {
        "bits": lambda: masking(0.9) / math.log(2),
        "missing_mass": lambda: 1 - 0.9,
        "mass_swapped": lambda: masking(0.1),
        "base_10": lambda: masking(0.9) / math.log(10),
    },
    "O5": {
        "edge_of_top_bin": lambda: VLA.edges[-1],
        "low_ids_at_the_bottom": lambda: VLA.decode(T(31_999)).item(),
        "neutral": lambda: 0.0,
    },
    "Z1": {
        "inverse": lambda: 0.25 / 2.0,
        "took_0_25_for_spread": lambda: collapse(2.0, 0.25**2),
        "beta_of_elbo": lambda: 1.0,
    },
    "Z2": {
        "bits": lambda: rate_distortion(5.0)[1] / math.log(2),
        "left_out_half": lambda: 2 * rate_distortion(5.0)[1],
        "at_beta_1": lambda: rate_distortion(1.0)[1],
    },
    "Z6": {"sum": lambda: -1.9 + -2.6, "sign": lambda: -2.6 - -1.9, "bits": lambda: 0.7 / math.log(2)},
    "Z7": {"forward": lambda: 2, "rate": lambda: 3},
    "Z8": {
        "variance": lambda: line_of("Z8", [0.3, 0.7, 1.1], draw_of(0.3, 0.49, 1.1)),
        "exchanged": lambda: line_of("Z8", [0.3, 0.7, 1.1], draw_of(0.7, 0.3, 1.1)),
        "squared": lambda: line_of("Z8", [0.3, 0.7, 1.1], draw_of(0.3, 0.7, 1.1) ** 2),
    },
    "Z9": {
        "sign": lambda: line_of("Z9", [0.3, 0.7], kl_divergence(Normal(0.3, 0.7), UNIT).item() + 2 * math.log(0.7)),
        "not_zero": lambda: line_of("Z9", [0.3, 0.7], kl_divergence(Normal(0.3, 0.7), UNIT).item() + 0.5),
        "bits": lambda: line_of("Z9", [0.3, 0.7], kl_divergence(Normal(0.3, 0.7), UNIT).item() / math.log(2)),
    },
    "Z10": {"either": lambda: 1, "frequent": lambda: 3},
    "Z11": {"lower": lambda: 2, "zero": lambda: 3},
    "Z12": {
        "bits": lambda: uniform_entropy(4) / math.log(2),
        "number_of_values": lambda: math.exp(uniform_entropy(4)),
        "probability": lambda: math.exp(-uniform_entropy(4)),
    },
    "Z13": {"higher": lambda: 1, "draws": lambda: 3},
    "Z14": {"pathwise": lambda: 1, "neither": lambda: 3},
    "Z3": {
        "log_of_classes": lambda: kl_divergence(
            Categorical(probs=torch.eye(32)[0]), Categorical(probs=torch.ones(32))
        ).item(),
        "log_ratio": lambda: (unimix(0).probs[0] / unimix(1).probs[0]).log().item(),
        "bits": lambda: kl_divergence(unimix(0), unimix(1)).item() / math.log(2),
    },
    "Z5": {
        "as_written": lambda: 10.0,
        "factor_only": lambda: act_beta(weight=1.0),
        "steps_left_out": lambda: act_beta(steps=1),
        "numbers_left_out": lambda: act_beta(numbers=1),
    },
    "E1": {
        "without_probabilities": lambda: mean_and_variance(COST, EQUAL)[0],
        "most_probable_action": lambda: COST[CHANCE.argmax()].item(),
        "squared_cost": lambda: (CHANCE @ COST**2).item(),
    },
    "E1b": {
        "squared_cost": lambda: (CHANCE @ COST**2).item(),
        "standard_deviation": lambda: math.sqrt(mean_and_variance(COST, CHANCE)[1]),
        "without_probabilities": lambda: mean_and_variance(COST, EQUAL)[1],
    },
    "E1c": {
        "one_trial": lambda: math.sqrt(mean_and_variance(COST, CHANCE)[1]),
        "variance_of_mean": lambda: mean_and_variance(COST, CHANCE)[1] / 64,
        "divided_by_n": lambda: math.sqrt(mean_and_variance(COST, CHANCE)[1]) / 64,
    },
    "E1d": {
        "sampled": lambda: mean_and_variance(COST, CHANCE)[0],
        "least_probable_action": lambda: COST[CHANCE.argmin()].item(),
        "probability_of_left": lambda: CHANCE.max().item(),
    },
    "E2": {
        "without_probabilities": lambda: T([2.0, -1.0]).mean().item(),
        "probabilities_swapped": lambda: mean_and_variance(T([2.0, -1.0]), T([0.7, 0.3]))[0],
        "lost_minus": lambda: mean_and_variance(T([2.0, 1.0]), T([0.3, 0.7]))[0],
    },
    "E3": {
        "mean_squared_length": lambda: bandit(0.0).pow(2).sum(-1).mean().item(),
        "first_component": lambda: bandit(0.0)[:, 0].var(correction=0).item(),
        "squared_mean": lambda: bandit(0.0).mean(0).pow(2).sum().item(),
        "square_root": lambda: math.sqrt(total_variance(0.0)),
    },
    "E3b": {
        "nothing_gained": lambda: second_moment(1 / 3) / total_variance(0.0),
        "arms_without_pay_left_out": lambda: total_variance(1 / 3, arms=1) / total_variance(0.0),
    },
    "E5": {
        "other_side": lambda: TREMBLING.cdf(EDGE).item(),
        "both_gates": lambda: (1 - TREMBLING.cdf(EDGE).item()) ** 2,
        "not_in_spreads": lambda: UNIT.cdf(T(0.35)).item(),
        "from_zero": lambda: UNIT.cdf(T(0.6 / 0.25)).item(),
    },
    "E6": {"agree": lambda: 1, "unknown": lambda: 3},
    "E7": {
        "divided_by_n": lambda: line_of("E7", [SKEWED], SKEWED.std().item() / 5),
        "variance": lambda: line_of("E7", [SKEWED], SKEWED.var().item() / math.sqrt(5)),
        "one_trial": lambda: line_of("E7", [SKEWED], SKEWED.std().item()),
    },
    "E8": {"all_more": lambda: 2, "uniform": lambda: 3},
    "E9": {
        "sign": lambda: loss_whose_gradient_is(lambda r, b: b - r),
        "product_of_means": lambda: loss_whose_gradient_is(lambda r, b: (r - b).mean().expand(len(r))),
        "baseline_outside": lambda: loss_whose_gradient_is(lambda r, b: r),
    },
    "E10": {
        "probability_of_left": lambda: mean_and_variance(T([0.0, 4.0]), T([0.2, 0.8]))[0],
        "without_probabilities": lambda: T([0.0, 4.0]).mean().item(),
    },
    "E11": {"factor_of_error": lambda: trials_for(1 / 2), "more_trials": lambda: trials_for(1 / 4) - 25},
    "E12": {
        "one_error": lambda: trials_apart(1.0, T([0.1, 0.2])),
        "one_policy": lambda: trials_apart(2.0, T([0.1, 0.2]), of=1),
        "rates": lambda: 4 * trials_apart(2.0, T([0.1, 0.3])),
    },
    "E13": {"greedy": lambda: COSTLY[GREEDY.argmax()].item(), "sampled": lambda: (COSTLY @ GREEDY).item()},
    "E14": {"constant": lambda: 1, "others": lambda: 2},
    "E4": {"median": lambda: best(1), "middle": lambda: DEMONSTRATED.mean().item()},
    "E4b": {"mean": lambda: best(2), "middle": lambda: DEMONSTRATED.mean().item()},
    "K1": {
        "bits": lambda: kl_divergence(EVEN, UNSURE).item() / math.log(2),
        "cross_entropy": lambda: -(EVEN.probs[:2] @ UNSURE.probs[:2].log()).item(),
        "base_10": lambda: kl_divergence(EVEN, UNSURE).item() / math.log(10),
        "sign": lambda: -kl_divergence(EVEN, UNSURE).item(),
    },
    "K1b": {"same": lambda: 1, "zero": lambda: 3},
    "K2": {"middle": lambda: DEMONSTRATED.mean().item(), "heavier_mode": lambda: DEMONSTRATED[ROUTES.argmax()].item()},
    "K2b": {
        "variance": lambda: two_modes().variance.item(),
        "one_mode": lambda: mode(-1.0).stddev.item(),
        "spread_of_means": lambda: math.sqrt(mean_and_variance(DEMONSTRATED, ROUTES)[1]),
        "variance_of_means": lambda: mean_and_variance(DEMONSTRATED, ROUTES)[1],
        "root_mean_square": lambda: math.sqrt(two_modes().variance.item() + two_modes().mean.item() ** 2),
    },
    "K2d": {
        "mode_on_the_right": lambda: divergence(mode(1.0), two_modes()),
        "share": lambda: ROUTES[0].item(),
        "bits": lambda: divergence(mode(-1.0), two_modes()) / math.log(2),
        "entropy_of_choice": lambda: Categorical(probs=ROUTES).entropy().item(),
    },
    "K4": {
        "rule_of_thumb": lambda: 0.05 * 20**2 / 2,
        "all_slips_added": lambda: sum(0.05 * t for t in range(1, 21)),
        "with_recovery": lambda: 0.05 * 20,
        "counted_after_slip": lambda: off_course("after the slip"),
        "probability_of_slip": lambda: off_course("at all"),
    },
    "K5": {
        "bits": lambda: 0.19 / math.log(2),
        "all": lambda: 0.8,
        "entropy": lambda: Bernoulli(T(0.3)).entropy().item(),
        "sum": lambda: 0.8 + 0.61,
    },
    "K6": {
        "bits": lambda: Categorical(probs=T([0.7, 0.3])).entropy().item() / math.log(2),
        "equal_choice": lambda: Categorical(probs=T([0.5, 0.5])).entropy().item(),
        "nothing": lambda: 0.0,
    },
    "K7": {
        "other_direction": lambda: line_for("K7", kl_divergence(Categorical(probs=Q), Categorical(probs=P)).item()),
        "sign": lambda: line_for("K7", -kl_divergence(Categorical(probs=P), Categorical(probs=Q)).item()),
        "bits": lambda: line_for("K7", kl_divergence(Categorical(probs=P), Categorical(probs=Q)).item() / math.log(2)),
        "cross_entropy": lambda: line_for("K7", cross(P, Q)),
    },
    "K9": {
        "sign": lambda: line_of("K9", [SKEWED], SKEWED.mean().item()),
        "weighted": lambda: line_of("K9", [SKEWED], (SKEWED.exp() @ SKEWED).item() / len(SKEWED)),
        "no_logarithm": lambda: line_of("K9", [SKEWED], -SKEWED.exp().mean().item()),
    },
    "K10": {"on_a_route": lambda: 1, "either": lambda: 3},
    "K12": {"settles": lambda: 1, "nothing": lambda: 3},
    "K13": {"direction": lambda: 1, "more_of_the_same": lambda: 3},
    "K14": {"likelier": lambda: DEMONSTRATED[0].item(), "right_only": lambda: 0.25},
    "K3": {
        "other_direction": lambda: kl_divergence(UNIT, HALF).item(),
        "took_0_5_for_variance": lambda: kl_divergence(Normal(0.0, math.sqrt(0.5)), UNIT).item(),
        "bits": lambda: kl_divergence(HALF, UNIT).item() / math.log(2),
    },
    "K3b": {
        "other_direction": lambda: kl_divergence(HALF, UNIT).item(),
        "took_0_5_for_variance": lambda: kl_divergence(UNIT, Normal(0.0, math.sqrt(0.5))).item(),
        "bits": lambda: kl_divergence(UNIT, HALF).item() / math.log(2),
    },
    "V1": {
        "peak_of_unit_normal": lambda: UNIT.log_prob(T(0.0)).exp().item(),
        "divided_by_variance": lambda: 1 / (0.01 * math.sqrt(2 * math.pi)),
        "took_0_1_for_variance": lambda: Normal(0.0, math.sqrt(0.1)).log_prob(T(0.0)).exp().item(),
        "not_a_probability": lambda: 1.0,
    },
    "V1b": {
        "with_left_tail": lambda: NARROW.cdf(T(0.1)).item(),
        "one_side_only": lambda: NARROW.cdf(T(0.1)).item() - 0.5,
        "two_spreads": lambda: 2 * UNIT.cdf(T(2.0)).item() - 1,
        "peak_times_width": lambda: 0.2 * NARROW.log_prob(T(0.0)).exp().item(),
    },
    "V2": {
        "squared_length": lambda: 50.0 * 18,
        "steps_only": lambda: math.sqrt(50),
        "numbers_only": lambda: math.sqrt(18),
        "mean_vector": lambda: 0.0,
    },
    "V6": {"not_above_one": lambda: 1, "of_a_point": lambda: 3},
    "V7": {
        "exponent": lambda: line_of("V7", [0.3, 0.2, 0.5], math.exp(-0.01) / (0.5 * math.sqrt(2 * math.pi))),
        "variance_in_front": lambda: line_of(
            "V7", [0.3, 0.2, 0.5], Normal(0.2, 0.5).log_prob(T(0.3)).exp().item() / 0.5
        ),
        "no_factor": lambda: line_of("V7", [0.3, 0.2, 0.5], math.exp(-0.02)),
    },
    "V8": {"one_corner": lambda: 0.2 * 0.8, "same_side": lambda: 0.2**2 + 0.8**2},
    "V9": {"equal": lambda: 1, "spread": lambda: 2},
    "V10": {"likelier": lambda: 0.6, "right_only": lambda: 0.6 * 0.75, "middle": lambda: 0.0},
    "V11": {
        "median": lambda: line_of("V11", [SKEWED], least(lambda x: (SKEWED - x).abs())),
        "largest": lambda: line_of("V11", [SKEWED], SKEWED.max().item()),
        "root_mean_square": lambda: line_of("V11", [SKEWED], SKEWED.norm().item() / len(SKEWED) ** 0.5),
    },
    "V12": {
        "whole_bin": lambda: bins_for(lambda width: width),
        "half_range": lambda: bins_for(lambda width: width / 4),
    },
    "V3": {"one_corner_only": lambda: 0.5 * 0.5, "joint_density": lambda: 0.0, "never_by_chance": lambda: 1.0},
    "V4": {
        "rounded": lambda: round(0.5 * 255),
        "without_floor": lambda: 0.5 * 255,
        "counted_from_minus_one": lambda: RT1.encode(T(0.0)).item() - 1,
    },
    "V4b": {
        "centre": lambda: 0.0,
        "divided_by_256": lambda: -1 + 2 * 127 / 256,
        "share_of_range": lambda: 127 / 255,
    },
    "H1": {
        "bits": lambda: Categorical(probs=P).entropy().item() / math.log(2),
        "entropy_of_q": lambda: Categorical(probs=Q).entropy().item(),
        "base_10": lambda: Categorical(probs=P).entropy().item() / math.log(10),
        "sign": lambda: (P * P.log()).sum().item(),
    },
    "H1b": {
        "arguments_swapped": lambda: cross(Q, P),
        "gap": lambda: kl_divergence(Categorical(probs=P), Categorical(probs=Q)).item(),
        "bits": lambda: cross(P, Q) / math.log(2),
        "entropy_of_p": lambda: Categorical(probs=P).entropy().item(),
    },
    "H2": {
        "bits": lambda: math.log2(32),
        "base_10": lambda: math.log10(32),
        "one_bin": lambda: 1 / 32,
        "number_of_choices": lambda: math.exp(uniform_entropy(32)),
    },
    "H3": {
        "always_the_same": lambda: 0.0,
        "left_passes_only": lambda: -math.log(0.8),
        "equal_choice": lambda: Bernoulli(T(0.5)).entropy().item(),
        "bits": lambda: Bernoulli(T(0.2)).entropy().item() / math.log(2),
        "two_draws_differ": lambda: 1 - 0.8**2 - 0.2**2,
    },
    "H8": {"twice": lambda: 40, "half": lambda: 10, "eight_times": lambda: 160},
    "H9": {"error": lambda: 2, "positive": lambda: 3},
    "H10": {
        "bits": lambda: -0.01 * math.log2(0.0001),
        "one_case": lambda: -math.log(0.0001),
        "own_share": lambda: -0.01 * math.log(0.01),
    },
    "H11": {
        "largest": lambda: line_of("H11", [P], 1 / P.max().item()),
        "entropy": lambda: line_of("H11", [P], cross(P, P)),
        "bits": lambda: line_of("H11", [P], math.exp(cross(P, P) / math.log(2))),
    },
    "H12": {"training": lambda: 2, "equal": lambda: 3},
    "H15": {"product": lambda: 2, "all_in": lambda: 3},
    "H13": {
        "bits": lambda: cross(T([1.0, 0.0]), T([0.6, 0.4])) / math.log(2),
        "rest": lambda: cross(T([0.0, 1.0]), T([0.6, 0.4])),
        "one_minus": lambda: 0.4,
    },
    "H14": {"below": lambda: 2, "exchange": lambda: 3},
    "H4": {
        "sign": lambda: -logit_gradient()[0],
        "q_of_target": lambda: T([2.0, 0, 0]).softmax(-1)[0].item(),
        "second_logit": lambda: logit_gradient()[1],
        "without_normaliser": lambda: -1.0,
        "minus_q": lambda: -T([2.0, 0, 0]).softmax(-1)[0].item(),
    },
    "H5": {
        "sign": lambda: -NARROW.entropy().item(),
        "unit_normal": lambda: UNIT.entropy().item(),
        "took_0_1_for_variance": lambda: Normal(0.0, math.sqrt(0.1)).entropy().item(),
        "left_out_e": lambda: 0.5 * math.log(2 * math.pi * 0.01),
        "bits": lambda: NARROW.entropy().item() / math.log(2),
    },
    "H5b": {
        "in_metres": lambda: NARROW.entropy().item(),
        "subtracted": lambda: NARROW.entropy().item() - math.log(1000),
        "scaled": lambda: round(NARROW.entropy().item(), 3) * 1000,
        "added_twice": lambda: NARROW.entropy().item() + 2 * math.log(1000),
        "bits": lambda: Normal(0.0, 100.0).entropy().item() / math.log(2),
    },
    "V5": {
        "bins_used_equally": lambda: 1 / 256,
        "both_ends": lambda: 0.02,
        "only_exactly_one": lambda: 0.0,
        "below_quantile": lambda: 0.99,
    },
}


def test_every_exercise_has_its_answer_and_its_mistakes_computed_here():
    assert set(ANSWERS) == set(EXERCISES)
    assert {code: set(found) for code, found in MISTAKES.items()} == {
        code: set(exercise.mistakes) for code, exercise in EXERCISES.items()
    }


@pytest.mark.parametrize("code", ANSWERS)
def test_answer_is_torchs(code):
    assert reply(exercises.ask(code), ANSWERS[code]()).startswith("Right")


@pytest.mark.parametrize(("code", "name"), [(code, name) for code, found in MISTAKES.items() for name in found])
def test_mistake_is_recognised_and_named(code, name):
    exercise = exercises.ask(code)
    assert reply(exercise, MISTAKES[code][name]()) == f"Not yet. {exercise.mistakes[name].reply}"


@pytest.mark.parametrize(("decimals", "number"), list(enumerate(["One", "Two", "Three", "Four", "Five"], 1)))
def test_sentence_and_tolerance_follow_from_the_decimals(decimals, number):
    exercise = exercises.Exercise("01_one", "X1", "How far?", 3.0, {}, decimals)
    assert exercise.prompt == f"How far? {number} decimal{'s' if decimals > 1 else ''}."
    assert exercise.tolerance == pytest.approx(0.6 * 10**-decimals)


@pytest.mark.parametrize(("decimals", "near", "far"), [(0, 3.1, 3.5), (None, 3.005, 3.05)])
def test_a_question_that_asks_for_no_decimals_does_not_speak_of_them(decimals, near, far):
    exercise = exercises.Exercise("01_one", "X1", "How far?", 3.0, {}, decimals)
    assert exercise.prompt == "How far?"
    assert exercise.reply(near).startswith("Right")
    assert not exercise.reply(far).startswith("Right")


@pytest.mark.parametrize("code", EXERCISES)
def test_an_answer_is_right_to_half_a_unit_of_the_last_digit_asked_for(code):
    exercise = EXERCISES[code]
    assert "decimal" not in exercise.question  # or it would be said twice
    if exercise.decimals:
        half = 0.5 * 10**-exercise.decimals
        typed = [exercise.answer - half, exercise.answer + half, round(exercise.answer, exercise.decimals)]
        assert all(exercise.reply(value).startswith("Right") for value in typed)
        assert not exercise.reply(exercise.answer + 1.3 * half).startswith("Right")


LOGARITHM = re.compile(r"\bnats|entropy|divergence|H\(|D\(")
IN_NATS = [  # numbers and lines of code; O3 asks for a mean
    code
    for code, exercise in EXERCISES.items()
    if LOGARITHM.search(exercise.question) and (exercise.arguments or not exercise.options) and code != "O3"
]


@pytest.mark.parametrize("code", IN_NATS)
def test_a_mistake_in_bits_is_recognised_wherever_a_logarithm_is_asked_for(code):
    exercise = EXERCISES[code]
    assert "bits" in exercise.mistakes, exercise.question
    typed = exercise.mistakes["bits"].value if exercise.options else exercise.answer / math.log(2)
    assert "bits" in reply(exercise, typed)


def test_a_choice_is_one_of_its_options(capsys):
    for value in (0, 4, -2, "x"):
        exercises.check("L1", value)
    assert capsys.readouterr().out == "Choose one by its number, 1 to 3.\n" * 4
    exercises.check("L1", 2)
    assert capsys.readouterr().out == "Right.\n"
    bundle = exercises.ask("L1")._repr_mimebundle_()
    assert "\n2. the sum of the gradients" in bundle["text/markdown"]


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda p, q: -torch.special.xlogy(p, q).sum(), "Right."),  # another way to write it
        (lambda p, q: torch.nn.functional.cross_entropy(q.log(), p), "Right."),
        (lambda p, q: -torch.special.xlogy(q, p).sum(), "That is H(q, p)."),
        (lambda p, q: kl_divergence(Categorical(probs=p), Categorical(probs=q)), "the KL divergence"),
        (lambda p, q: -(p * q.log()), "Not yet. For p = ["),  # a vector
        (lambda p, q: (p * q.log()).sum(), "your function gives -"),
        (lambda p, q: p.cross(q, 1), "Your function stopped: IndexError"),
        (lambda p: p, "Your function stopped: TypeError"),
        (lambda p, q: ..., "Your function stopped"),
        (2, 'Pass a function: check("H6", lambda p, q: ...)'),
    ],
)
def test_a_line_of_code_is_tried_beside_the_options(function, words, capsys):
    exercises.check("H6", function)
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("k", range(14))
def test_other_numbers_have_their_own_answer_and_mistakes(k):
    drawn, base = exercises.ask("H7", k), exercises.ask("H7")
    p = base.drawn.numbers["p"][k % 7]
    assert f"with probability {p}, else" in drawn.question
    expected = choice_of(p)
    assert drawn.answer == round(expected.pop("answer"), 3)
    assert {name: mistake.value for name, mistake in drawn.mistakes.items()} == pytest.approx(expected, abs=6e-4)
    marks = sorted([drawn.answer, *(mistake.value for mistake in drawn.mistakes.values())])
    assert all(b - a > 2 * drawn.tolerance for a, b in itertools.pairwise(marks))


def test_check_answers_for_other_numbers(capsys):
    exercises.check("H7", choice_of(0.35)["answer"], draw=1)
    exercises.check("H7", choice_of(0.35)["answer"])
    exercises.check("V1", 1, draw=2)
    right, wrong, none = capsys.readouterr().out.splitlines()
    assert right == "Right: 0.647." and wrong.startswith("Not yet")
    assert none == "V1 has no other numbers: leave draw=2 out."
    with pytest.raises(ValueError, match="V1 has no other numbers"):
        exercises.ask("V1", 2)


def test_each_wrong_option_has_a_reply_of_its_own():
    wrong = {"first": exercises.Mistake(1, "No.")}
    with pytest.raises(ValueError, match="X1 has 3 options"):
        exercises.Exercise("01_one", "X1", "Which?", 2, wrong, options=("a", "b", "c"))


@pytest.mark.parametrize("code", EXERCISES)
def test_tolerance_separates_the_answer_from_its_mistakes(code):
    exercise = EXERCISES[code]
    marks = sorted([exercise.answer, *(mistake.value for mistake in exercise.mistakes.values())])
    assert all(b - a > 2 * exercise.tolerance for a, b in itertools.pairwise(marks))


@pytest.mark.parametrize(
    ("code", "text", "words"), [case for case in ANSWERS_AS_TYPED if not EXERCISES[case[0]].arguments]
)
def test_an_answer_as_people_type_it(code, text, words, capsys):
    exercises.check(code, text)
    assert words in capsys.readouterr().out


def test_check_takes_numbers_of_every_kind(capsys):
    for value in (0.5, T(0.5), T([0.5]).numpy()[0], 1 / 2, "1/2"):
        exercises.check("V3", value)
    assert capsys.readouterr().out == "Right: 0.5.\n" * 5


def test_check_answers_what_it_cannot_judge_with_one_sentence(capsys):
    for bad in ("a", None, math.nan, math.inf, [1, 2]):
        exercises.check("V3", bad)
    exercises.check("V3")
    assert capsys.readouterr().out == f"{exercises.NO_NUMBER}\n" * 6
    exercises.check("V1", 3, 989)
    assert capsys.readouterr().out == 'Python needs a point: check("V1", 3.989)\n'
    exercises.check("X9", 1)
    assert capsys.readouterr().out.startswith("There is no exercise 'X9'. There are V1, V1b")
    exercises.check("V1", ...)  # the cell below a question, before it is answered
    assert capsys.readouterr().out == ""
    with pytest.raises(ValueError, match="expected one of V1, V1b"):
        exercises.ask("X9")


@pytest.mark.parametrize(("code", "name"), [(code, name) for code in EXERCISES for name in EXERCISES[code].mistakes])
def test_a_rounded_mistake_is_recognised_too(code, name):
    """To one per cent, unless that would reach the answer, and unless another mistake is nearer."""
    exercise = EXERCISES[code]
    value = exercise.mistakes[name].value
    typed = float(f"{value:.3g}")
    if abs(exercise.answer - value) > 0.01 * abs(value) and abs(typed - value) < abs(typed - exercise.answer):
        nearest = min(exercise.mistakes.values(), key=lambda mistake: abs(mistake.value - typed))
        assert exercise.reply(typed) in (f"Not yet. {nearest.reply}", exercise.reply(exercise.answer))


def test_close_asks_for_digits_only_where_digits_are_missing():
    entropy, half, zero = exercises.ask("H1"), exercises.ask("V3"), exercises.ask("E1d")
    assert entropy.reply(0.8) == entropy.reply(0.802) == "Close. Give more digits."  # 0.8018
    assert "slip" in entropy.reply(0.801)
    replies = [half.reply(value) for value in (0.484, 0.486, 0.514, 0.516)]
    assert ["slip" in reply for reply in replies] == [False, True, True, False]
    assert zero.reply(0.02).startswith("Not yet. Try again")


def test_a_code_in_two_files_is_refused(tmp_path):
    for name in ("01_one", "02_two"):
        (tmp_path / f"{name}.toml").write_text('[X1]\nquestion = "How far?"\nanswer = 1\n')
    with pytest.raises(ValueError, match=r"X1 is in 01_one\.toml and in 02_two\.toml"):
        exercises.load(tmp_path)


@pytest.mark.parametrize("line", ["tolerance = 0.1", "mistakes.twice = {value = 2, sentence = 'Once only.'}"])
def test_a_key_that_no_exercise_has_is_refused(line, tmp_path):
    (tmp_path / "01_one.toml").write_text(f'[X1]\nquestion = "How far?"\nanswer = 1\n{line}\n')
    with pytest.raises(TypeError, match=r"unexpected keyword argument '(tolerance|sentence)'"):
        exercises.load(tmp_path)


def test_each_notebook_asks_and_stores_the_exercises_of_the_file_of_its_name():
    stored = {}
    for path in NOTEBOOKS.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.source.startswith("ask("):
                stored[cell.source] = path.stem, [output.data for output in cell.outputs]
    expected = {}
    for code, exercise in EXERCISES.items():
        bundle = json.loads(json.dumps(exercise._repr_mimebundle_()))  # as a notebook holds it: lists, no tuples
        expected[f'ask("{code}")'] = exercise.page, [bundle]
    assert stored == expected


def test_a_notebook_shows_the_question_and_a_page_gets_all_it_needs():
    bundle = exercises.ask("V1")._repr_mimebundle_()
    assert "How high is the peak" in bundle["text/markdown"]
    assert "check('V1'" in bundle["text/plain"]
    assert bundle[mime.EXERCISE]["mistakes"][0][0] == 0.399
