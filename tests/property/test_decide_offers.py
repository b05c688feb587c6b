"""Over random little shops, carts, people, policies and live values: what is offered may be offered, and is true."""

import os
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.decide import record
from crosslift.decide.decider import decide
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.replay import replay
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Decision, ReasonCode, Request
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import BUILT_IN
from crosslift.settings import VERSION
from crosslift.wording import reasons

NAMES = tuple(f"p{i:02}" for i in range(14))
EXAMPLES = settings(deadline=None, max_examples=60)


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(scope="module", autouse=True)
def _no_compiler():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CROSSLIFT_NO_JIT", "1")
        yield


@dataclass(frozen=True)
class World:
    """A little shop: its orders, what they taught, and what the catalog says."""

    orders: list[Any]
    known: Knowledge
    categories: dict[str, str | None]
    consumable: frozenset[str]


@pytest.fixture(scope="module")
def world(little):
    """Draw the shop of a seed, once."""

    @cache
    def world(seed: int) -> World:
        chance = np.random.default_rng(seed)
        made = []
        for number in range(95):
            held = set(chance.choice(14, chance.integers(1, 4), replace=False).tolist())
            held |= {i + 1 for i in (0, 2, 4, 6) if i in held and chance.random() < 0.8}
            held |= {0, 1} if number % 6 == 0 else set()
            customer = f"c{chance.integers(30)}" if chance.random() < 0.8 else None
            made.append(little.Order(tuple(NAMES[i] for i in sorted(held)), customer, float(chance.integers(0, 1_200))))
        categories = {name: f"k{chance.integers(3)}" if chance.random() < 0.8 else None for name in NAMES}
        consumable = frozenset(name for name in NAMES if chance.random() < 0.3)
        catalog = little.products(*(
            {"product_id": name, "title": f"Thing {name}", "titles": f'{{"ko":"물건 {name}","ja":"品物 {name}"}}',
             "category": categories[name], "attributes": '{"consumable":true}' if name in consumable else "{}"}
            for name in NAMES
        ))  # fmt: skip
        return World(
            made,
            little.knowledge(
                made, catalog, learn_min_lift=1.0, learn_max_q_value=0.3, learn_narrow_items=0, learn_narrow_share=1.0
            ),
            categories,
            consumable,
        )

    return world


ids = st.lists(st.sampled_from((*NAMES, "red", "blue", "unheard of")), max_size=4)
live_values = st.fixed_dictionaries(
    {},
    optional={
        "stock": st.sampled_from([None, 0, -1, 3]), "price_micros": st.sampled_from([None, 0, 7_000_000]),
        "is_active": st.booleans(), "is_sellable": st.booleans(),
    },
)  # fmt: skip


@st.composite
def overlays(draw):
    """Draw changed rows by id: products, variants of products, products that became variants."""
    rows = {name: draw(live_values) for name in draw(st.sets(st.sampled_from(NAMES), max_size=6))}
    for variant in draw(st.sets(st.sampled_from(("red", "blue")))):
        rows[variant] = draw(live_values) | {"parent_id": draw(st.sampled_from((*NAMES[:4], "range")))}
    for moved in draw(st.sets(st.sampled_from(NAMES[8:10]))):
        rows[moved] = draw(live_values) | {"parent_id": draw(st.sampled_from((*NAMES[:2], "range")))}
    return rows


purposes = st.tuples(
    st.sampled_from(("personalization", "marketing")), st.sampled_from(("*", "web", "email", "desk", "till"))
)
consents = st.dictionaries(purposes, st.booleans())
people = st.one_of(
    st.just(Person()),
    st.builds(
        Person, identity=st.just("customer:c1"), is_known=st.booleans(), owned=st.frozensets(st.sampled_from(NAMES)),
        consents=consents, entries=st.dictionaries(purposes, st.integers(1, 99)), mapping_version=st.integers(0, 3),
    ),
)  # fmt: skip


@st.composite
def situations(draw):
    """Draw everything a decision is made of, but the shop."""
    person = draw(people)
    return {
        "seed": draw(st.integers(0, 19)),
        "rows": draw(overlays()),
        "person": person,
        "request": {
            "placement": draw(st.sampled_from(tuple(PLACEMENTS))), "customer_id": "c1" if person.identity else None,
            "cart": tuple(draw(ids)), "holdings": tuple(draw(ids)), "exclude": tuple(draw(ids)),
            "k": draw(st.one_of(st.none(), st.integers(1, 20))), "policy": draw(st.sampled_from(tuple(BUILT_IN))),
            "purpose": draw(st.one_of(st.none(), st.sampled_from(Purpose))),
            "language": draw(st.sampled_from(("en", "ko", "ja", "fr"))),
        },
    }  # fmt: skip


