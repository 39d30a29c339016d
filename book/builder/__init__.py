"""The Sphinx extension that builds the site: its directives, formulas and charts, and what is done to its pages at the end."""

import re
import zlib
from pathlib import Path

from builder import assets, charts, formulas
from builder.directives import BookMapDirective, ExerciseKeyDirective, LiveChartDirective
from builder.glossary import LinksToTerms
from builder.links import LinksToCharts
from builder.pages import finish
from helpers.page.exercises import EXERCISES

HERE = Path(__file__).parent
SCRIPTS = HERE.parent / "scripts"
ANSWERED = (  # how many exercises the reader has answered; book/scripts/exercises.js counts
    f'<p class="answered" data-total="{len(EXERCISES)}" hidden>Exercises: <span></span> '
    '<button type="button">Forget my answers</button></p>'
)
SCRIPT_FOR = {
    'class="live-chart"': "live.js",
    'class="exercise"': "exercises.js",
    'class="term ': "glossary.js",
    'class="book-map"': "progress.js",
}


def set_addresses(app, config):
    """Where the site is published follows from the repository's address: owner.github.io/name."""
    owner, name = re.match(
        r"https://github\.com/([^/]+)/([^/]+)$", config.html_theme_options["repository_url"]
    ).groups()
    config.html_baseurl = config.ogp_site_url = f"https://{owner}.github.io/{name}/"
    config.ogp_image = f"{config.html_baseurl}_static/cover.png"


def write_charts(app, pagename, templatename, context, doctree):
    """Each specification in a page gives way to its chart; a page gets the scripts for what it holds."""
    body = context.get("body", "")
    context["body"] = charts.with_charts(body, Path(app.outdir) / "_static" / "charts")
    for mark, script in SCRIPT_FOR.items():
        if mark in body:
            app.add_js_file(script, type="module")
    if 'class="exercise"' in body:
        context["body"] += ANSWERED


def write_static(app, exception):
    """The scripts of the pages, and the engine of the charts."""
    if exception is None and app.builder.format == "html":
        charts.write_scripts(Path(app.outdir) / "_static", Path(app.outdir).rglob("*.html"))


def setup(app):
    app.add_config_value("comments_config", {}, "html")  # Jupyter Book sets it even where its extension is not loaded
    app.add_directive("live-chart", LiveChartDirective)
    app.add_directive("exercise-key", ExerciseKeyDirective)
    app.add_directive("book-map", BookMapDirective)
    app.add_transform(LinksToCharts)
    app.add_transform(LinksToTerms)
    app.add_html_math_renderer("mathml", (formulas.inline, None), (formulas.block, None))
    for style in ("formulas.css", "charts.css", "book.css"):
        app.add_css_file(style)
    app.connect("config-inited", set_addresses)
    # Sphinx copies style and scripts only if some page is out of date: so one always is.
    app.connect("env-get-outdated", lambda *_: ["book/index"])
    app.connect("html-page-context", write_charts)
    app.connect("build-finished", write_static)
    app.connect("build-finished", finish, priority=900)  # after the table of contents has written its own front door
    return {"env_version": version(), "parallel_read_safe": True, "parallel_write_safe": False}


def version() -> int:
    """A number that changes with the builder's code: then Sphinx writes every page anew."""
    in_head = [SCRIPTS / name for name in assets.IN_HEAD]
    sources = [*sorted(HERE.glob("*.*")), *in_head, HERE.parents[1] / "package-lock.json"]
    return zlib.crc32(b"".join(path.read_bytes() for path in sources if path.is_file()))
