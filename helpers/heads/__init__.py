"""The policy heads: each is a class, its optimum and a row of HEADS in one of these files; all lists of heads read HEADS."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from helpers import validate
from helpers.heads import bins, gaussians, generative, points
from helpers.heads.bins import DECODINGS, AutoregressiveBinsHead, IndependentBinsHead, decoded, demonstrator_pmf
from helpers.heads.gaussians import DiagonalGaussianHead, FullGaussianHead, MixtureHead, ReverseKLGaussianHead
from helpers.heads.generative import STEPS, DiffusionHead, FlowHead, cosine_schedule, denoise, euler
from helpers.heads.head import DIM, REACH, DensityHead, Head, Row
from helpers.heads.ideal import Case, Flow, Ideal, Noise, Optimum, demonstrator
from helpers.heads.points import L1Head, MSEHead
from helpers.robot.cup_and_tray import CupAndTray
from helpers.theory.optima import diffusion_end, diffusion_spread, flow_end, flow_spread, gaussian_mean, modes_of
from helpers.training import descend, seeded

HEADS: Mapping[str, Row] = points.HEADS | gaussians.HEADS | bins.HEADS | generative.HEADS
IDEALS: Mapping[str, Ideal] = {"demonstrator": demonstrator("as shown")} | {
    name: ideal for row in HEADS.values() for name, ideal in row.ideals.items()
}


def row(name: str) -> Row:
    """The row of a head by its name in HEADS. Raises ValueError if there is none."""
    return HEADS[validate.one_of("head", name, HEADS)]


def words(name: str) -> str:
    """What a reader calls the head or the ideal of that name. Raises ValueError if there is none."""
    if name == "demonstrator":
        return "demonstrator p"
    if name in HEADS and name not in IDEALS:
        return HEADS[name].words
    ideal = IDEALS[validate.one_of("head", name, IDEALS)]
    (own,) = (row.words for row in HEADS.values() if name in row.ideals)
    user = f" ({ideal.user})" if ideal.user else ""
    return f"{own}, {ideal.decoding}{user}" if ideal.decoding else own


def train(
    name: str,
    task: CupAndTray,
    demonstrations: Tensor,
    seed: int = 0,
    share: float = 1.0,
    progress: Callable[[float, Head], None] = lambda done, head: None,
) -> Head:
    """The head `name`, trained as its row says on demonstrations (n, 2) of the task.

    seed: of the weights and of the minibatches; the caller's random state stays as it is. share: how much of its steps to take, in (0, 1].
    progress: called with the share done and the head, before the first step and then about 20 times, the last time with 1.
    Raises ValueError on an unknown head, a share outside (0, 1] or bad demonstrations.
    """
    how = row(name)
    demonstrations = validate.finite("demonstrations", demonstrations, last=DIM)
    if demonstrations.ndim != 2 or len(demonstrations) == 0:
        raise ValueError(
            f"demonstrations has shape {tuple(demonstrations.shape)}; expected (n, {DIM}), n >= 1. Pass one action a row."
        )
    steps = max(1, round(validate.number("share", share, 0, 1, open_low=True) * how.steps))
    obs = torch.ones(how.batch, 1)
    minibatch = lambda: demonstrations[torch.randint(len(demonstrations), (how.batch,))]
    with seeded(seed):
        head = how.build(task)
        optimizer = torch.optim.Adam(head.parameters(), lr=how.learning_rate, fused=True)
        loss = lambda: head.loss(obs, minibatch())
        progress(0.0, head)
        descend(optimizer, loss, steps, lambda done: progress(done, head), every=max(1, steps // 20))
    return head


def optimum(head: str, task: CupAndTray, steps: int = 10) -> Optimum:
    """The population optimum of a head: what it becomes with endless demonstrations and a perfect fit.

    head: a name in IDEALS. steps: Euler steps of the flow, with the exact velocity. The denoiser takes Octo's 20; its
    rates, sums over 1201 draws, are right to 0.002. Independent and autoregressive bins are taken infinitely fine. The
    reverse-KL Gaussian and the greedy decodings take the heavier mode, and the left one at w = 1/2.
    Raises ValueError on an unknown head or bad steps.
    """
    ideal, p = IDEALS[validate.one_of("head", head, IDEALS)], modes_of(task)
    flow = Flow(validate.count("steps", steps), lambda z: flow_end(z, p, steps), flow_spread(task, steps))
    fine = 1e-4 if head == "flow" else 0.002  # where noise parts to the left and to the right the map is steep
    mean_of = lambda f: gaussian_mean(f, fine)
    if head == "diffusion":
        beta = cosine_schedule(STEPS)
        flow, mean_of = (
            Flow(STEPS, lambda _: diffusion_end(beta, p), diffusion_spread(task, beta)),
            lambda f: f(None).mean(),
        )
    found = ideal.optimum(Case(p, task.half_width, flow, mean_of))
    return Optimum(*(float(value) for value in found))
