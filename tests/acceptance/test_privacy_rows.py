"""Rights of people: a copy of everything, erasure that a search of every byte proves, consent that holds at once."""

import io
import json
import zipfile
from datetime import timedelta

import pytest

from crosslift.collect.sources.segment import Message
from crosslift.errors import NotFound, Refused
from crosslift.store.traces import find_traces

WHO = "roe-4711-jane"
MAIL = "Jane.Roe4711@mail-of-jane.example"
PHONE = "010-4711-0815"
SECRETS = (
    WHO,
    MAIL,
    MAIL.lower(),
    PHONE,
    "Roe-Smith-Winterbottom",
    "browser-of-jane-77",
    "search-of-jane",
    "complaint-of-jane",
)


def message(number, event="Product Viewed", **given):
    fields = {"message_id": f"m{number}", "event": event, "timestamp": "2026-10-20T12:00:00Z", **given}
    return Message(**fields)


@pytest.fixture
def known(shop, tmp_path):
    """Jane, in every kind of fact: bought, browsed, asked, complained, was advised, allowed, merged, learned from."""
    (tmp_path / "customers.csv").write_text(
        f"customer_id,email,phone,market,created_at,full_name\n{WHO},{MAIL},{PHONE},KR,2026-01-02T00:00:00Z,Roe-Smith-Winterbottom\n"
        "bob,bob@mail-of-bob.example,,KR,2026-01-02T00:00:00Z,Bob\n",
        encoding="utf-8",
    )
    rows = "".join(
        f"x{n},2026-10-{n + 1:02}T09:00:00Z,{WHO},{product},1,5.00,USD,to Roe-Smith-Winterbottom\n"
        for n in range(6) for product in ("tea", "honey")
    )  # fmt: skip
    (tmp_path / "orders.csv").write_text(
        f"order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency,ship_to\n{rows}", encoding="utf-8"
    )
    shop.collect(tmp_path / "customers.csv", tmp_path / "orders.csv")
    at = "2026-10-10T10:00:00Z"
    shop.consents.record([
        {"customer_id": WHO, "purpose": purpose, "channel": "*", "status": "granted", "source": "form", "at": at}
        for purpose in ("personalization", "marketing")
    ])  # fmt: skip
    shop.put_facts(
        "activities", [{"activity_id": "a1", "at": at, "kind": "call", "customer_id": WHO, "text": "complaint-of-jane"}]
    )
    shop.put_facts(
        "cases",
        [{"case_id": "case-1", "customer_id": WHO, "opened_at": at, "status": "open", "text": "complaint-of-jane"}],
    )
    shop.put_facts(
        "feedback", [{"feedback_id": "f1", "at": at, "customer_id": WHO, "kind": "review", "text": "complaint-of-jane"}]
    )
    shop.put_facts("usage", [
        {"customer_id": WHO, "product_id": "tea", "meter": "cups", "value": 3, "at": at}
    ])  # fmt: skip
    shop.put_facts("subscriptions", [
        {"subscription_id": "s1", "customer_id": WHO, "product_id": "tea", "status": "active", "started_at": at}
    ])  # fmt: skip
    shop.put_facts("payments_failed", [
        {"payment_id": "p1", "at": at, "customer_id": WHO, "amount": "5", "currency": "USD", "status": "failed"}
    ])  # fmt: skip
    shop.put_facts("assignments", [
        {"experiment_id": "e1", "unit_id": WHO, "unit_kind": "customer", "arm": "a", "at": at}
    ])  # fmt: skip
    shop.collect_events([
        message(1, user_id=WHO, anonymous_id="browser-of-jane-77", properties={"product_id": "tea"}),
        message(2, "Products Searched", user_id=WHO, properties={"query": "search-of-jane"}),
        message(3, anonymous_id="browser-of-jane-77", properties={"product_id": "cup"}),
    ])  # fmt: skip
    shop.frames.seal(1)
    shop.collect_events([message(4, user_id=WHO, properties={"product_id": "honey"})])
    shop.customers.merge(WHO, "jane-old-id", "anna")
    shop.learn(force=True)
    shop.decide("home", customer=WHO, language="en")
    shop.decide("cart", ["tea"], customer=WHO, purpose="contextual")
    return shop


def seen(home):
    return {trace.text for trace in find_traces(home, SECRETS).found}


def test_c11_erase_leaves_no_trace_in_any_byte_kept(known):
    assert seen(known.home) == set(SECRETS)
    certificate = known.privacy.erase(WHO)
    known.records.close()
    assert seen(known.home) == set()
    assert certificate["is_complete"]
    assert certificate["found"] == []
    assert certificate["removed"]["decision_inputs"] == 2
    assert certificate["removed"]["sealed events"] == 3


