"""Is this person in the segment? A rule made into one function of the person's facts, asked in microseconds."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import isnan
from typing import NamedTuple

from crosslift.domain.condition import (
    SECOND,
    SHARES,
    Ago,
    Compares,
    Condition,
    Consents,
    Count,
    Every,
    Figure,
    Has,
    Hold,
    Is,
    Known,
    Not,
    Number,
    Possesses,
    Revisits,
    Share,
    Sign,
    Some,
    Trait,
    UsageShare,
    Value,
    When,
    Word,
    is_within,
    number_of,
    property_text,
    total_share,
)
from crosslift.domain.profile import Profile


class RecentEvent(NamedTuple):
    """What somebody did lately.

    `at` in microseconds UTC; `category` is the product's; `properties` are the event's own, its `channel` among them.
    """

    name: str
    at: int
    product_id: str | None = None
    category: str | None = None
    properties: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What rules are asked about.

    Attributes
    ----------
    profile : Profile
        Of somebody nobody has learned about, the blank one: nothing ordered, nothing known.
    consents : mapping of (purpose, channel) to bool
        The newest word on each; channel `*` for all channels.
    holdings, owned : frozenset of str
        Products of running contracts; products bought and kept.
    usage : mapping of str to float
        Used share of what a running contract includes, by meter or product; the fullest of several.
    events : sequence of RecentEvent
        As far back as the rules count (`condition.needs`), in any order.
    """

    profile: Profile
    consents: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    holdings: frozenset[str] = frozenset()
    owned: frozenset[str] = frozenset()
    usage: Mapping[str, float] = field(default_factory=dict)
    events: Sequence[RecentEvent] = ()


Predicate = Callable[[PersonFacts, int], bool]
"""Facts of a person and the instant (microseconds UTC) they are asked at, to whether the person is in."""

_Reader = Callable[[PersonFacts, int], float | None]
_COMPARE: Mapping[Sign, Callable[[float, float], bool]] = {
    Sign.LESS: operator.lt,
    Sign.AT_MOST: operator.le,
    Sign.MORE: operator.gt,
    Sign.AT_LEAST: operator.ge,
    Sign.EQUAL: operator.eq,
    Sign.OTHER: operator.ne,
}


def predicate(rule: Condition) -> Predicate:
    """Make a rule into a function that tells whether a person is in.

    It holds no state and may be kept and shared; making it takes far longer than asking it.

    Examples
    --------
    >>> from crosslift.domain.segment_grammar import parse
    >>> looked = RecentEvent("Product Viewed", 90 * SECOND, "G-1", "Grinders/Hand")
    >>> is_in = predicate(parse('count("Product Viewed", category = "Grinders", last = 1 minute) >= 1'))
    >>> is_in(PersonFacts(Profile("customer:1", 0), events=[looked]), 120 * SECOND)
    True
    >>> is_in(PersonFacts(Profile("customer:1", 0), events=[looked]), 151 * SECOND)
    False
    """
    match rule:
        case Not(part):
            inner = predicate(part)
            return lambda facts, now: not inner(facts, now)
        case Every(parts):
            inners = tuple(predicate(part) for part in parts)
            return lambda facts, now: all(inner(facts, now) for inner in inners)
        case Some(parts):
            inners = tuple(predicate(part) for part in parts)
            return lambda facts, now: any(inner(facts, now) for inner in inners)
        case Compares(value, sign, limit):
            return _compares(_number(value), _COMPARE[sign], limit)
        case Is(value, texts, is_negated):
            return _is(_text(value), frozenset(texts), is_negated)
        case When(value, sign, bound):
            return _when(operator.attrgetter(value.column), _COMPARE[sign], bound)
        case Known(value, is_known):
            read = _any_value(value)
            return lambda facts, now: (read(facts, now) is not None) is is_known
        case Has(column, text):
            listed = operator.attrgetter(column)
            return lambda facts, now: text in listed(facts.profile)
        case Consents(purpose, channel):
            return _consents((purpose, "*"), (purpose, "*" if channel is None else channel))
        case Possesses(how, product):
            return _possesses(how, product)


