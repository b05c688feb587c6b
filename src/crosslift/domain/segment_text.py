"""A rule written back as its one readable line, always the same for the same rule."""

from datetime import date
from decimal import Decimal

from crosslift.domain.condition import (
    CALLED,
    UNITS,
    Ago,
    Compares,
    Condition,
    Consents,
    Count,
    Every,
    Has,
    Is,
    Known,
    Leaf,
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


def text_of(rule: Condition) -> str:
    """Write a rule as the line that reads back as the same rule.

    Examples
    --------
    >>> from crosslift.domain.segment_grammar import parse
    >>> text_of(parse("(n_orders>=3  AND stage = 'buy') and count('Product Viewed', last=7 days) > 0"))
    'orders >= 3 and stage is "buy" and count("Product Viewed", last = 1 week) > 0'
    """
    if isinstance(rule, Some):
        return " or ".join(text_of(part) for part in rule.parts)
    if isinstance(rule, Every):
        return " and ".join(_inside(part, Some) for part in rule.parts)
    if isinstance(rule, Not):
        return f"not {_inside(rule.part, Some, Every)}"
    return _leaf(rule)


def _inside(part: Condition, *looser: type[Every] | type[Some]) -> str:
    return f"({text_of(part)})" if isinstance(part, looser) else text_of(part)


def _leaf(leaf: Leaf) -> str:
    match leaf:
        case Compares(value, sign, limit):
            return f"{value_text(value)} {sign} {number_text(limit)}"
        case Is(value, (text,), is_negated):
            return f"{value_text(value)} is {'not ' if is_negated else ''}{quoted(text)}"
        case Is(value, texts, is_negated):
            return f"{value_text(value)} {'not ' if is_negated else ''}in ({', '.join(map(quoted, texts))})"
        case When(value, sign, bound):
            return f"{value_text(value)} {sign} {_bound_text(bound)}"
        case Known(value, is_known):
            return f"{value_text(value)} is {'known' if is_known else 'unknown'}"
        case Has(column, text):
            return f"{column} has {quoted(text)}"
        case Consents(purpose, None):
            return f"consent({quoted(purpose)})"
        case Consents(purpose, channel):
            return f"consent({quoted(purpose)}, channel = {quoted(channel or '')})"
        case Possesses(how, product):
            return f"{how}({quoted(product)})"


def value_text(value: Value) -> str:
    """Write a value as a rule names it."""
    match value:
        case Trait(name):
            return f"trait({quoted(name)})"
        case Share(of, name):
            return f"share({of} = {quoted(name)})"
        case UsageShare(meter):
            return f"usage_share({quoted(meter)})"
        case Revisits(category):
            return f"revisits({quoted(category)})"
        case Count():
            return _count_text(value)
    return CALLED.get(value.column, value.column)


def _count_text(count: Count) -> str:
    filters = [("category", count.category), ("product", count.product), *count.properties]
    told = [f"{name} = {quoted(text)}" for name, text in filters if text is not None]
    return f"count({', '.join([quoted(count.event), *told, f'last = {duration_text(count.seconds)}'])})"


def _bound_text(bound: date | Ago) -> str:
    return f"{duration_text(bound.seconds)} ago" if isinstance(bound, Ago) else quoted(bound.isoformat())


def duration_text(seconds: int) -> str:
    """Write a time in its largest whole unit.

    Examples
    --------
    >>> duration_text(3600), duration_text(30 * 86400)
    ('1 hour', '30 days')
    """
    unit = max((unit for unit in UNITS if seconds % UNITS[unit] == 0), key=UNITS.__getitem__)
    number = seconds // UNITS[unit]
    return f"{number} {unit}{'' if number == 1 else 's'}"


def number_text(number: float) -> str:
    """Write a number in plain digits.

    Examples
    --------
    >>> number_text(90.0), number_text(-0.25), number_text(1e-7)
    ('90', '-0.25', '0.0000001')
    """
    return str(int(number)) if number.is_integer() else format(Decimal(repr(number)), "f")


def quoted(text: str) -> str:
    """Put a text in quotes; double quotes within are doubled.

    Examples
    --------
    >>> quoted("Tea"), quoted('12" pan')
    ('"Tea"', '"12"" pan"')
    """
    return '"' + text.replace('"', '""') + '"'
