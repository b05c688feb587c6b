"""What a rule asks of the long tables: for every value, the columns that summing a table up puts beside each person."""

from dataclasses import dataclass

import narwhals as nw

from crosslift.domain.condition import (
    BILLIONTHS,
    SECOND,
    Consents,
    Count,
    Figure,
    Has,
    Hold,
    Moment,
    Possesses,
    Revisits,
    Share,
    Trait,
    UsageShare,
    Value,
    Word,
)

Asked = Value | Has | Possesses | Consents
"""What is read of a person before anything is compared."""

PROPERTY = "property:"
"""Before the name of an event's property, the name of its column."""


@dataclass(frozen=True, slots=True)
class Summed:
    """A column made of a long table: what each of a person's rows gives, added up or the largest of it."""

    table: str
    name: str
    of_row: nw.Expr
    is_added: bool = True


def summed(asked: Asked, name: str, now: int) -> list[Summed]:
    """Give the columns that `value_of` reads; none where the value is in the profile itself.

    Parameters
    ----------
    asked : Asked
        What is read.
    name : str
        A name for its column that no other has.
    now : int
        The instant the rule is asked at, microseconds UTC.
    """
    match asked:
        case Trait(trait):
            mine = _is("name", trait)
            return [
                Summed("traits", name, nw.when(mine).then(nw.col("value")), is_added=False),
                Summed("traits", f"{name}_number", nw.when(mine).then(nw.col("number")), is_added=False),
            ]
        case Share(of, wanted):
            mine = _is("of", of) & (_is_within("name", wanted) if of == "category" else _is("name", wanted))
            whole = (nw.col("share") * nw.lit(BILLIONTHS) + nw.lit(0.5)).floor().cast(nw.Int64)
            return [
                Summed("shares", name, nw.when(mine).then(whole)),
                Summed("shares", f"{name}_rows", _one_if(_is("of", of))),
            ]
        case UsageShare(meter):
            return [Summed("usage", name, nw.when(_is("meter", meter)).then(nw.col("share")), is_added=False)]
        case Revisits(category):
            return [Summed("revisits", name, nw.when(_is_within("category", category)).then(nw.col("n_visits")))]
        case Count():
            return [Summed("events", name, _one_if(_matches(asked, now)))]
        case Has(column, text):
            return [Summed("lists", name, _one_if(_is("column", column) & _is("text", text)))]
        case Possesses(how, product):
            mine = _is("product_id", product)
            return [Summed("possessions", name, _one_if(mine if how is Hold.LACKS else mine & _is("how", how.value)))]
        case Consents(purpose, channel):
            granted = nw.col("is_granted").cast(nw.Int64)
            return [
                Summed("consents", column, nw.when(_is("purpose", purpose) & _is("channel", on)).then(granted), is_added=False)
                for column, on in ((name, channel or "*"), (f"{name}_everywhere", "*"))
            ]  # fmt: skip
    return []


def value_of(asked: Asked, name: str) -> nw.Expr:
    """Give the value beside the person, null where it is unknown; of a trait the text.

    Figures and sums are doubles; `Has`, `Possesses` and `Consents` are true or false.
    """
    match asked:
        case Figure(column):
            figure = nw.col(column).cast(nw.Float64)
            return nw.when(~figure.is_nan()).then(figure)
        case Word(column) | Moment(column):
            return nw.col(column)
        case Share():
            share = nw.col(name).fill_null(0).cast(nw.Float64) / nw.lit(BILLIONTHS)
            return nw.when(nw.col(f"{name}_rows") > nw.lit(0)).then(share)
        case Revisits() | Count():
            return nw.col(name).fill_null(0).cast(nw.Float64)
        case Has():
            return nw.col(name).fill_null(0) > nw.lit(0)
        case Possesses(how):
            has_one = nw.col(name).fill_null(0) > nw.lit(0)
            return ~has_one if how is Hold.LACKS else has_one
        case Consents():
            return nw.coalesce(name, f"{name}_everywhere", nw.lit(0)) > nw.lit(0)
    return nw.col(name)


def _matches(count: Count, now: int) -> nw.Expr:
    """Tell of each event whether it counts."""
    at = nw.col("at")
    chosen = _is("name", count.event) & (at >= nw.lit(now - count.seconds * SECOND)) & (at <= nw.lit(now))
    if count.product is not None:
        chosen &= _is("product_id", count.product)
    if count.category is not None:
        chosen &= _is_within("category", count.category)
    for name, text in count.properties:
        chosen &= _is(PROPERTY + name, text)
    return chosen


def _is(column: str, text: str) -> nw.Expr:
    return nw.col(column).fill_null("") == nw.lit(text)


def _is_within(column: str, category: str) -> nw.Expr:
    return _is(column, category) | nw.col(column).fill_null("").str.starts_with(category + "/")


def _one_if(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0))
