"""The Sphinx extension of the site: bundles the live charts' script and adds it to the pages that have one.

Directive for pages that are not notebooks:

    ```{live-chart} helpers.charts.mode_averaging:mode_averaging
    ```
"""

import importlib
import re
from pathlib import Path

import vl_convert
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from helpers.live import VEGA_LITE, page_html

HERE = Path(__file__).parent
SCRIPT = "live-charts.js"


class LiveChartDirective(SphinxDirective):
    required_arguments = 1

    def run(self):
        module, function = self.arguments[0].split(":")
        chart = getattr(importlib.import_module(module), function)()
        for source in (HERE.parent / "helpers").rglob("*.py"):
            self.env.note_dependency(str(source))  # a page is written anew when a chart changes
        return [nodes.raw(text=page_html(chart.spec), format="html")]


def add_script_where_needed(app, pagename, templatename, context, doctree):
    if 'class="live-chart"' in context.get("body", ""):
        app.add_js_file(SCRIPT, type="module")


def write_script(app, exception):
    if exception is None and app.builder.format == "html":
        # Loaded as a module, for as a plain script its globals would collide with the theme's.
        vega = vl_convert.javascript_bundle(vl_version=VEGA_LITE)  # sets window.vegaEmbed
        (Path(app.outdir) / "_static" / SCRIPT).write_text(f"{vega}\n{{\n{(HERE / 'live.js').read_text()}}}\n")


def slim(app, exception):
    """Takes out of every page the theme's 1.5 MB icon script: the icon font, loaded anyway, draws the same icons."""
    if exception is None and app.builder.format == "html":
        tags = re.compile(r"\s*<(script|link)[^>]*fontawesome[^>]*/js/all\.min\.js[^>]*>(</script>)?")
        for page in Path(app.outdir).rglob("*.html"):
            page.write_text(tags.sub("", page.read_text()))


def setup(app):
    app.add_config_value("comments_config", {}, "html")  # Jupyter Book sets it even where its extension is not loaded
    app.add_directive("live-chart", LiveChartDirective)
    app.add_css_file("book.css")
    app.connect("html-page-context", add_script_where_needed)
    app.connect("build-finished", write_script)
    app.connect("build-finished", slim)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
