"""Why something is offered, or not, as one true sentence: made from the stored evidence and nothing else."""

from collections.abc import Mapping

from crosslift.domain.decision import DropCode, NoOffer, Reason, ReasonCode
from crosslift.errors import BadInput
from crosslift.wording.evidence import both_of_first, count, figure, sales, title
from crosslift.wording.formats import day, number
from crosslift.wording.messages import text

STRENGTHS = ("strong", "clear", "fair", "early")
KINDS = ("complement", "required", "upgrade", "substitute", "refill", "bestseller", "completion")


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
        chance alone would give). Such a reason is not shown.

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
    evidence = reason.evidence
    match reason.code:
        case ReasonCode.BOUGHT_TOGETHER:
            return _bought_together(evidence, language)
        case ReasonCode.OFTEN_IN_SUCH_BASKETS:
            return _often_in_such_baskets(evidence, language)
        case ReasonCode.BESTSELLER:
            return _bestseller(evidence, language)


def _bought_together(evidence: Mapping[str, object], language: str) -> str:
    """Compare the orders with both to what chance alone would give."""
    n_both, _ = both_of_first(evidence)
    expected = figure(evidence, "expected")
    if round(expected, 1) >= n_both:
        raise BadInput(f"{n_both} orders together are no more than chance alone gives ({expected:g}): no reason")
    values = {"anchor": title(evidence, language), "n_both": number(n_both, language)}
    if expected < 1:
        return text("reason.bought_together_rare", language, n_both, **values)
    # A rounded 39 beside 39 orders would look like no difference: keep one decimal there.
    digits = 0 if round(expected) < n_both else 1
    values["expected"] = number(expected, language, digits)
    return text("reason.bought_together", language, n_both, **values)


def _often_in_such_baskets(evidence: Mapping[str, object], language: str) -> str:
    """Say how many of the anchor's orders hold the product as well."""
    n_both, n_a = both_of_first(evidence)
    return text(
        "reason.often_in_such_baskets",
        language,
        n_a,
        anchor=title(evidence, language),
        n_both=number(n_both, language),
        n_a=number(n_a, language),
    )


def _bestseller(evidence: Mapping[str, object], language: str) -> str:
    """Say how many orders in which days; never that it was chosen for somebody."""
    n_orders, window_days, to_on = sales(evidence)
    return text(
        "reason.bestseller_one_day" if window_days == 1 else "reason.bestseller",
        language,
        n_orders,
        n_orders=number(n_orders, language),
        window_days=number(window_days, language),
        to_on=day(to_on, language),
    )


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
    evidence = reason.evidence
    if reason.code == ReasonCode.BESTSELLER:
        n_orders, window_days, to_on = sales(evidence)
        to_day = day(to_on, "en")
        return f"Bestseller, not personal. Orders: {n_orders:,}; window in days: {window_days:,}, to {to_day}."
    n_both, n_a = both_of_first(evidence)
    anchor = f"{title(evidence, 'en')} ({evidence['anchor']})"
    share = f"In {n_both:,} of the {n_a:,} orders with {anchor}"
    if reason.code == ReasonCode.OFTEN_IN_SUCH_BASKETS:
        return f"{share}, {n_both / n_a:.1%}; ranked by the basket model, not tested against chance."
    expected, lift = figure(evidence, "expected"), figure(evidence, "lift")
    return (
        f"{share}; size-aware chance alone gives {_written(expected)}. "
        f"Lift {lift:,.2f} {_interval(evidence)}, {_q_value(evidence)}, "
        f"customers: {count(evidence, 'n_customers'):,}."
    )


def _interval(evidence: Mapping[str, object]) -> str:
    """Write the interval of the lift, or that nobody recorded it."""
    if evidence.get("lift_low") is None or evidence.get("lift_high") is None:
        return "(interval not recorded)"
    return f"[{figure(evidence, 'lift_low'):,.2f}; {figure(evidence, 'lift_high'):,.2f}] at 95%"


def _q_value(evidence: Mapping[str, object]) -> str:
    """Write q; one that underflowed to zero is below what a float holds, not impossible."""
    if evidence.get("q_value") is None:
        return "q not recorded"
    q = figure(evidence, "q_value")
    return f"q = {q:.2g}" if q else "q < 1e-300"


def _written(expected: float) -> str:
    """Write with one decimal, or two significant digits below one."""
    return f"{expected:,.1f}" if expected >= 1 else f"{expected:.2g}"


def drop_sentence(code: DropCode, language: str) -> str:
    """Say why one candidate was not offered: the first gate it failed.

    Examples
    --------
    >>> drop_sentence(DropCode.OUT_OF_STOCK, "en"), drop_sentence(DropCode.OUT_OF_STOCK, "ja")
    ('It is out of stock.', '在庫がありません。')
    """
    return text(f"drop.{code}", language)


def no_offer_sentence(code: NoOffer, language: str) -> str:
    """Say why nothing was offered at all.

    Examples
    --------
    >>> no_offer_sentence(NoOffer.NO_CANDIDATES, "en")
    'Nothing is known yet that goes with this.'
    """
    return text(f"no_offer.{code}", language)


def strength_word(strength: str, language: str) -> str:
    """Name how sure a relation is: strong, clear, fair or early.

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
