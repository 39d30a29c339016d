"""Terms: defined once, on the notation page, and shown wherever a page links to them.

[nat](../book/notation.md#nat) is an ordinary link to that page, in JupyterLab too; book/scripts/glossary.js opens the
definition under it on hover, focus and tap.
"""

import html
import re
from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

PAGE = "book/notation"
ROW = re.compile(r'<tr class="(row-\w+)"(?: id="[^"]*")?><td><p>(.*?)</p></td>\s*<td><p>(.*?)</p></td>', re.S)
LINK = re.compile(r'<a class="term [^"]*" href="[^"#]*#term-([\w-]+)"')
OPENED = re.compile(r'<div class="definitions">.*?</div><!-- definitions -->', re.S)


class LinksToTerms(SphinxTransform):
    """Keeps Markdown from looking for a heading of that name on the notation page."""

    default_priority = 870  # MyST resolves links afterwards

    def apply(self):
        for link in list(self.document.findall(addnodes.pending_xref)):
            if link.get("reftarget") == PAGE and link.get("reftargetid"):
                address = f"../{PAGE}.html#term-{link['reftargetid']}"
                link.replace_self(nodes.reference("", "", *link.children, refuri=address, classes=["term"]))


def name_of(symbol: str, meaning: str) -> str:
    """By what name a row is linked to: its term, or of a row with a symbol the word in bold; with hyphens for spaces."""
    bold = re.search("<strong>(.*?)</strong>", meaning)
    words = symbol if "<math" not in symbol else bold[1] if bold else ""
    return re.sub(r"\W+", "-", html.unescape(re.sub("<[^>]*>", "", words)).lower()).strip("-")


def write_definitions(site: Path, pages: Iterable[Path]):
    """Gives each row of the notation page its address, and each page the definitions of the terms that it links to.

    Raises ValueError for two rows of one name, and for a term that is not defined.
    """
    notation, found = site / f"{PAGE}.html", {}

    def named(row: re.Match) -> str:
        kind, symbol, meaning = row.groups()
        name = name_of(symbol, meaning)
        if name and name in found:
            raise ValueError(f"{PAGE} defines {name} twice.")
        found[name] = f"<b>{symbol}</b> {meaning}"
        return row[0].replace(f'class="{kind}"', f'class="{kind}" id="term-{name}"') if name else row[0]

    notation.write_text(ROW.sub(named, re.sub(r' id="term-[\w-]+"', "", notation.read_text())))
    for page in pages:
        text = page.read_text()
        if names := sorted(set(LINK.findall(text))):
            page.write_text(with_definitions(text, {name: found.get(name) for name in names}))


def with_definitions(text: str, meanings: dict[str, str | None]) -> str:
    """The page with these definitions at its end, each link saying which is its own."""
    if missing := [name for name, meaning in meanings.items() if not meaning]:
        raise ValueError(f"{PAGE} does not define {', '.join(missing)}.")
    boxes = "".join(
        f'<div popover="manual" role="tooltip" class="definition" id="means-{name}">{meaning}</div>'
        for name, meaning in meanings.items()
    )
    text = re.sub(r' aria-describedby="means-[\w-]+"', "", OPENED.sub("", text))  # of the build before
    text = LINK.sub(lambda link: f'{link[0]} aria-describedby="means-{link[1]}"', text)
    return text.replace("</main>", f'<div class="definitions">{boxes}</div><!-- definitions --></main>', 1)
