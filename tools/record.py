"""Records what the labs do, for pages without a kernel: book/recordings/, a file for each lab's chart.

python tools/record.py [lab ...]      without arguments: every lab

A file holds the choices that the page offers, and for each combination of them, the last choice changing fastest, what a
run of the lab has told. To be run when a lab, its chart's choices or what is recorded of it have changed; some minutes.
"""

import gzip
import itertools
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from helpers import labs

sys.path.insert(0, str(Path(__file__).parents[1] / "book"))
from builder.recordings import FOLDER, grid

MOST = 1_000_000  # bytes of all recordings, gzipped


def combinations(choices: dict[str, list]) -> list[dict]:
    """Every combination of the choices, the last one changing fastest."""
    return [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]


def entry(name: str, values: dict) -> dict[str, list]:
    """What a run of the lab of that name tells with these values, in whole numbers."""
    lab, stages = getattr(labs, name)(), []
    own = {control: widget.value for control, widget in lab.controls.items()}
    tell = lambda done, seen: None if seen is None else stages.append(seen)
    last = lab.work(tell, **own | lab.recording.fixed | values)
    return lab.recording.columns([*stages, last])


def record(name: str) -> bytes:
    """The recording of a lab as a file: a line for each entry, so that a change shows where it is."""
    choices = grid(getattr(labs, name)().recording.chart().spec)
    with ProcessPoolExecutor() as processes:  # neighbours go to one process, which remembers what it has trained
        entries = processes.map(partial(entry, name), combinations(choices), chunksize=5)
        lines = ",\n".join(json.dumps(found, separators=(",", ":")) for found in entries)
    return f'{{"choices":{json.dumps(choices)},\n"entries":[\n{lines}\n]}}\n'.encode()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in sys.argv[1:] or [lab.__name__ for lab in labs.LABS]:
        start, target = time.perf_counter(), FOLDER / f"{getattr(labs, name)().recording.chart().name}.json"
        target.write_bytes(record(name))
        size = len(gzip.compress(target.read_bytes()))
        print(f"{target.name}: {size / 1000:.0f} kB gzipped, {time.perf_counter() - start:.0f} s", flush=True)
    if (size := sum(len(gzip.compress(path.read_bytes())) for path in FOLDER.glob("*.json"))) > MOST:
        sys.exit(f"{size} bytes gzipped are more than {MOST}: offer fewer values")
