"""JSON answers, with what every one of them says to browsers and caches."""

from typing import Any

import msgspec
from fastapi import Response

GUARDS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


def as_json(value: Any) -> Response:
    """Answer with a value as JSON."""
    return Response(msgspec.json.encode(value), media_type="application/json", headers=GUARDS)
