import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from crosslift.domain.profile import PROFILE_COLUMNS, ContributionClass, Kind, Profile, Stage
from crosslift.errors import BadInput
from crosslift.learn.customers.material import CustomerMaterial
from crosslift.learn.customers.run import profile_people, profiles_of
from crosslift.learn.customers.table import SCHEMA

DAY = 86_400_000_000
TEXTS = (Kind.LIST, Kind.SHARES, Kind.TEXTS, Kind.EVIDENCE)


def viewed(identity, day, product, **more):
    return {
        "identity": identity,
        "name": "Product Viewed",
        "at": round(day * DAY),
        "product_id": product,
        "properties": "{}",
    } | more


@pytest.fixture
def ann(table, line):
    """Ann bought trainers, uses the app and looks at trainers again; Bob returns; Cem is owed an answer; Dee just looks."""
    products = [
        {
            "product_id": "run",
            "category": "Shoes/Running",
            "brand": "Hare",
            "cost_micros": 60_000_000,
            "currency": "EUR",
        },
        {"product_id": "cap", "category": "Caps", "cost_micros": 4_000_000, "currency": "EUR"},
    ]
    bob = [line(f"b{n}", "bob", "cap", 100 * n, units=3, kept=0 if n else 1) for n in range(8)]
    return CustomerMaterial(
        lines=table(
            "lines",
            line("a1", "ann", "run", 600, price=100, discount=10, market="KR"),
            *bob,
            line("c1", "cem", "cap", 690, currency="USD"),
        ),
        products=table("products", *products),
        people=table("people", {"identity": "anonymous:ann-phone", "person_id": "customer:ann"}),
        customers=table(
            "customers",
            {
                "customer_id": "ann",
                "locale": "ko",
                "market": "JP",
                "traits": '{"goals":["run a marathon"],"health":"asthma"}',
            },
        ),
        events=[
            table(
                "events",
                viewed("anonymous:ann-phone", 685, "run"),
                viewed("customer:ann", 695, "run"),
                {"identity": "customer:ann", "name": "screen", "at": 690 * DAY, "properties": "{}"},
                viewed("anonymous:dee", 640, "cap"),
                {
                    "identity": "anonymous:ann-phone",
                    "name": "page",
                    "at": 590 * DAY,
                    "properties": '{"utm_source":"letter"}',
                },
            )
        ],
        cases=table(
            "cases",
            {
                "case_id": "1",
                "customer_id": "cem",
                "opened_at": 691 * DAY,
                "status": "waiting",
                "cost_micros": 9_000_000,
                "currency": "EUR",
            },
        ),
        feedback=table(
            "feedback",
            {"feedback_id": "1", "customer_id": "cem", "at": 692 * DAY, "kind": "review", "rating": 2.0, "scale": 10.0},
        ),
        account_members=table(
            "account_members",
            {"account_id": "home", "customer_id": "ann"},
            {"account_id": "club", "customer_id": "ann"},
        ),
        accounts=table("accounts", {"account_id": "home", "kind": "household"}),
        subscriptions=table(
            "subscriptions",
            {"subscription_id": "1", "customer_id": "ann", "product_id": "app", "status": "active", "started_at": DAY},
        ),
    )


@pytest.fixture
def learned(ann, some_settings):
    return profile_people(ann, some_settings(), lambda *_: None)


@pytest.fixture
def row(learned):
    def row(person):
        (found,) = learned.table.filter(pc.equal(learned.table["person_id"], person)).to_pylist()
        kinds = {name: column.kind for name, column in PROFILE_COLUMNS.items()}
        return {name: json.loads(value) if kinds[name] in TEXTS and value else value for name, value in found.items()}

    return row


def test_everybody_has_one_row_with_every_column_sorted_by_person(learned):
    assert learned.table["person_id"].to_pylist() == ["anonymous:dee", "customer:ann", "customer:bob", "customer:cem"]
    assert learned.table.column_names == list(PROFILE_COLUMNS)
    for name in SCHEMA.names:
        kind = learned.table.schema.field(name).type
        assert kind == SCHEMA.field(name).type or (pa.types.is_dictionary(kind) and name in ("provenance", "unknown"))


