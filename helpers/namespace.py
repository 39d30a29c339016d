"""The words that formulas are written with: the same for numbers, for tensors, and for the names of a chart.

A formula is a plain Python function. Called with numbers or tensors it is evaluated by torch, plain numbers in double
precision, and to a plain number again; called with `signal("w")` or `field("x1")` it becomes the expression that Vega evaluates in the chart:

    log_odds = lambda w: log(w) - log(1 - w)
    log_odds(0.7)                    # 0.8473
    text(log_odds(signal("w")))      # (log(w) - log((1 - w)))

Python decides by itself, and silently, in `if`, `and`, `max(a, b)` and `0 < x < 1`: write where, &, maximum and two
comparisons. Numbers that Vega cannot read are refused, and words that only one of the two knows are missing here.
"""

import importlib
import math
import re
from collections.abc import Callable

import torch
from torch import Tensor

from helpers import threads  # noqa: F401  one thread, for whatever computes

PI = math.pi
UNREADABLE = re.compile(r"\b(tensor|np|inf|nan)\b")  # in Python's own writing of a number


def expressions():
    """Altair's module of expressions, imported when a chart is written: who only computes does not wait for it."""
    return importlib.import_module("altair.expr")


def signal(name: str):
    """The value of a chart's parameter."""
    return expressions().core.ConstExpression(name)


def field(name: str):
    """A field of the row that a chart computes with."""
    return expressions().core.GetAttrExpression("datum", name)


def is_expression(value) -> bool:
    """Whether it is a chart's, not a number."""
    return type(value).__module__.startswith("altair.expr")


def text(formula) -> str:
    """What Vega reads. Raises ValueError for a number that it cannot read."""
    if isinstance(formula, bool) or not (isinstance(formula, int | float) or is_expression(formula)):
        raise ValueError(
            f"{formula!r} is a {type(formula).__name__}; expected a number or an expression. Pass a float."
        )
    written = repr(readable(formula))
    if found := UNREADABLE.search(written):
        raise ValueError(f"{written} holds {found[0]!r}, which Vega cannot read. Pass plain finite numbers.")
    return written


def readable(value):
    """`value`, infinity and NaN as Vega writes them."""
    if isinstance(value, float) and not math.isfinite(value):
        return signal({math.inf: "(1 / 0)", -math.inf: "(-1 / 0)"}.get(value, "NaN"))
    return value


def shared(in_torch: Callable[..., Tensor], in_vega: str | Callable) -> Callable:
    """The function that is `in_vega`, by Vega's name or written out, as soon as one argument is an expression."""

    def function(*args):
        if not any(map(is_expression, args)):
            value = in_torch(*map(tensor, args))
            return value if any(map(torch.is_tensor, args)) else value.item()
        for arg in args:
            text(arg)
        written = map(readable, args)
        return getattr(expressions().expr, in_vega)(*written) if isinstance(in_vega, str) else in_vega(*written)

    return function


def tensor(number: float | Tensor) -> Tensor:
    """The number in double precision, a truth value as one; a tensor as it is."""
    return torch.as_tensor(number) if isinstance(number, bool | Tensor) else torch.tensor(number, dtype=torch.float64)


exp = shared(torch.exp, "exp")
log = shared(torch.log, "log")
sqrt = shared(torch.sqrt, "sqrt")
cos = shared(torch.cos, "cos")
sin = shared(torch.sin, "sin")
floor = shared(torch.floor, "floor")
minimum = shared(torch.minimum, "min")
maximum = shared(torch.maximum, "max")
where = shared(torch.where, "if_")
xlogy = shared(torch.xlogy, lambda p, q: where(p > 0, p * log(q), 0))  # 0 log 0 = 0
tanh = shared(torch.tanh, lambda x: 1 - 2 / (1 + exp(2 * x)))  # right at either infinity
normal_pdf = shared(lambda z: torch.exp(-(z**2) / 2) / (2 * PI) ** 0.5, "densityNormal")
normal_cdf = shared(torch.special.ndtr, "cumulativeNormal")
normal_quantile = shared(torch.special.ndtri, "quantileNormal")


def __getattr__(name: str):
    if name.startswith("_"):
        raise AttributeError(name)
    raise ImportError(
        f"{name!r} is no word of formulas: torch and Vega must both know it. Define it in helpers/namespace.py."
    )
