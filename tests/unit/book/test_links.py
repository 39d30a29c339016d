"""Links in the text that set a chart or light up a mark: what they name must be there."""

import json

import pytest
from builder import links
from chart_numbers import stored

STORED = stored()
SPECS = {"demonstrator": STORED["demonstrator"], "gaussian_ellipse-2": STORED["gaussian_ellipse"]}
page = '<p><a class="to-chart" href="{}">this</a> <a href="#a-heading">that</a> <a href="https://a.b/?c=d">other</a></p>'.format


@pytest.mark.parametrize(
    "link",
    ["#demonstrator?w=0.7", "#demonstrator?drawn=product&amp;s=0.1", "#gaussian_ellipse-2?x1=-2&amp;mark=probe"],
)
def test_a_link_to_what_the_page_has_passes(link):
    links.check(page(link), SPECS)


@pytest.mark.parametrize(
    "link",
    [
        *("#gaussian_ellipse?x1=1", "#demonstrator?w=1.2", "#demonstrator?wrong=1", "#demonstrator?drawn=other"),
        *("#gaussian_ellipse-2?mark=prob", "#demonstrator?mark=probe"),
    ],
)
def test_a_link_to_what_the_page_lacks_stops_the_build(link):
    with pytest.raises(ValueError, match=r"no such chart|cannot have"):
        links.check(page(link), SPECS)


def test_every_named_view_is_found_and_no_parameter_or_column():
    spec = json.loads(json.dumps(STORED["interval_probability"]))
    assert sorted(links.view_names(spec)) == ["edge_a", "edge_b"]
