"""The Sphinx extension that builds the site: its directives, formulas and charts, and what is done to its pages at the end."""

import re
from pathlib import Path

import vl_convert

from builder import formulas
from builder.directives import ExerciseKeyDirective, LiveChartDirective
from builder.pages import finish
from helpers.page.mime import VEGA_LITE

SCRIPTS = Path(__file__).parents[1] / "scripts"
FOLLOWS = Path(__file__).parents[2] / "helpers" / "page" / "follows.js"
CHARTS, EXERCISES = "live-charts.js", "exercises.js"


def set_addresses(app, config):
    """Where the site is published follows from the repository's address: owner.github.io/name."""
    owner, name = re.match(
        r"https://github\.com/([^/]+)/([^/]+)$", config.html_theme_options["repository_url"]
    ).groups()
    config.html_baseurl = config.ogp_site_url = f"https://{owner}.github.io/{name}/"
    config.ogp_image = f"{config.html_baseurl}_static/cover.png"


def add_scripts_where_needed(app, pagename, templatename, context, doctree):
    for mark, script in (('class="live-chart"', CHARTS), ('class="exercise"', EXERCISES)):
        if mark in context.get("body", ""):
            app.add_js_file(script, type="module")


def write_static(app, exception):
    if exception is None and app.builder.format == "html":
        # Loaded as a module, for as a plain script its globals would collide with the theme's.
        vega = vl_convert.javascript_bundle(vl_version=VEGA_LITE)  # sets window.vegaEmbed
        static = Path(app.outdir) / "_static"
        (static / CHARTS).write_text(f"{vega}\n{{\n{FOLLOWS.read_text()}{(SCRIPTS / 'live.js').read_text()}}}\n")
        (static / EXERCISES).write_text((SCRIPTS / "exercises.js").read_text())


def setup(app):
    app.add_config_value("comments_config", {}, "html")  # Jupyter Book sets it even where its extension is not loaded
    app.add_directive("live-chart", LiveChartDirective)
    app.add_directive("exercise-key", ExerciseKeyDirective)
    app.add_html_math_renderer("mathml", (formulas.inline, None), (formulas.block, None))
    for style in ("formulas.css", "book.css"):
        app.add_css_file(style)
    app.connect("config-inited", set_addresses)
    # Sphinx copies style and scripts only if some page is out of date: so one always is.
    app.connect("env-get-outdated", lambda *_: ["book/index"])
    app.connect("html-page-context", add_scripts_where_needed)
    app.connect("build-finished", write_static)
    app.connect("build-finished", finish, priority=900)  # after the table of contents has written its own front door
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
