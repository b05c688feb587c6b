"""Over random links, bans, pins, dates and bundles: kinds are never mixed, a ban holds everywhere, replay tells the same."""

import os
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.decide import record
from crosslift.decide.curation import CuratedLink
from crosslift.decide.decider import decide
from crosslift.decide.overlay import Overlay
from crosslift.decide.replay import replay
from crosslift.domain.bundle import Bundle, BundleKind, Part
from crosslift.domain.customer import Due, Person, Purpose
from crosslift.domain.decision import Request
from crosslift.domain.placement import GOES_WITH, PLACEMENTS
from crosslift.domain.policy import BUILT_IN, HELPFUL
from crosslift.settings import VERSION
from crosslift.wording import reasons

NAMES = tuple(f"P{i:02}" for i in range(24))
SHELVES = tuple(f"category:shelf {i}" for i in range(4))
EXAMPLES = settings(deadline=None, max_examples=80)
DAY = 86_400_000_000


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(scope="module", autouse=True)
def _no_compiler():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CROSSLIFT_NO_JIT", "1")
        yield


@pytest.fixture(scope="module")
def learned(little):
    pantry = little.pantry(600)
    rows = [
        {"product_id": row["product_id"], "title": row["title"], "category": row["category"],
         "titles": f'{{"ko":"{row["title_ko"]}","ja":"{row["title_ja"]}"}}', "price_micros": 5_000_000}
        for row in pantry.catalog
    ]  # fmt: skip
    return little.learned(pantry.orders, little.products(*rows))


names = st.sampled_from(NAMES)
pairs = st.lists(st.tuples(names, names).filter(lambda pair: pair[0] != pair[1]), max_size=12, unique=True)
ends = st.one_of(names, st.sampled_from(SHELVES))
EVIDENCE = {
    "required": {"n_both": 8, "n_a": 10},
    "fits": {}, "excludes": {}, "included": {},
    "upgrade": {"n_switched": 3},
    "substitute": {"n_viewed_both": 30},
    "sequence": {"n_both": 40, "n_a": 90, "expected": 5.0, "lag_median": 30.0, "lag_q1": 20.0, "lag_q3": 50.0, "strength": 1},
    "alike": {"similarity": 0.5},
}  # fmt: skip
TEXTS = {
    "required": {"basis": "rule", "attribute": "size", "value": "02"},
    "upgrade": {"benefits": [{"attribute": "liters", "from": 1, "to": 2}], "currency": "USD"},
    "substitute": {"basis": "viewed", "shared": []},
    "alike": {"shared": [{"attribute": "material", "value": "steel"}]},
}


@st.composite
def curated(draw):
    """Draw the merchant's links, some expired, some of another market."""
    action = draw(st.sampled_from(("pin", "boost", "bury", "ban", "link")))
    kind = draw(st.sampled_from(("complement", "apart", "upgrade")))
    return CuratedLink(
        draw(st.one_of(ends, st.just("*"))), draw(ends), kind, action, "because it is good", "Kim",
        draw(st.sampled_from((None, "2", "0.1"))), draw(st.sampled_from((None, 0, 10**16))),
        draw(st.sampled_from((None, None, "KR"))),
    )  # fmt: skip


@st.composite
def situations(draw):
    """Draw links of every kind, what the merchant wrote, dates, a person, and a request."""
    return {
        "links": {kind: draw(pairs) for kind in EVIDENCE},
        "curated": draw(st.lists(curated(), max_size=6)),
        "slow": draw(st.sets(names, max_size=4)),
        "dates": draw(st.dictionaries(names, st.integers(-5, 50), max_size=4)),
        "bundles": draw(st.lists(st.lists(names, min_size=2, max_size=4, unique=True), max_size=3)),
        "sold_out": draw(st.sets(names, max_size=4)),
        "owned": draw(st.sets(names, max_size=3)),
        "dues": draw(st.dictionaries(names, st.integers(-20, 20), max_size=3)),
        "request": {
            "placement": draw(st.sampled_from(tuple(PLACEMENTS))),
            "product": draw(st.one_of(st.none(), names)),
            "cart": tuple(draw(st.lists(names, max_size=3, unique=True))),
            "holdings": tuple(draw(st.lists(names, max_size=2))),
            "k": draw(st.one_of(st.none(), st.integers(1, 8))),
            "policy": draw(st.sampled_from(tuple(BUILT_IN))),
            "purpose": draw(st.sampled_from((None, Purpose.PERSONALIZATION, Purpose.EVALUATION))),
            "market": draw(st.sampled_from((None, "KR"))),
            "language": draw(st.sampled_from(("en", "ko", "ja"))),
        },
    }


