"""When a person runs out: one row a person and product, from their own rhythm, what the merchant wrote, or a meter.

**Own rhythm.** The logarithms of a person's gaps scatter around the person's level with variance σ², people's levels
around the product's with variance τ² (one-way analysis of variance over all people of the product, unbalanced). With n
gaps of mean logarithm ȳ the person's level is ``w·ȳ + (1 − w)·μ``, ``w = n·τ²/(n·τ² + σ²)``, μ the logarithm of the
product's median interval (normal-normal shrinkage; Gelman et al., Bayesian Data Analysis, 5.4). Who bought once gets the
product's interval, who has a long history gets their own. Gaps over three intervals are pauses, not rhythm.

**Quantity.** Two packs need not last twice as long: people who buy two often use two. So each product is asked: the
slope b of the logarithm of the gap over that of the quantity, within people, is used where it is surely above 0 (95 %),
at most 1; a purchase of q packs then lasts q^b intervals of one pack. Otherwise b = 0.

**Lapsed.** Who bought last more than three of their intervals ago is not running out; they left. No due.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import stdtrit

from crosslift.learn.catalog import Catalog
from crosslift.learn.products.links import Links
from crosslift.learn.products.meters import Meter
from crosslift.settings import Settings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAY = 86_400_000_000
LAPSE = 3.0
"""Intervals without a purchase after which a person has left, and a gap is a pause."""

SCHEMA = pa.schema(
    [
        ("identity", pa.string()), ("product_id", pa.string()), ("due_at", pa.int64()), ("interval_days", pa.float64()),
        ("last_at", pa.int64()), ("n_gaps", pa.int64()), ("basis", pa.string()),
    ]
)  # fmt: skip
WORD_OF = {"meter": 0, "curated": 1, "attribute": 2, "learned": 3}


def dues(lines: pa.Table, links: Links, catalog: Catalog, settings: Settings, as_of: int, usage: pa.Table) -> pa.Table:
    """Work out who runs out of what when.

    Parameters
    ----------
    lines : pa.Table
        Cleaned order lines: customer_id, product_id, ordered_at, quantity.
    links : Links
        What `refills.find_refills` found.
    catalog : Catalog
        What the links number.
    settings : Settings
        `learn.sequence_days` bounds the gaps that are looked at.
    as_of : int
        The newest fact, microseconds; later lines and readings are not looked at.
    usage : pa.Table
        Readings of meters: customer_id, product_id, meter, value, unit, at.

    Returns
    -------
    pa.Table
        identity (``customer:<id>``), product_id (what to buy), due_at (microseconds, past where overdue),
        interval_days, last_at (last purchase, null where a meter runs and none is known), n_gaps (own gaps that
        count), basis ("meter", "curated", "attribute", "learned"). One row a person and product: a meter goes before
        what is written, what is written before what is learned; sorted by identity and product.
    """
    bought = _Purchases.read(lines, catalog, as_of)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for place, text in enumerate(links.texts or ()):
        source, target = int(links.sources[place]), int(links.targets[place])
        if text["basis"] == "learned":
            found = _by_rhythm(bought.of(target), links.columns["interval_median"][place], settings, as_of)
        elif text["unit"] == "days":
            found = _by_calendar(bought.of(source), bought.of(target), text["every"], text["basis"], as_of)
        else:
            found = _by_meter(usage, catalog.products[source], text, bought.of(target), as_of)
        for customer, due in found:
            key = f"customer:{customer}", catalog.products[target]
            known = rows.get(key)
            if known is None or (WORD_OF[due["basis"]], due["due_at"]) < (WORD_OF[known["basis"]], known["due_at"]):
                rows[key] = {"identity": key[0], "product_id": key[1], **due}
    return pa.Table.from_pylist([rows[key] for key in sorted(rows)], SCHEMA)


@dataclass(frozen=True, slots=True)
class _Purchases:
    """Purchases by item, customer and time, those of one day as one; arrays of shape (purchases,)."""

    names: npt.NDArray[np.object_]
    item: Ints
    customer: Ints
    at: Ints
    quantity: Floats

    @classmethod
    def read(cls, lines: pa.Table, catalog: Catalog, as_of: int) -> "_Purchases":
        """Take the lines of known customers and known products."""
        known = pc.and_(pc.is_valid(lines["customer_id"]), pc.less_equal(lines["ordered_at"], as_of))
        products = pa.array(catalog.products, pa.string())
        kept = lines.filter(pc.and_(known, pc.is_in(lines["product_id"], products)))
        people = kept["customer_id"].combine_chunks().dictionary_encode()
        item = np.asarray(pc.index_in(kept["product_id"], products), np.int64)
        customer, at = np.asarray(people.indices, np.int64), np.asarray(kept["ordered_at"], np.int64)
        quantity = np.maximum(np.asarray(pc.fill_null(kept["quantity"], 1), np.float64), 1.0)
        order = np.lexsort((at, customer, item))
        item, customer, at = item[order], customer[order], at[order]
        same_day = (np.diff(item) == 0) & (np.diff(customer) == 0) & (np.diff(at // DAY) == 0)
        is_last = np.append(~same_day, True)[: item.size]
        packs = np.bincount(np.cumsum(is_last) - is_last, quantity[order]).astype(np.float64)
        names = np.array(people.dictionary.to_pylist(), dtype=object)
        return cls(names, item[is_last], customer[is_last], at[is_last], packs)

    def of(self, item: int) -> "_Purchases":
        """Give the purchases of one item."""
        part = slice(*np.searchsorted(self.item, [item, item + 1]))
        return _Purchases(self.names, self.item[part], self.customer[part], self.at[part], self.quantity[part])

    @property
    def is_last(self) -> npt.NDArray[np.bool_]:
        """Mark each customer's newest purchase, of one item."""
        return np.append(np.diff(self.customer) != 0, True)[: self.customer.size]

    def newest(self) -> dict[str, int]:
        """Tell when each customer bought last, of one item."""
        last = self.is_last
        return dict(zip(self.names[self.customer[last]].tolist(), self.at[last].tolist(), strict=True))


