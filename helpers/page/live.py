"""How a live chart is shown in each front end: JupyterLab and VS Code, Colab, GitHub, and a page of the book.

A live chart is an Altair chart whose mathematics is in its own expressions, so its controls need no kernel.
"""

import functools
import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path

import altair
from altair.utils.html import spec_to_html

from helpers import validate
from helpers.page.mime import CHART

INK, MUTED, LINE = "#222222", "#555555", "#cccccc"
PAPER = {  # dark on white whatever the front end's theme: JupyterLab's dark one recolours some of the words only
    "background": "white",
    "text": {"color": INK},
    "title": {"color": INK},
    "header": {"labelColor": INK, "titleColor": INK},
    "legend": {"labelColor": INK, "titleColor": INK},
    "view": {"stroke": LINE},
    "axis": {"labelColor": MUTED, "titleColor": INK, "domainColor": LINE, "tickColor": LINE, "gridColor": LINE},
}
HERE = Path(__file__).parent
EMBED = {"actions": False, "defaultStyle": (HERE / "live.css").read_text()}  # vega-embed's options, in every front end
FOLLOWS = (HERE / "follows.js").read_text()  # greys out a control that does not matter now


class LiveChart:
    """An Altair chart with a name (its id on a page) and a description (what a screen reader says first).

    description: what there is to see; from "As it opens" on, what is true with the controls' own opening values.
    follows: controls that matter only for some value of another one, {control: (other, value or values)}; they are
    greyed out the rest of the time, where a script of ours can run: on a page of the book and in Colab.
    On a page of the book more can be done with the sliders. drag: marks that a finger moves, {name of a view: {"x": slider,
    "y": slider}}, where the mark lies at the slider's value. play: sliders that run by themselves, {slider: seconds from
    end to end}. sketch: where a reader draws, {"mark": name of a view that fills its scene, "into": parameter, "x" and
    "y": the ends of its axes, "gates": two places along y, "most": so many}; where a stroke crosses the gates is added.
    Raises ValueError for a slider that the chart lacks.
    """

    def __init__(
        self,
        name: str,
        chart: altair.TopLevelMixin,
        description: str,
        follows: dict | None = None,
        drag: dict | None = None,
        play: dict | None = None,
        sketch: dict | None = None,
    ):
        self.name, self.spec = name, chart.to_dict()
        self.spec["description"] = description
        declared = {"drag": drag, "play": play, "sketch": sketch}
        self.spec["usermeta"] = {"name": name, "follows": follows or {}} | {k: v for k, v in declared.items() if v}
        self.spec["config"] = PAPER | self.spec["config"]
        sliders = [param["name"] for param in self.spec["params"] if param.get("bind", {}).get("input") == "range"]
        for slider in (*(play or {}), *(slider for moved in (drag or {}).values() for slider in moved.values())):
            validate.one_of("the slider", slider, sliders)

    def opened(self, values: dict) -> "LiveChart":
        """The chart as it opens with these values of its controls. Raises ValueError for one that it cannot have."""
        controls = {param["name"]: param for param in self.spec["params"] if "bind" in param}
        for name, value in values.items():
            validate.one_of("the control", name, controls)
            controls[name]["value"] = allowed(name, value, controls[name]["bind"])
        if values:
            general = self.spec["description"].split("As it opens")[0]
            own = ", ".join(f"{name} = {value}" for name, value in values.items())
            self.spec["description"] = f"{general}It opens with {own}."
        return self

    def html(self) -> str:
        """A page of its own that loads Vega from the network: what Colab shows."""
        versions = {
            "vega_version": altair.VEGA_VERSION,
            "vegalite_version": altair.VEGALITE_VERSION,
            "vegaembed_version": altair.VEGAEMBED_VERSION,
        }
        page = spec_to_html(self.spec, mode="vega-lite", embed_options=dict(EMBED), **versions)  # it adds to them
        follow = f"() => followOthers(document, {json.dumps(self.spec['usermeta']['follows'])})"
        when = "document.addEventListener('input', follow); new MutationObserver(follow).observe(document, { childList: true, subtree: true });"
        return page.replace("</body>", f"<script>{FOLLOWS}const follow = {follow}; {when}</script></body>")

    def _repr_mimebundle_(self, include=None, exclude=None):
        text = self.spec["description"]
        if "google.colab" in sys.modules:
            return {"text/html": self.html(), "text/plain": text}
        return {CHART: self.spec, "text/plain": text}, {CHART: {"embed_options": EMBED}}


def allowed(name: str, value, bind: dict):
    """`value` if the control can be set to it: an option of a choice, a number on a slider, whole if its steps are."""
    if "options" in bind:
        return validate.one_of(name, value, bind["options"])
    number = validate.number(name, value, bind["min"], bind["max"])
    if bind["step"] % 1 or bind["min"] % 1:
        return number
    if number % 1:
        raise ValueError(f"{name} = {value}; expected a whole number. Pass for example {name}={round(number)}.")
    return int(number)


def live_chart(
    follows: dict | None = None, drag: dict | None = None, play: dict | None = None, sketch: dict | None = None
) -> Callable[[Callable[..., altair.TopLevelMixin]], Callable[..., LiveChart]]:
    """Makes a live chart of a function that returns an Altair chart.

    Its name is the function's, its description the first paragraph of the docstring, and the opening values of its
    controls are arguments: chart(d=0.3). follows, drag, play, sketch: see LiveChart.
    """

    def made(build: Callable[..., altair.TopLevelMixin]) -> Callable[..., LiveChart]:
        words = inspect.cleandoc(build.__doc__ or "")
        description = " ".join(words.split("\n\n")[0].split())

        @functools.wraps(build)
        def chart(*data, **opening) -> LiveChart:
            return LiveChart(build.__name__, build(*data), description, follows, drag, play, sketch).opened(opening)

        note = "The opening values of its controls are arguments; a wrong name is answered with those there are."
        chart.__doc__ = f"{words}\n\n{note}"
        return chart

    return made
