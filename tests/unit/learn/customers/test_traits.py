import json

import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.customers.seen import Texts
from crosslift.learn.customers.traits import Traits, for_scoring

SENSITIVE = frozenset({"religion", "health"})


@pytest.fixture
def read(table):
    def read(customers=(), told=(), n_people=2):
        """Customers as (person, row); calls as (person, at, traits)."""
        calls = Texts(
            np.array([one[0] for one in told], np.int32), np.array([one[1] for one in told], np.int64),
            pa.array([json.dumps({"traits": one[2]}) for one in told], pa.string()),
        )  # fmt: skip
        rows = [{"customer_id": f"c{place}"} | row for place, (_, row) in enumerate(customers)]
        person = np.array([one[0] for one in customers], np.int32)
        return Traits.of(table("customers", *rows), person, calls, SENSITIVE, n_people)

    return read


def decoded(column):
    return [json.loads(text) for text in column.to_pylist()]


def test_values_become_texts_by_name(read):
    found = read(
        [
            (
                0,
                {
                    "traits": '{"b": true, "age": 31, "tags": ["x", 2], "none": null, "empty": "", "home": {"city": "Seoul"}}'
                },
            )
        ]
    )
    assert decoded(found.traits) == [{"age": "31", "b": "true", "home.city": "Seoul", "tags": "x, 2"}, {}]
    assert found.traits[0].as_py().startswith('{"age"')
    assert found.names == ("age", "b", "home.city", "tags")


def test_the_newest_word_on_a_trait_counts_and_calls_are_newer_than_records(read):
    old, new = {"created_at": 5, "traits": '{"skin":"oily","size":"m"}'}, {"created_at": 9, "traits": '{"size":"l"}'}
    calls = [(0, 3, {"skin": "dry"}), (0, 2, {"skin": "wet", "hair": "red"})]
    for records in ((old, new), (new, old)):
        found = read([(0, record) for record in records], calls)
        assert decoded(found.traits)[0] == {"hair": "red", "size": "l", "skin": "dry"}


def test_goals_and_needs_are_put_together_and_are_no_traits(read):
    found = read(
        [(0, {"traits": '{"goals":["sleep","more traffic"],"pain_points":"noise; sleep"}'})], [(1, 1, {"need": "a, b"})]
    )
    assert decoded(found.goals) == [["more traffic", "noise", "sleep"], ["a", "b"]]
    assert decoded(found.traits) == [{}, {}]


def test_newer_goals_take_the_place_of_earlier_ones(read):
    assert decoded(read([(0, {"traits": '{"goals":["old"]}'})], [(0, 1, {"goals": ["new"]})]).goals)[0] == ["new"]


def test_contact_details_stay_out(read):
    assert decoded(read(told=[(0, 1, {"email": "a@b.example", "firstName": "A", "tier": "gold"})]).traits)[0] == {
        "tier": "gold"
    }


def test_provenance_marks_what_is_sensitive(read):
    found = read([(0, {"traits": '{"religion":"x","skin":"dry"}'})], [(0, 1, {"health.allergies": "nuts"})])
    assert json.loads("{" + found.provenance[0].as_py() + "}") == {
        "health.allergies": "events, sensitive", "religion": "customers, sensitive", "skin": "customers",
    }  # fmt: skip
    assert found.provenance[1].as_py() is None


def test_locale_and_market_are_those_of_the_newest_record_that_has_them(read):
    found = read([(0, {"created_at": 9, "locale": "ja"}), (0, {"created_at": 5, "locale": "ko", "market": "KR"})])
    assert (found.locale.to_pylist(), found.market.to_pylist()) == (["ja", None], ["KR", None])


def test_a_trait_may_say_where_somebody_came_from(read):
    found = read(
        [
            (0, {"traits": '{"traffic_source":"fair","utm_source":"letter"}'}),
            (1, {"traits": '{"traffic_source":"fair"}'}),
        ],
        n_people=3,
    )
    assert found.came_from.to_pylist() == ["letter", "fair", None]


def test_what_is_no_object_of_traits_is_passed_over(read):
    assert decoded(read([(0, {"traits": "[1]"}), (0, {"traits": "broken"}), (1, {"traits": None})]).traits) == [{}, {}]


def test_nothing_that_scores_sees_a_sensitive_trait():
    profiles = pa.table({
        "person_id": ["a", "b", "c"],
        "traits": ['{"age":"31","religion":"x","health.allergies":"nuts"}', "{}", '{"Religion":"y"}'],
    })  # fmt: skip
    assert for_scoring(profiles, SENSITIVE).column("traits").to_pylist() == ['{"age":"31"}', "{}", "{}"]
    assert for_scoring(profiles, SENSITIVE).column_names == profiles.column_names
