"""The shop window for one visitor: products and offers in the words, money and stock of this moment.

The storefront, the widget and the fragment all dress a decision here, and fill the same templates with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from crosslift.decide.knowledge import Knowledge
from crosslift.deliver.channels.card import Card, Goods, Known, card_of
from crosslift.deliver.channels.quotes import Reviewed
from crosslift.domain.bundle import BundleKind, SetOffer
from crosslift.domain.catalog import Product
from crosslift.domain.decision import Decision, Offered, Reason
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer
from crosslift.shop.batch import set_row
from crosslift.web.catalog import is_in_stock, price_of
from crosslift.web.pages import evidence
from crosslift.web.pages.addresses import Addresses
from crosslift.web.served import ServedShop
from crosslift.wording import formats, reasons
from crosslift.wording.messages import text

CURRENCIES = {"ko": "KRW", "ja": "JPY", "en": "USD"}
"""What visitors of a language pay in, where the catalog has such a price tag (attribute `price_JPY`)."""
NO_PICTURE = "/static/no-picture.svg"


@dataclass(frozen=True, slots=True)
class Slot:
    """Offers of one kind under their own heading: kinds are never mixed in a slot."""

    heading: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class SetCard:
    """A set as a page shows it: what it holds, what is missing with the price of each part alone, and what all cost together.

    `single` is what the parts cost alone; `sentence` says what is saved, None where nothing is. A part is a product, whether
    it is in the cart, and how many pieces are missing.
    """

    bundle_id: str
    title: str
    sentence: str | None
    price: str
    single: str
    missing: tuple[Goods, ...]
    decision_id: str
    parts: tuple[tuple[Goods, int], ...] = ()
    is_look: bool = False


@dataclass(frozen=True, slots=True)
class BarCard:
    """A threshold bar as a page shows it; `share` of it is filled, 0..1."""

    bar_id: str
    sentence: str
    amount: str
    missing: str | None
    share: float
    is_reached: bool


HEADINGS = {
    "required": "needs", "upgrade": "step_up", "stand_in": "instead_of", "substitute": "instead_of", "alike": "instead_of",
    "refill": "running_out", "bestseller": "bestsellers", "filler": "fillers",
}  # fmt: skip
"""The label over the offers of a source; all others go with what is on the page."""


class Window:
    """What one request shows.

    Parameters
    ----------
    served : ServedShop
        Its live values are read once, now.
    language : str
        Of titles, sentences and money.
    addresses : Addresses
        Where cards lead.
    market : str, optional
        By which proofs are chosen.
    """

    def __init__(self, served: ServedShop, language: str, addresses: Addresses, market: str | None = None) -> None:
        self._served, self.language, self._addresses, self._market = served, language, addresses, market
        self._overlay = served.overlay()
        self._is_taxed: bool = served.shop.settings["shop.prices_include_tax"]
        self._reviewed: Mapping[str, Reviewed] = {}

    def is_shown(self, product: Product) -> bool:
        """Tell whether a product is active and sellable now."""
        row = self._overlay.row(product.product_id)
        return row is not None and row.is_active and row.is_sellable

    async def read(self, decisions: Iterable[Decision]) -> None:
        """Read what customers wrote of what some decisions offer, before it is dressed."""
        wanted = {self._whole(offer.product_id) for decision in decisions for offer in decision.offers}
        cards = self._served.shop.cards
        found = cards.known(wanted)
        self._reviewed = found if found is not None else await self._served.in_thread(lambda: cards.reviewed(wanted))

    def goods(self, product: Product, decision_id: str | None = None) -> Goods:
        """Dress a product; with a decision its link says where the visitor came from."""
        picture = self._addresses.picture(product)
        return Goods(
            product.product_id,
            product.title_in(self.language),
            self._addresses.page(product, decision_id),
            picture or NO_PICTURE,
            picture is not None,
            self._price(product),
            self._is_in_stock(product),
            product.parent_id is not None,
        )

    def slots(self, decision: Decision) -> tuple[Slot, ...]:
        """Dress the offers of a decision, each kind under its heading; what is neither product nor offer is left out."""
        knowledge = self._served.shop.known.at(decision.change_number)[0]
        found: dict[str, list[Card]] = {}
        for offer in decision.offers:
            if card := self._card(decision, offer, knowledge):
                found.setdefault(HEADINGS.get(offer.kind, "goes_with"), []).append(card)
        return tuple(Slot(heading, tuple(cards)) for heading, cards in found.items())

    def sets(self, decision: Decision) -> tuple[SetCard, ...]:
        """Dress the sets that page and cart have begun: those that save something, and looks."""
        return tuple(card for one in decision.sets if (card := self._set(decision, one)) is not None)

    def bar(self, decision: Decision) -> BarCard | None:
        """Dress the bar of a decision: how far it is, in its own currency, with the tax as prices here have it."""
        bar = decision.bar
        if bar is None:
            return None
        amount, missing = (Money(Decimal(str(value)), bar.currency).rounded() for value in (bar.amount, bar.missing))
        title = bar.titles.get(self.language) or bar.titles.get(self.language[:2]) or bar.titles.get("en") or bar.bar_id
        is_reached = missing.amount <= 0
        left = None if is_reached else self.written(missing)
        said = (
            text("widget.bar_reached", self.language, None, title=title) if left is None
            else text("widget.bar_missing", self.language, None, missing=left, title=title)
        )  # fmt: skip
        share = float(1 - missing.amount / amount.amount) if amount.amount else 1.0
        return BarCard(bar.bar_id, said, self.written(amount), left, round(min(max(share, 0.0), 1.0), 4), is_reached)

    def _set(self, decision: Decision, offer: SetOffer) -> SetCard | None:
        shown, is_look = set_row(offer, self.language), offer.kind is BundleKind.LOOK
        found = [(self._served.catalog.find(part.offered_as), part.n_missing) for part in offer.parts]
        tags = [self.money(part.offered_as) for part in offer.parts]
        missing = [self._served.catalog.find(part.offered_as) for part in offer.missing]
        is_whole = None not in missing and all(tag is None or tag.currency == offer.currency for tag in tags)
        if not is_whole or (shown["reason"] is None and not is_look):
            return None  # a tag speaks another currency than its price, or nothing speaks for it
        parts = tuple((self.goods(one, decision.decision_id), n) for one, n in found if one)
        return SetCard(
            offer.bundle_id, shown["title"], shown["reason"], self.written(offer.price), self.written(offer.single),
            tuple(goods for goods, n in parts if n), decision.decision_id, parts, is_look,
        )  # fmt: skip

    def money(self, product_id: str) -> Money | None:
        """Give the price in force, on the price tag of the visitor's market where the catalog has one.

        A tag speaks only as long as the price it was made with holds: once that was changed, the changed price shows.
        """
        price = price_of(self._overlay.row(product_id))
        product = self._served.catalog.find(product_id)
        currency = CURRENCIES.get(self.language)
        if price is None or product is None or currency is None or currency == price.currency:
            return price
        tag = product.attributes.get(f"price_{currency}")
        if tag is None or product.price != price:
            return price
        try:
            return Money(Decimal(str(tag)), currency)
        except InvalidOperation:
            return price

    def totals(self, cart: Mapping[str, int]) -> list[str]:
        """Add a cart up, one sum for each currency: different ones are never added."""
        sums: dict[str, Money] = {}
        for product_id, n in cart.items():
            price = self.money(product_id)
            if price is not None:
                before = sums.get(price.currency)
                sums[price.currency] = before + price * n if before else price * n
        return [self.written(one) for one in sums.values()]

    def written(self, money: Money) -> str:
        """Write an amount as shops of the language do."""
        return formats.money(money, self.language, tax_included=self.language == "ja" and self._is_taxed)

    def _card(self, decision: Decision, made: Offered, knowledge: Knowledge) -> Card | None:
        product, offer = self._served.catalog.find(made.product_id), self._sold(knowledge, made)
        reason = self._priced(made, product)
        anchor_id = str(reason.evidence.get("anchor", ""))
        own_price = made.price if offer is not None and offer.pays is not None else None
        shown = self._offered(decision, made, product, offer, own_price)
        if shown is None:
            return None
        known = Known(
            shown, decision.decision_id, made.kind, reason,
            reasons.sentence(reason, self.language), tuple(reasons.sentence(one, self.language) for one in made.labels),
            evidence.rows(decision, made.reason, self.language), product, self._served.catalog.find(anchor_id), offer,
            own_price or self.money(made.product_id), self.money(anchor_id) if anchor_id else None,
            self._reviewed.get(self._whole(made.product_id)), self._addresses.file,
        )  # fmt: skip
        return card_of(known, self.language, self._served.shop.settings["shop.language"], self._market, self._exact)

    def _offered(
        self, decision: Decision, made: Offered, product: Product | None, offer: Offer | None, own_price: Money | None
    ) -> Goods | None:
        """Dress what is offered: a product, or an offer that is none; under an offer by its title and at its price.

        None for what is neither any more.
        """
        goods = self.goods(product, decision.decision_id) if product else None
        if offer is None:
            return goods
        price = self.written(own_price) if own_price else goods.price if goods else None
        if goods is None:
            return Goods(made.product_id, offer.title(self.language), "", NO_PICTURE, False, price, True)
        return Goods(
            goods.product_id, offer.title(self.language), goods.href, goods.picture, goods.has_picture, price,
            goods.is_in_stock, goods.is_variant,
        )  # fmt: skip

    def _sold(self, knowledge: Knowledge, made: Offered) -> Offer | None:
        """Find the offer it is sold under, as long as it is known in the version that was decided."""
        found = knowledge.library.find(made.offer_id) if made.offer_id else None
        return found if found is not None and found.version == made.offer_version else None

    def _exact(self, money: Money) -> str:
        return formats.money(money, self.language, in_text=True)

    def _priced(self, offer: Offered, product: Product | None) -> Reason:
        """Put the prices of this window into a reason that compares them, where both have one in the same currency."""
        facts = offer.reason.evidence
        if "price_to" not in facts or product is None:
            return offer.reason
        own, other = self.money(str(facts.get("anchor"))), self.money(product.product_id)
        if own is None or other is None or own.currency != other.currency:
            return offer.reason
        prices = {"price_from": float(own.amount), "price_to": float(other.amount), "currency": own.currency}
        return Reason(offer.reason.code, {**facts, **prices, "delta_price": float(other.amount - own.amount)})

    def _price(self, product: Product) -> str | None:
        """Write the price, or the range of the variants' prices."""
        ids = self._served.catalog.variants_of(product.product_id) or (product.product_id,)
        prices = [price for price in map(self.money, ids) if price is not None]
        if not prices:
            return None
        low, high = min(prices, key=lambda m: m.amount), max(prices, key=lambda m: m.amount)
        if low.amount == high.amount or low.currency != high.currency:
            return self.written(low)
        return f"{formats.money(low, self.language)} – {self.written(high)}"

    def _is_in_stock(self, product: Product) -> bool:
        ids = self._served.catalog.variants_of(product.product_id) or (product.product_id,)
        return any(is_in_stock(self._overlay.row(one)) for one in ids)

    def _whole(self, product_id: str) -> str:
        """Name the product a variant belongs to; reviews are of it."""
        product = self._served.catalog.find(product_id)
        return (product.parent_id if product else None) or product_id
