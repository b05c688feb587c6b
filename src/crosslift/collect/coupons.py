"""Coupon campaigns as somebody writes them, in TOML or JSON, made into campaigns; amounts in the currency's major unit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import msgspec

from crosslift.collect.toml_tables import read_tables
from crosslift.domain.coupon import Campaign, CouponKind, Tier
from crosslift.domain.money import Money
from crosslift.errors import BadInput

Number = Decimal | int | float
Items = Sequence[Mapping[str, Any]]
MOST = Decimal(10) ** 12


class TierText(msgspec.Struct, forbid_unknown_fields=True):
    """A better value for people of whom a condition holds."""

    condition: str
    value: Number


class CampaignText(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A campaign as it is written; `crosslift.domain.coupon.Campaign` says what each field means."""

    campaign_id: str
    kind: CouponKind
    titles: dict[str, str]
    budget: Number
    ends_at: datetime
    currency: str | None = None
    value: Number | None = None
    most: Number | None = None
    code: str | None = None
    max_uses: int | None = None
    per_person: int = 1
    minimum: Number | None = None
    products: list[str] = []
    stacks_with: list[str] = []
    margin_floor: Number | None = None
    audience: str = ""
    tiers: list[TierText] = []
    starts_at: datetime | None = None
    valid_days: int | None = None
    active: bool = True
    author: str | None = None
    reason: str | None = None


def read_file(path: Path) -> Items:
    """Read the tables `[[campaigns]]` of a TOML file; BadInput, naming the file, if it holds something else."""
    return read_tables(path, "campaigns", Decimal)


def read_item(
    item: Mapping[str, Any], number: int, currency: str, now: datetime, author: str | None, reason: str | None
) -> Campaign:
    """Make a campaign of what was written.

    Parameters
    ----------
    number : int
        Its place, from 1, named where it is wrong.
    currency : str
        The shop's own, for one that names none.
    author, reason : str, optional
        Who writes and why, where it does not say so itself.

    Raises
    ------
    BadInput
        Naming the campaign and the field.
    """
    try:
        told = msgspec.convert(item, CampaignText)
    except msgspec.ValidationError as error:
        raise BadInput(str(error), where=f"campaign {number}") from None
    money = told.currency or currency
    amounts = {name: getattr(told, name) for name in ("most", "minimum")}
    return Campaign(
        told.campaign_id, 0, told.kind, told.titles, Money(exact(told.budget, "budget"), money), told.ends_at,
        told.author or author or "", told.reason or reason or "", now,
        value=_maybe(told.value, "value"),
        **{name: None if one is None else Money(exact(one, name), money) for name, one in amounts.items()},
        code=told.code, max_uses=told.max_uses, per_person=told.per_person, products=tuple(told.products),
        stacks_with=tuple(told.stacks_with), margin_floor=_maybe(told.margin_floor, "margin_floor"), audience=told.audience,
        tiers=tuple(Tier(tier.condition, exact(tier.value, "tiers")) for tier in told.tiers), starts_at=told.starts_at,
        valid_days=told.valid_days, is_active=told.active,
    )  # fmt: skip


def plain(campaign: Campaign) -> dict[str, Any]:
    """Write a campaign in the fields it can be put with again; amounts as decimal text."""
    money = {name: getattr(campaign, name) for name in ("budget", "most", "minimum")}
    return {
        "campaign_id": campaign.campaign_id, "kind": campaign.kind.value, "titles": dict(campaign.titles),
        "currency": campaign.currency, **{name: None if one is None else f"{one.amount:f}" for name, one in money.items()},
        "value": _text(campaign.value), "code": campaign.code, "max_uses": campaign.max_uses,
        "per_person": campaign.per_person, "products": list(campaign.products), "stacks_with": list(campaign.stacks_with),
        "margin_floor": _text(campaign.margin_floor), "audience": campaign.audience,
        "tiers": [{"condition": tier.condition, "value": f"{tier.value:f}"} for tier in campaign.tiers],
        "starts_at": campaign.starts_at and campaign.starts_at.isoformat(), "ends_at": campaign.ends_at.isoformat(),
        "valid_days": campaign.valid_days, "active": campaign.is_active,
    }  # fmt: skip


def exact(value: Number, field: str) -> Decimal:
    """Read a number as the decimal it is written as, at most a trillion with six decimals.

    Raises
    ------
    BadInput
        Naming the field, if it is no such number.

    Examples
    --------
    >>> exact(0.1, "value")
    Decimal('0.1')
    """
    try:
        read = Decimal(str(value))
        if read.is_finite() and abs(read) <= MOST and read == round(read, 6):
            return read
    except InvalidOperation:
        pass
    raise BadInput(f"{str(value)[:40]} is no amount; use digits, at most six decimals", where=field)


def _maybe(value: Number | None, field: str) -> Decimal | None:
    return None if value is None else exact(value, field)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
