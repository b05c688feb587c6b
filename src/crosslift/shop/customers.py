"""Who the customer is: identifiers joined and parted, with a log that says why; each change can be taken back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

import msgspec

from crosslift.collect.identity import evidence_table, map_people
from crosslift.domain.identity import AGENT, IdentityKind, Limits, MappingChange, Rule, Split, identity_of, kind_of
from crosslift.domain.persona import Cluster
from crosslift.errors import BadInput, NotFound
from crosslift.settings import Settings
from crosslift.shop.groups import GROUPS
from crosslift.store.export import readable
from crosslift.store.ports import Mapped, Records, Row
from crosslift.wording.personas import Card
from crosslift.wording.profiles import Told, of_group, told_beside

MAX_IDENTIFIERS = 50


class Customers:
    """The people of one shop.

    Parameters
    ----------
    records : Records
        Where identities, their evidence and the mapping live.
    settings : Settings
        Of it, the limits under `identity`.
    clock : callable
        Gives the present instant.
    rewrite : callable, optional
        Writes the profiles of some people anew; called for those whose identities a statement moved.
    """

    def __init__(
        self, records: Records, settings: Settings, clock: Callable[[], datetime],
        rewrite: Callable[[Iterable[str]], None] = lambda _people: None,
    ) -> None:  # fmt: skip
        self._records = records
        self._settings = settings
        self._clock = clock
        self._rewrite = rewrite

    def identify(self, customer: str, identifiers: Mapping[str, str], market: str | None = None) -> dict[str, Any]:
        """Say under which further identifiers a customer is known: a browser, a device, an address, a number, a card.

        Parameters
        ----------
        customer : str
            The customer id.
        identifiers : mapping of str to str
            Kind to value, such as ``{"anonymous": "a-91", "email": "jane@example.org"}``.
        market : str, optional
            Where a national phone number is meant.

        Returns
        -------
        dict
            person_id, identities, and `left_out`: kinds whose value names nobody, or more than one person.

        Raises
        ------
        BadInput
            For an unknown kind, an id that names nobody, or too many identifiers.
        """
        owner = identity_of(IdentityKind.CUSTOMER, customer)
        if owner is None:
            raise BadInput(f"customer id {customer!r} names nobody; send the id of a customer, or nothing")
        if len(identifiers) > MAX_IDENTIFIERS:
            raise BadInput(f"{len(identifiers)} identifiers for one customer; at most {MAX_IDENTIFIERS} at a time")
        at = self._now()
        rows: list[Row] = []
        left_out = []
        for name, value in identifiers.items():
            kind = _kind(name)
            identity = identity_of(kind, value, market)
            if identity is None:
                left_out.append(name)
            elif identity != owner:
                rows.append((owner, identity, _RULES[kind].value, at))
        if rows:
            self._records.add_evidence(rows, at)
            self.remap([owner, *(row[1] for row in rows)])
        found = self._records.person(owner, at)
        left_out += [kind_of(row[1]).value for row in rows if row[1] not in found.identities]
        return {"person_id": found.person_id, "identities": list(found.identities), "left_out": sorted(set(left_out))}

    def take(self, evidence: Sequence[Row]) -> list[MappingChange]:
        """Take in what messages say about who is who (first, second, rule, at); gives what changed."""
        if not evidence:
            return []
        self._records.add_evidence(evidence, self._now())
        return self.remap(sorted({name for piece in evidence for name in piece[:2]}))

    def merge(self, first: str, second: str, author: str) -> list[MappingChange]:
        """State that two identities are the same person; it takes back a split of the two.

        Raises
        ------
        BadInput
            If one is no identity, or both are the same.
        """
        first, second = _pair(first, second)
        now = self._now()
        self._records.unsplit(first, second, now)
        self._records.add_evidence([(first, second, Rule.STATED.value, now)], now)
        return self._moved([first, second], author)

    def split(self, first: str, second: str, author: str, reason: str) -> list[MappingChange]:
        """State that two identities are two people, whatever evidence says; `rejoin` takes it back.

        Raises
        ------
        BadInput
            If one is no identity, both are the same, or no reason is given.
        """
        first, second = _pair(first, second)
        if not reason.strip():
            raise BadInput("a split needs a reason; the merge log shows it to whoever asks later")
        self._records.split(Split(first, second, author, reason, self._now()))
        return self._moved([first, second], author)

    def rejoin(self, first: str, second: str, author: str) -> list[MappingChange]:
        """Take a split back: what evidence says holds again.

        Raises
        ------
        NotFound
            If the two were not kept apart.
        """
        first, second = _pair(first, second)
        if not self._records.unsplit(first, second, self._now()):
            raise NotFound(f"{first} and {second} are not kept apart by anybody")
        return self._moved([first, second], author)

    def show(self, customer: str, newest: int = 20, language: str | None = None) -> dict[str, Any]:
        """Give everything on one page: who it is, what is known, what happened, what was allowed, with provenance.

        It is for those who serve the customer; a copy for the customer is `shop.privacy.export`.

        Parameters
        ----------
        customer : str
            A customer id, or any identity as `kind:value`.
        newest : int
            Rows of each kind; `counts` says how many there are.
        language : str, optional
            Of `told`, which says the codes of the profile in sentences; by default the shop's.

        Raises
        ------
        NotFound
            If nobody is known under that id.
        """
        now = self._now()
        person = self._records.person(as_identity(customer), now)
        found, counts, log = self._records.page(person.identities, newest)
        if not person.is_known and not found:
            raise NotFound(f"nobody is known as {as_identity(customer)}; a customer id, or kind:value")
        because = {change.identity: change.because for change in log}
        profile = self._records.profile(person.person_id or "")
        return {
            "person_id": person.person_id,
            "identities": [
                {"identity": name, "because": None if name == person.person_id else because.get(name)}
                for name in person.identities
            ],
            "mapping_version": person.mapping_version,
            "accounts": list(person.accounts),
            "owned": sorted(person.owned),
            "holdings": sorted(person.holdings),
            "dues": msgspec.to_builtins(person.dues),
            "consents": [
                {
                    "purpose": purpose,
                    "channel": channel,
                    "is_granted": granted,
                    "entry": person.entries[purpose, channel],
                }
                for (purpose, channel), granted in sorted(person.consents.items())
            ],
            "profile": profile,
            **self._told(profile or {}, language or self._settings["shop.language"]),
            "counts": counts,
            "rows": {table: [readable(row) for row in rows] for table, rows in found.items()},
            "log": msgspec.to_builtins(log),
        }

    def _told(self, profile: Mapping[str, Any], language: str) -> dict[str, Any]:
        """Give the card of a profile's persona, and the profile in sentences."""
        kept = self._records.model(GROUPS)
        card = _groups(kept)[1].get(profile.get("persona") or "")
        told = told_beside(profile, _told_of_group(kept, profile.get("cluster"), language), language)
        return {"persona_card": card, "told": msgspec.to_builtins(told)}

    def account(self, account_id: str, newest: int = 20) -> dict[str, Any]:
        """Give a company or household: what it is, its members with their roles, what it holds, the newest contacts.

        Raises
        ------
        NotFound
            If nobody has named that account.
        """
        found = self._records.about_account(account_id, newest)
        if not found:
            raise NotFound(
                f"no account {account_id!r}; collect accounts, account_members or subscriptions that name it"
            )
        tables = {table: [readable(row) for row in rows] for table, rows in found.items()}
        first = tables.pop("accounts", [{}])[0]
        return {
            "account_id": account_id, **first, "members": tables.pop("account_members", []),
            "subscriptions": tables.pop("subscriptions", []), **tables,
        }  # fmt: skip

    def log(self, identity: str) -> list[MappingChange]:
        """Give the merge log of a person's identities, oldest first."""
        return self._records.mapping_changes(self._records.person(as_identity(identity)).identities)

    def remap(self, identities: Sequence[str] | None, author: str | None = None) -> list[MappingChange]:
        """Map identities to people by what is known now, everywhere for None; gives what changed."""
        return self._records.remap(identities, self.mapper, self._now(), author)

    def _moved(self, identities: Sequence[str], author: str) -> list[MappingChange]:
        """Map what a statement touched anew, profiles included: nobody waits for the next learning to be two people."""
        changes = self.remap(identities, author)
        self._rewrite({person for change in changes for person in (change.from_person, change.to_person)})
        return changes

    @property
    def mapper(self) -> Callable[[Sequence[Row], Sequence[Split]], Mapped]:
        """The rules of this shop as one function of the evidence."""
        return partial(_mapped, limits=limits_of(self._settings))

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


