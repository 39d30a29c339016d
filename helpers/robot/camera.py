"""A camera for MuJoCo that is made of rays: no OpenGL, no display."""

import mujoco
import numpy as np

LIGHT = np.array([0.2, -0.35, 0.9]) / np.linalg.norm([0.2, -0.35, 0.9])  # where it comes from
BACKGROUND = 0.9  # grey of what no ray meets


class Camera:
    """A pinhole camera at `eye` that looks at `target`, (3,) each, in metres, with rows x columns pixels.

    degrees: the angle from its lowest row to its highest. Straight down, the world's x axis points up in the picture.
    """

    def __init__(self, eye, target, degrees: float, rows: int, columns: int):
        self.eye, self.shape = np.asarray(eye, float), (rows, columns)
        forward = np.asarray(target, float) - self.eye
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, [0, 0, 1]) if abs(forward[2]) < 0.99 else np.array([0.0, -1.0, 0.0])
        right /= np.linalg.norm(right)
        reach = np.tan(np.radians(degrees) / 2)
        up = np.linspace(reach, -reach, rows)[:, None, None] * np.cross(right, forward)
        aside = np.linspace(-reach, reach, columns)[:, None] * columns / rows * right
        directions = (forward + up + aside).reshape(-1, 3)
        self.directions = directions / np.linalg.norm(directions, axis=1, keepdims=True)

    def picture(self, model: mujoco.MjModel, data: mujoco.MjData) -> np.ndarray:
        """What it sees, (rows, columns, 3) of uint8: the colour of what each ray meets first, less light the further its surface
        is turned from the lamp (Lambert's law, with 45 % of light from everywhere)."""
        n = len(self.directions)
        geom: np.ndarray = np.zeros(n, np.int32)
        distance, normal = np.zeros(n), np.zeros((n, 3))
        mujoco.mj_multiRay(
            model, data, self.eye, self.directions.ravel(), None, True, -1, geom, distance, normal.ravel(), n, 10.0
        )
        shade = 0.45 + 0.55 * np.clip(normal @ LIGHT, 0, 1)
        color = np.where(geom[:, None] >= 0, model.geom_rgba[geom, :3] * shade[:, None], BACKGROUND)
        return (255 * color).astype(np.uint8).reshape(*self.shape, 3)
