"""Coupons in a shop: who is given one, what it takes off with the catalog's costs, and what it costs in all."""

import subprocess
import sys

import pyarrow as pa
import pytest

from crosslift.domain.profile import PROFILE_COLUMNS
from crosslift.errors import BadInput, Conflict, NotFound
from crosslift.store.tables import arrow_schema

THANKS = {
    "campaign_id": "thanks", "kind": "percent_off", "titles": {"en": "Thanks", "ko": "감사"}, "value": 0.1, "most": 20,
    "budget": 60, "ends_at": "2027-01-01T00:00:00Z", "author": "mina", "reason": "come back", "audience": "orders >= 3",
    "tiers": [{"condition": "orders >= 10", "value": "0.2"}], "valid_days": 10,
}  # fmt: skip
SPRING = {
    "campaign_id": "spring", "kind": "amount_off", "titles": {"en": "Spring"}, "value": "5", "budget": "100", "code": "SPRING",
    "ends_at": "2027-01-01T00:00:00Z", "author": "mina", "reason": "spring", "margin_floor": 0.2, "products": ["category:tea"],
}  # fmt: skip


@pytest.fixture
def shop(little, tmp_path, clock):
    """Four customers with learned profiles, a catalog with costs, two campaigns."""
    with little.open_shop(tmp_path / "home", clock) as shop:
        people = {"loyal": (3, None), "best": (12, "profitable"), "once": (1, None), "returner": (9, "serial_returner")}
        shop.put_facts("customers", [{"customer_id": name} for name in people])
        shop.consents.record([allowed(name) for name in people])
        learn(shop, people)
        shop.put_products([
            {"product_id": "green", "title": "Green", "category": "tea/green", "price": "20", "cost": "12", "currency": "USD"},
            {"product_id": "cup", "title": "Cup", "category": "cups", "price": "20", "currency": "USD"},
        ])  # fmt: skip
        shop.coupons.put([THANKS, SPRING])
        yield shop


def allowed(name, status="granted", channel="*", at="2026-10-01"):
    """Make the word of somebody on personalization."""
    return {
        "customer_id": name, "purpose": "personalization", "channel": channel, "status": status, "source": "form", "at": at,
    }  # fmt: skip


def learn(shop, people):
    """Put profiles in place as a learning run does."""
    names = list(PROFILE_COLUMNS)
    rows = [
        {
            "person_id": f"customer:{name}",
            "as_of": 0,
            "n_orders": n,
            "n_items": n,
            "contribution_class": kind or "unknown",
        }
        for name, (n, kind) in people.items()
    ]
    columns = {name: pa.array([row.get(name) for row in rows]) for name in names}
    shop.records.save_profiles(pa.table(columns).cast(arrow_schema("profiles", names)))


def line(product, quantity=1, price="20"):
    return {"product": product, "quantity": quantity, "unit_price": price}


def test_a_repeat_buyer_is_given_a_code_and_a_better_one_a_better_value(shop):
    loyal, best = (shop.coupons.issue("thanks", who) for who in ("loyal", "best"))
    assert (loyal["value"], best["value"]) == ("0.1", "0.2")
    assert loyal["code"] != best["code"]
    assert len(loyal["code"].replace("-", "")) == 20
    assert loyal["ends_at"] == "2026-11-11T12:00:00+00:00"
    assert shop.coupons.issue("thanks", "once")["refusal"] == "not_for_person"


def test_nobody_finds_a_code_in_the_files(shop):
    code = shop.coupons.issue("thanks", "loyal")["code"]
    plain = code.replace("-", "").encode()
    files = [path.read_bytes() for path in shop.home.rglob("*") if path.is_file()]
    assert not any(form in content for content in files for form in (plain, code.encode()))


@pytest.mark.parametrize("kind", ["serial_returner", "heavy_service", "defaulter", "unprofitable"])
def test_who_costs_more_than_they_bring_is_given_none(shop, kind):
    learn(shop, {"returner": (9, kind)})
    told = shop.coupons.issue("thanks", "returner", language="ko")
    assert (told["refusal"], told["code"], told["why"]) == ("not_for_class", None, "발급할 수 있는 쿠폰이 없어요.")
    used = shop.coupons.redeem("spring", "o1", lines=[line("green")], customer="returner")
    assert used["refusal"] == "not_for_class"


