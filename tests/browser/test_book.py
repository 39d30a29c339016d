"""What makes a site a book: it is found, shared, printed, searched, and helps who is lost."""

import io
import re

import print_book
import pytest
from conftest import CONTENT, SITE, load, readouts
from PIL import Image
from pypdf import PdfReader


def printed(page) -> str:
    """What stands on the page's sheets of paper, in one line."""
    sheets = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    return re.sub(r"\s+", " ", " ".join(sheet.extract_text() for sheet in sheets))


@pytest.mark.parametrize("path", [*CONTENT, "index.html"])
def test_a_shared_link_shows_title_words_and_picture(path):
    found = dict(re.findall(r'<meta property="og:([\w:]+)" content="([^"]*)"', (SITE / path).read_text()))
    home = found["url"].split("/book/")[0].split("/notebooks/")[0]
    assert found["url"] == f"{home}/{path if path != 'index.html' else 'book/index.html'}"
    assert found["image"] == f"{home}/_static/cover.png"
    assert found["site_name"] == "Probability for Robot Learning"
    assert len(found["title"]) > 5
    assert len(found["description"]) > 60
    assert len(found["image:alt"]) > 60


def test_the_picture_that_is_shared_has_the_size_that_is_asked_for():
    assert Image.open(SITE / "_static" / "cover.png").size == (1200, 630)


@pytest.mark.parametrize("path", ["notebooks/09_nothing.html", "book/deep/down/nothing"])
def test_a_lost_reader_is_led_back(browser, base, path):
    page = browser.new_page()
    assert page.goto(base + path, wait_until="networkidle").status == 404
    links = page.evaluate("[...document.querySelectorAll('a')].map((link) => link.href)")
    assert len(links) == len(CONTENT) + 1  # and the search
    assert links[0] == base + "book/index.html"
    for link in links:
        assert (SITE / link.removeprefix(base)).exists(), link
    page.click("text=KL divergence")
    page.wait_for_url("**/04_kl_divergence.html")
    page.close()


def test_without_a_script_a_lost_reader_is_led_to_the_published_book():
    links = re.findall(r'<a data-page="[^"]*" href="([^"]*)"', (SITE / "404.html").read_text())
    published = re.search(r'og:url" content="https://[^/]+(/[^/]+)/', (SITE / "book/index.html").read_text())[1]
    assert all(link.startswith(f"{published}/") for link in links)


@pytest.mark.parametrize(
    ("word", "page"),
    [
        ("entropy", "03_entropy"),
        ("covariate", "04_kl_divergence"),
        ("unimix", "05_elbo"),
        ("gripper", "06_openvla_head"),
    ],
)
def test_search_finds_the_terms(open_page, word, page):
    results = open_page(f"search.html?q={word}")
    results.wait_for_selector("ul.search a")
    found = results.evaluate("[...document.querySelectorAll('ul.search a')].map((link) => link.href)")
    assert any(page in link for link in found), found
    results.wait_for_function(
        "() => /finished/.test(document.querySelector('#search-progress, .search-summary')?.textContent ?? '')"
    )
    quoted = results.locator(f"ul.search li:has(a[href*='{page}']) .context").all_inner_texts()
    assert quoted
    for excerpt in quoted:
        assert word in excerpt.lower()
        assert not re.search(r"\\\(|\.md|Show the code|Contents", excerpt), excerpt
    assert results.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_shows_every_chart_as_it_stands(browser, base, scheme):
    page = load(browser, base, "notebooks/04_kl_divergence.html", 390, scheme)
    page.fill("#kl_pointwise input[name=mu]", "-0.4")
    page.fill("#kl_pointwise input[name=sigma]", "0.95")
    page.wait_for_timeout(200)
    shown = [text for _, text in readouts(page, "kl_pointwise").values()]
    canvases = page.locator("figure.live-chart canvas").count()
    text = printed(page)
    assert all(number.replace("−", "-") in text.replace("−", "-") for number in shown), shown
    assert "steps off course" in text  # of the last chart
    assert "is an approximation for small" in text  # a fold
    assert "Its root is 0.901" in text  # a folded solution
    assert not re.search(r"Show the code|open this page in Colab|Check ", text)
    page.wait_for_function("n => document.querySelectorAll('figure.live-chart canvas').length === n", arg=canvases)
    assert page.evaluate("document.documentElement.dataset.theme") == scheme  # on the screen again
    assert page.faults == []
    page.context.close()


def test_paper_shows_charts_that_were_never_on_the_screen(browser, base):
    page = browser.new_page(viewport={"width": 1280, "height": 400})
    page.goto(base + "notebooks/04_kl_divergence.html", wait_until="networkidle")
    assert page.get_attribute("#compounding_error", "data-drawn") is None
    assert "steps off course" in printed(page)
    page.close()


def test_the_book_in_one_pdf_has_every_page_and_an_outline(browser, base):
    names = print_book.pages()
    assert sorted(f"{name}.html" for name in names) == sorted(CONTENT)
    book = print_book.bind(browser.new_page(), base, [names[0], names[-1]])
    assert [entry.title for entry in book.outline] == ["Probability for Robot Learning", "For teachers"]
    first, *rest = (page.extract_text() for page in book.pages)
    assert "lateral offset" in first  # letters of the page's first chart
    assert any(
        "crash rate" in text and "corner mass" in text for text in rest
    )  # of its second, which no other page has


@pytest.mark.parametrize("chart", ["03_entropy.html#rectangles", "05_elbo.html#imagination"])
def test_a_link_to_a_chart_leads_to_its_top(browser, base, chart):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{base}notebooks/{chart}", wait_until="networkidle")
    at_the_top = "() => { const { top } = document.querySelector(location.hash).getBoundingClientRect(); return 40 < top && top < 120; }"
    page.wait_for_function(at_the_top)
    page.wait_for_timeout(700)
    assert page.evaluate(at_the_top)  # and there it stays
    page.close()


def test_motion_is_reduced_for_those_who_ask(browser, base):
    page = browser.new_context(reduced_motion="reduce").new_page()
    page.goto(base + "notebooks/04_kl_divergence.html")
    moving = """() => [...document.querySelectorAll("*")].filter((e) => {
        const style = getComputedStyle(e);
        return style.transitionDuration !== "0s" || style.animationName !== "none" || style.scrollBehavior === "smooth";
    }).map((e) => e.outerHTML.slice(0, 80))"""
    assert page.evaluate(moving) == []
    page.context.close()


def test_each_notebook_opens_in_colab_and_downloads(open_page):
    page = open_page("notebooks/05_elbo.html")
    assert page.locator("a[href*='colab.research.google.com/github/'][href$='notebooks/05_elbo.ipynb']").count() == 1
    assert page.locator("a[href$='_sources/notebooks/05_elbo.ipynb']").count() == 1
    assert page.locator(".prev-next-area a.left-prev[href='04_kl_divergence.html']").count() == 1
    assert page.locator(".prev-next-area a.right-next[href='06_openvla_head.html']").count() == 1
