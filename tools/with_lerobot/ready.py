"""Says at once what LeRobot would miss here: a Python, room on the disk, a network. Any Python runs this.

python tools/with_lerobot/ready.py FOLDER      FOLDER: where LeRobot's environment will be
"""

import shutil
import subprocess
import sys
import tempfile

GIGABYTES = 9  # of the environment, 6, and of what is trained
PROBE = "draccus==0.11.6"  # a small package that LeRobot needs and the book does not


def missing(folder: str) -> str:
    """What is missing, in a sentence; nothing if it can begin."""
    if sys.version_info < (3, 12):
        return f"LeRobot needs Python 3.12 or newer, and this is {sys.version.split()[0]}: make lerobot LEROBOT_PYTHON=python3.12"
    free = shutil.disk_usage(folder).free / 1e9
    if free < GIGABYTES:
        return f"LeRobot and its trainings take {GIGABYTES} GB, and the disk has {free:.1f} GB left: make room first."
    with tempfile.TemporaryDirectory() as there:
        ask = [sys.executable, "-m", "pip", "download", "--quiet", "--retries", "0", "--timeout", "10", "--no-deps"]
        if subprocess.run([*ask, "--dest", there, PROBE], capture_output=True).returncode:
            return "LeRobot has to be downloaded, 6 GB, and the package index does not answer: is there a network?"
    return ""


if __name__ == "__main__":
    sys.exit(missing(sys.argv[1]))
