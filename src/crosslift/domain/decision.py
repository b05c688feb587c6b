"""What was asked, what was answered and why, and what was really shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from crosslift.domain.bundle import SetOffer
from crosslift.domain.customer import Purpose
from crosslift.domain.identity import ERASED
from crosslift.domain.money import Money
from crosslift.domain.value import BarState
from crosslift.domain.variant import Drawn


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
    SERVES_GOAL = "serves_goal"
    """It serves a goal the person told us of, or an agent confirmed."""
    MERCHANT_OFFER = "merchant_offer"
    """The merchant offers it beside this, or to people like this; the sentence is its benefit."""
    FILLS_THRESHOLD = "fills_threshold"
    """It brings the cart over a bar that gives something."""
    PLAN_NEARLY_USED = "plan_nearly_used"
    """A running contract is used up to a share."""
    OWN_LIST = "own_list"
    """It stands on the list the shop brought for this product."""
    PLUGIN = "plugin"
    """A plugin named it."""


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
    TOO_DEAR = "too_dear"
    """Price sanity: far above what is in sight, or too large a step up."""
    BELOW_FLOOR = "below_floor"
    """Its margin is under the floor."""
    NOT_FOR_PERSON = "not_for_person"
    """Its audience does not hold this person, or its `avoid` does."""
    NOT_YET = "not_yet"
    """An offer outside its time: not begun, ended, out of season."""
    WRONG_MARKET = "wrong_market"
    TOO_YOUNG = "too_young"
    """The age asked for is not known to be reached."""
    COOLING_DOWN = "cooling_down"
    """Declined, muted, ignored, complained of or returned not long ago."""
    CAPPED = "capped"
    """Contacts of its topic or channel are used up."""
    SOLVE_FIRST = "solve_first"
    VALUE_FIRST = "value_first"
    QUIET_HOURS = "quiet_hours"
    BUSY = "busy"
    """These four stop everything that sells, see `NoOffer`."""
    BELOW_THRESHOLD = "below_threshold"
    """Worth less than its pressure."""
    TOO_LATE = "too_late"
    """The need is met: something for it was bought not long ago."""
    NO_INCENTIVE = "no_incentive"
    """What costs us a discount, for somebody whose purchases cost more than they bring."""
    LOWER_STEP = "lower_step"
    """A step up above the lowest, for somebody who watches prices."""
    PLUGIN_FAILED = "plugin_failed"
    """A plugin that judges it did not answer."""
    ON_PAGE = "on_page"
    """Another placement of the same page shows it."""
    CATEGORY_FULL = "category_full"
    BEYOND_COUNT = "beyond_count"


class NoOffer(StrEnum):
    """Why nothing was offered at all: an honest answer, never an error."""

    NO_CONSENT = "no_consent"
    NO_CANDIDATES = "no_candidates"
    ALL_EXCLUDED = "all_excluded"
    STOPPED = "stopped"
    """The shop-wide stop switch is on."""
    BUSY = "busy"
    """Three tries to reserve the person's attention met somebody else's."""
    STORE_DOWN = "store_down"
    SOLVE_FIRST = "solve_first"
    """Something of this person is open: it is solved before anything is offered."""
    QUIET_HOURS = "quiet_hours"
    CAPPED = "capped"
    """The person's contact budget is used up."""
    COOLING_DOWN = "cooling_down"
    VALUE_FIRST = "value_first"
    """Nothing is offered before something helped."""
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    BELOW_THRESHOLD = "below_threshold"
    WITHHELD = "withheld"
    """Held out on purpose; what would have been offered is recorded."""


class Action(StrEnum):
    """What a person did with an offer."""

    EXPOSURE = "exposure"
    CLICK = "click"
    ACCEPT = "accept"
    DECLINE = "decline"
    MUTE = "mute"
    UNMUTE = "unmute"
    """A mute is taken back."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question: what, if anything, should be offered here and now.

    Attributes
    ----------
    placement : str
        Where the answer will appear; see `domain.placement`.
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
    anonymous_id, session_id, account_id : str or None
        The browser, the visit, and the company asked for. A browser is a stable id, a visit is none.
    device : str or None
        `mobile`, `desktop`, `tablet`, `kiosk` …, as the caller has it.
    dwell_seconds : float or None
        How long the visitor has been on this page.
    viewed : tuple of str
        Products looked at in this visit, oldest first.
    cart_value : Decimal or None
        What the cart costs now, in the shop's currency; None adds up live prices, one piece each.
    agent_id : str or None
        Who speaks to the customer, where somebody does.
    goals : tuple of str
        Goals and needs confirmed in this very conversation or session.
    store_id : str or None
        The shop, branch or till it is asked in.
    on_page : tuple of str
        What other placements of the same page show already.
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
    anonymous_id: str | None = None
    session_id: str | None = None
    account_id: str | None = None
    device: str | None = None
    dwell_seconds: float | None = None
    viewed: tuple[str, ...] = ()
    cart_value: Decimal | None = None
    agent_id: str | None = None
    goals: tuple[str, ...] = ()
    on_page: tuple[str, ...] = ()
    store_id: str | None = None

    @property
    def identity(self) -> str | None:
        """The identity it speaks of: the customer, else the browser; None without a stable id, and for who was erased."""
        if self.customer_id:
            return f"customer:{self.customer_id}" if self.customer_id != ERASED else None
        return f"anonymous:{self.anonymous_id}" if self.anonymous_id else None


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
    `offer_id` and `offer_version` name the offer of the library it is sold under, None for a bare product; `price` is what
    is paid for it in all, as it is promised by showing it; None only where the past is completed (`evaluation`).
    """

    product_id: str
    kind: str
    p: float | None
    priority: float
    reason: Reason
    slot_probability: float = 1.0
    labels: tuple[Reason, ...] = ()
    offer_id: str | None = None
    offer_version: int | None = None
    price: Money | None = None
    lever: str = ""
    """The levers without which it would not stand here, joined by commas."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, complete enough to replay it byte for byte (DESIGN 2b.5).

    `sets` stand beside the single offers and never take the place of one. `reserves` says that it takes the person's
    attention and must be counted before it is given; `topic` what it is about (`domain.pressure.Contact`). `variants` names
    the option drawn of each small set of the policy, with the probability it had. It `is_withheld` where a holdout left nothing
    to show of what would have been; `withheld` names what it kept back, also where something else is shown.
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
    no_offer: str | None
    dropped: Mapping[str, int]
    warnings: tuple[str, ...] = ()
    arm: str | None = None
    is_withheld: bool = False
    consent_id: int = 0
    mapping_version: int = 0
    sets: tuple[SetOffer, ...] = ()
    withheld: tuple[Offered, ...] = ()
    bar: BarState | None = None
    variants: tuple[Drawn, ...] = ()
    is_degraded: bool = False
    """Made from memory while the store was down: not recorded, and without an id."""
    trace: "Trace | None" = None
    reserves: bool = False
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Traced:
    """What happened to one candidate: the code that stopped it (built in, or a rule's), or None and its place in the list."""

    product_id: str
    source: str
    score: float
    dropped: str | None
    place: int | None
    factors: Mapping[str, float] = field(default_factory=dict)
    """P, C, V, L and their product, as they were multiplied."""
    rule: str = ""
    """The rule of the shop that stopped it: its id, its reason, and who answers for it."""


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
