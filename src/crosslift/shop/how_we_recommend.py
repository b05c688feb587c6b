"""What holds for shoppers at this moment, gathered for the page that tells them how offers are chosen."""

from typing import TYPE_CHECKING

from crosslift.domain.link import WEIGHED, LinkAction
from crosslift.domain.policy import HELPFUL, RELEVANCE
from crosslift.domain.trait import sensitive_names
from crosslift.shop.why_not import title_of
from crosslift.wording.how_we_recommend import InForce, Page, how_we_recommend

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
    found = InForce(
        policy=shop.known.rulings.named(policy, ruling),
        now=now,
        currency=shop.settings["shop.currency"],
        sensitive_traits=tuple(sorted(sensitive_names(shop.settings["profile.sensitive_traits"]))),
        is_contextual_only=shop.settings["privacy.contextual_only"],
        is_stopped=ruling.stop is not None,
        experiments=ruling.experiments,
        others=tuple(sorted({HELPFUL.name, *ruling.published} - {policy, RELEVANCE.name})),
        n_weighed=sum(action in WEIGHED for action in actions),
        n_banned=actions.count(LinkAction.BAN),
        title_of=lambda name: title_of(shop, name, language),
    )
    return how_we_recommend(found, language)
