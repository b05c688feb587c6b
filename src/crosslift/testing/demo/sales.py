"""Drawn and told orders become sales: one table of orders, one of lines, one of returns, with the mess of a real till.

The mess: orders cancelled before they left, lines taken back within an order (negative quantities), nameless customers
at the till, shipping among the goods, goods that come back. `files` adds the exact duplicates.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosslift.testing.demo.catalog import CATALOG, PLACE
from crosslift.testing.demo.errands import Ints
from crosslift.testing.demo.people import People
from crosslift.testing.demo.process import CHANNELS, draw
from crosslift.testing.demo.receipts import (
    DAY_SECONDS,
    LAST_SECOND,
    clock,
    prices,
    quantities,
    shipping,
    variants,
)
from crosslift.testing.demo.seasons import MARKETS
from crosslift.testing.demo.stories import TAGS, n_told, places, tell

CANCELLED_ORDERS, TAKEN_BACK_LINES, NAMELESS_AT_TILL = 0.012, 0.002, 0.25
COUPON_ORDERS, COUPON_SHARE = 0.12, 0.10
RETURN_RATE, WRONG_FIT_RETURNS = 0.04, 0.7
BAD_GRINDER, BAD_GRINDER_RATE = "GRD-E-QUIET", 0.19
REASONS = ("changed_mind", "not_as_expected", "damaged", "arrived_late", "wrong_size", "defective")
REASON_SHARES = (0.38, 0.26, 0.16, 0.12, 0.08, 0.0)


@dataclass(frozen=True, slots=True)
class Visits:
    """One row an order, in order of time. `person` is a place in `People`, −1 for a nameless customer at the till.

    `tag` is the place in `stories.TAGS` of the story an order was told for; 0 for drawn orders.
    """

    at: Ints
    person: Ints
    channel: Ints
    market: Ints
    tag: Ints


@dataclass(frozen=True, slots=True)
class Lines:
    """One row an order line; the lines of an order stand together. Money is in won.

    A negative quantity takes an earlier line of the order back; `is_cancelled` marks it, as it marks every line of a
    cancelled order. `variant` is the place among the product's variants, −1 without.
    """

    order: Ints
    product: Ints
    variant: Ints
    number: Ints
    quantity: Ints
    unit_price: Ints
    discount: Ints
    tax: Ints
    is_cancelled: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Returns:
    """One row a return, in order of time; `line` is a place in `Lines`, `reason` one in `REASONS`."""

    line: Ints
    at: Ints
    reason: Ints


def draw_sales(n_orders: int, seed: int) -> tuple[People, Visits, Lines, Returns]:
    """Draw everything the shop sold: the process, the told orders and the mess, exactly `n_orders` orders."""
    rng = np.random.Generator(np.random.PCG64([seed, 1]))
    people, visits, order, product = _merged(n_orders, seed, rng)
    lines = _priced(people, visits, order, product, rng)
    returns = _returned(visits, lines, rng)
    nameless = (visits.channel == CHANNELS.index("till")) & (visits.tag == 0)
    nameless &= rng.random(n_orders) < NAMELESS_AT_TILL
    person = np.where(nameless, -1, visits.person)
    return people, Visits(visits.at, person, visits.channel, visits.market, visits.tag), lines, returns


def _merged(n_orders: int, seed: int, rng: np.random.Generator) -> tuple[People, Visits, Ints, Ints]:
    """Merge drawn and told orders by time."""
    drawn = draw(n_orders - n_told(n_orders), seed, shop_size=n_orders)
    told, n_drawn = tell(n_orders, drawn.people, rng), len(drawn.person)
    baskets = [places(one) for one in told]
    at = np.append(clock(drawn.day, drawn.channel, drawn.market, rng), [int(one.at.timestamp()) for one in told])
    person = np.append(drawn.person, [one.person for one in told])
    channel = np.append(drawn.channel, [CHANNELS.index(one.channel) for one in told])
    tag = np.append(np.zeros(n_drawn, dtype=np.int64), [TAGS.index(one.tag) for one in told])
    order = np.append(drawn.order, n_drawn + np.repeat(np.arange(len(told)), [len(basket) for basket in baskets]))
    product = np.append(drawn.product, [place for basket in baskets for place in basket])
    by_time = np.argsort(at, kind="stable")
    place = np.empty(n_orders, dtype=np.int64)
    place[by_time] = np.arange(n_orders)
    order = place[order]
    by_order = np.argsort(order, kind="stable")
    market = drawn.people.market[person]
    visits = Visits(at[by_time], person[by_time], channel[by_time], market[by_time], tag[by_time])
    return drawn.people, visits, order[by_order], product[by_order]


def _priced(people: People, visits: Visits, order: Ints, product: Ints, rng: np.random.Generator) -> Lines:
    """Give the lines variants, quantities and prices, add shipping and lines taken back, and number them."""
    n_orders, market = len(visits.at), visits.market
    variant = variants(product, market[order], rng)
    quantity = np.where(visits.tag[order] > 0, 1, quantities(product, people.is_business[visits.person[order]], rng))
    total = np.bincount(order, weights=quantity * prices()[product, variant + 1], minlength=n_orders).astype(np.int64)
    ship_order, ship_product = shipping(total, visits.channel, market, rng)
    goods = np.array([item.kind == "goods" for item in CATALOG])[product]
    back = np.flatnonzero(goods & (visits.tag[order] == 0) & (rng.random(len(order)) < TAKEN_BACK_LINES))
    n_ship = len(ship_order)
    order = np.concatenate([order, ship_order, order[back]])
    product = np.concatenate([product, ship_product, product[back]])
    variant = np.concatenate([variant, np.full(n_ship, -1), variant[back]])
    quantity = np.concatenate([quantity, np.ones(n_ship, dtype=np.int64), -quantity[back]])
    by_order = np.argsort(order, kind="stable")
    order, product, variant, quantity = (column[by_order] for column in (order, product, variant, quantity))
    first = np.searchsorted(order, np.arange(n_orders))
    cancelled = (visits.tag == 0) & (rng.random(n_orders) < CANCELLED_ORDERS)
    coupon = rng.random(n_orders) < COUPON_ORDERS
    coupon[order[quantity < 0]] = False
    unit_price = prices()[product, variant + 1]
    is_ware = np.array([item.kind in ("goods", "service") for item in CATALOG])[product]
    discount = np.where(is_ware & coupon[order], np.rint(quantity * unit_price * COUPON_SHARE), 0).astype(np.int64)
    taxed = np.array([item.kind != "gift_card" for item in CATALOG])[product] & (market[order] != MARKETS.index("US"))
    tax = np.where(taxed, np.rint((quantity * unit_price - discount) / 11), 0).astype(np.int64)
    number = np.arange(len(order)) - first[order] + 1
    gone = cancelled[order] | (quantity < 0)
    return Lines(order, product, variant, number, quantity, unit_price, discount, tax, gone)


def _returned(visits: Visits, lines: Lines, rng: np.random.Generator) -> Returns:
    """Draw what comes back: 4 % of the goods, 19 % of one grinder, wrong sizes, one of two things from Alex Kim."""
    goods = np.array([item.kind == "goods" and item.product_id != "GIFT-WRAP" for item in CATALOG])[lines.product]
    tag = visits.tag[lines.order]
    wrong = (tag == TAGS.index("wrong_fit")) & (lines.product == PLACE["FLT-01"])
    alex = tag == TAGS.index("alex")
    rate = np.where(lines.product == PLACE[BAD_GRINDER], BAD_GRINDER_RATE, np.where(tag > 0, 0.0, RETURN_RATE))
    rate = np.where(wrong, WRONG_FIT_RETURNS, np.where(alex, lines.number == 2, rate))
    corrected = np.zeros(len(visits.at), dtype=bool)
    corrected[lines.order[lines.quantity < 0]] = True
    able = goods & ~lines.is_cancelled & ~corrected[lines.order]
    line = np.flatnonzero(able & (rng.random(len(goods)) < rate))
    at = visits.at[lines.order[line]] + ((4 + rng.gamma(2.0, 3.5, len(line))) * DAY_SECONDS).astype(np.int64)
    reason = rng.choice(len(REASONS), size=len(line), p=REASON_SHARES)
    broken = (lines.product[line] == PLACE[BAD_GRINDER]) & (rng.random(len(line)) < 0.8)
    reason = np.where(broken, REASONS.index("defective"), np.where(wrong[line], REASONS.index("wrong_size"), reason))
    kept = np.flatnonzero(at <= LAST_SECOND)
    kept = kept[np.lexsort((line[kept], at[kept]))]
    return Returns(line[kept], at[kept], reason[kept])
