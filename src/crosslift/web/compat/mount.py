"""Where the doors stand: `/compat/<name>/...`; whatever happens behind one is said in its vendor's shape."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.web import problems
from crosslift.web.answers import GUARDS
from crosslift.web.compat.call import Call, Door, Reply
from crosslift.web.compat.gorse import Gorse
from crosslift.web.compat.personalize import Personalize
from crosslift.web.compat.retail import Retail
from crosslift.web.compat.segment import Segment
from crosslift.web.problems import Problem
from crosslift.web.security import TOKEN_HEADER
from crosslift.web.served import ServedShop
from crosslift.web.sessions import keyed
from crosslift.web.wire import ClientGone, read_body

DOORS: Mapping[str, Door] = {"personalize": Personalize(), "retail": Retail(), "segment": Segment(), "gorse": Gorse()}
"""Every door by its name in the path."""
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
MOST_PARAMETERS = 200
CROSS_ORIGIN = {"Access-Control-Allow-Origin": "*"}
PREFLIGHT = {
    **CROSS_ORIGIN, "Access-Control-Allow-Methods": "GET, POST, OPTIONS", "Access-Control-Max-Age": "86400",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Content-Encoding, X-Goog-Api-Key",
}  # fmt: skip
_OURS = (b"authorization", b"x-crosslift-key", TOKEN_HEADER)


def mount(app: FastAPI, served: ServedShop) -> None:
    """Open the doors of a shop."""

    async def answer(request: Request) -> Response:
        door = DOORS.get(request.path_params["door"])
        if door is None:
            raise problems.not_found()
        if request.method == "OPTIONS" and door.is_for_browsers:
            return Response(status_code=204, headers=PREFLIGHT)
        try:
            reply = await _answered(served, door, request)
        except ClientGone:
            raise
        except Exception as error:  # noqa: BLE001 - the outermost loop of a request
            reply = door.wrong(problems.of(error))
        headers = {**GUARDS, **reply.headers, **(CROSS_ORIGIN if door.is_for_browsers else {})}
        return Response(reply.encoded(), reply.status, headers=headers, media_type=reply.media_type)

    app.add_route("/compat/{door}/{path:path}", answer, methods=METHODS)


async def _answered(served: ServedShop, door: Door, request: Request) -> Reply:
    limit: int = served.shop.settings["serve.max_body_bytes"]
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.scope["headers"]}
    body = await read_body(request.scope, request.receive, limit)
    try:
        query = parse_qs(request.scope["query_string"].decode(), keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise Problem(400, "bad_usage", "the query of the address cannot be read") from None
    call = Call(served, request.method, f"/{request.path_params['path']}", query, headers, body)
    verb = door.find(call)
    return await verb(call, keyed(served, {**request.scope, "headers": _as_ours(request, door.key_of(call))}))


def _as_ours(request: Request, key: str | None) -> list[tuple[bytes, bytes]]:
    """Give the headers of the request with its key where ours is, so that it is checked and counted as at every door."""
    others = [(name, value) for name, value in request.scope["headers"] if name not in _OURS]
    return [*others, (b"x-crosslift-key", key.encode("latin-1", "replace"))] if key else others
