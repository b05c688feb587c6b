"""Policies of a shop: drafted, compared, published, rolled back, in force on the very next decision; and the stop switch."""

import subprocess
import sys
from dataclasses import dataclass

import pytest

from crosslift.domain.decision import NoOffer
from crosslift.domain.policy import BUILT_IN, HELPFUL
from crosslift.domain.policy_text import read_policy
from crosslift.errors import BadInput, BadUsage, Conflict, NotFound, Refused, WillNotWork
from crosslift.shop import Shop
from crosslift.shop.in_force import FIRST_OWN
from crosslift.shop.policies import Policies

WHO = ("mina", "fewer offers")


def text(at_most=1, name="ours", head="", body="", base="helpful"):
    return f'name = "{name}"\nextends = "{base}"\n{head}\n[offers]\nat_most = {at_most}\n{body}'


@pytest.fixture
def policies(empty_shop):
    """Policies of a shop that has nothing else."""
    return empty_shop.policies


@pytest.fixture
def elsewhere(own_shop, clock):
    """The same home opened once more, as another process has it."""
    with Shop(own_shop.home, clock=clock) as shop:
        yield shop


def published(policies, **given):
    version = policies.draft(text(**given), *WHO)["version"]
    policies.publish(given.get("name", "ours"), version, "mina")
    return version


def decided(shop, **asked):
    return shop.decide("cart", ["P00", "P02", "P04"], **{"policy": "ours", **asked})


# drafts


def test_each_text_is_a_version_and_the_same_text_once_more_is_none(policies):
    assert policies.draft(text(), *WHO) == {"name": "ours", "version": 1, "state": "draft"}
    assert policies.draft(text(), "jun", "again")["version"] == 1
    assert policies.draft(text(2), *WHO)["version"] == 2
    assert policies.draft(text(2) + "# a note\n", *WHO)["version"] == 3
    assert [row["version"] for row in policies.show("ours")["versions"]] == [3, 2, 1]


def test_a_draft_needs_an_author_a_reason_and_a_name_that_is_free(policies):
    with pytest.raises(BadInput, match="reason is missing; say who does it and why"):
        policies.draft(text(), "mina", " ")
    for name in ("relevance", "schema", "stop"):
        with pytest.raises(BadInput, match=f"line 1: name: '{name}' is taken by crosslift"):
            policies.draft(text(name=name), *WHO)


def test_a_text_is_refused_with_every_fault_and_nothing_is_kept(policies):
    with pytest.raises(BadInput) as refused:
        policies.draft(
            text('"many"', base="helpul", body='sources = ["complment"]\n', head='packs = ["market/uss"]'), *WHO
        )
    assert refused.value.problems == (
        "line 2: extends: 'helpul' is not known; did you mean helpful?",
        "line 3: packs[1]: 'market/uss' is not known; did you mean market/us?",
        'line 5: offers.at_most: "many" is not a whole number from 1 to 1,000,000',
        "line 6: offers.sources[1]: 'complment' is not known; did you mean complement?",
    )
    assert [row["name"] for row in policies.list()] == list(BUILT_IN)


def test_checking_says_what_would_change_and_keeps_nothing(policies):
    found = policies.check(text(head='packs = ["market/us"]'))
    assert found["precedence"] == [f"helpful {HELPFUL.version}", "market/us", "the text itself"]
    assert f"[offers] at_most: was {HELPFUL.max_offers}, is 1" in found["changes"]
    assert any(one.startswith("quiet_hours: new is") for one in found["changes"])
    assert found["findings"] == []
    with pytest.raises(NotFound, match="no policy 'ours'; crosslift policies list shows them"):
        policies.show("ours")


def test_changes_are_told_against_what_is_in_force_else_against_what_is_extended(policies):
    policies.draft(text(), *WHO)
    first = policies.diff("ours")
    assert (first["from_version"], first["to_version"]) == (None, 1)
    assert first["changes"] == [f"[offers] at_most: was {HELPFUL.max_offers}, is 1"]
    policies.publish("ours", 1, "mina")
    policies.draft(text(2), *WHO)
    assert policies.diff("ours") == {
        "name": "ours", "from_version": 1, "to_version": 2, "changes": ["[offers] at_most: was 1, is 2"],
    }  # fmt: skip
    assert policies.diff("ours", 1)["changes"] == []
    with pytest.raises(NotFound, match="policy 'ours' has no version 7; there are 1, 2"):
        policies.diff("ours", 7)
    with pytest.raises(NotFound, match="policy 'helpful' is crosslift's own"):
        policies.diff("helpful")


