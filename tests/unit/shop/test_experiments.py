from dataclasses import replace
from datetime import timedelta

import pytest

from crosslift.decide.withholding import EXEMPT
from crosslift.domain.decision import NoOffer
from crosslift.errors import BadInput, Conflict, NotFound

BY = {"author": "mina", "reason": "what do offers bring"}
WORDS = {"experiment_id": "words", "kind": "variant", "arms": {"short": 0.5, "long": 0.5}, **BY}


@pytest.fixture
def shop(own_shop):
    return own_shop


def allow(shop, *customers):
    now = shop.clock().isoformat()
    shop.consents.record([
        {"customer_id": name, "purpose": "personalization", "channel": "*", "status": "granted", "source": "test", "at": now}
        for name in customers
    ])  # fmt: skip


def hold_out(shop, share=0.5):
    return shop.experiments.hold_out(share, **BY, has_agreed=True)


def asked(shop, number, placement="cart", **given):
    return shop.decide(placement, ["P00"], customer=f"h{number}", **given)


# the standing holdout


def test_nothing_is_held_out_before_the_merchant_was_told_the_cost_and_agrees(shop):
    told = shop.experiments.hold_out(0.05, **BY)
    assert (told["outcome"], told["version"]) == ("told", None)
    assert "not known yet" in told["expected_cost"]
    assert shop.experiments.list() == []
    agreed = shop.experiments.hold_out(0.05, **BY, has_agreed=True)
    assert (agreed["outcome"], agreed["version"]) == ("new", 1)
    assert shop.experiments.show("standing-holdout")["expected_cost"] == told["expected_cost"]


@pytest.mark.parametrize("share", [0, -0.1, 0.51, 1])
def test_a_share_that_proves_nothing_or_costs_too_much_is_refused(shop, share):
    with pytest.raises(BadInput, match="between 0 and 50"):
        shop.experiments.hold_out(share, **BY, has_agreed=True)


def test_who_is_held_gets_nothing_and_what_they_would_have_got_is_recorded_and_made_again(shop):
    hold_out(shop)
    made = [asked(shop, number) for number in range(60)]
    held = [decision for decision in made if decision.is_withheld]
    treated = [decision for decision in made if not decision.is_withheld]
    assert 15 < len(held) < 45
    assert {decision.no_offer for decision in held} == {NoOffer.WITHHELD}
    assert {decision.arm for decision in held} == {"standing-holdout=held"}
    assert {decision.arm for decision in treated} == {"standing-holdout=treated"}
    assert all(decision.withheld and not decision.offers for decision in held)
    assert all(decision.offers for decision in treated)
    row = shop.decision(held[0].decision_id)
    assert (row["arm"], bool(row["is_withheld"])) == ("standing-holdout=held", True)
    assert [one["product"] for one in row["withheld"]] == [one.product_id for one in held[0].withheld]
    for decision in (held[0], treated[0]):
        assert shop.replay(decision.decision_id).is_equal


def test_an_arm_stays_when_the_share_changes_for_who_comes_next(shop):
    allow(shop, *(f"h{number}" for number in range(40)))
    hold_out(shop)
    before = [asked(shop, number).arm for number in range(40)]
    hold_out(shop, 0.01)
    assert [asked(shop, number).arm for number in range(40)] == before
    shown = shop.experiments.show("standing-holdout")
    assert shown["units"] == {
        "held": sum("=held" in arm for arm in before),
        "treated": sum("=tr" in arm for arm in before),
    }
    assert [one["version"] for one in shown["versions"]] == [1, 2]
    later = [asked(shop, number).is_withheld for number in range(100, 160)]
    assert sum(later) <= 5


def test_of_who_allowed_nothing_no_arm_is_kept_and_it_is_the_same_all_the_same(shop):
    hold_out(shop)
    made = [[asked(shop, number).arm for number in range(20)] for _ in range(2)]
    assert made[0] == made[1]
    assert set(shop.experiments.show("standing-holdout")["units"].values()) == {0}
    allow(shop, *(f"h{number}" for number in range(20)))
    assert [asked(shop, number).arm for number in range(20)] == made[0]
    assert sum(shop.experiments.show("standing-holdout")["units"].values()) == 20


def test_who_consented_to_no_message_leaves_no_trace(shop):
    hold_out(shop)
    assert shop.decide("email", customer="h1").no_offer == NoOffer.NO_CONSENT
    assert shop.records.first_arms(["customer:h1"]) == []
    assert shop.records.table("decisions", ("identity",)).column("identity").to_pylist() == [None]


