"""Two snapshots beside each other: which relations came and went, how much stayed, which new ones want a person's eye."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from crosslift.decide.evidence import pair_evidence
from crosslift.decide.knowledge import Knowledge
from crosslift.shop.relating import KINDS, Row, named, sources_of

SURE = ("clear", "strong")
"""Strengths of a new relation that a person is asked to look at."""


def changes(old: Knowledge, new: Knowledge) -> list[Row]:
    """Give the relations that came and went between two snapshots, by kind, with the evidence they had."""
    rows = []
    for kind in KINDS:
        before, after = _ends(old, kind), _ends(new, kind)
        for ends in sorted(after.keys() - before.keys()):
            rows.append(_change(new, kind, "in", ends, after[ends]))
        for ends in sorted(before.keys() - after.keys()):
            rows.append(_change(old, kind, "out", ends, before[ends]))
    return rows


def _change(knowledge: Knowledge, kind: str, change: str, ends: tuple[str, str], row: int) -> Row:
    item, other = (knowledge.index[name] for name in ends)
    if kind == "complement":
        evidence: Mapping[str, Any] = pair_evidence(knowledge, row, item)
    else:
        evidence = knowledge.links(kind).evidence(row)
    return {"change": change, **named(knowledge, kind, item, other), "evidence": dict(evidence)}


def _ends(knowledge: Knowledge, kind: str) -> dict[tuple[str, str], int]:
    """Give the relations of a kind by their products' ids; complements once, not in both directions."""
    names = knowledge.products
    if kind == "complement":
        return {
            (names[int(first)], names[int(second)]): row
            for row, (first, second) in enumerate(zip(knowledge.pair_first, knowledge.pair_second, strict=True))
        }
    table = knowledge.links(kind)
    sources = sources_of(knowledge, table)
    return {
        (names[one], names[other]): row
        for row, (one, other) in enumerate(zip(sources.tolist(), table.ids.tolist(), strict=True))
    }


def stability(old: Knowledge, new: Knowledge) -> list[Row]:
    """Tell how much of each kind stayed between two fits: shared over all (Jaccard), and how alike strengths ranked.

    `rank_correlation` is Spearman's, over the relations both have; None below three of them.
    """
    rows = []
    for kind in KINDS:
        before, after = _ends(old, kind), _ends(new, kind)
        shared = sorted(before.keys() & after.keys())
        n_all = len(before.keys() | after.keys())
        rows.append({
            "kind": kind,
            "before": len(before),
            "after": len(after),
            "shared": len(shared),
            "overlap": round(len(shared) / n_all, 4) if n_all else None,
            "rank_correlation": _rank_correlation(
                [_strength(old, kind, before[ends]) for ends in shared],
                [_strength(new, kind, after[ends]) for ends in shared],
            ),
        })  # fmt: skip
    return rows


def _strength(knowledge: Knowledge, kind: str, row: int) -> float:
    return float(knowledge.pair_lows[row] if kind == "complement" else knowledge.links(kind).scores[row])


def _rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    from scipy.stats import rankdata

    if len(one) < 3:
        return None
    ranks = rankdata(one), rankdata(other)
    spread = [float(rank.std()) for rank in ranks]
    if not all(spread):
        return None
    return round(float(np.corrcoef(*ranks)[0, 1]), 4)


def review_queue(old: Knowledge | None, new: Knowledge, judged: Iterable[tuple[str, str]]) -> list[Row]:
    """Give the strong new complements nobody has looked at, surest first; a curated link is a look.

    Parameters
    ----------
    old : Knowledge or None
        The snapshot before; without one everything sure is new.
    judged : iterable of (from_id, to_id)
        Pairs the merchant has spoken on.
    """
    before = _ends(old, "complement").keys() if old is not None else set()
    seen = {frozenset(ends) for ends in judged}
    rows = []
    for ends, row in _ends(new, "complement").items():
        if ends in before or frozenset(ends) in seen:
            continue
        item, other = (new.index[name] for name in ends)
        evidence = pair_evidence(new, row, item)
        if evidence["strength"] in SURE:
            rows.append({**named(new, "complement", item, other), **evidence})
    return sorted(rows, key=lambda row: (-row["lift_low"], row["from"], row["product"]))
