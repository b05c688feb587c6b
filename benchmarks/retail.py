"""The real shop of the benchmark: UCI Online Retail (Chen 2015, CC BY 4.0), as lines in memory."""

import csv
import gzip
from pathlib import Path

import numpy as np

from benchmarks import baskets

SOURCE = Path(__file__).resolve().parent.parent.parent / "shared/data/online_retail/online_retail.csv.gz"


def make() -> Path | None:
    """Write order and item of its sales, each item once an order; None where the file is absent."""
    target = baskets.folder() / "retail"
    if (target / "lines.npz").exists():
        return target
    if not SOURCE.exists():
        return None
    orders: dict[str, int] = {}
    items: dict[str, int] = {}
    sold = set()
    with gzip.open(SOURCE, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if not row["InvoiceNo"].startswith(("A", "C")) and float(row["Quantity"]) > 0:
                order = orders.setdefault(row["InvoiceNo"], len(orders))
                sold.add((order, items.setdefault(row["StockCode"], len(items))))
    order, item = np.array(sorted(sold), np.int32).T
    target.mkdir(parents=True, exist_ok=True)
    arrays = {"order": np.ascontiguousarray(order), "item": np.ascontiguousarray(item)}
    np.savez(target / "lines.npz", **arrays, n_orders=len(orders), n_items=len(items))
    return target
