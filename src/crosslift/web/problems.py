"""What a caller gets when something is wrong: RFC 9457 problem+json, one shape and one mapping for every route."""

from collections.abc import Mapping
from traceback import extract_tb
from typing import Any
from urllib.parse import quote

import msgspec
import structlog
from starlette.exceptions import HTTPException

from crosslift import errors
from crosslift.web.pointers import Fault, fault_of, faults_of

log = structlog.get_logger()
FRAMES = 6
PLAIN = "/:@!$&'()*+,;=~"
"""What stands in a path as it is (RFC 3986)."""

STATUS: Mapping[type[errors.CrossliftError], int] = {
    errors.BadInput: 422,
    errors.Unconfirmed: 422,
    errors.BadUsage: 400,
    errors.QualityGate: 422,
    errors.Conflict: 409,
    errors.NotFound: 404,
    errors.NotReplayable: 410,
    errors.Refused: 403,
    errors.UnknownFormat: 500,
    errors.WillNotWork: 500,
    errors.NotReady: 503,
    errors.StoreDown: 503,
    errors.Busy: 503,
    errors.TryAgain: 503,
    errors.CrossliftError: 500,
}
"""HTTP status by class of error; the nearest ancestor counts."""

TITLES: Mapping[str, str] = {
    "already_done": "This request was done already",
    "bad_input": "The input is wrong",
    "bad_usage": "The call makes no sense",
    "body_too_large": "The body is too large",
    "body_too_slow": "The body took too long",
    "busy": "The store is busy",
    "changed_meanwhile": "Somebody changed it meanwhile",
    "conflict": "The same key came with other content",
    "csrf_wrong": "This request was not made by a page of ours",
    "internal_error": "Something failed on our side",
    "key_in_address": "A secret key stands in the address",
    "key_needed": "A key is needed",
    "key_unknown": "The key is unknown or revoked",
    "malformed_json": "The body is not JSON",
    "method_not_allowed": "This method does nothing here",
    "not_found": "Nobody knows this",
    "not_ready": "Not ready yet",
    "not_replayable": "This decision cannot be replayed",
    "origin_refused": "This key does not answer pages of that site",
    "overloaded": "More is asked at once than is answered",
    "quality_gate": "The data are too poor for this",
    "refused": "Not allowed for this caller",
    "sign_in_wrong": "Login and password do not belong together",
    "shop_unknown": "No shop answers here",
    "signature_needed": "A signature is needed",
    "signature_wrong": "The signature is not right",
    "store_down": "The records cannot be reached",
    "token_wrong": "The customer token is not good",
    "too_many_requests": "Too many requests",
    "try_again": "Try again later",
}
"""Every stable `code` of the HTTP API with its title."""


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
        errors: tuple[Fault, ...] = (),
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
            "instance": quote(instance, safe=PLAIN, errors="replace"),
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
        return Problem(STATUS[errors.BadInput], errors.BadInput.code, str(error), faults_of(error))
    if isinstance(error, errors.Busy):
        return Problem(
            503, error.code, "another write is under way; try again in a moment", headers={"Retry-After": "1"}
        )
    if isinstance(error, errors.StoreDown):
        log_failure("store_down", error)
        return Problem(
            503, error.code, "the records cannot be read or written now; try again", headers={"Retry-After": "5"}
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
    """Say that a body is JSON but wrong, and where."""
    fault = fault_of(error)
    return Problem(422, "bad_input", f"{fault['detail']} at {fault['pointer'] or 'the top of the body'}", (fault,))