def test_nobody_changes_arms_by_signing_in(shop):
    hold_out(shop)
    allow(shop, *(f"h{number}" for number in range(0, 40, 2)))
    for number in range(40):
        browser = shop.decide("cart", ["P00"], anonymous=f"b{number}").arm
        assert asked(shop, number, anonymous=f"b{number}").arm == browser
    kept = [asked(shop, number).arm for number in range(0, 40, 2)]
    assert kept == [shop.decide("cart", ["P00"], anonymous=f"b{number}").arm for number in range(0, 40, 2)]


def test_a_browser_that_others_use_too_says_nothing_of_a_customer(shop):
    allow(shop, "h1")
    hold_out(shop)
    own = asked(shop, 1).arm
    assert {asked(shop, 1, anonymous=f"b{number}").arm for number in range(20)} == {own}


def test_outside_are_requests_without_a_stable_id_relevance_and_the_past(shop):
    hold_out(shop)
    assert {shop.decide("cart", ["P00"], session=f"s{n}").arm for n in range(20)} == {None}
    assert {asked(shop, n, policy="relevance").arm for n in range(20)} == {None}
    assert {asked(shop, n, purpose="evaluation").arm for n in range(20)} == {None}


def test_what_cannot_be_done_without_is_never_withheld(shop):
    assert {"required", "stand_in"} == EXEMPT


def test_it_ends_with_the_very_next_decision(shop):
    hold_out(shop)
    held = next(number for number in range(60) if asked(shop, number).is_withheld)
    shop.experiments.stop("standing-holdout", "mina", "we know enough")
    assert asked(shop, held).arm is None
    assert asked(shop, held).offers
    assert shop.experiments.list()[0]["state"] == "stopped"


# identities


def test_a_person_keeps_the_earliest_arm_of_their_identities_and_the_conflict_is_counted(shop):
    hold_out(shop)
    browsers, customers = ([f"{kind}{n}" for n in range(40)] for kind in ("b", "h"))
    allow(shop, *browsers, *customers)
    of_browser = {name: shop.decide("cart", ["P00"], customer=name).arm for name in browsers}
    shop.clock.move(days=1)
    of_customer = {name: shop.decide("cart", ["P00"], customer=name).arm for name in customers}
    one, other = next((b, c) for b in browsers for c in customers if of_browser[b] != of_customer[c])
    for name in (one, other):
        shop.customers.identify(name, {"email": "jane@example.org"})
    assert shop.decide("cart", ["P00"], customer=other).arm == of_browser[one]
    assert shop.experiments.show("standing-holdout")["n_crossovers"] == 1


def test_a_shop_that_sells_to_companies_assigns_them(shop):
    assert shop.experiments.default_unit() == "customer"
    shop.put_facts("accounts", [{"account_id": "a1", "name": "Cafe One", "kind": "company"}])
    shop.put_facts(
        "account_members", [{"account_id": "a1", "customer_id": name, "role": "buyer"} for name in ("h1", "h2")]
    )
    assert shop.experiments.default_unit() == "account"
    hold_out(shop)
    assert len({asked(shop, number).arm for number in (1, 2)}) == 1
    assert asked(shop, 9).arm is None
    assert shop.experiments.get("standing-holdout").unit == "account"


def test_a_till_or_a_visit_may_be_the_unit(shop):
    shop.experiments.put([
        {**WORDS, "unit": "store"}, {**WORDS, "experiment_id": "visits", "unit": "session"},
    ])  # fmt: skip
    made = [shop.decide("cart", ["P00"], store=f"t{n % 10}", session=f"s{n}").arm for n in range(20)]
    assert made[:10] != made[10:]
    at_till = [dict(one.split("=") for one in arm.split(","))["words"] for arm in made]
    assert at_till[:10] == at_till[10:]
    assert set(at_till) == {"short", "long"}
    assert sum(shop.experiments.show("words")["units"].values()) == 10
    assert shop.replay(shop.decide("cart", ["P00"], store="t1").decision_id).is_equal


# trials


def test_trials_of_one_group_never_meet(shop):
    shop.experiments.put([{**WORDS, "group": "one"}, {**WORDS, "experiment_id": "pictures", "group": "one"}])
    arms = [asked(shop, number).arm for number in range(60)]
    assert all("," not in arm for arm in arms)
    assert {arm.partition("=")[0] for arm in arms} == {"words", "pictures"}


