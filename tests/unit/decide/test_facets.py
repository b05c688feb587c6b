import pytest

from crosslift.decide.facets import FacetRow, Facets, Wanted
from crosslift.domain.rule import Selector


def row(product_id, category=None, parent_id=None, **said):
    return FacetRow(product_id, parent_id, category, tuple(sorted(said.items())))


@pytest.fixture
def marked(tea_known):
    """Name what facets mark for a selector."""

    def marked(*rows, names=frozenset(), **selector):
        facets = Facets(tea_known, {one.product_id: one for one in rows}, frozenset(names), is_live=bool(rows))
        mask = facets.mask(Wanted.of(Selector(**selector)))
        return {tea_known.products[i] for i in mask.nonzero()[0]}

    return marked


def test_what_the_snapshot_learned_stands_where_the_catalog_was_not_read(marked):
    assert marked(categories=("table",)) == {"cup", "saucer", "spoon"}
    assert marked(categories=("sweet", "leaves")) == {"tea", "honey"}
    assert marked(tags=("glass",)) == set()


def test_a_category_that_changed_since_counts_as_it_is_now(marked):
    moved = row("spoon", "cutlery/spoons")
    assert marked(moved, categories=("table",)) == {"cup", "saucer"}
    assert marked(moved, categories=("cutlery",)) == {"spoon"}
    assert marked(row("spoon"), categories=("table",)) == {"cup", "saucer"}  # it has none any more


def test_a_category_holds_what_lies_below_it_and_nothing_that_only_begins_alike(marked):
    rows = (row("cup", "Wine/Red"), row("spoon", "Wine glasses"))
    assert marked(*rows, categories=("Wine",)) == {"cup"}
    assert marked(*rows, categories=("Wine/",)) == {"cup"}


def test_attributes_must_all_have_their_value_and_one_of_the_tags_is_enough(marked):
    rows = (
        row("cup", size="L", color="red"),
        row("spoon", size="L"),
        row("tea", tags="alcohol"),
        row("honey", tags="new"),
    )
    assert marked(*rows, attributes={"size": "L"}) == {"cup", "spoon"}
    assert marked(*rows, attributes={"size": "L", "color": "red"}) == {"cup"}
    assert marked(*rows, tags=("alcohol", "new")) == {"tea", "honey"}


def test_fields_join_by_and(marked):
    rows = (row("cup", "table", tags="new"), row("tea", "leaves", tags="new"))
    assert marked(*rows, categories=("table",), tags=("new",)) == {"cup"}
    assert marked(*rows, products=("cup", "tea"), not_categories=("leaves",)) == {"cup"}
    assert marked(*rows, products=("cup", "tea"), not_tags=("new",)) == set()
    assert marked(*rows, products=("cup", "tea"), not_products=("tea",)) == {"cup"}


def test_a_product_is_what_its_variants_are_but_is_exempt_only_by_itself(marked):
    red = FacetRow("red cup", "cup", "alcohol", (("tags", "18"),))
    assert marked(red, tags=("18",)) == {"cup"}
    assert marked(red, categories=("alcohol",)) == {"cup"}
    assert marked(red, products=("red cup",)) == {"cup"}
    assert marked(red, products=("cup",), not_products=("red cup",)) == {"cup"}
    assert marked(red, products=("cup",), not_tags=("18",)) == {"cup"}
    assert marked(red, products=("cup",), not_categories=("alcohol",)) == {"cup"}


def test_a_product_known_by_its_variants_alone_stands_where_they_do(marked):
    red = FacetRow("red cup", "cup", "glass")
    assert marked(red, categories=("table",)) == {"saucer", "spoon"}
    assert marked(red, categories=("glass",)) == {"cup"}


@pytest.mark.parametrize(
    ("attributes", "names", "said"),
    [
        ('{"size": "L", "color": "red"}', {"size"}, (("size", "L"),)),
        ('{"tags": "new, alcohol ,,"}', {"tags"}, (("tags", "new"), ("tags", "alcohol"))),
        ('{"tags": ["new", "a, b"]}', {"tags"}, (("tags", "new"), ("tags", "a"), ("tags", "b"))),
        ('{"age": 18, "organic": true, "liters": 1.5}', {"age", "organic", "liters"},
         (("age", "18"), ("liters", "1.5"), ("organic", "true"))),
        ('{"parts": {"a": 1}, "none": null}', {"parts", "none"}, ()),
        ("{}", {"size"}, ()),
        ('{"size": "L"}', set(), ()),
    ],
)  # fmt: skip
def test_attributes_are_read_as_texts(attributes, names, said):
    assert FacetRow.read("cup", None, "table", attributes, frozenset(names)).said == said


def test_a_change_that_says_nothing_new_leaves_the_facets_as_they_are(tea_known):
    facets = Facets(tea_known, {"cup": row("cup", "table", size="L")}, frozenset({"size"}), is_live=True)
    assert facets.with_changes([row("cup", "table", size="L")]) is facets
    wanted = Wanted.of(Selector(attributes={"size": "S"}))
    changed = facets.with_changes([row("cup", "table", size="S")])
    assert changed.mask(wanted).sum() == 1
    assert facets.mask(wanted).sum() == 0


def test_only_what_was_read_can_be_answered(tea_known):
    assert not Facets(tea_known, {}).answers(frozenset())
    live = Facets(tea_known, {}, frozenset({"size"}), is_live=True)
    assert live.answers(frozenset({"size"}))
    assert live.answers(frozenset())
    assert not live.answers(frozenset({"size", "tags"}))


def test_a_selector_names_what_it_asks_the_catalog():
    assert Wanted.of(Selector(kinds=("upgrade",), is_paid_incentive=True)) is None
    asked = Wanted.of(Selector(attributes={"size": "L"}, not_tags=("new",)))
    assert asked.names == {"size", "tags"}
    assert Wanted.of(Selector(categories=("table",))).names == frozenset()
