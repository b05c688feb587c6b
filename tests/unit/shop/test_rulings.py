"""Which policies are in force as of a change number, read once for it."""

import pytest

from crosslift.domain.policy import BUILT_IN, HELPFUL
from crosslift.errors import BadUsage, WillNotWork
from crosslift.shop.rulings import MOST_KEPT, Rulings

TEXT = 'name = "{}"\nextends = "helpful"\n[offers]\nat_most = {}\n'


@pytest.fixture
def rulings(empty_shop):
    return Rulings(empty_shop.records)


def put(shop, name="ours", at_most=1):
    version = shop.policies.draft(TEXT.format(name, at_most), "mina", "so")["version"]
    shop.policies.publish(name, version, "mina")
    return version


def test_a_ruling_newer_than_asked_for_is_good_enough_and_an_older_one_is_not(empty_shop, rulings):
    first = rulings.now()
    assert rulings.at(first.change_number - 5) is first
    put(empty_shop)
    assert rulings.at(first.change_number) is first
    newer = rulings.now()
    assert newer.change_number > first.change_number
    assert (first.published, newer.published) == ({}, {"ours": 1})


def test_other_changes_move_the_number_and_keep_what_was_read(empty_shop, rulings):
    put(empty_shop)
    before = rulings.now()
    policy = rulings.named("ours", before)
    empty_shop.put_links([{"from_id": "A", "to_id": "B", "kind": "complement"}])
    after = rulings.now()
    assert after.change_number > before.change_number
    assert after.published is before.published
    assert rulings.named("ours", after) is policy


def test_a_version_once_read_is_the_same_object_until_many_others_were(empty_shop, rulings):
    put(empty_shop)
    first = rulings.named("ours")
    assert (rulings.version("ours", 1), first.version) == (first, 1)
    for at_most in range(2, MOST_KEPT + 3):
        rulings.version("ours", put(empty_shop, at_most=at_most))
    again = rulings.version("ours", 1)
    assert again == first
    assert again is not first


def test_names_are_those_of_the_engine_and_those_published(empty_shop, rulings):
    assert list(rulings) == list(BUILT_IN)
    assert "ours" not in rulings
    put(empty_shop)
    assert "ours" in rulings
    assert list(rulings) == [*BUILT_IN, "ours"]
    assert len(rulings) == len(BUILT_IN) + 1
    assert rulings.named("helpful") is HELPFUL
    with pytest.raises(BadUsage, match="no policy 'theirs'"):
        rulings.now().bare("theirs")
    with pytest.raises(BadUsage, match="no policy 'theirs'; there are helpful, relevance, doors, ours"):
        rulings.named("theirs")


def test_a_version_nobody_knows_is_none(rulings):
    assert rulings.version("helpful", HELPFUL.version) is HELPFUL
    assert rulings.version("helpful", 1) is None
    assert rulings.version("ours", 1) is None


def test_a_policy_of_another_version_of_crosslift_is_named_with_what_to_do(empty_shop, rulings):
    row = {"name": "ours", "text": "", "resolved": 'name = "ours"\n[futures]\n', "hash": "h", "author": "a", "reason": "r",
           "created_at": 0}  # fmt: skip
    empty_shop.records.save_policy(row)
    with pytest.raises(
        WillNotWork, match=r"policy 'ours', version 1, cannot be read .*futures.*crosslift policies rollback ours"
    ):
        rulings.version("ours", 1)
