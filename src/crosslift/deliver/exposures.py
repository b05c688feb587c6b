"""What was really shown, and what people did with it: recorded by decision id, each once."""

from collections.abc import Callable, Sequence

from crosslift.domain.decision import Action, Response
from crosslift.errors import BadInput, NotFound
from crosslift.store.ports import Records


def record(
    records: Records, responses: Sequence[Response], offered: Callable[[bytes], frozenset[str]]
) -> dict[str, int]:
    """Store exposures and responses.

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
    channels = {
        decision_id: _channel(records, decision_id, responses, offered)
        for decision_id in {r.decision_id for r in responses}
    }
    micros = [(r, int(r.at.timestamp() * 1_000_000)) for r in responses]
    shown = [
        (r.response_id, r.decision_id, r.product_id, at, channels[r.decision_id])
        for r, at in micros if r.action is Action.EXPOSURE
    ]  # fmt: skip
    answered = [
        (r.response_id, r.decision_id, r.product_id, r.action.value, r.reason, at)
        for r, at in micros if r.action is not Action.EXPOSURE
    ]  # fmt: skip
    new = records.record_responses(shown, answered)
    return {"received": len(responses), "new": new, "seen_before": len(responses) - new}


def _channel(
    records: Records, decision_id: str, responses: Sequence[Response], offered: Callable[[bytes], frozenset[str]]
) -> str:
    found = records.decision(decision_id)
    if found is None:
        raise NotFound(f"no decision {decision_id}; ids are given with every answer")
    row = found[0]
    if row["purpose"] == "evaluation":
        raise BadInput(f"decision {decision_id} was made for evaluation and was never shown to anybody")
    named = {r.product_id for r in responses if r.decision_id == decision_id and r.product_id is not None}
    if strange := sorted(named - offered(row["body"])):
        raise BadInput(
            f"decision {decision_id} did not offer {', '.join(strange[:3])}; send the product it answered with"
        )
    return str(row["channel"])
