"""`make publish-as REPO=owner/name`: sets the address of the repository everywhere that it stands.

The addresses of the published site, of Colab and of Binder follow from it. The notebooks go on installing the same tag.
"""

import re
import sys

from addresses import ROOT, read, repository, version, write

PLACES = ("_config.yml", "README.md", "CHANGELOG.md", "CITATION.cff", "book/*.md", "notebooks/*.ipynb")


def main(new: str) -> None:
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", new):
        sys.exit(f"REPO={new!r}; expected owner/name, such as REPO=ada/robot-book.")
    old = repository()
    for path in sorted(path for place in PLACES for path in ROOT.glob(place)):
        text = read(path)
        if old in text:
            write(path, text.replace(old, new))
            print(f"{path.relative_to(ROOT)}: {text.count(old)}")
    print(f"In Colab the notebooks install the tag v{version()} from there: push it, too.")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
