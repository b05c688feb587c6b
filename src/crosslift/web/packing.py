"""Answers packed with gzip for whoever takes them so."""

import asyncio
import gzip
import re

LEAST = 1_024
"""A shorter answer is not worth it."""
AWAY = 65_536
"""A longer one is packed away from the loop."""
KINDS = ("application/json", "application/x-ndjson", "text/css", "text/javascript", "text/plain")
"""What is packed; pages are not, because they hold tokens beside words a caller may choose (BREACH)."""
LEVEL = 5
_REFUSED = re.compile(rb"gzip\s*;\s*q=0(\.0{0,3})?\s*(,|$)")


def is_wanted(accepted: bytes, media_type: bytes, length: int) -> bool:
    """Tell whether an answer is to be packed.

    Examples
    --------
    >>> is_wanted(b"gzip, br", b"application/json", 5_000), is_wanted(b"gzip;q=0", b"application/json", 5_000)
    (True, False)
    """
    return (
        length >= LEAST
        and b"gzip" in accepted
        and media_type.decode("latin-1").startswith(KINDS)
        and not _REFUSED.search(accepted)
    )


async def packed(body: bytes) -> bytes:
    """Pack a body; the same one gives the same bytes."""
    if len(body) < AWAY:
        return gzip.compress(body, LEVEL, mtime=0)
    return await asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0)
