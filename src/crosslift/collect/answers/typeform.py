"""Typeform's webhook `form_response` (typeform.com/developers/webhooks/example-payload and …/secure-your-webhooks).

A response is named by its `token`, also when it is sent again. Of the `definition` only the questions' words are read: it
says neither how many steps a rating or an opinion scale has nor what the scale is of. So the merchant says it (`scales`), by
the question's `ref`, its id or its kind; an opinion scale nobody spoke of is a number like any other. An e-mail address that
was filled in names the customer where no hidden field does. Telephone numbers, files, payments, links and legal consent are
not kept. A `form_response_partial` is somebody still answering: it says nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import msgspec

from crosslift.collect.answers.sender import Arrival, Row, Sender
from crosslift.collect.answers.survey import Answered, Survey, numbered, rows_of
from crosslift.domain.signature import BodySignature

NAME = "typeform"
_RATINGS = {"nps": "nps", "rating": "rating"}


class Field(msgspec.Struct):
    """A question, or which one an answer belongs to."""

    id: str
    type: str = ""
    ref: str | None = None
    title: str | None = None


class Choice(msgspec.Struct):
    """One option that was chosen; `other` is written by the respondent."""

    label: str | None = None
    other: str | None = None


class Choices(msgspec.Struct):
    """Several."""

    labels: list[str] | None = None
    other: str | None = None


class Answer(msgspec.Struct):
    """One answer; which field holds it, `type` says."""

    type: str
    field: Field
    text: str | None = None
    number: float | None = None
    boolean: bool | None = None
    date: str | None = None
    email: str | None = None
    choice: Choice | None = None
    choices: Choices | None = None


class Definition(msgspec.Struct):
    """The form as it was asked."""

    title: str | None = None
    fields: list[Field] = []


class FormResponse(msgspec.Struct):
    """One response."""

    form_id: str
    token: str
    submitted_at: datetime
    definition: Definition = msgspec.field(default_factory=Definition)
    answers: list[Answer] | None = None
    hidden: dict[str, Any] | None = None


class Typeform(msgspec.Struct):
    """A delivery."""

    event_type: Literal["form_response", "form_response_partial"]
    form_response: FormResponse


def rows(delivery: Typeform, arrival: Arrival) -> list[Row]:
    """Give the rows of a response."""
    if delivery.event_type != "form_response":
        return []
    said = delivery.form_response
    titles = {field.id: field.title for field in said.definition.fields}
    given = said.answers or []
    return rows_of(Survey(
        f"{NAME}:{said.token}", said.submitted_at.isoformat(),
        [one for answer in given for one in _answered(answer, titles.get(answer.field.id), arrival)],
        said.hidden or {}, next((one.email for one in given if one.type == "email"), None), said.form_id,
        said.definition.title,
    ))  # fmt: skip


def _answered(answer: Answer, title: str | None, arrival: Arrival) -> Iterator[Answered]:
    """Give an answer that is kept."""
    field, question = answer.field, title or answer.field.title or answer.field.ref
    match answer:
        case Answer(type="number", number=float(number)):
            names = (field.ref or "", field.id, field.type)
            yield numbered(field.id, question, number, names, arrival.scales, _RATINGS.get(field.type, ""))
        case Answer(type="text", text=str(text)) if text.strip():
            is_long = field.type == "long_text"
            yield Answered(field.id, question, text=text if is_long else None, answer=None if is_long else text)
        case Answer(type="choice", choice=Choice(label=label, other=other)) if label or other:
            yield Answered(field.id, question, answer=label or other)
        case Answer(type="choices", choices=Choices(labels=labels, other=other)) if labels or other:
            yield Answered(field.id, question, answer=", ".join([*(labels or ()), *([other] if other else ())]))
        case Answer(type="boolean", boolean=bool(is_so)) if field.type != "legal":
            yield Answered(field.id, question, answer="yes" if is_so else "no")
        case Answer(type="date", date=str(date)):
            yield Answered(field.id, question, answer=date)


SENDER = Sender(
    NAME, "Typeform forms", BodySignature("typeform-signature", prefix="sha256="), msgspec.json.Decoder(Typeform), rows
)  # fmt: skip
