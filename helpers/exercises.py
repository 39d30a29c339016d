"""The exercises: answers, tolerances, and what each typical mistake looks like.

`ask("K1")` shows an exercise: on a page of the book as a field that answers at once, in a notebook as its question.
`check("K1", 0.2)` answers in a notebook. Both judge by the same rule and say the same words.
"""

from dataclasses import asdict, dataclass, field

from helpers import check as checks

MIME = "application/vnd.prl.exercise+json"


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

    def reply(self, value: float) -> str:
        """What to say to an answer. The script of the pages, book/exercises.js, follows the same rule."""
        value = checks.number("your answer", value)
        if abs(value - self.answer) <= self.tolerance:
            return f"Right: {self.answer:g}."
        for wrong, says in self.mistakes.items():
            if abs(value - wrong) <= self.tolerance:
                return f"Not yet. {says}"
        if abs(value + self.answer) <= self.tolerance:
            return "Not yet. The size is right; look at the sign."
        if self.answer and abs(value / self.answer - 1) < 0.03:
            return "Close. Give one or two digits more."
        return "Not yet. Try again, or open the solution."

    def _repr_mimebundle_(self, include=None, exclude=None):
        spec = asdict(self) | {"mistakes": list(self.mistakes.items())}
        plain = f"Exercise {self.code}. {self.question}\n\nAnswer with check({self.code!r}, your_number)."
        text = f"**Exercise {self.code}.** {self.question}\n\nAnswer with `check({self.code!r}, your_number)`."
        return {MIME: spec, "text/markdown": text, "text/plain": plain}


EXERCISES = {
    exercise.code: exercise
    for exercise in (
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
                1.0: "One is the spread of a single coordinate; the spread of the length of a long vector is 1 / √2.",
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
            "RT-1 puts 256 tokens on [-1, 1] and floors. Which token is 0?",
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
            "OpenVLA cuts the actions at their 1 % and 99 % quantiles and clips what lies beyond. What share of actions lands on the top id, k = 256, on the data that set the quantiles? Two decimals.",
            0.01,
            0.0006,
            {
                0.0039: "That would be 1 / 256, if the ids were used equally often. Clipping piles up the tail.",
                0.02: "That is both ends together.",
                0.0: "Only u = 1 exactly gives k = 256, but clipping sends the whole upper tail there.",
                0.99: "That is what lies below the quantile.",
            },
        ),
    )
}


def ask(code: str) -> Exercise:
    """The exercise with this code, shown when it is the last line of a cell. ValueError if there is none."""
    return EXERCISES[checks.one_of("code", code, EXERCISES)]


def check(code: str, value: float) -> None:
    """Prints whether `value` answers the exercise, and if not, what may have gone wrong. ValueError if it is no number."""
    print(ask(code).reply(value))
