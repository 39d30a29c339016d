"""The exercises on their pages answer at once, with no kernel, and say what the notebook's check() says."""

import pytest
from conftest import SITE

from helpers.exercises import EXERCISES

PAGES = {
    code: str(path.relative_to(SITE))
    for path in SITE.glob("notebooks/*.html")
    for code in EXERCISES
    if f'id="exercise-{code}"' in path.read_text()
}


def test_every_exercise_stands_on_a_page():
    assert set(PAGES) == set(EXERCISES)


@pytest.mark.parametrize("path", sorted(set(PAGES.values())))
def test_answers_right_wrong_and_mistaken(open_page, path):
    page = open_page(path)
    for code in (code for code in EXERCISES if PAGES[code] == path):
        exercise = EXERCISES[code]
        answers = [exercise.answer, *exercise.mistakes, exercise.answer * 1.02 + 1e-9, 12345.678, -exercise.answer]
        for value in answers:
            page.fill(f"#answer-{code}", repr(float(value)))
            page.press(f"#answer-{code}", "Enter")
            assert page.text_content(f"#exercise-{code} output") == exercise.reply(value), (code, value)


def test_numbers_may_be_written_as_people_write_them(open_page):
    page = open_page(PAGES["V3"])
    for text, right in {"1/2": True, "0,5": True, " 50 % ": True, "half": False, "": False, "1/2/3": False}.items():
        page.fill("#answer-V3", text)
        page.click("#exercise-V3 button")
        reply = page.text_content("#exercise-V3 output")
        assert reply.startswith("Right" if right else "Type a number")
