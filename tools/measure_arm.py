"""Measures how often the arm crashes and delivers, for helpers/charts/measured_arm.json, which page 09 draws.

python tools/measure_arm.py      half an hour on two cores

A cell is a head of the book, trained from a seed on 400 demonstrations, and how many actions it carries out before it looks again:
[crashes, deliveries] in 200 episodes. A name that ends in "_longer" is that head trained twice as long.
"""

import json
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

from helpers.charts.closed_loop import EXECUTED
from helpers.labs.carrying import EPISODES
from helpers.policies import carrier

FILE = Path(__file__).parents[1] / "helpers" / "charts" / "measured_arm.json"
SEEDS, DEMONSTRATIONS = (0, 1, 2), 400
LONGER = "_longer"
NAMES = (*carrier.CARRYING, "flow" + LONGER)


def measured(name: str, seed: int) -> list[list[int]]:
    """[crashes, deliveries] for each of EXECUTED."""
    head, share = name.removesuffix(LONGER), 2 if name.endswith(LONGER) else 1
    policy = carrier.train(head, carrier.demonstrations(DEMONSTRATIONS), seed, share)
    found = (carrier.roll_out(policy, executed, EPISODES) for executed in EXECUTED)
    return [[int(episodes.crash.sum()), int(episodes.delivered.sum())] for episodes in found]


if __name__ == "__main__":
    with ProcessPoolExecutor(2) as processes:
        runs = list(product(NAMES, SEEDS))
        rows = dict(zip(runs, processes.map(measured, *zip(*runs, strict=True)), strict=True))
    cells = {name: [rows[name, seed] for seed in SEEDS] for name in NAMES}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(found)}" for name, found in cells.items())
    FILE.write_text(
        f'{{"episodes": {EPISODES}, "executed": {list(EXECUTED)}, "demonstrations": {DEMONSTRATIONS},\n"cells": {{\n{lines}\n}}}}\n'
    )
