"""A policy for the arm: from the picture and the place of the cup to a chunk of motions, by any of the book's heads.

    picture (B, 3, 40, 40), hand (B, 2)  ->  trunk, three convolutions: features (B, 128)  ->  head: a chunk (B, CHUNK, 2)

A chunk holds where the cup shall be after 1 .. CHUNK periods. A head sees it less the place of the hand, each coordinate scaled so that
the largest that was demonstrated becomes what its row says.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from helpers import heads, validate
from helpers.heads.head import Head
from helpers.robot import arm
from helpers.robot.table import STEPS, USUAL, Table
from helpers.training import descend, seeded

CHUNK = 12  # actions in a chunk
FEATURES, BATCH = 128, 128
SHOWN: dict[tuple[int, Table, int], "Demonstrations"] = {}
TRAINED: dict[tuple[str, int, Table, int], "Carrier"] = {}


class Carrying(NamedTuple):
    """A head for the arm. build: one for so many features and coordinates. steps: of its training. largest: what the largest
    coordinate is for it. draws: how often each example of a batch counts; more than once where a loss draws noise of its own,
    which costs little beside the trunk. decoding: how it is sampled, if there is more than one way.
    """

    build: Callable[[int, int], Head]
    steps: int = 1000
    largest: float = 1.4  # bins reach to 1.5
    draws: int = 1
    learning_rate: float = 1e-3
    decoding: Mapping[str, str] = {}


CARRYING: Mapping[str, Carrying] = {  # by their names in heads.HEADS
    "mse": Carrying(heads.MSEHead),
    "l1": Carrying(heads.L1Head),
    "independent_bins": Carrying(
        lambda features, dim: heads.IndependentBinsHead(features, 64, dim), learning_rate=3e-3
    ),
    "autoregressive_bins": Carrying(
        lambda features, dim: heads.AutoregressiveBinsHead(features, 64, 128, dim),
        learning_rate=5e-3,
        decoding={"decoding": "greedy"},  # as OpenVLA does
    ),
    "flow": Carrying(
        lambda features, dim: heads.FlowHead(features, dim, 256),
        steps=2000,
        largest=4.0,  # the routes must lie further apart than noise is wide
        draws=8,
        learning_rate=2e-3,
    ),
}


class Demonstrations(NamedTuple):
    """What was seen and where the cup was to go next, n moments: picture (n, 3, 40, 40) of uint8, hand (n, 2), chunk (n, CHUNK, 2)."""

    picture: Tensor
    hand: Tensor
    chunk: Tensor


class Episodes(NamedTuple):
    """What came of n episodes: crash, delivered, diverged, (n,) of bool; none of them where time was up. way: of the cup from
    above less the middle of the box, (n, TIME + 1, 2); after the end of an episode it stays where it is."""

    crash: Tensor
    delivered: Tensor
    diverged: Tensor
    way: Tensor


class Carrier(nn.Module):
    """Trunk and head. how: its row. reach: the largest that was demonstrated of each coordinate of a chunk, (CHUNK, 2), metres."""

    def __init__(self, how: Carrying, reach: Tensor):
        super().__init__()
        self.how, self.scale = how, reach / how.largest
        self.eye = nn.Sequential(
            nn.Conv2d(3, 16, 5, 2), nn.ReLU(), nn.Conv2d(16, 32, 3, 2), nn.ReLU(), nn.Conv2d(32, 32, 3, 2), nn.ReLU(),
            nn.Flatten(), nn.Linear(288, 96), nn.ReLU(),
        )  # fmt: skip
        self.features = nn.Sequential(nn.Linear(96 + 2, FEATURES), nn.ReLU())
        self.head = how.build(FEATURES, 2 * CHUNK)

    def trunk(self, picture: Tensor, hand: Tensor) -> Tensor:
        """Features of what is seen, (B, FEATURES)."""
        seen = self.eye(picture.float() / 255 - 0.5)
        return self.features(torch.cat([seen, 5 * (hand - hand.new_tensor([0.5, 0.0]))], -1))

    def loss(self, picture: Tensor, hand: Tensor, chunk: Tensor) -> Tensor:
        """The head's loss on a batch."""
        action = ((chunk - hand.unsqueeze(1)) / self.scale).flatten(1)
        return self.head.loss(self.trunk(picture, hand).repeat(self.how.draws, 1), action.repeat(self.how.draws, 1))

    def plan(self, picture: Tensor, hand: Tensor) -> Tensor:
        """A chunk for each, (B, CHUNK, 2) in metres: a sample of the head."""
        with torch.no_grad():
            action = self.head.sample(self.trunk(picture, hand), 1, **self.how.decoding)[0]
        return hand.unsqueeze(1) + self.scale * action.unflatten(-1, (CHUNK, 2))

    def chunks(self, observations: list[dict]) -> Tensor:
        """The plan for each observation of the arm, (B, CHUNK, 2)."""
        return self.plan(*seen(observations))


def seen(observations: list[dict]) -> tuple[Tensor, Tensor]:
    """Observations of the arm as tensors: picture (B, 3, 40, 40) of uint8, hand (B, 2)."""
    stacked = {name: torch.from_numpy(np.stack([one[name] for one in observations])) for name in ("picture", "hand")}
    return stacked["picture"].permute(0, 3, 1, 2), stacked["hand"]


