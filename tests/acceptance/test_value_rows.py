"""What an offer is worth: P × C × V × L as it is multiplied, objectives, levers with their budget and cost, or nothing at all."""

import shutil
from contextlib import ExitStack
from datetime import timedelta

import pytest

from crosslift.domain.decision import Action, DropCode, NoOffer, Request, Response

pytestmark = pytest.mark.usefixtures("_no_compiler")


@pytest.fixture
def at(load_script):
    return load_script("tests/acceptance/situations.py")


@pytest.fixture
def shops(at, little, tmp_path):
    with ExitStack() as until:
        yield at.Shops(little, tmp_path, until)


SHELF = {"jam": (3, 2), "honey": (10, 2), "cake": (20, 18), "beans": (9, 3), "syrup": (16, 15)}
"""Price and cost of what goes with tea."""


@pytest.fixture(scope="module")
def tea_home(load_script, little, tmp_path_factory):
    """A shop of things that go with tea, each best in one way.

    Jam is taken most often, honey earns most, cake costs most, beans are bought again and again, syrup lies in stock.
    """
    at = load_script("tests/acceptance/situations.py")
    shares = {"jam": 90, "honey": 55, "cake": 45, "beans": 40, "syrup": 45}
    early = [little.Order((name,), f"{name}{n}", 24.0 * (690 - n)) for name in shares for n in range(20)]
    early += [
        little.Order(("beans",), f"beans{n}", 24.0 * (600 - 60 * turn - n)) for n in range(20) for turn in range(2)
    ]
    made = sorted([*little.orders(*at.baskets("tea", shares), days=90), *early], key=lambda order: -order.hours_ago)
    named = [{**at.product(name, price, stock=9_000 if name == "syrup" else 40), "cost": str(cost)}
             for name, (price, cost) in SHELF.items()]  # fmt: skip
    home = tmp_path_factory.mktemp("tea")
    little.stocked(home, made, [*named, *(at.product(name, 9, stock=40) for name in (*at.NOISE, "tea"))]).close()
    return home


@pytest.fixture
def tea(little, tea_home, tmp_path):
    """A copy of the tea shop."""
    shutil.copytree(tea_home, tmp_path / "tea")
    with little.open_shop(tmp_path / "tea") as shop:
        yield shop


def factors(decision):
    """Give P, C, V, L and the priority of each candidate."""
    return {one.product_id: one.factors for one in decision.trace.candidates}


def names(decision):
    return [offer.product_id for offer in decision.offers]


def first(decision):
    return decision.offers[0].product_id


# D01: a priority that can be read


NOT_SLOW_FIRST = "[offers]\nslow_stock_first = false\n"
LEVER = """
[[levers]]
id = "push"
factor = {factor}
author = "mina"
reason = "a new harvest"
until = 2026-11-08T12:00:00Z
"""


def test_d01_every_factor_is_shown_and_their_product_is_the_priority(tea, at):
    """P is what the log or starting evidence says, C the weight written down, V price less cost, L the lever, to the digit."""
    at.publish(tea, '[value]\nobjectives = { cart = "margin" }\nweights = { "cart:complement" = 0.5 }'
               + LEVER.format(factor=1.5) + 'products = ["honey"]')  # fmt: skip
    decision = tea.decide("cart", ["tea"], k=5, with_trace=True)
    shown = factors(decision)
    assert set(names(decision)) == set(SHELF)
    for name, (price, cost) in SHELF.items():
        one = shown[name]
        assert one["v"] == pytest.approx(price - cost)
        assert (one["c"], one["l"]) == (0.5, 1.5 if name == "honey" else 1.0)
        assert 0 < one["p"] <= 0.3
        assert one["priority"] == pytest.approx(one["p"] * one["c"] * one["v"] * one["l"], abs=1e-5)
    priorities = [offer.priority for offer in decision.offers]
    assert priorities == sorted(priorities, reverse=True) == [shown[name]["priority"] for name in names(decision)]
    assert tea.replay(decision.decision_id).decision.trace == decision.trace


