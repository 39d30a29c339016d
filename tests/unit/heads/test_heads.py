"""Each head: its loss against a formula written out elsewhere, its samples against its distribution, its training."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal
from torch.nn import functional as F

from helpers import heads
from helpers.robot.cup_and_tray import CupAndTray, corner, success_rate
from helpers.theory import optima
from helpers.theory.modes import median_of
from helpers.training import descend, seeded

TASK = CupAndTray()
OBS = torch.ones(3, 1)
ACTION = torch.tensor([[0.5, -0.4], [-0.6, -0.7], [0.6, 0.55]])
NAMES = list(heads.HEADS)


def built(name: str) -> heads.Head:
    torch.manual_seed(1)
    return heads.row(name).build(TASK)


@pytest.mark.parametrize("name", NAMES)
def test_loss_is_a_scalar_with_gradients_and_samples_have_the_stated_shape(name):
    head = built(name)
    loss = head.loss(OBS, ACTION)
    loss.backward()
    assert loss.shape == ()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in head.parameters())
    sample = head.sample(OBS, 5)
    assert sample.shape == (5, 3, 2)
    assert not sample.requires_grad


@pytest.mark.parametrize(("name", "power"), [("mse", 2), ("l1", 1)])
def test_the_loss_of_one_answer_is_a_mean_of_powers(name, power):
    head = built(name)
    answer = head.answer(OBS).detach()
    assert head.loss(OBS, ACTION).item() == pytest.approx(((answer - ACTION).abs() ** power).mean().item())
    assert head.sample(OBS, 2)[1].tolist() == answer.tolist()


def test_absolute_error_goes_with_the_majority():
    task = CupAndTray(w=0.7)
    torch.manual_seed(0)
    trained = heads.train("l1", task, task.demonstrations(20_000)).sample(OBS[:1], 1)[0, 0]
    best = optima.modes_of(task)
    assert trained.tolist() == pytest.approx([median_of(best).item()] * 2, abs=0.02)


@pytest.mark.parametrize("name", ["full_gaussian", "diagonal_gaussian"])
def test_gaussian_loss_is_scipys_negative_log_likelihood(name):
    head = built(name)
    q = head.distribution(OBS[:1])
    covariance = q.covariance_matrix[0] if name == "full_gaussian" else q.variance[0].diag()
    normal = stats.multivariate_normal(q.mean[0].detach().numpy(), covariance.detach().numpy())
    assert head.loss(OBS, ACTION).item() == pytest.approx(-normal.logpdf(ACTION.numpy()).mean(), rel=1e-5)


def test_full_gaussian_can_correlate_and_the_diagonal_one_cannot():
    full, diagonal = built("full_gaussian"), built("diagonal_gaussian")
    with torch.no_grad():
        full.parameters_of.bias[-1] = 2.0
    assert full.distribution(OBS).covariance_matrix[0, 0, 1].abs() > 0.1
    assert diagonal.distribution(OBS).base_dist.batch_shape == (3, 2)


def test_mixture_loss_is_the_log_of_the_weighted_sum():
    head = built("mixture")
    q = head.distribution(OBS)
    means, stds = q.component_distribution.base_dist.loc[0], q.component_distribution.base_dist.scale[0]
    density = sum(
        weight * stats.norm(mean, std).pdf(ACTION.numpy()).prod(-1)
        for weight, mean, std in zip(
            q.mixture_distribution.probs[0].tolist(), means.detach().numpy(), stds.detach().numpy(), strict=True
        )
    )
    assert head.loss(OBS, ACTION).item() == pytest.approx(-sum(map(math.log, density)) / 3, rel=1e-5)


def test_bins_losses_are_sums_of_two_cross_entropies():
    independent, chain = built("independent_bins"), built("autoregressive_bins")
    tokens = independent.tokenizer.encode(ACTION)
    logits = independent.logits(OBS).view(3, 2, 64)
    expected = sum(F.cross_entropy(logits[:, i], tokens[:, i]) for i in range(2))
    assert independent.loss(OBS, ACTION).item() == pytest.approx(expected.item(), rel=1e-5)
    k = chain.tokenizer.bin(ACTION / 1.5) - 1
    joint = chain.pmf(OBS)
    expected = -joint[torch.arange(3), k[:, 0], k[:, 1]].log().mean()
    assert chain.loss(OBS, ACTION).item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("name", ["independent_bins", "autoregressive_bins"])
def test_bins_samples_follow_the_joint_pmf(name):
    head = built(name)
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.mul_(4)
    sample = head.sample(OBS[:1], 50_000)[:, 0]
    if name == "independent_bins":
        tokens = head.tokenizer.encode(sample + 1e-4)
    else:
        tokens = head.tokenizer.bin(sample / 1.5) - 1
    count = torch.zeros(64, 64).index_put_(tuple(tokens.T), torch.ones(len(tokens)), accumulate=True)
    pmf = head.pmf(OBS[:1])[0].detach()
    error = (pmf * (1 - pmf) / len(tokens)).sqrt()
    assert ((count / len(tokens) - pmf).abs() < 5 * error + 2e-4)[:62, :62].all()


def test_independent_bins_have_no_dependence_and_the_chain_has():
    torch.manual_seed(0)
    a = TASK.demonstrations(2000)
    for name, expected in (("independent_bins", 0.5), ("autoregressive_bins", 0.0)):
        head = heads.train(name, TASK, a, share=0.4)
        assert corner(head.sample(OBS[:1], 4000)[:, 0]).float().mean().item() == pytest.approx(expected, abs=0.04)


def test_decodings_of_the_chain():
    head = built("autoregressive_bins")
    with torch.no_grad():  # two peaks for x1, bins 10 and 50, and x2 the same bin as x1
        head.first.weight.zero_()
        head.first.bias.fill_(-20.0)
        head.first.bias[torch.tensor([10, 50])] = torch.tensor([1.0, 1.1])
    head.conditional = lambda obs, first: torch.distributions.Categorical(probs=F.one_hot(first, 64).float())
    centres = head.tokenizer.centres.float() * 1.5
    greedy, mean = (head.sample(OBS[:1], 3, decoding=how) for how in ("greedy", "mean"))
    assert greedy[:, 0].unique(dim=0).tolist() == [pytest.approx([centres[50].item()] * 2)]
    weight = math.exp(1.1) / (math.e + math.exp(1.1))
    between = (1 - weight) * centres[10] + weight * centres[50]
    assert (mean[:, 0] - between).abs().max() <= 1.5 / 63 + 1e-6
    drawn = head.sample(OBS[:1], 400)[:, 0]
    assert drawn.unique(dim=0).tolist() == [pytest.approx([centres[k].item()] * 2) for k in (10, 50)]


def test_octos_schedule():
    beta = heads.cosine_schedule(20)
    alpha_bar = (1 - beta.double()).cumprod(0)
    f = lambda t: math.cos((t / 20 + 0.008) / 1.008 * math.pi / 2) ** 2
    assert beta[:19].tolist() == pytest.approx([1 - f(t + 1) / f(t) for t in range(19)], rel=1e-5)
    assert beta[-1].item() == pytest.approx(0.999)
    assert (alpha_bar[0].item(), alpha_bar[-1].item()) == (
        pytest.approx(0.9920, abs=5e-5),
        pytest.approx(6.1e-6, rel=0.02),
    )


@pytest.mark.parametrize("t", [0.05, 0.3, 0.6, 0.95])
def test_exact_velocity_and_noise_are_conditional_means(t):
    """E[noise - a | x_t = x] by weighting draws of a, without the formula's posterior algebra."""
    task = CupAndTray(0.6, 0.3, 0.15)
    torch.manual_seed(0)
    a = task.demonstrations(400_000).double()
    x = torch.tensor([[0.2, 0.35]], dtype=torch.float64)
    noise = (x - (1 - t) * a) / t
    weight = (-(noise**2).sum(-1) / 2).softmax(0).unsqueeze(-1)
    flow = (weight * (noise - a)).sum(0)
    exact = optima.velocity(x, torch.tensor([[t]], dtype=torch.float64), task)[0]
    assert exact.tolist() == pytest.approx(flow.tolist(), abs=0.03)
    alpha_bar = torch.tensor(1 - t, dtype=torch.float64)
    noise = (x - alpha_bar.sqrt() * a) / (1 - alpha_bar).sqrt()
    weight = (-(noise**2).sum(-1) / 2).softmax(0).unsqueeze(-1)
    exact = optima.noise_prediction(x, alpha_bar, task)[0]
    assert exact.tolist() == pytest.approx((weight * noise).sum(0).tolist(), abs=0.03)


