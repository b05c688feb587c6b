"""The quality report: what is odd in these data, how much it matters for offers, and what can be learned now."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect import references
from crosslift.collect.cleaning import RULES, Cleaned, codes, order_codes
from crosslift.collect.findings import Finding, Severity, three
from crosslift.domain.catalog import SELLABLE_KINDS
from crosslift.settings import Settings

DAY = 86_400_000_000
ADVISED_ORDERS = 1000
ENOUGH_BASKETS = 20
_FIRST_SANE = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp() * 1e6)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What can be learned now. `verdict` is `ready`, `thin` or `not yet`; `why` says it in a sentence."""

    verdict: str
    why: str
    n_orders: int
    n_baskets: int
    n_products: int
    n_products_with_support: int
    share_with_customer: float
    first_order_on: str | None
    last_order_on: str | None


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Findings by severity, worst first, and what can be learned."""

    findings: tuple[Finding, ...]
    readiness: Readiness

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return asdict(self)


def examine(
    lines: pa.Table,
    cleaned: Cleaned,
    products: pa.Table,
    events: pa.Table,
    import_reports: Sequence[str],
    settings: Settings,
    now: datetime,
    named: references.References | None = None,
) -> QualityReport:
    """Look at everything collected so far.

    Parameters
    ----------
    lines : pa.Table
        Every visible order line, before cleaning.
    products : pa.Table
        product_id, title, kind, kind_source, kind_reason, price_micros, cost_micros, stock, category, image, is_derived.
    events : pa.Table
        Every visible event: at, identity.
    import_reports : sequence of str
        JSON reports of the committed imports.
    named : References, optional
        Links, bundles and holdings, to be checked against the catalog.
    """
    findings = [
        *(references.examine(named) if named else ()),
        *_of_products(products),
        *_of_orders(lines, cleaned, products, settings, now),
        *_of_events(events, settings, now),
        *_of_imports(import_reports),
    ]
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    findings = sorted((f for f in findings if f.count), key=lambda f: (rank[f.severity], -f.count, f.code))
    return QualityReport(tuple(findings), _readiness(cleaned, products, settings))


def _of_products(products: pa.Table) -> list[Finding]:
    sellable = products.filter(pc.is_in(products.column("kind"), value_set=pa.array(SELLABLE_KINDS)))
    derived = products.filter(products.column("is_derived"))
    cataloged = sellable.filter(pc.invert(sellable.column("is_derived")))
    inferred = products.filter(pc.equal(products.column("kind_source"), "inferred"))
    return [
        _missing(sellable, "price_micros", "missing_price", Severity.ERROR, "products have no price",
                 "they are never offered", "add a price to the catalog, or PATCH /v1/products"),
        _missing(sellable, "cost_micros", "missing_cost", Severity.NOTE, "products have no cost",
                 "margin figures leave them out and say so", "add a cost column to the catalog"),
        _missing(cataloged, "image", "missing_picture", Severity.WARNING, "products have no picture",
                 "they are shown with a placeholder", "add an image column or mend the paths"),
        _missing(sellable, "stock", "unknown_stock", Severity.NOTE, "products have no stock figure",
                 "they count as in stock", "send stock by file or PATCH /v1/products"),
        _missing(cataloged, "category", "missing_category", Severity.NOTE, "products have no category",
                 "variety in a list cannot see them", "add a category column"),
        Finding("no_catalog", Severity.NOTE, derived.num_rows, f"{derived.num_rows} products are known from orders only",
                "newest title and price of their lines are used", "collect a products file", _ids(derived)),
        Finding("inferred_non_product", Severity.WARNING, inferred.num_rows,
                f"{inferred.num_rows} codes look like no products and are set apart",
                "they are neither counted nor offered",
                "check the list (crosslift collect --quality --json) and set kind by file or PUT /v1/products",
                three(f"{r['product_id']}: {r['kind_reason']}" for r in inferred.to_pylist())),
    ]  # fmt: skip


def _missing(
    products: pa.Table, column: str, code: str, severity: Severity, message: str, effect: str, remedy: str
) -> Finding:
    rows = products.filter(pc.is_null(products.column(column)))
    return Finding(code, severity, rows.num_rows, f"{rows.num_rows} {message}", effect, remedy, _ids(rows))


def _ids(products: pa.Table) -> tuple[str, ...]:
    return three(f"{r['product_id']} {r['title']}" for r in products.slice(0, 3).to_pylist())


def _of_orders(
    lines: pa.Table, cleaned: Cleaned, products: pa.Table, settings: Settings, now: datetime
) -> list[Finding]:
    findings = [
        Finding(f"set_apart_{rule}", Severity.NOTE if rule != "bot" else Severity.WARNING, count,
                f"{count} lines set apart: {RULES[rule][1]}", "they are not counted",
                f"switch the rule with {RULES[rule][0]}", cleaned.samples[rule])
        for rule, count in cleaned.dropped.items()
    ]  # fmt: skip
    if lines.num_rows == 0:
        return findings
    at = np.asarray(lines.column("ordered_at"), dtype=np.int64)
    moment = int(now.timestamp() * 1e6)
    skewed = (at > moment + DAY) | (at < _FIRST_SANE)
    repeated = _repeated(lines)
    twins = _twin_orders(lines)
    twice = _told_twice(lines, settings["collect.events_source"])
    orphans = _orphans(lines, products)
    big = _big_baskets(cleaned.lines, settings["learn.max_basket_items"])
    currencies = pc.unique(lines.column("currency").combine_chunks()).drop_null().to_pylist()
    findings += [
        Finding("clock_skew", Severity.ERROR, int(skewed.sum()), f"{int(skewed.sum())} lines lie in the future or before 1990",
                "recent windows count from the newest fact, so they would move", "mend the times and collect again",
                _orders_of(lines, skewed)),
        Finding("duplicate_lines", Severity.WARNING, int(repeated.sum()),
                f"{int(repeated.sum())} lines repeat an earlier line of their order exactly",
                "pairs are counted once a basket, quantities and revenue are not",
                "set cleaning.merge_duplicates = true if your export repeats lines", _orders_of(lines, repeated)),
        Finding("duplicate_orders", Severity.WARNING, len(twins),
                f"{len(twins)} orders equal another of the same customer within five minutes",
                "they count twice", "cancel them in the source, or send them with status cancelled", three(twins)),
        Finding("orders_told_twice", Severity.ERROR, len(twice),
                f"{len(twice)} orders came from events and, under the same order id, from another source", "they count twice",
                "set collect.events_source to the source of your order files", three(twice)),
        Finding("orphan_products", Severity.WARNING, len(orphans), f"{len(orphans)} sold products are not in the catalog",
                "they are offered with title and price of their newest line", "add them to the catalog", three(orphans)),
        Finding("wholesale_baskets", Severity.NOTE, len(big),
                f"{len(big)} orders hold more than {settings['learn.max_basket_items']} products",
                "they are not counted for pairs", "raise learn.max_basket_items if they are ordinary", three(big)),
        Finding("unmatched_cancellations", Severity.NOTE, cleaned.n_unmatched,
                f"{cleaned.n_unmatched} cancellations fit no earlier sale", "they change nothing", "nothing to do"),
        Finding("several_currencies", Severity.WARNING, len(currencies) if len(currencies) > 1 else 0,
                f"orders come in {', '.join(currencies)}", "figures are shown per currency, never summed",
                "collect exchange rates (a later version reads them)", three(currencies)),
        Finding("missing_unit_price", Severity.WARNING, lines.column("unit_price_micros").null_count,
                f"{lines.column('unit_price_micros').null_count} lines have no price", "revenue leaves them out",
                "export the price", ()),
    ]  # fmt: skip
    return findings


def _orders_of(lines: pa.Table, mask: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    rows = lines.select(["order_id", "product_id"]).take(pa.array(np.flatnonzero(mask)[:20])).to_pylist()
    return three(f"order {r['order_id']}: {r['product_id']}" for r in rows)


def _repeated(lines: pa.Table) -> npt.NDArray[np.bool_]:
    key = np.stack([
        order_codes(lines), codes(lines.column("product_id")), codes(lines.column("variant_id")),
        np.asarray(lines.column("quantity"), dtype=np.int64),
        np.asarray(pc.fill_null(lines.column("unit_price_micros"), -1), dtype=np.int64),
    ])  # fmt: skip
    _, first = np.unique(key, axis=1, return_index=True)
    later: npt.NDArray[np.bool_] = ~np.asarray(lines.column("has_line_id"))
    later[first] = False
    return later


def _twin_orders(lines: pa.Table) -> list[str]:
    """Orders with the same customer and the same lines as another within five minutes."""
    placed = lines.filter(pc.and_(pc.equal(lines.column("status"), "placed"), pc.is_valid(lines.column("customer_id"))))
    if placed.num_rows == 0:
        return []
    order = order_codes(placed)
    mix = (codes(placed.column("product_id")).astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mix ^= (np.asarray(placed.column("quantity")).astype(np.uint64) + np.uint64(7)) * np.uint64(0xC2B2AE3D27D4EB4F)
    content = np.zeros(order.max() + 1, dtype=np.uint64)
    np.add.at(content, order, mix)
    _, first = np.unique(order, return_index=True)
    customer = codes(placed.column("customer_id"))[first]
    at = np.asarray(placed.column("ordered_at"), dtype=np.int64)[first]
    by = np.lexsort((at, content, customer))
    same = (customer[by][1:] == customer[by][:-1]) & (content[by][1:] == content[by][:-1])
    close = np.diff(at[by]) <= 300_000_000
    names = placed.column("order_id").take(pa.array(first[by[1:][same & close]])).to_pylist()
    return [str(name) for name in names]


def _told_twice(lines: pa.Table, source: str) -> list[str]:
    """Orders that events told of and another source brought too."""
    is_told = pc.equal(lines.column("source"), source)
    others = pc.unique(lines.filter(pc.invert(is_told)).column("order_id").combine_chunks())
    told = pc.unique(lines.filter(is_told).column("order_id").combine_chunks())
    return sorted(told.filter(pc.is_in(told, value_set=others)).to_pylist())


def _orphans(lines: pa.Table, products: pa.Table) -> list[str]:
    cataloged = products.filter(pc.invert(products.column("is_derived"))).column("product_id").combine_chunks()
    if len(cataloged) == 0:
        return []
    sold = pc.unique(lines.column("product_id").combine_chunks())
    return sorted(sold.filter(pc.invert(pc.is_in(sold, value_set=cataloged))).to_pylist())


def _big_baskets(lines: pa.Table, limit: int) -> list[str]:
    if lines.num_rows == 0:
        return []
    order, product = order_codes(lines), codes(lines.column("product_id"))
    pairs = np.unique(np.stack([order, product]), axis=1)
    orders, sizes = np.unique(pairs[0], return_counts=True)
    _, first = np.unique(order, return_index=True)
    names: list[str] = lines.column("order_id").take(pa.array(first[orders[sizes > limit]])).to_pylist()
    return names


def _of_events(events: pa.Table, settings: Settings, now: datetime) -> list[Finding]:
    if events.num_rows == 0:
        return []
    at = np.asarray(events.column("at"), dtype=np.int64)
    hour, who = at // 3_600_000_000, codes(events.column("identity"))
    pairs, counts = np.unique(np.stack([who, hour]), axis=1, return_counts=True)
    names = events.column("identity").combine_chunks().dictionary_encode().dictionary
    bots = np.unique(pairs[0][(counts > settings["cleaning.bot_events_per_hour"]) & (pairs[0] >= 0)])
    future = int((at > int(now.timestamp() * 1e6) + DAY).sum())
    return [
        Finding("bot_sessions", Severity.WARNING, len(bots), f"{len(bots)} identities act like machines",
                "their events are set apart", "check cleaning.bot_events_per_hour",
                three(names[int(i)].as_py() for i in bots)),
        Finding("events_in_future", Severity.WARNING, future, f"{future} events lie in the future",
                "they are kept with their time", "check the sender's clock"),
    ]  # fmt: skip


def _of_imports(reports: Sequence[str]) -> list[Finding]:
    """Conflicts and unreadable rows of earlier imports stay visible until they are mended."""
    totals: dict[str, Finding] = {}
    for text in reports:
        for raw in msgspec.json.decode(text or "{}").get("findings", []):
            if raw["code"] in ("conflict", "unreadable_cells"):
                found = msgspec.convert(raw, Finding)
                before = totals.get(found.code)
                count = found.count + (before.count if before else 0)
                samples = three([*(before.samples if before else ()), *found.samples])
                message = found.message.replace(str(found.count), str(count), 1)
                totals[found.code] = replace(found, count=count, message=message, samples=samples)
    return list(totals.values())


def _readiness(cleaned: Cleaned, products: pa.Table, settings: Settings) -> Readiness:
    lines = cleaned.lines
    if lines.num_rows == 0:
        return Readiness(
            "not yet", "no orders yet; collect an orders file", 0, 0, products.num_rows, 0, 0.0, None, None
        )
    order, product = order_codes(lines), codes(lines.column("product_id"))
    pairs = np.unique(np.stack([order, product]), axis=1)
    sizes = np.bincount(pairs[0])
    support = np.bincount(pairs[1])
    n_orders, n_baskets = int((sizes > 0).sum()), int((sizes > 1).sum())
    n_supported = int((support >= ENOUGH_BASKETS).sum())
    known = np.zeros(len(sizes), dtype=np.bool_)
    known[order[np.asarray(pc.is_valid(lines.column("customer_id")))]] = True
    at = np.asarray(lines.column("ordered_at"), dtype=np.int64)
    days = [str(np.datetime64(int(value // DAY), "D")) for value in (at.min(), at.max())]
    verdict, why = "ready", f"{n_orders:,} orders, {n_baskets:,} with several products"
    if n_baskets < settings["learn.min_baskets"]:
        verdict, why = (
            "not yet",
            f"{n_baskets} orders hold several products; pairs need at least {settings['learn.min_baskets']}",
        )
    elif n_orders < ADVISED_ORDERS:
        verdict, why = (
            "thin",
            f"{n_orders:,} orders, at least {ADVISED_ORDERS:,} advised: only the strongest pairs will show",
        )
    share = float(known.sum() / n_orders)
    return Readiness(verdict, why, n_orders, n_baskets, products.num_rows, n_supported, share, days[0], days[1])


def by_severity(findings: Sequence[Finding]) -> Mapping[str, list[Finding]]:
    """Group findings for print, worst first."""
    grouped: dict[str, list[Finding]] = {severity.value: [] for severity in Severity}
    for finding in findings:
        grouped[finding.severity.value].append(finding)
    return grouped
