"""Figures of a period read from records: people, offers and contracts, redone by hand."""

from datetime import timedelta

import msgspec
import pytest

from crosslift.collect.sources.segment import Message
from crosslift.domain.decision import Action, Response
from crosslift.domain.estimate import NotEstimable
from crosslift.errors import BadInput
from crosslift.measure.metrics import BY, Period

N = 40
"""Customers of the second month; every fourth bought in the first as well, every second from Korea."""


def sell(shop, rows):
    shop.put_facts(
        "orders", [{"line_id": "1", "quantity": 2, "currency": "USD", "unit_price": "10", **row} for row in rows]
    )


@pytest.fixture
def shop(own_shop, clock):
    """Forty visitors put something in a cart, half of them buy, an offer is shown to all and taken by some."""
    shop = own_shop
    clock.now += timedelta(minutes=1)
    shop.begin = clock()
    names = [f"v{number}" for number in range(N)]
    market = dict(zip(names, ("KR", "JP") * N, strict=False))
    earlier = (clock() - timedelta(days=2)).isoformat()
    sell(shop, [{"order_id": f"e-{name}", "customer_id": name, "product_id": "P01", "market": market[name],
                 "ordered_at": earlier} for name in names[::2]])  # fmt: skip
    made = {name: shop.decide("cart", ["P00"], anonymous=f"b-{name}") for name in names}
    clock.now += timedelta(hours=1)
    at = clock().isoformat()
    shop.collect_events(
        msgspec.convert([
            {"type": "track", "event": "Product Added", "userId": name, "messageId": f"m-{name}", "timestamp": at,
             "properties": {"product_id": "P00"}} for name in names
        ], list[Message])
    )  # fmt: skip
    clock.now += timedelta(hours=1)
    at = clock().isoformat()
    buyers = names[::4]
    sell(shop, [{"order_id": f"o-{name}", "customer_id": name, "product_id": "P00", "market": market[name],
                 "channel": "web", "ordered_at": at} for name in buyers])  # fmt: skip
    shop.put_facts("returns", [{"order_id": f"o-{name}", "product_id": "P00", "quantity": 1, "returned_at": at}
                               for name in buyers[::2]])  # fmt: skip
    shop.put_facts("campaign_costs", [{"campaign_id": "k", "from": (shop.begin - timedelta(hours=2)).isoformat(),
                                       "until": (shop.begin + timedelta(hours=2)).isoformat(), "cost": "80",
                                       "currency": "USD"}])  # fmt: skip
    begun = (shop.begin - timedelta(days=40)).isoformat()
    shop.put_facts("subscriptions", [
        {"subscription_id": f"s-{name}", "customer_id": name, "product_id": "P02", "started_at": begun, "quantity": 1,
         "recurring_price": "120", "currency": "USD", "period": "yearly",
         **({"status": "ended", "ended_at": at} if number % 4 == 0 else {"status": "active"})}
        for number, name in enumerate(names)
    ])  # fmt: skip
    shop.offered = {name: one for name, one in made.items() if one.offers}
    shop.respond([
        Response(f"r-{name}", one.decision_id, (Action.ACCEPT, Action.DECLINE, Action.EXPOSURE)[number % 3], clock(),
                 one.offers[0].product_id)
        for number, (name, one) in enumerate(shop.offered.items())
    ])  # fmt: skip
    clock.now += timedelta(hours=1)
    shop.end = clock()
    return shop


def of(found, name, part=None, about=None):
    [figure] = [one.figure for one in found if (one.metric.name, one.slice) == (name, part) and about in (None, one.of)]
    return figure


def test_figures_of_a_period_are_those_counted_by_hand(shop):
    found = shop.measure(shop.begin, shop.end)
    n = len(shop.offered)
    assert n == N
    assert of(found, "conversion").value == 10 / N
    assert of(found, "conversion").n == N
    assert of(found, "revenue_per_visitor").value == pytest.approx((5 * 10 + 5 * 20) / N)
    assert of(found, "cart_abandonment").value == 30 / N
    assert of(found, "checkout_abandonment") == NotEstimable("0 people at a checkout, at least 20 needed")
    assert of(found, "repeat_rate") == NotEstimable("10 customers, at least 20 needed")
    assert of(found, "mrr").value == pytest.approx(30 * 10)
    assert of(found, "mrr").unit == "USD per month"
    assert of(found, "mrr_churn").value == pytest.approx(0.25)
    assert of(found, "net_revenue_retention").value == pytest.approx(0.75)
    assert of(found, "gross_revenue_retention").value == pytest.approx(0.75)
    assert of(found, "mrr_expansion").value == 0
    assert of(found, "take_rate", about="new").value == pytest.approx(14 / N)
    assert of(found, "decline_rate").value == pytest.approx(13 / N)
    assert (of(found, "mute_rate").value, of(found, "mute_rate").low) == (0, 0)
    assert of(found, "mute_rate").high > 0.02


