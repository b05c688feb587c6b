from dataclasses import replace
from datetime import timedelta

import msgspec
import numpy as np
import pytest

from crosslift.decide import record
from crosslift.decide.decider import decide
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Request
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import BUILT_IN, HELPFUL
from crosslift.settings import VERSION

CUSTOMER = Person(
    "customer:C-0104233", True, frozenset({"cup"}), {("personalization", "*"): True}, {("personalization", "*"): 33}, 2
)


def make(known, live, request, person=CUSTOMER):
    """Decide; gives the decision, its slim record and its inputs."""
    decision, read = decide(
        request, "d" * 32, known, live, person, BUILT_IN[request.policy], PLACEMENTS[request.placement]
    )
    return decision, record.slim(decision, request, VERSION, b"key"), record.inputs(request, person, read)


@pytest.fixture
def request_(little):
    return Request(
        "cart", little.NOW + timedelta(microseconds=123_457), "C-0104233", ("tea", "T-9"), ("spoon",), 3, ("wine",),
        "helpful", Purpose.PERSONALIZATION, "ko", "KR",
    )  # fmt: skip


@pytest.fixture
def made(little, tea_known, request_):
    return make(tea_known, little.overlay(tea_known), request_)


def test_the_slim_record_reads_back_as_named_values(made, request_, tea_known):
    decision, slim, _ = made
    row = record.read_slim(slim)
    assert (row["snapshot_id"], row["purpose"], row["policy"], row["policy_version"]) == (
        "s1", "personalization", "helpful", HELPFUL.version
    )  # fmt: skip
    assert (row["consent_id"], row["mapping_version"], row["change_number"]) == (33, 2, 1)
    assert row["engine_version"] == VERSION
    assert [(o["product"], o["kind"], o["p"], o["priority"], o["slot_probability"]) for o in row["offers"]] == [
        (o.product_id, o.kind, o.p, o.priority, 1.0) for o in decision.offers
    ]
    pair, anchor = row["offers"][0]["evidence"]
    assert anchor == "tea"
    assert {int(tea_known.pair(pair)[0]), int(tea_known.pair(pair)[1])} == {
        tea_known.index["tea"],
        tea_known.index["honey"],
    }
    assert row["dropped"] == {"already_owned": 2}


def test_what_callers_typed_and_names_of_people_are_not_kept_for_good(made, little, tea_known, request_):
    assert made[0].warnings == ("unknown_product:T-9",)
    assert record.read_slim(made[1])["warnings"] == ["unknown_product"]
    stranger = Person("customer:C-0104233")
    decision, slim, _ = make(tea_known, little.overlay(tea_known), request_, stranger)
    assert "unknown_customer:C-0104233" in decision.warnings
    assert record.read_slim(slim)["warnings"] == ["unknown_customer", "no_consent:personalization", "unknown_product"]
    assert b"C-0104233" not in slim


def test_the_same_decision_gives_the_same_bytes(made, little, tea_known, request_):
    again = make(tea_known, little.overlay(tea_known), request_)
    assert again[1:] == made[1:]
    other = make(tea_known, little.overlay(tea_known), replace(request_, k=2))
    assert other[1] != made[1]


def test_bytes_do_not_depend_on_the_order_things_were_put_into_sets_and_dicts(little, tea_known, request_):
    several = [
        Person("customer:C-0104233", True, frozenset(owned), dict(consents))
        for owned, consents in (
            (["cup", "honey", "spoon"], [(("personalization", "*"), True), (("marketing", "email"), False)]),
            (["spoon", "honey", "cup"], [(("marketing", "email"), False), (("personalization", "*"), True)]),
        )
    ]
    one, two = (make(tea_known, little.overlay(tea_known), request_, person)[1:] for person in several)
    assert one == two


def test_the_record_is_plain_msgpack_that_any_reader_opens(made):
    assert msgspec.msgpack.decode(made[1])[0] == record.FORMAT


def test_inputs_come_back_as_they_were(made, little, tea_known, request_):
    _, read = decide(
        request_, "d", tea_known, little.overlay(tea_known), CUSTOMER, BUILT_IN["helpful"], PLACEMENTS["cart"]
    )
    request, person, again = record.read_inputs(made[2])
    assert request == request_
    assert again == read
    assert person == CUSTOMER


def test_a_request_that_says_little_comes_back_too(little, tea_known):
    request = Request("home", little.NOW)
    _, _, blob = make(tea_known, little.overlay(tea_known), request, Person())
    assert record.read_inputs(blob)[:2] == (request, Person())


def test_history_that_was_not_used_is_not_written_down(little, tea_known, request_):
    person = replace(CUSTOMER, owned=frozenset({"cup", "diary of a secret hobby"}))
    _, _, blob = make(tea_known, little.overlay(tea_known), request_, person)
    assert record.read_inputs(blob)[1].owned == {"cup"}
    _, _, blob = make(tea_known, little.overlay(tea_known), replace(request_, purpose=Purpose.CONTEXTUAL), person)
    assert record.read_inputs(blob)[1].owned == frozenset()


@pytest.fixture(scope="module")
def real(little):
    """As large as a real shop's: 1,500 products, 6,000 orders of a dozen lines, ids as shops have them."""
    chance = np.random.default_rng(12)
    names = [f"SKU-{i:05}-{'BLK' if i % 2 else 'WHT'}" for i in range(1_500)]
    odds = 1 / np.arange(1, 1_501) ** 0.6
    made = []
    for number in range(6_000):
        held = chance.choice(1_500, 1 + chance.poisson(chance.gamma(2, 5)), p=odds / odds.sum())
        held = {*held.tolist(), *(i // 6 * 6 + chance.integers(6) for i in held.tolist() if chance.random() < 0.3)}
        made.append(little.Order(tuple(names[i] for i in sorted(held)), f"c{number % 900}", 6_000 - number))
    return little.knowledge(made)


@pytest.mark.parametrize("policy", ["helpful", "relevance"])
def test_a_real_shops_decision_of_three_fits_into_500_bytes_and_its_inputs_into_4_kilobytes(little, real, policy):
    chance = np.random.default_rng(1)
    rows = [
        little.live(name, stock=int(chance.integers(-1, 6)), is_active=bool(chance.random() < 0.95),
                    price_micros=None if chance.random() < 0.03 else 5_000_000)
        for name in real.products
    ]  # fmt: skip
    live = little.overlay(real, *rows)
    for size in (1, 3, 12):
        cart = tuple(real.products[i] for i in chance.integers(0, 200, size))
        owned = frozenset(chance.choice(real.products, 400, replace=False).tolist())
        person = replace(CUSTOMER, owned=owned)
        request = Request("cart", little.NOW, "C-0104233", cart, k=3, policy=policy, language="ko", market="KR")
        decision, slim, blob = make(real, live, request, person)
        assert len(decision.offers) == 3 or size < 12
        assert len(slim) <= 500
        assert len(blob) <= 4_096
