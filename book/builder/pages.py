"""What is done to the pages once Sphinx has written them, and the two pages that Sphinx does not write."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from fontTools import subset

from builder import formulas
from builder.policy import with_policy

FRONT_DOOR = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Probability for Robot Learning</title>
<link rel="icon" href="data:,"><meta http-equiv="refresh" content="0; url=book/index.html">SHARED</head>
<body><main><a href="book/index.html">Probability for Robot Learning</a></main></body></html>
"""  # with an empty icon, or a browser asks for /favicon.ico, which is not there
ICON_SCRIPT = re.compile(r"\s*<(script|link)[^>]*fontawesome[^>]*/js/all\.min\.js[^>]*>(</script>)?")
SIDEBAR = '<div class="bd-sidebar-primary'
EXCERPT = {  # in Sphinx's script of the search: whence an excerpt is taken, what is left out, and around which words
    '[role="main"]': ".bd-article",
    '[".headerlink", "script"': '["h1", ".headerlink", "math", ".cell_input", "details.hide", "script"',
    "makeSearchSummary(data, searchTerms": "makeSearchSummary(data, highlightTerms",  # as typed, not their stems
}


def finish(app, exception):
    """Mends the theme's pages: drops its 1.5 MB icon script, for the icon font, loaded anyway, draws the same icons;
    makes the sidebar with the logo a landmark, so that a screen reader can jump to it; writes each page's policy;
    lets the search quote the text."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    (site / "index.html").write_text(front_door(site))
    (site / "404.html").write_text(not_found(app))
    mend(site.rglob("*.html"))
    mend_search(site / "_static" / "searchtools.js")
    trim_icon_fonts(site / "_static")
    formulas.write_font(site / "_static" / "math.woff2", (page.read_text() for page in site.rglob("*.html")))


def mend(pages: Iterable[Path]):
    """What the theme writes into the pages, as this book needs it. Raises ValueError if no page holds it any more."""
    found: Counter[str] = Counter()
    for page in pages:
        text, icons = ICON_SCRIPT.subn("", page.read_text())
        found.update({"icon script": icons, "sidebar": text.count(SIDEBAR)})
        text = text.replace(SIDEBAR, f'<div role="region" aria-label="Book"{SIDEBAR[4:]}')
        page.write_text(text if "Content-Security-Policy" in text else with_policy(text))
    for what in ("icon script", "sidebar"):
        if not found[what]:
            raise ValueError(f"No page holds the theme's {what} any more; look how the theme writes it now.")


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


def trim_icon_fonts(static: Path):
    """Cuts the icon fonts, 300 kB of 2,000 icons, down to the icons that some page, style or script of the site names."""
    folder = next((static / "vendor" / "fontawesome").iterdir())
    sources = [
        *static.parent.rglob("*.html"),
        *static.glob("styles/*.css"),
        *static.glob("*.css"),
        *static.glob("scripts/*.js"),
    ]
    text = "".join(path.read_text() for path in sources)
    rules = re.findall(
        r"((?:\.fa-[\w-]+:before,?)+)\{content:\"\\([0-9a-f]+)", (folder / "css" / "all.min.css").read_text()
    )
    names = set(re.findall(r"fa-[\w-]+", text))
    codes = {code for selectors, code in rules if names & set(re.findall(r"fa-[\w-]+", selectors))}
    codes |= set(re.findall(r"\\(f[0-9a-f]{3})", text))
    for font in (folder / "webfonts").glob("*.woff2"):
        subset.main([str(font), f"--unicodes={','.join(sorted(codes))}", "--flavor=woff2", f"--output-file={font}"])
