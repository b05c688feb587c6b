"""The storefront: a small shop rendered on the server, that shows what is decided, why, and an easy no.

Everything works without JavaScript. The one script tells which offers were really seen.
"""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.deliver.channels.card import Goods
from crosslift.domain.catalog import Product
from crosslift.domain.decision import Decision
from crosslift.errors import NotReady
from crosslift.shop import requests
from crosslift.web.pages import how_we_recommend
from crosslift.web.pages.addresses import OwnPages
from crosslift.web.pages.answers import Answers
from crosslift.web.pages.frame import Frame
from crosslift.web.pages.shelf import Shelf, Shelves, heading_of
from crosslift.web.pages.visit import Visit
from crosslift.web.pages.window import Window
from crosslift.web.served import ServedShop
from crosslift.wording.reasons import no_offer_sentence
from crosslift.wording.storefront import labels

PREVIEW = "/preview"
PAGE_SIZE = 24
SECTION_SIZE = 6
OFFERS = {"product": 4, "cart": 3, "home": 4, "search": 3}
NOTHING_ASKED: dict[str, object] = {"slots": (), "sets": (), "nothing": None}


def mount(app: FastAPI, served: ServedShop) -> None:
    """Serve the storefront: at `/` for the demo, else under `/preview`."""
    root = "" if served.demo else PREVIEW
    answers = Answers(served, root)
    front = Storefront(served, root, answers)
    for path in {root or "/", f"{root}/"}:
        app.add_route(path, front.home, methods=["GET"])
    app.add_route(f"{root}/p/{{product_id:path}}", front.product, methods=["GET"])
    app.add_route(f"{root}/cart", front.cart, methods=["GET"])
    app.add_route(f"{root}/cart/add", answers.add, methods=["POST"])
    app.add_route(f"{root}/cart/remove", answers.remove, methods=["POST"])
    app.add_route(f"{root}/decline", answers.decline, methods=["POST"])
    app.add_route("/storefront/respond", answers.seen, methods=["POST"])
    how_we_recommend.mount(app, served, root)


class Storefront:
    """The pages.

    Parameters
    ----------
    served : ServedShop
        The shop behind them.
    root : str
        What their paths begin with.
    answers : Answers
        Hears which offer led to a page.
    """

    def __init__(self, served: ServedShop, root: str, answers: Answers) -> None:
        self._served, self._root, self._answers = served, root, answers
        self._frame, self._shelves = Frame(served, root), Shelves(served)

    async def home(self, request: Request) -> Response:
        """Show bestsellers and the shelves; a list when something is searched or a heading is chosen."""
        visit = self._frame.visit(request)
        try:
            window, shelf = self._window(visit), await self._shelves.current()
            if not shelf.headings or {"q", "category", "page"} & request.query_params.keys():
                return await self._list(request, visit, window, shelf)
            offers = await self._offers("home", [], visit, window)
        except NotReady:
            return self._frame.message("try_again", request, visit, 503)
        shown = ((name, [p for p in found if window.is_shown(p)]) for name, found in shelf.headings.items())
        sections = [
            (name, self._frame.heading(name, visit.language), [window.goods(p) for p in found[:SECTION_SIZE]])
            for name, found in shown if found
        ]  # fmt: skip
        return self._frame.page("home.html", request, visit, sections=sections, **offers)

    async def product(self, request: Request) -> Response:
        """Show one product and what goes well with it."""
        visit = self._frame.visit(request)
        try:
            window = self._window(visit)
            product = self._served.catalog.find(request.path_params["product_id"])
            if product is None or not window.is_shown(product):
                return self._frame.message("page_not_found", request, visit, 404)
            came_from = await self._answers.clicked(request, product.product_id)
            offers = await self._offers("product", [], visit, window, product=product.product_id)
        except NotReady:
            return self._frame.message("try_again", request, visit, 503)
        category = heading_of(product.category) if product.category else None
        return self._frame.page(
            "product.html", request, visit, goods=window.goods(product), variants=self._variants(product, window),
            came_from=came_from, brand=product.brand, category=category,
            heading=self._frame.heading(category, visit.language) if category else None, **offers,
        )  # fmt: skip

    async def cart(self, request: Request) -> Response:
        """Show the cart, its total and what is often bought with it."""
        visit = self._frame.visit(request)
        try:
            window = self._window(visit)
            found = ((self._served.catalog.find(one), n) for one, n in visit.cart.items())
            lines = [(window.goods(product), n) for product, n in found if product]
            offers = await self._offers("cart", list(visit.cart), visit, window) if lines else NOTHING_ASKED
        except NotReady:
            return self._frame.message("try_again", request, visit, 503)
        return self._frame.page("cart.html", request, visit, lines=lines, totals=window.totals(visit.cart), **offers)

    async def _list(self, request: Request, visit: Visit, window: Window, shelf: Shelf) -> Response:
        wanted = request.query_params
        text, category, offers = wanted.get("q", "").strip()[:100], wanted.get("category"), NOTHING_ASKED
        if text:
            title, found = text, shelf.search(text)
            if "page" not in wanted:
                offers = await self._offers("search", [], visit, window, query=text, kinds=("pinned", "searched"))
        elif category is not None:
            title, found = self._frame.heading(category, visit.language), list(shelf.headings.get(category, ()))
        else:
            title, found = labels(visit.language)["all_products"], list(shelf.products)
            if "page" not in wanted:
                offers = await self._offers("home", [], visit, window)
        found = [product for product in found if window.is_shown(product)]
        n_pages = max(1, -(-len(found) // PAGE_SIZE))
        asked = wanted.get("page", "1")
        place = min(max(int(asked) if asked.isdecimal() and len(asked) < 7 else 1, 1), n_pages)
        goods = [window.goods(product) for product in found[(place - 1) * PAGE_SIZE : place * PAGE_SIZE]]
        return self._frame.page(
            "list.html", request, visit, title=title, query=text, category=category, goods=goods, place=place,
            n_pages=n_pages, **offers,
        )  # fmt: skip

    async def _offers(
        self, placement: str, cart: list[str], visit: Visit, window: Window, *, product: str | None = None,
        query: str | None = None, kinds: tuple[str, ...] = (),
    ) -> dict[str, object]:  # fmt: skip
        """Ask as any other caller would: from context only, without what was declined or lies in the cart."""
        exclude = visit.declined if placement == "cart" else [*visit.declined, *visit.cart]
        request = requests.build(
            placement, cart, None, (), OFFERS[placement], self._served.shop.clock(), exclude, "helpful", None,
            visit.language, None, product=product, query=query, kinds=kinds,
        )  # fmt: skip
        decision = await self._served.decide(request)
        await window.read([decision])
        return {
            "slots": window.slots(decision), "sets": window.sets(decision), "nothing": _nothing(decision, visit.language),
        }  # fmt: skip

    def _variants(self, product: Product, window: Window) -> list[Goods]:
        found = (self._served.catalog.find(one) for one in self._served.catalog.variants_of(product.product_id))
        return [window.goods(one) for one in found if one and window.is_shown(one)]

    def _window(self, visit: Visit) -> Window:
        return Window(self._served, visit.language, OwnPages(self._served.demo, self._root))


def _nothing(decision: Decision, language: str) -> str | None:
    return no_offer_sentence(decision.no_offer, language) if decision.no_offer else None
