"""The truth of the demo shop, computed and never listed: what goes together in the process itself, kind by kind.

Fifty sister shops of the demo's size (2,000,000 orders of the same process, other seeds, without the mess) are drawn and
counted. What counts as true, and what one demo shop can show of it (`is_findable`), is told where it is counted:

- `pairs`, `apart`, `seasons`: `counted.together`; what shares a basket, never does, or does in some months;
- `sequences`: `counted.sequences`; bought A, later B, with the lags;
- `upgrades`: `counted.ladders`; steps by design, with the counted share of people who take them;
- `refills`: `counted.rhythms`; days until a product is bought again;
- `substitutes`: `counted.substitutes`; viewed together, not bought together;
- `held`: `counted.held`; what one person holds together;
- `searched`, `content`: `counted.answers`; what is bought (or viewed) after a search or a page;
- `needs`: by design alone (`relations.needs`), less what lies in the box (`curation.INCLUDED`).

What is not sellable is not counted; variants count as their product.

    python -m crosslift.testing.demo.truth        # rewrites truth.json beside this file; under a minute

`truth.json` carries the generator version and a fingerprint of the process; a test refuses a truth that is older than
the process it speaks of.
"""

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from crosslift.testing.demo import errands, guides, holdings, people, process, relations, searches, seasons, views
from crosslift.testing.demo.catalog import CATALOG, PLACE
from crosslift.testing.demo.counted.answers import (
    READ_SECONDS,
    SEARCH_SECONDS,
    AnswerCounts,
    TrueAnswer,
    looks,
    purchases,
)
from crosslift.testing.demo.counted.held import HeldCounts, TrueHeld
from crosslift.testing.demo.counted.ladders import TrueUpgrade, upgrades_of
from crosslift.testing.demo.counted.rhythms import GapCounts, TrueRefill
from crosslift.testing.demo.counted.sequences import SequenceCounts, TrueSequence
from crosslift.testing.demo.counted.sister import Sister, draw_sister
from crosslift.testing.demo.counted.substitutes import TrueSubstitute, count_visits, substitutes_of
from crosslift.testing.demo.counted.together import (
    SELLABLE,
    MonthCounts,
    PairCounts,
    TrueApart,
    TruePair,
    TrueSeason,
    apart_of,
    count_pairs,
    no_months,
    no_pairs,
    pairs_of,
    seasons_of,
    sellable,
)
from crosslift.testing.demo.curation import INCLUDED

__all__ = [
    "SELLABLE",
    "PairCounts",
    "Truth",
    "compute_truth",
    "count_pairs",
    "fingerprint",
    "load_truth",
    "write_truth",
]

SISTERS, ORDERS_EACH, FIRST_SEED = 50, 40_000, 1_000
#: Gift wrap's partners are judged where the demo itself expects this many baskets.
PARTNER_BASKETS = 30
TRUTH_FILE = Path(__file__).with_name("truth.json")


@dataclass(frozen=True, slots=True)
class Truth:
    """What two million orders of the process say."""

    version: int
    fingerprint: str
    n_orders: int
    kappa: float
    gift_wrap_lift: float
    pairs: tuple[TruePair, ...]
    apart: tuple[TrueApart, ...]
    seasons: tuple[TrueSeason, ...]
    sequences: tuple[TrueSequence, ...]
    upgrades: tuple[TrueUpgrade, ...]
    refills: tuple[TrueRefill, ...]
    substitutes: tuple[TrueSubstitute, ...]
    held: tuple[TrueHeld, ...]
    searched: tuple[TrueAnswer, ...]
    content: tuple[TrueAnswer, ...]

    def planted(self) -> tuple[TruePair, ...]:
        """Give the pairs of lift 1.3 and more."""
        return tuple(pair for pair in self.pairs if pair.kind == "planted")

    def has(self, one: str, other: str) -> bool:
        """Tell whether two products go together, planted or induced."""
        return frozenset((one, other)) in _unordered(self.pairs)

    def has_sequence(self, first: str, then: str) -> bool:
        """Tell whether one product follows the other more often than independence has it, planted or induced."""
        return (first, then) in _ordered(self.sequences)

    def has_substitute(self, one: str, other: str) -> bool:
        """Tell whether two products are viewed together and not bought together, of one need or one shelf."""
        return frozenset((one, other)) in _unordered(self.substitutes)

    @property
    def needs(self) -> tuple[tuple[str, str], ...]:
        """Give (product, what fits it and is not in its box), by design."""
        return tuple(pair for pair in relations.needs() if pair not in INCLUDED)


