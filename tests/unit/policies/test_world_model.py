"""The miniature RSSM: its exact filter against enumeration, its KL against enumeration, its five settings over five seeds."""

import itertools

import pytest
import torch
from torch.distributions import Categorical, Normal, kl_divergence

from helpers.charts.elbo import imagination
from helpers.policies import world_model
from helpers.policies.world_model import FIRST, FLIP, NOISE, SETTINGS, START, exact_filter, measure, observe, train

TABLE = {  # KL, ELBO (where the exact filter has -0.855), learned flip, error of the prediction
    "the ELBO": (0.343, -0.905, 0.11, 0.038),
    "balanced": (0.356, -0.912, 0.115, 0.073),
    "KL off": (0.659, -1.215, 0.5, 0.796),
    "KL too strong": (0.0, -3.628, 0.5, 0.796),
    "one free nat": (0.659, -1.215, 0.5, 0.796),
}


def test_exact_filter_is_a_sum_over_all_histories():
    torch.manual_seed(0)
    o = observe(5)[:, :6]
    belief, log_evidence = exact_filter(o)
    total, up = torch.zeros(5), torch.zeros(5)
    for history in itertools.product((-1, 1), repeat=6):
        z = torch.tensor(history)
        flips = (z[1:] != z[:-1]).sum().item()
        chance = 0.5 * FLIP**flips * (1 - FLIP) ** (5 - flips)
        joint = chance * Normal(z.float(), NOISE).log_prob(o).sum(-1).exp()
        total, up = total + joint, up + joint * (history[-1] == 1)
    assert torch.allclose(log_evidence, total.log() / 6, atol=1e-5)
    assert torch.allclose(belief[:, -1], up / total, atol=1e-5)


def test_observations_are_those_of_the_world():
    torch.manual_seed(0)
    o = observe(200_000)
    assert o.mean().item() == pytest.approx(0, abs=0.01)
    assert o.pow(2).mean().item() == pytest.approx(1 + NOISE**2, abs=0.01)
    assert (o[:, 1:] * o[:, :-1]).mean().item() == pytest.approx(1 - 2 * FLIP, abs=0.01)


def test_kl_and_beliefs_are_sums_over_all_latent_histories():
    torch.manual_seed(0)
    model, o = world_model.WorldModel(1), observe(3)[:, :4]
    torch.nn.init.normal_(model.transition)
    beliefs, _, kl, again = model(o)
    prior, posterior = model.prior()[0].detach(), model.posterior(o)[0].detach()
    for n in range(3):
        total, last = 0.0, torch.zeros(2)
        for history in itertools.product((0, 1), repeat=4):
            chance, before, spent = 1.0, START, 0.0
            for t, z in enumerate(history):
                q = posterior[before, n, t]
                spent += kl_divergence(Categorical(probs=q), Categorical(probs=prior[before])).item()
                chance, before = chance * q[z].item(), FIRST + z
            total += chance * spent
            last[history[-1]] += chance
        assert torch.allclose(beliefs[0, n, -1].detach(), last, atol=1e-5)
        single = model(o[n : n + 1])[2].item()
        assert single == pytest.approx(total / 4, abs=1e-5)
    assert kl.item() == pytest.approx(again.item(), abs=1e-6)


def test_each_kl_trains_its_own_half():
    torch.manual_seed(0)
    model = world_model.WorldModel(1)
    _, _, to_train_p, to_train_q = model(observe(8))
    to_train_q.sum().backward(retain_graph=True)
    assert model.transition.grad is None
    assert model.from_o.grad.abs().sum() > 0
    model.zero_grad()
    to_train_p.sum().backward()
    assert model.transition.grad.abs().sum() > 0
    assert model.from_o.grad is None


def test_the_gradients_are_those_of_a_sum_over_all_latent_histories():
    """Of the KL that trains q: through every posterior, the earlier ones, too, that say how likely a history is."""
    torch.manual_seed(0)
    model, o = world_model.WorldModel(1), observe(1)[:, :4]
    torch.nn.init.normal_(model.transition)
    prior, posterior = model.prior()[0], model.posterior(o)[0, :, 0]

    def by_enumeration(p, q):
        total = 0.0
        for history in itertools.product((0, 1), repeat=4):
            chance, before, spent = 1.0, START, 0.0
            for t, z in enumerate(history):
                spent = spent + kl_divergence(Categorical(probs=q[before, t]), Categorical(probs=p[before]))
                chance, before = chance * q[before, t, z], FIRST + z
            total = total + chance * spent
        return total / 4

    _, _, to_train_p, to_train_q = model(o)
    for found, expected, half in (
        (to_train_p, by_enumeration(prior, posterior.detach()), [model.transition]),
        (to_train_q, by_enumeration(prior.detach(), posterior), [model.from_state, model.from_o, model.to_logits]),
    ):
        pairs = (torch.autograd.grad(loss.sum(), half, retain_graph=True) for loss in (found, expected))
        for one, other in zip(*pairs, strict=True):
            assert torch.allclose(one, other, atol=1e-6)


