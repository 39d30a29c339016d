"""The exercises on their pages answer at once, with no kernel, and say what the notebook's check() says."""

from itertools import pairwise

import pytest
from answers import ANSWERS_AS_TYPED
from answers import reply as in_a_notebook
from conftest import SITE

from helpers.page.exercises import EXERCISES, ask

PAGES = {code: f"notebooks/{exercise.page}.html" for code, exercise in EXERCISES.items()}
PAGE = "notebooks/03_entropy.html"


def answer(page, code: str, text: str) -> str:
    """Types the text, or chooses the option of this number, and gives the reply."""
    if EXERCISES[code].options:
        page.check(f"#exercise-{code} input[value='{text}']")
    else:
        page.fill(f"#answer-{code}", text)
    page.click(f"#exercise-{code} button[type=submit]")
    return page.text_content(f"#exercise-{code} output")


def test_every_exercise_stands_on_its_page():
    for code, path in PAGES.items():
        assert f'id="exercise-{code}"' in (SITE / path).read_text()


@pytest.mark.parametrize("path", sorted(set(PAGES.values())))
def test_answers_right_wrong_and_mistaken(open_page, path):
    page = open_page(path)
    for code in (code for code in EXERCISES if PAGES[code] == path):
        exercise = EXERCISES[code]
        answers = [exercise.answer, *(mistake.value for mistake in exercise.mistakes.values())]
        if not exercise.options:
            answers += [exercise.answer * 1.02 + 1e-9, 12345.678, -exercise.answer]
        for value in answers:
            text = repr(value if exercise.options else float(value))
            assert answer(page, code, text) == in_a_notebook(exercise, value), (code, value)


def test_answers_as_people_type_them(open_page):
    for path in sorted({PAGES[code] for code, _, _ in ANSWERS_AS_TYPED}):
        page = open_page(path)
        for code, text, words in ANSWERS_AS_TYPED:
            if PAGES[code] == path:
                reply = answer(page, code, text)
                assert words in reply, (code, text)
                assert reply == in_a_notebook(EXERCISES[code], text)


def test_other_numbers_are_judged_as_in_a_notebook_and_kept(browser, base):
    context = browser.new_context()
    page = context.new_page()
    page.goto(base + PAGE)
    asked, question = {ask("H14", k).prompt: k for k in range(7)}, page.locator("#exercise-H14 label span")
    seen = [question.inner_text()]
    for _ in range(6):
        page.click("#exercise-H14 .another")
        assert page.input_value("#answer-H14") == page.text_content("#exercise-H14 output") == ""
        seen.append(question.inner_text())
        exercise = ask("H14", asked[seen[-1]])
        for value in (exercise.answer, *(mistake.value for mistake in exercise.mistakes.values())):
            assert answer(page, "H14", repr(value)) == exercise.reply(value)
    assert all(one != other for one, other in pairwise(seen))
    answer(page, "H14", repr(exercise.answer))
    page.reload()
    assert question.inner_text() == seen[-1]
    assert page.text_content("#exercise-H14 output").startswith("Right")
    context.close()


def test_answers_are_kept_on_the_device_counted_and_forgotten(browser, base):
    context = browser.new_context()
    page = context.new_page()
    page.goto(base + PAGE)
    line = page.locator(".answered")
    assert line.is_hidden()
    answer(page, "H6", "5 ln 2")
    answer(page, "H7", "0.8")
    asked = sum(path == PAGE for path in PAGES.values())
    assert (
        line.inner_text()
        == f"Exercises: 1 of {asked} right on this page, 1 of {len(EXERCISES)} in the book. Forget my answers"
    )
    page.goto(base + PAGES["L6"])
    answer(page, "L6", "2")
    page.close()

    page = context.new_page()  # the reader comes back
    page.goto(base + PAGE)
    assert page.input_value("#answer-H6") == "5 ln 2"
    assert page.text_content("#exercise-H6 output") == "Right: 3.466."
    assert page.text_content("#exercise-H7 output") == "Close. Give more digits."
    line = page.locator(".answered")
    assert f"1 of {asked} right on this page, 2 of {len(EXERCISES)} in the book" in line.inner_text()
    other = context.new_page()
    other.goto(base + PAGES["L6"])
    assert other.is_checked("#exercise-L6 input[value='2']")
    line.locator("button").click()
    assert line.is_hidden()
    assert page.input_value("#answer-H6") == page.text_content("#exercise-H6 output") == ""
    other.wait_for_function(
        "() => !document.querySelector('#exercise-L6 input:checked')"
    )  # the other window forgets too
    context.close()


def test_where_nothing_can_be_kept_answers_are_judged_all_the_same(browser, base):
    page = browser.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.add_init_script(
        "for (const f of ['getItem', 'setItem', 'removeItem']) Storage.prototype[f] = () => { throw Error('no'); };"
    )
    page.goto(base + PAGE)
    assert answer(page, "H6", "3.466") == "Right: 3.466."
    assert not [fault for fault in faults if "exercises" in fault]
    page.close()