def test_an_arm_may_be_decided_by_another_policy(shop):
    text = 'name = "quiet"\nextends = "helpful"\n[offers]\nsources = ["substitute"]\n'
    shop.policies.publish("quiet", shop.policies.draft(text, **BY)["version"], "mina")
    trial = {"experiment_id": "quieter", "kind": "policy", "arms": {"now": 0.5, "quiet": 0.5}, **BY}
    shop.experiments.put({**trial, "policies": {"now": "helpful", "quiet": "quiet"}})
    made = [asked(shop, number) for number in range(40)]
    by_arm = {decision.arm: decision for decision in made}
    assert by_arm["quieter=quiet"].policy == "quiet"
    assert by_arm["quieter=now"].policy == "helpful"
    assert by_arm["quieter=quiet"].offers == ()
    assert [offer.kind for offer in by_arm["quieter=now"].offers] == ["complement"]
    assert all(shop.replay(decision.decision_id).is_equal for decision in by_arm.values())
    with pytest.raises(Conflict, match="both choose the policy"):
        shop.experiments.put({**trial, "experiment_id": "third", "policies": {"now": "helpful", "quiet": "quiet"}})


def test_those_of_one_group_assign_the_same(shop):
    shop.experiments.put({**WORDS, "group": "one"})
    with pytest.raises(Conflict, match="assign the same"):
        shop.experiments.put({**WORDS, "experiment_id": "visits", "unit": "session", "group": "one"})


def test_who_was_in_two_of_one_group_stays_in_the_first(shop):
    names = [f"h{number}" for number in range(40)]
    allow(shop, *names)
    shop.experiments.put([{**WORDS, "group": "one"}, {**WORDS, "experiment_id": "pictures", "group": "one"}])
    first = {name: asked(shop, name[1:]).arm for name in names[:20]}
    shop.clock.move(days=1)
    later = {name: asked(shop, name[1:]).arm for name in names[20:]}
    one, other = next((a, b) for a in first for b in later if first[a].split("=")[0] != later[b].split("=")[0])
    for name in (one, other):
        shop.customers.identify(name, {"email": "jane@example.org"})
    assert asked(shop, other[1:]).arm == first[one]


def test_agreeing_again_changes_nothing_and_another_share_keeps_the_start(shop):
    first = hold_out(shop, 0.1)
    begun = shop.experiments.get("standing-holdout").starts_at
    shop.clock.move(days=3)
    assert hold_out(shop, 0.1)["version"] == first["version"]
    assert hold_out(shop, 0.2)["version"] == 2
    assert shop.experiments.get("standing-holdout").starts_at == begun


def test_what_has_units_keeps_its_arms(shop):
    allow(shop, "h1")
    shop.experiments.put(WORDS)
    asked(shop, 1)
    with pytest.raises(Conflict, match="its arms stay"):
        shop.experiments.put({**WORDS, "arms": {"short": 0.5, "longer": 0.5}})
    with pytest.raises(Conflict, match="its unit stays"):
        shop.experiments.put({**WORDS, "unit": "session"})
    assert shop.experiments.put({**WORDS, "arms": {"short": 0.4, "long": 0.6}})[0]["outcome"] == "replaced"


def test_the_same_once_more_changes_nothing(shop):
    assert shop.experiments.put(WORDS)[0]["outcome"] == "new"
    shop.clock.move(hours=1)
    assert shop.experiments.put(WORDS) == [{"experiment_id": "words", "version": 1, "outcome": "same"}]


