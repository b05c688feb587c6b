"""Where people's money goes: categories, brands, price bands; how much of it they spend at a discount or below the usual.

Prices are compared within a category, against what the shop sold there: a third of the lines is low, a third middle, a
third high. A person's share of cheap spend is drawn to the shop's by as many lines as people's shares tell it is worth.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.learn.customers import written
from crosslift.learn.customers.bought import Bought, total
from crosslift.learn.customers.people import Numbers
from crosslift.learn.customers.shelf import Shelf

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

BANDS = ("low", "middle", "high")
THIRDS = (1 / 3, 0.5, 2 / 3)
MIN_LINES = 10
"""Lines of a category below which none of its prices is called low or high."""
MOST = 5
LEAST_WORTH, MOST_WORTH = 1.0, 100.0


@dataclass(frozen=True, slots=True)
class Prices:
    """What the shop's prices are like, and how much of its spend is cheap.

    Attributes
    ----------
    of_category : mapping of str to (third, median, two thirds)
        Micros of the reporting currency below which so many of the lines sold are.
    cheap_share : float
        Of all spend, at a discount or below the median of its category.
    worth : float
        Lines that this share is worth beside a person's own.
    has_discounts : bool
        Whether any line has a discount; without, nobody notes them here.
    """

    of_category: Mapping[str, tuple[float, float, float]]
    cheap_share: float
    worth: float
    has_discounts: bool

    @classmethod
    def of(cls, bought: Bought, shelf: Shelf, n_people: int) -> "Prices":
        """Learn from everything sold, also to nobody known."""
        sold = bought.is_priced & (bought.category >= 0)
        category, price = bought.category[sold], bought.price[sold]
        order = np.lexsort((price, category))
        category, price = category[order], price[order]
        n = np.bincount(category, minlength=len(shelf.categories))
        begin = np.cumsum(n) - n
        names = shelf.categories.to_pylist()
        found = {
            names[place]: tuple(np.quantile(price[begin[place] : begin[place] + n[place]], THIRDS).tolist())
            for place in np.flatnonzero(n >= MIN_LINES).tolist()
        }  # fmt: skip
        learned = cls(found, 0.0, MOST_WORTH, bool((bought.discount > 0).any()))
        cheap, spent, n_lines = _Spend.of(bought).cheap(learned.bounds(shelf), n_people)
        share = float(cheap.sum() / spent.sum()) if spent.sum() > 0 else 0.0
        return replace(learned, cheap_share=share, worth=_worth(cheap, spent, n_lines, share))

    def bounds(self, shelf: Shelf) -> Floats:
        """Give the three bounds of each category of a shelf, nan where too little was sold; shape (categories + 1, 3)."""
        known = [self.of_category.get(name, (np.nan,) * 3) for name in (*shelf.categories.to_pylist(), None)]
        return np.array(known, np.float64).reshape(-1, 3)


@dataclass(frozen=True, slots=True)
class Affinity:
    """What people spend on; texts are JSON objects of name to share, largest first; arrays of shape (people,).

    `sensitivity` and `discount_share` are nan where nothing was spent, or where the shop notes neither discounts nor
    categories to compare prices in.
    """

    categories: pa.Array
    brands: pa.Array
    price_bands: pa.Array
    sensitivity: Floats
    discount_share: Floats
    has_spent: Bools

    @classmethod
    def of(cls, bought: Bought, shelf: Shelf, prices: Prices, n_people: int) -> "Affinity":
        """Read it off the lines that were kept."""
        bounds, lines = prices.bounds(shelf), _Spend.of(bought)
        cheap, spent, n_lines = lines.cheap(bounds, n_people)
        with_discount = total(lines.person, np.where(lines.discount > 0, lines.spent, 0), n_people)
        known = spent > 0
        own = np.divide(cheap, spent, out=np.zeros(n_people), where=known)
        drawn = (n_lines * own + prices.worth * prices.cheap_share) / (n_lines + prices.worth)
        discounted = np.divide(with_discount, spent, out=np.full(n_people, np.nan), where=known)
        return cls(
            _largest(lines, lines.category, shelf.categories, spent),
            _largest(lines, lines.brand, shelf.brands, spent),
            _largest(lines, lines.bands(bounds), pa.array(BANDS), spent),
            np.where(known & (prices.has_discounts or bool(prices.of_category)), drawn, np.nan),
            discounted if prices.has_discounts else np.full(n_people, np.nan),
            known,
        )


@dataclass(frozen=True, slots=True)
class _Spend:
    """Lines on which somebody known spent something and kept it; arrays of shape (lines,), see `bought.Bought`."""

    person: Numbers
    category: Numbers
    brand: Numbers
    price: Ints
    spent: Ints
    discount: Ints

    @classmethod
    def of(cls, bought: Bought) -> "_Spend":
        rows = np.flatnonzero((bought.person >= 0) & (bought.kept > 0) & bought.is_priced & (bought.spent > 0))
        return cls(*(getattr(bought, column.name)[rows] for column in fields(cls)))

    def bands(self, bounds: Floats) -> Numbers:
        """Give the place of each line's price in `BANDS`, −1 where its category tells nothing."""
        low, _, high = bounds[self.category].T
        band = (self.price > low).astype(np.int32) + (self.price > high)
        return np.where(np.isnan(low), -1, band).astype(np.int32)

    def cheap(self, bounds: Floats, n_people: int) -> tuple[Ints, Ints, Ints]:
        """Give what each person spent cheaply, in all, and on how many lines."""
        is_cheap = (self.discount > 0) | (self.price < bounds[self.category, 1])
        return (
            total(self.person, np.where(is_cheap, self.spent, 0), n_people),
            total(self.person, self.spent, n_people),
            np.bincount(self.person, minlength=n_people),
        )


