"""A collect that dies at any single point is invisible or whole, and the same collect again ends as if nothing had been."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

MEMORY = "/dev/shm"  # noqa: S108 - a folder of our own is made in it
HEADER = "order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency,title,updated_at\n"
BEFORE = "".join(
    f"{n},2024-01-0{1 + n % 5},c{n % 3},P{j},2,5,USD,Thing {j},2024-01-01\n" for n in range(6) for j in range(3)
)
ORDERS = "".join(
    f"{n},2024-01-0{1 + n % 7},c{n % 4},P{j},1,5,USD,Thing {j},2024-02-01\n" for n in range(4, 9) for j in range(4)
)
RETURNS = "order_id,product_id,quantity,returned_at\n" + "".join(f"{n},P1,1,2024-01-09\n" for n in range(3))
EVENTS = "".join(
    json.dumps(
        {"event": "Product Viewed", "userId": "c1", "messageId": f"m{n}", "timestamp": f"2024-01-01T00:00:0{n}Z"}
    )
    + "\n"
    for n in range(5)
)
LINKS = "from_id,to_id,kind,action,reason,author\nP0,P1,complement,ban,recall,jo\nP1,P2,fits,,,\n"
BUNDLES = "bundle_id,product_id,kind,price,currency\nS,P0,fixed,9,USD\nS,P1,,,\nT,P1,look,,\nT,P2,,,\n"
SUBSCRIPTIONS = (
    "subscription_id,customer_id,product_id,status,started_at\ns1,c1,P0,active,2024-01-01\ns2,c9,P1,ended,2023-01-01\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Memory where there is some: death by signal loses nothing there that a disk would keep, and syncing costs nothing."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path_factory.mktemp("crash")
        return
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def told(folder, repo):
    files = {
        "before.csv": HEADER + BEFORE,
        "orders.csv": HEADER + ORDERS,
        "returns.csv": RETURNS,
        "events.jsonl": EVENTS,
        "links.csv": LINKS,
        "bundles.csv": BUNDLES,
        "subscriptions.csv": SUBSCRIPTIONS,
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    done = subprocess.run(
        [sys.executable, repo / "tests/fault/crash_points_driver.py", folder, *(folder / name for name in files)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3_000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_every_point_really_was_a_death(told):
    assert len(told["points"]) > 30
    assert all(point["died"] for point in told["points"])


def test_right_after_a_death_each_file_is_seen_whole_or_not_at_all(told):
    assert told["before"] != told["calm"]
    for point in told["points"]:
        for dataset, n_rows in point["visible"].items():
            assert n_rows in (told["before"][dataset], told["calm"][dataset]), point


UNDERIVED = ["product_live", "products"]


def test_the_same_collect_again_ends_as_if_nothing_had_been(told):
    assert {p["point"]: p["other"] for p in told["points"] if p["other"] not in ([], UNDERIVED)} == {}


def test_products_of_new_orders_are_derived_after_a_death_just_before(told):
    assert [p["point"] for p in told["points"] if p["other"] == UNDERIVED] == []
