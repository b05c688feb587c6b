"""The attention of people as it would stand under a draft: contacts and sightings made again in the order of time."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from crosslift.domain.pressure import Contact, ContactState, Reacted, Reaction
from crosslift.store.ports import Records


@dataclass(slots=True)
class _Taken:
    """What was taken of one person: by decisions that are not made again, and by those that were."""

    contacts: list[Contact] = field(default_factory=list)
    sightings: list[Reacted] = field(default_factory=list)
    made_contacts: list[Contact] = field(default_factory=list)
    made_sightings: list[Reacted] = field(default_factory=list)


class Budgets:
    """The contacts and sightings of people under a draft.

    Parameters
    ----------
    tried : frozenset of str
        Decisions that are made again: what they took then is left out until they are made again.
    """

    def __init__(self, records: Records, tried: frozenset[str]) -> None:
        self._records = records
        self._tried = tried
        self._of: dict[tuple[str, ...], _Taken] = {}
        self._contact_of: dict[str, Contact] = {}
        self._seen_at: dict[str, int] = {}

    def contacts(self, whose: tuple[str, ...], now: int) -> tuple[Contact, ...]:
        """Give the contacts of a person, of all their identities, that are known at an instant."""
        taken = self._taken(whose)
        return (*(one for one in taken.contacts if one.at <= now), *taken.made_contacts)

    def sightings(self, whose: tuple[str, ...], now: int) -> tuple[Reacted, ...]:
        """Give what a person was shown until an instant."""
        taken = self._taken(whose)
        return tuple(one for one in (*taken.sightings, *taken.made_sightings) if one.at <= now)

    def take(
        self, whose: tuple[str, ...], decision_id: str, contact: Contact | None, products: Iterable[str], channel: str
    ) -> None:
        """Count a decision made again.

        A contact fares as the one the same decision took then, and products are seen when its products were; what was
        not taken then counts as shown at once.

        Parameters
        ----------
        contact : Contact or None
            What it takes of the person's attention.
        products : iterable of str
            What it offers.
        """
        taken = self._taken(whose)
        seen_at = self._seen_at.get(decision_id)
        if contact is not None:
            fate = self._contact_of.get(decision_id)
            if fate is None:
                seen_at = contact.at
                contact = replace(contact, state=ContactState.CONFIRMED)
            else:
                contact = replace(contact, at=fate.at, state=fate.state, expires_at=fate.expires_at)
            taken.made_contacts.append(contact)
        if seen_at is not None:
            taken.made_sightings += [Reacted(seen_at, Reaction.SEEN, name, "", channel) for name in products]

    def _taken(self, whose: tuple[str, ...]) -> _Taken:
        found = self._of.get(whose)
        if found is None:
            found = self._of[whose] = _Taken()
            for row in self._rows("contacts", ("channel", "topic", "state", "expires_at"), whose):
                state = ContactState(row["state"])
                contact = Contact(row["at"], row["channel"], row["topic"], state, row["expires_at"])
                if row["decision_id"] in self._tried:
                    self._contact_of[row["decision_id"]] = contact
                else:
                    found.contacts.append(contact)
            for row in self._rows("reactions", ("product_id", "category", "channel", "reaction"), whose):
                if row["reaction"] != Reaction.SEEN:
                    continue
                if row["decision_id"] in self._tried:
                    self._seen_at.setdefault(row["decision_id"], row["at"])
                else:
                    about = (row["product_id"], row["category"], row["channel"])
                    found.sightings.append(Reacted(row["at"], Reaction.SEEN, *about))
        return found

    def _rows(self, table: str, columns: tuple[str, ...], whose: tuple[str, ...]) -> list[dict[str, Any]]:
        where = f"identity in ({', '.join('?' * len(whose))}) order by at, id"
        found = self._records.table(table, ("decision_id", "at", *columns), where, whose)
        rows: list[dict[str, Any]] = found.to_pylist()
        return rows
