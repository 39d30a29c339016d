"""Vega's SVG made lean for a page: the theme's colours as variables, names of its own, few elements, short numbers."""

import re
import xml.etree.ElementTree as ET

NOISE = re.compile(r' (?:aria-\w+|role|class|version|xmlns(?::xlink)?|font-family|style)="[^"]*"')
PLACES = re.compile(r' (?:d|transform|x|y|x1|x2|y1|y2|width|height)="[^"]*"')
VARIABLES = {
    "#010203": "currentColor",
    "#010204": "var(--pst-color-text-muted)",
    "#010205": "var(--pst-color-border)",
}


def lean(svg: str, prefix: str) -> str:
    """The same picture, smaller. Names of clips and gradients begin with `prefix`, so that two pictures share none."""
    svg = NOISE.sub("", svg)
    for color, variable in VARIABLES.items():
        svg = svg.replace(f'"{color}"', f'"{variable}"')
    digits = 2 if "scale(" in svg else 1  # shapes drawn small and scaled up need more
    svg = PLACES.sub(lambda place: re.sub(r"\d+\.\d+", lambda n: short(n[0], digits), place[0]), svg)
    svg = re.sub(r' (?:opacity="1"|fill-opacity="1"|stroke-opacity="1"|transform="translate\(0,0\)")', "", svg)
    svg = re.sub(r"rgb\((\d+), (\d+), (\d+)\)", lambda rgb: "#" + bytes(map(int, rgb.groups())).hex(), svg)
    svg = re.sub(r'\b(id="|url\(#)(\w+)', rf"\1{prefix}-\2", svg)
    root = ET.fromstring(svg)
    share_clips(root)
    while drop_what_paints_nothing(root) or unwrap(root) or join_neighbours(root):
        pass
    root.set("aria-hidden", "true")
    return ET.tostring(root, encoding="unicode").replace(" />", "/>")


def short(number: str, digits: int) -> str:
    return f"{float(number):.{digits}f}".rstrip("0").rstrip(".")


def share_clips(root: ET.Element):
    """Equal clips are kept once."""
    first: dict[str, str] = {}
    for definitions in [root, *root.iter("defs"), *root.iter("g")]:
        for clip in definitions.findall("clipPath"):
            shape, name = "".join(ET.tostring(child, encoding="unicode") for child in clip), clip.attrib["id"]
            if first.setdefault(shape, name) != name:
                definitions.remove(clip)
                for element in root.iter():
                    if element.get("clip-path") == f"url(#{name})":
                        element.set("clip-path", f"url(#{first[shape]})")


def paints_nothing(element: ET.Element) -> bool:
    if element.tag == "g" or element.tag == "text":
        return len(element) == 0 and not element.text
    if element.tag == "path" and not {"fill", "stroke"} & set(element.attrib):
        return True
    empty = element.tag == "path" and re.fullmatch(r"M[-\d.,]+h0v0h0Z", element.get("d", ""))
    bare = element.get("fill", "none") in ("none", "transparent") and element.get("stroke", "none") in (
        "none",
        "transparent",
    )
    return bool(empty or bare or element.get("opacity") == "0") and element.tag in ("path", "rect", "line")


def groups(root: ET.Element) -> list[ET.Element]:
    return [root, *root.iter("g")]


def drop_what_paints_nothing(root: ET.Element) -> bool:
    found = [(group, child) for group in groups(root) for child in group if paints_nothing(child)]
    for group, child in found:
        group.remove(child)
    return bool(found)


def unwrap(root: ET.Element) -> bool:
    """Groups that say nothing give way to what they hold."""
    for group in groups(root):
        for i, child in enumerate(group):
            if child.tag == "g" and not child.attrib:
                group[i : i + 1] = list(child)
                return True
    return False


def join_neighbours(root: ET.Element) -> bool:
    """Filled neighbours of one paint become one path: a heat map has thousands."""
    joined = False
    for group in groups(root):
        last = None
        for child in list(group):
            paint = {key: value for key, value in child.attrib.items() if key != "d"}
            joins = child.tag == "path" and set(paint) == {"fill"}
            if joins and last is not None and last.get("fill") == paint["fill"]:
                last.set("d", last.attrib["d"] + child.attrib["d"])
                group.remove(child)
                joined = True
            else:
                last = child if joins else None
    return joined
