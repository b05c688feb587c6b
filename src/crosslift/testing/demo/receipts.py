"""What a receipt adds to a basket: the clock, the variant, how many, and the price."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from crosslift.testing.demo.catalog import CATALOG, PLACE
from crosslift.testing.demo.errands import Ints
from crosslift.testing.demo.process import CHANNELS
from crosslift.testing.demo.seasons import FIRST_DAY, MARKETS, NOW

DAY_SECONDS = 86_400
FIRST_SECOND, LAST_SECOND = int(FIRST_DAY.timestamp()), int(NOW.timestamp()) - 1
#: Hours a market's clock is ahead of UTC; the United States shop by Eastern Standard Time.
CLOCKS = {"KR": 9, "JP": 9, "US": -5}
#: Below this a Korean basket pays shipping; baskets that leave the country pay until thrice of it.
FREE_SHIPPING_WON = 50_000
REMOTE_ORDERS = 0.015


def clock(day: Ints, channel: Ints, market: Ints, rng: np.random.Generator) -> Ints:
    """Draw each order's second since 1970: an evening peak online, opening hours at the till and on the phone."""
    online = channel < CHANNELS.index("till")
    hour = np.where(online, rng.normal(20.3, 3.4, len(day)) % 24, rng.uniform(10, 20, len(day)))
    ahead = np.array([CLOCKS[name] for name in MARKETS])[market]
    at: Ints = FIRST_SECOND + day * DAY_SECONDS + (hour * 3600).astype(np.int64) - ahead * 3600
    closing: Ints = LAST_SECOND - rng.integers(0, 6 * 3600, len(at))
    return np.minimum(at, closing)


@cache
def _more_than_one() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give how many more than one of each product households and businesses take on average."""
    household = [
        0.0
        if item.kind != "goods" or item.price > 80_000
        else {"beans": 0.35, "gift": 0.9 if item.season else 0.1}.get(item.world, 0.06)
        for item in CATALOG
    ]
    cases = [2.0 if item.world == "cafe" else 0.5 for item in CATALOG]
    return np.array(household), np.where(np.array(household) > 0, cases, 0.0)


def quantities(product: Ints, is_business: NDArray[np.bool_], rng: np.random.Generator) -> Ints:
    """Draw quantities: mostly one, several bags of beans or gift sets, cases for the cafés."""
    household, cases = _more_than_one()
    drawn: Ints = 1 + rng.poisson(np.where(is_business, cases[product], household[product]))
    return drawn


@cache
def _variant_shares() -> NDArray[np.float64]:
    """Give cumulated shares of each product's variants, shape (products, most variants), padded with 1."""
    shares = np.ones((len(CATALOG), max(len(item.variants) for item in CATALOG)))
    for place, item in enumerate(CATALOG):
        shares[place, : len(item.variants)] = np.cumsum([variant.share for variant in item.variants])
    return shares


def variants(product: Ints, market: Ints, rng: np.random.Generator) -> Ints:
    """Draw a variant for each line, −1 where a product has none; voltages (no shares) follow the market."""
    count = np.array([len(item.variants) for item in CATALOG])[product]
    by_market = np.array([bool(item.variants) and not item.variants[0].share for item in CATALOG])[product]
    drawn = (rng.random(len(product))[:, None] > _variant_shares()[product]).sum(axis=1)
    return np.where(count == 0, -1, np.where(by_market, market, np.minimum(drawn, count - 1)))


@cache
def prices() -> Ints:
    """Give prices in won, shape (products, 1 + most variants): column 0 the product, column 1 + v its variant v."""
    table = np.zeros((len(CATALOG), 1 + max(len(item.variants) for item in CATALOG)), dtype=np.int64)
    for place, item in enumerate(CATALOG):
        factors = [1.0, *(variant.price_factor for variant in item.variants)]
        table[place, : len(factors)] = [round(item.price * factor / 100) * 100 for factor in factors]
    return table


def shipping(total: Ints, channel: Ints, market: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Give the shipping and surcharge lines that orders of these totals pay: order, product."""
    sent = channel != CHANNELS.index("till")
    abroad = market != MARKETS.index("KR")
    inland = np.flatnonzero(sent & ~abroad & (total < FREE_SHIPPING_WON))
    outbound = np.flatnonzero(sent & abroad & (total < 3 * FREE_SHIPPING_WON))
    remote = np.flatnonzero(sent & ~abroad & (rng.random(len(total)) < REMOTE_ORDERS))
    rows = ((inland, "SHIP-STD"), (outbound, "SHIP-INTL"), (remote, "FEE-REMOTE"))
    order = np.concatenate([orders for orders, _ in rows])
    return order, np.concatenate([np.full(len(orders), PLACE[product_id]) for orders, product_id in rows])
