"""The exercises' answers, computed anew by torch, and each typical mistake, made on purpose."""

import itertools
import json
import math
import re

import loops
import nbformat
import pytest
import torch
from answers import ANSWERS_AS_TYPED, reply
from averaging import (
    least_share_that_passes,
    one_euler_step,
    total_correlation,
    weight_of_right,
)
from common import ROOT
from scipy.optimize import brentq
from scipy.stats import binom
from torch.distributions import Bernoulli, Binomial, Categorical, Geometric, Normal, kl_divergence

from helpers import heads
from helpers.charts import closed_loop
from helpers.charts import openvla as openvla_chart
from helpers.page import exercises, mime
from helpers.page.exercises import EXERCISES
from helpers.policies import world_model
from helpers.robot import cup_and_tray, replanning, tokens
from helpers.theory.estimators import mean_and_error, score_gradient
from helpers.theory.information import kl_quadrature
from helpers.theory.latent import rate_distortion

NOTEBOOKS = ROOT / "notebooks"
SKEWED = torch.tensor([-0.7, -0.4, 0.1, 0.25, 1.5], dtype=torch.float64)  # its median is not its mean
SLOPES = torch.tensor([0.3, -1.0, 0.2, 2.0, -0.5], dtype=torch.float64)
DECAYING = [SKEWED, SLOPES, 0.1, 0.4]  # weights, gradient, learning rate, decay
NARROW, UNIT, PEAKED = Normal(0.0, 0.1), Normal(0.0, 1.0), Normal(0.0, 0.05)
T = torch.tensor
D = lambda value: T(value, dtype=torch.float64)
STATED = Normal(D(0.3), D(0.7))  # what an encoder states, and a policy believes
LOG_P, LOG_Q = UNIT.log_prob(SKEWED), STATED.log_prob(SKEWED)
P, Q = T([0.7, 0.2, 0.1], dtype=torch.float64), T([0.4, 0.4, 0.2], dtype=torch.float64)
SURE = T([0.0, 0.0, 1.0], dtype=torch.float64)


def cross(p: torch.Tensor, q: torch.Tensor) -> float:
    return -(p @ q.log()).item()


def logit_gradient(demonstrated: int) -> list[float]:
    logits = T([2.0, 0.0, 0.0], requires_grad=True)
    torch.nn.functional.cross_entropy(logits, T(demonstrated)).backward()
    return logits.grad.tolist()


def length_of_noise() -> float:
    torch.manual_seed(0)
    return torch.randn(20_000, 50 * 18).norm(dim=-1).mean().item()


RT1 = tokens.RT1Tokenizer()
COST, CHANCE = T([0.0, 1.0, 4.0], dtype=torch.float64), T([0.5, 0.3, 0.2], dtype=torch.float64)
DEMONSTRATED, OUTLIERS = T([-1.0, 1.0], dtype=torch.float64), T([-1.0, 5.0], dtype=torch.float64)
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
    """The option of E11 whose gradient in the logits is minus the mean score-function gradient: wanted(r, b) by draw."""
    torch.manual_seed(0)
    logits, b = torch.randn(4, dtype=torch.float64, requires_grad=True), 0.7
    action, r = torch.randint(4, (6,)), torch.randn(6, dtype=torch.float64)
    expected = -score_gradient(logits.detach(), action, wanted(r, b)).mean(0)
    for k, line in enumerate(EXERCISES["E11"].options, 1):
        loss = eval(line, {"r": r, "b": b, "log_p": logits.log_softmax(-1)[action]})
        (gradient,) = torch.autograd.grad(loss, logits)
        if torch.allclose(gradient, expected):
            return k
    return 0


def share_left(n: int, own: bool = True) -> float:
    """The share of the true gradient that the mean reward of a batch of n, with or without the draw itself, leaves; all batches."""
    batch = torch.cartesian_prod(*[torch.arange(3)] * n)
    r = (batch == 0).double()
    mean = r.mean(1, keepdim=True) if own else (r.sum(1, keepdim=True) - r) / (n - 1)
    gradient = score_gradient(torch.zeros(3, dtype=torch.float64), batch.flatten(), (r - mean).flatten()).mean(0)
    return (gradient[0] / bandit(0.0).mean(0)[0]).item()


def rate_without_a_crash(trials: int) -> float:
    """The crash rate at which so many trials see no crash half of the time, by search."""
    rates = torch.linspace(0, 1, 100_001, dtype=torch.float64)[1:-1]
    none = Binomial(trials, rates).log_prob(torch.zeros_like(rates)).exp()
    return rates[(none - 0.5).abs().argmin()].item()


TREMBLING = Normal(T(0.6, dtype=torch.float64), 0.25)
EDGE = T(cup_and_tray.HALF_WIDTH, dtype=torch.float64)
COSTLY, GREEDY = T([3.0, 0.0, 1.0], dtype=torch.float64), T([0.4, 0.35, 0.25], dtype=torch.float64)


def standard_error(spread: float, draws: int) -> float:
    """Of a mean: the root of its variance, which is the variance of the sum over the square of their number."""
    return math.sqrt(draws * spread**2 / draws**2)


def uniform_entropy(k: int) -> float:
    return Categorical(probs=torch.ones(k, dtype=torch.float64)).entropy().item()


def best_bet(p: float) -> float:
    """The bet on left that costs least on average, by search."""
    q = torch.linspace(0.001, 0.999, 999, dtype=torch.float64)
    return q[(-p * q.log() - (1 - p) * (1 - q).log()).argmin()].item()


def trials_apart(errors: float, shares: tuple[float, ...] | list[float] = (0.05, 0.1)) -> int:
    """How many trials of each make crash rates of 0.05 and 0.1 differ by so many standard errors; shares: whose luck counts."""
    luck = Bernoulli(T(shares, dtype=torch.float64)).variance.sum()
    return next(n for n in range(1, 10_000) if 0.05 / (luck / n).sqrt() >= errors * (1 - 1e-9))


def differ(both: float) -> float:
    """P(two gates differ) where each is right with 0.5 and both with that: the joint PMF's other two entries."""
    joint = T([[both, 0.5 - both], [0.5 - both, both]])
    return joint.fliplr().diagonal().sum().item()


def more_on_the_right(mean: float) -> int:
    """How many demonstrations at 0.6 bring the mean of fifty on either side to this value."""
    return next(k for k in range(1000) if T([-0.6] * 50 + [0.6] * (50 + k)).mean() >= mean - 1e-6)


def share_that_changes(share: float) -> float:
    """With what probability, above one half, a policy goes right at each gate on its own that changes sides so often, by search."""
    return min((k / 200 for k in range(100, 201)), key=lambda w: abs(changes_sides(w) - share))


def trials_for(share: float, first: int = 25) -> int:
    """How many Bernoulli trials bring the standard error down to that share of what it is after `first`."""
    error = lambda n: Bernoulli(T(0.3)).stddev.item() / n**0.5
    return next(n for n in range(1, 10_000) if error(n) <= share * error(first) * (1 + 1e-9))


def errors_apart(mine: int, old: int, trials: int, of: list[int] | None = None) -> float:
    """By how many standard errors the crash rates differ; of: whose variances count."""
    variance = Bernoulli(T([k / trials for k in of or (mine, old)], dtype=torch.float64)).variance.sum()
    return (old - mine) / trials / (variance / trials).sqrt().item()


def solve(f) -> float:
    """The root of a linear function."""
    return -f(0.0) / (f(1.0) - f(0.0))


def best(power: int, right: float = 0.3, at: torch.Tensor = DEMONSTRATED) -> float:
    """The action with the smallest mean |a - x|^power where so many go right, on a fine grid."""
    a, shares = torch.linspace(-1.5, 1.5, 3001, dtype=torch.float64), T([1 - right, right], dtype=torch.float64)
    return a[((a.unsqueeze(-1) - at).abs() ** power @ shares).argmin()].item()


def share_of_right(mean: float) -> float:
    """The share of the route at 1 for which the demonstrator has that mean, by search."""
    return min((k / 1000 for k in range(1001)), key=lambda share: abs(two_modes(share).mean.item() - mean))


def share_of_left(nats: float) -> float:
    """The share of the left route for which D(that route || both) is so large, by search."""
    apart = lambda share: divergence(mode(-1.0), two_modes(1 - share))
    return min((k / 500 for k in range(50, 496)), key=lambda share: abs(apart(share) - nats))


def mean_off(nats: float) -> float:
    """By how much N(m, 1) must be off for D(N(m, 1) || N(0, 1)) to be so large, by search."""
    m = torch.linspace(0, 2, 200_001, dtype=torch.float64)
    return m[(kl_divergence(Normal(m, 1.0), Normal(D(0.0), 1.0)) - nats).abs().argmin()].item()


def spread_of_entropy(nats: float) -> float:
    """The spread of a Gaussian with that differential entropy, by search."""
    s = torch.linspace(0.01, 2, 199_001, dtype=torch.float64)
    return s[(Normal(D(0.0), s).entropy() - nats).abs().argmin()].item()


