"""Every number that a live chart shows, against torch: as it opens, at the ends and the middle of every control."""

import functools
import itertools
import json
import math
import re
from contextlib import nullcontext
from decimal import Decimal
from types import SimpleNamespace

import pytest
import torch
from chart_numbers import CHARTS, drawn, numbers, settings, stored, views_of_numbers
from common import ROOT
from scipy import stats
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal, Normal

from helpers import heads
from helpers.charts import closed_loop, distributions, elbo, entropy, parts, scene
from helpers.charts import training as training_chart
from helpers.charts.entropy import LOGITS
from helpers.charts.kl import landscape
from helpers.charts.openvla import DIMENSIONS
from helpers.charts.your_demonstrations import your_demonstrations as your_demonstrations_chart
from helpers.policies import world_model
from helpers.policies.cvae import train_cvae
from helpers.policies.gaussian_fit import roll, two_modes
from helpers.robot import replanning, tokens
from helpers.robot.cup_and_tray import HALF_WIDTH, CupAndTray, crashes, success_rate
from helpers.theory import latent, optima
from helpers.theory.estimators import gae
from helpers.theory.information import kl_divergence, kl_quadrature

STORED = stored()
DOUBLE = {"dtype": torch.float64}


@functools.cache
def built(name: str) -> dict:
    return CHARTS[name]().spec


def spec(name: str) -> dict:
    """Of a chart as its function builds it now; as a notebook holds it if it needs what the notebook trained."""
    return built(name) if name in CHARTS else STORED[name]


def about(*expected: float | str, **tolerance: float):
    """These numbers, infinities and NaN as such, each with the tolerance abs or rel."""
    return pytest.approx(list(expected), nan_ok=True, **tolerance)


def double(x: float) -> torch.Tensor:
    return torch.tensor(float(x), **DOUBLE)


def pseudo_random(n: int, seed: int, stream: int = 0) -> torch.Tensor:
    """The numbers of helpers.charts.uniforms.with_uniforms, in whole numbers: shape (n,), in (0, 1)."""
    prime = 67_108_859
    h0 = (48_271 * torch.arange(n) + 7_919_003 * seed + 15_485_863 * stream) % prime
    h1 = h0**2 % prime
    h2 = (h1**2 + h0) % prime
    return ((h2**2 + h1) % prime + 0.5).double() / prime


def held(name: str) -> list[dict]:
    """The rows of data from which the chart computes its numbers."""
    [view] = views_of_numbers(spec(name))
    data = view["data"]
    return data["values"] if "values" in data else spec(name)["datasets"][data["name"]]


def constant(name: str, param: str):
    """What a parameter of the chart holds."""
    return next(found["value"] for found in spec(name)["params"] if found["name"] == param)


# Notebook 01


def one_answer(guess, a, w):  # the guess shows two of the numbers and moves none
    task = CupAndTray(w=w)
    mean, variance = (getattr(task.demonstrator, moment)[0].item() for moment in ("mean", "variance"))
    crash = crashes(torch.tensor([a, a])).item()
    return about(a, "crashes" if crash else "passes", (mean - a) ** 2 + variance, mean, abs=1e-6)


def interval_probability(sigma, a, b):
    normal = Normal(double(0), sigma)
    probability = max(0, (normal.cdf(double(b)) - normal.cdf(double(a))).item())
    return about(probability, normal.log_prob(double(0)).exp().item(), abs=1e-6)


def bins_and_density(bins, sigma):
    cdf = Normal(double(0), sigma).cdf(torch.linspace(-1, 1, bins + 1, **DOUBLE))
    cdf[0], cdf[-1] = 0, 1  # what lies beyond is clipped
    width = 2 / bins
    return about(1, cdf.diff().max().item(), 50 * width / 2, abs=1e-6)


def gaussian_ellipse(sigma1, sigma2, rho, x1, x2, guess):
    off = rho * sigma1 * sigma2
    covariance = torch.tensor([[sigma1**2, off], [off, sigma2**2]], **DOUBLE)
    x = torch.tensor([x1, x2], **DOUBLE)
    return about(
        x.norm().item(),
        (x @ torch.linalg.solve(covariance, x)).sqrt().item(),
        MultivariateNormal(torch.zeros(2, **DOUBLE), covariance).log_prob(x).item(),
        stats.chi2(2).sf((x @ torch.linalg.solve(covariance, x)).item()),
        abs=1e-6,
    )


def demonstrator(drawn, d, w, s, guess):
    z = torch.distributions.Normal(0.0, 1.0)
    above = ((1 - w) * z.cdf(double(-d / s)) + w * z.cdf(double(d / s))).item()
    z1, z2, r1, _ = (column.round(decimals=3) for column in scene.draws(60, 5).values())
    x1, x2 = (torch.where(r1 < 1 - w, -d, d) + s * noise for noise in (z1, z2))
    if drawn == "product":  # the same offsets at gate 2, to other paths
        x2 = x2[torch.randperm(60, generator=torch.Generator().manual_seed(2))]
    return about(above, above, crashes(torch.stack([x1, x2], -1)).sum().item(), abs=1e-6)


def length_of_noise(guess, k):
    n = distributions.LENGTHS[k]
    return about(n, stats.chi(n).mean(), stats.chi(n).std(), rel=1e-5)


def bell_and_parabola(mu, sigma, guess):
    shown = torch.tensor(distributions.SHOWN, **DOUBLE)
    cost = -Normal(double(mu), sigma).log_prob(shown).mean().item()
    return about(mu, ((shown - mu) ** 2).mean().item(), cost, abs=1e-6)


def forward_noising(t, guess):
    alpha_bar = (1 - heads.cosine_schedule(20).double()).cumprod(0)[t - 1].item() if t else 1.0
    return about(t, alpha_bar, 0.6 * math.sqrt(alpha_bar), math.sqrt(alpha_bar * 0.1**2 + 1 - alpha_bar), rel=1e-4)