def test_what_is_over_meets_nobody(shop):
    ends_at = shop.clock() + timedelta(days=1)
    shop.experiments.put({**WORDS, "ends_at": ends_at})
    assert asked(shop, 1).arm is not None
    shop.clock.move(days=1)
    assert asked(shop, 1).arm is None
    assert shop.experiments.list()[0]["state"] == "ended"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "guess"}, "kind"),
        ({"arms": {"short": 1.0}}, "fewer than two arms"),
        ({"arms": {"short": 0.5, "long": 0.6}}, "sum to 1"),
        ({"arms": {"a,b": 0.5, "long": 0.5}}, "is no name"),
        ({"arms": {}, "held": 0.1}, "of a holdout"),
        ({"placements": ["attic"]}, "attic"),
        ({"strategies": ["luck"]}, "luck"),
        ({"kind": "policy", "policies": {"short": "helpful", "long": "nowhere"}}, "nowhere"),
        ({"kind": "policy", "policies": {"short": "helpful", "long": "relevance"}}, "takes part in no experiment"),
        ({"author": ""}, "author is missing"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(shop, wrong, said):
    with pytest.raises(BadInput, match=said):
        shop.experiments.put([WORDS, {**WORDS, "experiment_id": "other", **wrong}])
    assert shop.experiments.list() == []


def test_nobody_knows_what_was_never_written(shop):
    for ask in (shop.experiments.show, shop.experiments.get):
        with pytest.raises(NotFound, match="no experiment 'x'"):
            ask("x")
    with pytest.raises(NotFound):
        shop.experiments.stop("x", "mina", "why not")


def test_files_are_read(shop, tmp_path):
    path = tmp_path / "trials.toml"
    path.write_text('[[experiments]]\nexperiment_id = "h"\nkind = "holdout"\nheld = 0.1\n', encoding="utf-8")
    [done] = shop.experiments.put_file(path, **BY)
    assert done["outcome"] == "new"
    assert shop.experiments.get("h").arms == {"held": 0.1, "treated": 0.9}
    path.write_text("[experiments]\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"\[\[experiments\]\]"):
        shop.experiments.put_file(path)


def test_an_expected_cost_rests_on_what_was_accepted(shop, monkeypatch):
    monkeypatch.setattr("crosslift.shop.experiments.accepted_value", lambda *_: {"USD": 9_000_000_000})
    assert "about 150.00 USD of sales a month" in shop.experiments.expected_cost(0.05)


def test_somebody_else_writing_at_the_same_moment_is_a_conflict(shop, monkeypatch):
    monkeypatch.setattr(shop.records, "save_experiment", lambda *_: None)
    with pytest.raises(Conflict, match="meanwhile"):
        shop.experiments.put(WORDS)


def test_a_holdout_of_some_sources_withholds_them_alone(shop):
    sources = {one.kind for number in range(20) for one in asked(shop, number).offers}
    chosen = sorted(sources)[0]
    shop.experiments.put({"experiment_id": "part", "kind": "holdout", "held": 0.5, "strategies": [chosen], **BY})
    held = [one for one in (asked(shop, number) for number in range(40)) if one.arm == "part=held"]
    assert held
    assert all(offer.kind == chosen for one in held for offer in one.withheld)
    assert all(offer.kind != chosen for one in held for offer in one.offers)
    assert all(one.is_withheld is not bool(one.offers or one.sets) for one in held if one.withheld)


def test_the_version_in_force_is_kept_with_the_arm(shop):
    allow(shop, "h1")
    shop.experiments.put(WORDS)
    shop.experiments.put({**WORDS, "arms": {"short": 0.3, "long": 0.7}})
    asked(shop, 1)
    [kept] = shop.records.first_arms(["customer:h1"])
    assert kept.version == 2
    assert replace(kept, version=1) != kept


def test_what_is_still_shown_to_who_is_held_takes_attention_and_is_a_promise(shop):
    """A holdout of one source leaves the others: they are counted, answered and kept like any."""
    link = {
        "from_id": "P00",
        "to_id": "P05",
        "kind": "complement",
        "action": "pin",
        "author": "mina",
        "reason": "we like it",
    }
    shop.put_links([link])
    part = {"experiment_id": "part", "kind": "holdout", "held": 0.97, "strategies": ["complement"], **BY}
    shop.experiments.put(part)
    held = next(
        one
        for one in (asked(shop, number, placement="popup", dwell_seconds=60) for number in range(20))
        if one.arm == "part=held" and one.withheld
    )
    assert [offer.product_id for offer in held.offers] == ["P05"]
    assert not held.is_withheld
    assert held.decision_id in shop.records.table("contacts", ("decision_id",)).column("decision_id").to_pylist()
    assert shop.promises.make(held.decision_id, "P05").product_id == "P05"


def test_sets_go_with_a_holdout_of_everything_and_with_no_other(shop):
    parts = [
        {"bundle_id": "S", "product_id": one, "kind": "fixed", "price": "5", "currency": "USD"}
        for one in ("P00", "P05")
    ]
    shop.put_bundles(parts)
    assert asked(shop, 1).sets
    shop.experiments.put({"experiment_id": "part", "kind": "holdout", "held": 0.9, "strategies": ["upgrade"], **BY})
    assert all(asked(shop, number).sets for number in range(10))
    shop.experiments.stop("part", **BY)
    shop.experiments.hold_out(0.5, **BY, has_agreed=True)
    made = [asked(shop, number) for number in range(20)]
    assert {bool(one.sets) for one in made if one.arm == "standing-holdout=held"} == {False}
    assert {bool(one.sets) for one in made if one.arm == "standing-holdout=treated"} == {True}
    assert all(shop.replay(one.decision_id).is_equal for one in made[:6])


# limits and winners


def test_one_unit_counts_for_no_more_than_was_written_beforehand(shop, clock):
    vars(shop)["key"] = bytes(32)
    shop.experiments.put({**WORDS, "limits": {"revenue": 50}})
    names = [f"h{number}" for number in range(90)]
    shop.put_facts("customers", [{"customer_id": name, "created_at": clock().isoformat()} for name in names])
    allow(shop, *names)
    arms = {f"h{number}": asked(shop, number).arm for number in range(90)}
    clock.now += timedelta(days=1)
    shop.put_facts("orders", [
        {"order_id": f"o-{name}", "line_id": "1", "customer_id": name, "product_id": "P00", "quantity": 1, "currency": "USD",
         "unit_price": "9000" if number == 5 else str(10 + number % 3), "ordered_at": clock().isoformat()}
        for number, name in enumerate(names)
    ])  # fmt: skip
    clock.now += timedelta(hours=1)
    found = shop.earned.experiment("words", "short")
    assert found["limits"] == {"revenue": 50}
    [revenue] = [row for row in found["compared"] if row["outcome"] == "revenue"]
    of = {arm: [50 if number == 5 else 10 + number % 3 for number in range(90) if arms[f"h{number}"] == f"words={arm}"]
          for arm in ("short", "long")}  # fmt: skip
    assert revenue["mean"] == pytest.approx(sum(of["long"]) / len(of["long"]))
    assert revenue["mean_control"] == pytest.approx(sum(of["short"]) / len(of["short"]))
    with pytest.raises(Conflict, match="its limits stays"):
        shop.experiments.put({**WORDS, "limits": {"revenue": 60}})
    with pytest.raises(BadInput, match="none of orders"):
        shop.experiments.put({**WORDS, "experiment_id": "other", "limits": {"visits": 60}})
    details = shop.earned.details("words", "short", by="before")
    assert {one["arm"] for one in details["best"]} == {"short", "long"}
    assert {one["slice"] for one in details["slices"]} == {"new"}
    with pytest.raises(BadInput, match="by market or before"):
        shop.earned.details("words", by="moon")


def test_a_promotion_outlives_a_new_version_and_another_policy_since_stops_its_rollback(shop):
    shop.experiments.put(WORDS)
    shop.promotions.promote("words", "long", **BY, is_forced=True)
    shop.experiments.resume("words", **BY)
    assert shop.experiments.show("words")["promoted"] == {"*": "long"}
    with pytest.raises(Conflict, match="written anew"):
        shop.promotions.rollback("words", **BY)
    for name, body in (("usual", ""), ("few", "[offers]\nat_most = 1\n")):
        version = shop.policies.draft(f'name = "{name}"\nextends = "helpful"\n{body}', "mina", "b")["version"]
        shop.policies.publish(name, version, "mina")
    arms = {"control": "usual", "new": "few"}
    shop.experiments.put(
        {**WORDS, "experiment_id": "rules", "kind": "policy", "arms": dict.fromkeys(arms, 0.5), "policies": arms}
    )
    done = shop.promotions.promote("rules", "new", **BY, is_forced=True)
    assert shop.known.rulings.named("usual").max_offers == 1
    shop.policies.rollback("usual", done["version_before"], **BY)
    with pytest.raises(Conflict, match="published since"):
        shop.promotions.rollback("rules", **BY)


def test_only_an_arm_of_a_trial_with_a_reason_is_promoted(shop):
    hold_out(shop)
    shop.experiments.put(WORDS)
    with pytest.raises(BadInput, match="a holdout has no winner"):
        shop.promotions.promote("standing-holdout", "treated", **BY, is_forced=True)
    with pytest.raises(NotFound, match="has no arm 'loud'"):
        shop.promotions.promote("words", "loud", **BY, is_forced=True)
    with pytest.raises(BadInput, match="author or reason"):
        shop.promotions.promote("words", "long", "mina", " ", is_forced=True)
    with pytest.raises(BadInput, match="such as KR"):
        shop.promotions.promote("words", "long", **BY, market="*", is_forced=True)
