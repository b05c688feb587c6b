import pyarrow as pa
import pytest

from crosslift.learn.customers.reach import FEW, GroupReach, reach_by_group


def people(**groups):
    ids, traits = [], []
    for name, n in groups.items():
        ids += [f"{name}{number}" for number in range(n)]
        traits += ["{}" if name == "silent" else f'{{"faith":"{name}"}}'] * n
    return pa.table({"person_id": ids, "traits": traits})


def offered(*rows):
    columns = list(zip(*rows, strict=True)) or [[]] * 4
    kinds = (pa.string(), pa.string(), pa.string(), pa.float64())
    names = ("person_id", "decision_id", "product_id", "value")
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, kinds, strict=True)})


def test_people_decisions_offers_and_value_are_counted_by_group():
    found = reach_by_group(people(a=20, b=10, silent=3), offered(
        ("a0", "d1", "p", 10.0), ("a0", "d1", "q", None), ("a1", "d2", None, None), ("b0", "d3", "p", 30.0),
        ("b1", "d4", "p", 50.0), ("stranger", "d5", "p", 1.0),
    ), "faith")  # fmt: skip
    assert found == [
        GroupReach("a", 20, 1, 2, 2, 1, 10.0), GroupReach("b", 10, 2, 2, 2, 2, 80.0), GroupReach("not said", 3, 0, 0, 0, 0, 0.0),
    ]  # fmt: skip
    assert [one.reach for one in found] == [0.05, 0.2, 0.0]
    assert [one.value_per_offer for one in found] == [10.0, 40.0, None]


def test_groups_of_few_are_put_together():
    found = reach_by_group(people(a=FEW, b=FEW - 1, c=1), offered(("b0", "d", "p", 2.0)), "faith")
    assert [(one.group, one.n_people, one.n_reached) for one in found] == [("a", FEW, 0), ("others", FEW, 1)]


def test_no_name_is_in_the_report():
    found = reach_by_group(people(a=FEW), offered(("a0", "d", "p", 2.0)), "faith")
    assert "a0" not in repr(found)


@pytest.mark.parametrize("trait", ["faith", "unheard of"])
def test_nothing_offered_to_anybody(trait):
    (one,) = reach_by_group(people(silent=2), offered(), trait)
    assert one == GroupReach("not said", 2, 0, 0, 0, 0, 0.0)
