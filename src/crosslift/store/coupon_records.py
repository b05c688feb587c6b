"""The part of the records port that keeps coupons: what is given out and what is taken off, exact whoever asks at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from crosslift.domain.coupon import CouponRefusal
from crosslift.domain.redemption import Cart


@dataclass(frozen=True, slots=True)
class Issued:
    """The code that stands for a person, whether this call gave it, or why there is none."""

    row: dict[str, Any] | None
    is_new: bool = False
    refusal: CouponRefusal | None = None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The use of a code on an order, whether this call made it, or why there is none."""

    use: dict[str, Any] | None
    is_new: bool = False
    refusal: CouponRefusal | None = None


class CouponRecords(Protocol):
    """Campaigns as versions, codes as keyed hashes, uses by code and order.

    What uses took off and what open codes may still take off together never exceeds a campaign's budget; whoever writes
    judges and writes in one transaction.
    """

    def save_campaign(self, row: Mapping[str, Any], code_hash: str | None, now: int) -> int:
        """Add the next version of a campaign; gives its number.

        Parameters
        ----------
        code_hash : str or None
            Of the code everybody may use; one it had before stops.
        now : int
            Microseconds UTC, as everywhere below.

        Raises
        ------
        Conflict
            If its budget is less than what is given and held already, its currency or whether it is personal changes, or the
            code belongs to another campaign.
        """

    def campaigns(self) -> list[dict[str, Any]]:
        """Give the newest version of every campaign by id, those taken back too."""

    def campaign_versions(self, campaign_id: str) -> list[dict[str, Any]]:
        """Give every version of a campaign, oldest first."""

    def issue_coupon(self, row: Mapping[str, Any], now: int, *, replaces: bool = False) -> Issued:
        """Give a person a code and hold what it may take off; who has an open one keeps that.

        Parameters
        ----------
        row : mapping
            A row of `coupons`, its identity any of the person's.
        replaces : bool
            Whether an open code is exchanged for this one: the earlier stops, value and end stay.
        """

    def coupon(self, code_hash: str) -> dict[str, Any] | None:
        """Give a code with `n_uses`, the uses that stand; None where nobody was given it."""

    def redeem_coupon(self, code_hash: str, order_id: str, identity: str | None, cart: Cart, now: int) -> Redeemed:
        """Use a code on an order; the same code and order again changes nothing."""

    def release_coupon(self, code_hash: str, order_id: str, now: int) -> Redeemed:
        """Give the use of a canceled order back; again changes nothing. No use and no refusal where there was none."""

    def coupon_report(self, campaign_id: str, now: int) -> dict[str, int]:
        """Count a campaign: n_issued, n_open, n_redeemed, n_released, n_unknown_costs, given_micros, reserved_micros."""
