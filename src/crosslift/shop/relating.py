"""How products relate, for people: every relation of a snapshot with its evidence, groups, and what stands alone and why.

Plain rows (dicts of JSON values) that the CLI prints and Python turns into Arrow tables. Counts next to every claim: the
raw figures a textbook gives stand beside those corrected for chance, so that anybody can see what the correction does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.decide.evidence import pair_evidence
from crosslift.decide.knowledge import PAIR_COLUMNS, Knowledge
from crosslift.decide.links import LinkTable
from crosslift.errors import NotFound

Row = dict[str, Any]
KINDS = (
    "complement", "sequence", "held", "required", "fits", "excludes", "included", "upgrade", "substitute", "apart",
    "refill", "alike", "category_companion", "own_list",
)  # fmt: skip
"""Kinds whose links start from a product, in the order of a report."""
ONE_WAY = frozenset({"sequence", "required", "included", "upgrade", "refill", "own_list"})
"""Kinds whose direction is part of what they say; the others hold for a pair."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
N_BOTH = PAIR_COLUMNS.index("n_both")


def relations_of(knowledge: Knowledge, product_id: str, kinds: Sequence[str] = (), *, raw: bool = False) -> list[Row]:
    """Give every relation of a product with all its evidence, by kind, best first.

    Parameters
    ----------
    kinds : sequence of str
        Only these; all by default.
    raw : bool
        Order complements by the textbook lift instead of the one corrected for basket sizes.

    Raises
    ------
    NotFound
        If the snapshot does not know the product.
    """
    item = knowledge.index.get(product_id)
    if item is None:
        raise NotFound(f"no product {product_id} in snapshot {knowledge.snapshot_id}; learn again after adding it")
    wanted = kinds or KINDS
    rows = complements_of(knowledge, item) if "complement" in wanted else []
    if raw:
        rows.sort(key=lambda row: (-row["raw_lift"], row["product"]))
    for kind in KINDS[1:]:
        if kind in wanted:
            rows += _linked(knowledge, item, kind)
    return rows


def complements_of(knowledge: Knowledge, item: int) -> list[Row]:
    """Give what goes with a product: raw and corrected figures, both directions, seasons, markets, returns."""
    ids, pairs = knowledge.edges_of(item)
    return [_pair(knowledge, row, item, other) for other, row in zip(ids.tolist(), pairs.tolist(), strict=True)]


def _pair(knowledge: Knowledge, row: int, item: int, other: int) -> Row:
    evidence = pair_evidence(knowledge, row, item)
    n_both, n_a, n_b = evidence["n_both"], evidence["n_a"], evidence["n_b"]
    return {
        **named(knowledge, "complement", item, other),
        **evidence,
        "raw_lift": round(n_both * knowledge.n_baskets / (n_a * n_b), 4),
        "raw_expected": round(n_a * n_b / knowledge.n_baskets, 4),
        "confidence_from": round(n_both / n_a, 4),
        "confidence_to": round(n_both / n_b, 4),
        **knowledge.more_of_pair(row),
        "months": months_in_words(knowledge.pair_months[row]),
        **_by_market(knowledge.pair_markets[row]),
    }


def _by_market(told: Mapping[str, Any]) -> Row:
    """Name the markets a relation holds in, and its months in each, where these differ from all and all year."""
    seasons = {
        market: " ".join(MONTHS[month - 1] for month in months) for market, months in told.get("seasons", {}).items()
    }
    return {"markets": ", ".join(told["markets"]) if "markets" in told else "all", "seasons": seasons}


def _linked(knowledge: Knowledge, item: int, kind: str) -> list[Row]:
    table = knowledge.links(kind)
    return [
        {**named(knowledge, kind, item, int(table.ids[row])), **_scored(knowledge, table, row)}
        for row in table.rows_of(item)
    ]  # fmt: skip


def _scored(knowledge: Knowledge, table: LinkTable, row: int) -> Row:
    evidence = table.evidence(row)
    if evidence.get("strength") is not None:
        evidence["strength"] = knowledge.strengths[int(evidence["strength"])]
    return {"score": round(float(table.scores[row]), 6), **evidence}


def named(knowledge: Knowledge, kind: str, item: int, other: int) -> Row:
    """Name the two ends of a relation."""
    return {
        "kind": kind,
        "from": knowledge.products[item],
        "from_title": knowledge.titles[item][""],
        "product": knowledge.products[other],
        "title": knowledge.titles[other][""],
    }


