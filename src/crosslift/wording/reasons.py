"""Why something is offered, or not, as one true sentence: made from the stored evidence and nothing else.

`sentence` speaks to shoppers, `operator_sentence` to those who ask why. What each reason says stands in a module per
family: `reasons_counts`, `reasons_time`, `reasons_likeness`, `reasons_shop`, `reasons_offers`.
"""

from collections.abc import Callable, Mapping

from crosslift.domain.decision import DropCode, NoOffer, Reason, ReasonCode
from crosslift.errors import BadInput
from crosslift.wording import reasons_counts as counts
from crosslift.wording import reasons_likeness as likeness
from crosslift.wording import reasons_offers as offers
from crosslift.wording import reasons_shop as shop
from crosslift.wording import reasons_time as time
from crosslift.wording.evidence import Evidence
from crosslift.wording.messages import text

STRENGTHS = ("strong", "clear", "fair", "early", "too_early")
KINDS = (
    "complement",
    "sequence",
    "held",
    "required",
    "upgrade",
    "substitute",
    "stand_in",
    "refill",
    "service",
    "alike",
    "category_companion",
    "searched",
    "content",
    "recommended",
    "offer",
    "own_list",
    "plugin",
    "goal",
    "pinned",
    "filler",
    "slow_stock",
    "bundle",
    "bestseller",
    "completion",
    "fits",
    "excludes",
    "included",
    "apart",
)

_Voices = tuple[Callable[[Evidence, str], str], Callable[[Evidence], str]]
_VOICES: Mapping[ReasonCode, _Voices] = {
    ReasonCode.BOUGHT_TOGETHER: (counts.bought_together, counts.bought_together_figures),
    ReasonCode.OFTEN_IN_SUCH_BASKETS: (counts.often_in_such_baskets, counts.often_in_such_baskets_figures),
    ReasonCode.BESTSELLER: (counts.bestseller, counts.bestseller_figures),
    ReasonCode.OWNED_TOGETHER: (counts.owned_together, counts.owned_together_figures),
    ReasonCode.CATEGORY_COMPANION: (counts.category_companion, counts.category_companion_figures),
    ReasonCode.SEARCHED: (counts.searched, counts.searched_figures),
    ReasonCode.EARLY_DAYS: (counts.early_days, counts.early_days_figures),
    ReasonCode.BOUGHT_LATER: (time.bought_later, time.bought_later_figures),
    ReasonCode.REFILL_DUE: (time.refill_due, time.refill_due_figures),
    ReasonCode.SERVICE_DUE: (time.service_due, time.service_due_figures),
    ReasonCode.NEAR_DATE: (time.near_date, time.near_date_figures),
    ReasonCode.NEEDED: (likeness.needed, likeness.needed_figures),
    ReasonCode.STEP_UP: (likeness.step_up, likeness.step_up_figures),
    ReasonCode.INSTEAD_OF: (likeness.instead_of, likeness.instead_of_figures),
    ReasonCode.STAND_IN: (likeness.stand_in, likeness.stand_in_figures),
    ReasonCode.ALIKE: (likeness.alike, likeness.alike_figures),
    ReasonCode.RECOMMENDED: (shop.recommended, shop.recommended_figures),
    ReasonCode.FOR_READERS: (shop.for_readers, shop.for_readers_figures),
    ReasonCode.MERCHANT_OFFER: (offers.merchant_offer, offers.merchant_offer_figures),
    ReasonCode.FILLS_THRESHOLD: (offers.fills_threshold, offers.fills_threshold_figures),
    ReasonCode.SERVES_GOAL: (offers.serves_goal, offers.serves_goal_figures),
    ReasonCode.PLAN_NEARLY_USED: (offers.plan_nearly_used, offers.plan_nearly_used_figures),
    ReasonCode.OWN_LIST: (shop.own_list, shop.own_list_figures),
    ReasonCode.PLUGIN: (shop.plugged, shop.plugged_figures),
    ReasonCode.SET_SAVING: (shop.set_saving, shop.set_saving_figures),
}
"""For each reason what a shopper reads, and what an operator reads."""


