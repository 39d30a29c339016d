"""Notebook 08's chart shows what its loop does: the loop's own cell is run again here."""

import nbformat
import pytest
import torch
from conftest import SITE, readouts, set_signals

PAGE = "notebooks/08_training_loop.html"


@pytest.fixture(scope="module")
def recorded() -> dict:
    """The names that the loop's cell leaves behind."""
    notebook = nbformat.read(SITE.parents[1] / "notebooks" / "08_training_loop.ipynb", as_version=4)
    [loop] = [cell.source for cell in notebook.cells if "the-loop" in cell.metadata.get("tags", [])]
    names: dict = {}
    exec(loop, names)
    return names


@pytest.mark.parametrize("step", [0, 5, 100, 200])
def test_training(page, recorded, step):
    set_signals(page, "training", step=step)
    found = {name: value for name, (value, _) in readouts(page, "training").items()}
    assert found["step"] == step
    assert found["cross-entropy"] == pytest.approx(recorded["losses"]["cross-entropy"][step], abs=0.01)
    assert found["squared error"] == pytest.approx(recorded["losses"]["squared error"][step], abs=0.01)
    assert found["its answer"] == pytest.approx(recorded["outputs"]["squared error"][step].item(), abs=0.01)


def test_cross_entropy_grows_two_peaks_and_squared_error_walks_to_the_middle(recorded):
    pmf = torch.stack(recorded["outputs"]["cross-entropy"][-20:]).softmax(-1).mean(0)
    edges = recorded["edges"]
    centres = (edges[:-1] + edges[1:]) / 2
    assert pmf[centres < -0.3].sum().item() == pytest.approx(0.5, abs=0.1)
    assert pmf[centres.abs() < 0.25].sum() < 0.05
    assert abs(torch.stack(recorded["outputs"]["squared error"][-50:]).mean().item()) < 0.1
