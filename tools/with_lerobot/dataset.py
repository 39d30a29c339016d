"""The book's demonstrations as a LeRobot dataset of format v3.0, for page 09's arm. Runs in LeRobot's own environment.

Ten frames a second; an episode has STEPS of them. In each: `observation.state`, where the cup is, and `action`, where it shall be
PERIOD later, (x, y) in metres; and what the policy sees of the scene, `observation.image` (40, 40, 3), or
`observation.environment_state`, the middle of the box, (x, y) in metres.
"""

from pathlib import Path

import numpy as np

from helpers.policies import carrier
from helpers.robot.arm import PIXELS
from helpers.robot.table import PERIOD

PLACE = {"dtype": "float32", "shape": (2,), "names": ["x", "y"]}
SEEN = {
    "pictures": {
        "observation.image": {
            "dtype": "image",
            "shape": (PIXELS, PIXELS, 3),
            "names": ["height", "width", "channels"],
        }
    },
    "box": {"observation.environment_state": PLACE},
}
TASK = "Carry the cup round the box to the tray."


def frame(sees: str, observation: dict, action: np.ndarray, box: np.ndarray) -> dict:
    """What is stored of one moment."""
    scene = (
        {"observation.image": observation["picture"]}
        if sees == "pictures"
        else {"observation.environment_state": box.astype(np.float32)}
    )
    return scene | {"observation.state": observation["hand"], "action": action.astype(np.float32), "task": TASK}


def write(sees: str, episodes: int, root: Path) -> None:
    """The demonstrations that the book's heads learn from, in `root`, which must not exist yet."""
    from lerobot.datasets.lerobot_dataset import LeRobotDataset  # here, so that the tests need no LeRobot

    features = SEEN[sees] | {"observation.state": PLACE, "action": PLACE}
    dataset = LeRobotDataset.create(
        "book/carry-cup", fps=round(1 / PERIOD), features=features, root=root, use_videos=False
    )
    for observations, way, box in carrier.carried_out(episodes):
        for observation, action in zip(observations, way, strict=True):
            dataset.add_frame(frame(sees, observation, action, box))
        dataset.save_episode()
    dataset.finalize()
