"""Products: found by words, and how each relates to others, with every number, the sentence for shoppers, and a last word."""

from dataclasses import dataclass

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.domain.access import Permission
from crosslift.domain.link import ANYTHING, CATEGORY, WEIGHED, LinkKind
from crosslift.errors import NotFound
from crosslift.web.office import relations
from crosslift.web.office.frame import ROOT, Caller, Frame
from crosslift.web.pages.files import picture_of
from crosslift.web.pages.shelf import Shelves

PATH = f"{ROOT}/products"
PAGE = 50
SHOWN = 12
"""Relations of a kind that are shown before all are asked for."""
ACTIONS = ("pin", "boost", "bury", "ban")


@dataclass(frozen=True, slots=True)
class Line:
    """A product in the list."""

    product_id: str
    title: str
    category: str | None
    n_orders: int
    n_companions: int


def mount(app: FastAPI, frame: Frame) -> None:
    """Serve the pages."""
    pages = Products(frame)
    frame.add(app, PATH, Permission.LOOK, pages.search)
    frame.add(app, f"{PATH}/of/{{product_id:path}}", Permission.LOOK, pages.show)
    frame.add(app, f"{PATH}/link", Permission.CURATE, pages.link, changes=True)
    frame.add(app, f"{PATH}/unlink", Permission.CURATE, pages.unlink, changes=True)


class Products:
    """The pages.

    Parameters
    ----------
    frame : Frame
        Renders them.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame, self._shop, self._served = frame, frame.served.shop, frame.served
        self._shelves = Shelves(frame.served)

    async def search(self, request: Request, caller: Caller) -> Response:
        """List products, the most bought first, or those with every word that was asked for."""
        text = request.query_params.get("q", "").strip()[:100]
        if not self._served.is_ready:
            return self._frame.page("products.html", request, caller.language, caller, query=text, found=None)
        shelf, knowledge = await self._shelves.current(), self._shop.knowledge
        found = shelf.search(text) if text else list(shelf.products)
        lines = []
        for product in found[:PAGE]:
            item = knowledge.index.get(product.product_id)
            n_orders = 0 if item is None else int(knowledge.popularity[item])
            n = 0 if item is None else len(knowledge.edges_of(item)[0])
            lines.append(Line(product.product_id, product.title_in(caller.language), product.category, n_orders, n))
        has = [knowledge.index.get(one.product_id) for one in shelf.products]
        n_with = sum(1 for item in has if item is not None and len(knowledge.edges_of(item)[0]))
        return self._frame.page(
            "products.html", request, caller.language, caller, query=text, found=lines, n_found=len(found),
            n_with=n_with, n_all=len(shelf.products),
        )  # fmt: skip

    async def show(self, request: Request, caller: Caller) -> Response:
        """Show one product and how it relates to others; beside another one why that is missing."""
        asked, name = request.query_params, request.path_params["product_id"]
        product = self._served.catalog.find(name)
        if product is None:
            raise NotFound(f"no product {name} in the catalog")
        raw, whole, beside = "raw" in asked, asked.get("kind", ""), asked.get("beside", "").strip()[:200]
        title = self._titles(caller.language)
        why_not = None
        if beside:
            why_not = await self._why_not(name, beside, caller.language)
        told = await self._served.in_thread(lambda: relations.told(self._shop, name, title, caller.language, raw=raw))
        kinds = {kind: rows if kind == whole else rows[:SHOWN] for kind, rows in told.items()}
        return self._frame.page(
            "product.html", request, caller.language, caller, product=product, title=product.title_in(caller.language),
            picture=picture_of(self._served.demo, product.image), kinds=kinds, counts={k: len(v) for k, v in told.items()},
            raw=raw, beside=beside, why_not=why_not, name_of=title, curated=await self._curated(name, product.category),
            to=asked.get("to", ""), of_kind=_link_kind(asked.get("of", "")), link_kinds=relations.LINK_KINDS,
            actions=ACTIONS, products=list((await self._shelves.current()).products) if self._served.is_ready else [],
        )  # fmt: skip

    async def link(self, request: Request, caller: Caller) -> Response:
        """Pin, boost, bury or ban; it holds with the very next decision."""
        sent = caller.form.fields
        name, action = sent.get("from_id", ""), sent.get("action", "")
        row = {
            "from_id": name, "to_id": sent.get("to_id", "").strip(), "kind": sent.get("kind", ""), "action": action,
            "reason": sent.get("reason", "").strip(), "author": caller.login,
        }  # fmt: skip
        if sent.get("until"):
            row["expires_at"] = sent["until"]
        if action in WEIGHED and sent.get("value"):
            row["value"] = sent["value"]
        await self._served.in_thread(lambda: self._shop.put_links([row]))
        return self._frame.to(f"{PATH}/of/{relations.quoted(name)}", "linked")

    async def unlink(self, request: Request, caller: Caller) -> Response:
        """Take a word of the merchant back; what was learned holds again."""
        sent = caller.form.fields
        ends = sent.get("from_id", ""), sent.get("to_id", ""), sent.get("kind", "")
        await self._served.in_thread(lambda: self._shop.remove_link(*ends))
        return self._frame.to(f"{PATH}/of/{relations.quoted(sent.get('page', ends[0]))}", "unlinked")

    def _titles(self, language: str) -> relations.Namer:
        def title(name: str) -> str:
            found = self._served.catalog.find(name)
            return found.title_in(language) if found else name

        return title

    async def _why_not(self, name: str, beside: str, language: str) -> relations.WhyNot:
        if self._served.catalog.find(beside) is None:  # words, not an id
            found = (await self._shelves.current()).search(beside)
            if not found:
                raise NotFound(f"no product {beside}; search for it by title or id")
            beside = found[0].product_id
        return await self._served.in_thread(lambda: relations.why_not(self._shop, name, beside, language))

    async def _curated(self, name: str, category: str | None) -> list[dict[str, object]]:
        """Give the merchant's links in force that speak of a product as what is in sight: by id, category or shop."""
        found = await self._served.in_thread(self._shop.links)
        return [row for row in found["links"] if _speaks_of(str(row["from_id"]), name, category or "")]


def _speaks_of(end: str, name: str, category: str) -> bool:
    if end in (name, ANYTHING):
        return True
    path = end.removeprefix(CATEGORY).rstrip("/")
    return end.startswith(CATEGORY) and f"{category}/".startswith(f"{path}/")


def _link_kind(kind: str) -> str:
    """Name the kind under which a merchant speaks of a learned relation."""
    return kind if kind in set(LinkKind) else LinkKind.COMPLEMENT.value