def test_what_needs_a_period_before_says_so(shop):
    found = shop.measure()
    for name in ("retention", "sales_growth", "mrr_churn"):
        assert "first day" in of(found, name).why
    assert of(found, "repeat_rate").n > N


def test_figures_are_split_where_their_rows_say_it(shop):
    begin = shop.begin - timedelta(days=3)
    found = shop.measure(begin, shop.end, by="market")
    assert of(found, "revenue_per_customer", "KR").value == pytest.approx((20 * 20 + 5 * 10 + 5 * 20) / 20)
    assert of(found, "units_per_order", "KR").n == 30
    assert {one.metric.name for one in found} >= {"aov", "conversion", "mrr", "take_rate", "no_offer"}
    assert {one.slice for one in found if (one.metric.name, one.of) == ("take_rate", "new")} == {"unknown"}


@pytest.mark.parametrize("by", [by for by in BY if by != "market"])
def test_every_split_is_answered(shop, by):
    found = shop.measure(shop.begin, shop.end, by=by)
    assert any(one.slice for one in found)
    if by == "placement":
        assert of(found, "decline_rate", "cart").n == N
        assert not [one for one in found if one.metric.name == "aov"]


def test_nobody_splits_by_what_is_not_known(shop):
    with pytest.raises(BadInput, match="by 'weather'; by channel, market"):
        shop.measure(by="weather")


def test_figures_by_product_are_of_what_was_seen_bought_and_offered(shop):
    found = shop.measure(shop.begin, shop.end, by="product")
    assert of(found, "conversion", "P00").value == 10 / N
    assert {one.slice for one in found if one.metric.name == "return_rate"} == {"P00"}
    shown = {offer.product_id for one in shop.offered.values() for offer in one.offers}
    assert {one.slice for one in found if one.metric.name == "decline_rate"} <= shown


def test_offers_are_judged_by_the_strategy_they_came_from(shop):
    found = shop.measure(shop.begin, shop.end, by="strategy")
    kinds = {offer.kind for one in shop.offered.values() for offer in one.offers}
    assert {one.slice for one in found if one.metric.name == "mute_rate"} <= kinds
    assert {one.metric.name for one in found} == {"take_rate", "decline_rate", "mute_rate", "complaint_rate"}


def test_sales_are_told_by_the_team_that_made_them(shop, clock):
    shop.put_facts("agents", [{"agent_id": "A1", "name": "Mina", "team": "north"}, {"agent_id": "A2", "name": "Jun"}])
    at = clock().isoformat()
    sell(shop, [{"order_id": f"t{number}", "customer_id": f"w{number}", "product_id": "P01", "ordered_at": at,
                 "sold_by": ("Mina", "A1", "A2")[number % 3]} for number in range(36)])  # fmt: skip
    clock.now += timedelta(hours=1)
    found = shop.measure(shop.begin, clock(), by="team")
    assert of(found, "units_per_order", "north").n == 24
    assert of(found, "revenue_per_customer", "north").value == pytest.approx(20)
    assert of(found, "revenue_per_customer", "unknown").n == 22  # Jun is in no team, ten bought by themselves


def test_leads_and_who_unsubscribed_are_counted_by_hand(shop, clock):
    at = clock().isoformat()
    names = [f"v{number}" for number in range(N)]
    shop.collect_events(msgspec.convert([
        {"type": "track", "event": "Signed Up", "userId": name, "messageId": f"s-{name}", "timestamp": at} for name in names
    ], list[Message]))  # fmt: skip
    shop.put_facts("customers", [{"customer_id": "n1", "created_at": at}, {"customer_id": "v1", "created_at": at}])
    clock.now += timedelta(hours=1)
    found = shop.measure(shop.begin, clock())
    assert of(found, "leads").value == N - 20 + 1  # every second had ordered before
    assert (of(found, "lead_rate").value, of(found, "lead_rate").n) == (1.0, N - 20)
    assert of(found, "unsubscribe_rate") == NotEstimable("0 people contacted, at least 20 needed")


def test_worth_changes_from_the_beginning_to_the_end_by_one_model(shop):
    def change(since, until):
        period = Period(*(int(moment.timestamp() * 1e6) for moment in (since, until)), has_before=True, currency="USD")
        worth = shop.figures.tables(period)["worth"]
        return dict(zip(worth["unit"].to_pylist(), worth["change"].to_pylist(), strict=True))

    days = [shop.end - timedelta(days=60), shop.end - timedelta(days=20), shop.end]
    first, then, whole = change(days[0], days[1]), change(days[1], days[2]), change(days[0], days[2])
    assert len(whole) > 20
    assert {name: pytest.approx(first[name] + then[name]) for name in whole} == whole
    told = of(shop.measure(days[0], days[2]), "clv_change")
    assert (told.n, told.value) == (len(whole), pytest.approx(sum(whole.values()) / len(whole)))
