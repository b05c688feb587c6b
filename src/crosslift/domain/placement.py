"""Where an offer can appear, and which kinds of relation have a place there."""

from dataclasses import dataclass

GOES_WITH = frozenset({"complement", "sequence", "held", "category_companion", "content"})
"""Sources whose offers say "goes with": a substitute of something in the cart never stands among them."""

NEEDS = frozenset({"required", "stand_in"})
"""Sources of what the product on the page cannot be used or had without: no extra, so no cap on extras counts them."""
LISTED = ("own_list", "plugin")
"""What the shop brings from elsewhere: its own lists, and what its plugins name."""
PROPOSED = ("offer", *LISTED)
"""What the merchant proposes."""
IN_MESSAGES = ("pinned", "refill", "goal", "complement", "sequence", "held", *PROPOSED, "upgrade")
"""Sources of what is written to somebody: the same by mail, text and push, so that channel and hour alone differ."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A spot at a touchpoint.

    Attributes
    ----------
    sources : tuple of str
        Candidate sources that have a place here, the first preferred. What a policy names and a placement does not is
        never asked: a need is disclosed before the buy button and never sold later as an extra.
    interrupts, is_message : bool
        Whether it takes the person's attention by itself; whether it reaches out first, so that it needs `marketing`
        consent.
    shows_bestsellers : bool
        Whether labeled bestsellers may fill it.
    shows_sets : bool
        Whether what the cart has begun is offered as a set beside the single offers.
    uses_history : bool
        Whether what the person bought before stands in for an empty cart.

    How many extras it shows at most is the policy's (`max_extras`).
    """

    name: str
    sources: tuple[str, ...]
    channel: str = "web"
    interrupts: bool = False
    is_message: bool = False
    shows_bestsellers: bool = False
    shows_sets: bool = False
    uses_history: bool = False

    @property
    def fallback(self) -> str:
        """What stands there when nothing better is known: `bestsellers`, labeled as such, or `nothing`, on purpose."""
        return "bestsellers" if self.shows_bestsellers else "nothing"


PLACEMENTS = {
    p.name: p
    for p in (
        Placement("product", ("stand_in", "pinned", "required", "goal", "complement", *PROPOSED, "category_companion",
                              "upgrade"), shows_sets=True),
        Placement("cart", ("pinned", "required", "goal", "complement", *PROPOSED, "category_companion", "upgrade",
                           "filler"), shows_sets=True),
        Placement("bar", ("filler",)),
        Placement("checkout", ("pinned", "required", "complement", *PROPOSED, "category_companion")),
        Placement("confirmation", ("pinned", "complement", *PROPOSED, "sequence", "category_companion")),
        Placement("home", ("pinned", "refill", "goal", "complement", *PROPOSED, "sequence"), shows_bestsellers=True,
                  uses_history=True),
        Placement("category", ("pinned", "complement", *LISTED, "category_companion"), shows_bestsellers=True),
        Placement("search", ("pinned", "searched", "complement", *LISTED), shows_bestsellers=True),
        Placement("content", ("pinned", "content", "required", "goal", "complement", *PROPOSED, "category_companion")),
        Placement("setup", ("pinned", "content", "goal", "complement", *PROPOSED)),
        Placement("comparison", ("stand_in", "pinned", "substitute", "alike", "upgrade", "plugin")),
        Placement("plan", ("pinned", "upgrade", "goal", *PROPOSED, "held", "complement"), uses_history=True),
        Placement("account", ("pinned", "refill", "goal", "held", "sequence", "upgrade", *PROPOSED, "complement"),
                  uses_history=True),
        Placement("popup", ("pinned", "complement", *PROPOSED, "category_companion"), interrupts=True, shows_sets=True),
        Placement("email", IN_MESSAGES, "email", is_message=True, uses_history=True),
        Placement("sms", IN_MESSAGES, "sms", is_message=True, uses_history=True),
        Placement("push", IN_MESSAGES, "push", is_message=True, uses_history=True),
        Placement(
            "desk", ("stand_in", "pinned", "required", "goal", "complement", *PROPOSED, "held", "refill", "sequence",
                     "category_companion", "upgrade"), "desk", shows_sets=True, uses_history=True,
        ),
        Placement("till", ("pinned", "required", "complement", *PROPOSED, "category_companion"), "till", shows_sets=True),
        Placement("kiosk", ("stand_in", "pinned", "required", "goal", "complement", *PROPOSED, "category_companion",
                            "upgrade"), "kiosk", shows_sets=True),
        Placement("receipt", ("pinned", "complement", *PROPOSED, "sequence", "category_companion"), "receipt"),
        Placement("chat", ("stand_in", "pinned", "required", "goal", "refill", "complement", *PROPOSED, "category_companion",
                           "upgrade"), "chat"),
    )
}  # fmt: skip
"""The built-in placements. What is learned goes before what the merchant proposes; what the person asked for, before both."""
MESSAGES = tuple(placement for placement in PLACEMENTS.values() if placement.is_message)
"""Those that reach out first."""
