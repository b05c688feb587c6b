"""`Idempotency-Key`: a request that is sent again is done once, and answered as it was the first time."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from crosslift.web.api.webhooks import KEEP_DAYS
from crosslift.web.heard import Heard, heard, instead
from crosslift.web.problems import Problem
from crosslift.web.served import ServedShop
from crosslift.web.sessions import asking
from crosslift.web.wire import App, Receive, Scope, Send, read_body

HEADER = b"idempotency-key"
MOST_KEPT, MOST_BYTES, LONGEST = 2_000, 32_000_000, 200
"""Answers kept to be given again, their bytes in all, and the characters of a key."""
_NAMES_CALLER = frozenset({b"authorization", b"x-crosslift-key", b"x-crosslift-customer", b"cookie"})
_OWN = frozenset({b"x-request-id"})
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Marks:
    """What a request is remembered by: caller and key, and these with what was asked."""

    of_key: str
    of_request: str


class Again:
    """What was asked with a key, and answered.

    That it was done is written into the records and known to every process for 30 days; the answer itself, which may hold
    a secret, is kept in memory alone.

    Parameters
    ----------
    served : ServedShop
        The shop it was asked of.
    """

    def __init__(self, served: ServedShop) -> None:
        self._served = served
        self._answers: OrderedDict[str, tuple[str, Heard]] = OrderedDict()
        self._n_bytes = 0
        self._under_way: set[str] = set()

    async def answer(self, app: App, given: Mapping[bytes, bytes], scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the application unless it was done before.

        Raises
        ------
        Problem
            409 where the key came with another request, or its answer is kept no more; 503 while the first is under way.
        """
        limit = self._served.shop.settings["serve.max_body_bytes"]
        body = await read_body(scope, receive, limit)
        marks = _marks(given, scope, body)
        known = self._answers.get(marks.of_key)
        if known is not None:
            asking(self._served, scope)  # whoever may ask no more is not answered
            if known[0] != marks.of_request:
                raise _other()
            await known[1].say(send, (b"idempotency-replayed", b"true"))
            return
        if marks.of_key in self._under_way:
            raise Problem(503, "busy", "the first request with this key is under way", headers={"Retry-After": "1"})
        self._under_way.add(marks.of_key)
        try:
            await self._check(marks)
            asked = instead(scope, {HEADER: b"", b"content-type": given.get(b"content-type", b"")})
            found = await heard(app, asked, body)
            if 200 <= found.status < 300:
                await self._keep(marks, found)
        finally:
            self._under_way.discard(marks.of_key)
        if found.status:
            await found.say(send)

    async def _check(self, marks: Marks) -> None:
        records = self._served.shop.records
        if await self._served.in_thread(lambda: records.is_delivered(marks.of_key)):
            if not await self._served.in_thread(lambda: records.is_delivered(marks.of_request)):
                raise _other()
            raise Problem(
                409, "already_done", "the request with this key was done before; its answer is kept no more, look it up"
            )

    async def _keep(self, marks: Marks, found: Heard) -> None:
        kept = Heard(found.status, [one for one in found.headers if one[0].lower() not in _OWN], found.body)
        self._answers[marks.of_key] = (marks.of_request, kept)
        self._n_bytes += len(kept.body)
        while len(self._answers) > MOST_KEPT or self._n_bytes > MOST_BYTES:
            self._n_bytes -= len(self._answers.popitem(last=False)[1][1].body)
        shop = self._served.shop
        now = int(shop.clock().timestamp() * 1_000_000)

        def work() -> None:
            for mark in (marks.of_request, marks.of_key):
                shop.records.note_delivery(mark, now, now - KEEP_DAYS * _DAY)

        await self._served.in_thread(work)


def _marks(given: Mapping[bytes, bytes], scope: Scope, body: bytes) -> Marks:
    key = given[HEADER]
    if not 1 <= len(key) <= LONGEST or any(not 0x20 < one < 0x7F for one in key):
        raise Problem(400, "bad_usage", f"an Idempotency-Key has 1 to {LONGEST} visible ASCII characters")
    caller = (given[name] for name in sorted(_NAMES_CALLER & given.keys()))
    of_key = _hashed((b"idempotency", key, *caller))
    asked = (scope["method"].encode(), scope["path"].encode(errors="replace"), scope["query_string"], body)
    return Marks(of_key, _hashed((of_key.encode(), *asked)))


def names_caller(given: Mapping[bytes, bytes]) -> bool:
    """Tell whether a request says who asks: without that nobody's answer can be kept for them."""
    return not _NAMES_CALLER.isdisjoint(given)


def _hashed(parts: Iterable[bytes]) -> str:
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _other() -> Problem:
    return Problem(
        409, "conflict", "this Idempotency-Key came with another request before; take a new one for this one"
    )
