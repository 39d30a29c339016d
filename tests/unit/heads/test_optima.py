"""The population optima: against the book's closed forms, SciPy's two-dimensional integrals and simulation."""

import math

import pytest
import torch
from scipy import integrate, stats

from helpers import heads
from helpers.robot.cup_and_tray import CupAndTray, corner, crashes
from helpers.robot.tokens import OpenVLATokenizer
from helpers.theory import optima
from helpers.theory.modes import mean_after, median_of

TASK = CupAndTray()
SETTINGS = [TASK, CupAndTray(0.9, 0.3, 0.2), CupAndTray(0.4, 0.8, 0.13), CupAndTray(0.5, 0.0, 0.1)]


def gaussian(head: str, task: CupAndTray) -> stats.multivariate_normal:
    """The head's Gaussian, from moments written out here."""
    mean, extra = (2 * task.w - 1) * task.d, 4 * task.w * (1 - task.w) * task.d**2
    if head == "full_gaussian":
        return stats.multivariate_normal([mean] * 2, [[task.s**2 + extra, extra], [extra, task.s**2 + extra]])
    if head == "diagonal_gaussian":
        return stats.multivariate_normal([mean] * 2, [[task.s**2 + extra, 0], [0, task.s**2 + extra]])
    heavier = task.d if task.w > 0.5 else -task.d
    return stats.multivariate_normal([heavier] * 2, task.s**2)


def demonstrator_pdf(task: CupAndTray):
    left, right = (stats.multivariate_normal([m] * 2, task.s**2) for m in (-task.d, task.d))
    return lambda a: (1 - task.w) * left.pdf(a) + task.w * right.pdf(a)


def test_the_books_closed_forms():
    forward = {head: heads.optimum(head, TASK).forward_kl for head in heads.IDEALS}
    assert optima.demonstrator_entropy(TASK) == pytest.approx(-1.0741, abs=5e-5)
    assert forward["full_gaussian"] == pytest.approx(1.4521, abs=5e-5)
    assert forward["diagonal_gaussian"] == pytest.approx(2.9178, abs=5e-5)
    assert forward["independent_bins"] == pytest.approx(math.log(2), abs=1e-6)
    assert heads.optimum("independent_bins", TASK).corner == pytest.approx(0.5, abs=1e-6)
    assert heads.optimum("reverse_kl_gaussian", TASK).reverse_kl == pytest.approx(math.log(2), abs=1e-6)
    assert forward["demonstrator"] == forward["mixture"] == forward["autoregressive_sampled"] == 0
    assert forward["mse"] == forward["autoregressive_mean"] == math.inf
    assert optima.flow_spread(TASK, 10) == pytest.approx(0.0617, abs=5e-5)


@pytest.mark.parametrize("task", SETTINGS)
@pytest.mark.parametrize("head", ["full_gaussian", "diagonal_gaussian", "reverse_kl_gaussian"])
def test_failures_of_gaussians_are_scipys_probabilities(head, task):
    q, got = gaussian(head, task), heads.optimum(head, task)
    passes = lambda t: q.cdf([4, 4], lower_limit=[t, t]) + q.cdf([-t, -t], lower_limit=[-4, -4])
    assert got.crash == pytest.approx(1 - passes(0.25), abs=2e-4)
    assert got.corner == pytest.approx(1 - passes(0.0), abs=2e-4)


@pytest.mark.parametrize("task", [CupAndTray(0.4, 0.3, 0.3), CupAndTray(0.5, 0.5, 0.25)])  # modes that overlap
@pytest.mark.parametrize("head", ["full_gaussian", "diagonal_gaussian", "independent_bins"])
def test_kls_are_two_dimensional_integrals(head, task):
    p = demonstrator_pdf(task)
    if head == "independent_bins":
        one = lambda x: (1 - task.w) * stats.norm(-task.d, task.s).pdf(x) + task.w * stats.norm(task.d, task.s).pdf(x)
        q = lambda a: one(a[..., 0]) * one(a[..., 1])
    else:
        q = gaussian(head, task).pdf
    axis = torch.linspace(-5, 5, 1001, dtype=torch.float64)
    grid = torch.cartesian_prod(axis, axis).numpy()
    at_p, at_q = torch.from_numpy(p(grid)) + 1e-300, torch.from_numpy(q(grid)) + 1e-300
    forward = (at_p * (at_p / at_q).log()).sum().item() * 1e-4
    reverse = (at_q * (at_q / at_p).log()).sum().item() * 1e-4
    got = heads.optimum(head, task)
    assert got.forward_kl == pytest.approx(forward, abs=2e-4)
    assert got.reverse_kl == pytest.approx(reverse, abs=2e-3)


