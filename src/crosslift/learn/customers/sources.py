"""Where people came from at first: the campaign their first visit names, else the site that sent them, else directly."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import msgspec
import numpy as np
import pyarrow as pa

from crosslift.learn.customers.people import Numbers, encoded

NAMES_A_SOURCE = r'utm_source|"referrer"|"campaign"'
"""What the properties of an event hold that says where a visit came from."""
DIRECT = "direct"
_UTM = re.compile(r"[?&]utm_source=([^&#\"]+)")


class _Visit(msgspec.Struct):
    """The properties read here; whatever else an event carries is passed over."""

    utm_source: Any = None
    campaign: Any = None
    referrer: Any = None
    url: Any = None
    search: Any = None


_decode = msgspec.json.Decoder(_Visit).decode


@dataclass(frozen=True, slots=True)
class Sources:
    """The source of each person and what said so, null where nothing did; arrays of string, shape (people,)."""

    name: pa.Array
    said_by: pa.Array

    @classmethod
    def of(cls, person: Numbers, properties: pa.Array, n_people: int) -> "Sources":
        """Read the properties of each person's first visit."""
        index, texts = encoded(pa.chunked_array([properties]))
        found = [source_of(text) for text in texts.to_pylist()]
        place = np.full(n_people, -1, np.int64)
        place[person] = index
        taken = pa.array(place, mask=place < 0)
        return cls(*(pa.array([one[part] for one in found], pa.string()).take(taken) for part in (0, 1)))


def source_of(properties: str) -> tuple[str | None, str | None]:
    """Read where a visit came from, and which property says so; nothing where the shop's own pages sent it.

    Examples
    --------
    >>> source_of('{"url": "https://shop.example/?utm_source=news+letter"}')
    ('news letter', 'utm_source')
    >>> source_of('{"referrer": "https://www.search.example/?q=tea"}'), source_of('{"referrer": ""}')
    (('search.example', 'referrer'), ('direct', 'referrer'))
    """
    try:
        visit = _decode(properties)
    except msgspec.DecodeError:
        return None, None
    if isinstance(visit.utm_source, str) and visit.utm_source.strip():
        return visit.utm_source.strip(), "utm_source"
    for address in (visit.url, visit.search):
        tagged = _UTM.search(address) if isinstance(address, str) else None
        if tagged:
            return unquote_plus(tagged[1]).strip() or None, "utm_source"
    source = visit.campaign.get("source") if isinstance(visit.campaign, dict) else None
    if isinstance(source, str) and source.strip():
        return source.strip(), "campaign"
    if not isinstance(visit.referrer, str):
        return None, None
    host = _host(visit.referrer)
    if host and host == _host(visit.url):
        return None, None
    return (host or DIRECT), "referrer"


def _host(address: object) -> str:
    if not isinstance(address, str):
        return ""
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
