"""Figures of how offers are received: taken, declined, muted, complained of, and why there was none."""

from collections.abc import Mapping
from typing import Any

from crosslift.domain.decision import Action
from crosslift.domain.estimate import NotEstimable
from crosslift.measure.customers import firsts
from crosslift.measure.figures import (
    Asked,
    Measured,
    Metric,
    Period,
    collected,
    figures,
    filled,
    rate,
    rows,
    several,
    share,
)

SERVED = ("slice", "decision_id", "product", "unit", "at")
"""Columns of offers given in answers of the period, each product of a decision once; `unit` is the decision where nobody can be
named."""
ANSWERS = ("decision_id", "product", "action")
"""Columns of exposures and responses; a product of null speaks for every offer of its decision."""
COMPLAINTS = ("unit", "at")
CONTACTED = ("slice", "unit", "at")
"""Columns of times a person's attention was taken."""
WITHDRAWALS = ("unit", "at")
UNSUBSCRIBED = "Unsubscribed"
"""What Segment's e-mail specification calls it."""
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
UNSUBSCRIBE_RATE = Metric(
    "unsubscribe_rate", "Unsubscribe rate", "rate",
    "people who withdrew a consent or sent `Unsubscribed` at or after their first contact / people contacted",
    "contacts and withdrawals of the period", "contacts that were confirmed; the ledger of consents; events `Unsubscribed`",
    "a withdrawal counts whatever it is of; contacts are kept for 366 days; newsletters sent elsewhere are not known",
)  # fmt: skip
NO_OFFER = Metric(
    "no_offer", "Decisions without an offer", "rate", "decisions that offered nothing for a reason / decisions, by its code",
    "decisions of the period, but those of evaluations", "decisions",
    "the first failing stage names the code; the interval is by person",
)  # fmt: skip
METRICS = (TAKE_RATE, DECLINE_RATE, MUTE_RATE, COMPLAINT_RATE, UNSUBSCRIBE_RATE, NO_OFFER)
NEW, EXISTING = "new", "existing"


def received(frames: Mapping[str, Any], period: Period) -> list[Measured]:
    """Measure what became of offers.

    Parameters
    ----------
    frames : mapping of str to lazy frame
        `served`, `answers`, `complaints` and `orders` (unit, at: every order up to the end of the period).
    """
    import narwhals as nw

    seen = answered(frames["served"], frames["answers"])
    known = seen.join(firsts(frames["orders"]), on="unit", how="left").with_columns(
        (~nw.col("first_at").is_null() & (nw.col("first_at") < nw.col("at"))).cast(nw.Int64()).alias("is_existing")
    )
    people = (
        known.with_columns((nw.col("accepted") * nw.col("is_existing")).alias("by_existing"))
        .group_by("slice", "unit")
        .agg(*(nw.col(name).sum() for name in ("by_existing", "is_existing", *_MARKS)), nw.len().alias("seen"))
    )
    existing, by_existing = nw.col("is_existing"), nw.col("by_existing")
    new, by_new = nw.col("seen") - existing, nw.col("accepted") - by_existing
    asked = (
        Asked(TAKE_RATE, rate, by_existing, existing, existing > 0, EXISTING),
        Asked(TAKE_RATE, rate, by_new, new, new > 0, NEW),
        Asked(DECLINE_RATE, rate, nw.col("declined"), nw.col("seen")),
        Asked(MUTE_RATE, rate, nw.col("muted"), nw.col("seen")),
    )
    return [
        *several(people, asked, "people who saw an offer"),
        *_since(COMPLAINT_RATE, "people given an offer", frames["served"], frames["complaints"], period),
    ]


def unsubscribed(frames: Mapping[str, Any], period: Period) -> list[Measured]:
    """Measure who wanted no more.

    Parameters
    ----------
    frames : mapping of str to lazy frame
        `contacted` and `withdrawals`, as `CONTACTED` and `WITHDRAWALS`.
    """
    import narwhals as nw

    contacted = frames["contacted"].filter(period.holds(nw.col("at")))
    return _since(UNSUBSCRIBE_RATE, "people contacted", contacted, frames["withdrawals"], period)


_MARKS = {"accepted": Action.ACCEPT, "declined": Action.DECLINE, "muted": Action.MUTE}


def answered(served: Any, answers: Any) -> Any:
    """Give the offers that were seen, a row each, with what was done with them as 0 or 1.

    Answers are added up by decision, and by its product where they name one, before offers are looked at: these are many more.
    """
    import narwhals as nw

    flags = [(nw.col("action") == action.value).cast(nw.Int64()).alias(name) for name, action in _MARKS.items()]
    said = answers.select("decision_id", "product", *flags)
    sums = [nw.col(name).max() for name in _MARKS]
    of_all = said.filter(nw.col("product").is_null()).group_by("decision_id").agg(*sums, nw.len().alias("n_all"))
    of_one = (
        said.filter(~nw.col("product").is_null()).group_by("decision_id", "product").agg(*sums, nw.len().alias("n_one"))
    )
    of_one = of_one.rename({name: f"{name}_one" for name in _MARKS})
    whole = served.join(of_all, on="decision_id", how="left").join(of_one, on=["decision_id", "product"], how="left")
    either = [nw.max_horizontal(filled(name), filled(f"{name}_one")).cast(nw.Int64()).alias(name) for name in _MARKS]
    is_seen = ~nw.col("n_all").is_null() | ~nw.col("n_one").is_null()
    return whole.filter(is_seen).select("slice", "decision_id", "product", "unit", "at", *either)


def _since(metric: Metric, units: str, reached: Any, said: Any, period: Period) -> list[Measured]:
    """Measure the share of people reached who said something at or after the first time."""
    import narwhals as nw

    people = reached.group_by("slice", "unit").agg(nw.col("at").min())
    last = said.filter(period.holds(nw.col("at"))).group_by("unit").agg(nw.col("at").max().alias("said_at"))
    whole = people.join(last, on="unit", how="left")
    has = ~nw.col("said_at").is_null() & (nw.col("said_at") >= nw.col("at"))
    return figures(metric, rows(whole, has), share, units)


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
    flags = [(nw.col("code") == code).cast(nw.Int64()).alias(f"of_{place}") for place, code in enumerate(codes)]
    sums = [nw.col(f"of_{place}").sum() for place in range(len(codes))]
    people = decided.select("slice", "unit", *flags).group_by("slice", "unit").agg(*sums, nw.len().alias("x"))
    asked = [Asked(NO_OFFER, rate, nw.col(f"of_{place}"), nw.col("x"), of=code) for place, code in enumerate(codes)]
    return several(people, asked, "people decided for")
