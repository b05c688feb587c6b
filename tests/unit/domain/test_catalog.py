"""What a shop sells."""

from crosslift.domain.catalog import Product, ProductKind

SELLABLE = {"goods", "service", "warranty", "plan", "bundle"}


def test_only_what_a_customer_chooses_is_sellable():
    assert {kind.value for kind in ProductKind if kind.is_sellable} == SELLABLE


def test_the_store_and_the_reports_name_the_same_sellable_kinds(repo):
    """The list is written in SQL and in two filters as well; they must not drift apart."""
    listed = ", ".join(f"'{kind.value}'" for kind in ProductKind if kind.is_sellable)
    assert f"in ({listed})" in (repo / "src/crosslift/store/sqlite_imports.py").read_text()
    doubled = listed.replace("'", '"')
    for file in ("cleaning.py", "quality.py"):
        assert f"[{doubled}]" in (repo / "src/crosslift/collect" / file).read_text()


def test_a_title_falls_back_to_the_plain_one():
    product = Product("A", "Mug", titles={"ko": "머그", "ja": ""})
    assert [product.title_in(language) for language in ("ko", "ja", "en")] == ["머그", "Mug", "Mug"]


def test_what_is_unknown_of_a_product_is_none_not_zero():
    product = Product("A", "Mug")
    assert (product.price, product.cost, product.stock, product.parent_id) == (None, None, None, None)
    assert product.is_active
