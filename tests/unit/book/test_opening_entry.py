"""A lab's chart opens with what is recorded for its opening choices."""

import pytest
from builder import recordings

TWO = [{"name": name, "value": value, "bind": {"options": [1, 2]}} for name, value in (("a", 2), ("b", 1))]
SPEC = {"usermeta": {"name": "a_lab"}, "params": [*TWO, {"name": "recorded", "value": None}]}
RECORDING = {"choices": {"a": [1, 2], "b": [1, 2]}, "entries": ["11", "12", "21", "22"]}


def test_the_last_choice_changes_fastest():
    assert recordings.opened(SPEC, RECORDING)["params"] == [*TWO, {"name": "recorded", "value": "21"}]
    assert SPEC["params"][-1]["value"] is None


def test_a_recording_of_other_choices_stops_the_build():
    other = RECORDING | {"choices": {"a": [1, 2], "b": [1, 3]}}
    with pytest.raises(ValueError, match=r"a_lab offers other choices .* make recordings"):
        recordings.opened(SPEC, other)
