"""The live charts of notebook 05: the gap under log p(o), the rate-distortion curve, imagination against the exact filter."""

from collections.abc import Mapping

import altair as alt
import torch

from helpers.charts import parts
from helpers.charts.integrals import chosen
from helpers.colors import NEUTRAL, SERIES, P, Q
from helpers.namespace import maximum, signal, text
from helpers.page.live import LiveChart, live_chart
from helpers.policies import world_model
from helpers.theory.densities import Bell, gaussian_kl, log_density
from helpers.theory.latent import LinearGaussian
from helpers.training import seeded

WEIGHT, NOISE = 1.0, 0.5  # of the linear-Gaussian model
SIGNAL, DECODER = 1.0, 0.1  # variances of the beta-VAE's data and of its decoder
SEQUENCES, SEEN = 6, 4  # what a reader of `imagination` chooses from; steps seen as it opens


@live_chart
def elbo_gap() -> LiveChart:
    """Reconstruction, rate and gap for one observation and a Gaussian q, as bars that add up to log p(o)."""
    names = {"free": "set by the sliders", "prior": "the prior", "posterior": "the posterior"}
    who = parts.choice("who", "q is", names, "free")
    model, o = LinearGaussian(WEIGHT, NOISE), signal("o")
    posterior, q = model.posterior_bell(o), Bell(signal("mean"), signal("std"))
    bells = {"free": Bell(signal("mu"), signal("sigma")), "prior": Bell(0, 1), "posterior": posterior}
    numbers = {
        "target": posterior.mean,
        "mean": chosen("who", {name: bell.mean for name, bell in bells.items()}),
        "std": chosen("who", {name: bell.std for name, bell in bells.items()}),
        "reconstruction": model.reconstruction(o, q),
        "rate": gaussian_kl(q.mean, q.std, 0, 1),
        "gap": maximum(0, gaussian_kl(q.mean, q.std, signal("target"), posterior.std)),
        "evidence": log_density(o, *model.evidence),
    }
    params = [alt.param(name=name, expr=text(formula)) for name, formula in numbers.items()]
    z = alt.X("z:Q", title="latent z").scale(domain=[-4, 4], nice=False)
    density = alt.Y("density:Q", title="density").stack(None)
    points = alt.Chart(alt.sequence(0, 321, as_="i")).transform_calculate(z="-4 + datum.i / 40")
    curve = lambda mean, std: points.transform_calculate(density=f"densityNormal(datum.z, {mean}, {std})")
    left = alt.layer(
        curve("0", "1").mark_line(color=NEUTRAL, strokeDash=[2, 3], strokeWidth=2).encode(x=z, y=density),
        curve("target", str(posterior.std)).mark_area(color=P, opacity=0.4).encode(x=z, y=density),
        curve("mean", "std").mark_line(color=Q, strokeWidth=2.2).encode(x=z, y=density),
    ).properties(width=parts.SIDE, height=parts.SIDE - 60, title="q (line), posterior (area), prior (dots)")
    steps = {
        "reconstruction": ("0", "reconstruction", SERIES[0]),
        "− rate": ("reconstruction", "reconstruction - rate", SERIES[1]),
        "+ gap": ("reconstruction - rate", "evidence", Q),
    }
    bars = parts.rows(*({"part": name} for name in steps)).transform_calculate(
        start=text(chosen("datum.part", {name: signal(start) for name, (start, _, _) in steps.items()})),
        end=text(chosen("datum.part", {name: signal(end) for name, (_, end, _) in steps.items()})),
    )
    y = alt.Y("start:Q", title="nats")
    part = alt.X("part:N", sort=list(steps), title=None, axis=alt.Axis(labelAngle=0))
    color = alt.Color("part:N", legend=None).scale(domain=list(steps), range=[step[2] for step in steps.values()])
    total = parts.rows({"one": 1}).transform_calculate(start="evidence")
    right = alt.layer(
        bars.mark_bar(size=44).encode(x=part, y=y, y2="end:Q", color=color),
        total.mark_rule(color=P, strokeDash=[5, 3], strokeWidth=2).encode(y=y),
    ).properties(width=parts.SIDE, height=parts.SIDE - 60, title="They add up to log p(o) (dashed)")
    numbers = alt.vconcat(
        parts.readouts(
            parts.rows({"one": 1}),
            {
                "reconstruction": parts.number("reconstruction", ".3f"),
                "rate D(q‖prior)": parts.number("rate", ".3f"),
                "ELBO": parts.number("(reconstruction - rate)", ".3f"),
            },
        ),
        parts.readouts(
            parts.rows({"one": 1}),
            {
                "gap D(q‖posterior)": parts.number("gap", ".3f"),
                "ELBO + gap": parts.number("(reconstruction - rate + gap)", ".3f"),
                "log p(o)": parts.number("evidence", ".3f"),
            },
        ),
        spacing=0,
    )
    chart = parts.sheet(
        numbers,
        alt.hconcat(left, right),
        who,
        parts.slider("o", "observation o", 1.5, -3, 3, 0.1),
        parts.slider("mu", "mean of q", 0, -3, 3, 0.1),
        parts.slider("sigma", "spread of q", 0.8, 0.05, 2, 0.05),
        *params,
    )
    return LiveChart(
        "elbo_gap",
        chart,
        "A linear-Gaussian model: the densities of prior, posterior and q over the latent, and bars of reconstruction, rate and "
        "gap that add up to log p(o). As it opens, o is 1.5 and q has mean 0 and spread 0.8: reconstruction -6.006, rate 0.043, "
        "ELBO -6.049, gap 4.118, log p(o) -1.931. With q at the posterior the gap is 0.",
        follows={"mu": ("who", "free"), "sigma": ("who", "free")},
    )