@pytest.mark.parametrize(("w", "share"), [(0.8, 0.8), (0.3, 0.7)])
def test_reverse_kl_takes_the_heavier_mode(w, share):
    """For modes far apart: D(q || p) = -log share; D(p || q) = (1 - share) (2 d)^2 / s^2 - H_b(w)."""
    got = heads.optimum("reverse_kl_gaussian", CupAndTray(0.6, w, 0.1))
    assert got.reverse_kl == pytest.approx(-math.log(share), abs=1e-6)
    binary = stats.bernoulli(w).entropy()
    assert got.forward_kl == pytest.approx((1 - share) * 1.2**2 / 0.1**2 - binary, abs=1e-5)


def test_entropy_of_overlapping_modes_is_an_integral():
    task = CupAndTray(0.2, 0.3, 0.2)
    p = demonstrator_pdf(task)
    value, _ = integrate.dblquad(lambda y, x: -p([x, y]) * math.log(p([x, y])), -1.6, 1.6, -1.6, 1.6, epsabs=1e-4)
    assert optima.demonstrator_entropy(task) == pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize("task", SETTINGS)
def test_moments_minimise_the_forward_kl(task):
    """Any other spread does worse, in either direction of change."""
    mean, along = (2 * task.w - 1) * task.d, math.sqrt(task.s**2 + 8 * task.w * (1 - task.w) * task.d**2)
    forward = lambda *bell: optima.gaussian_kls(*bell, optima.modes_of(task))[0]
    best = forward(mean, along, task.s)
    for factor in (0.9, 1.1):
        assert forward(mean, along * factor, task.s) > best
        assert forward(mean, along, task.s * factor) > best
        assert forward(mean + factor - 1, along, task.s) > best


@pytest.mark.parametrize("task", SETTINGS)
def test_failures_of_sampled_heads_match_simulation(task):
    torch.manual_seed(0)
    n = 200_000
    a = task.demonstrations(n)
    product = torch.stack([a[:, 0], a[torch.randperm(n), 1]], -1)
    field = lambda x, t: optima.velocity(x, t, task)
    cases = {"demonstrator": a, "independent_bins": product, "flow": heads.euler(field, torch.randn(n, 2).double(), 3)}
    for head, action in cases.items():
        got = heads.optimum(head, task, steps=3)
        for exact, happened in ((got.crash, crashes(action)), (got.corner, corner(action))):
            error = math.sqrt(exact * (1 - exact) / n) + 1e-5
            assert happened.double().mean().item() == pytest.approx(exact, abs=4.5 * error), head


def test_mean_decoding_follows_the_conditional_mean():
    task = CupAndTray(0.4, 0.6, 0.2)
    x1 = 0.08  # (2 w - 1) d
    weights = [w * stats.norm(m, 0.2).pdf(x1) for w, m in ((0.4, -0.4), (0.6, 0.4))]
    expected = 0.4 * (weights[1] - weights[0]) / sum(weights)
    assert mean_after(x1, optima.modes_of(task)).item() == pytest.approx(expected, abs=1e-9)
    assert heads.optimum("autoregressive_mean", task).crash == 1
    assert heads.optimum("autoregressive_greedy", task).crash == 0


def test_mean_decoding_of_a_demonstrator_who_always_goes_one_way():
    for w, x2 in ((0.0, -0.6), (1.0, 0.6)):
        assert mean_after(0.1, optima.modes_of(CupAndTray(w=w))) == x2


@pytest.mark.parametrize(
    ("x1", "x2", "crash", "mass"), [(0.6, 0.6, 0, 0), (-0.6, 0.6, 1, 1), (0.1, 0.6, 1, 0), (-0.6, -0.2, 1, 0)]
)
def test_one_answer_fails_always_or_never(x1, x2, crash, mass):
    assert heads.ideal.point(x1, x2, 0.25) == heads.Optimum(crash, mass, math.inf, math.inf)


def test_one_step_of_the_flow_is_a_point_and_more_have_no_closed_form():
    one, ten = (heads.optimum("flow", TASK, steps) for steps in (1, 10))
    assert one.forward_kl == one.reverse_kl == math.inf
    assert math.isnan(ten.forward_kl)
    assert math.isnan(ten.reverse_kl)
    assert heads.optimum("flow", TASK).crash == ten.crash  # ten steps are openpi's default


def test_pmf_of_the_demonstrator_is_the_share_of_draws_in_each_bin():
    torch.manual_seed(0)
    task, n = CupAndTray(0.6, 0.3, 0.4), 200_000
    pmf = heads.demonstrator_pmf(task, 16)
    assert pmf.sum().item() == pytest.approx(1)
    k = OpenVLATokenizer(16).bin(task.demonstrations(n) / heads.REACH) - 1
    count = torch.zeros(16, 16).index_put_(tuple(k.T), torch.ones(n), accumulate=True) / n
    assert ((count - pmf).abs() < 5 * (pmf / n).sqrt() + 1e-5).all()


