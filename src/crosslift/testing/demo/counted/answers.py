"""What a search or a page leads to: what people buy or look at within a day of searching, or buy within three of reading.

Known people are followed to their purchases (basis ``bought``), strangers and people who are not logged in to the pages
their browser opens (``viewed``). A term (guide) and a product belong together when, of all that is bought (viewed) within
`SEARCH_SECONDS` (`READ_SECONDS`) after it, the product has at least 1.3 times its share of all purchases (views):
*planted*; from 1.1 on *induced*. Where a demo shop holds fewer than two such purchases, or the sisters cannot tell them
from chance (4.5 standard errors), nothing is said. Findable is what the exact Poisson test at .001 sees in one demo shop
with power .95. Terms are written plainly: other spellings (capitals, stray spaces, full-width letters) are the same term.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crosslift.testing.demo.catalog import CATALOG
from crosslift.testing.demo.counted.sister import Sister
from crosslift.testing.demo.counted.together import INDUCED, PLANTED, is_seen, sellable
from crosslift.testing.demo.errands import Ints
from crosslift.testing.demo.searches import SPACING

SEARCH_SECONDS, READ_SECONDS = 86_400, 3 * 86_400
FEWEST_IN_SHOP, ERRORS = 2, 4.5
N = len(CATALOG)


@dataclass(frozen=True, slots=True)
class TrueAnswer:
    """A term or a guide (`key`), and a product that is bought or viewed after it; `n_shop` times in one demo shop."""

    key: str
    product: str
    basis: str
    kind: str
    lift: float
    p_follows: float
    n_shop: float

    @property
    def is_findable(self) -> bool:
        """Whether one demo shop shows it almost surely."""
        return self.kind == "planted" and is_seen(self.n_shop, self.n_shop / self.lift)


@dataclass(frozen=True, slots=True)
class Acts:
    """What people did, one row a product: `who` (never negative), when, and which product."""

    who: Ints
    at: Ints
    product: Ints


def purchases(sister: Sister) -> Acts:
    """Give the lines of a sister's orders, by person."""
    orders = sister.orders
    return Acts(orders.person[orders.order], sister.visits.at[orders.order], orders.product)


def looks(sister: Sister) -> Acts:
    """Give the views of strangers and of people who are not logged in, by browser."""
    views, unknown = sister.views, ~sister.views.is_known
    return Acts(views.device[unknown], views.at[unknown], views.product[unknown])


class AnswerCounts:
    """Additive counts of what follows each of some keys, on one basis."""

    def __init__(self, n_keys: int, seconds: int, basis: str) -> None:
        self.seconds, self.basis = seconds, basis
        self.n_asked = np.zeros(n_keys)
        self.n_followed = np.zeros((n_keys, N))
        self.n_acts = np.zeros(N)
        self.n_shops = 0

    def add(self, key: Ints, who: Ints, at: Ints, acts: Acts) -> None:
        """Count one sister shop; a product counts once after each asking, however often it follows."""
        moments = acts.who * SPACING + acts.at
        in_time = np.argsort(moments, kind="stable")
        asked = who * SPACING + at
        start, stop = (
            np.searchsorted(moments[in_time], asked + wait, side="right") for wait in (0, self.seconds)
        )  # fmt: skip
        size = stop - start
        asking = np.repeat(np.arange(len(size)), size)
        row = in_time[np.arange(len(asking)) + np.repeat(start - (np.cumsum(size) - size), size)]
        asking, product = np.divmod(np.unique(asking * N + acts.product[row]), N)
        self.n_followed += np.bincount(key[asking] * N + product, minlength=self.n_followed.size).reshape(-1, N)
        self.n_asked += np.bincount(key, minlength=len(self.n_asked))
        self.n_acts += np.bincount(acts.product, minlength=N)
        self.n_shops += 1

    def answers(self, keys: Sequence[str]) -> tuple[TrueAnswer, ...]:
        """Name what holds."""
        counts = sellable()
        followed, acts = np.where(counts, self.n_followed, 0), np.where(counts, self.n_acts, 0)
        expected = np.outer(followed.sum(axis=1), acts / acts.sum())
        lift = np.divide(followed, expected, out=np.zeros_like(expected), where=expected > 0)
        is_sure = followed - expected >= ERRORS * np.sqrt(expected)
        said = (lift >= INDUCED) & is_sure & (followed >= FEWEST_IN_SHOP * self.n_shops)
        return tuple(
            TrueAnswer(
                keys[key], CATALOG[product].product_id, self.basis,
                "planted" if lift[key, product] >= PLANTED else "induced", round(float(lift[key, product]), 3),
                round(float(followed[key, product] / self.n_asked[key]), 5),
                round(float(followed[key, product] / self.n_shops), 2),
            )
            for key, product in np.argwhere(said).tolist()
        )  # fmt: skip
