"""The definitions of terms: each row has a name, each link its definition, none is missing and none is there twice."""

import pytest
from builder import glossary

ROWS = """<main><tr class="row-odd"><td><p>free nats</p></td>
<td><p>the amount of <math><mi>D</mi></math></p></td>
<td><p>05</p></td></tr>
<tr class="row-even"><td><p><math>E</math></p></td>
<td><p>the <strong>expectation</strong> of f</p></td></tr>
<tr class="row-odd"><td><p><math>d</math></p></td>
<td><p>how far</p></td></tr></main>"""
LINK = '<main><p><a class="term reference external" href="../book/notation.html#term-{}">this</a></p></main>'


@pytest.fixture
def site(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "notation.html").write_text(ROWS)

    def write(*terms):
        page = tmp_path / "page.html"
        if terms:
            page.write_text("".join(map(LINK.format, terms)))
        glossary.write_definitions(tmp_path, [page])
        return page.read_text()

    write.notation = tmp_path / "book" / "notation.html"
    return write


def test_a_page_gets_the_definitions_that_it_links_to(site):
    page = site("free-nats", "expectation")
    assert "<b>free nats</b> the amount of <math><mi>D</mi></math></div>" in page
    assert 'id="means-expectation"' in page
    assert page.count(' aria-describedby="means-') == page.count('href="../book/notation.html#term-') == 2
    assert 'id="term-free-nats"' in site.notation.read_text()


def test_a_second_build_changes_nothing(site):
    first, rows = site("free-nats"), site.notation.read_text()
    assert site() == first
    assert site.notation.read_text() == rows


def test_a_term_that_nobody_defined_stops_the_build(site):
    with pytest.raises(ValueError, match="does not define nonsense"):
        site("free-nats", "nonsense")


def test_two_definitions_of_one_term_stop_the_build(site):
    site.notation.write_text(ROWS.replace("<math>E</math>", "free nats"))
    with pytest.raises(ValueError, match="defines free-nats twice"):
        site("free-nats")
