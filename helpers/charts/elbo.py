"""The live charts of notebook 05: the gap under log p(o), the rate-distortion curve, imagination against the exact filter."""

from collections.abc import Mapping

import altair as alt
import torch

from helpers.charts import parts
from helpers.charts.integrals import chosen
from helpers.charts.parts import let
from helpers.colors import NEUTRAL, SERIES, P, Q
from helpers.namespace import field, maximum, minimum, signal, sqrt, where
from helpers.page.live import live_chart
from helpers.policies import world_model
from helpers.theory.densities import Bell, density, gaussian_kl, log_density
from helpers.theory.latent import LinearGaussian, distortion, rate
from helpers.training import seeded

WEIGHT, NOISE = 1.0, 0.5  # of the linear-Gaussian model
SIGNAL, DECODER = 1.0, 0.1  # variances of the beta-VAE's data and of its decoder
SEQUENCES, SEEN = 6, 4  # what a reader of `imagination` chooses from; steps seen as it opens


def latent_density(*bell) -> alt.Chart:
    """The density of N(mean, std^2) on the latent's axis."""
    return let(parts.line("z", -4, 4, 320), density=density(field("z"), *bell))


LATENT = parts.axis(alt.X, "latent z", -4, 4)("z")
DENSITY = parts.axis(alt.Y, "density")("density")


@live_chart(follows={"mu": ("who", "free"), "sigma": ("who", "free")})
def elbo_gap() -> alt.VConcatChart:
    """A linear-Gaussian model: the densities of prior, posterior and q over the latent, and bars of reconstruction, rate and
    gap that add up to log p(o). As it opens, o is 1.5 and q has mean 0 and spread 0.8: reconstruction -6.006, rate 0.043,
    ELBO -6.049, gap 4.118, log p(o) -1.931. With q at the posterior the gap is 0.
    """
    model, o = LinearGaussian(WEIGHT, NOISE), signal("o")
    posterior, q = model.posterior_bell(o), Bell(signal("mean"), signal("std"))
    bells = {
        "free": ("set by the sliders", Bell(signal("mu"), signal("sigma"))),
        "prior": ("the prior", Bell(0, 1)),
        "posterior": ("the posterior", posterior),
    }
    follows = {
        "target": posterior.mean,
        "mean": chosen("who", {name: bell.mean for name, (_, bell) in bells.items()}),
        "std": chosen("who", {name: bell.std for name, (_, bell) in bells.items()}),
        "reconstruction": model.reconstruction(o, q),
        "rate": gaussian_kl(q.mean, q.std, 0, 1),
        "gap": maximum(0, gaussian_kl(q.mean, q.std, signal("target"), posterior.std)),
        "evidence": log_density(o, *model.evidence),
    }
    elbo = signal("reconstruction") - signal("rate")
    prior = latent_density(0, 1).mark_line(color=NEUTRAL, strokeDash=[2, 3], strokeWidth=2)
    target = latent_density(signal("target"), posterior.std).mark_area(color=P, opacity=0.4)
    chosen_q = latent_density(*q).mark_line(color=Q, strokeWidth=2.2)
    densities = alt.layer(*(curve.encode(x=LATENT, y=DENSITY) for curve in (prior, target, chosen_q)))
    bound = {
        "reconstruction": parts.number("reconstruction", ".3f"),
        "rate D(q‖prior)": parts.number("rate", ".3f"),
        "ELBO": parts.number(elbo, ".3f"),
    }
    evidence = {
        "gap D(q‖posterior)": parts.number("gap", ".3f"),
        "ELBO + gap": parts.number(elbo + signal("gap"), ".3f"),
        "log p(o)": parts.number("evidence", ".3f"),
    }
    return parts.sheet(
        parts.readouts(parts.one(), bound, evidence),
        parts.pair(
            (densities, "q (line), posterior (area), prior (dots)"),
            (bars_that_add_up(elbo), "They add up to log p(o) (dashed)"),
        ),
        parts.choice("who", "q is", {name: words for name, (words, _) in bells.items()}, "free"),
        parts.slider("o", "observation o", 1.5, -3, 3, 0.1),
        parts.slider("mu", "mean of q", 0, -3, 3, 0.1),
        parts.slider("sigma", "spread of q", 0.8, 0.05, 2, 0.05),
        *(parts.param(name, formula) for name, formula in follows.items()),
    )