# Notebook 02


def two_policies(guess, n, mine, old, seed):  # the guess shows the numbers, the run moves the left picture
    count = torch.arange(n + 1)
    probability = {"mine": stats.binom.pmf(count, n, mine), "old": stats.binom.pmf(count, n, old)}
    together = torch.outer(*(torch.tensor(pmf) for pmf in probability.values()))  # (mine, old)
    ahead, tie, behind = together.triu(1), together.diagonal(), together.tril(-1)
    return about(n, *(part.sum().item() for part in (ahead, tie, behind)), abs=1e-6)


def monte_carlo(k, seed, tremble, guess):
    normal, n = Normal(double(0.6), tremble), 2**k
    right, left = 1 - normal.cdf(double(HALF_WIDTH)), normal.cdf(double(-HALF_WIDTH))
    exact = (1 - right**2 - left**2).item()
    runs = (pseudo_random(50 * 256, seed).reshape(50, 256)[:, :n] < exact).double().mean(1)
    error, away = (exact * (1 - exact) / n) ** 0.5, (runs - exact).abs()
    inside = (away <= error + 1e-12).sum().item()
    return about(n, inside, away.square().mean().sqrt().item(), error, abs=1e-6)


def balance(w, d, guess):
    mean = CupAndTray(d=d, w=w).demonstrator.mean[0].item()
    x1 = MixtureSameFamily(
        Categorical(torch.tensor([1 - w, w], **DOUBLE)), Normal(torch.tensor([-d, d], **DOUBLE), 0.1)
    )
    near = (x1.cdf(double(mean + 0.1)) - x1.cdf(double(mean - 0.1))).item()
    return about(-d, d, mean, near, abs=1e-6)


def one_update(tried, r, b, guess, step=0.75):
    logits = torch.tensor([0.5, 0.3, 0.2], **DOUBLE).log().requires_grad_()
    surrogate = (r - b) * logits.log_softmax(-1)[parts.OUTCOMES.index(tried)]
    (gradient,) = torch.autograd.grad(surrogate, logits)
    return about(r - b, *(logits + step * gradient).softmax(-1).tolist(), abs=1e-6)


