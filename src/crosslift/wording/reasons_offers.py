"""Reasons of the merchant's own offers: what the merchant says of one, told as the merchant's word and never as data.

Each reason has its sentence for shoppers and, with `_figures` at the end of its name, the one for operators.
"""

import math

from crosslift.errors import BadInput
from crosslift.wording.evidence import Evidence, figure, is_known, plain, price, title, words
from crosslift.wording.figures import also, named
from crosslift.wording.formats import money, percent
from crosslift.wording.messages import Noun, text


def merchant_offer(evidence: Evidence, language: str) -> str:
    """Give the benefit in the merchant's words; without one only that the shop offers it, and beside what."""
    plain(evidence, "offer")
    if is_known(evidence, "benefit"):
        return text("reason.merchant_offer", language, benefit=words(evidence, "benefit", language))
    if is_known(evidence, "anchor"):
        return text("reason.merchant_offer_beside", language, anchor=title(evidence, language))
    return text("reason.merchant_offer_plain", language)


def merchant_offer_figures(evidence: Evidence) -> str:
    """Name the offer and its version, what it stands beside, and that nobody measured anything."""
    said = merchant_offer(evidence, "en")
    beside = f", put beside {named(evidence)}" if is_known(evidence, "anchor") else ""
    return f"{_offer(evidence)}{beside}; the merchant's word, not measured: {said!r}.{_rest(evidence)}"


def serves_goal(evidence: Evidence, language: str) -> str:
    """Name the goal in the reader's language, and give the benefit where there is one."""
    goal = Noun(_goal(evidence, language))
    if is_known(evidence, "benefit"):
        return text("reason.serves_goal_with", language, goal=goal, benefit=words(evidence, "benefit", language))
    return text("reason.serves_goal", language, goal=goal)


def serves_goal_figures(evidence: Evidence) -> str:
    """Name the goal by its id, and whether an offer or the policy says that it is served."""
    serves_goal(evidence, "en")
    goal = plain(evidence, "goal")
    whose = _offer(evidence) if is_known(evidence, "offer") else "The policy"
    word = "which the person named; the merchant's word, not measured."
    return f"{whose} says that it serves the goal {goal!r}, {word}{_rest(evidence)}"


def fills_threshold(evidence: Evidence, language: str) -> str:
    """Say what is missing to what, and that this is enough; never that anything is lost without it."""
    missing, own = price(evidence, "missing"), price(evidence, "price")
    if not 0 < missing.amount <= own.amount:
        raise BadInput(f"{own.amount} does not fill a gap of {missing.amount}; such a reason is not shown")
    bar = words(evidence, "bar_titles", language)
    return text("reason.fills_threshold", language, None, missing=money(missing.rounded(), language), bar=bar)


def fills_threshold_figures(evidence: Evidence) -> str:
    """Give the bar, what is missing to it, and what this costs."""
    fills_threshold(evidence, "en")
    currency = plain(evidence, "currency")
    missing, own, bar = (figure(evidence, name) for name in ("missing", "price", "amount"))
    return (
        f"Bar {plain(evidence, 'bar')!r} of {bar:g} {currency}: {missing:g} missing, this costs {own:g}."
        f"{also(evidence, {'bar', 'bar_titles', 'missing', 'price', 'amount', 'currency'})}"
    )


def plan_nearly_used(evidence: Evidence, language: str) -> str:
    """Say how far something is used up at least, and what the merchant offers then."""
    values = {"share": percent(_share(evidence), language), "meter": words(evidence, "meter", language)}
    if is_known(evidence, "benefit"):
        values["benefit"] = words(evidence, "benefit", language)
        return text("reason.plan_nearly_used_with", language, None, **values)
    return text("reason.plan_nearly_used", language, None, **values)


def plan_nearly_used_figures(evidence: Evidence) -> str:
    """Give the meter and the share its audience asks for."""
    said = plan_nearly_used(evidence, "en")
    used = f"{_share(evidence):.0%} of {plain(evidence, 'meter')!r}"
    return f"{_offer(evidence)} is for those who used at least {used}: {said!r}.{_rest(evidence)}"


def _share(evidence: Evidence) -> float:
    """Read a share in whole percent, rounded down: "at least" must not claim more."""
    share = figure(evidence, "used_share")
    if share == 0:
        raise BadInput("used_share in the evidence is 0: nothing is nearly used up")
    return math.floor(share * 100 + 1e-9) / 100


def _goal(evidence: Evidence, language: str) -> str:
    return words(evidence, "goal_titles", language) if evidence.get("goal_titles") else plain(evidence, "goal")


def _offer(evidence: Evidence) -> str:
    version = f", version {evidence['offer_version']}" if is_known(evidence, "offer_version") else ""
    return f"Offer {plain(evidence, 'offer')!r}{version}"


def _rest(evidence: Evidence) -> str:
    return also(evidence, {"offer", "offer_version", "benefit", "goal", "goal_titles", "meter", "used_share"})