def on_words(excess: float) -> float:
    """The share of probability on other words that raises the loss so much, by search."""
    return min((k / 2000 for k in range(1, 2000)), key=lambda share: abs(masking(1 - share) - excess))


def factor_that_leaves(share: float, steps: int = 3) -> float:
    """The factor before the gradient that leaves this share of the distance, by search."""
    return min((k / 1000 for k in range(500)), key=lambda factor: abs(loops.distance_left(factor, steps) - share))


def between(d: float) -> float:
    """How often one Gaussian, fitted to a million demonstrations, is within 0.25 of the middle at gate 1."""
    torch.manual_seed(0)
    shown = cup_and_tray.CupAndTray(d=d).demonstrations(1_000_000)[:, 0].double()
    return Normal(shown.mean(), shown.std()).cdf(T([-0.25, 0.25], dtype=torch.float64)).diff().item()


def slip_for(on_course: float, steps: int) -> float:
    """How probable a slip may be for that share of robots to be on course after so many steps, by search."""
    e = torch.linspace(0, 0.1, 1_000_001, dtype=torch.float64)
    return e[((1 - e).log() * steps - math.log(on_course)).abs().argmin()].item()


def crash_of(ideal: str, w: float = 0.5) -> float:
    return heads.optimum(ideal, cup_and_tray.CupAndTray(w=w)).crash


def settled() -> heads.Optimum:
    """The reverse-KL Gaussian of a demonstrator who goes right seven times in ten."""
    return heads.optimum("reverse_kl_gaussian", cup_and_tray.CupAndTray(w=0.7))


def least_disagreement(first: float, second: float) -> float:
    """The least P(different sides) of a joint of two gates with these shares of right, over all P(right, right)."""
    both = torch.linspace(max(0.0, first + second - 1), min(first, second), 10_001, dtype=torch.float64)
    return (first + second - 2 * both).min().item()


def time_of_weight(weight: float, log_odds=None) -> float:
    """The largest t at which the right action counts so much, for x = 0.3, by search."""
    times = [k / 10_000 for k in range(9_999, 99, -1)]
    found = lambda t: 1 / (1 + math.exp(-log_odds(t))) if log_odds else weight_of_right(0.3, t)
    return next(t for t in times if found(t) >= weight)


def trials_to_one_percent(sides: int) -> int:
    """From how many trials on fewer than one even policy in a hundred passes on the same side each time."""
    return next(n for n in range(1, 99) if sides * Binomial(n, T(0.5)).log_prob(T(float(n))).exp() < 0.01)


def doubled_price() -> list[float]:
    """By what the distortion is multiplied when beta doubles, and what is added to the rate."""
    (distortion, rate), (farther, less) = rate_distortion(2.0), rate_distortion(4.0)
    return [farther / distortion, less - rate]


def price_of_rate(nats: float) -> float:
    """The beta at which the best code of data of variance 1 has that rate, by bisection."""
    low, high = 0.1, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rate_distortion(middle)[1] > nats else (low, middle)
    return low


def gap(reconstruction: float, rate: float) -> float:
    """What a bound lacks of a log p(o) of -1.9."""
    return -1.9 - (reconstruction - rate)


def flip_without_dyn() -> float:
    """How often the prior of a world model flips that was trained with the other KL only."""
    model = world_model.train([world_model.Setting(0, 1)], steps=30)
    return world_model.measure(model, world_model.observe(3)).flip.item()


def changes_sides(w: float) -> float:
    """How often a policy does that draws each gate on its own."""
    return heads.optimum("independent_bins", cup_and_tray.CupAndTray(w=w)).corner


def blind_to_the_scene() -> tuple[float, float]:
    """Of a policy that always says 70 %, in scenes of 100 % and of 40 %: how often that side is taken, and its loss above the floor."""
    p = T([1.0, 0.4], dtype=torch.float64)
    loss = (-p * math.log(0.7) - (1 - p) * math.log(0.3)).mean()
    return p.mean().item(), (loss - Bernoulli(p).entropy().mean()).item()


NEARLY = ((1.0, 0.0, 0.0), (0.5, 0.0, 0.5), (0.25, 0.25, 0.5), (1 / 3, 1 / 3, 1 / 3))


def both_infinite(p: torch.Tensor, q: torch.Tensor) -> bool:
    pair = Categorical(probs=p), Categorical(probs=q.double())
    return math.isinf(kl_divergence(*pair).item()) and math.isinf(kl_divergence(*pair[::-1]).item())


def nearest_pair(pair, options) -> int:
    """Which option, from 1, is nearest to the pair."""
    return 1 + min(range(len(options)), key=lambda k: math.dist([float(x) for x in pair], options[k]))


ROUTES = T([0.8, 0.2], dtype=torch.float64)
EVEN = Categorical(probs=T([0.5, 0.5, 0.0], dtype=torch.float64))
UNSURE = Categorical(probs=T([0.25, 0.25, 0.5], dtype=torch.float64))


def two_modes(right: float = 0.2) -> torch.distributions.Distribution:
    shares = Categorical(probs=T([1 - right, right], dtype=torch.float64))
    return torch.distributions.MixtureSameFamily(shares, Normal(DEMONSTRATED, 0.25))


def divergence(p, q) -> float:
    return kl_quadrature(p.log_prob, q.log_prob, -12, 12, 20_001).item()


def mode(at: float) -> Normal:
    return Normal(T(at, dtype=torch.float64), 0.25)


def posterior_mean(o: float, noise: float, looks: int = 1) -> float:
    """Of a standard normal z that is seen as o through that noise at each of so many looks, by adding up all z."""
    z = torch.linspace(-30, 30, 600_001, dtype=torch.float64)
    weight = (Normal(T(0.0, dtype=torch.float64), 1.0).log_prob(z) + looks * Normal(z, noise).log_prob(T(o))).softmax(0)
    return (weight * z).sum().item()


def unimix(choice: int, share: float = 0.01) -> Categorical:
    return Categorical(probs=(1 - share) * torch.eye(32, dtype=torch.float64)[choice] + share / 32)


def least_values(nats: float) -> int:
    """The least number of values with which some posterior is further than that from a uniform prior."""
    further = lambda k: (
        kl_divergence(
            Categorical(probs=torch.eye(k, dtype=torch.float64)[0]),
            Categorical(logits=torch.zeros(k, dtype=torch.float64)),
        )
        > nats
    )
    return next(k for k in itertools.count(1) if further(k))


def widest_error(end: float) -> float:
    """The largest error of OpenVLA's rule with 256 edges on [-end, end], among many places inside."""
    u = torch.linspace(-1, 1, 2_000_003, dtype=torch.float64)
    return end * (VLA.decode(VLA.encode(u)) - u).abs().max().item()


LAPLACE = torch.distributions.Laplace(0.0, 1.0)


def act_beta(steps: int = 100, numbers: int = 14, weight: float = 10.0) -> float:
    """How much more ACT's KL counts than in a summed Laplace likelihood: the ratio of the two losses' slopes."""
    error = torch.full((steps, numbers), 0.3, requires_grad=True)
    (mean,) = torch.autograd.grad(error.abs().mean(), error)
    (summed,) = torch.autograd.grad(-LAPLACE.log_prob(error).sum(), error)
    return weight * (summed / mean)[0, 0].item()


VLA = tokens.OpenVLATokenizer()
INSIDE = torch.tensor([-0.999, -0.31, 0.0, 0.2, 0.97], dtype=torch.float64)  # of its range


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


def where_left_wins(second: str) -> float:
    """The least share of left, by search, for which left and low is more probable than right and that second token."""
    after_right = dict(zip(openvla_chart.HEIGHTS, openvla_chart.SECOND["right"], strict=True))[second]
    return next(k / 30_000 for k in range(30_001) if k / 30_000 >= (1 - k / 30_000) * after_right - 1e-12)


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


def left_in_grad(*gradients: float) -> float:
    """.grad of a weight after backward passes with these gradients and no zero_grad."""
    weight = torch.zeros((), requires_grad=True)
    for gradient in gradients:
        (gradient * weight).backward()
    return weight.grad.item()


def line_for(code: str, goal) -> int:
    """Which option of a line of code gives `goal` of two PMFs."""
    (found,) = [
        k for k, line in enumerate(EXERCISES[code].options, 1) if abs(eval(line, {"p": P, "q": Q}).item() - goal) < 1e-9
    ]
    return found


def line_of(code: str, values: list, goal: float | torch.Tensor) -> int:
    """Which option of a line of code gives `goal`, a number or a vector, for these values of its arguments."""
    double = lambda value: torch.as_tensor(value, dtype=torch.float64)
    names = dict(zip(EXERCISES[code].arguments, map(double, values), strict=True))
    given = [double(eval(line, {"torch": torch}, names)) for line in EXERCISES[code].options]
    near = lambda value: value.shape == double(goal).shape and (value - double(goal)).abs().max() < 1e-9
    (found,) = [k for k, value in enumerate(given, 1) if near(value)]
    return found


