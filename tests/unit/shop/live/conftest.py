"""A shop of forty people of whom much is unknown, with facts of every kind that a rule can ask, in few words."""

import json
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from crosslift.collect.sources.segment import Message
from crosslift.domain.profile import PROFILE_COLUMNS
from crosslift.store.tables import arrow_schema
from crosslift.testing.segments_contract import DAY, HOUR, NOW, WORDS_USED

CATEGORIES = ("Grinders", "Grinders/Hand", "Grinders, used", "차/녹차", "차", "%")
N_CUSTOMERS = 30


def instant(micros):
    return datetime.fromtimestamp(micros / 1e6, UTC).isoformat()


class Crowd:
    """Facts drawn by chance, put through the doors of a shop."""

    def __init__(self, shop, seed):
        self.shop, self.chance = shop, np.random.default_rng(seed)

    def one(self, some):
        return some[int(self.chance.integers(len(some)))]

    def maybe(self, value, share=0.5):
        return value if self.chance.random() < share else None

    def customer(self):
        return f"c{self.chance.integers(N_CUSTOMERS):02}"

    def fill(self):
        self.catalog()
        self.people()
        self.contracts()
        self.said()
        self.ledger()
        self.events(0, 150)
        self.shop.frames.seal(1)
        self.events(150, 300)
        self.profiles()
        self.who_is_who()

    def catalog(self):
        rows = [
            {"product_id": word, "title": word, "category": self.maybe(self.one(CATEGORIES), 0.8), "price": 1, "currency": "USD"}
            for word in WORDS_USED
        ]  # fmt: skip
        variants = [{"product_id": f"{word} v", "title": word, "parent_id": word, "price": 1, "currency": "USD",
                     "category": self.maybe(" Grinders ", 0.3)} for word in WORDS_USED]  # fmt: skip
        self.shop.put_products([*rows, *variants])

    def product(self):
        return self.one(WORDS_USED) + self.one(("", "", " v"))

    def traits(self):
        given = {self.one(WORDS_USED): self.one([*WORDS_USED, 2, 0.5, " 3 ", True, ["a", 1], None, {"b": "a"}])}
        return given | ({"goals": self.one(["a", ["차", "%"], [], "a; A"])} if self.chance.random() < 0.4 else {})

    def people(self):
        self.shop.put_facts("customers", [
            {"customer_id": f"c{n:02}", "traits": {**self.traits(), **self.traits(), "a_b": "a"}}
            for n in range(0, N_CUSTOMERS, 2)
        ])  # fmt: skip
        self.shop.put_facts("orders", [
            {"order_id": f"o{n}", "ordered_at": instant(NOW - DAY), "customer_id": self.customer(), "product_id": self.product(),
             "quantity": 1, "unit_price": 1, "currency": "USD"} for n in range(25)
        ])  # fmt: skip
        self.shop.put_facts("accounts", [{"account_id": name, "name": name, "kind": "company"} for name in "xy"])
        self.shop.put_facts("account_members", [
            {"account_id": self.one("xy"), "customer_id": self.customer(), "role": self.one(("buyer", "user")),
             "until": self.maybe(instant(NOW + int(self.chance.integers(-1, 2)) * DAY))} for _ in range(12)
        ])  # fmt: skip

    def owner(self):
        named = self.chance.random()
        return {
            "customer_id": self.customer() if named < 0.8 else None,
            "account_id": self.one("xy") if named > 0.6 else None,
        }

    def contracts(self):
        self.shop.put_facts("subscriptions", [
            {"subscription_id": f"s{n}", **self.owner(), "product_id": self.product(), "started_at": instant(NOW - 9 * DAY),
             "status": self.one(("active", "trial", "cancelled", "ended")), "limit": self.maybe(self.one((0, 10, 3))),
             "ended_at": self.maybe(instant(NOW + int(self.chance.integers(-1, 2)) * DAY)), "used": self.one((None, 2, 5, 10)),
             "attributes": self.maybe({"meter": self.one(WORDS_USED)})} for n in range(40)
        ])  # fmt: skip

    def said(self):
        self.shop.put_facts("cases", [
            {"case_id": f"k{n}", **self.owner(), "opened_at": instant(NOW - DAY),
             "status": self.one(("open", "waiting", "closed"))} for n in range(20)
        ])  # fmt: skip
        self.shop.put_facts("feedback", [
            {"feedback_id": f"f{n}", "at": instant(NOW + int(self.chance.integers(-3, 2)) * HOUR), "customer_id": self.customer(),
             "text": self.one((None, "great", "terrible, broken")), **self.one((
                 {"kind": "nps", "rating": self.one((0, 2, 7.5)), "scale": 10},
                 {"kind": "review", "rating": self.one((1, 5)), "scale": 5},
             ))} for n in range(40)
        ])  # fmt: skip

    def ledger(self):
        self.shop.consents.record([
            {"customer_id": self.customer(), "purpose": self.one(("marketing", "personalization")), "source": "form",
             "channel": self.one(("*", "a", "b")), "status": self.one(("granted", "granted", "denied", "withdrawn", "pending")),
             "at": instant(NOW + int(self.chance.integers(-5, 2)) * HOUR)} for _ in range(150)
        ])  # fmt: skip

    def events(self, first, last):
        self.shop.collect_events([
            Message(
                message_id=f"m{n}", event=self.one(WORDS_USED), timestamp=instant(self.when()),
                **self.one(({"user_id": self.customer()}, {"anonymous_id": f"b{self.chance.integers(10)}"})),
                context={"channel": "a"} if self.chance.random() < 0.3 else {},
                properties={"product_id": self.maybe(self.product(), 0.7), "category": self.maybe(self.one(CATEGORIES)),
                            "size": self.one((*WORDS_USED, 1, 1.0, True, None, ["a"]))},
            ) for n in range(first, last)
        ])  # fmt: skip

    def when(self):
        minutes, days = self.chance.integers(-60, 61), self.chance.integers(0, 60)
        return int(self.one((NOW + minutes * 60_000_000, NOW - days * DAY)))

    def profiles(self):
        names = list(PROFILE_COLUMNS)
        rows = [self.profile(f"customer:c{n:02}") for n in range(0, N_CUSTOMERS, 3)]
        rows += [self.profile(f"anonymous:b{n}") for n in (1, 77)]
        columns = {name: pa.array([row.get(name) for row in rows]) for name in names}
        self.shop.records.save_profiles(pa.table(columns).cast(arrow_schema("profiles", names)))

    def profile(self, person):
        number = self.one((None, -1.0, 0.0, 0.3, 2.0, 7.5))
        shares = {self.one(CATEGORIES): self.one((0.1, 0.2, 0.3)) for _ in range(int(self.chance.integers(4)))}
        trait = self.one(WORDS_USED)
        return {
            "person_id": person, "as_of": NOW - DAY, "n_orders": self.one((0.0, 2.0, 3.0)), "recency_days": number,
            "clv": number, "last_nps": 7.5, "churn_risk": self.one((None, 0.3)), "stage": self.one((None, "consider", "buy")),
            "market": self.one((None, *WORDS_USED)), "rfm_segment": self.one((None, *WORDS_USED)), "open_cases": 9.0,
            "last_order_at": self.one((None, NOW - DAY, NOW - HOUR)), "last_seen_at": self.one((None, NOW - 2 * DAY)),
            "categories": json.dumps(shares), "brands": json.dumps(shares), "price_bands": "{}", "goals": json.dumps(["A"]),
            "traits": json.dumps({trait: self.one(WORDS_USED), "a_b": "a"}), "account_ids": "[]", "holdings": "[]",
            "provenance": json.dumps({trait: self.one(("customers", "events"))}), "unknown": "{}", "stage_evidence": "[]",
            "contribution_reasons": "[]", "returning_intent": json.dumps([[self.one(CATEGORIES), 2, NOW]]),
        }  # fmt: skip

    def who_is_who(self):
        for n in range(3):
            self.shop.customers.identify(f"c{n:02}", {"anonymous": f"b{n}", "email": f"c{n}@mail.example"})
        self.shop.customers.merge("c05", "c06", "anna")
        self.shop.customers.merge("c03", "c04", "anna")
        self.shop.customers.split("c03", "c04", "anna", "two people")
        self.shop.privacy.erase("c09")


@pytest.fixture(scope="module", params=[1, 2])
def crowd(request, little, tmp_path_factory):
    """A shop with its people; ask it, do not change it."""
    clock = little.Clock(datetime.fromtimestamp(NOW / 1e6, UTC))
    home = tmp_path_factory.mktemp("crowd") / "home"
    with little.open_shop(home, clock, profile_sensitive_traits="a_b") as shop:
        Crowd(shop, request.param).fill()
        yield shop
