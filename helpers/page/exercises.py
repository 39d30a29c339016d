"""The exercises: what they ask is data, one file a notebook in helpers/page/questions/; how an answer is judged is here.

The answer is a number, or one of several options by its number.

`ask("K4")` shows an exercise: on a page of the book as a field that answers at once, in a notebook as its question.
`check("K4", 0.2)` answers in a notebook. Both judge by the same rule and say the same words. `fold("...")` shows computed
answers where nobody sees them by chance.
"""

import html
import math
import tomllib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from IPython.display import display

from helpers.page.arithmetic import readings, value_of
from helpers.page.mime import EXERCISE

QUESTIONS = Path(__file__).with_name("questions")
DECIMALS = {  # how a question ends, and how far off an answer may be: half a unit of the last digit, and a little more
    None: ("", 0.006),  # the answer comes out even; it is judged to two decimals
    0: ("", 0.2),  # a whole number and no other, not even a half
    1: (" One decimal.", 0.06),
    2: (" Two decimals.", 0.006),
    3: (" Three decimals.", 0.0006),
    4: (" Four decimals.", 0.00006),
    5: (" Five decimals.", 0.000006),
}
NO_NUMBER = "Type a number, such as 0.25, 1/4 or ln 2."


@dataclass(frozen=True)
class Mistake:
    """What a typical mistake gives, and the sentence that names it."""

    value: float
    reply: str


@dataclass(frozen=True)
class Drawn:
    """What changes from one draw of an exercise to the next: {name} stands for a number in the question and the expressions.

    answer, mistakes: as people type numbers, "-{p} ln {p}". numbers: {name: its values}, of which draw k takes the kth, in a circle.
    """

    question: str
    answer: str
    mistakes: dict[str, dict[str, str]]
    numbers: dict[str, list[float]]

    def number(self, k: int, expression: str, decimals: int) -> float:
        """The expression's value in draw k, rounded as it is asked for."""
        return rounded(value_of(self.text(k, expression, "({:.15g})")), decimals)

    def text(self, k: int, template: str, form: str = "{:.15g}") -> str:
        """The template with the numbers of draw k."""
        for name, values in self.numbers.items():
            template = template.replace(f"{{{name}}}", form.format(values[k % len(values)]))
        return template


@dataclass(frozen=True)
class Exercise:
    """A question with one number as its answer, or with options of which one is right.

    page: the notebook that asks it, such as "01_distributions".
    answer: the number, or that of the right option, counted from 1.
    arguments: {name: kind} if the options are lines of code; in a notebook the answer is then a function of these.
    drawn: where other numbers may be asked for, what is drawn.
    decimals: how many the answer needs, a key of DECIMALS.
    mistakes: {a name for tests: the mistake}; of each wrong option there is one.
    """

    page: str
    code: str
    question: str
    answer: float
    mistakes: dict[str, Mistake]
    decimals: int | None = None
    options: tuple[str, ...] = ()
    arguments: dict[str, str] = field(default_factory=dict)
    drawn: Drawn | None = None

    def __post_init__(self):
        wrong = sorted(mistake.value for mistake in self.mistakes.values())
        if self.options and sorted([*wrong, self.answer]) != list(range(1, len(self.options) + 1)):
            raise ValueError(
                f"{self.code} has {len(self.options)} options; expected one answer and a mistake for each other."
            )

    def draw(self, k: int) -> "Exercise":
        """The same exercise with other numbers. Raises ValueError if it has none."""
        if not self.drawn:
            raise ValueError(f"{self.code} has no other numbers. Leave draw={k} out.")
        digits, drawn = self.decimals or 0, self.drawn
        mistakes = {
            name: Mistake(drawn.number(k, entry["value"], digits), entry["reply"])
            for name, entry in drawn.mistakes.items()
        }
        answer = drawn.number(k, drawn.answer, digits)
        return replace(self, question=drawn.text(k, drawn.question), answer=answer, mistakes=mistakes)

    @property
    def prompt(self) -> str:
        """The question, and how many decimals its answer needs."""
        return self.question + DECIMALS[self.decimals][0]

    @property
    def tolerance(self) -> float:
        """How far off an answer may be, in the answer's own unit."""
        return DECIMALS[0 if self.options else self.decimals][1]

    def reply(self, value) -> str:
        """What to say to an answer, a number or its text. The script of the pages, book/scripts/judge.js, says the same.

        Where a line of code is asked for, the answer is a function, which is tried beside the lines that a page offers.
        """
        if self.arguments:
            return self.reply_to_function(value)
        try:
            values = readings(value) if isinstance(value, str) else [float(value)]
        except (TypeError, ValueError, RuntimeError):
            values = []
        replies = [self.judge(value) for value in values if math.isfinite(value)]
        if self.options and not any(1 <= value <= len(self.options) for value in values):
            return f"Choose one by its number, 1 to {len(self.options)}."
        return min(replies)[1] if replies else NO_NUMBER

    def reply_to_function(self, function) -> str:
        """What to say to the function that a reader wrote."""
        if not callable(function):
            return f"Pass a function: {self.as_function}"
        from helpers.page import lines  # brings torch, which a page is written without

        found = lines.same_as(function, self.options, self.arguments)
        return found if isinstance(found, str) else self.judge(found)[1]

    @property
    def as_function(self) -> str:
        """How an answer that is a function is given."""
        return f'check("{self.code}", lambda {", ".join(self.arguments)}: ...)'

    def judge(self, value: float) -> tuple[int, str]:
        """How far down the list of cases the first that fits stands, and its words."""
        near = lambda goal, share=0.0: abs(value - goal) <= max(self.tolerance, share * abs(goal))
        if near(self.answer):
            return 0, "Right." if self.options else f"Right: {self.answer:.15g}."
        for mistake in sorted(self.mistakes.values(), key=lambda mistake: abs(value - mistake.value)):
            wrong = mistake.value
            alike = abs(wrong - self.answer) <= 0.01 * abs(wrong)  # too near to the answer to be read generously
            if near(wrong, 0 if alike else 0.01):
                return 1, f"Not yet. {mistake.reply}"
        if near(-self.answer):
            return 2, "Not yet. The size is right; look at the sign."
        whole = self.answer == int(self.answer) and self.tolerance >= 0.2
        if not whole and value and any(abs(value - rounded(self.answer, digits)) < 1e-12 for digits in range(6)):
            return 3, "Close. Give more digits."
        if not whole and self.answer and abs(value / self.answer - 1) < 0.03:
            return 4, "Not yet, but within 3 %. Look for a small slip."
        return 5, "Not yet. Try again, or open the solution."

    def _repr_mimebundle_(self, include=None, exclude=None):
        mistakes = [(mistake.value, mistake.reply) for mistake in self.mistakes.values()]
        spec = {"code": self.code, "question": self.prompt, "answer": self.answer, "tolerance": self.tolerance}
        spec |= {"options": list(self.options)} if self.options else {}
        spec |= {"lines": True} if self.arguments else {}
        spec |= (
            {"drawn": asdict(self.drawn) | {"decimals": self.decimals, "ending": DECIMALS[self.decimals][0]}}
            if self.drawn
            else {}
        )
        if self.arguments:
            listed, how = f"\n\nWrite the line as a function: `{self.as_function}`", ""
        else:
            listed = "".join(f"\n{number}. {words}" for number, words in enumerate(self.options, 1))
            listed, how = "\n" * bool(listed) + listed, f"\n\nAnswer with check({self.code!r}, your_number)."
        if self.drawn:
            listed += f"\n\nOther numbers: `ask({self.code!r}, draw=1)`, and `check({self.code!r}, ..., draw=1)`."
        plain = f"Exercise {self.code}. {self.prompt}{listed}{how}"
        markdown = f"**Exercise {self.code}.** {self.prompt}{listed}"
        return {EXERCISE: spec | {"mistakes": mistakes}, "text/markdown": markdown, "text/plain": plain}


