"""Trains LeRobot's own ACT and Diffusion Policy on the book's demonstrations and rolls them out with the book's function.

make lerobot [SEES=box] [STEPS=5]      runs in LeRobot's own environment, .lerobot/venv

SEES: pictures (three hours on two cores), or box, policies that are given the middle of the box (an hour). Each of three trainings
and one of twice as many steps beside it; then 200 episodes for each number of executed actions. What is finished is kept in
.lerobot, and a run that was interrupted goes on there. The result is helpers/charts/measured_lerobot.json. With STEPS the
trainings have so few steps, and nothing is recorded: a test of the way.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import NamedTuple

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
CHARTS = ROOT / "helpers" / "charts"
RECORD = CHARTS / "measured_lerobot.json"
ARM = json.loads(
    (CHARTS / "measured_arm.json").read_text()
)  # the book's own heads: the same episodes and demonstrations
BUDGET = {"pictures": (16, 3000), "box": (32, 2500)}  # batch, steps: equal samples for both policies
POLICIES, SEEDS, LONGER = ("act", "diffusion"), (0, 1, 2), "_longer"
SHOWN = 10  # episodes whose ways are kept
VERSIONS = ("lerobot", "torch", "diffusers", "mujoco", "gymnasium")


class Job(NamedTuple):
    """One training and its rollouts. steps: of the training. episodes: of each rollout. folder: where it is kept."""

    sees: str
    policy: str
    seed: int
    batch: int
    steps: int
    episodes: int
    folder: Path

    @property
    def checkpoint(self) -> Path:
        return self.folder / "training" / "checkpoints" / f"{self.steps:06d}" / "pretrained_model"

    @property
    def found(self) -> Path:
        return self.folder / "found.json"


def jobs(sees: str, steps: int | None) -> dict[tuple[str, int], Job]:
    """{(name, seed): job}, the shorter trainings first."""
    batch, usual = BUDGET[sees]
    work = ROOT / ".lerobot" / (sees if steps is None else f"{sees}-{steps}")
    longer = ("", LONGER) if steps is None else ("",)
    episodes = ARM["episodes"] if steps is None else SHOWN
    job = lambda name, times, seed: Job(
        sees, name, seed, batch, (steps or usual) * times, episodes, work / f"{name}-{times}x-{seed}"
    )
    return {
        (name + suffix, seed): job(name, 2 if suffix else 1, seed)
        for suffix, seed, name in product(longer, SEEDS if steps is None else SEEDS[:1], POLICIES)
    }


def run(command: list[str], log: Path) -> None:
    """Runs it on one core, without the network; what it says goes to `log`. Raises CalledProcessError if it fails."""
    alone = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    with log.open("a") as file:
        subprocess.run(command, check=True, stdout=file, stderr=subprocess.STDOUT, env=os.environ | alone)


def train(job: Job, data: Path) -> None:
    """LeRobot's own command, from its last checkpoint if there is one."""
    training, log = job.folder / "training", job.folder / "log.txt"
    last = training / "checkpoints" / "last" / "pretrained_model" / "train_config.json"
    command = [sys.executable, "-m", "lerobot.scripts.lerobot_train"]
    if last.exists():
        return run([*command, f"--config_path={last}", "--resume=true"], log)
    shutil.rmtree(training, ignore_errors=True)
    settings = {"dataset.root": data, "steps": job.steps, "batch_size": job.batch, "seed": job.seed}
    chosen = [f"--{name}={value}" for name, value in (settings | {"output_dir": training}).items()]
    run([*command, f"--config_path={HERE / job.policy}.json", *chosen], log)


