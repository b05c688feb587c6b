"""Row M12: goals of the whole shop, who contributed by team, and no quota of a person or for a product."""

import shutil
from datetime import timedelta

import msgspec
import pytest

from crosslift.errors import BadInput, NotFound

BY = {"author": "mina", "reason": "what do offers bring"}
N = 140
GOAL = {"goal_id": "autumn", "title": "Sell more in autumn", "figure": "revenue", "target": 1000.0,
        "since": "2026-10-30T00:00:00Z", "until": "2026-12-01T00:00:00Z"}  # fmt: skip


@pytest.fixture(scope="module")
def team_shop(little, pantry_home, tmp_path_factory):
    """Half are held back. Those with offers buy on the web, everybody at the desk; four sell in service, two in sales."""
    home = tmp_path_factory.mktemp("team") / "home"
    shutil.copytree(pantry_home, home)
    clock = little.Clock()
    with little.no_jit(), little.open_shop(home, clock) as shop:
        vars(shop)["key"] = bytes(32)
        shop.put_facts("agents", [
            *({"agent_id": f"s{i}", "name": f"Serving {i}", "team": "Service"} for i in range(4)),
            *({"agent_id": f"v{i}", "name": f"Vending {i}", "team": "Sales"} for i in range(2)),
        ])  # fmt: skip
        shop.experiments.hold_out(0.5, **BY, has_agreed=True)
        names = [f"g{number}" for number in range(N)]
        at = clock().isoformat()
        shop.put_facts("customers", [{"customer_id": name, "created_at": at} for name in names])
        shop.consents.record([
            {"customer_id": name, "purpose": "personalization", "channel": "*", "status": "granted", "source": "t", "at": at}
            for name in names
        ])  # fmt: skip
        made = {name: shop.decide("cart", ["P00"], customer=name) for name in names}
        treated = {name: one for name, one in made.items() if one.offers}
        clock.now += timedelta(days=1)
        at = (clock() - timedelta(hours=1)).isoformat()
        line = {"line_id": "1", "quantity": 1, "currency": "USD", "ordered_at": at}
        shop.put_facts("orders", [
            *({**line, "order_id": f"w-{name}", "customer_id": name, "product_id": one.offers[0].product_id, "unit_price": "30",
               "channel": "web", "decision_id": one.decision_id} for name, one in treated.items()),
            *({**line, "order_id": f"d-{name}", "customer_id": name, "product_id": "P09", "unit_price": "20", "channel": "desk",
               "agent_id": f"s{place % 4}"} for place, name in enumerate(names)),
            *({**line, "order_id": f"v-{place}", "customer_id": names[place], "product_id": "P09", "unit_price": "20",
               "channel": "phone", "agent_id": f"v{place % 2}"} for place in range(6)),
        ])  # fmt: skip
        clock.now += timedelta(hours=1)
        yield shop, treated


@pytest.fixture(scope="module")
def board(team_shop):
    shop, _ = team_shop
    now = shop.clock()
    return shop.goals.board(now - timedelta(hours=4), now)


@pytest.fixture(scope="module")
def teams(board):
    return {row["team"]: row for row in board["contribution"]["teams"]}


def test_m12_a_goal_of_the_shop_is_held_against_what_happened(team_shop):
    shop, treated = team_shop
    assert shop.goals.put([GOAL], "mina") == [{"goal_id": "autumn", "outcome": "new"}]
    assert shop.goals.put([GOAL], "jun") == [{"goal_id": "autumn", "outcome": "same"}]
    told = {row["goal_id"]: row for row in shop.goals.progress()}["autumn"]
    assert (told["state"], told["author"]) == ("running", "jun")
    assert told["share"] == pytest.approx(told["reached"]["value"] / 1000)
    assert told["reached"]["value"] >= 30 * len(treated) + 20 * N
    assert 0 < told["gone"] < 1
    assert shop.goals.put([{**GOAL, "target": 2000}], "mina") == [{"goal_id": "autumn", "outcome": "replaced"}]
    kept = shop.records.table("audit", ("action", "object"), "action = 'goal.put'").to_pylist()
    assert {row["object"] for row in kept} >= {"autumn"}


