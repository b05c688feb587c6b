"""What `crosslift learn --report` prints: the snapshot in force as people read it, on a terminal of 100 columns."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crosslift.cli.output import say, table, width

if TYPE_CHECKING:
    from crosslift.shop import Shop

Row = Mapping[str, Any]
COLUMNS = 100
SHOWN = 5
"""Rows of a section; `--json` has them all."""

RAW = ("n_both", "raw_expected", "raw_lift", "n_customers", "strength")
EVIDENCE = {
    "complement": ("n_both", "expected", "lift", "n_customers", "strength"),
    "sequence": ("n_both", "expected", "lift", "excess_median", "n_back"),
    "held": ("n_both", "expected", "lift", "n_gap", "strength"),
    "required": ("n_both", "n_a", "attribute", "basis"),
    "fits": ("n_both", "expected", "attribute", "basis"),
    "excludes": ("n_both", "expected", "attribute", "basis"),
    "included": ("n_both", "expected", "basis"),
    "upgrade": ("n_switched", "n_viewed_both", "delta_price", "currency"),
    "substitute": ("n_viewed_both", "expected_viewed", "n_both", "expected", "basis"),
    "apart": ("n_both", "expected", "lift", "lift_high"),
    "refill": ("every", "unit", "interval_median", "n_customers", "basis"),
    "alike": ("similarity",),
    "category_companion": ("n_both", "expected", "lift"),
    "own_list": ("rank", "n_listed"),
}
"""What a line of the overview shows of each kind; `--product` shows every column."""

NAMED = ("kind", "from", "from_title", "product", "title", "pair")
INTERVALS = {"lift": ("lift_low", "lift_high"), "lag_median": ("median_low", "median_high"),
             "excess_median": ("excess_low", "excess_high"), "interval_median": ("median_low", "median_high")}  # fmt: skip


def gather(shop: "Shop", since: str | None, *, raw: bool) -> dict[str, Any]:
    """Put together everything the report tells, as plain values."""
    from crosslift.shop import affected, comparing, relating

    new, old = shop.knowledge, shop.earlier(since)
    said: dict[str, Any] = {
        "report": shop.learning_report(),
        "strongest": relating.strongest(new, SHOWN, raw=raw),
        "groups": relating.groups(new),
        "without_companions": relating.without_companions(new, shop.settings["learn.min_baskets"]),
        "review_queue": comparing.review_queue(old, new, shop.judged_pairs()),
        "since": None,
    }
    if old is None:
        return said
    rows, asked = affected.offers_affected(old, new, shop.records, shop.clock(), shop.settings["shop.language"])
    return said | {
        "since": old.snapshot_id,
        "changes": comparing.changes(old, new),
        "stability": comparing.stability(old, new),
        "offers_affected": {"asked": asked, "changed": rows},
    }


def print_report(said: Row, *, raw: bool) -> None:
    """Print the whole report, section by section."""
    report = said["report"]
    say(f"Snapshot {report['snapshot_id']}: {report['n_orders']:,} orders, {report['n_products']:,} of "
        f"{report['n_catalog']:,} products sold, {report['n_relations']:,} pairs go together")  # fmt: skip
    bar = report.get("p_threshold")
    passed = "none was sure enough" if bar is None else f"p up to {bar:.2g} passed"
    say(f"  {report['n_pairs_tested']:,} possible pairs tested against size-aware chance "
        f"(kappa {report['kappa']:.3f}); {passed}")  # fmt: skip
    _print_kinds(report, said)
    _section("What overrules what")
    for place, step in enumerate(report["precedence"], 1):
        say(f"  {place}. {step}")
    _print_strongest(said["strongest"], raw=raw)
    _print_proposals(report["proposals"])
    _print_alone(said["without_companions"])
    _print_groups(said["groups"])
    _print_changes(said)
    _print_queue(said["review_queue"], said["since"])


def _section(title: str) -> None:
    say()
    say(title)


def _print_kinds(report: Row, said: Row) -> None:
    """Print the links of each kind, and how stable they were since the snapshot before."""
    from crosslift.shop.relating import KINDS

    _section("Relations by kind")
    kinds = {kind: report["kinds"][kind] for kind in (*KINDS, *report["kinds"]) if kind in report["kinds"]}
    if said["since"] is None:
        table(("kind", "links"), list(kinds.items()), right=(1,))
        return
    stayed = {row["kind"]: row for row in said["stability"]}
    moved = Counter((row["kind"], row["change"]) for row in said["changes"])
    rows = [
        (kind, n, moved[kind, "in"], moved[kind, "out"], _share(stayed.get(kind, {}).get("overlap")),
         _figure(stayed.get(kind, {}).get("rank_correlation")))
        for kind, n in kinds.items()
    ]  # fmt: skip
    table(("kind", "links", "in", "out", "stayed", "order alike"), rows, right=(1, 2, 3, 4, 5))
    say(f"  in, out, stayed (shared of all) and order alike (Spearman): since snapshot {said['since']}")


def _print_strongest(strongest: Mapping[str, Sequence[Row]], *, raw: bool) -> None:
    for kind, rows in strongest.items():
        is_raw = raw and kind == "complement"
        _section(f"Strongest: {kind}" + (", by the raw lift" if is_raw else ""))
        _print_pairs(rows, RAW if is_raw else EVIDENCE[kind])


def _print_pairs(rows: Sequence[Row], shown: Sequence[str], lead: Sequence[str] = ()) -> None:
    """Print relations with some of their evidence; the two names share what the figures leave of the line."""
    heads = [name.removeprefix("n_") for name in shown]
    facts = [[_with_interval(row, name) for name in shown] for row in rows]
    taken = sum(2 + max(width(told[i]) for told in (heads, *facts)) for i in range(len(shown)))
    taken += sum(2 + max(width(row[name]) for row in rows) for name in lead)
    room = (COLUMNS - 4 - taken) // 2
    cells = [
        (*(row[name] for name in lead), fit(f"{row['from']} {row['from_title']}", room),
         fit(f"{row['product']} {row['title']}", room), *told)
        for row, told in zip(rows, facts, strict=True)
    ]  # fmt: skip
    begin = len(lead) + 2
    table((*("" for _ in lead), "product", "→", *heads), cells, right=range(begin, begin + len(shown)))


def _print_proposals(proposals: Row) -> None:
    _section("Proposals, for a person to judge")
    told = 0
    for rule in proposals["fit_rules"]:
        told += 1
        say(f"  fits only where {rule['attribute']} agrees: {rule['category']} ↔ {rule['other_category']}")
        say(f"    together {rule['n_equal']:,} times where it agrees ({rule['expected_equal']:,.0f} by chance), "
            f"{rule['n_unequal']:,} where it differs ({rule['expected_unequal']:,.0f})")  # fmt: skip
    for pair in proposals["apart_categories"]:
        told += 1
        say(f"  never together: {_group(pair, '')} and {_group(pair, 'other_')}")
        say(f"    {pair['n_both']:,} orders with both, {pair['expected']:,.0f} by chance")
    for refused in proposals["refused_bundles"]:
        told += 1
        for line in wrapped(
            [f"set {refused['bundle_id']} is not offered ({refused['code']}):", *refused["why"].split()]
        ):
            say(f"  {line}")
    if not told:
        say("  none")


def _group(pair: Row, side: str) -> str:
    """Name a category, or the part of it with one value of an attribute."""
    part = f" of {pair['attribute']} {pair[f'{side}value']}" if pair.get("attribute") else ""
    return f"{pair[f'{side}category']}{part}"


def _print_alone(rows: Sequence[Row]) -> None:
    _section(f"Nothing goes with: {len(rows):,} products")
    for row in rows[:SHOWN]:
        kinds = ", ".join(row["other_kinds"]) or "of no other kind either"
        say(f"  {fit(row['product'] + ' ' + row['title'], 44)}, {row['n_orders']:,} orders; {kinds}")
        say(f"    {row['why']}")


def _print_groups(rows: Sequence[Row]) -> None:
    _section(f"Groups: {len(rows):,}")
    cells = [
        (fit(title(row["name"]), 48), row["n_products"], fit(", ".join(row["products"]), 36)) for row in rows[:SHOWN]
    ]
    if cells:
        table(("group", "products", "the most bought"), cells, right=(1,))


def _print_changes(said: Row) -> None:
    if said["since"] is None:
        _section("Changes: this is the first snapshot")
        return
    moved = [{**row, **row["evidence"]} for row in said["changes"] if row["kind"] == "complement"]
    _section(f"Pairs that came or went since {said['since']}: {len(moved):,}")
    if moved:
        _print_pairs(moved[:SHOWN], EVIDENCE["complement"], lead=("change",))
    affected = said["offers_affected"]
    _section(
        f"Offers affected: {len(affected['changed']):,} of {affected['asked']:,} products asked, each alone in a cart"
    )
    cells = [
        (fit(f"{row['product']} {row['title']}", 32), fit(", ".join(row["came"]) or "–", 30),
         fit(", ".join(row["went"]) or "–", 30))
        for row in affected["changed"][:SHOWN]
    ]  # fmt: skip
    if cells:
        table(("product", "came", "went"), cells)


def _print_queue(rows: Sequence[Row], since: str | None) -> None:
    _section(f"To review: {len(rows):,} sure pairs that are new" + (f" since {since}" if since else ""))
    if rows:
        _print_pairs(rows[:SHOWN], EVIDENCE["complement"])


def print_product(rows: Sequence[Row], product: str) -> None:
    """Print every relation of a product by kind, with every column of evidence."""
    if not rows:
        say(f"{product}: no relation of any kind yet; `--why-not {product},OTHER` tells why another product is missing")
        return
    say(fit(f"{rows[0]['from']} {rows[0]['from_title']}", COLUMNS))
    for kind, n in Counter(row["kind"] for row in rows).items():
        _section(f"{kind}: {n:,}")
        for row in rows:
            if row["kind"] == kind:
                say(f"  → {fit(row['title'], 60)} ({row['product']})")
                say_facts({name: value for name, value in row.items() if name not in NAMED}, indent=6)


def print_why(said: Row) -> None:
    """Print why a product is not among the companions of another, or that it is."""
    names = [fit(f"{said[end]} {said[f'{end}_title']}", 40) for end in ("a", "b")]
    say(f"{names[0]} + {names[1]}: {'related' if said['is_related'] else 'not related'}")
    for place, reason in enumerate(said["reasons"] or [{"words": said["why"]}], 1):
        for line in wrapped([f"{place}.", *reason["words"].split()]):
            say(f"  {line}")
    if said["figures"]:
        _section("What the orders say")
        say_facts(said["figures"])
    for name, heading in (("other_kinds", "Other kinds between them"), ("curated", "What the merchant wrote")):
        if said[name]:
            _section(heading)
            for row in said[name]:
                say_facts(row)


def say_facts(row: Row, indent: int = 2) -> None:
    """Print names and values of a row, as many on a line as fit; what nobody knows is a dash."""
    for line in wrapped([f"{name} {_fact(name, value)}" for name, value in row.items()], " · ", COLUMNS - indent):
        say(" " * indent + line)


def wrapped(parts: Sequence[str], between: str = " ", limit: int = COLUMNS - 2) -> list[str]:
    """Join parts into lines of at most `limit` columns; a part longer than a line is cut.

    Examples
    --------
    >>> wrapped(["n_both 12", "lift 3.1", "q_value 0.01"], " · ", 24)
    ['n_both 12 · lift 3.1 ·', 'q_value 0.01']
    """
    lines: list[str] = []
    trailing = width(between.rstrip())
    for part in parts:
        short = fit(part, limit - trailing)
        if lines and width(lines[-1] + between + short) + trailing <= limit:
            lines[-1] += between + short
        else:
            if lines:
                lines[-1] += between.rstrip()
            lines.append(short)
    return lines


def fit(text: str, columns: int) -> str:
    """Cut a text to the columns it may take; Korean and Japanese characters take two.

    Examples
    --------
    >>> fit("드립포트", 5), fit("pot", 5)
    ('드립…', 'pot')
    """
    if width(text) <= columns:
        return text
    while width(text) >= columns:
        text = text[:-1]
    return text + "…"


def title(name: str | Mapping[str, str]) -> str:
    """Give the plain one of translated titles."""
    return name if isinstance(name, str) else str(name.get("", ""))


def _with_interval(row: Row, name: str) -> str:
    bounds = [row.get(bound) for bound in INTERVALS.get(name, ())]
    if not bounds or None in bounds or row.get(name) is None:
        return _fact(name, row.get(name))
    return f"{row[name]:.1f} [{bounds[0]:.1f}; {bounds[1]:.1f}]"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _fact(name: str, value: Any) -> str:
    """Write a value under its name; a q-value is kept to four places and never is 0."""
    return "<0.0001" if name == "q_value" and value == 0 else _figure(value)


def _figure(value: Any) -> str:
    """Write a value of evidence: short, and never a small number as 0."""
    if value is None or value in ({}, []):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.2g}" if value and abs(value) < 0.01 else f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_figure(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_figure(one) for one in value)
    return str(value)
