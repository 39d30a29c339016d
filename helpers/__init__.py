"""Helpers of *Probability for Robot Learning*: thin, so that the notebooks hold the point.

Import the module you need (`from helpers import tasks`); this file imports nothing, so that it costs nothing.
"""
