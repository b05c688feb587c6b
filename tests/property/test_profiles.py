"""Profiles: a person's row depends on the person's facts and the models alone, whoever else is asked, in whatever order.

So a merge that is taken back leaves no trace, and rows of a few people equal those of the whole run to the last digit.
"""

from dataclasses import fields, replace
from functools import cache

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.learn.customers.material import COLUMNS, CustomerMaterial
from crosslift.learn.customers.run import profile_people, profiles_of
from crosslift.settings import Settings

DAY = 86_400_000_000
N = 300
SETTINGS = Settings.load(
    {"shop.currency": "EUR", "profile.service_cost_per_hour": 30.0, "profile.contact_cost": 4.0}, environment={}
)
calm = settings(deadline=None, max_examples=25)


def table(name, rows):
    columns = COLUMNS[name]
    return pa.table({column: pa.array([row.get(column) for row in rows], kind) for column, kind in columns.items()})


def a_shop(seed):
    """People who buy, return, look, ask, complain and pay late; a browser of every third is known."""
    chance = np.random.default_rng(seed)

    def day():
        return int(chance.integers(0, 500)) * DAY + int(chance.integers(0, DAY))

    def who():
        return f"c{chance.integers(0, N)}"

    def pick(*values):
        return values[chance.integers(0, len(values))]

    products = [
        {"product_id": f"p{n}", "category": f"H{n % 3}/C{n % 7}", "brand": f"B{n % 4}", "currency": "EUR",
         "cost_micros": None if n == 13 else 4_000_000 + n * 100_000} for n in range(30)
    ]  # fmt: skip
    lines = []
    for customer in range(N):
        for order in range(1 + chance.poisson(chance.gamma(1.5, 2))):
            at, currency = day(), pick(*["EUR"] * 20, "USD", "KRW")
            for _ in range(1 + chance.poisson(0.7)):
                units = 1 + int(chance.poisson(0.5))
                lines.append(
                    {
                        "source": "web",
                        "order_id": f"o{customer}-{order}",
                        "customer_id": f"c{customer}",
                        "ordered_at": at,
                        "product_id": f"p{chance.integers(0, 30)}",
                        "quantity": units,
                        "currency": currency,
                        "kept": int(chance.integers(0, units + 1)) if chance.random() < 0.2 else units,
                        "unit_price_micros": int(chance.integers(5_000_000, 30_000_000)),
                        "market": pick("KR", "JP", None),
                        "discount_micros": pick(None, None, 1_000_000),
                        "tax_micros": pick(None, 500_000),
                    }
                )
    events = [
        {
            "identity": pick(f"customer:{who()}", f"anonymous:b{chance.integers(0, N)}"),
            "at": day(),
            "name": pick(
                "Product Viewed", "Product Viewed", "Product Added", "Products Searched", "screen", "page", "identify"
            ),
            "product_id": f"p{chance.integers(0, 30)}",
            "properties": pick(
                "{}", '{"referrer":"https://a.example/"}', '{"traits":{"skin":"dry","goals":["sleep"]}}'
            ),
        }
        for _ in range(2_000)
    ]
    for _ in range(2_000):
        identity, at, product = f"customer:{who()}", day(), f"p{chance.integers(0, 30)}"
        events += [
            {
                "identity": identity,
                "at": min(at + n * 2 * DAY, 500 * DAY),
                "name": "Product Viewed",
                "product_id": product,
                "properties": "{}",
            }
            for n in range(chance.integers(1, 4))
        ]
    returns = [
        {
            "source": "web",
            "order_id": line["order_id"],
            "product_id": line["product_id"],
            "quantity": 1,
            "currency": "EUR",
            "returned_at": day(),
            "refund_micros": int(chance.integers(0, 60_000_000)),
        }
        for line in lines
        if line["kept"] < line["quantity"]
    ]
    people = [{"identity": f"anonymous:b{n}", "person_id": f"customer:c{n}"} for n in range(0, N, 3)]
    return CustomerMaterial(
        lines=table("lines", lines),
        products=table("products", products),
        returns=table("returns", returns),
        people=table("people", people),
        events=[table("events", events[:3_000]), table("events", events[3_000:])],
        customers=table(
            "customers",
            [
                {
                    "customer_id": f"c{n % N}",
                    "locale": pick("ko", "ja", None),
                    "market": pick("KR", "JP"),
                    "created_at": day(),
                    "traits": pick("{}", '{"age":40,"religion":"x"}', '{"age":50,"need":"a; b"}'),
                }
                for n in range(N + 40)
            ],
        ),
        subscriptions=table(
            "subscriptions",
            [
                {
                    "subscription_id": f"s{n}",
                    "customer_id": pick(who(), None),
                    "account_id": pick("w1", "w2", None),
                    "product_id": f"p{n % 5}",
                    "status": pick("active", "cancelled", "ended"),
                    "started_at": day(),
                    "ended_at": pick(None, day()),
                }
                for n in range(60)
            ],
        ),
        usage=table("usage", [{"customer_id": who(), "product_id": "p1", "at": day()} for _ in range(50)]),
        activities=table(
            "activities",
            [
                {
                    "at": day(),
                    "kind": pick("call", "visit"),
                    "customer_id": pick(who(), None),
                    "account_id": pick("w1", "w2"),
                    "direction": pick("in", "out", None),
                    "duration_minutes": pick(None, float(chance.integers(1, 90))),
                }
                for _ in range(200)
            ],
        ),
        cases=table(
            "cases",
            [
                {
                    "case_id": f"k{n}",
                    "customer_id": pick(who(), None),
                    "account_id": pick("w1", None),
                    "opened_at": day(),
                    "status": pick("open", "solved"),
                    "cost_micros": pick(None, 7_000_000),
                    "currency": pick("EUR", "USD"),
                }
                for n in range(80)
            ],
        ),
        feedback=table(
            "feedback",
            [
                {
                    "feedback_id": f"f{n}",
                    "at": day(),
                    "customer_id": who(),
                    "kind": pick("review", "nps"),
                    "rating": float(chance.integers(0, 6)),
                    "scale": 5.0,
                    "sentiment": float(chance.uniform(-1, 1)),
                    "sentiment_confidence": float(chance.random()),
                }
                for n in range(150)
            ],
        ),
        payments_failed=table(
            "payments_failed",
            [
                {
                    "at": day(),
                    "customer_id": who(),
                    "amount_micros": 30_000_000,
                    "currency": "EUR",
                    "status": pick("failed", "defaulted"),
                }
                for _ in range(30)
            ],
        ),
        accounts=table(
            "accounts", [{"account_id": "w1", "kind": "company"}, {"account_id": "w2", "kind": "household"}]
        ),
        account_members=table(
            "account_members",
            [
                {
                    "account_id": pick("w1", "w2"),
                    "customer_id": who(),
                    "since": pick(None, day()),
                    "until": pick(None, day()),
                }
                for _ in range(60)
            ],
        ),
        exchange_rates=table(
            "exchange_rates",
            [{"rated_on": n, "currency": "USD", "rate": float(chance.uniform(0.8, 1))} for n in range(0, 501, 7)],
        ),
    )


