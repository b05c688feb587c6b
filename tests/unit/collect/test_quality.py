"""The quality report: a seeded dirty feed yields exactly the expected findings (capability C10)."""

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from crosslift.collect.cleaning import clean
from crosslift.collect.findings import Finding, ImportReport, Severity
from crosslift.collect.quality import by_severity, examine
from crosslift.collect.references import References
from crosslift.store.tables import arrow_schema

NOW = datetime(2024, 6, 1, tzinfo=UTC)
HOUR = 3_600_000_000


@pytest.fixture
def report(make):
    """Examine what is written by hand."""

    def run(lines=(), products=(), events=(), reports=(), returns=(), named=None, **settings):
        chosen = make.settings_of(**settings)
        tables = make.lines_of(*lines), make.products_of(*products)
        cleaned = clean(tables[0], make.returns_of(*returns), tables[1], chosen)
        happened = pa.Table.from_pylist(list(events), arrow_schema("events", ["at", "identity"]))
        return examine(tables[0], cleaned, tables[1], happened, list(reports), chosen, NOW, named)

    return run


def counts(found):
    return {finding.code: finding.count for finding in found.findings}


def one(found, code):
    return next(finding for finding in found.findings if finding.code == code)


CATALOG = [{"product_id": code} for code in ("P", "Q", "R")]


def pair(order, **given):
    return [{"order_id": order, "product_id": code, **given} for code in ("P", "Q")]


CLEAN = [line for n in range(30) for line in pair(str(n), customer_id=f"c{n}", day=n)]


def test_a_clean_feed_has_no_findings(report):
    assert counts(report(CLEAN, CATALOG)) == {}


# one harm at a time: each yields its own finding and no other