def test_ann_worked_out_by_hand(row):
    ann = row("customer:ann")
    assert (ann["as_of"], ann["currency"]) == (700 * DAY, "EUR")
    assert (ann["n_orders"], ann["revenue"], ann["margin"], ann["net_contribution"]) == (1, 90, 30, 30)
    assert (ann["discount_given"], ann["discount_share"], ann["recency_days"]) == (10, 1, 100)
    assert (ann["categories"], ann["brands"]) == ({"Shoes/Running": 1}, {"Hare": 1})
    assert (ann["stage"], ann["holdings"], ann["goals"]) == (Stage.USE, ["app"], ["run a marathon"])
    assert (ann["household_id"], ann["account_ids"]) == ("home", ["club"])
    assert (ann["market"], ann["locale"], ann["traffic_source"]) == ("KR", "ko", "letter")
    assert ann["last_seen_at"] == 695 * DAY
    assert ann["provenance"] == {
        "market": "orders", "locale": "customers", "traffic_source": "utm_source", "health": "customers, sensitive",
    }  # fmt: skip


def test_example_36_trainers_the_app_and_returning_visits_are_detected(row):
    ann = row("customer:ann")
    assert ann["returning_intent"] == [["Shoes/Running", 2, 695 * DAY]]
    assert dict(ann["stage_evidence"])["days_since_use"] == 10


def test_example_39_a_serial_returner_is_detected_with_reasons(row):
    bob = row("customer:bob")
    assert bob["contribution_class"] == ContributionClass.SERIAL_RETURNER
    assert (bob["n_orders"], bob["n_returns"], bob["n_items"]) == (1, 8, 1)
    assert bob["return_rate"] == 23 / 24
    assert bob["net_contribution"] == pytest.approx(6 - 0.2 * 230)
    assert dict(bob["contribution_reasons"])["returns"] == pytest.approx(23 * 6 + 46)


def test_example_40_an_open_complaint_is_known(row):
    cem = row("customer:cem")
    assert (cem["open_cases"], cem["service_cost"], cem["last_rating"]) == (1, 9, 1)


def test_what_does_not_convert_is_unknown_and_says_so(row):
    cem = row("customer:cem")
    assert (cem["revenue"], cem["margin"], cem["aov"], cem["net_contribution"]) == (None, None, None, None)
    assert cem["contribution_class"] == ContributionClass.UNKNOWN
    assert {cem["unknown"][name] for name in ("revenue", "margin", "aov", "net_contribution")} == {"no_exchange_rate"}


def test_who_only_looked_has_a_row_that_says_little(row):
    dee = row("anonymous:dee")
    assert (dee["stage"], dee["n_orders"], dee["revenue"]) == (Stage.AWARE, 0, 0)
    assert dee["unknown"]["aov"] == dee["unknown"]["clv"] == "no_orders"


def test_every_missing_figure_says_why_and_no_other_does(learned):
    figures = {name for name, column in PROFILE_COLUMNS.items() if column.kind in (Kind.NUMBER, Kind.INSTANT)} | {
        "stage"
    }
    for one in learned.table.to_pylist():
        why = json.loads(one["unknown"])
        missing = {name for name in figures if one[name] is None}
        assert missing <= set(why), one["person_id"]
        assert {name for name in why if one[name] is not None} == set(), one["person_id"]


def test_where_no_visit_says_where_somebody_came_from_a_trait_may(table, some_settings):
    records = [
        {"customer_id": "a", "traits": '{"utm_source":"fair"}'},
        {"customer_id": "b", "traits": '{"utm_source":"fair"}'},
    ]
    visit = {"identity": "customer:b", "name": "page", "at": 1, "properties": '{"referrer":""}'}
    shop = CustomerMaterial(customers=table("customers", *records), events=[table("events", visit)])
    found = profile_people(shop, some_settings(), lambda *_: None).table
    assert found["traffic_source"].to_pylist() == ["fair", "direct"]
    said = [json.loads(text)["traffic_source"] for text in found["provenance"].to_pylist()]
    assert said == ["traits", "referrer"]


def test_every_row_is_a_profile(row):
    for name in ("customer:ann", "customer:bob", "anonymous:dee"):
        assert Profile(**row(name)).person_id == name


def test_a_sensitive_trait_changes_no_figure(ann, learned, some_settings, table):
    other = profile_people(
        CustomerMaterial(
            **{name: getattr(ann, name) for name in ann.__slots__ if name not in ("customers", "events")},
            events=ann.events,
            customers=table(
                "customers",
                {
                    "customer_id": "ann",
                    "locale": "ko",
                    "market": "JP",
                    "traits": '{"goals":["run a marathon"],"health":"fine"}',
                },
            ),
        ),
        some_settings(),
        lambda *_: None,
    )
    assert other.models == learned.models
    assert other.table.drop_columns(["traits"]).equals(learned.table.drop_columns(["traits"]))
    assert other.report["sensitive_traits"] == ["health"]


