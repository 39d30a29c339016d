"""The checks at their ends: which bound belongs to a range, how far from 1 a PMF may sum."""

import math

import pytest
import torch

from helpers import check


@pytest.mark.parametrize("open_low", [False, True])
def test_a_range_holds_its_upper_bound_and_its_lower_one_unless_open(open_low):
    assert check.number("x", 2, 0, 2, open_low) == 2
    if open_low:
        with pytest.raises(ValueError, match=r"\(0, 2\]"):
            check.number("x", 0, 0, 2, open_low)
    else:
        assert check.number("x", 0, 0, 2, open_low) == 0
    for outside in (-1e-9, 2 + 1e-9, math.inf):
        with pytest.raises(ValueError, match=r"x = .*expected"):
            check.number("x", outside, 0, 2, open_low)


def test_a_count_begins_at_one():
    assert check.count("n", 1) == 1
    with pytest.raises(ValueError, match="n = 0"):
        check.count("n", 0)


def test_a_pmf_sums_to_one_within_a_ten_thousandth():
    for off in (-9e-5, 9e-5):
        assert check.pmf("p", [[0.5, 0.5], [0.25, 0.75 + off]]).shape == (2, 2)
    for off in (-2e-4, 2e-4):
        with pytest.raises(ValueError, match="p sums to"):
            check.pmf("p", [[0.5, 0.5], [0.25, 0.75 + off]])


def test_one_number_that_is_not_finite_is_enough():
    for bad in (math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match="x contains NaN or infinity"):
            check.finite("x", torch.tensor([0.0, bad]))
