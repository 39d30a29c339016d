"""From continuous actions to bins and tokens and back: the rules of RT-1 and of OpenVLA, quirks included.

Sources (read at these commits): robotics_transformer 4569641, tokenizers/action_tokenizer.py;
openvla c8f03f4, prismatic/vla/action_tokenizer.py, prismatic/vla/datasets/rlds/utils/data_utils.py and
prismatic/extern/hf/modeling_prismatic.py.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from helpers import validate
from helpers.namespace import maximum, minimum

# Action statistics of Bridge as published with OpenVLA's configuration: x, y, z in metres; roll, pitch, yaw in
# radians; gripper, open = 1. The gripper is not normalised (mask False).
BRIDGE_Q01 = torch.tensor(
    [-0.02872725307941437, -0.04170349963009357, -0.026093858778476715, -0.08092105075716972, -0.09288699507713317,
     -0.20718276381492615, 0.0], dtype=torch.float64)  # fmt: skip
BRIDGE_Q99 = torch.tensor(
    [0.028309678435325586, 0.040855254605412394, 0.040161586627364146, 0.08192047759890528, 0.07792850524187081,
     0.20382574498653397, 1.0], dtype=torch.float64)  # fmt: skip
BRIDGE_MASK = torch.tensor([True] * 6 + [False])


@dataclass(frozen=True)
class RT1Tokenizer:
    """RT-1: token = floor(u (bins - 1)) with u = (a - low) / (high - low); decoded as low + (high - low) token / (bins - 1).

    The floor decodes to the left edge of the interval, a bias of half an interval, and `bins` tokens give only
    `bins - 1` intervals: the last token is reached at a = high alone.
    """

    low: float = -1.0
    high: float = 1.0
    bins: int = 256

    def __post_init__(self):
        object.__setattr__(self, "low", validate.number("low", self.low))  # how a frozen dataclass stores
        object.__setattr__(self, "high", validate.number("high", self.high, self.low, open_low=True))
        object.__setattr__(self, "bins", validate.count("bins", self.bins, 2))

    @property
    def values(self) -> Tensor:
        """What each bin decodes to, shape (bins,)."""
        return self.decode(torch.arange(self.bins))

    def index(self, action: Tensor) -> Tensor:
        """The bin of actions of any shape, counted from 0: RT-1's token itself."""
        return self.encode(action)

    def encode(self, action: Tensor) -> Tensor:
        """Tokens 0..bins-1 of actions of any shape, clipped to [low, high] first. ValueError if not finite."""
        action = validate.finite("action", action).clamp(self.low, self.high)
        return ((action - self.low) / (self.high - self.low) * (self.bins - 1)).long()

    def decode(self, token: Tensor) -> Tensor:
        """Actions of tokens of any shape. ValueError if a token is not in 0..bins-1."""
        token = validate.integers("token", token, 0, self.bins - 1)
        return self.low + (self.high - self.low) * token / (self.bins - 1)

    def encode_mode(self, one_hot: Tensor) -> Tensor:
        """The token of the mode (arm, base or end of the episode), (...,): the place of the one in one_hot, (..., modes).

        ValueError if some row is not a one among zeros.
        """
        one_hot = validate.integers("one_hot", one_hot, 0, 1)
        if one_hot.ndim == 0 or (one_hot.sum(-1) != 1).any():
            raise ValueError(
                "one_hot has a row without exactly one 1; expected a one among zeros. Mark one mode per row."
            )
        return one_hot.argmax(-1)

    def decode_mode(self, token: Tensor, modes: int = 3) -> Tensor:
        """The mode of a token as a one-hot, (..., modes); a token that is no mode counts as 0, as in the official code."""
        token = validate.integers("token", token, 0, self.bins - 1)
        return torch.nn.functional.one_hot(torch.where(token < modes, token, 0), modes)


