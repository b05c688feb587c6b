"""The words and signs of a rule, each with its place, and errors that point at one."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

from crosslift.errors import BadInput

LONGEST = 2_000
"""Characters of a rule at most."""

CLOSING = {'"': '"', "'": "'", "“": "”", "‘": "’"}
"""Quotes that open a text and those that close it."""

_WRITTEN_AS = {"==": "=", "<>": "!=", "≥": ">=", "≤": "<=", "≠": "!="}
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    |(?P<name>[^\W\d]\w*)
    |(?P<sign><=|>=|==|!=|<>|[<>=≥≤≠(),])""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """A word, number, sign or text of a rule from `start` to before `end`; `kind` names which, `end` ends the rule."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def shown(self) -> str:
        """The token as an error names it."""
        return "the end of the rule" if self.kind == "end" else f"'{self.text}'"

    def is_word(self, *words: str) -> bool:
        """Tell whether this is one of some words of the language, in any case."""
        return self.kind == "name" and self.text.lower() in words

    def is_sign(self, *signs: str) -> bool:
        """Tell whether this is one of some signs."""
        return self.kind == "sign" and self.text in signs


def as_line(rule: str) -> str:
    """Write a rule as one line of composed characters.

    Raises
    ------
    BadInput
        If it is longer than `LONGEST` characters.
    """
    line = unicodedata.normalize("NFC", " ".join(rule.splitlines()).replace("\t", " ")).strip()
    if len(line) > LONGEST:
        raise BadInput(f"the rule has {len(line):,} characters, at most {LONGEST:,} are read; make two segments of it")
    return line


def tokens(line: str) -> list[Token]:
    """Cut a line into tokens, the last of kind `end`.

    Raises
    ------
    BadInput
        If a text is not closed or a character has no meaning.
    """
    found, place = [], 0
    while place < len(line):
        token = _quoted(line, place) if line[place] in CLOSING else _plain(line, place)
        if token.kind != "space":
            found.append(token)
        place = token.end
    return [*found, Token("end", "", place, place)]


def _plain(line: str, place: int) -> Token:
    match = _TOKEN.match(line, place)
    if match is None or match.lastgroup is None:
        raise wrong(line, place, place + 1, f"'{line[place]}' means nothing here")
    return Token(match.lastgroup, _WRITTEN_AS.get(match[0], match[0]), place, match.end())


def _quoted(line: str, start: int) -> Token:
    """Read a text to its closing quote; a doubled one stands for itself."""
    closing, text, place = CLOSING[line[start]], "", start + 1
    while (end := line.find(closing, place)) >= 0:
        text += line[place:end]
        if not line.startswith(closing, end + 1):
            if not text.strip() or not text.isprintable():
                raise wrong(line, start, end + 1, "there must be something readable between the quotes")
            return Token("text", text, start, end + 1)
        text, place = text + closing, end + 2
    raise wrong(line, start, start + 1, f"this text is never closed; end it with {closing}")


def wrong(line: str, start: int, end: int, what: str, *hints: str) -> BadInput:
    """Make the error that shows the line and marks a part of it; each hint is a line below.

    Examples
    --------
    >>> error = wrong("orders > many", 9, 13, "a number is needed")
    >>> print(error, *error.problems, sep=chr(10))
    character 10: a number is needed
    orders > many
             ^^^^
    """
    mark = " " * _width(line[:start]) + "^" * max(_width(line[start:end]), 1)
    return BadInput(what, where=f"character {start + 1}", problems=(line, mark, *hints))


def nearest(name: str, known: Iterable[str]) -> str:
    """Ask whether the most similar known name was meant; nothing where none is similar.

    Examples
    --------
    >>> nearest("ordrs", ["orders", "items"]), nearest("x", ["orders"])
    ('; did you mean orders?', '')
    """
    near = get_close_matches(name.lower(), list(known), 1, 0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _width(text: str) -> int:
    """Columns a text takes where Hangul, kana and ideographs are two wide."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) != 0 for character in text)
