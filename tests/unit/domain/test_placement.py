"""Placements and policies as they come with the house."""

from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import BUILT_IN, HELPFUL, RELEVANCE
from crosslift.domain.relation import PairEvidence


def test_placements_are_found_by_their_own_name():
    assert all(name == placement.name for name, placement in PLACEMENTS.items())


def test_what_reaches_out_is_a_message_and_what_pops_up_interrupts():
    assert [p.name for p in PLACEMENTS.values() if p.is_message] == ["email", "sms", "push"]
    assert [p.name for p in PLACEMENTS.values() if p.interrupts] == ["popup"]


def test_policies_are_found_by_their_own_name():
    assert all(name == policy.name for name, policy in BUILT_IN.items())


def test_relevance_only_ranks():
    assert not RELEVANCE.excludes_owned
    assert (RELEVANCE.max_offers, RELEVANCE.max_per_category, RELEVANCE.is_holdout_exempt) == (None, None, True)


def test_the_default_policy_offers_few_and_varied_things_nobody_owns():
    assert (HELPFUL.excludes_owned, HELPFUL.default_offers, HELPFUL.max_per_category) == (True, 3, 2)
    assert not HELPFUL.is_holdout_exempt


def test_confidence_is_the_share_of_baskets_with_the_first():
    def evidence(n_both, n_a):
        return PairEvidence(n_both, n_a, 9, 100, 5, 1.0, 2.0, 1.0, 3.0, 0.01, 0.5, 9.0)

    assert evidence(3, 12).confidence == 0.25
    assert evidence(0, 0).confidence == 0.0
