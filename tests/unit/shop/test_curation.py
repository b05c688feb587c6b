"""What the merchant writes by hand: put, listed as it can be put again, taken back."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from crosslift.errors import BadInput, NotFound
from crosslift.learn.material import Material
from crosslift.settings import Settings
from crosslift.shop import curation
from crosslift.store.duckdb import DuckdbFrames
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.records_rows import bring, row

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SETTINGS = Settings.load(environment={})
BAN = {"from_id": "A", "to_id": "B", "kind": "fits", "action": "ban", "reason": "melts", "author": "jo", "market": "KR",
       "expires_at": "2026-04-01T00:00:00.000001+00:00", "value": "x", "attributes": {"n": "1"}}  # fmt: skip
SET = [
    {"bundle_id": "S", "product_id": "A", "kind": "mix", "discount_percent": 12.5, "title": "Set", "title_ko": "세트",
     "min_parts": 2, "active": False, "role": "pot"},
    {"bundle_id": "S", "product_id": "B", "quantity": 2},
]  # fmt: skip


@pytest.fixture
def records(tmp_path):
    store = SqliteRecords(tmp_path / "records.db")
    bring(store, "products", (row("products"),))
    yield store
    store.close()


def put(records, *links, now=NOW):
    return curation.put_links(records, SETTINGS, now, links)


def test_what_is_listed_can_be_put_again_and_is_the_same(records):
    assert put(records, BAN) == {"new": 1, "replaced": 0, "same": 0, "conflicts": [], "unknown": ["B"]}
    page = curation.list_links(records, NOW)
    assert page == {"links": [BAN], "next": None}
    assert put(records, *page["links"])["same"] == 1
    curation.put_bundles(records, SETTINGS, NOW, SET)
    bundles = curation.list_bundles(records)["bundles"]
    assert bundles[1] == {"bundle_id": "S", "product_id": "B", "quantity": 2, "kind": "mix", "discount_percent": 12.5,
                          "title": "Set", "title_ko": "세트", "min_parts": 2, "active": False}  # fmt: skip
    assert curation.put_bundles(records, SETTINGS, NOW, bundles)["same"] == 2


def test_amounts_are_listed_exactly(records):
    sent = [{"bundle_id": "S", "product_id": p, "kind": "fixed", "price": "49.90", "currency": "USD"} for p in "AB"]
    curation.put_bundles(records, SETTINGS, NOW, sent)
    assert {part["price"] for part in curation.list_bundles(records)["bundles"]} == {"49.9"}


def test_expired_links_are_not_listed(records):
    put(records, BAN)
    assert curation.list_links(records, NOW + timedelta(days=40))["links"] == []


def test_pages_follow_each_other_without_gaps(records):
    put(records, *({"from_id": "A", "to_id": f"B{n}", "kind": "fits"} for n in range(7)))
    ends, after = [], 0
    while after is not None:
        page = curation.list_links(records, NOW, after, 3)
        ends.append([link["to_id"] for link in page["links"]])
        after = page["next"]
    assert ends == [["B0", "B1", "B2"], ["B3", "B4", "B5"], ["B6"]]


def test_a_page_never_cuts_a_bundle(records):
    for name in "STU":
        curation.put_bundles(
            records, SETTINGS, NOW, [{"bundle_id": name, "product_id": p, "kind": "look"} for p in ("A", "B", "C")]
        )
    page = curation.list_bundles(records, 0, 4)
    assert [part["bundle_id"] for part in page["bundles"]] == list("SSSTTT")
    rest = curation.list_bundles(records, page["next"], 4)
    assert ([part["bundle_id"] for part in rest["bundles"]], rest["next"]) == (list("UUU"), None)


def test_a_removed_link_stays_gone_when_an_older_export_comes_again(records):
    newest = {**BAN, "updated_at": (NOW + timedelta(days=2)).isoformat()}
    put(records, newest)
    curation.remove_link(records, SETTINGS, NOW, "A", "B", "fits")
    older = {**BAN, "updated_at": (NOW + timedelta(days=1)).isoformat()}
    assert put(records, older)["same"] == 1
    assert put(records, {**older, "reason": "smells"})["conflicts"] == ["A / B / fits"]
    assert curation.list_links(records, NOW)["links"] == []
    assert put(records, BAN)["replaced"] == 1


@pytest.mark.parametrize("again", [True, False])
def test_only_a_link_that_stands_can_be_removed(records, again):
    if again:
        put(records, BAN)
        curation.remove_link(records, SETTINGS, NOW, "A", "B", "fits")
    with pytest.raises(NotFound, match="no fits link from 'A' to 'B'; GET /v1/links lists those that stand"):
        curation.remove_link(records, SETTINGS, NOW, "A", "B", "fits")


def test_a_wrong_batch_keeps_nothing(records):
    with pytest.raises(BadInput, match=r"links\[1\], author"):
        put(records, BAN, {**BAN, "to_id": "C", "author": ""})
    with pytest.raises(BadInput, match=r"bundles\[0\], product_id: bundle 'S' has one part"):
        curation.put_bundles(records, SETTINGS, NOW, SET[:1])
    assert curation.list_links(records, NOW)["links"] == curation.list_bundles(records)["bundles"] == []


def test_everything_that_names_products_is_gathered_for_the_quality_report(records, tmp_path):
    put(records, BAN)
    bring(records, "subscriptions", (row("subscriptions"),))
    bring(records, "usage", (row("usage"), row("usage", product_id="CAR")))
    named = curation.references(records, DuckdbFrames(records, tmp_path / "parts"), NOW)
    assert named.held == ["A", "CAR", "PLAN"]
    assert named.live.column("product_id").to_pylist() == ["A"]
    assert (named.links.num_rows, named.bundles.num_rows) == (1, 0)


def test_what_is_stored_is_what_learning_reads(records, tmp_path):
    frames = DuckdbFrames(records, tmp_path / "parts")
    wanted = Material(pa.table({}), pa.table({}))
    given = {
        "links": records.links(0)[1], "bundles": records.bundles()[1], "subscriptions": frames.subscriptions(),
        "usage": frames.usage(),
    }  # fmt: skip
    for name, table in given.items():
        schema = getattr(wanted, name).schema
        assert table.select(schema.names).schema == schema, name
