"""Pieces of Vega expressions: each function writes one formula as text, with the formula in its docstring."""

import altair as alt

GRID = 600  # cells of a grid over a standard normal z
PRIME = 2**26 - 5  # of the pseudo-random numbers: the largest whose squares a double holds exactly
REACH = 6.0  # the grid covers [-REACH, REACH]
CELL = 2 * REACH / GRID


def choose(name: str, cases: dict[str, str], otherwise: str) -> str:
    """The expression of the case whose key is the value of the parameter `name`."""
    chain = " : ".join(f"{name} == '{key}' ? ({value})" for key, value in cases.items())
    return f"{chain} : ({otherwise})"


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


def log_two_modes(x: str, m: str) -> str:
    """log((1 - w) N(x; -m, s^2) + w N(x; m, s^2)), by log-sum-exp, so that nothing underflows."""
    left = f"log(1 - w) - pow({x} + {m}, 2) / (2 * s * s)"
    right = f"log(w) - pow({x} - {m}, 2) / (2 * s * s)"
    apart = f"abs(2 * ({x}) * {m} / (s * s) + log(w / (1 - w)))"
    return f"(max({left}, {right}) + log(1 + exp(-{apart})) - log(s * sqrt(2 * PI)))"


# Where a density q is wide, log p has a kink too sharp for a grid over z; so its mean is taken apart:
# log p = log(left) + max(0, Y) + log(1 + exp(-|Y|)), Y = log(right / left), normal under q. The first two have closed
# forms; the last is a spike of unit width in Y, summed on a grid over Y.


def spike(mean: str, std: str, m: str, cell: str = "datum.y", width: float = 0.2) -> str:
    """One cell, at y, of E[log(1 + exp(-|Y|))] for x ~ N(mean, std^2)."""
    return f"densityNormal({cell}, {log_ratio(mean, m)}, 2 * {m} * ({std}) / (s * s)) * {width} * log(1 + exp(-abs({cell})))"


def mean_log_two_modes(mean: str, std: str, m: str, spikes: str) -> str:
    """E[log((1 - w) N(x; -m, s^2) + w N(x; m, s^2))] for x ~ N(mean, std^2), `spikes` the sum of all cells of `spike`."""
    left = f"log(max(1 - w, 1e-12)) - (pow(({mean}) + {m}, 2) + pow({std}, 2)) / (2 * s * s)"
    ratio, spread = log_ratio(mean, m), f"(2 * {m} * ({std}) / (s * s))"
    positive = f"{ratio} * cumulativeNormal({ratio} / {spread}) + {spread} * densityNormal({ratio} / {spread})"
    return f"({left} + {positive} + {spikes} - log(s * sqrt(2 * PI)))"


def log_ratio(x: str, m: str) -> str:
    """Y at x: log(w / (1 - w)) + 2 x m / s^2; w is kept off 0 and 1, where the mode has no mass and no say."""
    return f"(log(max(w, 1e-12) / max(1 - w, 1e-12)) + 2 * ({x}) * {m} / (s * s))"


def tanh_half(x: str) -> str:
    """tanh(x / 2) = 1 - 2 / (1 + exp(x)); right at either infinity."""
    return f"(1 - 2 / (1 + exp({x})))"


def passing(a: str, b: str, std: str, t: str) -> str:
    """P(x1, x2 > t or x1, x2 < -t) for independent x1 ~ N(a, std^2), x2 ~ N(b, std^2)."""
    above = lambda mean: f"cumulativeNormal((({mean}) - {t}) / ({std}))"
    return f"({above(a)} * {above(b)} + {above(f'-({a})')} * {above(f'-({b})')})"


def flow_time(step: int) -> str:
    """Time before Euler step `step` of n: 1 - (step - 1) / n."""
    return f"(1 - {step - 1} / n)"


def flow_slope(step: int) -> str:
    """(t - (1 - t) s^2) / (t^2 + (1 - t)^2 s^2): how the exact velocity grows with the distance from a mode."""
    t = flow_time(step)
    return f"(({t} - (1 - {t}) * s * s) / ({t} * {t} + pow((1 - {t}) * s, 2)))"


def flow_step(u: str, step: int, m: str = "m") -> str:
    """u after Euler step `step` with the exact velocity; u is the coordinate along the diagonal, modes at -m and m."""
    t = flow_time(step)
    mean = f"{m} * {tanh_half(f'log(w / (1 - w)) + 2 * (1 - {t}) * {m} * ({u}) / ({t} * {t} + pow((1 - {t}) * s, 2))')}"
    return f"{u} - (-({mean}) + {flow_slope(step)} * ({u} - (1 - {t}) * ({mean}))) / n"


def flow_gain(steps: int, taken: str = "n") -> str:
    """What `taken` Euler steps multiply the coordinate across the diagonal by: the product of 1 - slope / n."""
    return " * ".join(f"({step} <= {taken} ? 1 - {flow_slope(step)} / n : 1)" for step in range(1, steps + 1))
