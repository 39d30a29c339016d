"""Links in the text to a chart of the same page: #mode_averaging?w=0.7 sets it, #mode_averaging?mark=mean lights up a mark.

In JupyterLab and in Colab they are links that lead nowhere; on a page book/scripts/links.js follows them.
"""

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

from docutils import nodes
from sphinx.transforms import SphinxTransform


def is_link(address: str) -> bool:
    return address.startswith("#") and "?" in address


class LinksToCharts(SphinxTransform):
    """Keeps Markdown from looking for a heading of that name."""

    default_priority = 870  # MyST looks at 879

    def apply(self):
        for link in self.document.findall(nodes.reference):
            if link.get("id_link") and is_link(link["refuri"]):
                del link["id_link"]
                link["classes"].append("to-chart")


def check(body: str, specs: dict[str, dict]):
    """Raises ValueError for a link in a page to what its charts, {place: specification}, do not have."""
    for link in filter(is_link, map(html.unescape, re.findall('href="([^"]*)"', body))):
        place, query = link[1:].split("?")
        if place not in specs:
            raise ValueError(f"{link}: the page has no such chart; expected one of {', '.join(specs)}.")
        for name, value in parse_qsl(query, strict_parsing=True):
            if not (value in view_names(specs[place]) if name == "mark" else can_be(specs[place], name, value)):
                raise ValueError(f"{link}: {place} cannot have {name} = {value}.")


def can_be(spec: dict, name: str, value: str) -> bool:
    """Whether the chart has a control of that name which can be set to that value."""
    bind: dict = next((param["bind"] for param in spec["params"] if param["name"] == name and "bind" in param), {})
    if "options" in bind:
        return value in map(str, bind["options"])
    return "min" in bind and bind["min"] <= float(value) <= bind["max"]


def view_names(node) -> Iterator[str]:
    """The names of the views in a specification: a mark is called after its view."""
    if isinstance(node, dict):
        yield from [node["name"]] if "mark" in node and "name" in node else []
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from view_names(child)
