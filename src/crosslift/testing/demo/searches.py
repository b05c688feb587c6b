"""What people type into the search box, in three languages, and what becomes of it.

Of all searches for a term, those of strangers included, the share `conversion` is drawn from purchases of what it means,
in the half hour before; of the others seven in ten end on the page of such a product, with no order by that person
within a day, and the rest nowhere. Terms that mean nothing the shop
carries lead nowhere at all. The shop's data hold each term in several spellings.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosslift.testing.demo.catalog import PLACE
from crosslift.testing.demo.errands import Ints
from crosslift.testing.demo.guides import online_lines
from crosslift.testing.demo.people import ORDERS, People
from crosslift.testing.demo.receipts import DAY_SECONDS, FIRST_SECOND, LAST_SECOND
from crosslift.testing.demo.sales import Lines, Visits
from crosslift.testing.demo.seasons import MARKETS, N_DAYS, busy_days
from crosslift.testing.demo.views import Views

#: Share of the purchases a term can mean that began with it.
SEARCHED_BEFORE = 0.16
LOOKS = 0.7
#: Searches for what the shop does not carry, each, at 40,000 orders.
IN_VAIN = 160
KNOWN = 0.4
#: Seconds between two people on one line of numbers; more than the seconds of 2026 since 1970.
SPACING = 1 << 32
#: How a term is written: as it is, shouting, with stray spaces, in full-width letters.
SPELLINGS, SPELLING_SHARES = 4, (0.82, 0.07, 0.07, 0.04)


@dataclass(frozen=True, slots=True)
class Term:
    """A search term, who types it (markets), what it means (nothing: in vain), and how often it ends in a purchase."""

    query: str
    markets: str
    means: tuple[str, ...] = ()
    conversion: float = 0.25


TERMS = (
    Term("드리퍼", "KR", ("DRP-V60-02", "DRP-V60-02-PL", "DRP-FLAT-185"), 0.30),
    Term("드립 필터", "KR", ("FLT-02", "FLT-02-N"), 0.45),
    Term("원두", "KR", ("BLD-MORNING", "BEAN-ETH-YIR", "BLD-SEOUL"), 0.35),
    Term("예가체프", "KR", ("BEAN-ETH-YIR",), 0.45),
    Term("드립포트", "KR", ("KTL-EL-800", "KTL-EL-900", "KTL-GN-900"), 0.20),
    Term("그라인더", "KR", ("GRD-H-38", "GRD-E-ENTRY", "GRD-E-QUIET"), 0.20),
    Term("디카페인", "KR", ("BLD-DECAF", "DBG-DECAF"), 0.40),
    Term("텀블러", "KR", ("TRV-350", "TRV-500", "TRV-CERAMIC"), 0.08),
    Term("추석 선물", "KR", ("GIFT-CHU-A", "GIFT-CHU-B"), 0.35),
    Term("コーヒー豆", "JP", ("BLD-MORNING", "BEAN-ETH-YIR", "BLD-KISSA"), 0.35),
    Term("ドリッパー", "JP", ("DRP-V60-02", "DRP-TRAP-102", "DRP-V60-02-PL"), 0.30),
    Term("デカフェ", "JP", ("BLD-DECAF", "DBG-DECAF"), 0.40),
    Term("お歳暮", "JP", ("GIFT-OSEIBO-A", "GIFT-OSEIBO-B"), 0.35),
    Term("filter 02", "KR JP US", ("FLT-02", "FLT-02-N", "FLT-02-ABA"), 0.45),
    Term("espresso", "KR JP US", ("BLD-ESP", "ESP-HOME-58", "ESP-HOME-54"), 0.25),
    Term("tamper 58", "KR JP US", ("TMP-58", "TMP-58-SPRING"), 0.35),
    Term("descaler", "KR JP US", ("DSC-POWDER", "DSC-LIQUID"), 0.45),
    Term("moka", "KR JP US", ("MOKA-3", "MOKA-IND-4", "MOKA-6"), 0.25),
    Term("cold brew", "KR JP US", ("CLD-POT-1000", "CLD-BTL-750", "CLD-BAGS"), 0.25),
    Term("scale", "KR JP US", ("SCL-TIMER", "SCL-BASIC"), 0.25),
    Term("녹차", "KR"),
    Term("紅茶", "JP"),
    Term("matcha whisk", "US"),
)


@dataclass(frozen=True, slots=True)
class Searches:
    """One row a search, in order of time; columns as in `views.Views`, `term` a place in `TERMS`."""

    at: Ints
    person: Ints
    device: Ints
    is_known: NDArray[np.bool_]
    channel: Ints
    term: Ints
    spelling: Ints


def spelled(query: str, spelling: int) -> str:
    """Write a term in one of its spellings.

    Examples
    --------
    >>> [spelled("filter 02", way) for way in range(4)]
    ['filter 02', 'FILTER 02', ' filter  02 ', 'ｆｉｌｔｅｒ ０２']
    """
    if spelling == 1:
        return query.upper()
    if spelling == 2:
        return f" {query.replace(' ', '  ')} "
    wide = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
    return query.translate(wide) if spelling == 3 else query


def draw_searches(people: People, visits: Visits, lines: Lines, views: Views, seed: int) -> Searches:
    """Draw every search that goes with these sales and views."""
    rng = np.random.Generator(np.random.PCG64([seed, 4]))
    idly = np.flatnonzero(~_leads_to_order(visits, views))
    by_product = idly[np.argsort(views.product[idly], kind="stable")]
    shelf = np.searchsorted(views.product[by_product], np.arange(len(PLACE) + 1))
    parts = []
    for place, term in enumerate(TERMS):
        bought = _before_buying(visits, lines, term, rng)
        n_others = round(len(bought[0]) * (1 - term.conversion) / term.conversion)
        pages = [by_product[shelf[PLACE[name]] : shelf[PLACE[name] + 1]] for name in term.means]
        looked = _before_looking(views, pages, round(LOOKS * n_others), rng)
        n_idle = n_others - len(looked[0]) if term.means else round(IN_VAIN * len(visits.at) / ORDERS)
        for part in (bought, looked, _idle(people, term, n_idle, rng)):
            parts.append((*part, np.full(len(part[0]), place)))
    at, person, device, known, channel, terms = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    by_time = np.argsort(at, kind="stable")
    at, person, device, known = at[by_time], person[by_time], device[by_time], known[by_time]
    spelling = rng.choice(SPELLINGS, size=len(at), p=SPELLING_SHARES)
    return Searches(at, person, device, known.astype(bool), channel[by_time], terms[by_time], spelling)


def _before_buying(visits: Visits, lines: Lines, term: Term, rng: np.random.Generator) -> tuple[Ints, ...]:
    """Give the searches of people about to buy what the term means: at, person, device, is_known, channel."""
    line = online_lines(visits, lines, term.means)
    here = np.isin(visits.market, [MARKETS.index(market) for market in term.markets.split()])
    line = line[here[lines.order[line]]]
    order = np.unique(lines.order[line[rng.random(len(line)) < SEARCHED_BEFORE]])
    person = visits.person[order]
    at = visits.at[order] - rng.integers(60, 1_800, len(order))
    return at, person, person, np.ones(len(order), dtype=np.int64), visits.channel[order]


def _leads_to_order(visits: Visits, views: Views) -> NDArray[np.bool_]:
    """Tell of each view whether the same person orders within a day."""
    ordered = np.append(np.sort(visits.person * SPACING + visits.at), np.iinfo(np.int64).max)
    seen = views.person * SPACING + views.at
    soon: NDArray[np.bool_] = ordered[np.searchsorted(ordered, seen)] - seen <= DAY_SECONDS
    return soon & (views.person >= 0)


def _before_looking(views: Views, pages: list[Ints], n: int, rng: np.random.Generator) -> tuple[Ints, ...]:
    """Give searches that end on one of these pages' views, seconds before them."""
    rows = np.concatenate([*pages, np.zeros(0, dtype=np.int64)])
    view = rows[rng.permutation(len(rows))[:n]]
    at = views.at[view] - rng.integers(4, 25, len(view))
    return at, views.person[view], views.device[view], views.is_known[view].astype(np.int64), views.channel[view]


def _idle(people: People, term: Term, n: int, rng: np.random.Generator) -> tuple[Ints, ...]:
    """Give searches that lead nowhere, by people of the term's markets."""
    here = np.isin(people.market, [MARKETS.index(market) for market in term.markets.split()])
    person = rng.choice(np.flatnonzero(people.takes_part & here), size=n)
    day = np.minimum(np.searchsorted(busy_days(), rng.random(n), side="right"), N_DAYS - 1)
    at = np.minimum(FIRST_SECOND + day * DAY_SECONDS + rng.integers(0, DAY_SECONDS, n), LAST_SECOND)
    known = (rng.random(n) < KNOWN).astype(np.int64)
    return at, person, person, known, rng.integers(0, 2, n)
