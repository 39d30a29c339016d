"""Numbers as people type them: ln 2, 1/3, 2^-3, sqrt(2), 2 pi, 50 %, 14 000, 31,858, 0,5. book/scripts/arithmetic.js reads alike."""

import math
import re

NUMBER = re.compile(r"\d+(,\d+)*(\.\d+)?|\.\d+")
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
TOKEN = re.compile(
    r"\s*((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|log(?:2|10)(?=\s*\()|ln|log|exp|sqrt|pi|e|[-+*/^()])", re.IGNORECASE
)
SAME = {"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/", "**": "^", "√": "sqrt", "π": "pi", "½": "(1/2)"}
FUNCTIONS = {
    "ln": math.log,
    "log": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "exp": math.exp,
    "sqrt": math.sqrt,
}
CONSTANTS = {"pi": math.pi, "e": math.e}


def readings(text: str) -> list[float]:
    """The numbers that `text` may mean: 3,989 is 3989 or 3.989. None if it is no number."""
    for sign, plain in SAME.items():
        text = text.replace(sign, plain)
    text = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3})", "", text.strip())
    scale = 0.01 if text.endswith("%") else 1.0
    found: list[float] = []
    for commas in (between_thousands, decimal):
        try:
            value = scale * value_of(NUMBER.sub(commas, text.rstrip("% ")))
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        found += [value] if isinstance(value, float) and math.isfinite(value) and value not in found else []
    return found


def between_thousands(number: re.Match) -> str:
    """The number with its commas taken to stand between thousands, if they can."""
    return number[0].replace(",", "") if THOUSANDS.fullmatch(number[0]) else decimal(number)


def decimal(number: re.Match) -> str:
    """The number with its comma taken for the point. Raises ValueError if it has two of them."""
    if number[0].count(",") + number[0].count(".") > 1:
        raise ValueError(number[0])
    return number[0].replace(",", ".")


def value_of(text: str) -> float:
    """Sums, products, powers, functions and brackets. Raises ValueError for anything else."""
    tokens, at = [], 0
    while text[at:].strip():
        token = TOKEN.match(text, at)
        if not token:
            raise ValueError(text)
        tokens.append(token[1].lower())
        at = token.end()
    rest = [*reversed(tokens)]
    value = total(rest)
    if rest:
        raise ValueError(text)
    return value


def total(rest: list[str]) -> float:
    """rest: what is not read yet, the next token last."""
    value = product(rest)
    while rest and rest[-1] in "+-":
        value += product(rest) if rest.pop() == "+" else -product(rest)
    return value


def product(rest: list[str]) -> float:
    """Factors, with or without a sign between them: 2 ln 2, 3 pi, 2 (1 + 1)."""
    value = signed(rest)
    while rest and rest[-1] not in "+-)":
        if rest[-1] == "/":
            rest.pop()
            value /= signed(rest)
        elif rest[-1] == "*":
            rest.pop()
            value *= signed(rest)
        elif rest[-1][0] in "0123456789.^":
            raise ValueError("two numbers and nothing between them")
        else:
            value *= power(rest)
    return value


def signed(rest: list[str]) -> float:
    """A power with its signs."""
    if rest and rest[-1] in "+-":
        return signed(rest) if rest.pop() == "+" else -signed(rest)
    return power(rest)


def power(rest: list[str]) -> float:
    """An atom, or one raised to another: 2^-3."""
    base = atom(rest)
    if not rest or rest[-1] != "^":
        return base
    rest.pop()
    return base ** signed(rest)


def atom(rest: list[str]) -> float:
    """A number, a constant, a function of a power, or what stands in brackets."""
    if not rest:
        raise ValueError("it ends too early")
    token = rest.pop()
    if token == "(":
        value = total(rest)
        if not rest or rest.pop() != ")":
            raise ValueError("a bracket stays open")
        return value
    if token in FUNCTIONS:
        return FUNCTIONS[token](power(rest))
    return CONSTANTS[token] if token in CONSTANTS else float(token)
