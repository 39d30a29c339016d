"""Code that keeps its shape where its lines are broken: on a phone what is broken goes on further in than it began."""

import re

CODE = re.compile(r'(<div class="highlight"><pre>)(?!<span class="line")(.*?)(</pre>)', re.S)
FURTHER = 2  # letters


def with_lines(body: str) -> str:
    """Each line of code as an element that knows how far in its rest stands; Pygments closes its marks at each line's end."""
    return CODE.sub(lambda code: code[1] + "".join(map(line, code[2].splitlines(True))) + code[3], body)


def line(text: str) -> str:
    """One line with its mark."""
    letters = re.sub(r"<[^>]*>", "", text)
    inwards = len(letters) - len(letters.lstrip(" ")) + FURTHER
    return f'<span class="line" style="--in:{inwards}ch">{text}</span>'
