"""The live charts of notebook 02: two policies, fifty runs, a mean that balances, one update, its baseline, GAE."""

import math

import altair as alt

from helpers.charts import parts
from helpers.charts.integrals import chosen
from helpers.charts.parts import let
from helpers.charts.scene import OUTCOME
from helpers.charts.uniforms import with_uniforms
from helpers.colors import CRASH, NEUTRAL, SERIES, P, Q
from helpers.namespace import exp, field, floor, maximum, signal, sqrt, where
from helpers.page.live import live_chart
from helpers.robot.cup_and_tray import HALF_WIDTH
from helpers.theory.densities import mass
from helpers.theory.estimators import bandit_moments, binomial, gae_moments, updated
from helpers.theory.modes import log_two_modes
from helpers.theory.passing import passing

TRIALS = 50  # of each policy, at most
OLD = SERIES[1]  # the colour of the policy that is compared with
ASKED = "n == 10 && mine == 0.1 && old == 0.3"  # what the guess of `two_policies` is about
NOT_AHEAD = {"2": "2 in 100", "19": "19 in 100", "45": "45 in 100"}
OFFSET = 0.6  # where the policy of `monte_carlo` aims, at both gates
RUNS = 50
LONGEST = 256  # trials of a run
MARKS = (1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256)  # where a run's mean is drawn
NEAR = 0.1  # how close to the mean a route counts as near it
POLICY = (0.5, 0.3, 0.2)  # of OUTCOMES, before the update of `one_update`
ARMS = 4
CROWD = {"few": "hardly any", "tenth": "one in ten", "third": "one in three"}
UNPAID = {"down": "it falls", "same": "nothing: it stays", "up": "it rises all the same"}
HALVED = {"32": "after 32", "64": "after 64", "256": "after 256"}
MOVED = {"mean": "the mean", "spread": "the spread", "both": "both"}
STEPS = 10  # of the episodes of `gae_lambda`
TRUST = {"0": "0: believe the critic", "0.5": "about 0.5", "0.95": "close to 1: believe the rewards"}


@live_chart()
def two_policies() -> alt.VConcatChart:
    """Two policies, mine and the old one, each tried n times: on the left the trials of one experiment, on the right how
    probable each share of crashes is. As it opens, mine crashes in 10 % of all cases and the old one in 30 %, and in ten
    trials of each they crashed once and three times. How often mine is ahead is shown once you have guessed it.
    """
    n, k = signal("n"), field("k")
    trials = with_uniforms(parts.counted(TRIALS), "u1", "u2").transform_filter("datum.i < n")
    trials = let(trials, mine=where(field("u1") < signal("mine"), 1, 0), old=where(field("u2") < signal("old"), 1, 0))
    pmfs = let(parts.counted(TRIALS + 1), k="datum.i").transform_filter("datum.k <= n")
    pmfs = let(pmfs, of_n="log_factorials[n]", of_k="log_factorials[datum.k]", rest="log_factorials[n - datum.k]")
    ways = field("of_n") - field("of_k") - field("rest")
    pmfs = let(pmfs, **{name: binomial(k, n, signal(name), ways) for name in ("mine", "old")})
    share, height = (
        parts.axis(alt.X, "share of its trials that crashed", -0.1, 1),
        parts.axis(alt.Y, "probability", 0, 0.6),
    )
    bars = let(pmfs, low=(k - 0.5) / n, high=(k + 0.5) / n, zero=0)
    cloud = lambda name, color: bars.mark_bar(color=color, opacity=0.55, clip=True).encode(
        x=share("low"), x2="high", y=height(name), y2="zero:Q"
    )
    clouds = alt.layer(cloud("old", OLD), cloud("mine", Q))
    both = pmfs.transform_window(up_to="sum(mine)", sort=[alt.SortField("k")], frame=[None, 0])
    both = let(both, tie=field("mine") * field("old"), behind=field("old") * (1 - field("up_to")))
    both = both.transform_aggregate(tie="sum(tie)", behind="sum(behind)")
    both = let(both, ahead=1 - field("tie") - field("behind"))
    percent = lambda name: parts.after_the_guess(parts.percent(field(name)))
    numbers = {
        "trials": parts.number(n, "d"),
        "mine ahead": percent("ahead"),
        "a tie": percent("tie"),
        "the old one ahead": percent("behind"),
    }
    return parts.sheet(
        parts.readouts(both, numbers),
        alt.vconcat(
            parts.pair(
                (one_experiment(trials), "One experiment: orange crashed, blue passed"),
                (clouds, "All experiments: mine (pink), the old one (brown)"),
            ),
            who_is_ahead(both),
        ),
        parts.guess("Ten trials each: how often is mine NOT ahead?", NOT_AHEAD, "19", ASKED),
        parts.slider("n", "trials of each", 10, 5, TRIALS, 5),
        parts.slider("mine", "mine crashes", 0.1, 0.05, 0.5, 0.05),
        parts.slider("old", "old one crashes", 0.3, 0.05, 0.5, 0.05),
        parts.another_run(2),
        alt.param(name="log_factorials", value=[round(math.lgamma(k + 1), 9) for k in range(TRIALS + 1)]),
    )


