"""Notebook 06's tokenizer at more settings than can be computed without a browser in a short time."""

import torch

from helpers.robot import tokens

PAGE = "notebooks/06_openvla_head.html"


def test_tokenizer_at_every_edge(page):
    """At each of NumPy's 256 edges, and just below: the gripper's slider is u itself."""
    tokenizer = tokens.OpenVLATokenizer()
    edges = torch.from_numpy(tokenizer.edges)
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
    assert found == tokenizer.bin(u).tolist()