def test_one_euler_step_is_the_mean_and_ten_part_the_modes():
    task, noise = CupAndTray(w=0.7), torch.randn(4000, 2, dtype=torch.float64)
    field = lambda x, t: optima.velocity(x, t, task)
    assert (heads.euler(field, noise, 1) - 0.4 * 0.6).abs().max() < 1e-9
    assert task.on_mode(heads.euler(field, noise, 10)).float().mean() > 0.99
    assert task.on_mode(heads.euler(field, noise, 2)).float().mean() < 0.9


def test_exact_denoiser_reaches_both_modes_with_their_spread():
    torch.manual_seed(0)
    beta = heads.cosine_schedule(20)
    alpha_bar = (1 - beta).cumprod(0)
    a = heads.denoise(lambda x, t: optima.noise_prediction(x, alpha_bar[t], TASK), torch.randn(20_000, 2), beta)
    assert TASK.on_mode(a).float().mean().item() == pytest.approx(0.998, abs=0.002)
    across = ((a[:, 0] - a[:, 1]) / math.sqrt(2)).std().item()
    assert across == pytest.approx(optima.diffusion_spread(TASK, beta), rel=0.03)


@pytest.mark.parametrize(("name", "field"), [("flow", "velocity"), ("diffusion", "noise")])
def test_generative_losses_are_smallest_at_the_exact_field(name, field):
    """Loss with the exact field: the published floor; a field scaled away from it does worse."""
    head = built(name)
    exact = exact_field(name, head)
    floor = {"flow": 0.5797, "diffusion": 0.1541}[name]  # ± 0.0004, from 4 million draws
    losses = []
    for scale in (1.0, 0.9, 1.1):
        torch.manual_seed(0)
        setattr(head, field, torch.nn.Module())
        getattr(head, field).forward = lambda obs, x, t, scale=scale: scale * exact(obs, x, t)
        a = TASK.demonstrations(200_000)
        losses.append(head.loss(torch.ones(len(a), 1), a).item())
    assert losses[0] == pytest.approx(floor, abs=0.008)  # 4 standard errors of 200,000 draws
    assert losses[0] < min(losses[1:])


