"""Who wants to be left alone: mutes said and taken back beside any offer, and how much attention somebody gave lately."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from crosslift.domain.pressure import Reaction, is_below
from crosslift.errors import BadUsage, NotFound
from crosslift.shop.customers import as_identity
from crosslift.store.ports import Records

CHANNEL = "desk"
"""Where what is said beside any offer is said."""


class Peace:
    """Mutes and contacts of one shop's people.

    Parameters
    ----------
    records : Records
        Everything kept.
    clock : callable
        Gives the present instant.
    """

    def __init__(self, records: Records, clock: Callable[[], datetime]) -> None:
        self._records = records
        self._clock = clock

    def mute(self, customer: str, product: str | None = None, category: str | None = None) -> None:
        """Leave a product, a category, or (neither given) everything alone; it holds on the next decision, anywhere.

        Parameters
        ----------
        customer : str
            A customer id, or any identity as `kind:value`; also of somebody nobody knows yet.
        product : str, optional
            A product, variant or offer.
        category : str, optional
            A category as the catalog or an offer has it, or one above it.

        Raises
        ------
        BadUsage
            If both are given.
        NotFound
            If neither the catalog nor the offer library knows it.
        """
        _check_one(product, category)
        if product is not None:
            self._check_product(product)
        if category is not None:
            self._check_category(category)
        self._records.mute(as_identity(customer), product or "", category or "", CHANNEL, self._now())

    def unmute(self, customer: str, product: str | None = None, category: str | None = None) -> int:
        """Take back what was muted, under any of the person's names; everything where neither is given.

        Returns
        -------
        int
            How many mutes were in force.
        """
        _check_one(product, category)
        return self._records.unmute(as_identity(customer), product, category, self._now())

    def release(self, decision_id: str) -> bool:
        """Give back what a decision reserved and was not used for: a mail that is not sent. False if there is nothing."""
        return self._records.release(decision_id)

    def of(self, customer: str) -> dict[str, Any]:
        """Show whether something is open with a person, what they muted and declined, and their contacts, newest first."""
        now = self._now()
        found = self._records.person(as_identity(customer), now)
        contacts = [
            {"at": _iso(one.at), "channel": one.channel, "about": one.topic.split("\n"), "state": one.state.value}
            for one in sorted(found.pressure.contacts, key=lambda one: -one.at) if one.counts_at(now)
        ]  # fmt: skip
        said: dict[str, list[dict[str, Any]]] = {Reaction.MUTED: [], Reaction.DECLINED: []}
        for one in sorted(found.pressure.reactions, key=lambda one: -one.at):
            if one.reaction in said:
                said[one.reaction].append({
                    "at": _iso(one.at), "product": one.product_id or None, "category": one.category or None,
                    "channel": one.channel or None,
                })  # fmt: skip
        return {
            "person_id": found.person_id, "open_cases": found.open_cases, "muted": said[Reaction.MUTED],
            "declined": said[Reaction.DECLINED], "contacts": contacts,
        }  # fmt: skip

    def _check_product(self, product: str) -> None:
        if self._records.known_products([product]) or self._records.offer_versions(product):
            return
        offers = (row["offer_id"] for row in self._records.offers())
        known = [*offers, *_column(self._records, "product_live", "product_id")]
        raise NotFound(f"no product or offer {product!r}{_meant(product, known)}")

    def _check_category(self, category: str) -> None:
        offered = (row["category"] for row in self._records.offers())
        known = {one for one in (*offered, *_column(self._records, "products", "category")) if one}
        if any(is_below(one, category) for one in known):
            return
        above = {one.rsplit("/", n)[0] for one in known for n in range(one.count("/") + 1)}
        raise NotFound(f"no category {category!r} in the catalog or the offers{_meant(category, above)}")

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


def _check_one(product: str | None, category: str | None) -> None:
    if product is not None and category is not None:
        raise BadUsage("give a product or a category, not both; neither means everything")


def _column(records: Records, table: str, name: str) -> Iterable[str | None]:
    found: list[str | None] = records.table(table, (name,)).column(name).to_pylist()
    return found


def _meant(name: str, known: Iterable[str | None]) -> str:
    """Guess what was meant, whatever its case."""
    cases = {one.lower(): one for one in known if one}
    [near] = get_close_matches(name.lower(), cases, 1, 0.6) or [""]
    return f"; did you mean {cases[near]}?" if near else ""


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).isoformat()
