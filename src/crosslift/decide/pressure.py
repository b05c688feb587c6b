"""The last gate: may we take this person's attention here and now, and for this? Exact; what cannot be counted is refused.

Placements on a page the person came to by themselves consume nothing of the budget: they ask whether everything, or a
product, is left alone for a while. What interrupts or writes first also asks the caps, the quiet hours, and that there is
somebody to count: a customer or browser, at least a visit. An agent's word takes attention too, though nobody is held up
by it: it asks the caps, and counts from when it is reported as said. What sells nothing (`rules.SPARED`) is never stopped
here and takes nothing of the budget.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.fixed import fixed
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.page import Page
from crosslift.decide.pauses import ANSWERS, Pauses, as_known, in_categories, pauses, rests_altogether
from crosslift.decide.rules import SPARED
from crosslift.decide.verdicts import NUMBERS
from crosslift.domain.bundle import SetOffer
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import DropCode, NoOffer, Offered, Request
from crosslift.domain.placement import Placement
from crosslift.domain.pressure import (
    ACCOUNT,
    CONTACT_DAYS,
    DAY,
    MOST_TOPICS,
    RELEASE_AFTER,
    Cap,
    Contact,
    PressureLimits,
    PressureState,
    Reacted,
    Reaction,
    ValueFirst,
)

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
T = TypeVar("T")
VISIT = "session:"
COMPANY = "account:"
DESK = "desk"


@fixed
class Attention:
    """Whose attention a request asks for, and how.

    Attributes
    ----------
    counted_as : str or None
        The identity it counts under, else the visit; None where there is nobody to count.
    now : int
        Microseconds UTC.
    local : datetime
        The person's own clock.
    is_taken : bool
        Whether it interrupts or writes first.
    is_spoken : bool
        Whether an agent stands between: the screen interrupts nobody, the agent's word counts.
    """

    counted_as: str | None
    channel: str
    market: str | None
    now: int
    local: datetime
    is_taken: bool
    is_message: bool
    is_spoken: bool

    @property
    def expires_at(self) -> int:
        """How long a reservation holds: an interruption a while, a message until it is sent or cancelled, a word not."""
        if self.is_message:
            return self.now + CONTACT_DAYS * DAY
        return self.now + RELEASE_AFTER if self.is_taken else self.now


def counted_as(request: Request) -> str | None:
    """Name whom a request's attention is counted under: the customer, else the browser, the company, this one visit."""
    if request.identity or not (request.account_id or request.session_id):
        return request.identity
    return f"{COMPANY}{request.account_id}" if request.account_id else f"{VISIT}{request.session_id}"


def attention(request: Request, placement: Placement, person: Person, timezones: Mapping[str, str]) -> Attention:
    """Tell whose attention a request asks for.

    Parameters
    ----------
    person : Person
        Of them, the zone and market they live in; the request's market goes before.
    timezones : mapping of str to str
        Zone of a market, `*` for the others; UTC where nobody said. A zone nobody knows is as none.
    """
    market = request.market or person.market
    return Attention(
        counted_as(request), placement.channel, market, int(request.at.timestamp() * 1_000_000),
        local_at(request.at, person.timezone, market, timezones), placement.interrupts or placement.is_message,
        placement.is_message, placement.channel == DESK or request.agent_id is not None,
    )  # fmt: skip


