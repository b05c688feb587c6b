"""Which sources have anything to speak of: over a snapshot, and in a moment. The others are not asked at all."""

from collections.abc import Callable, Mapping

from crosslift.decide.context import Context
from crosslift.decide.curation import Marks
from crosslift.decide.knowledge import Knowledge

LINKS = frozenset({
    "required", "held", "sequence", "category_companion", "substitute", "alike", "upgrade", "own_list", "searched", "content",
})  # fmt: skip
"""Sources that follow the links of their own kind."""
OF_SIGHT = frozenset(
    {"complement", "completion", "bestseller", "sequence", "category_companion", "substitute", "alike"}
)
"""Sources that look at anchors and what is in sight, market and month, and at the merchant's marks; at nothing else."""
_HAS_CAUSE: Mapping[str, Callable[[Context, Marks], object]] = {
    "stand_in": lambda context, _: len(context.page),
    "pinned": lambda _, marks: marks.pinned,
    "plugin": lambda _, marks: marks.plugged,
    "refill": lambda context, _: context.dues,
    "goal": lambda context, _: context.goals,
    "filler": lambda context, _: context.gap,
    "searched": lambda context, _: context.query,
    "content": lambda context, _: context.content,
}
"""What a moment must have for a source to name anything."""


def silent_over(knowledge: Knowledge) -> frozenset[str]:
    """Name the sources that can name nothing over a snapshot, unless the merchant links to offers."""
    silent = {kind for kind in LINKS if not knowledge.has_links(kind)}
    return frozenset(silent if len(knowledge.library) else {*silent, "offer", "goal"})


def with_cause(names: list[str], context: Context, marks: Marks) -> list[str]:
    """Keep the sources that the moment gives something to speak of; the others would name nothing.

    Examples
    --------
    >>> from crosslift.decide.curation import NOTHING
    >>> with_cause(["pinned", "complement", "searched"], Context(query="tea"), NOTHING)
    ['complement', 'searched']
    """
    return [name for name in names if (cause := _HAS_CAUSE.get(name)) is None or cause(context, marks)]
