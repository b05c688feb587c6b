"""A policy as one TOML text that a merchandiser can read aloud: read with every fault and its line, and written back.

name = "our-shop"
extends = "helpful"

[offers]
at_most = 6

[[rules]]
id = "no-upsell-at-checkout"
gate = "applicable"
code = "not_here"
owner = "mina"
reason = "Nobody is stepped up while paying."
when.placements = ["checkout"]
stops.kinds = ["upgrade"]
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from crosslift.domain.policy import Policy
from crosslift.domain.policy_fields import POLICY
from crosslift.domain.policy_forms import Perhaps, Reading, Schema, Vocabulary, cut, key_of
from crosslift.domain.policy_tables import Field, Outline, Record, Rows
from crosslift.domain.toml_lines import Path, lines_of
from crosslift.errors import BadInput

LONGEST = 500_000
"""Characters of a text at most."""
SCHEMA = "https://json-schema.org/draft/2020-12/schema"
ANYTHING = Vocabulary()
MERGED = ("extends", "without")
"""Attributes that are worked in before there is a policy."""
PLAIN = Policy("", 1, ())
"""What a policy is where nothing is said."""

_AT = re.compile(r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document as it was read: values by attribute, and where in the text they stand."""

    values: Mapping[str, Any]
    lines: Mapping[Path, int]

    def refuse(self, faults: Sequence[tuple[Path, str]]) -> BadInput:
        """Make the error that names all faults, in the order of their lines."""
        return refusal(faults, self.lines)


def read_sheet(text: str, outline: Outline, vocabulary: Vocabulary = ANYTHING) -> Sheet:
    """Read a text into values.

    Raises
    ------
    BadInput
        Naming every fault: its line, the path of its key (lists are counted from 1), what is wrong, what was perhaps meant.
    """
    if len(text) > LONGEST:
        raise BadInput(f"the text has {len(text):,} characters, at most {LONGEST:,} are read")
    try:
        raw = tomllib.loads(text)
        lines = lines_of(text)
    except RecursionError:
        raise BadInput("the text is nested too deeply") from None
    except ValueError as error:  # a TOMLDecodeError is one, and so are numbers no machine holds
        raise _no_toml(text, str(error)) from None
    reading = Reading(vocabulary, outline.homes())
    values = outline.read(raw, reading)
    if reading.faults:
        raise refusal(reading.faults, lines)
    return Sheet(values, lines)


def read_policy(text: str, vocabulary: Vocabulary = ANYTHING) -> Policy:
    r"""Read a policy that stands by itself, as `write_policy` writes it.

    Raises
    ------
    BadInput
        As `read_sheet`; also where the text extends another policy (`policy_packs.resolved` works that in).

    Examples
    --------
    >>> read_policy('name = "short"\n[offers]\nsources = ["complement"]\nexplore = "2 %"').epsilon
    0.02
    >>> read_policy('name = "short"\n\n[offers]\nsorces = ["complement"]')
    Traceback (most recent call last):
    crosslift.errors.BadInput: line 4: offers.sorces: "sorces" is not known; did you mean sources?
    """
    sheet = read_sheet(text, POLICY, vocabulary)
    merged = [(name,) for name in MERGED if sheet.values.get(name)]
    if merged:
        raise sheet.refuse([(path, "only a text that is drafted may say this") for path in merged])
    return made(sheet)


def made(sheet: Sheet) -> Policy:
    """Make the policy of a sheet that stands by itself.

    Raises
    ------
    BadInput
        If it names no sources.
    """
    if not sheet.values.get("candidates"):
        raise sheet.refuse([(("offers",), 'sources is missing; name some, or begin with: extends = "helpful"')])
    return with_values(PLAIN, sheet.values)


def with_values(policy: Policy, values: Mapping[str, Any]) -> Policy:
    """Give a policy with some attributes, dotted where they lie deeper, replaced."""
    parts: dict[str, dict[str, Any]] = {"": {}, "pressure": {}, "value": {}}
    for attribute, given in values.items():
        part, _, name = attribute.rpartition(".")
        if attribute not in MERGED:
            parts[part][name] = given
    pressure, value = replace(policy.pressure, **parts["pressure"]), replace(policy.value, **parts["value"])
    return replace(policy, **parts[""], pressure=pressure, value=value)


def write_policy(policy: Policy) -> str:
    """Write a policy that stands by itself; `read_policy` gives exactly it again.

    What is said of an attribute of the policy itself is written even where it is as by default, so that the text means the
    same when defaults change.
    """
    top: list[str] = []
    tables: list[str] = []
    for one in POLICY.fields:
        if one.attribute in MERGED:
            continue
        value = attrgetter(one.attribute)(policy)
        if isinstance(one.form, Rows):
            tables += [_table(f"[[{one.key}]]", one.form.record.lines(row)) for row in value]
        elif isinstance(one.form, Perhaps) and isinstance(one.form.form, Record):
            tables += [] if value is None else [_table(f"[{one.key}]", one.form.form.lines(value))]
        else:
            top += _pair(one, value)
    sections = [
        _table(f"[{section.key}]", lines)
        for section in POLICY.sections
        if (lines := [line for one in section.fields for line in _pair(one, attrgetter(one.attribute)(policy))])
    ]
    return "\n".join(["\n".join(top) + "\n", *sections, *tables])


def _pair(one: Field, value: Any) -> list[str]:
    """Write an attribute, or nothing where it is nothing and nothing is what it is by default."""
    is_nothing = value is None or value in ((), {})
    if is_nothing and value == attrgetter(one.attribute)(PLAIN):
        return []
    return [f"{one.key} = {one.form.write(value)}"]


def _table(heading: str, lines: Sequence[str]) -> str:
    return "\n".join([heading, *lines]) + "\n"


def schema() -> Schema:
    """Give the JSON Schema of a policy's text; instants, which TOML has and JSON has not, are texts in it."""
    return {"$schema": SCHEMA, "title": "A policy of crosslift", **POLICY.schema()}


def refusal(faults: Sequence[tuple[Path, str]], lines: Mapping[Path, int]) -> BadInput:
    """Make the error that names all faults, in the order of their lines."""
    placed = sorted((_line(path, lines), number, path, what) for number, (path, what) in enumerate(faults))
    told = [f"line {line}: {_dotted(path)}{what}" for line, _, path, what in placed]
    where, _, what = told[0].partition(": ")
    return BadInput(what, where=where, problems=tuple(told))


def _line(path: Path, lines: Mapping[Path, int]) -> int:
    """Find the line of a key, or of the nearest table that should hold it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _dotted(path: Path) -> str:
    named = ""
    for part in path:
        named += f"[{part + 1}]" if isinstance(part, int) else f"{'.' if named else ''}{cut(key_of(part))}"
    return f"{named}: " if named else ""


def _no_toml(text: str, message: str) -> BadInput:
    found = _AT.match(message)
    what = found["what"] if found else "a number has too many digits" if "digits" in message else message
    line = int(found["line"]) if found and found["line"] else text.count("\n") + 1
    column = f", column {found['column']}" if found and found["column"] else ""
    told = f"this is no TOML{column}: {what}; texts stand in quotes, lists in [ ], headings on lines of their own"
    return BadInput(told, where=f"line {line}", problems=(f"line {line}: {told}",))
