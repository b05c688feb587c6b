"""What was asked, what was answered and why, and what was really shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crosslift.domain.bundle import SetOffer
from crosslift.domain.customer import Purpose


class ReasonCode(StrEnum):
    """Why an offer was made. `wording` has one true sentence for each, per language."""

    BOUGHT_TOGETHER = "bought_together"
    OFTEN_IN_SUCH_BASKETS = "often_in_such_baskets"
    BESTSELLER = "bestseller"
    BOUGHT_LATER = "bought_later"
    OWNED_TOGETHER = "owned_together"
    NEEDED = "needed"
    STEP_UP = "step_up"
    INSTEAD_OF = "instead_of"
    STAND_IN = "stand_in"
    REFILL_DUE = "refill_due"
    SERVICE_DUE = "service_due"
    ALIKE = "alike"
    CATEGORY_COMPANION = "category_companion"
    SEARCHED = "searched"
    FOR_READERS = "for_readers"
    RECOMMENDED = "recommended"
    SET_SAVING = "set_saving"
    NEAR_DATE = "near_date"
    EARLY_DAYS = "early_days"


class DropCode(StrEnum):
    """Why a candidate was not offered: the first failing gate, one code each."""

    IN_CART = "in_cart"
    EXCLUDED = "excluded_by_request"
    NOT_SELLABLE = "not_sellable"
    INACTIVE = "inactive"
    OUT_OF_STOCK = "out_of_stock"
    PRICE_MISSING = "price_missing"
    OWNED = "already_owned"
    SAME_PRODUCT = "same_product"
    BANNED = "banned"
    NEVER_TOGETHER = "never_together"
    DOES_NOT_FIT = "does_not_fit"
    INCLUDED = "included"
    SUBSTITUTE_OF_CART = "substitute_of_cart"
    EXPIRED = "expired"
    CATEGORY_FULL = "category_full"
    BEYOND_COUNT = "beyond_count"


class NoOffer(StrEnum):
    """Why nothing was offered at all: an honest answer, never an error."""

    NO_CONSENT = "no_consent"
    NO_CANDIDATES = "no_candidates"
    ALL_EXCLUDED = "all_excluded"


class Action(StrEnum):
    """What a person did with an offer."""

    EXPOSURE = "exposure"
    CLICK = "click"
    ACCEPT = "accept"
    DECLINE = "decline"
    MUTE = "mute"


@dataclass(frozen=True, slots=True)
class Request:
    """One question: what, if anything, should be offered here and now.

    Attributes
    ----------
    placement : str
        Where the answer will appear; see `domain.offer`.
    cart, holdings : tuple of str
        Product or variant ids in the basket, and owned at present as the caller knows it.
    product : str or None
        What the page is about, where it is not in the cart: the product looked at. It is never offered itself.
    query, content : str or None
        What was searched for; which guide, FAQ or set-up step is being read.
    kinds : tuple of str
        Sources this slot is for; empty for all that have a place there.
    k : int or None
        How many offers at most; None takes the policy's default.
    """

    placement: str
    at: datetime
    customer_id: str | None = None
    cart: tuple[str, ...] = ()
    holdings: tuple[str, ...] = ()
    k: int | None = None
    exclude: tuple[str, ...] = ()
    policy: str = "helpful"
    purpose: Purpose | None = None
    language: str = "en"
    market: str | None = None
    product: str | None = None
    query: str | None = None
    content: str | None = None
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as facts: a code and the evidence behind it. The sentence is made in `wording`.

    `wording` names the evidence each code needs and refuses to speak without it. Titles are dicts of language to text
    under `anchor_titles` where translations exist.
    """

    code: ReasonCode
    evidence: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Offered:
    """One offer of a decision. `p` is `p_basket`, or None where it cannot be estimated.

    `kind` is the source it came from. `labels` are further true things to say beside the reason: a near date, early days.
    """

    product_id: str
    kind: str
    p: float | None
    priority: float
    reason: Reason
    slot_probability: float = 1.0
    labels: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, complete enough to replay it byte for byte (DESIGN 2b.5).

    `sets` stand beside the single offers and never take the place of one.
    """

    decision_id: str
    at: datetime
    placement: str
    purpose: Purpose
    policy: str
    policy_version: int
    snapshot_id: str
    change_number: int
    offers: tuple[Offered, ...]
    no_offer: NoOffer | None
    dropped: Mapping[str, int]
    warnings: tuple[str, ...] = ()
    arm: str | None = None
    is_withheld: bool = False
    consent_id: int = 0
    mapping_version: int = 0
    sets: tuple[SetOffer, ...] = ()
    trace: "Trace | None" = None


@dataclass(frozen=True, slots=True)
class Traced:
    """What happened to one candidate: the gate that stopped it, or None and its place in the list."""

    product_id: str
    source: str
    score: float
    dropped: DropCode | None
    place: int | None


@dataclass(frozen=True, slots=True)
class Trace:
    """The operator's view of a decision: each candidate, each gate. Made on request and by replay, never stored."""

    candidates: tuple[Traced, ...] = field(default=())
    gates: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Response:
    """What came back on a decision: seen, clicked, accepted, declined or muted."""

    response_id: str
    decision_id: str
    action: Action
    at: datetime
    product_id: str | None = None
    reason: str | None = None
