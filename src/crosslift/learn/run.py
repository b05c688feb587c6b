"""One learning run: baskets → pairs → complements and ranking → check on a later slice → a snapshot to publish."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.domain.estimate import NotEstimable
from crosslift.errors import QualityGate
from crosslift.learn import completion, evaluate, orders_say
from crosslift.learn.baskets import Baskets, from_lines
from crosslift.learn.completion import Completion
from crosslift.learn.products import complements
from crosslift.learn.products.complements import STRENGTHS, Complements
from crosslift.settings import Settings
from crosslift.stats.calibrate import Steps, expected_calibration_error, fit_isotonic

DAY = 86_400_000_000
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Learned:
    """Everything one run found: columns and texts of the snapshot, and the report people read."""

    as_of: int
    arrays: Mapping[str, npt.NDArray[Any]]
    texts: Mapping[str, Any]
    report: dict[str, Any]
    table: "evaluate.Table | NotEstimable"


def learn(
    lines: pa.Table, products: pa.Table, settings: Settings, facts: Mapping[str, Any], progress: Progress
) -> Learned:
    """Learn from cleaned order lines.

    Parameters
    ----------
    lines : pa.Table
        What `cleaning` kept, variants mapped to their parents.
    products : pa.Table
        product_id, title, titles, category, attributes, price_micros, cost_micros, stock, currency, parent_id.
    facts : mapping
        has_consents, has_views.

    Raises
    ------
    QualityGate
        If no order that is counted holds two products.
    """
    progress("baskets", 0, 5)
    baskets = from_lines(lines)
    if baskets.n_baskets == 0 or int(baskets.sizes.max()) < 2:
        raise QualityGate("no order holds two products, so nothing goes with anything yet; collect more orders")
    progress("pairs", 1, 5)
    counted, pairs = complements.count(baskets, settings)
    if len(pairs.first) == 0:
        raise QualityGate(
            f"every order of several products holds more than learn.max_basket_items = "
            f"{settings['learn.max_basket_items']}, so no pair is counted; raise it if such orders are ordinary here"
        )
    found = complements.find_complements(counted, pairs, settings)
    progress("ranking", 2, 5)
    ranker = completion.fit(counted, pairs, settings)
    progress("check", 3, 5)
    table, steps, ece = _check(baskets, settings, progress)
    progress("summary", 4, 5)
    catalog = _catalog(counted.products, products)
    currencies = {c for c in lines.column("currency").unique().to_pylist() if c}
    missing = {
        **facts,
        "n_without_cost": sum(c["cost"] is None for c in catalog),
        "n_without_stock": sum(c["stock"] is None for c in catalog),
        "p_is_estimable": steps is not None,
    }
    as_of = int(baskets.at.max())
    report = _report(counted, found, ranker, table, ece, as_of)
    report["orders_say"] = orders_say.summarize(
        counted, found, catalog, currencies.pop() if len(currencies) == 1 else None, missing
    )
    arrays = _arrays(counted, found, ranker, steps, as_of, settings)
    progress("done", 5, 5)
    return Learned(as_of, arrays, _texts(counted, catalog), report, table)


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


def _catalog(names: list[str], products: pa.Table) -> list[dict[str, Any]]:
    known = {row["product_id"]: row for row in products.to_pylist()}
    rows = []
    for name in names:
        row = known.get(name, {})
        price, cost = row.get("price_micros"), row.get("cost_micros")
        rows.append({
            "title": row.get("title") or name,
            "titles": msgspec.json.decode(row.get("titles") or "{}"),
            "category": row.get("category"),
            "price": price / 1e6 if price is not None else None,
            "cost": cost / 1e6 if cost is not None else None,
            "currency": row.get("currency"),
            "stock": row.get("stock"),
            "is_consumable": bool(msgspec.json.decode(row.get("attributes") or "{}").get("consumable")),
        })  # fmt: skip
    return rows


def _texts(counted: Baskets, catalog: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "products": counted.products,
        "titles": [{"": c["title"], **c["titles"]} for c in catalog],
        "categories": [c["category"] for c in catalog],
        "consumable": [i for i, c in enumerate(catalog) if c["is_consumable"]],
        "strengths": list(STRENGTHS),
    }


def _arrays(
    counted: Baskets,
    found: Complements,
    ranker: Completion,
    steps: Steps | None,
    as_of: int,
    settings: Settings,
) -> dict[str, npt.NDArray[Any]]:
    """Columns of the snapshot. Edges of the relation graph point both ways, best first, at one row of evidence."""
    places = np.flatnonzero(found.is_relation)
    anchor = np.concatenate([found.first[places], found.second[places]])
    other = np.concatenate([found.second[places], found.first[places]])
    row = np.concatenate([np.arange(len(places)), np.arange(len(places))])
    order = np.lexsort((other, -found.lift_low[places][row], anchor))
    window = counted.take(counted.at > as_of - settings["learn.bestseller_days"] * DAY)
    recent = window.item_counts()
    best = np.lexsort((np.arange(len(recent)), -recent))
    return {
        "item_counts": found.item_counts,
        "n_baskets": np.array([found.n_baskets], dtype=np.int64),
        "as_of": np.array([as_of], dtype=np.int64),
        "window_days": np.array([settings["learn.bestseller_days"]], dtype=np.int64),
        "edge_offsets": np.searchsorted(anchor[order], np.arange(counted.n_items + 1)).astype(np.int64),
        "edge_ids": other[order].astype(np.int32),
        "edge_pairs": row[order].astype(np.int32),
        "pair_first": found.first[places],
        "pair_second": found.second[places],
        "pair_n_both": found.n_both[places].astype(np.int32),
        "pair_n_customers": found.n_customers[places].astype(np.int32),
        "pair_expected": found.expected[places],
        "pair_lift": found.lift[places],
        "pair_lift_low": found.lift_low[places],
        "pair_lift_high": found.lift_high[places],
        "pair_q_value": found.q_value[places],
        "pair_npmi": found.npmi[places],
        "pair_llr": found.llr[places],
        "pair_strength": found.strength[places],
        "neighbor_offsets": ranker.neighbors.offsets,
        "neighbor_ids": ranker.neighbors.ids,
        "neighbor_scores": ranker.neighbors.scores,
        "neighbor_n_both": ranker.n_both,
        "bestsellers": best[recent[best] > 0][:200].astype(np.int32),
        "recent_counts": recent,
        "calibration_x": steps.x if steps else np.zeros(0),
        "calibration_y": steps.y if steps else np.zeros(0),
    }


def _report(
    counted: Baskets, found: Complements, ranker: Completion, table: evaluate.Table | NotEstimable, ece: float | None,
    as_of: int,
) -> dict[str, Any]:  # fmt: skip
    report: dict[str, Any] = {
        "as_of": as_of,
        "n_orders": counted.n_baskets,
        "n_products": counted.n_items,
        "kappa": round(found.kappa, 4),
        "n_pairs_tested": found.n_tests,
        "n_pairs_seen": len(found.first),
        "n_relations": found.n_relations,
        "n_products_with_relation": len(np.unique(np.concatenate([
            found.first[found.is_relation], found.second[found.is_relation]]))),
        "ranking_model": ranker.model,
        "calibration_error": ece,
    }  # fmt: skip
    if isinstance(table, NotEstimable):
        report["offline"] = {"not_estimable": table.why}
    else:
        report["offline"] = {
            "cut": table.cut, "n_train": table.n_train, "n_queries": table.n_queries, "rows": table.rows,
        }  # fmt: skip
    return report
