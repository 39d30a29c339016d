"""The shared training loop against closed forms, and the seed that leaves the caller's draws alone."""

import math

import pytest
import torch

from helpers import validate
from helpers.training import descend, seeded

CURVATURE = torch.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=torch.float64)
SLOPE = torch.tensor([1.0, -1.0], dtype=torch.float64)


def parabola():
    """x = 1, gradient descent at rate 0.5, the loss x² / 2 that records the rate of each step, and that record."""
    x = torch.ones((), dtype=torch.float64, requires_grad=True)
    optimizer, rates = torch.optim.SGD([x], lr=0.5), []

    def loss():
        rates.append(optimizer.param_groups[0]["lr"])
        return x**2 / 2

    return x, optimizer, loss, rates


def test_it_reaches_the_minimum_of_a_quadratic():
    x = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    descend(torch.optim.Adam([x], lr=0.1), lambda: x @ CURVATURE @ x / 2 - SLOPE @ x, 500)
    assert torch.allclose(x.detach(), torch.linalg.solve(CURVATURE, SLOPE), atol=1e-6)


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_gradient_descent_on_a_parabola_shrinks_x_by_each_steps_rate(steps):
    x, optimizer, loss, _ = parabola()
    descend(optimizer, loss, steps)
    assert x.item() == pytest.approx(math.prod(1 - 0.5 * (1 - k / steps) for k in range(steps)), rel=1e-12)


def test_the_rate_falls_linearly_to_0():
    _, optimizer, loss, rates = parabola()
    descend(optimizer, loss, 5)
    assert rates == pytest.approx([0.5, 0.4, 0.3, 0.2, 0.1])
    assert optimizer.param_groups[0]["lr"] == 0


def test_a_rate_that_does_not_fall_stays():
    x, optimizer, loss, rates = parabola()
    descend(optimizer, loss, 5, falling=False)
    assert rates == [0.5] * 5
    assert x.item() == pytest.approx(0.5**5)


@pytest.mark.parametrize(
    ("steps", "every", "expected"),
    [(4, 1, [0.25, 0.5, 0.75, 1]), (10, 3, [0.3, 0.6, 0.9, 1]), (10, 5, [0.5, 1]), (3, 50, [1]), (3.0, 3, [1])],
)
def test_progress_comes_after_every_so_many_steps_and_after_the_last(steps, every, expected):
    x, optimizer, loss, rates = parabola()
    seen, steps_before, way = [], [], []

    def progress(done):
        seen.append(done)
        steps_before.append(len(rates))
        way.append(x.item())

    descend(optimizer, loss, steps, progress, every)
    assert seen == expected
    assert steps_before == pytest.approx([done * steps for done in expected])
    assert way == sorted(way, reverse=True)
    assert way[-1] == x.item() < 1  # what it shows is what the step made


@pytest.mark.parametrize("steps", [0, -1, 1.5, "3", None])
def test_steps_that_are_none_are_refused_before_the_first(steps):
    x, optimizer, loss, rates = parabola()
    with pytest.raises(ValueError, match=r"steps = .*; expected a whole number, 1 or more"):
        descend(optimizer, loss, steps)
    assert (x.item(), rates) == (1, [])


def test_a_seed_repeats_the_draws_inside_and_leaves_those_outside():
    torch.manual_seed(7)
    expected, inside = torch.rand(3), []
    torch.manual_seed(7)
    for seed in (3, 3, 4):
        with seeded(seed):
            inside.append(torch.rand(3))
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(inside[0], inside[1])
    assert not torch.equal(inside[0], inside[2])
    torch.manual_seed(3)
    assert torch.equal(inside[0], torch.rand(3))


def test_an_error_inside_gives_the_callers_stream_back_too():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    with pytest.raises(ValueError, match="n = 0"), seeded(3):
        validate.count("n", int(torch.rand(1)))
    assert torch.equal(torch.rand(3), expected)
