"""Any sender that signs as Standard Webhooks has it and says what it brings in the canonical columns of feedback.

The body is one answer, or `data` with one or up to a thousand, beside `type` and `timestamp`. `email` may stand in place of
`customer_id`. What has no `feedback_id` is named by the delivery's own id, what has no `at` happened at its `timestamp`.
"""

from typing import Any

import msgspec

from crosslift.collect.answers.sender import Arrival, Row, Sender, who
from crosslift.domain.signature import StandardWebhooks
from crosslift.errors import BadInput

NAME = "standard"
MOST = 1000
_ENVELOPE = ("type", "timestamp", "data")


def rows(delivery: dict[str, Any], arrival: Arrival) -> list[Row]:
    """Give the rows a delivery holds.

    Raises
    ------
    BadInput
        If there is no answer in it, or too many.
    """
    data = delivery.get("data", {name: value for name, value in delivery.items() if name not in _ENVELOPE})
    several = data if isinstance(data, list) else [data]
    if not several or len(several) > MOST or not all(isinstance(one, dict) and one for one in several):
        what = (
            f"an answer with at least kind and rating, answer or text is missing; one object, or a list of up to {MOST}"
        )
        raise BadInput(what, where="data")
    at = delivery.get("timestamp") or arrival.at
    return [
        _row(one, arrival.delivery_id if len(several) == 1 else f"{arrival.delivery_id}:{number}", at)
        for number, one in enumerate(several, 1)
    ]


def _row(given: Row, name: str, at: Any) -> Row:
    own = {column: value for column, value in given.items() if column != "email"}
    named = {"customer_id": who(given.get("customer_id"), given.get("email"))}
    return {"feedback_id": name, "at": at} | {c: v for c, v in own.items() if v is not None} | named


SENDER = Sender(
    NAME, "any sender of Standard Webhooks, in the columns of feedback", StandardWebhooks(),
    msgspec.json.Decoder(dict[str, Any]), rows, is_response=False,
)  # fmt: skip
