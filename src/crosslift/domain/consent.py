"""When a consent has to be asked for again, by market."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Renewal:
    """A market's rule: so many years after the consent it has to be confirmed; `law` names what says so."""

    years: int
    law: str


RENEWALS: Mapping[str, Renewal] = {
    "KR": Renewal(
        2,
        "Act on Promotion of Information and Communications Network Utilization and Information Protection, article 50(8), "
        "and article 62-3 of its Enforcement Decree",
    ),
}
"""Markets where consent to marketing messages has to be confirmed at intervals."""


def renewal_of(market: str | None, granted_at: int) -> int | None:
    """Give the instant by which a consent to marketing has to be confirmed again, None where no law asks for it.

    Parameters
    ----------
    granted_at : int
        Microseconds UTC, as the result.

    Examples
    --------
    >>> renewed = renewal_of("KR", 1_709_164_800_000_000)  # 29 February 2024
    >>> datetime.fromtimestamp(renewed / 1_000_000, UTC).date().isoformat()
    '2026-02-28'
    >>> renewal_of("JP", 0) is None
    True
    """
    rule = RENEWALS.get((market or "").upper())
    if rule is None:
        return None
    granted = datetime.fromtimestamp(granted_at / 1_000_000, UTC)
    day = 28 if (granted.month, granted.day) == (2, 29) else granted.day
    return int(granted.replace(year=granted.year + rule.years, day=day).timestamp() * 1_000_000)
