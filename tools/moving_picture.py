"""The moving picture at the top of README.md: the flagship with one head after the other, recorded from the built site.

make book && .venv/bin/python tools/moving_picture.py      writes .github/flagship.gif, which is stored
"""

import io
from pathlib import Path

from browser import launch, served
from PIL import Image
from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).parents[1] / ".github" / "flagship.gif"
STATES = (  # what is chosen, one after the other, and for how many seconds it is shown
    ({"head": "mse"}, 1.6),
    ({"head": "l1"}, 1.0),
    ({"w": 0.52}, 1.4),
    ({"head": "full_gaussian", "w": 0.5}, 1.6),
    ({"head": "independent_bins"}, 1.6),
    ({"head": "autoregressive_sampled"}, 1.6),
    ({"head": "flow", "n": 1}, 1.0),
    ({"n": 2}, 0.8),
    ({"n": 4}, 0.8),
    ({"n": 20}, 1.8),
)
CHOOSE = """(figure, values) => {
    for (const [name, value] of Object.entries(values)) {
        const inputs = [...figure.querySelectorAll(`input[name="${name}"]`)];
        const input = inputs.length > 1 ? inputs.find((one) => one.value === value) : inputs[0];
        if (input.type === "radio") input.click();
        else { input.value = value; input.dispatchEvent(new Event("input", { bubbles: true })); }
    }
}"""
LARGEST = 1_000_000  # bytes


def frames(site: str) -> list[Image.Image]:
    """The chart in each of STATES."""
    with sync_playwright() as playwright:
        page = launch(playwright).new_page(viewport={"width": 1000, "height": 1000}, color_scheme="light")
        page.goto(f"{site}book/index.html")
        chart = page.locator("#mode_averaging")
        chart.scroll_into_view_if_needed()
        chart.click(position={"x": 2, "y": 2})
        page.wait_for_function("() => document.getElementById('mode_averaging').dataset.drawn")
        pictures = []
        for values, _ in STATES:
            chart.evaluate(CHOOSE, values)
            page.wait_for_timeout(500)
            pictures.append(Image.open(io.BytesIO(chart.screenshot())))
        return [picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=64) for picture in pictures]


if __name__ == "__main__":
    with served() as site:
        first, *rest = frames(site)
    durations = [round(1000 * seconds) for _, seconds in STATES]
    first.save(PICTURE, save_all=True, append_images=rest, duration=durations, loop=0, optimize=True)
    if PICTURE.stat().st_size > LARGEST:
        raise SystemExit(f"{PICTURE.name} has {PICTURE.stat().st_size} bytes; at most {LARGEST} are allowed.")
