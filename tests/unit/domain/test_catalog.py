"""What a shop sells."""

from crosslift.domain.catalog import SELLABLE_KINDS, Product, ProductKind

SELLABLE = {"goods", "service", "warranty", "plan", "action", "bundle"}


def test_only_what_a_customer_chooses_is_sellable():
    assert {kind.value for kind in ProductKind if kind.is_sellable} == SELLABLE


def test_the_store_and_the_reports_ask_for_the_same_kinds(repo):
    """One list: none of them writes its own."""
    assert set(SELLABLE_KINDS) == SELLABLE
    for file in ("store/sql_imports.py", "collect/cleaning.py", "collect/quality.py"):
        text = (repo / "src/crosslift" / file).read_text()
        assert "SELLABLE_KINDS" in text
        assert "warranty" not in text


def test_a_title_falls_back_to_the_plain_one():
    product = Product("A", "Mug", titles={"ko": "머그", "ja": ""})
    assert [product.title_in(language) for language in ("ko", "ja", "en")] == ["머그", "Mug", "Mug"]


def test_what_is_unknown_of_a_product_is_none_not_zero():
    product = Product("A", "Mug")
    assert (product.price, product.cost, product.stock, product.parent_id) == (None, None, None, None)
    assert product.is_active
