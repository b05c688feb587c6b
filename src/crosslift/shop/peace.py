"""Who wants to be left alone: mutes said and taken back beside any offer, and how much attention somebody gave lately."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from crosslift.domain.pressure import Reaction
from crosslift.errors import BadUsage
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

        Raises
        ------
        BadUsage
            If both are given.
        """
        _check_one(product, category)
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

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


def _check_one(product: str | None, category: str | None) -> None:
    if product is not None and category is not None:
        raise BadUsage("give a product or a category, not both; neither means everything")


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).isoformat()
