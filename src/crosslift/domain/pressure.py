"""How much attention we take of a person: one budget over all channels, reserved before it is spent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum

from crosslift.errors import BadInput

DAY = 86_400_000_000
RELEASE_AFTER = 30 * 60 * 1_000_000
"""A reservation without an exposure is given back after this, microseconds (DESIGN 2b.7)."""
CONTACT_DAYS, SIGHTING_DAYS = 366, 184
"""How far back contacts and sightings are read and kept: the longest window a cap and a count of sightings can have."""
MOST_READ = 256
"""Contacts, refusals and sightings read of a person: the newest of each."""
MOST_TOPICS = 6
SCOPES = ("product", "category", "all")
PERSON, ACCOUNT = "person", "account"
UNITS = (PERSON, ACCOUNT)
"""Whose contacts a cap counts together."""


class ContactState(StrEnum):
    """What became of a contact that was reserved."""

    RESERVED = "reserved"
    CONFIRMED = "confirmed"
    RELEASED = "released"


class Reaction(StrEnum):
    """What a person did with an offer, as the pressure on them counts it."""

    SEEN = "seen"
    """Shown and neither clicked nor accepted (yet)."""
    CLICKED = "clicked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    MUTED = "muted"
    """Never again; until they take it back."""
    COMPLAINED = "complained"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Contact:
    """One time we took (or are about to take) a person's attention; instants in microseconds UTC.

    A reservation counts until `expires_at`, a confirmed contact from `at` on. `topic` holds what it was about: the
    categories and goals of what it offered, one a line, at most `MOST_TOPICS`; where nothing has any, its placement.
    """

    at: int
    channel: str
    topic: str
    state: ContactState
    expires_at: int = 0

    def counts_at(self, now: int) -> bool:
        """Tell whether it takes room in the budget at an instant."""
        if self.state is ContactState.RESERVED:
            return now < self.expires_at
        return self.state is ContactState.CONFIRMED

    def is_about(self, topics: tuple[str, ...]) -> bool:
        """Tell whether it was about one of some topics, or about something below it.

        Examples
        --------
        >>> mail = Contact(0, "email", "Coffee/Beans", ContactState.CONFIRMED)
        >>> mail.is_about(("Coffee",)), mail.is_about(("Tea", "Coff"))
        (True, False)
        """
        return any(is_below(one, topic) for one in self.topic.split("\n") for topic in topics)


def is_clock_between(at: time, start: time, end: time) -> bool:
    """Tell whether a time of day lies from a start until, not including, an end; what ends before it starts passes midnight."""
    return start <= at < end if start < end else at >= start or at < end


def is_below(topic: str, above: str) -> bool:
    """Tell whether a topic is another one or stands below it, as categories are written."""
    return topic == above or topic.startswith(above.rstrip("/") + "/")


@dataclass(frozen=True, slots=True)
class Reacted:
    """What became of one offer to a person; without product and category it is about everything."""

    at: int
    reaction: Reaction
    product_id: str = ""
    category: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class PressureState:
    """What `decide` reads of a person's contacts.

    Attributes
    ----------
    row_version : int
        Of all their identities together; what a reservation compares and sets.
    contacts_since : int
        Instant after which `contacts` are complete, microseconds UTC: of a person with very many the newest are read.
    is_busy : bool
        Whether reserving failed as often as is tried.
    account_contacts : tuple of Contact or None
        Those of everybody of the person's accounts, their own included; None where there is no account, or nobody asks.
    account_since : int
        As `contacts_since`, of these.
    """

    row_version: int = 0
    contacts: tuple[Contact, ...] = ()
    reactions: tuple[Reacted, ...] = ()
    contacts_since: int = 0
    is_busy: bool = False
    account_contacts: tuple[Contact, ...] | None = None
    account_since: int = 0


@dataclass(frozen=True, slots=True)
class Helped:
    """What did a person good before anything is sold to them; instants in microseconds UTC, None for never.

    `n_useful` counts useful contacts, `won_at` is the last win, `bought_at` the last purchase.
    """

    n_useful: int = 0
    won_at: int | None = None
    bought_at: int | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` contacts within `days` (rolling); empty channels or topics: over all of them together.

    `unit` says whose contacts: the person's, or those of everybody of their accounts; who has none is counted alone.
    """

    most: int
    days: float
    channels: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    unit: str = PERSON

    def __post_init__(self) -> None:
        """Refuse what cannot be counted.

        Raises
        ------
        BadInput
            If `most` is below 0, `days` is no window that is kept, or `unit` is none.
        """
        if self.unit not in UNITS:
            raise BadInput(f"a cap over {self.unit!r}: choose {', '.join(UNITS)}")
        if self.most < 0:
            raise BadInput(f"a cap of {self.most} contacts: give 0 for none at all, or more")
        if not 0 < self.days <= CONTACT_DAYS:
            raise BadInput(f"a cap over {self.days:g} days: contacts are kept {CONTACT_DAYS} days")

    @property
    def span(self) -> int:
        """Its window in microseconds."""
        return round(self.days * DAY)


