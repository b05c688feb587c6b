import json

import numpy as np
import pytest

from crosslift.domain.profile import Stage
from crosslift.learn.customers.exchange import DAY
from crosslift.learn.customers.seen import Act, Seen
from crosslift.learn.customers.stage import STAGES, Journey, Looking, Signs

AS_OF = 1_000 * DAY
NEVER = -1


def acts(*given):
    """Events as (person, days ago, act)."""
    person, ago, act = zip(*given, strict=True) if given else ((), (), ())
    at = AS_OF - np.round(np.array(ago, float) * DAY).astype(np.int64)
    size = len(person)
    return Seen(
        np.array(person, np.int32), np.full(size, -1, np.int32), at, np.array(act, np.int8), np.zeros(0), np.zeros(0)
    )


def place(ordered=None, seen=None, used=None, interval=np.nan, silence=np.nan, held=0, bought=None, looks=()):
    def instant(days_ago):
        return np.array([NEVER if days_ago is None else AS_OF - round(days_ago * DAY)])

    newest = min((one for one in (ordered, seen, used) if one is not None), default=None)
    signs = Signs(
        instant(ordered), instant(newest), instant(used), np.array([interval]), np.array([silence]), np.array([held]),
        np.array([(ordered is not None or held > 0) if bought is None else bought]),
    )  # fmt: skip
    looking = Looking.of(acts(*((0, *one) for one in looks)), signs.last_order_at, AS_OF - 30 * DAY, 30)
    found = Journey.of(signs, looking, AS_OF)
    stage = None if found.stage[0] < 0 else STAGES[found.stage[0]]
    return stage, dict(json.loads(found.evidence[0].as_py()))


VISITS = [(3, Act.VIEW), (1, Act.VIEW)]


def test_who_was_only_seen_is_aware():
    assert place(seen=12, looks=[(3, Act.VIEW)]) == (Stage.AWARE, {"days_since_seen": 12})


@pytest.mark.parametrize("looks", [VISITS, [(1, Act.CART)], [(9, Act.SEARCH), (9, Act.SEARCH)]])
def test_repeat_visits_a_cart_or_searches_without_an_order_are_considering(looks):
    stage, evidence = place(seen=1, looks=looks)
    assert stage is Stage.CONSIDER
    assert evidence["visits"] + evidence["carts"] + evidence["searches"] >= 2


def test_looks_long_ago_or_within_one_visit_are_no_considering():
    assert place(seen=1, looks=[(40, Act.VIEW), (35, Act.CART), (1, Act.VIEW)])[0] is Stage.AWARE
    assert place(seen=1, looks=[(1.01, Act.VIEW), (1, Act.VIEW)])[0] is Stage.AWARE


def test_who_ordered_within_the_interval_buys():
    assert place(ordered=10, interval=30, silence=90) == (Stage.BUY, {"days_since_order": 10, "interval_days": 30})


def test_looking_around_before_the_time_has_come_is_still_buying_and_after_it_considering():
    assert place(ordered=10, seen=1, interval=30, looks=VISITS)[0] is Stage.BUY
    assert place(ordered=31, seen=1, interval=30, looks=VISITS)[0] is Stage.CONSIDER


def test_looks_that_led_to_the_order_do_not_count_after_it():
    assert place(ordered=0.5, interval=0.1, silence=9, looks=VISITS)[0] is Stage.USE


def test_who_holds_or_used_something_since_the_order_uses():
    assert place(ordered=10, used=2, interval=30, silence=90) == (
        Stage.USE,
        {"days_since_order": 10, "interval_days": 30, "days_since_use": 2},
    )
    assert place(held=1, seen=500)[0] is Stage.USE
    assert place(ordered=10, used=11, interval=30, silence=90)[0] is Stage.BUY


def test_a_buyer_silent_for_too_long_has_lapsed_unless_a_contract_runs():
    stage, evidence = place(ordered=100, interval=30, silence=90)
    assert (stage, evidence) == (Stage.LAPSE, {"days_since_order": 100, "days_since_seen": 100, "silence_days": 90})
    assert place(ordered=100, interval=30, silence=90, held=1)[0] is Stage.USE
    assert place(ordered=100, seen=80, interval=30, silence=90)[0] is Stage.USE


def test_whose_contract_ended_long_ago_has_lapsed():
    assert place(seen=100, bought=True, silence=90)[0] is Stage.LAPSE


def test_where_nothing_is_known_of_rhythms_nobody_lapses():
    assert place(ordered=900)[0] is Stage.BUY


def test_of_whom_nothing_was_ever_seen_nothing_is_said():
    assert place() == (None, {})
