"""PNGs small enough to be stored in a notebook."""

import io

from PIL import Image


def small_png(raw: bytes) -> bytes:
    """The same PNG with at most 128 colours: about a third of the bytes, on white."""
    picture, small = Image.open(io.BytesIO(raw)).convert("RGBA"), io.BytesIO()
    white = Image.new("RGBA", picture.size, "white")
    flat = Image.alpha_composite(white, picture).convert("RGB")
    flat.quantize(128, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue()
