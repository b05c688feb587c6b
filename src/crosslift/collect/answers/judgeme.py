"""Judge.me's webhooks of reviews.

Signature: judge.me/help, "Verifying Webhooks from Judge.me": hexadecimal, under the secret of the OAuth app or the private
API token that made the webhook. Body: the events `review/created` and `review/updated` as Judge.me sends them, recorded in
the documentation of Mechanic (lightward/mechanic-docs, integrations/judge.me). A review that is edited comes again under its
id: the first version stays. The e-mail address names the customer, as in exports of orders, else the platform's own id.
"""

from datetime import datetime
from typing import Annotated

import msgspec

from crosslift.collect.answers.sender import Arrival, Row, Sender, who
from crosslift.domain.contact import FeedbackKind
from crosslift.domain.signature import BodySignature

NAME = "judgeme"
STARS = 5


class Reviewer(msgspec.Struct):
    """Who wrote it."""

    email: str | None = None
    external_id: int | str | None = None


class Review(msgspec.Struct):
    """A review."""

    id: int
    rating: Annotated[int, msgspec.Meta(ge=0, le=STARS)]
    created_at: datetime
    title: str | None = None
    body: str | None = None
    product_external_id: int | str | None = None
    reviewer: Reviewer = msgspec.field(default_factory=Reviewer)
    verified: str | None = None
    source: str | None = None


class Judgeme(msgspec.Struct):
    """A delivery."""

    review: Review


def rows(delivery: Judgeme, _: Arrival) -> list[Row]:
    """Give the review as a row."""
    said = delivery.review
    person = said.reviewer
    return [{
        "feedback_id": f"{NAME}:{said.id}", "at": said.created_at.isoformat(), "kind": FeedbackKind.REVIEW.value,
        "customer_id": who(None, person.email) or who(person.external_id, None), "rating": said.rating, "scale": STARS,
        "text": "\n".join(part for part in (said.title, said.body) if part) or None,
        "product_id": said.product_external_id or None, "verified": said.verified, "source": said.source,
    }]  # fmt: skip


SENDER = Sender(
    NAME, "Judge.me reviews", BodySignature("judgeme-hmac-sha256", is_hex=True), msgspec.json.Decoder(Judgeme), rows
)  # fmt: skip
