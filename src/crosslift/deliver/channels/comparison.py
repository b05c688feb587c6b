"""Two products side by side, in the attributes both are known to have: what is unknown of one is not compared."""

from dataclasses import dataclass

from crosslift.domain.catalog import Product
from crosslift.errors import BadInput
from crosslift.wording import attributes

MOST_ROWS = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One attribute of both."""

    name: str
    theirs: str
    ours: str
    is_different: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A table of two columns; `theirs` is what the page is about, `ours` what is offered."""

    theirs: str
    ours: str
    rows: tuple[Row, ...]


def compared(anchor: Product, offered: Product, language: str) -> Comparison | None:
    """Set a product beside what is offered in its place; None where nothing is known of both, or nothing differs.

    Examples
    --------
    >>> small = Product("S", "Hand mill", attributes={"burr_mm": 38, "material": "ceramic"})
    >>> large = Product("L", "Pro mill", attributes={"burr_mm": 48, "weight_g": 600})
    >>> compared(small, large, "en").rows
    (Row(name='burr', theirs='38 mm', ours='48 mm', is_different=True),)
    """
    rows = []
    for name, ours in offered.attributes.items():
        theirs = anchor.attributes.get(name)
        if theirs is None or ours is None or not attributes.is_common(name, ours):
            continue
        try:
            rows.append(Row(
                attributes.label(name, ours, language), attributes.value(name, theirs, language),
                attributes.value(name, ours, language), theirs != ours,
            ))  # fmt: skip
        except BadInput:
            continue
    if not any(row.is_different for row in rows):
        return None
    rows.sort(key=lambda row: not row.is_different)
    return Comparison(anchor.title_in(language), offered.title_in(language), tuple(rows[:MOST_ROWS]))
