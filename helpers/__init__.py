"""Helpers of *Probability for Robot Learning*: thin, so that the notebooks hold the point.

Rooms, each importing only from those before it: `robot`, `theory`, `heads`, `policies`, `page`, `charts`; beside them the
floor: the words of formulas, checks on what a reader passes in, the training loop, colours. Import the module you need
(`from helpers.robot.cup_and_tray import CupAndTray`); this file imports nothing, so that it costs nothing.
"""
