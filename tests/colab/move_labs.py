"""Opens every lab and moves each of its controls to its ends, to the middle and back. Run in a kernel, as in Colab.

A move is what a front end's message ends in, `set_state`; the message itself would swallow what the lab raises.
"""

import ipywidgets as widgets

from helpers import labs
from helpers.labs import carrying
from helpers.policies import carrier


def moves(control: widgets.Widget) -> list[dict]:
    """What the front end sends: of a choice every number, of a switch both values, of a slider its ends and middle."""
    if isinstance(control, widgets.SelectionSlider):
        key, values = "index", (0, len(control.options) // 2, len(control.options) - 1)
    elif hasattr(control, "options"):
        key, values = "index", range(len(control.options))
    elif isinstance(control.value, bool):
        key, values = "value", (False, True)
    else:
        key, number = "value", type(control.value)
        values = (control.min, number((control.min + control.max) / 2), control.max)
    now = getattr(control, key)
    return [{key: value} for value in (*(value for value in values if value != now), now)]


def move(lab: labs.Lab) -> None:
    """Each move makes the lab draw a picture, to its end, and tell of no error."""
    for name, control in lab.controls.items():
        for state in moves(control):
            lab.image.value = b""
            control.set_state(state)
            assert lab.status.value == "", (name, state, lab.status.value)
            assert lab.image.value.startswith(b"\x89PNG"), (name, state)
            assert lab.progress.value == 1, (name, state)


carrying.EPISODES = 4  # the arm learns little here, and little is measured
carrier.CARRYING = {name: row._replace(steps=20) for name, row in carrier.CARRYING.items()}
for build in labs.LABS:
    lab = build()
    lab.run()
    move(lab)
