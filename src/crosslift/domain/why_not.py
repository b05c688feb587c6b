"""What became of one product in one decision: the answer to "why not this one?"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crosslift.domain.rule import Gate, Rule


class Fate(StrEnum):
    """What became of it."""

    OFFERED = "offered"
    WITHHELD = "withheld"
    """It would have been offered; a holdout kept it back."""
    DROPPED = "dropped"
    """It was a candidate; a gate or the list stopped it."""
    NO_CANDIDATE = "no_candidate"
    """No source that was asked led to it."""
    NOT_ASKED = "not_asked"
    """Nothing was gathered at all."""


class NoCandidate(StrEnum):
    """Why something was never a candidate; the first that holds."""

    NOT_IN_CATALOG = "not_in_catalog"
    """The snapshot that decided does not know it."""
    IN_SIGHT = "in_sight"
    """It is what the offers stand beside."""
    BANNED = "banned"
    """The merchant banned it here."""
    NOT_PLACED = "not_placed"
    """A source leads to it that was not asked here."""
    NOTHING_TO_SAY = "nothing_to_say"
    """A source led to it, and nothing true could be said of it."""
    NO_RELATION = "no_relation"
    """Nothing leads from what was in sight to it."""


class NotAsked(StrEnum):
    """Why a source was not asked."""

    PLACEMENT = "placement"
    """The placement has no place for it."""
    POLICY = "policy"
    """The policy does not name it."""
    REQUEST = "request"
    """The request wanted other kinds."""
    PAGE = "page"
    """What the page is about could not be had: nothing goes with that."""


@dataclass(frozen=True, slots=True)
class WhyNot:
    """The answer, as facts.

    Attributes
    ----------
    code : str
        Of what stopped it: a drop code or a rule's own; why it was no candidate; why nothing was asked. "" where it was
        offered.
    place : int or None
        Its place in the list, from 0.
    offered_as : str
        The variant that was offered, where that is another id.
    source : str
        The source that named it.
    gate, rule : Gate, Rule or None
        The gate that stopped it, and the rule of the policy where it was one.
    asked : mapping of str to int
        Every source that was asked, and how many candidates it brought.
    led_by : mapping of str to NotAsked
        Sources that lead to it and were not asked, and why not.
    now : str
        Drop code of what stands against selling it now, at the time of the question; "" for nothing.
    difference : str or None
        Where the decision, made again, comes out otherwise than recorded; None where it is the same.
    is_replayed : bool
        Whether it was made again; what was offered stands in the record anyway.
    """

    decision_id: str
    product_id: str
    fate: Fate
    code: str = ""
    place: int | None = None
    offered_as: str = ""
    source: str = ""
    gate: Gate | None = None
    rule: Rule | None = None
    asked: Mapping[str, int] = field(default_factory=dict)
    led_by: Mapping[str, NotAsked] = field(default_factory=dict)
    now: str = ""
    difference: str | None = None
    is_replayed: bool = True
