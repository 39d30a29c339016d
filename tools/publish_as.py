"""`make publish-as REPO=owner/name`: sets the address of the repository everywhere that it stands.

The addresses of the published site, of Colab and of Binder follow from it. The notebooks go on installing the same tag.
"""

import re
import sys
import urllib.error
import urllib.request

from addresses import ROOT, read, repository, version, write

PLACES = ("_config.yml", "README.md", "CHANGELOG.md", "CITATION.cff", "book/*.md", "notebooks/*.ipynb")


def main(new: str) -> None:
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", new):
        sys.exit(f"REPO={new!r}; expected owner/name, such as REPO=ada/robot-book.")
    site = lambda repository: "{}.github.io/{}".format(*repository.split("/"))
    old = repository()
    for path in sorted(path for place in PLACES for path in ROOT.glob(place)):
        text = read(path)
        replaced = text.replace(old, new).replace(site(old), site(new))
        if replaced != text:
            write(path, replaced)
            print(path.relative_to(ROOT))
    print(f"In Colab the notebooks install the tag v{version()} from there: push it, too.")
    print(answers(f"https://github.com/{new}"))


def answers(address: str) -> str:
    """Whether there is something, in a sentence."""
    try:
        urllib.request.urlopen(address, timeout=10)
    except urllib.error.HTTPError as error:
        return f"{address} answers {error.code}: is there such a repository, and is it public?"
    except OSError:
        return f"{address} could not be asked: is there a network?"
    return f"{address} answers."


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