@pytest.fixture
def television(at, shops):
    """A television that needs a cable; the needed one is cheap, what is bought along is dear."""
    needs = {"category": "cables", "match": "connector"}
    shop, _ = shops.bought(
        "television",
        {"wall mount": 60, "cable": 50, "soundbar": 35},
        at.product("television", 900, category="televisions", connector="HDMI", requires=needs),
        at.product("cable", 1, category="cables", connector="HDMI"),
        at.product("wall mount", 90),
        at.product("soundbar", 200),
    )
    return shop


def test_d01_what_is_needed_goes_before_what_is_weighed_and_past_every_cap(television, at, clock):
    """Worth next to nothing it stands first; contacts used up, a complaint open, all else worthless: it is told all the same."""
    shop = television
    at.publish(shop, '[value]\nobjectives = { "*" = "margin" }')
    assert names(shop.decide("product", product="television", k=3)) == ["cable", "soundbar", "wall mount"]
    for n in range(4):
        told = shop.decide("desk", ["television"], customer="kim")
        shop.respond([Response(f"r{n}", told.decision_id, Action.EXPOSURE, shop.clock(), "cable")])
        shop.clock.move(hours=1)
    capped = shop.decide("desk", ["television"], customer="kim")
    assert at.kinds(capped) == {"cable": "required"}
    assert capped.dropped[DropCode.CAPPED] == 2
    case = {"case_id": "k1", "customer_id": "kim", "opened_at": shop.clock().isoformat(), "status": "open"}
    shop.put_facts("cases", [case])
    assert at.kinds(shop.decide("product", product="television", customer="kim")) == {"cable": "required"}
    at.publish(shop, '[value]\nobjectives = { "*" = "margin" }\nworth_from = 1000')
    bare = shop.decide("product", product="television")
    assert (at.kinds(bare), bare.dropped[DropCode.BELOW_THRESHOLD]) == ({"cable": "required"}, 2)


def test_d01_what_is_needed_is_told_once(television):
    """Told by one placement of the page, in the cart, or owned, it is not told again."""
    shop = television
    page = [
        Request(name, shop.clock(), cart=("television",), product="television")
        for name in ("product", "cart", "checkout")
    ]
    told = shop.decide_page(page)
    assert ["cable" in names(one) for one in told] == [True, False, False]
    assert told[1].dropped[DropCode.ON_PAGE] >= 1
    assert "cable" not in names(shop.decide("product", product="television", holdings=["cable"]))
    assert "cable" not in names(shop.decide("cart", ["television", "cable"]))


def test_d01_what_stands_in_for_what_cannot_be_had_is_a_service(at, shops):
    """A page whose product is out of stock names what serves instead, whatever the contact budget says."""
    shelf = {"category": "kitchen/kettles", "material": "steel", "color": "red"}
    named = [at.product(name, 40 - n, **shelf) for n, name in enumerate(("kettle", "kettle classic"))]
    shop, _ = shops.bought("kettle", {"filters": 60}, *named)
    shop.patch_products([{"product_id": "kettle", "stock": 0}])
    case = {"case_id": "k1", "customer_id": "kim", "opened_at": shop.clock().isoformat(), "status": "open"}
    shop.put_facts("cases", [case])
    decision = shop.decide("desk", product="kettle", customer="kim")
    assert at.kinds(decision) == {"kettle classic": "stand_in"}


# D03: what a placement is for


OBJECTIVES = {"cart": "margin", "product": "revenue", "checkout": "conversion", "till": "clv", "desk": "stock"}
BEST = {"margin": "honey", "revenue": "cake", "conversion": "jam", "clv": "beans", "stock": "syrup"}