HARMS = {
    "missing_price": ({"products": [{"product_id": "X", "price_micros": None}]}, 1, Severity.ERROR),
    "missing_cost": ({"products": [{"product_id": "X", "cost_micros": None}]}, 1, Severity.NOTE),
    "missing_picture": ({"products": [{"product_id": "X", "image": None}]}, 1, Severity.WARNING),
    "unknown_stock": ({"products": [{"product_id": "X", "stock": None}]}, 1, Severity.NOTE),
    "missing_category": ({"products": [{"product_id": "X", "category": None}]}, 1, Severity.NOTE),
    "no_catalog": ({"products": [{"product_id": "X", "is_derived": True}]}, 1, Severity.NOTE),
    "inferred_non_product": (
        {"products": [{"product_id": "X", "kind": "fee", "kind_source": "inferred", "kind_reason": "title says 'fee'"}]},
        1, Severity.WARNING,
    ),
    "orphan_products": ({"lines": [{"order_id": "x", "product_id": "unknown"}]}, 1, Severity.WARNING),
    "clock_skew": ({"lines": [{"order_id": "x", "day": 500}, {"order_id": "y", "day": -15_000}]}, 2, Severity.ERROR),
    "missing_unit_price": ({"lines": [{"order_id": "x", "unit_price_micros": None}]}, 1, Severity.WARNING),
    "several_currencies": ({"lines": [{"order_id": "x", "currency": "KRW"}]}, 2, Severity.WARNING),
    "duplicate_lines": ({"lines": [*pair("x"), *pair("x"), *pair("y", day=3)]}, 2, Severity.WARNING),
    "duplicate_orders": (
        {"lines": [*pair("x", customer_id="twin", day=3), *pair("y", customer_id="twin", day=3, minute=5)]}, 1, Severity.WARNING,
    ),
    "orders_told_twice": ({"lines": [{"order_id": "3", "source": "events", "minute": 9}]}, 1, Severity.ERROR),
    "wholesale_baskets": (
        {"lines": [{"order_id": "x", "product_id": "PQR"[n % 3], "line_id": str(n)} for n in range(3)],
         "learn.max_basket_items": 2}, 1, Severity.NOTE,
    ),
    "set_apart_test": ({"lines": [{"order_id": "x", "status": "test"}]}, 1, Severity.NOTE),
    "set_apart_adjustment": ({"lines": [{"order_id": "x", "status": "adjustment"}]}, 1, Severity.NOTE),
    "set_apart_zero_price": ({"lines": [{"order_id": "x", "unit_price_micros": 0}]}, 1, Severity.NOTE),
    "set_apart_bot": (
        {"lines": [{"order_id": f"x{n}", "customer_id": "bot", "minute": n * 10} for n in range(4)], "bot_orders_per_day": 3},
        4, Severity.WARNING,
    ),
    "set_apart_non_product": (
        {"products": [{"product_id": "POST", "kind": "shipping"}], "lines": [{"order_id": "x", "product_id": "POST"}]},
        1, Severity.NOTE,
    ),
    "bot_sessions": (
        {"events": [{"at": n, "identity": "anonymous:b"} for n in range(11)] + [{"at": 0, "identity": "customer:c"}],
         "bot_events_per_hour": 10}, 1, Severity.WARNING,
    ),
    "events_in_future": ({"events": [{"at": int(NOW.timestamp() + 90_000) * 1_000_000, "identity": "a"}]}, 1, Severity.WARNING),
    "conflict": (
        {"reports": [json.dumps({"findings": [{
            "code": "conflict", "severity": "error", "count": 2, "message": "2 rows came again", "effect": "e", "remedy": "r",
            "samples": ["a"]}]})]}, 2, Severity.ERROR,
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", HARMS)
def test_each_harm_yields_exactly_its_own_finding(report, code):
    harm, count, severity = HARMS[code]
    others = {name: value for name, value in harm.items() if name not in ("lines", "products")}
    found = report([*CLEAN, *harm.get("lines", [])], [*CATALOG, *harm.get("products", [])], **others)
    assert counts(found) == {code: count}
    finding = one(found, code)
    assert finding.severity == severity
    assert finding.message
    assert finding.effect
    assert finding.remedy


def test_a_seeded_dirty_feed_yields_exactly_the_expected_findings(report):
    lines = [
        *CLEAN,
        *(line for n in range(5) for line in pair(f"dup{n}", customer_id="d", day=40, minute=n)),  # 5 alike within 4 minutes
        *pair("rep", day=41), *pair("rep", day=41), *pair("rep", day=41),  # 4 lines repeated
        *({"order_id": f"bot{n}", "customer_id": "bot", "day": 42, "minute": 7 * n} for n in range(7)),
        {"order_id": "future", "day": 400, "customer_id": "f"}, {"order_id": "past", "day": -13_000, "customer_id": "f"},
        *({"order_id": f"orphan{n}", "product_id": f"gone{n % 2}", "day": 43 + n} for n in range(3)),
        {"order_id": "free", "unit_price_micros": 0, "day": 50}, {"order_id": "unpriced", "unit_price_micros": None, "day": 51},
        {"order_id": "C1", "quantity": -1, "status": "cancelled", "customer_id": "c0", "day": 52},  # off order 0
        {"order_id": "C2", "quantity": -1, "status": "cancelled", "customer_id": "nobody", "day": 52},
        {"order_id": "A1", "status": "adjustment", "day": 53}, {"order_id": "ship", "product_id": "POST", "day": 54},
    ]  # fmt: skip
    products = [
        *CATALOG, {"product_id": "S1", "price_micros": None, "cost_micros": None, "image": None},
        {"product_id": "S2", "image": None}, {"product_id": "S3", "stock": None, "category": None},
        {"product_id": "POST", "kind": "shipping", "price_micros": None},
    ]  # fmt: skip
    events = [
        {"at": hour * HOUR + n, "identity": f"anonymous:{'bot' if n < 30 else n}"} for hour in (0, 1) for n in range(40)
    ]
    found = report(lines, products, events, bot_orders_per_day=6, bot_events_per_hour=20)
    assert counts(found) == {
        "missing_price": 1, "missing_cost": 1, "missing_picture": 2, "unknown_stock": 1, "missing_category": 1,
        "duplicate_orders": 4, "duplicate_lines": 4, "set_apart_bot": 7, "clock_skew": 2, "orphan_products": 2,
        "set_apart_zero_price": 1, "missing_unit_price": 1, "set_apart_cancellation": 2, "set_apart_cancelled": 1,
        "unmatched_cancellations": 1, "set_apart_adjustment": 1, "set_apart_non_product": 1, "bot_sessions": 1,
    }  # fmt: skip
    assert one(found, "duplicate_orders").samples == ("dup1", "dup2", "dup3")
    assert one(found, "orphan_products").samples == ("gone0", "gone1")
    assert one(found, "clock_skew").samples == ("order future: P", "order past: P")
    assert one(found, "bot_sessions").samples == ("anonymous:bot",)
    assert one(found, "missing_price").samples == ("S1 TS1",)
    assert one(found, "set_apart_bot").samples == ("order bot0: P", "order bot1: P", "order bot2: P")


def test_findings_come_worst_first_then_largest(report):
    harmed = [{"product_id": f"X{n}", "image": None} for n in range(3)]
    harmed += [{"product_id": "Y", "cost_micros": None}, {"product_id": "Z", "price_micros": None}]
    found = report([*CLEAN, {"order_id": "f", "day": 500}], [*CATALOG, *harmed])
    assert [(f.severity, f.code) for f in found.findings] == [
        ("error", "clock_skew"), ("error", "missing_price"), ("warning", "missing_picture"), ("note", "missing_cost"),
    ]  # fmt: skip
    grouped = by_severity(found.findings)
    assert list(grouped) == ["error", "warning", "note"]
    assert [f.code for f in grouped["error"]] == ["clock_skew", "missing_price"]


def test_non_products_need_neither_price_nor_picture(report):
    bare = {"price_micros": None, "cost_micros": None, "stock": None}
    found = report(CLEAN, [*CATALOG, {"product_id": "POST", "kind": "shipping", **bare}])
    assert counts(found) == {}


def test_lines_with_ids_of_their_own_are_no_repeats(report):
    repeated = [*pair("x", has_line_id=True), *pair("x", has_line_id=True, line_id="2")]
    assert counts(report([*CLEAN, *repeated], CATALOG)) == {}


@pytest.mark.parametrize(
    ("other", "count"),
    [
        ({}, 1), ({"minute": 5}, 1), ({"source": "till"}, 1), ({"minute": 6}, 0), ({"customer_id": "another"}, 0),
        ({"customer_id": None}, 0), ({"quantity": 2}, 0), ({"product_id": "R"}, 0), ({"status": "cancelled"}, 0),
    ],
)  # fmt: skip
def test_what_makes_an_order_the_duplicate_of_another(report, other, count):
    second = [{**line, "order_id": "y", **other} for line in pair("x", customer_id="t", day=3)]
    found = report([*CLEAN, *pair("x", customer_id="t", day=3), *second], CATALOG)
    assert counts(found).get("duplicate_orders", 0) == count


@pytest.mark.parametrize(("day", "minute", "count"), [(152, 600, 0), (153, 0, 0), (153, 1, 1)])
def test_a_clock_may_be_a_day_ahead(report, day, minute, count):
    """Now is 2024-06-01 00:00, day 152."""
    lines = [*CLEAN, {"order_id": "x", "day": day, "minute": minute}]
    events = [{"at": (19_723 + day) * 24 * HOUR + minute * 60_000_000, "identity": "customer:c"}]
    assert counts(report(lines, CATALOG, events)) == ({"clock_skew": 1, "events_in_future": 1} if count else {})


def test_without_any_catalog_no_product_is_an_orphan(report):
    derived = [{"product_id": code, "is_derived": True} for code in ("P", "Q")]
    assert "orphan_products" not in counts(report(CLEAN, derived))


def test_conflicts_of_all_imports_are_summed_and_their_message_with_them(report):
    def imported(count, sample):
        finding = Finding("conflict", Severity.ERROR, count, f"{count} rows came again", "e", "r", (sample,))
        return json.dumps(ImportReport(1, "orders", "f", "canonical", "committed", findings=[finding]).as_dict())

    found = one(report(CLEAN, CATALOG, reports=[imported(2, "a"), "{}", "", imported(3, "b")]), "conflict")
    assert (found.count, found.message, found.samples) == (5, "5 rows came again", ("a", "b"))


# readiness


def verdict(found):
    ready = found.readiness
    return ready.verdict, ready.why


def test_without_orders_nothing_can_be_learned_yet(report):
    found = report()
    assert verdict(found) == ("not yet", "no orders yet; collect an orders file")
    assert (found.readiness.n_orders, found.readiness.first_order_on) == (0, None)


def test_orders_of_single_products_teach_no_pairs(report):
    found = report([{"order_id": str(n)} for n in range(50)], CATALOG)
    assert verdict(found) == ("not yet", "0 orders hold several products; pairs need at least 3")


def test_few_orders_are_thin(report):
    found = report(CLEAN, CATALOG)
    assert verdict(found) == ("thin", "30 orders, at least 1,000 advised: only the strongest pairs will show")


def test_a_thousand_orders_are_ready(report):
    found = report([line for n in range(1_000) for line in pair(str(n), day=n % 100)], CATALOG)
    assert verdict(found) == ("ready", "1,000 orders, 1,000 with several products")


def test_readiness_counts_what_cleaning_left(report):
    lines = [
        *CLEAN,
        *pair("anonymous", customer_id=None),
        {"order_id": "A", "status": "adjustment"},
        {"order_id": "single"},
    ]
    ready = report(lines, CATALOG).readiness
    assert (ready.n_orders, ready.n_baskets, ready.n_products, ready.n_products_with_support) == (32, 31, 3, 2)
    assert ready.share_with_customer == pytest.approx(31 / 32)
    assert (ready.first_order_on, ready.last_order_on) == ("2024-01-01", "2024-01-30")


def test_orders_of_two_sources_with_one_number_are_two(report):
    lines = [
        line for source in ("web", "till") for n in range(3) for line in pair(str(n), source=source, customer_id=source)
    ]
    assert report(lines, CATALOG).readiness.n_orders == 6


def test_the_report_is_plain_values(report):
    found = report([*CLEAN, {"order_id": "f", "day": 500}], CATALOG).as_dict()
    assert json.loads(json.dumps(found))["findings"][0]["code"] == "clock_skew"
    assert found["readiness"]["verdict"] == "thin"


def test_what_names_unknown_products_is_found_beside_the_rest(report):
    live = pa.table({"product_id": ["P"], "is_active": [True]})
    links = pa.table({"from_id": ["P"], "to_id": ["gone"], "kind": ["fits"]})
    bundles = pa.table({"bundle_id": ["S"], "product_id": ["gone"], "is_active": [True]})
    named = References(live, links, bundles, ["gone"])
    extra = {"links_unknown_product": 1, "bundles_broken": 1, "held_unknown_product": 1}
    assert counts(report(CLEAN, CATALOG, named=named)) == {**counts(report(CLEAN, CATALOG)), **extra}
    assert one(report(CLEAN, CATALOG, named=named), "bundles_broken").message == (
        "1 bundles have a part that is unknown or inactive"
    )
