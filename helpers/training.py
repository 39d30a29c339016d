"""The training loop of the small networks, said once, and the seed that makes it repeat."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from helpers import validate


def descend(
    optimizer: torch.optim.Optimizer,
    loss: Callable[[], Tensor],
    steps: int,
    progress: Callable[[float], None] = lambda done: None,
    every: int = 1,
    falling: bool = True,
) -> None:
    """Minimises loss() over the optimizer's parameters, by `steps` of its steps.

    loss: a scalar, drawn anew at each step. falling: the k-th of n steps, k = 0 .. n - 1, has the optimizer's learning
    rate times 1 - k / n; otherwise the rate stays. progress: called with the share done, in (0, 1], after each
    `every`-th step and after the last one. Raises ValueError if steps is below 1.
    """
    steps = validate.count("steps", steps)
    rate = lambda step: 1 - step / steps if falling else 1  # LinearLR's differs by its rounding errors
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        schedule.step()
        if step % every == 0 or step == steps:
            progress(step / steps)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """`with seeded(0):` what is drawn inside repeats with the seed; the caller's random state stays as it is."""
    with torch.random.fork_rng(devices=[]):  # everything here is on the CPU
        torch.manual_seed(seed)
        yield