def bars_that_add_up(elbo) -> alt.LayerChart:
    """Reconstruction, rate and gap, each bar where the one before it ended, and log p(o)."""
    steps = {
        "reconstruction": (0, signal("reconstruction"), SERIES[0]),
        "− rate": (signal("reconstruction"), elbo, SERIES[1]),
        "+ gap": (elbo, signal("evidence"), Q),
    }
    bars = let(
        parts.rows(*({"part": name} for name in steps)),
        start=chosen("datum.part", {name: start for name, (start, _, _) in steps.items()}),
        end=chosen("datum.part", {name: end for name, (_, end, _) in steps.items()}),
    )
    y, part = alt.Y("start:Q", title="nats"), alt.X("part:N", sort=list(steps), title=None, axis=alt.Axis(labelAngle=0))
    color = alt.Color("part:N", legend=None).scale(domain=list(steps), range=[step[2] for step in steps.values()])
    total = parts.one(start="evidence").mark_rule(color=P, strokeDash=[5, 3], strokeWidth=2).encode(y=y)
    return alt.layer(bars.mark_bar(size=44).encode(x=part, y=y, y2="end:Q", color=color), total)


@live_chart()
def rate_distortion(trained: Mapping[float, tuple[float, float]] | None = None) -> alt.VConcatChart:
    """The rate-distortion curve of a Gaussian of variance 1, the point at which the best linear beta-VAE with decoder
    variance 0.1 stands, and its codes for five inputs. As it opens, beta is 1: distortion 0.1, rate 1.1513 nats. From
    beta 10 on it has collapsed: distortion 1, rate 0, and every code is the prior.

    trained: {beta: (distortion, rate)} of models trained in the notebook, drawn as circles.
    """
    x = parts.axis(alt.X, "distortion Δ, mean squared error", 0, 1.05)("distortion")
    y = parts.axis(alt.Y, "rate R, nats", 0, 2.5)("rate")
    curve = let(parts.line("distortion", 0.005, 1, 199), rate=rate(SIGNAL, field("distortion")))
    here = parts.one(distortion="D", rate="R")
    layers = [
        curve.mark_line(color=P, strokeWidth=2, clip=True),
        here.mark_point(color=Q, clip=True, **parts.DOT),
    ]
    if trained:
        rows = [{"distortion": round(d, 4), "rate": round(r, 4)} for d, r in trained.values()]
        layers.append(parts.rows(*rows).mark_point(color=SERIES[1], size=110, strokeWidth=2, opacity=1))
    plane = alt.layer(*(layer.encode(x=x, y=y) for layer in layers))
    spread = sqrt(signal("D"))  # of a code, and sqrt(1 - D) x its mean: together they fill the prior
    codes = [
        latent_density(SIGNAL**-0.5 * sqrt(1 - signal("D")) * seen, spread).mark_line(strokeWidth=2, color=Q)
        for seen in (-2, -1, 0, 1, 2)
    ]
    prior = latent_density(0, 1).mark_line(color=NEUTRAL, strokeDash=[2, 3], strokeWidth=2)
    numbers = {
        "β": parts.number("beta", ".3g"),
        "distortion Δ": parts.number("D", ".3f"),
        "rate, nats": parts.number("R", ".4f"),
        "code spread": parts.number(spread, ".3f"),
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.pair(
            (plane, "No model is below the curve" + ("; ○ trained" if trained else "")),
            (
                alt.layer(*(curve.encode(x=LATENT, y=DENSITY) for curve in (*codes, prior))),
                "Codes of x = −2, −1, 0, 1, 2; dotted: prior",
            ),
        ),
        parts.slider("log_beta", "log₁₀ β", 0, -1, 1.5, 0.05),
        parts.param("beta", "pow(10, log_beta)"),
        parts.param("D", distortion(signal("beta"), SIGNAL, DECODER)),
        parts.param("R", rate(SIGNAL, signal("D"))),
    )