@pytest.fixture(scope="module")
def make(little, learned):
    """Decide in a situation: what was asked, with what, and what came out."""

    def make(situation, policy=None):
        links = [
            little.link(learned, kind, *rows, texts=TEXTS.get(kind), **EVIDENCE[kind])
            for kind, rows in situation["links"].items()
        ]
        dates = np.full(len(NAMES), -1, dtype=np.int32)
        today = little.micros(little.NOW) // DAY
        for name, days in situation["dates"].items():
            dates[NAMES.index(name)] = today + days
        slow = np.array([name in situation["slow"] for name in NAMES])
        known = little.with_links(learned, *links, best_before=dates, is_slow=slow)
        bundles = [
            Bundle(f"b{n}", BundleKind.FIXED, tuple(Part(name) for name in parts), len(parts), {"": "Set"},
                   discount_percent=Decimal(10))
            for n, parts in enumerate(situation["bundles"])
        ]  # fmt: skip
        rows = {name: little.live(name, stock=0 if name in situation["sold_out"] else None) for name in NAMES}
        live = Overlay(known, 1, rows, situation["curated"], bundles)
        dues = tuple(
            Due(
                name,
                little.micros(little.NOW + timedelta(days=days)),
                30.0,
                little.micros(little.NOW) - 30 * DAY,
                2,
                "own",
            )
            for name, days in sorted(situation["dues"].items())
        )
        person = Person("customer:c1", True, frozenset(situation["owned"]), {("personalization", "*"): True,
                        ("marketing", "*"): True}, {}, 0, dues=dues)  # fmt: skip
        request = Request(at=little.NOW, customer_id="c1", **situation["request"])
        decision, read = decide(request, "d" * 32, known, live, person, policy or BUILT_IN[request.policy],
                                PLACEMENTS[request.placement], with_trace=True)  # fmt: skip
        return known, live, person, request, decision, read

    return make


def in_force(link, request, now):
    return (link.expires_at is None or now < link.expires_at) and link.market in (None, request.market)


def meant(known, end):
    """Name the products an end of a link means."""
    if end.startswith("category:"):
        return {known.products[item] for item in known.items_in(end.removeprefix("category:"))}
    return {end}


def anchors_of(request, owned):
    sight = {name for name in (*request.cart, request.product) if name}
    if sight:
        return sight
    if request.holdings or not PLACEMENTS[request.placement].uses_history:
        return set(request.holdings)
    return set(owned)


@EXAMPLES
@given(situations())
def test_a_ban_holds_everywhere_under_every_policy_and_purpose(make, little, situation):
    known, _, person, request, decision, _ = make(situation)
    now = little.micros(little.NOW)
    anchors = anchors_of(request, person.owned)
    banned = set()
    for link in situation["curated"]:
        starts = link.from_id == "*" or meant(known, link.from_id) & anchors
        if link.action == "ban" and starts and in_force(link, request, now):
            banned |= meant(known, link.to_id)
    assert not banned & {offer.product_id for offer in decision.offers}
    assert not banned & {part.product_id for offer in decision.sets for part in offer.missing}


@EXAMPLES
@given(situations())
def test_no_substitute_stands_in_a_goes_with_slot(make, situation):
    _, _, _, request, decision, _ = make(situation)
    sight = {name for name in (*request.cart, request.product) if name}
    instead = {b for a, b in situation["links"]["substitute"] if a in sight}
    assert not instead & {offer.product_id for offer in decision.offers if offer.kind in GOES_WITH}


