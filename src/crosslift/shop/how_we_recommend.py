"""What holds for shoppers at this moment, gathered for the page that tells them how offers are chosen."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crosslift.domain.link import WEIGHED, LinkAction
from crosslift.domain.policy import HELPFUL, RELEVANCE, Policy
from crosslift.domain.trait import sensitive_names
from crosslift.shop.packs import Packs
from crosslift.shop.why_not import title_of
from crosslift.wording.how_we_recommend import how_we_recommend
from crosslift.wording.in_force import InForce, Page

if TYPE_CHECKING:
    from crosslift.shop.shop import Shop


def page(shop: "Shop", language: str, policy: str = HELPFUL.name) -> Page:
    """Tell how offers are chosen by the policy in force under a name.

    Raises
    ------
    BadUsage
        If there is no such policy.
    """
    ruling, now = shop.known.rulings.now(), shop.clock()
    actions = shop.records.links(int(now.timestamp() * 1_000_000))[1].column("action").to_pylist()
    asked = shop.known.rulings.named(policy, ruling)
    found = InForce(
        policy=asked,
        now=now,
        currency=shop.settings["shop.currency"],
        sensitive_traits=tuple(sorted(sensitive_names(shop.settings["profile.sensitive_traits"]))),
        is_contextual_only=shop.settings["privacy.contextual_only"],
        is_stopped=ruling.stop is not None,
        experiments=ruling.experiments,
        others=tuple(sorted({HELPFUL.name, *ruling.published} - {policy, RELEVANCE.name})),
        n_weighed=sum(action in WEIGHED for action in actions),
        n_banned=actions.count(LinkAction.BAN),
        pack_titles=_pack_titles(asked),
        title_of=lambda name: title_of(shop, name, language),
    )
    return how_we_recommend(found, language)


def _pack_titles(policy: Policy) -> dict[str, Mapping[str, str]]:
    """Give the titles of the pack behind each rule; a rule that the shop wrote anew is its own."""
    words = {(rule.rule_id, rule.reason) for rule in policy.rules}
    packs = Packs()
    return {
        rule.rule_id: packs[name].titles
        for name in policy.packs if name in packs
        for rule in packs[name].entries("rules") if (rule.rule_id, rule.reason) in words
    }  # fmt: skip
