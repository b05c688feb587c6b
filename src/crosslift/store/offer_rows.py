"""An offer as the row it is kept as, and back: the same offer, to the last letter."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, overload

import msgspec

from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, Period, PriceLine, Proof

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SPOKEN = ("titles", "terms", "cancellation", "guarantee")
LISTS = ("goals", "beside", "markets", "licences", "months", "tags")
PLAIN = (
    "offer_id", "product_id", "category", "is_free", "audience", "avoid", "step_of", "min_age", "is_advice", "staff_brief",
    "is_active", "author", "reason",
)  # fmt: skip


def row_of(offer: Offer) -> dict[str, Any]:
    """Write an offer as a row, its version aside: the store numbers it."""
    amounts = (offer.total, offer.cost, *(line.amount for line in offer.prices))
    currency = next((one.currency for one in amounts if one is not None), None)
    return {
        **{name: getattr(offer, name) for name in PLAIN},
        "kind": offer.kind.value,
        **{name: _json(dict(getattr(offer, name))) for name in SPOKEN},
        "benefits": _json({language: list(some) for language, some in offer.benefits.items()}),
        "prices": _json([_line_row(line) for line in offer.prices]),
        "total_micros": None if offer.total is None else offer.total.to_micros(),
        "cost_micros": None if offer.cost is None else offer.cost.to_micros(),
        "currency": currency,
        "proofs": _json([{"texts": dict(p.texts), "source": p.source, "market": p.market} for p in offer.proofs]),
        **{name: _json(list(getattr(offer, name))) for name in LISTS},
        "starts_at": micros(offer.starts_at),
        "ends_at": micros(offer.ends_at),
        "created_at": micros(offer.created_at),
    }


def offer_of(row: Mapping[str, Any]) -> Offer:
    """Read an offer back."""
    lists = {name: tuple(msgspec.json.decode(row[name])) for name in LISTS}
    spoken = {name: msgspec.json.decode(row[name]) for name in SPOKEN}
    plain = {name: row[name] for name in PLAIN}
    flags = {name: bool(row[name]) for name in ("is_free", "is_advice", "is_active")}
    benefits = msgspec.json.decode(row["benefits"])
    given: dict[str, Any] = {
        **plain, **flags, **lists, **spoken,
        "version": row["version"],
        "kind": OfferKind(row["kind"]),
        "benefits": {language: tuple(some) for language, some in benefits.items()},
        "prices": tuple(_line_of(line, row["currency"]) for line in msgspec.json.decode(row["prices"])),
        "total": _money(row["total_micros"], row["currency"]),
        "cost": _money(row["cost_micros"], row["currency"]),
        "proofs": tuple(Proof(**one) for one in msgspec.json.decode(row["proofs"])),
        "starts_at": instant(row["starts_at"]),
        "ends_at": instant(row["ends_at"]),
        "created_at": instant(row["created_at"]),
    }  # fmt: skip
    return Offer(**given)


def _line_row(line: PriceLine) -> dict[str, Any]:
    return {
        "amount": str(line.amount.amount), "period": line.period and line.period.value, "n_periods": line.n_periods,
        "tax_rate": None if line.tax_rate is None else str(line.tax_rate), "includes_tax": line.includes_tax,
        "labels": dict(line.labels),
    }  # fmt: skip


def _line_of(row: Mapping[str, Any], currency: str) -> PriceLine:
    return PriceLine(
        Money(Decimal(row["amount"]), currency), Period(row["period"]) if row["period"] else None, row["n_periods"],
        None if row["tax_rate"] is None else Decimal(row["tax_rate"]), row["includes_tax"], row["labels"],
    )  # fmt: skip


def _money(amount: int | None, currency: str | None) -> Money | None:
    return None if amount is None or currency is None else Money.from_micros(amount, currency)


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


@overload
def micros(moment: datetime) -> int: ...
@overload
def micros(moment: None) -> None: ...
def micros(moment: datetime | None) -> int | None:
    """Write an instant as whole microseconds since 1970."""
    return None if moment is None else (moment - EPOCH) // timedelta(microseconds=1)


@overload
def instant(at: int) -> datetime: ...
@overload
def instant(at: None) -> None: ...
def instant(at: int | None) -> datetime | None:
    """Read an instant back."""
    return None if at is None else EPOCH + timedelta(microseconds=at)
