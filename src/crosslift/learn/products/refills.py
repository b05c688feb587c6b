"""What is bought again because it ran out, and what is due by a meter: refills and maintenance.

**Learned.** The gap between two purchases of one product by one customer is a repeat interval; the open gap since the
last purchase is censored. Many buy a product twice by chance and few live by it, so the rhythm is read from the gaps of
regulars, from their third purchase on where enough such gaps are known: what came before chose the people, what comes
after is not biased by the choice. Quartiles are of gaps (the product-limit estimator of recurrent gaps; Peña, Strawderman
& Hollander 2001); the interval of the median knows that gaps of one person resemble each other. A product is a refill
where enough gaps are known and either the catalog says that it is used up (attribute `consumable`), or it is bought in a
rhythm: the middle half of its gaps surely lies within a factor of 3, where purchases at random times spread over a factor
of 3 (in a short window) to 5. A mug that people who like mugs buy again is no refill.

**Written down.** A curated link of kind "refill" with a value such as "180 days" or "10000 km", or the attribute
`service_every` ({"value": 10000, "unit": "km", "product": "OIL-CHANGE"}), says how often; `dues` works out when.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.errors import BadInput, BadUsage
from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products import sequence_chance
from crosslift.learn.products.dues import dues
from crosslift.learn.products.links import Links
from crosslift.settings import Settings
from crosslift.stats.sequences import DAY, Visits
from crosslift.stats.survival import Quantiles, conditional_quantiles

__all__ = ["Gaps", "dues", "find_refills", "gaps_of", "parse_every"]

Ints = npt.NDArray[np.int64]

KIND = "refill"
COLUMNS = ("interval_median", "interval_q1", "interval_q3", "median_low", "median_high", "n_gaps", "n_customers")
WIDEST_RHYTHM = 3.0
"""Third over first quartile of the gaps, at most, of what nobody calls consumable (upper over lower bound)."""

REGULAR_FROM = 2
"""Gaps of a customer before those that tell the rhythm of regulars."""

DAYS_OF = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}


@dataclass(frozen=True, slots=True)
class Gaps:
    """Times between purchases of the same product by the same customer, product by product; shape (gaps,).

    `number` counts a customer's gaps from 0. The last gap of each customer is open: `is_event` is False and `days`
    counts to the newest fact.
    """

    item: Ints
    customer: Ints
    number: Ints
    days: npt.NDArray[np.float64]
    is_event: npt.NDArray[np.bool_]


def find_refills(
    baskets: Baskets, catalog: Catalog, settings: Settings, as_of: int, usage: pa.Table, curated: pa.Table
) -> Links:
    """Find what is bought again, and read what the merchant wrote down about it.

    Parameters
    ----------
    baskets : Baskets
        Orders; those of unknown customers are left out.
    catalog : Catalog
        Numbered as the baskets.
    as_of : int
        The newest fact, microseconds.
    usage : pa.Table
        Readings of meters; a link by a meter counts those who read it as its customers.
    curated : pa.Table
        Curated links of all kinds: from_id, to_id, kind, action, value, expires_at.

    Returns
    -------
    Links
        Kind "refill", from a product to what is due; the same product where it is bought again. Columns
        interval_median, interval_q1, interval_q3, median_low, median_high (days, nan where a meter decides), n_gaps
        (finished gaps the median is read from), n_customers (who bought it again, or read the meter). Texts unit,
        every, basis ("learned", "curated" or "attribute"). Of several for the same two products the merchant's word
        goes first.

    Raises
    ------
    BadInput
        A curated value that names no number and unit.
    BadUsage
        If baskets and catalog number their products differently.
    """
    if list(baskets.products) != list(catalog.products):
        raise BadUsage("baskets and catalog number their products differently; renumber the baskets first")
    rows: dict[tuple[int, int], dict[str, Any]] = {}
    for row in (
        *_written(curated, catalog, as_of),
        *_in_catalog(catalog),
        *_learned(baskets, catalog, settings, as_of),
    ):
        rows.setdefault((row["source"], row["target"]), row)
    found = [rows[key] for key in sorted(rows)]
    readers = _readers(usage)
    for row in found:
        row.setdefault("n_customers", len(readers.get((catalog.products[row["source"]], row["unit"]), ())))
    return Links(
        KIND,
        np.array([row["source"] for row in found], np.int32),
        np.array([row["target"] for row in found], np.int32),
        np.array([row.get("score", 1.0) for row in found], np.float64),
        {name: np.array([row.get(name, np.nan) for row in found], np.float64) for name in COLUMNS},
        [{name: row[name] for name in ("unit", "every", "basis")} for row in found],
    )


def gaps_of(visits: Visits, as_of: int) -> Gaps:
    """List the gaps of every product and customer; purchases of one day are one purchase."""
    customer_of = np.repeat(visits.customers.astype(np.int64), np.diff(visits.offsets))
    day_of = np.repeat(visits.at // DAY, np.diff(visits.offsets))
    order = np.lexsort((day_of, customer_of, visits.items))
    item, customer, day = visits.items[order].astype(np.int64), customer_of[order], day_of[order]
    same = np.append((np.diff(item) == 0) & (np.diff(customer) == 0), False)[: item.size]
    until = np.where(same, np.roll(day, -1), as_of // DAY)
    kept = ~same | (until > day)
    item, customer, days, same = item[kept], customer[kept], (until - day)[kept].astype(np.float64), same[kept]
    first = np.flatnonzero(np.append(True, ~same[:-1])[: item.size])
    number = np.arange(item.size) - np.repeat(first, np.diff(np.append(first, item.size)))
    return Gaps(item, customer, number, days, same)


def parse_every(value: str, where: str | None = None) -> tuple[float, str]:
    """Read how often: a number and a unit; weeks, months and years are given in days.

    Raises
    ------
    BadInput
        If there is no number above 0 or no unit.

    Examples
    --------
    >>> parse_every("10,000 km"), parse_every("6 weeks")
    ((10000.0, 'km'), (42.0, 'days'))
    """
    match = re.fullmatch(r"\s*(\d[\d,]*(?:\.\d+)?)\s*([^\W\d_].*?)\s*", value)
    if match is None or float(match[1].replace(",", "")) <= 0:
        raise BadInput(
            f"{value!r} is no interval; write a number and a unit, such as '180 days' or '10000 km'", where=where
        )
    return _in_days(float(match[1].replace(",", "")), match[2])


def _in_days(number: float, unit: str) -> tuple[float, str]:
    factor = DAYS_OF.get(unit.casefold().removesuffix("s"))
    return (number, unit) if factor is None else (number * factor, "days")


def _written(curated: pa.Table, catalog: Catalog, as_of: int) -> Iterator[dict[str, Any]]:
    """Read the curated links of kind refill that are in force."""
    index = catalog.index
    for link in curated.to_pylist():
        if link["kind"] != KIND or link["action"] == "ban" or (link["expires_at"] or as_of + 1) <= as_of:
            continue
        if link["from_id"] in index and link["to_id"] in index and link["value"]:
            where = f"curated link {link['from_id']} → {link['to_id']}"
            every, unit = parse_every(link["value"], where)
            yield _plan(index[link["from_id"]], index[link["to_id"]], every, unit, "curated")


def _in_catalog(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Read the attribute `service_every` where it says a value, a unit and a product that exists."""
    index = catalog.index
    for item, attributes in enumerate(catalog.attributes):
        plan = attributes.get("service_every")
        if not isinstance(plan, Mapping) or not isinstance(plan.get("value"), int | float) or not plan.get("unit"):
            continue
        target = plan.get("product", catalog.products[item])
        if plan["value"] > 0 and target in index:
            yield _plan(item, index[target], *_in_days(float(plan["value"]), str(plan["unit"])), "attribute")


