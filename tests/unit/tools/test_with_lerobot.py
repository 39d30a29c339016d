"""The way to LeRobot, as far as it goes without LeRobot: what a frame of the data set holds, which trainings are run and from
where, and what a machine is told that lacks something."""

import json
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from common import ROOT
from with_lerobot import dataset, ready, run

from helpers.policies import carrier
from helpers.robot import arm
from helpers.robot.table import STEPS, TRAY


@pytest.mark.parametrize("sees", dataset.SEEN)
def test_a_frame_holds_what_its_features_say(sees):
    observations, way, box = next(carrier.carried_out(1))
    features = dataset.SEEN[sees] | {"observation.state": dataset.PLACE, "action": dataset.PLACE}
    for observation, action in zip(observations, way, strict=True):
        frame = dataset.frame(sees, observation, action, box)
        assert set(frame) == {*features, "task"}
        for name, feature in features.items():
            assert frame[name].shape == feature["shape"], name
            assert frame[name].dtype == ("uint8" if feature["dtype"] == "image" else feature["dtype"]), name
            assert len(feature["names"]) == len(feature["shape"]) or feature["names"] == ["x", "y"]
    np.testing.assert_allclose(frame["action"], [TRAY, 0], atol=1e-6)  # metres, in the arm's own frame


def test_no_demonstration_crashes_and_each_ends_at_the_tray():
    for seed in (0, 1):
        for observations, way, box in carrier.carried_out(5, seed=seed):
            assert way.shape == (STEPS, 2) and len(observations) == STEPS
            env = arm.CarryCup()
            env.reset(seed=0)
            env.place(observations[0]["hand"])
            env.data.mocap_pos[0, :2] = box
            infos = [env.step(action)[-1] for action in way]
            assert not any(info["crash"] for info in infos) and infos[-1]["delivered"]


@pytest.mark.parametrize("sees", run.BUDGET)
def test_both_policies_learn_from_equal_samples_and_each_twice_as_long_too(sees):
    todo = run.jobs(sees, None)
    assert len(todo) == 2 * 2 * len(run.SEEDS) and len({job.folder for job in todo.values()}) == len(todo)
    samples = {key: job.steps * job.batch for key, job in todo.items()}
    for seed in run.SEEDS:
        assert samples["act", seed] == samples["diffusion", seed] == samples["act_longer", seed] / 2
    assert all(
        json.loads((run.HERE / f"{policy}.json").read_text())["policy"]["type"] == policy for policy in run.POLICIES
    )


def test_a_training_begins_from_its_file_and_goes_on_from_its_last_checkpoint(tmp_path, monkeypatch):
    commands = []
    monkeypatch.setattr(run, "run", lambda command, log: commands.append(command))
    job = run.Job("box", "act", 2, 32, 100, 10, tmp_path)
    run.train(job, tmp_path / "data")
    assert f"--config_path={run.HERE / 'act.json'}" in commands[0]
    assert {"--steps=100", "--seed=2", "--batch_size=32"} <= set(commands[0]) and "--resume=true" not in commands[0]
    last = tmp_path / "training" / "checkpoints" / "last" / "pretrained_model" / "train_config.json"
    last.parent.mkdir(parents=True)
    last.write_text("{}")
    run.train(job, tmp_path / "data")
    assert commands[1][-2:] == [f"--config_path={last}", "--resume=true"] and last.exists()


def test_what_is_finished_is_not_done_again(tmp_path, monkeypatch):
    def never(*_):
        raise AssertionError("it runs again")

    monkeypatch.setattr(run, "run", never)
    job = run.Job("box", "act", 0, 32, 100, 10, tmp_path)
    job.checkpoint.mkdir(parents=True)
    job.found.write_text("{}")
    run.work(job, tmp_path)


@pytest.mark.parametrize(
    ("version", "free", "code", "words"),
    [
        ((3, 11), 1e12, 0, "Python 3.12"),
        ((3, 12), 1e9, 0, "make room"),
        ((3, 12), 1e12, 1, "a network?"),
        ((3, 12), 1e12, 0, ""),
    ],
)
def test_a_machine_hears_at_once_what_it_lacks(monkeypatch, tmp_path, version, free, code, words):
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setattr(ready.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    monkeypatch.setattr(ready.subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=code))
    said = ready.missing(str(tmp_path))
    assert (words in said) if words else said == ""


def test_a_machine_without_that_python_hears_so(tmp_path):
    for name in ("Makefile", "tools/with_lerobot/requirements.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    command = ["make", "--silent", "lerobot", "LEROBOT_PYTHON=no-such-python"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode and "LeRobot needs Python 3.12 or newer" in done.stdout
    assert not (tmp_path / ".lerobot").exists()
