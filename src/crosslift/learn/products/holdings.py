"""What people hold together: where a shop has contracts, plans and services instead of baskets, these take their place.

A unit (an account or household where one is named, else a person) is a basket of what it holds on one day. The same size-aware
chance, the same false-discovery rate and the same words for how sure we are as in baskets; every unit counts once.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.holding import HELD
from crosslift.errors import BadInput
from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products.complements import Complements, count, find_complements
from crosslift.learn.products.links import Links
from crosslift.settings import Settings

Ints = npt.NDArray[np.int64]

DAY = 86_400_000_000
_FAR = 1 << 20  # days; keeps a day before 1970 apart from the unit before
COLUMNS = (
    "n_both",
    "n_a",
    "n_b",
    "n_units",
    "expected",
    "lift",
    "lift_low",
    "lift_high",
    "q_value",
    "strength",
    "n_gap",
)


def find_owned_together(subscriptions: pa.Table, catalog: Catalog, settings: Settings, as_of: int) -> Links:
    """Find products that units hold together more often than size-aware chance explains.

    Parameters
    ----------
    subscriptions : pa.Table
        As `Material.subscriptions`.
    catalog : Catalog
        Products it does not name are left out.
    as_of : int
        Microseconds; what runs at that moment is held.

    Returns
    -------
    Links
        Kind "held", both directions, scored by the cosine of holders (ranking never goes by lift). Columns: n_both, n_a, n_b
        (units that hold both, the source, the target), n_units (that hold anything), expected, lift, lift_low, lift_high,
        q_value, strength (0 to 3) and n_gap (units with the source that lack the target).
    """
    held = holdings_at(subscriptions, catalog, as_of)
    if not len(held.items):
        return Links.none("held", COLUMNS)
    bars = bars_of(settings)
    counted, pairs = count(held, bars)
    return _links(find_complements(counted, pairs, bars))


def bars_of(settings: Settings) -> Settings:
    """Give the settings under which holdings are tested: those of baskets, but any lift that is surely above 1.

    What half of all units hold cannot have a lift above 2, so the size asked of a pair in baskets would turn real ones away.
    """
    return Settings(settings.as_dict() | {"learn.min_lift": settings["learn.min_lift_held"]})


def holdings_at(subscriptions: pa.Table, catalog: Catalog, as_of: int) -> Baskets:
    """Give one basket for each unit that holds anything at a moment; its time is the start of what it holds longest."""
    rows = _known_rows(subscriptions, catalog)
    held = rows.take(_is_held(rows, as_of))
    return _baskets(held, catalog, held.unit)


def as_baskets(subscriptions: pa.Table, catalog: Catalog) -> Baskets:
    """Give one basket for each unit and day on which it started something, held today or not: for sequences.

    `customers` numbers the units, all of them known; a product started twice is in two baskets.
    """
    rows = _known_rows(subscriptions, catalog)
    return _baskets(rows, catalog, rows.unit * (2 * _FAR) + rows.started_at // DAY + _FAR)


def gaps(subscriptions: pa.Table, links: Links, catalog: Catalog, from_id: str, to_id: str, *, as_of: int) -> pa.Table:
    """List the units that hold one product and lack the other that goes with it, longest holders first.

    Parameters
    ----------
    links : Links
        As `find_owned_together` gives them.
    from_id, to_id : str
        The product held and the one lacked; a link must lead from the first to the second.

    Returns
    -------
    pa.Table
        account_id, customer_id (of the longest running contract), product_id (held), missing_id (lacked), since (microseconds),
        lift, q_value.

    Raises
    ------
    BadInput
        If a product is not in the catalog, or the two are not known to be held together.
    """
    index = catalog.index
    for name in (from_id, to_id):
        if name not in index:
            raise BadInput(f"product {name!r} is not in the catalog; gap lists are between products that are held")
    link = np.flatnonzero((links.sources == index[from_id]) & (links.targets == index[to_id]))
    if not len(link):
        raise BadInput(f"{from_id!r} and {to_id!r} are not known to be held together; choose a pair from the relations")
    rows = _known_rows(subscriptions, catalog)
    rows = rows.take(_is_held(rows, as_of))
    lacks = ~np.isin(rows.unit, rows.unit[rows.item == index[to_id]])
    place = np.flatnonzero((rows.item == index[from_id]) & lacks)
    place = place[np.lexsort((rows.unit[place], rows.started_at[place]))]
    place = place[np.sort(np.unique(rows.unit[place], return_index=True)[1])]
    told, n = rows.table.take(pa.array(place)), len(place)
    return pa.table({
        "account_id": told.column("account_id"),
        "customer_id": told.column("customer_id"),
        "product_id": pa.array([from_id] * n, pa.string()),
        "missing_id": pa.array([to_id] * n, pa.string()),
        "since": pa.array(rows.started_at[place], pa.int64()),
        "lift": pa.array(np.repeat(links.columns["lift"][link], n), pa.float64()),
        "q_value": pa.array(np.repeat(links.columns["q_value"][link], n), pa.float64()),
    })  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Rows:
    """Subscriptions of known products, with unit and item as numbers."""

    table: pa.Table
    unit: Ints
    item: Ints
    started_at: Ints

    def take(self, chosen: npt.NDArray[np.bool_]) -> "_Rows":
        return _Rows(self.table.filter(pa.array(chosen)), self.unit[chosen], self.item[chosen], self.started_at[chosen])


def _known_rows(subscriptions: pa.Table, catalog: Catalog) -> _Rows:
    """Leave out rows without a unit or of unknown products; number units: the account where one is named, else the person."""
    place = pc.index_in(subscriptions.column("product_id"), pa.array(catalog.products, pa.string()))
    account, customer = subscriptions.column("account_id"), subscriptions.column("customer_id")
    unit = pc.coalesce(
        pc.binary_join_element_wise("account", account, ":"), pc.binary_join_element_wise("customer", customer, ":")
    )
    known = pc.and_(pc.is_valid(place), pc.is_valid(unit))
    table = subscriptions.filter(known)
    numbers = unit.filter(known).combine_chunks().dictionary_encode().indices
    return _Rows(
        table,
        np.asarray(numbers, dtype=np.int64),
        np.asarray(place.filter(known), dtype=np.int64),
        np.asarray(table.column("started_at"), dtype=np.int64),
    )


def _is_held(rows: _Rows, as_of: int) -> npt.NDArray[np.bool_]:
    """Tell what runs at a moment: begun, and its end is later, or it has none and nobody ended or cancelled it."""
    status, ended = rows.table.column("status"), rows.table.column("ended_at")
    runs = pc.is_in(status, pa.array([state.value for state in HELD], pa.string()))
    runs = pc.if_else(pc.is_valid(ended), pc.greater(ended, as_of), runs)
    return np.asarray(runs, dtype=np.bool_) & (rows.started_at <= as_of)


def _baskets(rows: _Rows, catalog: Catalog, keys: Ints) -> Baskets:
    """Make baskets of the rows that share a key (aligned with the rows), each product once, the basket at its first start."""
    n_items = max(catalog.n_items, 1)
    order = np.lexsort((rows.started_at, keys))
    basket_keys, first, basket = np.unique(keys[order], return_index=True, return_inverse=True)
    lines = np.unique(basket * n_items + rows.item[order])
    offsets = np.searchsorted(lines // n_items, np.arange(len(basket_keys) + 1)).astype(np.int64)
    n = len(basket_keys)
    return Baskets(
        list(catalog.products),
        (lines % n_items).astype(np.int32),
        offsets,
        rows.started_at[order][first],
        rows.unit[order][first],
        np.ones(n, dtype=np.bool_),
        np.full(n, -1, dtype=np.int64),
    )


def _links(found: Complements) -> Links:
    """Turn tested pairs into links both ways, with the evidence seen from where each starts."""
    places = np.flatnonzero(found.is_relation)
    both = np.concatenate([places, places])
    sources = np.concatenate([found.first[places], found.second[places]])
    targets = np.concatenate([found.second[places], found.first[places]])
    n_a, n_b, n_both = found.item_counts[sources], found.item_counts[targets], found.n_both[both]
    columns = {
        "n_both": n_both, "n_a": n_a, "n_b": n_b, "n_units": np.full(len(both), found.n_baskets),
        "expected": found.expected[both], "lift": found.lift[both], "lift_low": found.lift_low[both],
        "lift_high": found.lift_high[both], "q_value": found.q_value[both], "strength": found.strength[both],
        "n_gap": n_a - n_both,
    }  # fmt: skip
    return Links("held", sources, targets, n_both / np.sqrt(n_a * n_b), columns)
