"""What the log of decisions says for the next snapshot: which sources were accepted where, and what levers won."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from crosslift.decide import record
from crosslift.domain.decision import Action
from crosslift.store.ports import Records

WINDOW_DAYS = 90
DAY = 86_400_000_000


def logged(records: Records, now: int) -> dict[str, Any]:
    """Count what was seen and accepted by placement and source, and the share of offers each lever won.

    Parameters
    ----------
    now : int
        Microseconds UTC; decisions of the `WINDOW_DAYS` before are looked at.

    Returns
    -------
    dict
        `accepted`: placement to source to [seen, accepted]; `lever_shares`: lever id to share. Withheld decisions and
        purpose `evaluation` say nothing here. An offer counts as seen once, whoever says so how often; an acceptance is
        a response `accept`, and speaks for having been seen.
    """
    seen, taken = _responses(records, now)
    shown: Counter[tuple[str, str]] = Counter()
    accepted: Counter[tuple[str, str]] = Counter()
    n_offers, won = 0, Counter[str]()
    for decision_id, placement, body in _decisions(records, now):
        offers = record.read_slim(body)["offers"]
        n_offers += len(offers)
        for offer in offers:
            won.update(name for name in (offer.get("lever") or "").split(",") if name)
            if _is_in(taken, decision_id, offer["product"]):
                accepted[placement, offer["kind"]] += 1
                shown[placement, offer["kind"]] += 1
            elif _is_in(seen, decision_id, offer["product"]):
                shown[placement, offer["kind"]] += 1
    table: dict[str, dict[str, list[int]]] = {}
    for (placement, kind), n in sorted(shown.items()):
        table.setdefault(placement, {})[kind] = [n, accepted[placement, kind]]
    return {"accepted": table, "lever_shares": {name: n / n_offers for name, n in sorted(won.items())}}


def _decisions(records: Records, now: int) -> Iterator[tuple[str, str, bytes]]:
    """Read decisions of the window by their instants, so that no more than a day of them is held at once."""
    columns = ("decision_id", "placement", "body")
    where = "at >= ? and at < ? and is_withheld = 0 and purpose <> 'evaluation'"
    for day in range(WINDOW_DAYS, -1, -1):
        begin = now - day * DAY
        rows = records.table("decisions", columns, where, (begin, begin + DAY))
        yield from zip(*(rows.column(name).to_pylist() for name in columns), strict=True)


def _responses(records: Records, now: int) -> tuple[dict[str, set[str | None]], dict[str, set[str | None]]]:
    """Give the products seen and accepted by decision; None stands for every offer of it."""
    since = (now - WINDOW_DAYS * DAY,)
    seen: dict[str, set[str | None]] = {}
    taken: dict[str, set[str | None]] = {}
    for table, where, into in (
        ("exposures", "at >= ?", seen),
        ("responses", f"at >= ? and action = '{Action.ACCEPT.value}'", taken),
    ):
        rows = records.table(table, ("decision_id", "product_id"), where, since)
        for decision_id, product in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            into.setdefault(decision_id, set()).add(product)
    return seen, taken


def _is_in(among: dict[str, set[str | None]], decision_id: str, product: str) -> bool:
    products = among.get(decision_id)
    return products is not None and (product in products or None in products)
