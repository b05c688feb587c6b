"""What a caller gets when something is wrong: RFC 9457 problem+json, one shape and one mapping for every route."""

import re
from collections.abc import Mapping
from traceback import extract_tb
from typing import Any

import msgspec
import structlog
from starlette.exceptions import HTTPException

from crosslift import errors

log = structlog.get_logger()
FRAMES = 6

STATUS: Mapping[type[errors.CrossliftError], int] = {
    errors.BadInput: 422,
    errors.BadUsage: 400,
    errors.QualityGate: 422,
    errors.Conflict: 409,
    errors.NotFound: 404,
    errors.NotReplayable: 410,
    errors.Refused: 403,
    errors.UnknownFormat: 500,
    errors.WillNotWork: 500,
    errors.NotReady: 503,
    errors.Busy: 503,
    errors.TryAgain: 503,
    errors.CrossliftError: 500,
}
"""HTTP status by class of error; the nearest ancestor counts."""

TITLES: Mapping[str, str] = {
    "bad_input": "The input is wrong",
    "bad_usage": "The call makes no sense",
    "body_too_large": "The body is too large",
    "body_too_slow": "The body took too long",
    "busy": "The store is busy",
    "conflict": "The same key came with other content",
    "internal_error": "Something failed on our side",
    "key_needed": "A key is needed",
    "key_unknown": "The key is unknown or revoked",
    "malformed_json": "The body is not JSON",
    "method_not_allowed": "This method does nothing here",
    "not_found": "Nobody knows this",
    "not_ready": "Not ready yet",
    "not_replayable": "This decision cannot be replayed",
    "quality_gate": "The data are too poor for this",
    "refused": "Not allowed for this caller",
    "try_again": "Try again later",
}
"""Every stable `code` of the HTTP API with its title."""

_TOKEN = re.compile(r"\.?([^.\[\]`]+)|\[(\d+)\]")
_WRONG = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_FIELD = re.compile(r"(?:unknown|missing required) field `(?P<name>.*)`$")
_EVENT = re.compile(r"^batch, event (\d+)$")


class Problem(Exception):
    """An answer that is a problem: status, stable code, what happened and what to do.

    Parameters
    ----------
    errors : sequence of mapping
        Single faults: `pointer` into the body (RFC 6901) or `parameter` of the query, and `detail`.
    headers : mapping
        Further response headers, such as `Allow`.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: tuple[Mapping[str, str], ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.errors = status, code, detail, errors
        self.headers = dict(headers or {})

    def body(self, instance: str) -> bytes:
        """Encode as problem+json for the path it happened on."""
        content: dict[str, Any] = {
            "type": f"/docs#problem-{self.code}",
            "title": TITLES[self.code],
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "instance": instance,
        }
        if self.errors:
            content["errors"] = self.errors
        return msgspec.json.encode(content)


def of(error: Exception) -> Problem:
    """Turn whatever was raised into a problem; what is our own fault is logged whole and answered without details.

    Examples
    --------
    >>> problem = of(errors.NotFound("no decision 7"))
    >>> problem.status, problem.code, problem.detail
    (404, 'not_found', 'no decision 7')
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _of_framework(error)
    if isinstance(error, errors.BadInput):
        return Problem(STATUS[errors.BadInput], errors.BadInput.code, str(error), _faults(error))
    if isinstance(error, errors.Busy):
        return Problem(
            503, error.code, "another write is under way; try again in a moment", headers={"Retry-After": "1"}
        )
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    if status == 500 or not isinstance(error, errors.CrossliftError):
        log_failure("request_failed", error)
        return Problem(500, "internal_error", "it was logged; try again, and tell whoever runs this server")
    return Problem(status, error.code, str(error), headers={"Retry-After": "1"} if status == 503 else None)


def log_failure(event: str, error: Exception) -> None:
    """Log what failed and where, but no values: headers hold keys and bodies hold people.

    The message is kept only where it is ours; those never hold more than ids.
    """
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)[-FRAMES:]]
    why = str(error) if isinstance(error, errors.CrossliftError) else None
    log.error(event, error=type(error).__name__, why=why, places=places)


def _of_framework(error: HTTPException) -> Problem:
    if error.status_code == 405:
        return method_not_allowed((error.headers or {}).get("Allow", ""))
    if error.status_code == 404:
        return not_found()
    return Problem(400, "bad_usage", str(error.detail))


def not_found() -> Problem:
    """Say that nothing lives at a path."""
    return Problem(404, "not_found", "nothing lives at this path; /docs lists every endpoint")


def method_not_allowed(allowed: str) -> Problem:
    """Say which methods a path answers."""
    return Problem(405, "method_not_allowed", f"this path answers {allowed}", headers={"Allow": allowed})


def wrong_body(error: msgspec.ValidationError) -> Problem:
    """Name the place in the body that does not fit.

    Examples
    --------
    >>> wrong_body(msgspec.ValidationError("Expected `str`, got `int` - at `$.cart[1]`")).errors
    ({'pointer': '/cart/1', 'detail': 'Expected `str`, got `int`'},)
    """
    found = _WRONG.match(str(error))
    what, path = (found["what"], found["path"] or "") if found else (str(error), "")
    field = _FIELD.search(what)
    pointer = pointer_of(path) + (f"/{_escaped(field['name'])}" if field else "")
    return Problem(
        422, "bad_input", f"{what} at {pointer or 'the top of the body'}", ({"pointer": pointer, "detail": what},)
    )


def pointer_of(where: str) -> str:
    """Give the JSON pointer of a place such as `.cart[1]`, `products[3]` or `batch, event 4`.

    Examples
    --------
    >>> pointer_of(".cart[1]"), pointer_of("products[3]"), pointer_of("batch, event 4"), pointer_of("")
    ('/cart/1', '/products/3', '/batch/3', '')
    """
    event = _EVENT.match(where)
    if event:
        return f"/batch/{int(event[1]) - 1}"
    return "".join(f"/{_escaped(name or place)}" for name, place in _TOKEN.findall(where) if name != "...")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _faults(error: errors.BadInput) -> tuple[Mapping[str, str], ...]:
    if error.problems:
        places = (problem.partition(":") for problem in error.problems)
        return tuple(
            {"pointer": pointer_of(where.replace(", ", ".")), "detail": detail.strip()} for where, _, detail in places
        )
    if error.where is None:
        return ()
    return ({"pointer": pointer_of(error.where), "detail": str(error).removeprefix(f"{error.where}: ")},)