def strongest(knowledge: Knowledge, n: int, *, raw: bool = False) -> dict[str, list[Row]]:
    """Give the best relations of each kind that has any, surest first; what holds both ways is told once.

    `raw` orders complements by the textbook lift instead of the lower bound of the corrected one.
    """
    found = {"complement": _strongest_pairs(knowledge, n, raw=raw)}
    for kind in KINDS[1:]:
        table = knowledge.links(kind)
        sources = sources_of(knowledge, table)
        rows: dict[Any, Row] = {}
        for row in np.lexsort((table.ids, sources, -table.scores)).tolist():
            if len(rows) == n:
                break
            item, other = int(sources[row]), int(table.ids[row])
            found_row = {**named(knowledge, kind, item, other), **_scored(knowledge, table, row)}
            rows.setdefault(_told_as(kind, item, other, found_row), found_row)
        found[kind] = list(rows.values())
    return {kind: rows for kind, rows in found.items() if rows}


def _told_as(kind: str, item: int, other: int, row: Row) -> Any:
    """Give what is told once: a pair in one direction or in any, or two categories for all their products."""
    if kind == "category_companion":
        return row["from_category"], row["to_category"]
    return (item, other) if kind in ONE_WAY else frozenset((item, other))


def _strongest_pairs(knowledge: Knowledge, n: int, *, raw: bool) -> list[Row]:
    first, second = knowledge.pair_first, knowledge.pair_second
    surest = knowledge.pair_lows
    if raw:
        n_both = np.array([knowledge.pair(row)[N_BOTH] for row in range(len(first))])
        surest = n_both / (knowledge.popularity[first].astype(np.float64) * knowledge.popularity[second])
    best = np.argsort(-surest, kind="stable")[:n].tolist()
    return [_pair(knowledge, row, int(first[row]), int(second[row])) for row in best]


def sources_of(knowledge: Knowledge, table: LinkTable) -> npt.NDArray[np.int64]:
    """Name the product each link starts from."""
    return np.repeat(np.arange(knowledge.n_items), np.diff(table.offsets))


def months_in_words(mask: int) -> str:
    """Name the months of a 12-bit mask, January first; "all" where a relation is not seasonal.

    Examples
    --------
    >>> months_in_words(0b100000000011), months_in_words(-1)
    ('Jan Feb Dec', 'all')
    """
    if mask < 0:
        return "all"
    return " ".join(name for place, name in enumerate(MONTHS) if mask >> place & 1)


def groups(knowledge: Knowledge) -> list[Row]:
    """Give the groups of the catalog that go together, largest first."""
    found = []
    for place, name in enumerate(knowledge.groups):
        members = np.flatnonzero(knowledge.group_of == place)
        order = np.lexsort((members, -knowledge.popularity[members]))
        found.append({
            "group": place,
            "name": name,
            "n_products": len(members),
            "products": [knowledge.products[item] for item in members[order].tolist()],
        })  # fmt: skip
    return sorted(found, key=lambda row: (-row["n_products"], row["group"]))


def without_companions(knowledge: Knowledge, min_baskets: int) -> list[Row]:
    """Give the products that nothing goes with yet, the most bought first, and why."""
    has_none = np.diff(knowledge.edge_offsets)[: knowledge.n_products] == 0
    rows = []
    for item in np.flatnonzero(has_none).tolist():
        n_orders = int(knowledge.popularity[item])
        others = [kind for kind in KINDS[1:] if len(knowledge.links(kind).rows_of(item))]
        rows.append({
            "product": knowledge.products[item],
            "title": knowledge.titles[item][""],
            "n_orders": n_orders,
            "why": _why_alone(n_orders, min_baskets),
            "other_kinds": others,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (-row["n_orders"], row["product"]))


def _why_alone(n_orders: int, min_baskets: int) -> str:
    if n_orders == 0:
        return "not sold yet: candidates come from its attributes, title and category"
    if n_orders < min_baskets:
        return f"too early to say: {n_orders} orders, a pair needs {min_baskets} together"
    return "no product is bought with it more often than chance explains"


def as_table(rows: Sequence[Row]) -> pa.Table:
    """Give rows as an Arrow table: numbers and texts as they are, anything nested or mixed as JSON text; missing is null."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: _column([row.get(name) for row in rows]) for name in names})


def _column(values: list[Any]) -> pa.Array:
    types = {type(value) for value in values if value is not None}
    if types <= {int, float} and float in types:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    if len(types) > 1 or types & {list, dict, tuple}:
        values = [None if value is None else msgspec.json.encode(value).decode() for value in values]
    return pa.array(values)
