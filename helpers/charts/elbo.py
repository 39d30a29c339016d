"""The live charts of notebook 05: a hidden reason, the gap under log p(o), two gradients, the price of a nat, a reason that was
learned, imagination."""

from collections.abc import Mapping

import altair as alt
import torch
from torch.distributions import Normal, kl_divergence

from helpers.charts import parts, scene
from helpers.charts.integrals import chosen
from helpers.charts.parts import let
from helpers.charts.uniforms import with_uniforms
from helpers.colors import NEUTRAL, SERIES, P, Q
from helpers.namespace import (
    field,
    log,
    maximum,
    minimum,
    normal_cdf,
    normal_quantile,
    signal,
    sqrt,
    tanh,
    where,
)
from helpers.page.live import live_chart
from helpers.policies import world_model
from helpers.policies.cvae import CVAEHead
from helpers.robot.cup_and_tray import HALF_WIDTH, CupAndTray
from helpers.theory.densities import Bell, density, gaussian_kl, log_density
from helpers.theory.estimators import square_gradient_estimates, square_gradient_moments
from helpers.theory.latent import LinearGaussian, distortion, rate
from helpers.training import seeded

WEIGHT, NOISE = 1.0, 0.5  # of the linear-Gaussian model
SIGNAL, DECODER = 1.0, 0.1  # variances of the beta-VAE's data and of its decoder
SEQUENCES, SEEN = 6, 4  # what a reader of `imagination` chooses from; steps seen as it opens
IMAGINES = {"filter": "what the filter does", "random": "flips at random", "same": "always the same state"}
FUTURES = 10  # that it draws
OFFSET = 0.6  # of either route, in `hidden_reason`
PER_UNIT = 0.55  # how high a density of 1 is drawn on the axis of offsets
CODES = 4000  # demonstrations whose codes `learned_reason` adds up
PRICES = {"0.1": "0.1, the least", "10": "10", "100": "100, the most"}
PATHS = 60
SIDES = {"left": "codes of demonstrations on the left", "right": "on the right"}
STILL = {
    "none": "none",
    "few": "two or three",
    "half": "thirty",
}  # of 60 draws still crash, if it listens as well as it can
MERGE = {"merge": "run into each other", "apart": "move apart", "narrow": "get narrower"}
WHERE = {"prior": (0.0, "the prior, around 0"), "between": (1.2, "between 0 and 1.5"), "seen": (1.5, "narrow, at 1.5")}
TIMES = {"2": "about 2 times", "20": "about 20 times", "200": "about 200 times"}
DRAWS = 300  # of either estimate
ASKED = f"(who != 'posterior' || {parts.GUESSED})"  # the answer to the question of `elbo_gap` waits
LOWEST = -12  # of the axis of the bars of `elbo_gap`


def latent_density(*bell) -> alt.Chart:
    """The density of N(mean, std^2) on the latent's axis."""
    return let(parts.line("z", -4, 4, 320), density=density(field("z"), *bell))


LATENT = parts.axis(alt.X, "latent z", -4, 4)("z")


