"""Figures of how offers are received: taken, declined, muted, complained of, and why there was none."""

from collections.abc import Mapping
from typing import Any

from crosslift.domain.decision import Action
from crosslift.domain.estimate import NotEstimable
from crosslift.measure.customers import firsts
from crosslift.measure.figures import Measured, Metric, Period, collected, figures, filled, rate, rows, share

SERVED = ("slice", "decision_id", "product", "unit", "at")
"""Columns of offers that were given in an answer of the period; `unit` is the decision where nobody can be named."""
ANSWERS = ("decision_id", "product", "action")
"""Columns of exposures and responses; a product of null speaks for every offer of its decision."""
COMPLAINTS = ("unit", "at")
DECIDED = ("slice", "unit", "code")
"""Columns of decisions of the period; `code` says why nothing was offered, empty where something was."""

_OFFERS = "decisions, exposures and responses; an offer counts once, whoever says so how often"
_SEEN = "offers of the period that were seen; a response speaks for having been seen"
_CLUSTERS = "the interval is by person; offers that nobody reported as seen do not count"
TAKE_RATE = Metric(
    "take_rate", "Take rate", "rate", "offers accepted / offers seen, of people with an order before the offer and of new ones",
    _SEEN, _OFFERS, f"new people are also those who do not sign in; {_CLUSTERS}",
)  # fmt: skip
DECLINE_RATE = Metric(
    "decline_rate", "Decline rate", "rate", "offers declined / offers seen", _SEEN, _OFFERS, _CLUSTERS
)
MUTE_RATE = Metric("mute_rate", "Mute rate", "rate", "offers muted / offers seen", _SEEN, _OFFERS, _CLUSTERS)
COMPLAINT_RATE = Metric(
    "complaint_rate", "Complaint rate", "rate", "people who complained after an offer / people given an offer",
    "offers and cases of the period", "decisions; cases whose topic says complaint",
    "not every complaint is about the offer, and cases under other topics are not counted",
)  # fmt: skip
NO_OFFER = Metric(
    "no_offer", "Decisions without an offer", "rate", "decisions that offered nothing for a reason / decisions, by its code",
    "decisions of the period, but those of evaluations", "decisions",
    "the first failing stage names the code; the interval is by person",
)  # fmt: skip
METRICS = (TAKE_RATE, DECLINE_RATE, MUTE_RATE, COMPLAINT_RATE, NO_OFFER)
NEW, EXISTING = "new", "existing"


def received(frames: Mapping[str, Any], period: Period) -> list[Measured]:
    """Measure what became of offers.

    Parameters
    ----------
    frames : mapping of str to lazy frame
        `served`, `answers`, `complaints` and `orders` (unit, at: every order up to the end of the period).
    """
    import narwhals as nw

    offers = _answered(frames["served"], frames["answers"])
    known = offers.join(firsts(frames["orders"]), on="unit", how="left").with_columns(
        (~nw.col("first_at").is_null() & (nw.col("first_at") < nw.col("at"))).alias("is_existing")
    )
    is_existing = nw.col("is_existing")
    return [
        *_per_person(TAKE_RATE, known.filter(is_existing), "accepted", EXISTING),
        *_per_person(TAKE_RATE, known.filter(~is_existing), "accepted", NEW),
        *_per_person(DECLINE_RATE, offers, "declined"),
        *_per_person(MUTE_RATE, offers, "muted"),
        *_complained(frames["served"], frames["complaints"], period),
    ]


def _answered(served: Any, answers: Any) -> Any:
    """Give the offers that were seen, a row each, with what was done with them as 0 or 1."""
    import narwhals as nw

    marks = {"accepted": Action.ACCEPT, "declined": Action.DECLINE, "muted": Action.MUTE}
    flags = [(nw.col("action") == action.value).cast(nw.Int64()).alias(name) for name, action in marks.items()]
    said = answers.select("decision_id", nw.col("product").alias("about"), *flags)
    is_about = nw.col("about").is_null() | (nw.col("about") == nw.col("product"))
    return (
        served.join(said, on="decision_id", how="inner")
        .filter(is_about)
        .group_by("slice", "decision_id", "product", "unit", "at")
        .agg(*(nw.col(name).max() for name in marks))
    )


def _per_person(metric: Metric, offers: Any, mark: str, of: str | None = None) -> list[Measured]:
    import narwhals as nw

    people = offers.group_by("slice", "unit").agg(nw.col(mark).sum().alias("y"), nw.len().alias("x"))
    return figures(metric, rows(people, nw.col("y"), nw.col("x")), rate, "people who saw an offer", of=of)


def _complained(served: Any, complaints: Any, period: Period) -> list[Measured]:
    import narwhals as nw

    people = served.group_by("slice", "unit").agg(nw.col("at").min())
    last = complaints.filter(period.holds(nw.col("at"))).group_by("unit").agg(nw.col("at").max().alias("complained_at"))
    whole = people.join(last, on="unit", how="left")
    has = ~nw.col("complained_at").is_null() & (nw.col("complained_at") >= nw.col("at"))
    return figures(COMPLAINT_RATE, rows(whole, has), share, "people given an offer")


def nothing_offered(frames: Mapping[str, Any], _: Period) -> list[Measured]:
    """Measure the share of decisions that offered nothing, by its code.

    Parameters
    ----------
    frames : mapping of str to lazy frame
        Of it `decisions`, as `DECIDED`.
    """
    import narwhals as nw

    decided = frames["decisions"]
    codes = [row["code"] for row in collected(decided.select("code").unique().sort("code")) if row["code"]]
    if not codes:
        return [Measured(NO_OFFER, None, NotEstimable("no decision of the period was without an offer"))]
    found: list[Measured] = []
    for code in codes:
        has = filled("is_code").alias("y")
        people = (
            decided.with_columns((nw.col("code") == code).cast(nw.Int64()).alias("is_code"))
            .group_by("slice", "unit")
            .agg(nw.col("is_code").sum(), nw.len().alias("x"))
        )
        found += figures(NO_OFFER, rows(people, has, nw.col("x")), rate, "people decided for", of=code)
    return found
