"""The truth of the demo shop, computed and never listed: which pairs go together in the process itself.

Fifty sister shops of the demo's size (2,000,000 orders of the same process, other seeds, without the mess) are drawn
and their pairs counted. A pair's lift is its baskets over those expected by size-aware chance,
`kappa · n_a · n_b / N` with `kappa = N · Σ s(s−1) / (Σ s)²` over basket sizes s (DESIGN 4). From 1.3 a pair is
*planted*, from 1.1 *induced* (by segments, seasons, shared anchors). What is not sellable is not counted; variants
count as their product.

    python -m crosslift.testing.demo.truth        # rewrites truth.json beside this file; about 10 s

`truth.json` carries the generator version and a fingerprint of the process; a test refuses a truth that is older than
the process it speaks of.
"""

import json
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from crosslift.testing.demo import errands, people, process, relations, seasons
from crosslift.testing.demo.catalog import CATALOG, PLACE

SISTERS, ORDERS_EACH, FIRST_SEED = 50, 40_000, 1_000
PLANTED, INDUCED = 1.3, 1.1
LARGEST_BASKET = 100
#: Gift wrap's partners are judged where the demo itself expects this many baskets.
PARTNER_BASKETS = 30
SELLABLE = ("goods", "service", "warranty", "plan", "bundle")
TRUTH_FILE = Path(__file__).with_name("truth.json")


@dataclass(frozen=True, slots=True)
class TruePair:
    """A pair that goes together: `lift` over size-aware chance, `p_basket` the share of baskets that hold both."""

    first: str
    second: str
    lift: float
    p_basket: float
    kind: str

    @property
    def p_by_chance(self) -> float:
        """Share of baskets that would hold both by size-aware chance."""
        return self.p_basket / self.lift


@dataclass(frozen=True, slots=True)
class Truth:
    """What two million orders of the process say."""

    version: int
    fingerprint: str
    n_orders: int
    kappa: float
    gift_wrap_lift: float
    pairs: tuple[TruePair, ...]

    def planted(self) -> tuple[TruePair, ...]:
        """Give the pairs of lift 1.3 and more."""
        return tuple(pair for pair in self.pairs if pair.kind == "planted")

    def has(self, one: str, other: str) -> bool:
        """Tell whether two products go together, planted or induced."""
        return frozenset((one, other)) in _together(self.pairs)


@cache
def _together(pairs: tuple[TruePair, ...]) -> frozenset[frozenset[str]]:
    """Give the pairs as unordered sets."""
    return frozenset(frozenset((pair.first, pair.second)) for pair in pairs)


@dataclass(slots=True)
class PairCounts:
    """Additive counts of baskets: of products and pairs (`both`), and of basket sizes."""

    both: NDArray[np.int64]
    n_orders: int = 0
    sum_sizes: int = 0
    sum_size_pairs: int = 0

    @property
    def kappa(self) -> float:
        """How much more often two lines meet because baskets differ in size; 1 where sizes are Poisson."""
        return self.n_orders * self.sum_size_pairs / self.sum_sizes**2

    def expected(self) -> NDArray[np.float64]:
        """Give the baskets each pair would share by size-aware chance, shape (products, products)."""
        single = np.diag(self.both).astype(np.float64)
        return self.kappa * np.outer(single, single) / self.n_orders


def count_pairs(orders: process.Orders, into: PairCounts | None = None) -> PairCounts:
    """Count the products and pairs of drawn baskets, added to earlier counts where given."""
    counts = into or PairCounts(np.zeros((len(CATALOG), len(CATALOG)), dtype=np.int64))
    sellable = np.array([item.kind in SELLABLE for item in CATALOG])[orders.product]
    rows, columns = orders.order[sellable], orders.product[sellable]
    size = np.bincount(rows, minlength=len(orders.person))
    fits = size <= LARGEST_BASKET
    kept = fits[rows]
    ones = np.ones(int(kept.sum()), dtype=np.int64)
    baskets = sparse.csr_array((ones, (rows[kept], columns[kept])), shape=(len(size), len(CATALOG)))
    counts.both += (baskets.T @ baskets).toarray()
    size = size[fits].astype(np.int64)
    counts.n_orders += len(size)
    counts.sum_sizes += int(size.sum())
    counts.sum_size_pairs += int((size * (size - 1)).sum())
    return counts


