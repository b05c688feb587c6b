"""Where a card leads and where its pictures lie: on our own storefront, and on the pages of the shop."""

from typing import Protocol
from urllib.parse import quote, urlsplit

from crosslift.domain.catalog import Product
from crosslift.web.demo import DemoInfo
from crosslift.web.pages.files import picture_of

PLACE = "{product}"
"""What stands for the id of a product in the address of a shop's product pages."""


class Addresses(Protocol):
    """Where things are, as one kind of page sees it."""

    def page(self, product: Product, decision_id: str | None) -> str:
        """Give the address of a product's page, empty where nobody knows it."""

    def picture(self, product: Product) -> str | None:
        """Give the address of its picture; None where there is none that can be shown."""

    def file(self, address: object) -> str | None:
        """Give an address of a film, or of its captions, as a page may load it; None where it may not."""


class OwnPages:
    """Our storefront: it loads nothing from elsewhere, and its links say which decision led to them.

    Parameters
    ----------
    demo : DemoInfo, optional
        Of it the pictures.
    root : str
        What the paths of the storefront begin with.
    """

    def __init__(self, demo: DemoInfo | None, root: str) -> None:
        self._demo, self._root = demo, root

    def page(self, product: Product, decision_id: str | None) -> str:
        """Give the path of its page."""
        query = f"?from={decision_id}" if decision_id else ""
        return f"{self._root}/p/{quote(product.product_id, safe='')}{query}"

    def picture(self, product: Product) -> str | None:
        """Give the path of its picture."""
        return picture_of(self._demo, product.image)

    def file(self, address: object) -> str | None:
        """Give a path of this server."""
        return address if isinstance(address, str) and is_path(address) else None


class ShopPages:
    """The pages of the shop: what the catalog says, else an address with a place for the id.

    Parameters
    ----------
    base : str
        Where this server is reached, for pictures that lie here; empty for the same place as the page.
    link : str or None
        Such as `https://shop.example/products/{product}`; wins over the catalog.
    """

    def __init__(self, demo: DemoInfo | None, base: str = "", link: str | None = None) -> None:
        self._demo, self._base, self._link = demo, base.rstrip("/"), link

    def page(self, product: Product, decision_id: str | None) -> str:
        """Give the address of its page."""
        if self._link:
            return self._link.replace(PLACE, quote(product.product_id, safe=""))
        return product.url if product.url and is_web(product.url) else ""

    def picture(self, product: Product) -> str | None:
        """Give its own address, or that of this server's copy."""
        own = picture_of(self._demo, product.image)
        if own is not None:
            return f"{self._base}{own}"
        return product.image if product.image and is_web(product.image) else None

    def file(self, address: object) -> str | None:
        """Give an address on the web."""
        return address if isinstance(address, str) and is_web(address) else None


def is_web(address: str) -> bool:
    """Tell whether a page may link to an address: on the web, or a path; never a script.

    Examples
    --------
    >>> is_web("https://shop.example/p/1"), is_web("/p/1"), is_web("javascript:alert(1)"), is_web("//evil.example")
    (True, True, False, False)
    """
    try:
        found = urlsplit(address)
    except ValueError:
        return False
    return (found.scheme in ("https", "http") and bool(found.netloc)) or is_path(address)


def is_path(address: str) -> bool:
    """Tell whether an address is a path of the same site."""
    return address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
