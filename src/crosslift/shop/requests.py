"""What callers ask, checked: plain values in, a `Request` out."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from crosslift.decide.sources import SOURCES
from crosslift.domain.customer import Purpose
from crosslift.domain.decision import Request
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import BUILT_IN
from crosslift.errors import BadUsage

MOST_SECONDS = 1e7
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def build(
    placement: str, cart: Iterable[str], customer: str | None, holdings: Iterable[str], k: int | None, at: datetime,
    exclude: Iterable[str], policy: str, purpose: str | None, language: str, market: str | None, *,
    product: str | None = None, query: str | None = None, content: str | None = None, kinds: Iterable[str] = (),
    policies: Collection[str] = BUILT_IN, anonymous: str | None = None, session: str | None = None,
    account: str | None = None, device: str | None = None, dwell_seconds: float | None = None, viewed: Iterable[str] = (),
    cart_value: Decimal | float | str | None = None, agent: str | None = None, goals: Iterable[str] = (),
    store: str | None = None,
) -> Request:  # fmt: skip
    """Check and build a request.

    Parameters
    ----------
    policies : collection of str
        Names of the policies there are; by default the built-in ones.

    Raises
    ------
    BadUsage
        For k below 1, a placement, policy, purpose or kind that does not exist, an instant no shop lives in, or one id
        where a list belongs.
    """
    for name, ids in (
        ("cart", cart), ("holdings", holdings), ("exclude", exclude), ("kinds", kinds), ("viewed", viewed), ("goals", goals),
    ):  # fmt: skip
        if isinstance(ids, str):
            raise BadUsage(f"{name} is the text {ids!r}; give a list of product ids")
    if k is not None and k < 1:
        raise BadUsage(f"k = {k}: at least one offer must be asked for")
    if placement not in PLACEMENTS:
        raise BadUsage(f"no placement {placement!r}; there are {', '.join(PLACEMENTS)}")
    if policy not in policies:
        raise BadUsage(f"no policy {policy!r}; there are {', '.join(policies)}")
    if purpose is not None and purpose not in tuple(Purpose):
        raise BadUsage(f"no purpose {purpose!r}; there are {', '.join(Purpose)}")
    kinds = tuple(kinds)
    unknown = [kind for kind in kinds if kind not in SOURCES]
    if unknown:
        raise BadUsage(f"no kind {unknown[0]!r}; there are {', '.join(SOURCES)}")
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    if not EARLIEST <= at <= LATEST:
        raise BadUsage(f"at = {at:%Y-%m-%d}: only instants from 1970 to 2199 can be decided as of")
    return Request(
        placement, at, customer, tuple(cart), tuple(holdings), k, tuple(exclude), policy,
        Purpose(purpose) if purpose else None, language, market, product or None, query or None, content or None, kinds,
        anonymous or None, session or None, account or None, device or None, _dwell(dwell_seconds), tuple(viewed),
        _amount(cart_value), agent or None, tuple(goals), store_id=store or None,
    )  # fmt: skip


def _dwell(seconds: float | None) -> float | None:
    if seconds is not None and not 0 <= seconds < MOST_SECONDS:
        raise BadUsage(f"dwell_seconds = {seconds}: give the seconds on this page, from 0")
    return seconds


def _amount(value: Decimal | float | str | None) -> Decimal | None:
    """Read what the cart costs; a float by its shortest decimal."""
    if value is None:
        return None
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        raise BadUsage(f"cart_value = {value!r} is no amount; give digits and a decimal point") from None
    if not (amount.is_finite() and amount >= 0):
        raise BadUsage(f"cart_value = {value}: give an amount of 0 or more")
    return amount