def _by_rhythm(
    bought: _Purchases, median: float, settings: Settings, as_of: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give everybody's due date by their own rhythm, shrunk toward the product's."""
    last = bought.is_last
    days = np.diff(bought.at, append=0) / DAY
    longest = min(LAPSE * median, float(settings["learn.sequence_days"]))
    gap = np.flatnonzero(~last & (days <= longest))
    person, packs = bought.customer[gap], np.log(bought.quantity[gap])
    power = quantity_power(np.log(days[gap]), packs, person)
    logs, center = np.log(days[gap]) - power * packs, np.log(median) - power * (packs.mean() if gap.size else 0.0)
    within, between = variance_components(logs, person)
    n_people = int(bought.customer.max(initial=-1)) + 1
    n_gaps = np.bincount(person, minlength=n_people)
    own = np.bincount(person, logs, minlength=n_people) / np.maximum(n_gaps, 1)
    weight = n_gaps * between / np.maximum(n_gaps * between + within, np.finfo(np.float64).tiny)
    level = weight * own + (1 - weight) * center
    for who, at, quantity in zip(
        bought.customer[last].tolist(), bought.at[last].tolist(), bought.quantity[last], strict=True
    ):
        interval = float(np.exp(level[who]) * quantity**power)
        if as_of - at <= LAPSE * interval * DAY:
            yield bought.names[who], _due(at + round(interval * DAY), interval, at, int(n_gaps[who]), "learned")


def quantity_power(log_gaps: Floats, log_quantities: Floats, people: Ints) -> float:
    """Give b such that a purchase of q packs lasts q^b times as long: the slope within people, if surely above 0.

    Examples
    --------
    One person, single packs every 10 days, double packs every 20:

    >>> gaps, packs = np.log([10, 20, 10.5, 19.5, 9.8, 20.5]), np.log([1, 2, 1, 2, 1, 2])
    >>> round(quantity_power(gaps, packs, np.zeros(6, int)), 1)
    1.0
    """
    if not log_gaps.size:
        return 0.0
    x, y = _within(log_quantities, people), _within(log_gaps, people)
    freedom = x.size - np.unique(people).size - 1
    spread = float(x @ x)
    if freedom < 1 or spread <= 0:
        return 0.0
    slope = float(x @ y) / spread
    error = float(np.sqrt(((y - slope * x) @ (y - slope * x)) / freedom / spread))
    return min(slope, 1.0) if slope > stdtrit(freedom, 0.975) * error else 0.0


def variance_components(values: Floats, people: Ints) -> tuple[float, float]:
    """Split the variance of values into within and between people (one-way analysis of variance, unbalanced).

    Returns
    -------
    within, between : float
        Alike where nobody has two values or there is one person, so that one value counts half.

    References
    ----------
    Searle, Casella & McCulloch (1992), Variance Components, 3.6.
    """
    n = np.bincount(people)
    n = n[n > 0]
    if n.size < 2 or n.sum() == n.size:
        return 1.0, 1.0
    total, k = int(n.sum()), n.size
    inside = _within(values, people)
    around = values - values.mean()
    mean_within = float(inside @ inside) / (total - k)
    mean_between = float(around @ around - inside @ inside) / (k - 1)
    n_typical = (total - float(n @ n) / total) / (k - 1)
    return mean_within, max((mean_between - mean_within) / n_typical, 0.0)


def _within(values: Floats, people: Ints) -> Floats:
    """Take each person's mean away."""
    means = np.bincount(people, values) / np.maximum(np.bincount(people), 1)
    return np.asarray(values - means[people], np.float64)


def _by_calendar(
    owned: _Purchases, bought: _Purchases, days: float, basis: str, as_of: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give everybody's due date by a written interval, from the last service, or from the product where that is newer."""
    serviced = bought.newest()
    for customer, at in owned.newest().items():
        last = max(at, serviced.get(customer, at))
        if as_of - last <= LAPSE * days * DAY:
            yield customer, _due(last + round(days * DAY), days, last, 0, basis)


def _by_meter(
    usage: pa.Table, product_id: str, text: Mapping[str, Any], bought: _Purchases, as_of: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the day on which each reader's meter passes the next service; a meter not read for long has no due."""
    chosen = pc.and_(pc.equal(usage["product_id"], product_id), pc.less_equal(usage["at"], as_of))
    readings: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for row in usage.filter(chosen).to_pylist():
        if row["customer_id"] is not None and row["value"] is not None and _same_unit(row["unit"], text["unit"]):
            readings.setdefault((row["customer_id"], row["meter"]), []).append((row["at"] / DAY, row["value"]))
    serviced = bought.newest()
    for (customer, _), read in sorted(readings.items()):
        meter, last_at = Meter.of(*zip(*read, strict=True)), serviced.get(customer)
        due_on = meter.due_on(text["every"], None if last_at is None else last_at / DAY)
        interval = text["every"] / meter.per_day if meter.per_day > 0 else np.nan
        if as_of / DAY - meter.days[-1] <= LAPSE * interval and np.isfinite(due_on):
            yield customer, _due(round(due_on * DAY), interval, last_at, 0, "meter")


def _same_unit(one: str | None, other: str) -> bool:
    """Compare units as people write them: "Hours" is "hour"."""
    return one is not None and one.strip().casefold().removesuffix("s") == other.strip().casefold().removesuffix("s")


def _due(due_at: int, interval_days: float, last_at: int | None, n_gaps: int, basis: str) -> dict[str, Any]:
    return {"due_at": due_at, "interval_days": interval_days, "last_at": last_at, "n_gaps": n_gaps, "basis": basis}
