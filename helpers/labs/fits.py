"""A lab: one Gaussian fitted to two modes by either divergence, from twenty random starts."""

from typing import NamedTuple

import altair as alt
import ipywidgets as widgets
import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.distributions import Distribution, Normal

from helpers.charts import parts
from helpers.charts.parts import let
from helpers.colors import NEUTRAL, P, Q
from helpers.labs.lab import STAGES, Lab, Recording, another_run, slider, whole
from helpers.namespace import field, signal, where
from helpers.page import plots
from helpers.page.live import live_chart
from helpers.policies import gaussian_fit
from helpers.theory.densities import density
from helpers.theory.information import kl_quadrature

FITS = 20
RIGHT = {"none": "none", "half": "about half", "all": "all"}  # of the fits, where a reader may expect them
SPREAD = 0.25  # of either mode
STEP = gaussian_fit.STEPS // STAGES  # between two stages
SCALE = 100  # whole numbers to the unit, in a recording


class Seen(NamedTuple):
    """The way of each fit so far: path (steps, FITS, 2), mean and spread."""

    direction: str
    share: float
    distance: float
    path: Tensor


def kl_direction() -> Lab:
    """Fit one Gaussian to two modes by either divergence, from 20 random starts."""
    controls = {
        "direction": widgets.Dropdown(
            options=[("forward, D(p‖q)", "forward"), ("reverse, D(q‖p)", "reverse")], value="reverse", description="KL"
        ),
        "share": slider("share right", 0.3, 0, 1, 0.05),
        "distance": slider("modes at ±", 1, 0, 1.5, 0.1),
        "seed": another_run(),
    }
    return Lab(controls, fit, draw, words, Recording(kl_direction_lab, columns))


def fit(tell, direction: str, share: float, distance: float, seed: int) -> Seen:
    """Fits the Gaussians by that direction."""
    torch.manual_seed(seed)
    progress = lambda done, path: tell(done, Seen(direction, share, distance, path))
    p = gaussian_fit.two_modes(share, distance, SPREAD)
    return Seen(direction, share, distance, gaussian_fit.fit(p, direction, FITS, progress=progress))


def draw(seen: Seen) -> Figure:
    """The fitted densities over p's, and the ways of mean and spread."""
    p, path = gaussian_fit.two_modes(seen.share, seen.distance, SPREAD), seen.path
    picture, (left, right) = plots.figure(1, 2, width=8, height=3.2)
    x = torch.linspace(-3, 3, 301)
    left.fill_between(x.tolist(), p.log_prob(x).exp().tolist(), color=P, alpha=0.35, lw=0)
    for mean, std in path[-1]:
        left.plot(x.tolist(), Normal(mean, std).log_prob(x).exp().tolist(), color=Q, lw=0.8, alpha=0.6)
    left.set(xlabel="action", ylabel="density")
    left.set_title(result(seen), fontsize=9)
    for mean, std in (way.T for way in path.unbind(1)):
        right.plot(mean.tolist(), std.tolist(), color=Q, lw=0.8, alpha=0.6)
    right.plot(*path[0].T.tolist(), ".", color=NEUTRAL, ms=4)
    right.plot(*path[-1].T.tolist(), "o", color=Q, ms=5)
    right.set(xlabel="mean of q", ylabel="spread of q", xlim=(-3, 3), ylim=(0, 1.8))
    right.set_title(f"{seen.direction} KL: from the grey dots to the others", fontsize=9)
    return picture


def result(seen: Seen) -> str:
    """Where the fits ended, or how far they are."""
    if len(seen.path) <= gaussian_fit.STEPS:
        return f"{(len(seen.path) - 1) / gaussian_fit.STEPS:.0%} of the steps"
    mean, values = seen.path[-1, :, 0], divergences(seen)
    sides = f"{(mean < 0).sum()} left, {(mean > 0).sum()} right"
    where = sides if seen.direction == "reverse" else f"mean {mean.min():.2f} to {mean.max():.2f}"
    return f"{where}; KL {min(values):.3f} to {max(values):.3f} nats"


def divergences(seen: Seen, step: int = -1) -> list[float]:
    """The KL of each fit after so many steps, in the direction that is fitted, in nats."""
    p = gaussian_fit.two_modes(seen.share, seen.distance, SPREAD)
    return [divergence(p, fitted, seen.direction) for fitted in seen.path[step].double()]


def divergence(p: Distribution, fitted: Tensor, direction: str) -> float:
    """The KL of that direction between p and N(*fitted), by quadrature, in nats."""
    q = Normal(*fitted)
    first, second = (p, q) if direction == "forward" else (q, p)
    return kl_quadrature(first.log_prob, second.log_prob, -8, 8).item()


def words(seen: Seen) -> str:
    """What the picture shows, with its numbers."""
    return (
        f"Lab: one Gaussian fitted from {FITS} starts by the {seen.direction} KL to two modes at ±{seen.distance:g}, share of the "
        f"right one {seen.share:g}: {result(seen)}. Two pictures: the demonstrator's density with all fitted Gaussians, and "
        "the way of each fit in the plane of mean and spread."
    )


def columns(stages: list[Seen]) -> dict[str, list]:
    """What is recorded of them."""
    seen = stages[-1]
    steps = range(0, gaussian_fit.STEPS + 1, STEP)
    found = [divergences(seen, step) for step in steps]
    return {
        "fits": whole(seen.path[::STEP].transpose(1, 2), SCALE),
        "least": [whole(min(values), 1000) for values in found],
        "most": [whole(max(values), 1000) for values in found],
    }


