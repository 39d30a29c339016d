"""The Content-Security-Policy in the pages: it lets the book run and stops everything else."""

import re

import pytest
from conftest import PAGES, SITE

INJECT = """async () => {
    const script = document.createElement("script");
    script.textContent = "window.injected = true";
    document.body.append(script);
    const button = document.createElement("button");
    button.setAttribute("onclick", "window.injected = true");
    document.body.append(button);
    button.click();
    const picture = new Image();
    const loaded = new Promise((done) => { picture.onload = () => done("loaded"); picture.onerror = () => done("blocked"); });
    picture.src = "http://127.0.0.2:1/picture.png";
    const fetched = await fetch("http://127.0.0.2:1/").then(() => "fetched", () => "blocked");
    return [window.injected ?? "blocked", await loaded, fetched];
}"""


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_strict_policy_before_anything_else(path):
    text = (SITE / path).read_text()
    found = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    assert found
    assert not re.search(r"<(script|link|style|img)\b", text[: found.start()])
    rules = dict(rule.split(" ", 1) for rule in found[1].split("; "))
    assert rules["default-src"] == "'self'"
    assert "'unsafe-inline'" not in rules["script-src"]
    assert "'unsafe-eval'" not in rules["script-src"]
    for rule, value in rules.items():
        assert not re.search(r"https?:|\*", value), rule


@pytest.mark.parametrize("path", ["book/index.html", "book/notation.html"])
def test_nothing_foreign_runs_or_loads(open_page, path):
    page = open_page(path)
    assert page.evaluate(INJECT) == ["blocked", "blocked", "blocked"]
    for rule in ("script-src", "img-src", "default-src"):  # the last for fetch
        assert any("Content Security Policy" in fault and rule in fault for fault in page.faults)


@pytest.mark.parametrize("path", ["book/index.html", "book/notation.html"])
def test_eval_is_refused_with_charts_too(open_page, path):
    page = open_page(path)
    page.evaluate(
        "async () => { setTimeout('window.evaluated = true'); await new Promise((done) => setTimeout(done, 50)); }"
    )
    assert page.evaluate("window.evaluated") is None
    assert any("unsafe-eval" in fault for fault in page.faults)
