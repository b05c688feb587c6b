"""How single values of a policy are written in TOML: read with every fault noted, written back, and described as JSON Schema."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from crosslift.domain.segment_tokens import nearest
from crosslift.domain.toml_lines import Path

Schema = dict[str, Any]

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_LONGEST_LINE = 100
NONE = "none"
"""What says that an inherited limit is taken away."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that exist outside the text; None lets any pass.

    Attributes
    ----------
    sources, placements : collection of str or None
        Candidate sources, and placements.
    zones : collection of str or None
        IANA time zones.
    policies, packs : collection of str or None
        What may be extended, and held to.
    """

    sources: Collection[str] | None = None
    placements: Collection[str] | None = None
    zones: Collection[str] | None = None
    policies: Collection[str] | None = None
    packs: Collection[str] | None = None

    def problem(self, kind: str, word: str) -> str | None:
        """Say why a word is none of a kind: an attribute of this, or `weights` written `placement:source`."""
        if kind == "weights":
            placement, colon, source = word.rpartition(":")
            return (self.problem("placements", placement) if colon else None) or self.problem("sources", source)
        known: Collection[str] | None = getattr(self, kind)
        if known is None or word in known:
            return None
        near = nearest(word, known)
        return f"{word!r} is not known{near}" + ("" if near or len(known) > 40 else f"; there are {', '.join(known)}")


class Wrong(Exception):
    """A single value cannot be read; whoever reads what holds it notes the place and reads on."""


@dataclass(slots=True)
class Reading:
    """One reading of a text: the words it may use, and the faults found so far.

    `homes` tells in which table a key belongs, for whoever wrote it elsewhere.
    """

    vocabulary: Vocabulary
    homes: Mapping[str, str] = field(default_factory=dict)
    faults: list[tuple[Path, str]] = field(default_factory=list)

    def wrong(self, path: Path, what: str) -> None:
        """Note a fault and read on."""
        self.faults.append((path, what))

    def value(self, form: "Form", raw: object, path: Path) -> Any:
        """Read one value; where it is wrong, note it and give None."""
        try:
            return form.read(raw, path, self)
        except Wrong as fault:
            self.wrong(path, str(fault))
            return None


class Form(Protocol):
    """How one kind of value is written."""

    @property
    def said(self) -> str:
        """What is expected, in words."""

    def read(self, raw: object, path: Path, reading: Reading) -> Any:
        """Give the value.

        Raises
        ------
        Wrong
            If it is none, as a whole; what is wrong within is noted in the reading.
        """

    def write(self, value: Any) -> str:
        """Write a value as TOML, on one line where it fits."""

    def schema(self) -> Schema:
        """Describe what may be written as JSON Schema."""


def cut(text: str) -> str:
    """Cut what is too long to be read in an error."""
    return text if len(text) <= 60 else f"{text[:57]}…"


def shown(raw: object) -> str:
    """Show a value as it stands in the text, cut where it is long."""
    if isinstance(raw, dict):
        return "a table"
    if isinstance(raw, list):
        return "a list"
    if isinstance(raw, int) and raw.bit_length() > 200:
        return "a huge number"
    text = quoted(raw) if isinstance(raw, str) else str(raw).lower() if isinstance(raw, bool) else str(raw)
    return cut(text)


def quoted(text: str) -> str:
    """Write a text as a TOML string."""
    marks = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(marks.get(c) or (f"\\u{ord(c):04x}" if ord(c) < 32 or c == "\x7f" else c) for c in text) + '"'


def key_of(name: str) -> str:
    """Write a key, in quotes where it needs them."""
    return name if _BARE.fullmatch(name) else quoted(name)


@dataclass(frozen=True, slots=True)
class Text:
    """A text; `words` names a vocabulary it is of, `check` says what is wrong with one."""

    is_filled: bool = True
    words: str = ""
    check: Callable[[str], str | None] | None = None
    pattern: str = ""
    said: str = "a text in quotes"

    def read(self, raw: object, path: Path, reading: Reading) -> str:
        """Give the text."""
        if not isinstance(raw, str):
            raise Wrong(f"{shown(raw)} is not {self.said}")
        if self.is_filled and not raw.strip():
            raise Wrong("must not be empty")
        problem = self.check(raw) if self.check else None
        if self.words:
            problem = problem or reading.vocabulary.problem(self.words, raw)
        if problem:
            raise Wrong(problem)
        return raw

    def write(self, value: str) -> str:
        """Write the text in quotes."""
        return quoted(value)

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "string", **({"minLength": 1} if self.is_filled else {}),
                **({"pattern": self.pattern} if self.pattern else {})}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    said: str = "true or false"

    def read(self, raw: object, path: Path, reading: Reading) -> bool:
        """Give the truth."""
        if not isinstance(raw, bool):
            raise Wrong(f"{shown(raw)} is not {self.said}")
        return raw

    def write(self, value: bool) -> str:
        """Write true or false."""
        return "true" if value else "false"

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of few."""

    words: tuple[str, ...]
    build: Callable[[str], str] = str

    @property
    def said(self) -> str:
        """What is expected, in words."""
        return f"one of {', '.join(self.words)}"

    def read(self, raw: object, path: Path, reading: Reading) -> str:
        """Give the word."""
        if isinstance(raw, str) and raw in self.words:
            return self.build(raw)
        near = nearest(raw, self.words) if isinstance(raw, str) else ""
        raise Wrong(f"{shown(raw)} is not {self.said}{near}")

    def write(self, value: str) -> str:
        """Write the word in quotes."""
        return quoted(str(value))

    def schema(self) -> Schema:
        """Describe it."""
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Perhaps:
    """A value that may be taken away by `"none"`."""

    form: Form

    @property
    def said(self) -> str:
        """What is expected, in words."""
        return f'{self.form.said}, or "{NONE}"'

    def read(self, raw: object, path: Path, reading: Reading) -> Any:
        """Give the value, None for `none`."""
        return None if raw == NONE else self.form.read(raw, path, reading)

    def write(self, value: Any) -> str:
        """Write it."""
        return quoted(NONE) if value is None else self.form.write(value)

    def schema(self) -> Schema:
        """Describe it."""
        return {"anyOf": [self.form.schema(), {"const": NONE}]}


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    form: Form
    said: str = "a list in brackets"

    def read(self, raw: object, path: Path, reading: Reading) -> tuple[Any, ...]:
        """Give the values in their order."""
        if not isinstance(raw, list):
            meant = "" if isinstance(raw, dict) else f"; did you mean [{shown(raw)}]?"
            raise Wrong(f"{shown(raw)} is not {self.said}{meant}")
        return tuple(reading.value(self.form, one, (*path, place)) for place, one in enumerate(raw))

    def write(self, value: tuple[Any, ...]) -> str:
        """Write it on one line, or an element a line where it is long."""
        parts = [self.form.write(one) for one in value]
        line = f"[{', '.join(parts)}]"
        return line if len(line) <= _LONGEST_LINE else "[\n" + "".join(f"    {part},\n" for part in parts) + "]"

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "array", "items": self.form.schema()}


@dataclass(frozen=True, slots=True)
class Named:
    """A table of values of one kind under names of the merchant's, such as languages, markets or channels."""

    form: Form
    words: str = ""
    has_rest: bool = False
    """Whether `*` may stand for all others."""

    @property
    def said(self) -> str:
        """What is expected, in words."""
        return f"a table in braces of names, each with {self.form.said}"

    def read(self, raw: object, path: Path, reading: Reading) -> dict[str, Any]:
        """Give the values by name."""
        if not isinstance(raw, dict):
            raise Wrong(f"{shown(raw)} is not {self.said}")
        for name in raw:
            is_rest = self.has_rest and name == "*"
            problem = reading.vocabulary.problem(self.words, name) if self.words and not is_rest else None
            if problem or not name.strip():
                reading.wrong((*path, name), problem or "a name must not be empty")
        return {name: reading.value(self.form, value, (*path, name)) for name, value in raw.items()}

    def write(self, value: Mapping[str, Any]) -> str:
        """Write it in braces."""
        pairs = ", ".join(f"{key_of(name)} = {self.form.write(one)}" for name, one in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "object", "additionalProperties": self.form.schema()}
