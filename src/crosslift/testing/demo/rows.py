"""The rows of the demo's files in canonical columns (DESIGN 9): products, orders, returns, events."""

import json
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from crosslift.testing.demo.catalog import CATALOG, CURRENCY, local_prices
from crosslift.testing.demo.customers import LOCALES, customer_ids
from crosslift.testing.demo.errands import Ints
from crosslift.testing.demo.guides import GUIDES, Guide, Reads
from crosslift.testing.demo.item import Item, Variant
from crosslift.testing.demo.people import People
from crosslift.testing.demo.process import CHANNELS
from crosslift.testing.demo.receipts import prices
from crosslift.testing.demo.sales import REASONS, Lines, Returns, Visits
from crosslift.testing.demo.searches import SPELLINGS, TERMS, Searches, spelled
from crosslift.testing.demo.seasons import MARKETS
from crosslift.testing.demo.views import Views

PRODUCT_COLUMNS = (
    "product_id,title,title_ko,title_ja,category,brand,price,currency,cost,stock,parent_id,url,image,kind,"
    "attributes,active"
)
ORDER_COLUMNS = (
    "order_id,ordered_at,customer_id,product_id,variant_id,quantity,unit_price,currency,line_id,discount,tax,"
    "channel,market,status,decision_id"
)
RETURN_COLUMNS = "order_id,product_id,quantity,returned_at,reason,line_id,refund_amount"
#: Share of order lines that the shop's export wrote twice.
TWICE = 0.003


def product_rows() -> Iterator[list[object]]:
    """Give the catalog's rows: each product, then its variants."""
    for place, item in enumerate(CATALOG):
        yield _product_row(item, item.price, item.stock)
        for number, variant in enumerate(item.variants):
            stock = round(item.stock * (variant.share or 1 / len(item.variants)))
            yield _product_row(item, int(prices()[place, number + 1]), stock, variant)


def _product_row(item: Item, won: int, stock: int, variant: Variant | None = None) -> list[object]:
    """Give one row of products.csv: a product, or one of its variants."""
    titles, own_id, parent_id, facts = [item.title, item.title_ko, item.title_ja], item.product_id, "", {}
    if variant:
        titles = [f"{item.title}, {variant.title}", f"{item.title_ko} ({variant.title_ko})"]
        titles.append(f"{item.title_ja}（{variant.title_ja}）")
        own_id, parent_id, facts = f"{own_id}-{variant.code}", own_id, dict(variant.attributes)
    cost = "" if item.cost is None else round(item.cost * won / item.price / 100) * 100
    attributes = json.dumps({**item.attributes, **facts, **local_prices(won)}, ensure_ascii=False)
    price = won if item.has_price else ""
    row = [own_id, *titles, item.category, item.brand, price, CURRENCY, cost, stock, parent_id]
    return [*row, f"/products/{item.product_id}", item.image, item.kind, attributes, str(item.is_active).lower()]


def _instants(seconds: Ints) -> list[str]:
    """Write seconds since 1970 as ISO 8601 instants."""
    written: list[str] = np.datetime_as_string(seconds.astype("datetime64[s]")).tolist()
    return [one + "Z" for one in written]


def _order_ids(n: int, prefix: str = "M") -> list[str]:
    """Give the shop's order numbers."""
    return [f"{prefix}-{place + 1:06d}" for place in range(n)]


def order_lines(
    people: People, visits: Visits, lines: Lines, decisions: Sequence[str], rng: np.random.Generator, prefix: str = "M"
) -> list[str]:
    """Give the lines of a file of orders, some of them twice; `decisions` is what each line names, empty for nothing."""
    customers, moments = [*customer_ids(people), ""], _instants(visits.at)
    order_ids = _order_ids(len(visits.at), prefix)
    who = zip(order_ids, moments, visits.person.tolist(), strict=True)
    heads = [f"{order_id},{at},{customers[person]}" for order_id, at, person in who]
    where = zip(visits.channel.tolist(), visits.market.tolist(), strict=True)
    tails = [f"{CHANNELS[channel]},{MARKETS[market]}" for channel, market in where]
    sold = [
        [f"{item.product_id},", *(f"{item.product_id},{item.product_id}-{variant.code}" for variant in item.variants)]
        for item in CATALOG
    ]
    status = ("placed", "cancelled")
    columns = [lines.order, lines.product, lines.variant, lines.quantity, lines.unit_price, lines.number]
    columns += [lines.discount, lines.tax, lines.is_cancelled.astype(np.int64)]
    written = [
        f"{heads[order]},{sold[product][variant + 1]},{quantity},{price},{CURRENCY},{number},{discount},{tax},"
        f"{tails[order]},{status[is_cancelled]},{decision_id}"
        for order, product, variant, quantity, price, number, discount, tax, is_cancelled, decision_id in zip(
            *(column.tolist() for column in columns), decisions, strict=True
        )
    ]
    twice = rng.random(len(written)) < TWICE
    return [written[place] for place in np.repeat(np.arange(len(written)), 1 + twice).tolist()]


def return_lines(lines: Lines, returns: Returns) -> list[str]:
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


def event_lines(people: People, views: Views, searches: Searches, reads: Reads) -> list[str]:
    """Give the lines of events.jsonl in order of time: Segment's Product Viewed, Products Searched, Content Viewed."""
    goods = np.array([f'{{"product_id":"{item.product_id}"}}' for item in CATALOG], dtype=object)
    typed = np.array(
        [[_json({"query": spelled(term.query, way)}) for way in range(SPELLINGS)] for term in TERMS], object
    )
    pages = np.array(
        [[_json(_page(guide, language)) for language in LOCALES.values()] for guide in GUIDES], dtype=object
    )
    market = np.where(reads.person >= 0, people.market[reads.person], 0)
    lines = [
        *_told(people, views, "Product Viewed", "view-{:07d}", goods[views.product]),
        *_told(people, searches, "Products Searched", "search-{:06d}", typed[searches.term, searches.spelling]),
        *_told(people, reads, "Content Viewed", "read-{:06d}", pages[reads.guide, market]),
    ]
    by_time = np.argsort(np.concatenate([views.at, searches.at, reads.at]), kind="stable")
    return [lines[place] for place in by_time.tolist()]


def _page(guide: Guide, language: str) -> dict[str, str]:
    """Give the properties of a page read: its id, its title in a language, and what it is about."""
    title = {"ko": guide.title_ko, "ja": guide.title_ja}.get(language, guide.title)
    about = {"product_id": guide.about} if guide.about else {}
    return {"content_id": guide.content_id, "title": title, **about}


def _json(properties: dict[str, str]) -> str:
    """Write properties as a line of JSON holds them."""
    return json.dumps(properties, ensure_ascii=False, separators=(",", ":"))


def _told(
    people: People, told: Views | Searches | Reads, event: str, number: str, properties: NDArray[np.object_]
) -> Iterator[str]:
    """Give the lines of one kind of event, numbered in order of time."""
    users = [f'"userId":"{customer_id}",' for customer_id in customer_ids(people)]
    columns = (told.device, told.person, told.is_known, told.channel, properties)
    for place, (at, device, person, known, channel, facts) in enumerate(
        zip(_instants(told.at), *(column.tolist() for column in columns), strict=True)
    ):
        yield (
            f'{{"type":"track","event":"{event}","messageId":"{number.format(place)}","anonymousId":"d{device:06d}",'
            f'{users[person] if known else ""}"timestamp":"{at}","context":{{"channel":"{CHANNELS[channel]}"}},'
            f'"properties":{facts}}}'
        )
