"""A policy that LeRobot has trained, for the book's function that rolls out. Runs in LeRobot's own environment."""

from pathlib import Path

import numpy as np
import torch
from lerobot.configs.policies import PreTrainedConfig
from lerobot.policies.factory import get_policy_class, make_pre_post_processors
from torch import Tensor

from helpers.policies.carrier import CHUNK
from helpers.robot.arm import CarryCup


class KnowsBox(CarryCup):
    """The arm whose observations hold the middle of the box, too."""

    def observation(self) -> dict[str, np.ndarray]:
        return super().observation() | {"box": self.info()["box"].astype(np.float32)}


class Official:
    """What LeRobot stored in `checkpoint`, with its own normalisation."""

    def __init__(self, checkpoint: Path):
        config = PreTrainedConfig.from_pretrained(checkpoint)
        self.policy = get_policy_class(config.type).from_pretrained(checkpoint, config=config)
        self.before, self.after = make_pre_post_processors(config, pretrained_path=str(checkpoint))

    def chunks(self, observations: list[dict]) -> Tensor:
        """Where the cup shall be after 1 .. CHUNK periods, for each observation, (B, CHUNK, 2)."""
        stacked = {name: torch.from_numpy(np.stack([one[name] for one in observations])) for name in observations[0]}
        seen = {"observation.state": stacked["hand"]}
        if self.policy.config.image_features:
            seen["observation.image"] = stacked["picture"].permute(0, 3, 1, 2).float() / 255
        else:
            seen["observation.environment_state"] = stacked["box"]
        self.policy.reset()  # what it has kept of the look before
        seen = self.before(seen)
        return torch.stack([self.after(self.policy.select_action(dict(seen))) for _ in range(CHUNK)], 1)
