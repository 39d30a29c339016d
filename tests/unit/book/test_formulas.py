"""Formulas are prerendered: what Temml makes of TeX, with the spaces that TeX sets, in a font that holds what is drawn."""

import re

import pytest
from builder import formulas
from fontTools.ttLib import TTFont

THIN, LITTLE = '<mspace width="0.1667em"></mspace>', '<mspace width="0.0833em"></mspace>'


@pytest.mark.parametrize("tex", [r"p(x) \log p(x)", r"\tfrac12\log x", r"\frac{a}{b} \log x", r"-\log x", r"0 \log 0"])
def test_a_thin_space_stands_before_a_function(tex):
    assert f"<mrow>{THIN}<mi>log</mi>" in formulas.mathml(tex, True)


def test_no_space_stands_before_a_function_that_begins_a_line():
    assert f"{THIN}<mi>log</mi>" not in formulas.mathml(r"\begin{aligned}\log p &= 1\end{aligned}", True)


@pytest.mark.parametrize("tex", [r"E_p\!\left[x\right]", r"E_{x \sim p}\big[x\big]"])
def test_a_big_bracket_keeps_clear_of_the_subscript(tex):
    assert re.search(rf"</msub>{LITTLE}(<mrow>)?<mo", formulas.mathml(tex, True))


def test_signs_in_scripts_have_no_space_around_them():
    found = formulas.mathml(r"\sum_{i=1}^{n-1} E_{x \sim p}", True)
    for sign in "=−∼":
        assert f'lspace="0em" rspace="0em">{sign}</mo>' in found, sign


def test_a_line_that_begins_with_a_plus_adds():
    assert 'form="prefix"' not in formulas.mathml(r"\begin{aligned} L &= a \\ &+ b \end{aligned}", True)


@pytest.mark.parametrize(
    ("tex", "opens"), [(r"\bar x", '<mover accent="true">'), (r"\underbrace{a}_b", '<munder accentunder="true">')]
)
def test_an_accent_says_that_it_is_one(tex, opens):
    """Firefox warns in the console where it has to guess."""
    assert formulas.mathml(tex, True).count(opens) == 1


def test_the_invisible_sign_behind_a_function_takes_no_room():
    assert '<mi>log</mi><mo lspace="0em" rspace="0em">\u2061</mo>' in formulas.mathml(r"\log x", True)


def test_a_bracket_may_be_missing_on_one_side():
    assert "|" in formulas.mathml(r"\left. x \right|_0", True)


def test_a_formula_that_temml_does_not_know_stops_the_build():
    with pytest.raises(ValueError, match="nosuchthing"):
        formulas.mathml(r"\nosuchthing", True)


def test_the_font_holds_what_the_formulas_draw_and_nothing_else(tmp_path):
    page = formulas.mathml(r"h(x) \le \sqrt{\Sigma} - \partial\varepsilon", True)
    assert {"ℎ", "𝑥", "≤", "√", "Σ", "−", "𝜕", "𝜀"} <= formulas.characters([page])
    formulas.write_font(tmp_path / "math.woff2", [page])
    held = TTFont(tmp_path / "math.woff2")
    assert {ord(c) for c in formulas.characters([page])} - set(held.getBestCmap()) <= {ord("‾"), 0x2061}
    assert "MATH" in held
    assert ord("∑") not in held.getBestCmap()
    signs = held["MATH"].table.MathVariants
    forms = signs.VertGlyphConstruction[signs.VertGlyphCoverage.glyphs.index(held.getBestCmap()[ord("√")])]
    widths = {held["hmtx"][form.VariantGlyph][0] for form in forms.MathGlyphVariantRecord}
    assert len(widths) == 1  # no gap behind a root
    assert len(forms.MathGlyphVariantRecord) == 4
    assert forms.GlyphAssembly is None
