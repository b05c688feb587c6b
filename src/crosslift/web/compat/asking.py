"""What a foreign client asks for, through the one door to `decide`: lists, filtered lists, rankings; all recorded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from crosslift.decide.overlay import Overlay
from crosslift.domain.customer import Purpose
from crosslift.domain.decision import Decision, DropCode, Offered, Request
from crosslift.shop import requests
from crosslift.web.compat.bindings import Binding
from crosslift.web.served import ServedShop

Keep = Callable[[str], bool]
MOST = 500
LOOKS = 12
"""So often a filtered list is made longer before what passed by then is given."""
_UNSHOWN = frozenset(
    {DropCode.EXCLUDED, DropCode.IN_CART, DropCode.SAME_PRODUCT, DropCode.BEYOND_COUNT, DropCode.CATEGORY_FULL}
)
"""Codes that say nothing against a product itself."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for.

    Attributes
    ----------
    keep : callable, optional
        Which products may be in the answer.
    """

    binding: Binding
    n: int
    customer: str | None = None
    anonymous: str | None = None
    session: str | None = None
    product: str | None = None
    cart: tuple[str, ...] = ()
    viewed: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    device: str | None = None
    keep: Keep | None = None

    def request(self, served: ServedShop, n: int, exclude: Sequence[str]) -> Request:
        """Make it a request."""
        shop = served.shop
        return requests.build(
            self.binding.place(has_product=bool(self.product or self.cart)), self.cart, self.customer, (), max(n, 1),
            shop.clock(), exclude, self.binding.policy, None, shop.settings["shop.language"], None, product=self.product,
            kinds=self.binding.kinds, policies=shop.known.rulings, anonymous=self.anonymous, session=self.session,
            device=self.device, viewed=self.viewed,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scored:
    """One product of an answer; `offered` is None for what a ranking had to return and nothing speaks for."""

    product: str
    score: float
    offered: Offered | None = None

    @property
    def is_popular(self) -> bool:
        """Whether it fills the list as a bestseller."""
        return self.offered is not None and self.offered.kind == "bestseller"


@dataclass(frozen=True, slots=True)
class Answered:
    """The products, best first, and the decision they were given by."""

    decision_id: str
    products: tuple[Scored, ...]


async def recommend(served: ServedShop, wish: Wish) -> Answered:
    """Decide, and give what was decided; durable before it is given.

    What a filter leaves out is excluded by name in the request that is recorded, so that it can be replayed.

    Raises
    ------
    NotReady
        If nothing has been learned yet.
    """
    served.check_ready()
    request = wish.request(served, wish.n, _excluded(served, wish))
    return answered(await served.decide(request), wish)


def preview(served: ServedShop, wish: Wish) -> Answered:
    """Give what would be decided; nothing is recorded."""
    served.check_ready()
    made = served.shop.decide_unrecorded(wish.request(served, wish.n, _excluded(served, wish)))
    return answered(made.decision, wish)


def answered(decision: Decision, wish: Wish) -> Answered:
    """Give the offers with scores that fall as the list does: clients sort by them."""
    score, found = float("inf"), []
    for offer in decision.offers[: wish.n]:
        if wish.keep is not None and not wish.keep(offer.product_id):
            continue
        score = min(score, max(offer.priority, 0.0))
        found.append(Scored(offer.product_id, score, offer))
    return Answered(decision.decision_id, tuple(found))


def _excluded(served: ServedShop, wish: Wish) -> tuple[str, ...]:
    """Name what must not be in the answer: what was asked for, and what a filter leaves out of it, as far as it is needed."""
    excluded = list(dict.fromkeys(wish.exclude))
    if wish.keep is None:
        return tuple(excluded)
    n = wish.n
    for _ in range(LOOKS):
        offers = served.shop.decide_unrecorded(wish.request(served, n, excluded)).decision.offers
        failed = [offer.product_id for offer in offers if not wish.keep(offer.product_id)]
        if not failed:
            break
        excluded += failed
        n = min(max(2 * n, 50), MOST)
    return tuple(excluded)


def purpose_of(served: ServedShop, wish: Wish) -> Purpose:
    """Say what consent allows: a person's history is looked at for nothing else."""
    return served.shop.decide_unrecorded(wish.request(served, 1, ())).decision.purpose


async def rank(served: ServedShop, wish: Wish, products: Sequence[str]) -> Answered:
    """Rank given products; every one of them is returned.

    What speaks for itself comes first; then what may be sold and nothing is known of, most bought first; last, with score
    0 and in the order they were given, products that are banned, inactive, out of stock or unknown. Scores add up to 1.
    """
    served.check_ready()
    shop = served.shop
    overlay = served.overlay()
    asked = dict.fromkeys(products)
    parents = {overlay.parent_of(name): name for name in reversed(asked)}

    def given(name: str) -> str | None:
        return name if name in asked else parents.get(overlay.parent_of(name))

    among = replace(wish, n=max(len(asked), 1), keep=lambda name: given(name) is not None)
    traced = shop.decide_unrecorded(among.request(served, among.n, wish.exclude), True).decision.trace
    stopped = (
        {one.product_id for one in traced.candidates if one.dropped and one.dropped not in _UNSHOWN}
        if traced
        else set()
    )
    found = await recommend(served, among)
    best: dict[str, Scored] = {}
    for one in found.products:
        name = given(one.product)
        if name is not None and name not in best and _is_sellable(overlay, name):
            best[name] = replace(one, product=name, score=max(one.score, 1e-6))
    banned = _banned(served, overlay)
    rest = [name for name in asked if name not in best]
    barred = {
        name for name in rest
        if not _is_sellable(overlay, name) or overlay.parent_of(name) in banned | stopped or name in stopped
    }  # fmt: skip
    counts = {name: _count(served, overlay.parent_of(name)) for name in rest}
    unknown = sorted((name for name in rest if name not in barred), key=lambda name: -counts[name])
    least = min((one.score for one in best.values()), default=1.0) / 2
    most = max(counts.values(), default=0) + 1
    listed = [*best.values(), *(Scored(name, least * (counts[name] + 1) / most) for name in unknown)]
    total = sum(one.score for one in listed) or 1.0
    ranked = [replace(one, score=one.score / total) for one in listed]
    return Answered(found.decision_id, (*ranked, *(Scored(name, 0.0) for name in rest if name in barred)))


def _is_sellable(overlay: Overlay, name: str) -> bool:
    """Tell whether a product or variant is active, in stock and priced."""
    part = overlay.part(name)
    return part is not None and part.can_be_sold


def _banned(served: ServedShop, overlay: Overlay) -> set[str]:
    knowledge = served.shop.knowledge
    marks = overlay.marks((), int(served.shop.clock().timestamp() * 1_000_000), None)
    return {knowledge.products[item] for item in marks.banned}


def _count(served: ServedShop, name: str) -> int:
    knowledge = served.shop.knowledge
    item = knowledge.index.get(name)
    return 0 if item is None else int(knowledge.recent_counts[item])
