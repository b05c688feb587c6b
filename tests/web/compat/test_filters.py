"""The vendors' filter languages: what they keep, and that anything else is refused by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.errors import BadInput
from crosslift.settings import Settings
from crosslift.web.compat import bindings, personalize_filters, retail_filters
from crosslift.web.compat.personalize_filters import Asked

TEA = {"itemid": ("T",), "price": (5.0,), "brand": ("Uji",), "genres": ("green", "japan"), "gtin": ("4006381333931",)}


def keeps(expression, values=None, *, page=None, user=None, done=()):
    return personalize_filters.read(expression, values or {}).keeps(Asked(TEA, page or {}, user or {}, frozenset(done)))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('Items.BRAND = "Uji"', True), ('Items.BRAND != "Uji"', False), ('Items.GENRES IN ("green", "black")', True),
        ('Items.GENRES NOT IN ("green")', False), ("Items.PRICE < 5", False), ("Items.PRICE <= 5", True),
        ("Items.PRICE = 5", True), ('Items.COLOR IN ("red")', False), ('items.brand in ("Uji") and items.price > 1', True),
        ('Items.PRICE > 9 OR Items.PRICE < 6 AND Items.BRAND = "Uji"', True),
        ('(Items.PRICE > 9 OR Items.PRICE < 6) AND Items.BRAND = "Oolong"', False),
        ('Items.GENRES IN ("*")', True), ('Items.COLOR IN ("*")', False), ('Items.GTIN = "4006381333930"', False),
    ],
)  # fmt: skip
def test_personalize_includes_and_excludes_the_opposite(condition, expected):
    assert keeps(f"INCLUDE ItemID WHERE {condition}") is expected
    assert keeps(f"EXCLUDE ItemID WHERE {condition}") is not expected


def test_personalize_asks_page_person_and_past():
    same = "INCLUDE ItemID WHERE Items.BRAND = CurrentItem.BRAND"
    assert keeps(same, page={"brand": ("Uji",)})
    assert not keeps(same, page={"brand": ("Oolong",)})
    adult = "IF CurrentUser.AGE < 18 EXCLUDE ItemID WHERE Items.PRICE > 1"
    assert not keeps(adult, user={"age": (17.0,)})
    assert keeps(adult, user={"age": (18.0,)})
    assert keeps(adult)
    bought = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Purchase", "add-to-cart")'
    assert not keeps(bought, done=["Order Completed"])
    assert not keeps(bought, done=["Product Added"])
    assert keeps(bought, done=["Product Viewed"])


def test_personalize_joins_clauses_and_fills_placeholders():
    both = "INCLUDE ItemID WHERE Items.BRAND IN ($B) | EXCLUDE ItemID WHERE Items.PRICE > $P"
    assert keeps(both, {"B": '"Oolong","Uji"', "P": "5"})
    assert not keeps(both, {"B": '"Uji"', "P": "4"})
    assert keeps(both, {"B": '"Uji"'})
    with pytest.raises(BadInput, match="lacks B"):
        keeps(both, {"P": "4"})


@pytest.mark.parametrize("text", [
    "", "INCLUDE", "INCLUDE ItemID", "KEEP ItemID WHERE Items.A = 1", "INCLUDE ItemID WHERE Items.A ~ 1",
    "INCLUDE ItemID WHERE A = 1",
    "INCLUDE ItemID WHERE Planets.A = 1", "INCLUDE ItemID WHERE Items.A IN (1", "INCLUDE ItemID WHERE Items.A = 1 |",
    "INCLUDE ItemID WHERE " + "(" * 200 + "Items.A = 1" + ")" * 200,
])  # fmt: skip
def test_personalize_refuses_what_it_cannot_read(text):
    with pytest.raises(BadInput):
        personalize_filters.read(text, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('tag="new"', True), ('tag=("new" OR "old")', True), ('tag=("new" AND "old")', False), ('tag=(-"old")', True),
        ('-tag="new"', False), ('filterOutOfStockItems tag="new"', True), ('tag="old" OR colors: ANY("Red")', True),
        ('(colors: ANY("Red", "Blue")) AND NOT (categories: ANY("Phones"))', True), ('attributes.material: ANY("wool")', True),
        ('NOT availability: ANY("IN_STOCK")', False), ('productId: ANY("A")', True),
    ],
)  # fmt: skip
def test_retail_reads_both_syntaxes(text, expected):
    facts = {
        "tags": ("new",), "colors": ("Red",), "availability": ("IN_STOCK",), "categories": ("Tea",), "material": ("wool",),
        "itemid": ("A",),
    }  # fmt: skip
    assert retail_filters.read(text)(facts) is expected


@pytest.mark.parametrize(
    "text", ["tag=", "tag", "colors ANY", 'colors: ANY("a"', "AND", "(" * 200, 'x: SOME("a")', '"a"', "x" * 6000]
)
def test_retail_refuses_what_it_cannot_read(text):
    with pytest.raises(BadInput):
        retail_filters.read(text)


WORDS = st.sampled_from([
    "INCLUDE", "EXCLUDE", "ItemID", "WHERE", "IF", "AND", "OR", "NOT", "IN", "Items.A", "CurrentUser.B", "(", ")", ",", "|", "=",
    "<", '"x"', "$P", "7", "tag", ":", "ANY", "-", "filterOutOfStockItems", "\x00", "é", '"',
])  # fmt: skip


@given(text=st.one_of(st.text(), st.lists(WORDS, max_size=20).map(" ".join)))
def test_any_text_is_a_filter_or_bad_input(text):
    for read in (lambda: personalize_filters.read(text, {"P": text}), lambda: retail_filters.read(text)):
        try:
            found = read()
        except BadInput:
            continue
        assert found is not None


@pytest.mark.parametrize("text", ["nonsense", "retail/home", "retail/home = nowhere", "home = home"])
def test_a_binding_that_binds_nothing_is_refused(text):
    with pytest.raises(BadInput, match="binds nothing"):
        bindings.bindings(Settings.load({"compat.bindings": text}, environment={}))
