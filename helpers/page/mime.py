"""The kinds of output that this book adds to a notebook, as MIME types."""

CHART = "application/vnd.vegalite.v5+json"  # Altair's own: JupyterLab and VS Code draw it
VEGA_LITE = "5.20"  # of Altair 5.5, as vl-convert names it
EXERCISE = "application/vnd.prl.exercise+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
RECORDED = "application/vnd.prl.recorded+json"  # the specification of a chart that shows a lab's recording
