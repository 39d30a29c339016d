"""Drawings of this book: the SVG files in drawn/, each with its words as its title."""

import re
from pathlib import Path

from IPython.display import display

from helpers import validate

FILES = {path.stem: path for path in sorted((Path(__file__).parent / "drawn").glob("*.svg"))}


def drawing(name: str) -> None:
    """Displays the drawing of that name. On a page of the book it follows the theme. Raises ValueError if there is none."""
    svg = FILES[validate.one_of("drawing", name, FILES)].read_text()
    words = re.search("<title>(.*)</title>", svg)[1]  # type: ignore[index]
    display({"image/svg+xml": svg, "text/plain": words}, metadata={"image/svg+xml": {"alt": words}}, raw=True)