@dataclass(frozen=True, slots=True)
class Cooldown:
    """After `n_times` of a reaction, the same thing is left alone for `days`.

    `scope` says what: `product`, `category` (of the product) or `all`. The times count together when the first of them is
    less than `within_days` before the last, with which the pause begins. Sightings before a click do not count. `law` names
    the provision it stands for.
    """

    after: Reaction
    days: float
    scope: str = "product"
    n_times: int = 1
    within_days: float = 90.0
    law: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be counted.

        Raises
        ------
        BadInput
            For an unknown scope, fewer times than 1, days that are none, or sightings counted over more than are kept.
        """
        if self.scope not in SCOPES:
            raise BadInput(f"a pause of {self.scope!r}: choose {', '.join(SCOPES)}")
        if self.n_times < 1 or self.days <= 0 or self.within_days <= 0:
            raise BadInput(f"a pause after {self.n_times} x {self.after}: times and days are above 0")
        if self.after is Reaction.SEEN and self.days + self.within_days > SIGHTING_DAYS:
            raise BadInput(
                f"a pause of {self.days:g} days after sightings within {self.within_days:g}: together at most "
                f"{SIGHTING_DAYS}, sightings are kept no longer"
            )

    @property
    def span(self) -> int:
        """The pause in microseconds."""
        return round(self.days * DAY)

    @property
    def within(self) -> int:
        """How long reactions count together, in microseconds."""
        return round(self.within_days * DAY)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until `end` of the person's local time nothing interrupts and no message goes out.

    It may pass midnight. Channels and markets that are given must be the request's; without a law's market it holds in all.
    """

    start: time
    end: time
    channels: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    law: str = ""

    def __post_init__(self) -> None:
        """Refuse hours that are none.

        Raises
        ------
        BadInput
            If they end when they begin.
        """
        if self.start == self.end:
            raise BadInput(f"quiet hours from {self.start:%H:%M} to {self.end:%H:%M}: they must end at another time")

    def hold(self, at: time) -> bool:
        """Tell whether a local time lies in them.

        Examples
        --------
        >>> night = QuietHours(time(21), time(8))
        >>> night.hold(time(7, 59)), night.hold(time(8)), night.hold(time(21))
        (True, False, True)
        """
        return is_clock_between(at, self.start, self.end)


@dataclass(frozen=True, slots=True)
class ValueFirst:
    """Nothing is sold to a person before something helped them.

    Attributes
    ----------
    n_useful : int
        Useful contacts (a guide sent and read, a question answered, a visit without an offer) before the first offer.
    needs_win : bool
        Whether a win event (result delivered, product used, a good rating) must have come after the last purchase.
    win_events : tuple of str
        Event names that count as a win.
    channels, markets : tuple of str
        Where it is asked; empty everywhere.
    """

    n_useful: int = 0
    needs_win: bool = False
    win_events: tuple[str, ...] = ("Result Delivered", "Onboarding Completed", "Goal Reached")
    channels: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PressureLimits:
    """The whole of it, as a policy has it.

    Attributes
    ----------
    caps : tuple of Cap
        Every one must hold.
    cooldowns : tuple of Cooldown
        Any one pauses.
    costs : mapping of str to float
        What one contact on a channel is worth of, in the reporting currency; an offer below it is not made.
    must_solve_first : bool
        Whether an open complaint stops every offer.
    """

    caps: tuple[Cap, ...] = ()
    cooldowns: tuple[Cooldown, ...] = ()
    quiet_hours: tuple[QuietHours, ...] = ()
    value_first: ValueFirst | None = None
    costs: Mapping[str, float] = field(default_factory=dict)
    must_solve_first: bool = True

    @property
    def counts_accounts(self) -> bool:
        """Whether any cap counts what everybody of an account was asked."""
        return any(cap.unit == ACCOUNT for cap in self.caps)
