"""The files: canonical columns, same bytes for the same seed, and every planted trap in its place."""

import csv
import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from crosslift.testing.demo import CATALOG, DemoFiles, named_people, write
from crosslift.testing.demo.files import paths
from crosslift.testing.demo.stories import TRAP_PAIR

INSTANT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")
Rows = list[dict[str, str]]


def _rows(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def orders(demo: DemoFiles) -> Rows:
    return _rows(demo.orders)


@pytest.fixture(scope="module")
def returns(demo: DemoFiles) -> Rows:
    return _rows(demo.returns)


@pytest.fixture(scope="module")
def events(demo: DemoFiles) -> list[dict]:
    return [json.loads(line) for line in demo.events.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def views(events: list[dict]) -> list[dict]:
    return [event for event in events if event["event"] == "Product Viewed"]


def test_same_seed_gives_same_bytes(tmp_path: Path) -> None:
    one, same, other = (write(tmp_path / name, seed, 2_000) for name, seed in (("a", 5), ("b", 5), ("c", 6)))
    files = sorted(path.relative_to(one.folder) for path in one.folder.rglob("*") if path.is_file())
    assert len(files) > 200
    for name in files:
        assert (one.folder / name).read_bytes() == (same.folder / name).read_bytes(), name
    assert one.orders.read_bytes() != other.orders.read_bytes()
    assert paths(one.folder).orders == one.orders


def test_too_small_a_shop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 500 orders"):
        write(tmp_path, n_orders=499)


def test_progress_is_told_and_ends_at_one(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    write(tmp_path, n_orders=500, on_progress=lambda step, done: told.append((step, done)))
    assert told[-1] == ("done", 1.0)
    assert [done for _, done in told] == sorted(done for _, done in told)


def test_sizes_are_those_of_the_promise(demo: DemoFiles, orders: Rows) -> None:
    assert demo.counts["orders"] == len({row["order_id"] for row in orders}) == 40_000
    assert demo.counts["customers"] == 9_000
    assert 250_000 <= demo.counts["events"] <= 350_000
    assert demo.counts["lines"] == len(orders)
    assert all(path.exists() for path in demo.importable)


def test_files_end_lines_with_a_newline_alone(demo: DemoFiles) -> None:
    for path in demo.importable:
        raw = path.read_bytes()
        assert raw.endswith(b"\n")
        assert b"\r" not in raw
        assert not raw.startswith(b"\xef\xbb\xbf")


def test_orders_are_clean_but_for_the_mess(orders: Rows) -> None:
    sold = {item.product_id for item in CATALOG}
    for row in orders[::7]:
        assert INSTANT.fullmatch(row["ordered_at"])
        assert row["product_id"] in sold
        assert not row["variant_id"] or row["variant_id"].startswith(row["product_id"] + "-")
        assert row["currency"] == "KRW"
        assert int(row["unit_price"]) > 0 <= int(row["discount"])
    assert [row["ordered_at"] for row in orders] == sorted(row["ordered_at"] for row in orders)
    assert orders[-1]["ordered_at"] < "2026-11-01"


def test_mess_of_the_till_is_there(orders: Rows) -> None:
    lines = Counter((row["order_id"], row["line_id"]) for row in orders)
    twice = [key for key, n in lines.items() if n == 2]
    assert 200 < len(twice) < 800
    assert len({tuple(row.values()) for row in orders}) == len(lines)
    negative = [row for row in orders if int(row["quantity"]) < 0]
    assert len(negative) > 100
    assert {row["status"] for row in negative} == {"cancelled"}
    cancelled = {row["order_id"] for row in orders if row["status"] == "cancelled" and int(row["quantity"]) > 0}
    assert 0.008 < len(cancelled) / 40_000 < 0.016
    assert sum(not row["customer_id"] for row in orders) > 1_000
    assert {row["channel"] for row in orders if not row["customer_id"]} == {"till"}


def test_a_line_taken_back_matches_an_earlier_line(orders: Rows) -> None:
    sold: dict[tuple[str, str], int] = defaultdict(int)
    for row in {tuple(row.items()) for row in orders}:
        line = dict(row)
        sold[line["order_id"], line["product_id"]] += int(line["quantity"])
    assert min(sold.values()) == 0


def test_voltage_follows_the_market(orders: Rows) -> None:
    volts = {"KR": "220V", "JP": "100V", "US": "120V"}
    kettles = [row for row in orders if row["product_id"] == "KTL-EL-800"]
    assert len(kettles) > 100
    assert all(row["variant_id"] == f"KTL-EL-800-{volts[row['market']]}" for row in kettles)


def test_products_carry_titles_attributes_and_variants(demo: DemoFiles) -> None:
    rows = {row["product_id"]: row for row in _rows(demo.products)}
    white = rows["DRP-V60-02-WHT"]
    assert white["parent_id"] == "DRP-V60-02"
    assert white["title_ko"] == "원추형 드리퍼 02 도자기 (화이트)"
    assert white["title_ja"] == "円すいドリッパー 02 陶器（ホワイト）"
    facts = json.loads(white["attributes"])
    assert facts["filter_size"] == json.loads(rows["FLT-02"]["attributes"])["filter_size"] == "cone-02"
    assert {"price_JPY", "price_USD"} <= set(facts)
    assert sum(not row["price"] for row in rows.values()) >= 3
    assert sum(row["active"] == "false" for row in rows.values()) >= 4
    assert {row["parent_id"] for row in rows.values()} - {""} <= set(rows)
    pictures = {path.name for path in demo.pictures.iterdir()}
    assert {Path(row["image"]).name for row in rows.values()} - {""} == pictures


def test_returns_belong_to_lines_and_one_grinder_comes_back(orders: Rows, returns: Rows) -> None:
    lines = {(row["order_id"], row["line_id"]): row for row in orders if row["status"] == "placed"}
    for row in returns:
        sold = lines[row["order_id"], row["line_id"]]
        assert sold["product_id"] == row["product_id"]
        assert sold["ordered_at"] < row["returned_at"] < "2026-11-01"
    sold_of = Counter(row["product_id"] for row in lines.values())
    back_of = Counter(row["product_id"] for row in returns)
    assert len(returns) / len(lines) == pytest.approx(0.04, abs=0.012)
    assert back_of["GRD-E-QUIET"] / sold_of["GRD-E-QUIET"] == pytest.approx(0.19, abs=0.06)
    wrong = [row for row in returns if row["reason"] == "wrong_size" and row["product_id"] == "FLT-01"]
    assert len(wrong) >= 4


def test_named_people_have_their_stories(demo: DemoFiles, orders: Rows, returns: Rows, views: list[dict]) -> None:
    customers = {row["customer_id"]: row for row in _rows(demo.customers)}
    assert len(customers) == 9_000
    for person in named_people():
        assert json.loads(customers[person.customer_id]["traits"])["name"] == person.name
        assert customers[person.customer_id]["market"] == person.market
    filters = [
        row["ordered_at"][:10] for row in orders if (row["customer_id"], row["product_id"]) == ("C-MINJI", "FLT-02")
    ]
    assert len(filters) == 13
    assert filters[-1] == "2026-09-26"
    assert not [row for row in orders if row["customer_id"] == "C-SATO"]
    assert {view["properties"]["product_id"] for view in views if view.get("userId") == "C-SATO"} > {
        "KTL-EL-800",
        "KTL-EL-900",
    }
    alex = {row["order_id"] for row in orders if row["customer_id"] == "C-ALEX"}
    assert len(alex) == sum(row["order_id"] in alex for row in returns) == 16
    assert sum(row["customer_id"] == "C-SEOJUN" for row in orders) > 20


def test_consent_is_only_what_somebody_gave(demo: DemoFiles) -> None:
    rows = _rows(demo.consents)
    assert {row["purpose"] for row in rows} == {"personalization", "marketing"}
    assert {row["status"] for row in rows} == {"granted", "denied", "withdrawn"}
    assert all(row["source"] and row["wording"] and INSTANT.fullmatch(row["at"]) for row in rows)
    assert len({row["customer_id"] for row in rows}) < 8_500
    mine = [row["status"] for row in rows if row["customer_id"] == "C-SEOYEON"]
    assert mine.count("granted") == mine.count("withdrawn") == 3
    assert not [row for row in rows if row["customer_id"] == "C-SATO"]


def test_traps_are_set(orders: Rows) -> None:
    baskets: dict[str, set[str]] = defaultdict(set)
    buyer: dict[str, str] = {}
    for row in orders:
        baskets[row["order_id"]].add(row["product_id"])
        buyer[row["order_id"]] = row["customer_id"]
    trapped = Counter(buyer[order_id] for order_id, basket in baskets.items() if set(TRAP_PAIR) <= basket)
    assert trapped.most_common(1) == [("B-0002", 60)]
    busiest = Counter(buyer.values())
    bot, n_orders = next((customer, n) for customer, n in busiest.most_common() if customer)
    assert n_orders == 640
    assert len({row["ordered_at"][:10] for row in orders if row["customer_id"] == bot}) <= 3
    assert sum({"DRP-V60-02", "FLT-01"} <= basket for basket in baskets.values()) == 10


def test_events_speak_segment_in_order_of_time(events: list[dict]) -> None:
    assert {event["type"] for event in events} == {"track"}
    counts = Counter(event["event"] for event in events)
    assert set(counts) == {"Product Viewed", "Products Searched", "Content Viewed"}
    assert counts["Products Searched"] > 8_000
    assert counts["Content Viewed"] > 5_000
    assert len({event["messageId"] for event in events}) == len(events)
    assert {event["context"]["channel"] for event in events} == {"web", "app"}
    assert [event["timestamp"] for event in events] == sorted(event["timestamp"] for event in events)


def test_views_hold_a_crawler(views: list[dict]) -> None:
    devices = Counter(view["anonymousId"] for view in views)
    assert devices.most_common(1)[0][1] == 3_000
    known = sum("userId" in view for view in views)
    assert 0.2 < known / len(views) < 0.8


def test_the_two_kettles_are_viewed_together_and_never_bought_together(orders: Rows, views: list[dict]) -> None:
    sessions: dict[tuple[str, str], set[str]] = defaultdict(set)
    for view in views:
        sessions[view["anonymousId"], view["timestamp"][:10]].add(view["properties"]["product_id"])
    pair, plain = {"KTL-EL-800", "KTL-EL-900"}, {"KTL-EL-800", "KTL-GN-900"}
    together = sum(pair <= seen for seen in sessions.values())
    assert together > 3 * sum(plain <= seen for seen in sessions.values()) > 0
    baskets: dict[str, set[str]] = defaultdict(set)
    for row in orders:
        if not row["customer_id"].startswith("C-08999"):
            baskets[row["order_id"]].add(row["product_id"])
    assert sum(pair <= basket for basket in baskets.values()) <= 1


def test_the_old_till_speaks_cp949_apart_from_the_import(demo: DemoFiles) -> None:
    raw = demo.till.read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    assert raw.decode("cp949").startswith("주문번호,주문일시")
    assert demo.till not in demo.importable
    assert demo.till.parent != demo.folder
