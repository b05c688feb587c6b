"""One period looked at for what was missed: companions, offers, people, stock and searches; each table is read once."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.behavior import normalized_query
from crosslift.domain.decision import DropCode
from crosslift.domain.estimate import Estimate, Figure, NotEstimable
from crosslift.domain.event import PRODUCTS_SEARCHED
from crosslift.domain.link import LinkAction, LinkKind
from crosslift.measure import opportunities as measure
from crosslift.measure.figures import MIN_UNITS
from crosslift.settings import Settings
from crosslift.shop.credited import Credited
from crosslift.shop.known import Known
from crosslift.shop.sales import MIN_COSTED, Sales, costed_share, unit_of
from crosslift.shop.stopped import Stopped
from crosslift.stats.compare import count_interval, proportion_interval
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

Row = dict[str, Any]
DAY = 86_400_000_000
WEEK_DAYS = 7
KINDS = ("no_companion", "not_offered", "rule", "underserved", "restock", "search", "required")
"""The lists, in the order they are told."""
BASIS = {
    "no_companion": "companions that came along with comparable products, offered or not",
    "not_offered": "companions that came along with comparable products, offered or not",
    "rule": "what is credited to decisions of the same placement that offered something",
    "underserved": "what is credited to offers of each person who got some",
    "restock": "pieces the stock falls short of, at what a piece brought",
    "search": "what people bought after searches that were answered",
    "required": "companions that came along with comparable products, offered or not",
}
"""What the size of each list rests on; all of it is what there is to win at most."""
PROTECTS = frozenset({
    DropCode.TOO_YOUNG, DropCode.COOLING_DOWN, DropCode.CAPPED, DropCode.SOLVE_FIRST, DropCode.VALUE_FIRST,
    DropCode.QUIET_HOURS, DropCode.DOES_NOT_FIT, DropCode.NOT_FOR_PERSON,
})  # fmt: skip
"""Gates that stand for the person: their price is told, loosening them is not proposed."""
ADJUSTABLE = PROTECTS | {
    DropCode.TOO_DEAR, DropCode.BELOW_FLOOR, DropCode.TOO_LATE, DropCode.NO_INCENTIVE, DropCode.LOWER_STEP,
    DropCode.BELOW_THRESHOLD, DropCode.NOT_YET, DropCode.WRONG_MARKET, DropCode.BANNED,
}  # fmt: skip
"""Built-in codes that follow from what the merchant set; the others say what is so: in the cart, sold out, owned."""
_RESULTS = ("results", "n_results", "results_count", "result_count", "total_results", "nb_hits")
"""How trackers name the number of a search's results."""


