"""One shop, read from SQLite records, from sealed Parquet parts and from PostgreSQL records: equal counts, equal sums."""

from datetime import timedelta

import msgspec
import pytest

from crosslift.collect.sources.segment import Message
from crosslift.domain.decision import Action, Request, Response
from crosslift.domain.estimate import Estimate
from crosslift.measure.metrics import METRICS
from crosslift.store.pressure_records import Counted

N = 30
EVENTS = ("Product Added", "Checkout Started", "Signed Up")
SPLITS = (None, "product")
EVERY = {metric.name for metric in METRICS}
"""Of a shop that has a little of everything, each can be told."""


@pytest.fixture
def home(load_script, tmp_path, monkeypatch):
    """A shop with a little of everything a figure is made of."""
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")
    little = load_script("tests/unit/shop/little.py")
    pantry = little.pantry(800)
    clock = little.Clock()
    (tmp_path / "home").mkdir()
    with little.stocked(tmp_path / "home", pantry.orders, pantry.catalog, clock) as shop:
        clock.now += timedelta(hours=1)
        at, long_ago = clock().isoformat(), (clock() - timedelta(days=90)).isoformat()
        names = [f"v{number}" for number in range(N)]
        made = [shop.decide("cart", ["P00"], anonymous=name) for name in names]
        every = tuple(row["product_id"] for row in pantry.catalog)
        shop.decide_requests([Request("cart", clock(), cart=("P00",), anonymous_id="v0", exclude=every)])
        shop.respond([
            Response(f"r{place}", one.decision_id, (Action.ACCEPT, Action.DECLINE)[place % 2], clock(), one.offers[0].product_id)
            for place, one in enumerate(made) if one.offers
        ])  # fmt: skip
        shop.collect_events(msgspec.convert([
            {"type": "track", "event": event, "userId": name, "messageId": f"{name} {event}", "timestamp": at,
             "properties": {"product_id": "P01"}}
            for name in names for event in EVENTS
        ], list[Message]))  # fmt: skip
        shop.put_facts("customers", [{"customer_id": name, "created_at": at} for name in names])
        contacted(shop, names)
        for name in names[::3]:
            shop.consents.withdraw(name, "marketing", "email")
        shop.put_facts("orders", [
            {"order_id": name, "line_id": "1", "customer_id": name, "product_id": "P01", "quantity": 1 + place % 3,
             "unit_price": f"{7 + place / 7:.2f}", "currency": "USD", "ordered_at": at, "channel": ("web", "till")[place % 2]}
            for place, name in enumerate(names[:20])
        ])  # fmt: skip
        shop.put_facts("subscriptions", [
            {"subscription_id": f"b{name}", "customer_id": name, "product_id": "P03", "started_at": long_ago, "status": "ended",
             "ended_at": at, "recurring_price": f"{11 + place / 4:.2f}", "currency": "USD", "period": "month"}
            for place, name in enumerate(names)
        ])  # fmt: skip
        shop.put_facts("returns", [{"order_id": "v3", "product_id": "P01", "quantity": 1, "returned_at": at}])
        shop.put_facts("subscriptions", [
            {"subscription_id": name, "customer_id": name, "product_id": "P02", "started_at": at, "status": "active",
             "recurring_price": f"{10 + place / 3:.2f}", "currency": "USD", "period": "month"}
            for place, name in enumerate(names)
        ])  # fmt: skip
        shop.put_facts("campaign_costs", [{"campaign_id": "k", "from": at, "cost": "90.30", "currency": "USD"}])
        shop.put_facts("cases", [{"case_id": "c", "customer_id": "v1", "opened_at": at, "status": "open",
                                  "topic": "complaint"}])  # fmt: skip
        clock.now += timedelta(days=1)
        shop.decide("cart", ["P00"])  # what was decided before lies in a file by now
    return lambda: little.open_shop(tmp_path / "home", clock)


def contacted(shop, names):
    """Write to everybody, as if each letter had been opened."""
    now = int(shop.clock().timestamp() * 1e6)
    [like] = shop.records.table("decisions", ("snapshot_id", "body"), "1 = 1 limit 1").to_pylist()
    people = [f"customer:{name}" for name in names]
    slim = [
        (f"m{who}", now, "letter", "email", "marketing", "helpful", None, False, who, 0, 0, *like.values())
        for who in people
    ]
    counted = [
        Counted(place, who, now, "email", "", now, (who,), None, is_contact=True) for place, who in enumerate(people)
    ]
    shop.records.record_decisions(slim, [], counted)
    opened = [(f"o{who}", f"m{who}", None, now, "email") for who in people]
    shop.records.record_responses(opened, [], [(f"o{who}", f"m{who}", "", "seen", "email", now) for who in people])


@pytest.fixture
def address(postgres, monkeypatch, load_script):
    name = postgres.database()
    monkeypatch.setenv("PGPASSWORD", load_script("tests/postgres.py").PASSWORD)
    yield f"postgresql://shop@127.0.0.1:{postgres.port}/{name}"
    postgres.drop(name)


def read(shop, splits=SPLITS):
    """Measure whole and in parts, over the last two months."""
    period = (shop.clock() - timedelta(days=60), shop.clock())
    return {
        (one.metric.name, one.of, one.slice, by): one.figure
        for by in splits
        for one in shop.measure(*period, anchor="P00", by=by)
    }


def equal(found, expected):
    assert found.keys() == expected.keys()
    for name, figure in expected.items():
        if not isinstance(figure, Estimate):
            assert found[name] == figure
            continue
        assert found[name].n == figure.n, name
        for field in ("value", "low", "high"):
            assert getattr(found[name], field) == pytest.approx(getattr(figure, field), rel=1e-9, abs=1e-12), name


def test_every_engine_gives_the_same_figures(home, address, tmp_path):
    from crosslift.store.moving import move_records

    with home() as shop:
        on_sqlite = read(shop)
        estimated = {name for (name, *_), figure in on_sqlite.items() if isinstance(figure, Estimate)}
        assert estimated == EVERY, {name: on_sqlite[name, None, None, None] for name in EVERY - estimated}
        assert shop.frames.seal(1) == N * len(EVENTS)
        assert shop.records.table("events", ["id"]).num_rows == 0
        assert len(shop.records.part_files("decisions")) == 1
        equal(read(shop, (None,)), {name: figure for name, figure in on_sqlite.items() if name[-1] is None})
    move_records(tmp_path / "home", address, "pantry")
    with home() as shop:
        assert type(shop.records).__name__ == "PostgresRecords"
        equal(read(shop), on_sqlite)
