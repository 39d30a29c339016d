"""JupyterLab as `make lab` starts it: the repository is its root, and a notebook that was only opened is not "unsaved".

JupyterLab writes the running Python's version into each notebook that it opens, which makes it one with unsaved
changes. So the server fills that in when it reads a notebook, and takes it out again when it writes one.
"""

from pathlib import Path

from ipykernel.ipkernel import IPythonKernel
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager


class Contents(AsyncLargeFileManager):
    """Files, notebooks among them with the running Python's version."""

    async def get(self, *path, **options):
        model = await super().get(*path, **options)
        if model["type"] == "notebook" and model["content"]:
            model["content"]["metadata"]["language_info"] = IPythonKernel.language_info
        return model


def without_version(model, **_):
    if model["type"] == "notebook":
        model["content"]["metadata"]["language_info"].pop("version", None)


c = get_config()  # noqa: F821  Jupyter's own way to hand a configuration over
c.ServerApp.root_dir = str(Path(__file__).parents[1])
c.ServerApp.contents_manager_class = Contents
c.FileContentsManager.pre_save_hook = without_version
c.LabApp.default_url = "/lab/tree/notebooks/01_distributions.ipynb"  # also in the printed address
