"""The home that is served, made once: 60,000 customers with consents and orders, 50,000 products, 1.6 million relations.

It joins the home of `benchmarks.homes` and the snapshot of `benchmarks.decisions`. Each run works on a copy, on the same disk.
"""

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks import baskets, decisions, homes
from benchmarks.mining import REPO

CUSTOMERS = 60_000
VERSION = 1
"""Counted up with every change of what is made."""
SETTINGS = """[shop]
currency = "EUR"
[profile]
service_cost_per_hour = 30.0
[limits]
key_per_second = 0.0
address_per_second = 0.0
"""
"""No limits: all of the load comes from one address."""
PIECE = 5_000


def place() -> Path:
    """Say where it is, or will be; another one for another schema."""
    return baskets.folder() / f"{homes.place(CUSTOMERS).name.replace('home', 'counter')}.{VERSION}"


def make() -> Path:
    """Give the home, made unless it is there."""
    home = place()
    if not home.exists():
        for command in (["benchmarks.homes", str(CUSTOMERS)], ["benchmarks.decisions", "snapshot"]):
            if command[1] == "snapshot" and decisions.place().exists():
                continue
            subprocess.run([sys.executable, "-m", *command], check=True, cwd=REPO)
        hidden = home.with_name(f".{home.name}")
        for other in (hidden, *home.parent.glob("counter-*")):
            shutil.rmtree(other, ignore_errors=True)
        fill(hidden)
        hidden.rename(home)
    return home


def fill(home: Path) -> None:
    """Join both."""
    from crosslift.settings import VERSION as ENGINE
    from crosslift.shop import Shop
    from crosslift.store import snapshot as snapshots

    shutil.copytree(homes.place(CUSTOMERS), home)
    (home / "shop.toml").write_text(SETTINGS, encoding="utf-8")
    loaded = snapshots.load(decisions.place(), None)
    with Shop(home) as shop:
        products = catalog()
        for begin in range(0, len(products), PIECE):
            shop.put_products(products[begin : begin + PIECE])
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%S}-{now.microsecond:06d}"
        about = {"as_of": 0, "engine_version": ENGINE, "settings": shop.settings.as_dict()}
        digest = snapshots.publish(home / "snapshots", name, loaded.arrays, loaded.texts, about)
        shop.records.save_snapshot({
            "snapshot_id": name, "created_at": int(now.timestamp() * 1e6), "as_of": 0, "engine_version": ENGINE,
            "manifest_hash": digest, "ndcg": None, "state": "published", "report": "{}",
        })  # fmt: skip


def catalog() -> list[dict[str, object]]:
    """Give the products of the snapshot as an API would send them, all of them in stock."""
    table = decisions.products()
    prices = (np.asarray(table.column("price_micros")) / 1e6).tolist()
    costs = (np.asarray(table.column("cost_micros")) / 1e6).tolist()
    named = zip(*(table.column(name).to_pylist() for name in ("product_id", "title", "category", "brand")), strict=True)
    return [
        {
            "product_id": product, "title": title, "category": category, "brand": brand, "price": f"{price:.2f}",
            "cost": f"{cost:.2f}", "currency": "EUR", "stock": 40,
        }
        for (product, title, category, brand), price, cost in zip(named, prices, costs, strict=True)
    ]  # fmt: skip


if __name__ == "__main__":
    print(make())
