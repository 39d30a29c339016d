"""Calibration: does a policy that is 80 % sure turn out right 80 % of the time? And the one-number repair, a temperature."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers import validate
from helpers.training import descend


@dataclass(frozen=True)
class Reliability:
    """For each bin of confidence: mean confidence, share right, share of the cases; empty bins hold 0. Shapes (bins,)."""

    confidence: Tensor
    accuracy: Tensor
    share: Tensor

    @property
    def error(self) -> float:
        """Expected calibration error: sum over bins of share |confidence - accuracy|."""
        return (self.share * (self.confidence - self.accuracy).abs()).sum().item()


def reliability(logits: Tensor, target: Tensor, bins: int = 10) -> Reliability:
    """Sorts cases by the confidence max softmax(logits) into `bins` equal bins of [0, 1].

    logits: (n, k); target: class indices (n,). Raises ValueError if shapes, indices or numbers do not fit.
    """
    logits, target = check_cases(logits, target)
    bins = validate.count("bins", bins)
    confidence, choice = logits.softmax(-1).max(-1)
    which = (confidence * bins).long().clamp(max=bins - 1)
    add = lambda value: torch.zeros(bins, dtype=logits.dtype).index_add_(0, which, value.to(logits.dtype))
    number = add(torch.ones_like(confidence))
    return Reliability(
        add(confidence) / number.clamp(min=1), add(choice == target) / number.clamp(min=1), number / len(target)
    )


def fit_temperature(logits: Tensor, target: Tensor) -> float:
    """The temperature T that minimises the cross-entropy of softmax(logits / T) on held-out cases, in [0.05, 20].

    The cross-entropy is convex in 1 / T, so a search over a fine grid of log T finds it. Arguments as `reliability`.
    """
    logits, target = check_cases(logits, target)
    grid = torch.logspace(-1.301, 1.301, 521, dtype=logits.dtype)
    losses = torch.stack([F.cross_entropy(logits / temperature, target) for temperature in grid])
    return grid[losses.argmin()].item()


def check_cases(logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Both, if the logits are finite, (n, k), and the targets class indices (n,), n >= 1; else ValueError."""
    logits, target = validate.finite("logits", logits), validate.numbers("target", target)
    if logits.ndim != 2 or target.shape != logits.shape[:1] or target.is_floating_point() or len(target) == 0:
        raise ValueError(
            f"logits has shape {tuple(logits.shape)} and target {tuple(target.shape)}, {target.dtype}; expected (n, k) and "
            "class indices (n,), n >= 1. Give one index for each row."
        )
    if target.min() < 0 or target.max() >= logits.shape[1]:
        raise ValueError(
            f"target holds {target.min()} to {target.max()}; expected 0 to {logits.shape[1] - 1}. Count from 0."
        )
    return logits, target


def teacher(n: int) -> tuple[Tensor, Tensor]:
    """n ambiguous demonstrations: the cup starts at o in [-1, 1], the demonstrator passes right with sigmoid(4 o).

    Returns o, shape (n, 1), and the way, 0 left or 1 right, shape (n,).
    """
    offset = torch.rand(validate.count("n", n), 1) * 2 - 1
    return offset, torch.bernoulli((4 * offset[:, 0]).sigmoid()).long()


def train_head(
    offset: Tensor, way: Tensor, steps: int, progress: Callable[[float, nn.Module], None] = lambda done, network: None
) -> nn.Module:
    """A softmax head over left and right behind a small network, trained by cross-entropy on all demonstrations at once.

    offset (n, 1) and way (n,) as from `teacher`; progress is called with the share done and the network, every 50 steps and at the end.
    """
    network = nn.Sequential(nn.Linear(1, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01, fused=True)
    loss = lambda: F.cross_entropy(network(offset), way)
    descend(optimizer, loss, steps, lambda done: progress(done, network), every=50, falling=False)
    return network
