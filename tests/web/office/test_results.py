"""What offers earned and what trials show: with and without a holdout, by role, in every language; agreed to and ended."""

import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from crosslift.domain.access import Role
from crosslift.domain.audit import Entry
from crosslift.domain.guardrail import Guarded, Sign
from crosslift.domain.pausing import paused
from crosslift.shop import Shop
from crosslift.shop.guardrails import PAUSE
from crosslift.web.office import results
from crosslift.wording.office import teller

BY = {"author": "mina", "reason": "what do offers bring"}
LANGUAGES = ["en", "ko", "ja"]
N = 100
AGREED = {"share": "5", "reason": "we want to know", "agreed": "yes"}
MAY = (Role.MARKETER, Role.ANALYST, Role.ADMIN)


@pytest.fixture(scope="module")
def tried_home(learned_home, tmp_path_factory):
    """Half are held back, the others buy more; a trial was run elsewhere; one is locked; one has hostile words."""
    home = tmp_path_factory.mktemp("tried") / "home"
    shutil.copytree(learned_home, home)
    with Shop(home, {"shop.currency": "KRW"}) as shop:
        now, end = datetime.now(UTC), datetime.now(UTC) + timedelta(days=9)
        shop.experiments.hold_out(0.5, **BY, has_agreed=True)
        shop.experiments.put(
            [
                {"experiment_id": "words", "kind": "variant", "arms": {"a": 0.5, "b": 0.5}, "ends_at": end, "group": "x"},
                {"experiment_id": "till", "kind": "variant", "arms": {"control": 0.5, "b": 0.5}, "unit": "session"},
            ],
            "mina", "<script>alert(1)</script>",
        )  # fmt: skip
        names = [f"h{number}" for number in range(4 * N)]
        shop.put_facts("customers", [{"customer_id": name, "created_at": now.isoformat()} for name in names])
        shop.consents.record([
            {"customer_id": name, "purpose": "personalization", "channel": "*", "status": "granted", "source": "test",
             "at": now.isoformat()} for name in names
        ])  # fmt: skip
        for number, name in enumerate(names, 1):  # the shop draws by its own secret: on until no draw looks broken
            shop.decide("cart", ["DRIP"], customer=name)
            counted = shop.records.count_arms("standing-holdout")
            if number >= N and abs(counted["held"] - counted["treated"]) <= N // 5:
                break
        names = names[:number]
        arms = shop.records.table("experiment_arms", ("unit", "arm"), "experiment_id = 'standing-holdout'").to_pylist()
        held = {row["unit"].partition(":")[2] for row in arms if row["arm"] == "held"}
        at = datetime.now(UTC).isoformat()
        shop.put_facts("orders", [
            {"order_id": f"o-{name}", "line_id": "1", "customer_id": name, "product_id": "DRIP", "quantity": 1,
             "currency": "KRW", "unit_price": str(20000 + 900 * (number % 9) - (12000 if name in held else 0)), "ordered_at": at}
            for number, name in enumerate(names)
        ])  # fmt: skip
        before = (now - timedelta(days=3)).isoformat()
        shop.put_facts("assignments", [
            {"experiment_id": "mail", "unit_kind": "customer", "unit_id": name, "arm": "letter" if number % 2 else "off-list",
             "at": before} for number, name in enumerate(names)
        ])  # fmt: skip
    return home


@pytest.fixture(scope="module")
def tried(tried_home, open_door, password):
    """Its server, and a page of it as somebody of a role."""
    with Shop(tried_home, {"shop.currency": "KRW", "limits.address_per_second": 0}) as shop, open_door(shop) as door:
        door.wait_until_ready()
        tokens = {}
        for role in Role:
            shop.users.choose_password(shop.users.invite(f"a-{role}", [role])["token"], password)
            tokens[role], _ = shop.users.sign_in(f"a-{role}", password)

        def see(path, role=Role.ADMIN, language="en"):
            cookie = f"crosslift_session={tokens[role]}; crosslift_language={language}"
            return door.ask("GET", path, key=None, headers={"Cookie": cookie})

        def post(path, fields, role=Role.ADMIN):
            sent = {"csrf": shop.users.csrf_of(tokens[role]), **fields}
            answer = door.run(
                door.client.post(path, data=sent, headers={"Cookie": f"crosslift_session={tokens[role]}"})
            )
            door.client.cookies.clear()
            return answer

        yield shop, see, post


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_offers_earned_stands_before_what_is_credited_to_them(tried, language):
    shop, see, _ = tried
    page, t = see("/app/results", language=language).text, teller(language)
    found = shop.earned.holdout()
    assert found["verdict"] == "better"
    assert page.index(t("results.earned")) < page.index(t("results.credited_about"))
    assert t("verdict.better") in page
    assert 'class="chart interval"' in page
    assert page.count(t("results.per_thousand")) == 1
    assert t("agree.tick") not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_holdout_nothing_is_zero_and_the_price_of_one_is_told(see, language):
    page, t = see("/app/results", language=language).text, teller(language)
    assert t("results.no_holdout") in page
    assert t("agree.no_cost", n="90") in page
    earned = page.partition('id="earned"')[2].partition("</section>")[0]
    assert not re.search(r"\d", re.sub("<[^>]*>", "", earned))
    assert 'type="checkbox" id="agreed" name="agreed" value="yes" required>' in page


