"""What was really shown, and what people did with it: recorded by decision id, each once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crosslift.domain.decision import Action, Response
from crosslift.domain.pressure import Reaction
from crosslift.errors import BadInput, NotFound
from crosslift.store.ports import Records, Row

REACTIONS: Mapping[Action, str] = {
    Action.EXPOSURE: Reaction.SEEN, Action.CLICK: Reaction.CLICKED, Action.ACCEPT: Reaction.ACCEPTED,
    Action.DECLINE: Reaction.DECLINED, Action.MUTE: Reaction.MUTED, Action.UNMUTE: "unmuted",
}  # fmt: skip
"""What an action is to the pressure on a person; see `Records.record_responses`."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a decision was answered, and which products it offered."""

    channel: str
    products: frozenset[str]


def record(
    records: Records, responses: Sequence[Response], offered: Callable[[bytes], frozenset[str]], now: datetime
) -> dict[str, int]:
    """Store exposures and responses, and what they mean to the pressure on a person: a no holds on the next decision.

    Idempotent by `response_id`: what was seen before changes nothing. A wrong one refuses all of them.

    Parameters
    ----------
    offered : callable
        Names the products in the body of a recorded decision.

    Raises
    ------
    NotFound
        If a decision does not exist.
    BadInput
        If a product was not part of its decision's answer, or the decision was made for evaluation.
    """
    decisions = {
        decision_id: _shown(records, decision_id, responses, offered)
        for decision_id in {r.decision_id for r in responses}
    }
    micros = [(r, _micros(r.at)) for r in responses]
    shown = [
        (r.response_id, r.decision_id, r.product_id, at, decisions[r.decision_id].channel)
        for r, at in micros if r.action is Action.EXPOSURE
    ]  # fmt: skip
    answered = [
        (r.response_id, r.decision_id, r.product_id, r.action.value, r.reason, at)
        for r, at in micros if r.action is not Action.EXPOSURE
    ]  # fmt: skip
    reactions = [row for r in responses for row in _reactions(r, decisions[r.decision_id])]
    new = records.record_responses(shown, answered, reactions, _micros(now))
    return {"received": len(responses), "new": new, "seen_before": len(responses) - new}


def _reactions(response: Response, shown: Shown) -> Iterator[Row]:
    """Tell of each product what a response means for it; one that names none is about all that was offered.

    Where a set alone was shown there is no product to pause: the empty one says that attention was taken.
    """
    products = [response.product_id] if response.product_id is not None else sorted(shown.products) or [""]
    for product in products:
        yield (
            response.response_id, response.decision_id, product, str(REACTIONS[response.action]), shown.channel,
            _micros(response.at),
        )  # fmt: skip


def _shown(
    records: Records, decision_id: str, responses: Sequence[Response], offered: Callable[[bytes], frozenset[str]]
) -> Shown:
    found = records.decision(decision_id)
    if found is None:
        raise NotFound(f"no decision {decision_id}; ids are given with every answer")
    row = found[0]
    if row["purpose"] == "evaluation":
        raise BadInput(f"decision {decision_id} was made for evaluation and was never shown to anybody")
    products = offered(row["body"])
    named = {r.product_id for r in responses if r.decision_id == decision_id and r.product_id is not None}
    if strange := sorted(named - products):
        raise BadInput(
            f"decision {decision_id} did not offer {', '.join(strange[:3])}; send the product it answered with"
        )
    return Shown(str(row["channel"]), products)


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
