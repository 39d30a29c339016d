"""A chart module reads as mathematics: short functions, no formula as text."""

import ast
import re

import pytest
from common import ROOT

MODULES = sorted((ROOT / "helpers" / "charts").glob("*.py"))
LONGEST_FUNCTION, LONGEST_TEXT = 60, 60
LONGER = {  # expressions that choose words, which formulas have not
    "only_q": "which of three outcomes p lacks",
    "sentence": "which divergence is infinite, and why",
    "in_unit": "a number in the unit of the dimension",
    "ids_of_bin": "the token id of a bin, of the last bin both",
    "plain": "how any number is written: infinity as a sign, NaN as a dash",
}
EXPRESSION = re.compile(r"datum\.|\?|==|&&|\bpow\(|\bexp\(|\blog\(|\bformat\(|[\w)] \* [\w(]")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_function_fits_on_a_screen(path):
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    too_long = {f.name: f.end_lineno - f.lineno + 1 for f in functions if f.end_lineno - f.lineno >= LONGEST_FUNCTION}
    assert not too_long


def texts(tree: ast.AST):
    """(name it is assigned to, text) of each string that is no docstring, an f-string in one piece."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and isinstance(node.body[0], ast.Expr)
    }
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)} - {
        id(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
    }
    names = {id(node.value): node.targets[0].id for node in ast.walk(tree) if is_named(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield names.get(id(node), ""), ast.unparse(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not {id(node)} & (docs | inner):
            yield names.get(id(node), ""), node.value


def is_named(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_formula_is_text(path):
    long = {name or text for name, text in texts(ast.parse(path.read_text())) if is_long_expression(text)}
    assert long <= set(LONGER)


def is_long_expression(text: str) -> bool:
    return len(text) > LONGEST_TEXT and bool(EXPRESSION.search(text))


def test_what_counts_as_an_expression():
    assert is_long_expression("p1 * pow((1 - b) * other, 2) + other * pow(b * (1 - other), 2) + 2")
    assert not is_long_expression("The cost of the first draws, and one standard error about the truth of it")
    assert not is_long_expression("datum.x <= 3")
    assert len(LONGER) <= 5
