"""Why one product was not offered: with every figure and name for operators, as one true sentence for shoppers."""

from collections.abc import Mapping

from crosslift.domain.decision import DropCode, NoOffer
from crosslift.domain.rule import Gate
from crosslift.domain.why_not import Fate, NoCandidate, NotAsked, WhyNot
from crosslift.wording.formats import listing
from crosslift.wording.messages import Noun, text
from crosslift.wording.reasons import drop_sentence, kind_word, no_offer_sentence

PUBLIC = frozenset({
    DropCode.IN_CART, DropCode.OWNED, DropCode.OUT_OF_STOCK, DropCode.NOT_SELLABLE, DropCode.INACTIVE, DropCode.SAME_PRODUCT,
    DropCode.DOES_NOT_FIT, DropCode.INCLUDED, DropCode.EXPIRED, DropCode.NOT_YET, DropCode.WRONG_MARKET, DropCode.TOO_YOUNG,
    DropCode.ON_PAGE, DropCode.CATEGORY_FULL, DropCode.BEYOND_COUNT,
})  # fmt: skip
"""What a shopper may be told as it is; of everything else only that the shop does not offer it."""
OF_EVERYTHING = frozenset({
    DropCode.CAPPED, DropCode.SOLVE_FIRST, DropCode.VALUE_FIRST, DropCode.QUIET_HOURS, DropCode.BUSY,
})  # fmt: skip
"""What stops every offer is told as it is told where nothing was offered."""
_SHOPPERS: Mapping[str, str] = {
    NoCandidate.NOT_IN_CATALOG: "unknown", NoCandidate.IN_SIGHT: "in_sight", NoCandidate.BANNED: "shop",
    NoCandidate.NOT_PLACED: "no_relation", NoCandidate.NOTHING_TO_SAY: "no_relation", NoCandidate.NO_RELATION: "no_relation",
}  # fmt: skip
KEYS = (
    *Fate, *NoCandidate, "offered_as", "gate", "list", "rule", "rule_law", *(f"step.{gate}" for gate in Gate), "asked",
    *(f"led_by.{why}" for why in NotAsked), "now", "differs", "record_only",
    *(f"shopper.{key}" for key in ("offered", "withheld", "rests", "shop", *sorted({*_SHOPPERS.values()} - {"shop"}))),
)  # fmt: skip
"""All keys of its messages; `no_candidate` has one for each of its reasons instead."""


def operator_sentences(found: WhyNot, language: str, title: str) -> list[str]:
    """Tell an operator what became of a product, sentence by sentence; reasons of rules stay in the merchant's words.

    Parameters
    ----------
    title : str
        What the product is called, in that language.

    Examples
    --------
    >>> found = WhyNot("d1", "P-7", Fate.DROPPED, DropCode.OUT_OF_STOCK, source="complement", gate=Gate.ELIGIBLE)
    >>> for said in operator_sentences(found, "en", "Kettle"):
    ...     print(said)
    Kettle was a candidate: goes with.
    The gate “may it be offered” stopped it: out_of_stock.
    It is out of stock.
    """
    named = {"title": Noun(title)}
    match found.fate:
        case Fate.OFFERED:
            place = "" if found.place is None else str(found.place + 1)
            said = [text("why_not.offered", language, None, place=place, **named)]
            if found.offered_as:
                said.append(text("why_not.offered_as", language, None, variant=Noun(found.offered_as)))
        case Fate.WITHHELD:
            said = [text("why_not.withheld", language, None, **named)]
        case Fate.DROPPED:
            said = _dropped(found, language, named)
        case Fate.NOT_ASKED:
            said = [text("why_not.not_asked", language, code=found.code), no_offer_sentence(found.code, language)]
        case Fate.NO_CANDIDATE:
            said = _no_candidate(found, language, named)
    return said + _notes(found, language)


def shopper_sentence(found: WhyNot, language: str) -> str:
    """Tell a shopper: true, in one sentence, and nothing of rules, margins, scores or of other people.

    Examples
    --------
    >>> found = WhyNot("d1", "P-7", Fate.DROPPED, DropCode.BELOW_FLOOR, source="complement", gate=Gate.ELIGIBLE)
    >>> shopper_sentence(found, "en"), shopper_sentence(found, "ja")
    ('The shop does not offer it here.', 'こちらではご提案していない商品です。')
    """
    if found.fate in (Fate.OFFERED, Fate.WITHHELD):
        return text(f"why_not.shopper.{found.fate}", language)
    if found.fate is Fate.NOT_ASKED:
        return no_offer_sentence(found.code, language)
    if found.fate is Fate.NO_CANDIDATE:
        return text(f"why_not.shopper.{_SHOPPERS[found.code]}", language)
    if found.rule is not None:  # a rule may use the code of a gate; what it asks of a person is the shop's own
        return text("why_not.shopper.shop", language)
    if found.code in PUBLIC:
        return drop_sentence(found.code, language)
    if found.code in OF_EVERYTHING:
        return no_offer_sentence(NoOffer(found.code), language)
    return text(f"why_not.shopper.{'rests' if found.code == DropCode.COOLING_DOWN else 'shop'}", language)


def _dropped(found: WhyNot, language: str, named: Mapping[str, str]) -> list[str]:
    said = [text("why_not.dropped", language, None, kind=kind_word(found.source, language), **named)]
    if found.gate is None:
        said.append(text("why_not.list", language, code=found.code))
    else:
        gate = text(f"why_not.step.{found.gate}", language)
        said.append(text("why_not.gate", language, gate=gate, code=found.code))
    rule = found.rule
    if rule is None:
        return [*said, drop_sentence(found.code, language)]
    told = {"rule": rule.rule_id, "owner": rule.owner, "reason": rule.reason} | ({"law": rule.law} if rule.law else {})
    return [*said, text("why_not.rule_law" if rule.law else "why_not.rule", language, None, **told)]


def _no_candidate(found: WhyNot, language: str, named: Mapping[str, str]) -> list[str]:
    said = [text(f"why_not.{found.code}", language, None, **named)]
    for why in NotAsked:
        led = [source for source, reason in found.led_by.items() if reason is why]
        if led:
            said.append(text(f"why_not.led_by.{why}", language, kinds=_kinds(led, language)))
    if found.asked and found.code in (NoCandidate.NO_RELATION, NoCandidate.NOT_PLACED):
        said.append(text("why_not.asked", language, kinds=_kinds(list(found.asked), language)))
    return said


def _notes(found: WhyNot, language: str) -> list[str]:
    said = []
    if found.now:
        said.append(text("why_not.now", language, why=drop_sentence(found.now, language)))
    if found.difference is not None:
        said.append(text("why_not.differs", language, difference=found.difference))
    if not found.is_replayed:
        said.append(text("why_not.record_only", language))
    return said


def _kinds(sources: list[str], language: str) -> Noun:
    return Noun(listing([kind_word(source, language) for source in sources], language))