def _compares(read: _Reader, compare: Callable[[float, float], bool], limit: float) -> Predicate:
    def holds(facts: PersonFacts, now: int) -> bool:
        value = read(facts, now)
        return value is not None and compare(value, limit)

    return holds


def _is(read: Callable[[PersonFacts], str | None], texts: frozenset[str], is_negated: bool) -> Predicate:
    def holds(facts: PersonFacts, now: int) -> bool:
        text = read(facts)
        return text is not None and (text in texts) is not is_negated

    return holds


def _when(
    read: Callable[[Profile], int | None], compare: Callable[[float, float], bool], bound: date | Ago
) -> Predicate:
    fixed = None if isinstance(bound, Ago) else day_begins(bound)
    back = bound.seconds * SECOND if isinstance(bound, Ago) else 0

    def holds(facts: PersonFacts, now: int) -> bool:
        at = read(facts.profile)
        return at is not None and compare(at, now - back if fixed is None else fixed)

    return holds


def _consents(everywhere: tuple[str, str], here: tuple[str, str]) -> Predicate:
    return lambda facts, now: facts.consents.get(here, facts.consents.get(everywhere, False))


def _possesses(how: Hold, product: str) -> Predicate:
    if how is Hold.HOLDS:
        return lambda facts, now: product in facts.holdings
    if how is Hold.OWNS:
        return lambda facts, now: product in facts.owned
    return lambda facts, now: product not in facts.holdings and product not in facts.owned


def _any_value(value: Value) -> Callable[[PersonFacts, int], object]:
    """Read a value of any kind; a trait as the text it is."""
    if isinstance(value, Trait):
        return lambda facts, now: facts.profile.traits.get(value.name)
    if isinstance(value, Share | UsageShare | Revisits | Count | Figure):
        return _number(value)
    read = operator.attrgetter(value.column)
    return lambda facts, now: read(facts.profile)


def _text(value: Word | Trait) -> Callable[[PersonFacts], str | None]:
    if isinstance(value, Trait):
        return lambda facts: facts.profile.traits.get(value.name)
    return operator.attrgetter(f"profile.{value.column}")


def _number(value: Number) -> _Reader:
    match value:
        case Figure(column):
            return _figure(operator.attrgetter(column))
        case Trait(name):
            return lambda facts, now: number_of(facts.profile.traits.get(name, ""))
        case Share(of, name):
            shares = operator.attrgetter(SHARES[of])
            return lambda facts, now: total_share(shares(facts.profile), of, name)
        case UsageShare(meter):
            return lambda facts, now: facts.usage.get(meter)
        case Revisits(category):
            return lambda facts, now: sum(
                visits.n_visits for visits in facts.profile.returning_intent if is_within(visits.category, category)
            )
        case Count():
            return _count(value)


def _figure(read: Callable[[Profile], float | None]) -> _Reader:
    def number(facts: PersonFacts, now: int) -> float | None:
        value = read(facts.profile)
        return None if value is None or isnan(value) else value

    return number


def _count(asked: Count) -> _Reader:
    """Count events: name and time first, they leave few; places in the tuple, for they are read 200 times."""
    event, back, product, category = asked.event, asked.seconds * SECOND, asked.product, asked.category
    below = f"{category}/"

    def number(facts: PersonFacts, now: int) -> int:
        since = now - back
        found = [one for one in facts.events if one[0] == event and since <= one[1] <= now]
        if product is not None:
            found = [one for one in found if one[2] == product]
        if category is not None:
            found = [one for one in found if (path := one[3]) == category or (path and path.startswith(below))]
        for name, text in asked.properties:
            found = [one for one in found if property_text(one[4].get(name)) == text]
        return len(found)

    return number


def day_begins(day: date) -> int:
    """Give the instant a day begins, microseconds UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND
