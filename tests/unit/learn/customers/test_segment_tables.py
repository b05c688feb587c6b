from crosslift.domain.condition import needs
from crosslift.domain.membership import PersonFacts, RecentEvent
from crosslift.domain.profile import Profile
from crosslift.domain.segment_grammar import parse
from crosslift.learn.customers.segment_tables import tables_of

PERSON = PersonFacts(
    Profile("customer:1", 0, n_orders=2, market="KR", brands={"x": 0.4}, traits={"age": "34", "skin": "dry"}),
    consents={("marketing", "*"): True},
    owned=frozenset({"b", "a"}),
    events=[RecentEvent("A", 5, "p", "Tea", {"size": 3, "color": "red"}), RecentEvent("B", 6)],
)


def rows(*lines):
    tables = tables_of([PERSON], needs([parse(line) for line in lines]))
    return {name: table.to_pylist() for name, table in tables.items()}


def test_only_what_rules_need_is_written():
    assert rows("orders > 1 and clv > 0") == {"profiles": [{"person_id": "customer:1", "clv": None, "n_orders": 2.0}]}
    found = rows('trait("age") > 1 and owns("a") and count("A", size = "3", last = 1 day) > 0')
    assert set(found) == {"profiles", "traits", "possessions", "events"}
    assert found["traits"] == [{"person_id": "customer:1", "name": "age", "value": "34", "number": 34.0}]
    assert [row["product_id"] for row in found["possessions"]] == ["a", "b"]
    assert found["events"] == [
        {"person_id": "customer:1", "name": "A", "at": 5, "product_id": "p", "category": "Tea", "property:size": "3"}
    ]


def test_shares_and_consents_are_rows_of_their_own():
    found = rows('share(brand = "x") > 0 and consent("marketing")')
    assert found["shares"] == [{"person_id": "customer:1", "of": "brand", "name": "x", "share": 0.4}]
    assert found["consents"][0] == {
        "person_id": "customer:1",
        "purpose": "marketing",
        "channel": "*",
        "is_granted": True,
    }