@live_chart
def rate_distortion(trained: Mapping[float, tuple[float, float]] | None = None) -> LiveChart:
    """The best linear beta-VAE for each beta: its point on the rate-distortion curve, and its code.

    trained: {beta: (distortion, rate)} of models trained in the notebook, drawn as circles.
    """
    x = alt.X("distortion:Q", title="distortion Δ, mean squared error").scale(domain=[0, 1.05], nice=False)
    y = alt.Y("rate:Q", title="rate R, nats").scale(domain=[0, 2.5], nice=False)
    curve = alt.Chart(alt.sequence(1, 201, as_="i")).transform_calculate(
        distortion="datum.i / 200", rate="0.5 * log(200 / datum.i)"
    )
    here = parts.rows({"one": 1}).transform_calculate(distortion="D", rate="R")
    layers = [
        curve.mark_line(color=P, strokeWidth=2, clip=True).encode(x=x, y=y),
        here.mark_point(color=Q, filled=True, size=120, opacity=1, clip=True).encode(x=x, y=y),
    ]
    if trained:
        rows = [{"distortion": round(d, 4), "rate": round(r, 4)} for d, r in trained.values()]
        layers.append(
            parts.rows(*rows).mark_point(color=SERIES[1], size=110, strokeWidth=2, opacity=1).encode(x=x, y=y)
        )
    left = alt.layer(*layers).properties(
        width=parts.SIDE,
        height=parts.SIDE - 60,
        title="No model is below the curve" + ("; ○ trained" if trained else ""),
    )
    seen = (-2, -1, 0, 1, 2)
    z = alt.X("z:Q", title="latent z").scale(domain=[-4, 4], nice=False)
    density = alt.Y("density:Q", title="density").stack(None)
    codes = (
        parts.rows(*({"x": value} for value in seen))
        .transform_calculate(i="sequence(0, 321)")
        .transform_flatten(["i"])
        .transform_calculate(z="-4 + datum.i / 40")
        .transform_calculate(density=f"densityNormal(datum.z, {SIGNAL**-0.5} * sqrt(1 - D) * datum.x, sqrt(D))")
        .mark_line(strokeWidth=2, color=Q)
        .encode(x=z, y=density, detail="x:N")
    )
    prior = (
        alt.Chart(alt.sequence(0, 321, as_="i"))
        .transform_calculate(z="-4 + datum.i / 40")
        .transform_calculate(density="densityNormal(datum.z)")
        .mark_line(color=NEUTRAL, strokeDash=[2, 3], strokeWidth=2)
        .encode(x=z, y=density)
    )
    right = alt.layer(codes, prior).properties(
        width=parts.SIDE, height=parts.SIDE - 60, title="Codes of x = −2, −1, 0, 1, 2; dotted: prior"
    )
    numbers = parts.readouts(
        parts.rows({"one": 1}),
        {
            "β": ("beta", "format(beta, '.3g')"),
            "distortion Δ": parts.number("D", ".3f"),
            "rate, nats": parts.number("R", ".4f"),
            "code spread": parts.number("sqrt(D)", ".3f"),
        },
    )
    chart = parts.sheet(
        numbers,
        alt.hconcat(left, right),
        parts.slider("log_beta", "log₁₀ β", 0, -1, 1.5, 0.05),
        alt.param(name="beta", expr="pow(10, log_beta)"),
        alt.param(name="D", expr=f"min(beta * {DECODER}, {SIGNAL})"),
        alt.param(name="R", expr=f"max(0, 0.5 * log({SIGNAL} / D))"),
    )
    return LiveChart(
        "rate_distortion",
        chart,
        "The rate-distortion curve of a Gaussian of variance 1, the point at which the best linear beta-VAE with decoder "
        "variance 0.1 stands, and its codes for five inputs. As it opens, beta is 1: distortion 0.1, rate 1.1513 nats. From "
        "beta 10 on it has collapsed: distortion 1, rate 0, and every code is the prior.",
    )


