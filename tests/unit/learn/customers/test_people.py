import numpy as np
import pyarrow as pa

from crosslift.learn.customers.people import Identities, encoded, ranked


def column(*values):
    return pa.chunked_array([pa.array(values, pa.string())])


def test_customers_and_visitors_of_one_person_are_one(table):
    identities = Identities()
    buyers = identities.customers(column("2", None, "1", "2"))
    visitors = identities.seen(column("anonymous:x", "customer:1", "anonymous:y"))
    people = identities.people(table("people", {"identity": "anonymous:x", "person_id": "customer:2"}))
    assert people.ids.to_pylist() == ["anonymous:y", "customer:1", "customer:2"]
    assert people.of(buyers).tolist() == [2, -1, 1, 2]
    assert people.of(visitors).tolist() == [2, 1, 0]


def test_a_person_may_be_named_after_an_identity_that_was_never_seen(table):
    identities = Identities()
    identities.customers(column("1", "2"))
    mapping = table("people", *({"identity": f"customer:{n}", "person_id": "email:a@b.example"} for n in "12"))
    assert identities.people(mapping).ids.to_pylist() == ["email:a@b.example"]


def test_nobody_is_a_person_without_facts(table):
    people = Identities().people(table("people", {"identity": "anonymous:x", "person_id": "customer:2"}))
    assert len(people) == 0
    assert people.of(np.array([-1], np.int32)).tolist() == [-1]


def test_words_that_are_left_over_in_a_dictionary_are_nobody(table):
    whole = pa.array(["1", "2", "3"]).dictionary_encode()
    identities = Identities()
    identities.customers(pa.chunked_array([whole.filter(pa.array([True, False, True]))]))
    assert identities.people(table("people")).ids.to_pylist() == ["customer:1", "customer:3"]


def test_places_in_sorted_names_do_not_depend_on_the_order_of_rows():
    places, names = ranked(column("b", None, "a", "b"))
    assert (places.tolist(), names.to_pylist()) == ([1, -1, 0, 1], ["a", "b"])
    assert encoded(column("b", None, "a"))[0].tolist() == [0, -1, 1]
    assert ranked(column())[0].tolist() == []