@live_chart(play={"steep": 5})
def hidden_reason() -> alt.VConcatChart:
    """A network is given the scene and a random number z, and turns them into a route: on the left below what it makes of each z,
    above how probable each z is; on the right the routes of 60 draws of z. As it opens, it hardly listens to z. The steeper
    it listens, the fewer draws end in the obstacle; those from the steep part do. Shown once you have guessed.
    """
    steep, z = signal("steep"), field("z")
    decoded = lambda code: OFFSET * tanh(steep * code)
    draws = let(parts.counted(PATHS), z=normal_quantile((field("i") + 0.5) / PATHS))
    routes = scene.with_outcome(let(let(draws, x1=decoded(z)), x2="datum.x1"), HALF_WIDTH)
    edge = 0.5 * log((OFFSET + HALF_WIDTH) / (OFFSET - HALF_WIDTH)) / steep  # |z| below it decodes into the obstacle
    told = routes.transform_filter(parts.GUESSED)
    guess = parts.told_guess(STILL)
    driven = alt.layer(
        scene.surroundings(HALF_WIDTH),
        scene.paths(told, scene.OUTCOME, HALF_WIDTH, strokeWidth=1.4, opacity=0.7),
    )
    x, y = parts.axis(alt.X, "z, drawn at random", -3, 3), parts.axis(alt.Y, "offset of the route", -1, 1)
    bell = let(parts.line("z", -3, 3, 120), offset=-1 + density(z, 0, 1), floor=-1)
    bell = bell.mark_area(color=SERIES[2], opacity=0.35).encode(x=x("z"), y=y("offset"), y2="floor")
    curve = let(parts.line("z", -3, 3, 120), offset=decoded(z)).transform_filter(parts.GUESSED)
    box = parts.one(top=HALF_WIDTH, bottom=-HALF_WIDTH).mark_rect(color=NEUTRAL, opacity=0.3)
    dots = told.mark_circle(size=40, opacity=0.8).encode(x=x("z"), y=y("x1"), color=scene.OUTCOME)
    first = parts.waiting(z=0, offset=0.6)
    decoder = alt.layer(
        first.encode(x=x("z"), y=y("offset")),
        box.encode(y=y("bottom"), y2="top"),
        bell,
        curve.mark_line(color=Q, strokeWidth=2.5).encode(x=x("z"), y=y("offset")),
        dots,
        guess,
    )
    counted = scene.crashes_of(routes)
    crash = 2 * normal_cdf(edge) - 1
    numbers = {
        "slope": parts.number(OFFSET * steep, ".2f"),
        f"crash, of {PATHS}": parts.after_the_guess(parts.number(field("off"), "d")),
        "P(crash)": parts.after_the_guess(parts.percent(crash)),
    }
    return parts.sheet(
        parts.readouts(counted, numbers),
        parts.pair(
            (decoder, "What it makes of z (grey: the obstacle)"), (driven, "The routes of 60 draws"), height=parts.SIDE
        ),
        parts.guess("Of 60 draws, how many crash when it listens most?", STILL, "few", "steep == 8"),
        parts.slider("steep", "how strongly it listens to z", 0.25, 0.25, 8, 0.25),
    )