# in force


def test_a_published_policy_decides_from_the_very_next_decision_on(own_shop, elsewhere):
    with pytest.raises(BadUsage, match="no policy 'ours'; there are helpful, relevance"):
        decided(own_shop)
    assert len(decided(elsewhere, policy="helpful").offers) > 1
    published(own_shop.policies)
    for shop in (own_shop, elsewhere):
        decision = decided(shop)
        assert (len(decision.offers), decision.policy, decision.policy_version) == (1, "ours", 1)
    published(own_shop.policies, at_most=2)
    assert [len(decided(shop).offers) for shop in (elsewhere, own_shop)] == [2, 2]


def test_a_draft_decides_nothing(own_shop):
    own_shop.policies.draft(text(), *WHO)
    with pytest.raises(BadUsage, match="no policy 'ours'"):
        decided(own_shop)
    published(own_shop.policies, at_most=2)
    own_shop.policies.draft(text(1), *WHO)
    assert len(decided(own_shop).offers) == 2


def test_the_default_policy_can_be_the_shops_own_and_the_engines_again(own_shop, elsewhere):
    assert published(own_shop.policies, name="helpful", body='near_date = "3 days"\n') == FIRST_OWN + 1
    decision = decided(elsewhere, policy="helpful")
    assert (len(decision.offers), decision.policy_version) == (1, FIRST_OWN + 1)
    assert published(own_shop.policies, name="helpful") == FIRST_OWN + 2
    whole = read_policy(own_shop.policies.show("helpful")["resolved"])
    assert (whole.version, whole.near_date_days) == (FIRST_OWN + 2, HELPFUL.near_date_days)
    own_shop.policies.rollback("helpful", HELPFUL.version, *WHO)
    decision = decided(elsewhere, policy="helpful")
    assert decision.policy_version == HELPFUL.version
    assert len(decision.offers) > 1
    own_shop.policies.rollback("helpful", FIRST_OWN + 1, *WHO)
    assert decided(own_shop, policy="helpful").policy_version == FIRST_OWN + 1


def test_what_is_extended_is_worked_in_when_it_is_drafted(own_shop):
    published(own_shop.policies, name="base", at_most=2)
    published(own_shop.policies, name="ours", at_most=1, base="base")
    own_shop.policies.draft('name = "child"\nextends = "base"\n', *WHO)
    published(own_shop.policies, name="base", at_most=1)
    own_shop.policies.publish("child", 1, "mina")
    assert len(decided(own_shop, policy="child").offers) == 2


def test_an_earlier_version_is_put_in_force_again(own_shop):
    published(own_shop.policies, at_most=1)
    published(own_shop.policies, at_most=2)
    own_shop.policies.draft(text(3), *WHO)
    for version, why in (
        (2, "version 2 of policy 'ours' is in force"),
        (3, "version 3 .* was never in force; publish it"),
    ):
        with pytest.raises(BadUsage, match=why):
            own_shop.policies.rollback("ours", version, *WHO)
    with pytest.raises(NotFound, match="policy 'ours' has no version 9; there are 1, 2, 3"):
        own_shop.policies.rollback("ours", 9, *WHO)
    own_shop.policies.rollback("ours", 1, *WHO)
    assert len(decided(own_shop).offers) == 1
    with pytest.raises(BadUsage, match="version 2 of policy 'ours' was retired; crosslift policies rollback"):
        own_shop.policies.publish("ours", 2, "mina")
    assert own_shop.policies.publish("ours", 1, "mina") == {
        "name": "ours",
        "version": 1,
        "state": "published",
        "findings": [],
    }
    steps = [(one["action"], one["version"], one["reason"]) for one in own_shop.policies.show("ours")["steps"]]
    assert steps[:3] == [("rollback", 1, "fewer offers"), ("draft", 3, "fewer offers"), ("publish", 2, "fewer offers")]


def test_a_decision_is_replayed_with_the_version_it_was_made_with(own_shop):
    published(own_shop.policies, at_most=2)
    before = decided(own_shop)
    published(own_shop.policies, at_most=1)
    after = decided(own_shop)
    for decision in (before, after):
        again = own_shop.replay(decision.decision_id)
        assert (again.is_equal, again.difference) == (True, None)
        assert len(again.decision.offers) == len(decision.offers)