def one_experiment(trials: alt.Chart) -> alt.LayerChart:
    """The trials of either policy, ten to a line, and how many of them crashed: one row each, with mine and old, 1 for a crash."""
    i, counts = field("i"), trials.transform_aggregate(mine="sum(mine)", old="sum(old)")
    across = alt.X("column:Q", axis=None).scale(domain=[-0.7, 9.7], nice=False)
    down = alt.Y("row:Q", axis=None).scale(domain=[13, -1.2], nice=False)

    def of(name: str, words: str, top: float) -> alt.LayerChart:
        said = let(counts, column=-0.4, row=top, text=f"'{words}: ' + datum.{name} + ' of ' + n")
        placed = let(trials, column=i % 10, row=top + 1 + floor(i / 10), outcome=f"datum.{name} ? 'crashes' : 'passes'")
        return alt.layer(
            placed.mark_circle(size=130, opacity=0.9).encode(x=across, y=down, color=OUTCOME),
            said.mark_text(align="left", fontSize=12).encode(x=across, y=down, text="text:N"),
        )

    return alt.layer(of("mine", "mine", 0), of("old", "the old one", 7))


def who_is_ahead(both: alt.Chart) -> alt.LayerChart:
    """A bar as long as all experiments: mine ahead, a tie, the old one ahead; the guess is where mine stops being ahead."""
    x = parts.axis(alt.X, "of all experiments: mine ahead, a tie (grey), the old one ahead", 0, 1)
    scale = alt.Axis(format="%", tickCount=10)
    told = both.transform_filter(parts.GUESSED)
    pieces = let(told, zero=0, ends=1 - field("behind"), one=1)
    piece = lambda start, end, color: pieces.mark_bar(color=color, opacity=0.75).encode(x=x(start).axis(scale), x2=end)
    first = parts.waiting(middle=0.5).encode(x=x("middle").axis(scale))
    guess = parts.guessed({name: 1 - int(name) / 100 for name in NOT_AHEAD}).transform_filter(ASKED)
    guess = guess.encode(x=x("place").axis(scale))
    layers = (piece("zero", "ahead", Q), piece("ahead", "ends", NEUTRAL), piece("ends", "one", OLD), first, guess)
    return alt.layer(*layers).properties(width=parts.WIDE - 50, height=34)


