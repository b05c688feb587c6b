"""/v1/customers, /v1/identify, /v1/identities and /v1/consents: who somebody is, what they allowed, and their rights."""

import io
import json
import zipfile

import pytest

AT = "2026-03-01T00:00:00Z"


@pytest.fixture
def jane(door):
    """A customer with an address, a browser and a consent."""
    door.ask(
        "PUT",
        "/v1/facts/customers",
        {"customers": [{"customer_id": "jane", "email": "Jane@mail.example", "market": "KR"}]},
    )
    door.ask("POST", "/v1/identify", {"customer": "jane", "identifiers": {"anonymous": "browser-9"}})
    door.ask("POST", "/v1/consents", {"consents": [grant("personalization"), grant("marketing")]})
    return "jane"


def grant(purpose, **given):
    return {
        "customer_id": "jane",
        "purpose": purpose,
        "channel": "*",
        "status": "granted",
        "source": "form",
        "at": AT,
        **given,
    }


def show(door, customer):
    return door.ask("GET", f"/v1/customers/{customer}")


def test_one_person_is_shown_whole_under_any_name(door, jane):
    shown = show(door, jane).json()
    assert [one["identity"] for one in shown["identities"]] == [
        "anonymous:browser-9",
        "customer:jane",
        "email:jane@mail.example",
    ]
    assert shown["identities"][0]["because"] == "login customer:jane"
    assert {(one["purpose"], one["is_granted"]) for one in shown["consents"]} == {
        ("personalization", True),
        ("marketing", True),
    }
    assert shown["rows"]["customers"][0]["provenance"]["source"] == "api"
    assert shown["counts"]["consents"] == 2
    assert show(door, "anonymous:browser-9").json()["person_id"] == "customer:jane"
    assert show(door, "email:jane@mail.example").json() == shown


def test_rows_are_the_newest_and_no_more_than_asked_for(door, jane):
    answer = door.ask("GET", "/v1/customers/jane", params={"newest": 1}).json()
    assert (len(answer["rows"]["consents"]), answer["counts"]["consents"]) == (1, 2)


def test_nobody_is_not_found(door, problem):
    for path, method in (("", "GET"), ("/export", "GET"), ("", "DELETE")):
        problem(door.ask(method, f"/v1/customers/nobody-at-all{path}"), 404, "not_found")


def test_what_names_nobody_is_left_out(door):
    sent = {"customer": "jane", "identifiers": {"email": "info@shop.example", "phone": "0000000", "loyalty": "L-1"}}
    answer = door.ask("POST", "/v1/identify", sent).json()
    assert answer == {
        "person_id": "customer:jane", "identities": ["customer:jane", "loyalty:L-1"], "left_out": ["email", "phone"]
    }  # fmt: skip


@pytest.mark.parametrize(
    "sent",
    [
        {"customer": "jane", "identifiers": {"shoe_size": "38"}}, {"customer": "null", "identifiers": {"email": "a@b.example"}},
        {"customer": "jane", "identifiers": {}}, {"customer": "", "identifiers": {"email": "a@b.example"}}, {},
    ],
)  # fmt: skip
def test_a_wrong_identify_is_refused_with_the_place(door, problem, sent):
    problem(door.ask("POST", "/v1/identify", sent), 422, "bad_input")


def test_a_wrong_merge_is_split_and_rejoined(door, jane):
    door.ask("PUT", "/v1/facts/customers", {"customers": [{"customer_id": "june", "email": "jane@mail.example"}]})
    assert show(door, "june").json()["person_id"] == "customer:jane"
    split = {"first": "jane", "second": "june", "action": "split", "author": "mina", "reason": "sisters, one mailbox"}
    [change] = [
        one for one in door.ask("POST", "/v1/identities", split).json()["changes"] if one["identity"] == "customer:june"
    ]
    assert (change["from_person"], change["to_person"], change["author"]) == ("customer:jane", "customer:june", "mina")
    assert show(door, "june").json()["person_id"] == "customer:june"
    door.ask("POST", "/v1/identities", {**split, "action": "rejoin"})
    assert show(door, "june").json()["person_id"] == "customer:jane"


def test_a_rejoin_of_what_was_never_split_is_not_found(door, problem):
    sent = {"first": "a", "second": "b", "action": "rejoin", "author": "mina"}
    problem(door.ask("POST", "/v1/identities", sent), 404, "not_found")
    problem(door.ask("POST", "/v1/identities", {**sent, "action": "split"}), 422, "bad_input")
    problem(door.ask("POST", "/v1/identities", {**sent, "action": "melt"}), 422, "bad_input")


