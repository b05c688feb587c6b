"""Profiles put in place: everybody's by spans of person ids, some people's alone, nulls as nulls."""

import pyarrow as pa
import pytest

from crosslift.domain.profile import PROFILE_COLUMNS
from crosslift.store import sql_profiles
from crosslift.store.sqlite import SqliteRecords
from crosslift.store.tables import arrow_schema


@pytest.fixture
def records(tmp_path):
    store = SqliteRecords(tmp_path / "records.db")
    yield store
    store.close()


def profiles(people, **columns):
    given = {"person_id": list(people), **{name: list(values) for name, values in columns.items()}}
    schema = arrow_schema("profiles", tuple(PROFILE_COLUMNS))
    return pa.table({
        field.name: given.get(field.name, pa.nulls(len(people), field.type)) for field in schema
    }).cast(schema)  # fmt: skip


def kept(records):
    rows = records.table("profiles", ["person_id", "n_orders"], "order by person_id")
    return dict(zip(*rows.to_pydict().values(), strict=True))


@pytest.mark.parametrize("span", [1, 2, 3, 100])
def test_everybodys_profiles_take_the_place_of_all_there_were(records, monkeypatch, span):
    monkeypatch.setattr(sql_profiles, "SPAN", span)
    records.save_profiles(profiles("abdfz", n_orders=[1.0] * 5))
    records.save_profiles(profiles("cbeg", n_orders=[3.0, 2.0, 4.0, 5.0]))
    assert kept(records) == {"b": 2, "c": 3, "e": 4, "g": 5}
    records.save_profiles(profiles(""))
    assert kept(records) == {}


def test_some_peoples_profiles_leave_those_of_others_alone(records):
    records.save_profiles(profiles("abc", n_orders=[1.0, 1.0, 1.0]))
    records.save_profiles(profiles("b", n_orders=[7.0]), people=["b", "c"])
    assert kept(records) == {"a": 1, "b": 7}


def test_what_is_not_known_comes_back_as_nothing_whatever_it_counts(records):
    table = profiles(
        "ab", aov=[None, 2.5], first_order_at=[None, 7], stage=[None, "buy"], unknown=['{"aov":"no_orders"}', "{}"]
    )
    shared = pa.DictionaryArray.from_arrays(pa.array([None, 0], pa.int32()), pa.array(["KR"]))
    table = table.set_column(table.schema.get_field_index("market"), "market", shared)
    records.save_profiles(table)
    nobody, somebody = (records.profile(name) for name in "ab")
    names = ("aov", "first_order_at", "stage", "market", "clv")
    assert [nobody[name] for name in names] == [None] * 5
    assert [somebody[name] for name in names] == [2.5, 7, "buy", "KR", None]
    assert nobody["unknown"] == {"aov": "no_orders"}
    n_null = "select count(*) from profiles where aov is null and first_order_at is null and stage is null and market is null"
    assert records._reader().execute(n_null).fetchone() == (1,)


def test_why_figures_are_missing_is_kept_once_for_all_who_share_it(records):
    ours, theirs = '{"aov":"no_orders","clv":"no_orders"}', '{"clv":"19 people came back"}'
    records.save_profiles(profiles("abc", unknown=[ours, ours, theirs]))
    records.save_profiles(profiles("d", unknown=['{"aov":"nothing_kept"}']), people=["d"])
    records.save_profiles(profiles("a", unknown=[ours]), people=["a"])
    stored = dict(records._reader().execute("select person_id, unknown from profiles").fetchall())
    assert stored == {"a": "0", "b": "0", "c": theirs, "d": "1"}
    assert [records.profile(person)["unknown"] for person in "abcd"] == [
        {"aov": "no_orders", "clv": "no_orders"}, {"aov": "no_orders", "clv": "no_orders"},
        {"clv": "19 people came back"}, {"aov": "nothing_kept"},
    ]  # fmt: skip


def test_what_an_earlier_version_wrote_of_missing_figures_is_read(records):
    records.save_profiles(profiles("a", unknown=["{}"]))
    text = '{"aov":"no_orders"}'
    records.submit(lambda c: c.execute("update profiles set unknown = ?", (text,))).result(10)
    assert records.profile("a")["unknown"] == {"aov": "no_orders"}
