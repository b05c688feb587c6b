"""Whose offers a new snapshot changes: each product as a cart of its own, decided under the old and the new knowledge.

Decided purely: nothing is recorded, nobody is shown anything, and both sides see the live values of this moment, so that
only what was learned can make a difference.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crosslift.decide.decider import decide
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.overlay import Overlay
from crosslift.domain.customer import Person
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import Policy
from crosslift.shop import requests
from crosslift.shop.known import overlay_of
from crosslift.shop.rulings import Rulings
from crosslift.store.ports import Records

Row = dict[str, Any]
MOST = 1_000
"""Products asked about, those bought most: two decisions each, a thousand take some seconds."""
NOBODY = Person()


def offers_affected(
    old: Knowledge, new: Knowledge, records: Records, now: datetime, language: str, most: int = MOST
) -> tuple[list[Row], int]:
    """Find the products whose list of offers changed.

    Parameters
    ----------
    most : int
        Ask about this many products, the most bought first.

    Returns
    -------
    list of dict
        product, title, before and after (the offered ids in their order), came, went; the most bought first. A product only
        one of the snapshots knows has no list under the other.
    int
        How many products were asked about.
    """
    asked = _most_bought(old, new, most)
    policy = Rulings(records).named("helpful")
    before, after = (_lists(one, overlay_of(one, records), policy, asked, now, language) for one in (old, new))
    changed = [name for name in asked if before[name] != after[name]]
    return [_row(name, new if name in new.index else old, before[name], after[name]) for name in changed], len(asked)


def _most_bought(old: Knowledge, new: Knowledge, most: int) -> list[str]:
    bought: dict[str, int] = {}
    for knowledge in (old, new):
        n = knowledge.n_products
        bought |= dict(zip(knowledge.products[:n], knowledge.popularity[:n].tolist(), strict=True))
    return sorted(bought, key=lambda name: (-bought[name], name))[:most]


def _lists(
    knowledge: Knowledge, overlay: Overlay, policy: Policy, products: Sequence[str], now: datetime, language: str
) -> Mapping[str, list[str]]:
    """Give what a cart of each product would be offered."""
    lists: dict[str, list[str]] = {}
    for name in products:
        if name not in knowledge.index:
            lists[name] = []
            continue
        asked = requests.build("cart", [name], None, [], None, now, [], policy.name, None, language, None)
        made, _ = decide(asked, "", knowledge, overlay, NOBODY, policy, PLACEMENTS[asked.placement])
        lists[name] = [offer.product_id for offer in made.offers]
    return lists


def _row(name: str, knowledge: Knowledge, before: list[str], after: list[str]) -> Row:
    return {
        "product": name,
        "title": knowledge.titles[knowledge.index[name]][""],
        "before": before,
        "after": after,
        "came": [one for one in after if one not in before],
        "went": [one for one in before if one not in after],
    }