@live_chart(play={"k": 5})
def monte_carlo() -> alt.VConcatChart:
    """Fifty runs of the same trials: the mean cost of each, 1 for a crash, 0 otherwise, as the trials go on, and how far from
    the truth they typically are. As it opens, 16 trials with a tremble of 0.25: the truth is 0.1550, and one standard error
    around it, the grey band, 0.0905. More trials than 16 are shown once you have guessed how many halve the band.
    """
    exact, i = signal("exact"), field("i")
    rows = with_uniforms(parts.counted(RUNS * LONGEST), "u")
    rows = let(rows, run=floor(i / LONGEST), n=i % LONGEST + 1, cost=where(field("u") < exact, 1, 0))
    rows = rows.transform_window(
        total="sum(cost)", groupby=["run"], sort=[alt.SortField("n")], frame=[None, 0]
    ).transform_filter("indexof(marks, datum.n) >= 0 && datum.n <= pow(2, seen)")
    rows = let(rows, mean=field("total") / field("n"))
    error = lambda n: sqrt(exact * (1 - exact) / n)
    n = alt.X("n:Q", title="trials N").scale(type="log", base=2, domain=[1, LONGEST])
    mean = parts.axis(alt.Y, "mean cost", 0, 0.6)
    runs = rows.mark_line(color=Q, strokeWidth=1, opacity=0.5, clip=True).encode(x=n, y=mean("mean"), detail="run:N")
    band = let(parts.counted(33), n="pow(2, datum.i / 4)").transform_filter("datum.n <= pow(2, seen)")
    band = let(band, error=error(field("n")))
    band = let(band, low=maximum(0, exact - field("error")), high=exact + field("error"))
    area = band.mark_area(color=NEUTRAL, opacity=0.35, clip=True).encode(x=n, y=mean("low"), y2="high:Q")
    truth = parts.one(truth=exact).mark_rule(strokeWidth=1.5, **parts.GUIDE).encode(y=mean("truth"))
    told = parts.told_guess("guess + ' trials'")
    left = alt.layer(area, runs, truth, told)
    missed = let(
        rows, square=(field("mean") - exact) ** 2, inside=where(abs(field("mean") - exact) <= error(field("n")), 1, 0)
    )
    missed = missed.transform_aggregate(square="mean(square)", inside="sum(inside)", groupby=["n"])
    missed = let(missed, error=sqrt(field("square")))
    y = alt.Y("error:Q", title="error, root mean square", axis=alt.Axis(values=[0.01, 0.03, 0.1, 0.3, 1]))
    y = y.scale(type="log", domain=[0.01, 1])
    dots = missed.mark_circle(color=Q, size=45, opacity=1, clip=True).encode(x=n, y=y)
    line = band.mark_line(**parts.GUIDE).encode(x=n, y=y)
    numbers = {
        "trials N": parts.number(field("n"), ","),
        f"of {RUNS} in band": parts.number(field("inside"), "d"),
        "their error": parts.number(field("error"), ".4f"),
        "the band": parts.number(error(field("n")), ".4f"),
    }
    return parts.sheet(
        parts.readouts(missed.transform_filter("datum.n == pow(2, seen)"), numbers),
        parts.pair(
            (left, "Fifty runs; band: one standard error"),
            (alt.layer(line, dots), "Their error (dots) and the band (dashed)"),
        ),
        parts.guess("After how many trials is the band half as wide?", HALVED, "64", "k >= 6"),
        parts.slider("k", "let them run", 4, 1, 8, 1),
        parts.slider("tremble", "tremble", 0.25, 0.15, 0.6, 0.05),
        parts.another_run(),
        alt.param(name="seen", expr=f"{parts.GUESSED} ? k : min(k, 4)"),  # the rest waits for the guess
        alt.param(name="marks", value=list(MARKS)),
        parts.param("exact", 1 - passing(OFFSET, OFFSET, signal("tremble"), HALF_WIDTH)),
    )


