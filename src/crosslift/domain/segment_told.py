"""What a rule says, as facts: codes with their evidence, of which `wording` makes a sentence in each language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crosslift.domain.condition import (
    CALLED,
    Ago,
    Compares,
    Condition,
    Consents,
    Count,
    Every,
    Has,
    Is,
    Known,
    Not,
    Possesses,
    Revisits,
    Share,
    Some,
    Trait,
    UsageShare,
    Value,
    When,
)
from crosslift.domain.profile import PROFILE_COLUMNS


@dataclass(frozen=True, slots=True)
class Told:
    """One thing a rule says.

    Attributes
    ----------
    code : str
        `all`, `any`, `not` (these have parts); `number` (sign, limit), `is` (texts, is_negated), `since` (sign, day or
        seconds), `known` (is_known), `has` (figure, text), `consent` (purpose, channel), `holds`, `owns`, `lacks` (product).
    evidence : mapping of str to object
        What stands in brackets above; and of the compared value: `value` (`figure`, `trait`, `share`, `usage_share`,
        `revisits`, `count`) with its names, and its `unit`.
    parts : tuple of Told
        What is joined or denied.
    """

    code: str
    evidence: Mapping[str, object] = field(default_factory=dict)
    parts: tuple["Told", ...] = ()


def told(rule: Condition) -> Told:
    """Describe a rule part by part.

    Examples
    --------
    >>> from crosslift.domain.segment_grammar import parse
    >>> told(parse("orders >= 3")).evidence
    {'sign': '>=', 'limit': 3.0, 'value': 'figure', 'figure': 'orders', 'unit': 'count'}
    """
    match rule:
        case Every(parts):
            return Told("all", parts=tuple(told(part) for part in parts))
        case Some(parts):
            return Told("any", parts=tuple(told(part) for part in parts))
        case Not(part):
            return Told("not", parts=(told(part),))
        case Compares(value, sign, limit):
            return Told("number", {"sign": sign.value, "limit": limit, **_value(value)})
        case Is(value, texts, is_negated):
            return Told("is", {"texts": texts, "is_negated": is_negated, **_value(value)})
        case When(value, sign, Ago(seconds)):
            return Told("since", {"sign": sign.value, "seconds": seconds, **_value(value)})
        case When(value, sign, day):
            return Told("since", {"sign": sign.value, "day": day, **_value(value)})
        case Known(value, is_known):
            return Told("known", {"is_known": is_known, **_value(value)})
        case Has(column, text):
            return Told("has", {"figure": column, "text": text})
        case Consents(purpose, channel):
            return Told("consent", {"purpose": purpose, "channel": channel})
        case Possesses(how, product):
            return Told(how.value, {"product": product})


def _value(value: Value) -> dict[str, object]:
    match value:
        case Trait(name):
            return {"value": "trait", "trait": name}
        case Share(of, name):
            return {"value": "share", "of": of, "name": name, "unit": "share"}
        case UsageShare(meter):
            return {"value": "usage_share", "meter": meter, "unit": "share"}
        case Revisits(category):
            return {"value": "revisits", "category": category, "unit": "count"}
        case Count(event, seconds, category, product, properties):
            named = {"category": category, "product": product, **dict(properties)}
            filters = {name: text for name, text in named.items() if text is not None}
            return {"value": "count", "event": event, "seconds": seconds, "filters": filters, "unit": "count"}
    name = CALLED.get(value.column, value.column)
    return {"value": "figure", "figure": name, "unit": PROFILE_COLUMNS[value.column].unit}
