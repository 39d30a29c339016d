"""The Content-Security-Policy of a page: nothing but this site's own files, and of inline scripts only those it was built with.

Styles may stand in the page: Temml, Vega and the charts' pictures write some. Nothing is compiled in a page, so no script
may: the expressions of the charts are functions already (charts.mjs).
"""

import base64
import hashlib
import re

DATA = re.compile(r'<script type="application/json">.*?</script>', re.S)
INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.S)
HANDLERS = (
    "toggleFullScreen()",
    "window.print()",
)  # the theme's; the search page meets them in the pages that it reads


def digest(script: str) -> str:
    """'sha256-…' of an inline script or of a handler, as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def policy(page: str) -> str:
    """The policy that the HTML of this page needs, and no more."""
    markup = DATA.sub("", page)
    scripts = ["'self'", *sorted({digest(script) for script in INLINE.findall(markup)})]
    scripts += ["'unsafe-hashes'", *map(digest, HANDLERS)] if " onclick=" in markup else []
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src {' '.join(scripts)}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ]
    )


def with_policy(page: str) -> str:
    """The page with its policy as the first thing in its head."""
    return re.sub(
        r"<head>|(?<=<html lang=\"en\">)",
        lambda found: f'{found.group()}<meta http-equiv="Content-Security-Policy" content="{policy(page)}">',
        page,
        count=1,
    )