def test_unimix_keeps_every_probability_above_its_share():
    mixed = world_model.mixed(torch.tensor([[100.0, -100.0]]))
    assert mixed.tolist() == [pytest.approx([0.995, 0.005])]


def test_measures_by_hand_on_a_prior_that_is_not_symmetric():
    torch.manual_seed(0)
    model, o = world_model.WorldModel(1), observe(3)[:, :4]
    torch.nn.init.normal_(model.transition)
    beliefs, reconstruction, kl, _ = (value.detach() for value in model(o))
    found, prior, mean = measure(model, o), model.prior()[0].tolist(), model.means[0].tolist()
    assert found.flip.item() == pytest.approx((prior[FIRST][1] + prior[FIRST + 1][0]) / 2)
    assert found.elbo.item() == pytest.approx(reconstruction.item() - kl.item())
    errors = []
    for n, t in itertools.product(range(3), range(4)):
        predicted = sum(beliefs[0, n, t, z].item() * prior[FIRST + z][y] * mean[y] for z in (0, 1) for y in (0, 1))
        up = exact_filter(o[n : n + 1, : t + 1])[0][0, -1].item()
        up = (1 - FLIP) * up + FLIP * (1 - up)
        errors.append((predicted - (up - (1 - up))) ** 2)
    assert found.error.item() == pytest.approx((sum(errors) / 12) ** 0.5, rel=1e-5)


def test_reconstruction_is_the_mean_log_likelihood_of_an_observation():
    torch.manual_seed(0)
    model, o = world_model.WorldModel(1), observe(3)
    beliefs, reconstruction, _, _ = (value.detach() for value in model(o))
    each = [beliefs[0, ..., z] * Normal(model.means[0, z].detach(), NOISE).log_prob(o) for z in (0, 1)]
    assert reconstruction.item() == pytest.approx(sum(each).mean().item(), rel=1e-5)


def test_below_the_free_nats_neither_kl_trains():
    trained = []
    for setting in (world_model.Setting(0, 0), world_model.Setting(10, 10, 100)):
        torch.manual_seed(0)
        trained.append(train([setting], steps=3).parameters())
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(*trained, strict=True))


def test_a_chart_of_it_leaves_the_callers_random_state():
    model = world_model.WorldModel(len(SETTINGS))
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    first, again = (imagination(model).spec for _ in range(2))
    assert torch.equal(torch.rand(3), expected)
    assert first == again


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: train([]), r"settings has shape \(0,\); expected \(runs, 3\)"),
        (lambda: train(world_model.Setting(1, 1)), r"settings has shape \(3,\)"),
        (lambda: train([(1, 1)]), r"settings has shape \(1, 2\)"),
        (lambda: train(["the ELBO"]), "settings is .*expected numbers"),
        (lambda: train([world_model.Setting(1, 1)], steps=0), "steps = 0"),
        (lambda: exact_filter(torch.zeros(3)), r"o has shape \(3,\); expected \(n, T\)"),
        (lambda: exact_filter(torch.zeros(3, 0)), r"o has shape \(3, 0\)"),
        (lambda: exact_filter([[0.0, float("nan")]]), "o contains NaN"),
        (lambda: measure(world_model.WorldModel(1), torch.zeros(3)), r"o has shape \(3,\)"),
        (lambda: observe(2.5), r"n = 2\.5"),
    ],
)
def test_refusals_say_what_was_expected(call, word):
    with pytest.raises(ValueError, match=word):
        call()


def test_the_five_settings_over_five_seeds():
    torch.manual_seed(0)
    model = train([setting for setting in SETTINGS.values() for _ in range(5)])
    o = observe(20_000)
    found = torch.stack(measure(model, o)).unflatten(1, (5, 5))  # (4, settings, seeds)
    best = exact_filter(o)[1].mean().item()
    assert best == pytest.approx(-0.855, abs=0.006)
    assert found[1].max() < best  # no bound exceeds the evidence
    for i, expected in enumerate(TABLE.values()):
        kl, elbo, flip, error = found[:, i].mean(-1).tolist()
        assert kl == pytest.approx(expected[0], abs=0.01)
        assert elbo - best == pytest.approx(expected[1] + 0.855, abs=0.004)  # on the same draws, so sharper
        if kl > 0.01:  # a collapsed latent has nothing to flip: whatever its prior says, its posterior repeats
            assert flip == pytest.approx(expected[2], abs=0.004)
        assert error == pytest.approx(expected[3], abs=0.008)