_RULES: Mapping[IdentityKind, Rule] = {
    IdentityKind.CUSTOMER: Rule.STATED,
    IdentityKind.ANONYMOUS: Rule.LOGIN,
    IdentityKind.EMAIL: Rule.EMAIL,
    IdentityKind.PHONE: Rule.PHONE,
    IdentityKind.LOYALTY: Rule.LOYALTY,
    IdentityKind.DEVICE: Rule.DEVICE,
}


@lru_cache(4)
def _groups(kept: str | None) -> tuple[list[Cluster], Mapping[str, Card]]:
    """Read clusters and persona cards; none before anything was learned."""
    groups = msgspec.json.decode(kept) if kept else {"clusters": [], "personas": {}}
    return msgspec.convert(groups["clusters"], list[Cluster]), groups["personas"]


@lru_cache(256)
def _told_of_group(kept: str | None, cluster_id: str | None, language: str) -> tuple[Told, ...]:
    """Say what is the same for everybody in a group, once for each that was learned."""
    return tuple(of_group(cluster_id, *_groups(kept), language))


def limits_of(settings: Settings) -> Limits:
    """Give how much sharing this shop still takes for one person."""
    return Limits(
        settings["identity.max_customers"], settings["identity.max_contacts"], settings["identity.max_devices"],
        settings["identity.max_person"],
    )  # fmt: skip


def as_identity(name: str) -> str:
    """Read what people type: an identity `kind:value`, an agent `agent:ID`, else a customer id."""
    kind = name.partition(":")[0]
    return name if kind in {*IdentityKind, AGENT} else f"{IdentityKind.CUSTOMER}:{name}"


def _mapped(evidence: Sequence[Row], splits: Sequence[Split], limits: Limits) -> Mapped:
    return map_people(evidence_table(evidence), splits, limits)


def _kind(name: str) -> IdentityKind:
    try:
        return IdentityKind(name)
    except ValueError:
        raise BadInput(f"{name!r} is no kind of identifier; there are {', '.join(IdentityKind)}") from None


def _pair(first: str, second: str) -> tuple[str, str]:
    pair = as_identity(first), as_identity(second)
    if pair[0] == pair[1]:
        raise BadInput(f"{pair[0]} is one identity; name two")
    return pair