@dataclass
class Made:
    """One decision with all that went into it."""

    world: World
    live: Any
    request: Request
    person: Person
    decision: Decision
    slim: bytes
    blob: bytes

    @property
    def products(self) -> list[str]:
        """What was offered, as the snapshot knows it: a product, whichever of its variants stands for it."""
        rows = self.decision.trace.candidates if self.decision.trace else ()
        return [t.product_id for t in sorted((t for t in rows if t.place is not None), key=lambda t: t.place)]

    @property
    def asks_live_values(self) -> bool:
        """Whether price, stock and activity count: not where the past is completed (DESIGN 2b.4)."""
        return self.decision.purpose is not Purpose.EVALUATION or BUILT_IN[self.request.policy].gates_evaluation


@pytest.fixture(scope="module")
def make(little, world):
    """Decide in a situation."""

    def make(situation, person=None, decision_id="d" * 32):
        found = world(situation["seed"])
        live = little.overlay(found.known, *(little.live(name, **row) for name, row in situation["rows"].items()))
        request = Request(at=little.NOW, **situation["request"])
        who = situation["person"] if person is None else person
        decision, read = decide(request, decision_id, found.known, live, who, BUILT_IN[request.policy],
                                PLACEMENTS[request.placement], with_trace=True)  # fmt: skip
        slim, blob = record.slim(decision, request, VERSION, b"key"), record.inputs(request, who, read)
        return Made(found, live, request, who, decision, slim, blob)

    return make


@EXAMPLES
@given(situations())
def test_an_ineligible_product_is_never_offered(make, situation):
    made = make(situation)
    for offer in made.decision.offers:
        if made.asks_live_values:
            row = made.live.row(offer.product_id)
            assert row is not None
            assert row.is_active
            assert row.is_sellable
            assert row.price_micros is not None
            assert row.stock is None or row.stock > 0
        # variants of a range that the snapshot does not know yet are products of their own until the next learning
        own = {offer.product_id} | (
            {made.live.parent_of(offer.product_id)} - {"range"} if made.asks_live_values else set()
        )
        for named in (*made.request.cart, *made.request.exclude):
            assert not own & {named, made.live.parent_of(named)}


@EXAMPLES
@given(situations())
def test_what_somebody_owns_is_not_offered_again(make, situation):
    made = make(situation)
    if not BUILT_IN[made.request.policy].excludes_owned:
        return
    history = {Purpose.PERSONALIZATION, Purpose.EVALUATION}
    owned = set(made.request.holdings)
    if made.decision.purpose in history:
        owned |= made.person.owned
    stopped = {made.live.parent_of(name) for name in owned} | owned
    assert all(product not in stopped or product in made.world.consumable for product in made.products)


@EXAMPLES
@given(situations())
def test_at_most_as_many_as_asked_for_none_twice_and_no_category_overfull(make, situation):
    made = make(situation)
    policy, offered = BUILT_IN[made.request.policy], [o.product_id for o in made.decision.offers]
    wanted = made.request.k or policy.default_offers
    assert len(offered) <= min(wanted, policy.max_offers or wanted)
    assert len(set(made.products)) == len(offered)
    if made.asks_live_values:
        assert len(set(offered)) == len(offered)
    if policy.max_per_category is not None:
        kinds = [k for p in made.products if (k := made.world.categories.get(p)) is not None]
        assert all(kinds.count(kind) <= policy.max_per_category for kind in kinds)


@EXAMPLES
@given(situations())
def test_every_offer_can_be_explained_and_its_numbers_are_a_recount(make, little, situation):
    made = make(situation)
    ones, twos = little.recount(made.world.orders)
    for offer, product in zip(made.decision.offers, made.products, strict=True):
        evidence = offer.reason.evidence
        said = {language: reasons.sentence(offer.reason, language) for language in ("en", "ko", "ja")}
        assert reasons.operator_sentence(offer.reason)
        if offer.reason.code is ReasonCode.BESTSELLER:
            recent = [
                o for o in made.world.orders if o.hours_ago < min(x.hours_ago for x in made.world.orders) + 28 * 24
            ]
            assert evidence["n_orders"] == sum(product in o.products for o in recent)
            numbers = [evidence["n_orders"]]
        elif offer.reason.code is ReasonCode.CATEGORY_COMPANION:
            shelves = [{made.world.categories.get(name) for name in o.products} for o in made.world.orders]
            first, second = evidence["from_category"], evidence["to_category"]
            assert evidence["n_both"] == sum({first, second} <= shelf for shelf in shelves)
            assert evidence["n_a"] == sum(first in shelf for shelf in shelves)
            numbers = [evidence["n_both"]]
        elif offer.reason.code not in (ReasonCode.BOUGHT_TOGETHER, ReasonCode.OFTEN_IN_SUCH_BASKETS):
            continue  # recounted where they are learned
        else:
            anchor = evidence["anchor"]
            assert anchor in {made.live.parent_of(n) for n in (*made.request.cart, *made.request.holdings)} | {
                *made.request.cart, *made.request.holdings
            } | (set() if made.decision.purpose is Purpose.CONTEXTUAL else made.person.owned)  # fmt: skip
            assert evidence["n_both"] == little.both(twos, anchor, product)
            assert evidence["n_a"] == ones[anchor]
            numbers = [evidence["n_both"]]
        if offer.reason.code is ReasonCode.BOUGHT_TOGETHER:
            sizes = [len(set(o.products)) for o in made.world.orders]
            kappa = len(sizes) * sum(s * (s - 1) for s in sizes) / sum(sizes) ** 2
            expected = kappa * ones[anchor] * ones[product] / len(sizes)
            assert evidence["expected"] == pytest.approx(expected, abs=1e-4)
            buyers = [
                o.customer or number for number, o in enumerate(made.world.orders) if {anchor, product} <= {*o.products}
            ]
            assert evidence["n_customers"] == len(set(buyers))
            assert evidence["lift"] > 1
            if expected >= 1:
                numbers.append(round(expected) if round(expected) < evidence["n_both"] else round(expected, 1))
        for text in said.values():
            assert all(str(number) in text for number in numbers)