def test_c11_erase_keeps_totals_and_everybody_else(known, clock):
    before = {
        name: known.records.table(name, ["id"]).num_rows for name in ("order_lines", "subscriptions", "payments_failed")
    }
    decided = known.decide("home", customer=WHO)
    known.privacy.erase("customer:jane-old-id")
    after = {name: known.records.table(name, ["id"]).num_rows for name in before}
    assert after == before
    assert known.frames.order_lines().num_rows == before["order_lines"]
    assert known.decision(decided.decision_id)["identity"].startswith("erased:")
    assert known.customers.show("bob")["rows"]["customers"][0]["email"] == "bob@mail-of-bob.example"
    with pytest.raises(NotFound):
        known.privacy.erase(WHO)
    answer = known.decide("home", customer=WHO)
    assert f"unknown_customer:{WHO}" in answer.warnings


def test_c11_a_later_file_does_not_bring_an_erased_customer_back(known, tmp_path):
    known.privacy.erase(WHO)
    known.collect(tmp_path / "customers.csv", tmp_path / "orders.csv")
    (tmp_path / "more.csv").write_text(
        "order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency\n"
        f"y1,2026-10-30T09:00:00Z,{WHO},tea,1,5.00,USD\n", encoding="utf-8",
    )  # fmt: skip
    known.collect(tmp_path / "more.csv")
    known.collect_events([message(9, user_id=WHO, properties={"product_id": "tea"})])
    assert not known.records.known_customers([WHO])
    assert known.records.about([f"customer:{WHO}"]) == {}
    [line] = known.records.table("order_lines", ["customer_id"], "order_id = ?", ("y1",)).to_pylist()
    assert line["customer_id"] is None
    known.records.compact(whole=True)
    assert find_traces(known.home, [WHO, MAIL]).found == ()


def test_c11_the_next_learning_knows_nothing_of_an_erased_person(known):
    known.privacy.erase(WHO)
    known.learn(force=True)
    known.records.compact()
    assert seen(known.home) == set()


def test_c11_export_is_machine_readable_and_holds_everything(known):
    with zipfile.ZipFile(io.BytesIO(known.privacy.export("jane-old-id"))) as archive:
        assert archive.testzip() is None
        files = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    about = files.pop("about.json")
    assert about["person_id"] == "customer:jane-old-id"
    assert {f"customer:{WHO}", "anonymous:browser-of-jane-77"} <= set(about["identities"])
    assert about["files"] == {name: len(rows) for name, rows in files.items()}
    told = json.dumps(files, ensure_ascii=False)
    assert all(secret in told for secret in SECRETS)
    assert {row["product_id"] for row in files["events.json"] if "product_id" in row} == {"tea", "cup", "honey"}
    line = files["order_lines.json"][0]
    assert (line["unit_price"], line["ordered_at"][:4], line["provenance"]["source"]) == ("5", "2026", "orders.csv")


def test_c11_retention_deletes_what_is_past_its_days_and_only_that(known, clock):
    clock.move(days=31)
    assert known.privacy.retain()["decision_inputs"] >= 2
    assert known.privacy.retain() == {"decision_inputs": 0, "events": 0, "sealed events": 0, "message_ids": 0}
    clock.move(days=730)
    gone = known.privacy.retain()
    assert (gone["events"], gone["sealed events"]) == (1, 3)
    assert known.frames.events().num_rows == 0
    assert known.customers.show(WHO)["counts"]["order_lines"] == 12


def test_c11_retention_erases_with_a_certificate_who_was_silent_for_too_long(little, known):
    known.close()
    (known.home / "shop.toml").write_text("[privacy]\nidle_days = 365\n", encoding="utf-8")
    known.clock.move(days=200)
    with little.open_shop(known.home, known.clock) as shop:
        assert [one.person_id for one in shop.privacy.idle()] == ["customer:bob"]
        known.clock.move(days=200)
        listed = [one.person_id for one in shop.privacy.idle()]
        gone = shop.privacy.retain()
        certificate = gone["certificate"]
        assert gone["people"] == certificate["people"] == len(listed) > 200
        assert (certificate["is_complete"], certificate["removed"]["customers"]) == (True, 1)
        assert shop.privacy.idle() == []
        assert shop.customers.show(WHO)["counts"]["order_lines"] == 12  # the contract runs
        ended = {"subscription_id": "s1", "customer_id": WHO, "product_id": "tea", "status": "ended"}
        shop.put_facts("subscriptions", [
            {**ended, "started_at": "2026-10-10T10:00:00Z", "ended_at": "2027-11-01T00:00:00Z"}
        ])  # fmt: skip
        known.clock.move(days=300)
        assert shop.privacy.retain()["people"] == 0
        known.clock.move(days=100)
        assert shop.privacy.retain()["certificate"]["identities"] >= 4
    assert seen(known.home) == set()


