"""Reasons that set a product beside another: what one needs, what is a step up, what can stand in its place.

Each reason has its sentence for shoppers and, with `_figures` at the end of its name, the one for operators.
"""

from collections.abc import Mapping

from crosslift.domain.money import Money
from crosslift.errors import BadInput
from crosslift.wording.attributes import attribute_of, change, described, fact, same
from crosslift.wording.evidence import (
    Evidence,
    amount,
    both_of_first,
    chance,
    count,
    is_known,
    listed,
    plain,
    price,
    title,
    words,
)
from crosslift.wording.figures import also, named, paid
from crosslift.wording.formats import listing, money, number
from crosslift.wording.messages import Noun, text

MAX_SHOWN = 3
"""Benefits or shared attributes a shopper reads; operators read all."""
_BASES = ("curated", "rule", "mined")
_SUBSTITUTE_BASES = ("viewed", "alike", "curated")


def needed(evidence: Evidence, language: str) -> str:
    """Say what the anchor needs: in the merchant's words, by the rule that matched, or by how many have one."""
    anchor = title(evidence, language)
    match _basis(evidence):
        case "curated" if is_known(evidence, "reason"):
            return str(words(evidence, "reason", language))
        case "curated":
            return text("reason.needed", language, anchor=anchor)
        case "rule":
            return text("reason.needed_fact", language, anchor=anchor, fact=_fact(evidence, language))
    n_both, n_a = both_of_first(evidence)
    values = {"anchor": anchor, "n_both": number(n_both, language), "n_a": number(n_a, language)}
    return text("reason.needed_mined", language, n_both, **values)


def needed_figures(evidence: Evidence) -> str:
    """Give the basis, and the counts where they are known."""
    basis, start = _basis(evidence), f"Needed with {named(evidence)}"
    rest = also(evidence, {"n_both", "n_a"})
    counted = ""
    if basis == "mined" or (is_known(evidence, "n_both") and is_known(evidence, "n_a")):
        n_both, n_a = both_of_first(evidence)
        counted = f" Of its {n_a:,} buyers, {n_both:,} have one."
    if basis == "rule":
        _fact(evidence, "en")
        return f"{start}, by rule: {plain(evidence, 'attribute')} = {evidence['value']}.{counted}{rest}"
    if basis == "curated":
        said = f": {words(evidence, 'reason', 'en')}" if is_known(evidence, "reason") else "; no reason given."
        return f"{start}, by the merchant{said}{counted}{rest}"
    return f"{start}, mined from orders.{counted}{rest}"


def _basis(evidence: Evidence) -> str:
    basis = evidence.get("basis")
    if basis not in _BASES:
        raise BadInput(f"basis in the evidence is {basis!r}; a need is {', '.join(_BASES)}")
    return str(basis)


def _fact(evidence: Evidence, language: str) -> str:
    return fact(plain(evidence, "attribute"), evidence.get("value"), language)


def step_up(evidence: Evidence, language: str) -> str:
    """Say what the extra money buys; never without a benefit."""
    values = {
        "anchor": title(evidence, language),
        "benefits": listing(_benefits(evidence, language)[:MAX_SHOWN], language),
    }
    return _with_difference("reason.step_up", amount(evidence, "delta_price"), language, **values)


def step_up_figures(evidence: Evidence) -> str:
    """Give every benefit by its attribute, and the difference in price."""
    _benefits(evidence, "en")
    benefits = [
        f"{attribute_of(one)} {'–' if one.get('from') is None else one.get('from')} → {one.get('to')}"
        for one in listed(evidence, "benefits")
        if isinstance(one, Mapping)
    ]
    delta = paid(amount(evidence, "delta_price"))
    return (
        f"Step up from {named(evidence)}: {', '.join(benefits)}; price difference {delta}."
        f"{also(evidence, {'delta_price'})}"
    )


def _benefits(evidence: Evidence, language: str) -> list[str]:
    """Read what is better, each from what to what."""
    found = []
    for one in listed(evidence, "benefits"):
        if not isinstance(one, Mapping):
            raise BadInput(f"{one!r} in the evidence is no benefit: attribute, from and to are needed")
        found.append(change(attribute_of(one), one.get("from"), one.get("to"), language))
    return found


