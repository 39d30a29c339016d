"""One stylesheet and one script: what is kept, what is cut, and that a lost rule stops the build."""

import pytest
from builder import assets
from builder.node import worker

HEAD = (
    '<html data-content_root="../" data-theme="auto"><head><script data-cfasync="false">old()</script>'
    '<link href="../_static/a.css?digest=1" rel="stylesheet" /><script src="../_static/a.js?v=1"></script></head>'
)


@pytest.fixture
def cut(tmp_path):
    """cut(css, body) -> the rules that remain for a page with this body."""

    def cut_(css: str, body: str) -> str:
        page = tmp_path / "page.html"
        page.write_text(f"<html><body>{body}</body></html>")
        return worker("styles.mjs").ask({"css": css, "icons": ".fa-x{width:1em}", "pages": [str(page)], "scripts": []})

    return cut_


def test_rules_in_use_stay_and_others_go(cut):
    left = cut(".used { color: red } .unused { color: blue } :focus-visible { outline: 0 }", '<p class="used"></p>')
    assert ".used{color:red}" in left
    assert ".fa-x" in left
    assert ":focus-visible" in left
    assert "unused" not in left


def test_a_rule_that_a_page_needs_and_the_cut_lost_stops_the_build(cut):
    with pytest.raises(ValueError, match=r"the stylesheet lost what a page uses: \.näher"):
        cut(".näher { color: red }", '<p class="näher"></p>')  # PurgeCSS reads no such word


def test_what_the_theme_writes_by_script_is_html():
    page = HEAD + "<script>\ndocument.write(`<button>light</button>`);\n</script>"
    text = assets.plain(page)
    assert "<button>light</button>" in text
    assert "document.write" not in text
    assert "a.css" not in text
    assert "a.js" not in text
    assert '<link rel="stylesheet" href="../_static/page.css"><script defer src="../_static/page.js">' in text
    assert 'data-theme="light"' in text


def test_pages_that_ask_for_different_orders_stop_the_build():
    with pytest.raises(ValueError, match="different orders"):
        assets.one_list(
            assets.SCRIPT,
            [
                '<script src="_static/a.js"></script><script src="_static/b.js"></script>',
                '<script src="_static/b.js"></script><script src="_static/a.js"></script>',
            ],
        )
