"""The products of a shop in the order pages list them, by heading, and found by words."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from crosslift.domain.catalog import Product
from crosslift.web.served import ServedShop

HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
"""To katakana, so that either finds the other."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Products without their variants, the most bought first.

    `headings` holds them by the first part of their category, the most bought first as well; products without a
    category stand under none.
    """

    products: tuple[Product, ...]
    headings: Mapping[str, tuple[Product, ...]]
    words: Mapping[str, str]

    def search(self, text: str) -> list[Product]:
        """Find the products that have every word somewhere in a title, brand or id, in whatever language."""
        wanted = folded(text).split()
        return [p for p in self.products if all(word in self.words[p.product_id] for word in wanted)] if wanted else []


class Shelves:
    """Keeps the shelf of the newest catalog and snapshot, put in order away from the loop.

    Parameters
    ----------
    served : ServedShop
        Its version tells when to sort anew.
    """

    def __init__(self, served: ServedShop) -> None:
        self._served = served
        self._made: tuple[int, Shelf] | None = None

    async def current(self) -> Shelf:
        """Give the shelf in order; `NotReady` before anything was learned."""
        version = self._served.version
        if self._made is None or self._made[0] != version:
            knowledge, products = self._served.shop.knowledge, self._served.catalog.products

            def n_orders(product_id: str) -> int:
                place = knowledge.index.get(product_id)
                return int(knowledge.popularity[place]) if place is not None else 0

            self._made = version, await self._served.in_thread(lambda: build(products, n_orders))
        return self._made[1]


def build(products: Mapping[str, Product], n_orders: Callable[[str], int]) -> Shelf:
    """Sort the sellable products; ties by id."""
    shown = [p for p in products.values() if p.parent_id is None and p.kind.is_sellable]
    shown.sort(key=lambda p: (-n_orders(p.product_id), p.product_id))
    headings: dict[str, list[Product]] = {}
    for product in shown:
        if product.category:
            headings.setdefault(heading_of(product.category), []).append(product)
    words = {p.product_id: folded(" ".join(_texts(p))) for p in shown}
    wanted = sorted(headings.items(), key=lambda one: (-sum(n_orders(p.product_id) for p in one[1]), one[0]))
    return Shelf(tuple(shown), {name: tuple(found) for name, found in wanted}, words)


def heading_of(category: str) -> str:
    """Give the first part of a category.

    Examples
    --------
    >>> heading_of("pour-over/drippers")
    'pour-over'
    """
    return category.partition("/")[0].strip() or category


def folded(text: str) -> str:
    """Write alike what reads alike: case, full and half width, hiragana and katakana.

    Examples
    --------
    >>> folded("Ｖ６０ どりっぱー") == folded("v60 ドリッパー")
    True
    """
    return unicodedata.normalize("NFKC", text).casefold().translate(HIRAGANA)


def _texts(product: Product) -> Sequence[str]:
    return [product.title, *product.titles.values(), product.brand or "", product.product_id]
