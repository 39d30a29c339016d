"""Every number that notebook 01's live charts show, against torch, at the default, the middle and the ends."""

import math

import pytest
import torch
from conftest import set_signals, values
from torch.distributions import MultivariateNormal, Normal

from helpers.heads import cosine_schedule
from helpers.tasks import CupAndTray

PAGE = "notebooks/01_distributions.html"


@pytest.mark.parametrize(
    ("sigma", "a", "b"), [(0.5, -0.5, 0.5), (0.1, -0.1, 0.1), (0.05, -2, 2), (1, 0.3, 1.7), (1, 1, -1)]
)
def test_interval_probability(page, sigma, a, b):
    set_signals(page, "interval_probability", sigma=sigma, a=a, b=b)
    normal = Normal(torch.tensor(0.0, dtype=torch.float64), sigma)
    probability = max(0, (normal.cdf(torch.tensor(float(b))) - normal.cdf(torch.tensor(float(a)))).item())
    peak = normal.log_prob(torch.tensor(0.0)).exp().item()
    assert values(page, "interval_probability") == pytest.approx([probability, peak, 0], abs=1e-6)


@pytest.mark.parametrize(("bins", "sigma"), [(16, 0.4), (2, 1.0), (512, 0.1), (255, 1.0)])
def test_bins_and_density(page, bins, sigma):
    set_signals(page, "bins_and_density", bins=bins, sigma=sigma)
    torch.manual_seed(0)
    edges = torch.linspace(-1, 1, bins + 1, dtype=torch.float64)
    cdf = Normal(torch.tensor(0.0, dtype=torch.float64), sigma).cdf(edges)
    cdf[0], cdf[-1] = 0, 1
    mass = cdf.diff()
    width = 2 / bins
    assert values(page, "bins_and_density") == pytest.approx([1, mass.max().item(), width / 2], abs=1e-6)


@pytest.mark.parametrize(
    ("sigma1", "sigma2", "rho", "x1", "x2"),
    [(1, 0.6, 0.7, 1, -0.5), (0.2, 1.5, -0.95, -2.5, 2.5), (1.5, 0.2, 0.95, 2.5, 2.5), (1, 1, 0, 0, 0)],
)
def test_gaussian_ellipse(page, sigma1, sigma2, rho, x1, x2):
    set_signals(page, "gaussian_ellipse", sigma1=sigma1, sigma2=sigma2, rho=rho, x1=x1, x2=x2)
    off = rho * sigma1 * sigma2
    covariance = torch.tensor([[sigma1**2, off], [off, sigma2**2]], dtype=torch.float64)
    x = torch.tensor([x1, x2], dtype=torch.float64)
    expected = [
        x.norm().item(),
        (x @ torch.linalg.solve(covariance, x)).sqrt().item(),
        MultivariateNormal(torch.zeros(2, dtype=torch.float64), covariance).log_prob(x).item(),
    ]
    assert values(page, "gaussian_ellipse") == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("d", "w", "s"), [(0.6, 0.5, 0.1), (0.3, 0.2, 0.3), (1, 1, 0.02), (0.3, 0, 0.3)])
@pytest.mark.parametrize("drawn", ["joint", "product"])
def test_demonstrator(page, drawn, d, w, s):
    set_signals(page, "demonstrator", drawn=drawn, d=d, w=w, s=s)
    torch.manual_seed(0)
    a = CupAndTray(d, w, s).demonstrations(400_000)
    if drawn == "product":
        a[:, 1] = a[torch.randperm(len(a)), 1]
    sides = [(a[:, 0] > 0), (a[:, 1] > 0), (a[:, 0] * a[:, 1] < 0)]
    expected = [side.double().mean().item() for side in sides]
    assert values(page, "demonstrator") == pytest.approx(expected, abs=4 * 0.5 / math.sqrt(len(a)))


@pytest.mark.parametrize("t", [4, 0, 1, 19, 20])
def test_forward_noising(page, t):
    set_signals(page, "forward_noising", t=t)
    alpha_bar = (1 - cosine_schedule(20).double()).cumprod(0)[t - 1].item() if t else 1.0
    expected = [alpha_bar, 0.6 * math.sqrt(alpha_bar), math.sqrt(alpha_bar * 0.1**2 + 1 - alpha_bar)]
    assert values(page, "forward_noising") == pytest.approx(expected, rel=1e-4)
