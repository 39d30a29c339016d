"""OpenVLA in miniature: a causal transformer that reads an instruction and writes an action, token by token.

What is kept: action bins as tokens of the vocabulary, by OpenVLA's rule; each token conditioned on those before it; an
end token; the mean of the cross-entropies over all supervised tokens, the end among them; no mask over the logits.
What is left out: the image, the language model, five of the seven dimensions. (openvla at c8f03f4.)
"""

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers import validate
from helpers.heads import DIM, REACH, decoded
from helpers.robot.cup_and_tray import CupAndTray
from helpers.robot.tokens import OpenVLATokenizer
from helpers.training import descend, seeded

INSTRUCTIONS = ("pass left", "pass right", "either")
BINS = 64
END = BINS  # the ids: bins k - 1 = 0..63, the end token, the instructions
VOCABULARY = BINS + 1 + len(INSTRUCTIONS)
STAGES = 10  # of a training that are remembered

TRAINED: dict[tuple, list["MiniatureVLA"]] = {}


class MiniatureVLA(nn.Module):
    """Instruction, x1, x2, end: a decoder-only transformer over a vocabulary of 68 ids."""

    def __init__(self, width: int = 48, layers: int = 2):
        super().__init__()
        self.tokenizer = OpenVLATokenizer(BINS)
        self.embedding = nn.Embedding(VOCABULARY, width)
        self.position = nn.Parameter(0.02 * torch.randn(1 + DIM, width))
        layer = nn.TransformerEncoderLayer(width, 4, 4 * width, dropout=0.0, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.to_logits = nn.Linear(width, VOCABULARY)

    def forward(self, tokens: Tensor) -> Tensor:
        """tokens (B, T), T <= 3 -> logits of the next token at each position, (B, T, 68)."""
        length = tokens.shape[1]
        causal = nn.Transformer.generate_square_subsequent_mask(length)
        hidden = self.blocks(self.embedding(tokens) + self.position[:length], mask=causal, is_causal=True)
        return self.to_logits(hidden)

    def loss(self, instruction: Tensor, action: Tensor) -> Tensor:
        """Mean cross-entropy over x1, x2 and the end token: instruction (B,) 0..2, action (B, 2). In nats, a scalar."""
        bins = self.tokenizer.index(action / REACH)
        said = torch.cat([instruction.unsqueeze(-1) + BINS + 1, bins], -1)  # (B, 3)
        targets = torch.cat([bins, torch.full_like(bins[:, :1], END)], -1)
        return F.cross_entropy(self(said).flatten(0, 1), targets.flatten())

    @torch.no_grad()
    def act(
        self, instruction: str, n: int, decoding: str = "sampled", temperature: float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """n actions, (n, 2), and the PMF over the vocabulary from which each token came, (n, 2, 68).

        greedy: the most probable token; sampled: a draw from softmax(logits / temperature); mean: the bin nearest to
        the mean over the action bins. An id that is no action is clipped to the top or the bottom bin, as OpenVLA does.
        Raises ValueError for an unknown instruction or decoding, or a temperature that is not positive.
        """
        validate.one_of("instruction", instruction, INSTRUCTIONS)
        temperature = validate.number("temperature", temperature, 0, open_low=True)
        tokens = torch.full((validate.count("n", n), 1), BINS + 1 + INSTRUCTIONS.index(instruction))
        pmfs = []
        for _ in range(DIM):
            pmf = (self(tokens)[:, -1] / temperature).softmax(-1)
            tokens = torch.cat([tokens, self.pick(pmf, decoding).unsqueeze(-1)], -1)
            pmfs.append(pmf)
        ids = self.tokenizer.vocabulary - 1 - tokens[:, 1:]
        return (self.tokenizer.decode(ids) * REACH).float(), torch.stack(pmfs, 1)

    def pick(self, pmf: Tensor, decoding: str) -> Tensor:
        """A token for each PMF over all ids, (n, 68) -> (n,); the mean is that of the action bins alone."""
        if decoding == "mean":
            pmf = pmf[:, :BINS] / pmf[:, :BINS].sum(-1, keepdim=True)
        return decoded(pmf, decoding, self.tokenizer)


def demonstrations(n: int, task: CupAndTray) -> tuple[Tensor, Tensor]:
    """n instructions, (n,), and what a demonstrator does on hearing them, (n, 2); "either" is the task's own mixture."""
    n = validate.count("n", n)
    instruction = torch.randint(len(INSTRUCTIONS), (n,))
    right = torch.where(instruction == 2, torch.rand(n) < task.w, instruction == 1)
    return instruction, task.modes[right.long()] + task.s * torch.randn(n, DIM)


def train(
    task: CupAndTray, seed: int = 0, steps: int = 300, progress: Callable[[float], None] = lambda done: None
) -> MiniatureVLA:
    """A model trained from scratch on fresh demonstrations, in several seconds on two cores.

    The same model twice is trained once: the second time it is remembered. Either way the caller's random state stays
    as it is. progress: called with the share done, after each step. Raises ValueError if steps is below 1.
    """
    return stages(task, seed, steps, progress)[-1]


def stages(
    task: CupAndTray, seed: int = 0, steps: int = 300, progress: Callable[[float], None] = lambda done: None
) -> list[MiniatureVLA]:
    """The model before its training, after each tenth of it, and at its end: eleven models if it has ten steps or more.

    Arguments and errors as `train`.
    """
    steps = validate.count("steps", steps)
    if (task, seed, steps) in TRAINED:
        return TRAINED[task, seed, steps]
    with seeded(seed):
        model = MiniatureVLA()
        found = [copy.deepcopy(model).eval()]

        def report(done: float) -> None:
            if done * STAGES >= len(found):
                found.append(copy.deepcopy(model).eval())
            progress(done)

        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, fused=True)
        descend(optimizer, lambda: model.loss(*demonstrations(256, task)), steps, report)
    return TRAINED.setdefault((task, seed, steps), found)
