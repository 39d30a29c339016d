"""The recordings of the labs: a page's chart opens with the entry of its opening choices and is told where the others are.

A recording is a file of tools/record.py in book/recordings/, with the chart's name; book/scripts/recording.js reads it.
"""

import json
import zlib
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "recordings"


def with_recording(spec: dict, target: Path) -> tuple[dict, str]:
    """(the chart with what is recorded for its opening choices, the attribute that names the file in `target`); of a chart
    without a recording the chart itself, and nothing. Raises ValueError if the recording is one of other choices.
    """
    if not any(param["name"] == "recorded" for param in spec["params"]):
        return spec, ""
    name = spec["usermeta"]["name"]
    text = (FOLDER / f"{name}.json").read_text()
    target.mkdir(parents=True, exist_ok=True)
    file = f"{name}.{zlib.crc32(text.encode()):08x}.json"
    (target / file).write_text(text)
    return opened(spec, json.loads(text)), f' data-recording="{file}"'


def grid(spec: dict) -> dict[str, list]:
    """The choices of a chart: {name: values}. A guess is none: it hides what is recorded, and picks nothing."""
    bound = {param["name"]: param["bind"] for param in spec["params"] if "bind" in param}
    return {name: bind["options"] for name, bind in bound.items() if "options" in bind and name != "guess"}


def opened(spec: dict, recording: dict) -> dict:
    """The chart with what is recorded for its opening choices. Raises ValueError if the recording is one of other choices."""
    params = {param["name"]: param for param in spec["params"]}
    offered = grid(spec)
    if recording["choices"] != offered:
        raise ValueError(
            f"{spec['usermeta']['name']} offers other choices than its recording holds; run make recordings."
        )
    place = 0
    for key, values in offered.items():
        place = place * len(values) + values.index(params[key]["value"])
    params["recorded"] = params["recorded"] | {"value": recording["entries"][place]}
    return spec | {"params": list(params.values())}
