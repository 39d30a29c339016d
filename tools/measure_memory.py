"""Measures how a policy that has learned its scenes by heart hides mode averaging, for helpers/charts/measured_memory.json, which
page 09 draws.

python tools/measure_memory.py      half an hour on two cores

Squared error, twelve actions executed at a time, on few and on many demonstrations, trained for short and for long. A row is a
training: crashes in 200 episodes; and how often the last place of the first chunk lies within 5 cm of the demonstrated one, in the
scenes of the training and in fresh ones, where a policy that has not learned by heart is as near by chance.
"""

import json
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

from torch import Tensor

from helpers.labs.carrying import EPISODES
from helpers.policies import carrier
from helpers.robot.table import STEPS

FILE = Path(__file__).parents[1] / "helpers" / "charts" / "measured_memory.json"
SEEDS, DEMONSTRATIONS, SHARES = (0, 1, 2), (300, 3000), (1, 10)  # shares of the steps that the head's row says
FRESH, NEAR = 300, 0.05  # fresh scenes, and metres


def near(policy: carrier.Carrier, shown: carrier.Demonstrations) -> float:
    """The share of episodes in which the last place of the first chunk is near the demonstrated one."""
    first = slice(None, None, STEPS)
    ends: Tensor = policy.plan(shown.picture[first], shown.hand[first])[:, -1] - shown.chunk[first, -1]
    return (ends.norm(dim=-1) < NEAR).double().mean().item()


def measured(demonstrations: int, share: int, seed: int) -> dict[str, float]:
    """One row."""
    shown = carrier.demonstrations(demonstrations, seed=seed)
    policy = carrier.train("mse", shown, seed, share)
    crashes = carrier.roll_out(policy, carrier.CHUNK, EPISODES).crash.sum()
    fresh = carrier.demonstrations(FRESH, seed=1000 + seed)
    return {"crashes": int(crashes), "own": round(near(policy, shown), 3), "fresh": round(near(policy, fresh), 3)}


if __name__ == "__main__":
    runs = list(product(DEMONSTRATIONS, SHARES, SEEDS))
    with ProcessPoolExecutor(2) as processes:
        rows = list(processes.map(measured, *zip(*runs, strict=True)))
    steps = carrier.CARRYING["mse"].steps
    cells = [
        {"demonstrations": demonstrations, "steps": steps * share, "seed": seed} | row
        for (demonstrations, share, seed), row in zip(runs, rows, strict=True)
    ]
    lines = ",\n".join(map(json.dumps, cells))
    FILE.write_text(f'{{"episodes": {EPISODES}, "rows": [\n{lines}\n]}}\n')