@EXAMPLES
@given(situations())
def test_nothing_unfit_included_apart_expired_or_sold_out_is_offered_live(make, little, situation):
    known, _, _, request, decision, _ = make(situation)
    if decision.purpose is Purpose.EVALUATION and not BUILT_IN[request.policy].gates_evaluation:
        return
    sight = {name for name in (*request.cart, request.product) if name}
    offered = {offer.product_id for offer in decision.offers}
    fits = {b for a, b in situation["links"]["fits"] if a in sight}
    unfit = {b for a, b in situation["links"]["excludes"] if a in sight} - fits
    included = {b for a, b in situation["links"]["included"] if a in sight}
    expired = {name for name, days in situation["dates"].items() if days < 0}
    assert not offered & (unfit | included | expired | situation["sold_out"] | sight)
    now = little.micros(little.NOW)
    for link in situation["curated"]:
        if link.kind == "apart" and link.action not in ("ban",) and in_force(link, request, now):
            for one, other in ((link.from_id, link.to_id), (link.to_id, link.from_id)):
                if one != "*" and other != "*" and meant(known, one) & sight:
                    assert not meant(known, other) & offered


@EXAMPLES
@given(situations())
def test_sets_never_change_the_single_offers(make, situation):
    _known, _, _, _, decision, _ = make(situation, HELPFUL)
    *_, without, _ = make({**situation, "bundles": []}, replace(HELPFUL, offers_sets=False))
    assert [o.product_id for o in decision.offers] == [o.product_id for o in without.offers]
    for offer in decision.sets:
        assert offer.saving.amount >= 0
        assert offer.missing
        assert not {part.product_id for part in offer.missing} & situation["sold_out"]


@EXAMPLES
@given(situations())
def test_a_needed_part_is_told_unless_something_that_serves_is_there(make, situation):
    known, _, person, request, decision, _ = make(situation)
    sight = {name for name in (*request.cart, request.product) if name}
    has = sight | set(request.holdings) | set(person.owned)
    for offer in decision.offers:
        if offer.kind == "required":
            anchors = {a for a, b in situation["links"]["required"] if b == offer.product_id and a in sight}
            assert anchors
            category = known.category_names[known.index[offer.product_id]]
            serving = [
                {b for a, b in situation["links"]["required"] if a == anchor
                 and known.category_names[known.index[b]] == category}
                for anchor in anchors
            ]  # fmt: skip
            assert any(not one & has for one in serving)
            spots = ("product", "cart", "checkout", "content", "desk", "till", "kiosk", "chat")
            assert PLACEMENTS[request.placement].name in spots


@EXAMPLES
@given(situations())
def test_a_refill_is_never_offered_before_its_day_is_near(make, situation):
    _, _, _, _, decision, _ = make(situation)
    for offer in decision.offers:
        if offer.kind == "refill":
            assert situation["dues"][offer.product_id] <= 6  # a fifth of thirty days


@EXAMPLES
@given(situations())
def test_every_offer_and_label_can_be_said_in_three_languages(make, situation):
    *_, decision, _ = make(situation)
    for offer in decision.offers:
        for language in ("en", "ko", "ja"):
            assert reasons.sentence(offer.reason, language)
            assert all(reasons.sentence(label, language) for label in offer.labels)
        assert reasons.operator_sentence(offer.reason)


@EXAMPLES
@given(situations())
def test_a_decision_of_every_kind_replays_byte_for_byte(make, situation):
    known, _, person, request, decision, read = make(situation)
    body, blob = record.slim(decision, request, VERSION, b"key"), record.inputs(request, person, read)
    again = replay("d" * 32, body, blob, known, b"key")
    assert again.is_equal, again.difference


@EXAMPLES
@given(situations())
def test_the_record_holds_no_history_that_did_not_speak(make, situation):
    _known, _, _person, request, decision, read = make(situation)
    if PLACEMENTS[request.placement].uses_history and read.history:
        return
    candidates = {row.product_id for row in decision.trace.candidates} | {
        row[1] for row in situation["links"]["required"]
    }
    assert set(read.owned) <= candidates
