"""What a segment's rule says, as a small tree: figures of a person, comparisons of them, and / or / not over these.

An unknown value makes every comparison of it false, `is not` and `!=` included; `is unknown` asks for it. Above the
comparisons there is true and false only, so `not (clv > 100)` holds where the clv is unknown. Times count back from the
instant the rule is asked at.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import floor, isnan

from crosslift.domain.profile import PROFILE_COLUMNS, Column, Kind

SECOND = 1_000_000
"""Microseconds."""

UNITS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
"""Seconds of a unit of time."""

CALLED = {
    "n_orders": "orders",
    "n_items": "items",
    "n_returns": "returns",
    "n_activities": "activities",
    "last_nps": "nps",
    "last_rating": "rating",
}
"""Columns of the profile whose name in a rule is shorter; the column's own name is understood too."""

_NOT_ASKED = ("person_id", "currency", "as_of", "holdings")


def _columns(kind: Kind) -> dict[str, Column]:
    return {name: column for name, column in PROFILE_COLUMNS.items() if column.kind is kind and name not in _NOT_ASKED}


FIGURES, WORDS, MOMENTS, LISTS = (_columns(kind) for kind in (Kind.NUMBER, Kind.TEXT, Kind.INSTANT, Kind.LIST))
"""Columns of the profile a rule may speak of, by what they hold."""
SHARES = {"category": "categories", "brand": "brands", "price_band": "price_bands"}
"""What a share of spend may be of, and the column of the profile it is in."""


class Sign(StrEnum):
    """How two values are compared."""

    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    EQUAL = "="
    OTHER = "!="


class Hold(StrEnum):
    """Of a product: a contract of it runs, it was bought and kept, or neither."""

    HOLDS = "holds"
    OWNS = "owns"
    LACKS = "lacks"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the profile, by its column."""

    column: str


@dataclass(frozen=True, slots=True)
class Word:
    """A text of the profile, by its column."""

    column: str


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant of the profile, by its column."""

    column: str


@dataclass(frozen=True, slots=True)
class Trait:
    """A declared or collected attribute: a text, and a number where it reads as one."""

    name: str


@dataclass(frozen=True, slots=True)
class Share:
    """Share of spend, 0..1, on a category (and all below it), brand or price band among the person's five largest.

    0 where others are known but not this one.
    """

    of: str
    name: str


@dataclass(frozen=True, slots=True)
class UsageShare:
    """Used part of what a running contract includes, 0 or more, by its meter or product; the fullest of several."""

    meter: str


@dataclass(frozen=True, slots=True)
class Revisits:
    """Visits to a category (and all below it) after a purchase in it; 0 where there were none."""

    category: str


@dataclass(frozen=True, slots=True)
class Count:
    """Events of a name within the last `seconds`, from the instant exactly that long ago up to now, both included.

    `category` counts everything below it too; `properties` are equal as texts (see `property_text`).
    """

    event: str
    seconds: int
    category: str | None = None
    product: str | None = None
    properties: tuple[tuple[str, str], ...] = ()


Number = Figure | Trait | Share | UsageShare | Revisits | Count
Value = Number | Word | Moment


@dataclass(frozen=True, slots=True)
class Ago:
    """So many seconds before the instant the rule is asked at."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Compares:
    """A number on one side of a limit."""

    value: Number
    sign: Sign
    limit: float


@dataclass(frozen=True, slots=True)
class Is:
    """A text that is one of some, or for `is_negated` known and none of them; exactly, letter for letter."""

    value: Word | Trait
    texts: tuple[str, ...]
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class When:
    """An instant on one side of the beginning of a day (UTC) or of a time ago; never `=` or `!=`."""

    value: Moment
    sign: Sign
    bound: date | Ago


@dataclass(frozen=True, slots=True)
class Known:
    """A value that is known, or for `is_known` false unknown."""

    value: Value
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Has:
    """A list of the profile that holds a text."""

    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Consents:
    """Consent to a purpose: the newest word on the channel, else on all channels; missing means no.

    Without a channel the word on all channels counts alone.
    """

    purpose: str
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Possesses:
    """A product that the person holds, owns or lacks."""

    how: Hold
    product: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Every:
    """All of two or more parts, none of them an `Every`; see `every`."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of two or more parts, none of them a `Some`; see `some`."""

    parts: tuple["Condition", ...]


Leaf = Compares | Is | When | Known | Has | Consents | Possesses
Condition = Leaf | Not | Every | Some


def every(parts: Iterable[Condition]) -> Condition:
    """Join one or more parts by `and`, in one level."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Every) else (part,))]
    return flat[0] if len(flat) == 1 else Every(tuple(flat))


def some(parts: Iterable[Condition]) -> Condition:
    """Join one or more parts by `or`, in one level."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Some) else (part,))]
    return flat[0] if len(flat) == 1 else Some(tuple(flat))


