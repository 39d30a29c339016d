"""A small arm that carries a cup round a box to a tray, moved by MuJoCo, with Gymnasium's interface.

Four joints: the base turns, shoulder, elbow and wrist bend. Gravity is off, the cup cannot fall: what can go wrong is that
it meets the box. An action says where the cup shall be; joint velocities come from it 50 times a second.
"""

import gymnasium
import mujoco
import numpy as np
from gymnasium import spaces

from helpers import validate
from helpers.robot.camera import Camera
from helpers.robot.table import BOX, CUP, HALF_CUP, HEIGHT, NEAR, PERIOD, RIM, TRAY, USUAL, Table

LINK, WRIST = 0.42, 0.18  # lengths of either link, and from the wrist to the middle of the cup
LIFT = 0.06  # of the cup's middle above the table
SUBSTEPS, EVERY = 20, 4  # MuJoCo's steps to an action, and to a command
GAIN, FASTEST = 8.0, 0.5  # 1/s of the command, and m/s of the cup
DAMPING = 1e-4  # of the inverse: keeps it finite where the arm is stretched
TIME = 80  # actions, after which an episode is over
PIXELS = 40
UNSTABLE = (mujoco.mjtWarning.mjWARN_BADQPOS, mujoco.mjtWarning.mjWARN_BADQVEL, mujoco.mjtWarning.mjWARN_BADQACC)
MODEL = f"""
<mujoco>
  <option timestep="{PERIOD / SUBSTEPS}" gravity="0 0 0" integrator="implicitfast"><flag autoreset="disable"/></option>
  <default>
    <geom contype="0" conaffinity="0" rgba="0.86 0.86 0.88 1"/>
    <joint damping="1" armature="0.02"/>
    <velocity kv="30"/>
  </default>
  <worldbody>
    <geom type="plane" size="1.2 1.2 0.1" rgba="0.62 0.56 0.48 1"/>
    <geom type="cylinder" pos="{TRAY} 0 0.004" size="{RIM} 0.004" rgba="0.25 0.45 0.7 1"/>
    <body name="box" mocap="true">
      <geom name="box" type="box" size="{BOX} {USUAL.half_width} {HEIGHT / 2}" pos="0 0 {HEIGHT / 2}" rgba="0.45 0.45 0.45 1" contype="1" conaffinity="1"/>
    </body>
    <body pos="0 0 0.1">
      <joint name="turn" axis="0 0 1"/>
      <geom type="cylinder" size="0.06 0.1"/>
      <body name="shoulder" pos="0 0 0.1">
        <joint name="shoulder" axis="0 1 0"/>
        <geom type="capsule" fromto="0 0 0 {LINK} 0 0" size="0.03"/>
        <body name="elbow" pos="{LINK} 0 0">
          <joint name="elbow" axis="0 1 0"/>
          <geom type="capsule" fromto="0 0 0 {LINK} 0 0" size="0.025"/>
          <body name="wrist" pos="{LINK} 0 0">
            <joint name="wrist" axis="0 1 0"/>
            <geom type="capsule" fromto="0 0 0 {WRIST - HALF_CUP} 0 0" size="0.02"/>
            <body pos="{WRIST} 0 0">
              <site name="cup"/>
              <geom type="cylinder" size="{CUP} {HALF_CUP}" euler="0 90 0" rgba="0.85 0.35 0.2 1" contype="1" conaffinity="1"/>
            </body>
          </body>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <velocity joint="turn"/><velocity joint="shoulder"/><velocity joint="elbow"/><velocity joint="wrist"/>
  </actuator>
</mujoco>
"""
mujoco.set_mju_user_warning(lambda message: None)  # `info` tells what it warns of; MuJoCo itself would write a file


