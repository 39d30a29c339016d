"""Executes notebooks in place and drops what changes from run to run, so that a second run gives no diff.

python tools/execute.py [notebook ...]      without arguments: every notebook
"""

import base64
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import vl_convert
from nbclient import NotebookClient
from PIL import Image

from helpers.page.mime import CHART, VEGA_LITE, WIDGET
from helpers.page.pictures import small_png

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
FOLDED = {  # what a tag hides on the page is folded in JupyterLab, too
    "hide-cell": {"outputs_hidden": True, "source_hidden": True},
    "hide-input": {"source_hidden": True},
    "remove-input": {"source_hidden": True},
    "remove-cell": {"source_hidden": True},
}
METADATA = {  # as JupyterLab writes it, without the version of the Python that runs
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
OPEN = "answer"  # the tag of a cell that a page does not need, and a reader in JupyterLab does


def execute(path: Path, write: bool = True, ran: Callable[[int], None] = lambda process: None) -> float:
    """Runs one notebook, stores its outputs if `write`; returns the seconds it took. ran: called after each cell with the number
    of its kernel's process."""
    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    client: NotebookClient = NotebookClient(
        notebook, timeout=300, record_timing=False, store_widget_state=False, coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_executed=lambda **_: ran(client.km.provisioner.pid),
    )  # fmt: skip
    client.execute()
    seconds = time.perf_counter() - start
    if write:
        store(notebook)
        nbformat.write(notebook, path)
    return seconds


def store(notebook: nbformat.NotebookNode) -> None:
    """What is kept of a notebook that has run: a picture of each chart, nothing that changes from run to run."""
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        folded = {} if OPEN in tags else {key: True for tag in tags for key in FOLDED.get(tag, {})}
        cell.metadata = ({"tags": tags} if tags else {}) | ({"jupyter": folded} if folded else {})
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)  # points into a kernel that is gone; the picture stays
            if CHART in output.get("data", {}):
                spec = output.data[CHART]
                output.data["image/png"] = base64.b64encode(picture(spec)).decode()  # for GitHub and print
                output.metadata["image/png"] = {"alt": spec["description"]}
    notebook.metadata = METADATA


def picture(spec: dict) -> bytes:
    """A PNG of the chart as it opens."""
    raw = vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=1.5)
    return small_png(Image.open(io.BytesIO(raw)))


if __name__ == "__main__":
    for path in [Path(name) for name in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb")):
        print(f"{path.name}: {execute(path):.1f} s", flush=True)
