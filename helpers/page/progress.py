"""A bar below a cell that works for more than a moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from IPython.display import HTML, clear_output, display


@contextmanager
def bar(work: str) -> Iterator[Callable[[float], None]]:
    """`with bar("training nine heads") as show: show(0.3)`: the share of the work that is done, while it is done.

    The bar goes when the work ends, so that what is stored with a notebook is the same in every run.
    """
    shown = display(HTML(f"{work} …"), display_id=True)
    last = -1

    def show(done: float) -> None:
        nonlocal last
        if (percent := round(100 * done)) != last:
            last = percent
            shown.update(HTML(f"<progress max=100 value={percent}></progress> {work}: {percent} %"))

    try:
        yield show
    finally:
        clear_output()
