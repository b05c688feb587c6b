import pyarrow as pa
import pytest

from crosslift.learn.customers.people import Identities
from crosslift.learn.customers.seen import Act, Watch
from crosslift.learn.customers.shelf import Shelf


@pytest.fixture
def watch(table):
    def watch(*parts, until=None, people=()):
        identities = Identities()
        shelf = Shelf.of(table("products", {"product_id": "p", "category": "C"}, {"product_id": "q", "category": "D"}))
        found = Watch(identities, shelf, until)
        found.read(table("events", *rows) for rows in parts)
        everybody = identities.people(table("people", *people))
        return found.seen(everybody), everybody.ids.to_pylist(), found.newest

    return watch


@pytest.fixture
def texts(table):
    """Read the texts that are kept of events: `texts("told", rows, rows)`."""

    def read(kind, *parts, people=()):
        identities = Identities()
        found = Watch(identities, Shelf.of(table("products")))
        found.read(table("events", *rows) for rows in parts)
        return getattr(found, kind)(identities.people(table("people", *people)))

    return read


def did(identity, name, at, product=None, properties="{}"):
    return {"identity": identity, "name": name, "at": at, "product_id": product, "properties": properties}


def test_acts_are_kept_as_numbers_with_the_category_looked_at(watch):
    seen, people, newest = watch([
        did("customer:1", "Product Viewed", 5, "q"), did("customer:1", "Product Added", 6, "p"),
        did("anonymous:x", "Products Searched", 7), did("customer:1", "Quiz Finished", 8, "p"),
        did("customer:1", "Product List Viewed", 9, None, '{"category": "C", "more": 1}'),
        did("customer:1", "Product List Viewed", 10, None, '{"category": 7}'), did("customer:1", "Product Viewed", 11, "gone"),
    ])  # fmt: skip
    assert people == ["anonymous:x", "customer:1"]
    rows = sorted(zip(seen.at.tolist(), seen.act.tolist(), seen.category.tolist(), seen.person.tolist(), strict=True))
    assert rows == [
        (5, Act.VIEW, 1, 1), (6, Act.CART, 0, 1), (7, Act.SEARCH, -1, 0), (9, Act.LIST, 0, 1), (10, Act.LIST, -1, 1),
        (11, Act.VIEW, -1, 1),
    ]  # fmt: skip
    assert seen.last_at.tolist() == [7, 11]
    assert newest == 11


def test_everything_a_person_did_under_several_identities_is_together(watch):
    seen, people, _ = watch(
        [did("anonymous:x", "Product Viewed", 5, "p")], [did("customer:1", "screen", 9), did("anonymous:x", "page", 4)],
        people=[{"identity": "anonymous:x", "person_id": "customer:1"}],
    )  # fmt: skip
    assert people == ["customer:1"]
    assert (seen.last_at.tolist(), seen.last_used_at.tolist(), seen.person.tolist()) == ([9], [9], [0])


def test_what_happened_too_late_or_under_no_name_is_not_read(watch):
    seen, people, newest = watch([
        did("customer:1", "page", 5), did("customer:2", "page", 6), did(None, "page", 4),
    ], until=5)  # fmt: skip
    assert (people, seen.last_at.tolist(), newest) == (["customer:1"], [5], 5)


def test_the_earliest_event_that_says_so_tells_where_somebody_came_from(texts):
    late, early, twin = (f'{{"referrer":"https://{name}.example/"}}' for name in ("late", "early", "also"))
    parts = (
        [did("customer:1", "page", 5, properties=late), did("customer:1", "page", 1)],
        [did("anonymous:x", "page", 3, properties=early), did("anonymous:x", "page", 3, properties=twin)],
    )
    people = [{"identity": "anonymous:x", "person_id": "customer:1"}]
    for order in (parts, parts[::-1]):
        found = texts("came_from", *order, people=people)
        assert (found.person.tolist(), found.at.tolist(), found.properties.to_pylist()) == ([0], [3], [twin])


def test_identify_calls_are_kept_as_they_were_told(texts):
    found = texts(
        "told", [did("customer:1", "identify", 5, properties='{"traits":{"a":"b"}}'), did("customer:1", "page", 6)]
    )
    assert (found.person.tolist(), found.at.tolist()) == ([0], [5])
    assert found.properties.to_pylist() == ['{"traits":{"a":"b"}}']


def test_nothing_seen(watch):
    seen, people, newest = watch()
    assert (people, newest, seen.person.tolist()) == ([], 0, [])
    assert watch([])[1] == []


def test_parts_with_encoded_texts_read_the_same(watch, table):
    plain = table("events", did("customer:1", "Product Viewed", 5, "p"), did("customer:2", "page", 6))
    coded = pa.table(
        {name: plain[name].dictionary_encode() if name != "at" else plain[name] for name in plain.column_names}
    )
    identities = Identities()
    found = Watch(identities, Shelf.of(table("products", {"product_id": "p", "category": "C"})))
    found.read([coded])
    seen = found.seen(identities.people(table("people")))
    assert (seen.category.tolist(), seen.last_at.tolist()) == ([0], [5, 6])
