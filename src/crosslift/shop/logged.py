"""What the log of decisions says for the next snapshot: what was accepted where, what levers won, which variants do best."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crosslift.decide import record
from crosslift.domain.decision import Action
from crosslift.domain.policy import Policy
from crosslift.domain.variant import Drawn
from crosslift.stats.bandit import p_best
from crosslift.store.ports import Records

WINDOW_DAYS = 90
DAY = 86_400_000_000


def logged(records: Records, now: int, policies: Sequence[Policy] = ()) -> dict[str, Any]:
    """Count what was seen and accepted by placement and source, the share of offers each lever won, and what variants did.

    Parameters
    ----------
    now : int
        Microseconds UTC; decisions of the `WINDOW_DAYS` before are looked at.
    policies : sequence of Policy
        Those in force: the options of their sets are judged, also those nobody was shown yet.

    Returns
    -------
    dict
        `accepted`: placement to source to [seen, accepted]; `lever_shares`: lever id to share; `variants`: policy to set to
        option to [shown, accepted, P(best)]. Withheld decisions and purpose `evaluation` say nothing here. An offer counts
        as seen once, whoever says so how often; an acceptance is a response `accept`, and speaks for having been seen. Of
        variants decisions are counted that offered something and drew the option: a default that stood without a draw says
        nothing.
    """
    seen, taken = _responses(records, now)
    shown: Counter[tuple[str, str]] = Counter()
    accepted: Counter[tuple[str, str]] = Counter()
    n_offers, won = 0, Counter[str]()
    tried: Counter[tuple[_Option, bool]] = Counter()
    for decision_id, placement, body in _decisions(records, now):
        made = record.read_slim(body)
        offers = made["offers"]
        tried.update((option, decision_id in taken) for option in _drawn(made))
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
    return {
        "accepted": table,
        "lever_shares": {name: n / n_offers for name, n in sorted(won.items())},
        "variants": _tabulated(policies, tried),
    }


_Option = tuple[str, str, str]
"""Policy, set and option."""


def _drawn(made: Mapping[str, Any]) -> list[_Option]:
    """Name the options that chance drew for a decision that offered something."""
    if not made["offers"] and not made.get("sets"):
        return []
    every = [Drawn(row["set"], row["option"], row["probability"]) for row in made["variants"]]
    return [(made["policy"], one.set_id, one.option) for one in every if one.was_drawn]


def _tabulated(
    policies: Sequence[Policy], tried: Counter[tuple[_Option, bool]]
) -> dict[str, dict[str, dict[str, list[float]]]]:
    """Give counts and P(best) of each option of the sets in force, by Beta posteriors that begin even."""
    table: dict[str, dict[str, dict[str, list[float]]]] = {}
    for policy in policies:
        for one in policy.variants:
            keys = [(policy.name, one.set_id, option) for option in one.options]
            accepted = [tried[key, True] for key in keys]
            shown = [tried[key, False] + n for key, n in zip(keys, accepted, strict=True)]
            best = p_best(accepted, shown).round(9).tolist()
            rows = zip(one.options, shown, accepted, best, strict=True)
            table.setdefault(policy.name, {})[one.set_id] = {option: [n, k, p] for option, n, k, p in rows}
    return table


def _decisions(records: Records, now: int) -> Iterator[tuple[str, str, bytes]]:
    """Read decisions of the window by their instants, so that no more than a day of them is held at once."""
    columns = ("decision_id", "placement", "body")
    where = "at >= ? and at < ? and not is_withheld and purpose <> 'evaluation'"
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


def accepted_value(records: Records, now: int) -> dict[str, int]:
    """Add up what was accepted in the last `WINDOW_DAYS`, at the prices shown: micros by currency.

    Attributed, not incremental: part of it would have been bought anyway.
    """
    _, taken = _responses(records, now)
    value: Counter[str] = Counter()
    for decision_id, _, body in _decisions(records, now):
        if decision_id in taken:
            for offer in record.read_slim(body)["offers"]:
                if offer["price_micros"] is not None and _is_in(taken, decision_id, offer["product"]):
                    value[offer["currency"]] += offer["price_micros"]
    return dict(value)
