"""Categories and attributes of the catalog as they stand now, read for the rules that ask them."""

from collections.abc import Iterable, Iterator

from crosslift.decide.facets import FacetRow, Facets
from crosslift.decide.knowledge import Knowledge
from crosslift.store.ports import Records

COLUMNS = ("product_id", "parent_id", "category", "attributes")
_AT_ONCE = 1_000


def read_facets(records: Records, knowledge: Knowledge, names: frozenset[str]) -> Facets:
    """Read the whole catalog, once, when a rule first asks an attribute."""
    return Facets(knowledge, {row.product_id: row for row in _rows(records, names)}, names, is_live=True)


def bring_forward(records: Records, facets: Facets, changed: Iterable[str]) -> Facets:
    """Read some products again; the very same facets where no category or attribute asked for is different."""
    ids = sorted(set(changed))
    found = {row.product_id: row for row in _rows(records, facets.names, ids)}
    return facets.with_changes(found.get(name, FacetRow(name, None, None)) for name in ids)


def _rows(records: Records, names: frozenset[str], ids: list[str] | None = None) -> Iterator[FacetRow]:
    for start in range(0, 1 if ids is None else len(ids), _AT_ONCE):
        some = None if ids is None else ids[start : start + _AT_ONCE]
        where = "" if some is None else f"product_id in ({', '.join('?' * len(some))})"
        columns = records.table("products", COLUMNS, where, some or ()).columns
        for product, parent, category, said in zip(*(column.to_pylist() for column in columns), strict=True):
            yield FacetRow.read(product, parent, category, said, names)
