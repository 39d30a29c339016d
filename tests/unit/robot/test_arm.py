"""The arm: its geometry, what it sees, what counts as a crash, and that a simulation that breaks is no success."""

import warnings

import gymnasium
import mujoco
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from helpers.robot import arm
from helpers.robot.camera import Camera
from helpers.robot.table import BOX, CUP, NEAR, START, STEPS, TRAY, Table

FEW = range(8)


def gap(way: np.ndarray, box: np.ndarray, half_width: float) -> np.ndarray:
    """How far the middle of the cup is from the box, at each place."""
    return np.hypot(*np.maximum(np.abs(way - box) - [BOX, half_width], 0).T)


def carried(env: arm.CarryCup, seed: int, way=None) -> tuple[np.ndarray, dict]:
    """The cup's way, and what came of it, when the demonstrator's actions or the given ones are carried out."""
    _, info = env.reset(seed=seed)
    rng, ways, over = np.random.default_rng(seed), [env.hand], False
    for action in env.table.demonstration(rng, env.hand, info["box"]) if way is None else way:
        if not over:
            _, _, over, _, info = env.step(action)
            ways.append(env.hand)
    return np.array(ways), info


def test_it_is_an_environment_as_gymnasium_wants_it():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*action space.*symmetric and normalized.*")  # ours are metres
        check_env(gymnasium.make("book/CarryCup-v0").unwrapped)


@pytest.mark.parametrize("half_width", [0.05, 0.08])
def test_the_demonstrator_passes_on_either_side_and_delivers(half_width):
    env, sides = arm.CarryCup(Table(half_width=half_width)), set()
    for seed in FEW:
        way, info = carried(env, seed)
        assert info["delivered"] and not info["crash"]
        assert gap(way, info["box"], half_width).min() > CUP
        assert np.hypot(*(way[-1] - [TRAY, 0])) < NEAR
        assert len(way) <= STEPS + 1
        beside = way[np.abs(way[:, 0] - info["box"][0]) < BOX]
        sides.add(np.sign(beside[0, 1] - info["box"][1]))
    assert sides == {-1, 1}


def test_who_goes_straight_crashes_where_cup_and_box_meet():
    env = arm.CarryCup()
    for seed in FEW:
        way, info = carried(env, seed, np.linspace([START, 0], [TRAY, 0], STEPS))
        assert info["crash"] and not info["delivered"]
        assert gap(way, info["box"], 0.08)[-1] < CUP + 0.005
        assert gap(way, info["box"], 0.08)[-2] > CUP - 0.005


def test_the_cup_is_carried_upright_and_the_links_keep_their_length():
    env = arm.CarryCup()
    env.reset(seed=3)
    for action in env.table.demonstration(np.random.default_rng(0), env.hand, env.info()["box"]):
        shoulder, elbow, wrist, cup = env.joints
        assert np.linalg.norm(elbow - shoulder) == pytest.approx(arm.LINK)
        assert np.linalg.norm(wrist - elbow) == pytest.approx(arm.LINK)
        np.testing.assert_allclose(cup - wrist, [0, 0, -arm.WRIST], atol=0.02)
        assert cup[2] == pytest.approx(arm.LIFT, abs=0.01)
        env.step(action)


def test_an_episode_starts_where_the_table_says_and_repeats_with_its_seed():
    env = arm.CarryCup()
    starts, boxes = [], []
    for seed in range(40):
        first, info = env.reset(seed=seed)
        starts.append(env.hand)
        boxes.append(info["box"])
        again, _ = env.reset(seed=seed)
        assert all((first[name] == again[name]).all() for name in first)
    starts, boxes = np.array(starts), np.array(boxes)
    np.testing.assert_allclose(starts[:, 0], START, atol=2e-3)
    assert 0.007 < starts[:, 1].std() < 0.014
    assert np.abs(boxes - [0.49, 0]).max() <= 0.03 < 1.2 * np.abs(boxes - [0.49, 0]).max()


def pixel(env: arm.CarryCup, x: float, y: float, z: float) -> tuple[int, int]:
    """Row and column of a place, for a pinhole 1.25 m above (0.45, 0) that looks straight down: up is x, left is y."""
    focal = (arm.PIXELS - 1) / 2 / np.tan(np.radians(19)) / (1.25 - z)
    middle = (arm.PIXELS - 1) / 2
    return round(middle - focal * (x - 0.45)), round(middle - focal * y)


def test_the_camera_shows_what_stands_where():
    env = arm.CarryCup(Table(scatter=0.0))
    observation, info = env.reset(seed=5)
    assert observation["picture"].shape == (40, 40, 3) and observation["picture"].dtype == np.uint8
    color = lambda *place: observation["picture"][pixel(env, *place)].astype(int)
    x, y = info["box"]
    grey = color(x, y, 0.12)
    assert np.ptp(grey) < 5 and 80 < grey[0] < 130
    for side in (-1, 1):
        assert np.ptp(color(x, y + 0.07 * side, 0.12)) < 5
        table = color(x, y + 0.16 * side, 0)
        assert table[0] > table[2] + 20  # wood
    tray = color(TRAY, 0.04, 0)
    assert tray[2] > tray[0] + 40  # blue
    assert env.render().shape == (240, 320, 3)


def test_a_simulation_that_breaks_is_told_and_is_no_success():
    env = arm.CarryCup()
    env.reset(seed=0)
    env.data.mocap_pos[0, :2] = 5, 5
    env.place(np.array([TRAY, 0.0]))
    assert env.info()["delivered"]
    env.data.qvel[:] = 1e12
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, reward, over, _, info = env.step([TRAY, 0.0])
    assert info["diverged"] and not info["delivered"] and over and reward == 0


@pytest.mark.parametrize(
    ("action", "message"),
    [([np.nan, 0], "NaN"), ([0.3], "expected"), ([[0.3, 0.0]], "one place at a time"), ("left", "numbers")],
)
def test_an_action_that_is_none_is_refused(action, message):
    env = arm.CarryCup()
    env.reset(seed=0)
    with pytest.raises(ValueError, match=message):
        env.step(action)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"place": 0.62}, "on the tray"),
        ({"place": 0.36}, "where the cup starts"),
        ({"place": 0.52, "shift": 0.1}, "on the tray|where the cup starts"),
        ({"half_width": 0.2}, "half_width"),
        ({"half_width": 0}, "half_width"),
        ({"scatter": -0.1}, "scatter"),
    ],
)
def test_a_table_that_cannot_be_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Table(**wrong)


def test_a_camera_sees_what_each_of_its_rays_meets_first():
    """Against one ray at a time: MuJoCo casts many at once by another way."""
    env = arm.CarryCup()
    env.reset(seed=2)
    for camera in (env.camera, Camera(env.side.eye, (0.38, 0.0, 0.2), 50, 48, 64)):
        seen = camera.picture(env.model, env.data).reshape(-1, 3)
        first = np.zeros(1, np.int32)
        for direction, pixel in zip(camera.directions, seen, strict=True):
            mujoco.mj_ray(env.model, env.data, camera.eye, direction, None, 1, -1, first)
            lit = 255 * (env.model.geom_rgba[first[0], :3] if first[0] >= 0 else np.full(3, 0.9))
            assert (pixel <= np.ceil(lit)).all() and (pixel >= np.floor(0.45 * lit - 1)).all()