def off_course_after(steps: int) -> float:
    """The share of robots that have slipped, from the survival of a geometric law."""
    return 1 - Geometric(T(0.05, dtype=torch.float64)).log_prob(T(steps)).exp().item() / 0.05


def floor_of_bins(bins: int) -> float:
    """The entropy of the demonstrator's x1, cut into so many bins from -1.2 to 1.2."""
    edges = torch.linspace(-1.2, 1.2, bins + 1, dtype=torch.float64)
    mass = sum(Normal(T(mean, dtype=torch.float64), 0.1).cdf(edges).diff() / 2 for mean in (-0.6, 0.6))
    return Categorical(probs=mass).entropy().item()


def excess(mu: float, sigma: float) -> float:
    """By how much the mean of -log p is higher for a bell at mu than for the best one."""
    cost = lambda at: -Normal(D(at), D(sigma)).log_prob(SKEWED).mean().item()
    return cost(mu) - cost(SKEWED.mean().item())


def passes(head: str, w: float) -> float:
    """How often a head crosses from side to side, by its optimum."""
    return heads.optimum(head, cup_and_tray.CupAndTray(w=w)).corner


def choice_of(p: float) -> dict[str, float]:
    """The answer of H14 for this probability, and its mistakes."""
    right, entropy = T(p, dtype=torch.float64), Bernoulli(T(p, dtype=torch.float64)).entropy().item()
    own = {"bits": entropy / math.log(2), "right_only": -(right * right.log()).item(), "surprise": -right.log().item()}
    return {"answer": entropy, **own, "equal_choice": Bernoulli(T(0.5)).entropy().item()}


START = Normal(D(0.0), D(0.05))  # where robots of page 09 start


def right_given(x: float, r: float, v: float) -> float:
    """P(right | x) by Bayes' rule: two Gaussians of variance v, r times as far apart as the routes."""
    left, right = (Normal(D(side * r * 0.6), D(v).sqrt()).log_prob(D(x)).exp() for side in (-1, 1))
    return (right / (left + right)).item()


def goal_of(x: float, share: float, right: float = 0.5) -> float:
    """The mean goal of those who are at x after that share of the way, summed over all goals and all starts of spread 0.05."""
    goals = torch.linspace(-1.5, 1.5, 3001, dtype=torch.float64)
    prior = right * Normal(0.6, 0.1).log_prob(goals).exp() + (1 - right) * Normal(-0.6, 0.1).log_prob(goals).exp()
    start = (x - share * goals) / (1 - share)
    weight = prior * Normal(0.0, 0.05).log_prob(start).exp()
    return ((weight * goals).sum() / weight.sum()).item()


def turning_point(right: float, looks: int = 1000) -> float:
    """The start from which on robots that look so often go right, by bisection over whole drives."""

    def end(x: float) -> float:
        for k in range(looks):
            v = (1 - k / looks) ** 2 * 0.05**2 + (k / looks * 0.1) ** 2
            odds = right / (1 - right) * math.exp(2 * k / looks * 0.6 * x / v)
            sides = [(odds / (1 + odds), 0.6), (1 / (1 + odds), -0.6)]
            goal = sum(p * (d + k / looks * 0.01 / v * (x - k / looks * d)) for p, d in sides)
            x += (goal - x) / (looks - k)
        return x

    return brentq(lambda start: 1 if end(start) > 0 else -1, -0.1, 0.1, xtol=1e-5)


OLDEST_FIRST = torch.tensor([0.5, -0.2, 0.9], dtype=torch.float64)  # what three plans say


def ensembled(exponent: float, divide: float | None = None) -> float:
    """The mean of these with weights e^(exponent i), divided by the sum of the weights or by another number."""
    weights = [math.exp(exponent * i) for i in range(3)]
    return sum(w * a for w, a in zip(weights, OLDEST_FIRST.tolist(), strict=True)) / (divide or sum(weights))


def after_plans(plans: int, left) -> float:
    """Where a robot from 0 with its goal always at 0.6 is after so many plans, each a `left(k)`-th of what is left."""
    x = 0.0
    for k in range(plans):
        x = replanning.moved(x, 0.6, left(k))
    return x


def executed_whole(head: str) -> float:
    """How often the arm crashed with that head when it carried out whole chunks."""
    found = closed_loop.measured()
    crashes = [training[-1][0] for training in found["cells"][head]]
    return sum(crashes) / len(crashes) / found["episodes"]


def looks(plans: int, scatter: float = 0.05) -> float:
    return replanning.crash_rate(replanning.mean, plans, scatter)


def edge_of_crash(plans: int) -> float:
    """The start nearest to the line that still passes, by search among starts."""
    start = x = torch.linspace(0, 0.1, 100_001, dtype=torch.float64)
    for k in range(plans):
        x = replanning.moved(x, replanning.mean(replanning.believed(x, k / plans, 0.05)), plans - k)
    return start[x.abs() >= cup_and_tray.HALF_WIDTH][0].item()


def sure_and_crashing() -> bool:
    """Whether a start of 0.007 crashes although the right side has odds of thousands at its third look, for its pull on that side."""
    x = torch.tensor([0.007], dtype=torch.float64)
    for k in range(5):
        b = replanning.believed(x, k / 5, 0.05)
        if k == 2:
            assert round(replanning.mean(b).item(), 2) == 0.29
            sure = 4000 < (2 * b.lean).exp() < 6000 and replanning.mean(b) == pytest.approx(
                (b.middle + b.half).item(), abs=1e-3
            )
        x = replanning.moved(x, replanning.mean(b), 5 - k)
    return bool(sure) and x.item() == pytest.approx(0.239, abs=5e-4)  # as the solution says


def smoothed() -> float:
    """The crash rate of ten sampled goals, the robot going to the mean of all so far."""
    torch.manual_seed(0)
    x, goals = 0.05 * torch.randn(5000, dtype=torch.float64), []
    for k in range(10):
        b = replanning.believed(x, k / 10, 0.05)
        goals.append(replanning.sampled(b, torch.rand_like(x), torch.randn_like(x)))
        x = replanning.moved(x, torch.stack(goals).mean(0), 10 - k)
    return x.abs().lt(0.25).double().mean().item()