def gradient_moments(p1: float, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean (..., 4) and total variance (...) of REINFORCE's gradient, by autograd, for baselines b of shape (...)."""
    probability = torch.tensor([p1] + [(1 - p1) / 3] * 3, **DOUBLE)
    score = torch.autograd.functional.jacobian(lambda logits: logits.log_softmax(-1), probability.log())
    gradient = (torch.eye(4, **DOUBLE)[0] - b.unsqueeze(-1)).unsqueeze(-1) * score  # (..., 4 arms, 4 logits)
    mean = probability @ gradient
    return mean, (gradient - mean.unsqueeze(-2)).pow(2).sum(-1) @ probability


def baseline_variance(b, p1, guess):
    mean, variance = gradient_moments(p1, double(b))
    return about(mean[0].item(), variance.item(), abs=1e-5)


def advantage_moments(lam: float, critic: float, noise: float, discount: float) -> tuple[float, float]:
    """Bias and variance of the first advantage of ten steps: GAE is linear in the rewards, which are independent."""
    value = torch.full((10,), critic, **DOUBLE)
    value[0] = 0  # right about the start
    nothing = torch.zeros_like(value)
    reward, value = torch.stack([nothing, *torch.eye(10, **DOUBLE)]), torch.stack([value] + 10 * [nothing])
    bias, *weights = gae(reward, value, discount, lam)[:, 0].tolist()
    return bias, noise**2 * sum(weight**2 for weight in weights)


def gae_lambda(guess, lam, critic, noise, discount):
    def square_error(lam):
        bias, variance = advantage_moments(lam, critic, noise, discount)
        return bias**2 + variance

    bias, variance = advantage_moments(lam, critic, noise, discount)
    best = min((i / 100 for i in range(101)), key=square_error)
    return about(lam, bias, variance**0.5, square_error(lam) ** 0.5, best, abs=1e-6)


# Notebook 03


def temperature(T):
    q = Categorical(logits=torch.tensor(LOGITS, **DOUBLE) / T)
    return about(q.entropy().item(), q.entropy().exp().item(), q.probs.max().item(), abs=1e-6)


def entropy_of_bins(bins, sigma):
    width = 2 / bins
    normal = Normal(double(0), sigma)
    mass = normal.cdf(torch.arange(-20_000, 20_001) * width).diff()
    h = normal.entropy().item()
    return about(-torch.special.xlogy(mass, mass).sum().item(), h - math.log(width), h, abs=1e-5)


def cut(first: float, second: float) -> torch.Tensor:
    """The PMF of a strip that is cut at two places; if they are in the wrong order, right has nothing."""
    return torch.tensor([first, max(second - first, 0), 1 - max(first, second)], **DOUBLE)


def bet(bet1, bet2, rounds, seed):
    left = pseudo_random(rounds, seed) < 0.7
    paid = -cut(bet1, bet2)[torch.where(left, 0, 1)].log()
    count = left.sum().item()
    floor = Categorical(torch.tensor([0.7, 0.3], **DOUBLE)).entropy().item() if rounds == 20 and seed > 1 else "?"
    return about(count, rounds - count, paid[-1].item(), paid.mean().item(), floor, abs=1e-6)


def rectangles(p1, p2, q1, q2):
    p, q = cut(p1, p2), cut(q1, q2)
    cross = lambda a, b: -torch.special.xlogy(a, b).sum().item()
    return about(cross(p, p), cross(p, q), max(0, cross(p, q) - cross(p, p)), abs=1e-6)


@functools.cache
def curves() -> dict:
    """The names that the training of notebook 03 leaves behind when it runs again: two cells, less the chart."""
    notebook = json.loads((ROOT / "notebooks" / "03_entropy.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names: dict = {"torch": torch, "F": torch.nn.functional, "nn": torch.nn}
    for cell in cells:
        if "def train(" in cell or "= train(" in cell:
            exec(cell, names)
    return names


def loss_curves(step, guess):  # the guess shows two of the numbers and moves none
    losses = [curves()[name][step] for name in ("honest", "memoriser")]
    return about(*(pair[k].item() for k in range(2) for pair in losses), abs=0.02)


def calibration(over, wrong, T):
    o = torch.linspace(-1, 1, 401, **DOUBLE)[1::2]  # the middles of 200 cells
    right, logit = (4 * o).sigmoid(), (4 * over * o + 8 * wrong * torch.sin(7 * o)) / T
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logit, right).item()
    floor = torch.nn.functional.binary_cross_entropy(right, right).item()
    sure = torch.maximum(logit.sigmoid(), (-logit).sigmoid())
    agrees = torch.where(logit > 0, right, 1 - right)
    bins = (sure * 10).floor().clamp(max=9)
    error = sum((sure[bins == b].sum() - agrees[bins == b].sum()).abs().item() for b in range(5, 10)) / 200
    return about(loss, floor, error, abs=1e-6)


# Notebook 04


def support(guess, share, floor):  # the guess shows the numbers and moves none
    p = torch.tensor([1 - share, share, 0.0], **DOUBLE)
    q = (1 - floor) * torch.tensor([1.0, 0, 0], **DOUBLE) + floor / 3
    forward, reverse = kl_divergence(p, q).item(), kl_divergence(q, p).item()
    only_q = [word for word, a, b in zip(parts.OUTCOMES, p, q, strict=True) if a == 0 < b]
    if math.isinf(forward):
        why = "D(p‖q) is infinite: p goes right, and q never does."
        why += "\nSo is D(q‖p): q goes left, and p never does." if math.isinf(reverse) else ""
    elif math.isinf(reverse):
        why = f"D(q‖p) is infinite: q gives mass to {' and '.join(only_q)},\nwhere p has none."
    else:
        why = "p and q agree on everything."
    return about(floor / 3, forward, reverse, why, abs=1e-9)


def two_ways(share: float) -> MixtureSameFamily:
    """The two-mode p of notebook 04."""
    way = Categorical(torch.tensor([1 - share, share], **DOUBLE))
    return MixtureSameFamily(way, Normal(torch.tensor([-1.0, 1.0], **DOUBLE), 0.25))


def both(mean: float, std: float, share: float) -> list[float]:
    """D(p || q) and D(q || p), by quadrature."""
    p, q = two_ways(share), Normal(double(mean), std)
    kl = lambda a, b: kl_quadrature(a.log_prob, b.log_prob, -14, 14, 40_001).item()
    return [kl(p, q), kl(q, p)]


def kl_pointwise(guess, direction, jump, mu, sigma, w):  # the guess shows two of the numbers and moves none
    p = two_ways(w)
    optimum = {"forward": (p.mean.item(), p.stddev.item()), "left": (-1, 0.25), "right": (1, 0.25)}
    mean, std = optimum.get(jump, (mu, sigma))
    return about(*both(mean, std, w), mean, std, abs=2e-5, rel=1e-6)


def kl_landscape(direction, mu, sigma, stage, guess):
    """The ball's place as the chart holds it, in hundredths; where it belongs is tested below."""
    start = torch.tensor([[mu, sigma]])
    mean, std = (round(x, 2) for x in roll(two_modes(0.3, 1.0), direction, start, 12)[stage, 0].tolist())
    return about(*both(mean, std, 0.3), mean, std, abs=2e-5, rel=1e-6)


def kl_estimators(delta, k, seed):
    n = 2**k
    q, p = Normal(double(0), 1.0), Normal(double(delta), 1.0)

    def estimates(x):
        log_r = p.log_prob(x) - q.log_prob(x)
        return torch.stack([-log_r, log_r**2 / 2, log_r.exp() - 1 - log_r])

    exact = torch.distributions.kl_divergence(q, p)
    x = torch.linspace(-14, 14, 40_001, **DOUBLE)
    mean = lambda f: torch.trapezoid(q.log_prob(x).exp() * f, x)
    first, second = mean(estimates(x)), mean(estimates(x) ** 2)
    error = ((second - first**2) / n + (first - exact) ** 2).sqrt()
    drawn = estimates(q.icdf(pseudo_random(n, seed))).mean(-1)
    return about(exact.item(), *drawn.tolist(), n, *error.tolist(), abs=1e-6, rel=1e-6)


def compounding_error(slip, horizon, seed):
    exact = (1 - (1 - slip) ** torch.arange(1, horizon + 1, **DOUBLE)).sum().item()
    first = torch.ceil(pseudo_random(400, seed).log() / math.log(1 - slip))  # of the geometric distribution
    off = (horizon - first + 1).clamp(min=0)
    return about(exact, off.mean().item(), (off.std() / 400**0.5).item(), slip * horizon, abs=1e-6)


# Notebook 05


def hidden_reason(guess, steep):  # the guess shows the numbers and moves none
    z = Normal(double(0), 1.0)
    draws = z.icdf((torch.arange(60, **DOUBLE) + 0.5) / 60)
    x1 = 0.6 * torch.tanh(steep * draws)
    off = crashes(torch.stack([x1, x1], -1)).sum().item()
    edge = math.atanh(HALF_WIDTH / 0.6) / steep
    return about(0.6 * steep, off, (z.cdf(double(edge)) - z.cdf(double(-edge))).item(), abs=1e-6)


def two_gradients(guess, mu, sigma):  # the guess shows three of the numbers and moves none
    """Moments by quadrature of autograd's one-draw gradients: of z^2 through z, and of log q times z^2."""
    noise = torch.linspace(-10, 10, 20_001, **DOUBLE)
    mean = torch.full_like(noise, mu).requires_grad_()
    z = mean + sigma * noise
    (pathwise,) = torch.autograd.grad((z**2).sum(), mean)
    (score,) = torch.autograd.grad((Normal(mean, sigma).log_prob(z.detach()) * z.detach() ** 2).sum(), mean)
    expect = lambda f: torch.trapezoid(Normal(double(0), 1.0).log_prob(noise).exp() * f, noise).item()
    moments = {name: (expect(g), expect(g**2) - expect(g) ** 2) for name, g in (("p", pathwise), ("s", score))}
    assert moments["p"][0] == pytest.approx(moments["s"][0], abs=1e-6)
    variances = [moments[name][1] for name in "ps"]
    return about(2 * mu, *(v**0.5 for v in variances), variances[1] / variances[0], abs=1e-5)


def elbo_gap(guess, who, o, mu, sigma):  # the guess shows one of the numbers and moves none
    model = latent.LinearGaussian(1.0, 0.5)
    q = {"free": Normal(double(mu), sigma), "prior": model.prior, "posterior": model.posterior(o)}[who]
    kl = lambda a, b: torch.distributions.kl_divergence(a, b).item()
    reconstruction, evidence = model.reconstruction(o, q).item(), model.log_evidence(o).item()
    rate, gap = kl(q, model.prior), kl(q, model.posterior(o))
    return about(reconstruction, rate, reconstruction - rate, gap, evidence, abs=1e-6)


def rate_distortion(beta, guess):
    distortion, rate = latent.rate_distortion(beta)
    return about(distortion, rate, distortion**0.5, abs=1e-9)


@functools.cache
def policies() -> dict:
    """The four policies of notebook 05, trained once more: the lines of its cell, less the chart."""
    notebook = json.loads((ROOT / "notebooks" / "05_elbo.ipynb").read_text())
    [cell] = [cell for cell in notebook["cells"] if "= train_cvae(" in "".join(cell["source"])]
    names = {"torch": torch, "CupAndTray": CupAndTray, "crashes": crashes, "success_rate": success_rate}
    quiet = SimpleNamespace(bar=lambda doing: nullcontext(lambda done: None))
    names |= {"train_cvae": train_cvae, "progress": quiet}
    exec("".join(cell["source"]).replace("charts.learned_reason(policies)", ""), names)
    return names["policies"]


def learned_reason(guess, policy, z):  # the guess shows two of the numbers and moves none
    """The rate by Monte Carlo on other demonstrations; crashes counted among latents that the prior's quantiles give."""
    head, task = policies()[policy]
    torch.manual_seed(1)
    demonstrations, obs = task.demonstrations(20_000), torch.ones(20_000, 1)
    with torch.no_grad():
        code = head.posterior(obs, demonstrations)
        draws = code.sample()
        rate = (code.log_prob(draws) - Normal(0.0, 1.0).log_prob(draws)).mean().item()
        ranks = Normal(0.0, 1.0).icdf((torch.arange(60) + 0.5) / 60)
        routes = head.decode(torch.ones(1, 1), ranks[:, None])[:, 0]
        mine = head.decode(torch.ones(1, 1), torch.tensor([[z]]))[0, 0, 0].item()
    near = lambda value, abs: pytest.approx(value, abs=abs)
    return [near(rate, 0.04), near(crashes(routes).sum().item(), 1), near(mine, 0.002)]


def imagination(guess, setting, seen, sequence_number, seed):  # another run draws other futures
    """The chain is rolled out by matrix powers, from the beliefs and the chain that the chart holds of each model."""
    flip = {"up": world_model.FLIP, "down": world_model.FLIP}
    models = {row["setting"]: row for row in held("imagination")}
    models["exact"] = {"m0": -1, "m1": 1, "b": constant("imagination", "beliefs"), **flip}
    predicted = {}
    for who in (setting, "exact"):
        m = models[who]
        chain = torch.tensor([[1 - m["up"], m["up"]], [m["down"], 1 - m["down"]]], **DOUBLE)
        means = torch.tensor([m["m0"], m["m1"]], **DOUBLE)
        belief = [torch.tensor([1 - b, b], **DOUBLE) for b in m["b"][sequence_number - 1]]
        steps = range(1, world_model.LENGTH + 1)
        predicted[who] = torch.stack(
            [belief[min(t, seen) - 1] @ torch.linalg.matrix_power(chain, max(0, t - seen)) @ means for t in steps]
        )
    square = (predicted[setting] - predicted["exact"]) ** 2
    return about(square[:seen].mean().sqrt().item(), square[seen:].mean().sqrt().item(), abs=1e-6)


# Notebook 06

BRIDGE = (tokens.BRIDGE_Q01, tokens.BRIDGE_Q99, tokens.BRIDGE_MASK)


def tokenizer(dim, mm, mrad, gripper, guess):
    i = DIMENSIONS.index(dim)
    value = gripper if dim == "gripper" else (mm if i < 3 else mrad) / 1000
    action = torch.zeros(7, **DOUBLE)
    action[i] = value
    u = tokens.normalize(action, *BRIDGE)
    openvla = tokens.OpenVLATokenizer()
    token = openvla.encode(u)
    decoded = tokens.unnormalize(openvla.decode(token), *BRIDGE)[i].item()
    unit = 1 if dim == "gripper" else 1000
    physical = [value * unit, decoded * unit, abs(decoded - value) * unit]
    return about(u[i].item(), openvla.bin(u)[i].item(), token[i].item(), *physical, abs=1e-9)


def chain(take, share, guess):  # the guess shows one of the numbers and moves none
    second = torch.tensor([[1, 0, 0], [0.2, 0.5, 0.3]], **DOUBLE)
    joint = torch.tensor([[share], [1 - share]], **DOUBLE) * second
    rows, columns = joint.sum(1), joint.sum(0)
    row = rows.argmax().item() if abs(share - 0.5) > 1e-9 else 0
    found = {"joint": joint.max(), "greedy": joint[row].max(), "alone": joint[row, columns.argmax()]}[take]
    return about(found.item(), joint.max().item(), abs=1e-9)


def masked_loss(outside, hit, guess):
    probabilities = torch.tensor([hit * (1 - outside), (1 - hit) * (1 - outside), outside], **DOUBLE)
    loss = lambda probs: -Categorical(probs=probs).log_prob(torch.tensor(0)).item()
    plain, masked = loss(probabilities), loss(probabilities[:2])
    return about(plain, masked, plain - masked, abs=1e-6)


# Notebook 07


def mode_averaging(head, d, w, s, n):
    expected = heads.optimum(head, CupAndTray(d, w, s), steps=n)
    rates = 2e-4 if head == "flow" else 1e-4  # the flow's rates are sums over cells of a steep map
    kl = lambda value: pytest.approx(value, abs=2e-4, rel=2e-4, nan_ok=True)
    return [
        pytest.approx(expected.crash, abs=rates),
        pytest.approx(expected.corner, abs=rates),
        kl(expected.forward_kl),
        kl(expected.reverse_kl),
    ]


def your_demonstrations(whose, width, own=()):
    """(crash, lost) of each kind of head, fitted to the chart's demonstrations by torch, from the noise that it holds."""
    params = {param["name"]: param.get("value") for param in spec("your_demonstrations")["params"]}
    shown = torch.tensor(own or params["examples"].get(whose, []), **DOUBLE).reshape(-1, 2)
    if not len(shown):
        return []
    column = {name: torch.tensor(params[name], **DOUBLE) for name in ("z1", "z2", "r1", "r2", "pick1", "pick2")}
    z, r = torch.stack([column["z1"], column["z2"]], 1), torch.stack([column["r1"], column["r2"]], 1)
    one, other = (shown[(column[name] * len(shown)).long()] for name in ("pick1", "pick2"))
    mean, covariance = shown.mean(0), torch.atleast_2d(shown.T.cov(correction=0))
    bins = lambda a: (torch.floor(a / width) + r) * width
    drawn = [
        mean.expand(100, 2),
        shown.quantile(0.5, dim=0).expand(100, 2),
        mean + z @ triangle(covariance).T,
        mean + z * covariance.diagonal().sqrt(),
        bins(torch.stack([one[:, 0], other[:, 1]], 1)),
        bins(one),
        one + width * z,
        heads.euler(lambda x, t: (x - expected_action(x, t, shown)) / t, z, 10),
    ]
    shares = lambda a: torch.stack([(~crashes(a) & (side * a[:, 0] > 0)).double().mean() for side in (-1, 1)])
    lost = lambda a: (shares(shown) - shares(a)).clamp(min=0).sum().item()
    told = lambda a: (crashes(a).double().mean().item(), *([lost(a)] if shares(shown).sum() else []))
    return about(*(number for a in drawn for number in told(a)), abs=1e-9)


def triangle(covariance):
    """L with L Lᵀ the covariance, also where a spread is 0."""
    return torch.linalg.cholesky(covariance + 1e-18 * torch.eye(2, **DOUBLE))


def expected_action(x, t, shown):
    """E[a | x_t = x] when a is one of the demonstrations and x_t = t noise + (1 - t) a."""
    distance = torch.cdist(x, (1 - t[0]) * shown)
    return (-(distance**2) / (2 * t**2)).softmax(-1) @ shown


def flow_steps(method, n, share, w, s, guess):
    """The first share * n steps of the exact flow, or of the exact denoiser with the noise that the chart holds."""
    draws = held("flow_steps")
    task, taken = CupAndTray(0.6, w, s), math.floor(share * n + 0.5)
    place = lambda u, v: torch.stack([u + v, u - v], -1) / math.sqrt(2)  # from along and across the diagonal
    column = lambda name: torch.tensor([row[name] for row in draws], **DOUBLE)
    x, across = place(column("u0"), column("v0")), place(double(0), double(1))
    width = lambda: ((across[0] - across[1]) / math.sqrt(2)).item()
    variance = 1.0
    if method == "flow":
        for step in range(taken):
            t = torch.tensor([1 - step / n], **DOUBLE)
            x, across = (y - optima.velocity(y, t, task) / n for y in (x, across))
        variance = width() ** 2
    else:
        beta = heads.cosine_schedule(n).double()
        alpha_bar = (1 - beta).cumprod(0)
        for step in range(taken):
            t = n - 1 - step
            rate = beta[t] / (1 - alpha_bar[t]).sqrt()
            less_noise = lambda y, t=t, rate=rate: (
                (y - rate * optima.noise_prediction(y, alpha_bar[t], task)) / (1 - beta[t]).sqrt()
            )
            x, across, fresh = less_noise(x), less_noise(place(double(0), double(1))), beta[t] if t > 0 else double(0)
            later = place(*(torch.tensor([row[f"e{axis}"][step] for row in draws], **DOUBLE) for axis in "uv"))
            x, variance = x + fresh.sqrt() * later, width() ** 2 * variance + fresh.item()
    on_mode, crashed = task.on_mode(x.float()).sum().item(), crashes(x).sum().item()
    return about(on_mode, crashed, variance**0.5, s, abs=1e-6)


# Notebook 07


@functools.cache
def loop() -> dict:
    """The names that the loop's cell of notebook 07 leaves behind when it runs again."""
    notebook = json.loads((ROOT / "notebooks" / "07_training_loop.ipynb").read_text())
    [cell] = [cell for cell in notebook["cells"] if "the-loop" in cell["metadata"].get("tags", [])]
    names: dict = {}
    exec("".join(cell["source"]), names)
    return names


def on_fresh_demonstrations(step: int) -> tuple[float, float]:
    """The losses of the two policies of page 07, on the demonstrations that they were not trained on."""
    action, token = (loop()[name][2000:] for name in ("action", "token"))
    logits, answer = loop()["logits"][step].expand(2000, -1), loop()["answers"][step].expand(2000, 1)
    cross_entropy, squared = torch.nn.functional.cross_entropy, torch.nn.functional.mse_loss
    return cross_entropy(logits, token).item(), squared(answer, action).item()


def training(step, guess):  # the guess shows two of the numbers and moves none
    return about(step, *on_fresh_demonstrations(step), loop()["answers"][step].item(), abs=0.01)


@functools.cache
def losses_with(fault: str) -> list[float]:
    """The loss on page 07's held-out demonstrations before each step of a loop with that fault, by gradients of our own."""
    scene, token, network = (loop()[name] for name in ("scene", "token", "network"))
    axis = 0 if fault == "axis" else 1  # in a batch of 64, as they all see one scene
    loss_of = lambda rows: -policy(scene[rows]).log_softmax(axis)[range(len(rows)), token[rows]].mean()
    torch.manual_seed(0)
    policy, moves, found = network(48), None, []
    for _ in range(101):
        found.append(loss_of(torch.arange(2000, 2064 if axis == 0 else 4000)).item())
        new = torch.autograd.grad(loss_of(torch.randint(2000, (64,))), list(policy.parameters()))
        before = moves if fault == "zero_grad" and moves else [0.0] * len(new)
        moves = [a + b for a, b in zip(before, new, strict=True)]
        with torch.no_grad():
            for weight, move in zip(policy.parameters(), moves, strict=True):
                weight -= 0.0 if fault == "order" else 0.3 * move
    return found


def faults(fault, step, guess):
    return about(step, losses_with(fault)[step], losses_with("none")[step], abs=0.03)


# Notebook 09


def ends(head: str, n: int, tau: float) -> torch.Tensor:
    """Where the chart's forty robots end, by torch, from the starts and the draws that the chart holds."""
    rows = max(spec("replanned")["datasets"].values(), key=len)
    rank, noise = (torch.tensor([row[name] for row in rows], **DOUBLE) for name in ("rank", "noise"))
    x = tau * Normal(double(0), 1.0).icdf((torch.arange(40, **DOUBLE) + 0.5) / 40)
    for k in range(n):
        b = replanning.believed(x, k / n, tau)
        u = noise[:, k]
        for t in (1.0, 0.5):
            u = replanning.flow_step(u, t, 2, b)
        goal = {"mse": replanning.mean(b), "l1": replanning.median(b, closed_loop.ROUNDS), "flow": u}.get(head)
        x = replanning.moved(x, replanning.sampled(b, rank[:, k], noise[:, k]) if goal is None else goal, n - k)
    return x


@functools.cache
def rate_of(head: str, n: int, tau: float) -> float:
    """Of a head that draws, among 40,000 runs; of the others exactly."""
    if head in ("mse", "l1"):
        return replanning.crash_rate({"mse": replanning.mean, "l1": replanning.median}[head], n, tau)
    torch.manual_seed(1)
    flow = lambda b: replanning.flow(b, torch.randn_like(b.lean), closed_loop.INNER)
    sampled = lambda b: replanning.sampled(b, torch.rand_like(b.lean), torch.randn_like(b.lean))
    end = replanning.replan(flow if head == "flow" else sampled, n, tau, 40_000)[:, -1]
    return (end.abs() < HALF_WIDTH).double().mean().item()


def replanned(guess, head, n, scatter):  # the guess shows two of the numbers and moves none
    tau = float(scatter)
    off = (ends(head, n, tau).abs() < HALF_WIDTH).sum().item()
    error = {"flow": 0.016, "sampled": 6e-4}.get(head, 1e-5)  # four standard errors of both runs
    return [pytest.approx(value, abs=abs) for value, abs in ((tau, 0), (off, 0), (rate_of(head, n, tau), error))]


def world_and_network(guess, n, scatter):  # the guess shows two of the numbers and moves none
    rates = [replanning.crash_rate(replanning.mean, n, tau) for tau in (float(scatter), 1.0)]
    return about(n, *rates, abs=1e-5)


def executed_steps(guess, head, scatter):  # the guess shows three of the numbers and moves none
    found = json.loads((ROOT / "helpers" / "charts" / "measured_arm.json").read_text())
    rate = lambda executed, which: (
        sum(training[found["executed"].index(executed)][which] for training in found["cells"][head])
        / (found["episodes"] * len(found["cells"][head]))
    )
    plane = replanning.crash_rate(replanning.mean, 5, scatter)  # looks at 0, 2, 4, 6 and 8 of ten steps
    return about(rate(12, 0), rate(1, 0), rate(1, 1), plane, abs=1e-4)


CHECKED = {  # what torch says the numbers of each chart are at given settings
    reference.__name__: reference
    for reference in (
        *(one_answer, demonstrator, interval_probability, bell_and_parabola, bins_and_density),
        *(gaussian_ellipse, length_of_noise, forward_noising),
        *(
            two_policies,
            monte_carlo,
            balance,
            one_update,
            baseline_variance,
            gae_lambda,
            *(bet, rectangles, loss_curves, temperature, calibration, entropy_of_bins),
        ),
        *(support, kl_pointwise, kl_landscape, kl_estimators, compounding_error),
        *(
            hidden_reason,
            two_gradients,
            elbo_gap,
            rate_distortion,
            learned_reason,
            imagination,
            tokenizer,
            chain,
            masked_loss,
            mode_averaging,
            your_demonstrations,
            flow_steps,
            training,
            faults,
            replanned,
            world_and_network,
            executed_steps,
        ),
    )
}


def check(name: str, **setting):
    """The chart's numbers are what torch says, and written as they are."""
    found = numbers(spec(name), **setting)
    expected = CHECKED[name](**setting)
    assert [value for value, _ in found.values()] == expected, f"{name} at {setting}"
    wrong = {number: entry for number, entry in found.items() if not writes(*entry)}
    assert not wrong, f"{name} at {setting}"


def writes(value: float | str, shown: str) -> bool:
    """Whether `shown` is the value, rounded to as many digits as it has."""
    if isinstance(value, str):
        return shown == value
    if not math.isfinite(value):
        return shown == ("–" if math.isnan(value) else "∞" if value > 0 else "−∞")
    digits, unit = re.fullmatch(
        r"([-\d.]+(?:e[-+]?\d+)?)( %| mm| mrad|)", shown.removeprefix("≈ ").replace("−", "-").replace(",", "")
    ).groups()
    last = 10.0 ** Decimal(digits).as_tuple().exponent
    return abs(float(digits) - value * (100 if unit == " %" else 1)) <= last / 2 + 1e-9


@pytest.mark.parametrize("name", STORED)
def test_every_number_of_every_chart_is_what_torch_says(name):
    assert name in CHECKED, f"add {name} to CHECKED: what torch says its numbers are at given settings"
    for setting in settings(spec(name)):
        check(name, **setting)


@pytest.mark.parametrize("name", CHARTS)
def test_a_notebook_holds_the_chart_as_its_function_builds_it_now(name):
    assert json.loads(json.dumps(built(name))) == STORED[name], f"execute the notebook that shows {name}"


def imagination_of_any_model():
    model = world_model.WorldModel(len(world_model.SETTINGS))
    torch.nn.init.normal_(model.transition)
    return elbo.imagination(model)


def training_of_the_loop():
    """The chart of the loop that has run again, with every other number left out that none of its numbers needs."""
    names, batch = loop(), {"cross-entropy": loop()["ce_losses"], "squared error": loop()["se_losses"]}
    fresh = torch.tensor([on_fresh_demonstrations(step) for step in range(names["STEPS"] + 1)])
    fresh = dict(zip(batch, fresh.T, strict=True))
    target = torch.full((names["BINS"],), 1 / names["BINS"])
    answers, floors = names["answers"][:, 0], dict.fromkeys(batch, 0.5)
    return training_chart.training(names["edges"], target, names["logits"].softmax(-1), answers, batch, fresh, floors)


def loss_curves_of_the_page():
    return entropy.loss_curves(curves()["honest"], curves()["memoriser"])


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("rate_distortion", elbo.rate_distortion),
        ("learned_reason", lambda: elbo.learned_reason(policies())),
        ("imagination", imagination_of_any_model),
        ("training", training_of_the_loop),
        ("loss_curves", loss_curves_of_the_page),
    ],
)
def test_a_chart_with_data_as_its_function_builds_it_now(name, build, monkeypatch):
    """What the notebook holds may be older than the function."""
    monkeypatch.setitem(STORED, name, build().spec)
    for setting in settings(spec(name)):
        check(name, **setting)


