"""Why one product was not offered, as plain values and sentences: for operators whole, for shoppers one true sentence."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from crosslift.domain.rule import Rule
from crosslift.domain.why_not import Fate, WhyNot
from crosslift.errors import NotFound
from crosslift.wording import why_not

if TYPE_CHECKING:
    from crosslift.shop.shop import Shop

Row = dict[str, Any]


def told(shop: "Shop", found: WhyNot, language: str) -> Row:
    """Tell an operator everything.

    Returns
    -------
    dict
        decision_id, product, title, fate, code, gate, rule (id, code, reason, owner, law), source, place, offered_as, asked
        (candidates by source), led_by (why not asked, by source), now, replay (is_replayed, is_equal, difference), and
        `sentences` in the language.
    """
    title = title_of(shop, found.product_id, language)
    return {
        "decision_id": found.decision_id, "product": found.product_id, "title": title, "fate": found.fate.value,
        "code": found.code or None, "gate": found.gate and found.gate.value, "rule": found.rule and _plain(found.rule),
        "source": found.source or None, "place": found.place, "offered_as": found.offered_as or None,
        "asked": dict(found.asked), "led_by": {source: why.value for source, why in found.led_by.items()},
        "now": found.now or None,
        "replay": {
            "is_replayed": found.is_replayed, "is_equal": found.difference is None if found.is_replayed else None,
            "difference": found.difference,
        },
        "sentences": why_not.operator_sentences(found, language, title),
    }  # fmt: skip


def told_to_shopper(found: WhyNot, language: str) -> Row:
    """Tell a shopper whether it was offered, and one true sentence; nothing of rules, scores or other people."""
    return {
        "decision_id": found.decision_id, "product": found.product_id, "was_offered": found.fate is Fate.OFFERED,
        "sentence": why_not.shopper_sentence(found, language),
    }  # fmt: skip


def title_of(shop: "Shop", name: str, language: str) -> str:
    """Name a product or offer in a language; its id where nobody titled it."""
    rows = shop.records.table("products", ["title", "titles"], "product_id = ?", (name,)).to_pylist()
    if rows:
        titles: Mapping[str, str] = msgspec.json.decode(rows[0]["titles"] or "{}")
        return titles.get(language) or titles.get(language[:2]) or rows[0]["title"] or name
    try:
        return shop.offers.get(name).title(language)
    except NotFound:
        return name


def _plain(rule: Rule) -> Row:
    return {"id": rule.rule_id, "code": rule.code, "reason": rule.reason, "owner": rule.owner, "law": rule.law or None}
