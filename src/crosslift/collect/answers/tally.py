"""Tally's webhook `FORM_RESPONSE` (tally.so/help/webhooks).

A response is named by its `responseId`. Options come as ids beside their words, a matrix as rows of them; checkboxes come a
second time, one by one, which says nothing new. Ratings and linear scales do not say how far they go: the merchant does
(`scales`), by the question's words, its key or its kind (`RATING`, `LINEAR_SCALE`); a linear scale nobody spoke of is a number
like any other. An e-mail address names the customer where no hidden field does. Telephone numbers, links, files, signatures,
payments and calculated fields are not kept.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import msgspec

from crosslift.collect.answers.sender import Arrival, Row, Sender
from crosslift.collect.answers.survey import Answered, Survey, numbered, rows_of
from crosslift.domain.signature import BodySignature

NAME = "tally"
_NUMBERS = {"RATING": "rating", "LINEAR_SCALE": "", "INPUT_NUMBER": ""}
_CHOSEN = frozenset({"MULTIPLE_CHOICE", "CHECKBOXES", "DROPDOWN", "MULTI_SELECT", "RANKING"})
_FILLED_IN = frozenset({"INPUT_TEXT", "INPUT_DATE", "INPUT_TIME"})


class Option(msgspec.Struct):
    """An option, or a row or column of a matrix."""

    id: str
    text: str | None = None


class Field(msgspec.Struct):
    """A question with its answer; what the value is, `type` says."""

    key: str
    type: str
    label: str | None = None
    value: Any = None
    options: list[Option] | None = None
    rows: list[Option] | None = None
    columns: list[Option] | None = None


class Data(msgspec.Struct, rename="camel"):
    """One response."""

    response_id: str
    created_at: datetime
    fields: list[Field]
    form_id: str | None = None
    form_name: str | None = None


class Tally(msgspec.Struct, rename="camel"):
    """A delivery."""

    event_type: Literal["FORM_RESPONSE"]
    data: Data


def rows(delivery: Tally, arrival: Arrival) -> list[Row]:
    """Give the rows of a response."""
    said = delivery.data
    address = next((one.value for one in said.fields if one.type == "INPUT_EMAIL" and isinstance(one.value, str)), None)
    hidden = {one.label: one.value for one in said.fields if one.type == "HIDDEN_FIELDS" and one.label}
    return rows_of(Survey(
        f"{NAME}:{said.response_id}", said.created_at.isoformat(),
        [one for field in said.fields for one in _answered(field, arrival)], hidden, address, said.form_id,
        said.form_name,
    ))  # fmt: skip


def _answered(field: Field, arrival: Arrival) -> Iterator[Answered]:
    """Give the answers of a question that are kept."""
    value = field.value
    if field.type in _NUMBERS and isinstance(value, int | float) and not isinstance(value, bool):
        names = (field.label or "", field.key, field.type)
        yield numbered(field.key, field.label, value, names, arrival.scales, _NUMBERS[field.type])
    elif field.type == "TEXTAREA" and isinstance(value, str) and value.strip():
        yield Answered(field.key, field.label, text=value)
    elif field.type in _FILLED_IN and isinstance(value, str) and value.strip():
        yield Answered(field.key, field.label, answer=value)
    elif field.type in _CHOSEN and field.options:
        chosen = _words(value, field.options)
        if chosen:
            yield Answered(field.key, field.label, answer=chosen)
    elif field.type == "MATRIX" and isinstance(value, dict):
        for row in field.rows or ():
            chosen = _words(value.get(row.id), field.columns or [])
            if chosen:
                yield Answered(f"{field.key}:{row.id}", f"{field.label or field.key}: {row.text}", answer=chosen)


def _words(chosen: Any, options: list[Option]) -> str:
    """Write the options that were chosen, in the order they were given."""
    words = {option.id: option.text for option in options}
    ids = chosen if isinstance(chosen, list) else [chosen]
    return ", ".join(text for one in ids if isinstance(one, str) and (text := words.get(one)))


SENDER = Sender(NAME, "Tally forms", BodySignature("tally-signature"), msgspec.json.Decoder(Tally), rows)
