"""Why one product is, or is not, among the relations of another: what the merchant wrote, what else they are, what orders say.

The first reason is the one that holds first in `decide.curation.PRECEDENCE`; the others follow, so that nobody who lifts a
ban finds out afterwards that the pair was never bought.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from crosslift.decide.evidence import pair_evidence
from crosslift.decide.knowledge import LIVE_CODES, Knowledge
from crosslift.decide.overlay import Overlay
from crosslift.domain.link import ANYTHING, CATEGORY, LinkKind
from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import catalog_of
from crosslift.learn.products import holdings
from crosslift.learn.products.links import Links
from crosslift.learn.why_not import obstacles, weigh
from crosslift.settings import Settings
from crosslift.shop.relating import KINDS

Row = dict[str, Any]
STOPPING = ("excludes", "included")
AGAINST = (*STOPPING, "substitute", "apart", "upgrade")
"""Kinds that tell why two products are no companions; the first of them stop an offer even where orders speak for it."""
IN_WORDS = {
    "excludes": "{a} and {b} do not fit each other",
    "included": "{b} is in the box of {a} already",
    "substitute": "{b} is bought instead of {a}, not with it: a substitute",
    "apart": "{a} and {b} are hardly ever bought together, though both sell: proposed as never together",
    "upgrade": "{b} is a step up from {a}, not a companion",
}


def explain_pair(
    knowledge: Knowledge, overlay: Overlay, baskets: Baskets, curated: Sequence[Mapping[str, Any]], a: str, b: str,
    settings: Settings, threshold: float | None, now: int,
) -> Row:  # fmt: skip
    """Tell whether two products of the snapshot are complements, and all that stands against it.

    Parameters
    ----------
    overlay : Overlay
        What can be sold now.
    baskets : Baskets
        Of all cleaned order lines.
    curated : sequence of mapping
        Rows of the links table but those taken back; expired ones are told apart here.
    a, b : str
        The product in sight, and the one that is missed beside it.
    threshold : float or None
        Largest p-value that passed in the run of the snapshot.
    now : int
        Microseconds UTC.

    Returns
    -------
    dict
        is_related; why (the first reason, in words) and code; reasons (all of them); figures (what orders say; None where
        a product is unknown); relation (its evidence where there is one); other_kinds; curated.
    """
    written = [_written(link, now) for link in curated if _speaks_of(link, knowledge, a, b)]
    stopping = [link for link in written if link["action"] == "ban" or link["kind"] == LinkKind.APART]
    kinds = _other_kinds(knowledge, a, b)
    relation = _relation(knowledge, a, b)
    unknown = [name for name in (a, b) if name not in knowledge.index]
    weighed = None if unknown else weigh(baskets, a, b, settings)
    reasons = [_by_merchant(link) for link in stopping if link["state"] == "in force"]
    reasons += _by_kind(knowledge, kinds, STOPPING if relation else AGAINST)
    if unknown:
        reasons.append(_unknown(knowledge, unknown))
    elif relation is not None:
        reasons += _not_sold_now(knowledge, overlay, b)
    elif weighed is not None:
        reasons += [asdict(one) for one in obstacles(weighed, settings, threshold)] or [_not_learned_yet(knowledge)]
    first = reasons[0] if reasons else RELATED
    return {
        "a": a,
        "b": b,
        "a_title": _title(knowledge, a),
        "b_title": _title(knowledge, b),
        "snapshot_id": knowledge.snapshot_id,
        "is_related": relation is not None,
        "code": first["code"],
        "why": first["words"],
        "reasons": reasons + [_expired(link) for link in stopping if link["state"] == "expired"],
        "figures": None if weighed is None else {**asdict(weighed), "p_threshold": threshold},
        "relation": relation,
        "other_kinds": kinds,
        "curated": written,
    }


RELATED = {"code": "related", "words": "it is there: the two go together, with the evidence beside this"}


def _by_kind(knowledge: Knowledge, kinds: Sequence[Row], against: Sequence[str]) -> list[Row]:
    """Give the kinds that tell why two products are no companions."""
    found: dict[str, Row] = {}
    for kind in against:
        for row in kinds:
            if row["kind"] == kind and kind not in found:
                names = {"a": _title(knowledge, row["from"]), "b": _title(knowledge, row["to"])}
                found[kind] = {"code": kind, "words": IN_WORDS[kind].format(**names)}
    return list(found.values())


def _not_sold_now(knowledge: Knowledge, overlay: Overlay, name: str) -> list[Row]:
    code = LIVE_CODES[overlay.flags[knowledge.index[name]]]
    if code is None:
        return []
    words = f"the two go together, but {_title(knowledge, name)} is not offered now: {code.value.replace('_', ' ')}"
    return [{"code": code.value, "words": words}]


def _not_learned_yet(knowledge: Knowledge) -> Row:
    words = f"by the orders of now they go together; snapshot {knowledge.snapshot_id} is older: run `crosslift learn`"
    return {"code": "not_learned_yet", "words": words}


def _title(knowledge: Knowledge, name: str) -> str:
    item = knowledge.index.get(name)
    return name if item is None else str(knowledge.titles[item][""])


def _unknown(knowledge: Knowledge, names: Sequence[str]) -> Row:
    return {
        "code": "not_in_catalog",
        "words": f"{' and '.join(names)}: neither in the catalog nor in an order when snapshot {knowledge.snapshot_id} "
        "was learned; check the id, or learn again",
    }


def _relation(knowledge: Knowledge, a: str, b: str) -> Row | None:
    one, other = knowledge.index.get(a), knowledge.index.get(b)
    if one is None or other is None:
        return None
    for item, row in zip(*(column.tolist() for column in knowledge.edges_of(one)), strict=True):
        if item == other:
            return {**pair_evidence(knowledge, row, one), **knowledge.more_of_pair(row)}
    return None


def _other_kinds(knowledge: Knowledge, a: str, b: str) -> list[Row]:
    """Give the links of every other kind between the two, in either direction."""
    found = []
    for source, target in ((a, b), (b, a)):
        one, other = knowledge.index.get(source), knowledge.index.get(target)
        if one is None or other is None:
            continue
        for kind in KINDS[1:]:
            table = knowledge.links(kind)
            rows = [row for row in table.rows_of(one) if int(table.ids[row]) == other]
            found += [{"kind": kind, "from": source, "to": target, **table.evidence(row)} for row in rows]
    return found


def _speaks_of(link: Mapping[str, Any], knowledge: Knowledge, a: str, b: str) -> bool:
    """Tell whether a curated link means this pair; what is apart is so in both directions."""
    ends = [(a, b), (b, a)] if link["kind"] == LinkKind.APART else [(a, b)]
    return any(
        _means(link["from_id"], one, knowledge) and _means(link["to_id"], other, knowledge) for one, other in ends
    )


def _means(end: str, name: str, knowledge: Knowledge) -> bool:
    if end in (ANYTHING, name):
        return True
    item = knowledge.index.get(name)
    category = None if item is None else knowledge.category_names[item]
    if not end.startswith(CATEGORY) or category is None:
        return False
    return f"{category}/".startswith(end.removeprefix(CATEGORY).rstrip("/") + "/")


def _written(link: Mapping[str, Any], now: int) -> Row:
    """Show a curated link: who wrote it and why, until when it holds, whether it still does."""
    expires = link["expires_at"]
    state = "in force" if expires is None or now < expires else "expired"
    until = None if expires is None else datetime.fromtimestamp(expires / 1e6, UTC).date().isoformat()
    names = ("from_id", "to_id", "kind", "action", "reason", "author", "value", "market")
    return {**{name: link[name] for name in names}, "expires_on": until, "state": state}


def _by_merchant(link: Row) -> Row:
    code = "banned" if link["action"] == "ban" else "never_together"
    until = f" until {link['expires_on']}" if link["expires_on"] else ""
    where = f" in market {link['market']}" if link["market"] else ""
    return {"code": code, "words": f"{code.replace('_', ' ')}{where}{until}, written by {_signed(link)}"}


def _expired(link: Row) -> Row:
    what = "a ban" if link["action"] == "ban" else "a word on never together"
    return {"code": "expired", "words": f"{what} ended on {link['expires_on']}, written by {_signed(link)}"}


def _signed(link: Row) -> str:
    return f"{link['author'] or 'nobody named'}: {link['reason'] or 'no reason given'}"


def gaps(knowledge: Knowledge, subscriptions: pa.Table, products: pa.Table, a: str, b: str) -> pa.Table:
    """List who holds `a` and lacks `b`, by the evidence of the snapshot; see `learn.products.holdings.gaps`."""
    catalog = catalog_of(knowledge.products[: knowledge.n_products], products)
    held = [row for row in _other_kinds(knowledge, a, b) if row["kind"] == "held" and row["from"] == a]
    ends = [np.array([catalog.index[row[end]] for row in held], dtype=np.int32) for end in ("from", "to")]
    columns = {name: np.array([row[name] for row in held], dtype=np.float64) for name in ("lift", "q_value")}
    links = Links("held", ends[0], ends[1], np.ones(len(held)), columns)
    return holdings.gaps(subscriptions, links, catalog, a, b, as_of=knowledge.as_of)
