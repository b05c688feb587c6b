"""When and by which channel to write to a person: what is on record of them, handed to `decide.channels`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from crosslift.decide.bars import Bars
from crosslift.decide.channels import Barring, choose
from crosslift.domain.channel import (
    PREFERRED_CHANNEL,
    PREFERRED_HOURS,
    Bar,
    ChannelChoice,
    ContactTime,
    HourCounts,
    Wishes,
    wishes_of,
)
from crosslift.domain.condition import NOTHING_NEEDED, needs_of_all
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Request
from crosslift.domain.estimate import Figure, NotEstimable
from crosslift.domain.identity import IdentityKind, customer_of, kind_of
from crosslift.domain.placement import MESSAGES, Placement
from crosslift.domain.policy import HELPFUL, Policy
from crosslift.domain.pressure import Helped
from crosslift.domain.profile import Profile
from crosslift.domain.trait import sensitive_names
from crosslift.errors import BadUsage, NotFound, NotReady
from crosslift.settings import Settings
from crosslift.shop.counting import peers_of
from crosslift.shop.customers import as_identity
from crosslift.shop.known import Known
from crosslift.shop.live.helped import helped
from crosslift.shop.live.person import facts_of_person
from crosslift.store.frames import Frames
from crosslift.store.ports import PersonRow, Records

DAYS, MOST_DAYS = 7.0, 31.0
WRITTEN_TO: Mapping[str, IdentityKind] = {
    "email": IdentityKind.EMAIL, "sms": IdentityKind.PHONE, "push": IdentityKind.DEVICE,
}  # fmt: skip
"""What a channel needs to reach somebody; a push goes to a device that named the customer."""
_WISHES = replace(NOTHING_NEEDED, columns=frozenset({"traits"}), traits=frozenset({PREFERRED_CHANNEL, PREFERRED_HOURS}))


class ContactTimes:
    """When the people of one shop are written to.

    Parameters
    ----------
    records, frames : Records, Frames
        Where consents, contacts, reactions and traits are; all of it is read anew for every question.
    known : Known
        The policies in force, and what was learned of answers.
    settings : Settings
        Of it, the shop's time zone and what privacy asks.
    clock : callable
        Gives the present instant.
    """

    def __init__(
        self, records: Records, frames: Frames, known: Known, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._records = records
        self._frames = frames
        self._known = known
        self._settings = settings
        self._clock = clock

    def of(
        self, customer: str, channels: Sequence[str] = (), *, policy: str = HELPFUL.name, market: str | None = None,
        days: float = DAYS, reachable: Collection[str] = (),
    ) -> ChannelChoice:  # fmt: skip
        """Choose channel and time for a message to a person; nothing is reserved, sent or recorded.

        Parameters
        ----------
        customer : str
            A customer id, or any identity as `kind:value`.
        channels : sequence of str
            Channels the message may take; by default all there are.
        policy : str
            Whose limits and rules hold.
        market : str, optional
            Where the message belongs; by default where the person lives.
        days : float
            How far ahead is looked, at most 31.
        reachable : collection of str
            Channels on which the caller knows where to write to, beside those for which an address is on record.

        Raises
        ------
        NotFound
            If nobody is known under that id.
        BadUsage
            For a channel without messages, an unknown policy, or days out of range.
        """
        spots = _spots(channels)
        if not 0 < days <= MOST_DAYS:
            raise BadUsage(f"{days:g} days ahead: give more than 0, at most {MOST_DAYS:g}")
        now = self._clock()
        at = int(now.timestamp() * 1_000_000)
        identity = as_identity(customer)
        row = self._records.person(identity, at)
        if not row.is_known:
            raise NotFound(f"nobody is known as {identity}; a customer id, or kind:value")
        if self._settings["privacy.contextual_only"]:
            row = replace(row, consents={}, entries={})
        ruling = self._known.rulings.at(row.change_number)
        is_stopped = ruling.stops(Request(spots[0].name, now, policy=policy))
        held = ruling.bare(policy) if is_stopped else self._known.rulings.named(policy, ruling)
        bars, wishes, person = self._asked(identity, row, held, at)
        return choose(
            person, held.pressure, spots, now, {"*": self._settings["shop.time_zone"], **held.timezones}, wishes=wishes,
            reachable=self._reachable(row) | set(reachable), told=self._told(), market=market, days=days,
            bars=(lambda _here: Bar.STOPPED) if is_stopped else bars,
        )  # fmt: skip

    def _asked(self, identity: str, row: PersonRow, policy: Policy, now: int) -> tuple[Barring, Wishes, Person]:
        """Read the person, and of their facts what rules and wishes ask; what they declared is read whatever they allowed."""
        standing = Bars(policy.rules)
        may_know = any(
            is_granted for (purpose, _), is_granted in row.consents.items() if purpose == Purpose.PERSONALIZATION
        )
        sensitive = sensitive_names(self._settings["profile.sensitive_traits"])
        needed = needs_of_all([standing.needs, _WISHES] if may_know else [_WISHES])
        facts = facts_of_person(self._records, self._frames, row, needed, now, sensitive)
        first, peers = policy.pressure.value_first, peers_of(self._records, row, policy.pressure, now)
        person = Person(
            identity, row.is_known, consents=row.consents, entries=row.entries,
            pressure=row.pressure if peers is None else peers.beside(row.pressure),
            open_cases=row.open_cases, timezone=row.timezone, market=row.market, facts=facts,
            helped=helped(self._records, self._frames, row, first, now) if first else Helped(),
        )  # fmt: skip
        profile = facts.profile if facts is not None else Profile("", now)
        return standing.of(person, now), wishes_of(profile.traits), person

    def _reachable(self, row: PersonRow) -> frozenset[str]:
        """Name the channels for which an address is on record; one that joins nobody is somebody's address all the same."""
        customers = [customer for name in row.identities if (customer := customer_of(name)) is not None]
        where = f"customer_id in ({', '.join('?' * len(customers))})"
        kinds = {kind_of(name) for name in row.identities}
        written = {IdentityKind.EMAIL: "email", IdentityKind.PHONE: "phone"}
        read = self._records.table("customers", tuple(written.values()), where, tuple(customers))
        kinds |= {kind for kind, column in written.items() if any(filter(None, read.column(column).to_pylist()))}
        return frozenset(channel for channel, kind in WRITTEN_TO.items() if kind in kinds)

    def _told(self) -> Mapping[str, HourCounts]:
        """Give what everybody answered, as last learned; nothing before the first learning."""
        try:
            return self._known.knowledge().logged.answered
        except NotReady:
            return {}


