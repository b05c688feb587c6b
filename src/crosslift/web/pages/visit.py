"""One visitor as far as the pages need to know: language, cart and what was declined, all kept in the browser."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from crosslift.wording.messages import LANGUAGES, language_of

LANGUAGE, CART, DECLINED = "crosslift_language", "crosslift_cart", "crosslift_declined"
MAX_COOKIE = 3500
MAX_QUANTITY = 99
YEAR = 365 * 24 * 3600

_lines = msgspec.json.Decoder(list[tuple[str, Annotated[int, msgspec.Meta(ge=1, le=MAX_QUANTITY)]]])
_ids = msgspec.json.Decoder(list[str])


class Visit:
    """What the cookies say; anything unreadable counts as nothing.

    Parameters
    ----------
    language : str
        One of those we write.
    cart : dict of str to int
        Product to quantity, in the order of adding.
    declined : list of str
        Products that got a "not for me": not offered again.
    """

    def __init__(self, language: str, cart: dict[str, int], declined: list[str]) -> None:
        self.language, self.cart, self.declined = language, cart, declined

    @classmethod
    def of(cls, request: Request, default: str) -> "Visit":
        """Read a visit from a request; `?lang=` wins over the cookie, the cookie over the browser's wish."""
        asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE)
        language = asked if asked in LANGUAGES else _wished(request.headers.get("accept-language", "")) or default
        try:
            cart = dict(_lines.decode(_unpacked(request.cookies.get(CART))))
            declined = _ids.decode(_unpacked(request.cookies.get(DECLINED)))
        except (ValueError, msgspec.DecodeError):
            cart, declined = {}, []
        return cls(language_of(language), cart, declined)

    @property
    def n_in_cart(self) -> int:
        """Pieces in the cart."""
        return sum(self.cart.values())

    def add(self, product_id: str) -> None:
        """Put one more into the cart."""
        self.cart[product_id] = min(self.cart.get(product_id, 0) + 1, MAX_QUANTITY)

    def keep(self, response: Response, *names: str) -> None:
        """Write cookies back; the oldest entries go where a cookie would get too large."""
        contents = {
            LANGUAGE: lambda: self.language,
            CART: lambda: _packed(list(self.cart.items())),
            DECLINED: lambda: _packed(self.declined),
        }
        for name in names:
            response.set_cookie(name, contents[name](), YEAR, path="/", httponly=True, samesite="lax")


def _packed(entries: Sequence[object]) -> str:
    text = urlsafe_b64encode(msgspec.json.encode(entries)).decode()
    return text if len(text) <= MAX_COOKIE else _packed(entries[1:])


def _unpacked(cookie: str | None) -> bytes:
    return urlsafe_b64decode(cookie) if cookie else b"[]"


def _wished(header: str) -> str | None:
    """Find the first language of `Accept-Language` that we write; browsers send them in order of preference."""
    tags = (part.partition(";")[0].strip() for part in header.split(","))
    return next((tag for tag in tags if tag.partition("-")[0].lower() in LANGUAGES), None)
