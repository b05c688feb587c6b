"""Row D19: a draft tried on the last days says what it would have done, and then does it."""

import shutil

import pytest

from crosslift.domain.decision import Action, Response

DRAFT = """
name = "helpful"
extends = "helpful"

[value]
objectives = { "*" = "margin" }

[[caps]]
at_most = 2
within = "1 day"
channels = ["web"]

[[caps]]
at_most = 2
within = "7 days"

[[rules]]
id = "quiet-checkout"
gate = "applicable"
code = "quiet_here"
owner = "mina"
reason = "Nobody is disturbed while paying."
when.placements = ["checkout"]
"""


@pytest.fixture
def days(little):
    """Serve a shop ten days: pages, checkouts, and two people who are interrupted as often as they allow."""

    def serve(shop, clock):
        for day in range(10):
            for who in ("c1", "c2", "c3"):
                shop.decide("checkout" if day % 3 == 0 else "cart", ["P00"], customer=who)
            for who in ("c1", "c2"):
                for anchor in ("P00", "P02", "P04")[: 1 + day % 3]:
                    popup = shop.decide("popup", [anchor], customer=who, dwell_seconds=30)
                    if popup.offers:
                        seen = Response(f"x{popup.decision_id}", popup.decision_id, Action.EXPOSURE, clock())
                        shop.respond([seen])
                    clock.move(hours=2)
            clock.now = little.NOW
            clock.move(days=day + 1)

    return serve


def test_d19_reach_pressure_value_and_what_is_blocked(shop, clock, days):
    days(shop, clock)
    found = shop.simulate(DRAFT, days=30)
    recorded, draft = found["recorded"], found["draft"]
    assert (found["n_replayed"], found["n_decisions"], found["not_replayed"]) == (68, 68, {})
    assert (recorded["n_people"], draft["n_people"], found["people"]["lost"]) == (3, 3, 0)
    assert draft["n_with_offer"] - recorded["n_with_offer"] == (
        found["decisions"]["gained"] - found["decisions"]["lost"]
    )
    of = {one["placement"]: one for one in found["by_placement"]}
    assert of["checkout"]["draft"]["n_with_offer"] == 0 < of["checkout"]["recorded"]["n_with_offer"]
    assert of["checkout"]["draft"]["n_people"] == 0
    assert draft["contacts"]["web"] < recorded["contacts"]["web"]
    assert "not_estimable" in recorded["value"]["priority"]
    assert float(draft["value"]["priority"]["amounts"][0]["amount"]) > 0
    assert next(row for row in found["blocked"] if row["code"] == "quiet_here")["recorded"] == 0


@pytest.mark.usefixtures("_no_compiler")
def test_d19_what_it_says_is_what_comes(little, pantry_home, tmp_path, days):
    """The same ten days served under the draft itself: the same people, contacts, offers and value, placement by placement."""
    told = []
    for is_published in (False, True):
        home, clock = tmp_path / str(is_published), little.Clock()
        shutil.copytree(pantry_home, home)
        with little.open_shop(home, clock) as shop:
            if is_published:
                written = shop.policies.draft(DRAFT, "mina", "calmer")
                shop.policies.publish("helpful", written["version"], "mina")
            days(shop, clock)
            told.append(shop.simulate(DRAFT, days=30))
    tried, came = told
    assert (tried["n_tried"], came["n_tried"]) == (68, 68)
    assert tried["draft"] == came["recorded"] != tried["recorded"]
    assert came["draft"] == came["recorded"]
    assert [one["draft"] for one in tried["by_placement"]] == [one["recorded"] for one in came["by_placement"]]
    assert {row["code"]: row["draft"] for row in tried["blocked"] if row["draft"]} == {
        row["code"]: row["recorded"] for row in came["blocked"] if row["recorded"]
    }
