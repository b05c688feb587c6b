"""What is known of a person: value, habit, stage, what they leave the shop with; each figure with what it rests on."""

import csv
from datetime import timedelta

import numpy as np
import pytest

from crosslift.collect.sources.segment import Message

CATALOG = [
    ("tea", "Drinks/Tea", 10, 4), ("coffee", "Drinks/Coffee", 12, 5), ("cup", "Table/Cups", 8, 3), ("pot", "Table/Pots", 30, 14),
    ("shoe", "Shoes/Running", 90, 50), ("sock", "Shoes/Care", 9, 3), ("book", "Books", 15, 9),
]  # fmt: skip
PRICES = {name: price for name, _, price, _ in CATALOG}


def write(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header.split(","), *rows])
    return path


def invented(now):
    """Orders of 240 customers over 600 days: each with a rhythm of their own, some of whom stopped."""
    chance = np.random.default_rng(7)
    names = [name for name, *_ in CATALOG[:4]]
    rows, number = [], 0
    for customer in range(240):
        gap = chance.uniform(20, 90)
        day, leaves = chance.uniform(0, 60), chance.uniform(100, 900)
        while day < min(600, leaves):
            for product in chance.choice(names, size=chance.integers(1, 3), replace=False):
                rows.append((number, day, f"c{customer}", product, 1))
            number += 1
            day += chance.gamma(2, gap / 2)
    return rows, number


PEOPLE = {
    "loyal": [(600 - 30 * n, "tea") for n in range(1, 16)],
    "returner": [(600 - 25 * n, "pot") for n in range(1, 9)],
    "once": [(560, "pot")] + [(600 - 40 * n, "tea") for n in range(2, 9)],
    "caller": [(600 - 60 * n, "tea") for n in range(1, 6)],
    "defaulter": [(590, "pot"), (570, "shoe")],
    "runner": [(570, "shoe")],
    "away": [(50 + 20 * n, "coffee") for n in range(8)],
}


@pytest.fixture(scope="module")
def home(little, tmp_path_factory):
    """The shop, learned once; copied by nobody as tests only read it."""
    folder = tmp_path_factory.mktemp("profiles")
    clock = little.Clock()
    begin = clock() - timedelta(days=600)

    def at(day):
        return (begin + timedelta(days=float(day))).isoformat()

    rows, number = invented(clock())
    for name, bought in PEOPLE.items():
        rows += [(number + n, day, name, product, 1) for n, (day, product) in enumerate(bought)]
        number += len(bought)
    orders = [(f"o{n}", at(day), who, product, q, PRICES[product], "USD") for n, day, who, product, q in rows]
    returned = [(o, p, 1, at(day + 5), PRICES[p]) for (o, _, who, p, *_), (_, day, *_) in zip(orders, rows, strict=True)
                if who == "returner" or (who == "once" and p == "pot")]  # fmt: skip
    with little.no_jit(), little.open_shop(folder / "home", clock) as shop:
        shop.collect(
            write(
                folder / "p.csv",
                "product_id,title,category,price,currency,cost",
                [(n, n, c, p, "USD", k) for n, c, p, k in CATALOG],
            ),
            write(folder / "o.csv", "order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency", orders),
            write(folder / "r.csv", "order_id,product_id,quantity,returned_at,refund_amount", returned),
        )
        shop.put_facts("cases", [
            {"case_id": f"k{n}", "customer_id": "caller", "opened_at": at(400 + 20 * n), "closed_at": at(401 + 20 * n),
             "status": "closed", "cost": "15", "currency": "USD"} for n in range(9)
        ])  # fmt: skip
        shop.put_facts("cases", [{"case_id": "open", "customer_id": "runner", "opened_at": at(598), "status": "open"}])
        shop.put_facts("payments_failed", [{
            "payment_id": "p1", "at": at(592), "customer_id": "defaulter", "amount": "120", "currency": "USD",
            "status": "defaulted",
        }])  # fmt: skip
        shop.collect_events([
            Message(message_id=f"v{n}", event="Product Viewed", user_id=who, timestamp=at(day), properties={"sku": product})
            for n, (who, day, product) in enumerate([
                ("runner", 580, "shoe"), ("runner", 586, "shoe"), ("onlooker", 599, "pot"), ("onlooker", 599.5, "pot"),
                ("passer", 300, "tea"), ("loyal", 599, "tea"),
            ])
        ])  # fmt: skip
        shop.learn(force=True)
        yield shop


def profile(shop, name):
    return shop.customers.show(name)["profile"]


