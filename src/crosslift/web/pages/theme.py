"""The shop's theme as a style sheet, for every page that shows something of ours: `/theme.css`."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.domain.brand import Brand, as_css
from crosslift.errors import BadInput, Refused
from crosslift.web.served import ServedShop

HEADERS = {
    "Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}  # fmt: skip


def mount(app: FastAPI, served: ServedShop) -> None:
    """Serve it."""

    async def theme(_: Request) -> Response:
        return Response(await served.in_thread(lambda: css(served)), media_type="text/css", headers=HEADERS)

    app.add_route("/theme.css", theme, methods=["GET"])


def css(served: ServedShop) -> str:
    """Write the shop's theme; one the lint refuses is not served, and the plain one says why it stands there."""
    try:
        return served.shop.brands.css()
    except (Refused, BadInput) as error:
        why = "".join(c for c in str(error) if c not in "*/<>\\")
        return f"/* the shop's own theme is not served: {why} */\n{as_css(Brand())}"
