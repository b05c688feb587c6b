"""What the widget shows where: how many offers a placement usually has, and its blocks that can stand apart on a page.

Which sources a placement asks, and what stands there when nothing better is known, is the placement's own
(`domain.placement`); how many extras there are at most is the policy's (`max_extras`).
"""

from collections.abc import Mapping

from crosslift.domain.placement import PLACEMENTS

BLOCKS: Mapping[str, frozenset[str]] = {
    "needs": frozenset({"required", "stand_in"}),
    "step_up": frozenset({"upgrade"}),
    "instead_of": frozenset({"substitute", "alike", "stand_in"}),
    "running_out": frozenset({"refill"}),
    "goes_with": frozenset({
        "pinned", "goal", "complement", "offer", "own_list", "plugin", "category_companion", "sequence", "held", "content",
        "searched",
    }),
}  # fmt: skip
"""Sources of each block, in the words of its heading."""
SET = "set"
"""The block of sets alone."""
WHERE: Mapping[str, int] = {
    "product": 5, "category": 4, "search": 3, "home": 4, "cart": 3, "popup": 2, "checkout": 3, "confirmation": 3, "account": 4,
    "content": 3, "setup": 2, "plan": 2, "comparison": 3, "bar": 3,
}  # fmt: skip
"""Placements of web pages and apps, and how many offers the widget asks for where nobody says."""
KNOWN = (*BLOCKS, SET)


def kinds_of(block: str, placement: str) -> list[str]:
    """Give the sources of a block that have a place at a placement, the placement's first preferred.

    Examples
    --------
    >>> kinds_of("step_up", "product"), kinds_of("step_up", "checkout")
    (['upgrade'], [])
    """
    return [one for one in PLACEMENTS[placement].sources if one in BLOCKS[block]]
