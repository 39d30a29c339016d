"""The cup and the tray on a table, for an arm: where things stand, and the way of the demonstrator.

Lengths are in metres, time in seconds. The arm's base is at (0, 0); x runs from it to the tray, y to its left. The cup goes from
(START, 0), or a little beside it, to the tray at (TRAY, 0); a box stands in between.
"""

from dataclasses import dataclass

import numpy as np

from helpers import validate

START, TRAY = 0.28, 0.70  # x of the cup when it starts, and of the middle of the tray
CUP, RIM, BOX = 0.03, 0.07, 0.06  # radius of the cup, radius of the tray, half depth of the box
HEIGHT, HALF_CUP = 0.12, 0.04  # of the box; half of the cup's
NEAR = 0.04  # how near the middle of the tray a cup counts as delivered
PERIOD = 0.1  # from one action to the next
STEPS = 30  # of a demonstration
ASIDE, SPREAD = 0.07, 0.01  # how far beside the box the demonstrator passes, and how that scatters
AHEAD = 0.11  # from where it is beside the box to the middle of it: the arm lags, and would cut the corner


@dataclass(frozen=True)
class Table:
    """What stands on the table, and how it varies from one episode to the next.

    half_width: of the box, across the way, > 0. place: x of its middle. shift: how far it is moved at most, along and across, >= 0.
    scatter: standard deviation of the start across the way, >= 0. Stored as floats. Raises ValueError if the box may stand on the
    tray or where the cup starts, or so wide that the arm does not reach round it.
    """

    half_width: float = 0.08
    place: float = 0.49
    shift: float = 0.03
    scatter: float = 0.01

    def __post_init__(self):
        checked = {
            "half_width": validate.number("half_width", self.half_width, 0, 0.15, open_low=True),
            "place": validate.number("place", self.place),
            "shift": validate.number("shift", self.shift, 0),
            "scatter": validate.number("scatter", self.scatter, 0, 0.05),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)  # how a frozen dataclass stores
        first, last = START + CUP + BOX + self.shift, TRAY - NEAR - CUP - BOX - self.shift
        if not first < self.place < last:
            what = "where the cup starts" if self.place <= first else "on the tray"
            raise ValueError(
                f"place = {self.place:g}: the box may stand {what}; expected {first:.2f} < place < {last:.2f}. "
                "Choose one inside, or a smaller shift."
            )

    def start(self, rng: np.random.Generator) -> np.ndarray:
        """Where the cup starts, (2,)."""
        return np.array([START, self.scatter * rng.standard_normal()])

    def box(self, rng: np.random.Generator) -> np.ndarray:
        """Where the middle of the box stands, (2,)."""
        return np.array([self.place, 0.0]) + rng.uniform(-self.shift, self.shift, 2)

    def demonstration(self, rng: np.random.Generator, start: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Where the cup shall be after each PERIOD, (STEPS, 2): at constant speed beside the box, left or right with probability
        1/2 each, along it and to the tray."""
        side = rng.choice([-1, 1])
        y = box[1] + side * (self.half_width + ASIDE + SPREAD * rng.standard_normal())
        corners = np.array([start, [box[0] - AHEAD, y], [box[0] + AHEAD, y], [TRAY, 0]])
        length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))]
        at = np.linspace(0, length[-1], STEPS + 1)[1:]
        return np.stack([np.interp(at, length, corners[:, axis]) for axis in (0, 1)], 1)


USUAL = Table()
