"""Bulk by lines (NDJSON): one row a line in, one outcome a line out, in the same order; what is wrong with one row is its own.

Rows go the way of the call that takes them as a list, some hundreds at a time, so that checks, limits and outcomes are the
same. What was kept stays kept when the caller hangs up: sending all of it again changes nothing.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from crosslift.web.heard import Heard, heard, instead
from crosslift.web.problems import Problem
from crosslift.web.wire import BODY_SECONDS, App, ClientGone, Receive, Scope

NDJSON = b"application/x-ndjson"
KINDS = frozenset({NDJSON, b"application/ndjson", b"application/jsonl", b"application/jsonlines"})
BULK: Mapping[tuple[str, str], str] = {
    ("PUT", "/v1/products"): "products", ("PATCH", "/v1/products"): "products", ("PUT", "/v1/links"): "links",
    ("PUT", "/v1/bundles"): "bundles", ("PUT", "/v1/offers"): "offers", ("POST", "/v1/consents"): "consents",
    ("POST", "/v1/collect"): "batch", ("POST", "/v1/respond"): "responses",
}  # fmt: skip
"""The list each call takes, by method and path; `/v1/facts/{dataset}` takes the dataset."""
FACTS = "/v1/facts/"
WHOLE: Mapping[str, str] = {"orders": "order_id", "bundles": "bundle_id"}
"""Rows that are kept or refused together: those of one order that follow each other."""
CONFLICTS: Mapping[str, tuple[str, ...]] = {
    "links": ("from_id", "to_id", "kind"),
    "bundles": ("bundle_id", "product_id"),
}
"""What names a row among the conflicts of an answer that has no outcome for each row."""
BATCH, MOST_IN_BATCH, MOST_ROWS = 500, 1_000, 100_000
"""Rows in one step, those of a whole included at most, and in one request."""
STOPPING = frozenset({0, 401, 403, 404, 405, 408, 429, 500, 503})
"""What is wrong with the call and not with a row: the rest is not tried."""
_object = msgspec.json.Decoder(dict[str, Any])


@dataclass(slots=True)
class Row:
    """One row under way; `told` is its outcome as soon as there is one."""

    line: int
    text: bytes
    value: Mapping[str, Any]
    told: dict[str, Any] | None = None


def list_of(method: str, path: str) -> str | None:
    """Name the list that a call takes, None where it takes none."""
    if method == "PUT" and path.startswith(FACTS):
        return path.removeprefix(FACTS)
    return BULK.get((method, path))


async def take(app: App, scope: Scope, receive: Receive, encoding: bytes, name: str, most_bytes: int) -> Heard:
    """Take in every row of a body that is read as it comes.

    Parameters
    ----------
    app : ASGI application
        Takes rows as a list.
    name : str
        What that list is called.
    most_bytes : int
        Of one line; steps stay below it.

    Returns
    -------
    Heard
        One outcome a row; the answer of the first step itself, where that refuses the call and not a row.
    """
    told: list[dict[str, Any]] = []
    try:
        async for rows in _steps(_lines(receive, encoding, most_bytes), name, most_bytes):
            _part_unread(name, rows)
            refused = await _keep(app, scope, name, [row for row in rows if row.told is None])
            if refused is not None and not any(one["outcome"] != "refused" for one in (*told, *_told(rows))):
                return refused
            told += [row.told or _stopped(row.line, refused) for row in rows]
            if refused is not None:
                break
    except Problem as problem:
        if not told:
            raise
        told.append({"line": None, "outcome": "stopped", "code": problem.code, "detail": problem.detail})
    if not told:
        raise Problem(422, "bad_input", "there is no row; send one JSON object a line")
    return Heard(200, [(b"content-type", NDJSON)], b"".join(msgspec.json.encode(one) + b"\n" for one in told))


def _told(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [row.told for row in rows if row.told is not None]


async def _lines(receive: Receive, encoding: bytes, most_bytes: int) -> AsyncIterator[bytes]:
    """Give the lines of a body without their ends, while it is read."""
    kind = encoding.strip().lower()
    if kind not in (b"", b"identity", b"gzip"):
        raise Problem(400, "bad_usage", "this content-encoding is not read; send gzip or plain")
    unpack = zlib.decompressobj(31) if kind == b"gzip" else None
    rest, is_more = b"", True
    while is_more:
        part, is_more = await _part(receive)
        while part or (unpack is not None and unpack.unconsumed_tail):
            try:
                found = part if unpack is None else unpack.decompress(unpack.unconsumed_tail + part, most_bytes)
            except zlib.error:
                raise Problem(400, "bad_usage", "the body is no gzip") from None
            part = b""
            *whole, rest = (rest + found).split(b"\n")
            for line in whole:
                yield line
            if len(rest) > most_bytes:
                raise Problem(413, "body_too_large", f"a line is longer than {most_bytes} bytes")
            if unpack is not None and unpack.eof:
                break
    if unpack is not None and not unpack.eof:
        raise Problem(400, "bad_usage", "the gzip body is cut off")
    yield rest


async def _part(receive: Receive) -> tuple[bytes, bool]:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            message = await receive()
    except TimeoutError:
        raise Problem(408, "body_too_slow", f"nothing came for {BODY_SECONDS} seconds") from None
    if message["type"] == "http.disconnect":
        raise ClientGone
    return message.get("body", b""), bool(message.get("more_body"))


async def _steps(lines: AsyncIterator[bytes], name: str, most_bytes: int) -> AsyncIterator[list[Row]]:
    """Gather rows into steps, those that belong together in one."""
    rows: list[Row] = []
    whole, size, number = WHOLE.get(name), 0, 0
    async for text in lines:
        number += 1
        if not text.strip():
            continue
        if number > MOST_ROWS:
            if rows:
                yield rows
            raise Problem(
                413, "body_too_large", f"at most {MOST_ROWS} lines are taken at once; send the rest by itself"
            )
        row = _read(number, text)
        is_apart = not whole or not rows or (row.told is None and row.value.get(whole) != rows[-1].value.get(whole))
        is_full = len(rows) >= BATCH or size + len(text) > most_bytes // 2
        if rows and ((is_full and is_apart) or len(rows) >= MOST_IN_BATCH):
            yield rows
            rows, size = [], 0
        rows.append(row)
        size += len(text) + 1
    if rows:
        yield rows


def _read(number: int, text: bytes) -> Row:
    try:
        return Row(number, text, _object.decode(text))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        told = {"line": number, "outcome": "refused", "code": "malformed_json", "detail": f"no JSON object: {what}"}
        return Row(number, text, {}, told)


def _part_unread(name: str, rows: Sequence[Row]) -> None:
    """Refuse what stands beside a line that cannot be read, where rows make a whole: it may be part of it."""
    whole = WHOLE.get(name, "")
    unread = [place for place, row in enumerate(rows) if row.told is not None] if whole else []
    for place in unread:
        beside = {rows[near].value.get(whole) for near in (place - 1, place + 1) if 0 <= near < len(rows)} - {None}
        for row in rows:
            if row.told is None and row.value.get(whole) in beside:
                detail = f"line {rows[place].line} beside it cannot be read, and may be of the same {whole}"
                row.told = {"line": row.line, "outcome": "refused", "code": "bad_input", "detail": detail}


async def _keep(app: App, scope: Scope, name: str, rows: Sequence[Row]) -> Heard | None:
    """Keep rows, leaving out those that are refused; gives an answer that stops everything, None where all have an outcome."""
    while rows:
        body = b'{"%s":[%s]}' % (name.encode(errors="replace"), b",".join(row.text for row in rows))
        asked = instead(
            scope, {b"content-type": b"application/json", b"accept-encoding": b""}, raw_path=scope["path"].encode()
        )
        found = await heard(app, asked, body)
        if found.status == 200:
            _tell(name, rows, msgspec.json.decode(found.body))
            return None
        if found.status in STOPPING:
            return found
        said = msgspec.json.decode(found.body)
        wrong = _faults(name, rows, said)
        if not wrong and len(rows) > 1:
            middle = _middle(name, rows)
            if middle:
                return await _keep(app, scope, name, rows[:middle]) or await _keep(app, scope, name, rows[middle:])
        for row in rows:
            if row.line in wrong or not wrong:
                row.told = {"line": row.line, "outcome": "refused", "code": said["code"], **wrong.get(row.line, {
                    "detail": said["detail"]})}  # fmt: skip
        rows = [row for row in rows if row.told is None]
    return None


def _faults(name: str, rows: Sequence[Row], said: Mapping[str, Any]) -> dict[int, dict[str, str]]:
    """Give what is wrong by line: of the rows the answer names, and of those that stand or fall with one of them."""
    found: dict[int, dict[str, str]] = {}
    whole = WHOLE.get(name, "")
    for fault in said.get("errors", ()):
        first, _, rest = fault.get("pointer", "").removeprefix(f"/{name}/").partition("/")
        if not first.isdigit() or int(first) >= len(rows):
            continue
        row = rows[int(first)]
        pointer = {"pointer": f"/{rest}"} if rest else {}
        found[row.line] = {"detail": fault["detail"], **pointer}
        for other in rows if whole else ():
            if other.value.get(whole) == row.value.get(whole):
                found.setdefault(other.line, {"detail": f"line {row.line} of the same {whole} is refused"})
    return found


def _middle(name: str, rows: Sequence[Row]) -> int:
    """Find where rows can be parted without parting a whole, as near to the middle as can be; 0 where they cannot."""
    whole = WHOLE.get(name, "")
    places = [
        place
        for place in range(1, len(rows))
        if not whole or rows[place].value.get(whole) != rows[place - 1].value.get(whole)
    ]
    return min(places, key=lambda place: abs(2 * place - len(rows)), default=0)


def _tell(name: str, rows: Sequence[Row], said: Mapping[str, Any]) -> None:
    """Give each row its outcome: as the answer says it, or that it is kept."""
    outcomes = said.get("outcomes") or [one["outcome"] for one in said.get("offers", ())]
    conflicts, unknown = set(said.get("conflicts", ())), set(said.get("unknown", ()))
    is_patch = "changed" in said
    for place, row in enumerate(rows):
        outcome = outcomes[place] if len(outcomes) == len(rows) else "kept"
        if not outcomes and " / ".join(str(row.value.get(key)) for key in CONFLICTS.get(name, ())) in conflicts:
            outcome = "conflict"
        if is_patch and row.value.get("product_id") in unknown:
            outcome = "unknown"
        row.told = {"line": row.line, "outcome": outcome}


def _stopped(line: int, refused: Heard | None) -> dict[str, Any]:
    said = msgspec.json.decode(refused.body) if refused is not None and refused.body else {}
    why = {"code": said.get("code", "internal_error"), "detail": said.get("detail", "")}
    return {"line": line, "outcome": "not_tried", **why}
