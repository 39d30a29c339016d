"""The exercises' answers, computed anew by torch, and each typical mistake, made on purpose."""

import itertools
import math

import pytest
import torch
from torch.distributions import Bernoulli, Categorical, Normal, kl_divergence

from helpers import actions, exercises, optima, tasks
from helpers.exercises import EXERCISES

NARROW, UNIT = Normal(0.0, 0.1), Normal(0.0, 1.0)
T = torch.tensor
P, Q = T([0.7, 0.2, 0.1], dtype=torch.float64), T([0.4, 0.4, 0.2], dtype=torch.float64)


def cross(p: torch.Tensor, q: torch.Tensor) -> float:
    return -(p @ q.log()).item()


def logit_gradient() -> list[float]:
    logits = T([2.0, 0.0, 0.0], requires_grad=True)
    torch.nn.functional.cross_entropy(logits, T(0)).backward()
    return logits.grad.tolist()


def length_of_noise() -> tuple[float, float]:
    torch.manual_seed(0)
    length = torch.randn(20_000, 1600).norm(dim=-1)
    return length.mean().item(), length.std().item()


def share_on_the_top_id() -> float:
    """Draws from a skewed distribution, normalised by their own quantiles."""
    torch.manual_seed(0)
    a = torch.randn(100_000, 1).exp()
    q01, q99 = a.quantile(0.01, dim=0), a.quantile(0.99, dim=0)
    u = actions.normalize(a, q01, q99, T([True]))
    return (actions.OpenVLATokenizer().bin(u) == 256).double().mean().item()


RT1 = actions.RT1Tokenizer()
ANSWERS = {
    "V1": lambda: NARROW.log_prob(T(0.0)).exp().item(),
    "V1b": lambda: (NARROW.cdf(T(0.1)) - NARROW.cdf(T(-0.1))).item(),
    "V2": lambda: length_of_noise()[0],
    "V2b": lambda: length_of_noise()[1],
    "V3": lambda: optima.optimum("independent_bins", tasks.CupAndTray()).corner,
    "V4": lambda: RT1.encode(T(0.0)).item(),
    "V4b": lambda: RT1.decode(RT1.encode(T(0.0))).item(),
    "V5": share_on_the_top_id,
    "H1": lambda: Categorical(probs=P).entropy().item(),
    "H1b": lambda: cross(P, Q),
    "H1c": lambda: cross(Q, P),
    "H2": lambda: Categorical(probs=torch.ones(256)).entropy().item(),
    "H2b": lambda: Categorical(probs=torch.ones(32_064, dtype=torch.float64)).entropy().item(),
    "H3": lambda: Bernoulli(T(0.3)).entropy().item(),
    "H4": lambda: logit_gradient()[0],
    "H5": lambda: NARROW.entropy().item(),
    "H5b": lambda: Normal(0.0, 100.0).entropy().item(),
}
MISTAKES = {
    "V1": {
        "of N(0, 1)": lambda: UNIT.log_prob(T(0.0)).exp().item(),
        "divided by the variance": lambda: 1 / (0.01 * math.sqrt(2 * math.pi)),
        "0.1 for the variance": lambda: Normal(0.0, math.sqrt(0.1)).log_prob(T(0.0)).exp().item(),
        "not a probability": lambda: 1.0,
    },
    "V1b": {
        "left tail": lambda: NARROW.cdf(T(0.1)).item(),
        "one side": lambda: NARROW.cdf(T(0.1)).item() - 0.5,
        "two standard": lambda: 2 * UNIT.cdf(T(2.0)).item() - 1,
        "peak times": lambda: 0.2 * NARROW.log_prob(T(0.0)).exp().item(),
    },
    "V2": {
        "squared length": lambda: 50.0 * 32,
        "50 time steps": lambda: math.sqrt(50),
        "32 dimensions": lambda: math.sqrt(32),
        "mean vector": lambda: 0.0,
    },
    "V2b": {
        "mean length": lambda: 40.0,
        "single coordinate": lambda: 1.0,
        "squared length": lambda: math.sqrt(2 * 1600),
    },
    "V3": {"one of the two": lambda: 0.5 * 0.5, "joint": lambda: 0.0, "by chance": lambda: 1.0},
    "V4": {
        "rounded": lambda: round(0.5 * 255),
        "takes the floor": lambda: 0.5 * 255,
        "from zero": lambda: RT1.encode(T(0.0)).item() - 1,
    },
    "V4b": {
        "left edge": lambda: 0.0,
        "256": lambda: -1 + 2 * 127 / 256,
        "share of the range": lambda: 127 / 255,
    },
    "H1": {
        "bits": lambda: Categorical(probs=P).entropy().item() / math.log(2),
        "H(q)": lambda: Categorical(probs=Q).entropy().item(),
        "base 10": lambda: Categorical(probs=P).entropy().item() / math.log(10),
        "minus": lambda: (P * P.log()).sum().item(),
    },
    "H1b": {
        "H(q, p)": lambda: cross(Q, P),
        "gap": lambda: kl_divergence(Categorical(probs=P), Categorical(probs=Q)).item(),
        "bits": lambda: cross(P, Q) / math.log(2),
        "right distribution": lambda: Categorical(probs=P).entropy().item(),
    },
    "H1c": {
        "symmetric": lambda: cross(P, Q),
        "gap": lambda: kl_divergence(Categorical(probs=Q), Categorical(probs=P)).item(),
        "bits": lambda: cross(Q, P) / math.log(2),
    },
    "H2": {
        "bits": lambda: math.log2(256),
        "base 10": lambda: math.log10(256),
        "one bin": lambda: 1 / 256,
        "exp(H)": lambda: 256.0,
    },
    "H2b": {
        "bits": lambda: math.log2(32_064),
        "padding": lambda: math.log(32_000),
        "base 10": lambda: math.log10(32_064),
    },
    "H3": {
        "always": lambda: 0.0,
        "Weigh both": lambda: -math.log(0.7),
        "50/50": lambda: Bernoulli(T(0.5)).entropy().item(),
        "bits": lambda: Bernoulli(T(0.3)).entropy().item() / math.log(2),
        "differ": lambda: 1 - 0.7**2 - 0.3**2,
    },
    "H4": {
        "sign": lambda: -logit_gradient()[0],
        "q of the target": lambda: T([2.0, 0, 0]).softmax(-1)[0].item(),
        "second logit": lambda: logit_gradient()[1],
        "normaliser": lambda: -1.0,
        "sign of −q": lambda: -T([2.0, 0, 0]).softmax(-1)[0].item(),
    },
    "H5": {
        "sign": lambda: -NARROW.entropy().item(),
        "N(0, 1)": lambda: UNIT.entropy().item(),
        "0.1 for the variance": lambda: Normal(0.0, math.sqrt(0.1)).entropy().item(),
        "left out the e": lambda: 0.5 * math.log(2 * math.pi * 0.01),
        "bits": lambda: NARROW.entropy().item() / math.log(2),
    },
    "H5b": {
        "wider and lower": lambda: NARROW.entropy().item(),
        "subtracted": lambda: NARROW.entropy().item() - math.log(1000),
        "does not scale": lambda: round(NARROW.entropy().item(), 3) * 1000,
        "twice": lambda: NARROW.entropy().item() + 2 * math.log(1000),
    },
    "V5": {"equally": lambda: 1 / 256, "both ends": lambda: 0.02, "exactly": lambda: 0.0, "below": lambda: 0.99},
}