def local_at(at: datetime, timezone: str | None, market: str | None, timezones: Mapping[str, str]) -> datetime:
    """Give an instant as clocks show it where the person is; see `attention`.

    Examples
    --------
    >>> local_at(datetime(2026, 3, 29, 1, tzinfo=UTC), None, "DE", {"DE": "Europe/Berlin"}).hour
    3
    """
    names = (timezone, timezones.get(market or ""), timezones.get("*"))
    return at.astimezone(next((zone for name in names if name and (zone := zone_of(name)) is not None), UTC))


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo | None:
    """Give a time zone by its IANA name, None where there is no such."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


# the whole request ---------------------------------------------------------------------------------------------------


def judge_contacts(person: Person, limits: PressureLimits, asked: Attention) -> NoOffer | None:
    """Say why nothing may be sold to this person here and now; None where nothing speaks against it.

    More contacts never make an allowed one out of a refused one, and their order means nothing. A contact takes room in a
    cap for exactly its window: from its own instant until, not including, the same instant `days` later. One that another
    process dated a moment ahead counts as well.

    Returns
    -------
    NoOffer or None
        The first that holds of busy, solve_first, cooling_down, value_first, quiet_hours, capped. Caps over topics are
        asked of each candidate, see `used_up`.
    """
    state = person.pressure
    if state.is_busy:
        return NoOffer.BUSY
    if limits.must_solve_first and person.open_cases:
        return NoOffer.SOLVE_FIRST
    if rests_altogether(state, limits, asked.now):
        return NoOffer.COOLING_DOWN
    if limits.value_first is not None and _comes_too_soon(person, limits.value_first, asked):
        return NoOffer.VALUE_FIRST
    if asked.is_taken and _is_quiet(limits, asked):
        return NoOffer.QUIET_HOURS
    return NoOffer.CAPPED if _is_used_up(state, limits, asked) else None


def _comes_too_soon(person: Person, first: ValueFirst, asked: Attention) -> bool:
    """Ask for a win only of those who bought: before that there is nothing to have won by."""
    if first.channels and asked.channel not in first.channels:
        return False
    if first.markets and asked.market not in first.markets:
        return False
    helped = person.helped
    if helped.n_useful < first.n_useful:
        return True
    return first.needs_win and helped.bought_at is not None and (helped.won_at or 0) < helped.bought_at


def _is_quiet(limits: PressureLimits, asked: Attention) -> bool:
    return any(
        hours.hold(asked.local.time())
        for hours in limits.quiet_hours
        if (not hours.channels or asked.channel in hours.channels)
        and (not hours.markets or asked.market in hours.markets)
    )


def _is_used_up(state: PressureState, limits: PressureLimits, asked: Attention) -> bool:
    if not limits.caps or not (asked.is_taken or asked.is_spoken):
        return False
    if asked.counted_as is None:
        return asked.is_taken
    if asked.is_taken and asked.counted_as.startswith(VISIT) and any(c.counts_at(asked.now) for c in state.contacts):
        return (
            True  # one interruption a visit, whatever else is allowed: nobody can tell how many visits one person makes
        )
    return any(_is_full(cap, state, asked) for cap in limits.caps if not cap.topics)


def _is_full(cap: Cap, state: PressureState, asked: Attention) -> bool:
    if cap.channels and asked.channel not in cap.channels:
        return False
    counted = _counted(cap, state, asked.now)
    since = state.account_since if _counts_account(cap, state) else state.contacts_since
    return len(counted) >= cap.most or asked.now - cap.span < since


def _counts_account(cap: Cap, state: PressureState) -> bool:
    return cap.unit == ACCOUNT and state.account_contacts is not None


def share_used(state: PressureState, limits: PressureLimits, asked: Attention) -> float:
    """Give how much of the fullest cap over a channel is used, 0..1; caps over topics say nothing of it."""
    over = (cap for cap in limits.caps if not cap.topics and (not cap.channels or asked.channel in cap.channels))
    return max(
        (min(len(_counted(cap, state, asked.now)) / cap.most, 1.0) if cap.most else 1.0 for cap in over), default=0.0
    )


def _counted(cap: Cap, state: PressureState, now: int) -> list[Contact]:
    begin = now - cap.span
    contacts = state.account_contacts if cap.unit == ACCOUNT else None
    return [
        contact
        for contact in (state.contacts if contacts is None else contacts)
        if contact.at > begin
        and contact.counts_at(now)
        and (not cap.channels or contact.channel in cap.channels)
        and (not cap.topics or contact.is_about(cap.topics))
    ]


# each candidate ------------------------------------------------------------------------------------------------------


class LastGate:
    """The last gate of one decision, asked of its candidates and of the parts of sets.

    Parameters
    ----------
    parent_of : callable
        Gives the product of a variant.
    is_asked : bool
        False where the past is completed: nobody's attention is taken by it.

    Attributes
    ----------
    stop : NoOffer or None
        What stops everything that sells.
    """

    def __init__(
        self, knowledge: Knowledge, person: Person, limits: PressureLimits, asked: Attention,
        parent_of: Callable[[str], str] = str, *, is_asked: bool = True, page: Page | None = None,
    ) -> None:  # fmt: skip
        self._knowledge, self._state, self._limits = knowledge, person.pressure, limits
        self._asked, self._parent_of, self._is_asked = asked, parent_of, is_asked
        self._page = page or Page()
        self.stop = judge_contacts(person, limits, asked) if is_asked else None
        self._rests_on: list[Reacted] = []
        self._pauses: Pauses | None = None

    def judge(self, found: Candidates, verdict: Array) -> None:
        """Write this gate's codes where no gate before it wrote one.

        Parameters
        ----------
        verdict : uint array, shape (candidates,)
            0 for what may be offered so far; changed in place.
        """
        if not self._is_asked:
            return
        resting, has_topics = self._resting(found), any(cap.topics for cap in self._limits.caps)
        if resting is None and not has_topics and self.stop is None:
            return
        selling = ~found.from_sources(SPARED)
        if resting is not None:
            _stop(verdict, selling & resting, DropCode.COOLING_DOWN)
        if has_topics:
            full = used_up(self._state, self._limits, self._knowledge, found.items, self._asked)
            _stop(verdict, selling & full, DropCode.CAPPED)
        if self.stop is not None:
            _stop(verdict, selling, DropCode(self.stop.value))

    def _resting(self, found: Candidates) -> Mask | None:
        """Mark what is left alone for a while, and note what that rests on."""
        if not self._state.reactions:
            return None
        if self._pauses is None:
            given = self._state, self._limits, self._knowledge
            self._pauses = self._page.once(pauses, given, self._asked.now, self._parent_of)
        standing = {found.listed[place] for place in found.places_of(self._pauses.places)}
        for item, told in self._pauses.places.items() if standing else ():
            if item in standing:
                self._rests_on += told
        for told in self._pauses.categories.values():
            self._rests_on += told
        return self._pauses.mask(self._knowledge, found)

    def reason(self, verdict: Array) -> NoOffer | None:
        """Give what stopped everything, where it stopped anything."""
        if self.stop is None or not (verdict == _number(DropCode(self.stop.value))).any():
            return None
        return self.stop

    def read(self) -> PressureState:
        """Give of the person's pressure what the decision rests on, so that it can be made again from little.

        Contacts that a cap counted (of a full one no more than fill it) and the reactions behind what rested among the
        items it was asked about, under the names that the snapshot has for them; with sightings also the answers that
        made others forget them: without those a sighting kept for its product would speak for its category, and for all.
        """
        if not self._is_asked:
            return PressureState()
        if not (self._state.reactions or self._state.contacts or self._state.account_contacts):
            return self._state
        behind = list(self._rests_on)
        if self.stop is NoOffer.COOLING_DOWN:
            behind += rests_altogether(self._state, self._limits, self._asked.now)
        known = tuple(as_known(one, self._knowledge, self._parent_of) for one in _once(behind))
        if any(one.reaction is Reaction.SEEN for one in known):
            known += self._answers_to(known)
        own, of_account = _contacts_read(self._state, self._limits, self._asked)
        state = self._state
        return PressureState(
            state.row_version, own, known, state.contacts_since, state.is_busy, of_account, state.account_since
        )

    def _answers_to(self, kept: Sequence[Reacted]) -> tuple[Reacted, ...]:
        """Give the newest answer to each product and category since the first sighting that is kept."""
        since = min(one.at for one in kept if one.reaction is Reaction.SEEN)
        newest: dict[tuple[str, str], Reacted] = {}
        for one in self._state.reactions:
            if one.reaction in ANSWERS and one.at >= since:
                answer = as_known(one, self._knowledge, self._parent_of)
                about = answer.product_id, answer.category
                if about not in newest or newest[about].at < answer.at:
                    newest[about] = answer
        return tuple(one for one in newest.values() if one not in kept)


def _stop(verdict: Array, stopped: Mask, code: DropCode) -> None:
    verdict[stopped & (verdict == 0)] = _number(code)


def _number(code: DropCode) -> int:
    return NUMBERS[code]


def _contacts_read(
    state: PressureState, limits: PressureLimits, asked: Attention
) -> tuple[tuple[Contact, ...], tuple[Contact, ...] | None]:
    """Give the contacts that caps counted: those of the person, and those of their accounts (None where nobody asked)."""
    own: list[Contact] = []
    of_account: list[Contact] = []
    if asked.counted_as is not None and (asked.is_taken or asked.is_spoken):
        if asked.counted_as.startswith(VISIT):
            own += [one for one in state.contacts if one.counts_at(asked.now)][:1]
        for cap in limits.caps:
            counted = of_account if _counts_account(cap, state) else own
            counted += sorted(_counted(cap, state, asked.now), key=lambda one: -one.at)[: cap.most]
    return _once(own), None if state.account_contacts is None else _once(of_account)


def _once(met: Iterable[T]) -> tuple[T, ...]:
    """Give each thing met once; two that are alike are two."""
    return tuple({id(one): one for one in met}.values())


def used_up(state: PressureState, limits: PressureLimits, knowledge: Knowledge, items: Array, asked: Attention) -> Mask:
    """Mark the candidates whose topic has no room left in a cap over topics; shape (candidates,)."""
    mask = np.zeros(len(items), dtype=np.bool_)
    if asked.counted_as is None or not (asked.is_taken or asked.is_spoken):
        return mask
    for cap in limits.caps:
        if cap.topics and _is_full(cap, state, asked):
            mask |= in_categories(knowledge, items, cap.topics) | knowledge.library.serving(cap.topics)[items]
    return mask


def topic_of(knowledge: Knowledge, items: Iterable[int], placement: str) -> str:
    """Give what a contact that offers some items is about (`domain.pressure.Contact.topic`)."""
    topics: dict[str, None] = {}
    for item in items:
        offer = knowledge.library.offer_at(item)
        for topic in (knowledge.category_names[item], *(offer.goals if offer else ())):
            if topic:
                topics[" ".join(topic.split("\n"))] = None
    return "\n".join(list(topics)[:MOST_TOPICS]) or placement


def reserves(purpose: Purpose, offers: Sequence[Offered], sets: Sequence[SetOffer], asked: Attention) -> bool:
    """Tell whether what is shown takes attention that must be counted before it is given."""
    is_counted = asked.is_taken and asked.counted_as is not None and purpose is not Purpose.EVALUATION
    return is_counted and sells(offers, sets)


def sells(offers: Sequence[Offered], sets: Sequence[SetOffer]) -> bool:
    """Tell whether anything that is shown sells."""
    return bool(sets) or any(offer.kind not in SPARED for offer in offers)
