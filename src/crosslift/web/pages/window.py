"""The shop window for one visitor: products and offers in the words, money and stock of this moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from urllib.parse import quote

from crosslift.domain.bundle import SetOffer
from crosslift.domain.catalog import Product
from crosslift.domain.decision import Decision, Offered, Reason
from crosslift.domain.money import Money
from crosslift.shop.batch import set_row
from crosslift.web.catalog import is_in_stock, price_of
from crosslift.web.pages import evidence
from crosslift.web.pages.files import picture_of
from crosslift.web.served import ServedShop
from crosslift.wording import formats, reasons

CURRENCIES = {"ko": "KRW", "ja": "JPY", "en": "USD"}
"""What visitors of a language pay in, where the catalog has such a price tag (attribute `price_JPY`)."""


@dataclass(frozen=True, slots=True)
class Goods:
    """A product as a page shows it."""

    product_id: str
    title: str
    href: str
    picture: str
    has_picture: bool
    price: str | None
    is_in_stock: bool
    is_variant: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """An offer as a page shows it: the product, the true sentence and the counts behind it."""

    goods: Goods
    decision_id: str
    sentence: str
    evidence: tuple[tuple[str, str], ...]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """Offers of one kind under their own heading: kinds are never mixed in a slot."""

    heading: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class SetCard:
    """A set as a page shows it: its sentence, and what is missing with the price of each part alone."""

    title: str
    sentence: str | None
    price: str
    missing: tuple[Goods, ...]
    decision_id: str


HEADINGS = {
    "required": "needs", "upgrade": "step_up", "stand_in": "instead_of", "substitute": "instead_of", "alike": "instead_of",
    "refill": "running_out", "bestseller": "bestsellers",
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
    root : str
        What the paths of the storefront begin with.
    """

    def __init__(self, served: ServedShop, language: str, root: str) -> None:
        self._served, self.language, self.root = served, language, root
        self._overlay = served.overlay()
        self._says_tax = language == "ja" and served.shop.settings["shop.prices_include_tax"]

    def is_shown(self, product: Product) -> bool:
        """Tell whether a product is active and sellable now."""
        row = self._overlay.row(product.product_id)
        return row is not None and row.is_active and row.is_sellable

    def goods(self, product: Product, decision_id: str | None = None) -> Goods:
        """Dress a product; with a decision its link says where the visitor came from."""
        picture = picture_of(self._served.demo, product.image)
        query = f"?from={decision_id}" if decision_id else ""
        return Goods(
            product.product_id,
            product.title_in(self.language),
            f"{self.root}/p/{quote(product.product_id, safe='')}{query}",
            picture or "/static/no-picture.svg",
            picture is not None,
            self._price(product),
            self._is_in_stock(product),
            product.parent_id is not None,
        )

    def slots(self, decision: Decision) -> tuple[Slot, ...]:
        """Dress the offers of a decision, each kind under its heading; those not in the catalog are left out."""
        found: dict[str, list[Card]] = {}
        for offer in decision.offers:
            product = self._served.catalog.find(offer.product_id)
            if product:
                heading = HEADINGS.get(offer.kind, "goes_with")
                found.setdefault(heading, []).append(self._card(decision, offer, product))
        return tuple(Slot(heading, tuple(cards)) for heading, cards in found.items())

    def sets(self, decision: Decision) -> tuple[SetCard, ...]:
        """Dress the sets that page and cart have begun, those that save something."""
        return tuple(card for one in decision.sets if (card := self._set(decision, one)) is not None)

    def _set(self, decision: Decision, offer: SetOffer) -> SetCard | None:
        shown = set_row(offer, self.language)
        missing = [self._served.catalog.find(part.offered_as) for part in offer.missing]
        tags = [self.money(part.offered_as) for part in offer.parts]
        if shown["reason"] is None or None in missing or any(tag and tag.currency != offer.currency for tag in tags):
            return None  # its price speaks another currency than the tags of this window
        goods = tuple(self.goods(one, decision.decision_id) for one in missing if one)
        return SetCard(shown["title"], shown["reason"], self.written(offer.price), goods, decision.decision_id)

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
        return formats.money(money, self.language, tax_included=self._says_tax)

    def _card(self, decision: Decision, offer: Offered, product: Product) -> Card:
        return Card(
            self.goods(product, decision.decision_id),
            decision.decision_id,
            reasons.sentence(self._priced(offer, product), self.language),
            evidence.rows(decision, offer.reason, self.language),
            tuple(reasons.sentence(label, self.language) for label in offer.labels),
        )

    def _priced(self, offer: Offered, product: Product) -> Reason:
        """Put the prices of this window into a reason that compares them, where both have one in the same currency."""
        facts = offer.reason.evidence
        if "price_to" not in facts:
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