def test_without_consent_conditions_are_asked_of_nobodys_facts(shop):
    """The best customer took the word back: no audience, no tier; where the campaign is for everybody its plain value."""
    everybody = {**THANKS, "campaign_id": "all", "audience": ""}
    shop.coupons.put([everybody, {**SPRING, "audience": "orders >= 3", "products": []}])
    shop.consents.record([allowed("best", "withdrawn", at="2026-10-20")])
    told = shop.coupons.issue("thanks", "best", language="en")
    assert (told["refusal"], told["code"]) == ("not_for_person", None)
    assert told["why"] == "By what we may look at, the conditions of this campaign are not met."
    assert shop.coupons.redeem("spring", "o1", cart_value=50, customer="best")["refusal"] == "not_for_person"
    assert shop.coupons.redeem("spring", "o2", cart_value=50, customer="loyal")["is_new"]
    assert (shop.coupons.issue("all", "best")["value"], shop.coupons.issue("all", "loyal")["value"]) == ("0.1", "0.1")
    shop.consents.record([allowed("best", channel="email", at="2026-10-21")])
    assert shop.coupons.issue("thanks", "best")["refusal"] == "not_for_person"
    shop.consents.record([allowed("best", at="2026-10-22")])
    assert shop.coupons.issue("thanks", "best")["value"] == "0.2"


def test_without_consent_consents_and_open_cases_are_still_asked(shop):
    shop.consents.record([allowed("once", "withdrawn", at="2026-10-20")])
    shop.put_facts("cases", [{"case_id": "k1", "customer_id": "once", "opened_at": "2026-10-30", "status": "open"}])
    sorry = {**THANKS, "campaign_id": "sorry", "audience": "open_cases >= 1 and orders < 1"}
    shop.coupons.put([sorry, {**THANKS, "campaign_id": "quiet", "audience": 'not consent("personalization")'}])
    assert [shop.coupons.issue(name, "once")["refusal"] for name in ("sorry", "quiet")] == [None, None]


def test_classes_that_cost_are_given_none_whatever_they_allowed(shop):
    shop.consents.record([allowed("returner", "withdrawn", at="2026-10-20")])
    assert shop.coupons.issue("thanks", "returner")["refusal"] == "not_for_class"


def test_a_shop_that_decides_without_history_asks_nobody(little, tmp_path, clock):
    with little.open_shop(tmp_path / "bare", clock, privacy_contextual_only=True) as shop:
        shop.put_facts("customers", [{"customer_id": "best"}])
        shop.consents.record([allowed("best")])
        learn(shop, {"best": (12, "profitable")})
        shop.coupons.put([THANKS, {**THANKS, "campaign_id": "all", "audience": ""}])
        assert shop.coupons.issue("thanks", "best")["refusal"] == "not_for_person"
        assert shop.coupons.issue("all", "best")["value"] == "0.1"


def test_a_code_that_was_given_holds_whatever_is_learned_later(shop):
    code = shop.coupons.issue("thanks", "loyal")["code"]
    learn(shop, {"loyal": (3, "serial_returner")})
    shop.coupons.withdraw("thanks", "mina", "enough")
    assert shop.coupons.redeem(code, "o1", cart_value=50, customer="loyal")["discount"] == "5.00"
    assert shop.coupons.issue("thanks", "best")["refusal"] == "taken_back"


def test_a_code_is_honored_under_every_name_of_the_person(shop):
    code = shop.coupons.issue("thanks", "loyal")["code"]
    shop.customers.merge("loyal", "once", "anna")
    assert shop.coupons.redeem(code, "o1", cart_value=50, customer="best")["refusal"] == "other_person"
    assert shop.coupons.redeem(f" {code.lower()} ", "o1", cart_value=50, customer="once")["is_new"]


def test_the_margin_is_judged_by_the_costs_of_the_catalog(shop):
    """20 less 5 leaves 15 for a cost of 12: just a fifth. At 19 it is less."""
    kept = shop.coupons.redeem("SPRING", "o1", lines=[line("green"), line("cup")])
    assert (kept["discount"], kept["lines_without_cost"]) == ("5.00", 1)
    assert shop.coupons.redeem("SPRING", "o2", lines=[line("green", price="19")])["refusal"] == "below_margin"
    assert shop.coupons.redeem("SPRING", "o3", lines=[line("cup")])["refusal"] == "not_for_products"
    assert shop.coupons.redeem("SPRING", "o4", cart_value=99)["refusal"] == "not_for_products"


