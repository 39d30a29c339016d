"""What is done to the site's pages at the end."""

import pytest
from builder import pages


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
    icons = '<script src="vendor/fontawesome/6/js/all.min.js"></script>'
    whole = f'<head>{icons}</head><body>{pages.SIDEBAR} class="x"></div></body>'
    for missing in (icons, pages.SIDEBAR):
        page.write_text(whole.replace(missing, ""))
        with pytest.raises(ValueError, match="look how the theme writes it now"):
            pages.mend([page])
    page.write_text(whole)
    pages.mend([page])
    assert "all.min.js" not in page.read_text()
    assert '<div role="region" aria-label="Book" class="bd-sidebar-primary' in page.read_text()
