"""Subscriptions and usage: contracts as they stand now, readings once each."""

import pytest

from crosslift.errors import BadInput

SUBSCRIPTIONS = "subscription_id,customer_id,product_id,status,started_at\n"
USAGE = "customer_id,product_id,meter,value,unit,at\n"


def test_subscriptions_are_kept_with_every_value(collect, read):
    report = collect(
        "subscription_id,customer_id,account_id,product_id,status,started_at,renews_at,ended_at,quantity,recurring_price,"
        "currency,period,limit,used,seats_note,updated_at\n"
        "s1,c1,,PLAN,Active,2024-01-01,2024-02-01,,3,9.90,eur,month,100,42.5,vip,2024-01-02\n"
        "s2,,acme,FLEET,ended,2023-01-01,,2024-01-01,,,,,,,,\n",
        "subscriptions.csv",
    )
    assert (report.format, report.n_new) == ("canonical subscriptions", 2)
    assert read(
        "subscriptions", "subscription_id", "customer_id", "account_id", "product_id", "status", "quantity",
        "recurring_price_micros", "currency", "period", "usage_limit", "used", "attributes", "started_on",
    ) == [
        ("s1", "c1", None, "PLAN", "active", 3, 9_900_000, "EUR", "month", 100.0, 42.5, '{"seats_note":"vip"}', 19_723),
        ("s2", None, "acme", "FLEET", "ended", 1, None, None, None, None, None, None, 19_358),
    ]  # fmt: skip
    [finding] = report.findings
    assert (finding.code, finding.samples) == ("unknown_product", ("FLEET", "PLAN"))


def test_an_export_of_another_day_replaces_what_changed(collect, read):
    collect(SUBSCRIPTIONS + "s1,c1,P,active,2024-01-01\ns2,c2,P,trial,2024-01-01\n", "subs.csv")
    report = collect(SUBSCRIPTIONS + "s1,c1,P,cancelled,2024-01-01\ns2,c2,P,trial,2024-01-01\n", "subs.csv")
    assert (report.n_same, report.n_replaced, report.conflicts) == (1, 1, 0)
    assert sorted(read("subscriptions", "subscription_id", "status")) == [("s1", "cancelled"), ("s2", "trial")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (SUBSCRIPTIONS + "s1,,P,active,2024-01-01\n", "row 2, customer_id: is empty, and account_id too; name who holds it"),
        (SUBSCRIPTIONS + "s1,c,P,asleep,2024-01-01\n", "status: 'asleep' is no one of trial, active, past_due, paused"),
        (SUBSCRIPTIONS + "s1,c,,active,2024-01-01\n", "row 2, product_id: is empty"),
        (SUBSCRIPTIONS.replace("started_at", "started_at,ended_at") + "s1,c,P,ended,2024-01-02,2024-01-01\n",
         "row 2, ended_at: lies before started_at"),
        (SUBSCRIPTIONS.replace("started_at", "started_at,recurring_price") + "s1,c,P,active,2024-01-02,5\n",
         "row 2, recurring_price: has no currency; add the column, or --map currency=:EUR"),
        (SUBSCRIPTIONS.replace("started_at", "started_at,recurring_price,currency") + "s1,c,P,active,2024-01-02,5,\n",
         "row 2, currency: is empty beside a recurring_price"),
        (SUBSCRIPTIONS.replace("started_at", "started_at,limit") + "s1,c,P,active,2024-01-02,-5\n",
         "row 2, limit: '-5' is no number of at least 0"),
        (SUBSCRIPTIONS.replace("started_at", "begun") + "s1,c,P,active,2024-01-02\n",
         "looks like subscriptions, but column 'started_at' is missing"),
        (USAGE + "c,P,odometer,far,km,2024-01-01\n", "row 2, value: 'far' is no number"),
        (USAGE + "c,P,,5,km,2024-01-01\n", "row 2, meter: is empty"),
        (USAGE + "c,P,odometer,5,km,\n", "row 2, at: is empty"),
        (USAGE.replace("meter", "gauge") + "c,P,odometer,5,km,2024-01-01\n", "nearest is usage, missing meter; name them: --map"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_and_leaves_nothing(collect, nothing_is_left, content, message):
    with pytest.raises(BadInput) as caught:
        collect(content, "held.csv")
    assert message in str(caught.value)
    nothing_is_left()


def test_readings_are_kept_once_and_another_value_is_a_conflict(collect, read):
    collect(
        USAGE + "c,CAR,odometer,1200,km,2024-01-01\nc,CAR,odometer,1500.5,km,2024-02-01\nc,CAR,fuel,7,,2024-01-01\n",
        "u.csv",
    )
    report = collect(USAGE + "c,CAR,odometer,1200,km,2024-01-01\nc,CAR,odometer,1600,km,2024-02-01\n", "v.csv")
    assert (report.n_new, report.n_same, report.conflicts) == (0, 1, 1)
    [conflict] = [finding for finding in report.findings if finding.code == "conflict"]
    assert conflict.samples == ("CAR / c / odometer / km / 1706745600000000",)
    assert read("usage", "meter", "value", "unit", "read_on") == [
        ("odometer", 1200.0, "km", 19_723), ("odometer", 1500.5, "km", 19_754), ("fuel", 7.0, "", 19_723),
    ]  # fmt: skip
