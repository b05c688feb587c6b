"""The offer library: what the merchant proposes beyond products, in versions, in force on the very next decision."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from crosslift.collect import offers as doors
from crosslift.collect.offers import Draft, Drafts
from crosslift.domain.link import CATEGORY
from crosslift.domain.offer import Offer
from crosslift.errors import BadInput, NotFound
from crosslift.settings import Settings
from crosslift.store.offer_rows import offer_of, row_of
from crosslift.store.ports import Records
from crosslift.wording import ethics

log = structlog.get_logger()
Row = dict[str, Any]
Rows = list[Row]
Names = list[str]
Items = Sequence[Mapping[str, Any]]
Faults = list[tuple[str, str]]
Check = Callable[[Offer], list[ethics.Finding]]


class Offers:
    """The offers of one shop.

    Parameters
    ----------
    records : Records
        Where they are kept.
    settings : Settings
        Of it the time zone and whether prices include tax.
    clock : callable
        Gives the present instant.
    checks : sequence of callable
        What else is found in an offer that may not be published so.
    """

    def __init__(
        self, records: Records, settings: Settings, clock: Callable[[], datetime], checks: Sequence[Check] = ()
    ) -> None:
        self._records = records
        self._settings = settings
        self._clock = clock
        self._checks = checks

    def put(self, items: Items | Mapping[str, Any], author: str | None = None, reason: str | None = None) -> Row:
        """Write offers, each as its first or next version; the same content once more changes nothing.

        Parameters
        ----------
        items : mapping, or sequence of mapping
            One or several, in the columns of an offers file (`collect.offers`).
        author, reason : str, optional
            Who writes them and why, where an offer does not say so itself.

        Returns
        -------
        dict
            new, replaced, same; `offers`: id, version and what became of each; `unknown` products they are put beside.

        Raises
        ------
        BadInput
            Naming the offer and the field; nothing is kept then.
        """
        given = [items] if isinstance(items, Mapping) else items
        return self._keep(doors.read_items(given, self._settings), author, reason)

    def put_file(self, path: str | Path, author: str | None = None, reason: str | None = None) -> Row:
        """Write the offers of a file (CSV, XLSX, TOML ...), all or none; otherwise as `put`.

        Raises
        ------
        BadInput
            Naming the file, the row or line and the field; nothing is kept then.
        """
        return self._keep(doors.read_file(Path(path), self._settings), author, reason)

    def withdraw(self, offer_id: str, author: str, reason: str) -> Row:
        """Take an offer back, as a version of its own: it is in no decision from now on, promises made with it hold.

        Raises
        ------
        NotFound
            If there is none of that id.
        BadInput
            If nobody says who takes it back, or why.
        """
        before = self.get(offer_id)
        if not before.is_active:
            return _told(before, "same")
        gone = replace(before, is_active=False, author=author, reason=reason, created_at=self._clock())
        [version] = self._records.save_offers([row_of(gone)])
        log.info("offer_withdrawn", offer_id=offer_id, version=version)
        return _told(replace(gone, version=version), "replaced")

    def list(self, *, is_active: bool | None = None) -> Rows:
        """Give the newest version of every offer by id, in the columns it can be put with again."""
        found = [offer_of(row) for row in self._records.offers()]
        return [_row(one) for one in found if is_active is None or one.is_active is is_active]

    def show(self, offer_id: str) -> Row:
        """Give the newest version of one offer. NotFound if there is none of that id."""
        return _row(self.get(offer_id))

    def history(self, offer_id: str) -> Rows:
        """Give every version of an offer, oldest first. NotFound if there is none of that id."""
        return [_row(offer_of(row)) for row in self._versions(offer_id)]

    def get(self, offer_id: str, version: int | None = None) -> Offer:
        """Give an offer, its newest version or the one named. NotFound if there is none."""
        for row in reversed(self._versions(offer_id)):
            if version is None or row["version"] == version:
                return offer_of(row)
        raise NotFound(f"offer {offer_id!r} has no version {version}; `crosslift offers show {offer_id}` lists them")

    def _versions(self, offer_id: str) -> Rows:
        found = self._records.offer_versions(offer_id)
        if not found:
            raise NotFound(f"no offer {offer_id!r}; `crosslift offers list` shows them")
        return found

    def _keep(self, read: Drafts, author: str | None, reason: str | None) -> Row:
        standing = {row["offer_id"]: offer_of(row) for row in self._records.offers()}
        now = self._clock()
        versions = [self._version(draft, read, standing, now, author, reason) for draft in read.drafts]
        self._check_products(read, standing)
        if read.problems.count:
            raise read.problems.error()
        changed = [one for one in versions if one is not None]
        numbers = iter(self._records.save_offers([row_of(one) for one in changed]) if changed else ())
        told = []
        for draft, one in zip(read.drafts, versions, strict=True):
            before = standing.get(draft.offer.offer_id)
            if one is None and before is not None:
                told.append(_told(before, "same"))
            elif one is not None:
                told.append(_told(replace(one, version=next(numbers)), "replaced" if before else "new"))
        counts = {what: sum(one["outcome"] == what for one in told) for what in ("new", "replaced", "same")}
        log.info("offers_written", **counts)
        return {**counts, "offers": told, "unknown": self._unknown_beside(read)}

    def _version(
        self, draft: Draft, read: Drafts, standing: Mapping[str, Offer], now: datetime, author: str | None, reason: str | None
    ) -> Offer | None:  # fmt: skip
        """Make the version a draft asks for; None where the one that stands says the same."""
        before = standing.get(draft.offer.offer_id)
        if before is not None and before.content == draft.offer.content:
            return None
        try:
            return draft.version(0, now, author, reason)
        except BadInput as error:
            place = error.where or ""
            what = str(error).removeprefix(f"{place}: ")
            read.problems.fault(draft.row, place.rpartition(", ")[2], what)
            return None

    def _check_products(self, read: Drafts, standing: Mapping[str, Offer]) -> None:
        """Refuse an id that means something else already, and products nobody knows."""
        offers = [draft.offer for draft in read.drafts]
        named = {one.offer_id for one in offers} | {one.product_id for one in offers if one.product_id}
        known = self._records.known_products(named | {one.step_of for one in offers if one.step_of})
        wanted = {one.product_id for one in offers if one.product_id}
        rows = self._records.live_since(-1)[1] if wanted else ()
        parents = {row[0]: row[6] for row in rows if row[6] and not wanted.isdisjoint((row[0], row[6]))}
        priced = {name for row in rows if row[1] is not None for name in (row[0], row[6])}
        library = {*standing, *(one.offer_id for one in offers)}
        for draft in read.drafts:
            wrong = _wrong_with(draft.offer, known, parents, library)
            for column, what in wrong or [*_unpriced(draft.offer, priced), *self._found(draft.offer)]:
                read.problems.fault(draft.row, column, what)

    def _found(self, offer: Offer) -> Faults:
        """Give what the checks find in an offer, by column; what is taken back says nothing."""
        name = f"offer {offer.offer_id}"
        return [(one.column(name), one.told) for check in self._checks if offer.is_active for one in check(offer)]

    def _unknown_beside(self, read: Drafts) -> Names:
        """Name what offers are put beside and nobody knows yet; it waits until it is collected."""
        beside = {name for draft in read.drafts for name in draft.offer.beside if not name.startswith(CATEGORY)}
        library = {row["offer_id"] for row in self._records.offers()}
        return sorted(beside - self._records.known_products(beside) - library)


def _wrong_with(
    offer: Offer, known: set[str], variants: Mapping[str, str], library: set[str]
) -> list[tuple[str, str]]:  # fmt: skip
    wrong = []
    if offer.offer_id in known and offer.product_id != offer.offer_id:
        wrong.append((
            "offer_id", f"{offer.offer_id!r} is the id of a product; sell that with product_id, or choose another id",
        ))  # fmt: skip
    sold = offer.product_id
    if sold is not None and sold in variants:
        wrong.append(("product_id", f"{sold!r} is a variant of {variants[sold]!r}; name that product"))
    elif sold is not None and sold not in known and sold not in variants.values():
        wrong.append((
            "product_id", f"nobody knows the product {sold!r}; collect it first, or leave product_id out for what is none",
        ))  # fmt: skip
    if offer.step_of is not None and offer.step_of not in known and offer.step_of not in library:
        wrong.append(("step_of", f"nobody knows {offer.step_of!r}; name a product or an offer that is there"))
    return wrong


def _unpriced(offer: Offer, priced: Collection[str | None]) -> list[tuple[str, str]]:
    """Name what nobody could know the price of: no line of its own, and none in the catalog."""
    if not offer.is_active or offer.product_id is None:
        return []
    name, found = f"offer {offer.offer_id}", ethics.of_offer(offer, has_price=offer.product_id in priced)
    return [(one.column(name), one.told) for one in found if one.rule_id == ethics.EthicsRule.MISSING_FULL_PRICE]


def _row(offer: Offer) -> Row:
    told = {
        "version": offer.version, "author": offer.author, "reason": offer.reason, "created_at": offer.created_at.isoformat(),
    }  # fmt: skip
    return {**doors.plain(offer), **told}


def _told(offer: Offer, outcome: str) -> Row:
    return {"offer_id": offer.offer_id, "version": offer.version, "outcome": outcome, "active": offer.is_active}
