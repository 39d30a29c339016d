"""A JupyterLab of the tests' own on a copy of the notebooks, without anybody's settings, and a browser page in it."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from common import ROOT

SHOTS = ROOT / "_build" / "screenshots" / "jupyterlab"
LOOK = (Path(__file__).parent / "lab.js").read_text()
CONFIG = ROOT / "tools" / "jupyter_lab_config.py"  # that of `make lab`
FLAGS = ["--no-browser", "--allow-root", "--expose-app-in-browser", "--ip=127.0.0.1", "--IdentityProvider.token="]
DEFAULTS = {  # it asks nothing, fetches nothing and does not save by itself
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


def environment(folder: Path) -> dict[str, str]:
    """A reader's: nothing that the tests set for themselves. The kernel is found in the Python environment's own folder."""
    folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    folders |= {
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    inherited = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # the kernel's command is a bare `python`
    return inherited | {name: str(folder / place) for name, place in folders.items()} | {"PATH": path}


def free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]


@contextlib.contextmanager
def served(folder: Path):
    """The address of the server. What it says is in `folder`/server.log."""
    shutil.copytree(ROOT / "notebooks", folder / "book" / "notebooks", ignore=shutil.ignore_patterns(".*"))
    (folder / "config" / "labconfig").mkdir(parents=True)
    (folder / "config" / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(DEFAULTS))
    port, log = free_port(), folder / "server.log"
    place = [f"--config={CONFIG}", f"--port={port}", f"--ServerApp.root_dir={folder / 'book'}"]
    command = [sys.executable, "-m", "jupyterlab", *FLAGS, *place]
    with log.open("w") as output:
        server = subprocess.Popen(command, env=environment(folder), stdout=output, stderr=output)
    try:
        wait_for(server, f"http://127.0.0.1:{port}/api/status", log)
        yield f"http://127.0.0.1:{port}/lab"
    finally:
        server.terminate()  # and with it its kernels
        server.wait(30)


def wait_for(server: subprocess.Popen, address: str, log: Path, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address):
            return
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


def page_of(browser, address: str):
    """JupyterLab as it opens, with the functions of lab.js."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    page.wait_for_function("window.jupyterapp && document.querySelector('.jp-DirListing-item')")
    page.evaluate("jupyterapp.restored.then(() => null)")
    page.add_script_tag(content=LOOK)
    return page


def set_theme(page, theme: str) -> None:
    if page.evaluate("document.body.dataset.jpThemeName") == f"JupyterLab {theme}":
        return
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", f"JupyterLab {theme}")
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=f"JupyterLab {theme}")


def open_notebook(page, path: str, kernel: bool) -> None:
    """Opens it in place of the one before, and waits for its kernel if it shall have one."""
    page.evaluate("([path, shouldStart]) => openNotebook(path, { shouldStart })", [path, kernel])
    if kernel:
        page.wait_for_function("panel().context.sessionContext.session?.kernel?.status === 'idle'")


def screenshot(page, name: str) -> str:
    """Stores what is to be seen now; returns where, for the message of an assertion."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{''.join(c if c.isalnum() or c in '-_' else '-' for c in name).strip('-')}.png"
    page.screenshot(path=path)
    return f"see {path.relative_to(ROOT)}"
