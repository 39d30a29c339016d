"""One stylesheet and one deferred script for all pages, in place of the theme's twenty files.

What the theme writes into a page by script, its buttons, becomes HTML; icons become masks in the stylesheet; the styles are
cut to the rules that some page uses (styles.mjs), which stops the build if a rule was lost that an element of a page matches.
"""

import re
import shutil
from pathlib import Path

from builder import icons
from builder.node import worker

SCRIPTS = Path(__file__).parents[1] / "scripts"
IN_HEAD = ("theme.js", "font.js")  # written into the pages
STYLE = re.compile(r'\s*<link (?=[^>]*rel="stylesheet")[^>]*href="[./]*(_static/[^"?]*)[^>]*>')
SCRIPT = re.compile(r'\s*<script src="[./]*(_static/[^"?]*)[^>]*></script>')
PRELOAD = re.compile(r'\s*<link rel="preload"[^>]*>(?:\s*<!--[^>]*-->)?|\s*<!-- (?:Loaded before|Pre-loaded)[^>]*-->')
THEME_SCRIPT = re.compile(r'<script data-cfasync="false">.*?</script>', re.S)
WRITTEN = re.compile(r"<script>\s*document\.write\(`(.*?)`\);\s*</script>", re.S)
DARK_LOGO = re.compile(r'<img [^>]*class="logo__image only-dark"[^>]*>')
PAGE_NAME = re.compile(r"\s*<script>DOCUMENTATION_OPTIONS\.pagename = [^<]*</script>")
PAGE = "page"  # the joined files: page.css, page.js
OF_SEARCH = ("_static/searchtools.js", "_static/language_data.js")  # stay with the page that searches
SCRIPTS_WITH_WORDS = (
    "page.js",
    "live.js",
    "exercises.js",
    "glossary.js",
    "searchtools.js",
)  # they make elements with classes of their own
KEPT = ("page.css", "language_data.js", "progress.js", *SCRIPTS_WITH_WORDS)


def join(site: Path, pages: list[Path]):
    """Joins styles and scripts of these pages, all that have the theme. Those of an earlier build are joined already."""
    static, fresh = site / "_static", {}
    for page in pages:
        if THEME_SCRIPT.search(text := page.read_text()):
            fresh[page] = text
    styles, scripts = one_list(STYLE, fresh.values()), one_list(SCRIPT, fresh.values())
    for page, text in fresh.items():
        page.write_text(plain(text))
    scripts = [name for name in scripts if name not in OF_SEARCH and "fontawesome" not in name]
    source = "\n;".join(script_text(site / name) for name in scripts)
    (static / f"{PAGE}.js").write_text(worker("scripts.mjs").ask(source))
    sheet = "\n".join(sheet_text(site / name) for name in styles if "fontawesome" not in name)
    worded = [*(static / name for name in SCRIPTS_WITH_WORDS), *(static / "chunks").glob("*.js")]
    used = {"pages": list(map(str, pages)), "scripts": list(map(str, worded))}
    css = worker("styles.mjs").ask({"css": sheet, "icons": icons.rules(site, pages)} | used)
    (static / f"{PAGE}.css").write_text(css)
    drop_what_is_joined(static)


def drop_what_is_joined(static: Path):
    """The theme's own files go; Sphinx copies them anew at each build."""
    for folder in ("styles", "scripts", "vendor", "locales"):
        shutil.rmtree(static / folder, ignore_errors=True)
    for path in (*static.glob("*.css"), *static.glob("*.js"), *static.glob("*-macros.html")):
        if path.name not in KEPT:
            path.unlink()


def script_text(path: Path) -> str:
    return re.sub(r"//# sourceMappingURL.*", "", path.read_text())


def one_list(pattern: re.Pattern, texts) -> list[str]:
    """What the pages ask for, in their order; those of one page are a part of those of the page that asks for most."""
    lists = [pattern.findall(text) for text in texts]
    longest = max(lists, key=len)
    for found in lists:
        if [name for name in longest if name in found] != found:
            raise ValueError(f"Pages ask for files in different orders: {found} and {longest}")
    return longest


def sheet_text(path: Path) -> str:
    """A stylesheet with what it imports in the place of the import."""
    text = re.sub(r"/\*[^!].*?\*/|@charset[^;]*;", "", path.read_text(), flags=re.S)
    imported = r'@import\s+(?:url\()?"?([^")\s;]+)"?\)?\s*;'
    return re.sub(imported, lambda found: sheet_text(path.parent / found[1].split("?")[0]), text)


def plain(text: str) -> str:
    """A page that asks for one style and one script, its theme and its font by a few lines in the head."""
    root = re.search(r'data-content_root="([^"]*)"', text)[1]
    asked = (
        f'<link rel="stylesheet" href="{root}_static/{PAGE}.css"><script defer src="{root}_static/{PAGE}.js"></script>'
    )
    at_once = [(SCRIPTS / name).read_text() for name in IN_HEAD if name != "font.js" or "<math" in text]
    text = STYLE.sub("", PRELOAD.sub("", text))
    text = SCRIPT.sub(lambda found: found[0].replace("<script", "<script defer") if found[1] in OF_SEARCH else "", text)
    text = re.sub(r'<script src="searchindex.js"', '<script defer src="searchindex.js"', text)
    asked = "".join(f"<script>{script}</script>" for script in at_once) + asked
    text = THEME_SCRIPT.sub(lambda _: asked, text)
    text = DARK_LOGO.sub("", PAGE_NAME.sub("", WRITTEN.sub(r"\1", text)))
    text = text.replace('class="logo__image only-light"', 'class="logo__image" width="110" height="110"')
    return text.replace('data-theme="auto"', 'data-theme="light"', 1)  # for those without scripts
