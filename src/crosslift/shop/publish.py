"""From learned to in force: compare with the published snapshot, then publish or refuse."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import structlog

from crosslift.domain.estimate import NotEstimable
from crosslift.errors import QualityGate, UnknownFormat
from crosslift.learn import evaluate
from crosslift.learn.run import Learned
from crosslift.settings import VERSION, Settings
from crosslift.store import snapshot as snapshots
from crosslift.store.ports import Records

log = structlog.get_logger()


def publish(
    learned: Learned, records: Records, folder: Path, settings: Settings, now: datetime, *, force: bool
) -> dict[str, Any]:
    """Write the snapshot and point at it, unless it is worse than the published one.

    Raises
    ------
    QualityGate
        If the paired 95 % interval of the NDCG difference on the same slice lies below 0 and `force` is not given.
    """
    report = dict(learned.report)
    verdict = _against_published(learned, folder)
    report["against_published"] = verdict
    snapshot_id = _free_id({*snapshots.listed(folder), *(r["snapshot_id"] for r in records.snapshots())}, now)
    is_worse = isinstance(verdict, dict) and verdict["high"] < 0
    state = "refused" if is_worse and not force else "published"
    row: dict[str, Any] = {
        "snapshot_id": snapshot_id,
        "created_at": int(now.timestamp() * 1_000_000),
        "as_of": learned.as_of,
        "engine_version": VERSION,
        "manifest_hash": "",
        "ndcg": _ndcg(learned),
        "state": state,
        "report": msgspec.json.encode(report, order="sorted").decode(),
    }
    if state == "refused":
        records.save_snapshot(row)
        assert isinstance(verdict, dict)  # noqa: S101 - only a comparison refuses
        raise QualityGate(
            f"the new snapshot completes later baskets worse than the published one (NDCG@10 difference "
            f"{verdict['difference']:.4f}, 95 % interval {verdict['low']:.4f} to {verdict['high']:.4f}); "
            "the published one stays; look at what was collected, or use --force"
        )
    about = {"as_of": learned.as_of, "engine_version": VERSION, "settings": settings.as_dict()}
    texts = {**learned.texts, "report": report, "check": _check_of(learned)}
    row["manifest_hash"] = snapshots.publish(folder, snapshot_id, learned.arrays, texts, about)
    records.save_snapshot(row)
    log.info(
        "snapshot_published",
        snapshot_id=snapshot_id,
        relations=report["n_relations"],
        products=report["n_products"],
    )
    return {"snapshot_id": snapshot_id, **report}


def _free_id(taken: set[str], now: datetime) -> str:
    """Name a snapshot by its instant, or by the next microsecond that no other took (a clock may stand still)."""
    while (name := f"{now:%Y%m%dT%H%M%S}-{now.microsecond:06d}") in taken:
        now += timedelta(microseconds=1)
    return name


def _ndcg(learned: Learned) -> float | None:
    if isinstance(learned.table, NotEstimable):
        return None
    return float(learned.table.ndcg[evaluate.OURS].mean())


def _check_of(learned: Learned) -> dict[str, Any]:
    """Keep our per-query results, so that the next snapshot can be compared query by query."""
    if isinstance(learned.table, NotEstimable):
        return {}
    return {
        "cut": learned.table.cut,
        "ndcg": _kept(learned.table).tolist(),
        "queries": learned.table.queries,
    }


def _kept(table: evaluate.Table) -> evaluate.Floats:
    return np.round(table.ndcg[evaluate.OURS], 6)


def _against_published(learned: Learned, folder: Path) -> dict[str, float] | str:
    """Compare on the queries both were asked, each without having seen their answers."""
    name = snapshots.current_id(folder)
    if name is None:
        return "the first snapshot is always published"
    if isinstance(learned.table, NotEstimable):
        return f"not estimable: {learned.table.why}"
    try:
        before = snapshots.load(folder, name).texts.get("check") or {}
    except UnknownFormat as error:
        return f"not estimable: {error}"
    old = dict(zip(before.get("queries", []), before.get("ndcg", []), strict=True))
    shared = [i for i, query in enumerate(learned.table.queries) if query in old]
    if len(shared) < evaluate.MIN_QUERIES:
        return f"not estimable: {len(shared)} queries in common with the published snapshot's slice"
    ours = _kept(learned.table)  # rounded like the published ones, or the same data could come out as worse
    difference = ours[shared] - np.array([old[learned.table.queries[i]] for i in shared])
    found = evaluate.paired(difference, learned.table.customers[shared])
    if isinstance(found, NotEstimable):
        return f"not estimable: {found.why}"
    mean, low, high = found
    return {"difference": mean, "low": low, "high": high, "queries": len(shared)}