def _spots(channels: Sequence[str]) -> tuple[Placement, ...]:
    known = {placement.channel for placement in MESSAGES}
    if unknown := sorted(set(channels) - known):
        raise BadUsage(f"no messages go by {unknown[0]!r}; there are {', '.join(sorted(known))}")
    return tuple(placement for placement in MESSAGES if not channels or placement.channel in channels)


def plain(choice: ChannelChoice) -> dict[str, Any]:
    """Write a choice as plain values; instants in ISO 8601, those to send at in UTC."""
    times = [_plain_time(one) for one in choice.times]
    hours = [f"{one.start:%H:%M}-{one.end:%H:%M}" for one in choice.wishes.hours]
    declared = {"channels": list(choice.wishes.channels), "hours": hours, "unread": list(choice.wishes.unread)}
    return {
        "asked_at": _iso(choice.asked_at), "until": _iso(choice.until), "time_zone": choice.time_zone,
        "declared": declared, "best": times[0] if times else None, "others": times[1:],
        "barred": [{"channel": one.channel, "placement": one.placement, "code": str(one.code)} for one in choice.barred],
    }  # fmt: skip


def _plain_time(one: ContactTime) -> dict[str, Any]:
    return {
        "channel": one.channel, "placement": one.placement, "send_at": _iso(one.at), "local": one.local.isoformat(),
        "because": [reason.value for reason in one.because], "response": _plain_figure(one.response),
        "pressure": one.pressure, "not_now": None if one.not_now is None else str(one.not_now),
    }  # fmt: skip


def _plain_figure(figure: Figure) -> dict[str, Any]:
    if isinstance(figure, NotEstimable):
        return {"why_not": figure.why}
    return {"value": figure.value, "low": figure.low, "high": figure.high, "level": figure.level, "n": figure.n}


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).isoformat()