@cache
def _unordered(rows: tuple[TruePair | TrueSubstitute, ...]) -> frozenset[frozenset[str]]:
    """Give pairs as unordered sets."""
    return frozenset(frozenset((row.first, row.second)) for row in rows)


@cache
def _ordered(rows: tuple[TrueSequence, ...]) -> frozenset[tuple[str, str]]:
    """Give pairs in their order."""
    return frozenset((row.first, row.then) for row in rows)


class _Counts:
    """Everything that is counted of sister shops."""

    def __init__(self) -> None:
        self.pairs, self.visits = no_pairs(), no_pairs()
        self.months: MonthCounts = no_months()
        self.sequences, self.gaps, self.held = SequenceCounts(), GapCounts(), HeldCounts()
        self.searched = AnswerCounts(len(searches.TERMS), SEARCH_SECONDS, "bought")
        self.looked_for = AnswerCounts(len(searches.TERMS), SEARCH_SECONDS, "viewed")
        self.content = AnswerCounts(len(guides.GUIDES), READ_SECONDS, "bought")

    def add(self, sister: Sister) -> None:
        """Count one sister shop."""
        count_pairs(sister.orders, self.pairs)
        count_visits(sister.views, self.visits)
        self.months.add(sister.orders)
        self.sequences.add(sister.orders, sellable())
        self.gaps.add(sister.orders)
        self.held.add(sister.holdings)
        asked, read, bought = sister.searches, sister.reads, purchases(sister)
        known, unknown = asked.is_known, ~asked.is_known
        self.searched.add(asked.term[known], asked.person[known], asked.at[known], bought)
        self.looked_for.add(asked.term[unknown], asked.device[unknown], asked.at[unknown], looks(sister))
        known = read.is_known
        self.content.add(read.guide[known], read.person[known], read.at[known], bought)

    def gift_wrap_lift(self) -> float:
        """Give the median lift of gift wrap over the partners that one demo shop can judge."""
        wrap, expected = PLACE["GIFT-WRAP"], self.pairs.expected()
        partners = expected[wrap] * people.ORDERS / self.pairs.n_orders >= PARTNER_BASKETS
        partners[wrap] = False
        return round(float(np.median(self.pairs.lift()[wrap][partners])), 4)


def parameters() -> dict[str, object]:
    """Give everything the process is made of, as plain values."""
    tables = (people.LEANINGS, people.BASKET_TAILS, people.SEGMENT_SHARES, people.MARKET_SHARES, people.ORDER_RATES)
    spreads = (errands.RHYTHM_SPREAD, errands.GAP_SPREAD, errands.LAG_SPREAD)
    habits = (people.ERRAND_SHRINK, people.OWN_BEAN, people.OWN_FILTER, process.GIFT_WRAP_RATE)
    sizes = (people.ORDERS, people.PEOPLE, people.ACCOUNTS, seasons.N_DAYS, seasons.GROWTH, seasons.WEEKDAYS)
    year = [[name, *map(str, row)] for name, row in sorted(seasons.SEASONS.items())]
    return {
        "catalog": [(one.product_id, one.popularity, one.world, one.need, one.kind, one.season) for one in CATALOG],
        "shelves": [(one.category, one.price, one.attributes.get("tier")) for one in CATALOG],
        "pairs": sorted(relations.goes_with()),
        "errands": [str(one) for one in (*relations.REFILLS, *relations.PATHS, *relations.WRONG_FITS)],
        "people": [tables, habits, spreads, sizes],
        "year": [year, sorted((str(month), busy) for month, busy in seasons.BUSY.items())],
        "durables": sorted(process.DURABLE_NEEDS),
        "views": [views.BROWSING, views.SIBLING, views.COMPANION, relations.VIEWED_INSTEAD, views.RIVAL_WEIGHT],
        "asked": [str(one) for one in (*searches.TERMS, *guides.GUIDES)],
        "held": [[str(one) for one in holdings.HOLDABLE], holdings.HOLDS_WITH],
    }


