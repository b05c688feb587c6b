"""Over random carts, sets, prices, costs and stock: what a set promises is true, and it takes nothing from anyone."""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.decide.sets import LivePart, sets_for
from crosslift.domain.bundle import Bundle, BundleKind, Part
from crosslift.domain.money import Money

NOW = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = tuple("abcdef")
EXAMPLES = settings(deadline=None, max_examples=200)
SEEDS = st.integers(0, 2**32)


@dataclass(frozen=True)
class Situation:
    """A cart, the sets of a shop, and what the shop knows of its products."""

    cart: dict[str, int]
    bundles: list[Bundle]
    shop: dict[str, LivePart]
    barred: set[str]
    min_margin: float

    def sets(self, k=9):
        return sets_for(self.cart, self.bundles, self.shop.get, self.barred.__contains__, k, NOW, self.min_margin)


def situation(seed):
    """Draw a situation; most products can be sold, or no set would ever be offered."""
    chance = Random(seed)
    cart = {name: chance.randint(0, 2) for name in chance.sample(NAMES, 2)}
    shop = {name: row(chance) for name in NAMES if chance.random() < 0.95}
    bundles = [bundle(chance, number) for number in range(5)]
    barred = {name for name in NAMES if chance.random() < 0.05}
    return Situation(cart, bundles, shop, barred, chance.choice([0.0, 0.1, 0.35]))


def row(chance):
    return LivePart(
        offered_as=chance.choice("xy"),
        price=euros(chance, 500, 2_000) if chance.random() < 0.95 else None,
        stock=chance.choice([None, None, 9, 2, 1, 0]),
        cost=euros(chance, 200, 1_200) if chance.random() < 0.8 else None,
        can_be_sold=chance.random() < 0.95,
    )


def bundle(chance, number):
    kind = chance.choice(list(BundleKind))
    names = chance.sample(NAMES, chance.choice([2, 3, 4]))
    roles = [""] * len(names)
    if kind is BundleKind.LOOK:
        roles = ["top", "bag", *chance.choices(["top", "bag", "shoes"], k=len(names) - 2)]
    parts = tuple(Part(name, role, chance.choice([1, 1, 1, 2])) for name, role in zip(names, roles, strict=True))
    n_parts = len(set(roles)) if kind is BundleKind.LOOK else len(names)
    is_free = kind in {BundleKind.MIX, BundleKind.LOOK}
    pricing = chance.choice([
        {}, {"price": euros(chance, 500, 6_000)}, {"discount_percent": Decimal(chance.randint(0, 40))},
    ])  # fmt: skip
    return Bundle(f"b{number}", kind, parts, chance.randint(2, n_parts) if is_free else n_parts, **pricing)


def euros(chance, least, most):
    return Money(Decimal(chance.randint(least, most)) / 100, "EUR")


def test_the_situations_bring_out_every_kind_of_set_with_and_without_a_choice():
    seen = Counter((offer.kind, bool(offer.alternatives)) for seed in range(600) for offer in situation(seed).sets())
    assert min(seen[kind, False] + seen[kind, True] for kind in BundleKind) >= 10
    assert min(seen[kind, True] for kind in (BundleKind.MIX, BundleKind.LOOK)) >= 10


@EXAMPLES
@given(SEEDS)
def test_every_promise_of_a_set_is_true(seed):
    here = situation(seed)
    by_id = {bundle.bundle_id: bundle for bundle in here.bundles}
    for offer in here.sets():
        singles = sum(part.price.amount * part.quantity for part in offer.parts)
        assert offer.single.amount == singles
        assert offer.saving.amount == singles - offer.price.amount >= 0
        assert offer.saving.amount > 0 or offer.kind in {BundleKind.LOOK, BundleKind.MINED}
        assert offer.missing
        assert any(part.n_in_cart for part in offer.parts)
        assert {part.product_id for part in offer.parts} <= {*by_id[offer.bundle_id].product_ids}
        assert len(offer.parts) >= by_id[offer.bundle_id].min_parts


@EXAMPLES
@given(SEEDS)
def test_every_part_can_be_bought_now_and_alone(seed):
    here = situation(seed)
    for offer in here.sets():
        for part in (*offer.parts, *offer.alternatives):
            row = here.shop[part.product_id]
            assert row.can_be_sold
            assert part.product_id not in here.barred
            assert (part.offered_as, part.price) == (row.offered_as, row.price)
            assert row.stock is None or row.stock >= part.quantity
            assert part.n_in_cart == min(here.cart.get(part.product_id, 0), part.quantity)


@EXAMPLES
@given(SEEDS)
def test_the_margin_floor_is_never_broken_where_costs_are_known(seed):
    here = situation(seed)
    for offer in here.sets():
        costs = [(here.shop[part.product_id].cost, part.quantity) for part in offer.parts]
        if any(cost is None for cost, _ in costs):
            assert offer.margin is None
        else:
            assert offer.margin.amount == offer.price.amount - sum(cost.amount * n for cost, n in costs)
            assert offer.margin.amount >= offer.price.amount * Decimal(str(here.min_margin))


@EXAMPLES
@given(SEEDS)
def test_asking_changes_nothing_and_the_order_of_sets_and_cart_does_not_matter(seed):
    here, before = situation(seed), situation(seed)
    found = here.sets()
    backwards = Situation(
        dict(reversed(here.cart.items())), here.bundles[::-1], here.shop, here.barred, here.min_margin
    )
    assert found == backwards.sets()
    assert here == before == deepcopy(here)
    assert [(-offer.saving.amount, offer.bundle_id) for offer in found] == sorted(
        (-offer.saving.amount, offer.bundle_id) for offer in found
    )
    assert here.sets(k=1) == found[:1]


@EXAMPLES
@given(SEEDS)
def test_a_looks_alternative_is_the_part_offered_where_the_usual_one_is_gone(seed):
    here = situation(seed)
    for made in here.bundles:
        alone = Situation(here.cart, [made], here.shop, here.barred, here.min_margin)
        for offer in alone.sets():
            kept = {part.product_id for part in offer.parts}
            for other in offer.alternatives:
                gone = [
                    {n: r for n, r in here.shop.items() if n in (kept | {other.product_id}) - {name}} for name in kept
                ]
                swapped = [
                    {part.product_id for part in instead.parts}
                    for shop in gone
                    for instead in Situation(here.cart, [made], shop, here.barred, here.min_margin).sets()
                ]
                assert any(other.product_id in products for products in swapped)
