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
ROLLING = 300  # steps of `roll`
REPORTS = 4  # of the progress of a fit


def two_modes(share: float, distance: float, spread: float = 0.25) -> MixtureSameFamily:
    """(1 - share) N(-distance, spread^2) + share N(distance, spread^2), in one dimension.

    Raises ValueError unless share is in [0, 1], distance >= 0 and spread > 0.
    """
    share, distance = validate.number("share", share, 0, 1), validate.number("distance", distance, 0)
    spread = validate.number("spread", spread, 0, open_low=True)
    way = Categorical(torch.tensor([1 - share, share]))
    return MixtureSameFamily(way, Normal(torch.tensor([-distance, distance]), spread))


def roll(p: MixtureSameFamily, direction: str, start: Tensor, stages: int) -> Tensor:
    """The way downhill from each start on the exact divergence, at places equally far apart along it.

    start: (n, 2), mean and std of q. Small steps against the gradient in mean and log std, shorter only close to the bottom.
    Forward the gradient needs p's mean and variance only; in reverse it is a sum over a grid, exact to more digits than
    matter for spreads above 0.15. Returns shape (stages + 1, n, 2), the start first. Raises ValueError for an unknown direction.
    """
    validate.one_of("direction", direction, DIRECTIONS)
    slope = forward_slope if direction == "forward" else reverse_slope
    mean, log_std = start[:, 0].double(), start[:, 1].double().log()
    path = []
    for _ in range(ROLLING):
        path.append(torch.stack([mean, log_std.exp()], -1))
        gradient = slope(p, mean, log_std.exp())
        step = gradient * (0.03 / gradient.norm(dim=0).clamp(min=0.6))
        mean, log_std = mean - step[0], log_std - step[1]
    return evenly(torch.stack(path), stages)


def forward_slope(p: MixtureSameFamily, mean: Tensor, std: Tensor) -> Tensor:
    """The gradient of D(p || N(mean, std^2)) in mean and log std: (2, n)."""
    away = (p.variance + (p.mean - mean) ** 2) / std**2
    return torch.stack([(mean - p.mean) / std**2, 1 - away])


def reverse_slope(p: MixtureSameFamily, mean: Tensor, std: Tensor) -> Tensor:
    """The gradient of D(N(mean, std^2) || p) in mean and log std, E_q[score * (log q - log p)]: (2, n)."""
    x = torch.linspace(-12, 12, 121, dtype=torch.float64)
    z = (x - mean[:, None]) / std[:, None]
    log_q = Normal(mean[:, None], std[:, None]).log_prob(x)
    surplus = log_q.exp() * (log_q - p.log_prob(x)) * (x[1] - x[0])
    return torch.stack([(z / std[:, None] * surplus).sum(-1), ((z**2 - 1) * surplus).sum(-1)])


def evenly(path: Tensor, stages: int) -> Tensor:
    """Places on each path (steps, n, 2), equally far apart along it: (stages + 1, n, 2)."""
    along = torch.cat([torch.zeros(1, path.shape[1]), path.diff(dim=0).norm(dim=-1).cumsum(0)])
    wanted = torch.linspace(0, 1, stages + 1, dtype=path.dtype)[:, None] * along[-1]
    after = torch.searchsorted(along.T.contiguous(), wanted.T.contiguous()).T.clamp(max=len(path) - 1)
    return torch.gather(path, 0, after.unsqueeze(-1).expand(-1, -1, 2))


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
