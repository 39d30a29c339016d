"""What the benchmark imports by name is there."""

import ast

from common import ROOT


def test_the_imports_that_are_timed_can_be_made():
    tree = ast.parse((ROOT / "tools" / "bench.py").read_text())
    named = {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)}
    for name in ("COMPUTES", "DRAWS"):
        exec(ast.literal_eval(named[name]), {})
