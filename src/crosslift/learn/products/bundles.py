"""Bundles of a snapshot: the merchant's, checked; sets that orders propose; looks that the catalog's attributes make."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.domain.bundle import Bundle, BundleKind, Part
from crosslift.domain.money import Money
from crosslift.errors import BadInput
from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products.bundle_checks import Refusal, Refused, make_bundle_checks, parted_by, why_not
from crosslift.learn.products.complements import Complements
from crosslift.learn.products.links import Links
from crosslift.learn.products.looks import find_looks
from crosslift.learn.products.mined_sets import find_mined
from crosslift.settings import Settings

Array = npt.NDArray[Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
USUAL_MIX = 2
"""Parts a mix holds where the merchant's file has no `min_parts`."""


class Fit(Protocol):
    """What is known of fitting, as `compatibility` finds it."""

    @property
    def fits(self) -> Links:
        """Products that fit each other: they may share a category and a set."""

    @property
    def excludes(self) -> Links:
        """Products that do not fit each other."""

    @property
    def included(self) -> Links:
        """From a product to what is in its box already."""


@dataclass(frozen=True, slots=True)
class FoundBundles:
    """Sets of a snapshot.

    Attributes
    ----------
    merchants : tuple of Bundle
        The merchant's, as far as they may be offered.
    mined : tuple of Bundle
        Proposals: bought as a whole first, then looks by attributes.
    refused : tuple of Refusal
        The merchant's that may not be offered, and why.
    """

    merchants: tuple[Bundle, ...]
    mined: tuple[Bundle, ...]
    refused: tuple[Refusal, ...]


def find_bundles(
    catalog: Catalog,
    counted: Baskets,
    pairs: Complements,
    bundles: pa.Table,
    fit: Fit,
    substitutes: Links,
    settings: Settings,
    inactive: Collection[str] = (),
) -> FoundBundles:
    """Check the merchant's sets and propose others.

    Parameters
    ----------
    counted, pairs : Baskets, Complements
        Baskets that were counted, and their tested pairs (`Complements`).
    bundles : pa.Table
        The merchant's, see `read_merchants`.
    fit, substitutes : Fit, Links
        What does not fit, is in the box or stands for the other never shares a proposed set.
    inactive : collection of str
        Products that are not offered at present.

    Returns
    -------
    FoundBundles
        A merchant's set that is refused stays with its reason; a proposal that would be is not made.
    """
    check = make_bundle_checks(catalog, settings, fit.excludes, inactive)
    written, malformed = read_merchants(bundles)
    verdicts = [(bundle, check(bundle)) for bundle in written]
    can_be_part = np.array([why_not(catalog, item, inactive) is None for item in range(catalog.n_items)], dtype=bool)
    parted = parted_by(fit.excludes, fit.included, substitutes)
    proposals = [
        *find_mined(
            catalog, counted, pairs, _may_join(catalog, pairs, can_be_part, parted, parted_by(fit.fits)), settings
        ),
        *find_looks(catalog, counted.item_counts(), can_be_part, _related(catalog, pairs), parted),
    ]
    known = {frozenset(bundle.product_ids) for bundle in written}
    return FoundBundles(
        tuple(bundle for bundle, refusal in verdicts if refusal is None),
        tuple(one for one in proposals if frozenset(one.product_ids) not in known and check(one) is None),
        (*malformed, *(refusal for _, refusal in verdicts if refusal is not None)),
    )


def read_merchants(table: pa.Table) -> tuple[list[Bundle], list[Refusal]]:
    """Read the merchant's sets, those that are active.

    Parameters
    ----------
    table : pa.Table
        One row a part: bundle_id, product_id, role, quantity, kind, price_micros, discount_percent, currency, title, titles,
        is_active; optionally min_parts and expires_at (microseconds).

    Returns
    -------
    list of Bundle
        By id.
    list of Refusal
        What cannot be a set, with the reason.
    """
    rows_of: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        if row.get("is_active") is not False:
            rows_of.setdefault(row["bundle_id"], []).append(row)
    bundles: list[Bundle] = []
    refused: list[Refusal] = []
    for bundle_id, rows in sorted(rows_of.items()):
        try:
            bundles.append(_merchants_bundle(bundle_id, rows))
        except BadInput as problem:
            refused.append(Refusal(bundle_id, Refused.MALFORMED, str(problem)))
    return bundles, refused


def _merchants_bundle(bundle_id: str, rows: list[dict[str, Any]]) -> Bundle:
    def told(name: str) -> Any:
        """What is said of the set as a whole stands in any of its rows."""
        return next((row[name] for row in rows if row.get(name) is not None), None)

    kind = told("kind") or BundleKind.FIXED.value
    if kind not in {BundleKind.FIXED, BundleKind.MIX, BundleKind.LOOK}:
        raise BadInput(f"bundle {bundle_id}: kind {kind!r} is unknown; use fixed, mix or look")
    price, percent, expires = told("price_micros"), told("discount_percent"), told("expires_at")
    if price is not None and told("currency") is None:
        raise BadInput(f"bundle {bundle_id}: a price without a currency; add its currency")
    parts = tuple(
        Part(row["product_id"], row.get("role") or "", 1 if row.get("quantity") is None else row["quantity"])
        for row in rows
    )
    most = len({part.role or part.product_id for part in parts}) if kind == BundleKind.LOOK else len(parts)
    return Bundle(
        bundle_id,
        BundleKind(kind),
        parts,
        told("min_parts") or (USUAL_MIX if kind == BundleKind.MIX else most),
        {"": told("title") or bundle_id, **msgspec.json.decode(told("titles") or "{}")},
        None if price is None else Money.from_micros(price, told("currency")),
        None if percent is None else Decimal(str(percent)),
        None if expires is None else EPOCH + timedelta(microseconds=expires),
        {"basis": "curated"},
    )


def _may_join(
    catalog: Catalog, pairs: Complements, can_be_part: Array, parted: Collection[tuple[int, int]],
    fitting: Collection[tuple[int, int]],
) -> Array:  # fmt: skip
    """Tell which relations may stand in one proposed set: never substitutes, what does not fit, or two of one need."""
    needs = _needs(catalog)
    places = np.flatnonzero(pairs.is_relation)
    may_join = np.zeros(len(pairs.first), dtype=bool)
    may_join[places] = [
        bool(can_be_part[a] and can_be_part[b])
        and catalog.currencies[a] == catalog.currencies[b]
        and (a, b) not in parted
        and (needs[a] is None or needs[a] != needs[b] or (a, b) in fitting)
        for a, b in zip(pairs.first[places].tolist(), pairs.second[places].tolist(), strict=True)
    ]
    return may_join


def _needs(catalog: Catalog) -> list[tuple[str, str] | None]:
    """Name what each product is for: the merchant's `need`, else its leaf category."""
    return [
        ("need", str(need)) if (need := attributes.get("need")) else ("category", category) if category else None
        for attributes, category in zip(catalog.attributes, catalog.categories, strict=True)
    ]


def _related(catalog: Catalog, pairs: Complements) -> frozenset[tuple[str, str]]:
    """Collect the categories, in sorted order, that have a relation between them."""
    chosen = zip(pairs.first[pairs.is_relation].tolist(), pairs.second[pairs.is_relation].tolist(), strict=True)
    both = ((catalog.categories[a], catalog.categories[b]) for a, b in chosen)
    return frozenset((min(a, b), max(a, b)) for a, b in both if a is not None and b is not None)
