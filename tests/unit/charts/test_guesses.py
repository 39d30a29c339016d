"""What a chart says of a guess: right for the option that torch, or the chart's own checked numbers, say it is."""

import json
import math

import pytest
import torch
from builder import recordings
from chart_numbers import drawn, numbers, played, stored
from torch.distributions import Binomial, Categorical, Normal, kl_divergence

from helpers import heads
from helpers.charts import distributions, elbo, entropy, expectation, kl, openvla
from helpers.policies import world_model
from helpers.policies.gaussian_fit import roll, two_modes
from helpers.robot import tokens
from helpers.robot.cup_and_tray import CupAndTray
from helpers.theory import latent, optima

STORED = {
    name: spec
    for name, spec in (stored() | played()).items()
    if any(param["name"] == "guess" for param in spec["params"])
}


def nearest(options, value: float, place=float) -> str:
    return min(options, key=lambda option: abs(place(option) - value))


def shown(name: str, number: str, **setting) -> float:
    """A number of the chart, which test_chart_numbers.py compares with torch."""
    return numbers(STORED[name], guess=options(name)[0], **setting)[number][0]


def options(name: str) -> list[str]:
    return next(param["bind"]["options"] for param in STORED[name]["params"] if param["name"] == "guess")


def squared_error(place: float) -> float:
    torch.manual_seed(0)
    return ((CupAndTray().demonstrations(10_000)[:, 0] - place) ** 2).mean().item()


def infinite() -> str:
    p, q = Categorical(probs=torch.tensor([0.7, 0.3])), Categorical(probs=torch.tensor([1.0, 0.0]))
    found = [math.isinf(kl_divergence(a, b)) for a, b in ((p, q), (q, p))]
    return {(True, False): "forward", (False, True): "reverse", (True, True): "both"}[tuple(found)]


def greedy() -> str:
    first = max(("left", 0.4), ("right", 0.6), key=lambda pair: pair[1])[0]
    second = torch.tensor(openvla.SECOND[first]).argmax()
    return f"{first} {openvla.HEIGHTS[second]}"


def untrained_flip() -> float:
    """How often a prior that nothing has trained flips: without its KL it stays as it began."""
    return world_model.measure(world_model.WorldModel(1), world_model.observe(3)).flip.item()


def ends_in_reverse() -> str:
    """In how many places balls from everywhere end."""
    starts = torch.cartesian_prod(torch.arange(-1.5, 1.6, 0.5), torch.arange(0.2, 1.5, 0.4))
    ends = roll(two_modes(0.3, 1.0), "reverse", starts, 12)[-1, :, 0]
    return {1: "one", 2: "two"}.get(len({round(end, 1) for end in ends.tolist()}), "many")


def shape_of_the_cost() -> str:
    """A parabola has the same second difference everywhere; a V has none but at one place."""
    cost = [shown("bell_and_parabola", "mean of −log p", mu=mu) for mu in (-0.3, 0.0, 0.3, 0.6, 0.9, 1.2)]
    bends = [a - 2 * b + c for a, b, c in zip(cost, cost[1:], cost[2:], strict=False)]
    return "parabola" if max(bends) - min(bends) < 1e-6 < bends[0] else "v"


def further_out(x2: float) -> float:
    """The share of samples that are more unusual than (1, x2)."""
    return shown("gaussian_ellipse", "further out", x1=1, x2=x2)


def merged() -> int:
    """The first step after which two equal bells have one bump: their spread exceeds their means' distance from the middle."""
    at = lambda t, name: shown("forward_noising", name, t=t)
    return next(t for t in range(21) if at(t, "their spread") > at(t, "means at ±"))


def recorded(lab: str, **chosen) -> dict:
    """What is recorded of a lab for these choices, the others as the chart opens."""
    kept = json.loads((recordings.FOLDER / f"{lab}.json").read_text())
    opening = {param["name"]: param.get("value") for param in STORED[lab]["params"]}
    place = 0
    for name, values in kept["choices"].items():
        place = place * len(values) + values.index((opening | chosen)[name])
    return kept["entries"][place]


def sides_of_greedy() -> str:
    """On how many sides the paths lie that the miniature, told either, takes greedily."""
    first, second = recorded("miniature_openvla_lab", decoding="greedy", instruction="either")["actions"][-1]
    sides = {(x > 0, y > 0) for x, y in zip(first, second, strict=True)}
    return {1: "one", 2: "both"}.get(len(sides), "none")


def unpaid() -> str:
    """What becomes of the probability of waiting, when it was tried and paid nothing."""
    after, before = shown("one_update", "P(wait) after", tried="wait", r=0), expectation.POLICY[2]
    return "same" if math.isclose(after, before) else "up" if after > before else "down"


