"""Events as the tables learning reads."""

import json

import pyarrow as pa
import pytest

from crosslift.collect import behavior
from crosslift.collect.sources import segment
from crosslift.learn.material import Material
from crosslift.store.parts import EVENT_COLUMNS
from crosslift.store.tables import arrow_schema


def events(*happened):
    """Build events as frames give them: (name, identity, product_id, properties)."""
    rows = [
        {"id": n, "name": name, "at": 100 + n, "identity": identity, "product_id": product, "channel": None,
         "decision_id": None, "properties": json.dumps(properties, ensure_ascii=False)}
        for n, (name, identity, product, properties) in enumerate(happened)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, arrow_schema("events", EVENT_COLUMNS))


@pytest.mark.parametrize(
    ("found", "name"),
    [(behavior.views_of, "views"), (behavior.searches_of, "searches"), (behavior.reads_of, "reads")],
)
def test_tables_are_those_that_learning_reads_also_when_empty(found, name):
    wanted = getattr(Material(pa.table({}), pa.table({})), name).schema
    assert found(events()).schema == wanted
    happened = [("Product Viewed", "anonymous:1", "A", {}), ("Products Searched", "anonymous:1", None, {"query": "q"}),
                ("Content Viewed", "anonymous:1", None, {"content_id": "g"})]  # fmt: skip
    assert found(events(*happened)).schema == wanted
    assert found(events(*happened)).num_rows == 1


def test_views_are_of_a_product_by_somebody_in_order():
    found = behavior.views_of(events(
        ("Product Viewed", "customer:c", "B-1", {}), ("Product Viewed", None, "A", {}),
        ("Product Viewed", "customer:c", None, {}), ("Product Added", "customer:c", "A", {}),
        ("Product Viewed", "anonymous:x", "A", {}),
    ))  # fmt: skip
    assert found.to_pylist() == [
        {"identity": "customer:c", "product_id": "B-1", "at": 100}, {"identity": "anonymous:x", "product_id": "A", "at": 104},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "query"),
    [
        ("  Pour Over ", "pour over"), ("ＣＯＦＦＥＥ", "coffee"), ("STRASSE", "strasse"), ("Straße", "strasse"),
        ("드립\u3000포트", "드립 포트"), ("\u1100\u1161", "가"), ("ｺｰﾋｰ", "コーヒー"), ("a\t b\n", "a b"), (250, "250"),
        ("ﬁlter №5", "filter no5"), ("İ", "i̇"),
    ],
)  # fmt: skip
def test_what_means_the_same_is_the_same_query(given, query):
    assert behavior.searches_of(events(("Products Searched", "a", None, {"query": given}))).column(
        "query"
    ).to_pylist() == [query]
    assert behavior.normalized_query(query) == query


@pytest.mark.parametrize("given", ["", "  ", None, True, ["tea"], {"q": "tea"}])
def test_a_search_for_nothing_is_none(given):
    assert behavior.searches_of(events(("Products Searched", "a", None, {"query": given}))).num_rows == 0


def test_searches_by_nobody_and_without_a_query_are_left_out():
    found = behavior.searches_of(
        events(("Products Searched", None, None, {"query": "q"}), ("Products Searched", "a", None, {}))
    )
    assert found.num_rows == 0


def test_reads_are_content_views_and_page_calls_with_a_content_id():
    found = behavior.reads_of(events(
        ("Content Viewed", "a", "KETTLE", {"content_id": "guide-1", "title": " Descaling "}),
        ("page", "a", None, {"content_id": 7, "title": 3}), ("screen", "a", None, {"content_id": "faq"}),
        ("page", "a", None, {"title": "Home"}), ("Content Viewed", None, None, {"content_id": "x"}),
        ("Content Viewed", "a", None, {"content_id": " "}), ("Product Viewed", "a", "A", {"content_id": "x"}),
    ))  # fmt: skip
    assert [tuple(row.values())[1:4] for row in found.to_pylist()] == [
        ("guide-1", "Descaling", "KETTLE"), ("7", "3", None), ("faq", None, None),
    ]  # fmt: skip


def test_calls_of_a_tracker_end_in_these_tables():
    calls = [
        {
            "type": "page",
            "anonymousId": "1",
            "messageId": "a",
            "properties": {"content_id": "g", "title": "T", "sku": "A"},
        },
        {
            "type": "track",
            "event": "Products Searched",
            "userId": "c",
            "messageId": "b",
            "properties": {"query": "Tea"},
        },
        {"type": "track", "event": "Product Viewed", "userId": "c", "messageId": "c", "properties": {"product_id": 7}},
    ]
    messages = segment.decode_lines([(n, json.dumps(call)) for n, call in enumerate(calls, 1)], "f")
    names = (
        "message_hash",
        "name",
        "at",
        "received_at",
        "identity",
        "product_id",
        "channel",
        "decision_id",
        "properties",
    )
    rows = [dict(zip(names, row, strict=True)) for row in segment.to_rows(messages, 5, "f")]
    happened = pa.Table.from_pylist(
        [{"id": n, **row} for n, row in enumerate(rows)], arrow_schema("events", EVENT_COLUMNS)
    )
    assert behavior.reads_of(happened).to_pylist() == [
        {"identity": "anonymous:1", "content_id": "g", "title": "T", "product_id": "A", "at": 5}
    ]
    assert behavior.searches_of(happened).column("query").to_pylist() == ["tea"]
    assert behavior.views_of(happened).column("product_id").to_pylist() == ["7"]


def test_what_was_downloaded_was_read():
    found = behavior.reads_of(
        events(("Content Downloaded", "customer:c", "A", {"content_id": "ebook", "title": "Roasting"}))
    )
    assert found.to_pylist() == [
        {"identity": "customer:c", "content_id": "ebook", "title": "Roasting", "product_id": "A", "at": 100}
    ]


def test_traits_are_of_people_and_of_their_accounts():
    found = behavior.traits_of(events(
        ("identify", "customer:c", None, {"traits": {"skin": "dry", "age": 31}}), ("Product Viewed", "customer:c", "A", {}),
        ("group", "customer:c", None, {"group_id": "acme", "traits": {"industry": "tools"}}),
        ("identify", None, None, {"traits": {"skin": "oily"}}), ("identify", "anonymous:a", None, {"traits": "odd"}),
    ))  # fmt: skip
    assert found.schema == behavior.TRAITS
    assert found.to_pylist() == [
        {"identity": "customer:c", "account_id": None, "traits": '{"age":31,"skin":"dry"}', "at": 100},
        {"identity": "customer:c", "account_id": "acme", "traits": '{"industry":"tools"}', "at": 102},
        {"identity": "anonymous:a", "account_id": None, "traits": "{}", "at": 104},
    ]
