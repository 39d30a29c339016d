"""Answers as people type them, for both judges: check() in a notebook and the script of a page."""

import torch

from helpers.page.exercises import Exercise


def reply(exercise: Exercise, value) -> str:
    """What a notebook says to the number; where a line of code is asked for, to that line as the reader's function."""
    if not exercise.arguments:
        return exercise.reply(value)
    return exercise.reply(
        eval(f"lambda {', '.join(exercise.arguments)}: {exercise.options[int(value) - 1]}", {"torch": torch})
    )


ANSWERS_AS_TYPED = [  # exercise, what is typed, some words of the reply
    ("V3", "1/2", "Right: 0.5."),
    ("V3", "0,5", "Right: 0.5."),
    ("V3", " 50 % ", "Right: 0.5."),
    ("V1", "3,989", "Right: 3.989."),
    ("V1", "3,989.0", "Try again"),
    ("V4b", "−0.00392", "Right: -0.00392."),
    ("Z5", "14,000", "Right: 14000."),
    ("Z5", "14 000", "Right: 14000."),
    ("Z5", "14000", "Right: 14000."),
    ("Z5", "1,400", "The 10 comes on top."),
    ("O1", "31,858", "Right: 31858."),
    ("O1", "31857", "Try again"),
    ("O1", "142", "That is the bin"),
    ("O2", "0.1612", "by 256"),
    ("V1", "39.9", "by the variance"),
    ("V1b", "0.95", "two standard deviations"),
    ("K1", "1", "bits"),
    ("E1c", "1.51", "one trial"),
    ("V2", "30.5", "within 3 %"),
    ("H1", "0.802", "more digits"),
    ("V3", "half", "Type a number"),
    ("V3", "", "Type a number"),
    ("V3", "1/2/3", "Try again"),
    ("V3", "ln 2 / ln 4", "Right: 0.5."),
    ("V3", "2^-1", "Right: 0.5."),
    ("V3", "sqrt(0,25)", "Right: 0.5."),
    ("H2", "5 ln 2", "Right: 3.466."),
    ("H2", "ln 32", "Right: 3.466."),
    ("H2", "log2(32)", "bits"),
    ("V1", "1/(0.1 √(2π))", "Right: 3.989."),
    ("H5", "0.5 ln(2 pi e * 0.01)", "Right: -0.884."),
    ("V3", "ln", "Type a number"),
    ("V3", "2 3", "Type a number"),
    ("V3", "(1/2", "Type a number"),
    ("V3", "(-1)^0.5", "Type a number"),
    ("L1", "2", "Right."),
    ("H6", "2", "Right."),
    ("H6", "4", "bits"),
    ("L1", "1", "what zero_grad is there for"),
    ("V3", "/2", "Type a number"),
    ("V3", "1/0", "Type a number"),
    ("V3", "0x10", "Type a number"),
    ("V3", "1,2,3", "Type a number"),
    ("V3", "Infinity", "Type a number"),
]
