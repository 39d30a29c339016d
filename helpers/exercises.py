"""The exercises: answers, tolerances, and what each typical mistake looks like.

`ask("K1")` shows an exercise: on a page of the book as a field that answers at once, in a notebook as its question.
`check("K1", 0.2)` answers in a notebook. Both judge by the same rule and say the same words. `fold("...")` shows computed
answers where nobody sees them by chance.
"""

import html
import math
import re
from dataclasses import asdict, dataclass, field

from IPython.display import display

from helpers.mime import EXERCISE

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.I)
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
NO_NUMBER = "Type a number, such as 0.25 or 1/4."


def readings(text: str) -> list[float]:
    """The numbers that `text` may mean: 3,989 is 3989 or 3.989. None if it is no number.

    A fraction, a percentage, a minus sign of print, a decimal comma and spaces or commas between thousands are read.
    """
    plain = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3})", "", text.strip().replace("−", "-"))
    scale = 0.01 if plain.endswith("%") else 1.0
    plain = plain.removesuffix("%").strip()
    versions = [plain.replace(",", "")] if THOUSANDS.fullmatch(plain) else []
    versions += [plain.replace(",", ".")] if plain.count(",") < 2 else []
    found = []
    for version in versions:
        parts = version.split("/")
        if len(parts) > 2 or not all(NUMBER.fullmatch(part.strip()) for part in parts):
            continue
        top, bottom = float(parts[0]), float(parts[1]) if len(parts) == 2 else 1.0
        found += [scale * top / bottom] if bottom and math.isfinite(top / bottom) else []
    return found


@dataclass(frozen=True)
class Exercise:
    """A question with one number as its answer.

    tolerance: how far off an answer may be, in the answer's own unit: half a unit of the last digit asked for.
    mistakes: what a typical mistake gives, and the sentence that names it.
    """

    code: str
    question: str
    answer: float
    tolerance: float
    mistakes: dict[float, str] = field(default_factory=dict)

    def reply(self, value) -> str:
        """What to say to an answer, a number or its text. The script of the pages, book/exercises.js, says the same."""
        try:
            values = readings(value) if isinstance(value, str) else [float(value)]
        except (TypeError, ValueError, RuntimeError):
            values = []
        replies = [self.judge(value) for value in values if math.isfinite(value)]
        return min(replies)[1] if replies else NO_NUMBER

    def judge(self, value: float) -> tuple[int, str]:
        """How far down the list of cases the first that fits stands, and its words."""
        near = lambda goal, share=0.0: abs(value - goal) <= max(self.tolerance, share * abs(goal))
        if near(self.answer):
            return 0, f"Right: {self.answer:.15g}."
        for wrong, says in sorted(self.mistakes.items(), key=lambda item: abs(value - item[0])):
            alike = abs(wrong - self.answer) <= 0.01 * abs(wrong)  # too near to the answer to be read generously
            if near(wrong, 0 if alike else 0.01):
                return 1, f"Not yet. {says}"
        if near(-self.answer):
            return 2, "Not yet. The size is right; look at the sign."
        whole = self.answer == int(self.answer) and self.tolerance >= 0.2
        if not whole and value and any(abs(value - rounded(self.answer, digits)) < 1e-12 for digits in range(6)):
            return 3, "Close. Give more digits."
        if not whole and self.answer and abs(value / self.answer - 1) < 0.03:
            return 4, "Not yet, but within 3 %. Look for a small slip."
        return 5, "Not yet. Try again, or open the solution."

    def _repr_mimebundle_(self, include=None, exclude=None):
        spec = asdict(self) | {"mistakes": list(self.mistakes.items())}
        plain = f"Exercise {self.code}. {self.question}\n\nAnswer with check({self.code!r}, your_number)."
        return {EXERCISE: spec, "text/markdown": f"**Exercise {self.code}.** {self.question}", "text/plain": plain}


def rounded(value: float, digits: int) -> float:
    """`value` with that many decimals, halves away from below, as a page's script rounds."""
    return math.floor(value * 10**digits + 0.5) / 10**digits


def by_code(*exercises: Exercise) -> dict[str, Exercise]:
    """{code: exercise}. Raises ValueError if two have the same code."""
    codes = [exercise.code for exercise in exercises]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise ValueError(f"two exercises are called {', '.join(twice)}; expected a code of its own for each.")
    return dict(zip(codes, exercises, strict=True))


