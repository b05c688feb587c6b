"""Row M09: what is unlike before is seen, told by a job, and what is as before is not."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from crosslift.jobs import work
from crosslift.jobs.office import Office

pytestmark = pytest.mark.usefixtures("_no_compiler")
LAST = date(2026, 10, 31)
DAYS = 64


@pytest.fixture(scope="module")
def trade(little, tmp_path_factory):
    """Nine weeks of orders, like each other but the last day, which has one; for four weeks all come by telephone."""
    rng = np.random.default_rng(9)
    clock = little.Clock(datetime(2026, 11, 1, 9, tzinfo=UTC))
    shop = little.open_shop(tmp_path_factory.mktemp("trade") / "home", clock)
    rows = []
    for back in range(DAYS):
        day = datetime(2026, 10, 31, 12, tzinfo=UTC) - timedelta(days=back)
        channels = ("phone",) if back < 25 else ("web", "app")
        for number in range(int(rng.poisson(20)) if back else 1):
            rows.append({
                "order_id": f"{back}-{number}", "line_id": "1", "ordered_at": day.isoformat(), "product_id": f"p{number % 5}",
                "customer_id": f"c{number}", "quantity": 1, "unit_price": str(10 + number % 7), "currency": "USD",
                "channel": channels[number % len(channels)],
            })  # fmt: skip
    shop.put_facts("orders", rows)
    shop.seal()
    yield shop
    shop.close()


def figure(found, name):
    [row] = [one for one in found["figures"] if one["name"] == name]
    return row


def test_m09_a_day_unlike_those_before_is_an_alarm_and_the_others_are_none(trade):
    found = trade.watching.look(LAST, 7)
    days = figure(found, "orders")["days"]
    assert [day["is_alarm"] for day in days] == [False] * 6 + [True]
    assert days[-1]["value"] < days[-1]["low"] < days[-1]["expected"]
    assert {"what": "orders", "about": "2026-10-31"} in found["alarms"]
    assert not any(day["is_alarm"] for day in figure(found, "aov")["days"])
    assert figure(found, "offers")["not_estimable"] == "it was 0 on every day before"
    assert figure(found, "clicked")["not_estimable"] == "on some days there was nothing that it could be a share of"


def test_m09_what_drifted_is_told_apart_from_what_did_not(trade):
    found = {row["of"]: row for row in trade.watching.look(LAST)["drift"]}
    assert found["order_channel"]["has_moved"]
    assert found["order_channel"]["psi"] > 0.25
    assert not found["unit_price"]["has_moved"]
    assert "at least 200" in found["p_basket"]["not_estimable"]


def test_m09_a_job_tells_of_it(trade):
    assert "watch" in {row["name"] for row in Office(trade).jobs()}
    done = work.WORK["watch"](trade)
    assert done.said["day"] == "2026-10-31"
    assert "orders 2026-10-31 is unlike before; see `crosslift measure watch`" in done.attention
    assert "drift order_channel is unlike before; see `crosslift measure watch`" in done.attention


def test_m09_a_young_shop_is_told_to_wait(shop):
    first = min(shop.frames.order_lines(("ordered_at",))["ordered_at"].to_pylist())
    found = shop.watching.look(datetime.fromtimestamp(first / 1e6, UTC).date() + timedelta(days=10))
    assert {row["not_estimable"].partition(" ")[2] for row in found["figures"]} == {"days before, at least 28 needed"}
    assert found["alarms"] == []
    assert "withheld offers with a probability, at least 200 needed" in found["calibration"]["not_estimable"]
    assert found["learned"][0]["state"] == "published"


def test_m09_probabilities_are_held_against_unprompted_baskets(shop, clock):
    """Half are held back and nobody buys what was withheld: whatever was stated is too much."""
    vars(shop)["key"] = bytes(32)
    shop.experiments.hold_out(0.5, "mina", "what do offers bring", has_agreed=True)
    names = [f"h{number}" for number in range(240)]
    shop.put_facts("customers", [{"customer_id": name, "created_at": clock().isoformat()} for name in names])
    shop.consents.record([
        {"customer_id": name, "purpose": "personalization", "channel": "*", "status": "granted", "source": "test",
         "at": clock().isoformat()}
        for name in names
    ])  # fmt: skip
    made = [shop.decide("cart", ["P00"], customer=name) for name in names]
    withheld = sum(len(one.withheld) for one in made)
    clock.now += timedelta(days=3)
    found = shop.watching.look()["calibration"]
    if withheld < 200:
        assert f"{withheld} withheld offers" in found["not_estimable"]
    else:
        assert found["n"] == withheld
        assert found["is_off"]