@pytest.mark.parametrize(("name", "field"), [("flow", "velocity"), ("diffusion", "noise")])
def test_generative_heads_sample_both_modes_with_the_spread_of_their_steps(name, field):
    """Through the head's own sampling, with the exact field in the network's place: the times must be the loss's."""
    torch.manual_seed(0)
    head = built(name)
    exact = exact_field(name, head)
    setattr(head, field, torch.nn.Module())
    getattr(head, field).forward = exact
    a = head.sample(OBS, 4000).flatten(0, 1)
    assert TASK.on_mode(a).float().mean() > 0.99
    assert (a[:, 0] > 0).float().mean().item() == pytest.approx(0.5, abs=4 * 0.5 / 12_000**0.5)
    across = ((a[:, 0] - a[:, 1]) / math.sqrt(2)).std().item()
    expected = optima.flow_spread(TASK, 10) if name == "flow" else optima.diffusion_spread(TASK, head.beta)
    assert across == pytest.approx(expected, rel=0.03)  # 4 standard errors of 12,000 draws are 0.026


def test_flow_matching_learns_at_openpis_times():
    """0.999 Beta(1.5, 1) + 0.001: more of them near t = 1, the noise."""
    torch.manual_seed(0)
    head, seen = built("flow"), []
    head.velocity = torch.nn.Module()
    head.velocity.forward = lambda obs, x, t: seen.append(t) or x
    head.loss(torch.ones(10_000, 1), TASK.demonstrations(10_000))
    assert stats.kstest(((seen[0][:, 0] - 0.001) / 0.999).numpy(), stats.beta(1.5, 1).cdf).pvalue > 0.01


