"""`/v1/satisfaction`, `/v1/feedback`: how people feel with offers and without, and what they speak of."""

from datetime import datetime

import msgspec

from crosslift.web.api.earned import Difference
from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop

MOST = 1000


class FeltRow(msgspec.Struct):
    """One measure, csat (share of the scale) or nps (−1 to 1), with offers less without; or why nobody can say."""

    measure: str
    n: int
    n_control: int
    mean: float | None
    mean_control: float | None
    difference: Difference | None = None
    not_estimable: str | None = None


class Effect(msgspec.Struct):
    """What offers do to how people feel."""

    experiment_id: str
    units: dict[str, int]
    until: str
    measures: list[FeltRow]


class TopicRow(msgspec.Struct):
    """What is said of a topic, product, channel and offer; `example` are words of our lists, never the text."""

    topic: str
    product: str
    channel: str
    offer: str
    n: int
    judged: int
    bad: int
    sentiment: float | None
    confidence: float | None
    n_sure: int
    example: str


class Feedback(msgspec.Struct):
    """What people speak of, the worst first; how many sayings our lists know a word in, and are sure of."""

    since: str
    until: str
    n: int
    n_judged: int
    n_sure: int
    n_of: dict[str, int]
    n_rows: int
    rows: list[TopicRow]


async def effect(served: ServedShop, experiment_id: str) -> Effect:
    """Compare how people feel."""
    return msgspec.convert(await served.in_thread(lambda: served.shop.satisfaction.effect(experiment_id)), Effect)


async def feedback(served: ServedShop, since: datetime | None, until: datetime | None, most: int) -> Feedback:
    """Report what people speak of."""
    begin, end = (served.shop.local(moment) if moment is not None else None for moment in (since, until))
    return msgspec.convert(await served.in_thread(lambda: served.shop.voices.report(begin, end, most)), Feedback)


_INSTANT = {"type": "string", "format": "date-time", "examples": ["2026-03-01T00:00:00+09:00"]}
_PROBLEMS = (400, 401, 403, 404, 422, 503)
SATISFACTION = Operation(
    name="get_satisfaction",
    method="GET",
    path="/v1/satisfaction",
    summary="Say what offers do to how people feel",
    about=(
        "CSAT and NPS of the people who get offers against those from whom all are kept back, every person by their first arm, "
        "seen offers or not; the interval holds at every look. Where fewer than 30 of an arm answered, or offers changed who "
        "answers, no difference is given."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(
        Parameter("experiment_id", "query", "Which holdout; the standing one by default.", {"type": "string"}),
    ),
    answer=Effect,
    answer_example={
        "experiment_id": "standing-holdout", "units": {"held": 600, "treated": 11400}, "until": "2026-04-01T00:00:00+00:00",
        "measures": [
            {"measure": "csat", "n": 820, "n_control": 47, "mean": 0.84, "mean_control": 0.86,
             "difference": {"value": -0.02, "low": -0.12, "high": 0.08, "standard_error": 0.03, "p_value": 1.0}},
            {"measure": "nps", "n": 300, "n_control": 12, "mean": 0.41, "mean_control": 0.5,
             "not_estimable": "300 answers of people with offers and 12 of those held back, at least 30 of each needed"},
        ],
    },
    problems=_PROBLEMS,
)  # fmt: skip
FEEDBACK = Operation(
    name="get_feedback",
    method="GET",
    path="/v1/feedback",
    summary="Report what people speak of",
    about=(
        "Reviews, surveys, mentions and the reasons offers were declined, by topic, product, channel and the strategy the "
        "product had been offered by in the 30 days before. Judged by word lists; of those `n_sure` counts, about 19 of 20 are "
        "right. An example is words of our own lists, never what somebody wrote. The last 90 days by default."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(
        Parameter("since", "query", "First instant.", _INSTANT), Parameter("until", "query", "Instant after the last.", _INSTANT),
        Parameter(
            "most", "query", "So many rows, the worst first.",
            {"type": "integer", "minimum": 1, "maximum": MOST, "default": 50},
        ),
    ),
    answer=Feedback,
    answer_example={
        "since": "2026-01-01T00:00:00+00:00", "until": "2026-04-01T00:00:00+00:00", "n": 410, "n_judged": 352, "n_sure": 231,
        "n_of": {"decline": 40, "review": 370}, "n_rows": 118,
        "rows": [{
            "topic": "delivery", "product": "MUG", "channel": "web", "offer": "complement", "n": 31, "judged": 28, "bad": 19,
            "sentiment": -0.41, "confidence": 0.66, "n_sure": 20, "example": "took ages",
        }],
    },
    problems=_PROBLEMS,
)  # fmt: skip
OPERATIONS = (SATISFACTION, FEEDBACK)