def test_c11_contextual_only_uses_nothing_of_the_person(little, known):
    assert known.decide("home", customer=WHO).purpose == "personalization"
    known.close()
    (known.home / "shop.toml").write_text("[privacy]\ncontextual_only = true\n", encoding="utf-8")
    with little.open_shop(known.home, known.clock) as careful:
        answer = careful.decide("home", customer=WHO)
        assert (answer.purpose, careful.decision(answer.decision_id)["identity"]) == ("contextual", None)
        assert careful.decide("email", customer=WHO).no_offer == "no_consent"


def test_c09_doors_and_double_opt_in_a_withdrawal_holds_on_the_very_next_decision_in_every_process(known, little):
    with little.open_shop(known.home, known.clock) as other:
        assert other.decide("home", customer=WHO).purpose == "personalization"
        known.consents.withdraw(WHO, "personalization")
        assert other.decide("home", customer=WHO).purpose == "contextual"
        assert other.decide("email", customer=WHO).no_offer != "no_consent"
        other.consents.withdraw("jane-old-id", "marketing", "email")
        assert known.decide("email", customer=WHO).no_offer == "no_consent"


def test_c09_doors_and_double_opt_in_counts_from_the_second_yes_on(shop, clock):
    shop.put_facts("customers", [{"customer_id": "kim", "email": "kim@x.org", "market": "KR"}])
    token = shop.consents.ask("kim", "marketing", "email", "newsletter form", "We write once a week.")
    assert shop.decide("email", customer="kim").no_offer == "no_consent"
    assert shop.consents.of("kim")["consents"] == []
    clock.move(hours=1)
    assert shop.consents.confirm(token)["status"] == "granted"
    n = len(shop.consents.of("kim")["ledger"])
    shop.consents.confirm(token)
    assert len(shop.consents.of("kim")["ledger"]) == n == 2
    assert shop.decide("email", customer="kim").no_offer != "no_consent"
    assert shop.consents.of("kim")["ledger"][0]["wording"] == "We write once a week."


def test_c09_doors_and_double_opt_in_refuses_what_is_old_altered_or_taken_back(shop, clock):
    shop.put_facts("customers", [{"customer_id": "kim", "market": "KR"}])
    ask = ("kim", "marketing", "email", "form", "Hello.")
    late, taken_back = shop.consents.ask(*ask), None
    for wrong in (late[:-4] + "AAAA", "", "nonsense", "!" * 40, late[:30]):
        with pytest.raises(Refused):
            shop.consents.confirm(wrong)
    clock.move(days=8)
    with pytest.raises(Refused, match="expired"):
        shop.consents.confirm(late)
    taken_back = shop.consents.ask(*ask)
    clock.move(minutes=1)
    shop.consents.withdraw("kim", "marketing", "email")
    with pytest.raises(Refused, match="no stays a no"):
        shop.consents.confirm(taken_back)


def test_c09_doors_and_double_opt_in_lists_korean_consents_that_must_be_confirmed_again(shop, clock):
    shop.put_facts(
        "customers", [{"customer_id": name, "market": market} for name, market in (("kim", "KR"), ("ito", "JP"))]
    )
    given = clock().isoformat()
    shop.consents.record([
        {"customer_id": name, "purpose": "marketing", "channel": "email", "status": "granted", "source": "form", "at": given}
        for name in ("kim", "ito")
    ])  # fmt: skip
    assert shop.consents.renewals() == []
    clock.move(days=690)
    [due] = shop.consents.renewals()
    assert (due["customer_id"], due["is_overdue"]) == ("kim", False)
    clock.move(days=60)
    assert shop.consents.renewals()[0]["is_overdue"]
    shop.consents.withdraw("kim", "marketing")
    assert shop.consents.renewals() == []


def test_c09_doors_and_double_opt_in_ignores_a_consent_of_tomorrow(shop, clock):
    shop.put_facts("customers", [{"customer_id": "kim"}])
    tomorrow = (clock() + timedelta(days=1)).isoformat()
    shop.consents.record([{
        "customer_id": "kim", "purpose": "personalization", "channel": "*", "status": "granted", "source": "form", "at": tomorrow,
    }])  # fmt: skip
    assert shop.decide("home", customer="kim").purpose == "contextual"
    clock.move(days=2)
    assert shop.decide("home", customer="kim").purpose == "personalization"
