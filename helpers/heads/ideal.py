"""What a head converges to with endless demonstrations and a perfect fit: how often it fails, its KLs, its actions.

Written in numbers or in the names of a chart (helpers/namespace.py): the chart of notebook 08 shows what `optimum` in
helpers/heads/__init__.py evaluates.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from helpers.namespace import where
from helpers.robot.cup_and_tray import hits
from helpers.theory.modes import Modes
from helpers.theory.passing import passing


class Optimum(NamedTuple):
    """Crash rate, mass with x1 x2 < 0, forward KL D(p || q) and reverse KL D(q || p) in nats.

    A KL is infinite for a point (it has no density) and NaN where it has no closed form (the flow in several steps).
    """

    crash: float
    corner: float
    forward_kl: float
    reverse_kl: float


class Noise(NamedTuple):
    """What a draw is made of: two standard normals, two uniforms on (0, 1); u and v where the flow carries the normals."""

    z1: float
    z2: float
    r1: float
    r2: float
    u: float
    v: float


class Flow(NamedTuple):
    """The exact field in n steps: `end(z)` is where noise z along the diagonal lands; `across` is the spread it leaves of v."""

    n: int
    end: Callable
    across: float


class Case(NamedTuple):
    """What an optimum depends on: the demonstrator p, the obstacle, the flow; mean_of(f) is E[f(z)], z ~ N(0, 1)."""

    p: Modes
    half_width: float
    flow: Flow
    mean_of: Callable

    def failing(self, pass_rate: Callable) -> tuple:
        """Crash rate and corner mass, from the probability of passing an obstacle of half width t."""
        return 1 - pass_rate(self.half_width), 1 - pass_rate(0.0)


@dataclass(frozen=True)
class Ideal:
    """A head at its optimum: the optimum of a case, how it makes an action (noise, p) -> x1, x2.

    does: what it does, in a few words. decoding: how it is decoded, one of DECODINGS; user: who decodes it so; group: which
    choice it is about, if not its head's.
    """

    optimum: Callable[[Case], Optimum]
    draw: Callable[[Noise, Modes], tuple]
    does: str
    decoding: str = ""
    user: str = ""
    group: str = ""


def point(x1, x2, half_width) -> Optimum:
    """The failures of a head that always answers (x1, x2)."""
    crash, corner = (where(hits(x1, x2, t), 1.0, 0.0) for t in (half_width, 0.0))
    return Optimum(crash, corner, math.inf, math.inf)


def at_one(answer: Callable[[Modes], tuple], does: str, **how: str) -> Ideal:
    """A head that always gives one answer."""
    return Ideal(lambda case: point(*answer(case.p), case.half_width), lambda noise, p: answer(p), does, **how)


def around(optimum: Callable[[Case], Optimum], centre: Callable, std: Callable, does: str, **how: str) -> Ideal:
    """A head that draws both coordinates around centre(share, p), with the same spread std(p)."""
    draw = lambda e, p: (centre(e.r1, p) + std(p) * e.z1, centre(e.r1, p) + std(p) * e.z2)
    return Ideal(optimum, draw, does, **how)


def way(share, p: Modes):
    """The side of a draw: left for the share 1 - w, right for the rest."""
    return where(share < 1 - p.w, -p.d, p.d)


def itself(case: Case) -> Optimum:
    """The optimum of a head that becomes the demonstrator."""
    p = case.p
    return Optimum(*case.failing(lambda t: passing(p.d, p.d, p.s, t)), 0.0, 0.0)


def demonstrator(does: str, **how: str) -> Ideal:
    """A head that becomes the demonstrator."""
    return around(itself, way, lambda p: p.s, does, **how)
