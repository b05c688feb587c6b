"""Filters of Google Retail's predict, both syntaxes in one grammar.

tag="new" AND filterOutOfStockItems
tag=(-"adult" OR "gift")
(categories: ANY("Tea > Pots")) AND NOT (colors: ANY("Red", "Blue"))
"""

import re
from collections.abc import Callable, Mapping

from crosslift.errors import BadInput
from crosslift.web.compat.items import Value, has_any

Facts = Mapping[str, tuple[Value, ...]]
Test = Callable[[Facts], bool]
LONGEST, DEEPEST = 5_000, 40
_TOKEN = re.compile(r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[A-Za-z_][\w.]*)|(?P<sign>[-:=(),]))""")
_FIELDS = {"tag": "tags", "id": "itemid", "productid": "itemid", "colors": "colors", "brands": "brands"}


def read(text: str) -> Test:
    """Read a filter.

    Raises
    ------
    BadInput
        Naming what cannot be read.

    Examples
    --------
    >>> red = read('tag="new" AND NOT (colors: ANY("Red"))')
    >>> red({"tags": ("new",), "colors": ("Blue",)}), red({"tags": ("new",), "colors": ("Red",)})
    (True, False)
    """
    if len(text) > LONGEST:
        raise BadInput(f"is longer than {LONGEST} characters", where="filter")
    reader = _Reader(text)
    test = reader.either()
    reader.ends()
    return test


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._at = self._depth = place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None or found.lastgroup is None:
                raise BadInput(f"cannot be read from {text[place:].strip()[:30]!r} on", where="filter")
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            place = found.end()

    def either(self) -> Test:
        """Read parts of which one must hold."""
        tests = [self._both()]
        while self._takes("OR"):
            tests.append(self._both())
        return lambda facts: any(test(facts) for test in tests)

    def ends(self) -> None:
        """Refuse what stands behind the filter."""
        if self._at < len(self._tokens):
            raise self._wrong("AND, OR or the end")

    def _both(self) -> Test:
        """Read parts that must all hold; parts side by side are joined by AND."""
        tests = [self._one()]
        while self._takes("AND") or self._begins():
            tests.append(self._one())
        return lambda facts: all(test(facts) for test in tests)

    def _begins(self) -> bool:
        kind, text = self._peek()
        return text in ("(", "-") or (kind == "word" and text != "OR")

    def _one(self) -> Test:
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadInput("is nested too deeply", where="filter")
        test = self._atom()
        self._depth -= 1
        return test

    def _atom(self) -> Test:
        if self._takes("NOT") or self._takes("-"):
            inner = self._one()
            return lambda facts: not inner(facts)
        if self._takes("("):
            inner = self.either()
            self._needs(")")
            return inner
        kind, name = self._next()
        if kind != "word":
            raise self._wrong("a field", 1)
        if name == "filterOutOfStockItems":
            return lambda facts: has_any(facts, "availability", ("IN_STOCK",))
        field = _field(name)
        if self._takes("="):
            return self._tags(field)
        self._needs(":")
        self._needs("ANY")
        self._needs("(")
        wanted = [self._text()]
        while self._takes(","):
            wanted.append(self._text())
        self._needs(")")
        return lambda facts: has_any(facts, field, wanted)

    def _tags(self, field: str) -> Test:
        """Read what stands behind `tag=`: a text, or several in brackets, with a minus for what must not be there."""
        if not self._takes("("):
            return self._tag(field)
        tests, is_either = [self._tag(field)], False
        while not self._takes(")"):
            if self._takes("OR"):
                is_either = True
            else:
                self._takes("AND")
            tests.append(self._tag(field))
        return lambda facts: (any if is_either else all)(test(facts) for test in tests)

    def _tag(self, field: str) -> Test:
        is_not = self._takes("-") or self._takes("NOT")
        wanted = self._text()
        return lambda facts: has_any(facts, field, (wanted,)) != is_not

    def _text(self) -> str:
        kind, text = self._next()
        if kind != "text":
            raise self._wrong("a text in quotes", 1)
        return re.sub(r"\\(.)", r"\1", text[1:-1])

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _takes(self, word: str) -> bool:
        kind, text = self._peek()
        if kind in ("word", "sign") and text == word:
            self._at += 1
            return True
        return False

    def _needs(self, word: str) -> None:
        if not self._takes(word):
            raise self._wrong(word)

    def _next(self) -> tuple[str, str]:
        found = self._peek()
        if not found[0]:
            raise self._wrong("more")
        self._at += 1
        return found

    def _wrong(self, expected: str, back: int = 0) -> BadInput:
        place = self._at - back
        met = self._tokens[place][1] if place < len(self._tokens) else "the end"
        return BadInput(f"{expected} is expected where {met[:40]!r} stands", where="filter")


def _field(name: str) -> str:
    """Name the fact a field means: `attributes.material` is the attribute of that name."""
    bare = name.removeprefix("attributes.").casefold()
    return _FIELDS.get(bare, bare)
