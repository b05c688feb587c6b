"""What the merchant wrote down speaks of the shop, gives reasons, and holds one set that cannot pay."""

import csv

from crosslift.domain.link import EXPLAINED, LinkAction, LinkKind, factor_of, interval_of
from crosslift.testing.demo import CATALOG, DemoFiles, get_item
from crosslift.testing.demo.curation import BUNDLES, INCLUDED, LINKS, UNSOUND_BUNDLE, Bundle
from crosslift.testing.demo.guides import GUIDES
from crosslift.testing.demo.relations import needs

KNOWN = {item.product_id for item in CATALOG}
SHELVES = {item.category for item in CATALOG}


def test_links_speak_of_products_shelves_and_guides() -> None:
    pages = {guide.content_id for guide in GUIDES}
    for link in LINKS:
        for name in (link.from_id, link.to_id):
            if name.startswith("category:"):
                assert name.removeprefix("category:") in SHELVES
            else:
                assert name in (pages if link.kind == "content" and name == link.from_id else KNOWN)


def test_links_are_of_known_kinds_with_reason_and_author() -> None:
    for link in LINKS:
        assert LinkKind(link.kind)
        assert LinkAction(link.action or "link")
        assert link.reason
        assert link.author
        assert link.kind != "refill" or interval_of(link.value)
        assert link.action not in ("boost", "bury") or factor_of(link.value)
    actions = [link.action for link in LINKS if link.action in EXPLAINED]
    assert sorted(actions) == ["ban", "ban", "boost", "bury", "pin"]
    assert {link.kind for link in LINKS} == {"complement", "excludes", "included", "apart", "content", "refill"}
    assert [link.to_id for link in LINKS if link.expires_at] == ["GIFT-DBG"]
    assert set(INCLUDED) <= set(needs())


def _cost_and_price(bundle: Bundle) -> tuple[int, float]:
    items = [(get_item(product_id), quantity) for product_id, _, quantity in bundle.parts[: bundle.min_parts]]
    cost = sum((item.cost or 0) * quantity for item, quantity in items)
    full = sum(item.price * quantity for item, quantity in items)
    return cost, bundle.price or full * (1 - (bundle.discount_percent or 0) / 100)


def test_one_set_alone_leaves_no_margin() -> None:
    for bundle in BUNDLES:
        assert all(get_item(product_id).cost for product_id, _, _ in bundle.parts)
        cost, price = _cost_and_price(bundle)
        margin = (price - cost) / price
        assert (margin < 0.1) == (bundle.bundle_id == UNSOUND_BUNDLE), (bundle.bundle_id, margin)


def test_sets_are_cheaper_than_their_parts_and_looks_match() -> None:
    for bundle in BUNDLES:
        chosen = bundle.parts[: bundle.min_parts]
        assert _cost_and_price(bundle)[1] < sum(get_item(name).price * quantity for name, _, quantity in chosen)
    look = next(bundle for bundle in BUNDLES if bundle.kind == "look")
    assert {get_item(name).attributes["material"] for name, _, _ in look.parts} == {"steel"}
    assert len({role for _, role, _ in look.parts}) == len(look.parts) == 3


def test_files_have_a_row_a_link_and_a_row_a_part(demo: DemoFiles) -> None:
    with demo.links.open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(LINKS) == demo.counts["links"]
    with demo.bundles.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["bundle_id"] for row in rows} == {bundle.bundle_id for bundle in BUNDLES}
    assert len(rows) == sum(len(bundle.parts) for bundle in BUNDLES) == demo.counts["bundles"]
    assert {(row["min_parts"], row["discount_percent"]) for row in rows if row["kind"] == "mix"} == {("3", "10")}