@pytest.mark.parametrize("name", STORED)
def test_a_chart_writes_what_is_checked(name):
    """The marks that the chart itself has for its numbers, where `numbers` has its own."""
    texts = drawn(
        {key: spec(name).get(key, {}) for key in ("params", "datasets")} | {"vconcat": views_of_numbers(spec(name))}
    )
    lines = [line for _, shown in numbers(spec(name)).values() for line in shown.split("\n")]
    assert [line for line in lines if line not in texts] == []


# Where more than ends and middles matters, and what the text says of the numbers


@pytest.mark.parametrize(("d", "w", "s", "n"), [(0.4, 0.72, 0.13, 20), (0.4, 0.5, 0.13, 5), (0.75, 0.05, 0.13, 1)])
@pytest.mark.parametrize("head", heads.IDEALS)
def test_mode_averaging_where_the_modes_are_nearest(head, d, w, s, n):
    check("mode_averaging", head=head, d=d, w=w, s=s, n=n)


DRAWN = {
    "one": [0.5, 0.6],
    "the same three times": [0.5, 0.6] * 3,
    "contradictory": [0.6, -0.6, -0.6, 0.6, 0.05, -0.1],
    "outside the picture": [7.0, -9.0, 0.6, 0.6, -4.0, -4.0],
    "thirty": [0.1 * (k % 13) - 0.6 for k in range(60)],
}


