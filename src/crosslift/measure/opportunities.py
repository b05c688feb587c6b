"""What could be earned and is not: what comes along with products, what stops offers, who gets none, what searches miss.

Each list is sized by what the shop itself has seen: companions that came along by themselves, sales credited to offers that
were made, purchases after searches that were answered. Part of that would be bought anyway, so a size is what there is to win
at most, never a forecast.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from crosslift.domain.estimate import Estimate, Figure, NotEstimable
from crosslift.measure.figures import MIN_UNITS, Sums, added_up, filled, mean, ratio, rows
from crosslift.stats.compare import Interval

Lazies = Callable[[Mapping[str, pa.Table]], Mapping[str, Any]]
LINES = ("order", "product", "amount", "units")
"""Columns of what was sold, a row a line: amounts in one currency, net of what came back."""
PAIRS = ("product", "companion")
"""Columns of what goes with what, a row a direction."""
DECIDED = ("decision_id", "unit", "placement", "offers", "amount")
"""Columns of decisions: how many offers each made, and the amount credited to them."""
STOPS = ("decision_id", "policy", "code", "n")
"""Columns of what a code stopped in a decision: so many candidates."""
SEARCHES = ("unit", "query", "at", "results")
"""Columns of searches; `results` is null where the shop did not say how many there were."""
MIN_COMPARABLE = 5
"""Products with companions that are needed to say what companions bring."""
MIN_SEARCHERS = 3
"""A search fewer people made is not told in their words: what one person typed may be about them."""
HOUR = 3_600_000_000


def attached(lines: pa.Table, pairs: pa.Table, lazies: Lazies) -> pa.Table:
    """Add up what came along with each product that has companions.

    Parameters
    ----------
    lines, pairs : pa.Table
        See `LINES` and `PAIRS`.

    Returns
    -------
    pa.Table
        product, orders (that hold it), attached (of them, those that hold a companion), amount (of the companions in them);
        in order of product.
    """
    import narwhals as nw

    frames = lazies({"lines": lines, "pairs": pairs})
    held = frames["lines"].group_by("order", "product").agg(nw.col("amount").sum())
    anchors = held.join(frames["pairs"].select("product").unique(), on="product", how="inner")
    counted = anchors.group_by("product").agg(nw.len().alias("orders"))
    companions = held.rename({"product": "companion", "amount": "brought"})
    met = (
        anchors.select("order", "product")
        .join(frames["pairs"], on="product", how="inner")
        .join(companions, on=["order", "companion"], how="inner")
        .group_by("product", "order")
        .agg(nw.col("brought").sum())
        .group_by("product")
        .agg(nw.len().alias("attached"), nw.col("brought").sum())
    )
    whole = counted.join(met, on="product", how="left").select(
        "product", "orders", filled("attached").cast(nw.Int64()).alias("attached"), filled("brought").alias("amount")
    )
    table: pa.Table = whole.sort("product").collect("pyarrow").to_native()
    return table


def worth_an_order(found: pa.Table, category: pa.Array, lazies: Lazies) -> dict[str | None, Figure]:
    """Say what companions bring an order of a product that has some: by category, and under None of all.

    Parameters
    ----------
    found : pa.Table
        As `attached` gives it.
    category : array of str
        Of each of its products.

    Returns
    -------
    dict
        Amount an order, with the interval of the mean over products; a single product may well lie outside it.
    """
    import narwhals as nw

    every = found.append_column("slice", category)
    whole = found.append_column("slice", pa.repeat("", found.num_rows))
    frame = lazies({"products": pa.concat_tables([every, whole], promote_options="permissive")})["products"]
    units = rows(frame.filter(~nw.col("slice").is_null()), nw.col("amount"), nw.col("orders"))
    return {row["slice"] or None: _of_products(row) for row in added_up(units)}


def _of_products(row: Sums) -> Figure:
    n = int(row["n"])
    if n < MIN_COMPARABLE or row["x"] <= 0:
        return NotEstimable(f"{n} comparable products with companions, at least {MIN_COMPARABLE} needed")
    return _estimate(ratio(row), n)


def worth_a_decision(decided: pa.Table, lazies: Lazies) -> dict[str | None, Figure]:
    """Say what is credited to a decision that offered something: by placement, and under None of all; by person.

    Parameters
    ----------
    decided : pa.Table
        See `DECIDED`.
    """
    import narwhals as nw

    frame = lazies({"decided": decided})["decided"].filter(nw.col("offers") > 0)
    people = [
        frame.with_columns(slice_.alias("slice"))
        .group_by("slice", "unit")
        .agg(nw.col("amount").sum(), nw.len().alias("n"))
        for slice_ in (nw.col("placement"), nw.lit(""))
    ]
    found: dict[str | None, Figure] = {}
    for each in people:
        for row in added_up(rows(each, nw.col("amount"), nw.col("n"))):
            found[row["slice"] or None] = _of_people(row)
    return found


def worth_a_person(decided: pa.Table, lazies: Lazies) -> Figure:
    """Say what is credited to offers of each person who was offered something."""
    import narwhals as nw

    frame = lazies({"decided": decided})["decided"].filter(nw.col("offers") > 0)
    people = frame.with_columns(nw.lit("").alias("slice")).group_by("slice", "unit").agg(nw.col("amount").sum())
    found = added_up(rows(people, nw.col("amount")))
    return _of_people(found[0], mean) if found else NotEstimable(f"0 people with an offer, at least {MIN_UNITS} needed")


def _of_people(row: Sums, judge: Callable[[Sums], Interval] = ratio) -> Figure:
    n = int(row["n"])
    if n < MIN_UNITS:
        return NotEstimable(f"{n} people with an offer, at least {MIN_UNITS} needed")
    return _estimate(judge(row), n)


def stopped(decided: pa.Table, stops: pa.Table, lazies: Lazies) -> pa.Table:
    """Count what each code of each policy stopped, by placement.

    Parameters
    ----------
    decided, stops : pa.Table
        See `DECIDED` and `STOPS`.

    Returns
    -------
    pa.Table
        policy, code, placement, candidates, decisions (it stopped something in), empty (of them, those that offered nothing).
    """
    import narwhals as nw

    frames = lazies({"decided": decided, "stops": stops})
    joined = frames["stops"].join(frames["decided"].select("decision_id", "placement", "offers"), on="decision_id")
    found = (
        joined.with_columns((nw.col("offers") == 0).cast(nw.Int64()).alias("is_empty"))
        .group_by("policy", "code", "placement")
        .agg(
            _sum("n").alias("candidates"),
            nw.len().alias("decisions"),
            _sum("is_empty").alias("empty"),
        )
        .sort("policy", "code", "placement")
    )
    table: pa.Table = found.collect("pyarrow").to_native()
    return table


def reached(people: pa.Table, decided: pa.Table, lazies: Lazies) -> pa.Table:
    """Count who was offered something, by group.

    Parameters
    ----------
    people : pa.Table
        group, unit: who was there in the period; a person may be in several groups.

    Returns
    -------
    pa.Table
        group, people, reached; in order of group.
    """
    import narwhals as nw

    frames = lazies({"people": people, "decided": decided})
    served = frames["decided"].filter(nw.col("offers") > 0).group_by("unit").agg(nw.len().alias("n"))
    joined = frames["people"].unique().join(served, on="unit", how="left")
    joined = joined.with_columns((~nw.col("n").is_null()).cast(nw.Int64()).alias("is_reached"))
    found = joined.group_by("group").agg(nw.len().alias("people"), _sum("is_reached").alias("reached"))
    table: pa.Table = found.sort("group").collect("pyarrow").to_native()
    return table


def brought_along(lines: pa.Table, pairs: pa.Table, lazies: Lazies) -> pa.Table:
    """Add up, over the orders of each product, how many pieces of it and of each companion were sold.

    Returns
    -------
    pa.Table
        product, companion, n (orders of the product) and the sums y, yy, x, xx, xy of `measure.figures.ratio`: y pieces of
        the companion, x of the product.
    """
    import narwhals as nw

    frames = lazies({"lines": lines, "pairs": pairs})
    held = frames["lines"].group_by("order", "product").agg(nw.col("units").sum())
    other = held.rename({"product": "companion", "units": "brought"})
    joined = (
        held.join(frames["pairs"], on="product", how="inner")
        .join(other, on=["order", "companion"], how="left")
        .with_columns(filled("brought").alias("y"), nw.col("units").cast(nw.Float64()).alias("x"))
    )
    y, x = nw.col("y"), nw.col("x")
    sums = [nw.col(name).sum() for name in ("y", "yy", "x", "xx", "xy")]
    found = (
        joined.with_columns((y * y).alias("yy"), (x * x).alias("xx"), (x * y).alias("xy"))
        .group_by("product", "companion")
        .agg(nw.len().alias("n"), *sums)
        .sort("product", "companion")
    )
    table: pa.Table = found.collect("pyarrow").to_native()
    return table


def pieces_along(row: Sums) -> Figure:
    """Say how many pieces of a companion go with one piece of a product, by order."""
    n = int(row["n"])
    if n < MIN_UNITS:
        return NotEstimable(f"{n} orders of the product, at least {MIN_UNITS} needed")
    return _estimate(ratio(row), n)


def searched(searches: pa.Table, sales: pa.Table, hours: float, lazies: Lazies) -> pa.Table:
    """Count searches, and who bought something after them.

    Parameters
    ----------
    searches : pa.Table
        See `SEARCHES`.
    sales : pa.Table
        unit, at, amount of each order line.
    hours : float
        A purchase so long after a search answers it.

    Returns
    -------
    pa.Table
        query, unit, searches, stated (those whose results were counted), zero (of them, those without any), amount (bought
        within `hours` after the last one); a row a person and query.
    """
    import narwhals as nw

    frames = lazies({"searches": searches, "sales": sales})
    stated, zero = ~nw.col("results").is_null(), ~nw.col("results").is_null() & (nw.col("results") == 0)
    made = (
        frames["searches"]
        .with_columns(stated.cast(nw.Int64()).alias("stated"), zero.cast(nw.Int64()).alias("zero"))
        .group_by("query", "unit")
        .agg(
            nw.len().alias("searches"),
            _sum("stated"),
            _sum("zero"),
            nw.col("at").max().alias("last_at"),
        )
    )
    bought = (
        made.select("query", "unit", "last_at")
        .join(frames["sales"].select("unit", "at", "amount"), on="unit", how="inner")
        .filter((nw.col("at") >= nw.col("last_at")) & (nw.col("at") <= nw.col("last_at") + int(hours * HOUR)))
        .group_by("query", "unit")
        .agg(nw.col("amount").sum(), nw.len().alias("lines"))
    )
    found = made.join(bought, on=["query", "unit"], how="left").select(
        "query", "unit", "searches", "stated", "zero", filled("amount").alias("amount"), filled("lines").alias("lines")
    )
    table: pa.Table = found.sort("query", "unit").collect("pyarrow").to_native()
    return table


def misses(found: pa.Table, lazies: Lazies) -> pa.Table:
    """Count what searches led to nowhere, by query; those of fewer than `MIN_SEARCHERS` people together under null.

    A search missed its mark where it had no result, or, of a query nobody ever bought after, where nobody counted them.

    Parameters
    ----------
    found : pa.Table
        As `searched` gives it.

    Returns
    -------
    pa.Table
        query, people, searches, zero, buyers, missed (people whose search missed), is_stated; the most missed first.
    """
    import narwhals as nw

    frame = lazies({"found": found})["found"]
    has_zero = (nw.col("zero") > 0).cast(nw.Int64())
    by_query = (
        frame.with_columns(has_zero.alias("missed"), (nw.col("lines") > 0).cast(nw.Int64()).alias("buyers"))
        .group_by("query")
        .agg(
            nw.len().alias("people"),
            *(_sum(n) for n in ("searches", "stated", "zero", "buyers", "missed")),
        )
    )
    is_told = nw.col("people") >= MIN_SEARCHERS
    is_nowhere = (nw.col("stated") == 0) & (nw.col("buyers") == 0)
    named = by_query.with_columns(
        nw.when(is_told).then(nw.col("query")).otherwise(nw.lit(None, nw.String())).alias("query"),
        nw.when(is_nowhere & is_told).then(nw.col("people")).otherwise(nw.col("missed")).alias("missed"),
    )
    whole = named.group_by("query").agg(
        *(_sum(name) for name in ("people", "searches", "stated", "zero", "buyers", "missed"))
    )
    missed = whole.filter(nw.col("missed") > 0).with_columns((nw.col("stated") > 0).alias("is_stated"))
    table: pa.Table = missed.sort(["missed", "query"], descending=[True, False]).collect("pyarrow").to_native()
    return table.select(["query", "people", "searches", "zero", "buyers", "missed", "is_stated"])


def worth_a_search(found: pa.Table, lazies: Lazies) -> Figure:
    """Say what people buy after a search that had results, or whose results nobody counted; by person."""
    import narwhals as nw

    frame = lazies({"found": found})["found"].filter(nw.col("zero") == 0)
    people = frame.with_columns(nw.lit("").alias("slice")).group_by("slice", "unit").agg(
        nw.col("amount").sum(), nw.len().alias("n")
    )  # fmt: skip
    told = added_up(rows(people, nw.col("amount"), nw.col("n")))
    n = int(told[0]["n"]) if told else 0
    if n < MIN_UNITS:
        return NotEstimable(f"{n} people whose search was answered, at least {MIN_UNITS} needed")
    return _estimate(ratio(told[0]), n)


def scaled(figure: Figure, factor: float, unit: str) -> Figure:
    """Give a figure so many times; what is won is not below 0."""
    if isinstance(figure, NotEstimable):
        return figure
    value, low, high = (max(each, 0.0) * factor for each in (figure.value, figure.low, figure.high))
    return Estimate(value, low, high, figure.n, unit)


def added(figures: list[Figure], unit: str) -> Figure:
    """Add figures, bounds with bounds: never too sure where they hang together."""
    known = [one for one in figures if isinstance(one, Estimate)]
    if len(known) < len(figures) or not known:
        return next((one for one in figures if isinstance(one, NotEstimable)), NotEstimable("nothing to add up"))
    value, low, high = (sum(getattr(one, bound) for one in known) for bound in ("value", "low", "high"))
    return Estimate(value, low, high, min(one.n for one in known), unit)


def _sum(name: str) -> Any:
    """Add up counts; engines give sums of whole numbers in kinds of their own."""
    import narwhals as nw

    return nw.col(name).sum().cast(nw.Int64())


def _estimate(found: Interval, n: int) -> Estimate:
    return Estimate(found.value, found.low, found.high, n, "amount")
