"""What the exercises of page 08 ask for, computed in another way: by search, by Bayes' rule and by enumeration."""

import itertools

import torch
from torch.distributions import Categorical, Normal, kl_divergence

from helpers import heads
from helpers.robot.cup_and_tray import CupAndTray
from helpers.theory import optima


def outer(pmf: list[float]) -> torch.Tensor:
    """The joint PMF of two independent draws."""
    return torch.outer(*torch.tensor([pmf, pmf]))


def least_share_that_passes(head: str, d: float = 0.6) -> float:
    """The smallest share on the right at which the head no longer crashes, by bisection."""
    low, high = 0.5, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if heads.optimum(head, CupAndTray(d, middle)).crash else (low, middle)
    return high


def weight_of_right(x: float, t: float) -> float:
    """P(the action is 0.6 | x_t = x), when -0.6 and 0.6 are equally likely and x_t = t noise + (1 - t) a: Bayes' rule."""
    left, right = (Normal((1 - t) * a, t).log_prob(torch.tensor(x, dtype=torch.float64)).exp() for a in (-0.6, 0.6))
    return (right / (left + right)).item()


def one_euler_step(w: float) -> float:
    """Where a draw of noise lands at gate 1, by the exact velocity in the plane."""
    task, noise = CupAndTray(w=w), torch.tensor([[1.3, -0.4]], dtype=torch.float64)
    return heads.euler(lambda x, t: optima.velocity(x, t, task), noise, 1)[0, 0].item()


def chunk_on_one_side(n: int) -> float:
    """The share of all chunks of n steps, left or right, that do not change sides."""
    chunks = list(itertools.product("lr", repeat=n))
    return sum(len(set(chunk)) == 1 for chunk in chunks) / len(chunks)


def total_correlation(n: int) -> float:
    """D(p || q) of n steps on one side, either side equally likely, and n independent steps, over all chunks."""
    p = torch.zeros(2**n, dtype=torch.float64)
    p[0] = p[-1] = 0.5
    return kl_divergence(Categorical(probs=p), Categorical(probs=torch.ones_like(p) / len(p))).item()
