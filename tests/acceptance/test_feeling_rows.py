"""Row M11: what offers do to how people feel, by the arms of the holdout and never by who saw them; and what people speak of."""

import shutil
from datetime import timedelta

import pytest

from crosslift.domain.decision import Action, Response
from crosslift.errors import BadInput, NotFound

BY = {"author": "mina", "reason": "what do offers do to people"}
N = 160


@pytest.fixture(scope="module")
def asked(little, pantry_home, tmp_path_factory):
    """Half are held back. Everybody is asked a day later; half of those with offers are annoyed, nobody else."""
    home = tmp_path_factory.mktemp("asked") / "home"
    shutil.copytree(pantry_home, home)
    clock = little.Clock()
    with little.no_jit(), little.open_shop(home, clock) as shop:
        vars(shop)["key"] = bytes(32)
        shop.experiments.hold_out(0.5, **BY, has_agreed=True)
        names = [f"h{number}" for number in range(N)]
        at = clock().isoformat()
        shop.put_facts("customers", [{"customer_id": name, "created_at": at} for name in names])
        shop.consents.record([
            {"customer_id": name, "purpose": "personalization", "channel": "*", "status": "granted", "source": "t", "at": at}
            for name in names
        ])  # fmt: skip
        made = {name: shop.decide("cart", ["P00"], customer=name) for name in names}
        treated = [name for name, one in made.items() if one.offers]
        clock.now += timedelta(days=1)
        rate(shop, [(name, 3 if name in treated[::2] else 5) for name in names])
        clock.now += timedelta(hours=1)
        yield shop, made, treated


def rate(shop, rows, kind="csat", scale=5):
    at = (shop.clock() - timedelta(minutes=1)).isoformat()
    shop.put_facts("feedback", [
        {"feedback_id": f"{kind}-{name}", "customer_id": name, "at": at, "kind": kind, "rating": given, "scale": scale}
        for name, given in rows
    ])  # fmt: skip


def of(found, measure):
    [one] = [row for row in found["measures"] if row["measure"] == measure]
    return one


def test_m11_people_with_offers_are_compared_with_those_held_back_whether_they_saw_one_or_not(asked):
    shop, _, treated = asked
    found = shop.satisfaction.effect()
    n = len(treated)
    csat = of(found, "csat")
    assert found["units"] == {"held": N - n, "treated": n}
    assert (csat["n"], csat["n_control"], csat["mean_control"]) == (n, N - n, 1.0)
    assert csat["mean"] == pytest.approx(1 - 0.4 * -(-n // 2) / n)
    difference = csat["difference"]
    assert difference["value"] == pytest.approx(csat["mean"] - 1)
    assert difference["low"] < difference["value"] < difference["high"] < 0
    before = of(
        shop.satisfaction.effect(), "csat"
    )  # who clicks and who does not changes nothing: nobody is chosen by it
    saw = [name for name in treated if name not in treated[::2]]
    shop.respond([
        Response(f"x-{name}", asked[1][name].decision_id, Action.EXPOSURE, shop.clock(), None) for name in saw
    ])  # fmt: skip
    assert of(shop.satisfaction.effect(), "csat") == before


def test_m11_few_answers_are_not_estimable_and_answers_before_the_assignment_do_not_count(asked):
    shop, made, treated = asked
    rate(shop, [(name, 9) for name in treated[:10]], "nps", 10)
    nps = of(shop.satisfaction.effect(), "nps")
    assert (nps["n"], nps["n_control"], nps["mean"], nps["mean_control"]) == (10, 0, 1.0, None)
    assert (
        nps["not_estimable"] == "10 answers of people with offers and 0 of those held back, at least 30 of each needed"
    )
    early = (shop.clock() - timedelta(days=9)).isoformat()
    shop.put_facts("feedback", [
        {"feedback_id": f"early-{name}", "customer_id": name, "at": early, "kind": "nps", "rating": 0, "scale": 10}
        for name in made
    ])  # fmt: skip
    assert of(shop.satisfaction.effect(), "nps") == nps


def test_m11_where_offers_change_who_answers_no_difference_is_given(asked):
    shop, made, treated = asked
    held = [name for name in made if name not in treated]
    rate(shop, [(name, 9) for name in [*treated, *held[:32]]], "nps", 10)
    nps = of(shop.satisfaction.effect(), "nps")
    assert "difference" not in nps
    assert "answers are of different people" in nps["not_estimable"]


def test_m11_a_shop_without_a_holdout_and_a_trial_that_is_none_are_told(shop):
    with pytest.raises(NotFound, match="no holdout"):
        shop.satisfaction.effect()
    shop.experiments.put({"experiment_id": "words", "kind": "variant", "arms": {"a": 0.5, "b": 0.5}, **BY})
    with pytest.raises(BadInput, match="not a holdout of customers"):
        shop.satisfaction.effect("words")


def test_m11_what_people_speak_of_is_told_by_topic_product_channel_and_offer_without_naming_anybody(asked):
    shop, made, treated = asked
    at = (shop.clock() - timedelta(minutes=1)).isoformat()
    texts = ["The delivery took ages, so I had to call Jane Doe on 555 1234", "배송이 너무 느려요", "配送が遅すぎる"]
    offered = {name: made[name].offers[0] for name in treated[:3]}
    shop.put_facts("feedback", [
        {"feedback_id": f"r{place}", "customer_id": name, "at": at, "kind": "review", "text": text, "channel": "web",
         "product_id": offer.product_id}
        for place, (text, (name, offer)) in enumerate(zip(texts, offered.items(), strict=True))
    ])  # fmt: skip
    first = made[treated[3]]
    shop.respond([
        Response("no", first.decision_id, Action.DECLINE, shop.clock() - timedelta(minutes=1), first.offers[0].product_id,
                 "too expensive for me, Jane Doe"),
    ])  # fmt: skip
    found = shop.voices.report()
    [row] = [row for row in found["rows"] if row["topic"] == "delivery"]
    assert (row["channel"], row["n"], row["bad"]) == ("web", 3, 3)
    assert row["product"] == next(iter(offered.values())).product_id
    assert row["offer"] == next(iter(offered.values())).kind
    assert 0 < row["confidence"] <= 1
    assert row["n_sure"] <= row["judged"] <= row["n"]
    [declined] = [row for row in found["rows"] if row["topic"] == "price"]
    assert (declined["channel"], declined["bad"], declined["example"]) == ("cart", 1, "too expensive")
    assert found["n_of"]["decline"] == 1
    assert found["n_sure"] <= found["n_judged"] <= found["n"]
    assert "jane" not in str(found).lower()
    assert "555" not in str(found)
    assert shop.voices.report(most=1)["n_rows"] == found["n_rows"]
    with pytest.raises(BadInput, match="ends"):
        shop.voices.report(shop.clock(), shop.clock())