def fingerprint() -> str:
    """Hash the parameters and a drawn sister of 2,000 orders: changed code shows as well as a changed table."""
    drawn = draw_sister(2_000, seed=0)
    told = json.dumps(parameters(), ensure_ascii=True, sort_keys=True).encode()
    orders, asked, read, held = drawn.orders, drawn.searches, drawn.reads, drawn.holdings
    columns = [orders.person, orders.day, orders.order, orders.product, drawn.views.product, drawn.views.device]
    columns += [asked.at, asked.term, read.at, read.guide, held.person, held.held, held.ended_day]
    for column in columns:
        told += column.astype("<i8").tobytes()
    return blake2b(told, digest_size=16).hexdigest()


def compute_truth(n_sisters: int = SISTERS, orders_each: int = ORDERS_EACH) -> Truth:
    """Draw sister shops one after another, count them, and name what is true of each kind."""
    counts = _Counts()
    for sister in range(n_sisters):
        counts.add(draw_sister(orders_each, FIRST_SEED + sister))
    pairs, terms = pairs_of(counts.pairs), [term.query for term in searches.TERMS]
    return Truth(
        version=process.GENERATOR_VERSION,
        fingerprint=fingerprint(),
        n_orders=counts.pairs.n_orders,
        kappa=round(counts.pairs.kappa, 5),
        gift_wrap_lift=counts.gift_wrap_lift(),
        pairs=pairs,
        apart=apart_of(counts.pairs),
        seasons=seasons_of(counts.months, pairs),
        sequences=counts.sequences.sequences(),
        upgrades=upgrades_of(counts.sequences),
        refills=counts.gaps.refills(),
        substitutes=substitutes_of(counts.visits, counts.pairs, n_sisters),
        held=counts.held.held(),
        searched=counts.searched.answers(terms) + counts.looked_for.answers(terms),
        content=counts.content.answers([guide.content_id for guide in guides.GUIDES]),
    )


KINDS: dict[str, type] = {
    "pairs": TruePair, "apart": TrueApart, "seasons": TrueSeason, "sequences": TrueSequence, "upgrades": TrueUpgrade,
    "refills": TrueRefill, "substitutes": TrueSubstitute, "held": TrueHeld, "searched": TrueAnswer, "content": TrueAnswer,
}  # fmt: skip


def write_truth(truth: Truth, path: Path = TRUTH_FILE) -> None:
    """Write the truth, a row a line."""
    head = {"version": truth.version, "fingerprint": truth.fingerprint, "n_orders": truth.n_orders}
    head |= {"kappa": truth.kappa, "gift_wrap_lift": truth.gift_wrap_lift}
    kinds = (f'"{name}": [\n{_rows(getattr(truth, name))}\n]' for name in KINDS)
    body = json.dumps(head)[:-1] + ", " + ",\n".join(kinds) + "}\n"
    path.write_text(body, encoding="utf-8", newline="\n")


def _rows(rows: Iterable[Any]) -> str:
    """Write values as JSON lists, a line each."""
    return ",\n".join(json.dumps(astuple(row), ensure_ascii=False, separators=(",", ":")) for row in rows)


@cache
def load_truth(path: Path = TRUTH_FILE) -> Truth:
    """Read the stored truth of this generator version."""
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    rows: dict[str, Any] = {
        name: tuple(kind(*map(_frozen, row)) for row in told.pop(name)) for name, kind in KINDS.items()
    }
    return Truth(**told, **rows)


def _frozen(cell: object) -> object:
    """Turn a list of JSON back into the tuple it was."""
    return tuple(cell) if isinstance(cell, list) else cell


def main() -> None:
    """Compute the truth and store it beside this file."""
    truth = compute_truth()
    write_truth(truth)
    print(f"{truth.n_orders:,} orders, kappa {truth.kappa}, gift wrap at lift {truth.gift_wrap_lift}")
    for name in KINDS:
        rows = getattr(truth, name)
        findable = [row for row in rows if getattr(row, "is_findable", False)]
        print(f"{name}: {len(rows)} true, {len(findable)} of them findable in one demo shop by their own measure")


if __name__ == "__main__":
    main()
