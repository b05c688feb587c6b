"""Search terms: what people bought after they searched for something, so that a query can be answered with it.

A purchase can be matched to a search only where both have one customer; what anonymous visitors searched for is answered
by what they went on to look at, and says so.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.event import normalized
from crosslift.learn.catalog import Catalog
from crosslift.learn.products.following import CUSTOMER, acts_of, beyond_chance, follow, numbered, popularity_of
from crosslift.learn.products.links import Links
from crosslift.settings import Settings

Ints = npt.NDArray[np.int64]

COLUMNS = ("n_searchers", "n_bought", "n_viewed", "expected", "lift", "q_value")
HOUR = 3_600_000_000

MIN_SEARCHERS = 5
"""A query from fewer people is not kept: people type their names and order numbers into search boxes."""


def find_searched(searches: pa.Table, lines: pa.Table, views: pa.Table, catalog: Catalog, settings: Settings) -> Links:
    """Find what follows a search more often than other searches, within `learn.search_hours`.

    Parameters
    ----------
    searches : pa.Table
        identity, query, at.
    lines : pa.Table
        customer_id, product_id, ordered_at.
    views : pa.Table
        identity, product_id, at.

    Returns
    -------
    Links
        Kind ``searched``, keys the normalized queries that at least `MIN_SEARCHERS` people used. Texts {basis}: ``bought``
        (customers who searched and bought), or ``viewed`` (anonymous visitors who searched and looked; `n_bought` is nan,
        `n_viewed` counts). `n_searchers` counts the people of that basis; purchases go first.
    """
    asked = _asked(searches)
    queries, query = np.unique(np.array(asked.column("query").to_pylist(), dtype=object), return_inverse=True)
    if not len(queries):
        return Links("searched", *_nothing(), dict.fromkeys(COLUMNS, np.zeros(0)), [], [])
    asked = asked.append_column("key", pa.array(query, pa.int64()))
    is_customer = pc.starts_with(asked.column("identity"), CUSTOMER)
    bought = acts_of(lines, "customer_id", "ordered_at", catalog.index, CUSTOMER)
    viewed = acts_of(views, "identity", "at", catalog.index)
    parts = [
        _followed(asked.filter(is_customer), bought, "bought", queries.tolist(), catalog, settings),
        _followed(asked.filter(pc.invert(is_customer)), viewed, "viewed", queries.tolist(), catalog, settings),
    ]
    return _joined(*parts)


def _nothing() -> tuple[Any, Any, Any]:
    return np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0)


def _asked(searches: pa.Table) -> pa.Table:
    """Give searches with their normalized query, those of queries that enough people used."""
    known = searches.filter(pc.and_(pc.is_valid(searches.column("identity")), pc.is_valid(searches.column("query"))))
    query = pa.array([normalized(text) for text in known.column("query").to_pylist()], pa.string())
    asked = pa.table({"identity": known.column("identity"), "query": query, "at": known.column("at")})
    people = asked.group_by("query").aggregate([("identity", "count_distinct")])
    enough = people.filter(pc.greater_equal(people.column("identity_count_distinct"), MIN_SEARCHERS)).column("query")
    kept = pc.and_(pc.is_in(query, enough.combine_chunks()), pc.not_equal(query, ""))
    return asked.filter(kept)


def _followed(
    asked: pa.Table, acts: pa.Table, basis: str, queries: list[str], catalog: Catalog, settings: Settings
) -> Links:
    """Match searches with what the same people did then, and keep what chance does not explain."""
    who, by = numbered(asked.column("identity"), acts.column("identity"))
    key, at, item, then = (np.asarray(c, dtype=np.int64) for c in (asked["key"], asked["at"], acts["item"], acts["at"]))
    first, second = follow(who, at, by, then, settings["learn.search_hours"] * HOUR)
    found = beyond_chance(
        who[first], key[first], item[second], popularity_of(item, catalog.n_items), len(queries),
        len(np.unique(key)) * catalog.n_items, settings,
    )  # fmt: skip
    searchers = np.bincount(np.unique(who * len(queries) + key) % len(queries), minlength=len(queries))
    n_searchers = searchers[found.keys]
    unknown = np.full(len(found.keys), np.nan)
    n_people = found.n_people.astype(np.float64)
    return Links(
        "searched",
        found.keys.astype(np.int32),
        found.items.astype(np.int32),
        (found.n_people / n_searchers + (basis == "bought")) / 2,
        {
            "n_searchers": n_searchers.astype(np.float64),
            "n_bought": n_people if basis == "bought" else unknown,
            "n_viewed": n_people if basis == "viewed" else unknown,
            "expected": found.expected,
            "lift": found.lift,
            "q_value": found.q_value,
        },
        [{"basis": basis}] * len(found.keys),
        queries,
    )


def _joined(bought: Links, viewed: Links) -> Links:
    """Put both together, a pair once, purchases before views; keys are the queries that lead anywhere."""
    known = set(zip(bought.sources.tolist(), bought.targets.tolist(), strict=True))
    pairs = zip(viewed.sources.tolist(), viewed.targets.tolist(), strict=True)
    viewed = viewed.take(np.array([pair not in known for pair in pairs], dtype=np.bool_))
    sources = np.concatenate([bought.sources, viewed.sources])
    used, places = np.unique(sources, return_inverse=True)
    return Links(
        "searched",
        places.astype(np.int32),
        np.concatenate([bought.targets, viewed.targets]),
        np.concatenate([bought.scores, viewed.scores]),
        {name: np.concatenate([bought.columns[name], viewed.columns[name]]) for name in COLUMNS},
        [*(bought.texts or ()), *(viewed.texts or ())],
        [(bought.keys or ())[place] for place in used.tolist()],
    ).in_order()
