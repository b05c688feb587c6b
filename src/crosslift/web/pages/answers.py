"""What visitors do on the storefront: put into the cart, take out, say "not for me", follow an offer, really see one."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from crosslift.deliver.channels.noes import NOES
from crosslift.domain.decision import Action
from crosslift.errors import NotFound
from crosslift.web.api.operation import Id
from crosslift.web.api.respond import Said, record
from crosslift.web.pages import forms
from crosslift.web.pages.rendering import HEADERS
from crosslift.web.pages.visit import CART, DECLINED, Visit
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode, read_body


class Seen(msgspec.Struct, forbid_unknown_fields=True):
    """What the page's script tells: this offer was in sight for a second."""

    decision_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    product: Id


_seen = msgspec.json.Decoder(Seen)


class Answers:
    """Takes what visitors do; each answer is recorded under the decision it belongs to.

    Parameters
    ----------
    served : ServedShop
        The shop behind the pages.
    root : str
        What their paths begin with.
    """

    def __init__(self, served: ServedShop, root: str) -> None:
        self._served, self._root = served, root

    async def add(self, request: Request) -> Response:
        """Put a product into the cart; an offered one was accepted."""
        form = await forms.fields(request)
        visit, product = self._visit(request), form.get("product", "")
        if self._served.catalog.find(product) is None:
            return self._back(form, done=None)
        await self._tell(form.get("from"), Action.ACCEPT, product)
        visit.add(product)
        response = self._back(form, done="added")
        visit.keep(response, CART)
        return response

    async def remove(self, request: Request) -> Response:
        """Take a product out of the cart."""
        form = await forms.fields(request)
        visit = self._visit(request)
        visit.cart.pop(form.get("product", ""), None)
        response = self._back(form, done=None)
        visit.keep(response, CART)
        return response

    async def decline(self, request: Request) -> Response:
        """Hear a no: it is recorded, and the product is not offered to this visitor again."""
        form = await forms.fields(request)
        visit, product = self._visit(request), form.get("product", "")
        action, reason = NOES.get(form.get("answer", ""), NOES["decline"])
        await self._tell(form.get("from"), action, product, reason)
        if self._served.catalog.find(product) is not None and product not in visit.declined:
            visit.declined.append(product)
        response = self._back(form, done="noted")
        visit.keep(response, DECLINED)
        return response

    async def seen(self, request: Request) -> Response:
        """Record an exposure."""
        forms.same_origin(request)
        seen = decode(_seen, await read_body(request.scope, request.receive, forms.MAX_FORM))
        if not await self._tell(seen.decision_id, Action.EXPOSURE, seen.product):
            raise NotFound(f"no decision {seen.decision_id} offered {seen.product}")
        return Response(status_code=204, headers=HEADERS)

    async def clicked(self, request: Request, product_id: str) -> str | None:
        """Record that an offer was followed; gives its decision, or None when no offer led here.

        Looking ahead is not following: pages a browser fetches in advance count for nothing.
        """
        decision_id = request.query_params.get("from")
        if decision_id is None or "prefetch" in request.headers.get("sec-purpose", ""):
            return None
        return decision_id if await self._tell(decision_id, Action.CLICK, product_id) else None

    async def _tell(
        self, decision_id: str | None, action: Action, product_id: str, reason: str | None = None
    ) -> bool:  # fmt: skip
        """Record an answer if it belongs to a decision that offered this product; else there is nothing to record."""
        offered = await self._offered_as(decision_id, product_id) if decision_id else None
        if not decision_id or offered is None:
            return False
        await record(self._served, [Said(decision_id, action, offered, reason)])
        return True

    async def _offered_as(self, decision_id: str, product_id: str) -> str | None:
        """Name what a decision offered of this product: itself, or another variant of it."""
        try:
            found = await self._served.in_thread(lambda: self._served.shop.decision(decision_id))
        except NotFound:
            return None
        offered = [str(offer["product"]) for offer in found["offers"]]
        catalog = self._served.catalog
        product = catalog.find(product_id)
        whole = (product.parent_id if product else None) or product_id
        family = {whole, *catalog.variants_of(whole)}
        return product_id if product_id in offered else next((one for one in offered if one in family), None)

    def _visit(self, request: Request) -> Visit:
        return Visit.of(request, self._served.shop.settings["shop.language"])

    def _back(self, form: Mapping[str, str], done: str | None) -> Response:
        """Return to the page the form was on; only to a path of ours."""
        path = form.get("back", "")
        if not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
            path = self._root or "/"
        if done:
            path += f"{'&' if '?' in path else '?'}done={done}"
        return RedirectResponse(path, 303, headers=HEADERS)