def instead_of(evidence: Evidence, language: str) -> str:
    """Say who looked at both, or what they share, or that the merchant names it."""
    anchor = title(evidence, language)
    match _substitute_basis(evidence):
        case "viewed":
            n = count(evidence, "n_viewed_both")
            if is_known(evidence, "expected_viewed"):
                chance(evidence, n, "visitors who looked at both", "expected_viewed")
            return text("reason.instead_of", language, n, anchor=anchor, n_viewed_both=number(n, language))
        case "alike":
            shared = [same(attribute_of(one), language) for one in listed(evidence, "shared")]
            return text(
                "reason.instead_of_alike", language, anchor=anchor, shared=listing(shared[:MAX_SHOWN], language)
            )
    if is_known(evidence, "reason"):
        return str(words(evidence, "reason", language))
    return text("reason.instead_of_curated", language, anchor=anchor)


def instead_of_figures(evidence: Evidence) -> str:
    """Give the basis, all that is shared, and the sentence shown."""
    said = instead_of(evidence, "en")
    shared = [_raw(one) for one in listed(evidence, "shared")] if evidence.get("shared") else ["nothing recorded"]
    return (
        f"Instead of {named(evidence)}, {_substitute_basis(evidence)}; shared: {', '.join(shared)}. "
        f"Shoppers read: {said}{also(evidence, set())}"
    )


def _substitute_basis(evidence: Evidence) -> str:
    """Read what the substitute rests on; where that was not recorded, what the evidence holds decides."""
    held = "viewed" if is_known(evidence, "n_viewed_both") else "alike"
    basis = evidence.get("basis", held)
    if basis not in _SUBSTITUTE_BASES:
        raise BadInput(f"basis in the evidence is {basis!r}; a substitute is {', '.join(_SUBSTITUTE_BASES)}")
    return str(basis)


def stand_in(evidence: Evidence, language: str) -> str:
    """Say that it is in stock where the other is not, and how the prices differ where both are known."""
    anchor = title(evidence, language)
    difference = _dearer_by(evidence)
    if difference is None:
        return text("reason.stand_in", language, anchor=anchor)
    return _with_difference("reason.stand_in", difference, language, anchor=anchor)


def stand_in_figures(evidence: Evidence) -> str:
    """Give both prices."""
    start = f"{named(evidence)} is out of stock"
    if _dearer_by(evidence) is None:
        return f"{start}, this is not; prices not recorded.{also(evidence, {'price_from', 'price_to'})}"
    before, after = paid(price(evidence, "price_from")), paid(price(evidence, "price_to"))
    return f"{start} at {before}, this is in stock at {after}.{also(evidence, {'price_from', 'price_to'})}"


def _dearer_by(evidence: Evidence) -> Money | None:
    """Compare the two prices; None where one is unknown."""
    if not (is_known(evidence, "price_from") and is_known(evidence, "price_to")):
        return None
    return price(evidence, "price_to") - price(evidence, "price_from")


def alike(evidence: Evidence, language: str) -> str:
    """Say what a new product shares with a known one: attributes, else words."""
    anchor = title(evidence, language)
    if not evidence.get("shared") and evidence.get("words"):
        shared = [f"{Noun(plain({'words': one}, 'words'))}" for one in listed(evidence, "words")]
        return text("reason.alike_words", language, anchor=anchor, words=listing(shared[:MAX_SHOWN], language))
    shared = [described(one, language) for one in listed(evidence, "shared")]
    return text("reason.alike", language, anchor=anchor, shared=listing(shared[:MAX_SHOWN], language))


def alike_figures(evidence: Evidence) -> str:
    """Give all that is shared, as the catalog has it."""
    alike(evidence, "en")
    shared = [_raw(one) for name in ("shared", "words") if evidence.get(name) for one in listed(evidence, name)]
    return f"New; like {named(evidence)} by content, not by orders: {', '.join(shared)}.{also(evidence, set())}"


def _raw(one: object) -> str:
    """Write an attribute as the catalog has it."""
    return f"{one.get('attribute')} = {one.get('value')}" if isinstance(one, Mapping) else str(one)


def _with_difference(key: str, dearer_by: Money, language: str, **values: str) -> str:
    """Choose the message by which of two prices is higher."""
    if dearer_by.amount == 0:
        return text(f"{key}_same", language, None, **values)
    difference = money(Money(abs(dearer_by.amount), dearer_by.currency), language, in_text=True)
    return text(f"{key}_{'more' if dearer_by.amount > 0 else 'less'}", language, None, difference=difference, **values)