@live_chart()
def balance() -> alt.VConcatChart:
    """Where the demonstrations pass gate 1, as a weight on a beam, and the mean, where the beam balances; the obstacle is grey.
    As it opens, as many pass on the left as on the right, and the mean is 0, in the middle of the obstacle. With 70 % on
    the right it is 0.24. How many demonstrations pass within 0.1 of it is shown once you have guessed.
    """
    d, w, x_ = signal("d"), signal("w"), field("x")
    spread, mean = 0.1, signal("mean")
    x, y = (
        parts.axis(alt.X, "offset x₁ at gate 1", -1.4, 1.4),
        parts.axis(alt.Y, "density of the demonstrations", -0.7, 4.2),
    )
    box = parts.one(x=-HALF_WIDTH, x2=HALF_WIDTH, y=0, y2=4.2).mark_rect(color=NEUTRAL, opacity=0.3)
    curve = let(parts.line("x", -1.4, 1.4, 280), density=exp(log_two_modes(x_, d, w, spread)), zero=0)
    weight = curve.mark_area(color=P, opacity=0.5, line={"color": P}).encode(x=x("x"), y=y("density"), y2="zero")
    beam = parts.one(x=-1.3, x2=1.3, y=0).mark_rule(color=NEUTRAL, strokeWidth=4).encode(x=x("x"), x2="x2", y=y("y"))
    pivot = parts.one(x=mean, y=-0.28).mark_point(shape="triangle-up", filled=True, size=420, color=CRASH, opacity=1)
    at = lambda side: mass(mean - NEAR, mean + NEAR, side * d, spread)
    near = w * at(1) + (1 - w) * at(-1)
    numbers = {
        "mean left": parts.number(-d, ".2f"),
        "mean right": parts.number(d, ".2f"),
        "mean of all": parts.number(mean, ".2f"),
        f"within {NEAR}": parts.after_the_guess(parts.percent(near)),
    }
    told = parts.told_guess(CROWD, down=234)  # below the beam
    layers = (told, box.encode(x=x("x"), x2="x2", y=y("y"), y2="y2"), weight, beam, pivot.encode(x=x("x"), y=y("y")))
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.wide(alt.layer(*layers), "The mean is where the demonstrations balance"),
        parts.guess(f"How many pass within {NEAR} of the mean?", CROWD, "few", "w == 0.5 && d == 0.6"),
        parts.slider("w", "share right w", 0.5, 0, 1, 0.05),
        parts.slider("d", "offset d", 0.6, 0.3, 1, 0.05),
        parts.param("mean", w * d - (1 - w) * d),
    )


@live_chart()
def one_update() -> alt.VConcatChart:
    """One step of REINFORCE on a policy that goes left, right or waits with probabilities 0.5, 0.3 and 0.2: the push on each
    logit, and the policy before and after. As it opens, it waited and was paid 0; what becomes of its probabilities is shown
    once you have guessed. With a baseline above the reward, waiting becomes less probable.
    """
    tried = [signal(f"(tried == '{outcome}' ? 1 : 0)") for outcome in parts.OUTCOMES]
    paid = signal("r") - signal("b")
    push, after = updated(POLICY, tried, paid, signal("step"))
    by = lambda formulas: chosen("datum.outcome", dict(zip(parts.OUTCOMES, formulas, strict=True)))
    rows = parts.rows(*({"outcome": name, "before": share} for name, share in zip(parts.OUTCOMES, POLICY, strict=True)))
    rows = let(rows, push=by(push), after=by(after))
    known = rows.transform_filter(parts.GUESSED)
    outcome = alt.X("outcome:N", sort=list(parts.OUTCOMES), title=None, axis=alt.Axis(labelAngle=0))
    outcome = outcome.scale(domain=list(parts.OUTCOMES))  # also while some of the bars are hidden
    pushes, shares = parts.axis(alt.Y, "push on the logit", -1.7, 1.7), parts.axis(alt.Y, "probability", 0, 1)
    ground = parts.rows({"zero": 0}).mark_rule(color=NEUTRAL)
    own = let(rows.transform_filter("datum.outcome == tried"), high=1.25).mark_text(text="tried", fontSize=12)
    left = alt.layer(
        own.encode(x=outcome, y=pushes("high")),
        known.mark_bar(color=Q, size=34, clip=True).encode(x=outcome, y=pushes("push")),
        ground.encode(y=pushes("zero")),
    )
    pale = rows.mark_bar(color=Q, size=44, opacity=0.3).encode(x=outcome, y=shares("before"))
    tick = known.mark_bar(color=Q, size=20).encode(x=outcome, y=shares("after"))
    told = parts.told_guess(UNPAID, down=14)
    right = alt.layer(pale, tick, told)
    names = [f"P({outcome}) after" for outcome in parts.OUTCOMES]
    numbers = {"paid, less b": parts.number(paid, ".2f")} | {
        name: parts.after_the_guess(parts.number(share, ".3f")) for name, share in zip(names, after, strict=True)
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.pair((left, "How far each logit is pushed"), (right, "The policy before (pale) and after")),
        parts.guess(
            "“Wait” is paid 0. What happens to its probability?", UNPAID, "same", "tried == 'wait' && r == 0 && b == 0"
        ),
        parts.choice("tried", "it tried", list(parts.OUTCOMES), "wait"),
        parts.slider("r", "and was paid r", 0, -1, 2, 0.25),
        parts.slider("b", "baseline b", 0, -1, 2, 0.25),
        alt.param(name="step", value=0.75),  # the size of the step
    )