@dataclass(frozen=True, slots=True)
class Opportunity:
    """One thing that could be done.

    Attributes
    ----------
    kind : str
        The list it stands in, of `KINDS`.
    subject : str
        Product, code, group or query it is about.
    value : Figure
        What there is to win at most in such a period, in the reporting currency.
    facts : mapping
        Counts it rests on, as plain values.
    """

    kind: str
    subject: str
    title: str
    value: Figure
    facts: Mapping[str, Any] = field(default_factory=dict)

    def told(self) -> Row:
        """Give it as plain values."""
        found = self.value
        value = (
            {"not_estimable": found.why}
            if isinstance(found, NotEstimable)
            else {"value": found.value, "low": found.low, "high": found.high, "n": found.n}
        )
        return {
            "kind": self.kind, "subject": self.subject, "title": self.title, "value": value, "basis": BASIS[self.kind],
            "facts": dict(self.facts),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sources:
    """What is read.

    Attributes
    ----------
    records, frames : Records, Frames
        Where decisions and facts live.
    sales, credited : Sales, Credited
        What was sold, and what of it is credited to offers.
    known : Known
        The snapshot in force, live values and policies.
    products : callable
        Gives the catalog with live values.
    settings : Settings
        Of it `learn.search_hours`.
    """

    records: Records
    frames: Frames
    sales: Sales
    credited: Credited
    known: Known
    products: Callable[[], pa.Table]
    settings: Settings


class Missed:
    """What was missed in one period.

    Parameters
    ----------
    sources : Sources
        What is read.
    since, until : int
        The period, microseconds UTC, the second not included.
    weeks : int
        Stock has to last so long.

    Raises
    ------
    NotReady
        If nothing has been learned yet.
    """

    def __init__(self, sources: Sources, since: int, until: int, weeks: int) -> None:
        self._of = sources
        self._knowledge, self._overlay = sources.known.at(sources.records.person(None).change_number)
        self._since, self._until, self._weeks = since, until, weeks
        self._lazies = sources.frames.lazies
        self._whose = sources.records.people()
        self._catalog = sources.products()

    @cached_property
    def amounts(self) -> str:
        """Say what sizes are: margin, or revenue where too few costs are known."""
        return "margin" if costed_share(self._sold, self._since, self._until) >= MIN_COSTED else "revenue"

    @cached_property
    def _sold(self) -> pa.Table:
        sold = self._of.sales.lines(self._whose, is_named=False)
        return sold.filter(pc.and_(pc.greater_equal(sold["at"], self._since), pc.less(sold["at"], self._until)))

    @cached_property
    def _lines(self) -> pa.Table:
        sold = self._sold.filter(pc.greater(self._sold["kept"], 0))
        return pa.table({"order": sold["order"], "product": sold["product"], "amount": sold[self.amounts],
                         "units": sold["kept"], "unit": sold["unit"], "at": sold["at"]})  # fmt: skip

    @cached_property
    def _orders(self) -> Counter[str]:
        """Orders of the period that hold each product."""
        found = self._lines.group_by("product").aggregate([("order", "count_distinct")])
        return Counter(dict(zip(*(found[n].to_pylist() for n in ("product", "order_count_distinct")), strict=True)))

    @cached_property
    def _categories(self) -> dict[str, str | None]:
        return dict(zip(*(self._catalog[name].to_pylist() for name in ("product_id", "category")), strict=True))

    @cached_property
    def _pairs(self) -> pa.Table:
        """What goes with what, both ways."""
        known = self._knowledge
        first = [known.products[item] for item in known.pair_first.tolist()]
        second = [known.products[item] for item in known.pair_second.tolist()]
        return pa.table({"product": pa.array([*first, *second], pa.string()),
                         "companion": pa.array([*second, *first], pa.string())})  # fmt: skip

    @cached_property
    def _companions(self) -> dict[str | None, Figure]:
        found = measure.attached(self._lines, self._pairs, self._lazies)
        category = pa.array([self._categories.get(name) for name in found["product"].to_pylist()], pa.string())
        return measure.worth_an_order(found, category, self._lazies)

    def _companions_of(self, product: str) -> Figure:
        """Say what companions would bring the orders of a product, by its category where that has enough to compare with."""
        whole = self._companions.get(None, NotEstimable("no product with companions was sold in the period"))
        own = self._companions.get(self._categories.get(product) or None, whole)
        return measure.scaled(own if isinstance(own, Estimate) else whole, self._orders[product], self.amounts)

    @cached_property
    def _log(self) -> Stopped:
        of = self._of
        credited = of.credited.lines(self._since, self._until)
        sums = credited.group_by("decision_id").aggregate([(self.amounts, "sum")])
        amounts = dict(zip(*(sums[n].to_pylist() for n in ("decision_id", f"{self.amounts}_sum")), strict=True))
        people = dict(zip(*(self._whose[n].to_pylist() for n in ("identity", "person_id")), strict=True))
        return Stopped.read(of.records, self._since, self._until, amounts, people)

    @cached_property
    def _decisions_worth(self) -> dict[str | None, Figure]:
        return measure.worth_a_decision(self._log.decided, self._lazies)

    def alone(self) -> Iterable[Opportunity]:
        """Products that sell, and have no companion, or one that nobody was offered because of them."""
        known = self._knowledge
        has_some = np.diff(known.edge_offsets)[: known.n_products] > 0
        has_log = pc.sum(pc.greater(self._log.decided["offers"], 0)).as_py() or 0
        for item, name in enumerate(known.products[: known.n_products]):
            n = self._orders[name]
            if not n or (has_some[item] and (name in self._log.anchors or has_log < MIN_UNITS)):
                continue
            kind = "not_offered" if has_some[item] else "no_companion"
            facts = {"orders": n, "n_companions": int(known.edge_offsets[item + 1] - known.edge_offsets[item])}
            yield Opportunity(kind, name, known.titles[item][""], self._companions_of(name), facts)

    def rules(self) -> Iterable[Opportunity]:
        """What each rule and gate of a policy stopped, and what the decisions that offered nothing would have been worth."""
        found = measure.stopped(self._log.decided, self._log.stops, self._lazies).to_pylist()
        written = {(one.name, rule.code): rule for one in self._of.known.rulings.in_force() for rule in one.rules}
        whole: dict[tuple[str, str], list[Row]] = {}
        for row in found:
            whole.setdefault((row["policy"], row["code"]), []).append(row)
        for (policy, code), rows in sorted(whole.items()):
            rule = written.get((policy, code))
            if rule is None and code not in ADJUSTABLE:
                continue
            counts = {name: sum(row[name] for row in rows) for name in ("candidates", "decisions", "empty")}
            facts = {
                **counts, "policy": policy, "rule": rule.rule_id if rule else None, "owner": rule.owner if rule else None,
                "law": (rule.law or None) if rule else None, "protects": bool(rule.law) if rule else code in PROTECTS,
            }  # fmt: skip
            lost = [self._lost(row["placement"], row["empty"]) for row in rows if row["empty"]]
            none = Estimate(0.0, 0.0, 0.0, counts["decisions"], self.amounts)
            value = measure.added(lost, self.amounts) if lost else none
            yield Opportunity("rule", f"{policy}: {code}", rule.reason if rule else code, value, facts)

    def _lost(self, placement: str, n_empty: int) -> Figure:
        whole = self._decisions_worth.get(None, NotEstimable("no decision of the period offered anything"))
        own = self._decisions_worth.get(placement, whole)
        return measure.scaled(own if isinstance(own, Estimate) else whole, n_empty, self.amounts)

    def underserved(self) -> Iterable[Opportunity]:
        """Give the groups of people who are offered something clearly less often than everybody is."""
        people = self._groups()
        found = {row["group"]: row for row in measure.reached(people, self._log.decided, self._lazies).to_pylist()}
        every = found.pop("everybody", None)
        if every is None or not every["reached"]:
            return
        share = every["reached"] / every["people"]
        worth = measure.worth_a_person(self._log.decided, self._lazies)
        for name, row in found.items():
            theirs = proportion_interval(row["reached"], row["people"])
            if theirs.high < share:
                missing = (share - theirs.value) * row["people"]
                facts = {
                    "people": row["people"],
                    "reached": row["reached"],
                    "share": theirs.value,
                    "share_of_all": share,
                }
                kind, _, of = name.partition(":")
                yield Opportunity("underserved", name, of or kind, measure.scaled(worth, missing, self.amounts), facts)

    def _groups(self) -> pa.Table:
        """Who was there, by segment, market and stage; everybody is one group."""
        of = self._of
        bought = pc.drop_null(self._lines["unit"]).combine_chunks()
        units = pc.unique(pa.chunked_array([*self._visitors(), bought], pa.string()))
        parts = [pa.table({"group": pa.repeat("everybody", len(units)), "unit": units})]
        members = of.records.table("segment_members", ("segment_id", "person_id"))
        profiles = of.records.table("profiles", ("person_id", "market", "stage"))
        named = [("segment", members["segment_id"], members["person_id"])]
        named += [(name, profiles[name], profiles["person_id"]) for name in ("market", "stage")]
        for kind, group, unit in named:
            rows = pa.table({"group": pc.binary_join_element_wise(kind, group, ":"), "unit": unit})
            here = pc.and_(pc.is_valid(rows["group"]), pc.is_in(rows["unit"], value_set=units))
            parts.append(rows.filter(here))
        return pa.concat_tables(parts)

    def _visitors(self) -> Iterable[pa.Array]:
        for part in self._of.frames.event_parts(("identity", "at")):
            inside = pc.and_(pc.greater_equal(part["at"], self._since), pc.less(part["at"], self._until))
            named = part.filter(pc.and_(inside, pc.is_valid(part["identity"])))
            yield pc.unique(unit_of(named["identity"], self._whose))

    def restock(self) -> Iterable[Opportunity]:
        """Companions whose stock does not last, with how many pieces go with what they are bought with."""
        days = (self._until - self._since) / DAY
        stock = dict(zip(*(self._catalog[n].to_pylist() for n in ("product_id", "stock")), strict=True))
        sums = self._lines.group_by("product").aggregate([("units", "sum"), ("amount", "sum")])
        sold = {row["product"]: (row["units_sum"], row["amount_sum"]) for row in sums.to_pylist()}
        strongest: dict[str, Row] = {}
        for row in measure.brought_along(self._lines, self._pairs, self._lazies).to_pylist():
            before = strongest.get(row["companion"])
            if row["y"] > 0 and (before is None or row["y"] > before["y"]):
                strongest[row["companion"]] = row
        for name, row in sorted(strongest.items()):
            units, amount = sold[name]
            factor = self._weeks * WEEK_DAYS / days
            demand = [bound * factor for bound in count_interval(int(units))[:3]]
            facts = self._paired(row, days) | {
                "stock": stock.get(name), "sold_a_week": units * WEEK_DAYS / days, "demand": demand[0],
                "demand_low": demand[1], "demand_high": demand[2],
            }  # fmt: skip
            on_hand = stock.get(name)
            if on_hand is None:
                value: Figure = NotEstimable("its stock is not known; send `stock` with the catalog")
            else:
                facts["reorder"] = max(0, int(np.ceil(demand[2] - on_hand)))
                if not facts["reorder"]:
                    continue
                short = [max(bound - on_hand, 0.0) * max(amount, 0.0) / units for bound in demand]
                value = Estimate(short[0], short[1], short[2], int(units), self.amounts)
            yield Opportunity("restock", name, self._title(name), value, facts)

    def _paired(self, row: Row, days: float) -> Row:
        """Say how many pieces go with the product it is bought with most, a piece and a week."""
        each = measure.pieces_along(row)
        weekly = row["x"] * WEEK_DAYS / days
        told: Row = {"with": row["product"], "with_title": self._title(row["product"]), "with_a_week": weekly}
        if isinstance(each, NotEstimable):
            return {**told, "along_not_estimable": each.why}
        along = {
            "along": each.value,
            "along_low": each.low,
            "along_high": each.high,
            "along_a_week": each.value * weekly,
        }
        return {**told, **along}

    def searches(self) -> Iterable[Opportunity]:
        """Searches that led to nothing, in their words where several people used them."""
        rows = list(self._searches())
        kinds = pa.schema({"unit": pa.string(), "query": pa.string(), "at": pa.int64(), "results": pa.int64()})
        searches = pa.Table.from_pylist(rows, kinds)
        sales = self._lines.filter(pc.is_valid(self._lines["unit"])).select(["unit", "at", "amount"])
        hours = self._of.settings["learn.search_hours"]
        found = measure.searched(searches, sales, hours, self._lazies)
        worth = measure.worth_a_search(found, self._lazies)
        for row in measure.misses(found, self._lazies).to_pylist():
            query = row.pop("query")
            value = measure.scaled(worth, row["missed"], self.amounts)
            yield Opportunity("search", query or "", query or "searches of few people, together", value, row)

    def _searches(self) -> Iterable[Row]:
        events = self._of.frames.events(PRODUCTS_SEARCHED, self._since)
        inside = pc.and_(pc.less(events["at"], self._until), pc.is_valid(events["identity"]))
        made = events.filter(inside)
        units = unit_of(made["identity"], self._whose).to_pylist()
        columns = (made["at"].to_pylist(), made["properties"].to_pylist())
        for unit, at, written in zip(units, *columns, strict=True):
            said: Row = msgspec.json.decode(written or "{}")
            query = normalized_query(said.get("query"))
            if query:
                yield {"unit": unit, "query": query, "at": at, "results": _results(said)}

    def required(self) -> Iterable[Opportunity]:
        """Products that need something to be used, of which nothing can be sold."""
        known = self._knowledge
        for name, needs in sorted(self._needs().items()):
            items = [known.index[other] for other in sorted(needs) if other in known.index]
            if self._orders[name] and not any(self._overlay.can_offer(other) for other in items):
                facts = {"orders": self._orders[name], "needs": sorted(needs)}
                yield Opportunity("required", name, self._title(name), self._companions_of(name), facts)

    def _needs(self) -> dict[str, set[str]]:
        """Give what each product needs to be used: as learned, and as the merchant wrote down since."""
        known, found = self._knowledge, dict[str, set[str]]()
        if known.has_links(LinkKind.REQUIRED):
            links = known.links(LinkKind.REQUIRED)
            for item, name in enumerate(known.products[: known.n_products]):
                for row in links.rows_of(item):
                    found.setdefault(name, set()).add(known.products[int(links.ids[row])])
        for link in self._of.records.links(self._until)[1].to_pylist():
            if link["kind"] == LinkKind.REQUIRED:
                wanted = found.setdefault(link["from_id"], set())
                (wanted.discard if link["action"] == LinkAction.BAN else wanted.add)(link["to_id"])
        return {name: needs for name, needs in found.items() if needs}

    def _title(self, name: str) -> str:
        item = self._knowledge.index.get(name)
        return name if item is None else str(self._knowledge.titles[item][""])


def _results(said: Row) -> int | None:
    """Read how many results a search had, where its event says so."""
    for name in _RESULTS:
        value = said.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    shown = said.get("products")
    return len(shown) if isinstance(shown, list) else None
