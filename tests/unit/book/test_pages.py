"""What is done to the site's pages at the end."""

import re

import pytest
from builder import code, pages
from PIL import Image


def test_a_search_script_that_sphinx_has_changed_is_noticed(tmp_path):
    script = tmp_path / "searchtools.js"
    script.write_text(" ".join(list(pages.EXCERPT)[1:]))
    with pytest.raises(ValueError, match="look how Sphinx makes its excerpts now"):
        pages.mend_search(script)
    script.write_text(" ".join(pages.EXCERPT))
    pages.mend_search(script)
    assert script.read_text() == " ".join(pages.EXCERPT.values())


def test_a_theme_that_writes_its_pages_in_another_way_is_noticed(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<head></head><body></body>")
    with pytest.raises(ValueError, match="look how the theme writes it now"):
        pages.mend([page])
    page.write_text(f'<head></head><body>{pages.SIDEBAR} class="x"></div></body>')
    pages.mend([page])
    assert '<div role="region" aria-label="Book" class="bd-sidebar-primary' in page.read_text()


def test_a_picture_keeps_its_place(tmp_path):
    Image.new("RGB", (30, 20)).save(tmp_path / "a.png")
    page = tmp_path / "page.html"
    page.write_text(f'<head></head><body>{pages.SIDEBAR}"></div><img alt="A" src="a.png"></body>')
    pages.mend([page])
    assert '<img width="30" height="20" loading="lazy" decoding="async" alt="A" src="a.png">' in page.read_text()


def test_code_keeps_its_words_and_knows_how_far_in_each_line_stands():
    body = '<div class="highlight"><pre><span></span><span class="k">for</span> k:\n    <span class="n">go</span>()\n</pre></div>'
    found = code.with_lines(body)
    assert re.sub(r'<span class="line"[^>]*>(.*?\n)</span>', r"\1", found, flags=re.S) == body
    assert re.findall(r"--in:(\d+)ch", found) == ["2", "6"]
    assert code.with_lines("<pre>no code</pre>") == "<pre>no code</pre>"
    assert code.with_lines(found) == found  # a build goes over pages that it has not written anew