def test_m12_every_figure_says_what_it_is_or_why_not(team_shop):
    shop, _ = team_shop
    rows = [
        {**GOAL, "goal_id": f"of-{place}", "figure": figure, "target": target}
        for place, (figure, target) in enumerate(
            [
                ("margin", 9.0),
                ("incremental", 50.0),
                ("customers", 10),
                ("repeat_rate", 0.5),
                ("csat", 0.9),
                ("return_rate", 0.1),
            ]
        )
    ]
    later = {**GOAL, "goal_id": "later", "since": "2026-12-01", "until": "2027-01-01"}
    over = {**GOAL, "goal_id": "over", "since": "2026-09-01", "until": "2026-10-01", "target": 1e9}
    shop.goals.put(
        [*rows, later, over, {**over, "goal_id": "none-back", "figure": "return_rate", "target": 0.5}], "mina"
    )
    every = shop.goals.progress()
    told = {row["figure"]: row for row in every if row["goal_id"].startswith("of-")}
    states = {row["goal_id"]: row["state"] for row in every}
    assert told["incremental"]["reached"]["low"] < told["incremental"]["reached"]["value"]
    assert told["customers"]["reached"]["value"] >= N
    assert told["csat"]["reached"] == {"not_estimable": "0 people answered, at least 20 needed"}
    assert told["csat"]["share"] is None
    assert (states["later"], states["over"], states["none-back"]) == ("waiting", "missed", "met")
    assert shop.goals.drop("later") == {"goal_id": "later", "outcome": "dropped"}
    with pytest.raises(NotFound, match="no goal 'later'"):
        shop.goals.drop("later")


def test_m12_teams_contribute_what_they_sold_what_is_credited_and_what_offers_earned_through_them(
    team_shop, board, teams
):
    _, treated = team_shop
    n = len(treated)
    assert set(teams) == {"service", "web", "other"}
    amounts = board["contribution"]["amounts"]
    web, service = teams["web"], teams["service"]
    assert (web["lines"], web["credited_lines"]) == (n, n)
    assert web["credited"] == pytest.approx(web["amount"])
    assert (service["lines"], service["credited_lines"], service["credited"]) == (N, 0, 0)
    if amounts == "revenue":
        assert (web["amount"], service["amount"]) == (30 * n, 20 * N)
    assert web["incremental"]["low"] > 0  # only those with offers bought there
    assert service["incremental"]["low"] <= 0 <= service["incremental"]["high"]  # everybody did here


def test_m12_a_team_of_two_is_not_told_of_its_own_and_no_row_is_a_person_or_a_product(board, teams):
    assert teams["other"]["lines"] == 6
    written = msgspec.json.encode(board["contribution"]).decode()
    assert not any(name in written for name in ("s0", "v0", "Serving", "Vending", "P09", "agent", "product"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"agent_id": "mina"}, "goals are shared"),
        ({"team": "sales"}, "goals are shared"),
        ({"product": "P09"}, "pushes it on people"),
        ({"category": "shelf 1"}, "pushes it on people"),
        ({"title": "Every agent: 8 warranties per agent"}, "not sold to help"),
        ({"title": "今月のノルマ"}, "not sold to help"),
        ({"title": "1인당 5건"}, "not sold to help"),
        ({"title": "More from Vending 1"}, "none is a person's"),
        ({"figure": "units"}, "figure is one of"),
        ({"figure": "csat", "target": 4.5}, "a share up to 1"),
        ({"target": -1}, "an amount above 0"),
        ({"until": "2026-10-01"}, "ends before it begins"),
        ({"goal_id": "Autumn!"}, "small letters"),
        ({"note": "x"}, "no others"),
    ],
)
def test_m12_a_quota_of_a_person_or_for_a_product_is_refused_and_so_is_what_cannot_be(team_shop, more, said):
    shop, _ = team_shop
    before = shop.goals.list()
    with pytest.raises(BadInput, match=said):
        shop.goals.put([{**GOAL, "goal_id": "fresh"}, {**GOAL, "goal_id": "bad", **more}], "mina")
    assert shop.goals.list() == before
