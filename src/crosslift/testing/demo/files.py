"""Write the demo shop as the files a merchant would bring: canonical columns, same bytes for the same seed."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from crosslift.testing.demo.pictures import svg_of

from crosslift.testing.demo.catalog import CATALOG, CURRENCY, local_prices
from crosslift.testing.demo.customers import consent_rows, customer_ids, customer_rows, signed_up
from crosslift.testing.demo.item import Item
from crosslift.testing.demo.people import People
from crosslift.testing.demo.process import CHANNELS, Ints
from crosslift.testing.demo.receipts import prices
from crosslift.testing.demo.sales import REASONS, Lines, Returns, Visits, draw_sales
from crosslift.testing.demo.seasons import MARKETS
from crosslift.testing.demo.stories import FEWEST_ORDERS
from crosslift.testing.demo.till import write_till
from crosslift.testing.demo.views import Views, draw_views

PRODUCT_COLUMNS = ["product_id", "title", "title_ko", "title_ja", "category", "brand", "price", "currency", "cost", "stock", "parent_id", "url", "image", "kind", "attributes", "active"]
CUSTOMER_COLUMNS = ("customer_id", "email", "phone", "locale", "market", "created_at", "traits")
CONSENT_COLUMNS = ("customer_id", "purpose", "channel", "status", "source", "wording", "at")
ORDER_COLUMNS = (
    "order_id,ordered_at,customer_id,product_id,variant_id,quantity,unit_price,currency,line_id,discount,tax,channel,market,status"
)
RETURN_COLUMNS = "order_id,product_id,quantity,returned_at,reason,line_id,refund_amount"
#: Share of order lines that the shop's export wrote twice.
TWICE = 0.003
LINES_AT_ONCE = 50_000

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Where everything was written, and how much of it.

    `till` lies apart, in CP949 with Korean headings, and is not part of the shop's ordinary import.
    """

    folder: Path
    products: Path
    customers: Path
    consents: Path
    orders: Path
    returns: Path
    events: Path
    pictures: Path
    till: Path
    counts: dict[str, int]

    @property
    def importable(self) -> tuple[Path, ...]:
        """The canonical files in the order a shop collects them."""
        return (self.products, self.customers, self.consents, self.orders, self.returns, self.events)


def write(
    folder: Path, seed: int = 7, n_orders: int = 40_000, on_progress: Progress | None = None
) -> DemoFiles:
    """Write the demo shop into a folder, which is made where it is missing.

    Parameters
    ----------
    folder : Path
        Existing demo files in it are replaced.
    seed : int
        Same seed, same bytes.
    n_orders : int
        Orders in orders.csv, mess included; at least 500. People and views come in proportion.
    on_progress : callable, optional
        Called with the step's name and the share of all work done so far, 0..1.

    Returns
    -------
    DemoFiles

    Raises
    ------
    ValueError
        If fewer than 500 orders are asked for: the stories need room.
    """
    if n_orders < FEWEST_ORDERS:
        raise ValueError(f"The demo shop needs at least {FEWEST_ORDERS} orders for its stories, not {n_orders}")
    tell = on_progress or (lambda step, done: None)
    rng = np.random.Generator(np.random.PCG64([seed, 3]))
    files = _paths(folder)
    tell("draw orders", 0.0)
    people, visits, lines, returns = draw_sales(n_orders, seed)
    signed = signed_up(people, visits, rng)
    tell("draw views", 0.1)
    views = draw_views(people, visits, lines, seed)
    tell("write products", 0.25)
    files.counts["products"] = _write_csv(files.products, PRODUCT_COLUMNS, _product_rows())
    files.counts["pictures"] = _write_pictures(files.pictures)
    tell("write customers", 0.3)
    files.counts["customers"] = _write_csv(files.customers, CUSTOMER_COLUMNS, customer_rows(people, signed, rng))
    files.counts["consents"] = _write_csv(files.consents, CONSENT_COLUMNS, consent_rows(people, signed, rng))
    tell("write orders", 0.4)
    files.counts["orders"] = n_orders
    files.counts["lines"] = _write_lines(files.orders, ORDER_COLUMNS, _order_lines(people, visits, lines, rng))
    files.counts["returns"] = _write_lines(files.returns, RETURN_COLUMNS, _return_lines(lines, returns))
    tell("write views", 0.6)
    files.counts["events"] = _write_lines(files.events, None, _event_lines(people, views))
    write_till(files.till)
    tell("done", 1.0)
    return files


def _paths(folder: Path) -> DemoFiles:
    """Name the files and make their folders."""
    pictures, extra = folder / "pictures", folder / "extra"
    for place in (folder, pictures, extra):
        place.mkdir(parents=True, exist_ok=True)
    tables = [folder / f"{name}.csv" for name in ("products", "customers", "consents", "orders", "returns")]
    return DemoFiles(folder, *tables, folder / "events.jsonl", pictures, extra / "till_cp949.csv", {})