def test_d03_each_placement_has_its_own_objective_and_its_own_best(tea, at):
    """The same cart, five placements, five orders: what earns, what costs, what is taken, what returns, what lies in stock."""
    listed = ", ".join(f'{placement} = "{objective}"' for placement, objective in OBJECTIVES.items())
    at.publish(tea, f"[value]\nobjectives = {{ {listed} }}")
    for placement, objective in OBJECTIVES.items():
        decision = tea.decide(placement, ["tea"], k=5, with_trace=True)
        assert (objective, first(decision)) == (objective, BEST[objective])
        worth = {name: one["v"] for name, one in factors(decision).items()}
        assert max(worth, key=worth.get) == BEST[objective] or objective == "conversion"
        assert tea.replay(decision.decision_id).is_equal


def test_d03_another_objective_another_order_of_the_same_request(tea, at):
    """Published anew, the very next answer of the same placement is ordered by it, and V is what the objective says."""
    found = {}
    for objective in ("revenue", "margin", "conversion"):
        at.publish(tea, f'[value]\nobjectives = {{ cart = "{objective}" }}')
        decision = tea.decide("cart", ["tea"], k=5, with_trace=True)
        found[objective] = (first(decision), factors(decision)["cake"]["v"])
    assert found == {"revenue": ("cake", 20), "margin": ("honey", 2), "conversion": ("jam", 1)}


# D07: levers


def test_d07_boost_bury_and_pin_hold_until_they_expire(tea, at):
    """The merchant's word counts on the very next decision, and no longer than said."""
    at.publish(tea, NOT_SLOW_FIRST)
    plain = names(tea.decide("cart", ["tea"], k=5))
    ends = (tea.clock() + timedelta(days=1)).isoformat()
    said = {"from_id": "tea", "kind": "complement", "reason": "asked for", "author": "mina", "expires_at": ends}
    assert plain[0] == "jam"
    tea.put_links([{**said, "to_id": plain[-1], "action": "pin"}, {**said, "to_id": "jam", "action": "bury", "value": "0.1"},
                   {**said, "to_id": plain[3], "action": "boost", "value": "9"}])  # fmt: skip
    assert names(tea.decide("cart", ["tea"], k=5)) == [plain[-1], plain[3], *plain[1:3], "jam"]
    tea.clock.move(days=1)
    assert names(tea.decide("cart", ["tea"], k=5)) == plain


def test_d07_a_lever_ends_by_itself_and_rests_once_it_won_its_share(tea, at):
    """Cake is pushed to half of the offers: it is named, counted at the next learning, and rests above its share."""
    at.publish(tea, NOT_SLOW_FIRST + LEVER.format(factor=90) + 'products = ["cake"]\nmay_win = "50 %"')
    for _ in range(3):
        [offer] = tea.decide("cart", ["tea"], k=1).offers
        assert (offer.product_id, offer.lever) == ("cake", "push")
    [free] = tea.decide("cart", ["tea", "cake"], k=1).offers
    assert free.lever == ""
    tea.learn(force=True)
    assert tea.knowledge.logged.lever_shares == {"push": 0.75}
    assert first(tea.decide("cart", ["tea"], k=1)) == "jam"
    for _ in range(3):
        tea.decide("cart", ["tea"], k=1)
    tea.learn(force=True)
    assert first(tea.decide("cart", ["tea"], k=1)) == "cake"  # 3 of 8 offers: it may again
    tea.clock.move(days=7)
    assert first(tea.decide("cart", ["tea"], k=1)) == "jam"


