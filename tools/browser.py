"""The machine's own browser, and the built site served to it: for the tests, the benchmark and `make pdf`."""

import contextlib
import functools
import gzip
import http.server
import shutil
import threading
from pathlib import Path

SITE = Path(__file__).parents[1] / "_build" / "html"
COMPRESSED = (".html", ".css", ".js", ".svg", ".json")
PREFIX = "/sub/path"  # the site is served below a path, as on GitHub Pages


def find(*programs: str) -> str | None:
    """The path of the first of these programs that is on this machine."""
    return next(filter(None, map(shutil.which, programs)), None)


def find_browser() -> str | None:
    return find("chromium", "chromium-browser", "google-chrome")


def launch(playwright):
    """Chromium, without a sandbox (which a container lacks) or a graphics card."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return playwright.chromium.launch(executable_path=find_browser(), args=flags)


SHIFT = """window.shift = 0; new PerformanceObserver((list) => list.getEntries().forEach((e) => {
    if (!e.hadRecentInput) window.shift += e.value; })).observe({ type: "layout-shift", buffered: true });"""


def shift_while_scrolling(browser, address: str, width: int) -> float:
    """The layout shift while a reader scrolls through the page for the first time."""
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.add_init_script(SHIFT)
    page.goto(address, wait_until="networkidle")
    for _ in range(page.evaluate("Math.ceil(document.documentElement.scrollHeight / 700)")):
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(60)
    page.wait_for_timeout(700)
    shift = page.evaluate("window.shift")
    page.context.close()
    return shift


class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *args, first: str, **kwargs):
        self.first = f"<head><script>{first}</script>".encode() if first else b"<head>"
        super().__init__(*args, **kwargs)

    def translate_path(self, path):
        return super().translate_path(path.removeprefix(PREFIX))

    def send_error(self, code, *_):
        """Not found: 404.html, whatever the address, as a server of static sites does."""
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write((SITE / "404.html").read_bytes())

    def do_GET(self):
        """Text is sent compressed, as a server of static sites does."""
        path = Path(self.translate_path(self.path))
        if path.suffix not in COMPRESSED or not path.is_file():
            return super().do_GET()
        data = path.read_bytes()
        if path.suffix == ".html":
            data = data.replace(b"<head>", self.first, 1)
        data = gzip.compress(data, 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(first: str = ""):
    """The address of the site; `first` is a script that runs in each page before anything else, its policy included."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=SITE, first=first))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{PREFIX}/"
    server.shutdown()
