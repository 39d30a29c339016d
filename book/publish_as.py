"""`make publish-as REPO=owner/name`: sets the address of the repository everywhere that it stands.

The addresses of the published site, of Colab and of Binder follow from it.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACES = ("_config.yml", "README.md", "CITATION.cff", "book/*.md", "notebooks/*.ipynb")


def current() -> str:
    """owner/name, from the one place that counts."""
    return re.search(r"url: https://github\.com/([\w.-]+/[\w.-]+)", (ROOT / "_config.yml").read_text())[1]


def main(repository: str) -> None:
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        sys.exit(f"REPO={repository!r}; expected owner/name, such as REPO=ada/robot-book.")
    old = current()
    for path in sorted(path for place in PLACES for path in ROOT.glob(place)):
        text = path.read_text()
        if old in text:
            path.write_text(text.replace(old, repository))
            print(f"{path.relative_to(ROOT)}: {text.count(old)}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