@pytest.mark.parametrize("name", DRAWN)
def test_heads_fitted_to_what_a_reader_draws(name):
    found = numbers(spec("your_demonstrations"), whose="own", width=0.15, own=DRAWN[name])
    assert [value for value, _ in found.values()] == your_demonstrations("own", 0.15, DRAWN[name])
    assert all(re.fullmatch(r"\d+ %", shown) for _, shown in found.values())


@pytest.mark.parametrize(
    "demonstrations", [torch.zeros(0, 2), torch.zeros(31, 2), torch.zeros(3), torch.tensor([[0, math.nan]])]
)
def test_demonstrations_that_are_none_are_refused(demonstrations):
    with pytest.raises(ValueError, match="demonstrations"):
        your_demonstrations_chart(demonstrations)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_tokenizer_from_below_the_range_to_above_it(dimension):
    i = DIMENSIONS.index(dimension)
    low, high = (quantile[i].item() for quantile in BRIDGE[:2])
    for share in (
        (0, 0.25, 0.5, 0.777, 0.999, 1) if dimension == "gripper" else (-0.3, 0, 0.25, 0.5, 0.777, 0.999, 1, 1.3)
    ):
        value = low + share * (high - low)
        check("tokenizer", dim=dimension, mm=1000 * value, mrad=1000 * value, gripper=value, guess="part")