def parameters() -> dict[str, object]:
    """Give everything the process is made of, as plain values."""
    tables = (people.LEANINGS, people.BASKET_TAILS, people.SEGMENT_SHARES, people.MARKET_SHARES, people.ORDER_RATES)
    spreads = (errands.RHYTHM_SPREAD, errands.GAP_SPREAD, errands.LAG_SPREAD)
    habits = (people.ERRAND_SHRINK, people.OWN_BEAN, people.OWN_FILTER, process.GIFT_WRAP_RATE)
    sizes = (people.ORDERS, people.PEOPLE, people.ACCOUNTS, seasons.N_DAYS, seasons.GROWTH, seasons.WEEKDAYS)
    year = [[name, *map(str, row)] for name, row in sorted(seasons.SEASONS.items())]
    return {
        "catalog": [(one.product_id, one.popularity, one.world, one.need, one.kind, one.season) for one in CATALOG],
        "pairs": sorted(relations.goes_with()),
        "errands": [str(one) for one in (*relations.REFILLS, *relations.PATHS, *relations.WRONG_FITS)],
        "people": [tables, habits, spreads, sizes],
        "year": [year, sorted((str(month), busy) for month, busy in seasons.BUSY.items())],
        "durables": sorted(process.DURABLE_NEEDS),
    }


def fingerprint() -> str:
    """Hash the parameters and 2,000 drawn orders: changed code shows as well as a changed table."""
    drawn = process.draw(2_000, seed=0)
    told = json.dumps(parameters(), ensure_ascii=True, sort_keys=True).encode()
    for column in (drawn.person, drawn.day, drawn.order, drawn.product):
        told += column.astype("<i8").tobytes()
    return blake2b(told, digest_size=16).hexdigest()


def compute_truth(n_sisters: int = SISTERS, orders_each: int = ORDERS_EACH) -> Truth:
    """Draw sister shops one after another, count their pairs, and name those that go together."""
    counts = count_pairs(process.draw(orders_each, FIRST_SEED))
    for sister in range(1, n_sisters):
        counts = count_pairs(process.draw(orders_each, FIRST_SEED + sister), counts)
    expected = counts.expected()
    lift = np.divide(counts.both, expected, out=np.zeros_like(expected), where=expected > 0)
    ids, pairs = [item.product_id for item in CATALOG], []
    for one, other in np.argwhere(np.triu(lift >= INDUCED, 1)).tolist():
        strength = round(float(lift[one, other]), 3)
        kind = "planted" if strength >= PLANTED else "induced"
        p_basket = round(int(counts.both[one, other]) / counts.n_orders, 8)
        pairs.append(TruePair(ids[one], ids[other], strength, p_basket, kind))
    wrap = PLACE["GIFT-WRAP"]
    partners = expected[wrap] * people.ORDERS / counts.n_orders >= PARTNER_BASKETS
    partners[wrap] = False
    wrap_lift = round(float(np.median(lift[wrap][partners])), 4)
    return Truth(
        process.GENERATOR_VERSION, fingerprint(), counts.n_orders, round(counts.kappa, 5), wrap_lift, tuple(pairs)
    )


def write_truth(truth: Truth, path: Path = TRUTH_FILE) -> None:
    """Write the truth, a pair a line."""
    head = {"version": truth.version, "fingerprint": truth.fingerprint, "n_orders": truth.n_orders}
    head |= {"kappa": truth.kappa, "gift_wrap_lift": truth.gift_wrap_lift}
    rows = (json.dumps([pair.first, pair.second, pair.lift, pair.p_basket, pair.kind]) for pair in truth.pairs)
    body = json.dumps(head)[:-1] + ', "pairs": [\n' + ",\n".join(rows) + "\n]}\n"
    path.write_text(body, encoding="utf-8", newline="\n")


@cache
def load_truth() -> Truth:
    """Read the stored truth of this generator version."""
    told = json.loads(TRUTH_FILE.read_text(encoding="utf-8"))
    pairs = tuple(TruePair(*row) for row in told.pop("pairs"))
    return Truth(**told, pairs=pairs)


def main() -> None:
    """Compute the truth and store it beside this file."""
    truth = compute_truth()
    write_truth(truth)
    n_planted = len(truth.planted())
    print(f"{truth.n_orders:,} orders, kappa {truth.kappa}, gift wrap at lift {truth.gift_wrap_lift}")
    print(f"{n_planted} planted and {len(truth.pairs) - n_planted} induced pairs")


if __name__ == "__main__":
    main()
