"""Filter expressions of Amazon Personalize: read once, asked of each product.

INCLUDE ItemID WHERE Items.CATEGORY_L1 IN ("shoes") AND Items.PRICE <= $MAX
EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase") | INCLUDE ItemID WHERE Items.BRAND = CurrentItem.BRAND
IF CurrentUser.AGE >= 18 INCLUDE ItemID WHERE Items.ADULT = "true"
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isnan

from crosslift.collect.sources.interactions import event_name
from crosslift.errors import BadInput, NotFound
from crosslift.settings import Settings
from crosslift.web.compat.items import Value, as_text

Facts = Mapping[str, tuple[Value, ...]]
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<slot>\$\w+)|(?P<word>[A-Za-z_][\w]*(?:\.\w+)?)"""
    r"""|(?P<sign><=|>=|!=|=|<|>|\(|\)|,|\|))"""
)
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip
ANYTHING = "*"
DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """What a filter is asked about: one product, the page's product, the person, and what they did with the product."""

    item: Facts
    current_item: Facts
    user: Facts
    done: frozenset[str]

    def values(self, field: str) -> tuple[Value, ...]:
        """Give the values of a field such as `Items.PRICE`."""
        dataset, _, name = field.partition(".")
        kind, name = dataset.casefold(), name.casefold()
        if kind in ("items", "actions", "item"):
            return self.item.get(name, ())
        if kind == "currentitem":
            return self.current_item.get(name, ())
        if kind in ("users", "currentuser"):
            return self.user.get(name, ())
        if kind in ("interactions", "actioninteractions"):
            return tuple(sorted(self.done)) if name == "event_type" else ()
        raise BadInput(
            f"{field!r} is no field of Items, Users, CurrentUser, CurrentItem or Interactions", where="filter"
        )


Test = Callable[[Asked], bool]


@dataclass(frozen=True, slots=True)
class Clause:
    """One INCLUDE or EXCLUDE, perhaps under an IF."""

    includes: bool
    test: Test
    when: Test | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """A whole expression."""

    clauses: tuple[Clause, ...]
    asks_history: bool

    def keeps(self, asked: Asked) -> bool:
        """Tell whether a product stays: included by one INCLUDE, where there is any, and excluded by none."""
        live = [one for one in self.clauses if one.when is None or one.when(asked)]
        if any(one.test(asked) for one in live if not one.includes):
            return False
        including = [one for one in live if one.includes]
        return not including or any(one.test(asked) for one in including)


def saved(settings: Settings, name: str) -> str:
    """Give the expression that `compat.filters` has under a name.

    Raises
    ------
    NotFound
        If there is none.
    """
    for line in settings["compat.filters"].splitlines():
        own, is_there, expression = line.partition(":")
        if is_there and own.strip() == name:
            return str(expression.strip())
    raise NotFound(f"no filter {name!r}; write it under compat.filters in shop.toml")


def read(expression: str, values: Mapping[str, str]) -> Filter:
    """Read an expression with the values of its placeholders.

    An EXCLUDE whose placeholder has no value is left out; an INCLUDE needs all of them.

    Raises
    ------
    BadInput
        Naming what cannot be read.

    Examples
    --------
    >>> cheap = read('INCLUDE ItemID WHERE Items.PRICE < $MAX', {"MAX": "5"})
    >>> [cheap.keeps(Asked({"price": (price,)}, {}, {}, frozenset())) for price in (4.0, 6.0)]
    [True, False]
    """
    reader = _Reader(expression, values)
    clauses = []
    while True:
        clause = reader.clause()
        if clause is not None:
            clauses.append(clause)
        if not reader.takes("|"):
            break
    reader.ends()
    return Filter(tuple(clauses), "interactions." in expression.casefold())


