"""What speaks of products nobody knows is found, one finding a kind."""

import pyarrow as pa

from crosslift.collect.references import Contacts, References, examine

LIVE = pa.table({"product_id": ["A", "B", "OLD"], "is_active": [True, True, False]})


def found(links=(), parts=(), held=(), contacts=None, viewed=None):
    """Examine (from, to, kind) links, (bundle, product, is_active) parts and held products; counts and samples by code."""
    tables = (
        pa.table({name: pa.array([row[n] for row in links], pa.string()) for n, name in enumerate(("from_id", "to_id", "kind"))}),
        pa.table({
            "bundle_id": pa.array([p[0] for p in parts], pa.string()), "product_id": pa.array([p[1] for p in parts], pa.string()),
            "is_active": pa.array([p[2] for p in parts], pa.bool_()),
        }),
    )  # fmt: skip
    return {
        f.code: (f.count, f.samples)
        for f in examine(References(LIVE, *tables, held, contacts or Contacts(), viewed=viewed or {}))
        if f.count
    }


def test_what_leads_somewhere_is_no_finding():
    links = [("A", "B", "fits"), ("*", "OLD", "apart"), ("category:x", "category:y", "fits"), ("guide", "A", "content")]
    assert found(links, [("S", "A", True), ("S", "B", True)], ["A", "OLD"]) == {}


def test_links_to_unknown_products_are_counted_once_each():
    links = [("X", "Y", "fits"), ("A", "Z", "refill"), ("guide", "W", "content"), ("A", "B", "fits")]
    assert found(links) == {
        "links_unknown_product": (3, ("X → Y (fits)", "A → Z (refill)", "guide → W (content)")),
    }


def test_a_bundle_with_an_unknown_or_inactive_part_is_broken_unless_it_is_inactive():
    parts = [
        ("S", "A", True),
        ("S", "OLD", True),
        ("S", "X", True),
        ("T", "X", True),
        ("U", "X", False),
        ("V", "A", True),
    ]
    assert found(parts=parts) == {"bundles_broken": (2, ("S: OLD", "T: X"))}


def test_products_held_but_unknown_are_named():
    assert found(held=["PLAN", "A", "CAR", "PLAN"]) == {"held_unknown_product": (2, ("CAR", "PLAN"))}


def test_products_that_pages_show_and_the_catalog_lacks_are_told_most_looked_at_first():
    assert found(viewed={"A": 9, "OLD": 1}) == {}
    assert found(viewed={"A": 9, "W": 2, "X": 41, "Y": 2, "Z": 1}) == {
        "viewed_unknown_product": (4, ("X: 41 times", "W: 2 times", "Y: 2 times"))
    }


def test_whom_and_what_contacts_name_is_looked_up():
    told = Contacts(
        customers=frozenset({"c1", "crm-9", "crm-7"}), accounts=frozenset({"acme", "ghost"}), products=frozenset({"A", "X"}),
        known_customers=frozenset({"c1"}), known_accounts=frozenset({"acme"}),
    )  # fmt: skip
    assert found(contacts=told) == {
        "contacts_unknown_product": (1, ("X",)),
        "contacts_unknown_customer": (2, ("crm-7", "crm-9")),
        "unknown_account": (1, ("ghost",)),
    }
