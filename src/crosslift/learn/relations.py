"""Every kind of relation beside complements, found in one pass over the same material and handed on as links."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.bundle import Bundle, plain
from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.material import Material
from crosslift.learn.products import (
    apart,
    bundles,
    coldstart,
    compatibility,
    conditions,
    contents,
    dues,
    groups,
    holdings,
    own_list,
    refills,
    searches,
    sequences,
    slow,
    substitutes,
    upgrades,
)  # fmt: skip
from crosslift.learn.products.complements import Complements
from crosslift.learn.products.conditions import Conditions
from crosslift.learn.products.groups import Groups
from crosslift.learn.products.links import Links
from crosslift.learn.products.slow import SlowStock
from crosslift.settings import Settings
from crosslift.stats.pairs import PairCounts

Expected = Callable[[npt.NDArray[np.int32], npt.NDArray[np.int32]], npt.NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was found beside complements.

    Attributes
    ----------
    links : tuple of Links
        One a kind; kinds without any link are there and empty.
    proposals : mapping
        What wants a person's eye before it counts: category pairs never together, learned fit rules, refused bundles.
    dues : pa.Table
        Refills and services that single people will need.
    """

    links: tuple[Links, ...]
    conditions: Conditions
    slow: SlowStock
    groups: Groups
    bundles: tuple[Bundle, ...]
    proposals: Mapping[str, Any]
    dues: pa.Table

    def of(self, kind: str) -> Links:
        """Give the links of a kind."""
        return next(links for links in self.links if links.kind == kind)

    def texts(self, catalog: Catalog) -> dict[str, Any]:
        """Give what a snapshot keeps beside arrays."""
        return {
            "groups": list(self.groups.names),
            "bundles": [plain(bundle) for bundle in self.bundles],
            "proposals": dict(self.proposals),
            "pair_markets": list(self.conditions.markets),
            "markets": list(self.conditions.names),
        }


def find_typed(
    material: Material, catalog: Catalog, baskets: Baskets, counted: Baskets, pairs: PairCounts, found: Complements,
    expected: Expected, settings: Settings, as_of: int,
) -> Typed:  # fmt: skip
    """Find every other kind.

    Parameters
    ----------
    baskets, counted : Baskets
        All baskets, and those of ordinary size whose pairs were counted; numbered by the catalog.
    pairs : PairCounts
        All counted pairs, related or not: substitutes and never-togethers are told by what is missing.
    found : Complements
        The tested pairs.
    expected : callable
        Baskets with both by chance, for any pairs.
    as_of : int
        The newest fact, microseconds UTC: every window counts from it.
    """
    views = among(material.views, catalog)
    inactive = _inactive(material.products)
    fit = compatibility.find_compatibility(catalog, counted, pairs, expected, material.links, settings)
    instead = substitutes.find_substitutes(catalog, counted, pairs, expected, views, settings, fit.rules)
    instead = _without(instead, _together(found))
    ups = upgrades.find_upgrades(catalog, counted, pairs, expected, views, settings, fit.rules, baskets)
    apart_products, apart_categories = apart.find_apart(counted, pairs, expected, catalog, settings, instead, fit.rules)
    companions = coldstart.find_category_companions(catalog, counted, settings, fit, _has_own(found, catalog.n_items))
    later = _in_time(material, baskets, catalog, settings, as_of)
    refill = refills.find_refills(baskets, catalog, settings, as_of, material.usage, material.links)
    held = holdings.find_owned_together(material.subscriptions, catalog, settings, as_of)
    sets = bundles.find_bundles(catalog, counted, found, material.bundles, fit, instead, settings, inactive)
    searched = searches.find_searched(material.searches, material.lines, views, catalog, settings)
    content = contents.find_content(
        material.reads, material.lines, material.links, catalog, found, fit.required, settings, as_of
    )
    first, second = found.first[found.is_relation], found.second[found.is_relation]
    holds = conditions.find_conditions(
        baskets, first, second, settings, conditions.markets_of(material.lines), found.expected[found.is_relation]
    )
    return Typed(
        (
            later, held, fit.required, fit.fits, fit.excludes, fit.included, ups, instead, apart_products, refill,
            coldstart.find_alike(catalog, settings), companions, searched, content,
            own_list.find_own_lists(catalog, material.products),
        ),
        holds,
        slow.find_slow(catalog, baskets, settings, as_of),
        groups.find_groups(catalog, *_edges(found)),
        sets.mined,
        {
            "apart_categories": [asdict(one) for one in apart_categories],
            "fit_rules": [asdict(rule) for rule in fit.rules],
            "refused_bundles": [asdict(refusal) for refusal in sets.refused],
        },
        dues.dues(material.lines, refill, catalog, settings, as_of, material.usage),
    )  # fmt: skip


