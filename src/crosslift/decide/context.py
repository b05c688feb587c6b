"""What a decision looks at, as places in the snapshot: page, cart, holdings, the visit, and with consent the history."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.fixed import fixed
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.page import Page
from crosslift.decide.reading import Live, Noted
from crosslift.decide.thresholds import Gap, gap
from crosslift.domain.customer import Due, Person
from crosslift.domain.decision import Request
from crosslift.domain.event import normalized
from crosslift.domain.placement import Placement
from crosslift.domain.policy import Goal
from crosslift.domain.value import Bar

Array = npt.NDArray[Any]
NO_ITEMS = np.zeros(0, dtype=np.int32)
LAST_VIEWED = 5
"""So many of the products looked at last stand in for an empty cart."""


@fixed
class Context:
    """What a decision looks at.

    Attributes
    ----------
    page, cart, held, viewed, history : int32 arrays
        The product the page is about (none or one), the basket, contracts and things the caller says are owned, what
        was looked at last in this visit, and what the person bought before (empty without consent, and where nothing asks).
    uses_history : bool
        Whether history stands in for an empty cart here.
    dues : mapping of int to Due
        Refills and services of this person, by item.
    now : int
        The request's instant, microseconds UTC.
    goals : tuple of Goal
        What the person confirmed here or, with consent, declared before, with what the policy maps to it; by id.
    month : int or None
        Of the year, 1 to 12, by the person's own clock; None where seasons are not asked.
    gap : Gap or None
        How far the cart is from the bar that counts.
    in_sight : int32 array
        The page's product and the cart: what an offer stands beside.
    anchors : int32 array
        What an offer is made for: page and cart, else what is held, else what was looked at, else, where the placement
        says so, history.
    """

    page: Array = field(default_factory=lambda: NO_ITEMS)
    cart: Array = field(default_factory=lambda: NO_ITEMS)
    held: Array = field(default_factory=lambda: NO_ITEMS)
    history: Array = field(default_factory=lambda: NO_ITEMS)
    uses_history: bool = False
    dues: Mapping[int, Due] | None = None
    query: str | None = None
    content: str | None = None
    market: str | None = None
    now: int = 0
    viewed: Array = field(default_factory=lambda: NO_ITEMS)
    goals: tuple[Goal, ...] = ()
    month: int | None = None
    gap: Gap | None = None
    in_sight: Array = field(init=False, compare=False, repr=False)
    anchors: Array = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Work out, once, what everything else asks again and again."""
        sight = self.cart if len(self.page) == 0 else self.page if len(self.cart) == 0 else _both(self.page, self.cart)
        object.__setattr__(self, "in_sight", sight)
        others = (self.held, self.viewed, self.history if self.uses_history else NO_ITEMS)
        object.__setattr__(self, "anchors", next((one for one in (sight, *others) if len(one)), NO_ITEMS))


def _both(one: Array, other: Array) -> Array:
    return np.array(sorted({*one.tolist(), *other.tolist()}), dtype=np.int32)


def context_of(
    request: Request, knowledge: Knowledge, live: Noted, person: Person, placement: Placement, warnings: list[str],
    may_use_history: bool, goals: tuple[Goal, ...] = (), month: int | None = None, bars: Sequence[Bar] = (),
    page: Page | None = None,
) -> tuple[Context, Mapping[int, Sequence[str]]]:  # fmt: skip
    """Find what the request and, with consent, the person's history name; also what of it stands where."""
    bought: Mapping[int, list[str]] = {}
    contracts: Iterable[str] = ()
    dues: dict[int, Due] = {}
    if may_use_history:
        bought = (page or Page()).once(_bought, (knowledge, live.values, person.owned))
        contracts = sorted(person.holdings)
        for due in person.dues:
            for item in _found(knowledge, live, due.product_id):
                dues.setdefault(item, due)
    asks_history = placement.uses_history or knowledge.has_links("required")
    held = _named(knowledge, live, request.holdings, warnings)
    held.update(*(_found(knowledge, live, name) for name in contracts))
    context = Context(
        page=places(knowledge, live, (request.product,) if request.product else (), warnings),
        cart=places(knowledge, live, request.cart, warnings),
        held=_array(held),
        history=_array(bought.keys()) if asks_history else NO_ITEMS,
        uses_history=placement.uses_history,
        dues=dues,
        query=normalized(request.query) if request.query else None,
        content=request.content,
        market=request.market,
        now=int(request.at.timestamp() * 1_000_000),
        viewed=places(knowledge, live, request.viewed[-LAST_VIEWED:]),
        month=month,
        goals=goals,
        gap=_gap(request, live, bars) if bars and request.cart else None,
    )
    return context, bought


def _bought(knowledge: Knowledge, live: Live, owned: frozenset[str]) -> dict[int, list[str]]:
    """Find what stands where among the owned products, by place; of several at one place by name."""
    index = knowledge.index
    if live.parents_among(owned):
        found: dict[int, list[str]] = {}
        for name in sorted(owned):
            for item in _found(knowledge, live, name):
                found.setdefault(item, []).append(name)
        return found
    return {index[name]: [name] for name in owned if name in index}


def _gap(request: Request, live: Live, bars: Sequence[Bar]) -> Gap | None:
    """Add up the cart at live prices, one piece each, unless the caller says what it costs; nothing of mixed currencies."""
    prices = [part.price for name in request.cart if (part := live.part(name)) is not None and part.price is not None]
    currencies = {price.currency for price in prices}
    if len(currencies) != 1:
        return None
    value = request.cart_value if request.cart_value is not None else sum(price.amount for price in prices)
    return gap(bars, float(value), currencies.pop(), request.market)


def places(knowledge: Knowledge, live: Live, names: Sequence[str], warnings: list[str] | None = None) -> Array:
    """Find products by id, variants by their parent; unknown ones are named in the warnings, the rest is decided.

    A variant that the snapshot still knows as a product of its own is found as both.
    """
    return _array(_named(knowledge, live, names, warnings)) if names else NO_ITEMS


def _named(knowledge: Knowledge, live: Live, names: Sequence[str], warnings: list[str] | None) -> set[int]:
    found: set[int] = set()
    for name in dict.fromkeys(names):
        at = _found(knowledge, live, name)
        found.update(at)
        if not at and warnings is not None and not live.is_known(name):
            warnings.append(f"unknown_product:{name}")
    return found


def _found(knowledge: Knowledge, live: Live, name: str) -> Sequence[int]:
    """Give where a product stands, a variant where its product does, in order."""
    item, parent = knowledge.index.get(name), live.parent_of(name)
    if parent == name:
        return () if item is None else (item,)
    return sorted({known for known in (item, knowledge.index.get(parent)) if known is not None})


def _array(found: Collection[int]) -> Array:
    return np.array(sorted(found), dtype=np.int32) if found else NO_ITEMS


def parents_of(live: Live, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Give the product of each variant among some names, for the record."""
    return tuple(sorted(live.parents_among(names).items()))


def categories_in_sight(knowledge: Knowledge, context: Context) -> frozenset[str]:
    """Name the categories of what is in sight, and all above them."""
    paths = {knowledge.category_names[item] for item in context.in_sight.tolist()}
    return frozenset(above for path in paths if path for above in _upwards(path))


def _upwards(path: str) -> list[str]:
    steps = path.split("/")
    return ["/".join(steps[: n + 1]) for n in range(len(steps))]