def test_the_report_counts_and_names_nobody(learned):
    report = learned.report
    assert (report["n_people"], report["n_buyers"], report["n_orders"]) == (4, 3, 3)
    assert report["contribution_classes"] == {"unknown": 2, "profitable": 1, "serial_returner": 1}
    assert sum(report["stages"].values()) == 4
    assert report["n_without_rate"] == report["n_without_margin"] == 1
    assert "ann" not in json.dumps(report)


def test_facts_after_now_are_left_out(ann, some_settings):
    found = profile_people(ann, some_settings(), lambda *_: None, now=650 * DAY)
    assert found.models["as_of"] == 640 * DAY
    assert found.table["person_id"].to_pylist() == ["anonymous:dee", "customer:ann", "customer:bob"]


@pytest.fixture
def two_kinds(table, line):
    """150 who buy running shoes again and again at full price, 100 who bought a cap once, long ago, at a discount."""
    chance = np.random.default_rng(2)
    often = [
        line(f"o{n}-{m}", f"often{n:03}", "run", float(chance.uniform(600, 700)), price=50 + chance.uniform(0, 9))
        for n in range(150) for m in range(6 + chance.poisson(3))
    ]  # fmt: skip
    once = [
        line(f"c{n}", f"once{n:03}", "cap", float(chance.uniform(0, 300)), price=9 + chance.uniform(0, 3), discount=2)
        for n in range(100)
    ]  # fmt: skip
    products = [{"product_id": "run", "category": "Shoes/Running"}, {"product_id": "cap", "category": "Caps"}]
    visitor = viewed("anonymous:dee", 640, "cap")
    return CustomerMaterial(
        lines=table("lines", *often, *once), products=table("products", *products), events=[table("events", visitor)]
    )  # fmt: skip


def test_people_are_in_groups_of_those_who_behave_alike(two_kinds, some_settings):
    found = profile_people(two_kinds, some_settings(), lambda *_: None)
    often, once = found.groups["clusters"]
    assert (often["n_people"], once["n_people"]) == (150, 100)
    assert found.report["clusters"] == {often["cluster_id"]: 150, once["cluster_id"]: 100, "unknown": 1}
    for row in found.table.to_pylist():
        kind = once if "once" in row["person_id"] else often if "often" in row["person_id"] else None
        assert row["cluster"] == (kind and kind["cluster_id"])
        assert row["persona"] == (kind and kind["persona_id"])
        assert json.loads(row["unknown"]).get("cluster") == (None if kind else "no_orders")


def test_a_few_people_written_anew_stay_in_their_groups(two_kinds, some_settings):
    found = profile_people(two_kinds, some_settings(), lambda *_: None)
    some = ["customer:often007", "customer:once099", "anonymous:dee"]
    models = json.loads(json.dumps(found.models))
    chosen = found.table.filter(pc.is_in(found.table["person_id"], value_set=pa.array(some)))
    assert profiles_of(two_kinds, some, models, some_settings()).to_pylist() == chosen.to_pylist()


def test_who_is_in_no_group_is_told_why(two_kinds, some_settings, ann):
    row = profile_people(ann, some_settings(), lambda *_: None).table.to_pylist()[1]
    assert (row["cluster"], json.loads(row["unknown"])["persona"]) == (None, "few_people")
    found = profile_people(two_kinds, some_settings(), lambda *_: None, is_grouped=False)
    row = found.table.to_pylist()[1]
    assert (row["cluster"], json.loads(row["unknown"])["cluster"], found.groups) == (None, "not_grouped", {})
    before = {name: value for name, value in found.models.items() if name != "groups"}
    assert profiles_of(two_kinds, ["customer:once001"], before, some_settings())["cluster"].to_pylist() == [None]


def test_an_empty_shop_has_no_profiles(some_settings):
    found = profile_people(CustomerMaterial(), some_settings(), lambda *_: None)
    assert found.table.num_rows == 0
    assert found.table.column_names == list(PROFILE_COLUMNS)
    assert json.loads(json.dumps(found.models)) == found.models


def test_a_table_without_a_column_is_refused_by_name(some_settings):
    with pytest.raises(
        BadInput, match=r"usage\.customer_id is missing; a run about customers reads usage\.customer_id, "
    ):
        profile_people(CustomerMaterial(usage=pa.table({"at": [1]})), some_settings(), lambda *_: None)


def test_progress_is_told(ann, some_settings):
    told = []
    profile_people(ann, some_settings(), lambda *step: told.append(step))
    assert [step for step, _, _ in told] == ["facts", "values", "models", "profiles", "groups", "done"]
    assert np.all(np.diff([done for _, done, _ in told]) > 0)
