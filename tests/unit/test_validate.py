"""The checks at their ends: which bound belongs to a range, how far from 1 a PMF may sum."""

import math

import numpy as np
import pytest
import torch

from helpers import validate


@pytest.mark.parametrize("open_low", [False, True])
def test_a_range_holds_its_upper_bound_and_its_lower_one_unless_open(open_low):
    assert validate.number("x", 2, 0, 2, open_low) == 2
    if open_low:
        with pytest.raises(ValueError, match=r"\(0, 2\]"):
            validate.number("x", 0, 0, 2, open_low)
    else:
        assert validate.number("x", 0, 0, 2, open_low) == 0
    for outside in (-1e-9, 2 + 1e-9, math.inf):
        with pytest.raises(ValueError, match=r"x = .*expected"):
            validate.number("x", outside, 0, 2, open_low)


def test_a_count_begins_at_one():
    assert validate.count("n", 1) == 1
    with pytest.raises(ValueError, match="n = 0"):
        validate.count("n", 0)


def test_a_pmf_sums_to_one_within_a_ten_thousandth():
    for off in (-9e-5, 9e-5):
        assert validate.pmf("p", [[0.5, 0.5], [0.25, 0.75 + off]]).shape == (2, 2)
    for off in (-2e-4, 2e-4):
        with pytest.raises(ValueError, match="p sums to"):
            validate.pmf("p", [[0.5, 0.5], [0.25, 0.75 + off]])


def test_one_number_that_is_not_finite_is_enough():
    for bad in (math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match="x contains NaN or infinity"):
            validate.finite("x", torch.tensor([0.0, bad]))


def test_an_infinite_bound_is_no_part_of_its_range():
    for low, range_ in ((0, r"\(0, inf\)"), (-math.inf, r"\(-inf, inf\)")):
        with pytest.raises(ValueError, match=range_):
            validate.number("x", math.inf, low, open_low=True)


def test_a_number_of_any_kind_becomes_a_float():
    for value in (0.5, np.float32(0.5), np.array(0.5), torch.tensor(0.5), 2, np.int64(2), torch.tensor(2)):
        found = validate.number("x", value)
        assert type(found) is float
        assert found == value


def test_what_is_no_number_is_refused():
    for text in ("0.6", b"0.6", "x"):
        with pytest.raises(ValueError, match=r"x is the text .*without quotes"):
            validate.number("x", text)
    for bad in (None, [1.0, 2.0], torch.zeros(2), 10**400, 1j):
        with pytest.raises(ValueError, match=r"x is .*expected one number"):
            validate.number("x", bad)


def test_a_whole_number_of_any_kind_is_a_count():
    for value in (10_000, 1e4, np.int64(10_000), np.float32(1e4), torch.tensor(10_000)):
        found = validate.count("n", value)
        assert type(found) is int
        assert found == 10_000
    for bad in (1.5, -1e4, math.nan, math.inf, np.float32(0.5), True, np.bool_(True), "2", None, [1]):
        with pytest.raises(ValueError, match=r"n = .*whole number, 1 or more"):
            validate.count("n", bad)
    with pytest.raises(ValueError, match="bins = 1; expected a whole number, 2 or more"):
        validate.count("bins", 1, low=2)


def test_integers_come_as_int64_and_within_their_range():
    found = validate.integers("id", torch.tensor([0, 3], dtype=torch.uint8), 0, 3)
    assert (found.tolist(), found.dtype) == ([0, 3], torch.int64)
    assert validate.integers("id", [[2], [1]], 0, 3).tolist() == [[2], [1]]
    for bad in ([0, 4], [-1], [1.0], [True], [1j], "abc", [[1], [2, 3]]):
        with pytest.raises(ValueError, match=r"id .*expected"):
            validate.integers("id", bad, 0, 3)
