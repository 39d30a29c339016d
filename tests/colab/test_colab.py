"""The notebooks and the labs run in Google Colab's own versions, to which nothing but the helpers package is added."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import environment
import pytest
from common import NOTEBOOKS, run

ASKED = "true" in (os.environ.get("COLAB"), os.environ.get("CI"))
REASON = "it takes minutes (make colab, or CI=true): COLAB'S VERSIONS WERE NOT TESTED"
pytestmark = pytest.mark.skipif(not ASKED, reason=REASON)

HERE = Path(__file__).parent
LABS = HERE / "move_labs.py"


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    with environment.with_helpers(tmp_path_factory.mktemp("wheel")) as before_and_after:
        yield before_and_after


def run_notebook(path: Path, folder: Path, home: Path) -> Path:
    """Executes a copy in an empty folder, with an empty home; returns where the helpers came from."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUPYTER"))}
    settings = {"HOME": str(home)}
    copy = shutil.copy(path, folder)
    output = run(environment.PYTHON, HERE / "run_notebook.py", copy, cwd=folder, env=inherited | settings)
    return Path(output.strip())


@pytest.fixture(scope="module")
def runs(versions, tmp_path_factory):
    """{path: its run}, two at a time, what takes longest first."""
    home = tmp_path_factory.mktemp("home")
    with ThreadPoolExecutor(2) as pool:
        yield {
            path: pool.submit(run_notebook, path, tmp_path_factory.mktemp(path.stem), home)
            for path in [LABS, *reversed(NOTEBOOKS)]
        }
        pool.shutdown(cancel_futures=True)


def test_the_helpers_add_only_themselves_and_the_arm_and_change_no_version(versions):
    before, after = versions
    assert environment.listed().items() <= before.items()
    changed = {name: (version, after.get(name)) for name, version in before.items() if after.get(name) != version}
    assert changed == {}
    arm = {"mujoco", "mujoco-core", "mujoco-studio", "glfw", "pyopengl", "websockets"}
    arm |= {"gymnasium", "cloudpickle", "farama-notifications"}
    assert set(after) - set(before) == {"probability-for-robot-learning"} | arm


@pytest.mark.parametrize("path", [*NOTEBOOKS, LABS], ids=lambda path: path.stem)
def test_runs_from_an_empty_folder_outside_the_repository(runs, path):
    helpers = runs[path].result()
    assert helpers.is_relative_to(environment.ENVIRONMENT / "lib")
