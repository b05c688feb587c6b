"""What stands around every page of the storefront: shop name, search, languages, cart, and the notice of what was done."""

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

from crosslift.web.pages import rendering
from crosslift.web.pages.doors import Doors
from crosslift.web.pages.visit import LANGUAGE, Visit
from crosslift.web.served import ServedShop
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.storefront import labels
from crosslift.wording.widget import words

NOTICES = {"added": "added_to_cart", "noted": "thanks_noted"}
"""What `?done=` may say."""


class Frame:
    """Renders the pages of one storefront.

    Parameters
    ----------
    served : ServedShop
        The shop behind them.
    root : str
        What their paths begin with.
    """

    def __init__(self, served: ServedShop, root: str) -> None:
        self._demo, self._settings, self._root = served.demo, served.shop.settings, root

    def visit(self, request: Request) -> Visit:
        """Read who is visiting."""
        return Visit.of(request, self._settings["shop.language"])

    def page(self, template: str, request: Request, visit: Visit, status: int = 200, /, **values: object) -> Response:
        """Render one page for a visit."""
        said = NOTICES.get(request.query_params.get("done", ""))
        back = _local(request.url.remove_query_params(["done", "lang", "from"]))
        response = rendering.page(
            template,
            status,
            t={**labels(visit.language), **words(visit.language)},
            language=visit.language,
            languages=self._languages(request),
            root=self._root,
            shop_name=self._name(visit.language),
            is_demo=self._demo is not None,
            n_in_cart=visit.n_in_cart,
            notice=labels(visit.language)[said] if said else None,
            back=back,
            doors=Doors(f"{self._root}/cart/add", f"{self._root}/decline", {"back": back}),
            **values,
        )
        if request.query_params.get("lang") in LANGUAGES:
            visit.keep(response, LANGUAGE)
        return response

    def message(self, key: str, request: Request, visit: Visit, status: int) -> Response:
        """Render a page that only says something."""
        return self.page("message.html", request, visit, status, message=labels(visit.language)[key])

    def heading(self, name: str, language: str) -> str:
        """Name a category in a language, where somebody translated it."""
        known = self._demo.categories.get(name, {}) if self._demo else {}
        return known.get(language) or known.get("en") or name

    def _name(self, language: str) -> str:
        names = self._demo.shop_name if self._demo else {}
        return str(names.get(language) or names.get("en") or self._settings["shop.name"])

    def _languages(self, request: Request) -> list[tuple[str, str, str]]:
        here = request.url.remove_query_params(["done", "from"])
        return [
            (one, labels(one)["language_name"], _local(here.include_query_params(lang=one)))
            for one in LANGUAGES
        ]  # fmt: skip


def _local(url: URL) -> str:
    """Write an address without its server."""
    return f"{url.path}?{url.query}" if url.query else url.path
