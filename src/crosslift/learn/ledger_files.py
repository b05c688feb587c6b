"""Keep the last pair counts on disk: five Parquet files with checksums, whole or not used at all."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from crosslift.stats.pairs import PairCounts

FORMAT = 1
PAIR_COLUMNS = ("first", "second", "n_both", "n_groups", "n_effective", "weight")


@dataclass(frozen=True, slots=True)
class Bought:
    """Baskets of two products or more, customers numbered from 0.

    Attributes
    ----------
    products : list of str
        Sorted names of the items.
    items, offsets : int32, int64
        The baskets.
    customers : int64, shape (baskets,)
        Whose basket it is.
    histories : uint64, shape (customers,)
        Hash of each customer's baskets.
    days : mapping of int to int
        Hash of the baskets of each day since 1970.
    """

    products: list[str]
    items: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    customers: npt.NDArray[np.int64]
    histories: npt.NDArray[np.uint64]
    days: dict[int, int]


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was counted last: baskets, the pairs of an earlier time, and how they have changed since.

    `stamp` names the file the pairs are in; None where they are not written yet.
    """

    bought: Bought
    pairs: PairCounts
    change: PairCounts
    cap_per_group: int
    stamp: list[int] | None


def write_ledger(folder: Path, ledger: Ledger) -> None:
    """Write a ledger in place of the one that is there; a crash between leaves none that is used."""
    folder.mkdir(parents=True, exist_ok=True)
    bought = ledger.bought
    now = [int(bought.histories.sum()), len(bought.items), len(bought.histories), len(ledger.pairs)]
    if ledger.stamp is None:
        _write(folder / "pairs.parquet", _columns(ledger.pairs), {"stamp": now})
    facts: dict[str, Any] = {
        "format": FORMAT,
        "cap_per_group": ledger.cap_per_group,
        "products": bought.products,
        "days": [[day, str(value)] for day, value in sorted(bought.days.items())],
        "stamp": now,
        "pairs": ledger.stamp or now,
    }
    baskets: dict[str, npt.NDArray[Any]] = {
        "size": np.diff(bought.offsets).astype(np.int32),
        "customer": bought.customers,
    }
    _write(folder / "lines.parquet", {"item": bought.items}, {"stamp": now})
    _write(folder / "baskets.parquet", baskets, {"stamp": now})
    _write(folder / "customers.parquet", {"history": bought.histories}, {"stamp": now})
    _write(folder / "change.parquet", _columns(ledger.change), facts)


def read_ledger(folder: Path, cap_per_group: int) -> Ledger | None:
    """Read the last ledger; None where there is none, or it is damaged, of another format or another cap."""
    try:
        change, facts = _read(folder / "change.parquet")
        if facts.get("format") != FORMAT or facts.get("cap_per_group") != cap_per_group:
            return None
        pairs, of_pairs = _read(folder / "pairs.parquet")
        others = [_read(folder / f"{name}.parquet") for name in ("lines", "baskets", "customers")]
        if of_pairs["stamp"] != facts["pairs"] or any(other["stamp"] != facts["stamp"] for _, other in others):
            return None
        lines, baskets, customers = (columns for columns, _ in others)
        bought = Bought(
            facts["products"],
            lines["item"],
            np.concatenate([[0], np.cumsum(baskets["size"], dtype=np.int64)]),
            baskets["customer"],
            customers["history"],
            {day: int(value) for day, value in facts["days"]},
        )
        before, since = (PairCounts(*(columns[name] for name in PAIR_COLUMNS)) for columns in (pairs, change))
        return Ledger(bought, before, since, cap_per_group, facts["pairs"])
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError):
        return None


def _columns(pairs: PairCounts) -> dict[str, npt.NDArray[Any]]:
    return {name: getattr(pairs, name) for name in PAIR_COLUMNS}


def _write(file: Path, columns: dict[str, npt.NDArray[Any]], facts: dict[str, Any]) -> None:
    table = pa.table(columns).replace_schema_metadata({"facts": json.dumps(facts)})
    draft = file.with_suffix(".writing")
    options: dict[str, Any] = {"compression": "lz4", "use_dictionary": False, "write_statistics": False}
    rows = max(table.num_rows, 1)  # one group: a column comes back in one piece
    pq.write_table(table, draft, row_group_size=rows, write_page_checksum=True, **options)
    draft.replace(file)


def _read(file: Path) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    table = pq.ParquetFile(file, page_checksum_verification=True).read()
    facts: dict[str, Any] = json.loads(table.schema.metadata[b"facts"])
    return {name: np.asarray(table.column(name)) for name in table.column_names}, facts
