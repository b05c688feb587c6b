"""The audit: who did what, newest first, and whether the chain is whole."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.domain.access import Permission
from crosslift.web.office.frame import ROOT, Caller, Frame

PATH = f"{ROOT}/audit"
PAGE = 50
AREAS = (
    "policy.", "experiment.", "offer.", "segment.", "import.", "consent.", "person.", "identity.", "key.", "user.", "session.",
    "webhook.", "guardrail.",
)  # fmt: skip
"""Beginnings of actions that are offered to choose from."""


def mount(app: FastAPI, frame: Frame) -> None:
    """Serve the page."""
    served = frame.served

    async def audit(request: Request, caller: Caller) -> Response:
        asked = request.query_params
        action, before = asked.get("action", "").strip()[:100], asked.get("before", "")
        last = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
        entries = await served.in_thread(lambda: served.shop.audit.entries(last, PAGE, action))
        verdict = await served.in_thread(served.shop.audit.verify) if "verify" in asked else None
        people = await served.in_thread(served.shop.users.known)
        return frame.page(
            "audit.html", request, caller.language, caller, entries=entries, action=action, areas=AREAS, verdict=verdict,
            older=entries[-1]["seq"] if len(entries) == PAGE else None,
            names={f"user:{one['user_id']}": one["login"] for one in people},
        )  # fmt: skip

    frame.add(app, PATH, Permission.AUDIT, audit)
