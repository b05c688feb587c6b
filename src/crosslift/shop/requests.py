"""What callers ask, checked: plain values in, a `Request` out."""

from collections.abc import Iterable
from datetime import UTC, datetime

from crosslift.decide.candidates import SOURCES
from crosslift.domain.customer import Purpose
from crosslift.domain.decision import Request
from crosslift.domain.offer import PLACEMENTS
from crosslift.domain.policy import BUILT_IN
from crosslift.errors import BadUsage

EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def build(
    placement: str, cart: Iterable[str], customer: str | None, holdings: Iterable[str], k: int | None, at: datetime,
    exclude: Iterable[str], policy: str, purpose: str | None, language: str, market: str | None, *,
    product: str | None = None, query: str | None = None, content: str | None = None, kinds: Iterable[str] = (),
) -> Request:  # fmt: skip
    """Check and build a request.

    Raises
    ------
    BadUsage
        For k below 1, a placement, policy, purpose or kind that does not exist, an instant no shop lives in, or one id
        where a list belongs.
    """
    for name, ids in (("cart", cart), ("holdings", holdings), ("exclude", exclude), ("kinds", kinds)):
        if isinstance(ids, str):
            raise BadUsage(f"{name} is the text {ids!r}; give a list of product ids")
    if k is not None and k < 1:
        raise BadUsage(f"k = {k}: at least one offer must be asked for")
    if placement not in PLACEMENTS:
        raise BadUsage(f"no placement {placement!r}; there are {', '.join(PLACEMENTS)}")
    if policy not in BUILT_IN:
        raise BadUsage(f"no policy {policy!r}; there are {', '.join(BUILT_IN)}")
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
    )  # fmt: skip