def measure(job: Job) -> None:
    """Rolls it out; what came of it goes to `job.found`."""
    import torch
    from official import KnowsBox, Official

    from helpers.policies import carrier
    from helpers.robot.arm import CarryCup

    torch.set_num_threads(1)
    policy, make = Official(job.checkpoint), CarryCup if job.sees == "pictures" else KnowsBox
    cells, ways = [], []
    for executed in ARM["executed"]:
        episodes = carrier.roll_out(policy, executed, job.episodes, make=make)
        cells.append([int(episodes.crash.sum()), int(episodes.delivered.sum())])
        ways.append((1000 * episodes.way[:SHOWN]).round().int().tolist())
    job.found.write_text(json.dumps({"cells": cells, "ways": ways}))


def work(job: Job, data: Path) -> None:
    """Training and rollouts, unless they are there; the minutes that it took are added to those of earlier, interrupted runs."""
    job.folder.mkdir(parents=True, exist_ok=True)
    clock, start = job.folder / "minutes.txt", time.monotonic()
    before = float(clock.read_text()) if clock.exists() else 0.0
    try:
        if not job.checkpoint.exists():
            train(job, data)
        if not job.found.exists():
            ask = [sys.executable, str(HERE / "run.py"), "--measure", json.dumps(job, default=str)]
            run(ask, job.folder / "log.txt")
    finally:
        clock.write_text(f"{before + (time.monotonic() - start) / 60:.1f}")


def progress(job: Job) -> str:
    """How far its training is."""
    log = job.folder / "log.txt"
    seen = re.findall(r"(\d+)/\d+ \[", log.read_text(errors="replace")[-2000:]) if log.exists() else []
    return f"{job.policy} {job.steps} steps, seed {job.seed}: {seen[-1] if seen else 'begins'}"


def record(todo: dict[tuple[str, int], Job]) -> None:
    """What came of all of them, beside what is recorded already for policies that see otherwise."""
    found = {key: json.loads(job.found.read_text()) for key, job in todo.items()}
    names = list(dict.fromkeys(name for name, _ in todo))
    one = next(iter(todo.values()))
    row = {
        "versions": {name: version(name) for name in VERSIONS},
        "batch": one.batch,
        "steps": one.steps,
        "minutes": {
            name: [float((todo[name, seed].folder / "minutes.txt").read_text()) for seed in SEEDS] for name in names
        },
        "cells": {name: [found[name, seed]["cells"] for seed in SEEDS] for name in names},
        "ways": {name: found[name, SEEDS[0]]["ways"] for name in names},
    }
    recorded = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    about = {name: ARM[name] for name in ("episodes", "executed", "demonstrations")}
    RECORD.write_text(json.dumps(about | recorded | {one.sees: row}, separators=(",", ":")) + "\n")


def main(sees: str, steps: int | None) -> None:
    """Everything that is not finished yet, two at a time."""
    from dataset import write

    todo = jobs(sees, steps)
    data = ROOT / ".lerobot" / f"data-{sees}"
    if not (data / "meta" / "episodes").exists():  # written last
        shutil.rmtree(data, ignore_errors=True)
        print(f"writing {ARM['demonstrations']} demonstrations", flush=True)
        write(sees, ARM["demonstrations"], data)
    with ThreadPoolExecutor(2) as cores:
        running = {cores.submit(work, job, data): job for job in todo.values()}
        while waiting := [job for done, job in running.items() if not done.done()]:
            begun = [job for job in waiting if job.folder.exists()]
            print(time.strftime("%H:%M"), f"{len(waiting)} to do;", "; ".join(map(progress, begun[:2])), flush=True)
            time.sleep(30)
        for done in running:
            done.result()
    if steps is None:
        record(todo)
    print("recorded" if steps is None else "it works: nothing is recorded of so short a training", flush=True)


if __name__ == "__main__":
    ask = argparse.ArgumentParser()
    ask.add_argument("--sees", choices=BUDGET, default="pictures")
    ask.add_argument("--steps", type=int)
    ask.add_argument("--measure", help=argparse.SUPPRESS)
    asked = ask.parse_args()
    if asked.measure:
        *rest, folder = json.loads(asked.measure)
        measure(Job(*rest, Path(folder)))
    else:
        main(asked.sees, asked.steps)
