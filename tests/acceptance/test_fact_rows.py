"""Rows C: facts from every channel, in any order, in one history a person; usage, contracts and content as facts."""

import random

import pytest

from crosslift.collect.sources.segment import Message
from crosslift.domain.identity import IdentityKind, identity_of

ORDERS = "order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency,channel,source\n"
WEB = (
    ORDERS
    + "w1,2026-08-01T10:00:00Z,mina,GRINDER,1,80,USD,web,shop\nw1,2026-08-01T10:00:00Z,mina,BEANS,2,15,USD,web,shop\n"
)


def till(order, product, day):
    return {
        "order_id": order, "ordered_at": f"2026-09-{day:02}T17:30:00+09:00", "customer_id": "mina", "product_id": product,
        "quantity": 1, "unit_price": "24.00", "currency": "USD", "channel": "till", "source": "pos-seoul",
    }  # fmt: skip


CALL = Message(
    event="Order Completed", message_id="cc-1", user_id="mina", timestamp="2026-10-02T09:15:00Z",
    context={"channel": "call center"},
    properties={"order_id": "cc-77", "currency": "USD", "products": [{"product_id": "KETTLE", "price": 89, "name": "Kettle"}]},
)  # fmt: skip


def history(shop, customer):
    """Give a customer's baskets, oldest first: channel and products."""
    lines = shop.cleaned().lines.to_pylist()
    mine = sorted((line for line in lines if line["customer_id"] == customer), key=lambda line: line["ordered_at"])
    baskets = {}
    for line in mine:
        baskets.setdefault((line["source"], line["order_id"], line["channel"]), set()).add(line["product_id"])
    return [(channel, products) for (_, _, channel), products in baskets.items()]


def test_c03_till_call_and_web_orders_are_one_basket_history(fresh, tmp_path):
    """Web orders by file, a till's by API, a call center's as an event; visits and CRM notes beside them."""
    (tmp_path / "web.csv").write_text(WEB, encoding="utf-8")
    fresh.collect(tmp_path / "web.csv")
    assert fresh.put_facts("orders", [till("t9", "FILTERS", 3), till("t9", "BEANS", 3)])["outcomes"] == ["new", "new"]
    assert fresh.collect_events([CALL])["new"] == 1
    assert history(fresh, "mina") == [
        ("web", {"GRINDER", "BEANS"}),
        ("till", {"FILTERS", "BEANS"}),
        ("phone", {"KETTLE"}),
    ]
    assert fresh.records.person("customer:mina").owned == {"GRINDER", "BEANS", "FILTERS", "KETTLE"}

    contacts = [
        {"activity_id": "v1", "at": "2026-09-20T02:00:00Z", "kind": "visit", "customer_id": "mina", "channel": "sales",
         "subject": "asked for a quieter grinder", "staff": "jun"},
        {"activity_id": "n1", "at": "2026-09-21T02:00:00Z", "kind": "note", "customer_id": "mina", "text": "prefers mornings"},
    ]  # fmt: skip
    assert fresh.put_facts("activities", contacts)["new"] == 2
    found = fresh.records.table("activities", ["kind", "subject", "text"], "customer_id = ?", ("mina",)).to_pylist()
    assert [row["kind"] for row in found] == ["visit", "note"]

    back = {
        "order_id": "t9",
        "source": "pos-seoul",
        "product_id": "FILTERS",
        "quantity": 1,
        "returned_at": "2026-09-05",
    }
    fresh.put_facts("returns", [back])
    assert history(fresh, "mina")[1] == ("till", {"BEANS"})
    assert fresh.records.person("customer:mina").owned == {"GRINDER", "BEANS", "KETTLE"}
    for again in (lambda: fresh.put_facts("orders", [till("t9", "FILTERS", 3), till("t9", "BEANS", 3)]),
                  lambda: fresh.put_facts("returns", [back]), lambda: fresh.collect_events([CALL]),
                  lambda: fresh.collect(tmp_path / "web.csv")):  # fmt: skip
        again()
    assert len(history(fresh, "mina")) == 3


