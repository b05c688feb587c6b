"""Who buys at the demo shop: five kinds of shopper, what each leans to, and the handful with a name and a story."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from crosslift.testing.demo.catalog import CATALOG
from crosslift.testing.demo.seasons import MARKETS, busy_days

#: People and accounts of the shop when it has 40,000 orders; other sizes keep the proportion.
ORDERS, PEOPLE, ACCOUNTS = 40_000, 9_000, 60

SEGMENTS = ("pour-over", "espresso", "moka", "gift", "business")
SEGMENT_SHARES = (0.44, 0.22, 0.16, 0.18)
MARKET_SHARES = (0.72, 0.17, 0.11)
#: Orders a household places in relation to its peers; an account orders as often as four or five households.
ORDER_RATES = (1.05, 1.1, 0.95, 0.8, 4.5)

#: What a kind of shopper leans to, by world of the catalog; 1 is indifferent.
LEANINGS: dict[str, dict[str, float]] = {
    "pour-over": {"pour": 1.30, "espresso": 0.75, "moka": 0.85, "cold": 0.95, "gift": 0.9, "cafe": 0.03},
    "espresso": {"pour": 0.75, "espresso": 1.60, "moka": 0.85, "cold": 0.9, "gift": 0.9, "cafe": 0.03},
    "moka": {"pour": 0.85, "espresso": 0.80, "moka": 1.80, "cold": 1.45, "gift": 0.9, "cafe": 0.03},
    "gift": {"pour": 0.85, "espresso": 0.70, "moka": 0.85, "cold": 0.9, "gift": 2.0, "table": 1.3, "cafe": 0.03},
    "business": dict.fromkeys(("pour", "espresso", "moka", "cold", "beans", "table", "common", "service"), 0.19)
    | {"gift": 0.15, "cafe": 18.0, "counter": 1.8},
}
#: Lines beyond the first: mean and shape of a negative binomial (a small shape is a long tail).
BASKET_TAILS = {
    "pour-over": (1.15, 1.1),
    "espresso": (1.15, 1.1),
    "moka": (1.05, 1.1),
    "gift": (1.25, 1.3),
    "business": (7.5, 3.0),
}
#: Who comes for a refill or a planned purchase takes little else.
ERRAND_SHRINK = 0.55
#: How faithful people are: a bean (a filter) becomes their own bean (filter) with this probability.
OWN_BEAN, OWN_FILTER = 0.35, 0.5


@dataclass(frozen=True, slots=True)
class People:
    """The shop's people as columns; a person is known by the place in them. Accounts stand first."""

    segment: NDArray[np.int64]
    market: NDArray[np.int64]
    rate: NDArray[np.float64]
    joined_day: NDArray[np.int64]
    own_bean: NDArray[np.int64]
    own_filter: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.segment)

    @property
    def takes_part(self) -> NDArray[np.bool_]:
        """Whether the purchase process moves this person, not a story."""
        moved: NDArray[np.bool_] = self.rate > 0
        return moved

    @property
    def is_business(self) -> NDArray[np.bool_]:
        """Whether a café or office rather than a household."""
        business: NDArray[np.bool_] = self.segment == SEGMENTS.index("business")
        return business


@cache
def _choices(prefix: tuple[str, ...]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give products whose id begins so, and how popular each is among them."""
    places = np.array([place for place, item in enumerate(CATALOG) if item.product_id.startswith(prefix)])
    weights = np.array([CATALOG[place].popularity for place in places])
    return places, weights / weights.sum()


def is_bean(product_id: str) -> bool:
    """Tell whether a product is a bag of beans a household drinks."""
    return product_id.startswith(("BEAN-", "BLD-")) and not product_id.endswith("1KG")


def _own(prefix: tuple[str, ...], n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw each person's own product among those whose id begins so."""
    places, weights = _choices(prefix)
    return places[np.minimum(np.searchsorted(np.cumsum(weights), rng.random(n)), len(places) - 1)]


def story_people(n_accounts: int, n: int) -> list[int]:
    """Give the places of those who do not take part in the process: four named households, and the bot, last."""
    return [*range(n_accounts, n_accounts + 4), n - 1]


def draw_people(n_orders: int, rng: np.random.Generator) -> People:
    """Draw the people of a shop of this size: 9,000 with 60 accounts at 40,000 orders, else in proportion."""
    n = max(round(PEOPLE * n_orders / ORDERS), 40)
    n_accounts = max(round(ACCOUNTS * n_orders / ORDERS), 2)
    segment = rng.choice(len(SEGMENT_SHARES), size=n, p=SEGMENT_SHARES)
    segment[:n_accounts] = SEGMENTS.index("business")
    rate = np.array(ORDER_RATES)[segment] * np.where(
        segment == SEGMENTS.index("business"), rng.gamma(6.0, 1 / 6.0, n), rng.gamma(1.3, 1 / 1.3, n)
    )
    market = rng.choice(len(MARKETS), size=n, p=MARKET_SHARES)
    market[[0, *range(n_accounts, n_accounts + 4)]] = [MARKETS.index(person.market) for person in named_people()]
    rate[story_people(n_accounts, n)] = 0.0
    joined = np.where(rng.random(n) < 0.45, 0, rng.integers(0, len(busy_days()) - 20, n))
    joined[:n_accounts] = rng.integers(0, 120, n_accounts)
    own_bean = _own(("BEAN-", "BLD-M", "BLD-S", "BLD-K", "BLD-ES"), n, rng)
    return People(segment, market, rate, joined, own_bean, _own(("FLT-0", "FLT-1"), n, rng))


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A person of the demo with a story; the purchase process leaves them alone, `stories` writes their orders."""

    customer_id: str
    name: str
    locale: str
    market: str
    story: str
    traits: Mapping[str, str]


def named_people() -> tuple[NamedPerson, ...]:
    """Give the people a visitor of the demo meets by name (UX.md, section D).

    Examples
    --------
    >>> [person.name for person in named_people()]
    ['박서준', '김민지', '佐藤 健', 'Alex Kim', '이서연']
    """
    return (
        NamedPerson("C-SEOJUN", "박서준", "ko", "KR", "cafe_owner", {"company": "골목커피 연남", "type": "business"}),
        NamedPerson("C-MINJI", "김민지", "ko", "KR", "filters_due_in_three_days", {}),
        NamedPerson("C-SATO", "佐藤 健", "ja", "JP", "new_and_browsing", {}),
        NamedPerson("C-ALEX", "Alex Kim", "en", "US", "returns_half", {}),
        NamedPerson("C-SEOYEON", "이서연", "ko", "KR", "withdrew_consent", {}),
    )
