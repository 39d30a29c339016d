"""Firefox and WebKit, as the system's packages bring them: opened, given a script to run, asked what their console says."""

import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import websocket
from browser import find

FIREFOX = ("firefox-esr", "firefox")
WEBKIT, SCREEN = "WebKitWebDriver", "Xvfb"
MINI_BROWSER = "lib*/**/webkit2gtk-4.1/MiniBrowser"
CHROME = {"moz:scope": "chrome"}  # Firefox's own window, around the page
SAID = """{
    const errors = Services.console.getMessageArray().filter((message) => message instanceof Ci.nsIScriptError);
    Services.console.reset();
    JSON.stringify(errors.filter(({ sourceName }) => sourceName.startsWith("http")).map(({ errorMessage }) => errorMessage));
}"""
PATIENCE = 120  # seconds that a script may take


def missing() -> dict[str, str]:
    """{engine: what is not on this machine of what drives it}"""
    lacks = {
        "firefox": [] if find(*FIREFOX) else ["firefox-esr"],
        "webkit": [name for name in (WEBKIT, SCREEN) if not find(name)],
    }
    return {engine: ", ".join(names) for engine, names in lacks.items() if names}


def untested(engine: str, lacks: str) -> str:
    return f"no {lacks} found: THE SITE WAS NOT TESTED IN {engine.upper()}"


@dataclass
class Engine:
    """A browser with one window, 1280 pixels wide."""

    open: Callable[[str], None]
    run: Callable  # source of an async function -> what it returns
    said: Callable[[], list[str]]  # by the engine itself, beside the page's own messages


class Bidi:
    """A browser at the other end of a socket that speaks WebDriver BiDi, https://w3c.github.io/webdriver-bidi."""

    def __init__(self, address: str):
        self.socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        self.sent = 0
        self.ask("session.new", capabilities={})

    def ask(self, method: str, **params) -> dict:
        self.sent += 1
        self.socket.send(json.dumps({"id": self.sent, "method": method, "params": params}))
        while (message := json.loads(self.socket.recv())).get("id") != self.sent:
            pass
        assert message["type"] == "success", message
        return message["result"]


@contextlib.contextmanager
def firefox():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [find(*FIREFOX), "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        command.append("--remote-allow-system-access")  # to read the browser's own console
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                yield engine(Bidi(listening(Path(profile) / "WebDriverBiDiServer.json")))
            finally:
                process.terminate()


def listening(file: Path) -> str:
    """The address of a starting Firefox, which writes it into its profile."""
    for _ in range(PATIENCE * 20):
        if file.exists() and file.read_text():
            return "ws://{ws_host}:{ws_port}/session".format(**json.loads(file.read_text()))
        time.sleep(0.05)
    raise TimeoutError("Firefox does not listen")


def engine(bidi: Bidi) -> Engine:
    page, window = (bidi.ask("browsingContext.getTree", **scope)["contexts"][0]["context"] for scope in ({}, CHROME))
    bidi.ask("browsingContext.setViewport", context=page, viewport={"width": 1280, "height": 900})

    def evaluate(expression: str, context: str):
        answer = bidi.ask("script.evaluate", expression=expression, target={"context": context}, awaitPromise=True)
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    return Engine(
        open=lambda address: bidi.ask("browsingContext.navigate", context=page, url=address, wait="complete"),
        run=lambda source: evaluate(f"({source})().then(JSON.stringify)", page),
        said=lambda: evaluate(SAID, window),
    )


@contextlib.contextmanager
def webkit():
    from selenium import webdriver

    with screen():
        options = webdriver.WebKitGTKOptions()
        options.binary_location = str(next(Path("/usr").glob(MINI_BROWSER)))
        options.add_argument("--automation")
        browser = webdriver.WebKitGTK(options, webdriver.WebKitGTKService(find(WEBKIT)))
        browser.set_window_size(1280, 1000)
        browser.set_script_timeout(PATIENCE)
        try:
            yield Engine(browser.get, lambda source: browser.execute_script(f"return ({source})()"), list)
        finally:
            browser.quit()


@contextlib.contextmanager
def screen():
    """A screen in memory: WebKit's browser has no mode without one."""
    command = [SCREEN, "-displayfd", "1", "-screen", "0", "1300x1100x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        before, os.environ["DISPLAY"] = os.environ.get("DISPLAY"), f":{server.stdout.readline().strip()}"
        try:
            yield
        finally:
            os.environ.pop("DISPLAY") if before is None else os.environ.update(DISPLAY=before)
            server.terminate()
