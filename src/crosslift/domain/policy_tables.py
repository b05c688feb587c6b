"""How the tables of a policy's text hang together: keys with their attributes, one table a value, lists of tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from crosslift.domain.policy_forms import Form, Perhaps, Reading, Schema, Wrong, shown
from crosslift.domain.segment_tokens import nearest
from crosslift.domain.toml_lines import Path
from crosslift.errors import BadInput


@dataclass(frozen=True, slots=True)
class Field:
    """One key of the text.

    Attributes
    ----------
    attribute : str
        What it is in the domain, dotted where it lies deeper.
    about : str
        What it says, for the reference, the schema and whoever left it out.
    """

    key: str
    attribute: str
    form: Form
    about: str
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the outline whose keys are attributes of the policy itself."""

    key: str
    about: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole of a document: keys before the first heading and lists of tables, and the sections."""

    fields: tuple[Field, ...]
    sections: tuple[Section, ...]

    def read(self, raw: Mapping[str, object], reading: Reading) -> dict[str, Any]:
        """Read a document; gives the values by attribute."""
        sections = {one.key: one for one in self.sections}
        values = read_fields(
            self.fields, {key: one for key, one in raw.items() if key not in sections}, (), reading, tuple(sections)
        )
        for key, one in sections.items():
            given = raw.get(key, {})
            if isinstance(given, dict):
                values |= read_fields(one.fields, given, (key,), reading)
            else:
                reading.wrong((key,), f"write [{key}] as a heading, its keys below it")
        return values

    def schema(self) -> Schema:
        """Describe it."""
        described = object_schema(self.fields)
        parts = {one.key: {**object_schema(one.fields), "description": one.about} for one in self.sections}
        return {**described, "properties": {**described["properties"], **parts}}

    def tables(self) -> list[tuple[str, tuple[Field, ...]]]:
        """Give every table that has a heading, and those within rows, with its keys."""
        tables = [(f"[{section.key}]", section.fields) for section in self.sections]
        for one in self.fields:
            if isinstance(one.form, Rows):
                tables += _tables(f"[[{one.key}]]", one.form.record)
            elif isinstance(one.form, Perhaps) and isinstance(one.form.form, Record):
                tables += _tables(f"[{one.key}]", one.form.form)
        return tables

    def homes(self) -> dict[str, str]:
        """Tell in which tables each key belongs, also by its name in the domain."""
        found: dict[str, list[str]] = {}
        for heading, keys in self.tables():
            for one in keys:
                found.setdefault(one.key, []).append(heading)
                attribute = one.attribute.rpartition(".")[2]
                if attribute != one.key:
                    found.setdefault(attribute, []).append(f"{heading} as {one.key}")
        return {key: " or ".join(places) for key, places in found.items()}


def _tables(heading: str, record: "Record") -> list[tuple[str, tuple[Field, ...]]]:
    inner = [(f"{heading} under {one.key}", one.form) for one in record.fields if isinstance(one.form, Record)]
    return [(heading, record.fields), *((place, form.fields) for place, form in inner)]


def read_fields(
    known: Sequence[Field], raw: Mapping[str, object], path: Path, reading: Reading, beside: Sequence[str] = ()
) -> dict[str, Any]:
    """Read the keys of a table; gives the values by attribute, and notes what is unknown, wrong or missing.

    `beside` are keys of the same table that somebody else reads.
    """
    by_key = {one.key: one for one in known}
    values: dict[str, Any] = {}
    for key, value in raw.items():
        if key in by_key:
            values[by_key[key].attribute] = reading.value(by_key[key].form, value, (*path, key))
        else:
            reading.wrong((*path, key), f"{shown(key)} is not known{_hint(key, known, beside, reading)}")
    for one in known:
        if one.is_needed and one.key not in raw:
            reading.wrong(path, f"{one.key} is missing: {one.about[0].lower()}{one.about[1:]}")
    return values


def _hint(key: str, known: Sequence[Field], beside: Sequence[str], reading: Reading) -> str:
    """Guess what was meant: a key by its name in the domain, a slip of the pen, a key of another table."""
    called = next((one.key for one in known if one.attribute.rpartition(".")[2] == key), None)
    if called:
        return f"; did you mean {called}?"
    keys = [*(one.key for one in known), *beside]
    near = nearest(key, keys)
    if not near and key in reading.homes:
        return f"; it belongs in {reading.homes[key]}"
    return near or f"; there are {', '.join(keys)}"


@dataclass(frozen=True, slots=True)
class Record:
    """A table that is one value.

    Attributes
    ----------
    build : callable
        Makes the value from its attributes.
    check : callable or None
        Says what is wrong with a value whose parts are right.
    """

    build: type
    fields: tuple[Field, ...]
    check: Callable[[Any], str | None] | None = None
    said: str = "a table"

    def read(self, raw: object, path: Path, reading: Reading) -> Any:
        """Give the value."""
        before = len(reading.faults)
        values = read_fields(self.fields, _as_table(raw, self.said), path, reading)
        if len(reading.faults) > before:
            return None
        try:
            made = self.build(**values)
        except BadInput as error:
            raise Wrong(str(error)) from None
        if self.check and (problem := self.check(made)):
            raise Wrong(problem)
        return made

    def lines(self, value: Any, prefix: str = "") -> list[str]:
        """Write one key a line; what says nothing is left out, deeper tables have dotted keys."""
        defaults = _defaults(self.build)
        written: list[str] = []
        for one in self.fields:
            own = getattr(value, one.attribute)
            if isinstance(one.form, Record):
                written += one.form.lines(own, f"{prefix}{one.key}.")
            elif own or own != defaults.get(one.attribute, MISSING):
                written.append(f"{prefix}{one.key} = {one.form.write(own)}")
        return written

    def write(self, value: Any) -> str:
        """Write it in braces."""
        return f"{{ {', '.join(self.lines(value))} }}"

    def schema(self) -> Schema:
        """Describe it."""
        return object_schema(self.fields)


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of tables under one heading; `identity` is the attribute that tells them apart, where they have names."""

    record: Record
    identity: str = ""

    @property
    def said(self) -> str:
        """What is expected, in words."""
        return "a list of tables, each under a heading in double brackets"

    def read(self, raw: object, path: Path, reading: Reading) -> tuple[Any, ...]:
        """Give the values in their order."""
        if not isinstance(raw, list):
            raise Wrong(f"write [[{path[-1]}]] in double brackets: there may be several")
        rows = tuple(reading.value(self.record, one, (*path, place)) for place, one in enumerate(raw))
        seen: dict[str, int] = {}
        for place, row in enumerate(rows):
            if self.identity and row is not None:
                name = getattr(row, self.identity)
                if name in seen:
                    reading.wrong((*path, place, "id"), f"{name!r} is the id of {path[-1]}[{seen[name] + 1}] too")
                seen.setdefault(name, place)
        return rows

    def write(self, value: Sequence[Any]) -> str:
        """Write it on one line."""
        return f"[{', '.join(self.record.write(one) for one in value)}]"

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "array", "items": self.record.schema()}


def object_schema(known: Sequence[Field]) -> Schema:
    """Describe a table by its keys; others are refused."""
    needed = [one.key for one in known if one.is_needed]
    return {
        "type": "object",
        "properties": {one.key: {**one.form.schema(), "description": one.about} for one in known},
        **({"required": needed} if needed else {}),
        "additionalProperties": False,
    }


def _as_table(raw: object, said: str) -> Mapping[str, object]:
    if not isinstance(raw, dict):
        raise Wrong(f"{shown(raw)} is not {said}")
    return raw


def _defaults(build: type) -> dict[str, Any]:
    """Give what the attributes of a dataclass are where nothing is said."""
    return {
        one.name: one.default_factory() if one.default_factory is not MISSING else one.default for one in fields(build)
    }