def test_u01_one_page_has_everything_with_provenance(home):
    shown = home.customers.show("runner")
    assert {"order_lines", "events", "cases"} <= set(shown["rows"])
    assert shown["rows"]["order_lines"][0]["provenance"]["source"] == "o.csv"
    assert shown["rows"]["cases"][0]["provenance"]["source"] == "api"
    assert (shown["profile"]["n_orders"], shown["profile"]["open_cases"]) == (1, 1)


def test_u02_recency_frequency_money_and_value_with_its_interval(home):
    loyal, away = profile(home, "loyal"), profile(home, "away")
    assert (loyal["n_orders"], loyal["revenue"], loyal["margin"]) == (15, 150, 90)
    assert (loyal["rfm_recency"], loyal["rfm_frequency"]) == (
        4,
        4,
    )  # 15 orders in the busiest fifth but one, 30 days ago
    assert away["rfm_recency"] < loyal["rfm_recency"]
    assert 0 <= loyal["clv_low"] <= loyal["clv"] <= loyal["clv_high"]
    assert loyal["clv_basis"] == "margin"
    assert loyal["clv"] > away["clv"]


def test_u06_journey_stage_and_churn_risk(home):
    stages = {name: profile(home, name)["stage"] for name in ("passer", "onlooker", "loyal", "away")}
    assert (stages["onlooker"], stages["away"]) == ("consider", "lapse")
    assert stages["loyal"] in ("buy", "use", "consider")
    assert stages["passer"] in ("aware", "lapse")
    assert all(profile(home, name)["stage_evidence"] for name in ("onlooker", "away"))
    assert profile(home, "away")["churn_risk"] > profile(home, "loyal")["churn_risk"]


def test_u05_learned_affinity_to_category_and_price(home):
    loyal = profile(home, "loyal")
    assert loyal["categories"] == {"Drinks/Tea": 1.0}
    assert sum(loyal["price_bands"].values()) == pytest.approx(1)
    assert 0 <= loyal["price_sensitivity"] <= 1


def test_u07_learned_net_contribution_with_class_and_reason(home):
    classes = {name: profile(home, name)["contribution_class"] for name in PEOPLE}
    assert classes["loyal"] == "profitable"
    assert classes["returner"] == "serial_returner"
    assert classes["caller"] == "heavy_service"
    assert classes["defaulter"] == "defaulter"
    assert classes["once"] == "profitable"
    returner = profile(home, "returner")
    assert returner["net_contribution"] < 0
    assert returner["contribution_reasons"]


def test_c07_returns_defaults_and_service_are_costs_of_the_person(home):
    caller, defaulter, returner = (profile(home, name) for name in ("caller", "defaulter", "returner"))
    assert caller["service_cost"] == pytest.approx(9 * 15)
    assert defaulter["default_loss"] == pytest.approx(120)
    assert (returner["n_returns"], returner["return_rate"]) == (8, pytest.approx(1))
    kinds = home.customers.show("caller")["rows"]
    assert kinds["cases"][0]["cost"] == "15"


def test_j10_detected_second_visit_after_a_purchase(home):
    """Trainers bought, their category visited twice within three weeks."""
    found = profile(home, "runner")["returning_intent"]
    assert [(visit[0], visit[1]) for visit in found] == [("Shoes/Running", 2)]
    assert profile(home, "loyal")["returning_intent"] == []


def test_example_36_detected_trainers_and_returning_visits(home):
    assert profile(home, "runner")["returning_intent"][0][0] == "Shoes/Running"


def test_example_39_detected_serial_returner_defaulter_heavy_service(home):
    """What the classes hold back is the gates' business (step 4)."""
    assert {profile(home, name)["contribution_class"] for name in ("returner", "caller", "defaulter")} == {
        "serial_returner", "heavy_service", "defaulter"
    }  # fmt: skip


def test_example_40_detected_open_complaint(home):
    assert profile(home, "runner")["open_cases"] == 1


def test_example_40_solve_first_before_anything_is_offered(home):
    """An open complaint: nothing is sold before it is solved; the same page of somebody else is answered."""
    made = home.decide("home", customer="runner")
    assert (made.offers, made.no_offer) == ((), "solve_first")
    assert home.decide("home", customer="away").offers


def test_a_merge_rewrites_the_two_profiles_and_a_split_restores_them(home):
    before = [home.records.profile(f"customer:{name}") for name in ("loyal", "away")]
    home.customers.merge("loyal", "away", "anna")
    merged = profile(home, "loyal")
    assert merged["n_orders"] == 15 + 8
    home.customers.split("loyal", "away", "anna", "not the same")
    assert [home.records.profile(f"customer:{name}") for name in ("loyal", "away")] == before
