"""How a notebook's outputs look on a page of the book: myst-nb finds PageRenderer by the package's entry point."""

import html
import json
import re

from helpers.page.mime import CHART, EXERCISE, RECORDED, WIDGET


def page_html(spec: dict) -> str:
    """The specification of a chart in its place on a page of the book; book/builder/charts.py makes the chart of it."""
    data = json.dumps(spec, separators=(",", ":")).replace("</", "<\\/")
    return f'<figure class="live-chart"><script type="application/json">{data}</script></figure>'


LAB_NOTE = (
    '<p class="lab-note">This lab is a recording: real training, run beforehand for each of these choices. In Colab (the rocket '
    "above) or in JupyterLab its controls have more values, and every move trains anew.</p>"
)


def exercise_html(exercise: dict) -> str:
    """An exercise with a field for the answer, or its options; book/scripts/exercises.js judges it, by the rule of helpers.page.exercises."""
    data = json.dumps(exercise, separators=(",", ":")).replace("</", "<\\/")
    code, question = html.escape(exercise["code"]), html.escape(exercise["question"])
    words = f"<strong>Exercise {code}.</strong> <span>{question}</span>"
    button = '<button type="submit">Check</button>'
    if "drawn" in exercise:
        button += '<button type="button" class="another">Other numbers</button>'
    if "options" in exercise:
        written = "<code>{}</code>" if "lines" in exercise else "{}"
        options = "".join(
            f'<label><input type="radio" name="answer-{code}" value="{number}"> {written.format(html.escape(option))}</label>'
            for number, option in enumerate(exercise["options"], 1)
        )
        inside = f"<fieldset><legend>{words}</legend>{options}</fieldset><span>{button}</span>"
    else:
        field = f'<input id="answer-{code}" inputmode="text" autocomplete="off" size="10">'
        inside = f'<label for="answer-{code}">{words}</label><span>{field}{button}</span>'
    return (
        f'<form class="exercise" id="exercise-{code}"><script type="application/json">{data}</script>'
        f'{inside}<output aria-live="polite"></output></form>'
    )


class PageRenderer:
    """Live charts and exercises stay live, labs show their recording, pictures keep their alternative text."""

    mime_priority_overrides = [
        ("html", CHART, 1),
        ("html", EXERCISE, 1),
        ("html", RECORDED, 1),
        ("html", WIDGET, None),
    ]

    @staticmethod
    def handle_mime(renderer, data, inline: bool):
        """The nodes of an output that is ours, or None: then myst-nb renders it."""
        if inline:
            return None
        from docutils import nodes

        if data.mime_type == CHART:
            return [nodes.raw(text=page_html(data.content), format="html")]
        if data.mime_type == RECORDED:
            return [nodes.raw(text=page_html(data.content) + LAB_NOTE, format="html")]
        if data.mime_type == EXERCISE:
            return [nodes.raw(text=exercise_html(data.content), format="html")]
        about = data.output_metadata.get(data.mime_type, {})
        if data.mime_type == "image/svg+xml":  # a drawing, which takes its colours from the page
            return [nodes.raw(text=f'<figure class="drawing">{data.content}</figure>', format="html")]
        if "fold" in about:  # the page folds the whole cell already
            return [nodes.raw(text=re.search("<pre>.*</pre>", data.content, re.S)[0], format="html")]
        if "alt" not in about:
            return None
        picture = renderer.render_image(data)
        picture[0]["alt"] = about["alt"]
        return picture