def carried_out(n: int, table: Table = USUAL, seed: int = 0) -> Iterator[tuple[list[dict], np.ndarray, np.ndarray]]:
    """The demonstrator's episodes, one by one: what is seen before each of STEPS actions, the actions (STEPS, 2), and the middle of
    the box (2,)."""
    env, rng = arm.CarryCup(table), np.random.default_rng(seed)
    for _ in range(n):
        observation, info = env.reset(seed=int(rng.integers(2**31)))
        way, observations = env.table.demonstration(rng, env.hand, info["box"]), []
        for action in way:
            observations.append(observation)
            observation = env.step(action)[0]
        yield observations, way, info["box"]


def demonstrations(
    n: int, table: Table = USUAL, seed: int = 0, progress: Callable[[float], None] = lambda done: None
) -> Demonstrations:
    """What the demonstrator sees and does in n episodes, STEPS moments each; after the end of a way a chunk stays at the tray.

    The same ones are carried out once: the second time they are remembered. progress: called with the share done after each.
    Raises ValueError if n is below 1.
    """
    n = validate.count("n", n)
    if (n, table, seed) in SHOWN:
        return SHOWN[n, table, seed]
    observations, chunks = [], []
    for episode, (observed, way, _) in enumerate(carried_out(n, table, seed), start=1):
        padded = np.vstack([way, np.repeat(way[-1:], CHUNK, 0)])
        observations += observed
        chunks += [padded[step : step + CHUNK] for step in range(STEPS)]
        progress(episode / n)
    shown = Demonstrations(*seen(observations), torch.tensor(np.stack(chunks), dtype=torch.float32))
    return SHOWN.setdefault((n, table, seed), shown)


def train(
    head: str,
    shown: Demonstrations,
    seed: int = 0,
    share: float = 1.0,
    progress: Callable[[float], None] = lambda done: None,
) -> Carrier:
    """A policy with that head of CARRYING, trained on demonstrations by Adam, whose rate falls linearly to 0.

    seed: of weights and minibatches. share: of the steps that the head's row says; more than 1 to train it longer.
    Raises ValueError on an unknown head, no demonstrations or a share that is not positive.
    """
    how = CARRYING[validate.one_of("head", head, CARRYING)]
    if len(shown.hand) == 0:
        raise ValueError(
            "demonstrations is empty; expected at least one moment. Pass demonstrations(400), for example."
        )
    steps = max(1, round(validate.number("share", share, 0, open_low=True) * how.steps))
    with seeded(seed):
        policy = Carrier(how, (shown.chunk - shown.hand.unsqueeze(1)).abs().amax(0))
        optimizer = torch.optim.Adam(policy.parameters(), lr=how.learning_rate)

        def loss() -> Tensor:
            rows = torch.randint(len(shown.hand), (BATCH,))
            return policy.loss(*(of[rows] for of in shown))

        descend(optimizer, loss, steps, progress, every=max(1, steps // 20))
    return policy.eval()


def trained(
    head: str,
    n: int = 400,
    table: Table = USUAL,
    seed: int = 0,
    progress: Callable[[float], None] = lambda done: None,
) -> Carrier:
    """`train` on n demonstrations; the same policy twice is trained once, the second time it is remembered."""
    if (head, n, table, seed) not in TRAINED:
        shown = demonstrations(n, table, seed, lambda done: progress(done / 4))
        TRAINED[head, n, table, seed] = train(head, shown, seed, progress=lambda done: progress((1 + 3 * done) / 4))
    return TRAINED[head, n, table, seed]


def roll_out(
    policy: Carrier,
    executed: int,
    episodes: int = 200,
    table: Table = USUAL,
    seed: int = 1_000_000,
    watch: Callable[[arm.CarryCup], None] = lambda env: None,
    make: Callable[[Table], arm.CarryCup] = arm.CarryCup,
) -> Episodes:
    """What becomes of episodes in which the policy carries out the first `executed` actions of each chunk before it looks again.

    policy: a Carrier, or whatever has its method `chunks`. make: the arm; one whose observations hold more, for instance.
    seed: of the first episode's table, and of the head's draws. watch: called with the first episode's arm at its start and after
    each of its actions. Raises ValueError if executed is not in 1 .. CHUNK or episodes is below 1.
    """
    if validate.count("executed", executed) > CHUNK:
        raise ValueError(f"executed = {executed}; a chunk has {CHUNK} actions. Execute at most that many.")
    envs = [make(table) for _ in range(validate.count("episodes", episodes))]
    looks = {k: env.reset(seed=seed + k)[0] for k, env in enumerate(envs)}  # what is seen where an episode is not over
    ways = [[env.hand] for env in envs]
    watch(envs[0])
    with seeded(seed):
        while looks:
            chunks = policy.chunks(list(looks.values())).numpy()
            for k, chunk in zip(list(looks), chunks, strict=True):
                for action in chunk[:executed]:
                    looks[k], _, over, late, _ = envs[k].step(action)
                    ways[k].append(envs[k].hand)
                    if k == 0:
                        watch(envs[0])
                    if over or late:
                        del looks[k]
                        break
    infos = [env.info() for env in envs]
    outcome = (torch.tensor([info[name] for info in infos]) for name in ("crash", "delivered", "diverged"))
    return Episodes(*outcome, torch.stack([padded(way, info["box"]) for way, info in zip(ways, infos, strict=True)]))


def padded(way: list[np.ndarray], box: np.ndarray) -> Tensor:
    """The places of a way less that of the box, (TIME + 1, 2), the last one repeated."""
    return torch.tensor(np.array(way + way[-1:] * (arm.TIME + 1 - len(way))) - box)
