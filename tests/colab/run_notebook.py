"""Executes a notebook in the current folder and prints which helpers it ran. For the Python of Colab's environment.

python run_notebook.py NOTEBOOK      a script counts as a notebook of one cell
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook


def execute(path: Path) -> nbformat.NotebookNode:
    """The executed notebook, with a last cell that tells where its helpers came from; raises what a cell raises."""
    script = path.suffix == ".py"
    notebook = new_notebook(cells=[new_code_cell(path.read_text())]) if script else nbformat.read(path, as_version=4)
    notebook.cells.append(new_code_cell("import helpers\nprint(helpers.__file__)"))
    NotebookClient(notebook, timeout=900, kernel_name="python3").execute()
    return notebook


def check_install_cell(notebook: nbformat.NotebookNode) -> None:
    """The first cell of code ran, and had nothing to install: %pip always prints something."""
    install = notebook.cells[1]
    assert "%pip install" in install.source
    assert install.execution_count == 1
    assert install.outputs == []


if __name__ == "__main__":
    path = Path(sys.argv[1])
    notebook = execute(path)
    if path.suffix == ".ipynb":
        check_install_cell(notebook)
    print(notebook.cells[-1].outputs[0].text.strip())
