"""What is known of people as columns to learn from: figures and shares of profiles, traits, the context of logged choices.

Sensitive traits are left out here, whatever is learned afterwards.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.trait import is_sensitive
from crosslift.learn.customers.people import encoded
from crosslift.learn.customers.traits import for_scoring

FIGURES = (
    "n_orders", "n_items", "revenue", "aov", "recency_days", "interval_days", "price_sensitivity", "discount_share",
    "return_rate", "n_returns",
)  # fmt: skip
"""Of a profile, what follows from order lines alone: with a product's lines left out they say nothing of it."""
TEXTS = ("market", "locale", "traffic_source")
SHARES = ("categories", "brands", "price_bands")
MOST_SHARES, MOST_TRAITS = 10, 50
"""Names that get a column of their own, those of most people first."""


def attributes_of(profiles: pa.Table, sensitive: frozenset[str]) -> pa.Table:
    """Give profiles as columns to learn from.

    Parameters
    ----------
    profiles : pa.Table
        Rows with the columns of `PROFILE_COLUMNS`, lists and mappings as JSON text.
    sensitive : frozenset of str
        Traits that must not be learned from.

    Returns
    -------
    pa.Table
        As many rows: the figures of `FIGURES`, the texts of `TEXTS`, shares of spend as `categories:tea` (0 where a person
        spends on other things, null where nothing is known) and traits as `trait:city`. What is known of contacts, ratings and
        goals is not among them: it may speak of the very product that is asked for.
    """
    columns = {name: profiles.column(name) for name in (*FIGURES, *TEXTS)}
    for name in SHARES:
        shares = columns_of(profiles.column(name), f"{name}:", most=MOST_SHARES)
        is_known = pc.not_equal(pc.fill_null(profiles.column(name), "{}"), "{}")
        columns |= {
            title: pc.if_else(is_known, pc.fill_null(shares[title], 0.0), None) for title in shares.column_names
        }
    traits = columns_of(for_scoring(profiles, sensitive).column("traits"), "trait:", sensitive=sensitive)
    return pa.table({**columns, **{title: traits[title] for title in traits.column_names}})


def columns_of(
    objects: pa.ChunkedArray, prefix: str = "", *, sensitive: frozenset[str] = frozenset(), most: int = MOST_TRAITS
) -> pa.Table:
    """Open JSON objects into columns.

    Parameters
    ----------
    objects : pa.ChunkedArray of string
        A JSON object a row, or null.
    prefix : str
        Before the name of each column.
    sensitive : frozenset of str
        Names that get no column, also inside of others.
    most : int
        Columns given, those that most rows have first.

    Returns
    -------
    pa.Table
        As many rows, at least one column unless no row has a name: numbers and truths, and texts that all read as finite numbers,
        as float64; else text; null where a row lacks the name. What is inside an object is named after both; lists are left out.

    Examples
    --------
    >>> opened = columns_of(pa.chunked_array([['{"age": "34", "home": {"city": "Jeju"}}', None, '{"age": 51}']]))
    >>> opened.to_pydict()
    {'age': [34.0, None, 51.0], 'home.city': ['Jeju', None, None]}
    """
    index, texts = encoded(objects)
    found = [dict(_pairs(msgspec.json.decode(text), sensitive)) for text in texts.to_pylist()]
    n_rows = pc.value_counts(pa.array(index[index >= 0]))
    counted: Counter[str] = Counter()
    for place, n in zip(*(n_rows.field(part).to_pylist() for part in ("values", "counts")), strict=True):
        counted.update(dict.fromkeys(found[place], n))
    names = sorted(sorted(counted, key=lambda name: (-counted[name], name))[:most])
    place = pa.array(index, mask=index < 0)
    return pa.table({f"{prefix}{name}": _typed([one.get(name) for one in found]).take(place) for name in names})


def _pairs(given: Any, sensitive: frozenset[str], before: str = "") -> Iterator[tuple[str, Any]]:
    """Give what an object says, name by name; a sensitive name is passed over wherever it stands."""
    for name, value in given.items() if isinstance(given, dict) else ():
        if any(is_sensitive(called, sensitive) for called in (name, f"{before}{name}", name.rpartition(".")[2])):
            continue
        if isinstance(value, dict):
            yield from _pairs(value, sensitive, f"{before}{name}.")
        elif value not in (None, "") and not isinstance(value, list):
            yield f"{before}{name}", value


def _typed(values: list[Any]) -> pa.Array:
    """Give numbers where all are, else texts."""
    try:
        numbers = pa.array([None if value is None else float(value) for value in values], pa.float64())
    except (ValueError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    return pc.if_else(pc.is_finite(numbers), numbers, None)
