"""One shop, read from SQLite records, from sealed Parquet parts and from PostgreSQL records: equal counts, equal sums."""

from datetime import timedelta

import msgspec
import pytest

from crosslift.collect.sources.segment import Message
from crosslift.domain.decision import Action, Response
from crosslift.domain.estimate import Estimate

N = 30


@pytest.fixture
def home(load_script, tmp_path, monkeypatch):
    """A shop with a little of everything a figure is made of."""
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")
    little = load_script("tests/unit/shop/little.py")
    pantry = little.pantry(300)
    clock = little.Clock()
    (tmp_path / "home").mkdir()
    with little.stocked(tmp_path / "home", pantry.orders, pantry.catalog, clock) as shop:
        clock.now += timedelta(hours=1)
        at = clock().isoformat()
        names = [f"v{number}" for number in range(N)]
        made = [shop.decide("cart", ["P00"], anonymous=name) for name in names]
        shop.respond([
            Response(f"r{place}", one.decision_id, (Action.ACCEPT, Action.DECLINE)[place % 2], clock(), one.offers[0].product_id)
            for place, one in enumerate(made) if one.offers
        ])  # fmt: skip
        shop.collect_events(msgspec.convert([
            {"type": "track", "event": "Product Added", "userId": name, "messageId": name, "timestamp": at} for name in names
        ], list[Message]))  # fmt: skip
        shop.put_facts("orders", [
            {"order_id": name, "line_id": "1", "customer_id": name, "product_id": "P01", "quantity": 1 + place % 3,
             "unit_price": f"{7 + place / 7:.2f}", "currency": "USD", "ordered_at": at, "channel": ("web", "till")[place % 2]}
            for place, name in enumerate(names[:20])
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
        clock.now += timedelta(hours=1)
    return lambda: little.open_shop(tmp_path / "home", clock)


@pytest.fixture
def address(postgres, monkeypatch, load_script):
    name = postgres.database()
    monkeypatch.setenv("PGPASSWORD", load_script("tests/postgres.py").PASSWORD)
    yield f"postgresql://shop@127.0.0.1:{postgres.port}/{name}"
    postgres.drop(name)


def read(shop):
    """Measure whole and by channel, over the last day."""
    period = (shop.clock() - timedelta(days=1), shop.clock())
    return {
        (one.metric.name, one.of, one.slice, by): one.figure
        for by in (None, "channel")
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
        assert estimated >= {
            "conversion", "cart_abandonment", "revenue_per_visitor", "mrr", "return_rate", "decline_rate", "acquisition_cost",
            "products_held", "complaint_rate",
        }  # fmt: skip
        assert shop.frames.seal(1) == N
        assert shop.records.table("events", ["id"]).num_rows == 0
        equal(read(shop), on_sqlite)
    move_records(tmp_path / "home", address, "pantry")
    with home() as shop:
        assert type(shop.records).__name__ == "PostgresRecords"
        equal(read(shop), on_sqlite)
