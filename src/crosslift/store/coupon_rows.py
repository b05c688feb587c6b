"""A coupon campaign as the row it is kept as, and back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from crosslift.domain.coupon import Campaign, CouponKind, Tier
from crosslift.domain.money import Money
from crosslift.store.offer_rows import instant, micros

_PLAIN = ("campaign_id", "code", "max_uses", "per_person", "audience", "valid_days", "is_active", "author", "reason")


def campaign_row(campaign: Campaign) -> dict[str, Any]:
    """Write a campaign as a row, its version aside: the store numbers it."""
    return {
        **{name: getattr(campaign, name) for name in _PLAIN},
        "kind": campaign.kind.value,
        "titles": _json(dict(campaign.titles)),
        "value": _text(campaign.value),
        "budget_micros": campaign.budget.to_micros(),
        "most_micros": None if campaign.most is None else campaign.most.to_micros(),
        "minimum_micros": None if campaign.minimum is None else campaign.minimum.to_micros(),
        "currency": campaign.currency,
        "products": _json(list(campaign.products)),
        "stacks_with": _json(list(campaign.stacks_with)),
        "margin_floor": _text(campaign.margin_floor),
        "tiers": _json([{"condition": tier.condition, "value": str(tier.value)} for tier in campaign.tiers]),
        "starts_at": micros(campaign.starts_at),
        "ends_at": micros(campaign.ends_at),
        "created_at": micros(campaign.created_at),
    }


def campaign_of(row: Mapping[str, Any]) -> Campaign:
    """Read a campaign back."""
    currency = row["currency"]
    given: dict[str, Any] = {
        **{name: row[name] for name in _PLAIN},
        "version": row["version"],
        "is_active": bool(row["is_active"]),
        "kind": CouponKind(row["kind"]),
        "titles": msgspec.json.decode(row["titles"]),
        "value": decimal(row["value"]),
        **{name: _money(row[f"{name}_micros"], currency) for name in ("budget", "most", "minimum")},
        "products": tuple(msgspec.json.decode(row["products"])),
        "stacks_with": tuple(msgspec.json.decode(row["stacks_with"])),
        "margin_floor": decimal(row["margin_floor"]),
        "tiers": tuple(Tier(one["condition"], Decimal(one["value"])) for one in msgspec.json.decode(row["tiers"])),
        **{name: instant(row[name]) for name in ("starts_at", "ends_at", "created_at")},
    }
    return Campaign(**given)


def decimal(text: str | None) -> Decimal | None:
    """Read a stored decimal."""
    return None if text is None else Decimal(text)


def _money(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money.from_micros(amount, currency)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="sorted").decode()
