"""How a live chart is shown in each front end: JupyterLab and VS Code, Colab, GitHub, and a page of the book.

A live chart is an Altair chart whose mathematics is in its own expressions, so its controls need no kernel.
"""

import base64
import importlib.util
import io
import sys

import altair

from helpers.pictures import small_png

MIME = "application/vnd.vegalite.v5+json"
VEGA_LITE = "5.20"  # Altair 5.5's, as vl-convert names it


class LiveChart:
    """An Altair chart with a name (its id on a page) and a description (what a screen reader says first).

    follows: controls that matter only for some value of another one, {control: (other, value or values)}; a page greys them
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
        from PIL import Image

        raw = vl_convert.vegalite_to_png(self.spec, vl_version=VEGA_LITE, scale=1.5)
        return small_png(Image.open(io.BytesIO(raw)))