class CarryCup(gymnasium.Env):
    """Carry the cup to the tray.

    An action is where the cup shall be PERIOD later: (x, y) in metres. An observation has the picture of a camera above the table,
    (PIXELS, PIXELS, 3), and the cup's place `hand`, (2,). `info` says what became of it: crash, the cup has touched the box;
    delivered, it is within NEAR of the middle of the tray and has not crashed; diverged, the simulation has become unstable.
    Each of them ends the episode; delivery gives the reward 1. After TIME actions it is truncated.
    Raises ValueError on an action that is not two finite numbers.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": round(1 / PERIOD)}
    camera = Camera((0.45, 0.0, 1.25), (0.45, 0.0, 0.0), 38, PIXELS, PIXELS)  # one for all arms: rays take memory
    side = Camera((0.15, -1.05, 0.8), (0.38, 0.0, 0.2), 50, 240, 320)

    def __init__(self, table: Table = USUAL, render_mode: str | None = "rgb_array"):
        self.table, self.render_mode = table, render_mode
        self.model = mujoco.MjModel.from_xml_string(MODEL)
        self.model.geom("box").size[1] = self.table.half_width
        self.data = mujoco.MjData(self.model)
        self.action_space = spaces.Box(np.float32([0, -0.5]), np.float32([1, 0.5]))
        self.observation_space = spaces.Dict(
            picture=spaces.Box(0, 255, (PIXELS, PIXELS, 3), np.uint8), hand=spaces.Box(-2, 2, (2,), np.float32)
        )

    def reset(self, *, seed: int | None = None, options: dict | None = None):
        """A new episode: box and start are drawn anew."""
        super().reset(seed=seed)
        mujoco.mj_resetData(self.model, self.data)
        self.data.mocap_pos[0, :2] = 5, 5  # out of the way while the arm takes its place
        self.place(self.table.start(self.np_random))
        self.data.mocap_pos[0, :2] = self.table.box(self.np_random)
        mujoco.mj_forward(self.model, self.data)
        self.time, self.crash = 0, False
        return self.observation(), self.info()

    def step(self, action):
        """PERIOD seconds on the way to the action, which is brought into the action space."""
        target = validate.finite("action", action, last=2).double().numpy()
        if target.ndim != 1:
            raise ValueError(f"action has shape {target.shape}; expected (2,). Pass one place at a time.")
        target = np.clip(target, self.action_space.low, self.action_space.high)
        for step in range(SUBSTEPS):
            if step % EVERY == 0:
                self.data.ctrl[:] = self.towards(target, GAIN)
            mujoco.mj_step(self.model, self.data)
            self.crash = self.crash or self.data.ncon > 0  # only cup and box can touch
        self.time += 1
        info = self.info()
        over = info["crash"] or info["delivered"] or info["diverged"]
        return self.observation(), float(info["delivered"]), over, self.time >= TIME, info

    def render(self) -> np.ndarray:
        """The arm from its right, (240, 320, 3)."""
        return self.side.picture(self.model, self.data)

    def observation(self) -> dict[str, np.ndarray]:
        """What a policy sees."""
        return {"picture": self.camera.picture(self.model, self.data), "hand": self.hand.astype(np.float32)}

    def info(self) -> dict:
        """What became of the episode, and what a policy does not see: the middle of the box."""
        diverged = any(self.data.warning[kind].number for kind in UNSTABLE) or not np.isfinite(self.data.qpos).all()
        near = bool(np.hypot(*(self.hand - [TRAY, 0])) < NEAR)
        return {
            "crash": bool(self.crash),
            "delivered": near and not self.crash and not diverged,
            "diverged": bool(diverged),
            "box": self.data.mocap_pos[0, :2].copy(),
        }

    @property
    def hand(self) -> np.ndarray:
        """Where the middle of the cup is, (2,)."""
        return self.data.site("cup").xpos[:2].copy()

    @property
    def joints(self) -> np.ndarray:
        """Where shoulder, elbow, wrist and cup are, (4, 3)."""
        return np.array(
            [*(self.data.body(name).xpos for name in ("shoulder", "elbow", "wrist")), self.data.site("cup").xpos]
        )

    def place(self, xy: np.ndarray) -> None:
        """Sets the joints so that the cup stands there."""
        self.data.qpos[:] = 0, -1.0, 1.9, 0.67
        for _ in range(200):
            mujoco.mj_forward(self.model, self.data)
            self.data.qpos[:] += 0.2 * self.towards(xy, 1.0)
        mujoco.mj_forward(self.model, self.data)

    def towards(self, xy: np.ndarray, gain: float) -> np.ndarray:
        """Joint velocities that bring the cup there, LIFT high and upright: Jᵀ (J Jᵀ + DAMPING I)⁻¹ gain · error, the damped
        least-squares inverse of the Jacobian J; its fourth row is the cup's tilt."""
        jacobian = np.zeros((4, self.model.nv))
        mujoco.mj_jacSite(self.model, self.data, jacobian[:3], None, self.model.site("cup").id)
        jacobian[3, 1:] = 1
        here = self.data.site("cup").xpos
        error = gain * np.array([*(xy - here[:2]), LIFT - here[2], np.pi / 2 - self.data.qpos[1:].sum()])
        error[:2] *= min(1.0, FASTEST / max(1e-9, np.hypot(*error[:2])))
        return jacobian.T @ np.linalg.solve(jacobian @ jacobian.T + DAMPING * np.eye(4), error)


gymnasium.register("book/CarryCup-v0", entry_point="helpers.robot.arm:CarryCup")
