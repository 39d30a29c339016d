"""Formulas, written into the pages as MathML, which every browser draws and every screen reader reads: no script.

Sphinx calls `inline` and `block` for each formula of a page. Their font holds only the characters that some formula draws.
"""

import html
import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from fontTools import subset
from fontTools.ttLib import TTFont

from builder.node import worker

STIX = Path(importlib.util.find_spec("ziamath").origin or "").parent / "fonts" / "STIXTwoMath-Regular.ttf"
FEATURES = "ssty,dtls,flac,mark,mkmk,kern,ccmp"  # what MathML asks of a font: scripts, accents, dotless i
DRAWN_BY_ELEMENTS = "√()[]{}|‖⏞⏟‾¯ˆ^−′"  # roots, accents, and what a browser draws for "-" and "'"
TOKEN = re.compile(r"<(mi|mo|mn|mtext)([^>]*)>([^<]*)<")


def mathml(tex: str, display: bool) -> str:
    """The formula as MathML. Raises ValueError if Temml does not know it."""
    return worker("formulas.mjs").ask([tex, display])


def inline(translator, node):
    """A formula in a sentence."""
    translator.body.append(f'<span class="math">{mathml(node.astext(), False)}</span>')
    raise nodes.SkipNode


def block(translator, node):
    """A formula on lines of its own; those with && or \\\\ are aligned, as Sphinx has it."""
    tex = node.astext()
    if r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{split}}{tex}\end{{split}}"
    translator.body.append(f'<div class="math">{mathml(tex, True)}</div>')
    raise nodes.SkipNode


def italic(letter: str) -> str:
    """What a browser draws for a lone letter in <mi>: the italic of Unicode's mathematical alphabets."""
    for first, last, slanted in (("a", "z", 0x1D44E), ("A", "Z", 0x1D434), ("α", "ω", 0x1D6FC), ("Α", "Ω", 0x1D6E2)):
        if first <= letter <= last:
            return "ℎ" if letter == "h" else chr(slanted + ord(letter) - ord(first))
    return {"∂": "\U0001d715", "∇": "\U0001d6fb"}.get(letter, letter)


def characters(pages: Iterable[str]) -> set[str]:
    """All that the formulas of these pages draw."""
    found = set(DRAWN_BY_ELEMENTS)
    for page in pages:
        for tag, attributes, text in TOKEN.findall(page):
            text = html.unescape(text)
            found |= set(text)
            if tag == "mi" and len(text) == 1 and "mathvariant" not in attributes:
                found.add(italic(text))
    return found


def write_font(target: Path, pages: Iterable[str]):
    """STIX Two Math with the characters of these pages' formulas, and their stretched and small forms."""
    codes = ",".join(f"U+{ord(character):04X}" for character in sorted(characters(pages)))
    options = [f"--layout-features={FEATURES}", "--flavor=woff2", "--no-hinting", "--desubroutinize"]
    subset.main([str(STIX), f"--unicodes={codes}", *options, f"--output-file={target}"])
    font = TTFont(target)
    narrow_roots(font)
    font.save(target)


def narrow_roots(font: TTFont):
    """Makes the taller root signs as wide as the small one: browsers leave room for the widest behind every root."""
    root, signs = font.getBestCmap()[ord("√")], font["MATH"].table.MathVariants
    forms = signs.VertGlyphConstruction[signs.VertGlyphCoverage.glyphs.index(root)]
    forms.GlyphAssembly = None  # for roots over several lines
    width, _ = font["hmtx"][root]
    for name in (form.VariantGlyph for form in forms.MathGlyphVariantRecord[1:]):
        advance, bearing = font["hmtx"][name]
        font["glyf"][name].coordinates.scale((width / advance, 1))
        font["glyf"][name].recalcBounds(font["glyf"])
        font["hmtx"][name] = width, round(bearing * width / advance)
