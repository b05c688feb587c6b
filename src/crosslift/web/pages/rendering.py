"""Templates into pages: everything escaped, nothing inline, nothing from outside."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import Response

from crosslift.web.pages.files import integrity, static_url

_TICKED = re.compile("`([^`]*)`")
TEMPLATES = Path(__file__).parent.parent / "templates"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie, Accept-Language",
}


def page(template: str, status: int = 200, /, **values: Any) -> Response:
    """Render a page."""
    return Response(written(template, **values), status, headers=HEADERS, media_type="text/html; charset=utf-8")


def written(template: str, /, **values: Any) -> str:
    """Fill a template, for a page that is not answered but kept."""
    return _environment().get_template(template).render(values)


def ticked(text: str) -> Markup:
    """Show what stands between backticks as code, everything escaped.

    Examples
    --------
    >>> print(ticked("send `k` < 9"))
    send <code>k</code> &lt; 9
    """
    return Markup(_TICKED.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    environment.globals |= {"static": static_url, "integrity": integrity}
    environment.filters["ticked"] = ticked
    return environment
