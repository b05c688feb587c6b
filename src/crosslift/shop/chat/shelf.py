"""What the chat looks up for one question of one person: catalog, relations, pages, their own purchases, decisions."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crosslift.decide.knowledge import Knowledge
from crosslift.decide.overlay import Overlay
from crosslift.deliver.answering.naming import ENOUGH, Mention
from crosslift.deliver.answering.shelf import Card, DueOn, Dues, DuesState, Fit, Given, Offering, Written
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Action, Offered, Response
from crosslift.domain.money import Money
from crosslift.domain.policy import HELPFUL
from crosslift.errors import BadInput, NotFound, NotReplayable
from crosslift.shop import requests
from crosslift.shop.chat.names import ABOUT, ANSWER, TOPIC, Named, Names
from crosslift.shop.chat.said import Said
from crosslift.wording import reasons
from crosslift.wording.attributes import fact
from crosslift.wording.formats import listing

if TYPE_CHECKING:
    from crosslift.shop import Shop

PLACEMENT = CHANNEL = "chat"
MOST_OFFERS, MOST_PAGES = 3, 3
OF_ITS_TOPIC = 0.8
"""How sure a page is that has the topic asked for and none of the words."""


class ShopShelf:
    """The shelf of one question; see `deliver.answering.shelf.Shelf` for what each method gives.

    Parameters
    ----------
    shop : Shop
        Whose things these are.
    names : Names
        Brought up to date.
    said : Said
        Who asks, and on which page.
    language : str
        Of titles and sentences.
    """

    def __init__(self, shop: "Shop", names: Names, said: Said, language: str) -> None:
        self._shop = shop
        self._names = names
        self._said = said
        self._language = language
        self._now = shop.clock()

    @cached_property
    def _known(self) -> tuple[Knowledge, Overlay]:
        return self._shop.known.at(self._shop.records.person(None).change_number)

    def mentions(self, text: str) -> Sequence[Mention]:
        """Find the products a text names."""
        return self._names.products_in(text)

    def card(self, product_id: str) -> Card | None:
        """Look a product up, with its price and stock of this moment."""
        named, live = self._names.find(product_id), self._known[1].row(product_id)
        if named is None or live is None:
            return None
        price = None
        if live.price_micros is not None and live.currency:
            price = Money.from_micros(live.price_micros, live.currency)
        return Card(
            product_id, named.title(self._language), price, self._shop.settings["shop.prices_include_tax"], live.stock,
            live.is_active and live.is_sellable, named.url,
        )  # fmt: skip

    def fit(self, one: str, other: str) -> Fit | None:
        """Tell whether two products fit, by what was written down or learned."""
        for kind, fits in (("excludes", False), ("required", True), ("fits", True)):
            for first, second in ((one, other), (other, one)):
                told = self._told(kind, first, second)
                if told is not None:
                    names = ("value", "other_value") if first == one else ("other_value", "value")
                    facts = self._facts(told, names[:1] if fits else names)
                    return Fit(fits, str(told.get("basis") or kind), facts)
        return None

    def _told(self, kind: str, first: str, second: str) -> dict[str, object] | None:
        knowledge, overlay = self._known
        source, target = (knowledge.index.get(overlay.parent_of(name)) for name in (first, second))
        if source is None or target is None:
            return None
        table = knowledge.links(kind)
        return next((table.evidence(row) for row in table.rows_of(source) if int(table.ids[row]) == target), None)

    def _facts(self, told: dict[str, object], names: Sequence[str]) -> str:
        """Say the attribute that agrees, or both values where they differ; nothing where it was written down without one."""
        attribute = told.get("attribute")
        values = [value for name in names if (value := told.get(name, told.get("value"))) is not None]
        if not isinstance(attribute, str):
            return ""
        try:
            said = [fact(attribute, value, self._language) for value in values]
        except BadInput:  # a value that cannot be shown
            return ""
        return listing(list(dict.fromkeys(said)), self._language)

    def needs(self, product_id: str) -> Sequence[str]:
        """Name what serves the need of a product."""
        return self._linked("required", product_id)

    def included(self, product_id: str) -> Sequence[str]:
        """Name what is in its box."""
        return self._linked("included", product_id)

    def _linked(self, kind: str, product_id: str) -> list[str]:
        knowledge, overlay = self._known
        source = knowledge.index.get(overlay.parent_of(product_id))
        if source is None:
            return []
        table = knowledge.links(kind)
        return [str(knowledge.products[int(table.ids[row])]) for row in table.rows_of(source)]

    def dues(self) -> Dues:
        """Give the refills of a customer who let their purchases be used, by their own clock."""
        if self._said.customer is None:
            return Dues(DuesState.SIGN_IN)
        row = self._shop.records.person(self._said.identity, int(self._now.timestamp() * 1_000_000))
        person = Person(self._said.identity, row.is_known, consents=row.consents)
        is_allowed = row.is_known and person.allows(Purpose.PERSONALIZATION, CHANNEL)
        if row.is_erased or self._shop.settings["privacy.contextual_only"] or not is_allowed:
            return Dues(DuesState.CONSENT)
        zone = ZoneInfo(row.timezone or self._shop.settings["shop.time_zone"])
        found = []
        for due in row.dues:
            at = datetime.fromtimestamp(due.due_at / 1_000_000, UTC)
            found.append(DueOn(due.product_id, at.astimezone(zone).date(), at < self._now))
        return Dues(DuesState.KNOWN, tuple(found))

    def usual_days(self, product_id: str) -> float | None:
        """Tell after how many days it is usually bought again; None for what goes by a meter."""
        knowledge, overlay = self._known
        source = knowledge.index.get(overlay.parent_of(product_id))
        table = knowledge.links("refill")
        for row in table.rows_of(source) if source is not None else ():
            days = table.evidence(row).get("interval_median")
            if int(table.ids[row]) == source and isinstance(days, int | float) and days > 0:
                return float(days)
        return None

    def pages_about(self, product_id: str) -> Sequence[Written]:
        """Find the guides of a product: those that say so, then those that lead to it."""
        knowledge, overlay = self._known
        parent = overlay.parent_of(product_id)
        category = (named.category if (named := self._names.find(parent)) else None) or ""
        found = [one for one in self._names.pages() if _is_about(one, {product_id, parent}, category)]
        table, item = knowledge.links("content"), knowledge.index.get(parent)
        told = {one.id for one in found}
        for key in table.keys or ():
            rows = [table.evidence(row) for row in table.rows_of_key(key) if int(table.ids[row]) == item]
            about = {str(each.get("product")) for each in rows}
            page = self._names.page(key)
            if rows and page is not None and key not in told and (parent in about or rows[0]["basis"] == "curated"):
                found.append(page)
        return [self._written(one) for one in found[:MOST_PAGES]]

    def pages_named(self, text: str, topic: str | None = None) -> Sequence[Written]:
        """Find pages a text names; for a topic, only those about it, the first of them where none is named."""
        sure = [one for one in self._names.pages_in(text) if not one.others and one.sureness >= ENOUGH]
        named = [(page, one.sureness) for one in sure if (page := self._names.page(one.product_id)) is not None]
        if topic is not None:
            of_topic = [one for one in self._names.pages() if one.said(TOPIC, "") == topic]
            own = [(one, max(sureness, OF_ITS_TOPIC)) for one, sureness in named if one in of_topic]
            named = own or [(one, OF_ITS_TOPIC) for one in of_topic]
        return [self._written(one, sureness) for one, sureness in named[:MOST_PAGES]]

    def _written(self, page: Named, sureness: float = 1.0) -> Written:
        return Written(page.id, page.title(self._language), page.url, page.said(ANSWER, self._language), sureness)

    def why(self, decision_id: str) -> Sequence[Given] | None:
        """Give the offers of a decision with their reasons, to whoever it was made for."""
        try:
            row = self._shop.decision(decision_id)
        except NotFound:
            return ()
        visitor = self._shop.records.visitor_of(decision_id)
        if row["is_withheld"] or visitor not in (None, *self._said.names):
            return ()
        if not self._said.is_trusted and row["snapshot_id"] != self._shop.knowledge.snapshot_id:
            return None  # an older snapshot would be read for it
        try:
            return [self._given(one) for one in self._shop.replay(decision_id).decision.offers]
        except NotReplayable:
            return None

    def offers(self, product_id: str | None, kinds: Sequence[str]) -> Offering:
        """Decide by the ordinary gates, and record it."""
        said, shop = self._said, self._shop
        request = requests.build(
            PLACEMENT, said.cart, said.customer, (), MOST_OFFERS, self._now, (), HELPFUL.name, None, self._language,
            said.market, product=product_id or said.product, kinds=kinds, policies=shop.known.rulings,
            anonymous=said.anonymous, session=said.session,
        )  # fmt: skip
        decision = shop.decide_requests([request])[0] if said.is_counted else shop.decide_unrecorded(request).decision
        return Offering(
            decision.decision_id if said.is_counted else "", tuple(self._given(one) for one in decision.offers)
        )

    def _given(self, made: Offered) -> Given:
        offer = None if made.offer_id is None else self._shop.offers.get(made.offer_id, made.offer_version)
        named = self._names.find(made.product_id)
        title = named.title(self._language) if named else made.product_id
        return Given(
            made.product_id, title if offer is None else offer.title(self._language),
            reasons.sentence(made.reason, self._language), made.price, self._shop.settings["shop.prices_include_tax"],
            named.url if named else None,
        )  # fmt: skip

    def decline(self, decision_id: str) -> bool:
        """Take a no to every offer of a decision; it counts once, in every channel."""
        if not self._said.is_counted or self._shop.records.visitor_of(decision_id) not in (None, *self._said.names):
            return False
        try:
            products = [one["product"] for one in self._shop.decision(decision_id)["offers"]]
        except NotFound:
            return False
        self._shop.respond([
            Response(_once(decision_id, name), decision_id, Action.DECLINE, self._now, name, "chat") for name in products
        ])  # fmt: skip
        return bool(products)

    def stop(self) -> bool:
        """Leave the person alone with everything, in every channel, from the next decision on."""
        if self._said.identity is None or not self._said.is_counted:
            return False
        self._shop.records.mute(self._said.identity, "", "", CHANNEL, int(self._now.timestamp() * 1_000_000))
        return True

    def resume(self) -> bool:
        """Take back what stopped everything; what they muted piece by piece stays."""
        return self._said.identity is not None and self._shop.peace.unmute(self._said.identity, None, "") > 0


def _is_about(page: Named, products: set[str], category: str) -> bool:
    """Tell whether a page says it is about one of these products, or about their category."""
    about = (page.attributes or {}).get(ABOUT)
    listed = about if isinstance(about, list) else str(about or "").split(",")
    for one in (str(each).strip() for each in listed):
        path = one.removeprefix("category:")
        if one in products or (path != one and path and f"{category}/".startswith(f"{path}/")):
            return True
    return False


def _once(decision_id: str, product: str) -> str:
    """Name a no, so that the same no counts once."""
    return blake2b(f"{decision_id}\n{product}\nchat".encode(), digest_size=16).hexdigest()
