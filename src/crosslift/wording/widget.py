"""The fixed texts of the value card and of the widget around it, as plain text by key."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from crosslift.wording.messages import language_of, text
from crosslift.wording.storefront import labels

PERIODS = ("day", "week", "month", "quarter", "year")
CARD = (
    "same_price", "more", "less", "once", "until_cancelled", "for_periods", "review_of", "rating", *PERIODS,
)  # fmt: skip
"""Sentences of a card, `card.` before each: they are filled when one is made."""
LABELS = (
    "what_it_buys", "compare", "property", "guarantee", "cancellation", "terms", "in_all", "source", "rated", "film", "see_it",
    "have_it", "later", "never", "more_answers", "undo", "undone", "close", "no_thanks", "each_alone", "add_missing",
    "fillers", "offers", "look", "not_saved",
)  # fmt: skip
"""Labels, `widget.` before each."""
BAR = ("bar_missing", "bar_reached")
"""Sentences of the threshold bar, `widget.` before each."""
SHARED = (
    "goes_with", "needs", "step_up", "instead_of", "bestsellers", "running_out", "as_a_set", "why_this", "not_for_me",
    "thanks_noted", "add_to_cart", "added_to_cart", "price_unknown", "out_of_stock", "no_picture", "product", "price",
)  # fmt: skip
"""Labels of the storefront that stand on cards as well."""


def words(language: str) -> Mapping[str, str]:
    """Give every label of a card and of the widget in one language.

    Parameters
    ----------
    language : str
        A BCP 47 tag; English where we have no catalog.

    Examples
    --------
    >>> words("ja")["later"], words("ko-KR")["have_it"], words("de")["not_for_me"]
    ('またあとで', '이미 있어요', 'Not for me')
    """
    return _words(language_of(language))


@cache
def _words(tongue: str) -> Mapping[str, str]:
    known = labels(tongue)
    return MappingProxyType(
        {key: known[key] for key in SHARED} | {key: text(f"widget.{key}", tongue) for key in LABELS}
    )
