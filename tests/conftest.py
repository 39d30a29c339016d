"""A test draws the same numbers whenever it runs, whatever ran before it; property-based tests try the same examples in every CI
run, and new ones on a developer's machine."""

import os

import pytest
import torch
from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")


@pytest.fixture(autouse=True)
def same_draws():
    torch.manual_seed(0)
