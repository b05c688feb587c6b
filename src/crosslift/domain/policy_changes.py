"""What differs between two policies, in plain words: what a person reads before saying yes."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

from crosslift.domain.policy import Policy
from crosslift.domain.policy_fields import POLICY
from crosslift.domain.policy_forms import Form, Named, key_of
from crosslift.domain.policy_tables import Field, Record, Rows
from crosslift.domain.policy_text import MERGED

_UNCHANGING = (*MERGED, "name", "version")


def changes(before: Policy, after: Policy) -> list[str]:
    """Tell what is other in a policy than in another, one sentence a change, in the order of the text.

    Name and number are not compared.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from crosslift.domain.policy import HELPFUL
    >>> changes(HELPFUL, replace(HELPFUL, max_offers=6, epsilon=0.02))
    ['[offers] at_most: was 12, is 6', '[offers] explore: was "0 %", is "2 %"']
    """
    told: list[str] = []
    for section in POLICY.sections:
        for one in section.fields:
            told += _of_value(f"[{section.key}] {one.key}", one.form, *_both(one, before, after))
    for one in POLICY.fields:
        if one.attribute in _UNCHANGING:
            continue
        first, second = _both(one, before, after)
        if not isinstance(one.form, Rows):
            told += _of_value(one.key, one.form, first, second)
        elif one.form.identity:
            told += _of_named(one.key, one.form, first, second)
        else:
            told += _of_list(one.key, one.form.record, first, second)
    return told


def _both(one: Field, before: Policy, after: Policy) -> tuple[Any, Any]:
    read = attrgetter(one.attribute)
    return read(before), read(after)


def _of_value(name: str, form: Form, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if isinstance(form, Named):
        for key in dict.fromkeys((*before, *after)):
            yield from _of_value(f"{name}, {key_of(key)}", form.form, before.get(key), after.get(key))
    else:
        yield f"{name}: was {_said(form, before)}, is {_said(form, after)}"


def _of_named(key: str, rows: Rows, before: Sequence[Any], after: Sequence[Any]) -> Iterator[str]:
    of = attrgetter(rows.identity)
    old, new = ({of(one): one for one in some} for some in (before, after))
    yield from (f"{key}: {name!r} is gone" for name in old if name not in new)
    for name, one in new.items():
        if name not in old:
            told = ", ".join(rows.record.lines(one)[1:])  # but for its id
            yield f"{key}: {name!r} is new: {_on_one_line(told)}"
        else:
            yield from _within(f"{key}, {name!r}", rows.record, old[name], one)
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield f"{key}: asked in another order: {', '.join(new)}"


def _within(name: str, record: Record, before: Any, after: Any) -> Iterator[str]:
    for one in record.fields:
        first, second = getattr(before, one.attribute), getattr(after, one.attribute)
        if isinstance(one.form, Record):
            yield from _within(f"{name} {one.key}", one.form, first, second)
        else:
            yield from _of_value(f"{name} {one.key}", one.form, first, second)


def _of_list(key: str, record: Record, before: Sequence[Any], after: Sequence[Any]) -> Iterator[str]:
    yield from (f"{key}: gone is {_said(record, one)}" for one in before if one not in after)
    yield from (f"{key}: new is {_said(record, one)}" for one in after if one not in before)


def _said(form: Form, value: Any) -> str:
    if value is None or value in ((), "", {}):
        return "nothing"
    return _on_one_line(form.write(value))


def _on_one_line(text: str) -> str:
    return " ".join(line.strip() for line in text.splitlines())