@pytest.mark.parametrize("t", [1, 19])
def test_forward_noising_beside_its_ends(t):
    check("forward_noising", t=t, guess="7")


def test_the_mean_reward_can_be_worse_than_no_baseline():
    """What notebook 02 says of P(arm 1) = 0.8."""
    assert gradient_moments(0.8, double(0.8))[1] > gradient_moments(0.8, double(0.0))[1]


def test_the_memoriser_is_wrong_in_four_cases_of_ten_and_often_sure():
    names = curves()
    with torch.no_grad():
        q = names["large"](names["fresh_noise"]).softmax(-1)
    assert (q.argmax(-1) != names["fresh"]).float().mean().item() == pytest.approx(0.4, abs=0.05)
    assert (q.max(-1).values > 0.9).float().mean() > 0.5  # sure most of the time


@pytest.mark.parametrize("w", [0.3, 0.5, 0.95])
def test_kl_pointwise_buttons_go_to_the_optima(w):
    """Forward: no neighbour is nearer in D(p || q); reverse: none is nearer in D(q || p)."""
    for jump, direction in (("forward", 0), ("left", 1), ("right", 1)):
        *found, mean, std = (value for value, _ in numbers(spec("kl_pointwise"), guess="left", jump=jump, w=w).values())
        for step in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)):
            assert both(mean + step[0], std + step[1], w)[direction] > found[direction]


