"""Checks on what a reader passes in. Each raises ValueError: what was given, what was expected, how to mend it."""

import math

import torch
from torch import Tensor

from helpers import threads  # noqa: F401  one thread, for whatever computes


def number(name: str, value, low: float = -math.inf, high: float = math.inf, open_low: bool = False) -> float:
    """`value` as a finite float in [low, high], or in (low, high] if `open_low`."""
    try:
        result = float(value)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{name} is {value!r}; expected one number. Pass a float.") from None
    inside = low < result <= high if open_low else low <= result <= high
    if not (math.isfinite(result) and inside):
        bracket = "(" if open_low or low == -math.inf else "["
        raise ValueError(f"{name} = {result}; expected a finite number in {bracket}{low}, {high}]. Choose one inside.")
    return result


def count(name: str, value) -> int:
    """`value` as an int >= 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} = {value!r}; expected a whole number, 1 or more. Pass for example {name}=1000.")
    return value


def finite(name: str, value, last: int | None = None) -> Tensor:
    """`value` as a floating-point tensor without NaN or infinity, whose last axis has `last` entries if given."""
    try:
        tensor = torch.as_tensor(value)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{name} is {value!r}; expected numbers. Pass a tensor or a list of floats.") from None
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


def one_of(name: str, value, choices) -> str:
    """`value` if it is among `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(
            f"{name} = {value!r} is unknown; expected one of {', '.join(choices)}. Pick a name from that list."
        )
    return value
