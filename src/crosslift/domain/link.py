"""What a merchant writes down about products: curated links, and sets with one price."""

import re
from dataclasses import dataclass
from enum import StrEnum


class LinkKind(StrEnum):
    """How the second product stands to the first."""

    COMPLEMENT = "complement"
    REQUIRED = "required"
    UPGRADE = "upgrade"
    SUBSTITUTE = "substitute"
    REFILL = "refill"
    FITS = "fits"
    EXCLUDES = "excludes"
    INCLUDED = "included"
    APART = "apart"
    CONTENT = "content"
    """The first is no product but a page: the id of a guide, FAQ or set-up step."""


class LinkAction(StrEnum):
    """What a link asks for; `remove` takes back whatever stood under its key."""

    LINK = "link"
    PIN = "pin"
    BOOST = "boost"
    BURY = "bury"
    BAN = "ban"
    REMOVE = "remove"


EXPLAINED = frozenset({LinkAction.PIN, LinkAction.BOOST, LinkAction.BURY, LinkAction.BAN})
"""Actions that overrule what was learned: they need a reason and an author."""
WEIGHED = frozenset({LinkAction.BOOST, LinkAction.BURY})
"""Actions whose value is a factor."""

ANYTHING = "*"
"""As `from_id`: the whole shop."""
CATEGORY = "category:"
"""Before a category's path: everything in it and below it."""


@dataclass(frozen=True, slots=True)
class Interval:
    """How often something is due: every so many days, km, pages ..."""

    every: float
    unit: str


_INTERVAL = re.compile(r"^\s*(\d{1,12}(?:\.\d{1,6})?)\s+(\S[^\d]{0,39})$")


def interval_of(text: str) -> Interval | None:
    """Read how often a refill is due; None where it cannot be read.

    Examples
    --------
    >>> interval_of("10000 km")
    Interval(every=10000.0, unit='km')
    >>> interval_of("twice a year") is None
    True
    """
    found = _INTERVAL.match(text)
    if found is None or float(found[1]) <= 0:
        return None
    return Interval(float(found[1]), found[2].strip().lower())


def factor_of(text: str) -> float | None:
    """Read the factor of a boost or burial, above 0 and at most 100; None where it cannot be read.

    Examples
    --------
    >>> factor_of("1.5"), factor_of("-1"), factor_of("much")
    (1.5, None, None)
    """
    try:
        factor = float(text)
    except ValueError:
        return None
    return factor if 0 < factor <= 100 else None


def is_product(name: str) -> bool:
    """Tell whether an end of a link is a product, not the whole shop and no category.

    Examples
    --------
    >>> is_product("T-40"), is_product("*"), is_product("category:tea/pots")
    (True, False, False)
    """
    return name != ANYTHING and not name.startswith(CATEGORY)
