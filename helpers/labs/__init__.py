"""The labs: real torch code behind ipywidgets controls, and what a page shows of it without a kernel."""

from helpers.labs.carrying import carry_cup
from helpers.labs.fits import kl_direction
from helpers.labs.instructions import miniature_openvla
from helpers.labs.lab import Lab
from helpers.labs.learners import policy_gradients
from helpers.labs.temperature import temperature_scaling
from helpers.labs.training_heads import mode_averaging

LABS = (
    policy_gradients,
    temperature_scaling,
    kl_direction,
    miniature_openvla,
    mode_averaging,
    carry_cup,
)  # in the book's order
__all__ = [
    "LABS",
    "Lab",
    "carry_cup",
    "kl_direction",
    "miniature_openvla",
    "mode_averaging",
    "policy_gradients",
    "temperature_scaling",
]