def _in_time(material: Material, baskets: Baskets, catalog: Catalog, settings: Settings, as_of: int) -> Links:
    """Find what follows what, in orders and in what is held; a pair that both show keeps the surer evidence."""
    found = sequences.find_sequences(baskets, catalog, settings, as_of)
    if material.subscriptions.num_rows == 0:
        return found
    started = holdings.as_baskets(material.subscriptions, catalog)
    held = sequences.find_sequences(started, catalog, settings, as_of)
    return join([found, held])


def join(found: Sequence[Links]) -> Links:
    """Put links of one kind together, each pair once, with its best score."""
    kinds = [links for links in found if len(links)]
    if len(kinds) < 2:
        return kinds[0] if kinds else found[0]
    sources, targets, scores = (
        np.concatenate([getattr(links, name) for links in kinds]) for name in ("sources", "targets", "scores")
    )
    columns = {name: np.concatenate([links.columns[name] for links in kinds]) for name in kinds[0].columns}
    everything = Links(kinds[0].kind, sources, targets, scores, columns).in_order()
    keys = everything.sources.astype(np.int64) << 32 | everything.targets
    return everything.take(np.sort(np.unique(keys, return_index=True)[1]))


def _inactive(products: pa.Table) -> frozenset[str]:
    """Name the products that are not offered at present."""
    if "is_active" not in products.column_names:
        return frozenset()
    is_off = pc.equal(products.column("is_active"), False)
    return frozenset(products.filter(pc.fill_null(is_off, False)).column("product_id").to_pylist())


def among(table: pa.Table, catalog: Catalog) -> pa.Table:
    """Keep the rows whose product the catalog numbers."""
    names = pa.array(list(catalog.products), pa.string())
    return table.filter(pc.is_in(table.column("product_id"), value_set=names))


def _together(found: Complements) -> frozenset[tuple[int, int]]:
    """Give the pairs that go together, smaller item first."""
    related = found.is_relation
    return frozenset(zip(found.first[related].tolist(), found.second[related].tolist(), strict=True))


def _without(links: Links, pairs: frozenset[tuple[int, int]]) -> Links:
    """Take out links between pairs that are of another kind already: kinds are never mixed."""
    ends = zip(links.sources.tolist(), links.targets.tolist(), strict=True)
    return links.take(np.array([(min(a, b), max(a, b)) not in pairs for a, b in ends], dtype=np.bool_))


ENOUGH = 3
"""Complements of its own from which on a product needs no companions by category but new ones."""


def _has_own(found: Complements, n_items: int) -> npt.NDArray[np.bool_]:
    related = np.concatenate([found.first[found.is_relation], found.second[found.is_relation]])
    return np.asarray(np.bincount(related, minlength=n_items) >= ENOUGH)


def _edges(found: Complements) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Give the complement graph: both ends and a weight, how many times more often than chance, less the noise."""
    related = found.is_relation
    return found.first[related], found.second[related], np.log(np.maximum(found.lift_low[related], 1.0)) + 1e-9
