"""Checks on what a reader passes in. Each raises ValueError: what was given, what was expected, how to mend it."""

import math
import operator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from helpers import threads  # noqa: F401  one thread, for whatever computes


def number(name: str, value, low: float = -math.inf, high: float = math.inf, open_low: bool = False) -> float:
    """`value`, a number of any kind but no text, as a finite float in [low, high], or in (low, high] if `open_low`."""
    if isinstance(value, str | bytes):
        raise ValueError(f"{name} is the text {value!r}; expected one number. Pass a float, without quotes.")
    try:
        result = float(value)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise ValueError(f"{name} is {value!r}; expected one number. Pass a float.") from None
    inside = low < result <= high if open_low else low <= result <= high
    if not (math.isfinite(result) and inside):
        left, right = "(" if open_low or low == -math.inf else "[", ")" if high == math.inf else "]"
        raise ValueError(
            f"{name} = {result}; expected a finite number in {left}{low}, {high}{right}. Choose one inside."
        )
    return result


def count(name: str, value, low: int = 1) -> int:
    """`value`, an integer of any kind or a whole float such as 1e4, as an int >= `low`."""
    try:
        whole = isinstance(value, float | np.floating) and value.is_integer()
        result = int(value) if whole else operator.index(value)
    except TypeError:
        result = None
    if result is None or isinstance(value, bool) or result < low:
        raise ValueError(f"{name} = {value!r}; expected a whole number, {low} or more. Pass for example {name}=1000.")
    return result


def numbers(name: str, value) -> Tensor:
    """`value` as a tensor of numbers."""
    try:
        return torch.as_tensor(value)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{name} is {value!r}; expected numbers. Pass a tensor or a list of numbers.") from None


def integers(name: str, value, low: int, high: int) -> Tensor:
    """`value` as an int64 tensor of numbers in [low, high]."""
    result = numbers(name, value)
    if result.is_floating_point() or result.is_complex() or result.dtype == torch.bool:
        raise ValueError(
            f"{name} has dtype {result.dtype}; expected whole numbers, {low} to {high}. Pass an int tensor or a list of ints."
        )
    outside = result[(result < low) | (result > high)]
    if len(outside):
        raise ValueError(
            f"{name} = {outside[0].item()}; expected {low} to {high}. Pass whole numbers inside that range."
        )
    return result.long()


def finite(name: str, value, last: int | None = None) -> Tensor:
    """`value` as a floating-point tensor without NaN or infinity, whose last axis has `last` entries if given."""
    tensor = numbers(name, value)
    if not tensor.is_floating_point():
        if tensor.is_complex():
            raise ValueError(f"{name} has dtype {tensor.dtype}; expected real numbers. Pass a float tensor.")
        tensor = tensor.float()
    if not torch.isfinite(tensor).all():
        raise ValueError(f"{name} contains NaN or infinity; expected finite numbers. Drop or repair those entries.")
    if last is not None and (tensor.ndim == 0 or tensor.shape[-1] != last):
        raise ValueError(
            f"{name} has shape {tuple(tensor.shape)}; expected (..., {last}). Put the {last} components on the last axis."
        )
    return tensor


def pmf(name: str, value) -> Tensor:
    """`value` as a PMF over the last axis: non-negative, each row sums to 1 (within 1e-4)."""
    tensor = finite(name, value)
    if tensor.ndim == 0 or tensor.shape[-1] == 0:
        raise ValueError(f"{name} has shape {tuple(tensor.shape)}; expected (..., k), k >= 1. Pass k probabilities.")
    if (tensor < 0).any():
        raise ValueError(
            f"{name} has a negative entry, {tensor.min().item():g}; expected probabilities >= 0. "
            "If these are logits, apply softmax first."
        )
    total = tensor.sum(-1)
    if not torch.allclose(total, torch.ones_like(total), atol=1e-4, rtol=0):
        worst = total.flatten()[(total - 1).abs().argmax()].item()
        raise ValueError(f"{name} sums to {worst:g}; expected 1 on the last axis. Divide by the sum, or apply softmax.")
    return tensor


def one_of(name: str, value, choices) -> Any:
    """`value`, a name or a number, if it is among `choices`."""
    if not isinstance(value, str | int | float) or value not in choices:
        listed = ", ".join(map(str, choices))
        raise ValueError(f"{name} = {value!r} is unknown; expected one of {listed}. Pick one from that list.")
    return value
