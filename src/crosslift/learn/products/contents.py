"""Pages and products: what a guide, FAQ or set-up step should show, from the merchant, from its product, from its readers.

Three bases, the first that names a product stays:

1. **curated**: rows of the links table of kind `content`, from the page's id. Action ``ban`` takes a product off the page
   whatever else speaks for it, ``bury`` puts it last; a row whose value is ``about`` does not propose its product but says
   that the page is about it.
2. **named**: the page is about a product (the event says so, or the merchant), so what that product needs and goes with.
3. **learned**: readers bought it within `READ_DAYS`, more of them than chance explains.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.link import LinkAction, LinkKind
from crosslift.learn.catalog import Catalog
from crosslift.learn.products.complements import Complements
from crosslift.learn.products.following import CUSTOMER, Beyond, acts_of, beyond_chance, follow, numbered, popularity_of
from crosslift.learn.products.links import Links
from crosslift.settings import Settings

Array = npt.NDArray[Any]

COLUMNS = ("n_readers", "n_bought", "expected", "lift", "q_value")
DAY = 86_400_000_000
ABOUT = "about"

READ_DAYS = 30
"""A purchase within this time after reading answers the page: of a year's most have nothing to do with it."""

ACCESSORIES = 20
"""Companions of its product that a page is given, best first."""

BURIED = 0.1
"""Factor of the score of what the merchant wants last on a page."""

_PLACES = {LinkAction.PIN: 0.8, LinkAction.BOOST: 0.6, LinkAction.LINK: 0.4}
_TIERS = {"curated": 2, "named": 1, "learned": 0}


@dataclass(slots=True)
class _Page:
    """What is known of one page; `said` holds basis and score of each product, the first basis that names it."""

    title: str | None = None
    about: int | None = None
    banned: set[int] = field(default_factory=set)
    buried: set[int] = field(default_factory=set)
    said: dict[int, tuple[str, float]] = field(default_factory=dict)

    def say(self, item: int, basis: str, score: float) -> None:
        if item not in self.banned:
            whole = (_TIERS[basis] + score) / len(_TIERS)
            self.said.setdefault(item, (basis, whole * BURIED if item in self.buried else whole))


def find_content(
    reads: pa.Table, lines: pa.Table, links: pa.Table, catalog: Catalog, pairs: Complements, required: Links,
    settings: Settings, as_of: int,
) -> Links:  # fmt: skip
    """Find the products of each page.

    Parameters
    ----------
    reads : pa.Table
        identity, content_id, title, product_id (null where the event names none), at.
    lines : pa.Table
        customer_id, product_id, ordered_at.
    links : pa.Table
        Curated: from_id, to_id, kind, action, value, expires_at.
    pairs, required : Complements, Links
        What goes with a product, and what it needs.
    as_of : int
        The newest fact, microseconds: links that expired by then do not count.

    Returns
    -------
    Links
        Kind ``content``, keys the ids of pages that have a product, best product first. Texts {title, basis, product}; the
        counts are nan where nothing was learned.
    """
    pages = _read_pages(reads, catalog.index)
    _write_curated(pages, links, catalog.index, as_of)
    wanted = np.array(sorted({page.about for page in pages.values() if page.about is not None}), dtype=np.int64)
    accessories = _accessories(wanted, pairs, required)
    for page in pages.values():
        for item, score in accessories.get(-1 if page.about is None else page.about, ()):
            page.say(item, "named", score)
    keys = sorted(pages)
    evidence: dict[tuple[int, int], tuple[float, ...]] = {}
    learned, n_readers = _learned(reads, lines, keys, catalog, settings)
    for row, (key, item) in enumerate(zip(learned.keys.tolist(), learned.items.tolist(), strict=True)):
        readers, bought = int(n_readers[key]), int(learned.n_people[row])
        tested = (learned.expected, learned.lift, learned.q_value)
        evidence[key, item] = (readers, bought, *(float(column[row]) for column in tested))
        if item != pages[keys[key]].about:
            pages[keys[key]].say(item, "learned", bought / (readers + 1))
    return _links(pages, keys, evidence, catalog)


def _read_pages(reads: pa.Table, index: Mapping[str, int]) -> dict[str, _Page]:
    """Give each page its newest title, and the product that most of its readers' events name."""
    pages: dict[str, _Page] = {}
    named: dict[str, Counter[int]] = {}
    told = reads.select(["content_id", "title", "product_id", "at"]).sort_by(
        [("at", "descending"), ("title", "ascending")]
    )
    for content, title, product in zip(*(told.column(i).to_pylist() for i in range(3)), strict=True):
        if content is None:
            continue
        page = pages.setdefault(content, _Page())
        page.title = page.title or title
        if product in index:
            named.setdefault(content, Counter())[index[product]] += 1
    for content, counts in named.items():
        pages[content].about = min(counts, key=lambda item: (-counts[item], item))
    return pages


