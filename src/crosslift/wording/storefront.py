"""The fixed texts of the demo storefront and of the operator's panel beside it."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from crosslift.wording.messages import language_of, text

LABELS = (
    # every page
    "language_name",
    "language",
    "skip_to_content",
    "demo_banner",
    "checkout_not_here",
    "home",
    "all_products",
    "search",
    "search_none",
    "back",
    "previous_page",
    "next_page",
    "page_not_found",
    "how_we_recommend",
    "try_again",
    # a product
    "product",
    "category",
    "description",
    "no_picture",
    "price",
    "price_unknown",
    "tax_included",
    "in_stock",
    "out_of_stock",
    "quantity",
    "add_to_cart",
    "added_to_cart",
    # the cart
    "cart",
    "empty_cart",
    "remove",
    "total",
    "continue_shopping",
    # what we offer, and the easy no
    "goes_with",
    "needs",
    "step_up",
    "instead_of",
    "often_in_such_baskets",
    "bestsellers",
    "running_out",
    "as_a_set",
    "why_this",
    "not_for_me",
    "thanks_noted",
    "nothing_offered",
    # the operator's panel
    "operator_view",
    "view_api",
    "decision",
    "snapshot",
    "time_taken",
    "evidence",
    "strength",
    "orders_together",
    "orders_with_anchor",
    "customers_together",
    "customers_with_anchor",
    "expected_by_chance",
    "lift",
    "interval",
    "q_value",
    "customers",
    "not_offered",
    "candidate",
    "source",
    "score",
)
"""All keys of `labels`."""


def labels(language: str) -> Mapping[str, str]:
    """Give every label of the storefront in one language, as plain text by key.

    Parameters
    ----------
    language : str
        A BCP 47 tag; English where we have no catalog.

    Examples
    --------
    >>> labels("ja")["goes_with"], labels("ko-KR")["add_to_cart"], labels("de")["not_for_me"]
    ('あわせて使えるもの', '장바구니에 담기', 'Not for me')
    """
    return _labels(language_of(language))


@cache
def _labels(tongue: str) -> Mapping[str, str]:
    """Read them once per language."""
    return MappingProxyType({key: text(f"storefront.{key}", tongue) for key in LABELS})
