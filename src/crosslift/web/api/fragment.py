"""`GET /v1/fragment`: one placement as HTML for pages that are put together on a server, or read by somebody without a script.

The work is done where the pages are: `web.pages.fragment`.
"""

from typing import Any

from crosslift.deliver.channels.blocks import KNOWN, WHERE
from crosslift.web.api.operation import EITHER, Operation, Parameter

_TEXT: dict[str, Any] = {"type": "string", "maxLength": 500}


def _one(name: str, about: str, schema: dict[str, Any] | None = None, *, is_required: bool = False) -> Parameter:
    return Parameter(name, "query", about, schema or _TEXT, is_required=is_required)


OPERATION = Operation(
    name="get_fragment",
    method="GET",
    path="/v1/fragment",
    summary="Get one placement as HTML",
    about=(
        "The same cards as the widget shows, rendered for a page that is put together on your server: links and plain forms, no "
        "script. Beside them stands, in the words of schema.org, what relates to the product of the page, for whoever reads "
        "the page by machine. A publishable key stands in the address, a secret one in the header. With a publishable key its "
        "forms say no by themselves; send `back`, and the visitor returns there."
    ),
    group="deliver",
    keys=EITHER,
    parameters=(
        _one("key", "A publishable key; a secret one belongs in the header."),
        _one("placement", "Where it will stand.", {"type": "string", "enum": list(WHERE)}, is_required=True),
        _one("block", "Only this part of it.", {"type": "string", "enum": list(KNOWN)}),
        _one("product", "The product the page is about."),
        _one("cart", "Products in the basket, with commas between; it may be given several times."),
        _one("exclude", "Products never to be offered here."),
        _one("query", "What was searched for."),
        _one("content", "Id of the guide, FAQ or set-up step being read."),
        _one("k", "At most so many offers.", {"type": "integer", "minimum": 1, "maximum": 100}),
        _one("language", "BCP 47 tag; by default the shop's."),
        _one("market", "Market, for prices, proofs and rules."),
        _one("anonymous", "The browser, so that a no is remembered."),
        _one("session", "The visit."),
        _one("customer", "Secret key only."),
        _one("link", "Address of the product pages, with {product} for the id; by default the url of the catalog."),
        _one("add", "Where the shop takes a product into the cart: its form posts there. Without it cards lead to the product."),
        _one("field", "What the shop's cart calls the product's id; `product` is always sent."),
        _one("back", "Where the visitor returns to after a no."),
        _one("base", "Where this server is reached from outside, if not as it was asked."),
    ),
    answer={"type": "string"},
    answer_example='<div class="crosslift" lang="en" data-placement="product">...</div>',
    media_type="text/html",
    problems=(400, 401, 403, 422, 503),
)  # fmt: skip