EXERCISES = by_code(
    Exercise(
        "V1",
        "How high is the peak of the density of N(0, 0.1²)? Three decimals.",
        3.989,
        0.0006,
        {
            0.399: "That is the peak of N(0, 1). A spread ten times smaller makes the peak ten times higher.",
            39.894: "You divided by the variance; the density divides by the standard deviation.",
            1.262: "You took 0.1 for the variance; here the standard deviation is 0.1.",
            1.0: "A density is not a probability, so nothing keeps it at or below 1.",
        },
    ),
    Exercise(
        "V1b",
        "What is P(|x| < 0.1) for the same density? Four decimals.",
        0.6827,
        0.00006,
        {
            0.8413: "That is P(x < 0.1), with the whole left tail.",
            0.3413: "That is one side only, from 0 to 0.1.",
            0.9545: "That is two standard deviations to either side.",
            0.7979: "That is the peak times the width; the density is not flat.",
        },
    ),
    Exercise(
        "V2",
        "π0 starts from noise of 50 × 32 independent standard normal numbers. How long is that vector, on average? One decimal.",
        40.0,
        0.06,
        {
            1600.0: "That is the mean of the squared length. Take the square root.",
            7.1: "You counted only the 50 time steps.",
            5.7: "You counted only the 32 dimensions.",
            0.0: "Zero is the length of the mean vector; the mean of the lengths is something else.",
        },
    ),
    Exercise(
        "V2b",
        "And the standard deviation of that length? Two decimals.",
        0.71,
        0.011,
        {
            40.0: "That is the mean length.",
            1.0: "One is the spread of a single coordinate. For the length, divide the spread of its square by the slope of the square.",
            56.57: "That is the standard deviation of the squared length, √(2 · 1600).",
        },
    ),
    Exercise(
        "V3",
        "Draw x₁ and x₂ each from its own marginal, with w = 0.5. With what probability do they differ in sign? Two decimals.",
        0.5,
        0.006,
        {
            0.25: "That is one of the two corners, left then right. There is also right then left.",
            0.0: "That is the joint density. The marginals forget which way went with which.",
            1.0: "Half of the time the two choices agree by chance.",
        },
    ),
    Exercise(
        "V4",
        "RT-1 puts 256 tokens, 0 to 255, on [-1, 1]: it takes the floor of 255 times the share of the range below the action. Which token does the action 0 get?",
        127,
        0.2,
        {
            128: "You rounded, or spread 256 intervals: RT-1 takes floor(0.5 · 255).",
            127.5: "Right so far; RT-1 takes the floor.",
            126: "Count from zero: the lowest token is 0.",
        },
    ),
    Exercise(
        "V4b",
        "To what does that token decode? Five decimals.",
        -0.00392,
        0.000006,
        {
            0.0: "RT-1 decodes to the left edge of the interval, token / 255, not to its centre.",
            -0.00781: "You divided by 256; RT-1 divides by 255.",
            0.49804: "That is the share of the range, 127 / 255. Map it back to [-1, 1].",
        },
    ),
    Exercise(
        "V5",
        "OpenVLA cuts the actions at their 1 % and 99 % quantiles and clips what lies beyond. What fraction of the actions lands in the top bin, k = 256, on the data that set the quantiles? Two decimals.",
        0.01,
        0.0006,
        {
            0.0039: "That would be 1 / 256, if the bins were used equally often. Clipping piles up the tail.",
            0.02: "That is both ends together.",
            0.0: "Only u = 1 exactly gives k = 256, but clipping sends the whole upper tail there.",
            0.99: "That is what lies below the quantile.",
        },
    ),
    Exercise(
        "E1",
        "A policy goes left, right or waits with probabilities (0.5, 0.3, 0.2), at costs (0, 1, 4). What does it cost on average if the action is sampled? One decimal.",
        1.1,
        0.006,
        {
            1.667: "You averaged the costs without their probabilities.",
            0.0: "That is the cost of the most probable action, left.",
            3.5: "That is the mean of the squared cost.",
        },
    ),
    Exercise(
        "E1b",
        "And the variance of that cost? Two decimals.",
        2.29,
        0.006,
        {
            3.5: "That is the mean of the squared cost. Take away the square of the mean.",
            1.513: "That is the standard deviation.",
            2.889: "You gave the three actions equal probabilities.",
        },
    ),
    Exercise(
        "E1c",
        "You measure the mean cost from 64 independent trials. How large is its standard error? Three decimals.",
        0.189,
        0.0006,
        {
            1.513: "That is the standard deviation of one trial.",
            0.0358: "That is the variance of the mean. Take the square root.",
            0.0236: "You divided by N; the error falls with √N.",
        },
    ),
    Exercise(
        "E1d",
        "The policy is deployed greedily: it always takes its most probable action. What does it cost?",
        0.0,
        0.006,
        {
            1.1: "That is the mean cost of sampling.",
            4.0: "That is the cost of waiting, the least probable action.",
            0.5: "That is the probability of going left, not its cost.",
        },
    ),
    Exercise(
        "E2",
        "The demonstrator passes left (y = 0) with probability 0.3 and right (y = 1) with 0.7. The mean reward is 2 on the left and −1 on the right. What is the mean reward?",
        -0.1,
        0.006,
        {
            0.5: "You averaged the two without their probabilities.",
            1.1: "You swapped the two probabilities.",
            1.3: "You lost the minus of the right side.",
        },
    ),
    Exercise(
        "E3",
        "Four arms, a uniform softmax policy, reward 1 on the first arm and 0 on the others, no baseline. What is the total variance of REINFORCE's gradient in the logits, summed over the four? Four decimals.",
        0.140625,
        0.00006,
        {
            0.1875: "That is the mean squared length. Take away the squared length of the mean.",
            0.1055: "That is the variance of the first component only.",
            0.0469: "That is the squared length of the mean gradient.",
            0.375: "That is the square root of the total variance.",
        },
    ),
    Exercise(
        "E3b",
        "And with the mean reward, b = 0.25, as the baseline? Five decimals.",
        0.09375,
        0.000006,
        {
            0.140625: "That is with no baseline; it is also the mean squared length here, before the squared mean is taken away.",
            0.058594: "You left out the arms that pay nothing: with a baseline their advantage is −0.25.",
            0.046875: "That is the squared length of the mean gradient, which no baseline changes.",
        },
    ),
    Exercise(
        "E3c",
        "And with a bad baseline, b = 10? Two decimals.",
        71.3906,
        0.006,
        {
            71.4375: "That is the mean squared length. Take away the squared length of the mean.",
            0.1406: "That is with no baseline. The mean of the gradient does not change, but its variance does.",
            15.1406: "You left out the arms that pay nothing: with this baseline their advantage is −10.",
        },
    ),
    Exercise(
        "E4",
        "Demonstrations are at −1 (70 %) and at 1 (30 %). Which one action has the smallest mean squared error to them?",
        -0.4,
        0.006,
        {
            -1.0: "That is best for the absolute error: the median.",
            0.0: "That is the middle of the two, as if they were equally frequent.",
        },
    ),
    Exercise(
        "E4b",
        "And which one has the smallest mean absolute error?",
        -1.0,
        0.006,
        {
            -0.4: "That is best for the squared error: the mean.",
            0.0: "That is the middle of the two, as if they were equally frequent.",
        },
    ),
    Exercise(
        "H1",
        "p = (0.7, 0.2, 0.1) and q = (0.4, 0.4, 0.2). What is the entropy H(p), in nats? Four decimals.",
        0.8018,
        0.00006,
        {
            1.1568: "That is in bits. Natural logarithms give nats.",
            1.0549: "That is H(q).",
            0.3482: "That is with logarithms to base 10.",
            -0.8018: "The size is right; the sign in front of the sum is a minus.",
        },
    ),
    Exercise(
        "H1b",
        "And the cross-entropy H(p, q)? Four decimals.",
        0.9856,
        0.00006,
        {
            1.2470: "That is H(q, p): the average is taken under the first argument, here p.",
            0.1838: "That is the gap, H(p, q) − H(p): the KL divergence.",
            1.4219: "That is in bits. Natural logarithms give nats.",
            0.8018: "That is H(p), the surprise if you had the right distribution.",
        },
    ),
    Exercise(
        "H1c",
        "And H(q, p)? Four decimals.",
        1.2470,
        0.00006,
        {
            0.9856: "That is H(p, q). Cross-entropy is not symmetric.",
            0.1920: "That is the gap, H(q, p) − H(q).",
            1.7990: "That is in bits. Natural logarithms give nats.",
        },
    ),
    Exercise(
        "H2",
        "A PMF is uniform over 256 bins. What is its entropy in nats? Three decimals.",
        5.545,
        0.0006,
        {
            8.0: "That is in bits: 2 to the 8 is 256. In nats it is the natural logarithm.",
            2.408: "That is the logarithm to base 10.",
            0.004: "That is the probability of one bin, 1 / 256.",
            256.0: "That is exp(H), the number of choices.",
        },
    ),
    Exercise(
        "H2b",
        "And uniform over the 32,064 logits of OpenVLA, in nats? Three decimals.",
        10.375,
        0.0006,
        {
            14.969: "That is in bits. Natural logarithms give nats.",
            10.373: "That is for 32,000: the vocabulary without its padding.",
            4.506: "That is the logarithm to base 10.",
        },
    ),
    Exercise(
        "H3",
        "A teacher passes left with probability 0.7 and right with 0.3, in the very same scene. How low can the cross-entropy of any policy get, in nats? Four decimals.",
        0.6109,
        0.00006,
        {
            0.0: "That takes a teacher who always does the same.",
            0.3567: "That is −log 0.7: a policy that is right on the left passes only. Weigh both ways.",
            0.6931: "That is log 2, the floor of a 50/50 teacher.",
            0.8813: "That is in bits. Natural logarithms give nats.",
            0.42: "That is 1 − 0.7² − 0.3², the chance that two draws differ.",
        },
    ),
    Exercise(
        "H4",
        "Logits (2, 0, 0), target 0. What is the derivative of −log q(target) with respect to the first logit? Three decimals.",
        -0.213,
        0.0006,
        {
            0.213: "The size is right; look at the sign: the gradient is q − p, and p is 1 at the target.",
            0.787: "That is q of the target. The gradient is q − p.",
            0.107: "That is the derivative in the second logit.",
            -1.0: "Without the softmax's normaliser, yes. It depends on the logits too.",
            -0.787: "You have the sign of −q; the gradient is q − 1 at the target.",
        },
    ),
    Exercise(
        "H5",
        "A lateral offset, in metres, is N(0, 0.1²). What is its differential entropy, in nats? Three decimals.",
        -0.884,
        0.0006,
        {
            0.884: "The size is right; look at the sign: a differential entropy can be negative.",
            1.419: "That is of N(0, 1).",
            0.268: "You took 0.1 for the variance; here the standard deviation is 0.1.",
            -1.384: "You left out the e: it is log(2πe σ²) / 2.",
            -1.275: "That is in bits. Natural logarithms give nats.",
        },
    ),
    Exercise(
        "H5b",
        "The same offset in millimetres: what is its differential entropy now? Three decimals.",
        6.024,
        0.0006,
        {
            -0.884: "The density is a thousand times wider and lower now, so its logarithm changes.",
            -7.791: "You subtracted log 1000. Wider means more spread out.",
            -884.0: "An entropy does not scale; it shifts, by log 1000.",
            12.932: "You added log 1000 twice: it is σ that grows a thousandfold, not its square root.",
        },
    ),
    Exercise(
        "K1",
        "p = (0.7, 0.2, 0.1) and q = (0.4, 0.4, 0.2). What is D(p‖q), in nats? Four decimals.",
        0.1838,
        0.00006,
        {
            0.1920: "That is the other direction, D(q‖p).",
            0.2651: "That is in bits. Natural logarithms give nats.",
            0.9856: "That is the cross-entropy H(p, q). Take away H(p).",
            0.0798: "That is with logarithms to base 10.",
        },
    ),
    Exercise(
        "K1b",
        "And D(q‖p)? Four decimals.",
        0.1920,
        0.00006,
        {
            0.1838: "That is D(p‖q). The two are close here, and not equal.",
            0.2770: "That is in bits. Natural logarithms give nats.",
            1.2470: "That is the cross-entropy H(q, p). Take away H(q).",
        },
    ),
    Exercise(
        "K2",
        "Fit one Gaussian to p = 0.7 N(−1, 0.25²) + 0.3 N(1, 0.25²) by the forward KL. What is its mean? One decimal.",
        -0.4,
        0.006,
        {
            0.0: "That is the middle between the modes, as if they were equally heavy.",
            -1.0: "That is the heavier mode: the answer of the reverse KL.",
        },
    ),
    Exercise(
        "K2b",
        "And its standard deviation? Two decimals.",
        0.95,
        0.006,
        {
            0.9025: "That is the variance.",
            0.25: "That is the spread of one mode: the answer of the reverse KL.",
            0.9165: "That is the spread of the two means. Each mode has a spread of its own besides.",
            0.84: "That is the variance of the two means.",
            1.0308: "That is the root of the mean square. Take away the square of the mean first.",
        },
    ),
    Exercise(
        "K2c",
        "How far is that Gaussian from p, as D(p‖q), in nats? Three decimals.",
        0.7242,
        0.0006,
        {
            1.3676: "That is the cross-entropy H(p, q). Take away H(p).",
            1.3350: "You took the entropy of one mode for that of p, which has 0.611 more, the choice.",
            0.6109: "That is the entropy of the choice between left and right.",
            1.0448: "That is in bits. Natural logarithms give nats.",
        },
    ),
    Exercise(
        "K2d",
        "Now by the reverse KL, started on the left: q is that mode. What is D(q‖p), in nats? Three decimals.",
        0.3567,
        0.0006,
        {
            1.2040: "That is for the mode on the right, −log 0.3.",
            0.7: "That is the share of the mode; its −log is asked for.",
            0.5146: "That is in bits. Natural logarithms give nats.",
            0.6109: "That is the entropy of the choice, a mean over both modes; q knows one only.",
        },
    ),
    Exercise(
        "K2e",
        "And started on the right? Three decimals.",
        1.2040,
        0.0006,
        {
            0.3567: "That is for the mode on the left, −log 0.7.",
            0.3: "That is the share of the mode; its −log is asked for.",
            1.7370: "That is in bits. Natural logarithms give nats.",
        },
    ),
    Exercise(
        "K3",
        "What is D(N(0, 0.5²) ‖ N(0, 1)), in nats? Four decimals.",
        0.3181,
        0.00006,
        {
            0.8069: "That is the other direction.",
            0.0966: "You took 0.5 for the variance; here the standard deviation is 0.5.",
            0.4590: "That is in bits. Natural logarithms give nats.",
        },
    ),
    Exercise(
        "K3b",
        "And D(N(0, 1) ‖ N(0, 0.5²))? Four decimals.",
        0.8069,
        0.00006,
        {
            0.3181: "That is the other direction.",
            0.1534: "You took 0.5 for the variance; here the standard deviation is 0.5.",
            1.1640: "That is in bits. Natural logarithms give nats.",
        },
    ),
    Exercise(
        "K4",
        "At each of 50 steps a policy slips with probability 0.01, and once off course it stays there. How many steps does it spend off course on average, the step of the slip included? Two decimals.",
        10.90,
        0.006,
        {
            12.5: "That is the rule of thumb, ε T² / 2. It counts the lost steps again when a lost robot slips again.",
            12.75: "You added up all slips. A robot that is off course already cannot leave it once more.",
            0.5: "That is with recovery: one step per slip.",
            10.501: "You began to count at the step after the slip.",
            0.395: "That is the probability of slipping at all.",
        },
    ),
    Exercise(
        "Z1",
        "A linear β-VAE for data of variance 1 has a decoder of variance 0.1. From which β on has it collapsed?",
        10.0,
        0.06,
        {
            0.1: "That is σ² / S. The code vanishes when βσ² reaches S.",
            100.0: "You took 0.1 for the standard deviation; here it is the variance.",
            1.0: "β = 1 is the ELBO: there the rate is still 1.15 nats.",
        },
    ),
    Exercise(
        "Z2",
        "What is the rate of the same model at β = 4, in nats? Four decimals.",
        0.4581,
        0.00006,
        {
            0.6610: "That is in bits. Natural logarithms give nats.",
            0.9163: "You left out the one half: R = log(S / Δ) / 2.",
            1.1513: "That is at β = 1.",
        },
    ),
    Exercise(
        "Z3",
        "A categorical latent of 32 classes is mixed with 1 % of the uniform PMF, and so is its prior. How large can the KL between the two get, in nats? Two decimals.",
        7.98,
        0.006,
        {
            3.47: "That is log 32, the distance of a certain choice from the uniform PMF.",
            8.06: "Nearly: that is the log ratio. Weigh it with the difference of the two probabilities, 0.99.",
            11.51: "That is in bits. Natural logarithms give nats.",
        },
    ),
    Exercise(
        "Z4",
        "The miniature's latent has two values, and its untrained prior gives one half to each. How large can the KL of a posterior from it get, in nats? Ignore the unimix. Three decimals.",
        0.693,
        0.0006,
        {
            1.0: "That is in bits. Natural logarithms give nats.",
            2.0: "That is the number of values.",
            0.5: "That is the prior's probability; its −log is what a certain posterior pays.",
        },
    ),
    Exercise(
        "Z5",
        "ACT adds 10 times the KL to the mean absolute error over a chunk of 100 steps of 14 numbers. The log-likelihood of a unit-scale Laplace density is, up to a constant, minus the sum of the absolute errors. Rescale ACT's loss to that sum: what weight has the KL?",
        14000,
        0.5,
        {
            10.0: "That is the weight as written. The mean divides the reconstruction by 1,400.",
            1400: "That is the factor between sum and mean. The 10 comes on top.",
            140: "You left out the 100 steps.",
            1000: "You left out the 14 numbers.",
        },
    ),
    Exercise(
        "O1",
        "Bridge, y, from q01 = −41.703 mm to q99 = 40.855 mm: the action is +4.2 mm. Which token id does OpenVLA give it?",
        31858,
        0.4,
        {
            142: "That is the bin, k. The token id is 32000 − k.",
            31859: "You counted the bins from 0; NumPy's digitize begins at 1 here.",
            31852: "That is +4.2 mm in x.",
            31884: "That is −4.2 mm in y.",
        },
    ),
    Exercise(
        "O1b",
        "To how many millimetres does that token decode? Three decimals.",
        4.109,
        0.0006,
        {
            3.947: "That is the left edge of the interval; OpenVLA decodes to its middle.",
            4.270: "That is the right edge of the interval; OpenVLA decodes to its middle.",
            4.2: "That is the action itself. A token stands for a whole interval.",
        },
    ),
    Exercise(
        "O2",
        "How large can the error get for an action in y inside its range, in millimetres? Four decimals.",
        0.1619,
        0.00006,
        {
            0.1612: "You divided the range by 256; there are 255 intervals.",
            0.3238: "That is a whole interval; the middle is at most half of it away.",
            0.0039: "That is in normalised units.",
            41.279: "That is half of the whole range.",
        },
    ),
    Exercise(
        "O3",
        "The seven action tokens have a cross-entropy of 1.2 each, the end token 0.001. What loss does OpenVLA's training report? Three decimals.",
        1.050,
        0.0006,
        {
            1.2: "That is the mean over the seven action tokens. The end token is supervised too: eight in all.",
            8.401: "That is the sum. The loss is a mean.",
            0.6005: "You took the mean of two numbers; there are seven of the first.",
        },
    ),
    Exercise(
        "O4",
        "The softmax gives 0.9 of its mass to action ids. By how much does the loss exceed that of a masked softmax, in nats? Four decimals.",
        0.1054,
        0.00006,
        {
            0.1520: "That is in bits. Natural logarithms give nats.",
            0.1: "That is the missing mass; its cost is −log 0.9.",
            2.3026: "That is −log 0.1. The action ids hold the other 0.9.",
            0.0458: "That is with logarithms to base 10.",
        },
    ),
    Exercise(
        "O5",
        "The model emits id 100, which is no action. To which normalised value does OpenVLA decode it? Five decimals.",
        0.99608,
        0.000006,
        {
            1.0: "It is clipped to the top bin, and a bin decodes to its middle.",
            -0.99608: "Low ids lie at the top of the range: the id is 32000 − k.",
            0.0: "Nothing is refused or neutral: the id is clipped to the nearest bin.",
        },
    ),
)


