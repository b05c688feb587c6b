"""Run a collect once for every point at which it can die, then again undisturbed; print what became of each as JSON.

Points: before and after each commit, after each file gets its name. Each run is a fork that kills itself with -9.
"""

import json
import os
import shutil
import signal
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

import crosslift.shop
from crosslift.store import parts
from crosslift.store.sqlite import SqliteRecords

TABLES = {
    "orders": "source, order_id, ordered_at, customer_id, channel, market, currency, status",
    "order_lines": "source, order_id, line_id, ordered_at, customer_id, product_id, quantity, unit_price_micros, updated_at",
    "returns": "source, order_id, line_id, product_id, quantity, returned_at",
    "products": "product_id, title, price_micros, kind, kind_source, is_derived",
    "events": "message_hash, name, at, identity",
    "links": "from_id, to_id, kind, action, reason",
    "bundles": "bundle_id, product_id, kind, price_micros, row_hash",
    "subscriptions": "subscription_id, customer_id, product_id, status",
}
PLAIN = {
    "person_states": "identity, owned, n_orders, last_order_at",
    "identities": "identity, person_id",
    "product_live": "product_id, price_micros, stock, is_active, is_sellable",
    "parts": "dataset, day, n_rows, is_dirty",
    "message_ids": "message_hash",
}


def opened(home):
    return crosslift.shop.Shop(
        home, {"cleaning.bot_orders_per_day": 50}, clock=lambda: datetime(2024, 6, 1, tzinfo=UTC)
    )


def content(home):
    """Every row that counts, without the numbers that only say when it came."""
    with opened(home) as shop:
        read = shop.records._reader().execute
        counts = "where superseded_by is null and import_id in (select id from imports where state = 'committed')"
        found = {name: read(f"select {columns} from {name} {counts}").fetchall() for name, columns in TABLES.items()}
        found |= {name: read(f"select {columns} from {name}").fetchall() for name, columns in PLAIN.items()}
        found["copies"] = [tuple(row.values()) for row in shop.frames.order_lines().drop(["id"]).to_pylist()]
        found["subscriptions copied"] = [
            tuple(row.values()) for row in shop.frames.subscriptions().drop(["id"]).to_pylist()
        ]
        found["events seen"] = shop.frames.events().column("at").to_pylist()
        return {name: sorted(map(repr, rows)) for name, rows in found.items()}


def visible(home):
    """How many rows count right after the crash, before anything mends it."""
    with opened(home) as shop:
        return {
            name: shop.records.table(name, ["id"]).num_rows
            for name in ("order_lines", "returns", "products", "events", "links", "bundles", "subscriptions")
        } | {"change number moved": shop.records.links_changed_since(0)}


def dying(point):
    """Kill this process at the given point; count the points for 0."""
    passed = [0]

    def step():
        passed[0] += 1
        if passed[0] == point:
            os.kill(os.getpid(), signal.SIGKILL)

    commit, write = SqliteRecords._commit_group, parts.write_part

    def commit_group(self, connection, batch):
        step()
        commit(self, connection, batch)
        step()

    def write_part(*arguments):
        name = write(*arguments)
        step()
        return name

    SqliteRecords._commit_group, parts.write_part = commit_group, write_part
    return passed


def forked(work, *arguments):
    """Run in a fork; give its answer, or None where it was killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = json.dumps(work(*arguments)).encode()
            with os.fdopen(writer, "wb") as stream:
                stream.write(answer)
        except BaseException:  # noqa: BLE001 - a fork must never run on into its parent's code
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        answer = stream.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL):
        raise SystemExit(f"a run ended with {status}")
    return json.loads(answer) if status == 0 else None


def collect(home, files, point=None):
    passed = dying(point) if point is not None else [0]
    with opened(home) as shop:
        shop.collect(*files)
    return passed[0]


def mend(home, files):
    """Look at what the crash left, collect again, look at the end."""
    seen = visible(home)
    collect(home, files)
    return seen, content(home)


def main(base, before, files):
    start = base / "start"
    forked(collect, start, [before])
    calm = base / "calm"
    shutil.copytree(start, calm)
    n_points = forked(collect, calm, files, 0)
    told = {"before": forked(visible, start), "calm": forked(visible, calm), "points": []}
    expected = forked(content, calm)
    for point in range(1, n_points + 1):
        home = base / f"point-{point}"
        shutil.copytree(start, home)
        died = forked(collect, home, files, point) is None
        seen, found = forked(mend, home, files)
        other = sorted(name for name in expected if found[name] != expected[name])
        told["points"].append({"point": point, "died": died, "visible": seen, "other": other})
        shutil.rmtree(home)
    print(json.dumps(told))


main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
