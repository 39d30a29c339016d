"""How a live chart is shown in each front end: JupyterLab and VS Code, Colab, GitHub, and a page of the book.

A live chart is an Altair chart whose mathematics is in its own expressions, so its controls need no kernel.
"""

import base64
import html
import importlib.util
import json
import sys

import altair

from helpers.pictures import small_png

MIME = "application/vnd.vegalite.v5+json"
VEGA_LITE = "5.20"  # Altair 5.5's, as vl-convert names it


class LiveChart:
    """An Altair chart with a name (its id on a page) and a description (what a screen reader says first).

    follows: controls that matter only for some value of another one, {control: (other, value)}; a page greys them
    out the rest of the time.
    """

    def __init__(self, name: str, chart: altair.TopLevelMixin, description: str, follows: dict | None = None):
        self.name, self.description, self.chart = name, description, chart
        self.spec = chart.to_dict()
        self.spec["description"] = description
        self.spec["usermeta"] = {"name": name, "follows": follows or {}}

    def _repr_mimebundle_(self, include=None, exclude=None):
        if "google.colab" in sys.modules:
            return {"text/html": self.chart.to_html(), "text/plain": self.description}
        bundle = {MIME: self.spec, "text/plain": self.description}
        if importlib.util.find_spec("vl_convert"):  # the picture for GitHub and print; Colab lacks it
            bundle["image/png"] = base64.b64encode(self.png()).decode()
        return bundle, {"image/png": {"alt": self.description}}

    def png(self) -> bytes:
        """A picture of the chart as it opens."""
        import vl_convert

        return small_png(vl_convert.vegalite_to_png(self.spec, vl_version=VEGA_LITE, scale=1.5))


def page_html(spec: dict) -> str:
    """The place of a chart on a page of the book; book/live.js draws it there shortly before it scrolls into view."""
    data = json.dumps(spec, separators=(",", ":")).replace("</", "<\\/")
    name = html.escape(spec["usermeta"]["name"])
    return (
        f'<figure class="live-chart" id="{name}" role="group" aria-label="Live chart: {name.replace("_", " ")}">'
        f'<script type="application/json">{data}</script><div class="live-view"></div>'
        '<figcaption class="live-text" aria-live="polite"></figcaption></figure>'
    )


LAB_NOTE = (
    '<p class="lab-note">This picture shows the lab as it opens. Its controls rerun real code and need a kernel: '
    "open this page in Colab (the rocket above) or in JupyterLab.</p>"
)


class PageRenderer:
    """myst-nb's renderer for outputs on a page: live charts stay live, labs and pictures keep their alternative text."""

    mime_priority_overrides = [("html", MIME, 1), ("html", "application/vnd.jupyter.widget-view+json", None)]

    @staticmethod
    def handle_mime(renderer, data, inline: bool):
        if inline:
            return None
        from docutils import nodes

        if data.mime_type == MIME:
            return [nodes.raw(text=page_html(data.content), format="html")]
        about = data.output_metadata.get("image/png", {}) if data.mime_type == "image/png" else {}
        if "alt" not in about:
            return None
        picture = renderer.render_image(data)
        picture[0]["alt"] = about["alt"]
        return [*picture, nodes.raw(text=LAB_NOTE, format="html")] if "lab" in about else picture
