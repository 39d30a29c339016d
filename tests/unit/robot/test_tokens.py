"""The binning rules, against the published rule written out by hand and against worked examples."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers.robot.tokens import (
    BRIDGE_MASK,
    BRIDGE_Q01,
    BRIDGE_Q99,
    OpenVLATokenizer,
    RT1Tokenizer,
    normalize,
    unnormalize,
)

OPENVLA, RT1 = OpenVLATokenizer(), RT1Tokenizer()
EDGES = np.linspace(-1, 1, 256)


def bridge(dimension: int, metres: float) -> torch.Tensor:
    action = torch.zeros(7, dtype=torch.float64)
    action[dimension] = metres
    return normalize(action, BRIDGE_Q01, BRIDGE_Q99, BRIDGE_MASK)


@given(st.floats(-3, 3))
def test_openvla_bin_counts_the_edges_at_or_below(u):
    k = sum(edge <= min(max(u, -1.0), 1.0) for edge in EDGES)
    assert OPENVLA.bin(torch.tensor(u, dtype=torch.float64)).item() == k
    assert OPENVLA.encode(torch.tensor(u, dtype=torch.float64)).item() == 32_000 - k


def test_openvla_edges_are_numpys_to_the_last_bit():
    assert OPENVLA.bin(torch.from_numpy(EDGES)).tolist() == list(range(1, 257))
    below = torch.from_numpy(np.nextafter(EDGES[1:], -2))
    assert OPENVLA.bin(below).tolist() == list(range(1, 256))


@pytest.mark.parametrize("bins", [2, 16, 64, 256])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_openvla_bins_are_numpys_digitize(bins, dtype):
    """On every edge, on its neighbours of that dtype, on random draws, and beyond the ends."""
    edges, tokenizer = np.linspace(-1, 1, bins), OpenVLATokenizer(bins)
    near, away = torch.from_numpy(edges).to(dtype), torch.tensor(9.0, dtype=dtype)
    draws = 3 * torch.rand(50_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1.5
    beyond = torch.tensor([-0.0, 1e4, -1e4], dtype=dtype)
    u = torch.cat([near, near.nextafter(away), near.nextafter(-away), draws.to(dtype), beyond])
    found = tokenizer.bin(u)
    expected = np.digitize(np.clip(u.double().numpy(), -1.0, 1.0), edges)
    assert found.dtype == torch.int64
    assert np.array_equal(found.numpy(), expected)
    assert (tokenizer.decode(tokenizer.encode(u)) - u.double().clamp(-1, 1)).abs().max() <= 1 / (bins - 1) + 1e-12


def test_openvla_bins_have_the_shape_of_what_they_are_given():
    u = torch.linspace(-1, 1, 12).view(3, 4)
    assert OPENVLA.bin(u.T).tolist() == OPENVLA.bin(u).T.tolist()  # a transposed view is not contiguous
    assert OPENVLA.bin(torch.tensor(0.0)).shape == ()
    assert OPENVLA.bin([[0, 1]]).tolist() == [[128, 256]]


def test_tokenizers_take_a_networks_output():
    """A tensor that requires a gradient, in half precision: a bin has no gradient."""
    u = torch.tensor([-1.0, 0.0, 1.0], dtype=torch.bfloat16, requires_grad=True)
    assert OPENVLA.bin(u).tolist() == [1, 128, 256]
    assert not OPENVLA.bin(u).requires_grad
    assert RT1.encode(u).tolist() == [0, 127, 255]


def test_numbers_of_any_kind_are_stored_as_numbers():
    one, other = RT1Tokenizer(np.float32(-1), torch.tensor(1), np.int64(256)), OpenVLATokenizer(256.0)
    assert (one, other) == (RT1, OPENVLA)
    assert [type(v) for v in (one.low, one.high, one.bins, other.bins)] == [float, float, int, int]


def test_openvla_decodes_every_id_to_a_centre_and_two_ids_alike():
    ids = torch.arange(31_744, 32_000)
    decoded = OPENVLA.decode(ids)
    expected = [(EDGES[min(32_000 - i, 255) - 1] + EDGES[min(32_000 - i, 255)]) / 2 for i in ids.tolist()]
    assert decoded.tolist() == expected
    assert OPENVLA.values.flip(0).tolist() == expected  # ids count down as bins count up
    assert decoded[0] == decoded[1]
    assert decoded.unique().numel() == 255
    assert decoded.abs().max().item() == pytest.approx(0.99608, abs=5e-6)


def test_openvla_clips_ids_that_are_no_actions():
    assert OPENVLA.decode(torch.tensor([0, 100, 31_743])).tolist() == [OPENVLA.decode(torch.tensor(31_744)).item()] * 3
    assert OPENVLA.decode(torch.tensor([32_000, 32_063])).tolist() == [OPENVLA.decode(torch.tensor(31_999)).item()] * 2
    assert OPENVLA.decode(torch.tensor(100)).item() > 0.99


def test_openvla_gripper():
    k = OPENVLA.bin(torch.tensor([0.0, 1.0]))
    assert k.tolist() == [128, 256]
    assert OPENVLA.decode(32_000 - k).tolist() == pytest.approx([0.0, 0.99608], abs=5e-6)


@pytest.mark.parametrize(
    ("dimension", "sign", "k"), [(0, 1, 148), (0, -1, 110), (1, 1, 142), (1, -1, 116), (2, 1, 117), (2, -1, 85)]
)
def test_four_millimetres_on_bridge(dimension, sign, k):
    assert OPENVLA.bin(bridge(dimension, sign * 0.0042))[dimension].item() == k


def test_bridge_round_trip_of_the_y_axis():
    token = OPENVLA.encode(bridge(1, 0.0042))
    assert token[1].item() == 31_858
    decoded = unnormalize(OPENVLA.decode(token), BRIDGE_Q01, BRIDGE_Q99, BRIDGE_MASK)
    assert 1000 * decoded[1].item() == pytest.approx(4.109, abs=5e-4)
    width = (BRIDGE_Q99 - BRIDGE_Q01)[1].item() / 255
    assert 1000 * width / 2 == pytest.approx(0.162, abs=5e-4)


@given(st.floats(-0.99, 0.99))
def test_neither_rule_errs_by_more_than_its_interval(u):
    u = torch.tensor(u, dtype=torch.float64)
    assert abs(OPENVLA.decode(OPENVLA.encode(u)) - u) <= 1 / 255 + 1e-12
    assert -1e-6 <= u - RT1.decode(RT1.encode(u)) <= 2 / 255 + 1e-6  # RT-1 computes in float32


def test_normalize_clips_motion_and_leaves_the_gripper():
    u = normalize(torch.full((7,), 9.0, dtype=torch.float64), BRIDGE_Q01, BRIDGE_Q99, BRIDGE_MASK)
    assert u.tolist() == [1.0] * 6 + [9.0]
    u = normalize(torch.full((7,), -9.0, dtype=torch.float64), BRIDGE_Q01, BRIDGE_Q99, BRIDGE_MASK)
    assert u.tolist() == [-1.0] * 6 + [-9.0]
    a = unnormalize(torch.tensor([-1.0] * 6 + [0.25], dtype=torch.float64), BRIDGE_Q01, BRIDGE_Q99, BRIDGE_MASK)
    assert a.tolist() == [*BRIDGE_Q01[:6].tolist(), 0.25]
    ends = normalize(BRIDGE_Q01, BRIDGE_Q01, BRIDGE_Q99, BRIDGE_MASK)
    assert ends[:6].tolist() == [-1.0] * 6
    inside = torch.tensor([0.01, -0.02, 0.0, 0.05, 0.01, -0.1, 1.0], dtype=torch.float64)
    u = normalize(inside, BRIDGE_Q01, BRIDGE_Q99, BRIDGE_MASK)
    torch.testing.assert_close(unnormalize(u, BRIDGE_Q01, BRIDGE_Q99, BRIDGE_MASK), inside, atol=1e-7, rtol=0)


def test_rt1_on_a_range_that_is_not_about_zero():
    """4 tokens on [1, 4] are 3 intervals of length 1, decoded to 1, 2, 3 and 4."""
    tokenizer = RT1Tokenizer(1.0, 4.0, 4)
    assert tokenizer.encode(torch.tensor([0.0, 1.0, 1.9, 2.5, 3.9, 4.0, 9.0])).tolist() == [0, 0, 0, 1, 2, 3, 3]
    assert tokenizer.decode(torch.arange(4)).tolist() == [1, 2, 3, 4]


def test_rt1_floors_and_keeps_its_last_token_for_the_maximum():
    assert RT1.encode(torch.tensor([0.0, -1.0, 1.0, 5.0])).tolist() == [127, 0, 255, 255]
    assert RT1.encode(torch.tensor(1.0 - 1e-6)).item() == 254
    assert RT1.decode(torch.tensor(127)).item() == pytest.approx(-0.00392, abs=5e-6)
    assert RT1.decode(torch.tensor([0, 255])).tolist() == [-1, 1]
    errors = torch.linspace(-1, 1, 100_001, dtype=torch.float64)[:-1]
    bias = (RT1.decode(RT1.encode(errors)) - errors).mean().item()
    assert bias == pytest.approx(-1 / 255, rel=0.01)  # half an interval of 2 / 255


@given(st.sampled_from([math.nan, math.inf, -math.inf]))
def test_actions_that_are_not_finite_are_refused(bad):
    for call in (OPENVLA.encode, OPENVLA.bin, RT1.encode):
        with pytest.raises(ValueError, match="finite"):
            call(torch.tensor([0.0, bad]))
    with pytest.raises(ValueError, match="finite"):
        normalize(torch.full((7,), bad), BRIDGE_Q01, BRIDGE_Q99, BRIDGE_MASK)


@given(st.integers(-(2**40), 2**40).filter(lambda i: not 0 <= i < 32_064))
def test_ids_the_model_cannot_emit_are_refused(token):
    with pytest.raises(ValueError, match="expected 0 to 32063"):
        OPENVLA.decode(torch.tensor(token))
    with pytest.raises(ValueError, match="expected 0 to 255"):
        RT1.decode(torch.tensor([3, token]))


def test_other_refusals_say_what_was_expected():
    with pytest.raises(ValueError, match="whole numbers"):
        OPENVLA.decode(torch.tensor([1.5]))
    with pytest.raises(ValueError, match=r"\(\.\.\., 7\)"):
        normalize(torch.zeros(6), BRIDGE_Q01, BRIDGE_Q99, BRIDGE_MASK)
    with pytest.raises(ValueError, match="mask"):
        normalize(torch.zeros(7), BRIDGE_Q01, BRIDGE_Q99, torch.ones(7))
    with pytest.raises(ValueError, match="Swap"):
        normalize(torch.zeros(7), BRIDGE_Q99, BRIDGE_Q01, BRIDGE_MASK)
    with pytest.raises(ValueError, match="high"):
        RT1Tokenizer(1.0, -1.0)
    with pytest.raises(ValueError, match="whole number"):
        OpenVLATokenizer(bins=1)
    for tokenizer in (OpenVLATokenizer, RT1Tokenizer):
        for bad in (1, 0, "64", 2.5):
            with pytest.raises(ValueError, match=f"bins = {bad!r}; expected a whole number, 2 or more"):
                tokenizer(bins=bad)
    with pytest.raises(ValueError, match="low is the text '-1'"):
        RT1Tokenizer(low="-1")


def test_a_dimension_that_never_changes_is_refused_unless_it_is_left_as_it_is():
    q01, q99, action = torch.tensor([-1.0, 0.3]), torch.tensor([1.0, 0.3]), torch.tensor([0.5, 0.3])
    with pytest.raises(ValueError, match="equal in dimension 1, which never changes"):
        normalize(action, q01, q99, torch.tensor([True, True]))
    with pytest.raises(ValueError, match="equal in dimension 1"):
        unnormalize(action, q01, q99, torch.tensor([True, True]))
    assert normalize(action, q01, q99, torch.tensor([True, False]))[1].item() == pytest.approx(0.3)


def test_a_step_ends_at_the_end_token():
    ids = torch.tensor([31_858, 31_900, 31_744, 31_800, 31_999, 31_750, 31_872])
    written = torch.cat([ids, torch.tensor([2, 100, 100])])
    assert torch.equal(OPENVLA.step(written), OPENVLA.decode(ids))
    assert torch.equal(OPENVLA.step(ids), OPENVLA.decode(ids))
    with pytest.raises(ValueError, match="written 3 tokens before its end token; expected 7"):
        OPENVLA.step(torch.cat([ids[:3], torch.tensor([2]), ids]))


def test_rt1s_mode_token_is_a_place_and_what_is_no_mode_counts_as_0():
    modes = torch.eye(3, dtype=torch.int32)
    assert RT1.encode_mode(modes).tolist() == [0, 1, 2]
    assert RT1.decode_mode(torch.tensor([0, 1, 2, 3, 255])).argmax(-1).tolist() == [0, 1, 2, 0, 0]
    assert RT1.decode_mode(RT1.encode_mode(modes)).tolist() == modes.tolist()
    for wrong in ([[0, 0, 0]], [[1, 1, 0]]):
        with pytest.raises(ValueError, match="a one among zeros"):
            RT1.encode_mode(torch.tensor(wrong))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("tokenize", [OPENVLA.encode, RT1.encode])
def test_what_is_not_finite_is_refused_in_half_precision_too(value, tokenize):
    with pytest.raises(ValueError, match="contains NaN or infinity"):
        tokenize(torch.tensor([0.1, value], dtype=torch.bfloat16, requires_grad=True))
