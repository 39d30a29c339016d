"""The ELBO's pieces against Bayes' rule on a grid; the beta-VAE on its curve; the CVAE's latent."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from torch.distributions import Normal, kl_divergence

from helpers.policies.beta_vae import train_beta_vae
from helpers.policies.cvae import CVAEHead, train_cvae
from helpers.robot.cup_and_tray import CupAndTray, crashes, success_rate
from helpers.theory.latent import LinearGaussian, rate_distortion

DOUBLE = {"dtype": torch.float64}
Z = torch.linspace(-30, 30, 60_001, **DOUBLE)
models = st.builds(LinearGaussian, st.floats(-2, 2), st.floats(0.2, 2))


def on_a_grid(model: LinearGaussian, o: float) -> tuple[torch.Tensor, torch.Tensor]:
    """log p(o) and the posterior's density on Z, by Bayes' rule."""
    joint = Normal(0.0, 1.0).log_prob(Z) + Normal(model.weight * Z, model.noise).log_prob(torch.tensor(o, **DOUBLE))
    evidence = torch.trapezoid(joint.exp(), Z)
    return evidence.log(), joint.exp() / evidence


@given(models, st.floats(-3, 3))
def test_evidence_and_posterior_are_those_of_bayes(model, o):
    evidence, density = on_a_grid(model, o)
    assert model.log_evidence(o).item() == pytest.approx(evidence.item(), abs=1e-6)
    assert torch.allclose(model.posterior(o).log_prob(Z).exp(), density, atol=1e-6)


@given(models, st.floats(-3, 3), st.floats(-3, 3), st.floats(0.1, 2))
def test_the_elbo_lacks_the_gap_and_nothing_else(model, o, mean, std):
    q = Normal(torch.tensor(mean, **DOUBLE), std)
    by_grid = torch.trapezoid(
        q.log_prob(Z).exp() * Normal(model.weight * Z, model.noise).log_prob(torch.tensor(o, **DOUBLE)), Z
    )
    assert model.reconstruction(o, q).item() == pytest.approx(by_grid.item(), rel=1e-5, abs=1e-5)
    gap = kl_divergence(q, model.posterior(o))
    assert (model.elbo(o, q) + gap).item() == pytest.approx(model.log_evidence(o).item(), abs=1e-6)


def test_parameters_of_any_kind_are_stored_as_floats():
    model = LinearGaussian(torch.tensor(2), np.float32(0.5))
    assert model == LinearGaussian(2.0, 0.5)
    assert (type(model.weight), type(model.noise)) == (float, float)
    assert model.log_evidence(1.5) == LinearGaussian(2.0, 0.5).log_evidence(1.5)


def test_trained_beta_vaes_lie_on_the_curve():
    torch.manual_seed(0)
    beta = torch.tensor([0.5, 1.0, 4.0, 9.0, 12.0])
    distortion, rate = train_beta_vae(beta)
    for b, d, r in zip(beta.tolist(), distortion.tolist(), rate.tolist(), strict=True):
        assert (d, r) == pytest.approx(rate_distortion(b), abs=0.01)


def test_trained_beta_vaes_lie_on_the_curve_of_their_own_signal():
    torch.manual_seed(0)
    distortion, rate = train_beta_vae(torch.tensor([1.0, 6.0]), signal=4.0, noise=0.5, steps=800)
    assert distortion.tolist() == pytest.approx([0.5, 3.0], abs=0.01)
    assert rate.tolist() == pytest.approx([math.log(8) / 2, math.log(4 / 3) / 2], abs=0.01)


def test_collapse_is_exactly_at_signal_over_noise():
    for signal, noise in ((1.0, 0.1), (3.0, 0.5)):
        threshold = signal / noise
        assert rate_distortion(threshold, signal, noise) == (signal, 0.0)
        assert rate_distortion(0.999 * threshold, signal, noise)[1] > 0
        assert rate_distortion(2 * threshold, signal, noise)[1] == 0


def test_a_cvae_finds_left_and_right_and_averages_them_at_zero():
    task, obs = CupAndTray(), torch.ones(1, 1)
    head = train_cvae(task, beta=1.0)
    demos = task.demonstrations(2000)
    z = head.posterior(torch.ones(2000, 1), demos).sample()
    agree = ((z > 0) == (demos[:, 0] > 0)).float().mean().item()
    assert max(agree, 1 - agree) > 0.98
    assert crashes(head.sample(obs, 1, zero=True)[0, 0])
    assert success_rate(head.sample(obs, 4000)[:, 0])[0] > 0.75


def test_a_cvae_under_too_much_pressure_collapses_to_the_mean():
    head = train_cvae(CupAndTray(), beta=100.0)
    actions = head.sample(torch.ones(1, 1), 1000)[:, 0]
    assert actions.abs().max() < 0.1  # a sixth of the way to either mode
    assert crashes(actions).all()


def test_a_cvae_draws_its_latent_from_the_prior_or_takes_zero():
    torch.manual_seed(0)
    head = CVAEHead(1)
    head.decode = lambda obs, z: z.unsqueeze(-1).expand(-1, -1, 2)
    drawn, zero = (head.sample(torch.ones(3, 1), 20_000, zero=zero)[..., 0] for zero in (False, True))
    assert drawn.shape == zero.shape == (20_000, 3)
    assert stats.kstest(drawn.flatten().numpy(), "norm").pvalue > 0.01
    assert (zero == 0).all()


def test_a_cvaes_weights_repeat_with_their_seed_alone():
    first, again, other = (train_cvae(CupAndTray(), 1.0, seed, steps=2).decoder[-1].bias for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_training_a_cvae_leaves_the_callers_random_state():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    train_cvae(CupAndTray(), 1.0, seed=3, steps=2)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("zero", [False, True])
def test_a_cvae_draws_on_the_device_and_in_the_precision_of_its_input(zero):
    head = CVAEHead(1).double()
    assert head.sample(torch.ones(3, 1, **DOUBLE), 2, zero=zero).dtype == torch.float64
    assert head.to("meta")._sample(torch.ones(3, 1, **DOUBLE, device="meta"), 2, zero=zero).device.type == "meta"


def test_a_cvaes_loss_is_its_negative_elbo():
    torch.manual_seed(0)
    head, obs = CVAEHead(1), torch.ones(500, 1)
    action = CupAndTray().demonstrations(500)
    q = head.posterior(obs, action)
    rate = kl_divergence(q, Normal(0.0, 1.0)).mean().item()
    losses = torch.stack([head.loss(obs, action) for _ in range(200)]).detach()
    z = q.sample((200,))
    mean = head.decode(obs, z).detach()
    reconstruction = Normal(mean, 0.1).log_prob(action).sum(-1).mean().item()
    error = losses.std().item() / 200**0.5
    assert losses.mean().item() == pytest.approx(rate - reconstruction, abs=6 * error)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: LinearGaussian(1.0, 0.0), "noise"),
        (lambda: LinearGaussian(math.nan), "weight"),
        (lambda: LinearGaussian("1.0"), "weight is the text"),
        (lambda: LinearGaussian(noise="0.5"), "noise is the text"),
        (lambda: train_beta_vae(torch.tensor([1.0]), steps=0), "steps = 0"),
        (lambda: train_beta_vae(torch.tensor([1.0]), signal=-1.0), "signal"),
        (lambda: train_beta_vae(torch.tensor([1.0]), noise=0), "noise"),
        (lambda: train_cvae(CupAndTray(), 1.0, steps=0), "steps = 0"),
        (lambda: rate_distortion(0.0), "beta"),
        (lambda: rate_distortion(1.0, signal=-1.0), "signal"),
        (lambda: train_beta_vae(torch.tensor([-1.0])), "positive"),
        (lambda: train_beta_vae(torch.tensor([0.0])), "positive"),
        (lambda: CVAEHead(1, beta=-1.0), "beta"),
    ],
)
def test_refusals_say_what_was_expected(call, word):
    with pytest.raises(ValueError, match=word):
        call()