class _Reader:
    def __init__(self, text: str, values: Mapping[str, str]) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._at, place = 0, 0
        self._values = values
        self._lacks: set[str] = set()
        self._depth = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None or found.lastgroup is None:
                raise BadInput(f"cannot be read from {text[place:].strip()[:30]!r} on", where="filter")
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            place = found.end()

    def clause(self) -> Clause | None:
        """Read one clause; None for an EXCLUDE that is skipped."""
        self._lacks = set()
        when = self._either() if self.takes("IF") else None
        includes = self.takes("INCLUDE")
        if not includes and not self.takes("EXCLUDE"):
            raise self._wrong("INCLUDE or EXCLUDE")
        if self._next()[1].casefold() not in ("itemid", "actionid"):
            raise self._wrong("ItemID", 1)
        if not self.takes("WHERE"):
            raise self._wrong("WHERE")
        test = self._either()
        if self._lacks:
            if includes:
                raise BadInput(f"filterValues lacks {', '.join(sorted(self._lacks))}", where="filterValues")
            return None
        return Clause(includes, test, when)

    def ends(self) -> None:
        """Refuse what stands behind the last clause."""
        if self._at < len(self._tokens):
            raise self._wrong("| or the end")

    def takes(self, word: str) -> bool:
        """Pass over a word or sign, where it stands here."""
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        if kind not in ("word", "sign") or text.upper() != word:
            return False
        self._at += 1
        return True

    def _either(self) -> Test:
        tests = [self._both()]
        while self.takes("OR"):
            tests.append(self._both())
        return lambda asked: any(test(asked) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self.takes("AND"):
            tests.append(self._one())
        return lambda asked: all(test(asked) for test in tests)

    def _one(self) -> Test:
        if self.takes("("):
            self._depth += 1
            if self._depth > DEEPEST:
                raise BadInput("is nested too deeply", where="filter")
            test = self._either()
            if not self.takes(")"):
                raise self._wrong(")")
            self._depth -= 1
            return test
        field = self._field()
        is_not = self.takes("NOT")
        if self.takes("IN"):
            wanted = self._list()
            return lambda asked: _is_in(asked, field, wanted) != is_not
        kind, sign = self._next()
        if is_not or kind != "sign" or sign not in ("=", "!=", *_COMPARE):
            raise self._wrong("IN, NOT IN, =, !=, <, <=, > or >=", 1)
        values = self._operand()
        if sign in ("=", "!="):
            return lambda asked: _is_in(asked, field, values) == (sign == "=")
        return lambda asked: _compares(asked, field, sign, values)

    def _field(self) -> str:
        kind, name = self._next()
        if kind != "word" or "." not in name:
            raise self._wrong("a field such as Items.PRICE", 1)
        Asked({}, {}, {}, frozenset()).values(name)
        return name

    def _list(self) -> "Operand":
        if not self.takes("("):
            raise self._wrong("(")
        found = [self._operand()]
        while self.takes(","):
            found.append(self._operand())
        if not self.takes(")"):
            raise self._wrong(")")
        return lambda asked: tuple(value for one in found for value in one(asked))

    def _operand(self) -> "Operand":
        kind, text = self._next()
        if kind == "slot":
            values = self._told(text[1:])
        elif kind == "text":
            values = (_unquoted(text),)
        elif kind == "number":
            values = (float(text),)
        elif kind == "word" and "." in text:
            Asked({}, {}, {}, frozenset()).values(text)
            return lambda asked: asked.values(text)
        else:
            raise self._wrong("a value", 1)
        return lambda _asked: values

    def _told(self, slot: str) -> tuple[Value, ...]:
        if slot not in self._values:
            self._lacks.add(slot)
            return ()
        text = self._values[slot].strip()
        found = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
        parts = found or [part.strip() for part in text.split(",")]
        return tuple(_number(part) if not found else part for part in parts)

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self._wrong("more")
        self._at += 1
        return self._tokens[self._at - 1]

    def _wrong(self, expected: str, back: int = 0) -> BadInput:
        place = self._at - back
        met = self._tokens[place][1] if place < len(self._tokens) else "the end"
        return BadInput(f"{expected} is expected where {met[:40]!r} stands", where="filter")


Operand = Callable[[Asked], tuple[Value, ...]]


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _number(text: str) -> Value:
    try:
        return float(text)
    except ValueError:
        return text


def _is_in(asked: Asked, field: str, wanted: Operand) -> bool:
    values = {as_text(value) for value in asked.values(field)}
    among = {as_text(value) for value in wanted(asked)}
    if field.casefold().endswith("interactions.event_type"):
        among = {word if word == ANYTHING else event_name(word) for word in among}
    return bool(values) if ANYTHING in among else not values.isdisjoint(among)


def _compares(asked: Asked, field: str, sign: str, wanted: Operand) -> bool:
    pairs = ((value, limit) for value in asked.values(field) for limit in wanted(asked))
    return any(_COMPARE[sign](float(a), float(b)) for a, b in pairs if _is_number(a) and _is_number(b))


def _is_number(value: Value) -> bool:
    try:
        return not isnan(float(value))
    except ValueError:
        return False
