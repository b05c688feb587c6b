"""What became of an answer: the decision a client names with an event, as exposures and responses."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import blake2b

from crosslift.decide import record
from crosslift.domain.decision import Action, Response
from crosslift.domain.event import ORDER_COMPLETED, PRODUCT_ADDED
from crosslift.web.served import ServedShop

_ACTIONS = {
    ORDER_COMPLETED: Action.ACCEPT,
    PRODUCT_ADDED: Action.ACCEPT,
    "Product Viewed": Action.CLICK,
    "Product Clicked": Action.CLICK,
}
"""What an event about a product says of the answer that named it."""


def action_of(name: str) -> Action | None:
    """Say what an event of our vocabulary means for an offer; None for nothing."""
    return _ACTIONS.get(name)


def responses_of(
    decision_id: str, action: Action | None, product: str | None, seen: Sequence[str], at: str, event_id: str | None
) -> list[Response]:
    """Give the exposures and the response of one event; told again they are the same.

    Parameters
    ----------
    seen : sequence of str
        What was on the page, as the client says.
    at : str
        ISO 8601.
    """
    moment = datetime.fromisoformat(at)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    told = [(Action.EXPOSURE, name) for name in seen]
    if action is not None and product:
        told.append((action, product))
    return [
        Response(_own(decision_id, kind, name, event_id or at), decision_id, kind, moment, name) for kind, name in told
    ]


def _own(*parts: str) -> str:
    return blake2b("\n".join(map(str, parts)).encode(), digest_size=16).hexdigest()


async def record_known(served: ServedShop, responses: Iterable[Response]) -> None:
    """Record those that speak of a decision of ours and of a product it offered; the others are no news and no error."""
    by_decision: dict[str, list[Response]] = {}
    for one in responses:
        by_decision.setdefault(one.decision_id, []).append(one)
    if not by_decision:
        return

    def work() -> None:
        for decision_id, told in by_decision.items():
            found = served.shop.records.decision(decision_id)
            if found is None or found[0]["purpose"] == "evaluation":
                continue
            offered = record.offered(found[0]["body"])
            known = [one for one in told if one.product_id in offered]
            if known:
                served.shop.respond(known)

    await served.in_thread(work)