@EXAMPLES
@given(situations())
def test_without_consent_the_history_changes_nothing(make, situation):
    made = make(situation)
    if made.decision.purpose is Purpose.EVALUATION or made.person.allows(
        Purpose.PERSONALIZATION, PLACEMENTS[made.request.placement].channel
    ):
        return
    without = make(situation, replace(made.person, owned=frozenset()))
    assert without.decision == made.decision
    assert (without.slim, without.blob) == (made.slim, made.blob)
    if made.decision.purpose is Purpose.CONTEXTUAL:
        assert make(situation, Person(made.person.identity)).decision.offers == made.decision.offers


@EXAMPLES
@given(situations())
def test_a_message_is_decided_with_consent_for_its_channel_only(make, situation):
    made = make(situation)
    spot = PLACEMENTS[made.request.placement]
    if made.decision.offers and spot.is_message and made.decision.purpose is not Purpose.EVALUATION:
        assert made.person.allows(Purpose.MARKETING, spot.channel)
    if made.decision.purpose is Purpose.PERSONALIZATION:
        assert made.person.allows(Purpose.PERSONALIZATION, spot.channel)


@EXAMPLES
@given(situations())
def test_a_decision_is_replayed_byte_for_byte(make, situation):
    made = make(situation)
    again = replay(made.decision.decision_id, made.slim, made.blob, made.world.known, b"key")
    assert again.difference is None
    assert again.is_equal
    assert again.decision == made.decision  # trace and warnings as well


@EXAMPLES
@given(situations())
def test_the_same_question_has_the_same_answer(make, situation):
    one, two = make(situation), make(situation)
    assert (one.decision, one.slim, one.blob) == (two.decision, two.slim, two.blob)


@EXAMPLES
@given(situations())
def test_a_carts_order_and_repeats_do_not_matter(make, situation):
    asked = situation["request"]
    cart = asked["cart"]
    turned = situation | {"request": asked | {"cart": (*reversed(cart), *cart)}}
    assert make(turned).decision.offers == make(situation).decision.offers


@EXAMPLES
@given(situations())
def test_the_trace_accounts_for_every_candidate_and_the_counts_for_every_gate(make, situation):
    made = make(situation)
    trace = made.decision.trace
    if trace is None:
        assert made.decision.no_offer == "no_consent"
        return
    placed = sorted((t.place, t.product_id) for t in trace.candidates if t.place is not None)
    assert [place for place, _ in placed] == list(range(len(made.decision.offers)))
    items = made.world.known.index
    assert [made.live.offered_as(items[name]) for _, name in placed] == [o.product_id for o in made.decision.offers]
    assert all((t.dropped is None) == (t.place is not None) for t in trace.candidates)
    counted: dict[str, int] = {}
    for t in trace.candidates:
        if t.dropped is not None and t.dropped not in ("category_full", "beyond_count"):
            counted[t.dropped] = counted.get(t.dropped, 0) + 1
    assert counted == made.decision.dropped


@EXAMPLES
@given(situations())
def test_no_offer_says_why_and_an_offer_says_nothing_of_the_kind(make, situation):
    decision = make(situation).decision
    assert (decision.no_offer is None) == bool(decision.offers)
    if decision.no_offer is not None:
        assert all(reasons.no_offer_sentence(decision.no_offer, language) for language in ("en", "ko", "ja"))


@EXAMPLES
@given(situations())
def test_a_slim_record_never_holds_what_a_caller_typed(make, situation):
    made = make(situation)
    assert b"unheard of" not in made.slim
    told = {name: value for name, value in record.read_slim(made.slim).items() if name != "request_hash"}
    assert "c1" not in repr(told)  # the hash is of random bytes