def test_k2_comes_out_as_the_text_says():
    shown = {
        jump: [text for _, text in numbers(spec("kl_pointwise"), guess="left", jump=jump, w=0.3).values()]
        for jump in ("forward", "left", "right")
    }
    assert [shown["forward"][i] for i in (0, 2, 3)] == ["0.724", "−0.40", "0.950"]
    assert [shown[side][1] for side in ("left", "right")] == ["0.357", "1.204"]


def test_on_the_outlines_of_the_landscape_the_divergence_is_their_level():
    """Half way between the points of a grid 0.05 apart, where only the outline can be: to 6 %; edges of the map left out."""
    outlines = landscape()
    inside = [
        (u, v, level, of)
        for u, v, level, of in zip(*(outlines[name] for name in ("u", "v", "level", "of")), strict=True)
        if abs(u) < 1.5 and 0.2 < v < 1.5
    ]
    assert {of for *_, of in inside} == {"forward", "reverse"}
    for u, v, level, of in inside[::41]:
        assert both(u, v, 0.3)[of == "reverse"] == pytest.approx(level, rel=0.06)


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_a_ball_rolls_downhill_to_a_minimum(direction):
    """Its divergence falls at each stage, and in the end no place nearby is lower."""
    start = torch.tensor([[-1.5, 0.3], [0.3, 0.5], [1.2, 1.4], [0.9, 0.2]])
    way = roll(two_modes(0.3, 1.0), direction, start, 12)
    value = lambda mean, std: both(mean, std, 0.3)[direction == "reverse"]
    assert torch.allclose(way[0], start.double())
    for path in way.unbind(1):
        values = [value(*place) for place in path.tolist()]
        assert all(after < before + 1e-6 for before, after in itertools.pairwise(values))
        mean, std = path[-1].tolist()
        for aside in ((0.05, 0), (-0.05, 0), (0, 0.05), (0, -0.05)):
            assert value(mean + aside[0], std + aside[1]) > values[-1]