def leaves(rule: Condition) -> Iterator[Leaf]:
    """Give every comparison of a rule, from left to right."""
    if isinstance(rule, Not):
        yield from leaves(rule.part)
    elif isinstance(rule, Every | Some):
        for part in rule.parts:
            yield from leaves(part)
    else:
        yield rule


def values(rules: Iterable[Condition]) -> list[Value]:
    """Give every value that rules compare, each once, in the order of first mention."""
    found = (leaf.value for rule in rules for leaf in leaves(rule) if isinstance(leaf, Compares | Is | When | Known))
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Needs:
    """What has to be at hand to ask some rules.

    Attributes
    ----------
    columns : frozenset of str
        Columns of the profile, mappings and lists included.
    traits : frozenset of str
        Names of traits.
    events, properties : frozenset of str
        Names of the events that are counted, and of their properties that are looked at.
    seconds : int
        How far back events are counted; 0 where none is.
    has_consents, has_usage : bool
        Whether consents, and used shares of contracts, are asked for.
    possessions : frozenset of Hold
        Whether running contracts or owned products are asked for.
    """

    columns: frozenset[str]
    traits: frozenset[str]
    events: frozenset[str]
    properties: frozenset[str]
    seconds: int
    has_consents: bool
    has_usage: bool
    possessions: frozenset[Hold]


NOTHING_NEEDED = Needs(frozenset(), frozenset(), frozenset(), frozenset(), 0, False, False, frozenset())


def needs_of_all(asked: Iterable[Needs]) -> Needs:
    """Put together what several rules need."""
    every = [NOTHING_NEEDED, *asked]
    return Needs(
        columns=frozenset().union(*(one.columns for one in every)),
        traits=frozenset().union(*(one.traits for one in every)),
        events=frozenset().union(*(one.events for one in every)),
        properties=frozenset().union(*(one.properties for one in every)),
        seconds=max(one.seconds for one in every),
        has_consents=any(one.has_consents for one in every),
        has_usage=any(one.has_usage for one in every),
        possessions=frozenset().union(*(one.possessions for one in every)),
    )


def needs(rules: Iterable[Condition]) -> Needs:
    """Tell what has to be read before some rules can be asked."""
    asked = list(rules)
    found, tests = values(asked), [leaf for rule in asked for leaf in leaves(rule)]
    counts = [value for value in found if isinstance(value, Count)]
    how = {leaf.how for leaf in tests if isinstance(leaf, Possesses)}
    return Needs(
        columns=frozenset(
            [value.column for value in found if isinstance(value, Figure | Word | Moment)]
            + [SHARES[value.of] for value in found if isinstance(value, Share)]
            + ["returning_intent" for value in found if isinstance(value, Revisits)]
            + [leaf.column for leaf in tests if isinstance(leaf, Has)]
        ),
        traits=frozenset(value.name for value in found if isinstance(value, Trait)),
        events=frozenset(count.event for count in counts),
        properties=frozenset(name for count in counts for name, _ in count.properties),
        seconds=max((count.seconds for count in counts), default=0),
        has_consents=any(isinstance(leaf, Consents) for leaf in tests),
        has_usage=any(isinstance(value, UsageShare) for value in found),
        possessions=frozenset(how - {Hold.LACKS} | ({Hold.HOLDS, Hold.OWNS} if Hold.LACKS in how else set())),
    )


_PLAIN_NUMBER = re.compile(r"\s*[+-]?\d{1,15}(\.\d{1,9})?\s*", re.ASCII)


def number_of(text: str) -> float | None:
    """Read a trait as a number; None where it is none.

    Examples
    --------
    >>> number_of(" 34.5 "), number_of("34 years"), number_of("nan")
    (34.5, None, None)
    """
    return float(text) if _PLAIN_NUMBER.fullmatch(text) else None


def property_text(value: object) -> str | None:
    """Write an event's property as the text that rules compare; None for what is no single value.

    Examples
    --------
    >>> property_text("app"), property_text(12.0), property_text(True), property_text(["a"])
    ('app', '12', 'true', None)
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else None if isnan(value) else str(value)
    return str(value) if isinstance(value, int) else None


def is_within(category: str | None, wanted: str) -> bool:
    """Tell whether a category path is `wanted` or lies below it.

    Examples
    --------
    >>> is_within("Grinders/Hand", "Grinders"), is_within("Grinders, used", "Grinders")
    (True, False)
    """
    return category is not None and (category == wanted or category.startswith(wanted + "/"))


BILLIONTHS = 1e9


def billionths(share: float) -> int:
    """Write a share as whole billionths, so that sums of shares are the same in any order."""
    return floor(share * BILLIONTHS + 0.5)


def total_share(shares: Mapping[str, float], of: str, name: str) -> float | None:
    """Add up the shares of a name, and of what lies below it where it is a category; None where none is known."""
    if not shares:
        return None
    chosen = (share for key, share in shares.items() if key == name or (of == "category" and is_within(key, name)))
    return sum(billionths(share) for share in chosen) / BILLIONTHS