@dataclass(frozen=True)
class OpenVLATokenizer:
    """OpenVLA: k = digitize(clip(u, -1, 1), linspace(-1, 1, bins)) in 1..bins; token id = vocabulary - k.

    `bins` edges enclose bins - 1 intervals, so k = bins happens at u = 1 alone and decodes like k = bins - 1.
    The edges are NumPy's, as in the official code; torch.linspace differs in the last bit of some.
    """

    bins: int = 256
    vocabulary: int = 32_000  # of Llama 2; the ids below it, counted from the top, are reused for actions
    end: int = 2  # </s>
    logits: int = 32_064  # what the model emits: 32,000 + <PAD>, padded to a multiple of 64; nothing is masked
    edges: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        object.__setattr__(self, "bins", validate.count("bins", self.bins, 2))  # how a frozen dataclass stores
        object.__setattr__(self, "edges", np.linspace(-1, 1, self.bins))

    @property
    def centres(self) -> Tensor:
        """What the bins decode to: the midpoints of the intervals, shape (bins - 1,), float64."""
        return torch.from_numpy((self.edges[:-1] + self.edges[1:]) / 2)

    @property
    def values(self) -> Tensor:
        """What each bin k = 1..bins decodes to, shape (bins,), float64: the centres, the last one twice."""
        return torch.cat([self.centres, self.centres[-1:]])

    def bin(self, u: Tensor) -> Tensor:
        """One-based bin k in 1..bins of normalised actions of any shape. ValueError if not finite."""
        u = validate.finite("u", u).detach().double().clamp(-1, 1).contiguous()
        return torch.bucketize(u, torch.from_numpy(self.edges).to(u.device), right=True)  # np.digitize, on tensors

    def index(self, u: Tensor) -> Tensor:
        """The bin of normalised actions of any shape, counted from 0."""
        return self.bin(u) - 1

    def encode(self, u: Tensor) -> Tensor:
        """Token ids of normalised actions of any shape; values beyond [-1, 1] are clipped. ValueError if not finite."""
        return self.vocabulary - self.bin(u)

    def step(self, ids: Tensor, dims: int = 7) -> Tensor:
        """The normalised action, (dims,), of the ids that a model has generated, (n,), up to the end token.

        ValueError if the end token comes before `dims` ids. (The official code takes the last seven ids of prompt and
        answer together, so that an early end lets words of the prompt move the arm.)
        """
        ids = validate.integers("ids", ids, 0, self.logits - 1).flatten()
        ends = (ids == self.end).nonzero()
        written = ids[: ends[0]] if len(ends) else ids
        if len(written) < dims:
            raise ValueError(
                f"the model has written {len(written)} tokens before its end token; expected {dims}. Let it decode again."
            )
        return self.decode(written[:dims])

    def decode(self, token: Tensor) -> Tensor:
        """Normalised actions, float64, of token ids of any shape.

        As in the official code an id that is no action is clipped silently: lower ids to the top bin, higher to
        the bottom bin. ValueError only for ids that the model cannot emit, outside 0..logits-1.
        """
        token = validate.integers("token", token, 0, self.logits - 1)
        return self.centres.to(token.device)[(self.vocabulary - token - 1).clamp(0, self.bins - 2)]


def scaled(a, q01, q99):
    """2 (a - q01) / (q99 - q01 + 1e-8) - 1: from -1 to 1 within the range. Numbers, tensors or the names of a chart."""
    return 2 * (a - q01) / (q99 - q01 + 1e-8) - 1


def to_unit(a, q01, q99):
    """clip(2 (a - q01) / (q99 - q01 + 1e-8) - 1, -1, 1). Numbers, tensors or the names of a chart."""
    return minimum(1.0, maximum(-1.0, scaled(a, q01, q99)))


def from_unit(u, q01, q99):
    """(u + 1) / 2 (q99 - q01) + q01. Numbers, tensors or the names of a chart."""
    return (u + 1) / 2 * (q99 - q01) + q01


def normalize(action: Tensor, q01: Tensor, q99: Tensor, mask: Tensor) -> Tensor:
    """u = clip(2 (a - q01) / (q99 - q01 + 1e-8) - 1, -1, 1) where `mask` holds; elsewhere a itself.

    action: (..., n) in physical units; q01, q99: its 1 % and 99 % quantiles, (n,); mask: bool (n,). Returns (..., n).
    Raises ValueError if an action is not finite, has another number of dimensions, or q99 <= q01 where `mask` holds.
    """
    q01, q99, mask = check_quantiles(q01, q99, mask)
    action = validate.finite("action", action, last=len(q01))
    return torch.where(mask, to_unit(action, q01, q99), action)


def unnormalize(u: Tensor, q01: Tensor, q99: Tensor, mask: Tensor) -> Tensor:
    """a = (u + 1) / 2 (q99 - q01) + q01 where `mask` holds; elsewhere u itself. Shapes and errors as `normalize`."""
    q01, q99, mask = check_quantiles(q01, q99, mask)
    u = validate.finite("u", u, last=len(q01))
    return torch.where(mask, from_unit(u, q01, q99), u)


def check_quantiles(q01: Tensor, q99: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The three as tensors, or ValueError."""
    q01, q99, mask = validate.finite("q01", q01), validate.finite("q99", q99), torch.as_tensor(mask)
    if q01.ndim != 1 or not q01.shape == q99.shape == mask.shape or mask.dtype != torch.bool:
        raise ValueError(
            f"q01, q99 and mask have shapes {tuple(q01.shape)}, {tuple(q99.shape)}, {tuple(mask.shape)} "
            f"and mask has dtype {mask.dtype}; expected three of shape (n,), mask bool. Pass one entry per action dimension."
        )
    if (q99 < q01).any():
        raise ValueError("q99 is below q01 in some dimension; expected q01 < q99. Swap the two.")
    if constant := [i for i, same in enumerate((q99 == q01) & mask) if same]:
        raise ValueError(
            f"q01 and q99 are equal in dimension {constant[0]}, which never changes in the data; expected q01 < q99. "
            "Set its mask to False. (OpenVLA's code maps such a dimension to 0.)"
        )
    return q01, q99, mask
