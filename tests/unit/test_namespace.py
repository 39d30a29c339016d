"""The words of formulas: the same number from torch and from Vega, and a clear refusal where one of them has none."""

import html
import math
import re

import altair as alt
import pytest
import torch
import vl_convert
from torch.distributions import Normal

from helpers import namespace
from helpers.namespace import field, log, maximum, normal_cdf, signal, text, where
from helpers.page.mime import VEGA_LITE
from helpers.robot import cup_and_tray, tokens
from helpers.theory import densities, latent, modes, passing, transport

FORMULAS = {  # each with as many arguments as it takes
    "exp": namespace.exp, "cos": namespace.cos, "sin": namespace.sin, "floor": namespace.floor, "tanh": namespace.tanh,
    "normal_pdf": namespace.normal_pdf, "normal_cdf": normal_cdf, "abs": abs,
    "log": lambda x: log(abs(x)), "sqrt": lambda x: namespace.sqrt(abs(x)),
    "normal_quantile": lambda x: namespace.normal_quantile(1 / (1 + x**2)),
    "minimum": lambda x, y: namespace.minimum(x, y), "maximum": lambda x, y: maximum(x, y),
    "where": lambda x, y: where((x > 0) & (y < 0.5) | (x < -1), x - y, y / 2),
    "xlogy": lambda x, y: namespace.xlogy(maximum(x, 0), abs(y)),
    "density": lambda x, y: densities.density(x, y, 0.3), "mass": lambda x, y: densities.mass(x, y, 0.1, 0.7),
    "gaussian_kl": lambda x, y: densities.gaussian_kl(x, abs(y), 0.3, 1.2),
    "log_density_2d": lambda x, y: densities.log_density_2d(x, y, 1.2, 0.4, 0.7),
    "log_two_modes": lambda x, y: modes.log_two_modes(x, 0.6, 1 / (1 + y**2), 0.3),
    "mean_after": lambda x, y: modes.mean_after(x, modes.modes(0.6, 1 / (1 + y**2), 0.3)),
    "hits": lambda x, y: where(cup_and_tray.hits(x, y, 0.25), 1.0, 0.0), "passing": lambda x, y: passing.passing(x, y, 0.4, 0.25),
    "impact": lambda x, y: cup_and_tray.impact(x, y, 0.25),
    "scaled": lambda x, y: tokens.scaled(x, -abs(y), 1.2),
    "to_unit": lambda x, y: tokens.to_unit(x, -abs(y), 1.2), "from_unit": lambda x, y: tokens.from_unit(x, y, 1.2),
    "distortion": lambda x, y: latent.distortion(abs(x), 1.0, abs(y)), "rate": lambda x, y: latent.rate(abs(x), abs(y)),
    "passing_apart": lambda x, y: passing.passing_apart(abs(x), 1 / (1 + y**2), 0.4, 0.25),
    "passing_on": lambda x, y: passing.passing_on(x, abs(y), 0.25),
    "passing_across": lambda x, y: passing.passing_across(x, y, 0.8, 0.25),
    "flow": lambda x, y: transport.taken(x, transport.flow_step(abs(y), 5, 0.8, 0.1), 0.3),
    "diffusion": lambda x, y: transport.taken(x, transport.diffusion_step(0.2, 1 / (1 + y**2), False, 0.8, 0.1), 0.3),
}  # fmt: skip
VALUES = [-1.3, -0.4, 0.2, 0.55, 1.7]


def in_vega(formulas: dict) -> list[float]:
    """What Vega makes of them, all in one picture of texts."""
    rows = alt.Chart(alt.Data(values=[{"one": 1}]))
    marks = [
        rows.transform_calculate(shown=f"'= ' + ({text(formula)})").mark_text().encode(text="shown:N")
        for formula in formulas
    ]
    svg = vl_convert.vegalite_to_svg(alt.layer(*marks).to_dict(), vl_version=VEGA_LITE)
    return [float(html.unescape(found).replace("−", "-")) for found in re.findall(r">= ([^<]+)</text>", svg)]


@pytest.mark.parametrize("name", FORMULAS)
def test_vega_and_torch_agree(name):
    formula, tensors = FORMULAS[name], [torch.tensor(VALUES, dtype=torch.float64)] * 2
    arguments = formula.__code__.co_argcount if hasattr(formula, "__code__") and formula.__name__ == "<lambda>" else 1
    tensors = [tensors[0], tensors[0].flip(0)][:arguments]  # two values at once: an `if` of Python would raise
    expected = torch.as_tensor(formula(*tensors)).tolist()
    plain = [formula(*map(float, values)) for values in zip(*(t.tolist() for t in tensors), strict=True)]
    assert plain == pytest.approx(expected, rel=1e-9, abs=1e-12)
    written = [
        formula(*(signal(f"({v})") for v in values)) for values in zip(*(t.tolist() for t in tensors), strict=True)
    ]
    assert in_vega(written) == pytest.approx(expected, rel=1e-9, abs=1e-7)


def test_a_formula_is_the_text_of_its_names():
    odds = lambda w: log(w) - log(1 - w)
    assert odds(0.7) == pytest.approx(math.log(7 / 3))
    assert text(odds(signal("w"))) == "(log(w) - log((1 - w)))"
    assert text(where(field("x") > 0, math.inf, math.nan)) == "if((datum.x > 0),(1 / 0),NaN)"


def test_the_normal_words_are_torchs():
    z = torch.linspace(-4, 4, 33, dtype=torch.float64)
    standard = Normal(torch.zeros((), dtype=torch.float64), 1.0)
    torch.testing.assert_close(normal_cdf(z), standard.cdf(z))
    torch.testing.assert_close(namespace.normal_pdf(z), standard.log_prob(z).exp())
    torch.testing.assert_close(namespace.normal_quantile(standard.cdf(z)), z)


@pytest.mark.parametrize(
    "bad",
    [
        lambda w: log(w * math.inf),
        lambda w: w * torch.tensor(2.0),
        lambda w: maximum(w, torch.tensor(1.0)),
        lambda w: "w",
    ],
)
def test_what_vega_cannot_read_is_refused(bad):
    with pytest.raises(ValueError, match=r"cannot read|expected a number or an expression"):
        text(bad(signal("w")))


def test_a_word_that_one_of_the_two_lacks_is_refused():
    with pytest.raises(ImportError, match="torch and Vega must both know it"):
        from helpers.namespace import erf  # noqa: F401


def test_python_that_decides_by_itself_raises_with_tensors():
    with pytest.raises(RuntimeError, match="ambiguous"):
        max(torch.tensor([0.0, 1.0]), torch.tensor([1.0, 0.0]))