def test_a_withdrawal_holds_on_the_very_next_decision(door, jane):
    assert door.decide(placement="home", customer="jane")["purpose"] == "personalization"
    door.ask(
        "POST", "/v1/consents", {"consents": [grant("personalization", status="withdrawn", at="2026-03-02T00:00:00Z")]}
    )
    assert door.decide(placement="home", customer="jane")["purpose"] == "contextual"
    told = door.ask("GET", "/v1/consents", params={"customer": "jane"}).json()
    assert {(one["purpose"], one["is_granted"]) for one in told["consents"]} == {
        ("personalization", False),
        ("marketing", True),
    }
    assert [row["status"] for row in told["ledger"]] == ["withdrawn", "granted", "granted"]


def test_a_double_opt_in_over_http(door, problem):
    ask = {"customer": "kim", "purpose": "marketing", "channel": "email", "source": "form", "wording": "Weekly."}
    token = door.ask("POST", "/v1/consents/ask", ask).json()["token"]
    assert door.ask("GET", "/v1/consents", params={"customer": "kim"}).json()["consents"] == []
    assert door.ask("POST", "/v1/consents/confirm", {"token": token}).json()["status"] == "granted"
    problem(door.ask("POST", "/v1/consents/confirm", {"token": token[:-3] + "AAA"}), 403, "refused")
    problem(door.ask("POST", "/v1/consents/ask", {**ask, "purpose": "anything"}), 422, "bad_input")


def test_a_copy_is_a_zip_of_json(door, jane):
    answer = door.ask("GET", "/v1/customers/jane/export")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert json.loads(archive.read("customers.json"))[0]["email"] == "Jane@mail.example"


def test_erased_means_gone(door, jane, problem):
    certificate = door.ask("DELETE", "/v1/customers/jane").json()
    assert (certificate["is_complete"], certificate["found"]) == (True, [])
    assert certificate["removed"]["consents"] == 2
    problem(show(door, "jane"), 404, "not_found")
    assert "unknown_customer:jane" in door.decide(placement="home", customer="jane")["warnings"]


def test_renewals_are_listed(door, jane):
    assert (
        door.ask("GET", "/v1/consents/renewals", params={"within_days": 3650}).json()["renewals"][0]["customer_id"]
        == "jane"
    )


def sentences(door, customer, language):
    return {
        one["text"]
        for one in door.ask("GET", f"/v1/customers/{customer}", params={"language": language}).json()["told"]
    }


def test_a_profile_is_told_in_the_language_asked(door, problem):
    shown = show(door, "c0").json()
    assert {"as_of", "stage", "contribution_class", "unknown"} <= {one["about"] for one in shown["told"]}
    assert shown["told"][0]["text"].startswith("As of ")
    assert shown["profile"]["unknown"]["cluster"] == "few_people"
    assert any("too few people" in text.casefold() for text in sentences(door, "c0", "en-GB"))
    assert any("그룹을 찾기에는" in text for text in sentences(door, "c0", "ko"))
    assert any("グループを見つけるには" in text for text in sentences(door, "c0", "ja-JP"))
    assert len(sentences(door, "c0", "ko") & sentences(door, "c0", "en")) == 0
    problem(door.ask("GET", "/v1/customers/c0", params={"language": ""}), 422, "bad_input")


def test_nothing_is_told_of_somebody_who_was_not_learned_yet(door, jane):
    assert (show(door, jane).json()["profile"], show(door, jane).json()["told"]) == (None, [])


def test_sentences_for_operators_reach_no_shopper(door, problem):
    """Neither the answers a publishable key gets, nor the copy handed to the person, hold one of them."""
    problem(door.ask("GET", "/v1/customers/c0", key="publishable"), 403, "refused")
    told = [text for language in ("en", "ko", "ja") for text in sentences(door, "c0", language)]
    assert told
    seen = [
        json.dumps(door.ask("POST", "/v1/decide", {"placement": place, "customer": "c0", "language": language}, key=key).json(),
                   ensure_ascii=False)
        for place in ("home", "cart") for language in ("en", "ko", "ja") for key in ("publishable", "secret")
    ]  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(door.ask("GET", "/v1/customers/c0/export").content)) as archive:
        seen += [archive.read(name).decode() for name in archive.namelist()]
    assert not [text for text in told if any(text in page for page in seen)]
    assert not [page for page in seen if "contribution" in page or '"told"' in page]