def halving() -> str:
    """After how many trials the band is half as wide as after 16."""
    wide = shown("monte_carlo", "the band", k=4)
    return next(str(2**k) for k in range(5, 9) if shown("monte_carlo", "the band", k=k) < 0.501 * wide)


def what_a_baseline_moves() -> str:
    means, variances = (
        [shown("baseline_variance", name, b=b) for b in (0, 0.4, 1.5)] for name in ("mean, arm 1", "total variance")
    )
    moved = [max(numbers) - min(numbers) > 1e-9 for numbers in (means, variances)]
    return {(True, False): "mean", (False, True): "spread"}.get(tuple(moved), "both")


def codes() -> str:
    """What the means and the spreads of the codes of -2 to 2 do from beta 1 to beta 5: mean sqrt(1 - D) x, variance D."""
    before, after = (latent.rate_distortion(beta)[0] for beta in (1.0, 5.0))
    nearer, wider = (1 - after) ** 0.5 < (1 - before) ** 0.5, after > before
    return {(True, True): "merge", (False, True): "apart"}.get((nearer, wider), "narrow")


def lands() -> str:
    """Where one Euler step takes draws of noise."""
    task, noise = CupAndTray(), torch.randn(60, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    x = heads.euler(lambda x, t: optima.velocity(x, t, task), noise, 1)
    return "mean" if (x - task.demonstrator.mean).norm(dim=1).max() < 0.05 else "cloud"


def price_of_half() -> float:
    """What half of the probability on other words costs, the same however the actions share the rest."""
    prices = {round(shown("masked_loss", "difference", outside=0.5, hit=hit), 6) for hit in (0.05, 0.5, 1)}
    (price,) = prices
    return price


def walk() -> str:
    """How far the one answer moves in the first steps, beside later ones."""
    places = [shown("training", "its answer", step=step) for step in (0, 10, 20, 40, 50)]
    early, later, last = places[0] - places[1], places[1] - places[2], places[3] - places[4]
    return "slowing" if early > 1.3 * later > 2 * last else "even" if early < 1.1 * last else "speeding"


def losses(step: int) -> float:
    return shown("faults", "held-out loss", fault="zero_grad", step=step)


def lost_of(millimetres: float) -> float:
    """What the tokenizer takes from a command in y, in mm."""
    low, high = tokens.BRIDGE_Q01[1], tokens.BRIDGE_Q99[1]
    tokenizer = tokens.OpenVLATokenizer()
    action = tokens.to_unit(torch.tensor(millimetres / 1000, dtype=torch.float64), low, high)
    return millimetres - 1000 * tokens.from_unit(tokenizer.decode(tokenizer.encode(action)), low, high).item()


def not_ahead(mine: float, old: float, trials: int) -> float:
    """How often the policy that crashes less shows no fewer crashes."""
    counts = torch.arange(trials + 1, dtype=torch.float64)
    p, q = (Binomial(trials, torch.tensor(rate, dtype=torch.float64)).log_prob(counts).exp() for rate in (mine, old))
    return torch.outer(p, q).tril().sum().item()


def crowd() -> str:
    one_route = Normal(0.6, 0.1)
    share = (one_route.cdf(torch.tensor(0.1)) - one_route.cdf(torch.tensor(-0.1))).item()
    return min({"few": 0, "tenth": 0.1, "third": 1 / 3}.items(), key=lambda pair: abs(pair[1] - share))[0]


RIGHT = {  # the option that is right, and controls at which it is said
    "one_answer": (lambda: min(distributions.ANSWERS, key=lambda k: squared_error(distributions.ANSWERS[k][0])), {}),
    "length_of_noise": (lambda: nearest(options("length_of_noise"), torch.randn(1600).norm().item()), {"k": 20}),
    "hidden_reason": (
        lambda: nearest(
            {"none": 0, "few": 2.5, "half": 30},
            60 * shown("hidden_reason", "P(crash)", steep=8),
            {"none": 0, "few": 2.5, "half": 30}.get,
        ),
        {"steep": 8},
    ),
    "rate_distortion": (codes, {"beta": 10}),
    "learned_reason": (
        lambda: min(elbo.PRICES, key=lambda price: shown("learned_reason", "crash, of 60", policy=f"β = {price}")),
        {},
    ),
    "elbo_gap": (
        lambda: nearest(elbo.WHERE, latent.LinearGaussian(1.0, 0.5).posterior(1.5).mean, lambda k: elbo.WHERE[k][0]),
        {},
    ),
    "two_gradients": (lambda: nearest(elbo.TIMES, shown("two_gradients", "times as many")), {}),
    "imagination": (lambda: "random" if abs(untrained_flip() - 0.5) < 0.1 else "filter", {}),
    "loss_curves": (
        lambda: "above" if shown("loss_curves", "fresh: memoriser", step=200) > 2 * entropy.FLOOR else "at",
        {"step": 200},
    ),
    "two_policies": (lambda: nearest(expectation.NOT_AHEAD, 100 * not_ahead(0.1, 0.3, 10)), {}),
    "balance": (crowd, {}),
    "demonstrator": (
        lambda: nearest(distributions.CRASHES, shown("demonstrator", "crash, of 60", drawn="product")),
        {"drawn": "product"},
    ),
    "bell_and_parabola": (shape_of_the_cost, {}),
    "gaussian_ellipse": (
        lambda: min(("along", "across"), key=lambda k: further_out({"along": 0.5, "across": -0.5}[k])),
        {},
    ),
    "forward_noising": (lambda: nearest(distributions.MERGED, merged()), {"t": 7}),
    "kl_direction_lab": (
        lambda: nearest(
            {"none": 0, "half": 10, "all": 20},
            shown("kl_direction_lab", "right", step=400),
            {"none": 0, "half": 10, "all": 20}.get,
        ),
        {"direction": "reverse", "step": 400},
    ),
    "executed_steps": (
        lambda: nearest(
            options("executed_steps"),
            shown("executed_steps", "crash at 1", head="mse"),
            {"all": 0.97, "half": 0.5, "hardly": 0.02}.get,
        ),
        {},
    ),
    "carry_cup_lab": (
        lambda: nearest(
            options("carry_cup_lab"),
            (
                recorded("carry_cup_lab", head="mse", executed=12, demonstrations=50)["crash"]
                - recorded("carry_cup_lab", head="mse", executed=12, demonstrations=400)["crash"]
            )
            / 1000,
            {"less": -0.3, "same": 0, "more": 0.3}.get,
        ),
        {"head": "mse", "executed": 12, "demonstrations": 50},
    ),
    "miniature_openvla_lab": (sides_of_greedy, {"decoding": "greedy", "instruction": "either"}),
    "mode_averaging_lab": (
        lambda: (
            "yes" if recorded("mode_averaging_lab", head="mixture", demonstrations=10)["success"][-1] > 950 else "half"
        ),
        {"head": "mixture", "demonstrations": 10, "trained": 100},
    ),
    "one_update": (unpaid, {}),
    "monte_carlo": (halving, {"k": 6}),
    "baseline_variance": (what_a_baseline_moves, {}),
    "gae_lambda": (lambda: nearest(expectation.TRUST, shown("gae_lambda", "best λ")), {}),
    "support": (infinite, {}),
    "kl_landscape": (ends_in_reverse, {"direction": "reverse", "stage": 12}),
    "kl_pointwise": (lambda: nearest(kl.PLACES, 0.3 - 0.7, lambda k: kl.PLACES[k][0]), {}),
    "tokenizer": (
        lambda: nearest(openvla.LOST, lost_of(60.0), {"none": 0.0, "part": 20.0, "all": 60.0}.__getitem__),
        {},
    ),
    "masked_loss": (
        lambda: nearest({"half": 0.5, "log2": math.log(2)}, price_of_half(), {"half": 0.5, "log2": math.log(2)}.get),
        {},
    ),
    "chain": (greedy, {}),
    "faults": (
        lambda: "climbs" if losses(5) < losses(0) < losses(100) else "slow",
        {"fault": "zero_grad", "step": 100},
    ),
    "flow_steps": (lands, {"n": 1}),
    "training": (walk, {"step": 100}),
    "world_and_network": (
        lambda: (
            "world"
            if shown("world_and_network", "crash: world", n=5) > shown("world_and_network", "network", n=5) + 0.01
            else "network"
        ),
        {},
    ),
    "replanned": (
        lambda: nearest(
            options("replanned"),
            shown("replanned", "crash rate", n=5),
            {"all": 1, "half": 0.5, "eighth": 1 / 8, "never": 0.01}.get,
        ),
        {},
    ),
}


@pytest.mark.parametrize("name", STORED)
def test_the_right_guess_is_called_right_and_no_other(name):
    answer, setting = RIGHT[name]
    right = answer()
    verdicts = {}
    for option in options(name):
        params = [
            p | {"value": ({"guess": option} | setting).get(p["name"], p.get("value"))} if "value" in p else p
            for p in STORED[name]["params"]
        ]
        verdict = {
            "params": params,
            "datasets": STORED[name].get("datasets", {}),
            "vconcat": [verdict_of(STORED[name])],
        }
        verdicts[option] = drawn(verdict)
    words = {
        option: [text for text in texts if text.startswith(("Right: ", "Not quite: "))]
        for option, texts in verdicts.items()
    }
    assert {option for option, (said,) in words.items() if said.startswith("Right")} == {right}


def verdict_of(spec: dict) -> dict:
    """The view that says whether a guess was right: the last one of those above the picture."""
    return spec["vconcat"][0]["vconcat"][-1]
