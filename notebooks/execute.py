"""Executes notebooks in place and drops what changes from run to run, so that a second run gives no diff.

python notebooks/execute.py [notebook ...]      without arguments: every notebook of this folder
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"  # points into a kernel that is gone; the picture stays


def execute(path: Path, write: bool = True) -> float:
    """Runs one notebook, stores its outputs if `write`; returns the seconds it took."""
    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    client = NotebookClient(
        notebook, timeout=300, record_timing=False, store_widget_state=False, coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )  # fmt: skip
    client.execute()
    seconds = time.perf_counter() - start
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    if write:
        nbformat.write(notebook, path)
    return seconds


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:] or sorted(HERE.glob("*.ipynb"))):
        print(f"{path.name}: {execute(path):.1f} s", flush=True)