def test_the_report_says_what_was_given_and_what_is_left(shop, clock):
    codes = [shop.coupons.issue("thanks", who)["code"] for who in ("loyal", "best")]
    shop.coupons.redeem(codes[0], "o1", cart_value="39.99", customer="loyal")
    report = shop.coupons.report("thanks")
    assert (report["issued"], report["open"], report["redeemed"]) == (2, 1, 1)
    assert [report[name] for name in ("discount", "reserved", "left", "currency")] == ["3.99", "20.00", "36.01", "USD"]
    assert shop.coupons.release(codes[0], "o1")["is_new"]
    assert not shop.coupons.release(codes[0], "o1")["is_new"]
    clock.move(days=11)
    assert shop.coupons.report("thanks")["left"] == "60.00"
    with pytest.raises(NotFound, match="not used on order"):
        shop.coupons.release(codes[1], "o1")


def test_a_lost_code_is_exchanged_not_doubled(shop):
    first = shop.coupons.issue("thanks", "loyal")["code"]
    assert shop.coupons.issue("thanks", "loyal")["code"] is None
    second = shop.coupons.issue("thanks", "loyal", is_replacing=True)["code"]
    assert shop.coupons.redeem(first, "o1", cart_value=50, customer="loyal")["refusal"] == "unknown"
    assert shop.coupons.redeem(second, "o1", cart_value=50, customer="loyal")["is_new"]


def test_a_code_tells_its_terms_and_state(shop, clock):
    code = shop.coupons.issue("thanks", "loyal")["code"]
    told = shop.coupons.show(code, "ko")
    assert (told["title"], told["state"], told["most"], told["is_personal"]) == ("감사", "open", "20", True)
    shop.coupons.redeem(code, "o1", cart_value=50, customer="loyal")
    assert shop.coupons.show(code)["state"] == "used"
    clock.move(days=10)
    assert shop.coupons.show(code)["state"] == "expired"
    shop.coupons.withdraw("spring", "mina", "over")
    assert shop.coupons.show("spring")["state"] == "taken_back"
    with pytest.raises(NotFound):
        shop.coupons.show("AUTUMN")


def test_the_same_campaign_once_more_changes_nothing(shop):
    assert [one["outcome"] for one in shop.coupons.put([THANKS, {**SPRING, "value": "6"}])] == ["same", "replaced"]
    assert [one["value"] for one in shop.coupons.history("spring")] == ["5", "6"]
    assert [one["campaign_id"] for one in shop.coupons.list()] == ["spring", "thanks"]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"budget": "lots"}, "budget"), ({"surprise": 1}, "surprise"), ({"value": None}, "value is missing"),
        ({"audience": 'trait("religion") = "x"'}, "sensitive"), ({"ends_at": "soon"}, "ends_at"),
    ],
)  # fmt: skip
def test_a_wrong_campaign_is_refused_by_its_field(shop, given, what):
    with pytest.raises(BadInput, match=what):
        shop.coupons.put({**THANKS, **given})


def test_a_wrong_cart_is_refused_by_its_field(shop):
    for cart in ({}, {"lines": [line("green")], "cart_value": 1}, {"lines": []}, {"lines": [{"product": "x"}]},
                 {"lines": [line("green", quantity=0)]}, {"cart_value": "-1"}, {"cart_value": "1e99"}):  # fmt: skip
        with pytest.raises(BadInput):
            shop.coupons.redeem("SPRING", "o1", **cart)
    with pytest.raises(BadInput, match="order"):
        shop.coupons.redeem("SPRING", " ", cart_value=1)
    with pytest.raises(BadInput, match="for everybody"):
        shop.coupons.issue("spring", "loyal")
    with pytest.raises(NotFound, match="nobody is known"):
        shop.coupons.issue("thanks", "stranger")
    shop.coupons.issue("thanks", "loyal")
    with pytest.raises(Conflict, match="promised 20 USD"):
        shop.coupons.put({**THANKS, "budget": 19})


TILL = """
import sys
from datetime import UTC, datetime
from crosslift.shop import Shop
with Shop(sys.argv[1], clock=lambda: datetime(2026, 11, 1, 12, tzinfo=UTC)) as shop:
    for n in range(20):
        print(shop.coupons.redeem("LAST", f"{sys.argv[2]}{n}", cart_value=50)["refusal"])
"""


def test_two_processes_use_the_last_one_once(shop):
    """Three uses are left, two tills with twenty customers each ask for them."""
    last = {**SPRING, "campaign_id": "last", "code": "LAST", "max_uses": 3, "products": []}
    shop.coupons.put(last)
    tills = [
        subprocess.Popen([sys.executable, "-c", TILL, str(shop.home), name], stdout=subprocess.PIPE, text=True)
        for name in "ab"
    ]
    told = [word for till in tills for word in till.communicate(timeout=100)[0].split() if word in ("None", "used_up")]
    assert (told.count("None"), told.count("used_up")) == (3, 37)
    assert shop.coupons.report("last")["discount"] == "15.00"
