"""Where an offer can appear."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Placement:
    """A spot at a touchpoint.

    `interrupts` marks spots that take the person's attention by themselves; `is_message` those that reach
    out first and so need `marketing` consent. `shows_bestsellers` lets labeled bestsellers fill it.
    """

    name: str
    channel: str = "web"
    interrupts: bool = False
    is_message: bool = False
    shows_bestsellers: bool = False


PLACEMENTS = {
    p.name: p
    for p in (
        Placement("product"),
        Placement("cart"),
        Placement("checkout"),
        Placement("confirmation"),
        Placement("home", shows_bestsellers=True),
        Placement("category", shows_bestsellers=True),
        Placement("account"),
        Placement("popup", interrupts=True),
        Placement("email", channel="email", is_message=True),
        Placement("desk", channel="desk"),
        Placement("till", channel="till"),
    )
}
"""The built-in placements. Records of their own, editable by the merchant, join with the offer library."""