ANSWERS = {
    "H14": lambda: choice_of(0.1)["answer"],
    "H4": lambda: (T([0.9, 0.1], dtype=torch.float64).log() / 2).softmax(0)[0].item(),
    "H9": lambda: line_for("H9", cross(P, Q)),
    "L5": lambda: left_in_grad(2.0, -1.0, 3.0),
    "L6": lambda: 2 if len({*loops.losses("step before backward")}) == 1 else 1,
    "L7": lambda: loops.losses("softmax over the batch")[-1],
    "L4": lambda: loops.first_weight_gradient(),
    "L1": lambda: 0.58 - Categorical(probs=T([0.8, 0.2])).entropy().item(),
    "L2": lambda: cup_and_tray.CupAndTray(w=0.8).demonstrator.variance[0].item(),
    "L3": lambda: line_of("L3", DECAYING, loops.descended(SKEWED, SLOPES, 0.1, decay=0.4)),
    "L9": lambda: 2.82 - 2 * standard_error(0.7, 256),
    "L10": lambda: 2 if round(uniform_entropy(64), 2) == 4.16 and 2.83 - 2.82 < 0.02 < 3.10 - 2.82 else 1,
    "L11": lambda: factor_that_leaves(0.343),
    "L12": lambda: 2 if loops.distance_left(1.1, 2) > 1 > 0 > loops.distance_left(1.1, 1) else 3,
    "L13": lambda: line_of("L13", [Q, P, SURE], loops.logit_gradient(Q, (P + SURE) / 2)),
    "L8": lambda: 1 + [loops.trains(order) for order in EXERCISES["L8"].options].index(True),
    "M1": lambda: 3 if [round(10 * crash_of(name)) for name in ("full_gaussian", "independent_bins")] == [4, 5] else 2,
    "M2": lambda: 2 if T([-0.6] * 40 + [0.0] * 25 + [0.6] * 35).median() == 0 else 1,
    "M3": lambda: least_disagreement(0.7, 0.6),
    "M4": lambda: least_share_that_passes("mse"),
    "M5": lambda: 1 if crash_of("autoregressive_sampled") < 0.01 < 0.99 < crash_of("mse") else 2,
    "M6": lambda: time_of_weight(0.9),
    "M7": lambda: 4 if one_euler_step(0.8) == pytest.approx(0.36) else 1,
    "M8": lambda: math.exp(-settled().reverse_kl),
    "M9": lambda: trials_to_one_percent(sides=2),
    "M10": lambda: (
        1
        if crash_of("independent_bins", 0.6) == pytest.approx(0.48, abs=5e-3)
        and crash_of("independent_greedy", 0.6) < 0.01
        else 3
    ),
    "M11": lambda: total_correlation(8),
    "M12": lambda: 3 if between(1.2) / between(0.6) == pytest.approx(0.5, abs=0.03) else 2,
    "O1": lambda: openvla(-10.0),
    "O8": lambda: 1 if largest_error() * 3 * (back(1) - back(-1)) / 2 > 0.48 else 2,
    "O9": lambda: widest_error(60.0),
    "O10": lambda: line_of("O10", [INSIDE], VLA.encode(INSIDE)),
    "O7": lambda: 2 if heads.optimum("independent_bins", cup_and_tray.CupAndTray()).corner > 0.4 else 3,
    "O11": lambda: 2 if back(VLA.decode(T(openvla(60.0))).item()) < 41 else 3,
    "O6": lambda: 2 if round(uniform_entropy(32_064), 1) == 10.4 else 1,
    "O12": lambda: where_left_wins("middle"),
    "O2": lambda: 1 - Binomial(6, T(0.02)).log_prob(T(0.0)).exp().item(),
    "O5": lambda: solve(lambda x: reported([x] * 7 + [0.001]) - 1.05),
    "O4": lambda: on_words(0.3),
    "O3": lambda: VLA.decode(T(100)).item(),
    "Z5": lambda: 1 if doubled_price() == pytest.approx([2, -0.5 * math.log(2)]) else 2,
    "Z6": lambda: price_of_rate(math.log(2)),
    "Z2": lambda: min(gap(-1.2, 1.4), gap(-1.8, 0.5)),
    "Z3": lambda: 1,
    "Z1": lambda: line_of("Z1", [1.5, 0.7, 4.0], posterior_mean(1.5, 0.7, looks=4)),
    "Z4": lambda: line_of("Z4", [0.3, 0.7], kl_divergence(STATED, UNIT).item()),
    "Z9": lambda: 2 if cup_and_tray.crashes(cup_and_tray.CupAndTray().demonstrator.mean).item() else 3,
    "Z12": lambda: 1 if rate_distortion(2.0)[0] > rate_distortion(1.0)[0] else 2,
    "Z13": lambda: least_values(2),
    "Z10": lambda: 2 if flip_without_dyn() == pytest.approx(0.5, abs=0.02) else 1,
    "Z11": lambda: 2,
    "Z8": lambda: kl_divergence(unimix(0), unimix(1)).item(),
    "Z7": act_beta,
    "E4": lambda: mean_and_variance(COST, CHANCE)[0],
    "E5": lambda: mean_and_variance(COST, CHANCE)[1],
    "E6": lambda: 0.4 / standard_error(math.sqrt(mean_and_variance(COST, CHANCE)[1]), 64),
    "E7": lambda: solve(lambda c: mean_and_variance(torch.cat([T([c]), COST[1:]]), CHANCE)[0] - c),
    "E8": lambda: solve(lambda x: mean_and_variance(T([8.0, x]), T([0.3, 0.7]))[0] - 5),
    "E13": lambda: total_variance(0.0),
    "E14": lambda: total_variance(1 / 3) / total_variance(0.0),
    "E1": lambda: 1 - TREMBLING.cdf(EDGE).item(),
    "E2": lambda: differ(0.3),
    "E3": lambda: line_of(
        "E3", [SKEWED, SLOPES], (mean_and_error(SKEWED)[1] ** 2 + mean_and_error(SLOPES)[1] ** 2).sqrt().item()
    ),
    "E12": lambda: (
        2 if bandit(-100.0).mean(0).allclose(bandit(0.0).mean(0), atol=1e-4) and second_moment(-100.0) > 1000 else 1
    ),
    "E11": lambda: loss_whose_gradient_is(lambda r, b: r - b),
    "E15": lambda: errors_apart(4, 9, 20),
    "E16": lambda: trials_apart(2),
    "E17": lambda: rate_without_a_crash(10),
    "E18": lambda: (COSTLY[GREEDY.argmax()] - COSTLY @ GREEDY).item(),
    "E19": lambda: share_left(2),
    "E9": lambda: best(2, 0.3, OUTLIERS) - best(2),
    "E10": lambda: best(1, 0.3, OUTLIERS) - best(1),
    "K4": lambda: kl_divergence(EVEN, UNSURE).item(),
    "K5": lambda: 1 + [both_infinite(EVEN.probs, T(q)) for q in NEARLY].index(True),
    "K7": lambda: share_of_right(0.5),
    "K8": lambda: two_modes(0.75).stddev.item(),
    "K13": lambda: share_of_left(0.22),
    "K9": lambda: slip_for(0.9, 100),
    "K1": lambda: 0.80 - 0.75,
    "K2": lambda: Categorical(probs=T([0.7, 0.3])).entropy().item(),
    "K6": lambda: line_for("K6", kl_divergence(Categorical(probs=P), Categorical(probs=Q)).item()),
    "K3": lambda: line_of("K3", [LOG_P, LOG_Q], (LOG_Q - LOG_P).mean().item()),
    "K12": lambda: nearest_pair((two_modes(0.6).mean, two_modes(0.6).stddev), [(0.2, 0.25), (0.2, 1.01), (1, 0.25)]),
    "K14": lambda: 2 if best(1, 0.4) < -0.9 < 0.9 < best(1, 0.6) and -0.3 < best(2, 0.4) < best(2, 0.6) < 0.3 else 1,
    "K16": lambda: 3,
    "K15": lambda: 1 if off_course_after(20) > 2 * off_course_after(5) else 3,
    "K10": lambda: kl_divergence(HALF, UNIT).item(),
    "K11": lambda: mean_off(kl_divergence(HALF, UNIT).item()),
    "V2": lambda: PEAKED.log_prob(T(0.0)).exp().item(),
    "V10": lambda: 2 if torch.randn(1000, 1600).norm(dim=1).min() > 35 else 1,
    "V3": lambda: (PEAKED.cdf(T(0.025)) - PEAKED.cdf(T(-0.025))).item(),
    "V9": length_of_noise,
    "V4": lambda: (
        2
        if abs(Normal(0.1, 1 / (3 * math.sqrt(2 * math.pi))).cdf(T([0.099, 0.101])).diff().item() - 0.006) < 1e-4
        else 0
    ),
    "V5": lambda: line_of("V5", [0.3, 0.2, 0.5], Normal(D(0.2), D(0.5)).log_prob(D(0.3)).exp().item()),
    "V11": lambda: share_that_changes(0.32),
    "V12": lambda: 2 if heads.optimum("independent_bins", cup_and_tray.CupAndTray()).corner > 0.4 else 1,
    "V13": lambda: more_on_the_right(0.3),
    "V14": lambda: line_of("V14", [SKEWED, 0.3, 0.5], excess(0.3, 0.5)),
    "V15": lambda: (
        1 if heads.optimum("independent_bins", cup_and_tray.CupAndTray()).corner > 0.4 and 7 * 256 == 1792 else 2
    ),
    "C1": lambda: START.cdf(D(0.01)).item() - START.cdf(D(-0.01)).item(),
    "C2": lambda: 1 if one_euler_step(0.5) == pytest.approx(0.0, abs=1e-6) else 2,
    "C3": lambda: line_of("C3", [0.02, 0.3, 0.6, 0.002], right_given(0.02, 0.3, 0.002)),
    "C4": lambda: goal_of(0.025, 0.5),
    "C5": lambda: edge_of_crash(5),
    "C6": lambda: after_plans(10, lambda k: 10),
    "C9": lambda: 2 if looks(1) == 1 and looks(20) < 0.01 else 3,
    "C10": lambda: 2 if looks(10, 0.001) > 0.999 and looks(10) < 0.03 else 1,
    "C11": lambda: line_of("C11", [OLDEST_FIRST, [0, 1, 2]], ensembled(-0.01)),
    "C12": lambda: turning_point(0.7),
    "C7": lambda: brentq(lambda r: binom.cdf(0, 200, r) - 1 / 20, 0, 1),
    "C8": lambda: max(executed for executed in range(1, 13) if len(range(0, 10, executed)) >= 5),
    "C13": lambda: 3 if executed_whole("flow_longer") < 0.2 < 0.9 < executed_whole("mse") else 1,
    "C14": lambda: 2 if sure_and_crashing() else 1,
    "V1": lambda: max((k / 100 for k in range(101)), key=changes_sides),
    "V6": lambda: RT1.encode(T(0.0)).item(),
    "V7": lambda: 10 * 50 * RT1.decode(RT1.encode(T(0.0))).item(),
    "V8": lambda: 2 if len({*torch.tensor([0.0] * 995 + [20.0] * 5).quantile(T([0.01, 0.99])).tolist()}) == 1 else 3,
    "H7": lambda: Categorical(probs=P).entropy().item(),
    "H8": lambda: kl_divergence(Categorical(probs=P), Categorical(probs=Q)).item(),
    "H6": lambda: uniform_entropy(32),
    "H5": lambda: 2 if (0.61 - 0.50) / standard_error(0.4, 2000) > 5 else 1,
    "H2": lambda: trials_for(1 / 2, first=20),
    "H3": lambda: 1 if Normal(0.0, 1 / (3 * math.sqrt(2 * math.pi))).log_prob(T(0.0)).item() > 0 else 2,
    "H16": lambda: math.exp(-0.05 / 0.01),
    "H18": lambda: line_of(
        "H18", [LOG_Q], torch.nn.functional.nll_loss(LOG_Q[:, None], torch.zeros(len(LOG_Q), dtype=int)).exp().item()
    ),
    "H11": lambda: 1 if 0.63 - Bernoulli(T(0.7)).entropy().item() < 0.03 else 3,
    "H1": lambda: 1 if best_bet(0.7) == pytest.approx(0.7) else 3,
    "H15": lambda: Bernoulli(T([0.7, 1.0], dtype=torch.float64)).entropy().mean().item(),
    "H17": lambda: 2 if blind_to_the_scene()[0] == pytest.approx(0.7) and blind_to_the_scene()[1] > 0.2 else 3,
    "H10": lambda: logit_gradient(1)[0],
    "H12": lambda: spread_of_entropy(0.0),
    "H13": lambda: Normal(0.0, 1000 * spread_of_entropy(0.0)).entropy().item(),
}
EQUAL = torch.ones(3, dtype=torch.float64) / 3
MISTAKES = {
    "H14": {
        name: lambda name=name: choice_of(0.1)[name] for name in ("bits", "right_only", "surprise", "equal_choice")
    },
    "H4": {
        "too_cold": lambda: (T([0.9, 0.1], dtype=torch.float64).log() * 2).softmax(0)[0].item(),
        "halved": lambda: 0.9 / 2,
        "towards_the_middle": lambda: (0.9 + 0.5) / 2,
    },
    "H9": {
        "swapped": lambda: line_for("H9", cross(Q, P)),
        "mean": lambda: line_for("H9", cross(P, Q) / 3),
        "bits": lambda: line_for("H9", cross(P, Q) / math.log(2)),
        "gap": lambda: line_for("H9", kl_divergence(Categorical(probs=P), Categorical(probs=Q)).item()),
    },
    "M1": {"covariance": lambda: 1, "two_peaks": lambda: 2, "training": lambda: 4},
    "M2": {"majority": lambda: 1, "mean": lambda: 3, "chance": lambda: 4},
    "M3": {
        "independent": lambda: torch.outer(T([0.3, 0.7]), T([0.4, 0.6])).fliplr().diagonal().sum().item(),
        "none": lambda: 0.0,
        "agree": lambda: 1 - least_disagreement(0.7, 0.6),
    },
    "M4": {
        "without_the_offset": lambda: least_share_that_passes("mse", d=1.0),
        "difference": lambda: 2 * least_share_that_passes("mse") - 1,
        "left": lambda: 1 - least_share_that_passes("mse"),
    },
    "M5": {"exchanged": lambda: 2, "loss": lambda: 3, "data": lambda: 4},
    "M6": {
        "divided_once": lambda: time_of_weight(0.9, lambda t: 0.36 * (1 - t) / t),
        "without_the_factor": lambda: time_of_weight(0.9, lambda t: 0.36 / t**2),
        "three_quarters": lambda: time_of_weight(0.75),
    },
    "M7": {"squared": lambda: 1, "absolute": lambda: 2, "gaussian": lambda: 3},
    "M8": {
        "other_route": lambda: 1 - math.exp(-settled().reverse_kl),
        "bits": lambda: 2 ** -settled().reverse_kl,
        "linear": lambda: 1 - settled().reverse_kl,
    },
    "M9": {"one_side": lambda: trials_to_one_percent(sides=1), "rounded_down": lambda: 6, "hundred": lambda: 100},
    "M10": {"nothing": lambda: 2, "chain": lambda: 3, "bell": lambda: 4},
    "M11": {
        "bits": lambda: total_correlation(8) / math.log(2),
        "all_steps": lambda: 8 * uniform_entropy(2),
        "one": lambda: total_correlation(2),
    },
    "M12": {"more": lambda: 1, "same": lambda: 2},
    "L5": {
        "last_batch": lambda: left_in_grad(3.0),
        "mean": lambda: left_in_grad(2.0, -1.0, 3.0) / 3,
        "last_two": lambda: left_in_grad(-1.0, 3.0),
    },
    "L6": {"late": lambda: 1, "uphill": lambda: 3},
    "L7": {
        "over_the_bins": lambda: uniform_entropy(loops.BINS),
        "bits": lambda: math.log2(loops.BATCH),
        "the_floor": lambda: floor_of_bins(loops.BINS),
        "certain": lambda: 0.0,
    },
    "L4": {
        "sign": lambda: -loops.first_weight_gradient(),
        "without_tanh": lambda: loops.first_weight_gradient() / (1 - 0.5**2),
        "own_logit": lambda: loops.first_weight_gradient(behind=(0.0, 0.0, 2.0)),
        "without_p": lambda: (0.2 * 1 + 0.3 * 2) * (1 - 0.5**2),
        "times_h": lambda: loops.first_weight_gradient() / (1 - 0.5**2) * 0.5,
    },
    "L1": {
        "bits": lambda: (0.58 - Categorical(probs=T([0.8, 0.2])).entropy().item()) / math.log(2),
        "floor": lambda: Categorical(probs=T([0.8, 0.2])).entropy().item(),
        "left_only": lambda: 0.58 + math.log(0.8),
        "even": lambda: 0.58 - uniform_entropy(2),
    },
    "L2": {
        "without_scatter": lambda: cup_and_tray.CupAndTray(w=0.8).demonstrator.variance[0].item() - 0.01,
        "even": lambda: cup_and_tray.CupAndTray().demonstrator.variance[0].item(),
        "scatter_only": lambda: 0.1**2,
    },
    "L3": {
        "without_the_rate": lambda: line_of("L3", DECAYING, loops.descended(SKEWED, SLOPES, 0.1) - 0.4 * SKEWED),
        "growing": lambda: line_of("L3", DECAYING, loops.descended(SKEWED, SLOPES - 0.4 * SKEWED, 0.1)),
        "not_derived": lambda: line_of("L3", DECAYING, loops.descended(SKEWED, SLOPES + 0.2 * SKEWED**2, 0.1)),
        "uphill": lambda: line_of("L3", DECAYING, 2 * SKEWED - loops.descended(SKEWED, SLOPES, 0.1, decay=0.4)),
    },
    "L9": {
        "one_error": lambda: 2.82 - standard_error(0.7, 256),
        "without_the_root": lambda: 2.82 - 2 * standard_error(0.7, 256**2),
        "single": lambda: 2.82 - 2 * standard_error(0.7, 1),
    },
    "L10": {"longer": lambda: 1, "stopped": lambda: 3},
    "L11": {
        "without_the_two": lambda: 2 * factor_that_leaves(0.343),
        "one_step": lambda: factor_that_leaves(0.343, steps=1),
        "same_step": lambda: factor_that_leaves(0.343, steps=1) / 3,
    },
    "L12": {"at_once": lambda: 1, "slowly": lambda: 3},
    "L13": {
        "sum": lambda: line_of("L13", [Q, P, SURE], loops.logit_gradient(Q, P) + loops.logit_gradient(Q, SURE)),
        "sign": lambda: line_of("L13", [Q, P, SURE], -loops.logit_gradient(Q, (P + SURE) / 2)),
        "product": lambda: line_of("L13", [Q, P, SURE], loops.logit_gradient(Q, P) * loops.logit_gradient(Q, SURE)),
    },
    "L8": {name: lambda k=k: k for name, k in (("step_first", 1), ("emptied", 2), ("loss_late", 4))},
    "O1": {
        "bin": lambda: 32_000 - openvla(-10.0),
        "counted_from_zero": lambda: openvla(-10.0) + 1,
        "added": lambda: 64_000 - openvla(-10.0),
        "positive": lambda: openvla(10.0),
    },
    "O8": {"free": lambda: 2, "turned_round": lambda: 3},
    "O9": {
        "whole_interval": lambda: 2 * widest_error(60.0),
        "one_side": lambda: widest_error(30.0),
        "as_before": lambda: (back(1) - back(-1)) / 510,
    },
    "O10": {
        "from_zero": lambda: line_of("O10", [INSIDE], VLA.encode(INSIDE) + 1),
        "intervals": lambda: line_of(
            "O10", [INSIDE], 32_000 - torch.bucketize(INSIDE, torch.linspace(-1, 1, 257), right=True)
        ),
        "upward": lambda: line_of("O10", [INSIDE], 63_743 - VLA.encode(INSIDE)),
    },
    "O7": {"product": lambda: 1, "either": lambda: 3},
    "O11": {"bins": lambda: 1, "training": lambda: 3},
    "O6": {"yes": lambda: 1, "actions_only": lambda: 3},
    "O12": {
        "greedy_turns": lambda: 0.5,
        "with_high": lambda: where_left_wins("high"),
        "with_low": lambda: where_left_wins("low"),
    },
    "O2": {
        "added": lambda: 6 * 0.02,
        "one_side": lambda: 1 - Binomial(6, T(0.01)).log_prob(T(0.0)).exp().item(),
        "none": lambda: Binomial(6, T(0.02)).log_prob(T(0.0)).exp().item(),
        "one_coordinate": lambda: 0.02,
    },
    "O5": {
        "as_reported": lambda: 1.05,
        "sum": lambda: 8 * 1.05 - 0.001,
        "other_way": lambda: reported([1.05] * 7 + [0.0]),
        "bits": lambda: solve(lambda x: reported([x] * 7 + [0.001]) - 1.05) / math.log(2),
    },
    "O4": {
        "kept": lambda: 1 - on_words(0.3),
        "difference": lambda: 2.0 - 1.7,
        "ratio": lambda: 1 - 1.7 / 2.0,
        "bits": lambda: on_words(0.3 * math.log(2)),
    },
    "O3": {
        "edge_of_top_bin": lambda: VLA.edges[-1],
        "low_ids_at_the_bottom": lambda: VLA.decode(T(31_999)).item(),
        "neutral": lambda: 0.0,
    },
    "Z5": {
        "halves": lambda: 2,
        "other_way": lambda: 3,
    },
    "Z6": {
        "left_out_half": lambda: price_of_rate(math.log(2) / 2),
        "one_nat": lambda: price_of_rate(1.0),
        "distortion": lambda: rate_distortion(price_of_rate(math.log(2)))[0],
    },
    "Z2": {
        "other": lambda: gap(-1.2, 1.4),
        "reconstruction_only": lambda: gap(-1.8, 0.0),
        "bits": lambda: gap(-1.8, 0.5) / math.log(2),
    },
    "Z3": {"forward": lambda: 2, "rate": lambda: 3},
    "Z1": {
        "one_look": lambda: line_of("Z1", [1.5, 0.7, 4.0], posterior_mean(1.5, 0.7)),
        "more_noise": lambda: line_of("Z1", [1.5, 0.7, 4.0], posterior_mean(1.5, 0.7 * 2)),
        "spread": lambda: line_of("Z1", [1.5, 0.7, 4.0], posterior_mean(1.5, (0.7 / 4) ** 0.5)),
    },
    "Z4": {
        "sign": lambda: line_of("Z4", [0.3, 0.7], kl_divergence(STATED, UNIT).item() + 2 * math.log(0.7)),
        "not_zero": lambda: line_of("Z4", [0.3, 0.7], kl_divergence(STATED, UNIT).item() + 0.5),
        "bits": lambda: line_of("Z4", [0.3, 0.7], kl_divergence(STATED, UNIT).item() / math.log(2)),
    },
    "Z9": {"either": lambda: 1, "frequent": lambda: 3},
    "Z12": {"first": lambda: 2, "collapsed": lambda: 3},
    "Z13": {
        "bits": lambda: least_values(2 * math.log(2)),
        "one_too_few": lambda: least_values(2) - 1,
    },
    "Z10": {"same_number": lambda: 1, "posterior": lambda: 3},
    "Z11": {"pathwise": lambda: 1, "neither": lambda: 3},
    "Z8": {
        "log_of_classes": lambda: kl_divergence(
            Categorical(probs=torch.eye(32)[0]), Categorical(probs=torch.ones(32))
        ).item(),
        "log_ratio": lambda: (unimix(0).probs[0] / unimix(1).probs[0]).log().item(),
        "bits": lambda: kl_divergence(unimix(0), unimix(1)).item() / math.log(2),
    },
    "Z7": {
        "as_written": lambda: 10.0,
        "factor_only": lambda: act_beta(weight=1.0),
        "steps_left_out": lambda: act_beta(steps=1),
        "numbers_left_out": lambda: act_beta(numbers=1),
    },
    "E4": {
        "without_probabilities": lambda: mean_and_variance(COST, EQUAL)[0],
        "most_probable_action": lambda: COST[CHANCE.argmax()].item(),
        "squared_cost": lambda: (CHANCE @ COST**2).item(),
    },
    "E5": {
        "squared_cost": lambda: (CHANCE @ COST**2).item(),
        "standard_deviation": lambda: math.sqrt(mean_and_variance(COST, CHANCE)[1]),
        "without_probabilities": lambda: mean_and_variance(COST, EQUAL)[1],
    },
    "E6": {
        "one_trial": lambda: 0.4 / math.sqrt(mean_and_variance(COST, CHANCE)[1]),
        "variance_of_mean": lambda: 0.4 / (mean_and_variance(COST, CHANCE)[1] / 64),
        "divided_by_n": lambda: 0.4 / (math.sqrt(mean_and_variance(COST, CHANCE)[1]) / 64),
    },
    "E7": {
        "as_before": lambda: mean_and_variance(COST, CHANCE)[0],
        "others_only": lambda: mean_and_variance(COST, CHANCE)[0] / 2,
        "dearest": lambda: COST.max().item(),
    },
    "E8": {
        "without_probabilities": lambda: solve(lambda x: mean_and_variance(T([8.0, x]), T([0.5, 0.5]))[0] - 5),
        "probabilities_swapped": lambda: solve(lambda x: mean_and_variance(T([8.0, x]), T([0.7, 0.3]))[0] - 5),
        "not_divided": lambda: 5 - 0.3 * 8,
    },
    "E13": {
        "mean_squared_length": lambda: bandit(0.0).pow(2).sum(-1).mean().item(),
        "first_component": lambda: bandit(0.0)[:, 0].var(correction=0).item(),
        "squared_mean": lambda: bandit(0.0).mean(0).pow(2).sum().item(),
        "square_root": lambda: math.sqrt(total_variance(0.0)),
    },
    "E14": {
        "nothing_gained": lambda: second_moment(1 / 3) / total_variance(0.0),
        "arms_without_pay_left_out": lambda: total_variance(1 / 3, arms=1) / total_variance(0.0),
    },
    "E1": {
        "other_side": lambda: TREMBLING.cdf(EDGE).item(),
        "both_gates": lambda: (1 - TREMBLING.cdf(EDGE).item()) ** 2,
        "not_in_spreads": lambda: UNIT.cdf(T(0.35)).item(),
        "from_zero": lambda: UNIT.cdf(T(0.6 / 0.25)).item(),
    },
    "E2": {"independent": lambda: differ(0.25), "one_way": lambda: differ(0.3) / 2, "not_both_right": lambda: 1 - 0.3},
    "E3": {
        "spreads_added": lambda: line_of("E3", [SKEWED, SLOPES], (SKEWED.std() + SLOPES.std()).item() / 5**0.5),
        "divided_by_n": lambda: line_of(
            "E3", [SKEWED, SLOPES], torch.stack([SKEWED.std(), SLOPES.std()]).norm().item() / 5
        ),
        "subtracted": lambda: line_of("E3", [SKEWED, SLOPES], ((SLOPES.var() - SKEWED.var()) / 5).sqrt().item()),
    },
    "E12": {"nothing": lambda: 1, "faster": lambda: 3},
    "E11": {
        "sign": lambda: loss_whose_gradient_is(lambda r, b: b - r),
        "product_of_means": lambda: loss_whose_gradient_is(lambda r, b: (r - b).mean().expand(len(r))),
        "baseline_outside": lambda: loss_whose_gradient_is(lambda r, b: r),
    },
    "E15": {
        "one_policy": lambda: errors_apart(4, 9, 20, of=[9]),
        "single_trial": lambda: errors_apart(4, 9, 20) / math.sqrt(20),
        "spreads_added": lambda: 0.25 / sum(Bernoulli(T(k / 20)).stddev.item() / math.sqrt(20) for k in (4, 9)),
    },
    "E16": {
        "without_the_square": lambda: 2 * trials_apart(1),
        "one_policy": lambda: trials_apart(2, shares=[0.1]),
        "spreads_added": lambda: (sum(Bernoulli(T([0.05, 0.1])).stddev.tolist()) * 2 / 0.05) ** 2,
    },
    "E17": {
        "none": lambda: 0.0,
        "divided": lambda: 0.5 / 10,
        "one_in_n": lambda: 1 / 10,
    },
    "E18": {"greedy": lambda: COSTLY[GREEDY.argmax()].item(), "sampled": lambda: (COSTLY @ GREEDY).item()},
    "E19": {"all": lambda: share_left(2, own=False), "all_but_two": lambda: 0.0},
    "E9": {
        "new_place": lambda: best(2, 0.3, OUTLIERS),
        "with_them": lambda: (OUTLIERS - DEMONSTRATED).max().item(),
        "median": lambda: best(1, 0.3, OUTLIERS) - best(1),
    },
    "E10": {
        "mean": lambda: best(2, 0.3, OUTLIERS) - best(2),
        "with_them": lambda: (OUTLIERS - DEMONSTRATED).max().item(),
    },
    "K4": {
        "bits": lambda: kl_divergence(EVEN, UNSURE).item() / math.log(2),
        "cross_entropy": lambda: -(EVEN.probs[:2] @ UNSURE.probs[:2].log()).item(),
        "base_10": lambda: kl_divergence(EVEN, UNSURE).item() / math.log(10),
        "sign": lambda: -kl_divergence(EVEN, UNSURE).item(),
    },
    "K5": {"one_route": lambda: 1, "waits_too": lambda: 3, "everything": lambda: 4},
    "K7": {"the_mean": lambda: two_modes(0.75).mean.item(), "left": lambda: 1 - share_of_right(0.5)},
    "K8": {
        "variance": lambda: two_modes(0.75).variance.item(),
        "one_mode": lambda: mode(-1.0).stddev.item(),
        "spread_of_means": lambda: math.sqrt(mean_and_variance(DEMONSTRATED, T([0.25, 0.75], dtype=torch.float64))[1]),
        "variance_of_means": lambda: mean_and_variance(DEMONSTRATED, T([0.25, 0.75], dtype=torch.float64))[1],
        "root_mean_square": lambda: math.sqrt(two_modes(0.75).variance.item() + two_modes(0.75).mean.item() ** 2),
    },
    "K13": {
        "right": lambda: 1 - share_of_left(0.22),
        "bits": lambda: share_of_left(0.22 * math.log(2)),
        "log": lambda: -math.log(0.22),
    },
    "K9": {
        "slips_added": lambda: 0.1 / 100,
        "off_course": lambda: slip_for(0.1, 100),
        "a_tenth": lambda: 0.1,
    },
    "K1": {
        "any_policy": lambda: 0.80 - 0.61,
        "family": lambda: 0.75 - 0.61,
        "bits": lambda: (0.80 - 0.75) / math.log(2),
    },
    "K2": {
        "bits": lambda: Categorical(probs=T([0.7, 0.3])).entropy().item() / math.log(2),
        "equal_choice": lambda: Categorical(probs=T([0.5, 0.5])).entropy().item(),
        "nothing": lambda: 0.0,
    },
    "K6": {
        "other_direction": lambda: line_for("K6", kl_divergence(Categorical(probs=Q), Categorical(probs=P)).item()),
        "sign": lambda: line_for("K6", -kl_divergence(Categorical(probs=P), Categorical(probs=Q)).item()),
        "bits": lambda: line_for("K6", kl_divergence(Categorical(probs=P), Categorical(probs=Q)).item() / math.log(2)),
        "cross_entropy": lambda: line_for("K6", cross(P, Q)),
    },
    "K3": {
        "sign": lambda: line_of("K3", [LOG_P, LOG_Q], (LOG_P - LOG_Q).mean().item()),
        "weighted": lambda: line_of("K3", [LOG_P, LOG_Q], (LOG_Q.exp() * (LOG_Q - LOG_P)).mean().item()),
        "cross_entropy": lambda: line_of("K3", [LOG_P, LOG_Q], -LOG_P.mean().item()),
        "bits": lambda: line_of("K3", [LOG_P, LOG_Q], (LOG_Q - LOG_P).mean().item() / 0.6931),
    },
    "K12": {"too_sure": lambda: 1, "on_a_route": lambda: 3},
    "K14": {"both_slide": lambda: 1, "both_jump": lambda: 3, "exchanged": lambda: 4},
    "K16": {"more_of_the_same": lambda: 1, "own_drives": lambda: 2},
    "K15": {"exchanged": lambda: 2, "both": lambda: 3},
    "K10": {
        "other_direction": lambda: kl_divergence(UNIT, HALF).item(),
        "took_0_5_for_variance": lambda: kl_divergence(Normal(0.0, math.sqrt(0.5)), UNIT).item(),
        "bits": lambda: kl_divergence(HALF, UNIT).item() / math.log(2),
    },
    "K11": {
        "square": lambda: mean_off(kl_divergence(HALF, UNIT).item()) ** 2,
        "without_the_half": lambda: mean_off(kl_divergence(HALF, UNIT).item() / 2),
        "other_direction": lambda: mean_off(kl_divergence(UNIT, HALF).item()),
    },
    "V2": {
        "peak_of_unit_normal": lambda: UNIT.log_prob(T(0.0)).exp().item(),
        "divided_by_variance": lambda: 1 / (0.05**2 * math.sqrt(2 * math.pi)),
        "took_it_for_variance": lambda: Normal(0.0, math.sqrt(0.05)).log_prob(T(0.0)).exp().item(),
        "not_a_probability": lambda: 1.0,
    },
    "V3": {
        "with_left_tail": lambda: PEAKED.cdf(T(0.025)).item(),
        "one_side_only": lambda: PEAKED.cdf(T(0.025)).item() - 0.5,
        "two_spreads": lambda: 2 * UNIT.cdf(T(2.0)).item() - 1,
        "peak_times_width": lambda: 0.05 * PEAKED.log_prob(T(0.0)).exp().item(),
    },
    "V9": {
        "squared_length": lambda: 50.0 * 18,
        "steps_only": lambda: math.sqrt(50),
        "numbers_only": lambda: math.sqrt(18),
        "mean_vector": lambda: 0.0,
    },
    "V4": {"not_above_one": lambda: 1, "of_a_point": lambda: 3},
    "V5": {
        "exponent": lambda: line_of("V5", [0.3, 0.2, 0.5], math.exp(-0.01) / (0.5 * math.sqrt(2 * math.pi))),
        "variance_in_front": lambda: line_of(
            "V5", [0.3, 0.2, 0.5], Normal(D(0.2), D(0.5)).log_prob(D(0.3)).exp().item() / 0.5
        ),
        "no_factor": lambda: line_of("V5", [0.3, 0.2, 0.5], math.exp(-0.02)),
    },
    "V11": {
        "left": lambda: 1 - share_that_changes(0.32),
        "one_side": lambda: 1 - changes_sides(0.8),
        "one_corner": lambda: 0.8 * 0.2,
    },
    "V12": {"finer": lambda: 1, "loss": lambda: 3},
    "V13": {
        "total": lambda: 100 * (0.3 / 0.6),
        "turned": lambda: sum(T([-0.6] * (50 - k) + [0.6] * (50 + k)).mean() < 0.299 for k in range(50)),
    },
    "V14": {
        "at_the_mean_too": lambda: line_of("V14", [SKEWED, 0.3, 0.5], ((SKEWED - 0.3).norm() ** 2 / 5 / 0.5).item()),
        "no_spread": lambda: line_of("V14", [SKEWED, 0.3, 0.5], excess(0.3, 0.5**0.5)),
        "not_squared": lambda: line_of("V14", [SKEWED, 0.3, 0.5], (0.3 - SKEWED.mean().item()) / 0.5),
    },
    "V15": {"nothing_lost": lambda: 2, "table": lambda: 3},
    "V10": {"nothing": lambda: 1, "density": lambda: 3},
    "V1": {"one_corner_only": lambda: changes_sides(0.5) / 2, "all_left": lambda: 0.0, "all_right": lambda: 1.0},
    "V6": {
        "rounded": lambda: round(0.5 * 255),
        "without_floor": lambda: 0.5 * 255,
        "counted_from_minus_one": lambda: RT1.encode(T(0.0)).item() - 1,
    },
    "V7": {
        "centre": lambda: 0.0,
        "divided_by_256": lambda: 10 * 50 * (-1 + 2 * 127 / 256),
        "one_step": lambda: 50 * RT1.decode(RT1.encode(T(0.0))).item(),
        "to_the_right": lambda: -10 * 50 * RT1.decode(RT1.encode(T(0.0))).item(),
    },
    "H7": {
        "bits": lambda: Categorical(probs=P).entropy().item() / math.log(2),
        "entropy_of_q": lambda: Categorical(probs=Q).entropy().item(),
        "base_10": lambda: Categorical(probs=P).entropy().item() / math.log(10),
        "sign": lambda: (P * P.log()).sum().item(),
    },
    "H8": {
        "whole_loss": lambda: cross(P, Q),
        "floor": lambda: Categorical(probs=P).entropy().item(),
        "arguments_swapped": lambda: kl_divergence(Categorical(probs=Q), Categorical(probs=P)).item(),
        "bits": lambda: (cross(P, Q) - cross(P, P)) / math.log(2),
    },
    "H6": {
        "bits": lambda: math.log2(32),
        "base_10": lambda: math.log10(32),
        "one_bin": lambda: 1 / 32,
        "number_of_choices": lambda: math.exp(uniform_entropy(32)),
    },
    "H5": {"luck": lambda: 1, "memorised": lambda: 3},
    "H2": {"twice": lambda: 40, "half": lambda: 10, "eight_times": lambda: 160},
    "H3": {"error": lambda: 2, "positive": lambda: 3},
    "H16": {
        "bits": lambda: 2 ** (-0.05 / 0.01),
        "every_case": lambda: math.exp(-0.05),
        "divided": lambda: 0.01 * math.exp(-0.05),
    },
    "H18": {
        "loss": lambda: line_of("H18", [LOG_Q], -LOG_Q.sum().item() / len(LOG_Q)),
        "mean_probability": lambda: line_of("H18", [LOG_Q], len(LOG_Q) / LOG_Q.exp().sum().item()),
        "mean_of_inverses": lambda: line_of("H18", [LOG_Q], (1 / LOG_Q.exp()).sum().item() / len(LOG_Q)),
    },
    "H11": {"train_on": lambda: 2, "failed": lambda: 3},
    "H1": {"product": lambda: 2, "all_in": lambda: 3},
    "H15": {
        "bits": lambda: Bernoulli(T([0.7, 1.0], dtype=torch.float64)).entropy().mean().item() / math.log(2),
        "one_scene": lambda: Bernoulli(T(0.7)).entropy().item(),
        "thrown_together": lambda: Bernoulli(T([0.7, 1.0]).mean()).entropy().item(),
    },
    "H17": {"uncalibrated": lambda: 1, "at_the_floor": lambda: 3},
    "H10": {
        "sign": lambda: -logit_gradient(1)[0],
        "first_demonstrated": lambda: logit_gradient(0)[0],
        "second_logit": lambda: logit_gradient(1)[1],
        "third_logit": lambda: logit_gradient(1)[2],
    },
    "H12": {
        "variance": lambda: spread_of_entropy(0.0) ** 2,
        "left_out_e": lambda: spread_of_entropy(0.5),
        "upside_down": lambda: 1 / spread_of_entropy(0.0),
        "unit_normal": lambda: UNIT.stddev.item(),
    },
    "H13": {
        "in_metres": lambda: Normal(0.0, spread_of_entropy(0.0)).entropy().item(),
        "subtracted": lambda: Normal(0.0, spread_of_entropy(0.0) / 1000).entropy().item(),
        "added_twice": lambda: Normal(0.0, 1000**2 * spread_of_entropy(0.0)).entropy().item(),
        "bits": lambda: Normal(0.0, 1000 * spread_of_entropy(0.0)).entropy().item() / math.log(2),
    },
    "V8": {"whole": lambda: 1, "largest": lambda: 3},
    "C1": {
        "with_left_tail": lambda: START.cdf(D(0.01)).item(),
        "one_side": lambda: START.cdf(D(0.01)).item() - 0.5,
        "halved": lambda: 2 * UNIT.cdf(T(0.5)).item() - 1,
    },
    "C2": {"both": lambda: 2, "scattered": lambda: 3},
    "C3": {
        "half": lambda: line_of("C3", [0.02, 0.3, 0.6, 0.002], right_given(0.01, 0.3, 0.002)),
        "without_the_share": lambda: line_of("C3", [0.02, 0.3, 0.6, 0.002], right_given(0.02, 1.0, 0.002)),
        "difference": lambda: line_of("C3", [0.02, 0.3, 0.6, 0.002], 2 * right_given(0.02, 0.3, 0.002) - 1),
    },
    "C4": {
        "middle": lambda: 0.6 * math.tanh(2.4),
        "straight_on": lambda: 0.025 / 0.5,
        "without_r": lambda: (lambda m: m + 0.5 * 0.01 / 0.003125 * (0.025 - m))(0.6 * math.tanh(2.4)),
    },
    "C5": {"in_spreads": lambda: edge_of_crash(5) / 0.05, "one_tail": lambda: 0.05 * UNIT.icdf(T(0.873)).item()},
    "C6": {
        "arrives": lambda: after_plans(10, lambda k: 10 - k),
        "left": lambda: 0.6 - after_plans(10, lambda k: 10),
        "tenth": lambda: after_plans(1, lambda k: 10),
    },
    "C9": {"lucky": lambda: 1, "data": lambda: 3},
    "C10": {"better": lambda: 1, "nothing": lambda: 3},
    "C11": {
        "sum": lambda: line_of("C11", [OLDEST_FIRST, [0, 1, 2]], 3 * ensembled(-0.01, divide=3.0)),
        "newest": lambda: line_of("C11", [OLDEST_FIRST, [0, 1, 2]], ensembled(0.01)),
        "mean": lambda: line_of("C11", [OLDEST_FIRST, [0, 1, 2]], ensembled(-0.01, divide=3.0)),
    },
    "C12": {
        "other_side": lambda: turning_point(0.3),
        "in_spreads": lambda: UNIT.icdf(T(0.3)).item(),
        "middle": lambda: turning_point(0.5),
    },
    "C14": {"keeps": lambda: 1, "data": lambda: 3},
    "C7": {
        "one": lambda: 1 / 200,
        "nineteen": lambda: brentq(lambda r: binom.cdf(0, 200, r) - 19 / 20, 0, 1),
        "share": lambda: 1 / 20,
    },
    "C8": {
        "looks": lambda: len(range(0, 10, 2)),
        "four_looks": lambda: max(executed for executed in range(1, 13) if len(range(0, 10, executed)) >= 4),
    },
    "C13": {"too_slow": lambda: 1, "smoothed": lambda: 2},
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
# They ask for a probability, a distance, shares or a count, which are not in nats.
NOT_THEMSELVES = ("H16", "M8", "K11", "K13", "O4", "Z13")
IN_NATS = [  # numbers and lines of code
    code
    for code, exercise in EXERCISES.items()
    if LOGARITHM.search(exercise.question)
    and (exercise.arguments or not exercise.options)
    and code not in NOT_THEMSELVES
]


@pytest.mark.parametrize("code", IN_NATS)
def test_a_mistake_in_bits_is_recognised_wherever_a_logarithm_is_asked_for(code):
    exercise = EXERCISES[code]
    assert "bits" in exercise.mistakes, exercise.question
    typed = exercise.mistakes["bits"].value if exercise.options else exercise.answer / math.log(2)
    assert "bits" in reply(exercise, typed)


def test_a_choice_is_one_of_its_options(capsys):
    for value in (0, 4, -2, "x"):
        exercises.check("L6", value)
    assert capsys.readouterr().out == "Choose one by its number, 1 to 3.\n" * 4
    exercises.check("L6", 2)
    assert capsys.readouterr().out == "Right.\n"
    bundle = exercises.ask("L6")._repr_mimebundle_()
    assert "\n2. They never move" in bundle["text/markdown"]


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
        (2, 'Pass a function: check("H9", lambda p, q: ...)'),
    ],
)
def test_a_line_of_code_is_tried_beside_the_options(function, words, capsys):
    exercises.check("H9", function)
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("k", range(14))
def test_other_numbers_have_their_own_answer_and_mistakes(k):
    drawn, base = exercises.ask("H14", k), exercises.ask("H14")
    p = base.drawn.numbers["p"][k % 7]
    assert f"with probability {p}, else" in drawn.question
    expected = choice_of(p)
    assert drawn.answer == round(expected.pop("answer"), 3)
    assert {name: mistake.value for name, mistake in drawn.mistakes.items()} == pytest.approx(expected, abs=6e-4)
    marks = sorted([drawn.answer, *(mistake.value for mistake in drawn.mistakes.values())])
    assert all(b - a > 2 * drawn.tolerance for a, b in itertools.pairwise(marks))