def _write_curated(pages: dict[str, _Page], links: pa.Table, index: Mapping[str, int], as_of: int) -> None:
    """Enter what the merchant wrote down; the products of a page keep their order within one action."""
    rows = [
        row
        for row in links.filter(pc.equal(links.column("kind"), LinkKind.CONTENT.value)).to_pylist()
        if row["to_id"] in index and (row["expires_at"] is None or as_of < row["expires_at"])
    ]
    for row in rows:
        if row["action"] == LinkAction.BAN:
            pages.setdefault(row["from_id"], _Page()).banned.add(index[row["to_id"]])
    for number, row in enumerate(rows):
        page, item = pages.setdefault(row["from_id"], _Page()), index[row["to_id"]]
        if row["value"] == ABOUT:
            page.about = item
        elif row["action"] == LinkAction.BURY:
            page.buried.add(item)
        elif (place := _PLACES.get(row["action"] or LinkAction.LINK)) is not None:
            page.say(item, "curated", place + 0.2 / (2 + number))


def _accessories(wanted: Array, pairs: Complements, required: Links) -> dict[int, list[tuple[int, float]]]:
    """Give the best companions of some products, scores below 1: what each needs first, then what goes with it."""
    found: dict[int, dict[int, float]] = {}
    needed = required.take(np.isin(required.sources, wanted))
    for source, target, score in zip(
        needed.sources.tolist(), needed.targets.tolist(), needed.scores.tolist(), strict=True
    ):
        found.setdefault(source, {})[target] = 0.5 + 0.49 * score
    for one, other in ((pairs.first, pairs.second), (pairs.second, pairs.first)):
        chosen = pairs.is_relation & np.isin(one, wanted)
        for source, target, low in zip(*(a[chosen].tolist() for a in (one, other, pairs.lift_low)), strict=True):
            found.setdefault(source, {}).setdefault(target, 0.5 * low / (low + 1))
    best = {source: sorted(scores.items(), key=lambda one: (-one[1], one[0])) for source, scores in found.items()}
    return {source: companions[:ACCESSORIES] for source, companions in best.items()}


def _learned(
    reads: pa.Table, lines: pa.Table, keys: Sequence[str], catalog: Catalog, settings: Settings
) -> tuple[Beyond, npt.NDArray[np.int64]]:
    """Test what known customers bought after reading; and count the known readers of each page."""
    known = reads.filter(
        pc.and_(pc.starts_with(reads.column("identity"), CUSTOMER), pc.is_valid(reads.column("content_id")))
    )
    acts = acts_of(lines, "customer_id", "ordered_at", catalog.index, CUSTOMER)
    who, by = numbered(known.column("identity"), acts.column("identity"))
    key = np.asarray(pc.index_in(known.column("content_id"), pa.array(keys, pa.string())), dtype=np.int64)
    at, item, then = (np.asarray(c, dtype=np.int64) for c in (known["at"], acts["item"], acts["at"]))
    first, second = follow(who, at, by, then, READ_DAYS * DAY)
    n_keys = max(len(keys), 1)
    found = beyond_chance(
        who[first], key[first], item[second], popularity_of(item, catalog.n_items), n_keys,
        len(np.unique(key)) * catalog.n_items, settings,
    )  # fmt: skip
    return found, np.bincount(np.unique(who * n_keys + key) % n_keys, minlength=n_keys)


def _links(
    pages: Mapping[str, _Page],
    keys: Sequence[str],
    evidence: Mapping[tuple[int, int], tuple[float, ...]],
    catalog: Catalog,
) -> Links:
    """Lay everything out; keys are the pages that have a product."""
    rows = [
        (key, item, basis, score) for key, name in enumerate(keys) for item, (basis, score) in pages[name].said.items()
    ]
    used = sorted({row[0] for row in rows})
    place = {key: number for number, key in enumerate(used)}
    unknown = (np.nan,) * len(COLUMNS)
    counts = np.array([evidence.get((key, item), unknown) for key, item, _, _ in rows]).reshape(-1, len(COLUMNS))
    return Links(
        "content",
        np.array([place[row[0]] for row in rows], dtype=np.int32),
        np.array([row[1] for row in rows], dtype=np.int32),
        np.array([row[3] for row in rows], dtype=np.float64),
        dict(zip(COLUMNS, counts.T, strict=True)),
        [_text(pages[keys[key]], keys[key], basis, catalog) for key, _, basis, _ in rows],
        [keys[key] for key in used],
    ).in_order()


def _text(page: _Page, content_id: str, basis: str, catalog: Catalog) -> dict[str, Any]:
    about = None if page.about is None else catalog.products[page.about]
    return {"title": page.title or content_id, "basis": basis, "product": about}
