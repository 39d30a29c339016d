"""The exercises on their pages answer at once, with no kernel, and say what the notebook's check() says."""

import pytest
from answers import ANSWERS_AS_TYPED
from conftest import SITE

from helpers.page.exercises import EXERCISES

PAGES = {code: f"notebooks/{exercise.page}.html" for code, exercise in EXERCISES.items()}


def test_every_exercise_stands_on_its_page():
    for code, path in PAGES.items():
        assert f'id="exercise-{code}"' in (SITE / path).read_text()


@pytest.mark.parametrize("path", sorted(set(PAGES.values())))
def test_answers_right_wrong_and_mistaken(open_page, path):
    page = open_page(path)
    for code in (code for code in EXERCISES if PAGES[code] == path):
        exercise = EXERCISES[code]
        answers = [exercise.answer, *(mistake.value for mistake in exercise.mistakes.values())]
        answers += [exercise.answer * 1.02 + 1e-9, 12345.678, -exercise.answer]
        for value in answers:
            page.fill(f"#answer-{code}", repr(float(value)))
            page.press(f"#answer-{code}", "Enter")
            assert page.text_content(f"#exercise-{code} output") == exercise.reply(value), (code, value)


def test_answers_as_people_type_them(open_page):
    for path in sorted({PAGES[code] for code, _, _ in ANSWERS_AS_TYPED}):
        page = open_page(path)
        for code, text, words in ANSWERS_AS_TYPED:
            if PAGES[code] == path:
                page.fill(f"#answer-{code}", text)
                page.click(f"#exercise-{code} button")
                reply = page.text_content(f"#exercise-{code} output")
                assert words in reply, (code, text)
                assert reply == EXERCISES[code].reply(text)