@cache
def shop():
    return a_shop(1)


@cache
def learned():
    return profile_people(shop(), SETTINGS, lambda *_: None)


@cache
def models():
    """What a run learned, as it comes out of the store."""
    return msgspec.json.decode(msgspec.json.encode(learned().models))


def rows(found):
    return {row["person_id"]: row for row in found.to_pylist()}


def test_the_shop_has_something_of_everything():
    full = learned().table
    filled = {name for name in full.column_names if pc.any(pc.is_valid(full[name])).as_py()}
    assert set(full.column_names) - filled == {"cluster", "persona"}
    for name in (
        "categories",
        "returning_intent",
        "holdings",
        "goals",
        "traits",
        "account_ids",
        "contribution_reasons",
    ):
        assert any(text not in ("{}", "[]") for text in full[name].to_pylist()), name
    assert learned().report["value"]["unknown"] == {}


@given(places=st.sets(st.integers(0, N), max_size=8))
@calm
def test_rows_of_a_few_people_equal_those_of_the_whole_run(places):
    some = set(learned().table["person_id"].take(pa.array(sorted(places), pa.int64())).to_pylist())
    found = rows(profiles_of(shop(), some, models(), SETTINGS))
    assert found == {name: row for name, row in rows(learned().table).items() if name in some}