def steps(tmp_path):
    """Give every kind of fact as something that can be brought, once or again."""
    (tmp_path / "web.csv").write_text(WEB, encoding="utf-8")
    (tmp_path / "events.jsonl").write_text(
        '{"type":"identify","messageId":"i1","userId":"mina","anonymousId":"a-91","timestamp":"2026-08-01T09:00:00Z",'
        '"traits":{"email":"mina@shop.example","skin":"dry"}}\n'
        '{"type":"group","messageId":"g1","userId":"mina","groupId":"acme","timestamp":"2026-08-01T09:00:00Z"}\n'
        '{"type":"track","event":"Products Searched","messageId":"s1","anonymousId":"a-91",'
        '"timestamp":"2026-08-01T08:59:00Z","properties":{"query":"grinder"}}\n',
        encoding="utf-8",
    )
    case = {"case_id": "k1", "customer_id": "mina", "opened_at": "2026-08-05", "cost": "12.5", "currency": "USD"}
    rows = {
        "accounts": [{"account_id": "acme", "name": "Acme", "kind": "company"}],
        "account_members": [{"account_id": "acme", "customer_id": "mina", "role": role} for role in ("buyer", "Approver")],
        "activities": [{"activity_id": "q1", "at": "2026-08-02", "kind": "quote", "account_id": "acme", "direction": "out"}],
        "feedback": [{"feedback_id": "f1", "at": "2026-08-09", "customer_id": "mina", "kind": "nps", "rating": 9, "scale": 10}],
        "payments_failed": [
            {"payment_id": "p1", "at": "2026-08-03", "customer_id": "mina", "amount": 95, "currency": "USD", "status": status,
             "updated_at": at} for status, at in (("failed", "2026-08-03"), ("recovered", "2026-08-07"))
        ],
        "cases": [
            {**case, "status": status, "updated_at": at}
            for status, at in (("open", "2026-08-05"), ("waiting", "2026-08-06"), ("closed", "2026-08-08"))
        ],
        "campaign_costs": [{"campaign_id": "aug", "from": "2026-08-01", "cost": 500, "currency": "USD", "channel": "email"}],
        "exchange_rates": [{"on": "2026-08-01", "currency": "KRW", "rate": 0.00073, "source": "BOK"}],
        "assignments": [{"experiment_id": "e", "unit_id": "mina", "arm": arm, "at": at}
                        for arm, at in (("a", "2026-08-01"), ("b", "2026-08-02"))],
        "logged_choices": [
            {"choice_id": "1", "at": "2026-08-01", "unit_id": "mina", "action": "mail", "probability": 0.5},
            {"choice_id": "1", "at": "2026-08-01", "unit_id": "mina", "action": "mail", "probability": 0.5, "outcome": 1,
             "outcome_at": "2026-08-04"},
        ],
        "subscriptions": [
            {"subscription_id": "s1", "customer_id": "mina", "product_id": "PLAN", "status": status, "started_at": "2026-08-01",
             "used": used, "limit": 100, "updated_at": at}
            for status, used, at in (("trial", 0, "2026-08-01"), ("active", 80, "2026-08-20"))
        ],
        "usage": [{"customer_id": "mina", "product_id": "GRINDER", "meter": "kg", "value": 3.5, "at": "2026-08-30"}],
        "orders": [till("t9", "FILTERS", 3)],
        "returns": [{"order_id": "w1", "source": "shop", "product_id": "BEANS", "quantity": 1, "returned_at": "2026-08-04"}],
    }  # fmt: skip
    singly = [(lambda shop, d=dataset, r=row: shop.put_facts(d, [r])) for dataset, some in rows.items() for row in some]
    files = [lambda shop: shop.collect(tmp_path / "web.csv"), lambda shop: shop.collect(tmp_path / "events.jsonl")]
    return [*singly, *files, lambda shop: shop.collect_events([CALL])], sorted({*rows, "order_lines"} - {"orders"})


def everything(shop, tables):
    """Read what is known, ingestion numbers and imports aside."""
    known = {}
    for table in tables:
        rows = zip(*(column.to_pylist() for column in shop.records.table(table, COLUMNS[table]).columns), strict=True)
        known[table] = sorted(rows, key=repr)
    known["events"] = sorted((row["name"], row["at"]) for row in shop.frames.events().to_pylist())
    person = shop.records.person("customer:mina")
    known["person"] = (sorted(person.owned), sorted(person.holdings))
    return known


