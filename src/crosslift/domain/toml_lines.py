"""On which line of a TOML text a value stands: the standard library reads the values and forgets their places."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""Keys and places from the top of a document; of `[[rules]]`, the second: `("rules", 1)`."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_PLAIN_ENDS = re.compile(r"[,\]}#\n]")


def lines_of(text: str) -> Mapping[Path, int]:
    r"""Find the line of every table, key and element of a document.

    Parameters
    ----------
    text : str
        A text that `tomllib` reads; of others the result means nothing.

    Returns
    -------
    mapping of path to int
        From 1, where the key or element begins. A table written in several places has the line of the first.

    Examples
    --------
    >>> lines = lines_of('name = "x"\n\n[[rules]]\nid = "a"\nstops = { kinds = ["upgrade"] }\n')
    >>> lines[("rules", 0)], lines[("rules", 0, "stops", "kinds", 0)]
    (3, 5)
    """
    return _Scan(text.replace("\r\n", "\n")).whole()


@dataclass(slots=True)
class _Scan:
    """One pass over the text, from left to right."""

    text: str
    at: int = 0
    line: int = 1
    found: dict[Path, int] = field(default_factory=dict)
    counts: dict[Path, int] = field(default_factory=dict)

    def whole(self) -> Mapping[Path, int]:
        """Read statement by statement; keys belong to the header before them."""
        table: Path = ()
        while self._skip_to_statement():
            if self.text.startswith("[[", self.at):
                table = self._element_header()
            elif self.text[self.at] == "[":
                table = self._table_header()
            else:
                self._pair(table)
        return self.found

    # the outline
    def _skip_to_statement(self) -> bool:
        self._skip(" \t\n")
        while self._sees("#"):
            self._to(self._end_of_line())
            self._skip(" \t\n")
        return self.at < len(self.text)

    def _table_header(self) -> Path:
        line = self.line
        self._to(self.at + 1)
        table = self._within((), self._key(), line)
        self._to(self._end_of_line())
        return table

    def _element_header(self) -> Path:
        line = self.line
        self._to(self.at + 2)
        *outer, last = self._key()
        array = (*self._within((), outer, line), last)
        self.found.setdefault(array, line)
        place = self.counts[array] = self.counts.get(array, -1) + 1
        self.found[(*array, place)] = line
        self._to(self._end_of_line())
        return (*array, place)

    def _within(self, table: Path, names: list[str], line: int) -> Path:
        """Walk down names, in an array of tables into its newest element, and note what is met for the first time."""
        for name in names:
            table = (*table, name)
            self.found.setdefault(table, line)
            if table in self.counts:
                table = (*table, self.counts[table])
        return table

    def _pair(self, table: Path) -> None:
        """Read `key = value`, in a table or between braces."""
        line = self.line
        path = self._within(table, self._key(), line)
        self._skip(" \t=")
        self._value(path)

    # keys
    def _key(self) -> list[str]:
        names = [self._name()]
        self._skip(" \t")
        while self._sees("."):
            self._to(self.at + 1)
            names.append(self._name())
            self._skip(" \t")
        return names

    def _name(self) -> str:
        self._skip(" \t")
        if self._sees('"') or self._sees("'"):
            quote = self.text[self.at]
            end = self._end_of_text(quote)
            inner = self.text[self.at + 1 : end - 1]
            self._to(end)
            return inner if quote == "'" else _ESCAPE.sub(_unescaped, inner)
        bare = _BARE.match(self.text, self.at)
        self._to(bare.end() if bare else self.at + 1)
        return bare[0] if bare else ""

    # values
    def _value(self, path: Path) -> None:
        """Skip a value, noting the lines of what is in it."""
        for quote in ('"""', "'''", '"', "'"):
            if self._sees(quote):
                self._to(self._end_of_text(quote))
                return
        if self._sees("["):
            self._elements(path)
        elif self._sees("{"):
            self._pairs(path)
        else:
            ends = _PLAIN_ENDS.search(self.text, self.at)
            self._to(ends.start() if ends else len(self.text))

    def _elements(self, path: Path) -> None:
        self._to(self.at + 1)
        place = 0
        while self._skip_to_statement() and not self._sees("]"):
            if self._sees(","):
                self._to(self.at + 1)
                continue
            self.found[(*path, place)] = self.line
            self._value((*path, place))
            place += 1
        self._to(self.at + 1)

    def _pairs(self, path: Path) -> None:
        self._to(self.at + 1)
        while self._skip_to_statement() and not self._sees("}"):
            if self._sees(","):
                self._to(self.at + 1)
                continue
            self._pair(path)
        self._to(self.at + 1)

    # the smallest steps
    def _end_of_text(self, quote: str) -> int:
        """Find the place behind the closing quote; up to two quotes of a long text may touch it from inside."""
        place = self.at + len(quote)
        while not self.text.startswith(quote, place):
            if place >= len(self.text):
                return place
            place += 2 if self.text[place] == "\\" and quote[0] == '"' else 1
        place += len(quote)
        if len(quote) == 3:
            while self.text.startswith(quote[0], place):
                place += 1
        return place

    def _end_of_line(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def _sees(self, sign: str) -> bool:
        return self.text.startswith(sign, self.at)

    def _skip(self, signs: str) -> None:
        place = self.at
        while place < len(self.text) and self.text[place] in signs:
            place += 1
        self._to(place)

    def _to(self, place: int) -> None:
        self.line += self.text.count("\n", self.at, place)
        self.at = place


def _unescaped(match: re.Match[str]) -> str:
    number = match[1] or match[2]
    return chr(int(number, 16)) if number else _ESCAPED.get(match[3], match[3])
