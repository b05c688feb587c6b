"""A sister shop: the demo's process with another seed, without the mess and the told stories."""

from dataclasses import dataclass

import numpy as np

from crosslift.testing.demo import process
from crosslift.testing.demo.guides import Reads, draw_reads
from crosslift.testing.demo.holdings import Holdings, draw_holdings
from crosslift.testing.demo.receipts import clock
from crosslift.testing.demo.sales import Lines, Visits
from crosslift.testing.demo.searches import Searches, draw_searches
from crosslift.testing.demo.views import Views, draw_views


@dataclass(frozen=True, slots=True)
class Sister:
    """Everything one sister shop draws: its orders, and what people looked at, searched for, read and hold."""

    orders: process.Orders
    visits: Visits
    views: Views
    searches: Searches
    reads: Reads
    holdings: Holdings


def draw_sister(n_orders: int, seed: int) -> Sister:
    """Draw a whole sister shop; its orders are those of `process.draw` with the same seed."""
    orders = process.draw(n_orders, seed)
    rng = np.random.Generator(np.random.PCG64([seed, 1]))
    at = clock(orders.day, orders.channel, orders.market, rng)
    nothing = np.zeros(len(at), dtype=np.int64)
    visits = Visits(at, orders.person, orders.channel, orders.market, nothing)
    zero, one = np.zeros_like(orders.product), np.ones_like(orders.product)
    lines = Lines(
        orders.order, orders.product, zero - 1, one, one, zero, zero, zero, np.zeros(len(zero), dtype=bool)
    )  # fmt: skip
    people = orders.people
    views = draw_views(people, visits, lines, seed, has_stories=False)
    searches = draw_searches(people, visits, lines, views, seed)
    reads = draw_reads(people, visits, lines, seed)
    return Sister(orders, visits, views, searches, reads, draw_holdings(people, seed))