def test_d07_what_a_lever_won_and_gave_up_is_reported(tea, at):
    """Cake earns 2 where honey earns 8: each decision the lever won cost what the plain list was worth more."""
    at.publish(
        tea,
        '[value]\nobjectives = { cart = "margin" }' + LEVER.format(factor=90) + 'products = ["cake"]\nmay_win = "90 %"',
    )
    plain = tea.decide("cart", ["tea"], k=5, with_trace=True)
    worth = {one.product_id: one.factors["p"] * one.factors["v"] for one in plain.trace.candidates}
    for _ in range(3):
        assert names(tea.decide("cart", ["tea"], k=1)) == ["cake"]
    report = tea.levers.report(days=7)
    assert (report["n_offers"], [one["lever"] for one in report["levers"]]) == (8, ["push"])
    [one] = report["levers"]
    assert (one["state"], one["n_won"], one["may_win"], one["author"], one["not_replayed"]) == (
        "on",
        3,
        0.9,
        "mina",
        {},
    )
    cost = 3 * (max(worth.values()) - worth["cake"])
    assert max(worth, key=worth.get) == "honey"
    assert float(one["cost"]["amount"]) == pytest.approx(cost, abs=0.01)
    assert (one["cost"]["currency"], one["cost"]["n_decisions"]) == ("USD", 3)
    tea.learn(force=True)
    assert tea.levers.report()["levers"][0]["share"] == 3 / 8
    tea.clock.move(days=7)
    ended = tea.levers.report()["levers"][0]
    assert (ended["state"], ended["n_won"]) == ("ended", 3)


# R12: slow stock under a lever


@pytest.mark.parametrize(("slow", "expected"), [("honey", "honey"), ("syrup", "jam"), ("N03", "jam")])
def test_r12_lever_on_slow_stock_above_its_floor(at, shops, slow, expected):
    """One lever for all slow stock: it puts first what goes with the cart well enough, and never what hardly does."""
    shares = {"jam": 90, "honey": 70, "lemon": 18, "syrup": 9}
    stocked = [at.product(name, 6, stock=9_000 if name == slow else 40) for name in (*at.NOISE, *shares)]
    shop, _ = shops.bought("tea", shares, *stocked)
    text = NOT_SLOW_FIRST + LEVER.format(factor=50) + 'slow_stock = true\nrelevance_from = "30 %"'
    at.publish(shop, text)
    decision = shop.decide("cart", ["tea"], k=4)
    assert first(decision) == expected
    assert set(names(decision)) <= set(shares)


def test_r12_lever_rests_when_its_budget_is_spent(at, shops):
    """It may win a fifth of the offers; having won more it rests, until others were made in between."""
    shares = {"jam": 90, "honey": 70}
    stocked = [at.product(name, 6, stock=9_000 if name == "honey" else 40) for name in (*at.NOISE, *shares)]
    shop, _ = shops.bought("tea", shares, *stocked)
    at.publish(shop, NOT_SLOW_FIRST + LEVER.format(factor=50)
               + 'slow_stock = true\nrelevance_from = "30 %"\nmay_win = "20 %"')  # fmt: skip
    assert [first(shop.decide("cart", ["tea"], k=1)) for _ in range(2)] == ["honey"] * 2
    shop.learn(force=True)
    assert [first(shop.decide("cart", ["tea"], k=1)) for _ in range(9)] == ["jam"] * 9
    shop.learn(force=True)
    assert first(shop.decide("cart", ["tea"], k=1)) == "honey"  # 2 of 11


# D14: nothing is worth its pressure


def test_d14_threshold_what_is_worth_less_than_its_contact_is_not_offered(tea, at):
    """A pop-up costs more than tea's companions bring: silence, with its reason; on the page itself they may stand."""
    at.publish(tea, '[value]\nobjectives = { "*" = "margin" }\n[pressure]\ncontact_costs = { web = 5.0 }')
    silent = tea.decide("popup", ["tea"], session="s1", dwell_seconds=30, with_trace=True)
    assert (silent.offers, silent.no_offer) == ((), NoOffer.BELOW_THRESHOLD)
    assert {one.dropped for one in silent.trace.candidates} == {"below_threshold"}
    assert tea.decision(silent.decision_id)["no_offer"] == "below_threshold"
    assert tea.replay(silent.decision_id).is_equal
    assert tea.decide("cart", ["tea"]).offers
    at.publish(tea, '[value]\nobjectives = { "*" = "margin" }\nworth_from = 1000')
    assert tea.decide("cart", ["tea"]).no_offer is NoOffer.BELOW_THRESHOLD
