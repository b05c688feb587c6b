"""Reasons that count orders or people, beside what chance alone would give where that was tested.

Each reason has its sentence for shoppers and, with `_figures` at the end of its name, the one for operators.
"""

from crosslift.wording.evidence import (
    Evidence,
    both_of_first,
    chance,
    count,
    figure,
    is_known,
    part_of,
    plain,
    sales,
    title,
    words,
)
from crosslift.wording.figures import TESTED, also, by_chance, lift_and_q, named
from crosslift.wording.formats import day, number
from crosslift.wording.messages import text


def bought_together(evidence: Evidence, language: str) -> str:
    """Compare the orders with both to what chance alone would give."""
    n_both, _ = both_of_first(evidence)
    expected = chance(evidence, n_both, "orders together")
    values = {"anchor": title(evidence, language), "n_both": number(n_both, language)}
    return _beside_chance("reason.bought_together", language, n_both, expected, **values)


def bought_together_figures(evidence: Evidence) -> str:
    """Give both counts, chance and the test."""
    n_both, n_a = both_of_first(evidence)
    expected = figure(evidence, "expected")
    figure(evidence, "lift")
    return (
        f"In {n_both:,} of the {n_a:,} orders with {named(evidence)}; size-aware chance alone gives "
        f"{by_chance(expected)}. {lift_and_q(evidence)}, customers: {count(evidence, 'n_customers'):,}."
    )


def often_in_such_baskets(evidence: Evidence, language: str) -> str:
    """Say how many of the anchor's orders hold the product as well."""
    n_both, n_a = both_of_first(evidence)
    values = {"anchor": title(evidence, language), "n_both": number(n_both, language), "n_a": number(n_a, language)}
    return text("reason.often_in_such_baskets", language, n_a, **values)


def often_in_such_baskets_figures(evidence: Evidence) -> str:
    """Give both counts and their share."""
    n_both, n_a = both_of_first(evidence)
    return (
        f"In {n_both:,} of the {n_a:,} orders with {named(evidence)}, {n_both / n_a:.1%}; "
        "ranked by the basket model, not tested against chance."
    )


def bestseller(evidence: Evidence, language: str) -> str:
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


def bestseller_figures(evidence: Evidence) -> str:
    """Give orders and window."""
    n_orders, window_days, to_on = sales(evidence)
    return f"Bestseller, not personal. Orders: {n_orders:,}; window in days: {window_days:,}, to {day(to_on, 'en')}."


def owned_together(evidence: Evidence, language: str) -> str:
    """Say how many of those who have the anchor have this as well."""
    n_both, n_a = both_of_first(evidence)
    expected = chance(evidence, n_both, "customers with both")
    values = {"anchor": title(evidence, language), "n_both": number(n_both, language), "n_a": number(n_a, language)}
    return _beside_chance("reason.owned_together", language, n_both, expected, **values)


def owned_together_figures(evidence: Evidence) -> str:
    """Give both counts, chance and the test."""
    n_both, n_a = both_of_first(evidence)
    expected = chance(evidence, n_both, "customers with both")
    return (
        f"Of the {n_a:,} who have {named(evidence)}, {n_both:,} have this too; chance alone gives "
        f"{by_chance(expected)}. {lift_and_q(evidence)}.{also(evidence, TESTED)}"
    )


def category_companion(evidence: Evidence, language: str) -> str:
    """Say how products of these two kinds share orders; nothing is claimed of the product itself.

    The kinds are named by what the shopper looks at: a category is a merchant's word, in the merchant's language.
    """
    n_both, n_a = both_of_first(evidence)
    expected = chance(evidence, n_both, "orders with both categories")
    values: dict[str, str] = {"anchor": title(evidence, language)}
    values |= {"n_both": number(n_both, language), "n_a": number(n_a, language)}
    return _beside_chance("reason.category_companion", language, n_both, expected, **values)


def category_companion_figures(evidence: Evidence) -> str:
    """Give the paths of both categories, the counts, chance and the test."""
    n_both, n_a = both_of_first(evidence)
    expected = chance(evidence, n_both, "orders with both categories")
    return (
        f"By category, not by product: {n_both:,} of the {n_a:,} orders with {plain(evidence, 'from_category')} also "
        f"hold {plain(evidence, 'to_category')}; chance alone gives {by_chance(expected)}. "
        f"{lift_and_q(evidence)}.{also(evidence, TESTED)}"
    )


def searched(evidence: Evidence, language: str) -> str:
    """Say how many who searched for these words bought the product, or, of visitors without a name, looked at it."""
    name = _answered(evidence)
    n_people, n_searchers = part_of(evidence, name, "n_searchers")
    _not_by_chance(evidence, n_people, "people after the search")
    values = {
        "query": words(evidence, "query", language),
        name: number(n_people, language),
        "n_searchers": number(n_searchers, language),
    }
    return text("reason.searched" if name == "n_bought" else "reason.searched_viewed", language, None, **values)


def _answered(evidence: Evidence) -> str:
    """Choose what the search is known to have led to: purchases before looks."""
    return "n_bought" if is_known(evidence, "n_bought") or not is_known(evidence, "n_viewed") else "n_viewed"


def searched_figures(evidence: Evidence) -> str:
    """Give the counts, and the test where there was one."""
    name = _answered(evidence)
    n_people, n_searchers = part_of(evidence, name, "n_searchers")
    _not_by_chance(evidence, n_people, "people after the search")
    said = {name, "n_searchers", "lift", "lift_low", "lift_high", "q_value"}
    did = "bought it" if name == "n_bought" else "looked at it"
    return (
        f"Of the {n_searchers:,} who searched for {plain(evidence, 'query')!r}, {n_people:,} {did}. "
        f"{lift_and_q(evidence)}.{also(evidence, said)}"
    )


def early_days(evidence: Evidence, language: str) -> str:
    """Label what rests on few orders."""
    n_orders = count(evidence, _few(evidence))
    return text("reason.early_days", language, n_orders, n_orders=number(n_orders, language))


def early_days_figures(evidence: Evidence) -> str:
    """Give the orders so far."""
    name = _few(evidence)
    return f"Too early to say, orders so far: {count(evidence, name):,}.{also(evidence, {name})}"


def _few(evidence: Evidence) -> str:
    """Choose the orders a label speaks of: those with both products, else those with the one."""
    return "n_both" if is_known(evidence, "n_both") else "n_orders"


def _not_by_chance(evidence: Evidence, n: int, what: str) -> None:
    """Refuse what was tested and is no more than chance."""
    if is_known(evidence, "expected"):
        chance(evidence, n, what)


def _beside_chance(key: str, language: str, n: int, expected: float, /, **values: str) -> str:
    """Fill a message with what chance gives, or its twin for less than one."""
    if expected < 1:
        return text(f"{key}_rare", language, n, **values)
    # A rounded 39 beside 39 orders would look like no difference: keep one decimal there.
    digits = 0 if round(expected) < n else 1
    return text(key, language, n, expected=number(expected, language, digits), **values)
