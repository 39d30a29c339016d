"""Pseudo-random numbers that the page and torch draw alike."""

import altair as alt

PRIME = 2**26 - 5  # the largest prime below 2^26: sums of its squares stay whole numbers in a double


def with_uniforms(rows: alt.Chart, *names: str) -> alt.Chart:
    """Adds fields of independent pseudo-random numbers in (0, 1), fixed by datum.i and the parameter `seed`.

    h0 = (48271 i + 7919003 seed + 15485863 stream) mod P; h1 = h0^2, h2 = h1^2 + h0, h3 = h2^2 + h1 mod P; (h3 + 1/2) / P.
    """
    for stream, name in enumerate(names):
        h = [f"h{stream}{step}" for step in range(3)]
        rows = (
            rows.transform_calculate(**{h[0]: f"(datum.i * 48271 + seed * 7919003 + {stream * 15485863}) % {PRIME}"})
            .transform_calculate(**{h[1]: f"datum.{h[0]} * datum.{h[0]} % {PRIME}"})
            .transform_calculate(**{h[2]: f"(datum.{h[1]} * datum.{h[1]} + datum.{h[0]}) % {PRIME}"})
            .transform_calculate(**{name: f"((datum.{h[2]} * datum.{h[2]} + datum.{h[1]}) % {PRIME} + 0.5) / {PRIME}"})
        )
    return rows
