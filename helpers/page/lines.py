"""A line of code that an exercise asks for: in a notebook the reader's function, tried on random input beside each option."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from helpers import threads  # noqa: F401  one thread, for whatever computes

TRIES = 4
INPUTS: dict[str, Callable[[torch.Generator], Tensor]] = {  # what an argument may be
    "pmf": lambda draw: torch.randn(5, dtype=torch.float64, generator=draw).softmax(-1),
    "vector": lambda draw: torch.randn(5, dtype=torch.float64, generator=draw),
    "number": lambda draw: torch.rand((), dtype=torch.float64, generator=draw),
}


def same_as(function: Callable, lines: Sequence[str], arguments: Mapping[str, str]) -> int | str:
    """The number, from 1, of the line that gives what the reader's function gives on random input; if there is none, or
    if the function stops, the sentence that says so.

    lines: Python expressions of the arguments' names, the right one among them. arguments: {name: a key of INPUTS}.
    """
    draw = torch.Generator().manual_seed(0)
    drawn = [{name: INPUTS[kind](draw) for name, kind in arguments.items()} for _ in range(TRIES)]
    try:
        given = [torch.as_tensor(function(*values.values()), dtype=torch.float64) for values in drawn]
    except Exception as error:  # the reader's, whatever it is
        return f"Your function stopped: {type(error).__name__}: {error}"
    for number, line in enumerate(lines, 1):
        asked = [torch.as_tensor(eval(line, {"torch": torch}, values), dtype=torch.float64) for values in drawn]
        if all(one.shape == other.shape and one.allclose(other) for one, other in zip(given, asked, strict=True)):
            return number
    told = ", ".join(f"{name} = {shown(value)}" for name, value in drawn[0].items())
    return f"Not yet. For {told} your function gives {shown(given[0])}."


def shown(value: Tensor) -> str:
    """Its numbers with three digits."""
    number = lambda x: f"{x:.3g}"
    return number(value.item()) if value.dim() == 0 else f"[{', '.join(map(number, value.flatten().tolist()))}]"
