"""`make pdf`: every page of the site, printed by the browser with the charts as they open, in one PDF with an outline."""

import io
from pathlib import Path

import yaml
from browser import SITE, launch, served
from playwright.sync_api import sync_playwright
from pypdf import PdfWriter

OUT = SITE.parent / "probability-for-robot-learning.pdf"


def pages() -> list[str]:
    """The pages in the order of the table of contents."""
    toc = yaml.safe_load((Path(__file__).parents[1] / "_toc.yml").read_text())
    return [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]


def bind(page, base: str, names: list[str]) -> PdfWriter:
    """The pages of the site at `base`, one after the other, each with an entry in the outline."""
    book = PdfWriter()
    for name in names:
        page.goto(f"{base}{name}.html", wait_until="networkidle")
        sheets = io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True))
        book.append(sheets, outline_item=page.title().removesuffix(" — Probability for Robot Learning"))
    book.add_metadata({"/Title": "Probability for Robot Learning"})
    return book


def main() -> None:
    with sync_playwright() as playwright, served() as base:
        book = bind(launch(playwright).new_page(), base, pages())
    book.write(OUT)
    print(f"{OUT}: {len(book.pages)} pages, {OUT.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
