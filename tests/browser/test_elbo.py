"""Every number that notebook 05's live charts show, against torch, at the default, the middle and the ends."""

import pytest
import torch
from conftest import readouts, set_signals
from torch.distributions import Normal, kl_divergence

from helpers import world_model
from helpers.latent import LinearGaussian, rate_distortion

PAGE = "notebooks/05_elbo.html"
DOUBLE = {"dtype": torch.float64}


def values(page, chart: str) -> dict[str, float]:
    return {name: value for name, (value, _) in readouts(page, chart).items()}


@pytest.mark.parametrize("who", ["free", "prior", "posterior"])
@pytest.mark.parametrize(("o", "mu", "sigma"), [(1.5, 0, 0.8), (-3, 3, 0.05), (3, -3, 2), (0.4, 1.1, 0.45)])
def test_elbo_gap_adds_up(page, who, o, mu, sigma):
    set_signals(page, "elbo_gap", who=who, o=o, mu=mu, sigma=sigma)
    model = LinearGaussian(1.0, 0.5)
    q = {
        "free": Normal(torch.tensor(float(mu), **DOUBLE), sigma),
        "prior": model.prior,
        "posterior": model.posterior(o),
    }[who]
    rate, gap = kl_divergence(q, model.prior).item(), kl_divergence(q, model.posterior(o)).item()
    reconstruction, evidence = model.reconstruction(o, q).item(), model.log_evidence(o).item()
    found = values(page, "elbo_gap")
    assert found["ELBO"] + found["gap D(q‖posterior)"] == pytest.approx(found["log p(o)"], abs=1e-9)
    expected = [reconstruction, rate, reconstruction - rate, gap, evidence, evidence]
    assert list(found.values()) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("log_beta", [0, -1, 1.5, 1, 0.6])
def test_rate_distortion(page, log_beta):
    set_signals(page, "rate_distortion", log_beta=log_beta)
    distortion, rate = rate_distortion(10**log_beta)
    expected = [10**log_beta, distortion, rate, distortion**0.5]
    assert list(values(page, "rate_distortion").values()) == pytest.approx(expected, abs=1e-9)


def stored(page) -> tuple[dict[str, dict], torch.Tensor]:
    """What the page's chart holds: each model's numbers by setting, and the observed sequences."""
    spec = page.evaluate("JSON.parse(document.querySelector('#imagination script').textContent)")
    rows = [row for data in spec["datasets"].values() for row in data] if "datasets" in spec else []
    pending = [spec]
    while pending:  # inline data lie in the views
        node = pending.pop()
        if isinstance(node, dict):
            rows += node["values"] if isinstance(node.get("values"), list) else []
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    models = {row["setting"]: row for row in rows if isinstance(row, dict) and "setting" in row}
    observed = next(row["o"] for row in rows if isinstance(row, dict) and "o" in row)
    return models, torch.tensor(observed, **DOUBLE)


@pytest.mark.parametrize("setting", world_model.SETTINGS)
@pytest.mark.parametrize(("seen", "number"), [(4, 1), (1, 6), (12, 3), (7, 2)])
def test_imagination(page, setting, seen, number):
    """The chain is rolled out by matrix powers, the exact beliefs come from the forward algorithm."""
    set_signals(page, "imagination", setting=setting, seen=seen, sequence_number=number)
    models, o = stored(page)
    beliefs = world_model.exact_filter(o)[0]
    assert torch.allclose(torch.tensor(models["exact"]["b"], **DOUBLE), beliefs, atol=2e-3)  # o is stored rounded
    predicted = {}
    for who in (setting, "exact"):
        m = models[who]
        chain = torch.tensor([[1 - m["up"], m["up"]], [m["down"], 1 - m["down"]]], **DOUBLE)
        means = torch.tensor([m["m0"], m["m1"]], **DOUBLE)
        belief = [torch.tensor([1 - b, b], **DOUBLE) for b in m["b"][number - 1]]
        steps = range(1, world_model.LENGTH + 1)
        predicted[who] = torch.stack(
            [belief[min(t, seen) - 1] @ torch.linalg.matrix_power(chain, max(0, t - seen)) @ means for t in steps]
        )
    square = (predicted[setting] - predicted["exact"]) ** 2
    found = values(page, "imagination")
    assert found["error, eyes open"] == pytest.approx(square[:seen].mean().sqrt().item(), abs=1e-6)
    if seen < world_model.LENGTH:
        assert found["error, imagining"] == pytest.approx(square[seen:].mean().sqrt().item(), abs=1e-6)
    else:
        assert readouts(page, "imagination")["error, imagining"][1] == "–"


def test_only_a_trained_prior_imagines(page):
    errors = {}
    for setting in world_model.SETTINGS:
        set_signals(page, "imagination", setting=setting, seen=4, sequence_number=1)
        errors[setting] = values(page, "imagination")["error, imagining"]
    assert max(errors["the ELBO"], errors["balanced"]) < 0.15
    assert min(errors["KL off"], errors["KL too strong"], errors["one free nat"]) > 0.3
