"""Units of a trial: first arm, one row each, crossings counted."""

import pyarrow as pa

from crosslift.measure.arms import arms_of

NOBODY = pa.table({"identity": pa.array([], pa.string()), "person_id": pa.array([], pa.string())})


def assigned(*rows):
    unit, arm, at = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {"unit": pa.array(unit, pa.string()), "arm": pa.array(arm, pa.string()), "at": pa.array(at, pa.int64())}
    )


def test_each_unit_counts_in_its_first_arm():
    found = arms_of(assigned(("customer:a", "on", 5), ("customer:a", "off", 3), ("customer:b", "on", 1)), NOBODY, {})
    assert found.units.to_pylist() == [
        {"unit": "customer:a", "arm": "off", "at": 3}, {"unit": "customer:b", "arm": "on", "at": 1},
    ]  # fmt: skip
    assert (found.counts, found.n_crossed) == ({"off": 1, "on": 1}, 1)


def test_names_of_one_person_are_one_unit():
    people = pa.table({"identity": ["anonymous:x"], "person_id": ["customer:a"]})
    found = arms_of(assigned(("anonymous:x", "on", 2), ("customer:a", "on", 4)), people, {"on": 0.5, "off": 0.5})
    assert found.units.to_pylist() == [{"unit": "customer:a", "arm": "on", "at": 2}]
    assert (found.counts, found.n_crossed) == ({"off": 0, "on": 1}, 0)


def test_nobody_yet():
    found = arms_of(assigned(), NOBODY, {"on": 0.5, "off": 0.5})
    assert (found.units.num_rows, found.counts, found.n_crossed) == (0, {"off": 0, "on": 0}, 0)
