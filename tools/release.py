"""`make release VERSION=1.2.3`: writes the version where it stands, and its tag into every notebook's first cell.

CHANGELOG.md must say what is new, under "## Unreleased" or "## 1.2.3". Nothing is written unless everything can be.
"""

import re
import sys
from datetime import date

from addresses import ROOT, read, repository, version, write

LEFT_TO_DO = """
Left to do by hand:

    make test
    git commit --all --message "Release {version}"
    git tag v{version}
    git push --atomic origin main v{version}

The tag goes with the branch: in Colab a notebook's first cell installs v{version}.
"""


def numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def heading(new: str) -> str:
    """The pattern of the heading in CHANGELOG.md below which stands what is new."""
    for name in (rf"{re.escape(new)}( - .*)?", "Unreleased"):
        pattern = rf"(?<=^## ){name}$(?=\s+(?!## )\S)"
        if re.search(pattern, read(ROOT / "CHANGELOG.md"), re.M):
            return pattern
    sys.exit(f'CHANGELOG.md says nothing about {new}; write what is new for readers under "## Unreleased".')


def main(new: str) -> None:
    if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", new):
        sys.exit(f"VERSION={new!r}; expected three numbers, such as VERSION=0.3.0.")
    if numbers(new) <= numbers(version()):
        sys.exit(f"VERSION={new!r}; expected a newer one than {version()}, which pyproject.toml has.")
    today = date.today().isoformat()
    tag = rf'(?<=%pip install -q \\"git\+https://github\.com/{re.escape(repository())})(@[^"\\]*)?(?=\\")'
    places = [
        ("CHANGELOG.md", heading(new), f"{new} - {today}"),
        ("CITATION.cff", r"(?<=^version: )\S+", new),
        ("CITATION.cff", r"(?<=^date-released: )\S+", today),
        ("pyproject.toml", r'(?<=^version = ")[^"]+', new),
        *((f"notebooks/{path.name}", tag, f"@v{new}") for path in sorted(ROOT.glob("notebooks/*.ipynb"))),
    ]
    texts = {name: read(ROOT / name) for name, _, _ in places}
    for name, pattern, text in places:
        texts[name], count = re.subn(pattern, text, texts[name], flags=re.M)
        if count != 1:
            sys.exit(f"{name} has {count} places for {text}; expected one.")
    for name, text in texts.items():
        write(ROOT / name, text)
        print(name)
    print(LEFT_TO_DO.format(version=new))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