def ask(code: str) -> Exercise:
    """The exercise with this code, shown when it is the last line of a cell. ValueError if there is none."""
    if code not in EXERCISES:
        raise ValueError(f"there is no exercise {code!r}; expected one of {', '.join(EXERCISES)}.")
    return EXERCISES[code]


def check(code: str, *value) -> None:
    """Prints whether `value` answers the exercise, and if not, what may have gone wrong; nothing as long as it is `...`.

    value: a number, or its text ("3,989", "1/4"). What cannot be judged is answered by a sentence, not by an error.
    """
    if value == (...,):
        return
    if code not in EXERCISES:
        print(f"There is no exercise {code!r}. There are {', '.join(EXERCISES)}.")
    elif len(value) == 2:
        print(f'Python needs a point: check("{code}", {value[0]}.{value[1]})')
    else:
        print(EXERCISES[code].reply(value[0]) if value else NO_NUMBER)


def fold(*lines: str) -> None:
    """Displays lines below a click. JupyterLab opens the folded outputs of a cell that runs, and these stay folded."""
    text = "\n".join(lines)
    markup = f"<details><summary>The answer, computed</summary><pre>{html.escape(text, quote=False)}</pre></details>"
    display({"text/html": markup, "text/plain": text}, metadata={"text/html": {"fold": True}}, raw=True)