def sentence(reason: Reason, language: str) -> str:
    """Say to a shopper why a product is offered, claiming only what the evidence holds.

    Parameters
    ----------
    reason : Reason
        The titles are taken in the shopper's language, else the plain `anchor_title`, else English, else any,
        else the anchor's id.
    language : str
        A BCP 47 tag; ``"ko-KR"`` reads as Korean, a language without a catalog as English.

    Returns
    -------
    str
        Plain text, titles untouched: escape it for HTML.

    Raises
    ------
    BadInput
        If evidence is missing, cannot be true, or speaks against the offer (no more orders together than
        chance alone would give, a set that saves nothing). Such a reason is not shown.

    Examples
    --------
    >>> evidence = {"anchor": "p-1", "anchor_titles": {"en": "V60 dripper", "ko": "V60 드리퍼"},
    ...             "n_both": 412, "n_a": 5120, "expected": 38.2, "lift": 10.8, "n_customers": 390}
    >>> why = Reason(ReasonCode.BOUGHT_TOGETHER, evidence)
    >>> sentence(why, "en")
    'Bought together with V60 dripper in 412 orders; about 38 would be chance.'
    >>> sentence(why, "ko-KR")
    'V60 드리퍼와 함께 주문 412건에 담겼어요. 우연이라면 약 38건이에요.'
    """
    shopper, _ = _VOICES[reason.code]
    return shopper(reason.evidence, language)


def operator_sentence(reason: Reason) -> str:
    """Say to an operator why, in English, with every figure of the evidence.

    Raises
    ------
    BadInput
        If evidence is missing or cannot be true.

    Examples
    --------
    >>> evidence = {"anchor": "p-1", "anchor_titles": {"en": "V60 dripper"}, "n_both": 412, "n_a": 5120,
    ...             "expected": 38.2, "lift": 10.8, "lift_low": 9.8, "lift_high": 11.9, "q_value": 2e-9,
    ...             "n_customers": 390}
    >>> for part in operator_sentence(Reason(ReasonCode.BOUGHT_TOGETHER, evidence)).split("; ", 1):
    ...     print(part)
    In 412 of the 5,120 orders with V60 dripper (p-1)
    size-aware chance alone gives 38.2. Lift 10.80 [9.80; 11.90] at 95%, q = 2e-09, customers: 390.
    """
    _, operator = _VOICES[reason.code]
    return operator(reason.evidence)


def drop_sentence(code: str, language: str) -> str:
    """Say why one candidate was not offered: the first gate it failed; of a rule of the shop, that it is one.

    Examples
    --------
    >>> drop_sentence(DropCode.OUT_OF_STOCK, "en"), drop_sentence(DropCode.OUT_OF_STOCK, "ja")
    ('It is out of stock.', '在庫がありません。')
    """
    if code not in tuple(DropCode):
        return text("drop.rule", language, code=code)
    return text(f"drop.{code}", language)


def no_offer_sentence(code: str, language: str) -> str:
    """Say why nothing was offered at all; of a rule of the shop only that nothing is offered here and now.

    Examples
    --------
    >>> no_offer_sentence(NoOffer.NO_CANDIDATES, "en")
    'Nothing is known yet that goes with this.'
    """
    return text(f"no_offer.{code}" if code in tuple(NoOffer) else "no_offer.rule", language)


def strength_word(strength: str, language: str) -> str:
    """Name how sure a relation is: strong, clear, fair, early or too early to say.

    Examples
    --------
    >>> strength_word("early", "en"), strength_word("early", "ko")
    ('early', '초기 단계')
    """
    if strength not in STRENGTHS:
        raise BadInput(f"No strength {strength!r}; they are {', '.join(STRENGTHS)}")
    return text(f"strength.{strength}", language)


def kind_word(kind: str, language: str) -> str:
    """Name how a product relates to the one beside it, or where it came from.

    Examples
    --------
    >>> kind_word("complement", "en"), kind_word("upgrade", "ja")
    ('goes with', 'ワンランク上')
    """
    if kind not in KINDS:
        raise BadInput(f"No kind {kind!r}; they are {', '.join(KINDS)}")
    return text(f"kind.{kind}", language)