def test_only_who_runs_campaigns_agrees_and_only_with_the_tick(see, door, post):
    for role in Role:
        assert ('id="agreed"' in see("/app/results", role).text) == (role in MAY), role
        if role not in MAY:
            assert post("/app/results/hold-out", AGREED, role).status_code == 403
    for wrong in ({"agreed": ""}, {"reason": " "}, {"share": "none"}, {"share": "70"}, {"share": "nan"}):
        assert post("/app/results/hold-out", {**AGREED, **wrong}).status_code == 422, wrong
    assert post("/app/results/hold-out", {**AGREED, "csrf": "0" * 48}).status_code == 403
    assert door.shop.experiments.list() == []


def test_a_holdout_is_agreed_to_and_ended_on_the_pages(tmp_path, open_door, password, monkeypatch):
    monkeypatch.setattr(results, "accepted_value", lambda records, now: {"KRW": 90_000 * 1_000_000})
    with Shop(tmp_path / "new") as shop:
        shop.users.choose_password(shop.users.first_admin(), password)
        token, _ = shop.users.sign_in("admin", password)
        cookie = {"Cookie": f"crosslift_session={token}"}
        with open_door(shop) as door:

            def post(path, fields):
                sent = {"csrf": shop.users.csrf_of(token), **fields}
                return door.run(door.client.post(path, data=sent, headers=cookie))

            def see(path):
                return door.ask("GET", path, key=None, headers=cookie).text

            assert post("/app/results/hold-out", AGREED).headers["location"] == "/app/results?done=held_out"
            assert "nobody has been assigned yet" in see("/app/results")
            assert "Held out: 5.0% of people (running)" in see("/app/results")
            assert "Trials running now: 1" in see("/app")
            page = see("/app/experiments/standing-holdout")
            assert "we want to know" in page
            assert "Nobody has been assigned yet" in page
            stop = {"experiment_id": "standing-holdout", "reason": "enough"}
            assert post("/app/experiments/stop", {**stop, "reason": ""}).status_code == 422
            done = post("/app/experiments/stop", stop)
            assert done.headers["location"] == "/app/experiments/standing-holdout?done=trial_stopped"
            assert shop.experiments.get("standing-holdout").author == "admin"
            assert "stopped" in see("/app/experiments/standing-holdout")
            page = see("/app/results")
            assert 'id="agreed"' in page
            assert "At 5% a month, at most about</dt><dd>₩1,500" in page


# experiments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_trial_is_listed_and_one_tells_its_health_its_figures_and_its_authors(tried, language):
    _, see, _ = tried
    t = teller(language)
    page = see("/app/experiments", language=language).text
    for name in ("standing-holdout", "words", "till", "mail"):
        assert f'href="/app/experiments/{name}"' in page
    page = see("/app/experiments/standing-holdout", language=language).text
    for key in ("trial.sizes_fit", "trial.judgement.any_time", "trial.outcome.revenue", "verdict.better", "arm.held"):
        assert t(key) in page, key
    assert "what do offers bring" in page


def test_a_locked_trial_shows_no_figure(tried):
    _, see, _ = tried
    for path in ("/app/experiments/words", "/app/experiments/words?control=a"):
        page = see(path).text
        assert "Locked until" in page
        assert "Came back" not in page


def test_what_cannot_be_judged_says_why(tried):
    shop, see, _ = tried
    for name, n, said in (("quiet", 80, "Nobody in it has bought anything yet"), ("few", 8, "at least 30 units")):
        at = shop.clock().isoformat()
        shop.put_facts("assignments", [
            {"experiment_id": name, "unit_kind": "customer", "unit_id": f"q{k}", "arm": "ab"[k % 2], "at": at} for k in range(n)
        ])  # fmt: skip
        assert said in see(f"/app/experiments/{name}?control=a").text
    assert "Nobody has been assigned yet" in see("/app/experiments/till").text
    assert see("/app/experiments/none").status_code == 404
    assert see("/app/experiments/words?control=none").status_code == 422


def test_a_trial_run_elsewhere_is_judged_when_its_control_is_named(tried):
    _, see, _ = tried
    assert "Which arm is the control?" in see("/app/experiments/mail").text
    page = see("/app/experiments/mail?control=off-list&fixed=yes").text
    assert "One look at a size that was fixed beforehand" in page
    assert "letter: Revenue a unit" in page
    assert "You may look at any time" in see("/app/experiments/mail?control=off-list").text


