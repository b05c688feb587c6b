"""Bad answers open cases: which are bad, and what the case says."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa

from crosslift.collect.rows import DAY, Columns, as_json
from crosslift.collect.voice import rating_share
from crosslift.domain.contact import CaseSeverity, CaseStatus, FeedbackKind
from crosslift.domain.voice import BadSign, Judged, Topic
from crosslift.settings import Settings

SOURCE = "voice"
"""Stands before the id of the answer in the id of its case, and in the case's attributes."""

_NPS_SCALE = 10.0
_WORST_SHARE = 0.2
_WORST_SENTIMENT = -0.75


@dataclass(frozen=True, slots=True)
class Answer:
    """What a case needs of a row of feedback; `at` in microseconds UTC."""

    feedback_id: str
    at: int
    kind: str
    customer_id: str | None = None
    rating: float | None = None
    scale: float | None = None
    text: str | None = None
    product_id: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case as the dataset `cases` has it; `signs` say why it was opened. Instants in microseconds UTC."""

    case_id: str
    customer_id: str
    opened_at: int
    topic: Topic | None
    severity: CaseSeverity
    signs: tuple[BadSign, ...]
    feedback_id: str
    product_id: str | None = None
    channel: str | None = None
    text: str | None = None

    @property
    def attributes(self) -> str:
        """Where the case comes from, as JSON."""
        return as_json({"source": SOURCE, "feedback_id": self.feedback_id, "signs": self.signs})


def case_of(answer: Answer, judged: Judged, settings: Settings, now: int) -> OpenedCase | None:
    """Open a case for a bad answer of a known customer.

    Bad is an NPS answer up to `voice.bad_nps`, another rating up to `voice.bad_rating` of its scale, or words judged up
    to `voice.bad_sentiment` at `voice.min_confidence` or surer. The severity is low for a lukewarm NPS answer without
    words of blame, high for the worst fifth of a scale or the harshest words, else normal.

    Parameters
    ----------
    now : int
        When the answer came in, in microseconds UTC: history that is imported opens no case (`voice.case_days`).

    Returns
    -------
    OpenedCase or None
        The same answer always gives the same case, with the same id; None for an answer that is not bad, too old, or
        of somebody unknown.

    Raises
    ------
    BadInput
        If the rating cannot be on its scale.
    """
    signs = bad_signs(answer, judged, settings) if settings["voice.open_cases"] else ()
    if not signs or answer.customer_id is None or now - answer.at > settings["voice.case_days"] * DAY:
        return None
    return OpenedCase(
        f"{SOURCE}:{answer.feedback_id}", answer.customer_id, answer.at, judged.topics[0] if judged.topics else None,
        _severity(_share(answer), judged, signs, settings), signs, answer.feedback_id, answer.product_id,
        answer.channel, answer.text,
    )  # fmt: skip


def bad_signs(answer: Answer, judged: Judged, settings: Settings) -> tuple[BadSign, ...]:
    """Say what is bad about an answer; empty where nothing is.

    Examples
    --------
    >>> from crosslift.collect.voice import judge
    >>> bad_signs(Answer("f1", 0, "csat", rating=2, scale=5), judge("Broken. Terrible quality."), Settings.load())
    (<BadSign.RATING: 'rating'>, <BadSign.TEXT: 'text'>)
    """
    share, is_nps = _share(answer), answer.kind == FeedbackKind.NPS
    is_sure = judged.sentiment is not None and judged.confidence >= settings["voice.min_confidence"]
    found = {
        BadSign.NPS: is_nps and share is not None and share * _NPS_SCALE <= settings["voice.bad_nps"],
        BadSign.RATING: not is_nps and share is not None and share <= settings["voice.bad_rating"],
        BadSign.TEXT: is_sure and (judged.sentiment or 0.0) <= settings["voice.bad_sentiment"],
    }
    return tuple(sign for sign, is_bad in found.items() if is_bad)


def cases_in(
    columns: Sequence[str], rows: Iterable[tuple[Any, ...]], settings: Settings, now: int
) -> Iterator[OpenedCase]:
    """Go through rows of the table `feedback`, judged as they are, and open the cases they ask for."""
    for row in rows:
        cell = dict(zip(columns, row, strict=True))
        topics = tuple(Topic(topic) for topic in msgspec.json.decode(cell["topics"] or "[]", type=list[str]))
        judged = Judged(cell["sentiment"], cell["sentiment_confidence"] or 0.0, topics, (), cell["language"] or "")
        answer = Answer(
            cell["feedback_id"], cell["at"], cell["kind"], cell["customer_id"], cell["rating"], cell["scale"],
            cell["text"] or cell["answer"], cell["product_id"], cell["channel"],
        )  # fmt: skip
        case = case_of(answer, judged, settings, now)
        if case is not None:
            yield case


def gravest(cases: Sequence[OpenedCase]) -> OpenedCase | None:
    """Give the case that stands for several answers of one person at one moment: the gravest, the first of equals."""
    order = tuple(CaseSeverity)
    return max(cases, key=lambda case: order.index(case.severity), default=None)


def as_columns(cases: Sequence[OpenedCase]) -> Columns:
    """Write cases as the typed columns of their dataset, as if they had come in a file."""
    texts = ("case_id", "customer_id", "topic", "severity", "product_id", "channel", "text", "attributes")
    columns = {name: pa.array([getattr(case, name) for case in cases], pa.string()) for name in texts}
    opened = pa.array([case.opened_at for case in cases], pa.int64())
    status = pa.array([CaseStatus.OPEN.value] * len(cases), pa.string())
    return columns | {"opened_at": opened, "updated_at": opened, "status": status}


def _share(answer: Answer) -> float | None:
    """Give the rating as a share of its scale; NPS is asked from 0 to 10 where nobody says otherwise."""
    is_nps = answer.kind == FeedbackKind.NPS
    return rating_share(answer.rating, _NPS_SCALE if is_nps and answer.scale is None else answer.scale)


def _severity(share: float | None, judged: Judged, signs: tuple[BadSign, ...], settings: Settings) -> CaseSeverity:
    is_harsh = BadSign.TEXT in signs and (judged.sentiment or 0.0) <= _WORST_SENTIMENT
    if is_harsh or (share is not None and share <= _WORST_SHARE):
        return CaseSeverity.HIGH
    if signs == (BadSign.NPS,) and share is not None and share > settings["voice.bad_rating"]:
        return CaseSeverity.LOW
    return CaseSeverity.NORMAL
