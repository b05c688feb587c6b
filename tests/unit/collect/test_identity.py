"""Who is who: each rule on the smallest case, and the identities that must never melt people together."""

import pytest

from crosslift.collect.identity import evidence_table, map_people
from crosslift.domain.identity import Limits, Rule, Split

LIMITS = Limits()


def people(*evidence, splits=(), limits=LIMITS):
    rows = [(first, second, rule, at) for at, (first, second, rule) in enumerate(evidence)]
    return map_people(evidence_table(rows), list(splits), limits)


def apart(first, second):
    return Split(first, second, "anna", "two sisters", 0)


def groups(found):
    by_person = {}
    for identity, person in found.person_of.items():
        by_person.setdefault(person, set()).add(identity)
    return sorted(map(sorted, by_person.values()))


def test_a_login_joins_the_session_before_it():
    found = people(("anonymous:a", "customer:1", "login"))
    assert found.person_of == {"anonymous:a": "customer:1", "customer:1": "customer:1"}
    assert found.because["anonymous:a"] == "login customer:1"


def test_two_customer_ids_with_one_address_are_one_person():
    found = people(("customer:b", "email:j@x.org", "email"), ("customer:a", "email:j@x.org", "email"))
    assert set(found.person_of.values()) == {"customer:a"}
    assert found.because["customer:b"] == "email email:j@x.org"


def test_a_lent_browser_belongs_to_its_first_customer():
    found = people(("anonymous:a", "customer:2", "login"), ("anonymous:a", "customer:1", "login"))
    assert groups(found) == [["anonymous:a", "customer:2"], ["customer:1"]]
    assert found.refused == [("customer:1", "anonymous:a", "login", "not_first")]


def test_of_one_instant_the_first_customer_by_name_counts():
    rows = [("anonymous:a", "customer:2", "login", 5), ("anonymous:a", "customer:1", "login", 5)]
    assert map_people(evidence_table(rows), [], LIMITS).person_of["anonymous:a"] == "customer:1"


def test_a_renamed_browser_does_not_join_two_customers():
    found = people(
        ("anonymous:a", "customer:1", "login"),
        ("anonymous:a", "anonymous:b", "alias"),
        ("anonymous:b", "customer:2", "login"),
    )
    assert groups(found) == [["anonymous:a", "anonymous:b", "customer:1"], ["customer:2"]]


def test_a_browser_does_not_join_customers_through_the_addresses_typed_into_it():
    found = people(
        ("customer:1", "email:a@x.org", "email"),
        ("customer:2", "email:b@x.org", "email"),
        ("anonymous:a", "email:a@x.org", "email"),
        ("anonymous:a", "email:b@x.org", "email"),
    )
    assert found.person_of["customer:1"] != found.person_of["customer:2"]
    assert found.person_of["anonymous:a"] == "customer:1"


def test_an_address_of_many_customers_joins_none_of_them():
    shared = [(f"customer:{n}", "email:family@x.org", "email") for n in range(4)]
    found = people(*shared)
    assert len(groups(found)) == 5
    assert {refusal for *_, refusal in found.refused} == {"shared"}
    assert len(groups(people(*shared[:3]))) == 1


def test_ten_thousand_devices_do_not_melt_into_one_person():
    devices = [("customer:till", f"device:{n}", "device") for n in range(10_000)]
    found = people(*devices, ("customer:till", "email:t@x.org", "email"), ("customer:2", "email:t@x.org", "email"))
    assert len(groups(found)) == 10_001
    assert found.person_of["customer:till"] == found.person_of["customer:2"]


def test_a_kiosk_with_many_customers_joins_none():
    found = people(*((f"customer:{n}", "device:kiosk", "device") for n in range(50)))
    assert len(groups(found)) == 51


def test_a_guest_account_with_many_addresses_joins_none_of_their_owners():
    guests = [("customer:guest", f"email:{n}@x.org", "email") for n in range(21)]
    owners = [(f"customer:{n}", f"email:{n}@x.org", "email") for n in range(21)]
    found = people(*guests, *owners)
    assert len(groups(found)) == 22


def test_a_chain_of_shared_contacts_does_not_melt_a_street():
    chain = [
        (f"customer:{n:02}", f"{kind}:{k}", kind)
        for n in range(12)
        for kind, k in (("email", f"{n // 2}@x.org"), ("phone", f"+82{(n + 1) // 2}"))
    ]
    found = people(*chain)
    assert len({found.person_of[f"customer:{n:02}"] for n in range(12)}) == 12
    assert {refusal for *_, refusal in found.refused} == {"large"}
    assert len({people(*chain[:20]).person_of[f"customer:{n:02}"] for n in range(10)}) == 1


def test_what_was_stated_joins_without_limit():
    found = people(*(("customer:00", f"customer:{n:02}", Rule.STATED.value) for n in range(1, 30)))
    assert set(found.person_of.values()) == {"customer:00"}


def test_a_split_keeps_two_people_apart_and_gives_the_rest_to_the_stronger_evidence():
    evidence = [
        ("customer:1", "email:j@x.org", "email"),
        ("customer:2", "email:j@x.org", "email"),
        ("anonymous:a", "customer:2", "login"),
    ]
    found = people(*evidence, splits=[apart("customer:1", "customer:2")])
    assert groups(found) == [["anonymous:a", "customer:2"], ["customer:1", "email:j@x.org"]]
    assert found.refused == [("customer:2", "email:j@x.org", "email", "split")]


def test_a_split_of_strangers_changes_nothing():
    evidence = [("anonymous:a", "customer:2", "login"), ("anonymous:b", "customer:1", "login")]
    split = [apart("customer:1", "customer:2"), apart("customer:8", "customer:9")]
    assert people(*evidence, splits=split) == people(*evidence)


def test_a_split_holds_through_a_third_who_knows_both():
    found = people(
        ("customer:1", "customer:3", "stated"),
        ("customer:2", "customer:3", "stated"),
        splits=[apart("customer:1", "customer:2")],
    )
    assert groups(found) == [["customer:1", "customer:3"], ["customer:2"]]


def test_an_identity_is_no_evidence_about_itself():
    assert people(("customer:1", "customer:1", "stated"), ("customer:1", "anonymous:a", "login")).refused == []


def test_no_evidence_maps_nobody():
    assert people() == map_people(evidence_table([]), [apart("a:1", "a:2")], LIMITS)


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_limits_are_the_merchants(limit):
    evidence = [(f"customer:{n}", "phone:+8210123", "phone") for n in range(limit + 1)]
    limits = Limits(customers_per_identifier=limit)
    assert len(groups(people(*evidence, limits=limits))) == limit + 2
    assert len(groups(people(*evidence[:limit], limits=limits))) == 1