def test_check_answers_for_other_numbers(capsys):
    exercises.check("H14", choice_of(0.35)["answer"], draw=1)
    exercises.check("H14", choice_of(0.35)["answer"])
    exercises.check("V2", 1, draw=2)
    right, wrong, none = capsys.readouterr().out.splitlines()
    assert right == "Right: 0.647." and wrong.startswith("Not yet")
    assert none == "V2 has no other numbers: leave draw=2 out."
    with pytest.raises(ValueError, match="V2 has no other numbers"):
        exercises.ask("V2", 2)


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
        exercises.check("V1", value)
    assert capsys.readouterr().out == "Right: 0.5.\n" * 5


def test_check_answers_what_it_cannot_judge_with_one_sentence(capsys):
    for bad in ("a", None, math.nan, math.inf, [1, 2]):
        exercises.check("V1", bad)
    exercises.check("V1")
    assert capsys.readouterr().out == f"{exercises.NO_NUMBER}\n" * 6
    exercises.check("V2", 3, 989)
    assert capsys.readouterr().out == 'Python needs a point: check("V2", 3.989)\n'
    exercises.check("X9", 1)
    assert capsys.readouterr().out.startswith("There is no exercise 'X9'. There are V1, V2")
    exercises.check("V2", ...)  # the cell below a question, before it is answered
    assert capsys.readouterr().out == ""
    with pytest.raises(ValueError, match="expected one of V1, V2"):
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
    entropy, half, zero = exercises.ask("H7"), exercises.ask("V1"), exercises.ask("E10")
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
    bundle = exercises.ask("V2")._repr_mimebundle_()
    assert "How high is the peak" in bundle["text/markdown"]
    assert "check('V2'" in bundle["text/plain"]
    assert bundle[mime.EXERCISE]["mistakes"][0][0] == 0.399


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("0*.ipynb")), ids=lambda path: path.stem[:2])
def test_exercises_are_numbered_in_the_order_in_which_they_stand(path):
    asked = re.findall(
        r'^ask\("(\w+)"\)', "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells), re.M
    )
    letter = asked[0][0]
    assert asked == [f"{letter}{k}" for k in range(1, len(asked) + 1)]
    assert asked == [
        code for code in EXERCISES if code[0] == letter
    ]  # the file of questions has them in this order, too
