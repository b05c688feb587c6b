"""One learning run: facts → baskets → typed relations and ranking → check on a later slice → a snapshot to publish."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.domain.estimate import NotEstimable
from crosslift.errors import QualityGate
from crosslift.learn import completion, evaluate, orders_say, relations, why_not
from crosslift.learn.baskets import Baskets, from_lines
from crosslift.learn.catalog import Catalog, catalog_of
from crosslift.learn.columns import columns_of
from crosslift.learn.completion import Completion
from crosslift.learn.material import Material
from crosslift.learn.products import complements
from crosslift.learn.products.by_chance import Chance
from crosslift.learn.products.complements import STRENGTHS, Complements
from crosslift.learn.products.own_list import has_own_lists
from crosslift.learn.products.safe import find_safe
from crosslift.learn.products.worth import item_worth
from crosslift.learn.relations import Typed
from crosslift.settings import Settings
from crosslift.stats.calibrate import Steps, expected_calibration_error, fit_isotonic

DAY = 86_400_000_000
STEPS = 6
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Learned:
    """Everything one run found.

    Attributes
    ----------
    arrays, texts : mapping
        Columns and texts of the snapshot.
    report : dict
        What people read.
    dues : pa.Table
        Refills and services that single people will need: they stay with the records, a snapshot holds no people.
    """

    as_of: int
    arrays: Mapping[str, npt.NDArray[Any]]
    texts: Mapping[str, Any]
    report: dict[str, Any]
    table: "evaluate.Table | NotEstimable"
    dues: pa.Table


def learn(
    material: Material, settings: Settings, facts: Mapping[str, Any], progress: Progress, cache: Path | None = None
) -> Learned:
    """Learn from everything a shop has.

    Parameters
    ----------
    material : Material
        Cleaned order lines, catalog, behavior, holdings, and what the merchant wrote down.
    facts : mapping
        has_consents, has_views.
    cache : Path, optional
        Where pair counts are kept from run to run, so that only changed days are counted again.

    Raises
    ------
    QualityGate
        If there is no order of two products, no customer who came back, no holding to learn from, and no list of the shop's own.
    """
    progress("baskets", 0, STEPS)
    sold = from_lines(material.lines)
    has_baskets = sold.n_baskets > 0 and int(sold.sizes.max()) >= 2
    has_more = material.subscriptions.num_rows > 0 or has_own_lists(material.products)
    if not has_baskets and not has_more and not _comes_back(sold):
        raise QualityGate(
            "no order holds two products and nobody came back for another, so nothing goes with anything yet; collect more "
            "orders"
        )
    catalog = catalog_of([*sold.products, *_held(material)], material.products)
    baskets = sold.among(catalog.products)
    progress("pairs", 1, STEPS)
    counted, pairs = complements.count(baskets, settings, cache)
    if has_baskets and len(pairs.first) == 0:
        raise QualityGate(
            f"every order of several products holds more than learn.max_basket_items = "
            f"{settings['learn.max_basket_items']}, so no pair is counted; raise it if such orders are ordinary here"
        )
    by_chance = Chance(counted, settings)
    found = complements.find_complements(
        counted, pairs, settings, catalog.categories, material, expected_of=by_chance.expected
    )
    as_of = _newest(baskets, material)
    progress("relations", 2, STEPS)
    typed = relations.find_typed(material, catalog, baskets, counted, pairs, found, by_chance.expected, settings, as_of)
    progress("ranking", 3, STEPS)
    ranker = completion.fit(counted, pairs, settings)
    progress("check", 4, STEPS)
    table, steps, ece = _check(sold, settings, progress)
    progress("summary", 5, STEPS)
    currencies = {c for c in material.lines.column("currency").unique().to_pylist() if c}
    missing = {
        **facts,
        "n_without_cost": int(np.isnan(catalog.costs).sum()),
        "n_without_stock": int(np.isnan(catalog.stock).sum()),
        "p_is_estimable": steps is not None,
    }
    report = _report(counted, found, typed, ranker, table, ece, as_of)
    report["p_threshold"] = why_not.p_threshold(found, settings)
    report["orders_say"] = orders_say.summarize(
        counted, found, catalog.rows, currencies.pop() if len(currencies) == 1 else None, missing
    )
    arrays, texts = columns_of(typed.links, catalog.n_items)
    arrays["costs"] = catalog.costs
    arrays["is_safe"] = find_safe(catalog)
    arrays |= item_worth(catalog, baskets, material.lines, material.returns, material.cases, as_of).arrays()
    arrays |= _arrays(counted, found, typed, ranker, steps, as_of, settings)
    progress("done", STEPS, STEPS)
    return Learned(as_of, arrays, {**texts, **_texts(catalog, typed, settings)}, report, table, typed.dues)


def _comes_back(baskets: Baskets) -> bool:
    """Tell whether a known customer ordered more than once: then sequences and refills can be learned."""
    customers = baskets.customers[baskets.known]
    return len(np.unique(customers)) < len(customers)


def _held(material: Material) -> set[str]:
    """Name the products of contracts: they have a place in the snapshot though no basket holds them."""
    return {name for name in material.subscriptions.column("product_id").unique().to_pylist() if name}


def _newest(baskets: Baskets, material: Material) -> int:
    """Give the instant everything counts from: the newest fact, never the wall clock (DESIGN 2b.13)."""
    newest = [int(baskets.at.max())] if baskets.n_baskets else []
    for table, column in (
        (material.views, "at"), (material.searches, "at"), (material.reads, "at"), (material.usage, "at"),
        (material.subscriptions, "started_at"),
    ):  # fmt: skip
        instants = table.column(column).drop_null()
        newest += [int(np.asarray(instants, dtype=np.int64).max())] if len(instants) and not baskets.n_baskets else []
    return max(newest, default=0)


def _check(
    baskets: Baskets, settings: Settings, progress: Progress
) -> tuple[evaluate.Table | NotEstimable, Steps | None, float | None]:
    """Replay the newest slice; calibrate `p_basket` on one half of its queries, report the error on the other."""
    part = evaluate.cut_slice(baskets, settings)
    if isinstance(part, NotEstimable):
        return part, None, None
    table, scores, hits = evaluate.compare(part, settings, progress)
    half = np.arange(len(scores)) % 2 == 0
    trial = fit_isotonic(scores[half], hits[half])
    ece = float(expected_calibration_error(trial.predict(scores[~half]), hits[~half])) if trial else None
    return table, fit_isotonic(scores, hits), ece


def _texts(catalog: Catalog, typed: Typed, settings: Settings) -> dict[str, Any]:
    return {
        "products": list(catalog.products),
        "titles": list(catalog.titles),
        "categories": list(catalog.categories),
        "currencies": list(catalog.currencies),
        "consumable": [item for item in range(catalog.n_items) if catalog.is_consumable(item)],
        "strengths": list(STRENGTHS),
        "min_margin": settings["bundles.min_margin"],
        "return_cost_share": settings["profile.return_cost_share"],
        **typed.texts(catalog),
    }


def _arrays(
    counted: Baskets, found: Complements, typed: Typed, ranker: Completion, steps: Steps | None, as_of: int,
    settings: Settings,
) -> dict[str, npt.NDArray[Any]]:  # fmt: skip
    """Columns of the snapshot. Edges of the relation graph point both ways, best first, at one row of evidence."""
    places = np.flatnonzero(found.is_relation)
    anchor = np.concatenate([found.first[places], found.second[places]])
    other = np.concatenate([found.second[places], found.first[places]])
    row = np.concatenate([np.arange(len(places)), np.arange(len(places))])
    order = np.lexsort((other, -found.lift_low[places][row], anchor))
    window = counted.take(counted.at > as_of - settings["learn.bestseller_days"] * DAY)
    recent = window.item_counts()
    best = np.lexsort((np.arange(len(recent)), -recent))
    pairs = {
        name: getattr(found, name)[places]
        for name in (
            "first", "second", "n_both", "n_customers", "expected", "lift", "lift_low", "lift_high", "q_value", "npmi",
            "llr", "strength", "n_effective", "weight", "n_returned_together", "shrunk_lift",
        )
    }  # fmt: skip
    return {
        "item_counts": found.item_counts,
        "n_baskets": np.array([found.n_baskets], dtype=np.int64),
        "as_of": np.array([as_of], dtype=np.int64),
        "window_days": np.array([settings["learn.bestseller_days"]], dtype=np.int64),
        "edge_offsets": np.searchsorted(anchor[order], np.arange(counted.n_items + 1)).astype(np.int64),
        "edge_ids": other[order].astype(np.int32),
        "edge_pairs": row[order].astype(np.int32),
        **{f"pair_{name}": column for name, column in pairs.items()},
        "pair_months": typed.conditions.months,
        "neighbor_offsets": ranker.neighbors.offsets,
        "neighbor_ids": ranker.neighbors.ids,
        "neighbor_scores": ranker.neighbors.scores,
        "neighbor_n_both": ranker.n_both,
        "bestsellers": best[recent[best] > 0][:200].astype(np.int32),
        "recent_counts": recent,
        "calibration_x": steps.x if steps else np.zeros(0),
        "calibration_y": steps.y if steps else np.zeros(0),
        "is_slow": typed.slow.is_slow,
        "best_before": typed.slow.best_before.astype(np.int32),
        "group_of": typed.groups.group_of.astype(np.int32),
    }


def _report(
    counted: Baskets, found: Complements, typed: Typed, ranker: Completion, table: evaluate.Table | NotEstimable,
    ece: float | None, as_of: int,
) -> dict[str, Any]:  # fmt: skip
    together = np.concatenate([found.first[found.is_relation], found.second[found.is_relation]])
    report: dict[str, Any] = {
        "as_of": as_of,
        "n_orders": counted.n_baskets,
        "n_products": int((counted.item_counts() > 0).sum()),
        "n_catalog": counted.n_items,
        "kappa": round(found.kappa, 4),
        "n_pairs_tested": found.n_tests,
        "n_pairs_seen": len(found.first),
        "n_relations": found.n_relations,
        "n_products_with_relation": len(np.unique(together)),
        "kinds": {"complement": found.n_relations, **{links.kind: len(links) for links in typed.links}},
        "ranking_model": ranker.model,
        "calibration_error": ece,
    }
    if isinstance(table, NotEstimable):
        report["offline"] = {"not_estimable": table.why}
    else:
        report["offline"] = {
            "cut": table.cut, "n_train": table.n_train, "n_queries": table.n_queries, "rows": table.rows,
        }  # fmt: skip
    return report