@live_chart
def imagination(model: world_model.WorldModel, seed: int = 0) -> LiveChart:
    """What a trained miniature RSSM predicts with its eyes shut, beside the exact filter.

    model: one run for each of world_model.SETTINGS. Watches some steps of a sequence, then imagines the rest.
    """
    with seeded(seed):
        o = world_model.observe(SEQUENCES)
    with torch.no_grad():
        beliefs, prior = model(o)[0], model.prior()
    exact, _ = world_model.exact_filter(o)
    short = lambda tensor, digits=4: [round(value, digits) for value in tensor.flatten().tolist()]
    length = world_model.LENGTH
    rows = [
        {
            "setting": name,
            "m0": model.means[run, 0].item(),
            "m1": model.means[run, 1].item(),
            "up": prior[run, world_model.FIRST, 1].item(),
            "down": prior[run, world_model.SECOND, 0].item(),
            "b": [short(beliefs[run, i, :, 1], 6) for i in range(SEQUENCES)],
        }
        for run, name in enumerate(world_model.SETTINGS)
    ]
    flip = world_model.FLIP
    truth = {
        "setting": "exact", "m0": -1, "m1": 1, "up": flip, "down": flip, "b": [short(row, 6) for row in exact],
    }  # fmt: skip
    setting = parts.choice("setting", "trained with", world_model.SETTINGS.keys(), "balanced")
    steps = (
        parts.rows(*rows, truth)
        .transform_calculate(t=f"sequence(1, {length + 1})")
        .transform_flatten(["t"])
        .transform_filter("datum.setting == setting || datum.setting == 'exact'")
        .transform_calculate(
            ahead="max(0, datum.t - seen)", last="datum.b[sequence_number - 1][min(datum.t, seen) - 1]"
        )
        .transform_calculate(  # two states: the belief forgets at the rate 1 - up - down
            rest="datum.up / (datum.up + datum.down)", keep="pow(1 - datum.up - datum.down, datum.ahead)"
        )
        .transform_calculate(belief="datum.rest + datum.keep * (datum.last - datum.rest)")
        .transform_calculate(
            predicted="datum.m0 + (datum.m1 - datum.m0) * datum.belief",
            who="datum.setting == 'exact' ? 'exact filter' : 'the model'",
        )
    )
    x = alt.X("t:Q", title="step", axis=alt.Axis(tickCount=length)).scale(domain=[0.5, length + 0.5], nice=False)
    y = lambda field: alt.Y(f"{field}:Q", title="observation").scale(domain=[-2.2, 2.2], nice=False)
    color = alt.Color("who:N", legend=alt.Legend(orient="top", title=None, symbolStrokeWidth=3)).scale(
        domain=["exact filter", "the model"], range=[P, Q]
    )
    lines = steps.mark_line(strokeWidth=2.2, point=alt.OverlayMarkDef(size=40, filled=True)).encode(
        x=x, y=y("predicted"), color=color, strokeDash=alt.StrokeDash("who:N", legend=None)
    )
    observed = (
        parts.rows({"o": [short(row) for row in o]})
        .transform_calculate(t=f"sequence(1, {length + 1})")
        .transform_flatten(["t"])
        .transform_calculate(value="datum.o[sequence_number - 1][datum.t - 1]", hidden="datum.t > seen ? 0.25 : 1")
        .mark_point(shape="diamond", size=70, color=NEUTRAL, strokeWidth=2)
        .encode(x=x, y=y("value"), opacity=alt.Opacity("hidden:Q", legend=None).scale(domain=[0, 1], range=[0, 1]))
    )
    shut = (
        parts.rows({"one": 1})
        .transform_calculate(t="seen + 0.5")
        .mark_rule(color=NEUTRAL, strokeDash=[4, 3])
        .encode(x=x)
    )
    apart = (
        steps.transform_calculate(
            model="datum.setting == 'exact' ? 0 : datum.predicted", exact="datum.setting == 'exact' ? datum.predicted : 0"
        )
        .transform_aggregate(model="sum(model)", exact="sum(exact)", groupby=["t", "ahead"])
        .transform_calculate(square="datum.ahead > 0 ? pow(datum.model - datum.exact, 2) : 0", late="datum.ahead > 0 ? 1 : 0",
                             near="datum.ahead > 0 ? 0 : pow(datum.model - datum.exact, 2)", one="datum.ahead > 0 ? 0 : 1")
        .transform_aggregate(square="sum(square)", late="sum(late)", near="sum(near)", one="sum(one)")
        .transform_calculate(
            imagined="datum.late > 0 ? sqrt(datum.square / datum.late) : 0 / 0", watched="sqrt(datum.near / datum.one)"
        )
    )  # fmt: skip
    numbers = parts.readouts(
        apart,
        {
            "error, eyes open": parts.number("datum.watched", ".3f"),
            "error, imagining": ("datum.imagined", "datum.late > 0 ? format(datum.imagined, '.3f') : '–'"),
        },
    )
    chart = parts.sheet(
        numbers,
        parts.wide(alt.layer(shut, observed, lines), "Left of the line it sees the diamonds; right of it, it imagines"),
        setting,
        parts.slider("seen", "steps seen", SEEN, 1, length, 1),
        parts.slider("sequence_number", "sequence", 1, 1, SEQUENCES, 1),
    ).resolve_legend(color="independent")
    return LiveChart(
        "imagination",
        chart,
        "Twelve observations of a hidden state that flips now and then. A miniature world model watches the first of them and "
        "imagines the rest, beside the exact filter; choose how it was trained. As it opens, 4 steps are seen and the "
        "balanced model imagines nearly what the exact filter does; with the KL off it forgets in one step.",
    )
