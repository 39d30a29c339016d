"""Fitting one Gaussian to a distribution it cannot match, by gradient descent on the forward or on the reverse KL."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Categorical, MixtureSameFamily, Normal

from helpers import validate
from helpers.training import descend

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
    share, distance = validate.number("share", share, 0, 1), validate.number("distance", distance, 0)
    spread = validate.number("spread", spread, 0, open_low=True)
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
    validate.one_of("direction", direction, DIRECTIONS)
    seeds, steps = validate.count("seeds", seeds), validate.count("steps", steps)
    demonstrations = p.sample((DEMONSTRATIONS,))
    mean = torch.randn(seeds, requires_grad=True)
    log_std = torch.full((seeds,), math.log(START), requires_grad=True)
    now = lambda: torch.stack([mean, log_std.exp()], -1).detach()
    path = []  # where each step started

    def loss() -> Tensor:
        path.append(now())
        q = Normal(mean, log_std.exp())
        if direction == "forward":
            return -q.log_prob(demonstrations[torch.randint(DEMONSTRATIONS, (DRAWS, seeds))]).mean(0).sum()
        x = q.rsample((DRAWS,))
        return (q.log_prob(x) - p.log_prob(x)).mean(0).sum()

    report = lambda done: progress(done, torch.stack([*path, now()]))
    descend(torch.optim.Adam([mean, log_std], lr=0.1), loss, steps, report, every=math.ceil(steps / REPORTS))
    return torch.stack([*path, now()])
