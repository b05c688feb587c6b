"""Who buys: identities, the consents they gave, and the few facts a decision reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crosslift.domain.membership import PersonFacts
from crosslift.domain.pressure import Helped, PressureState
from crosslift.domain.profile import ReturnVisits


class Purpose(StrEnum):
    """What a decision may use and do (DESIGN 2b.4).

    `contextual` needs no consent. `evaluation` exists offline only: every channel and live endpoint refuses it.
    """

    CONTEXTUAL = "contextual"
    PERSONALIZATION = "personalization"
    MARKETING = "marketing"
    EVALUATION = "evaluation"


class ConsentStatus(StrEnum):
    """The state a ledger entry puts a purpose in; a pending one waits for the second yes and changes nothing before."""

    GRANTED = "granted"
    PENDING = "pending"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """One entry of the append-only consent ledger; the newest entry per purpose and channel counts."""

    customer_id: str
    purpose: Purpose
    channel: str
    status: ConsentStatus
    at: datetime
    source: str
    wording: str | None = None
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A refill or service that one person will need: instants in microseconds UTC, the interval in days.

    `n_gaps` counts the person's own gaps it rests on, 0 where only other people's are known; `basis` is how it was
    found: their own rhythm, the product's, or a meter.
    """

    product_id: str
    due_at: int
    interval_days: float
    last_at: int
    n_gaps: int
    basis: str


@dataclass(frozen=True, slots=True)
class Person:
    """What `decide` reads of the person in front of us, already limited to what consent allows.

    `owned` was bought and kept, `holdings` are the products of running contracts. `consents` says what counts now by
    purpose and channel, `entries` which entry of the ledger says so. `pressure`, `open_cases` (how many wait for an
    answer) and `helped` protect the person: they are read whatever consent allows. `timezone` is an IANA name, `market`
    where their record says they live.
    `goals` they declared, `lately` what they bought not long ago (product to microseconds UTC), `returning` the
    categories they come back to. `facts` is what rules are asked about; where a decision is made again, `held` names
    what held then.
    """

    identity: str | None = None
    is_known: bool = False
    owned: frozenset[str] = frozenset()
    consents: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    entries: Mapping[tuple[str, str], int] = field(default_factory=dict)
    mapping_version: int = 0
    traits: Mapping[str, str] = field(default_factory=dict)
    holdings: frozenset[str] = frozenset()
    dues: tuple[Due, ...] = ()
    pressure: PressureState = field(default_factory=PressureState)
    open_cases: int = 0
    timezone: str | None = None
    market: str | None = None
    helped: Helped = field(default_factory=Helped)
    goals: tuple[str, ...] = ()
    lately: Mapping[str, int] = field(default_factory=dict)
    returning: tuple[ReturnVisits, ...] = ()
    facts: PersonFacts | None = field(default=None, compare=False)
    held: tuple[str, ...] | None = field(default=None, compare=False)

    def allows(self, purpose: Purpose, channel: str) -> bool:
        """Tell whether the newest word on this channel, else on all channels (`*`), is a grant; missing means no."""
        return self.consents.get((purpose.value, channel), self.consents.get((purpose.value, "*"), False))

    def entry(self, purpose: Purpose, channel: str) -> int:
        """Give the ledger entry that allows a purpose on a channel, 0 where none was needed or given."""
        if not self.allows(purpose, channel):
            return 0
        return self.entries.get((purpose.value, channel), self.entries.get((purpose.value, "*"), 0))
