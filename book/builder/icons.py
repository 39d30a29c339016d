"""The icons as masks in the stylesheet, cut from the theme's icon font: no font to load, no flash."""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

SHAPE = (
    "/*! Icons: Font Awesome Free, CC BY 4.0, fontawesome.com */"
    ".fa,.fas,.fab,.far,.fa-solid,.fa-brands,.fa-regular{display:inline-block;height:1em;vertical-align:-.125em;"
    "background:currentColor;-webkit-mask:var(--icon) center/contain no-repeat;mask:var(--icon) center/contain no-repeat}"
    ".fa-lg{font-size:1.25em}"
)
RULE = re.compile(r"((?:\.fa-[\w-]+:before,?)+)\{content:\"\\([0-9a-f]+)")
RISE = 448 / 512  # of an em: how far an icon of this font rises above the baseline


def rules(site: Path, pages: Iterable[Path]) -> str:
    """The rules for every icon that some page or script of the site names."""
    folder = next((site / "_static" / "vendor" / "fontawesome").iterdir())
    sources = (*pages, *(site / "_static" / "scripts").glob("*.js"))
    named = set(re.findall(r"fa-[\w-]+", "".join(path.read_text() for path in sources)))
    fonts = [TTFont(folder / "webfonts" / f"fa-{style}.ttf") for style in ("solid-900", "brands-400")]
    found = [SHAPE]
    for selectors, code in RULE.findall((folder / "css" / "all.min.css").read_text()):
        used = sorted(named & set(re.findall(r"fa-[\w-]+", selectors)))
        font = next((font for font in fonts if int(code, 16) in font.getBestCmap()), None)
        if used and font:
            found.append(mask(used, font, int(code, 16)))
    return "".join(found)


def mask(names: list[str], font: TTFont, code: int) -> str:
    """One icon, as wide as the font sets it."""
    glyph, em = font.getBestCmap()[code], font["head"].unitsPerEm
    pen = SVGPathPen(font.getGlyphSet(), ntos=lambda number: str(round(number)))
    font.getGlyphSet()[glyph].draw(pen)
    width = font["hmtx"][glyph][0]
    box = f"viewBox='0 {-round(em * RISE)} {width} {em}'"
    picture = (
        f"<svg xmlns='http://www.w3.org/2000/svg' {box}><path transform='scale(1 -1)' d='{pen.getCommands()}'/></svg>"
    )
    selectors, address = ",".join(f".{name}" for name in names), quote(picture, safe=" =:/()'-,")
    return f'{selectors}{{width:{width / em:.4g}em;--icon:url("data:image/svg+xml,{address}")}}'