@live_chart(play={"step": 4})
def kl_direction_lab() -> alt.VConcatChart:
    """One Gaussian is fitted to a demonstrator with two modes, from twenty random starts, by the forward or by the reverse
    KL. Choose the direction, the share of the right mode and the distance of the modes; play the steps, and see each
    fitted density and its way in the plane of mean and spread.
    """
    now = f"[step / {STEP}]"
    fitted = lambda axis, when=now: f"recorded.fits{when}[{axis}][datum.i] / {SCALE}"
    rows = let(parts.counted(FITS), mean=fitted(0), std=fitted(1))
    aside = where(abs(field("mean")) > signal("distance") / 2, 1, 0)
    counted = let(rows, left=where(field("mean") < 0, aside, 0), right=where(field("mean") > 0, aside, 0))
    counted = counted.transform_aggregate(left="sum(left)", right="sum(right)")
    known = f"(direction == 'forward' || {parts.GUESSED})"
    places = {
        "left": parts.words("datum.left", "datum.left"),
        "between": parts.words(FITS - field("left") - field("right"), f"{FITS} - datum.left - datum.right"),
        "right": parts.words("datum.right", "datum.right"),
    }
    divergences = {
        "least KL": parts.number(f"recorded.least{now} / 1000", ".3f"),
        "greatest": parts.number(f"recorded.most{now} / 1000", ".3f"),
    }
    places, divergences = ({name: parts.once(known, one) for name, one in row.items()} for row in (places, divergences))
    x, y = parts.axis(alt.X, "action", -3, 3), parts.axis(alt.Y, "density", 0, 1.8)
    place = field("x")
    share, distance = signal("share"), signal("distance")
    two = (1 - share) * density(place, -distance, SPREAD) + share * density(place, distance, SPREAD)
    target = (
        let(parts.line("x", -3, 3, 120), p=two).mark_area(color=P, opacity=0.35, clip=True).encode(x=x("x"), y=y("p"))
    )
    cells = 60
    grid = let(
        parts.counted(FITS * (cells + 1)),
        fit=f"floor(datum.i / {cells + 1})",
        at=f"datum.i % {cells + 1} - {cells // 2}",
    )
    of_fit = lambda axis: f"recorded.fits{now}[{axis}][datum.fit] / {SCALE}"
    bells = let(let(grid, mean=of_fit(0), std=of_fit(1)), x=field("mean") + field("at") * field("std") * (8 / cells))
    bells = let(bells, q=density(field("x"), field("mean"), field("std")))
    bells = (
        bells.transform_filter(known)
        .mark_line(color=Q, strokeWidth=1, opacity=0.7, clip=True)
        .encode(x=x("x"), y=y("q"), detail="fit:N", order="i:Q")
    )
    mean, std = parts.axis(alt.X, "mean of q", -3, 3), parts.axis(alt.Y, "spread of q", 0, 1.8)
    stages = STAGES + 1
    ways = let(parts.counted(FITS * stages), fit=f"floor(datum.i / {stages})", stage=f"datum.i % {stages}")
    of_stage = lambda axis: f"recorded.fits[datum.stage][{axis}][datum.fit] / {SCALE}"
    ways = let(ways, mean=of_stage(0), std=of_stage(1)).transform_filter(f"datum.stage <= step / {STEP}")
    lines = (
        ways.transform_filter(known)
        .mark_line(color=Q, strokeWidth=1, opacity=0.6, clip=True)
        .encode(x=mean("mean"), y=std("std"), detail="fit:N", order="stage:Q")
    )
    starts = let(parts.counted(FITS), mean=fitted(0, "[0]"), std=fitted(1, "[0]"))
    starts = starts.mark_circle(color=NEUTRAL, size=20, clip=True).encode(x=mean("mean"), y=std("std"))
    wait = (
        parts.waiting(mean=0, std=1.5).encode(x=mean("mean"), y=std("std")).transform_filter("direction == 'reverse'")
    )
    told = parts.told_guess(RIGHT)
    ends = (
        rows.transform_filter(known)
        .mark_circle(color=Q, size=50, opacity=0.9, clip=True)
        .encode(x=mean("mean"), y=std("std"))
    )
    directions = {"forward": "forward, D(p‖q)", "reverse": "reverse, D(q‖p)"}
    return parts.sheet(
        parts.readouts(counted, {"step": parts.number("step", "d")} | divergences, places),
        parts.pair(
            (alt.layer(target, bells), "Twenty fits to the demonstrator (green)"),
            (alt.layer(lines, starts, ends, wait, told), "The start (grey) and the end of each fit"),
        ),
        parts.guess(
            "In reverse, how many of 20 fits end on the right?", RIGHT, "half", "direction == 'reverse' && step == 400"
        ),
        parts.choice("direction", "KL", directions, "reverse"),
        parts.choice("share", "share right", [0, 0.1, 0.3, 0.5, 0.7, 1], 0.3),
        parts.choice("distance", "modes at ±", [0, 0.3, 0.6, 0.8, 1, 1.5], 1),
        parts.choice("seed", "run", {0: "first", 1: "second", 2: "third"}, 0),
        parts.slider("step", "training step", gaussian_fit.STEPS, 0, gaussian_fit.STEPS, STEP),
        parts.recorded(),
    )
