"""The part of the records port that counts: whose attention was taken, and what they answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from crosslift.domain.pressure import Contact, PressureState
from crosslift.store.trial_records import FirstArm

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Peers:
    """Everybody of some accounts, as they were read together.

    `identities` are theirs and the accounts' own, `version` is the sum of their pressure versions, `contacts` are the newest
    of all, complete after the instant `since`.
    """

    accounts: tuple[str, ...]
    identities: tuple[str, ...]
    version: int
    contacts: tuple[Contact, ...]
    since: int = 0

    def beside(self, state: PressureState) -> PressureState:
        """Give a person's pressure with what was asked of all of them."""
        return replace(state, account_contacts=self.contacts, account_since=self.since)


@dataclass(frozen=True, slots=True)
class Counted:
    """Under whom a decision counts, and what it takes of their attention.

    A reservation is compared and set: it is written, with its decision, only while the person is the same set of
    identities, each with the same pressure version, as when the decision read them. Comparing the sum of the versions is
    enough: an identity's version never falls, so over the same identities equal sums mean equal parts. Over other
    identities it means nothing, which is why these are compared too. A merge in between changes the set; one that was
    taken back again has left the set as it was, and whatever was counted meanwhile stands under the identity it was
    counted under: if that is one of these, its version moved, and if it is not, it is no longer this person's. (An erased
    identity starts at 0 again, and so does what is read of it.)

    Attributes
    ----------
    index : int
        Of the decision in its batch.
    identity : str
        Under which it is counted, for good: never rewritten by a merge.
    channel, topic : str
        Of the contact.
    at, expires_at : int
        When it is decided, and until when a reservation holds; microseconds UTC. One that ends when it begins takes no
        room before it is reported as shown.
    identities : tuple of str
        All of the person's, as they were read.
    version : int or None
        Sum of their pressure versions as read; None compares nothing.
    is_contact : bool
        Whether it is, or may become, a contact; of others only who it was for is kept.
    peers : Peers or None
        Where caps count whole accounts: everybody of them as they were read, compared as the person is.
    """

    index: int
    identity: str
    at: int
    channel: str = ""
    topic: str = ""
    expires_at: int = 0
    identities: tuple[str, ...] = ()
    version: int | None = None
    is_contact: bool = False
    peers: Peers | None = None


class PressureRecords(Protocol):
    """Decisions, and what they take of people: kept under the identity that was seen, summed over those of a person."""

    def record_decisions(
        self, slim: Sequence[Row], inputs: Sequence[Row], counted: Sequence[Counted] = (), arms: Sequence[FirstArm] = ()
    ) -> list[int]:
        """Store decisions with their inputs, durably, before anybody is answered.

        Reservations and first arms are compared and set in the same transaction, in the order given; gives the places of
        those that met another reservation, or of whom another identity was given another arm. Of these nothing is stored.
        """

    def decision(self, decision_id: str) -> tuple[Mapping[str, Any], bytes | None] | None:
        """Read one slim row and its inputs blob, if both still exist."""

    def record_responses(
        self, exposures: Sequence[Row], responses: Sequence[Row], reactions: Sequence[Row] = (), now: int | None = None
    ) -> int:
        """Store exposures and responses that were not seen before; returns how many were new.

        In the same transaction those that are new turn what was reserved into a contact, at their own time (not before
        the decision, nor after `now`), and leave their `reactions`: response_id, decision_id, product_id, reaction,
        channel, at. The reaction `unmuted` takes mutes of the product back, for all identities of the person; one to the
        empty product says only that attention was taken.
        """

    def peers(self, accounts: Sequence[str], now: int) -> Peers:
        """Read everybody who belongs to some accounts at an instant, and what was asked of them all together."""

    def release(self, decision_id: str) -> bool:
        """Give a reservation back before its time; False if there is none that is still open."""

    def mute(self, identity: str, product_id: str, category: str, channel: str, at: int) -> None:
        """Leave a product, a category, or (both empty) everything alone until it is taken back."""

    def unmute(self, identity: str, product_id: str | None, category: str | None, at: int) -> int:
        """Take mutes of a product or a category back, all of the person's for None; gives how many were in force."""