def _plan(source: int, target: int, every: float, unit: str, basis: str) -> dict[str, Any]:
    row = {"source": source, "target": target, "every": every, "unit": unit, "basis": basis, "n_gaps": 0}
    return row | ({"interval_median": every} if unit == "days" else {})


def _learned(baskets: Baskets, catalog: Catalog, settings: Settings, as_of: int) -> Iterator[dict[str, Any]]:
    """Give the products that are bought again in earnest, with their interval."""
    visits = sequence_chance.visits_of(baskets, settings, as_of)
    horizon = float(settings["learn.sequence_days"])
    gaps = gaps_of(visits, as_of)
    inside = gaps.is_event & (gaps.days <= horizon)
    n_gaps = np.bincount(gaps.item[inside], minlength=catalog.n_items)
    repeaters = np.unique(np.stack([gaps.item[inside], gaps.customer[inside]]), axis=1)[0]
    n_customers = np.bincount(repeaters, minlength=catalog.n_items)
    enough = (n_gaps >= settings["learn.min_gaps"]) & (n_customers >= settings["learn.min_customers"])
    bounds = np.searchsorted(gaps.item, np.arange(catalog.n_items + 1))
    for item in np.flatnonzero(enough).tolist():
        is_consumable = catalog.is_consumable(item)
        if not is_consumable and "consumable" in catalog.attributes[item]:
            continue
        part = np.arange(bounds[item], bounds[item + 1])
        share = n_customers[item] / np.unique(gaps.customer[part]).size
        regular = part[gaps.number[part] >= REGULAR_FROM]
        if _is_enough(gaps.customer[regular][inside[regular]], settings):
            part = regular
        interval = conditional_quantiles(gaps.days[part], gaps.is_event[part], horizon, clusters=gaps.customer[part])
        if is_consumable or interval.high[2] <= WIDEST_RHYTHM * interval.low[0]:
            yield _interval_row(item, interval, int(inside[part].sum()), int(n_customers[item]), float(share))


def _is_enough(customers: Ints, settings: Settings) -> bool:
    """Tell whether gaps are many enough and of enough people."""
    return bool(
        customers.size >= settings["learn.min_gaps"] and np.unique(customers).size >= settings["learn.min_customers"]
    )


def _interval_row(item: int, interval: Quantiles, n_gaps: int, n_customers: int, share: float) -> dict[str, Any]:
    q1, median, q3 = interval.values.tolist()
    return {
        "source": item, "target": item, "unit": "days", "every": round(median, 1), "basis": "learned", "score": share,
        "interval_median": median, "interval_q1": q1, "interval_q3": q3, "median_low": float(interval.low[1]),
        "median_high": float(interval.high[1]), "n_gaps": n_gaps, "n_customers": n_customers,
    }  # fmt: skip


def _readers(usage: pa.Table) -> dict[tuple[str, str], set[str]]:
    """Name who read a meter of each product, by unit."""
    readers: dict[tuple[str, str], set[str]] = {}
    for row in usage.select(["product_id", "unit", "customer_id"]).to_pylist():
        readers.setdefault((row["product_id"], row["unit"]), set()).add(row["customer_id"])
    return readers
