"""The part of the records port that keeps the offer library, and the promises that stand behind what was shown."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class OfferRecords(Protocol):
    """Offers as versions, none ever changed; promises by their code."""

    def save_offers(self, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Add the next version of each offer, all or none; gives their numbers. The change number moves."""

    def offers(self, change_number: int | None = None) -> list[dict[str, Any]]:
        """Give the newest version of every offer by id, or what was the newest at a change number; inactive ones too."""

    def offer_versions(self, offer_id: str) -> list[dict[str, Any]]:
        """Give every version of an offer, oldest first."""

    def offers_changed_since(self, change_number: int) -> bool:
        """Tell whether any offer was written after a change number."""

    def save_promise(self, row: Mapping[str, Any], codes: Sequence[str]) -> dict[str, Any]:
        """Keep a promise under the first of some codes that is free; what its decision and slot promised already stays.

        Raises
        ------
        Conflict
            If every code is taken.
        """

    def promise(self, code: str) -> dict[str, Any] | None:
        """Give a promise by its code."""

    def promise_of(self, decision_id: str, slot: int) -> dict[str, Any] | None:
        """Give the promise of one offer of a decision, None where nobody asked for it yet."""

    def redeem_promise(self, code: str, redeemed_by: str, now: int) -> dict[str, Any] | None:
        """Redeem a promise that is open at an instant; gives it as it stands then, redeemed by whoever was first."""