def rounded(value: float, digits: int) -> float:
    """`value` with that many decimals, halves away from below, as a page's script rounds."""
    return math.floor(value * 10**digits + 0.5) / 10**digits


def load(folder: Path) -> dict[str, Exercise]:
    """{code: exercise} of all files in `folder`, in their order.

    Raises ValueError if two files have an exercise of the same code, TypeError if a table has a key too many or too few.
    """
    found: dict[str, Exercise] = {}
    for path in sorted(folder.glob("*.toml")):
        for code, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if code in found:
                raise ValueError(f"{code} is in {found[code].page}.toml and in {path.name}; expected one of each code.")
            found[code] = read(path.stem, code, table)
    return found


def read(page: str, code: str, table: dict) -> Exercise:
    """The exercise of a file's table; with `numbers` in it, its first draw."""
    mistakes = table.pop("mistakes", {})
    if numbers := table.pop("numbers", None):
        drawn = Drawn(table.pop("question"), table.pop("answer"), mistakes, numbers)
        return Exercise(page, code, drawn.question, 0.0, {}, drawn=drawn, **table).draw(0)
    options = tuple(table.pop("options", ()))
    named = {name: Mistake(**entries) for name, entries in mistakes.items()}
    return Exercise(page, code, mistakes=named, options=options, **table)


EXERCISES = load(QUESTIONS)


def ask(code: str, draw: int = 0) -> Exercise:
    """The exercise with this code, shown when it is the last line of a cell; draw: with other numbers, if it has any.

    Raises ValueError if there is no such exercise, or no other numbers.
    """
    if code not in EXERCISES:
        raise ValueError(f"there is no exercise {code!r}; expected one of {', '.join(EXERCISES)}.")
    return EXERCISES[code].draw(draw) if draw else EXERCISES[code]


def check(code: str, *value, draw: int = 0) -> None:
    """Prints whether `value` answers the exercise, and if not, what may have gone wrong; nothing as long as it is `...`.

    value: a number, its text ("3,989", "1/4", "ln 2"), or a function where a line of code is asked for. draw: as in
    `ask`. What cannot be judged is answered by a sentence, not by an error.
    """
    if value == (...,):
        return
    if code not in EXERCISES:
        print(f"There is no exercise {code!r}. There are {', '.join(EXERCISES)}.")
    elif draw and not EXERCISES[code].drawn:
        print(f"{code} has no other numbers: leave draw={draw} out.")
    elif len(value) == 2:
        print(f'Python needs a point: check("{code}", {value[0]}.{value[1]})')
    else:
        print(ask(code, draw).reply(value[0]) if value else NO_NUMBER)


def fold(*lines: str) -> None:
    """Displays lines below a click. JupyterLab opens the folded outputs of a cell that runs, and these stay folded."""
    text = "\n".join(lines)
    markup = f"<details><summary>The answer, computed</summary><pre>{html.escape(text, quote=False)}</pre></details>"
    display({"text/html": markup, "text/plain": text}, metadata={"text/html": {"fold": True}}, raw=True)