def test_an_arm_is_promoted_on_the_page_and_taken_back(tried):
    shop, see, post = tried
    page = see("/app/experiments/words").text
    assert 'action="/app/experiments/promote"' in page
    assert 'action="/app/experiments/promote"' not in see("/app/experiments/words", Role.VIEWER).text
    sent = {"experiment_id": "words", "arm": "b", "reason": "the brand wants it"}
    assert post("/app/experiments/promote", sent, Role.VIEWER).status_code == 403
    assert post("/app/experiments/promote", sent).status_code == 403, "nothing is proven"
    done = post("/app/experiments/promote", {**sent, "forced": "yes"})
    assert done.headers["location"] == "/app/experiments/words?done=promoted"
    assert "Promoted: b (the brand wants it)" in see("/app/experiments/words").text
    back = post("/app/experiments/roll-back", {"experiment_id": "words", "reason": "not yet"})
    assert back.headers["location"] == "/app/experiments/words?done=promotion_back"
    assert "Promoted" not in see("/app/experiments/words").text
    shop.experiments.resume("words", "mina", "on with it")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_guardrail_paused_is_shown_with_its_figure_and_lifted(tried, language):
    shop, see, post = tried
    assert teller(language)("rests.none") in see("/app/experiments", language=language).text
    written = shop.policies.draft('name = "watched"\nextends = "helpful"\n', "mina", language)
    shop.policies.publish("watched", written["version"], "mina")
    standing = shop.known.rulings.named("watched")
    shop.in_force.amend(paused(standing, Guarded.STRATEGY, "upgrade", Sign.DECLINED), "guardrails", "b", is_less=True)
    figure = {
        "guardrail": "noes",
        "sign": "declined",
        "at_most": 0.1,
        "value": 0.25,
        "low": 0.15,
        "high": 0.35,
        "n": 812,
    }
    rest = {"policy": "watched", "of": "strategy", "target": "upgrade", "version_before": standing.version}
    now = int(shop.clock().timestamp() * 1e6)
    shop.records.append_audit(Entry(now, PAUSE, "strategy upgrade", {**figure, **rest, "since": "", "version": 2}))
    page = see("/app/experiments", language=language).text
    assert all(said in page for said in ("upgrade", "25.0%", "15.0%", "10.0%", "812"))
    assert 'action="/app/experiments/lift"' not in see("/app/experiments", Role.VIEWER).text
    lift = {"policy": "watched", "of": "strategy", "target": "upgrade", "reason": "the text was wrong"}
    assert post("/app/experiments/lift", lift, Role.VIEWER).status_code == 403
    assert post("/app/experiments/lift", lift).headers["location"] == "/app/experiments?done=lifted"
    assert shop.guardrails.resting() == []


@pytest.mark.parametrize("role", Role)
def test_every_role_may_look_and_only_some_may_end(tried, role):
    shop, see, post = tried
    for path in ("/app/results", "/app/experiments", "/app/experiments/standing-holdout", "/app/experiments/words"):
        page = see(path, role)
        assert page.status_code == 200
        assert "<script>" not in page.text
    assert ('action="/app/experiments/stop"' in see("/app/experiments/till", role).text) == (role in MAY)
    if role not in MAY:
        assert post("/app/experiments/stop", {"experiment_id": "till", "reason": "x"}, role).status_code == 403
    assert shop.experiments.get("till").is_active


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Between -8.0% and +16.0% of the revenue without offers: not yet proven"),
        ("ko", "매출 대비 -8.0%에서 +16.0% 사이: 아직 증명되지 않음"),
        ("ja", "売上と比べて-8.0%から+16.0%の間：まだ証明されていません"),
    ],
)
def test_what_is_not_proven_says_so_and_what_it_would_take(tmp_path, open_door, password, monkeypatch, language, said):
    def span(factor):
        return {"value": 4 * factor, "low": -8 * factor, "high": 16 * factor}

    row = {
        "outcome": "revenue", "arm": "treated", "n": 950, "n_control": 50, "mean": 104.0, "mean_control": 100.0,
        "absolute": span(1), "relative": span(0.01), "p_adjusted": 0.5, "is_approximate": True, "verdict": "not_proven",
    }  # fmt: skip
    found = {
        "units": {"held": 50, "treated": 950}, "since": "2026-11-01T00:00:00+00:00", "until": "2026-11-20T00:00:00+00:00",
        "currency": "USD", "compared": [row],
        "headline": "revenue", "incremental": {"total": span(950), "per_thousand": span(1000)}, "verdict": "not_proven",
        "least_effect": 17.5, "people_needed": 34_000,
        "credited": {"lines": 71, "revenue": 8123.4, "margin": 0.0, "by": {"stated": 41, "clicked": 30}, "click_days": 7.0},
    }  # fmt: skip
    with Shop(tmp_path / "unproven") as shop:
        shop.experiments.hold_out(0.05, **BY, has_agreed=True)
        monkeypatch.setattr(shop.earned, "holdout", lambda experiment_id: found)
        shop.users.choose_password(shop.users.first_admin(), password)
        token, _ = shop.users.sign_in("admin", password)
        with open_door(shop) as door:
            headers = {"Cookie": f"crosslift_session={token}; crosslift_language={language}"}
            page = door.ask("GET", "/app/results", key=None, headers=headers).text
    t = teller(language)
    assert said in page
    assert t("results.needed", n="34,000") in page
    assert t("trial.approximate") in page
    assert "$8,123.40" in page
    assert "-$7,600.00" in page