def _worth(cheap: Ints, spent: Ints, n_lines: Ints, share: float) -> float:
    """Learn how many lines the shop's share is worth, from how people's shares spread beyond what chance explains.

    With people who differ by a variance τ² and lines that scatter by share·(1 − share), a person's own n lines weigh
    n / (n + share·(1 − share) / τ²).
    """
    some = (n_lines >= 2) & (spent > 0)
    scatter = share * (1 - share)
    if some.sum() < 2 or scatter == 0:
        return MOST_WORTH
    own = cheap[some] / spent[some]
    between = float(np.mean((own - share) ** 2 - scatter / n_lines[some]))
    return float(np.clip(scatter / between, LEAST_WORTH, MOST_WORTH)) if between > 0 else MOST_WORTH


def _largest(lines: _Spend, name: Numbers, names: pa.Array, spent: Ints) -> pa.Array:
    """Write the largest shares of each person's spend as JSON."""
    n_names, n_people = len(names), len(spent)
    rows = np.flatnonzero(name >= 0)
    cells = lines.person[rows].astype(np.int64) * n_names + name[rows]
    by_cell = np.argsort(cells, kind="stable")
    cells, amounts = cells[by_cell], lines.spent[rows[by_cell]]
    begins = np.flatnonzero(np.diff(cells, prepend=-1))
    person, which = np.divmod(cells[begins], max(n_names, 1))
    amount = np.add.reduceat(amounts, begins) if len(begins) else amounts
    order = np.lexsort((-amount, person))  # of equal amounts the first name comes first
    person, which, amount = person[order], which[order], amount[order]
    begin = np.flatnonzero(np.diff(person, prepend=-1))
    rank = np.arange(len(person)) - np.repeat(begin, np.diff(np.append(begin, len(person))))
    kept = rank < MOST
    share = amount[kept] / spent[person[kept]]
    texts = written.quoted(names).take(pa.array(which[kept]))
    return written.objects(person[kept], texts, written.shares(share), n_people)
