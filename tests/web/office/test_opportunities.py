"""What could be earned, the journey, and shared goals, as pages: in every language, by role, with a table beside each chart."""

import shutil
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from crosslift.collect.sources.segment import Message
from crosslift.domain.access import Role
from crosslift.shop import Shop
from crosslift.web.office.opportunities import because
from crosslift.wording.office import teller

LANGUAGES = ["en", "ko", "ja"]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def pages(learned_home, tmp_path_factory, open_door, password):
    """A shop that was visited today, with a goal; somebody looks at its pages."""
    home = tmp_path_factory.mktemp("chances") / "home"
    shutil.copytree(learned_home, home)
    with Shop(home, {"shop.currency": "KRW"}) as shop:
        now = datetime.now(UTC)
        at = (now - timedelta(hours=1)).isoformat()
        shop.collect_events(msgspec.convert([
            {"type": "track", "event": name, "userId": f"u{i}", "messageId": f"{name}{i}", "timestamp": at,
             "properties": {"query": HOSTILE, "results": 0, "product_id": "DRIP"}}
            for name in ("Products Searched", "Product Viewed") for i in range(25)
        ], list[Message]))  # fmt: skip
        shop.put_facts("orders", [
            {"order_id": f"o{i}", "line_id": "1", "customer_id": f"u{i}", "product_id": "DRIP", "quantity": 1,
             "unit_price": "20000", "currency": "KRW", "ordered_at": (now - timedelta(minutes=5)).isoformat(), "channel": "web"}
            for i in range(9)
        ])  # fmt: skip
        shop.experiments.hold_out(0.5, "a", "b", has_agreed=True)
        first, last = (now - timedelta(days=2)).isoformat(), (now + timedelta(days=2)).isoformat()
        shop.goals.put([
            {"goal_id": name, "title": f"Reach {name} {HOSTILE}", "figure": figure, "target": target, "since": first,
             "until": last}
            for name, figure, target in (("sales", "revenue", 90000), ("people", "customers", 100), ("joy", "csat", 0.8))
        ], "mina")  # fmt: skip
        with open_door(shop) as door:
            found = {}
            for role in (Role.VIEWER,):
                shop.users.choose_password(shop.users.invite(f"the-{role}", [role])["token"], password)
                found[role], _ = shop.users.sign_in(f"the-{role}", password)

            def see(path, language="en", role=Role.VIEWER):
                cookie = {"Cookie": f"crosslift_session={found[role]}; crosslift_language={language}"}
                return door.ask("GET", path, key=None, headers=cookie)

            yield see


@pytest.mark.parametrize("language", LANGUAGES)
def test_opportunities_are_told_with_what_they_rest_on(pages, language):
    page, tell = pages("/app/opportunities", language), teller(language)
    assert page.status_code == 200
    assert tell("chances.kind.search") in page.text
    assert tell("chances.because.search", n="25", all="25") in page.text
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_journey_is_a_chart_and_a_table(pages, language):
    page, tell = pages("/app/opportunities", language).text, teller(language)
    assert page.count("<svg") >= 1
    assert tell("journey.stage.consider") in page
    assert "Product Viewed" in page
    assert tell("journey.moment.natural") in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_goals_and_teams_stand_among_the_results(pages, language):
    page, tell = pages("/app/results", language).text, teller(language)
    assert tell("goals.title") in page
    assert "Reach sales &lt;script&gt;" in page
    assert "180,000" in page or "180.000" in page
    assert tell("team.web") in page
    assert tell("felt.csat") in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_says_what_it_rests_on(language):
    facts = {
        "no_companion": {"orders": 3}, "not_offered": {"orders": 3}, "required": {"orders": 3, "needs": ["A", "B"]},
        "rule": {"empty": 1, "decisions": 2, "protects": True}, "underserved": {"share": 0.1, "share_of_all": 0.4},
        "restock": {"stock": 2, "sold_a_week": 3.25, "reorder": 11}, "search": {"searches": 4, "people": 3},
    }  # fmt: skip
    said = {kind: because({"kind": kind, "facts": each}, language) for kind, each in facts.items()}
    assert all(any(digit in one for digit in "1234") for one in said.values())
    assert teller(language)("chances.protects") in said["rule"]
    assert because({"kind": "restock", "facts": {"stock": None, "sold_a_week": 3.0}}, language)
