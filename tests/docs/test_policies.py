"""The page on policies: its texts can be drafted, its pack can be read, and both say what the page says of them."""

import re

import pytest

from crosslift.decide.sources import SOURCES
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import BUILT_IN
from crosslift.domain.policy_fields import POLICY
from crosslift.domain.policy_forms import Vocabulary
from crosslift.domain.policy_packs import read_pack, resolved
from crosslift.domain.policy_text import read_sheet
from crosslift.domain.pressure import ACCOUNT, Cap
from crosslift.shop.packs import Packs
from crosslift.wording import ethics

WORDS = Vocabulary(tuple(SOURCES), tuple(PLACEMENTS))


@pytest.fixture(scope="module")
def texts(repo):
    page = (repo / "docs/policies.md").read_text(encoding="utf-8")
    return re.findall(r"^```toml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def test_the_policy_of_the_page_can_be_published(texts):
    policy = resolved(read_sheet(texts[0], POLICY, WORDS), BUILT_IN, Packs())
    assert [rule.rule_id for rule in policy.rules][-2:] == ["no-step-up-at-checkout", "calm-mornings"]
    assert (policy.max_offers, policy.epsilon, policy.value.margin_floor) == (6, 0.02, 0.15)
    asked = {(one.most, one.days, one.channels) for one in policy.pressure.caps}
    usual = {(one.most, one.days, one.channels) for one in BUILT_IN["helpful"].pressure.caps}
    assert usual - asked == {(2, 7.0, ("email",))}
    assert asked - usual == {(1, 7.0, ("email",))}
    assert [one for one in ethics.of_policy(policy) if one.is_severe] == []


def test_the_caps_of_the_page_on_pressure_are_the_usual_ones_and_that_of_a_company(repo):
    page = (repo / "docs/pressure.md").read_text(encoding="utf-8")
    [text] = re.findall(r"^```toml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    policy = resolved(read_sheet('name = "ours"\nextends = "helpful"\n' + text, POLICY, WORDS), BUILT_IN, Packs())
    assert policy.pressure.caps == (*BUILT_IN["helpful"].pressure.caps, Cap(2, 7.0, unit=ACCOUNT))


def test_the_small_sets_of_the_page_can_be_drafted(texts):
    sheet = read_sheet('name = "ours"\nextends = "helpful"\n' + texts[1], POLICY, WORDS)
    words, harvest = resolved(sheet, BUILT_IN, Packs()).variants
    assert (words.placements, words.options, words.floor) == (("cart",), ("plain", "warm"), 0.05)
    assert (harvest.placements, harvest.levers) == ((), {"spring": ("spring",)})


def test_the_guardrails_of_the_page_can_be_drafted(texts):
    sheet = read_sheet('name = "ours"\nextends = "helpful"\n' + texts[2], POLICY, WORDS)
    assert resolved(sheet, BUILT_IN, Packs()).guardrails[0].guardrail_id == "few-noes"


def test_the_pack_of_the_page_can_be_read(texts):
    pack = read_pack(texts[3], WORDS)
    assert len(texts) == 4
    assert [rule.law for rule in pack.entries("rules")] == ["Act on Quiet Nights, section 7"]
