from datetime import timedelta

import pytest

from crosslift.collect.sources.segment import Message
from crosslift.domain.pressure import Helped, ValueFirst
from crosslift.shop.live.helped import helped

FIRST = ValueFirst(n_useful=1, needs_win=True, win_events=("Result Delivered",))


@pytest.fixture
def ago(empty_shop):
    """Give an instant so many days ago, as text and in microseconds."""

    def ago(days):
        moment = empty_shop.clock() - timedelta(days=days)
        return moment.isoformat(), int(moment.timestamp() * 1_000_000)

    return ago


@pytest.fixture
def found(empty_shop, ago):
    """Read what helped a customer so far."""

    def found(identity="customer:c1"):
        row = empty_shop.records.person(identity, ago(0)[1])
        return helped(empty_shop.records, empty_shop.frames, row, FIRST, ago(0)[1])

    return found


def seen(shop, name, at, **named):
    shop.collect_events(
        [Message(event=name, message_id=f"{name} {at} {named}", timestamp=at, **{"user_id": "c1", **named})]
    )


def test_nobody_was_helped_yet(found):
    assert found() == found("anonymous:b1") == Helped()


def test_time_of_the_staff_guides_read_and_settled_cases_are_useful(empty_shop, found, ago):
    kinds = ("call", "visit", "meeting", "chat", "demo", "mail", "note", "quote")
    empty_shop.put_facts("activities", [
        {"activity_id": kind, "at": ago(9)[0], "kind": kind, "customer_id": "c1"} for kind in kinds
    ])  # fmt: skip
    assert found().n_useful == 5
    seen(empty_shop, "Content Viewed", ago(3)[0])
    seen(empty_shop, "Content Downloaded", ago(2)[0])
    seen(empty_shop, "Content Viewed", ago(-1)[0])
    seen(empty_shop, "Product Viewed", ago(1)[0])
    assert found().n_useful == 7
    case = {"case_id": "k1", "customer_id": "c1", "opened_at": ago(5)[0], "status": "open"}
    empty_shop.put_facts("cases", [case])
    assert found().n_useful == 7
    empty_shop.put_facts("cases", [{**case, "status": "solved", "updated_at": ago(1)[0]}])
    assert found().n_useful == 8


def test_a_win_is_an_event_the_policy_names_or_a_good_rating(empty_shop, found, ago):
    seen(empty_shop, "Result Delivered", ago(8)[0])
    seen(empty_shop, "Onboarding Completed", ago(1)[0])
    assert found().won_at == ago(8)[1]
    said = {"customer_id": "c1", "kind": "review", "scale": 5}
    empty_shop.put_facts("feedback", [{**said, "feedback_id": "f1", "at": ago(4)[0], "rating": 3}])
    assert found().won_at == ago(8)[1]
    empty_shop.put_facts("feedback", [{**said, "feedback_id": "f2", "at": ago(3)[0], "rating": 4}])
    assert found().won_at == ago(3)[1]


def test_sealed_events_count_and_none_twice(empty_shop, found, ago):
    for day in (9, 8):
        seen(empty_shop, "Content Viewed", ago(day)[0])
    seen(empty_shop, "Result Delivered", ago(7)[0])
    assert empty_shop.frames.seal(1) == 3
    seen(empty_shop, "Content Viewed", ago(6)[0])
    assert (found().n_useful, found().won_at) == (3, ago(7)[1])


def test_the_last_purchase_is_known_whichever_name_it_was_made_under(empty_shop, found, ago):
    order = {"order_id": "1", "customer_id": "c1", "product_id": "P", "quantity": 1, "unit_price": 5, "currency": "USD"}
    empty_shop.put_facts("orders", [{**order, "ordered_at": ago(30)[0]}])
    empty_shop.put_facts("orders", [{**order, "order_id": "2", "ordered_at": ago(20)[0]}])
    assert found().bought_at == ago(20)[1]
    empty_shop.customers.identify("c1", {"anonymous": "b1"})
    seen(empty_shop, "Content Viewed", ago(1)[0], user_id=None, anonymous_id="b1")
    assert found() == found("anonymous:b1") == Helped(1, None, ago(20)[1])