COLUMNS = {
    "accounts": ["account_id", "name"], "account_members": ["account_id", "customer_id", "role"],
    "activities": ["activity_id", "kind"], "cases": ["case_id", "status", "cost_micros"], "feedback": ["feedback_id", "rating"],
    "payments_failed": ["payment_id", "status"], "campaign_costs": ["campaign_id", "cost_micros"],
    "exchange_rates": ["rated_on", "currency", "rate"], "assignments": ["unit_id", "arm", "at"],
    "logged_choices": ["choice_id", "action", "outcome"], "subscriptions": ["subscription_id", "status", "used"],
    "usage": ["meter", "value"], "returns": ["order_id", "product_id", "quantity"],
    "order_lines": ["source", "order_id", "line_id", "product_id", "quantity", "channel"],
}  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_c02_every_fact_late_and_out_of_order_ends_in_the_same_state(fresh, little, tmp_path, seed):
    """Every kind of fact in order; the same in another order and twice, in another shop: the same is known."""
    bring, tables = steps(tmp_path)
    for step in bring:
        step(fresh)
    wanted = everything(fresh, tables)
    assert wanted["cases"] == [("k1", "closed", 12_500_000)]
    assert wanted["assignments"][0][:2] == ("mina", "a")
    assert wanted["logged_choices"] == [("1", "mail", 1.0)]
    assert wanted["subscriptions"] == [("s1", "active", 80.0)]
    assert wanted["payments_failed"] == [("p1", "recovered")]
    assert wanted["person"] == (["BEANS", "FILTERS", "GRINDER", "KETTLE"], ["PLAN"])
    chance = random.Random(seed)
    shuffled = [*bring, *chance.sample(bring, 6)]
    chance.shuffle(shuffled)
    with little.open_shop(tmp_path / "other") as other:
        for step in shuffled:
            step(other)
        assert everything(other, tables) == wanted
        for step in bring:
            step(other)
        assert everything(other, tables) == wanted


def test_c08_facts_of_contracts_and_meters(fresh, tmp_path):
    """A contract as it stands now and its use, by file and by API; a plan at 80 % of its limit can be read as such."""
    (tmp_path / "subs.csv").write_text(
        "subscription_id,customer_id,product_id,status,started_at,renews_at,limit,used,updated_at\n"
        "s1,mina,PLAN,active,2026-01-01,2027-01-01,100,42,2026-06-01\n",
        encoding="utf-8",
    )
    fresh.collect(tmp_path / "subs.csv")
    newer = {"subscription_id": "s1", "customer_id": "mina", "product_id": "PLAN", "status": "active",
             "started_at": "2026-01-01", "limit": 100, "used": 80, "updated_at": "2026-09-01"}  # fmt: skip
    assert fresh.put_facts("subscriptions", [newer])["outcomes"] == ["replaced"]
    assert fresh.put_facts("subscriptions", [{**newer, "used": 70, "updated_at": "2026-08-01"}])["outcomes"] == [
        "conflict"
    ]
    [plan] = fresh.frames.subscriptions().to_pylist()
    assert plan["used"] / plan["usage_limit"] == 0.8
    assert fresh.records.person("customer:mina").holdings == {"PLAN"}
    readings = [{"customer_id": "mina", "product_id": "CAR", "meter": "km", "value": km, "at": day}
                for km, day in ((9_500, "2026-07-01"), (10_400, "2026-08-01"))]  # fmt: skip
    assert fresh.put_facts("usage", readings)["unknown"] == ["CAR"]
    assert fresh.put_facts("usage", readings)["same"] == 2
    assert fresh.frames.usage().column("value").to_pylist() == [9_500.0, 10_400.0]


def test_c12_facts_of_what_was_read(fresh):
    """A guide that was read and an e-book that was taken along are facts of the person, searches too."""
    fresh.collect_events([
        Message(event="Content Viewed", message_id="r1", user_id="mina", timestamp="2026-08-01T10:00:00Z",
                properties={"content_id": "ppc-guide", "title": "How PPC works"}),
        Message(event="Content Downloaded", message_id="r2", user_id="mina", timestamp="2026-08-01T10:05:00Z",
                properties={"content_id": "ppc-ebook", "title": "The PPC book", "product_id": "PPC"}),
        Message(type="page", name="FAQ", message_id="r3", anonymous_id="a-1", timestamp="2026-08-01T10:06:00Z",
                properties={"content_id": "faq-7"}),
        Message(event="Products Searched", message_id="r4", user_id="mina", timestamp="2026-08-01T10:07:00Z",
                properties={"query": "PPC"}),
    ])  # fmt: skip
    reads = fresh.material().reads.to_pylist()
    mina = identity_of(IdentityKind.CUSTOMER, "mina")
    assert [(row["identity"], row["content_id"]) for row in reads] == [
        (mina, "ppc-guide"), (mina, "ppc-ebook"), ("anonymous:a-1", "faq-7"),
    ]  # fmt: skip
    assert fresh.material().searches.column("query").to_pylist() == ["ppc"]