@live_chart(drag={"here": {"x": "b"}})
def baseline_variance() -> alt.VConcatChart:
    """REINFORCE on a bandit with four arms of which the first pays 1: on the left the mean gradient of each logit with one
    standard deviation, on the right its total variance against the baseline, a parabola. As it opens, no baseline, and the first arm
    is drawn with probability 0.4: total variance 0.115. What a baseline moves is shown once you have guessed it.
    """
    p, reward = [signal("p1")] + [signal("other")] * (ARMS - 1), [1] + [0] * (ARMS - 1)
    names, known = [f"arm {k + 1}" for k in range(ARMS)], f"(b == 0 || {parts.GUESSED})"
    by_arm = dict(zip(names, bandit_moments(p, reward, signal("b")), strict=True))
    arms = let(
        parts.rows(*({"arm": name} for name in names)),
        mean=chosen("datum.arm", {name: moments.mean for name, moments in by_arm.items()}),
        std=chosen("datum.arm", {name: sqrt(moments.variance) for name, moments in by_arm.items()}),
    )
    arms = let(arms, low=field("mean") - field("std"), high=field("mean") + field("std")).transform_filter(known)
    x, y = (
        alt.X("arm:N", title=None, axis=alt.Axis(labelAngle=0)).scale(domain=names),
        parts.axis(alt.Y, "gradient of the logit", -1.1, 1.1),
    )
    bars = arms.mark_bar(color=Q, opacity=0.8).encode(x=x, y=y("mean"))
    spread = arms.mark_rule(color=NEUTRAL, strokeWidth=2.5, clip=True).encode(x=x, y=y("low"), y2="high:Q")
    total = lambda b: sum(moments.variance for moments in bandit_moments(p, reward, b))
    x, y = parts.axis(alt.X, "baseline b", -0.5, 1.5)("at"), parts.axis(alt.Y, "total variance", 0, 1.2)("variance")
    curve = let(parts.line("at", -0.5, 1.5, 120), variance=total(field("at"))).transform_filter(parts.GUESSED)
    here = parts.one(at="b", variance=total(signal("seen")))
    told = parts.told_guess(MOVED, right=150)
    wait = parts.waiting(at=0.5, variance=0.8).encode(x=x, y=y)
    usual = parts.one(at="p1").mark_rule(strokeWidth=1.5, **parts.GUIDE).encode(x=x)
    parabola = alt.layer(
        usual,
        curve.mark_line(color=Q, strokeWidth=2, clip=True).encode(x=x, y=y),
        here.mark_point(color=Q, **parts.DOT).encode(x=x, y=y).properties(name="here"),
        wait,
        told,
    )
    numbers = {
        "mean, arm 1": parts.once(known, parts.number(by_arm["arm 1"].mean, ".4f")),
        "total variance": parts.once(known, parts.number(total(signal("b")), ".4f")),
    }
    return parts.sheet(
        parts.readouts(parts.one(), numbers),
        parts.pair(
            (alt.layer(bars, spread), "Mean of the gradient, and one spread"),
            (parabola, "Total variance; dashed: b = mean reward"),
            height=parts.SIDE - 40,
        ),
        parts.guess("Which of the two does a baseline change?", MOVED, "spread"),
        parts.slider("b", "baseline b", 0, -0.5, 1.5, 0.05),
        parts.slider("p1", "P(arm 1)", 0.4, 0.05, 0.95, 0.05),
        parts.param("other", (1 - signal("p1")) / (ARMS - 1)),
        alt.param(name="seen", expr=f"{parts.GUESSED} ? b : 0"),  # how high the dot stands waits for the guess
    )


