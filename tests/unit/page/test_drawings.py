"""Drawings: their words, and styles that change nothing else on a page."""

import re
import xml.etree.ElementTree as ET

import pytest

from helpers.page import drawings

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("path", drawings.FILES.values(), ids=lambda path: path.stem)
def test_a_drawing_says_what_it_shows_and_keeps_its_style_to_itself(path):
    root = ET.fromstring(path.read_text())
    assert root.get("role") == "img"
    assert len(root.find(f"{SVG}title").text) > 60
    assert root.get("class") == "drawn"
    selectors = re.findall(r"([^{}]+)\{", root.find(f"{SVG}style").text)
    assert all(one.strip().startswith(".drawn ") for selector in selectors for one in selector.split(","))
    width = float(root.get("viewBox").split()[2])
    assert width <= 360  # so that its letters are as large on a phone as they are written


def test_a_drawing_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="expected one of latent, openvla, policy"):
        drawings.drawing("robot")
