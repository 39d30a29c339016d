"""What a page defines in a few lines is what the rest of the book calls."""

import ast
import math

import nbformat
import pytest
import torch
from common import ROOT
from torch.distributions import Normal

from helpers.robot import replanning, tokens
from helpers.robot.cup_and_tray import CupAndTray
from helpers.theory import densities, estimators, information, latent, optima

DOUBLE = {"dtype": torch.float64}


def defined(page: str, name: str):
    """The function of that name, as the page defines it: its cells' functions in order, with torch and math, and nothing else."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{page}.ipynb", as_version=4)
    names: dict = {"math": math, "torch": torch}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("def "):
            functions = [node for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
            exec(compile(ast.Module(functions, []), page, "exec"), names)
    return names[name]


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def test_the_density_of_a_gaussian():
    x = torch.randn(9, **DOUBLE)
    assert torch.allclose(defined("01_distributions", "gaussian")(x, 0.3, 0.7), densities.density(x, 0.3, 0.7))


def test_the_monte_carlo_mean_and_its_error():
    samples = torch.randn(50, 3, **DOUBLE)
    found = defined("02_expectation", "mean_and_error")(samples)
    assert all(map(torch.allclose, found, estimators.mean_and_error(samples)))


def test_the_score_function_gradient():
    case = torch.randn(4, **DOUBLE), torch.randint(4, (20,)), torch.randn(20, **DOUBLE)
    assert torch.allclose(defined("02_expectation", "score_gradient")(*case), estimators.score_gradient(*case))


@pytest.mark.parametrize("lam", [0.0, 0.7, 1.0])
def test_generalised_advantage_estimation(lam):
    reward, value = torch.randn(2, 6)
    found = defined("02_expectation", "gae")(reward, value, 0.9, lam)
    assert torch.allclose(found, estimators.gae(reward, value, 0.9, lam), atol=1e-6)


def test_entropy_and_cross_entropy():
    p, q = torch.randn(2, 7, 4, **DOUBLE).softmax(-1)
    p[0] = torch.tensor([0, 1, 0, 0])
    assert torch.allclose(defined("03_entropy", "entropy")(p), information.entropy(p))
    assert torch.allclose(defined("03_entropy", "cross_entropy")(p, q), information.cross_entropy(p, q))


def test_the_kl_divergence():
    p, q = torch.randn(2, 7, 4, **DOUBLE).softmax(-1)
    p[0], q[1] = torch.tensor([0, 1, 0, 0]), torch.tensor([0, 1, 0, 0])
    assert torch.allclose(defined("04_kl_divergence", "kl")(p, q), information.kl_divergence(p, q))


def test_the_kl_of_two_gaussians_and_the_elbo():
    pair = 0.3, 0.7, -0.5, 1.2
    assert defined("05_elbo", "gaussian_kl")(*pair) == pytest.approx(densities.gaussian_kl(*pair))
    q = Normal(torch.tensor(0.4, **DOUBLE), 0.6)
    expected = latent.LinearGaussian(weight=1.0, noise=0.5).elbo(1.5, q).item()
    assert defined("05_elbo", "elbo")(1.5, 0.4, 0.6) == pytest.approx(expected)


def test_the_tokenizer():
    u = 3 * torch.rand(10_000, **DOUBLE) - 1.5
    official = tokens.OpenVLATokenizer()
    encode, decode = (defined("06_openvla_head", name) for name in ("encode", "decode"))
    assert torch.equal(encode(u), official.encode(u))
    ids = torch.arange(32_064)
    assert torch.allclose(decode(ids), official.decode(ids))


def test_the_answer_of_a_robot_that_looks_again():
    x, answer = torch.linspace(-0.4, 0.4, 41, **DOUBLE), defined("09_closed_loop", "answer")
    for share, scatter in ((0.0, 0.05), (0.3, 0.02), (0.9, 0.2)):
        assert torch.allclose(answer(x, share, scatter), replanning.mean(replanning.believed(x, share, scatter)))


def test_the_losses_of_page_08():
    q, action = Normal(torch.zeros(2, **DOUBLE), 0.7), torch.randn(50, 2, **DOUBLE)
    found = defined("08_mode_averaging", "negative_log_likelihood")(q, action)
    assert found.item() == pytest.approx(-densities.log_density(action, 0, 0.7).mean().item())


def test_the_flow_loss_is_least_for_the_exact_velocity():
    task = CupAndTray()
    action, loss = task.demonstrations(20_000), defined("08_mode_averaging", "flow_loss")
    exact = lambda xt: optima.velocity(xt[:, :2], xt[:, 2:], task)
    others = (
        lambda xt: -exact(xt),
        lambda xt: 1.2 * exact(xt),
        lambda xt: exact(torch.cat([xt[:, :2], 1 - xt[:, 2:]], 1)),
    )
    best = loss(exact, action).item()
    assert all(loss(other, action).item() > best + 0.02 for other in others)
