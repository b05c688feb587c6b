"""What value cards rest on beside the decision: reviews customers wrote, and a list of what cards lack."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from crosslift.deliver.channels.card import Gap, benefits_of
from crosslift.deliver.channels.quotes import Review, Reviewed
from crosslift.deliver.channels.said import best, exact
from crosslift.domain.catalog import SELLABLE_KINDS, Product
from crosslift.domain.offer import Offer
from crosslift.settings import Settings
from crosslift.store.offer_rows import offer_of
from crosslift.store.ports import Records
from crosslift.wording.messages import LANGUAGES

Row = dict[str, Any]
FRESH = timedelta(seconds=60)
"""So long a product's reviews are kept in memory: what somebody had erased is quoted no longer than that."""
MOST_KEPT = 20_000
MOST_GAPS = 200
_REVIEW = ("feedback_id", "at", "rating", "scale", "text", "language", "url", "product_id")
_PRODUCT = ("product_id", "title", "titles", "image", "attributes", "is_active", "kind", "parent_id")


class Cards:
    """Reviews by product, and gaps, of one shop. Safe from any thread.

    Parameters
    ----------
    records : Records
        Where reviews, products and offers are kept.
    settings : Settings
        Of it the shop's language.
    clock : callable
        Gives the present instant.
    """

    def __init__(self, records: Records, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._records = records
        self._settings = settings
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Reviewed]] = {}

    def known(self, product_ids: Collection[str]) -> dict[str, Reviewed] | None:
        """Give what was written of some products from memory; None where something has to be read first."""
        now, found = self._clock(), {}
        for one in product_ids:
            kept = self._kept.get(one)
            if kept is None or now - kept[0] >= FRESH:
                return None
            found[one] = kept[1]
        return found

    def reviewed(self, product_ids: Collection[str]) -> dict[str, Reviewed]:
        """Give what was written of some products, by product."""
        found, now = self.known(product_ids), self._clock()
        if found is not None:
            return found
        wanted = sorted(set(product_ids))
        marks = ", ".join("?" * len(wanted))
        rows = self._records.table(
            "feedback", _REVIEW, f"kind = 'review' and product_id in ({marks})", wanted
        ).to_pylist()
        if len(self._kept) + len(wanted) > MOST_KEPT:
            self._kept.clear()
        found = {one: Reviewed.of(_review(row) for row in rows if row["product_id"] == one) for one in wanted}
        self._kept |= {one: (now, reviews) for one, reviews in found.items()}
        return found

    def gaps(self, languages: Sequence[str] = (), most: int = MOST_GAPS) -> Row:
        """List what cards of the products and offers in force lack.

        Parameters
        ----------
        languages : sequence of str
            In which a benefit is asked for; by default those that titles are written in, and the shop's own.
        most : int
            So many rows.

        Returns
        -------
        dict
            languages; n_looked_at, n_lacking, and `n_of` by gap; `rows`: what (product or offer), id, title, gaps, and
            `benefit_in`, the languages without a benefit. Those that lack most stand first.
        """
        products = [_product(row) for row in self._records.table("products", _PRODUCT).to_pylist() if _is_offered(row)]
        offers = [one for one in (offer_of(row) for row in self._records.offers()) if one.is_active]
        asked = list(dict.fromkeys(languages)) or self._languages(products)
        own = self._settings["shop.language"]
        sold = {one.product_id: one for one in offers if one.product_id}
        rows = [_lacking("product", one.product_id, one.title_in(own), one, sold.get(one.product_id), asked, own)
                for one in products]  # fmt: skip
        rows += [
            _lacking("offer", one.offer_id, one.title(own), None, one, asked, own)
            for one in offers
            if not one.product_id
        ]
        lacking = sorted(
            (one for one in rows if one["gaps"]),
            key=lambda one: (-len(one["gaps"]), -len(one["benefit_in"]), one["id"]),
        )
        return {
            "languages": asked, "n_looked_at": len(rows), "n_lacking": len(lacking),
            "n_of": {gap.value: sum(gap.value in one["gaps"] for one in lacking) for gap in Gap}, "rows": lacking[:most],
        }  # fmt: skip

    def _languages(self, products: Iterable[Product]) -> list[str]:
        spoken = {tag.partition("-")[0] for one in products for tag in one.titles} | {self._settings["shop.language"]}
        return [one for one in LANGUAGES if one in spoken]


def _lacking(
    what: str, name: str, title: str, product: Product | None, offer: Offer | None, languages: Sequence[str], own: str
) -> Row:  # fmt: skip
    silent = [one for one in languages if not benefits_of(product, offer, one, own)]
    is_promised = offer is not None and any(best(texts, own) for texts in (offer.guarantee, offer.cancellation))
    told = product.attributes if product else {}
    has_captions = any(exact(told, "captions", one, own) for one in languages)
    missing = {
        Gap.BENEFIT: bool(silent), Gap.PICTURE: product is not None and not product.image, Gap.GUARANTEE: not is_promised,
        Gap.CAPTIONS: bool(told.get("video")) and not has_captions,
    }  # fmt: skip
    return {
        "what": what, "id": name, "title": title, "gaps": [gap.value for gap, is_missing in missing.items() if is_missing],
        "benefit_in": silent,
    }  # fmt: skip


def _is_offered(row: Row) -> bool:
    return row["is_active"] is not False and row["kind"] in SELLABLE_KINDS and not row["parent_id"]


def _product(row: Row) -> Product:
    return Product(
        row["product_id"], row["title"] or row["product_id"], _object(row["titles"]), image=row["image"],
        attributes=_object(row["attributes"]),
    )  # fmt: skip


def _object(text: str | None) -> Row:
    found = msgspec.json.decode(text) if text else {}
    return found if isinstance(found, dict) else {}


def _review(row: Row) -> Review:
    rating, scale = row["rating"], row["scale"]
    share = min(rating / scale, 1.0) if rating is not None and scale else None
    at = datetime.fromtimestamp(row["at"] / 1e6, UTC).date()
    return Review(row["feedback_id"], at, share, row["text"], row["language"], row["url"])
