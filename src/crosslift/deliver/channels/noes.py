"""The ways to say no on a card, each one press away and as easy as a yes; what is recorded of each."""

from collections.abc import Mapping

from crosslift.domain.decision import Action

NOES: Mapping[str, tuple[Action, str | None]] = {
    "decline": (Action.DECLINE, None),
    "have_it": (Action.DECLINE, "have it"),
    "later": (Action.DECLINE, "later"),
    "never": (Action.MUTE, None),
}
"""By the name of the button: the action, and the reason that is recorded with it."""