@live_chart()
def imagination(model: world_model.WorldModel, seed: int = 0) -> alt.VConcatChart:
    """Twelve observations of a hidden state that flips now and then. A miniature world model watches the first of them and
    imagines the rest, beside the exact filter; choose how it was trained. As it opens, 4 steps are seen and the
    balanced model imagines nearly what the exact filter does; with the KL off it forgets in one step.

    model: one run for each of world_model.SETTINGS. Watches some steps of a sequence, then imagines the rest.
    """
    with seeded(seed):
        o = world_model.observe(SEQUENCES)
    exact, _ = world_model.exact_filter(o)
    steps, length, words = predictions(model, o), world_model.LENGTH, {"exact": "exact filter", "model": "the model"}
    x = alt.X("t:Q", title="step", axis=alt.Axis(tickCount=length)).scale(domain=[0.5, length + 0.5], nice=False)
    y = parts.axis(alt.Y, "observation", -2.2, 2.2)
    legend = alt.Legend(orient="top", title=None, symbolStrokeWidth=3)
    color = alt.Color("series:N", legend=legend).scale(domain=list(words.values()), range=[P, Q])
    style = {"strokeWidth": 2.2, "point": alt.OverlayMarkDef(size=40, filled=True)}
    dash = alt.StrokeDash("series:N", legend=None)
    line = lambda chart, who: chart.mark_line(**style).encode(x=x, y=y(who), color=color, strokeDash=dash)
    fading = alt.Opacity("hidden:Q", legend=None).scale(domain=[0, 1], range=[0, 1])
    seen = let(parts.line("t", 1, length, length - 1), value="o[sequence_number - 1][datum.t - 1]")
    observed = let(seen, hidden=where(field("t") > signal("seen"), 0.25, 1))
    observed = observed.mark_point(shape="diamond", size=70, color=NEUTRAL, strokeWidth=2)
    shut = parts.one(t="seen + 0.5").mark_rule(**parts.GUIDE).encode(x=x)
    picture = alt.layer(shut, observed.encode(x=x, y=y("value"), opacity=fading), parts.series(steps, words, line))
    return parts.sheet(
        parts.readouts(*errors(steps)),
        parts.wide(picture, "Left of the line it sees the diamonds; right of it, it imagines"),
        parts.choice("setting", "trained with", world_model.SETTINGS.keys(), "balanced"),
        parts.slider("seen", "steps seen", SEEN, 1, length, 1),
        parts.slider("sequence_number", "sequence", 1, 1, SEQUENCES, 1),
        alt.param(name="o", value=parts.rounded(o, 4)),
        alt.param(name="beliefs", value=parts.rounded(exact, 6)),  # the exact filter's
    )


def predictions(model: world_model.WorldModel, o: torch.Tensor) -> alt.Chart:
    """A row for each step: the observation that the chosen model and the exact filter expect there, and how far ahead it is."""
    with torch.no_grad():
        beliefs, prior = model(o)[0], model.prior()
    rows = [
        {
            "setting": name,
            "m0": model.means[run, 0].item(),
            "m1": model.means[run, 1].item(),
            "up": prior[run, world_model.FIRST, 1].item(),
            "down": prior[run, world_model.SECOND, 0].item(),
            "b": parts.rounded(beliefs[run, :, :, 1], 6),
        }
        for run, name in enumerate(world_model.SETTINGS)
    ]
    steps = let(parts.rows(*rows), t=f"sequence(1, {world_model.LENGTH + 1})").transform_flatten(["t"])
    steps = steps.transform_filter("datum.setting == setting")
    t, seen, ahead, m0, m1 = field("t"), signal("seen"), field("ahead"), field("m0"), field("m1")
    last = lambda beliefs: beliefs[signal("sequence_number") - 1][minimum(t, seen) - 1]
    steps = let(steps, ahead=maximum(0, t - seen), own=last(field("b")), true=last(signal("beliefs")))
    belief = world_model.forecast(field("own"), field("up"), field("down"), ahead)
    truth = world_model.forecast(field("true"), world_model.FLIP, world_model.FLIP, ahead)
    return let(steps, model=m0 + (m1 - m0) * belief, exact=2 * truth - 1)


def errors(steps: alt.Chart) -> tuple[alt.Chart, dict]:
    """Root mean squares of what parts the model from the exact filter, over the steps that it sees and over the others."""
    apart, blind = (field("model") - field("exact")) ** 2, world_model.LENGTH - signal("seen")
    split = let(steps, watched=where(field("ahead") > 0, 0, apart), imagined=where(field("ahead") > 0, apart, 0))
    numbers = {
        "error, eyes open": parts.number(sqrt(field("watched") / signal("seen")), ".3f"),
        "error, imagining": parts.number(sqrt(field("imagined") / blind), ".3f"),  # 0 / 0 when it sees all
    }
    return split.transform_aggregate(watched="sum(watched)", imagined="sum(imagined)"), numbers
