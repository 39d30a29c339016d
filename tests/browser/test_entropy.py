"""Every number that notebook 03's live charts show, against torch, at the default, the middle and the ends."""

import math

import pytest
import torch
from conftest import readouts, set_signals, values
from torch.distributions import Categorical, Normal

from helpers.charts.entropy import LOGITS

PAGE = "notebooks/03_entropy.html"


@pytest.mark.parametrize("temperature", [1, 0.05, 5, 2.35])
def test_temperature(page, temperature):
    set_signals(page, "temperature", T=temperature)
    q = Categorical(logits=torch.tensor(LOGITS, dtype=torch.float64) / temperature)
    expected = [q.entropy().item(), q.entropy().exp().item(), q.probs.max().item()]
    assert values(page, "temperature") == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("bins", "sigma"), [(8, 0.4), (2, 0.05), (512, 1.0), (100, 0.25)])
def test_entropy_of_bins(page, bins, sigma):
    set_signals(page, "entropy_of_bins", bins=bins, sigma=sigma)
    width = 2 / bins
    normal = Normal(torch.tensor(0.0, dtype=torch.float64), sigma)
    mass = normal.cdf(torch.arange(-20_000, 20_001) * width).diff()
    h = normal.entropy().item()
    expected = [-torch.special.xlogy(mass, mass).sum().item(), h - math.log(width), h]
    assert values(page, "entropy_of_bins") == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ((0.7, 0.2, 0.1), (0.4, 0.4, 0.2)),
        ((1, 0, 0.01), (0, 1, 0.01)),
        ((0, 0, 1), (0, 0, 0.01)),
        ((1, 1, 1), (1, 1, 1)),
        ((0, 0.5, 0.5), (0, 0.9, 0.3)),
    ],
)
def test_cross_entropy(page, p, q):
    weights = {f"{name}{i}": value for name, pmf in (("p", p), ("q", q)) for i, value in enumerate(pmf)}
    set_signals(page, "cross_entropy", **weights)
    p, q = (torch.tensor(pmf, dtype=torch.float64) / sum(pmf) for pmf in (p, q))
    cross = lambda a, b: -torch.special.xlogy(a, b).sum().item()
    expected = [cross(p, p), cross(p, q), cross(q, p), cross(p, q) - cross(p, p)]
    assert values(page, "cross_entropy") == pytest.approx(expected, abs=1e-6)
    shown = [text for _, text in readouts(page, "cross_entropy").values()]
    assert [text == "∞" for text in shown] == [math.isinf(value) for value in expected]
