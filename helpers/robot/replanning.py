"""Replanning in the plane: a robot that looks again, several times, on its way to the obstacle.

It starts at x0 ~ N(0, scatter^2), to the left or right of the line to the tray. The demonstrator picks a side, left or right
with probability 1/2 each, and a goal a ~ N(-d, s^2) or N(d, s^2) at gate 1, and moves there in a straight line: after the
share r of the way it is at x = (1 - r) x0 + r a. A policy sees x and r. With n plans on the way, plan k of 0 .. n - 1 is made
at r = k / n; it aims at a goal g, and x moves by (g - x) / (n - k) before the next look.

The formulas take numbers, tensors, or the names of a chart (helpers/namespace.py).
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from helpers import validate
from helpers.namespace import normal_cdf, sqrt, tanh, where
from helpers.robot.cup_and_tray import HALF_WIDTH, CupAndTray

OFFSET, SPREAD = CupAndTray.d, CupAndTray.s  # of either route


class Belief(NamedTuple):
    """What x tells of the demonstrator's goal: half the log odds of the right side; its mean on either side, which is middle
    -+ half; its spread on a side."""

    lean: float
    middle: float
    half: float
    spread: float


def believed(x, r, scatter, hidden=0.0, d=OFFSET, s=SPREAD) -> Belief:
    """The posterior of the goal at share r of the way, by Bayes' rule.

    With V = (1 - r)^2 scatter^2 + r^2 s^2 + hidden^2, the spread of what is seen around r times a route's offset, the side
    has P(right) - P(left) = tanh(lean), lean = r d x / V; on a side the goal has mean +-d + (r s^2 / V)(x -+ r d) and variance
    s^2 (1 - r^2 s^2 / V). hidden: spread of the error with which x is seen.
    """
    variance = (1 - r) ** 2 * scatter**2 + r**2 * s**2 + hidden**2
    trust = r * s**2 / variance
    return Belief(r * d * x / variance, trust * x, d * (1 - trust * r), s * sqrt(1 - trust * r))


def mean(b: Belief):
    """E[goal | x]: the answer of squared error."""
    return b.middle + tanh(b.lean) * b.half


def median_step(y, part: float, b: Belief):
    """One round of bisection for the median: y, measured from the middle between the sides towards the likelier one, moved by a part
    of half their distance, inwards if more than half of the probability lies below it.

    Below y lies (1 - p) Phi((y + h) / c) + p Phi((y - h) / c), with p of the likelier side, h half the distance, spread c.
    """
    share = (1 + abs(tanh(b.lean))) / 2
    below = (1 - share) * normal_cdf((y + b.half) / b.spread) + share * normal_cdf((y - b.half) / b.spread)
    return y + where(below < 0.5, part, -part) * b.half


def from_middle(y, b: Belief):
    """The place that lies y from the middle between the sides, towards the likelier one; the middle if none is."""
    return b.middle + where(b.lean > 0, y, where(b.lean < 0, -y, 0.0))


def median(b: Belief, rounds: int = 26):
    """The goal's median given x, the answer of absolute error, to 2^-rounds of the distance of the sides."""
    y = b.half / 2
    for k in range(2, rounds + 2):
        y = median_step(y, 0.5**k, b)
    return from_middle(y, b)


def sampled(b: Belief, rank, noise):
    """A draw of p(goal | x): rank uniform in (0, 1) chooses the side, standard normal noise the place."""
    return b.middle + where(rank < (1 + tanh(b.lean)) / 2, b.half, -b.half) + b.spread * noise


def flow_step(u, t, steps, b: Belief):
    """One of so many Euler steps, at time t, of a flow from noise (t = 1) to a goal (t = 0), with the exact velocity
    E[noise - goal | u = t noise + (1 - t) goal] = (u - E[goal | u]) / t.

    On a side the goal has mean m and variance c given x, so that given u it has m + (1 - t) c (u - (1 - t) m) / v with
    v = (1 - t)^2 c + t^2; and u tells of the side once more, as noise of variance v around (1 - t) m.
    """
    rest, c = 1 - t, b.spread**2
    v = rest**2 * c + t**2
    centre = b.middle + tanh(b.lean + b.half * rest * (u - rest * b.middle) / v) * b.half
    goal = centre + rest * c * (u - rest * centre) / v
    return u - (u - goal) / (t * steps)


def flow(b: Belief, noise: Tensor, steps: int) -> Tensor:
    """The goal at which so many steps arrive from that noise."""
    for k in range(steps):
        noise = flow_step(noise, 1 - k / steps, steps, b)
    return noise


def moved(x, goal, left: int):
    """Where the next look finds it, if so many looks are `left`, this one among them."""
    return x + (goal - x) / left


def replan(head: Callable[[Belief], Tensor], plans: int, scatter: float, runs: int, hidden: float = 0.0) -> Tensor:
    """Where `runs` robots stand at each look and at gate 1: shape (runs, plans + 1), in double precision.

    head: what it aims at for a belief of tensors (runs,), one of the answers above. hidden: spread of an error, drawn anew at
    each look, with which it sees where it is. Raises ValueError for counts below 1 and for a scatter that is not positive.
    """
    plans, runs = validate.count("plans", plans), validate.count("runs", runs)
    scatter = validate.number("scatter", scatter, 0, open_low=True)
    hidden = validate.number("hidden", hidden, 0)
    x = scatter * torch.randn(runs, dtype=torch.float64)
    way = [x]
    for k in range(plans):
        seen = x + hidden * torch.randn_like(x)
        x = moved(x, head(believed(seen, k / plans, scatter, hidden)), plans - k)
        way.append(x)
    return torch.stack(way, 1)


def crash_rate(head: Callable[[Belief], Tensor], plans: int, scatter: float) -> float:
    """P(|x| < 0.25 at gate 1) of a head that draws nothing, to 1e-9: robots keep the order of their starts, as E[goal | x] rises
    with x, so the starts that crash are those nearer than one edge, which is found by cutting an interval into a thousand
    parts, four times. Raises ValueError as `replan` does.
    """
    plans, scatter = validate.count("plans", plans), validate.number("scatter", scatter, 0, open_low=True)
    low, high = 0.0, 10 * scatter
    for _ in range(4):
        start = x = torch.linspace(low, high, 1001, dtype=torch.float64)
        for k in range(plans):
            x = moved(x, head(believed(x, k / plans, scatter)), plans - k)
        passes = x >= HALF_WIDTH
        if not passes.any():
            return 1.0
        first = max(1, int(passes.int().argmax()))
        low, high = start[first - 1].item(), start[first].item()
    return 2 * normal_cdf(high / scatter) - 1


def demonstrators_rate(d: float = OFFSET, s: float = SPREAD) -> float:
    """P(|goal| < 0.25), the crash rate of the demonstrator and of every head that samples its posterior."""
    return normal_cdf((HALF_WIDTH - d) / s) - normal_cdf((-HALF_WIDTH - d) / s)