def test_everybody_again_equals_the_run():
    again = profiles_of(shop(), learned().table["person_id"].to_pylist(), models(), SETTINGS)
    assert rows(again) == rows(learned().table)


def joined(*pairs):
    """Map some identities to other people."""
    more = table("people", [{"identity": one, "person_id": other} for one, other in pairs])
    moved = pc.is_in(shop().people["identity"], value_set=pa.array([one for one, _ in pairs]))
    kept = shop().people.filter(pc.invert(moved))
    owner = dict(pairs)
    renamed = [owner.get(name, name) for name in kept["person_id"].to_pylist()]
    return replace(
        shop(), people=pa.concat_tables([kept.set_column(1, "person_id", pa.array(renamed, pa.string())), more])
    )


@given(numbers=st.sets(st.integers(0, N - 1), min_size=2, max_size=4))
@calm
def test_a_merge_that_is_taken_back_restores_every_row_exactly(numbers):
    names = sorted(f"customer:c{number}" for number in numbers)
    before, table_ = rows(learned().table), dict(rows(learned().table))
    merged = joined(*((name, names[0]) for name in names[1:]))
    together = rows(profiles_of(merged, names, models(), SETTINGS))
    assert list(together) == names[:1]
    for name in names:
        table_.pop(name)
    table_ |= together
    assert together[names[0]]["n_orders"] == sum(before[name]["n_orders"] for name in names)
    apart = rows(profiles_of(shop(), names, models(), SETTINGS))
    del table_[names[0]]
    assert table_ | apart == before


def test_a_merge_changes_nobody_else():
    merged = joined(("customer:c5", "customer:c4"))
    everybody = [name for name in learned().table["person_id"].to_pylist() if name != "customer:c5"]
    found, before = rows(profiles_of(merged, everybody, models(), SETTINGS)), rows(learned().table)
    assert {name for name in found if found[name] != before[name]} == {"customer:c4"}


def test_the_order_of_rows_does_not_matter():
    chance = np.random.default_rng(9)

    def mixed(some):
        return some.take(pa.array(chance.permutation(some.num_rows)))

    tables = {column.name: getattr(shop(), column.name) for column in fields(shop()) if column.name != "events"}
    events = mixed(pa.concat_tables(shop().events))
    other = profile_people(
        CustomerMaterial(events=[events], **{name: mixed(one) for name, one in tables.items()}),
        SETTINGS,
        lambda *_: None,
    )
    assert rows(other.table) == rows(learned().table)
    assert other.models == learned().models
    assert other.report == learned().report


def test_later_facts_do_not_change_rows_of_models_learned_before():
    late = table(
        "events",
        [
            {
                "identity": "customer:c1",
                "name": "Product Viewed",
                "at": 900 * DAY,
                "product_id": "p1",
                "properties": "{}",
            }
        ],
    )
    line = shop().lines.slice(0, 1).to_pylist()[0] | {"order_id": "late", "customer_id": "c1", "ordered_at": 900 * DAY}
    later = replace(
        shop(), events=[*shop().events, late], lines=pa.concat_tables([shop().lines, table("lines", [line])])
    )
    assert rows(profiles_of(later, ["customer:c1"], models(), SETTINGS)) == {
        "customer:c1": rows(learned().table)["customer:c1"]
    }
