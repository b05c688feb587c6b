"""Products with evidence and a last word, decisions with why and why not, the audit."""

import re

import pytest

from crosslift.domain.access import Role
from crosslift.web.office.frame import SIGN_IN
from crosslift.wording.office import teller


def test_products_are_found_by_words_of_any_language(see):
    assert "Cone dripper" in see("/app/products?q=드리퍼").text
    assert "Nothing has these words" in see("/app/products?q=zzz").text


def test_relations_stand_with_their_numbers_and_the_sentence(see):
    page = see("/app/products/of/DRIP").text
    assert "Paper filters" in page
    assert "Bought together with Cone dripper" in page
    assert re.search(r"by chance <b>[\d.]+</b>", page)
    raw = see("/app/products/of/DRIP?raw=1").text
    assert "by chance, uncorrected <b>" in raw
    assert see("/app/products/of/NOPE").status_code == 404


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_why_a_product_is_missing_is_told_in_the_language(see, language):
    page = see("/app/products/of/DRIP?beside=TOWEL", language=language).text
    assert teller(language)("why_not.not_related") in page
    if language != "en":
        assert teller(language)("pair.not_sure") in page or teller(language)("pair.too_few_together") in page


def test_a_last_word_holds_with_the_next_decision_and_can_be_taken_back(door, see, post):
    sent = {"from_id": "DRIP", "to_id": "FILT", "kind": "complement", "action": "ban", "reason": "other size"}
    before = [one["product"] for one in door.decide(cart=["DRIP"])["offers"]]
    assert "FILT" in before
    assert post("/app/products/link", sent).headers["location"] == "/app/products/of/DRIP?done=linked"
    assert "FILT" not in [one["product"] for one in door.decide(cart=["DRIP"])["offers"]]
    page = see("/app/products/of/DRIP").text
    assert "other size" in page
    assert "the-admin" in page
    assert post("/app/products/unlink", sent).headers["location"] == "/app/products/of/DRIP?done=unlinked"
    assert "FILT" in [one["product"] for one in door.decide(cart=["DRIP"])["offers"]]
    assert post("/app/products/link", {**sent, "reason": ""}).status_code == 422
    assert post("/app/products/unlink", sent).status_code == 404


@pytest.mark.parametrize(
    "path", ["/app/products/link", "/app/products/unlink", "/app/imports/undo", "/app/imports/collect"]
)
def test_what_changes_something_needs_the_token_of_our_page_and_a_role(door, post, path):
    fields = {
        "from_id": "DRIP",
        "to_id": "FILT",
        "kind": "complement",
        "action": "ban",
        "reason": "x",
        "import_id": "1",
    }
    for csrf in ("", "0" * 48):
        assert post(path, {**fields, "csrf": csrf}).status_code == 403
    assert post(path, fields, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert post(path, fields, Role.VIEWER).status_code == 403
    assert post(path, fields, role=None).headers["location"].startswith(SIGN_IN)
    assert door.ask("GET", path).status_code == 404
    assert [one for one in door.shop.links()["links"] if one["from_id"] == "DRIP"] == []


# decisions and audit ------------------------------------------------------------------------------------------------


def test_decisions_are_looked_through_by_what_is_asked_for(door, see):
    made = door.decide(cart=["DRIP"])
    page = see("/app/decisions").text
    assert f"/app/decisions/{made['decision_id']}" in page
    assert f"/app/decisions/{made['decision_id']}" not in see("/app/decisions?placement=account").text
    assert "No decision of this kind" in see("/app/decisions?placement=account").text
    assert see("/app/decisions?outcome=odd").status_code == 422
    assert see("/app/decisions?before=0-x").status_code == 200


def test_one_decision_says_why_and_why_not(door, see):
    made = door.decide(cart=["DRIP"])
    page = see(f"/app/decisions/{made['decision_id']}?product=DRIP").text
    assert "Made again from its record, it comes out the same." in page
    assert "size-aware chance alone gives" in page
    assert "place 1" in page
    korean = see(f"/app/decisions/{made['decision_id']}", language="ko").text
    assert "size-aware" not in korean
    assert see("/app/decisions/none").status_code == 404


def test_only_who_may_serve_customers_sees_who_it_was_for(door, see):
    made = door.decide(cart=["DRIP"], customer="c2")
    path = f"/app/decisions/{made['decision_id']}"
    assert "customer:c2" in see(path).text
    assert "customer:c2" not in see(path, Role.ANALYST).text
    assert 'name="identity"' not in see("/app/decisions", Role.ANALYST).text
    assert "/app/decisions/" in see("/app/decisions?identity=nobody", Role.ANALYST).text


def test_the_audit_tells_who_and_verifies(see):
    page = see("/app/audit?verify=1").text
    assert "The chain is whole" in page
    assert "the-admin" in page
    assert "user.invite" not in see("/app/audit?action=session.").text.partition("<tbody>")[2]
