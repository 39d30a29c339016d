"""`make pdf`: every page of the site, printed by the browser with the charts as they open, in one PDF with an outline."""

import io
from pathlib import Path

import yaml
from browser import SITE, launch, served
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter

OUT = SITE.parent / "probability-for-robot-learning.pdf"


def pages() -> list[str]:
    """The pages in the order of the table of contents."""
    toc = yaml.safe_load((Path(__file__).parents[1] / "_toc.yml").read_text())
    return [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]


def printed(page, address: str) -> PdfReader:
    page.goto(address, wait_until="networkidle")
    return PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))


def main() -> None:
    book = PdfWriter()
    with sync_playwright() as playwright, served() as base:
        page = launch(playwright).new_page()
        for name in pages():
            part = printed(page, f"{base}{name}.html")
            title = page.title().removesuffix(" — Probability for Robot Learning")
            book.append(part, outline_item=title)
    book.add_metadata({"/Title": "Probability for Robot Learning"})
    book.write(OUT)
    print(f"{OUT}: {len(book.pages)} pages, {OUT.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