@live_chart()
def gae_lambda() -> alt.VConcatChart:
    """Generalised advantage estimation over ten steps with a critic that misjudges every state on the left: squared bias,
    variance, and their sum, against lambda. As it opens, lambda 0.80, a critic's error of 1 and noise 0.3. At lambda 0 the bias is nearly the critic's error; at lambda 1 it is 0 and the noise of all ten rewards adds up.
    The numbers, the curves and the best lambda are shown once you have guessed it.
    """
    bias, variance = gae_moments(field("at"), *map(signal, ("discount", "critic", "noise")), STEPS)

    def moments(rows: alt.Chart) -> alt.Chart:
        rows = let(let(rows, bias=bias, variance=variance), square=field("bias") ** 2)
        return let(rows, total=field("square") + field("variance"))

    grid, here = moments(parts.line("at", 0, 1, 100)), moments(parts.one(at="lam"))
    guess = parts.guessed({name: float(name) for name in TRUST})
    first = parts.waiting(at=0.4, total=1.6)
    words = {"square": "bias²", "variance": "variance", "total": "their sum, the squared error"}
    x = alt.X("at:Q", title="λ", axis=alt.Axis(tickCount=10)).scale(domain=[0, 1])
    y = parts.axis(alt.Y, "squared units of reward", 0, 2.5)
    color = parts.series_color(words)
    line = lambda chart, name: chart.mark_line(strokeWidth=2.2, clip=True).encode(x=x, y=y(name), color=color)
    dot = lambda chart, name: chart.mark_point(clip=True, **parts.DOT).encode(x=x, y=y(name), color=color)
    curves = parts.series(grid.transform_filter(parts.GUESSED), words, line)
    dots = parts.series(here.transform_filter(parts.GUESSED), words, dot)
    rule = here.mark_rule(**parts.GUIDE).encode(x=x)
    least = grid.transform_aggregate(least="argmin(total)")
    numbers = {
        "λ": parts.number("lam", ".2f"),
        "bias": parts.after_the_guess(parts.number(field("bias"), ".3f")),
        "spread": parts.after_the_guess(parts.number(sqrt(field("variance")), ".3f")),
        "total error": parts.after_the_guess(parts.number(sqrt(field("total")), ".3f")),
        "best λ": parts.after_the_guess(parts.number(field("best"), ".2f")),
    }
    return parts.sheet(
        parts.readouts(moments(let(least, at="lam", best="datum.least.at")), numbers),
        parts.wide(
            alt.layer(guess.encode(x=alt.X("place:Q")), first.encode(x=x, y=y("total")), rule, curves, dots),
            "The estimated advantage of going left, which is truly 0",
        ),
        parts.guess(
            "The critic is wrong by 1. Which λ has the least error?",
            TRUST,
            "0.95",
            "critic == 1 && noise == 0.3 && discount == 0.99",
        ),
        parts.slider("lam", "λ", 0.8, 0, 1, 0.01),
        parts.slider("critic", "critic’s error", 1, -1.5, 1.5, 0.1),
        parts.slider("noise", "noise of a reward", 0.3, 0.05, 0.5, 0.05),
        parts.slider("discount", "discount γ", 0.99, 0.5, 1, 0.01),
    )
