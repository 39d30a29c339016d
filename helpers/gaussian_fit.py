"""Fitting one Gaussian to a distribution it cannot match, by gradient descent on the forward or on the reverse KL."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Categorical, MixtureSameFamily, Normal

from helpers import check

DIRECTIONS = ("forward", "reverse")
DRAWS = 256  # of each step's Monte Carlo estimate
DEMONSTRATIONS = 20_000
START = 0.5  # spread of q as it starts
STEPS = 400  # of a fit, unless the caller says otherwise
REPORTS = 4  # of the progress of a fit


def two_modes(share: float, distance: float, spread: float = 0.25) -> MixtureSameFamily:
    """(1 - share) N(-distance, spread^2) + share N(distance, spread^2), in one dimension.

    Raises ValueError unless share is in [0, 1], distance >= 0 and spread > 0.
    """
    share, distance = check.number("share", share, 0, 1), check.number("distance", distance, 0)
    spread = check.number("spread", spread, 0, open_low=True)
    way = Categorical(torch.tensor([1 - share, share]))
    return MixtureSameFamily(way, Normal(torch.tensor([-distance, distance]), spread))


def fit(
    p: MixtureSameFamily,
    direction: str,
    seeds: int,
    steps: int = STEPS,
    progress: Callable[[float, Tensor], None] = lambda done, path: None,
) -> Tensor:
    """Fits N(mean, std^2) to p from `seeds` random starts, all at once, with Adam and a falling learning rate.

    forward: E_p[-log q], which needs draws of p only: batches of 20,000 demonstrations. reverse: E_q[log q - log p], which needs log p, through
    reparameterised draws of q. Starts: mean ~ N(0, 1), std 0.5.
    progress: called after each quarter of the steps with the share done and the path so far.
    Returns the way of each start, shape (steps + 1, seeds, 2): mean and std.
    Raises ValueError for an unknown direction, or if seeds or steps is below 1.
    """
    check.one_of("direction", direction, DIRECTIONS)
    seeds, steps = check.count("seeds", seeds), check.count("steps", steps)
    demonstrations = p.sample((DEMONSTRATIONS,))
    mean = torch.randn(seeds, requires_grad=True)
    log_std = torch.full((seeds,), math.log(START), requires_grad=True)
    optimizer = torch.optim.Adam([mean, log_std], lr=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    path = [torch.stack([mean, log_std.exp()], -1).detach()]
    for step in range(1, steps + 1):
        q = Normal(mean, log_std.exp())
        if direction == "forward":
            loss = -q.log_prob(demonstrations[torch.randint(DEMONSTRATIONS, (DRAWS, seeds))]).mean(0)
        else:
            x = q.rsample((DRAWS,))
            loss = (q.log_prob(x) - p.log_prob(x)).mean(0)
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
        schedule.step()
        path.append(torch.stack([mean, log_std.exp()], -1).detach())
        if step % math.ceil(steps / REPORTS) == 0 or step == steps:
            progress(step / steps, torch.stack(path))
    return torch.stack(path)