def test_policies_are_listed_with_what_is_in_force_and_the_newest_draft(policies):
    published(policies, head='packs = ["market/us"]')
    policies.draft(text(2), *WHO)
    policies.draft(text(name="new"), *WHO)
    listed = {row["name"]: row for row in policies.list()}
    assert [(listed[name]["version"], listed[name]["draft"]) for name in ("helpful", "ours", "new")] == [
        (HELPFUL.version, None), (1, 2), (None, 1),
    ]  # fmt: skip
    assert listed["helpful"]["is_built_in"]
    assert (listed["ours"]["packs"], listed["ours"]["author"]) == (["market/us"], "mina")
    assert policies.show("helpful")["state"] == "built_in"


# four eyes and checks


def test_four_eyes_see_what_needs_an_approval(own_shop):
    careful = {"head": "needs_approval = true"}
    own_shop.policies.draft(text(**careful), *WHO)
    with pytest.raises(Refused, match="needs an approval; name who approves it: --approved-by"):
        own_shop.policies.publish("ours", 1, "mina")
    for same in ("mina", " MINA ", "ｍｉｎａ"):
        with pytest.raises(Refused, match="the approval of somebody other than 'mina'"):
            own_shop.policies.publish("ours", 1, "jun", approved_by=same)
    own_shop.policies.publish("ours", 1, "mina", approved_by="jun")
    assert own_shop.policies.list()[-1]["approved_by"] == "jun"


def test_what_takes_the_place_of_a_careful_policy_needs_an_approval_too(policies):
    published(policies, at_most=3)
    policies.draft(text(head="needs_approval = true"), *WHO)
    policies.publish("ours", 2, "mina", approved_by="jun")
    policies.draft(text(2, head="needs_approval = false"), *WHO)
    with pytest.raises(Refused, match="needs an approval"):
        policies.publish("ours", 3, "mina")
    with pytest.raises(Refused, match="somebody other than 'jun'"):
        policies.rollback("ours", 1, "jun", "loosen it", approved_by="jun")
    policies.rollback("ours", 1, "jun", "loosen it", approved_by="mina")
    policies.publish("ours", 3, "mina")


@dataclass(frozen=True)
class Found:
    rule_id: str
    is_severe: bool

    def __str__(self):
        return f"{self.rule_id} at offers: mend it"


def checked(shop, clock, *findings):
    return Policies(shop.records, shop.known.rulings, clock, (lambda policy: (), lambda policy: findings))


def test_a_severe_finding_refuses_to_publish_and_names_its_rule(own_shop, clock):
    policies = checked(own_shop, clock, Found("hidden_cost", True), Found("small", False), Found("pre_ticked", True))
    policies.draft(text(), *WHO)
    with pytest.raises(BadInput, match="'ours', version 1, is not published: hidden_cost, pre_ticked") as refused:
        policies.publish("ours", 1, "mina")
    assert refused.value.problems == ("hidden_cost at offers: mend it", "pre_ticked at offers: mend it")
    with pytest.raises(BadUsage):
        decided(own_shop)
    mild = checked(own_shop, clock, Found("small", False))
    assert mild.publish("ours", 1, "mina")["findings"] == [
        {"rule_id": "small", "is_severe": False, "said": "small at offers: mend it"}
    ]


def test_the_ethics_lint_is_one_of_the_checks(policies):
    nagging = text(body='[[cooldowns]]\nafter = "declined"\nlasts = "1 day"\n')
    assert [one["rule_id"] for one in policies.check(nagging)["findings"] if one["is_severe"]] != []
    policies.draft(nagging, *WHO)
    with pytest.raises(BadInput, match="is not published: nagging"):
        policies.publish("ours", 1, "mina")


def test_two_who_publish_at_once_do_not_overwrite_each_other(own_shop, elsewhere, clock):
    for at_most in (1, 2):
        own_shop.policies.draft(text(at_most), *WHO)
    meanwhile = Policies(
        own_shop.records,
        own_shop.known.rulings,
        clock,
        (lambda policy: elsewhere.policies.publish("ours", 2, "jun") and (),),
    )
    with pytest.raises(
        Conflict, match="somebody else changed policy 'ours' meanwhile; look at crosslift policies diff ours"
    ):
        meanwhile.publish("ours", 1, "mina")
    assert len(decided(own_shop).offers) == 2


# the stop switch


