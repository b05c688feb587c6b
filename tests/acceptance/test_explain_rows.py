"""Row D17, why not this product: a recorded decision is made again, and one product is followed through it."""

import json
import re

import pytest

from crosslift.domain.why_not import Fate, NoCandidate, NotAsked
from crosslift.errors import NotFound, NotReplayable
from crosslift.shop.why_not import told, told_to_shopper

pytestmark = pytest.mark.usefixtures("_no_compiler")
BY = {"author": "mina", "reason": "we decided so"}
LANGUAGES = ("en", "ko", "ja")
INTERNAL = re.compile(r"[a-z]+_[a-z]+|margin|score|rule|gate|policy|마진|규칙|정책|利益|ルール|ポリシー|mina|\d")
"""What no shopper is told: codes, rules and their owners, margins, figures."""


def publish(shop, *rules):
    text = 'name = "helpful"\nextends = "helpful"\n' + "\n".join(f"[[rules]]\n{rule}" for rule in rules)
    shop.policies.publish("helpful", shop.policies.draft(text, **BY)["version"], "mina")


def asked(shop, missed, placement="product", /, **given):
    """Decide, then ask of one product."""
    given = given or {"product": "P00"}
    return shop.why_not(shop.decide(placement, **given).decision_id, missed)


def partners(shop, product):
    knowledge = shop.knowledge
    return [knowledge.products[int(i)] for i in knowledge.edges_of(knowledge.index[product])[0]]


def test_d17_why_not_tells_what_was_offered_and_where(shop):
    found = asked(shop, "P01")
    assert (found.fate, found.place, found.source, found.difference) == (Fate.OFFERED, 0, "complement", None)
    assert told(shop, found, "ko")["sentences"] == ["컵 1은 1번째 자리에 제안됐어요."]


def test_d17_why_not_names_the_gate_and_its_code_as_it_was_then(shop):
    """It was out of stock then and is in stock now: the answer is that of then, with what holds now beside it."""
    shop.patch_products([{"product_id": "P01", "stock": 0}])
    decision = shop.decide("product", product="P00")
    shop.patch_products([{"product_id": "P01", "stock": 7}])
    found = shop.why_not(decision.decision_id, "P01")
    assert (found.fate, found.gate, found.code, found.rule, found.now) == (
        Fate.DROPPED,
        "eligible",
        "out_of_stock",
        None,
        "",
    )
    assert [told(shop, found, language)["sentences"][-1] for language in LANGUAGES] == [
        "It is out of stock.", "재고가 없어요.", "在庫がありません。"
    ]  # fmt: skip
    assert asked(shop, "P01").fate is Fate.OFFERED


def test_d17_why_not_tells_the_readable_rule_with_owner_law_and_code(shop):
    publish(
        shop, 'id = "no-cups"\ngate = "suitable"\ncode = "not_now"\nowner = "legal"\nlaw = "Cup Act, article 3"\n'
        'reason = "Cups wait for their certificate."\nstops.products = ["P01"]',
    )  # fmt: skip
    found = asked(shop, "P01")
    assert (found.fate, found.gate, found.code, found.rule.rule_id) == (Fate.DROPPED, "suitable", "not_now", "no-cups")
    plain = told(shop, found, "en")
    assert plain["rule"] == {
        "id": "no-cups", "code": "not_now", "owner": "legal", "law": "Cup Act, article 3",
        "reason": "Cups wait for their certificate.",
    }  # fmt: skip
    assert plain["sentences"][1:3] == [
        "The gate “does it suit this person” stopped it: not_now.",
        "The rule is no-cups, of legal (Cup Act, article 3): Cups wait for their certificate.",
    ]
    assert told_to_shopper(found, "ja")["sentence"] == "こちらではご提案していない商品です。"


def test_d17_why_not_tells_what_the_list_had_no_room_for(shop):
    decision = shop.decide("cart", ["P00", "P02"], k=1)
    left = ({"P01", "P03"} - {offer.product_id for offer in decision.offers}).pop()
    found = shop.why_not(decision.decision_id, left)
    assert (found.fate, found.gate, found.code) == (Fate.DROPPED, None, "beyond_count")
    assert told_to_shopper(found, "en")["sentence"] == "Other offers filled the list before it."


def test_d17_why_not_of_what_was_never_a_candidate_names_the_first_reason_and_every_source_asked(shop):
    """Not in the catalog, in sight, banned, reached by a source that was not asked, without any relation."""
    unknown = asked(shop, "P99")
    assert (unknown.fate, unknown.code) == (Fate.NO_CANDIDATE, NoCandidate.NOT_IN_CATALOG)
    assert asked(shop, "P00").code == NoCandidate.IN_SIGHT
    lonely = asked(shop, "P09")
    assert lonely.code == NoCandidate.NO_RELATION
    assert set(lonely.asked) == {
        "stand_in", "pinned", "required", "goal", "complement", "offer", "own_list", "plugin", "category_companion", "upgrade"
    }  # fmt: skip
    assert lonely.asked["complement"] == len(partners(shop, "P00"))
    assert told(shop, lonely, "en")["sentences"][1].startswith(
        "Asked were: in stock instead, put first by the shop, needs"
    )
    shop.put_links(
        [{"from_id": "P00", "to_id": "P09", "kind": "complement", "action": "ban", "reason": "no", "author": "mina"}]
    )
    assert asked(shop, "P09").code == NoCandidate.BANNED


