"""Versions of what is read, and changes that hold only where nobody else changed it: ETag, If-None-Match, If-Match (RFC 9110)."""

from collections.abc import Mapping
from hashlib import blake2b

from crosslift.web.heard import heard, instead
from crosslift.web.problems import Problem
from crosslift.web.wire import App, Scope

PACKED = b"-gz"
"""Ends the tag of a packed answer, which is another representation of the same version."""
GUARDED: Mapping[str, str] = {
    "put_links": "/v1/links", "delete_link": "/v1/links", "put_bundles": "/v1/bundles", "put_segment": "/v1/segments",
    "put_offers": "/v1/offers", "draft_policy": "/v1/policies", "publish_policy": "/v1/policies/{name}",
    "roll_back_policy": "/v1/policies/{name}",
    "put_experiments": "/v1/experiments", "stop_experiment": "/v1/experiments", "hold_out": "/v1/experiments",
    "promote_arm": "/v1/experiments", "roll_back_promotion": "/v1/experiments",
    "change_user": "/v1/users",
}  # fmt: skip
"""What `If-Match` of a change is compared with: the version of what is read there, by name of the operation.

The stop switch is not among them: it waits for nobody.
"""


def tag_of(body: bytes) -> bytes:
    """Name a version by its content."""
    return b'"' + blake2b(body, digest_size=12).hexdigest().encode() + b'"'


def packed_tag(tag: bytes) -> bytes:
    """Name the packed representation of a version."""
    return tag[:-1] + PACKED + b'"'


def names(given: bytes, tag: bytes) -> bool:
    """Tell whether a list of tags, as a header has it, names a version, packed or not; `*` names any.

    Examples
    --------
    >>> names(b'"a", W/"b-gz"', b'"b"'), names(b"*", b'"b"'), names(b'"a"', b'"b"')
    (True, True, False)
    """
    ones = (one.strip().removeprefix(b"W/") for one in given.split(b","))
    return any(one in (b"*", tag, packed_tag(tag)) for one in ones)


async def check(app: App, scope: Scope, operation: str, path: Mapping[str, str], given: bytes) -> None:
    """Refuse a change where what it changes is another version than the caller read.

    Parameters
    ----------
    app : ASGI application
        Reads what is changed, as the same caller.
    operation : str
        Its name.
    path : mapping of str to str
        The placeholders of its path, filled.
    given : bytes
        The header `If-Match`.

    Raises
    ------
    Problem
        412 where it is another version, or none; 400 where the operation has nothing to compare.
    """
    pattern = GUARDED.get(operation)
    if pattern is None:
        raise Problem(400, "bad_usage", "If-Match says nothing here; the docs name the calls that compare a version")
    where = pattern.format_map(path)
    asked = instead(
        scope, {b"if-match": b"", b"idempotency-key": b"", b"accept-encoding": b""},
        method="GET", path=where, raw_path=where.encode(), query_string=b"",
    )  # fmt: skip
    found = await heard(app, asked)
    if found.status != 200 or not names(given, tag_of(found.body)):
        raise Problem(
            412, "changed_meanwhile", f"what GET {where} gives is another version than If-Match names; read it again"
        )
