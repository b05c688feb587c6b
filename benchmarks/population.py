"""The facts of a made-up shop with many customers, as rows of the store's tables; seeded.

Orders, returns and contacts are skewed as those of people are: few do much. A third of the events came under browsers, half of
which are known by now. One line in a hundred is a later row that takes an earlier sale back, as exports of many tills have it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

SEED = 7
EVENTS_EACH = 20
DAY = 86_400_000_000
DAYS = 730
N_PRODUCTS, N_CATEGORIES = 5_000, 200
NAMES = ("Product Viewed", "Product Viewed", "Product Viewed", "page", "Product Added", "Products Searched", "screen")
PAGES = (
    '{"path":"/","referrer":"https://www.search.example/","url":"https://shop.example/?utm_source=letter"}',
    '{"path":"/new","referrer":"","url":"https://shop.example/new"}',
    '{"path":"/a","referrer":"https://shop.example/","url":"https://shop.example/a"}',
)
MARKETS = np.array(["KR", "JP", "US"])

Ints = npt.NDArray[np.int64]
Tables = Iterator[tuple[str, pa.Table]]


def texts(values: npt.NDArray[np.str_], places: npt.NDArray[np.integer]) -> pa.Array:
    """Give the texts at some places."""
    return pa.array(values).take(pa.array(places))


def named(prefix: str, numbers: npt.NDArray[np.integer]) -> pa.Array:
    """Give ids: a letter and a number."""
    return pa.compute.binary_join_element_wise(prefix, pa.array(numbers).cast(pa.string()), "")


def same(value: object, n: int, kind: pa.DataType | None = None) -> pa.Array:
    """Give a column of one value."""
    return pa.repeat(pa.scalar(value, kind), n)


def prices() -> Ints:
    """Give the price of each product, micros."""
    return 5_000_000 + np.arange(N_PRODUCTS) * 7_919 % N_PRODUCTS * 9_000


def products() -> list[dict[str, object]]:
    """Give the catalog as an API would send it."""
    chance = np.random.default_rng(SEED)
    category, brand = chance.integers(0, N_CATEGORIES, N_PRODUCTS), chance.integers(0, 300, N_PRODUCTS)
    cost = (prices() * chance.uniform(0.4, 0.7, N_PRODUCTS)).astype(np.int64)
    return [
        {
            "product_id": f"P{n}", "title": f"Product {n}", "category": f"H{category[n] % 20}/C{category[n]}",
            "brand": f"B{brand[n]}", "price": f"{price / 1e6:.2f}", "cost": f"{cost[n] / 1e6:.2f}", "currency": "EUR",
        }
        for n, price in enumerate(prices().tolist())
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Population:
    """So many customers and what they did.

    Attributes
    ----------
    n : int
        Customers, `c0` to `c{n-1}`.
    events_each : int
        Events for each of them, on average.
    """

    n: int
    events_each: int = EVENTS_EACH

    def tables(self) -> Tables:
        """Give all rows but events, table by table, each with the columns it fills."""
        chance = np.random.default_rng(SEED)
        yield "customers", self._customers(chance)
        yield from self._identities(chance)
        yield from self._sales(chance)
        yield from self._contacts(chance)

    def events(self, begin: int, end: int) -> pa.Table:
        """Give some events of all, numbered in order of ingestion; they came in the order they happened, but for a day or so."""
        chance, n = np.random.default_rng((SEED, begin)), end - begin
        who = (self.n * chance.random(n) ** 1.5).astype(np.int64) * 7_919 % self.n
        name, product = chance.integers(0, len(NAMES), n), _product(chance, n)
        is_browser, has_product = chance.random(n) < 1 / 3, (name < 3) | (name == 4)
        properties = np.where(name == 3, chance.integers(0, len(PAGES), n), len(PAGES))
        at = ((np.arange(begin, end) / (self.n * self.events_each)) * DAYS * DAY).astype(np.int64)
        at = np.clip(at - chance.integers(0, DAY, n), 0, None)
        kinds = texts(np.array(["customer:c", "anonymous:b"]), is_browser.astype(int))
        return pa.table({
            "id": np.arange(begin + 1, end + 1), "message_hash": pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(16), n, [None, pa.py_buffer(chance.bytes(16 * n))]
            ).cast(pa.binary()),
            "name": texts(np.array(NAMES), name), "at": at, "received_at": at,
            "identity": pa.compute.binary_join_element_wise(kinds, pa.array(who).cast(pa.string()), ""),
            "product_id": pa.compute.if_else(pa.array(has_product), named("P", product), pa.scalar(None, pa.string())),
            "channel": same("web", n), "decision_id": pa.nulls(n, pa.string()),
            "properties": texts(np.array([*PAGES, "{}"]), properties),
        })  # fmt: skip

    def _customers(self, chance: np.random.Generator) -> pa.Table:
        age, city = chance.integers(18, 90, self.n), chance.integers(0, 500, self.n)
        traits = [
            f'{{"age":{a},"city":"city {c}","religion":"r{c % 7}"}}'
            for a, c in zip(age.tolist(), city.tolist(), strict=True)
        ]
        return pa.table({
            "customer_id": named("c", np.arange(self.n)), "locale": texts(np.array(["ko", "ja", "en"]), age % 3),
            "market": texts(MARKETS, age % 3), "created_at": chance.integers(0, DAYS * DAY, self.n), "traits": traits,
        })  # fmt: skip

    def _identities(self, chance: np.random.Generator) -> Tables:
        """Every customer, the browser of every second, why it is theirs, and what they allowed."""
        customers = named("customer:c", np.arange(self.n))
        browsers, owners = (named(kind, np.arange(0, self.n, 2)) for kind in ("anonymous:b", "customer:c"))
        n, at = len(browsers), chance.integers(0, DAYS * DAY, len(browsers))
        yield "identities", pa.table({
            "identity": pa.concat_arrays([customers, browsers]), "person_id": pa.concat_arrays([customers, owners]),
            "mapping_version": np.repeat([0, 1], [self.n, n]), "first_seen_at": np.zeros(self.n + n, np.int64),
        }).sort_by("identity")  # fmt: skip
        yield "identity_evidence", pa.table({
            "first": owners, "second": browsers, "rule": same("login", n), "at": at, "origin": same("events", n),
        })  # fmt: skip
        yield "mapping_changes", pa.table({
            "version": same(1, n), "at": at, "identity": browsers, "from_person": browsers, "to_person": owners,
            "because": pa.compute.binary_join_element_wise("login ", owners, ""),
        })  # fmt: skip
        who = chance.integers(0, self.n, self.n)
        yield "consents", pa.table({
            "customer_id": named("c", who), "purpose": texts(np.array(["marketing", "personalization"]), who % 2),
            "channel": same("*", self.n), "status": texts(np.array(["granted", "withdrawn"]), (who % 7 == 0).astype(int)),
            "source": same("form", self.n), "at": chance.integers(0, DAYS * DAY, self.n), "row_hash": np.arange(self.n),
        })  # fmt: skip

    def _sales(self, chance: np.random.Generator) -> Tables:
        """Orders of one to four lines at random times while a customer stays; rates, stays and levels of spend differ."""
        joined = chance.uniform(0, DAYS, self.n)
        stays = np.minimum(chance.exponential(300, self.n), DAYS - joined)
        who = np.repeat(np.arange(self.n), 1 + chance.poisson(chance.gamma(0.6, 1 / 60, self.n) * stays))
        at = ((joined[who] + chance.random(len(who)) * stays[who]) * DAY).astype(np.int64)
        by_time = np.argsort(at, kind="stable")
        who, at = who[by_time], at[by_time]
        yield "orders", pa.table({
            "source": same("web", len(who)), "order_id": named("O", np.arange(len(who))), "ordered_at": at,
            "customer_id": named("c", who), "channel": same("web", len(who)), "market": texts(MARKETS, who % 3),
            "currency": _currencies(who), "status": same("paid", len(who)),
        })  # fmt: skip
        order = np.repeat(np.arange(len(who)), 1 + chance.poisson(0.6, len(who)))
        product, quantity = _product(chance, len(order)), 1 + chance.poisson(0.3, len(order))
        lines = _lines(order, who, at, product, quantity, chance)
        is_back = chance.random(len(order)) < np.where(who[order] % 50 == 0, 0.8, 0.03)
        yield "order_lines", pa.concat_tables([lines, _reversed(lines, chance)])
        yield "returns", _returned(lines.filter(pa.array(is_back)), chance)
        yield "person_states", _states(who[order], product, at[order])

    def _contacts(self, chance: np.random.Generator) -> Tables:
        """A case of every twentieth customer, two calls of every tenth, a word of every tenth, a contract of every twentieth."""
        n = self.n
        troubled, called, said, held = (chance.integers(0, n, n // one) for one in (20, 5, 10, 20))
        yield "cases", pa.table({
            "case_id": named("k", np.arange(len(troubled))), "customer_id": named("c", troubled),
            "opened_at": chance.integers(0, DAYS * DAY, len(troubled)),
            "cost_micros": chance.integers(0, 30_000_000, len(troubled)),
            "status": texts(np.array(["open", "solved"]), troubled % 2), "currency": same("EUR", len(troubled)),
            "row_hash": np.arange(len(troubled)),
        })  # fmt: skip
        yield "activities", pa.table({
            "activity_id": named("a", np.arange(len(called))), "at": chance.integers(0, DAYS * DAY, len(called)),
            "kind": same("call", len(called)), "customer_id": named("c", called), "direction": same("in", len(called)),
            "duration_minutes": chance.exponential(6, len(called)), "row_hash": np.arange(len(called)),
        })  # fmt: skip
        yield "feedback", pa.table({
            "feedback_id": named("f", np.arange(len(said))), "at": chance.integers(0, DAYS * DAY, len(said)),
            "customer_id": named("c", said), "kind": texts(np.array(["review", "nps"]), said % 2),
            "rating": chance.integers(0, 6, len(said)).astype(float), "scale": np.full(len(said), 5.0),
            "sentiment": chance.uniform(-1, 1, len(said)), "sentiment_confidence": chance.random(len(said)),
            "row_hash": np.arange(len(said)),
        })  # fmt: skip
        since = chance.integers(0, DAYS * DAY, len(held))
        yield "subscriptions", pa.table({
            "subscription_id": named("s", np.arange(len(held))), "customer_id": named("c", held),
            "product_id": named("P", _product(chance, len(held))), "status": same("active", len(held)),
            "started_at": since, "started_on": since // DAY, "quantity": same(1, len(held)), "row_hash": np.arange(len(held)),
        })  # fmt: skip
        yield "exchange_rates", pa.table({
            "rated_on": np.arange(DAYS + 1), "currency": same("USD", DAYS + 1),
            "rate": chance.uniform(0.8, 1.0, DAYS + 1), "row_hash": np.arange(DAYS + 1),
        })  # fmt: skip
        yield from self._answered(chance)

    def _answered(self, chance: np.random.Generator) -> Tables:
        """What every fifth was offered, what was shown of it, and what every tenth will need."""
        offered, due = chance.integers(0, self.n, self.n // 5), np.unique(chance.integers(0, self.n, self.n // 10))
        n, at = len(offered), chance.integers(0, DAYS * DAY, len(offered))
        yield "decisions", pa.table({
            "decision_id": named("d", np.arange(n)), "at": at, "placement": same("cart", n), "channel": same("web", n),
            "purpose": same("personalization", n), "policy": same("default", n), "identity": named("customer:c", offered),
            "snapshot_id": same("s", n), "body": same(bytes(200), n),
        })  # fmt: skip
        yield "exposures", pa.table({
            "exposure_id": named("e", np.arange(n)), "decision_id": named("d", np.arange(n)),
            "product_id": named("P", _product(chance, n)), "at": at, "channel": same("web", n),
        })  # fmt: skip
        yield "refill_dues", pa.table({
            "identity": named("customer:c", due), "product_id": named("P", _product(chance, len(due))),
            "due_at": same(DAYS * DAY, len(due)), "interval_days": same(30.0, len(due)), "last_at": same(0, len(due)),
            "n_gaps": same(3, len(due)), "basis": same("own", len(due)),
        })  # fmt: skip


def _product(chance: np.random.Generator, n: int) -> Ints:
    return (chance.pareto(1.1, n) * 50).astype(np.int64) % N_PRODUCTS


def _currencies(who: Ints) -> pa.Array:
    return texts(np.array(["EUR", "USD"]), (who % 11 == 0).astype(int))


def _lines(
    order: Ints, who: Ints, at: Ints, product: Ints, quantity: Ints, chance: np.random.Generator
) -> pa.Table:  # fmt: skip
    n, price = len(order), prices()[product]
    return pa.table({
        "source": same("web", n), "order_id": named("O", order), "line_id": named("", np.arange(n)),
        "has_line_id": same(value=False, n=n), "ordered_at": at[order], "ordered_on": at[order] // DAY,
        "customer_id": named("c", who[order]), "product_id": named("P", product), "title": named("Product ", product),
        "quantity": quantity, "unit_price_micros": price, "currency": _currencies(who[order]),
        "discount_micros": np.where(chance.random(n) < 0.2, price // 10, 0), "tax_micros": price * quantity // 11,
        "channel": same("web", n), "market": texts(MARKETS, who[order] % 3), "status": same("paid", n),
        "row_hash": np.arange(n),
    })  # fmt: skip


def _reversed(lines: pa.Table, chance: np.random.Generator) -> pa.Table:
    """Give rows that take one line in a hundred back, a few days later, under an order number of their own."""
    back = lines.take(pa.array(np.sort(chance.choice(lines.num_rows, lines.num_rows // 100, replace=False))))
    at = np.asarray(back.column("ordered_at")) + chance.integers(DAY // 24, 9 * DAY, back.num_rows)
    changed = {
        "order_id": named("R", np.arange(back.num_rows)), "ordered_at": pa.array(at), "ordered_on": pa.array(at // DAY),
        "quantity": pa.compute.negate(back.column("quantity")), "status": same("cancelled", back.num_rows),
    }  # fmt: skip
    for name, column in changed.items():
        back = back.set_column(back.schema.get_field_index(name), name, column)
    return back


def _returned(lines: pa.Table, chance: np.random.Generator) -> pa.Table:
    at = np.asarray(lines.column("ordered_at")) + chance.integers(DAY, 20 * DAY, lines.num_rows)
    return lines.select(["source", "order_id", "line_id", "product_id", "quantity", "currency", "row_hash"]).append_column(
        "returned_at", pa.array(at)
    ).append_column("returned_on", pa.array(at // DAY))  # fmt: skip


def _states(who: Ints, product: Ints, at: Ints) -> pa.Table:
    """Give what each owns, as a packed list."""
    order = np.argsort(who, kind="stable")
    begins = np.flatnonzero(np.diff(who[order], prepend=-1))
    ends, pack = np.append(begins[1:], len(who)), msgspec.msgpack.encode
    names = named("P", product[order]).to_pylist()
    owned = [pack(sorted(set(names[a:b]))) for a, b in zip(begins.tolist(), ends.tolist(), strict=True)]
    return pa.table({
        "identity": named("customer:c", who[order][begins]), "owned": owned, "n_orders": ends - begins,
        "last_order_at": np.maximum.reduceat(at[order], begins),
    }).sort_by("identity")  # fmt: skip