def test_d17_why_not_names_the_source_that_was_not_asked_and_why(shop):
    found = asked(shop, "P01", "comparison")
    assert (found.code, found.led_by) == (NoCandidate.NOT_PLACED, {"complement": NotAsked.PLACEMENT})
    assert told(shop, found, "en")["sentences"][1] == (
        "It could be reached as: goes with; that has no place at this spot."
    )
    assert asked(shop, "P01", product="P00", kinds=["upgrade"]).led_by == {"complement": NotAsked.REQUEST}
    text = 'name = "quiet"\nextends = "helpful"\n[offers]\nsources = ["upgrade"]\n'
    shop.policies.publish("quiet", shop.policies.draft(text, **BY)["version"], "mina")
    assert asked(shop, "P01", product="P00", policy="quiet").led_by == {"complement": NotAsked.POLICY}
    shop.patch_products([{"product_id": "P00", "stock": 0}])
    assert asked(shop, "P01").led_by == {"complement": NotAsked.PAGE}


def test_d17_why_not_tells_when_nothing_was_looked_for(shop):
    silent = asked(shop, "P01", "email", customer="c1")
    assert (silent.fate, silent.code) == (Fate.NOT_ASKED, "no_consent")
    shop.policies.stop(**BY)
    stopped = asked(shop, "P01")
    assert (stopped.fate, stopped.code) == (Fate.NOT_ASKED, "stopped")
    assert told_to_shopper(stopped, "en")["sentence"] == "The shop has stopped all offers for now."


def test_d17_why_not_tells_what_a_holdout_kept_back(shop):
    held = {"experiment_id": "held", "kind": "holdout", "arms": {"held": 0.999, "treated": 0.001}, **BY}
    shop.experiments.put([held])
    found = asked(shop, "P01", product="P00", anonymous="b-1")
    assert (found.fate, found.place) == (Fate.WITHHELD, 0)
    assert told_to_shopper(found, "en")["was_offered"] is False


def test_d17_why_not_knows_variants_and_offers_of_the_library(shop):
    shop.put_products(
        [{"product_id": "P01-XL", "title": "Large", "price": "6", "currency": "USD", "stock": 3, "parent_id": "P01"}]
    )
    found = asked(shop, "P01")
    assert (found.fate, found.offered_as) == (Fate.OFFERED, "P01-XL")
    assert asked(shop, "P01-XL").offered_as == ""
    visit = {"offer_id": "visit", "kind": "service", "title_en": "Visit", "price": "9", "currency": "USD", "beside": "P00",
             "months": "1"}  # fmt: skip
    shop.offers.put(visit, **BY)
    late = asked(shop, "visit")
    assert (late.fate, late.gate, late.code, late.source) == (Fate.DROPPED, "applicable", "not_yet", "offer")
    assert told(shop, late, "en")["title"] == "Visit"


def test_d17_why_not_says_when_it_cannot_be_made_again(shop, clock):
    decision = shop.decide("product", product="P00")
    clock.move(days=31)
    with pytest.raises(NotReplayable, match="its inputs were kept 30 days"):
        shop.why_not(decision.decision_id, "P05")
    found = shop.why_not(decision.decision_id, "P01")
    assert (found.fate, found.place, found.is_replayed) == (Fate.OFFERED, 0, False)
    assert told(shop, found, "en")["sentences"][-1].startswith("The inputs of this decision are gone")
    with pytest.raises(NotFound):
        shop.why_not("0" * 32, "P01")


def test_d17_why_not_tells_shoppers_one_true_sentence_without_internals(shop, load_script):
    """Whatever became of every product of the shop, in three languages; and of every code there is."""
    rules = (
        'id = "r"\ngate = "eligible"\ncode = "own_code"\nowner = "mina"\nreason = "Own reason."\nstops.products = ["P05"]',
    )
    publish(shop, *rules)
    shop.patch_products([{"product_id": "P03", "stock": 0}])
    decision = shop.decide("cart", ["P00", "P02", "P04"], k=1)
    said = set()
    for product in (*shop.knowledge.products, "P99"):
        found = shop.why_not(decision.decision_id, product)
        for language in LANGUAGES:
            answer = told_to_shopper(found, language)
            assert answer.keys() == {"decision_id", "product", "was_offered", "sentence"}
            assert not INTERNAL.search(answer["sentence"]), answer
            assert answer["was_offered"] == (product in {offer.product_id for offer in decision.offers})
        said.add(told_to_shopper(found, "en")["sentence"])
    assert {"It is out of stock.", "The shop does not offer it here.", "It is what is being looked at here."} <= said
    assert "It was offered here." in said


def test_d17_why_not_on_the_command_line(shop, run_crosslift):
    shop.patch_products([{"product_id": "P01", "stock": 0}])
    decision = shop.decide("product", product="P00")
    words = ("--home", shop.home, "decide", "--replay", decision.decision_id, "--why-not", "P01", "--language", "ko")
    assert "재고가 없어요.\n" in run_crosslift(*words, check=0).stdout
    plain = json.loads(run_crosslift(*words, "--json", check=0).stdout)
    assert (plain["fate"], plain["code"], plain["shopper"]) == ("dropped", "out_of_stock", "재고가 없어요.")
