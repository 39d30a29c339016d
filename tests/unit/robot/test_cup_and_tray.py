"""The cup and the tray: its density against SciPy, its collisions against a walk along the path."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from helpers.robot.cup_and_tray import CupAndTray, corner, crashes, path, success_rate

offsets = st.floats(-1.5, 1.5)


def test_density_is_the_stated_mixture():
    task, a = CupAndTray(0.5, 0.3, 0.2), torch.tensor([[0.1, 0.4], [-0.5, -0.6]])
    left, right = (multivariate_normal([m, m], 0.04).pdf(a.numpy()) for m in (-0.5, 0.5))
    expected = 0.7 * left + 0.3 * right
    assert task.demonstrator.log_prob(a).exp().tolist() == pytest.approx(expected.tolist(), rel=1e-5)


def test_the_books_task_is_six_tenths_to_either_side_equally_often():
    assert CupAndTray() == CupAndTray(d=0.6, w=0.5, s=0.1)


def test_whole_numbers_are_taken_as_parameters():
    a = torch.tensor([[1.0, 1.0]])
    assert CupAndTray(1, 1, 1).demonstrator.log_prob(a).item() == pytest.approx(-math.log(2 * math.pi))


def test_parameters_of_any_kind_are_stored_as_floats():
    task = CupAndTray(np.float32(0.5), torch.tensor(1), 1)
    assert [type(value) for value in (task.d, task.w, task.s)] == [float] * 3
    assert task == CupAndTray(0.5, 1.0, 1.0)
    assert task.demonstrations(np.int64(3)).shape == (3, 2)
    assert task.demonstrations(1e4).shape == (10_000, 2)


def test_text_is_no_parameter():
    for name in ("d", "w", "s"):
        with pytest.raises(ValueError, match=f"{name} is the text '0.6'.*without quotes"):
            CupAndTray(**{name: "0.6"})


def test_share_w_passes_right():
    torch.manual_seed(0)
    a = CupAndTray(0.6, 0.2, 0.1).demonstrations(20_000)
    assert (a[:, 0] > 0).float().mean().item() == pytest.approx(0.2, abs=4 * math.sqrt(0.16 / 20_000))
    assert CupAndTray(w=0.0).demonstrations(100).max() < 0 < CupAndTray(w=1.0).demonstrations(100).min()


@given(offsets, offsets)
def test_a_crash_is_a_point_of_the_path_inside_the_obstacle(x1, x2):
    share = torch.linspace(0, 1, 20_001, dtype=torch.float64)
    x = x1 + share * (x2 - x1)  # straight between the gates, where the obstacle is
    margin = x.abs().min().item() - 0.25
    if abs(margin) > 1e-3:
        assert crashes(torch.tensor([x1, x2])).item() == (margin < 0)


@given(offsets, offsets)
def test_a_path_ends_at_the_tray_or_at_the_obstacles_edge(x1, x2):
    a = torch.tensor([x1, x2], dtype=torch.float64)
    points = path(a)
    assert points[0].tolist() == [0, 0]
    assert points[1].tolist() == pytest.approx([x1, 0.3])
    if not crashes(a):
        assert points[2:].tolist() == [pytest.approx([x2, 0.7]), [0, 1]]
    else:
        x, y = points[3].tolist()
        assert 0.3 - 1e-9 <= y <= 0.7 + 1e-9
        at_front = y == pytest.approx(0.3) and abs(x) <= 0.25 + 1e-9
        assert at_front or abs(x) == pytest.approx(0.25, abs=1e-6)
        assert x == pytest.approx(x1 + (y - 0.3) / 0.4 * (x2 - x1), abs=1e-6)  # still on the line


def test_corners_are_the_two_ways_straight_through():
    a = torch.tensor([[-0.6, 0.6], [0.6, -0.6], [0.6, 0.6], [0.1, 0.1]])
    assert corner(a).tolist() == [True, True, False, False]
    assert crashes(a).tolist() == [True, True, False, True]
    assert success_rate(a) == (0.25, pytest.approx(math.sqrt(0.25 * 0.75 / 4)))


def test_on_mode_is_within_four_tenths():
    task = CupAndTray()
    a = torch.tensor([[0.6, 0.21], [0.6, 0.19], [-0.6, -0.6], [0.0, 0.0]])
    assert task.on_mode(a).tolist() == [True, False, True, False]


@given(st.sampled_from(["d", "w", "s"]), st.sampled_from([math.nan, math.inf, -0.1, "x", None]))
def test_parameters_out_of_range_are_refused(name, bad):
    with pytest.raises(ValueError, match=f"{name} .*expected"):
        CupAndTray(**{name: bad})


def test_other_refusals_say_what_was_expected():
    with pytest.raises(ValueError, match=r"s = 0\.0; .*\(0, inf\)"):
        CupAndTray(s=0)
    with pytest.raises(ValueError, match=r"w = 1\.5"):
        CupAndTray(w=1.5)
    for n in (0, -1, 2.5, True):
        with pytest.raises(ValueError, match="whole number"):
            CupAndTray().demonstrations(n)
    for none in (torch.zeros(0, 2), torch.zeros(2)):
        with pytest.raises(ValueError, match="n >= 1"):
            success_rate(none)
    for call in (crashes, corner, path, success_rate, CupAndTray().on_mode):
        with pytest.raises(ValueError, match=r"\(\.\.\., 2\)"):
            call(torch.zeros(3))
        with pytest.raises(ValueError, match="NaN"):
            call(torch.tensor([math.nan, 0.0]))