def test_every_exercise_has_its_answer_and_its_mistakes_computed_here():
    assert set(ANSWERS) == set(EXERCISES)
    assert {code: len(found) for code, found in MISTAKES.items()} == {
        code: len(exercise.mistakes) for code, exercise in EXERCISES.items()
    }


@pytest.mark.parametrize("code", ANSWERS)
def test_answer_is_torchs(code):
    assert exercises.ask(code).reply(ANSWERS[code]()).startswith("Right")


@pytest.mark.parametrize(("code", "word"), [(code, word) for code, found in MISTAKES.items() for word in found])
def test_mistake_is_recognised_and_named(code, word):
    reply = exercises.ask(code).reply(MISTAKES[code][word]())
    assert reply.startswith("Not yet. ")
    assert word in reply


@pytest.mark.parametrize("code", EXERCISES)
def test_tolerance_separates_the_answer_from_its_mistakes(code):
    exercise = EXERCISES[code]
    marks = sorted([exercise.answer, *exercise.mistakes])
    assert all(b - a > 2 * exercise.tolerance for a, b in itertools.pairwise(marks))


def test_check_speaks_and_refuses_what_is_no_number(capsys):
    exercises.check("V3", 0.5)
    exercises.check("V3", -0.5)
    exercises.check("V3", 0.49)
    exercises.check("V3", 7)
    said = capsys.readouterr().out.splitlines()
    assert [line.split(".")[0] for line in said] == ["Right: 0", "Not yet", "Close", "Not yet"]
    assert "sign" in said[1]
    for bad in ("a", None, math.nan, math.inf, [1, 2]):
        with pytest.raises(ValueError, match="number"):
            exercises.check("V3", bad)
    with pytest.raises(ValueError, match="expected one of V1, V1b"):
        exercises.ask("X9")


def test_a_notebook_shows_the_question_and_a_page_gets_all_it_needs():
    bundle = exercises.ask("V1")._repr_mimebundle_()
    assert "check('V1'" in bundle["text/markdown"]
    assert bundle[exercises.MIME]["mistakes"][0][0] == 0.399
