"""Small shops together: what offers earned on average over all of them, and in each once it is drawn to the others."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from crosslift.errors import BadUsage
from crosslift.stats.strata import random_effects, shrunk

Row = dict[str, Any]
FEWEST = 2


def pooled(results: Mapping[str, Row]) -> Row:
    """Pool what the holdouts of several shops show, relative to people without offers: currencies need not be the same.

    Parameters
    ----------
    results : mapping of str to dict
        By shop what `Earned.holdout` gives.

    Returns
    -------
    dict
        outcome; `shops`, a row for each that can be judged: shop, n, `alone` and `drawn` towards all; `left_out`, why, by shop;
        `value`, `low`, `high` of all and `spread` between shops, or `not_estimable`. Bounds are as many deviations wide as the
        widest judgement among them asks, so that they hold at any look where that does.

    Raises
    ------
    BadUsage
        If fewer than two shops are named.
    """
    if len(results) < FEWEST:
        raise BadUsage("one shop alone cannot be pooled; name another one")
    outcome = "profit" if all(one.get("headline", "profit") == "profit" for one in results.values()) else "revenue"
    kept, left_out = dict[str, Row](), dict[str, str]()
    for name, one in results.items():
        rows = [row for row in one.get("compared", ()) if (row["outcome"], row["arm"]) == (outcome, "treated")]
        why = one.get("not_estimable") or (
            rows[0]["relative"].get("not_estimable") if rows else f"no {outcome} is known"
        )
        if why is None and rows[0]["relative"]["standard_error"] > 0:
            kept[name] = rows[0]
        else:
            left_out[name] = why or "nothing varies in it"
    told: Row = {"outcome": outcome, "left_out": left_out}
    if len(kept) < FEWEST:
        return {**told, "shops": [], "not_estimable": f"{len(kept)} shops can be judged, {FEWEST} needed"}
    relative = [one["relative"] for one in kept.values()]
    values, errors = (np.array([one[name] for one in relative]) for name in ("value", "standard_error"))
    wide = (np.array([one["high"] for one in relative]) - values) / errors
    drawn, deviations, _ = shrunk(values, errors)
    whole = random_effects(values, errors)
    shops = [
        {
            "shop": name, "n": one["n"] + one["n_control"],
            "alone": {key: one["relative"][key] for key in ("value", "low", "high")},
            "drawn": _bounds(value, deviation * factor),
        }
        for (name, one), value, deviation, factor in zip(kept.items(), drawn, deviations, wide, strict=True)
    ]  # fmt: skip
    return {**told, "shops": shops, "spread": whole.spread, **_bounds(whole.value, whole.standard_error * wide.max())}


def _bounds(value: float, reach: float) -> Row:
    return {"value": float(value), "low": float(value - reach), "high": float(value + reach)}
