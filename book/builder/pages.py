"""What is done to the pages once Sphinx has written them, and the two pages that Sphinx does not write."""

import functools
import re
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from builder import assets, code, formulas, glossary
from builder.policy import with_policy

FRONT_DOOR = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Probability for Robot Learning</title>
<link rel="icon" href="data:,"><meta http-equiv="refresh" content="0; url=book/index.html">SHARED</head>
<body><main><a href="book/index.html">Probability for Robot Learning</a></main></body></html>
"""  # with an empty icon, or a browser asks for /favicon.ico, which is not there
SIDEBAR = '<div class="bd-sidebar-primary'
FOLD = ' aria-label="Toggle hidden content"'  # of a <summary>: contradicts the words in it
OWN_FILE = re.compile(r'"((?:\.\./)*_static/(?:page|live|exercises|glossary|progress)\.(?:js|css))(?:\?v=\w*)?"')
IMAGE = re.compile(r'<img [^>]*src="([^"]+)"[^>]*>')
EXCERPT = {  # in Sphinx's script of the search: whence an excerpt is taken, what is left out, and around which words
    '[role="main"]': ".bd-article",
    '[".headerlink", "script"': '["h1", ".headerlink", "math", ".cell_input", "details.hide", "script"',
    "makeSearchSummary(data, searchTerms": "makeSearchSummary(data, highlightTerms",  # as typed, not their stems
}


def finish(app, exception):
    """Makes the theme's pages this book's: one style and one script (assets.py), pictures that keep their place, a landmark
    round the sidebar, the policy of each page, a search that quotes the text, definitions under the terms; then the
    formulas' font."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    (site / "index.html").write_text(front_door(site))
    (site / "404.html").write_text(not_found(app))
    pages = [page for page in site.rglob("*.html") if "_static" not in page.parts]
    themed = [page for page in pages if "bd-sidebar-primary" in page.read_text()]
    glossary.write_definitions(site, themed)
    for page in themed:
        page.write_text(code.with_lines(page.read_text()))
    mend_search(site / "_static" / "searchtools.js")
    assets.join(site, themed)
    mend(pages)
    formulas.write_font(site / "_static" / "math.woff2", (page.read_text() for page in pages))


def mend(pages: Iterable[Path]):
    """What the theme writes into the pages, as this book needs it. Raises ValueError if no page holds it any more."""
    found = 0
    for page in pages:
        text = page.read_text()
        found += text.count(SIDEBAR)
        text = text.replace(SIDEBAR, f'<div role="region" aria-label="Book"{SIDEBAR[4:]}').replace(FOLD, "")
        text = IMAGE.sub(functools.partial(sized, page.parent), text)
        text = OWN_FILE.sub(functools.partial(versioned, page.parent), text)
        page.write_text(text if "Content-Security-Policy" in text else with_policy(text))
    if not found:
        raise ValueError("No page holds the theme's sidebar any more; look how the theme writes it now.")


def versioned(folder: Path, asked: re.Match) -> str:
    """The address of a file with a version that changes with it: a browser that has an old one asks for the new one."""
    return f'"{asked[1]}?v={zlib.crc32((folder / asked[1]).read_bytes()):08x}"'


def sized(folder: Path, image: re.Match) -> str:
    """A picture that keeps its place before it has come, and comes when it is near."""
    path = folder / image[1]
    if path.suffix != ".png" or " width=" in image[0]:
        return image[0]
    width, height = struct.unpack(">II", path.read_bytes()[16:24])  # of every PNG
    return image[0].replace("<img ", f'<img width="{width}" height="{height}" loading="lazy" decoding="async" ')


def front_door(site: Path) -> str:
    """The site's own address leads to the landing page, and is shared with the same picture and words."""
    shared = re.findall(r'<meta property="og:[^>]*>', (site / "book" / "index.html").read_text())
    return FRONT_DOOR.replace("SHARED", "".join(shared))


def not_found(app) -> str:
    """404.html: a list of the book's pages. Its links work without a script where the site is published."""
    home = urlsplit(app.config.html_baseurl).path.rstrip("/")
    pages = [(name, app.env.titles[name].astext()) for name in app.env.toctree_includes[app.config.root_doc]]
    pages = [(app.config.root_doc, "Probability for Robot Learning"), *pages]
    links = "".join(f'<li><a data-page="{p}.html" href="{home}/{p}.html">{title}</a></li>' for p, title in pages)
    template = (Path(__file__).parent / "not_found.html").read_text()
    return template.replace("PAGES", links).replace("HOME", home)


def mend_search(script: Path):
    """What the search shows of a page is its sentences: not the page's furniture, not its code or TeX."""
    text = script.read_text()
    for theirs, ours in EXCERPT.items():
        if theirs not in text:
            raise ValueError(f"{script.name} holds no {theirs!r} any more; look how Sphinx makes its excerpts now.")
        text = text.replace(theirs, ours)
    script.write_text(text)