def exact_field(name, head):
    if name == "flow":
        return lambda obs, x, t: optima.velocity(x, t, TASK)
    return lambda obs, x, t: exact_noise(x, head.alpha_bar[(t * 20).round().long()])


def exact_noise(x, alpha_bar):
    """E[noise | x] = -sqrt(1 - alpha_bar) d log p(x) / dx (Tweedie), p the density of noised demonstrations, by autograd."""
    x, std = x.detach().requires_grad_(), (alpha_bar * TASK.s**2 + 1 - alpha_bar).sqrt()
    modes = alpha_bar.sqrt().unsqueeze(-1) * TASK.modes  # (..., 2 modes, 2)
    way = Categorical(probs=torch.tensor([1 - TASK.w, TASK.w]).expand(modes.shape[:-1]))
    p = MixtureSameFamily(way, Independent(Normal(modes, std.unsqueeze(-1)), 1))
    with torch.enable_grad():
        (score,) = torch.autograd.grad(p.log_prob(x).sum(), x)
    return -(1 - alpha_bar).sqrt() * score


def octo(noise, clip: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Octo's sampling with x clipped to [-clip, clip] at every step: 20,000 actions, and which left [-5, 5] on the way."""
    torch.manual_seed(1)
    beta = heads.cosine_schedule(20)
    alpha_bar = (1 - beta).cumprod(0)
    x, left = torch.randn(20_000, 1, 2), torch.zeros(20_000, dtype=torch.bool)
    with torch.no_grad():
        for t in reversed(range(20)):
            x = (x - beta[t] / (1 - alpha_bar[t]).sqrt() * noise(x, t)) / (1 - beta[t]).sqrt()
            x = x + beta[t].sqrt() * torch.randn_like(x) * (t > 0)
            left |= (x.abs() > 5).any(-1)[:, 0]
            x = x.clamp(-clip, clip)
    return x[:, 0], left


def test_octos_clip_is_reached_by_a_trained_head_not_by_the_exact_denoiser_and_changes_next_to_nothing():
    torch.manual_seed(0)
    head = heads.train("diffusion", TASK, TASK.demonstrations(20_000), share=0.3)
    trained = lambda x, t: head.noise(OBS[:1], x, torch.full_like(x[..., :1], t / 20))
    (free, left), (clipped, _) = octo(trained, math.inf), octo(trained, 5.0)
    assert 0.002 < left.float().mean() < 0.1  # 0.06 here; 0.014 after all steps
    assert abs(success_rate(free)[0] - success_rate(clipped)[0]) < 0.005
    exact = lambda x, t: optima.noise_prediction(x, head.alpha_bar[t], TASK)
    assert not octo(exact, math.inf)[1].any()


def test_the_diffusion_schedule_belongs_to_the_head():
    head = built("diffusion")
    saved = head.state_dict()
    assert torch.equal(saved["beta"], heads.cosine_schedule(20))
    assert torch.equal(saved["alpha_bar"], (1 - saved["beta"]).cumprod(0))
    other = heads.DiffusionHead(1)
    other.load_state_dict(saved)
    moved = other.to("meta")
    assert moved.beta.device.type == moved.alpha_bar.device.type == "meta"
    assert [name for name, _ in head.named_parameters() if "beta" in name or "alpha" in name] == []


@pytest.mark.parametrize("name", NAMES)
def test_heads_compute_in_the_precision_of_their_input(name):
    head = built(name).double()
    assert head.loss(OBS.double(), ACTION.double()).dtype == torch.float64
    assert head.sample(OBS.double(), 2).dtype == torch.float64
    assert built(name).sample(OBS, 2).dtype == torch.float32


@pytest.mark.parametrize("name", ["flow", "diffusion"])
def test_noise_is_drawn_on_the_device_of_the_input(name):
    """The meta device computes shapes alone, and refuses to meet a tensor of the CPU."""
    head, obs = built(name).to("meta"), OBS.to("meta")
    with torch.no_grad():
        assert head._sample(obs, 5).device.type == "meta"
    if name == "diffusion":
        assert head._loss(obs, ACTION.to("meta")).device.type == "meta"


def test_training_leaves_the_callers_random_state():
    torch.manual_seed(7)
    expected = torch.rand(3)
    for name in ("mse", "flow"):
        torch.manual_seed(7)
        heads.train(name, TASK, ACTION, seed=4, share=0.001)
        assert torch.equal(torch.rand(3), expected)


def test_training_reaches_the_optima_it_should():
    torch.manual_seed(0)
    a = TASK.demonstrations(20_000)
    mse = heads.train("mse", TASK, a).sample(OBS[:1], 1)[0, 0]
    assert mse.abs().max().item() < 0.03
    covariance = heads.train("full_gaussian", TASK, a).distribution(OBS[:1]).covariance_matrix[0]
    assert covariance.flatten().tolist() == pytest.approx([0.37, 0.36, 0.36, 0.37], abs=0.03)
    q = heads.train("reverse_kl_gaussian", TASK, a).distribution(OBS[:1])
    assert q.mean[0].abs().tolist() == pytest.approx([0.6, 0.6], abs=0.03)
    assert q.mean[0].prod() > 0
    assert q.covariance_matrix[0].diagonal().sqrt().tolist() == pytest.approx([0.1, 0.1], abs=0.01)


def test_reverse_kl_chooses_its_side_by_the_seed():
    a = TASK.demonstrations(10)
    signs = [heads.train("reverse_kl_gaussian", TASK, a, seed).sample(OBS[:1], 1)[0, 0, 0].sign() for seed in range(8)]
    assert set(map(float, signs)) == {-1.0, 1.0}


def test_training_repeats_with_its_seed_and_reports_progress():
    a, seen = TASK.demonstrations(50), []
    first, second = (
        heads.train("mse", TASK, a, seed=4, share=0.1, progress=lambda done, head: seen.append(done)) for _ in range(2)
    )
    assert first.answer.bias.tolist() == second.answer.bias.tolist()
    assert seen[:21] == pytest.approx([k / 20 for k in range(21)])


def test_progress_of_training_ends_at_one_whatever_the_number_of_steps():
    seen = []
    heads.train("mse", TASK, ACTION, share=47 / 400, progress=lambda done, head: seen.append(done))
    assert seen == pytest.approx([*(k / 47 for k in range(0, 47, 2)), 1])


@given(st.text(max_size=12).filter(lambda name: name not in heads.HEADS))
def test_unknown_heads_are_refused(name):
    with pytest.raises(ValueError, match="expected one of mse, l1, full_gaussian"):
        heads.row(name)


@settings(max_examples=20)
@given(st.sampled_from(NAMES), st.sampled_from([0, -3, 1.5, "2", None, True]))
def test_sample_counts_that_are_none_are_refused(name, n):
    with pytest.raises(ValueError, match="whole number, 1 or more"):
        built(name).sample(OBS, n)


@pytest.mark.parametrize("name", NAMES)
def test_bad_batches_are_refused(name):
    head = built(name)
    bad = [
        (OBS, torch.zeros(3, 3)),
        (OBS, torch.zeros(2, 2)),
        (OBS, torch.full((3, 2), math.nan)),
        (torch.full((3, 1), math.inf), ACTION),
        (torch.ones(3), ACTION),
    ]
    for obs, action in bad:
        with pytest.raises(ValueError, match="expected"):
            head.loss(obs, action)


def test_other_refusals_say_what_was_expected():
    with pytest.raises(ValueError, match="sampled, greedy, mean"):
        built("autoregressive_bins").sample(OBS, 1, decoding="argmax")
    with pytest.raises(ValueError, match="steps"):
        built("flow").sample(OBS, 1, steps=0)
    with pytest.raises(ValueError, match="n >= 1"):
        heads.train("mse", TASK, torch.zeros(0, 2))
    with pytest.raises(ValueError, match=r"share = 0\.0"):
        heads.train("mse", TASK, ACTION, share=0)
    with pytest.raises(ValueError, match="steps"):
        heads.cosine_schedule(0)
    with pytest.raises(ValueError, match="components"):
        heads.MixtureHead(1, 0)


CORNERS = torch.tensor([[0.8, 0.8, 0.8, 0.8], [-0.8, -0.8, -0.8, -0.8]])
CHUNKS = {  # heads for actions of four coordinates
    "mse": lambda: heads.MSEHead(1, 4),
    "l1": lambda: heads.L1Head(1, 4),
    "independent_bins": lambda: heads.IndependentBinsHead(1, 16, dim=4),
    "autoregressive_bins": lambda: heads.AutoregressiveBinsHead(1, 16, dim=4),
    "flow": lambda: heads.FlowHead(1, 4),
}


def taught(name: str, actions: torch.Tensor) -> torch.Tensor:
    """Draws of that head, (500, 4), taught these actions in equal shares."""
    with seeded(0):
        head = CHUNKS[name]()
        optimizer = torch.optim.Adam(head.parameters(), lr=0.02 if name != "flow" else 0.003)
        obs = torch.ones(256, 1)
        loss = lambda: head.loss(obs, actions[torch.randint(len(actions), (256,))] + 0.01 * torch.randn(256, 4))
        descend(optimizer, loss, 800)
        return head.sample(obs[:1], 500)[:, 0]


@pytest.mark.parametrize("name", CHUNKS)
def test_a_head_for_more_coordinates_averages_or_keeps_what_belongs_together(name):
    """Two chunks of four equal coordinates, all on one side: squared error answers between them, independent bins mix them, the
    chain and the flow keep them apart."""
    draws = taught(name, CORNERS)
    assert draws.shape == (500, 4)
    whole = (draws.sign().sum(-1).abs() == 4).double().mean()
    if name == "mse":
        assert draws.abs().max() < 0.15
    elif name == "independent_bins":
        assert whole == pytest.approx(1 / 8, abs=0.06)
    elif name != "l1":  # whose answer is chance
        assert whole > 0.97
        assert (draws[:, 0] > 0).double().mean() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("name", CHUNKS)
def test_a_head_for_more_coordinates_tells_them_apart(name):
    draws = taught(name, torch.tensor([[0.9, -0.5, 0.1, -1.2]]))
    assert torch.allclose(draws.median(0).values, torch.tensor([0.9, -0.5, 0.1, -1.2]), atol=0.25)


def test_the_probabilities_of_a_chain_are_told_every_token_before():
    head = heads.AutoregressiveBinsHead(1, 8, dim=3)
    obs = torch.ones(2, 1)
    one, other = torch.tensor([[1, 5], [1, 5]]), torch.tensor([[2, 5], [1, 6]])
    first, again = head.conditional(obs, one).probs, head.conditional(obs, other).probs
    assert first.shape == (2, 2, 8)
    assert torch.allclose(first[1, 0], again[1, 0])  # the second coordinate does not hear of itself
    assert not torch.allclose(first[0], again[0]) and not torch.allclose(first[1, 1], again[1, 1])