def _write_csv(path: Path, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> int:
    """Write quoted rows under their columns; give their number."""
    n = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        for row in rows:
            out.writerow(row)
            n += 1
    return n


def _write_lines(path: Path, header: str | None, lines: list[str]) -> int:
    """Write finished lines in large pieces; give their number."""
    with path.open("w", encoding="utf-8", newline="") as file:
        if header:
            file.write(header + "\n")
        for start in range(0, len(lines), LINES_AT_ONCE):
            file.write("\n".join(lines[start : start + LINES_AT_ONCE]) + "\n")
    return len(lines)


def _write_pictures(folder: Path) -> int:
    """Write a picture for every product that has one."""
    pictured = [item for item in CATALOG if item.has_picture]
    for item in pictured:
        (folder / f"{item.product_id}.svg").write_text(svg_of(item), encoding="utf-8", newline="\n")
    return len(pictured)


def _product_rows() -> Iterator[list[object]]:
    """Give the catalog's rows: each product, then its variants."""
    for place, item in enumerate(CATALOG):
        yield _product_row(item, item.product_id, "", ("", "", ""), item.price, item.stock, {})
        for number, variant in enumerate(item.variants):
            won = int(prices()[place, number + 1])
            stock = round(item.stock * (variant.share or 1 / len(item.variants)))
            titles = tuple(f", {title}" for title in (variant.title, variant.title_ko, variant.title_ja))
            own_id = f"{item.product_id}-{variant.code}"
            yield _product_row(item, own_id, item.product_id, titles, won, stock, dict(variant.attributes))


def _product_row(
    item: Item, own_id: str, parent_id: str, option: tuple[str, ...], won: int, stock: int, facts: dict[str, object]
) -> list[object]:
    """Give one row of products.csv."""
    titles = [title + end for title, end in zip((item.title, item.title_ko, item.title_ja), option, strict=True)]
    cost = "" if item.cost is None else round(item.cost * won / item.price / 100) * 100
    attributes = json.dumps({**item.attributes, **facts, **local_prices(won)}, ensure_ascii=False)
    price = won if item.has_price else ""
    row = [own_id, *titles, item.category, item.brand, price, CURRENCY, cost, stock, parent_id]
    return [*row, f"/products/{item.product_id}", item.image, item.kind, attributes, str(item.is_active).lower()]


def _instants(seconds: Ints) -> list[str]:
    """Write seconds since 1970 as ISO 8601 instants."""
    written: list[str] = np.datetime_as_string(seconds.astype("datetime64[s]")).tolist()
    return [one + "Z" for one in written]


def _order_ids(n: int) -> list[str]:
    """Number the orders as the shop does."""
    return [f"M-{place + 1:06d}" for place in range(n)]


def _order_lines(people: People, visits: Visits, lines: Lines, rng: np.random.Generator) -> list[str]:
    """Give the lines of orders.csv, some of them twice."""
    ids, markets = [*customer_ids(people), ""], list(MARKETS)
    heads = [
        f"{order_id},{at},{ids[person]}"
        for order_id, at, person in zip(_order_ids(len(visits.at)), _instants(visits.at), visits.person.tolist(), strict=True)
    ]
    tails = [
        f"{CHANNELS[channel]},{markets[market]}"
        for channel, market in zip(visits.channel.tolist(), visits.market.tolist(), strict=True)
    ]
    sold = [
        [f"{item.product_id},", *(f"{item.product_id},{item.product_id}-{variant.code}" for variant in item.variants)]
        for item in CATALOG
    ]
    status = ("placed", "cancelled")
    columns = (lines.order, lines.product, lines.variant, lines.number, lines.quantity, lines.unit_price, lines.discount)
    written = [
        f"{heads[order]},{sold[product][variant + 1]},{quantity},{price},{CURRENCY},{number},{discount},{tax},{tails[order]},{status[gone]}"
        for order, product, variant, number, quantity, price, discount, tax, gone in zip(
            *(column.tolist() for column in (*columns, lines.tax, lines.is_cancelled)), strict=True
        )
    ]
    twice = rng.random(len(written)) < TWICE
    return [written[place] for place in np.repeat(np.arange(len(written)), 1 + twice).tolist()]


def _return_lines(lines: Lines, returns: Returns) -> list[str]:
    """Give the lines of returns.csv."""
    sold, order_ids = returns.line, _order_ids(int(lines.order.max()) + 1)
    refund = lines.quantity[sold] * lines.unit_price[sold] - lines.discount[sold]
    columns = (lines.order[sold], lines.product[sold], lines.quantity[sold], returns.reason, lines.number[sold], refund)
    return [
        f"{order_ids[order]},{CATALOG[product].product_id},{quantity},{at},{REASONS[reason]},{number},{amount}"
        for at, order, product, quantity, reason, number, amount in zip(
            _instants(returns.at), *(column.tolist() for column in columns), strict=True
        )
    ]


def _event_lines(people: People, views: Views) -> list[str]:
    """Give the lines of events.jsonl: Segment's Product Viewed."""
    users = [f'"userId":"{customer_id}",' for customer_id in customer_ids(people)]
    goods = [f'{{"product_id":"{item.product_id}","price":{item.price},"currency":"{CURRENCY}"}}' for item in CATALOG]
    columns = (views.device, views.person, views.is_known, views.channel, views.product)
    return [
        f'{{"type":"track","event":"Product Viewed","messageId":"view-{number:07d}","anonymousId":"d{device:06d}",'
        f'{users[person] if known else ""}"timestamp":"{at}","channel":"{CHANNELS[channel]}","properties":{goods[product]}}}'
        for number, (at, device, person, known, channel, product) in enumerate(
            zip(_instants(views.at), *(column.tolist() for column in columns), strict=True)
        )
    ]
