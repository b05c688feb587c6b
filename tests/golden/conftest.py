"""The shared real baskets, cleaned and opened once."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import csv

from crosslift.stats.pairs import baskets_of


@dataclass(frozen=True, slots=True)
class Baskets:
    items: np.ndarray
    offsets: np.ndarray
    names: list[str]

    @property
    def counts(self) -> np.ndarray:
        return np.bincount(self.items, minlength=len(self.names))


@pytest.fixture(scope="session")
def groceries(shared: Path) -> Baskets:
    """9,835 baskets of 169 items (SCIENCE 4.1)."""
    rows = (shared / "data/groceries/groceries_baskets.csv").read_text().splitlines()
    baskets = [row.split(",") for row in rows]
    names = sorted({name for basket in baskets for name in basket})
    number = {name: place for place, name in enumerate(names)}
    items = np.array([number[name] for basket in baskets for name in basket])
    return Baskets(items, np.cumsum([0, *map(len, baskets)]), names)


@pytest.fixture(scope="session")
def online_retail_to_100(shared: Path) -> Baskets:
    """Online Retail as SCIENCE 2.1 cleans it, baskets of 1 to 100 distinct items, items in order of code."""
    columns = {
        "InvoiceNo": pa.string(),
        "StockCode": pa.string(),
        "Quantity": pa.int64(),
        "UnitPrice": pa.float64(),
    }
    options = csv.ConvertOptions(include_columns=list(columns), column_types=columns)
    lines = csv.read_csv(shared / "data/online_retail/online_retail.csv.gz", convert_options=options)
    code = pc.utf8_upper(lines["StockCode"])
    kept = pc.and_(
        pc.and_(pc.greater(lines["Quantity"], 0), pc.greater(lines["UnitPrice"], 0)),
        pc.and_(
            pc.match_substring_regex(code, r"^\d{5}[A-Z]{0,2}$"),
            pc.invert(pc.match_substring_regex(lines["InvoiceNo"], "^[CA]")),
        ),
    )
    invoices = lines["InvoiceNo"].filter(kept).to_numpy().astype(str)
    names, item = np.unique(code.filter(kept).to_numpy().astype(str), return_inverse=True)
    numbers, order = np.unique(invoices, return_inverse=True)
    assert (len(invoices), len(numbers), len(names)) == (527_725, 19_773, 3_791)
    items, offsets, _ = baskets_of(order, item)
    return keep_sizes(Baskets(items, offsets, names.tolist()), 1, 100)


@pytest.fixture(scope="session")
def online_retail(online_retail_to_100: Baskets) -> Baskets:
    """The same without baskets of one."""
    baskets = keep_sizes(online_retail_to_100, 2, 100)
    assert baskets.offsets.size - 1 == 17_647
    return baskets


def keep_sizes(baskets: Baskets, smallest: int, largest: int) -> Baskets:
    sizes = np.diff(baskets.offsets)
    fits = (sizes >= smallest) & (sizes <= largest)
    return Baskets(baskets.items[np.repeat(fits, sizes)], np.cumsum([0, *sizes[fits]]), baskets.names)
