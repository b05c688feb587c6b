"""Orders that are told, not drawn: the named people's histories, and the planted traps that are orders."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from crosslift.testing.demo.catalog import CATALOG, PLACE
from crosslift.testing.demo.people import ORDERS, People
from crosslift.testing.demo.seasons import LAST_DAY

#: One café takes these two together every week: a mega-buyer, who makes no relation.
TRAP_PAIR = ("CLD-KEG", "TRV-CERAMIC")
TRAP_ORDERS = 60
TRAP_ACCOUNT = 1
BOT_ORDERS = 640
WRONG_FIT_ORDERS = 10
#: Kim Minji last bought filters 35 days before the last day: due in three days.
MINJI_FILTER_DAYS = 38
FEWEST_ORDERS = 500
#: Which story an order was told for; the first is none.
TAGS = ("", "minji", "alex", "seoyeon", "trap", "bot", "wrong_fit")


@dataclass(frozen=True, slots=True)
class Told:
    """One told order. `person` is a place in `People`; `tag` says which story it belongs to."""

    person: int
    at: datetime
    channel: str
    product_ids: tuple[str, ...]
    tag: str


def _minji(person: int) -> Iterator[Told]:
    """Tell of filters every 38 days, a bag of Yirgacheffe with every other pack."""
    first = LAST_DAY - timedelta(days=35 + 12 * MINJI_FILTER_DAYS)
    for turn, drift in enumerate((0, 1, -1, 0, 2, -1, 0, 1, -2, 0, 1, -1, 0)):
        at = first + timedelta(days=turn * MINJI_FILTER_DAYS + drift, hours=11, minutes=7 * turn % 60)
        others = ("DRP-V60-02", "SRV-600") if turn == 0 else ("BEAN-ETH-YIR",) if turn % 2 else ()
        yield Told(person, at, "app", ("FLT-02", *others), "minji")


def _alex(person: int) -> Iterator[Told]:
    """Tell of sixteen orders of two things; one of the two comes back."""
    kept = ("BEAN-COL-HUI", "DBG-10", "BLD-MORNING", "STK-INSTANT")
    back = ("GRD-H-48", "KTL-EL-900", "MUG-DBL", "SCL-PRO", "FRP-350", "CAN-VAC-500", "CUP-LATTE", "PIT-350")
    for turn in range(16):
        at = datetime(2025, 9, 3, 16, 20, tzinfo=UTC) + timedelta(days=25 * turn, minutes=37 * turn)
        yield Told(person, at, "web", (kept[turn % 4], back[turn % 8]), "alex")


def _seoyeon(person: int) -> Iterator[Told]:
    """Tell of six gift-minded orders before she withdrew her consent."""
    baskets: dict[tuple[int, int], tuple[str, ...]] = {
        (2025, 9): ("GIFT-CHU-A", "GIFT-CARD-HAND"),
        (2025, 10): ("BLD-SEOUL",),
        (2025, 12): ("GIFT-XMAS", "GIFT-WRAP"),
        (2026, 1): ("GIFT-SEOL",),
        (2026, 4): ("MUG-STONE", "CST-CORK"),
        (2026, 7): ("GIFT-DBG", "GIFT-WRAP"),
    }
    for (year, month), basket in baskets.items():
        yield Told(person, datetime(year, month, 12, 12, 45, tzinfo=UTC), "web", basket, "seoyeon")


def n_told(n_orders: int) -> int:
    """Count the told orders of a shop of `n_orders`."""
    scale = min(n_orders / ORDERS, 1.0)
    mess = round(TRAP_ORDERS * scale) + round(BOT_ORDERS * scale) + max(round(WRONG_FIT_ORDERS * scale), 1)
    return 13 + 16 + 6 + mess


def tell(n_orders: int, people: People, rng: np.random.Generator) -> list[Told]:
    """Tell the orders of the named people and of the traps, sized to a shop of `n_orders`."""
    n_accounts = int(people.is_business.sum())
    scale = min(n_orders / ORDERS, 1.0)
    told = [*_minji(n_accounts), *_alex(n_accounts + 2), *_seoyeon(n_accounts + 3)]
    for week in range(round(TRAP_ORDERS * scale)):
        at = LAST_DAY - timedelta(days=7 * (TRAP_ORDERS - week), hours=-2, minutes=-week)
        told.append(Told(TRAP_ACCOUNT, at, "phone", TRAP_PAIR, "trap"))
    night, goods = datetime(2026, 3, 14, 17, tzinfo=UTC), [item.product_id for item in CATALOG if item.kind == "goods"]
    for turn in range(round(BOT_ORDERS * scale)):
        basket = rng.choice(len(goods), size=int(rng.integers(1, 4)), replace=False)
        at = night + timedelta(days=turn % 2, seconds=40 * turn)
        told.append(Told(len(people) - 1, at, "web", tuple(goods[place] for place in basket), "bot"))
    shoppers = np.flatnonzero(people.takes_part & ~people.is_business)
    for turn, person in enumerate(rng.choice(shoppers, size=max(round(WRONG_FIT_ORDERS * scale), 1), replace=False)):
        at = LAST_DAY - timedelta(days=40 * turn + 20, hours=-4, minutes=-11 * turn)
        told.append(Told(int(person), at, "web", ("DRP-V60-02", "FLT-01"), "wrong_fit"))
    return told


def places(told: Told) -> list[int]:
    """Give the catalog places of a told order's products."""
    return [PLACE[product_id] for product_id in told.product_ids]
