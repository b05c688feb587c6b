"""A filled-in form as rows of feedback: a row a question that was answered, and whose answers they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crosslift.collect.answers.sender import Row, who
from crosslift.collect.schemas_people import FEEDBACK
from crosslift.domain.contact import FeedbackKind

NPS = "nps"
NPS_SCALE = 10.0
_CUSTOMER = ("customerid", "customer", "userid")
_ADDRESS = ("email", "customeremail", "useremail")
_COLUMNS = {
    "productid": "product_id", "product": "product_id", "sku": "product_id", "channel": "channel", "language": "language",
    "lang": "language", "locale": "language",
}  # fmt: skip
"""Hidden fields by their names without case, `_`, `-` and spaces: the customer, the address, and columns of feedback."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer.

    `rating` is a number somebody gave, `scale` the highest there is, where it is known. `text` are words of the
    respondent's own, `answer` what was chosen or filled in.
    """

    key: str
    question: str | None
    answer: str | None = None
    text: str | None = None
    rating: float | None = None
    scale: float | None = None
    is_nps: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """One response: `hidden` are the fields a link to the form carried, `address` the e-mail address that was filled in."""

    response_id: str
    at: str
    answers: Sequence[Answered]
    hidden: Mapping[str, object] = field(default_factory=dict)
    address: str | None = None
    form_id: str | None = None
    form: str | None = None


def numbered(
    key: str, question: str | None, number: float, names: Sequence[str], scales: Mapping[str, str], kind: str = ""
) -> Answered:
    """Give a number that was answered: a rating where its question is one, else a number like any other.

    Parameters
    ----------
    names : sequence of str
        The question's names, the most telling first; the first that `scales` knows says what it asks for.
    kind : str
        What its question is by itself: `nps`, `rating` where the scale is not known, or nothing.
    """
    asked = next((scales[name] for name in names if name in scales), kind)
    highest = NPS_SCALE if asked == NPS else float(asked) if asked not in ("", "rating") else None
    if not asked or number < 0 or (highest is not None and number > highest):
        return Answered(key, question, answer=f"{number:g}")
    return Answered(key, question, rating=number, scale=highest, is_nps=asked == NPS)


def rows_of(survey: Survey) -> list[Row]:
    """Give the rows of a response.

    Where there is one rating and one text, they are one row: the words belong to the stars. Hidden fields that are no
    column are kept beside them.

    Examples
    --------
    >>> rows = rows_of(Survey("typeform:t1", "2026-03-01T10:00:00Z", [
    ...     Answered("q1", "How was it?", rating=2, scale=5), Answered("q2", "Why?", text="Cold soup."),
    ... ], {"user_id": "c1", "store": "north"}))
    >>> [(row["feedback_id"], row["customer_id"], row["kind"], row["rating"], row["text"]) for row in rows]
    [('typeform:t1:q1', 'c1', 'csat', 2, 'Cold soup.')]
    """
    told = {_plain(name): value for name, value in survey.hidden.items()}
    shared = _kept(survey) | {
        "at": survey.at,
        "customer_id": who(_first(told, _CUSTOMER), _first(told, _ADDRESS) or survey.address),
        **{_COLUMNS[name]: value for name, value in told.items() if name in _COLUMNS and value},
    }
    return [
        {**shared, "feedback_id": f"{survey.response_id}:{one.key}", **_said(one)} for one in _joined(survey.answers)
    ]  # fmt: skip


def _joined(answers: Sequence[Answered]) -> list[Answered]:
    """Put the only text to the only rating."""
    rated = [one for one in answers if one.rating is not None]
    written = [one for one in answers if one.text]
    if len(rated) != 1 or len(written) != 1:
        return list(answers)
    stars, words = rated[0], written[0]
    joined = Answered(stars.key, stars.question, None, words.text, stars.rating, stars.scale, stars.is_nps)
    return [joined if one is stars else one for one in answers if one is not words]


def _said(one: Answered) -> Row:
    kind = FeedbackKind.NPS if one.is_nps else FeedbackKind.CSAT if one.rating is not None else FeedbackKind.SURVEY
    return {
        "kind": kind.value, "question": one.question, "answer": one.answer, "text": one.text, "rating": one.rating,
        "scale": one.scale,
    }  # fmt: skip


def _kept(survey: Survey) -> Row:
    """Give what is kept as attributes: the form, and hidden fields that mean something to the merchant alone."""
    taken = {*_CUSTOMER, *_ADDRESS, *_COLUMNS, *(_plain(name) for name in FEEDBACK.names)}
    own = {name: value for name, value in survey.hidden.items() if value is not None and _plain(name) not in taken}
    return own | {"form": survey.form, "form_id": survey.form_id}


def _first(told: Mapping[str, object], names: Sequence[str]) -> object:
    return next((told[name] for name in names if told.get(name)), None)


def _plain(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "")
