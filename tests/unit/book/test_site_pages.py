"""What is done to the site's pages at the end."""

import pytest
import site_pages

from helpers.page import renderer


def test_a_chart_that_is_shown_twice_has_two_ids():
    figure = renderer.page_html({"usermeta": {"name": "temperature"}})
    page = site_pages.one_id_each(figure + renderer.page_html({"usermeta": {"name": "support"}}) + figure)
    assert [name for name in ("temperature", "support", "temperature-2") if page.count(f'id="{name}"') == 1]
    assert page.count("<figure") == page.count(' id="') == 3
    assert 'id="temperature-2"' in page


def test_a_search_script_that_sphinx_has_changed_is_noticed(tmp_path):
    script = tmp_path / "searchtools.js"
    script.write_text(" ".join(list(site_pages.EXCERPT)[1:]))
    with pytest.raises(ValueError, match="look how Sphinx makes its excerpts now"):
        site_pages.mend_search(script)
    script.write_text(" ".join(site_pages.EXCERPT))
    site_pages.mend_search(script)
    assert script.read_text() == " ".join(site_pages.EXCERPT.values())