def test_a_stopped_shop_offers_nothing_to_anybody_and_records_that(own_shop, elsewhere):
    assert own_shop.policies.standing() == {"is_stopped": False, "at": None, "author": None, "reason": None}
    own_shop.policies.stop("mina", "prices are wrong")
    for shop, placement in ((own_shop, "cart"), (elsewhere, "home"), (elsewhere, "email")):
        decision = shop.decide(placement, ["P00"], customer="c1")
        assert (decision.offers, decision.sets, decision.no_offer) == ((), (), NoOffer.STOPPED)
        assert own_shop.decision(decision.decision_id)["no_offer"] == "stopped"
        assert own_shop.replay(decision.decision_id).is_equal
    assert elsewhere.policies.standing() == {
        "is_stopped": True, "at": own_shop.clock().isoformat(), "author": "mina", "reason": "prices are wrong",
    }  # fmt: skip
    assert elsewhere.policies.stop("jun", "me too")["author"] == "mina"
    elsewhere.policies.resume("jun", "prices are right")
    assert own_shop.decide("cart", ["P00"]).offers


def test_evaluation_and_ranking_behind_own_rules_go_on_while_stopped(own_shop):
    own_shop.policies.stop("mina", "prices are wrong")
    assert own_shop.decide("cart", ["P00"], policy="relevance").offers
    assert own_shop.decide("cart", ["P00"], purpose="evaluation").offers
    published(own_shop.policies)
    assert decided(own_shop).no_offer is NoOffer.STOPPED
    assert decided(own_shop, purpose="evaluation").offers


def test_who_stops_and_why_is_asked(policies):
    with pytest.raises(BadInput, match="author is missing"):
        policies.stop("", "prices are wrong")
    assert not policies.standing()["is_stopped"]
    assert policies.resume("mina", "just so")["is_stopped"] is False


# in another process

OTHER = """
import sys
from crosslift.cli.output import log_to_stderr
from crosslift.shop import Shop
log_to_stderr(is_wordy=False)
with Shop(sys.argv[1]) as shop:
    for line in sys.stdin:
        print(eval(line), flush=True)
"""


@pytest.fixture
def other(own_shop):
    """Another process with the same home: it evaluates what it is told of its `shop` and gives it as text."""
    command = [sys.executable, "-c", OTHER, str(own_shop.home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def told(expression):
            process.stdin.write(expression + "\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield told
        process.stdin.close()


def test_stop_switch_and_publication_hold_on_the_very_next_decision_of_another_process(own_shop, other):
    there = "shop.decide('cart', ['P00', 'P02', 'P04'], policy='ours')"
    published(own_shop.policies)
    own_shop.policies.draft(text(2), *WHO)
    assert other(f"len({there}.offers)") == "1"
    other("shop.policies.publish('ours', 2, 'mina')")
    assert len(decided(own_shop).offers) == 2
    own_shop.policies.rollback("ours", 1, *WHO)
    for _ in range(3):
        assert other(f"len({there}.offers)") == "1"
        own_shop.policies.stop("mina", "prices are wrong")
        assert other(f"{there}.no_offer") == "stopped"
        other("shop.policies.resume('jun', 'prices are right')")
        assert decided(own_shop).no_offer is None
        other("shop.policies.stop('jun', 'wrong again')")
        assert decided(own_shop).no_offer is NoOffer.STOPPED
        own_shop.policies.resume("mina", "right again")
        other("shop.policies.rollback('ours', 2, 'jun', 'better')")
        assert len(decided(own_shop).offers) == 2
        own_shop.policies.rollback("ours", 1, *WHO)


def test_a_version_that_cannot_be_read_any_more_can_be_replaced_by_two_people(empty_shop, policies):
    published(policies)
    row = {"name": "ours", "text": text(), "resolved": 'name = "ours"\n[futures]\n', "hash": "", "author": "an older engine",
           "reason": "", "created_at": 0}  # fmt: skip
    version = empty_shop.records.save_policy(row)
    change = {
        "at": 0,
        "action": "publish",
        "name": "ours",
        "version": version,
        "author": "",
        "approved_by": None,
        "reason": "",
    }
    empty_shop.records.publish_policy(change, 1)
    assert policies.list()[-1]["version"] == version
    ruling = empty_shop.known.rulings.now()
    assert (ruling.bare("ours").version, ruling.bare("helpful").version) == (version, HELPFUL.version)
    assert (policies.show("ours")["state"], policies.show("ours")["text"]) == ("published", text())
    with pytest.raises(WillNotWork, match="crosslift policies rollback ours"):
        policies.diff("ours")
    policies.draft(text(3), *WHO)
    with pytest.raises(Refused, match="needs an approval"):
        policies.rollback("ours", 1, *WHO)
    policies.rollback("ours", 1, *WHO, approved_by="jun")
    assert policies.show("ours")["version"] == 1
