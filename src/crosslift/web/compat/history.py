"""What a filter may ask about a person: traits, and what they did with which product; with their consent alone."""

import msgspec

from crosslift.domain.event import ORDER_COMPLETED
from crosslift.web.compat.items import Value
from crosslift.web.served import ServedShop

NEWEST = 1_000
"""So many of a person's newest events are looked at; what they bought counts however long ago."""


class History:
    """One person's, read once."""

    def __init__(self, served: ServedShop, customer: str | None, *, may_look: bool) -> None:
        self._done: dict[str, set[str]] = {}
        self.traits: dict[str, tuple[Value, ...]] = {}
        if customer is None or not may_look:
            return
        records = served.shop.records
        person = records.person(f"customer:{customer}")
        for name in person.owned:
            self._done.setdefault(name, set()).add(ORDER_COMPLETED)
        about = records.about(person.identities or [f"customer:{customer}"], NEWEST)
        for event in about.get("events", ()):
            if event.get("product_id"):
                self._done.setdefault(event["product_id"], set()).add(event["name"])
        for row in about.get("customers", ()):
            self.traits |= _traits(row.get("traits"))

    def done_with(self, product_id: str, parent_id: str) -> frozenset[str]:
        """Name the events of this person with a product or its variants, in our vocabulary."""
        return frozenset(self._done.get(product_id, set()) | self._done.get(parent_id, set()))


def _traits(text: object) -> dict[str, tuple[Value, ...]]:
    try:
        found = msgspec.json.decode(text) if isinstance(text, str) and text else {}
    except msgspec.DecodeError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        str(name).casefold(): (float(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value),)
        for name, value in found.items()
        if value is not None
    }  # fmt: skip
