"""Where the answers on a card go: the forms of one kind of page."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Doors:
    """Addresses that the buttons of a card post to.

    Attributes
    ----------
    add : str or None
        Takes a product into the cart; empty where the page's script does, None where nothing can: then a card leads to the
        product's page instead.
    no : str
        Hears every kind of no; empty where the page's script does.
    hidden : mapping of str to str
        Fields that every form sends along.
    also : str or None
        What the shop's own cart calls the product, beside our `product`.
    prefix : str
        Begins the ids of headings, which stand once on a page.
    """

    add: str | None = ""
    no: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    also: str | None = None
    prefix: str = "offers"

    def named(self, prefix: str) -> "Doors":
        """Give the same doors for another part of the page."""
        return replace(self, prefix=prefix)


SCRIPT = Doors()
"""The widget: its script hears every button."""
