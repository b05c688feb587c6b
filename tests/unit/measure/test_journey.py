"""The journey: people counted once at each touchpoint, going on means a later stage afterwards."""

import pyarrow as pa

from crosslift.measure.journey import MIN_PEOPLE, OFFERED_WITHIN, STAGES, TOUCHPOINTS, journey, people_by_stage, scores
from crosslift.store.duckdb import DuckdbFrames

lazies = DuckdbFrames.lazies


def touches(*rows):
    """Of (unit, name, channel, at)."""
    unit, name, channel, at = zip(*rows, strict=True) if rows else ((),) * 4
    text = (pa.array(column, pa.string()) for column in (unit, name, channel))
    whole = dict(zip(("unit", "name", "channel"), text, strict=True))
    times = pa.array(at, pa.int64())
    return pa.table({**whole, "n": pa.array([1] * len(at), pa.int64()), "first_at": times, "last_at": times})


def offered(*rows):
    unit, at = zip(*rows, strict=True) if rows else ((), ())
    return pa.table({"unit": pa.array(unit, pa.string()), "at": pa.array(at, pa.int64())})


def test_one_goes_on_who_is_seen_at_a_later_stage_afterwards():
    walked = touches(
        ("a", "Product Viewed", "web", 1), ("a", "Product Viewed", "web", 2), ("a", "order", "web", 3),
        ("b", "Product Viewed", "web", 5), ("b", "order", "web", 4), ("c", "Product Viewed", "app", 1),
        ("a", "Something Else", "web", 9),
    )  # fmt: skip
    found = journey(walked, offered(("a", 1), ("b", 5 + OFFERED_WITHIN + 1), ("c", 0)), lazies).to_pylist()
    assert found == [
        {
            "name": "Product Viewed",
            "channel": "web",
            "volume": 3,
            "people": 2,
            "went_on": 1,
            "dropped": 1,
            "offered": 1,
        },
        {"name": "order", "channel": "web", "volume": 2, "people": 2, "went_on": 0, "dropped": 2, "offered": 0},
        {
            "name": "Product Viewed",
            "channel": "app",
            "volume": 1,
            "people": 1,
            "went_on": 0,
            "dropped": 1,
            "offered": 0,
        },
    ]
    assert people_by_stage(walked, lazies) == {"aware": 0, "consider": 3, "buy": 2, "after": 0}


def test_from_after_care_one_goes_on_to_buying_again_and_to_nothing_else():
    walked = touches(
        ("a", "Content Viewed", "web", 1), ("a", "order", "web", 2), ("b", "Content Viewed", "web", 1),
        ("b", "Product Viewed", "web", 2), ("b", "case solved", "web", 3),
    )  # fmt: skip
    rows = {row["name"]: row for row in journey(walked, offered(), lazies).to_pylist()}
    assert (rows["Content Viewed"]["people"], rows["Content Viewed"]["went_on"]) == (2, 1)
    assert rows["Product Viewed"]["went_on"] == 1


def test_nothing_happened():
    assert journey(touches(), offered(), lazies).num_rows == 0
    assert people_by_stage(touches(), lazies) == dict.fromkeys(STAGES, 0)


def test_after_a_pain_and_among_few_there_is_no_score():
    row = {"people": MIN_PEOPLE, "went_on": 5, "offered": 0}
    found = scores([{**row, "name": name} for name in ("case opened", "good review", "Checkout Started")])
    assert found == [None, 100.0, None]
    assert scores([{**row, "name": "order", "people": MIN_PEOPLE - 1}]) == [None]
    assert scores([{**row, "name": "order", "offered": MIN_PEOPLE}]) == [0.0]


def test_no_pain_is_a_moment_and_every_stage_has_touchpoints():
    assert not any(one.is_natural and one.is_pain for one in TOUCHPOINTS.values())
    assert {one.stage for one in TOUCHPOINTS.values()} == {*STAGES}
