"""The word lists of the customer's voice, and where their words stand in a text.

A list is `voice_words/<language>.tsv`: the terms of a line, separated by `|`; their role; its number; their topics.

- A term in Latin letters is whole words. `*` at its end lets any letters follow.
- A term in other scripts may stand anywhere. In Korean `*` lets its last syllable close with a final consonant
  (`느리*` is also 느린, 느림, 느립), and its spaces may be missing.
- `^` before a term wants it at the beginning of a word.

The longest term wins, and what it covers is not looked at again.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import product

from crosslift.domain.voice import Topic

MAX_CHARACTERS = 4_000
"""A text is read up to here: enough for a long review, and a bound on the time."""
LANGUAGES = ("en", "ko", "ja")
"""Languages with a list of their own; `signs` (emoji, emoticons) belong to all."""

_FINALS = (0, 4, 8, 16, 17, 20)
"""Final consonants that close a stem in speech: none, ㄴ, ㄹ, ㅁ, ㅂ, ㅆ."""
_FIRST_SYLLABLE, _LAST_SYLLABLE = "가", "힣"
_SYLLABLES_A_VOWEL = 28
_UNSEEN = dict.fromkeys([0x200B, 0x200D, 0xFE0E, 0xFE0F, *range(0x1F3FB, 0x1F400)])
"""Joiners and variants of emoji, skin tones: they say nothing of how somebody feels."""
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|@\w+")
_NO_LONE_LETTERS = re.compile("[^\u3131-\u318e]+")
"""Lone Korean letters (ㅠㅠ, ㅋㅋ) stay what they are; NFKC would make parts of syllables of them."""
_SPACES = re.compile(r"[^\S\n]+")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")


class Role(StrEnum):
    """What a term does; the number of its line means something else for each."""

    FEELING = "feeling"
    """Praise or blame; the number is its weight, −3 to 3."""
    TOPIC = "topic"
    DEGREE = "degree"
    """Strengthens or weakens the feeling after it by the number."""
    NOT_NEXT = "not_next"
    """Turns the feeling after it round; the number is its reach in characters."""
    NOT_LAST = "not_last"
    """Turns the feeling before it round; the number is its reach in characters."""
    WISH_NEXT = "wish_next"
    """What is wished for is not there: takes back praise after it, within the number of characters."""
    WISH_LAST = "wish_last"
    """The same for praise before it."""
    CONTRAST = "contrast"
    """What was said before weighs less."""
    CONCESSION = "concession"
    """The clause it opens weighs less."""
    PLAIN = "plain"
    """Says nothing, and hides the terms inside it."""
    COMMON = "common"
    """By these a text in Latin letters is known to be English."""
    PAUSE = "pause"
    """A comma, colon or bracket."""
    END = "end"
    """The end of a sentence."""


@dataclass(frozen=True, slots=True)
class Term:
    """How one term is read."""

    role: Role
    number: float = 0.0
    topics: tuple[Topic, ...] = ()
    at_start: bool = False
    """Only at the beginning of a word."""
    whole: bool = False
    """Only to the end of a word."""


@dataclass(frozen=True, slots=True)
class Found:
    """A term in a text: `text[start:end]`."""

    start: int
    end: int
    term: Term


_MARKS = {mark: Term(Role.PAUSE) for mark in ",、:()"} | {mark: Term(Role.END) for mark in ".!?。;…\n"}


class Lexicon:
    """Terms by their text, and by their first two characters how long they may be."""

    def __init__(self, terms: Iterable[tuple[str, Term]]) -> None:
        listed = list(terms)
        self.common = frozenset(text for text, term in listed if term.role is Role.COMMON)
        self._terms = {text: term for text, term in listed if term.role is not Role.COMMON}
        lengths: dict[str, set[int]] = {}
        for text in self._terms:
            lengths.setdefault(text[:2], set()).add(len(text))
        self._lengths = {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}

    def find(self, text: str) -> Iterator[Found]:
        """Go through a normal text once and give its terms and marks in order; they never overlap."""
        place = 0
        while place < len(text):
            found = self._longest(text, place)
            if found is not None:
                yield found
                place = found.end
            else:
                place += 1

    def _longest(self, text: str, place: int) -> Found | None:
        for length in (*self._lengths.get(text[place : place + 2], ()), 1):
            end = place + length
            term = self._terms.get(text[place:end]) if end <= len(text) else None
            if term is None or (term.at_start and _is_inside_word(text, place)):
                continue
            after = _word_end(text, end) if is_latin(text[end - 1]) else end
            if not (term.whole and after > end):
                return Found(place, after, term)
        mark = _MARKS.get(text[place])
        return Found(place, place + 1, mark) if mark else None


@cache
def lexicon(*languages: str) -> Lexicon:
    """Read the lists of some languages, and the signs of all; once a process."""
    folder = resources.files("crosslift.collect") / "voice_words"
    lists = [(folder / f"{name}.tsv").read_text(encoding="utf-8") for name in (*languages, "signs")]
    return Lexicon(term for lines in lists for term in _terms_of(lines))


def normal(text: str) -> str:
    """Write a text as the lists are written: one form of each letter, no case, no addresses, drawn-out letters cut.

    Examples
    --------
    >>> normal("ＳＯＯＯＯＯ  good 👍🏽 https://example.org/great")
    'soo good 👍 '
    """
    cut = _NO_LONE_LETTERS.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text[:MAX_CHARACTERS])
    cut = cut.lower().translate(_UNSEEN).replace("’", "'")
    return _DRAWN_OUT.sub(r"\1\1", _SPACES.sub(" ", _ADDRESS.sub(" ", cut)))[:MAX_CHARACTERS]


def is_latin(character: str) -> bool:
    """Tell whether a character belongs to a word in Latin letters; digits and apostrophes do."""
    return (character.isascii() and character.isalnum()) or character == "'" or "À" <= character <= "ɏ"


def _is_inside_word(text: str, place: int) -> bool:
    """Tell whether a word begins before a place; a word in Latin letters begins where another script ends."""
    before = text[place - 1 : place]
    return before.isalnum() and (is_latin(before) or not is_latin(text[place]))


def _word_end(text: str, place: int) -> int:
    while is_latin(text[place : place + 1]) and (text[place] != "'" or text[place + 1 : place + 2].isalpha()):
        place += 1
    return place


def _terms_of(lines: str) -> Iterator[tuple[str, Term]]:
    for line in lines.splitlines():
        if not line or line.startswith("#"):
            continue
        written, role, number, *topics = line.split("\t")
        value = 0.0 if number == "." else float(number)
        about = tuple(Topic(topic) for topic in topics)
        for one in written.split("|"):
            is_word = one.strip("^*")[:1].isalnum()  # in an emoticon both marks are drawn
            bare = normal(one.removeprefix("^").removesuffix("*") if is_word else one)
            starts, is_open = is_latin(bare[0]) or (is_word and one[0] == "^"), is_word and one[-1] == "*"
            term = Term(Role(role), value, about, starts, whole=is_latin(bare[-1]) and not is_open)
            for form in _forms(bare, is_open):
                yield form, term


def _forms(term: str, is_open: bool) -> Iterator[str]:
    """Give the ways a Korean term is written; any other has one."""
    if not any(_FIRST_SYLLABLE <= c <= _LAST_SYLLABLE for c in term):
        yield term
        return
    last = term[-1]
    is_vowel = (ord(last) - ord(_FIRST_SYLLABLE)) % _SYLLABLES_A_VOWEL == 0
    endings = [chr(ord(last) + final) for final in _FINALS] if is_open and is_vowel else [last]
    for spaces in product((" ", ""), repeat=term.count(" ")):
        parts = term[:-1].split(" ")
        written = parts[0] + "".join(space + part for space, part in zip(spaces, parts[1:], strict=True))
        for ending in endings:
            yield written + ending
