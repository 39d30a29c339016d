"""Every number that notebook 04's live charts show, against torch, at the default, the middle and the ends."""

import math

import pytest
import torch
from conftest import pseudo_random, readouts, set_signals, values
from torch.distributions import Categorical, MixtureSameFamily, Normal

from helpers.charts.kl import STEP, landscape
from helpers.information import kl_divergence, kl_quadrature

PAGE = "notebooks/04_kl_divergence.html"
DOUBLE = {"dtype": torch.float64}


@pytest.mark.parametrize(
    ("share", "floor", "why"),
    [
        (0.3, 0, "p sometimes goes right"),
        (0, 0, "agree"),
        (1, 0, "So is D(q‖p)"),
        (1, 0.3, "left and wait"),
        (0, 0.01, "right and wait"),
        (0.5, 0.3, "to wait"),
    ],
)
def test_support(page, share, floor, why):
    set_signals(page, "support", share=share, floor=floor)
    p = torch.tensor([1 - share, share, 0.0], **DOUBLE)
    q = (1 - floor) * torch.tensor([1.0, 0, 0], **DOUBLE) + floor / 3
    found = readouts(page, "support")
    assert why in found.pop("why")[1]
    for (value, shown), expected in zip(found.values(), (kl_divergence(p, q), kl_divergence(q, p)), strict=True):
        assert value == pytest.approx(expected.item(), abs=1e-9)
        assert (shown == "∞") == math.isinf(expected)


def both(mean: float, std: float, share: float) -> list[float]:
    way = Categorical(torch.tensor([1 - share, share], **DOUBLE))
    p = MixtureSameFamily(way, Normal(torch.tensor([-1.0, 1.0], **DOUBLE), 0.25))
    q = Normal(torch.tensor(mean, **DOUBLE), std)
    kl = lambda a, b: kl_quadrature(a.log_prob, b.log_prob, -14, 14, 40_001).item()
    return [kl(p, q), kl(q, p)]


@pytest.mark.parametrize(("mu", "sigma", "w"), [(0.2, 0.6, 0.3), (-1.5, 0.1, 0.95), (1.5, 1.5, 0.05), (0, 0.1, 0.5)])
def test_kl_pointwise(page, mu, sigma, w):
    set_signals(page, "kl_pointwise", jump="free", mu=mu, sigma=sigma, w=w)
    expected = [*both(mu, sigma, w), mu, sigma]
    assert values(page, "kl_pointwise") == pytest.approx(expected, abs=2e-5, rel=1e-6)


@pytest.mark.parametrize("w", [0.3, 0.5, 0.95])
def test_kl_pointwise_buttons_go_to_the_optima(page, w):
    """Forward: no neighbour is nearer in D(p || q); reverse: none is nearer in D(q || p)."""
    for jump, direction in (("forward", 0), ("left", 1), ("right", 1)):
        set_signals(page, "kl_pointwise", jump=jump, mu=1.5, sigma=1.5, w=w)
        *found, mean, std = values(page, "kl_pointwise")
        assert found == pytest.approx(both(mean, std, w), abs=2e-5)
        for step in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)):
            assert both(mean + step[0], std + step[1], w)[direction] > found[direction]


def test_k2_comes_out_as_the_text_says(page):
    shown = {}
    for jump in ("forward", "left", "right"):
        set_signals(page, "kl_pointwise", jump=jump, w=0.3)
        shown[jump] = [text for _, text in readouts(page, "kl_pointwise").values()]
    assert [shown["forward"][i] for i in (0, 2, 3)] == ["0.724", "−0.40", "0.950"]
    assert [shown[side][1] for side in ("left", "right")] == ["0.357", "1.204"]


@pytest.mark.parametrize(("mu", "sigma"), [(0.2, 0.6), (-1.5, 0.1), (1.5, 1.5), (-0.4, 0.95)])
@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_kl_landscape(page, mu, sigma, direction):
    set_signals(page, "kl_landscape", mu=mu, sigma=sigma, direction=direction)
    assert values(page, "kl_landscape") == pytest.approx(both(mu, sigma, 0.3), abs=2e-5, rel=1e-6)


def test_landscapes_cells_are_the_divergences_at_their_places():
    surface = landscape()
    sigmas = round(1.4 / STEP) + 1
    for i in (0, 40, 1234, len(surface["forward"]) - 1):
        expected = both(-1.5 + i // sigmas * STEP, 0.1 + i % sigmas * STEP, 0.3)
        assert [surface["forward"][i], surface["reverse"][i]] == pytest.approx(expected, rel=6e-3)


@pytest.mark.parametrize(("delta", "k", "seed"), [(0.5, 8, 1), (0.1, 0, 50), (2, 12, 50), (1.1, 12, 7)])
def test_kl_estimators(page, delta, k, seed):
    set_signals(page, "kl_estimators", delta=delta, k=k, seed=seed)
    n = 2**k
    q, p = Normal(torch.tensor(0.0, **DOUBLE), 1.0), Normal(torch.tensor(delta, **DOUBLE), 1.0)

    def estimates(x):
        log_r = p.log_prob(x) - q.log_prob(x)
        return torch.stack([-log_r, log_r**2 / 2, log_r.exp() - 1 - log_r])

    exact = torch.distributions.kl_divergence(q, p)
    x = torch.linspace(-14, 14, 40_001, **DOUBLE)
    mean = lambda f: torch.trapezoid(q.log_prob(x).exp() * f, x)
    first, second = mean(estimates(x)), mean(estimates(x) ** 2)
    error = ((second - first**2) / n + (first - exact) ** 2).sqrt()
    drawn = estimates(q.icdf(pseudo_random(n, seed))).mean(-1)
    expected = [exact.item(), *drawn.tolist(), *error.tolist()]
    assert values(page, "kl_estimators") == pytest.approx(expected, abs=1e-6, rel=1e-6)


@pytest.mark.parametrize(("slip", "horizon", "seed"), [(0.01, 50, 1), (0.001, 1, 50), (0.1, 200, 50), (0.03, 120, 8)])
def test_compounding_error(page, slip, horizon, seed):
    set_signals(page, "compounding_error", slip=slip, horizon=horizon, seed=seed)
    exact = (1 - (1 - slip) ** torch.arange(1, horizon + 1, **DOUBLE)).sum().item()
    first = torch.ceil(pseudo_random(400, seed).log() / math.log(1 - slip))  # of the geometric distribution
    off = (horizon - first + 1).clamp(min=0)
    error = (off.std() / 400**0.5).item()
    expected = [exact, off.mean().item(), error, slip * horizon**2 / 2]
    assert values(page, "compounding_error") == pytest.approx(expected, abs=1e-6)
    assert abs(off.mean().item() - exact) <= 4 * error + 0.05
