"""Rows as JSON has them: the same columns, the same checks and the same builders as in a file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from crosslift.collect.builders import builder
from crosslift.collect.checking import Problems, read_cells
from crosslift.collect.curated import BUNDLE_COLUMNS, LINK_COLUMNS
from crosslift.collect.parse import normalized, parse
from crosslift.collect.rows import PRODUCT_COLUMNS, Tables
from crosslift.collect.schemas import SCHEMAS, Field, Type
from crosslift.collect.sources.lines import text_of
from crosslift.errors import BadInput
from crosslift.settings import Settings

Rows = tuple[tuple[str, ...], list[tuple[Any, ...]]]
Items = Sequence[Mapping[str, Any]]


def product_rows(products: Items, settings: Settings) -> Rows:
    """Turn products as JSON has them into rows, by the very code of the file door.

    Raises
    ------
    BadInput
        Naming the place in the list and the field.
    """
    return PRODUCT_COLUMNS, _rows("products", ("product_id", "title"), products, settings)[0]


def link_rows(links: Items, settings: Settings) -> tuple[tuple[str, ...], list[tuple[Any, ...]], set[str]]:
    """Turn curated links as JSON has them into rows; gives the products they name too.

    Raises
    ------
    BadInput
        Naming the place in the list and the field.
    """
    rows, named = _rows("links", ("from_id", "to_id", "kind"), links, settings)
    return LINK_COLUMNS, rows, named


def bundle_rows(
    parts: Items, settings: Settings, withheld: frozenset[str] = frozenset()
) -> tuple[tuple[str, ...], list[tuple[Any, ...]], set[str]]:
    """Turn the parts of bundles as JSON has them into rows; gives the products they name too.

    Parameters
    ----------
    withheld : frozenset of str
        Products that nobody can buy alone; a set with one is refused.

    Raises
    ------
    BadInput
        Naming the place in the list and the field.
    """
    rows, named = _rows("bundles", ("bundle_id", "product_id"), parts, settings, withheld)
    return BUNDLE_COLUMNS, rows, named


def fact_rows(dataset: str, facts: Items, settings: Settings) -> tuple[Tables, set[str]]:
    """Turn rows of any dataset as JSON has them into rows by table; gives the products they name too.

    Raises
    ------
    BadInput
        Naming the place in the list and the field.
    """
    return _built(dataset, needed(dataset), facts, settings)


def needed(dataset: str) -> tuple[str, ...]:
    """Name the columns every row of a dataset has to fill."""
    return tuple(field.name for field in SCHEMAS[dataset].fields if field.is_required and not field.may_be_empty)


def _rows(
    dataset: str, needed: Sequence[str], items: Items, settings: Settings, withheld: frozenset[str] = frozenset()
) -> tuple[list[tuple[Any, ...]], set[str]]:
    tables, named = _built(dataset, needed, items, settings, withheld)
    return [row for _, _, rows in tables for row in rows], named


def _built(
    dataset: str, needed: Sequence[str], items: Items, settings: Settings, withheld: frozenset[str] = frozenset()
) -> tuple[Tables, set[str]]:
    schema = SCHEMAS[dataset]
    if not items:
        raise BadInput(f"the list of {dataset} is empty", where=dataset)
    for place, item in enumerate(items):
        missing = [name for name in needed if _is_missing(item.get(name))]
        if missing:
            raise BadInput(f"{missing[0]} is missing", where=f"{dataset}[{place}]")
    names = list(dict.fromkeys(name for item in items for name in item))
    columns = {name: pa.array([text_of(item.get(name)) for item in items], pa.string()) for name in names}
    problems = Problems(Path(dataset), f"{dataset}[{{}}]", is_file=False)
    rows_of = builder(schema, "api", problems.place)
    rows_of.withheld = withheld
    typed, _ = read_cells(schema, columns, settings, problems, 0)
    faults = rows_of.faults(typed, 0)
    if not problems.count and not faults:
        extras = {name: normalized(column) for name, column in columns.items() if name not in schema.names}
        tables = rows_of.build(rows_of.numbered(typed, 0), extras)
        finished = rows_of.finish()
        faults, tables = finished.faults, tables + finished.tables
    for fault in faults:
        problems.fault(fault.row, fault.name, fault.what)
    if problems.count:
        raise problems.error()
    return tables, rows_of.named


def _is_missing(value: object) -> bool:
    """Tell whether nothing was given; zero is something."""
    return not value and (isinstance(value, bool) or not isinstance(value, int | float))


def live_changes(changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Check changes of price, stock and activity.

    Raises
    ------
    BadInput
        For an unknown field or a value that cannot be.
    """
    kinds = {"price": Type.MONEY, "currency": Type.CURRENCY, "stock": Type.INTEGER, "active": Type.FLAG}
    stored = {"price": "price_micros", "currency": "currency", "stock": "stock", "active": "is_active"}
    checked = []
    for place, change in enumerate(changes):
        where = f"products[{place}]"
        if not change.get("product_id"):
            raise BadInput("product_id is missing", where=where)
        row: dict[str, Any] = {"product_id": str(change["product_id"])}
        for name, value in change.items():
            if name == "product_id":
                continue
            if name not in kinds:
                raise BadInput(
                    f"{name!r} cannot be patched; price, currency, stock and active can; use PUT for the rest",
                    where=where,
                )
            spec = Field(name, kinds[name], low=0 if name == "price" else None)
            parsed, bad = parse(spec, pa.array([text_of(value)], pa.string()), "UTC")
            if bad[0]:
                raise BadInput(f"{name} = {value!r} is no {kinds[name].value}", where=where)
            row[stored[name]] = parsed[0].as_py()
        if len(row) == 1:
            raise BadInput("nothing to change; give price, stock or active", where=where)
        if row.get("is_active", True) is None:
            raise BadInput("active is empty; give true or false", where=where)
        checked.append(row)
    return checked
