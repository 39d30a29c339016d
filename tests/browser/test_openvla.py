"""Every number that notebook 06's live charts show, against the tokenizer and torch."""

import math

import pytest
import torch
from conftest import readouts, set_signals, values
from torch.distributions import Categorical

from helpers import actions
from helpers.charts.openvla import DIMENSIONS

PAGE = "notebooks/06_openvla_head.html"
TOKENIZER = actions.OpenVLATokenizer()
BRIDGE = (actions.BRIDGE_Q01, actions.BRIDGE_Q99, actions.BRIDGE_MASK)


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("share", [-0.3, 0, 0.25, 0.5, 0.777, 0.999, 1, 1.3])
def test_tokenizer(page, dimension, share):
    """From below the range to above it, in every dimension."""
    i = DIMENSIONS.index(dimension)
    low, high = actions.BRIDGE_Q01[i].item(), actions.BRIDGE_Q99[i].item()
    value = min(max(share, 0), 1) if dimension == "gripper" else low + share * (high - low)
    control = "gripper" if dimension == "gripper" else "mm" if i < 3 else "mrad"
    set_signals(page, "tokenizer", dim=dimension, **{control: value if control == "gripper" else value * 1000})
    action = torch.zeros(7, dtype=torch.float64)
    action[i] = value
    u = actions.normalize(action, *BRIDGE)
    token = TOKENIZER.encode(u)
    decoded = actions.unnormalize(TOKENIZER.decode(token), *BRIDGE)[i].item()
    unit = 1 if dimension == "gripper" else 1000
    found = {name: value for name, (value, _) in readouts(page, "tokenizer").items()}
    assert (found["bin k"], found["token id"]) == (TOKENIZER.bin(u)[i].item(), token[i].item())
    expected = [u[i].item(), value * unit, decoded * unit, abs(decoded - value) * unit]
    assert [found[name] for name in ("normalised u", "action", "decoded", "error")] == pytest.approx(expected, abs=1e-9)


def test_tokenizer_at_every_edge(page):
    """At each of NumPy's 256 edges, and just below: the gripper's slider is u itself."""
    edges = torch.from_numpy(TOKENIZER.edges)
    u = torch.cat([edges[128:], edges[128:] - 1e-9])  # what the gripper can be, 0 to 1
    found = page.evaluate(
        """async (values) => {
            const { view, readouts } = window.liveCharts.tokenizer;
            view.signal("dim", "gripper");
            const found = [];
            for (const value of values) {
                await view.signal("gripper", value).runAsync();
                found.push(readouts()["bin k"].value);
            }
            return found;
        }""",
        u.tolist(),
    )
    assert found == TOKENIZER.bin(u).tolist()


@pytest.mark.parametrize(("outside", "hit"), [(0.1, 0.5), (0, 1), (0.9, 0.05), (0.05, 0.3)])
def test_masked_loss(page, outside, hit):
    set_signals(page, "masked_loss", outside=outside, hit=hit)
    probabilities = torch.tensor([hit * (1 - outside), (1 - hit) * (1 - outside), outside], dtype=torch.float64)
    first = torch.tensor(0)
    plain = -Categorical(probs=probabilities).log_prob(first).item()
    masked = -Categorical(probs=probabilities[:2]).log_prob(first).item()
    found = values(page, "masked_loss")
    assert found == pytest.approx([plain, masked, plain - masked], abs=1e-6)
    assert math.isclose(found[0] - found[1], found[2], abs_tol=1e-9)
