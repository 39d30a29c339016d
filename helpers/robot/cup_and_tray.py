"""The cup and the tray: the one task that runs through the book.

Seen from above, a gripper at (0, 0) carries a cup to a tray at (0, 1). An obstacle fills |x| < 0.25 between
gate 1 (y = 0.3) and gate 2 (y = 0.7). The action a = (x1, x2) holds the lateral offsets at the two gates;
lengths have no unit. Negative is left. Between the gates the path is straight, so it hits the obstacle exactly
when x1 and x2 have different signs or min(|x1|, |x2|) < 0.25.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from helpers import validate
from helpers.namespace import maximum, minimum

HALF_WIDTH = 0.25  # of the obstacle, unless a task says otherwise
GATES = (0.3, 0.7)  # where the obstacle begins and ends, along y
ON_MODE = 0.4  # an action this close to a mode counts as on it


@dataclass(frozen=True)
class CupAndTray:
    """The demonstrator a ~ (1 - w) N((-d, -d), s^2 I) + w N((d, d), s^2 I).

    d: offset of the two ways round, >= 0. w: probability of passing right, in [0, 1]. s: spread, > 0. half_width: of the
    obstacle, >= 0. Stored as floats. Raises ValueError outside these ranges, and for text.
    """

    d: float = 0.6
    w: float = 0.5
    s: float = 0.1
    half_width: float = HALF_WIDTH

    def __post_init__(self):
        object.__setattr__(self, "d", validate.number("d", self.d, 0))  # how a frozen dataclass stores
        object.__setattr__(self, "w", validate.number("w", self.w, 0, 1))
        object.__setattr__(self, "s", validate.number("s", self.s, 0, open_low=True))
        object.__setattr__(self, "half_width", validate.number("half_width", self.half_width, 0))

    @property
    def modes(self) -> Tensor:
        """The two ways round, left first: shape (2, 2)."""
        return torch.tensor([[-1.0, -1.0], [1.0, 1.0]]) * self.d

    @property
    def demonstrator(self) -> MixtureSameFamily:
        """The density p(a) of the demonstrations, over actions of shape (2,)."""
        way = Categorical(probs=torch.tensor([1 - self.w, self.w]))
        return MixtureSameFamily(way, Independent(Normal(self.modes, self.s), 1))

    def demonstrations(self, n: int) -> Tensor:
        """n demonstrated actions, shape (n, 2). Raises ValueError if n is below 1."""
        return self.demonstrator.sample((validate.count("n", n),))

    def on_mode(self, action: Tensor) -> Tensor:
        """Whether each action lies within 0.4 of one of the two modes: (..., 2) -> bool (...)."""
        x1, x2 = validate.finite("action", action, last=2).unbind(-1)
        return on_mode(x1, x2, self.d)


def on_mode(x1, x2, d):
    """Whether (x1, x2) lies within 0.4 of (d, d) or of (-d, -d). Numbers, tensors or the names of a chart."""
    squares = [(x1 - mode) ** 2 + (x2 - mode) ** 2 for mode in (-d, d)]
    return minimum(*squares) < ON_MODE**2


def hits(x1, x2, t):
    """Whether the path of (x1, x2) hits an obstacle of half width t: different signs, or one of the two nearer than t.

    Numbers, tensors or the names of a chart; with t = 0 it is the corners, x1 x2 < 0, that hit.
    """
    return (x1 * x2 < 0) | (minimum(abs(x1), abs(x2)) < t)


def impact(x1, x2, t):
    """The share of the way from gate 1 to gate 2, in [0, 1], at which the path of (x1, x2), which hits, does so."""
    return minimum(1.0, maximum(0.0, (abs(x1) - t) / maximum(abs(x1 - x2), 1e-9)))


def crashes(action: Tensor, half_width: float = HALF_WIDTH) -> Tensor:
    """Whether the path of each action hits the obstacle: (..., 2) -> bool (...).

    Raises ValueError if an action is not finite or has not two components.
    """
    return hits(*validate.finite("action", action, last=2).unbind(-1), half_width)


def corner(action: Tensor) -> Tensor:
    """Whether x1 and x2 have different signs, straight through the obstacle: (..., 2) -> bool (...).

    Raises ValueError if an action is not finite or has not two components.
    """
    return hits(*validate.finite("action", action, last=2).unbind(-1), 0.0)


def success_rate(action: Tensor, half_width: float = HALF_WIDTH) -> tuple[float, float]:
    """Share of actions (n, 2) that pass the obstacle, with its standard error sqrt(r (1 - r) / n).

    Raises ValueError if there is no action, or one that is not finite.
    """
    action = validate.finite("action", action, last=2)
    if action.ndim != 2 or len(action) == 0:
        raise ValueError(f"action has shape {tuple(action.shape)}; expected (n, 2), n >= 1. Pass one action a row.")
    rate = (~crashes(action, half_width)).float().mean().item()
    return rate, (rate * (1 - rate) / len(action)) ** 0.5


def path(action: Tensor, half_width: float = HALF_WIDTH) -> Tensor:
    """Corner points (x, y) of each path: gripper, gate 1, gate 2, tray: (..., 2) -> (..., 4, 2).

    A path that hits the obstacle ends where it hits: the remaining points repeat the point of impact.
    Raises ValueError if an action is not finite or has not two components.
    """
    action = validate.finite("action", action, last=2)
    x1, x2 = action.unbind(-1)
    entry = impact(x1, x2, half_width)
    hit = torch.stack([x1 + entry * (x2 - x1), GATES[0] + entry * (GATES[1] - GATES[0])], -1)
    gate1, gate2 = (torch.stack([x, torch.full_like(x, y)], -1) for x, y in zip((x1, x2), GATES, strict=True))
    start, tray = torch.zeros_like(action), torch.zeros_like(action) + action.new_tensor([0.0, 1.0])
    crash = crashes(action, half_width).unsqueeze(-1)
    return torch.stack([start, gate1, torch.where(crash, hit, gate2), torch.where(crash, hit, tray)], -2)
