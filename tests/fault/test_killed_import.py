"""An import killed with -9 in the middle leaves nothing that counts; the same command again ends as if nothing had been."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from crosslift.shop import Shop

TABLES = {
    "orders": "source, order_id, ordered_at, customer_id, channel, market, currency, status",
    "order_lines": "source, order_id, line_id, ordered_at, customer_id, product_id, quantity, unit_price_micros, row_hash",
    "products": "product_id, title, price_micros, kind, is_derived",
    "person_states": "identity, owned, n_orders, last_order_at",
    "identities": "identity, person_id",
}
PATIENCE_SECONDS = 60


def content(home):
    """Every row that counts, without numbers that only say when it came."""
    with sqlite3.connect(home / "records.db") as records:
        found = {}
        for table, columns in TABLES.items():
            counts = " where superseded_by is null and import_id in (select id from imports where state = 'committed')"
            imported = table in ("orders", "order_lines", "products")
            rows = records.execute(f"select {columns} from {table}{counts if imported else ''}").fetchall()
            found[table] = sorted(rows, key=repr)
    records.close()
    return found


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "orders.csv"
    with path.open("w") as stream:
        stream.write("order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency\n")
        for n in range(9_000):
            for j in range(3):
                stream.write(
                    f"o{n},2026-0{1 + n % 9}-1{n % 9}T08:00:00Z,c{n % 700},P{(n * 7 + j * 13) % 90:02},1,4.50,USD\n"
                )
    return path


def kill_in_the_middle(home, orders):
    """Start a collect and kill it outright once rows of a pending import are on disk; return how many there were."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crosslift", "--home", home, "collect", orders],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + PATIENCE_SECONDS
    n_rows = 0
    while n_rows == 0 and process.poll() is None and time.monotonic() < deadline:
        if (home / "records.db").exists():
            records = sqlite3.connect(f"file:{home / 'records.db'}?mode=ro", uri=True)
            try:
                pending = "select count(*) from order_lines where import_id in (select id from imports where state = 'pending')"
                n_rows = records.execute(pending).fetchone()[0]
            except sqlite3.OperationalError:
                n_rows = 0
            finally:
                records.close()
    assert process.poll() is None, "the import ended before it could be killed"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return n_rows


def test_killed_import_leaves_nothing_and_the_next_ends_the_same(orders, tmp_path, run_crosslift):
    home, calm = tmp_path / "killed", tmp_path / "calm"
    assert 0 < kill_in_the_middle(home, orders) < 27_000
    with Shop(home) as shop:
        assert shop.frames.order_lines().num_rows == 0
        assert [record.state for record in shop.records.imports()] == ["pending"]
    run_crosslift("--home", home, "collect", orders, check=0)
    run_crosslift("--home", calm, "collect", orders, check=0)
    assert content(home) == content(calm)
    with Shop(home) as shop:
        assert [record.state for record in shop.records.imports() if record.source != "api"] == [
            "abandoned",
            "committed",
        ]
        assert shop.frames.order_lines().num_rows == 27_000