def test_measured_kl_of_a_head_set_by_hand():
    head = heads.FullGaussianHead(1)
    with torch.no_grad():
        head.parameters_of.weight.zero_()
        root = torch.linalg.cholesky(torch.tensor([[0.37, 0.36], [0.36, 0.37]]))
        head.parameters_of.bias[:] = torch.tensor([0, 0, root[0, 0].log(), root[1, 1].log(), root[1, 0]])
    torch.manual_seed(0)
    kl, error = head.measured_kl(TASK, 50_000)
    assert abs(kl - 1.4521) < 4 * error < 0.05
    assert heads.MSEHead(1).measured_kl(TASK) == (math.inf, 0.0)
    assert math.isnan(heads.FlowHead(1).measured_kl(TASK)[0])
    with torch.no_grad():
        bins = heads.IndependentBinsHead(1)
        marginal = heads.demonstrator_pmf(TASK, 64).sum(1)
        bins.logits.weight.zero_()
        bins.logits.bias[:] = torch.cat([marginal, marginal]).clamp(min=1e-12).log()
    assert bins.measured_kl(TASK) == (pytest.approx(math.log(2), abs=1e-3), 0.0)


def test_refusals_say_what_was_expected():
    with pytest.raises(ValueError, match="demonstrator, mse"):
        heads.optimum("octopus", TASK)
    with pytest.raises(ValueError, match="demonstrator, mse"):
        heads.optimum(None, TASK)
    with pytest.raises(ValueError, match="steps"):
        heads.optimum("flow", TASK, steps=0)
    with pytest.raises(ValueError, match="bins"):
        heads.demonstrator_pmf(TASK, 0)
    for field in (optima.velocity, optima.noise_prediction):
        with pytest.raises(ValueError, match="NaN"):
            field(torch.tensor([[math.nan, 0.0]]), torch.tensor([[0.5]]), TASK)
        with pytest.raises(ValueError, match=r"\(\.\.\., 2\)"):
            field(torch.zeros(3), torch.tensor([0.5]), TASK)


@pytest.mark.parametrize("task", SETTINGS[:3])
@pytest.mark.parametrize("head", heads.IDEALS)
def test_what_a_head_draws_fails_as_often_as_its_optimum_says(head, task):
    """Its draws and its rates are written apart: one by sampling, one by closed forms."""
    torch.manual_seed(0)
    n, steps, p = 200_000, 3, optima.modes_of(task)
    z1, z2, r1, r2 = *torch.randn(2, n).double(), *torch.rand(2, n).double()
    u, v = optima.flow_end((z1 + z2) / 2**0.5, p, steps), optima.flow_spread(task, steps) * (z1 - z2) / 2**0.5
    drawn = heads.IDEALS[head].draw(heads.Noise(z1, z2, r1, r2, u, v), p)
    if head == "diffusion":
        beta = heads.cosine_schedule(20).double()
        alpha_bar = (1 - beta).cumprod(0)
        noise = torch.randn(n, 2, dtype=torch.float64)
        drawn = heads.denoise(lambda x, t: optima.noise_prediction(x, alpha_bar[t], task), noise, beta).unbind(-1)
    action = torch.stack([torch.as_tensor(x).expand(n) for x in drawn], -1)
    got = heads.optimum(head, task, steps)
    for exact, happened in ((got.crash, crashes(action)), (got.corner, corner(action))):
        error = math.sqrt(max(exact * (1 - exact), 0) / n) + (5e-4 if head == "diffusion" else 1e-5)  # as documented
        assert happened.double().mean().item() == pytest.approx(exact, abs=4.5 * error)


@pytest.mark.parametrize(("d", "w", "s"), [(0.6, 0.5, 0.1), (0.4, 0.51, 0.13), (0.4, 0.3, 0.13), (0.9, 1.0, 0.05)])
def test_the_median_cuts_a_coordinate_in_halves(d, w, s):
    median = median_of(optima.modes_of(CupAndTray(d, w, s))).item()
    below = (1 - w) * stats.norm(-d, s).cdf(median) + w * stats.norm(d, s).cdf(median)
    assert below == pytest.approx(0.5, abs=1e-6)


def test_the_flows_steps_along_and_across_are_those_of_its_velocity_in_the_plane():
    noise = torch.randn(1000, 2, dtype=torch.float64)
    for task in SETTINGS:
        end = heads.euler(lambda x, t: optima.velocity(x, t, task), noise, 7)  # noqa: B023  called at once
        u = optima.flow_end(noise.sum(-1) / 2**0.5, optima.modes_of(task), 7)
        v = optima.flow_spread(task, 7) * (noise[:, 0] - noise[:, 1]) / 2**0.5
        torch.testing.assert_close(torch.stack([u + v, u - v], -1) / 2**0.5, end)
