"""Pseudo-random numbers that the page and torch draw alike, by whole-number arithmetic below 2^53."""

import altair as alt

from helpers.charts.parts import let
from helpers.namespace import field, signal

PRIME = 2**26 - 5  # the largest prime below 2^26: sums of its squares stay whole numbers in a double


def started(i, seed, stream: int):
    """h_0 of draw i: a whole number below PRIME. Numbers, tensors or the names of a chart, as the next one."""
    return (i * 48271 + seed * 7919003 + stream * 15485863) % PRIME


def scrambled(h, before):
    """h_{k+1} = h_k^2 + h_{k-1} mod PRIME."""
    return (h * h + before) % PRIME


def with_uniforms(rows: alt.Chart, *names: str) -> alt.Chart:
    """Adds independent numbers in (0, 1), (h_3 + 1/2) / PRIME, fixed by the field i and the parameter `seed`."""
    for stream, name in enumerate(names):
        h = [field(f"h{stream}{step}") for step in range(3)]
        steps = [started(field("i"), signal("seed"), stream), scrambled(h[0], 0), scrambled(h[1], h[0])]
        for k, step in enumerate(steps):
            rows = let(rows, **{f"h{stream}{k}": step})
        rows = let(rows, **{name: (scrambled(h[2], h[1]) + 0.5) / PRIME})
    return rows