def test_in_reverse_the_start_decides_and_forward_it_does_not():
    start = torch.tensor([[-1.0, 0.4], [1.0, 0.4]])
    ends = {d: roll(two_modes(0.3, 1.0), d, start, 12)[-1, :, 0].tolist() for d in ("forward", "reverse")}
    assert ends["forward"] == pytest.approx([-0.4, -0.4], abs=0.01)
    assert ends["reverse"] == pytest.approx([-1, 1], abs=0.01)


@pytest.mark.parametrize(("slip", "horizon", "seed"), [(0.01, 50, 1), (0.001, 1, 50), (0.1, 100, 50), (0.03, 70, 8)])
def test_what_compounding_error_simulates_is_near_the_exact_number(slip, horizon, seed):
    found = numbers(spec("compounding_error"), slip=slip, horizon=horizon, seed=seed)
    exact, simulated, error, _ = (value for value, _ in found.values())
    assert abs(simulated - exact) <= 4 * error + 0.05


def test_the_exact_filters_beliefs_are_those_of_the_forward_algorithm():
    o, beliefs = constant("imagination", "o"), constant("imagination", "beliefs")
    expected, _ = world_model.exact_filter(torch.tensor(o, **DOUBLE))
    torch.testing.assert_close(torch.tensor(beliefs, **DOUBLE), expected, atol=2e-3, rtol=0)  # o is stored rounded


def test_only_a_trained_prior_imagines():
    error = lambda setting: numbers(spec("imagination"), guess="random", setting=setting)["error, imagining"][0]
    assert max(error("the ELBO"), error("balanced")) < 0.15
    assert min(error("KL off"), error("KL too strong"), error("one free nat")) > 0.3


def test_cross_entropy_grows_two_peaks_and_squared_error_walks_to_the_middle():
    logits, answers, edges = (loop()[name] for name in ("logits", "answers", "edges"))
    pmf = logits[-20:].softmax(-1).mean(0)
    centres = (edges[:-1] + edges[1:]) / 2
    assert pmf[centres < -0.3].sum().item() == pytest.approx(0.5, abs=0.1)
    assert pmf[centres.abs() < 0.25].sum() < 0.05
    assert answers[0].item() > 1.3
    assert (answers[:20].diff(dim=0) < 0).all()  # it walks, and does not jump
    assert answers[60:].abs().max() < 0.1


def test_noisier_rewards_turn_round_how_far_to_trust_a_wrong_critic():
    best = lambda noise: numbers(spec("gae_lambda"), guess="0.95", lam=0.8, critic=1, noise=noise, discount=0.99)[
        "best λ"
    ]
    assert best(0.3)[0] > 0.9
    assert best(0.5)[0] < 0.1