@live_chart(follows={"mu": ("who", "free"), "sigma": ("who", "free")}, drag={"guess_of_z": {"x": "mu"}})
def elbo_gap() -> alt.VConcatChart:
    """Somebody sees o and states a distribution q of the hidden z that caused it. On the left q, what is known before (the
    prior) and what may be known after (the posterior); on the right reconstruction, rate and gap, which add up to log p(o).
    As it opens, o is 1.5 and q has mean 0 and spread 0.8: reconstruction -6.006, rate 0.043. The gap is shown once you have guessed.
    """
    model, o = LinearGaussian(WEIGHT, NOISE), signal("o")
    posterior, q = model.posterior_bell(o), Bell(signal("mean"), signal("std"))
    bells = {
        "free": ("moved by hand", Bell(signal("mu"), signal("sigma"))),
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
    y = parts.axis(alt.Y, "density", 0, 2.1)("density")
    prior = latent_density(0, 1).mark_line(color=NEUTRAL, strokeDash=[2, 3], strokeWidth=2.5)
    target = latent_density(signal("target"), posterior.std).transform_filter(parts.GUESSED)
    target = target.mark_area(color=P, opacity=0.4)
    mine = latent_density(*q).mark_line(color=Q, strokeWidth=2.2, clip=True)
    guess = parts.guessed({name: place for name, (place, _) in WHERE.items()})
    top = parts.one(z=q.mean, density=density(0, 0, q.std)).mark_point(color=Q, **parts.DOT)
    densities = alt.layer(
        *(curve.encode(x=LATENT, y=y) for curve in (target, mine.transform_filter(ASKED), prior)),
        guess.encode(x=parts.axis(alt.X, "latent z", -4, 4)("place")),
        top.transform_filter(ASKED).encode(x=LATENT, y=y).properties(name="guess_of_z"),
    )
    numbers = {
        "reconstruction": parts.once(ASKED, parts.number("reconstruction", ".3f")),
        "rate": parts.once(ASKED, parts.number("rate", ".3f")),
        "ELBO": parts.after_the_guess(parts.number(elbo, ".3f")),
        "gap": parts.after_the_guess(parts.number("gap", ".3f")),
        "log p(o)": parts.number("evidence", ".3f"),
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.pair(
            (densities, "q (line), prior (dots), posterior (area)"),
            (bars_that_add_up(elbo), "The three numbers; dashed: log p(o)"),
        ),
        parts.guess("Which q leaves no gap?", {name: words for name, (_, words) in WHERE.items()}, "between"),
        parts.choice("who", "q is", {name: words for name, (words, _) in bells.items()}, "free"),
        parts.slider("mu", "mean of q", 0, -3, 3, 0.1),
        parts.slider("sigma", "spread of q", 0.8, 0.2, 2, 0.05),
        parts.slider("o", "observation o", 1.5, -3, 3, 0.1),
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
    ).transform_filter(f"datum.part != '+ gap' && {ASKED} || {parts.GUESSED}")
    y = parts.axis(alt.Y, "nats", LOWEST, 1)("start")
    part = alt.X("part:N", sort=list(steps), title=None, axis=alt.Axis(labelAngle=0)).scale(domain=list(steps))
    color = alt.Color("part:N", legend=None).scale(domain=list(steps), range=[step[2] for step in steps.values()])
    total = parts.one(start="evidence").mark_rule(color=P, strokeDash=[5, 3], strokeWidth=2).encode(y=y)
    return alt.layer(bars.mark_bar(size=44, clip=True).encode(x=part, y=y, y2="end:Q", color=color), total)


@live_chart()
def two_gradients() -> alt.VConcatChart:
    """Two ways to estimate from draws how E[z squared] changes with the mean of z, for z Gaussian with mean mu and spread sigma:
    the score function, and the pathwise derivative through z = mu + sigma times noise. 300 estimates of each, one from each
    draw, around the true value, 2 mu. How far they stray is shown once you have guessed it. As it opens, mu is 1 and sigma 0.5.
    """
    mu, sigma, z = signal("mu"), signal("sigma"), field("z")
    moments = square_gradient_moments(mu, sigma)
    columns = {"noise": torch.randn(DRAWS, generator=torch.Generator().manual_seed(4))}
    draws = let(alt.Chart(parts.noise(DRAWS, columns, 2)), z=mu + sigma * field("noise"), height=field("i") % 60 / 60)
    draws = let(draws, **square_gradient_estimates(z, mu, sigma))
    x, y = parts.axis(alt.X, "one draw’s estimate", -12, 34), parts.axis(alt.Y, None, -0.05, 2.55)
    look = {"size": 16, "opacity": 0.7, "clip": True}
    rows = {"score": (1.25, SERIES[1], "score function"), "pathwise": (0, SERIES[0], "pathwise")}
    told = draws.transform_filter(parts.GUESSED)
    clouds, names = [], []
    for name, (floor_, color, words) in rows.items():
        cloud = let(told, place=field("height") + floor_)
        clouds.append(cloud.mark_circle(color=color, **look).encode(x=x(name), y=y("place").axis(None)))
        label = parts.one(at=-11.5, place=floor_ + 1.1, text=f"'{words}'").mark_text(align="left", fontSize=13)
        names.append(label.encode(x=x("at"), y=y("place").axis(None), text="text:N"))
    truth = parts.one(truth=2 * mu).mark_rule(strokeWidth=2, **parts.GUIDE).encode(x=x("truth"))
    guess = parts.told_guess(TIMES)
    first = parts.waiting(at=14, place=1.1).encode(x=x("at"), y=y("place").axis(None))
    variance = {name: moments[name].variance for name in rows}
    numbers = {
        "gradient": parts.number(2 * mu, ".2f"),
        "spread: path": parts.after_the_guess(parts.number(sqrt(variance["pathwise"]), ".2f")),
        "score": parts.after_the_guess(parts.number(sqrt(variance["score"]), ".2f")),
        "times as many": parts.after_the_guess(parts.number(variance["score"] / variance["pathwise"], ".1f")),
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.wide(
            alt.layer(truth, *clouds, *names, guess, first), "300 estimates each; dashed: the true gradient", 200
        ),
        parts.guess(
            "How many times as many draws does the score function need?", TIMES, "20", "mu == 1 && sigma == 0.5"
        ),
        parts.slider("mu", "mean μ", 1, 0, 2, 0.1),
        parts.slider("sigma", "spread σ", 0.5, 0.3, 1.5, 0.1),
    )


@live_chart(play={"beta": 6})
def rate_distortion(trained: Mapping[float, tuple[float, float]] | None = None) -> alt.VConcatChart:
    """The rate-distortion curve of a Gaussian of variance 1, the point at which the best linear beta-VAE with decoder
    variance 0.1 stands, and its codes for five inputs. As it opens, beta is 1: distortion 0.1, rate 1.1513 nats. From
    beta 10 on it has collapsed: distortion 1, rate 0, and every code is the prior. The codes are shown once you have
    guessed what they do.

    trained: {beta: (distortion, rate)} of models trained in the notebook, drawn as circles.
    """
    x = parts.axis(alt.X, "distortion Δ, mean squared error", -0.05, 1.1)("distortion")
    y = parts.axis(alt.Y, "rate R, nats", -0.1, 2.6)("rate")
    curve = let(parts.line("distortion", 0.005, 1, 199), rate=rate(SIGNAL, field("distortion")))
    here = parts.one(distortion="D", rate="R")
    layers = [
        curve.mark_line(color=P, strokeWidth=2, clip=True),
        here.mark_point(color=Q, **parts.DOT),
    ]
    if trained:
        rows = [{"distortion": round(d, 4), "rate": round(r, 4)} for d, r in trained.values()]
        layers.append(parts.rows(*rows).mark_point(color=SERIES[1], size=110, strokeWidth=2, opacity=1))
    plane = alt.layer(*(layer.encode(x=x, y=y) for layer in layers))
    spread, height = sqrt(signal("D")), parts.axis(alt.Y, "density", 0, 4.4)("density")
    codes, names = [], []
    for seen in (-2, -1, 0, 1, 2):
        mean = SIGNAL**-0.5 * sqrt(1 - signal("D")) * seen
        codes.append(latent_density(mean, spread).mark_line(strokeWidth=2, color=Q))
        words = f"D < 0.99 ? '{seen}' : '{'' if seen else 'all'}'"
        name = parts.one(z=mean, density=density(0, 0, spread), text=words).mark_text(dy=-7, fontSize=11)
        names.append(name.encode(x=LATENT, y=height, text="text:N"))
    codes, names = ([mark.transform_filter(parts.GUESSED) for mark in marks] for marks in (codes, names))
    prior = latent_density(0, 1).mark_line(color=NEUTRAL, strokeDash=[2, 3], strokeWidth=2.5)
    told = parts.told_guess(MERGE)
    asked = told, parts.waiting(z=0, density=2).encode(x=LATENT, y=height)
    numbers = {
        "distortion Δ": parts.number("D", ".3f"),
        "rate, nats": parts.number("R", ".4f"),
        "code spread": parts.number(spread, ".3f"),
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.pair(
            (plane, "Least rate at each distortion" + ("; ○ trained" if trained else "")),
            (
                alt.layer(*(curve.encode(x=LATENT, y=height) for curve in (*codes, prior)), *names, *asked),
                "The codes of five inputs x; dotted: prior",
            ),
        ),
        parts.guess("As a nat gets dearer, the five codes …", MERGE, "merge", "beta >= 5"),
        parts.slider("beta", "price β", 1, 0.5, 14, 0.5),
        parts.param("D", distortion(signal("beta"), SIGNAL, DECODER)),
        parts.param("R", rate(SIGNAL, signal("D"))),
    )


@live_chart(drag={"one_draw": {"x": "z"}})
def learned_reason(policies: Mapping[str, tuple[CVAEHead, CupAndTray]]) -> alt.VConcatChart:
    """CVAE policies that have learned a reason, each at its own price of a nat. On the left what the decoder makes of each z at
    gate 1, the codes that the encoder gives to demonstrations on either side, and the prior; on the right the routes of 60 draws
    from the prior, and thick the one of a z that you choose. As it opens, the first one is shown, and its rate; decoder and
    routes once you have guessed.

    policies: {what the reader chooses: a trained head, and the task of its demonstrations}.
    """
    z, floor_ = field("z"), -1.2
    x, y = parts.axis(alt.X, "latent z", -3, 3)("z"), parts.axis(alt.Y, "offset at gate 1", floor_, 1.2)
    latents = let(parts.line("z", -3, 3, 120), floor=floor_, offset="run.decoded[datum.i][0]")
    raised = {side: f"{floor_} + {PER_UNIT} * run.{side}[datum.i]" for side in SIDES}
    latents = let(latents, prior=floor_ + PER_UNIT * density(z, 0, 1), **raised)
    area = lambda chart, side: chart.mark_area(opacity=0.5, clip=True).encode(
        x=x, y=y(side), y2="floor", color=parts.series_color(SIDES)
    )
    decoded = latents.transform_filter(parts.GUESSED).mark_line(color=Q, strokeWidth=2.5, clip=True)
    box = parts.one(top=HALF_WIDTH, bottom=-HALF_WIDTH).mark_rect(color=NEUTRAL, opacity=0.3)
    prior = latents.mark_line(color=NEUTRAL, strokeDash=[2, 3], strokeWidth=2)
    routes = let(parts.counted(PATHS), x1="run.route[datum.i][0]", x2="run.route[datum.i][1]")
    routes = scene.with_outcome(routes, HALF_WIDTH)
    driven = scene.paths(
        routes.transform_filter(parts.GUESSED), scene.OUTCOME, HALF_WIDTH, strokeWidth=1.4, opacity=0.7
    )
    mine = scene.with_outcome(parts.one(x1="run.decoded[cell][0]", x2="run.decoded[cell][1]"), HALF_WIDTH)
    mine = scene.paths(mine.transform_filter(parts.GUESSED), scene.OUTCOME, HALF_WIDTH, strokeWidth=5)
    drawn = parts.one(z="z", prior=floor_ + PER_UNIT * density(signal("z"), 0, 1), offset="run.decoded[cell][0]")
    met = drawn.transform_filter(parts.GUESSED).mark_point(color=Q, clip=True, **parts.DOT)
    wait = parts.waiting(z=0, offset=0.6)
    codes = alt.layer(
        box.encode(y=y("bottom"), y2="top"),
        parts.series(latents, SIDES, area),
        prior.encode(x=x, y=y("prior")),
        decoded.encode(x=x, y=y("offset")),
        met.encode(x=x, y=y("offset")),
        drawn.mark_point(color=NEUTRAL, **parts.DOT).encode(x=x, y=y("prior")).properties(name="one_draw"),
        wait.encode(x=x, y=y("offset")),
        parts.told_guess(PRICES, down=230),
    )
    numbers = {
        "rate, nats": parts.number("run.rate", ".2f"),
        f"crash, of {PATHS}": parts.after_the_guess(parts.number(field("off"), "d")),
        "z is decoded to": parts.after_the_guess(parts.number("run.decoded[cell][0]", ".2f")),
    }
    counted = scene.crashes_of(routes)
    runs = {name: what_it_learned(*policy) for name, policy in policies.items()}
    return parts.sheet(
        parts.readouts(counted, numbers),
        parts.pair(
            (codes, "Codes, prior (dotted) and decoder (line)"),
            (alt.layer(scene.surroundings(HALF_WIDTH), driven, mine), "The routes of 60 draws; thick: of your z"),
            height=parts.SIDE,
        ).resolve_scale(color="independent"),
        parts.guess("At which price β do most draws pass?", PRICES, "10"),
        parts.choice("policy", "policy", runs.keys(), next(iter(runs))),
        parts.slider("z", "a draw, z", 0, -3, 3, 0.05),
        alt.param(name="runs", value=runs),
        parts.param("run", "runs[policy]"),
        parts.param("cell", "round(20 * z) + 60"),
    )


def what_it_learned(head: CVAEHead, task: CupAndTray) -> dict:
    """What `learned_reason` draws of a policy: the action for each z from -3 to 3, the density of the codes of
    demonstrations on either side there, the routes of 60 draws of the prior, one from each sixtieth of it, and the rate."""
    obs, z = torch.ones(1, 1), torch.linspace(-3, 3, 121)
    drawn = Normal(0.0, 1.0).icdf((torch.arange(PATHS) + 0.5) / PATHS)
    with torch.no_grad(), seeded(0):
        demonstrations = task.demonstrations(CODES)
        code = head.posterior(obs.expand(CODES, 1), demonstrations)
        density_at = code.log_prob(z.unsqueeze(-1)).exp()  # (121, demonstrations)
        left = (demonstrations[:, 0] < 0).float()
        return {
            "decoded": parts.rounded(head.decode(obs, z.unsqueeze(-1))[:, 0], 3),
            "left": parts.rounded((density_at * left).mean(-1), 3),
            "right": parts.rounded((density_at * (1 - left)).mean(-1), 3),
            "route": parts.rounded(head.decode(obs, drawn.unsqueeze(-1))[:, 0], 3),
            "rate": round(kl_divergence(code, Normal(0.0, 1.0)).mean().item(), 4),
        }


@live_chart()
def imagination(model: world_model.WorldModel, seed: int = 0) -> alt.VConcatChart:
    """Twelve observations of a hidden state that flips now and then. A miniature world model watches the first of them and
    imagines the rest: ten futures that it draws (thin) and the mean that it expects (dashed), beside the exact filter's mean. Choose how it was
    trained. As it opens, 4 steps are seen, by the model whose KL was off; what it imagines is shown once you have guessed.

    model: one run for each of world_model.SETTINGS. Watches some steps of a sequence, then imagines the rest.
    """
    with seeded(seed):
        o = world_model.observe(SEQUENCES)
    exact, _ = world_model.exact_filter(o)
    models, length = rows_of(model, o), world_model.LENGTH
    steps, words = predictions(models), {"exact": "exact filter, mean", "model": "the model, mean"}
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
    guess = parts.told_guess(IMAGINES)
    shut = parts.one(t="seen + 0.5").mark_rule(**parts.GUIDE).encode(x=x)
    told = f"datum.ahead == 0 || {parts.GUESSED}"
    thin = (
        futures(models)
        .transform_filter(told)
        .mark_line(color=Q, strokeWidth=1, opacity=0.45)
        .encode(x=x, y=y("value"), detail="path:N")
    )
    picture = alt.layer(
        shut,
        observed.encode(x=x, y=y("value"), opacity=fading),
        thin,
        parts.series(steps.transform_filter(told), words, line),
        guess,
    )
    return parts.sheet(
        parts.readouts(*errors(steps)),
        parts.wide(picture, "Left of the dashed line the model sees the diamonds; right of it, it imagines"),
        parts.guess(
            "With its KL off in training, what will a model imagine?", IMAGINES, "random", "setting == 'KL off'"
        ),
        parts.choice("setting", "trained with", world_model.SETTINGS.keys(), "KL off"),
        parts.slider("seen", "steps seen", SEEN, 1, length, 1),
        parts.slider("sequence_number", "another world", 1, 1, SEQUENCES, 1),
        parts.slider("seed", "other futures", 1, 1, 50, 1),
        alt.param(name="o", value=parts.rounded(o, 4)),
        alt.param(name="beliefs", value=parts.rounded(exact, 6)),  # the exact filter's
    )


def rows_of(model: world_model.WorldModel, o: torch.Tensor) -> list[dict]:
    """A row for each setting: what the model makes of either state, how it flips, and what it believes of each sequence."""
    with torch.no_grad():
        beliefs, prior = model(o)[0], model.prior()
    return [
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


def each_step(models: list[dict], *dimensions: str) -> alt.Chart:
    """A row for each step t of the chosen model, how far `ahead` of what is seen it is, and the belief at the last one seen."""
    steps = let(parts.rows(*models), t=f"sequence(1, {world_model.LENGTH + 1})").transform_flatten(["t"])
    for dimension in dimensions:
        steps = let(steps, **{dimension: f"sequence({FUTURES})"}).transform_flatten([dimension])
    steps = steps.transform_filter("datum.setting == setting")
    t, seen = field("t"), signal("seen")
    return let(steps, ahead=maximum(0, t - seen), own=at_the_last(field("b")))


def at_the_last(beliefs):
    """The belief of the chosen sequence at step t, or at the last one that was seen."""
    return beliefs[signal("sequence_number") - 1][minimum(field("t"), signal("seen")) - 1]


def predictions(models: list[dict]) -> alt.Chart:
    """A row for each step: the mean observation that the chosen model and the exact filter expect there."""
    steps = let(each_step(models), true=at_the_last(signal("beliefs")))
    ahead, m0, m1 = field("ahead"), field("m0"), field("m1")
    belief = world_model.forecast(field("own"), field("up"), field("down"), ahead)
    truth = world_model.forecast(field("true"), world_model.FLIP, world_model.FLIP, ahead)
    return let(steps, model=m0 + (m1 - m0) * belief, exact=2 * truth - 1)


def futures(models: list[dict]) -> alt.Chart:
    """A row for each step of each of FUTURES that the chosen model draws, from the last step seen.

    Its chain keeps its state, or with probability up + down draws a new one, which is 1 with probability up / (up + down).
    So the state is the one drawn last: the largest 2 * (step of the draw) + state so far, modulo 2.
    """
    rows = let(each_step(models, "path"), i=field("path") * world_model.LENGTH + field("t") - 1)
    rows = with_uniforms(rows.transform_filter("datum.t >= seen"), "u", "v", "w")
    ahead, change = field("ahead"), minimum(1, field("up") + field("down"))
    state = where(ahead == 0, where(field("w") < field("own"), 1, 0), where(field("v") < field("up") / change, 1, 0))
    drawn = where((ahead == 0) | (field("u") < change), 2 * field("t") + state, 0)
    rows = let(rows, drawn=drawn).transform_window(
        last="max(drawn)", groupby=["path"], sort=[alt.SortField("t")], frame=[None, 0]
    )
    return let(rows, value=where(field("last") % 2 == 1, field("m1"), field("m0")))


def errors(steps: alt.Chart) -> tuple[alt.Chart, dict]:
    """Root mean squares of what parts the model from the exact filter, over the steps that it sees and over the others."""
    apart, blind = (field("model") - field("exact")) ** 2, world_model.LENGTH - signal("seen")
    split = let(steps, watched=where(field("ahead") > 0, 0, apart), imagined=where(field("ahead") > 0, apart, 0))
    numbers = {
        "error, eyes open": parts.number(sqrt(field("watched") / signal("seen")), ".3f"),
        "error, imagining": parts.after_the_guess(
            parts.number(sqrt(field("imagined") / blind), ".3f")
        ),  # 0 / 0 when it sees all
    }
    return split.transform_aggregate(watched="sum(watched)", imagined="sum(imagined)"), numbers
