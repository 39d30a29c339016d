"""The Sphinx extension of the site: bundles the scripts of the live charts and the exercises for the pages that have them.

Directive for pages that are not notebooks:

    ```{live-chart} helpers.charts.mode_averaging:mode_averaging
    ```
"""

import importlib
import re
from pathlib import Path

import vl_convert
from docutils import nodes
from fontTools import subset
from sphinx.util.docutils import SphinxDirective

from helpers.live import VEGA_LITE
from helpers.pages import page_html

HERE = Path(__file__).parent
CHARTS, EXERCISES = "live-charts.js", "exercises.js"


class LiveChartDirective(SphinxDirective):
    required_arguments = 1

    def run(self):
        module, function = self.arguments[0].split(":")
        chart = getattr(importlib.import_module(module), function)()
        for source in (HERE.parent / "helpers").rglob("*.py"):
            self.env.note_dependency(str(source))  # a page is written anew when a chart changes
        return [nodes.raw(text=page_html(chart.spec), format="html")]


def add_scripts_where_needed(app, pagename, templatename, context, doctree):
    for mark, script in (('class="live-chart"', CHARTS), ('class="exercise"', EXERCISES)):
        if mark in context.get("body", ""):
            app.add_js_file(script, type="module")


def write_scripts(app, exception):
    if exception is None and app.builder.format == "html":
        # Loaded as a module, for as a plain script its globals would collide with the theme's.
        vega = vl_convert.javascript_bundle(vl_version=VEGA_LITE)  # sets window.vegaEmbed
        static = Path(app.outdir) / "_static"
        (static / CHARTS).write_text(f"{vega}\n{{\n{(HERE / 'live.js').read_text()}}}\n")
        (static / EXERCISES).write_text((HERE / "exercises.js").read_text())


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


FRONT_DOOR = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Probability for Robot Learning</title>
<link rel="icon" href="data:,"><meta http-equiv="refresh" content="0; url=book/index.html">
<main><a href="book/index.html">Probability for Robot Learning</a></main></html>
"""  # with an empty icon, or a browser asks for /favicon.ico, which is not there


def finish(app, exception):
    """Mends the theme's pages: drops its 1.5 MB icon script, for the icon font, loaded anyway, draws the same icons;
    and makes the sidebar with the logo a landmark, so that a screen reader can jump to it."""
    if exception is None and app.builder.format == "html":
        icons = re.compile(r"\s*<(script|link)[^>]*fontawesome[^>]*/js/all\.min\.js[^>]*>(</script>)?")
        sidebar = '<div class="bd-sidebar-primary'
        for page in Path(app.outdir).rglob("*.html"):
            text = icons.sub("", page.read_text())
            page.write_text(text.replace(sidebar, f'<div role="region" aria-label="Book"{sidebar[4:]}'))
        trim_icon_fonts(Path(app.outdir) / "_static")
        (Path(app.outdir) / "index.html").write_text(FRONT_DOOR)


def setup(app):
    app.add_config_value("comments_config", {}, "html")  # Jupyter Book sets it even where its extension is not loaded
    app.add_directive("live-chart", LiveChartDirective)
    app.add_css_file("book.css")
    # Sphinx copies style and scripts only if some page is out of date: so one always is.
    app.connect("env-get-outdated", lambda *_: ["book/index"])
    app.connect("html-page-context", add_scripts_where_needed)
    app.connect("build-finished", write_scripts)
    app.connect("build-finished", finish, priority=900)  # after the table of contents has written its own front door
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
