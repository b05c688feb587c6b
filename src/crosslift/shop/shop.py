"""One merchant's shop: its home folder opened, the rooms wired. What a notebook holds, and the only door to `decide`.

with crosslift.open("shop") as shop:
    shop.collect("orders.csv")
    shop.learn()
    shop.decide(placement="cart", cart=["85123A"])
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from hashlib import blake2b

from crosslift.decide import record
from crosslift.deliver import exposures
from crosslift.domain.decision import Response
from crosslift.errors import BadUsage, NotFound, Refused
from crosslift.measure import metrics
from crosslift.shop.audiences import Audiences
from crosslift.shop.deciding import Deciding
from crosslift.shop.propensities import Propensities


class Shop(Deciding):
    """One merchant's data.

    Parameters
    ----------
    home : path
        The shop's folder: `shop.toml`, `records.db`, `parts/`, `snapshots/`, `cache/`. Made when missing.
    settings : mapping, optional
        Overrides by dotted name.
    clock : callable, optional
        Gives the present instant; tests and the demo bring their own.
    """

    @cached_property
    def audiences(self) -> Audiences:
        """Customers as groups: clusters with names, persona cards, patterns by market."""
        return Audiences(self.records, self.segments, self.cleaned, self.products, self.settings, self.clock)

    @cached_property
    def propensities(self) -> Propensities:
        """Who would want a product, and what an action changes."""
        return Propensities(self.records, self.profiles, self.settings)

    def respond(self, responses: Sequence[Response]) -> dict[str, int]:
        """Record what was really shown and what people did with it, by decision."""
        return exposures.record(self.records, responses, record.offered)

    def measure(
        self, since: datetime | None = None, until: datetime | None = None, anchor: str | None = None,
        attached: str | None = None,
    ) -> list[metrics.Measured]:  # fmt: skip
        """Give attach rate, AOV and units per order of a period, each with its interval."""
        begin, end = (self.local(moment) if moment is not None else None for moment in (since, until))
        return metrics.measure(self.cleaned().lines, self.frames.lazy, self.settings, begin, end, anchor, attached)

    def create_key(self, kind: str, label: str) -> str:
        """Make an API key; it is shown once and kept as a hash."""
        if kind not in ("secret", "publishable"):
            raise BadUsage(f"{kind!r} is no kind of key; choose secret or publishable")
        key = f"{'sk' if kind == 'secret' else 'pk'}_{secrets.token_urlsafe(32)}"
        self.records.add_key({
            "key_id": secrets.token_hex(8), "kind": kind, "key_hash": _key_hash(key), "label": label,
            "created_at": self._micros(self.clock()), "revoked_at": None,
        })  # fmt: skip
        return key

    def revoke_key(self, key_id: str) -> None:
        """Revoke a key; it stops working with the next request."""
        row = next((r for r in self.records.api_keys() if r["key_id"] == key_id), None)
        if row is None:
            raise NotFound(f"no key {key_id}; `crosslift keys list` shows them")
        self.records.add_key({**row, "revoked_at": self._micros(self.clock())})

    def kind_of_key(self, key: str) -> str:
        """Tell what a presented key may do.

        Raises
        ------
        Refused
            If nobody issued it or it was revoked.
        """
        presented = _key_hash(key)
        for row in self.records.api_keys():
            if secrets.compare_digest(row["key_hash"], presented) and row["revoked_at"] is None:
                return str(row["kind"])
        raise Refused("this key is unknown or revoked; `crosslift keys create` makes one")


def _key_hash(key: str) -> str:
    return blake2b(key.encode(), digest_size=32).hexdigest()
