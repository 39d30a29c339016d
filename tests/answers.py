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
    ("V1", "1/2", "Right: 0.5."),
    ("V1", "0,5", "Right: 0.5."),
    ("V1", " 50 % ", "Right: 0.5."),
    ("V2", "7,979", "Right: 7.979."),
    ("V2", "7,979.0", "Try again"),
    ("V7", "−1.96", "Right: -1.96."),
    ("Z7", "14,000", "Right: 14000."),
    ("Z7", "14 000", "Right: 14000."),
    ("Z7", "14000", "Right: 14000."),
    ("Z7", "1,400", "The 10 comes on top."),
    ("O1", "31,902", "Right: 31902."),
    ("O1", "31857", "Try again"),
    ("O1", "98", "That is the bin"),
    ("O2", "0.12", "counted twice"),
    ("V2", "159.6", "by the variance"),
    ("V3", "0.95", "two standard deviations"),
    ("K4", "1", "bits"),
    ("E6", "0.264", "one trial"),
    ("V9", "30.5", "within 3 %"),
    ("H7", "0.802", "more digits"),
    ("V1", "half", "Type a number"),
    ("V1", "", "Type a number"),
    ("V1", "1/2/3", "Try again"),
    ("V1", "ln 2 / ln 4", "Right: 0.5."),
    ("V1", "2^-1", "Right: 0.5."),
    ("V1", "sqrt(0,25)", "Right: 0.5."),
    ("H6", "5 ln 2", "Right: 3.466."),
    ("H6", "ln 32", "Right: 3.466."),
    ("H6", "log2(32)", "bits"),
    ("V2", "1/(0.05 √(2π))", "Right: 7.979."),
    ("H12", "1/sqrt(2 pi e)", "Right: 0.242."),
    ("V1", "ln", "Type a number"),
    ("V1", "2 3", "Type a number"),
    ("V1", "(1/2", "Type a number"),
    ("V1", "(-1)^0.5", "Type a number"),
    ("L6", "2", "Right."),
    ("H9", "2", "Right."),
    ("H9", "4", "bits"),
    ("L6", "1", "Which line has just run?"),
    ("V1", "/2", "Type a number"),
    ("V1", "1/0", "Type a number"),
    ("V1", "0x10", "Type a number"),
    ("V1", "1,2,3", "Type a number"),
    ("V1", "Infinity", "Type a number"),
]
