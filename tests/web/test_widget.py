"""The widget's answers: every placement in one call, all of it escaped, the same cards as HTML, as JSON and without a script."""

import html
import json
import re

import pytest

from crosslift.deliver.channels.blocks import WHERE
from crosslift.web.pages.addresses import is_web

PLAIN = {"Content-Type": "text/plain;charset=UTF-8"}
REVIEW = {"at": "2026-03-01T00:00:00Z", "kind": "review", "scale": 5, "product_id": "FILT"}


def ask(door, page, *, key=None, **more):
    """Ask as a page of another site does."""
    body = {"product": "DRIP", "page": page, "session": "s1", "language": "en", **more}
    path = f"/v1/widget?key={key or door.publishable}"
    answer = door.run(
        door.client.post(path, content=json.dumps(body), headers={**PLAIN, "Origin": "https://shop.example"})
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def fragment(door, **asked):
    given = {"key": door.publishable, "placement": "product", "product": "DRIP", "language": "en", **asked}
    return door.run(door.client.get("/v1/fragment", params={k: v for k, v in given.items() if v is not None}))


def said(door, *columns):
    return [tuple(row.values()) for row in door.shop.records.table("responses", columns).to_pylist()]


def make_needed(door):
    """Say that the dripper needs the filters, and learn it."""
    door.shop.put_links(
        [{"from_id": "DRIP", "to_id": "FILT", "kind": "required", "reason": "It brews with these", "author": "mina"}]
    )
    door.shop.learn()
    door.served.catch_up()


def cards(text):
    return re.findall(r'data-decision="(\w+)" data-product="([^"]+)"', text)


def test_every_placement_of_a_page_is_answered_at_once_and_no_product_twice(door):
    found = ask(door, [{"placement": "product"}, {"placement": "home"}, {"placement": "cart"}], cart=["BEANS-200"])
    assert [one["placement"] for one in found["placements"]] == ["product", "home", "cart"]
    shown = [product for one in found["placements"] for _, product in cards(one["html"])]
    assert "FILT" in shown
    assert len(shown) == len(set(shown))
    for one in found["placements"]:
        assert {decision for decision, _ in cards(one["html"])} <= {one["decision_id"]}
    rows = door.shop.records.table("decisions", ["decision_id"]).to_pylist()
    assert {one["decision_id"] for one in found["placements"]} <= {row["decision_id"] for row in rows}


@pytest.mark.parametrize("placement", WHERE)
def test_every_place_answers_with_cards_or_says_why_not(door, placement):
    [one] = ask(door, [{"placement": placement}], cart=["BEANS-200"], dwell_seconds=30, viewed=["DRIP"])["placements"]
    assert one["n_cards"] == len(cards(one["html"])) + one["html"].count("data-set=")
    assert one["n_cards"] or one["no_offer"]


def test_a_checkout_shows_at_most_two_extras(door):
    [one] = ask(door, [{"placement": "checkout", "k": 9}], cart=["DRIP", "BEANS-200"], cards=True)["placements"]
    kinds = [card["kind"] for slot in one["slots"] for card in slot["cards"]]
    assert 1 <= len([kind for kind in kinds if kind not in ("required", "stand_in")]) <= 2


def test_blocks_of_a_placement_can_stand_apart(door):
    make_needed(door)
    needs, with_it = ask(
        door, [{"placement": "product", "block": "needs"}, {"placement": "product", "block": "goes_with"}]
    )["placements"]
    assert [product for _, product in cards(needs["html"])] == ["FILT"]
    assert "FILT" not in [product for _, product in cards(with_it["html"])]
    assert "Needed to use this" in needs["html"]


def test_sets_stand_once_on_a_page(door):
    row = {"bundle_id": "brew", "kind": "fixed", "price": "40000", "currency": "KRW", "title": "Brew set"}
    parts = [{**row, "product_id": "DRIP"}, {"bundle_id": "brew", "product_id": "SERV"}]
    assert door.ask("PUT", "/v1/bundles", {"bundles": parts}).status_code == 200
    whole, apart = ask(door, [{"placement": "product"}, {"placement": "product", "block": "set"}])["placements"]
    assert (whole["html"].count("data-set="), apart["html"].count("data-set=")) == (0, 1)
    assert "Each part can be bought alone." in apart["html"]
    assert apart["html"].count('value="part"') == apart["html"].count("<li data-product=") >= 1
    assert ask(door, [{"placement": "product"}])["placements"][0]["html"].count("data-set=") == 1


def test_cards_as_data_say_what_the_page_says(door):
    [one] = ask(door, [{"placement": "product"}], cards=True, link="/products/{product}")["placements"]
    told = [card for slot in one["slots"] for card in slot["cards"]]
    assert [card["goods"]["product_id"] for card in told] == [product for _, product in cards(one["html"])]
    for card in told:
        assert html.escape(card["sentence"]) in one["html"]
        assert card["goods"]["href"] == f"/products/{card['goods']['product_id']}"
        assert f'href="{card["goods"]["href"]}"' in one["html"]
    [bare] = ask(door, [{"placement": "product"}], cards=True, html=False)["placements"]
    assert bare["html"] is None
    assert bare["slots"]


@pytest.mark.parametrize(
    ("language", "heading"), [("en", "Goes well with"), ("ko", "함께 쓰기 좋은 상품"), ("ja", "あわせて使えるもの")]
)
def test_cards_speak_the_language_of_the_page(door, language, heading):
    found = ask(door, [{"placement": "product"}], language=language)
    assert found["language"] == language
    assert f">{heading}</h2>" in found["placements"][0]["html"]
    assert found["words"]["close"]


def test_a_hostile_title_stays_a_title(door, hostile):
    door.ask(
        "PUT",
        "/v1/links",
        {"links": [{"from_id": "SPOON", "to_id": "MUG", "kind": "complement", "action": "pin", "reason": hostile}]},
    )
    [one] = ask(door, [{"placement": "product"}], product="SPOON", cards=True)["placements"]
    assert html.escape(hostile, quote=False).replace('"', "&#34;").replace("'", "&#39;")[:20] in one["html"]
    text = one["html"] + fragment(door, product="SPOON").text
    assert "<script>alert" not in text
    assert "{{" not in text.replace("{{ 7 * 7 }}", "")
    assert json.loads(re.search(r'ld\+json">(.*?)</script>', fragment(door, product="SPOON").text)[1])["@graph"]


def test_an_address_of_the_catalog_that_is_a_script_leads_nowhere(door):
    door.ask("PUT", "/v1/products", {"products": [
        {"product_id": "FILT", "title": "F", "price": "6500", "currency": "KRW", "url": "javascript:alert(1)", "image": "data:x"}
    ]})  # fmt: skip
    [one] = ask(door, [{"placement": "product"}])["placements"]
    assert "FILT" in [product for _, product in cards(one["html"])]
    assert "javascript:" not in one["html"]
    assert "data:" not in one["html"]


@pytest.mark.parametrize(
    ("address", "may"),
    [("https://a.example/x", True), ("/x", True), ("//a.example", False), ("/\\a.example", False), ("ftp://a", False),
     ("javascript:alert(1)", False), ("https://", False), ("x", False), ("http://[", False)],
)  # fmt: skip
def test_only_the_web_is_linked_to(address, may):
    assert is_web(address) is may


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"page": [{"placement": "email"}]}, "placement"), ({"page": [{"placement": "cart", "block": "running_out"}]}, "block"),
        ({"page": [{"placement": "cart", "block": "x"}]}, "block"), ({"link": "javascript:{product}"}, "link"),
        ({"link": "https://shop.example/p"}, "link"), ({"base": "nowhere"}, "base"),
        ({"page": [{"placement": "cart"}] * 13}, "page"), ({"page": [{"placement": "cart", "k": 0}]}, "k"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_naming_the_place(door, problem, body, where):
    answer = door.ask("POST", "/v1/widget", body, key="publishable")
    assert where in json.dumps(problem(answer, 422, "bad_input"))


def test_the_bar_says_what_is_missing_with_what_fits(door):
    bar = '[[bars]]\nid = "free"\namount = 20000\ncurrency = "KRW"\ntitle = { en = "Free delivery", ja = "送料無料" }\n'
    text = f'name = "helpful"\nextends = "helpful"\n{bar}'
    version = door.shop.policies.draft(text, author="mina", reason="bar")["version"]
    door.shop.policies.publish("helpful", version, author="mina")
    found = ask(door, [], bar=True, cart=["BEANS-200"], cards=True)["bar"]
    assert (found["missing"], found["amount"], found["share"], found["is_reached"]) == (
        "₩5,000",
        "₩20,000",
        0.75,
        False,
    )
    assert found["sentence"] == "₩5,000 to go: Free delivery."
    assert '<progress max="1" value="0.75"' in found["html"]
    prices = [
        float(card["goods"]["price"].strip("₩").replace(",", "")) for slot in found["slots"] for card in slot["cards"]
    ]
    assert prices
    assert all(5_000 <= price <= 15_000 for price in prices)
    assert ask(door, [], bar=True, cart=["BEANS-200"], language="ja")["bar"]["missing"] == "¥5,000（税込）".replace(
        "¥", "₩"
    )
    assert ask(door, [], bar=True, cart=["KETTLE"])["bar"]["is_reached"]
    assert ask(door, [], bar=True)["bar"] is None


def test_reviews_stand_on_cards_and_are_gone_when_their_writer_is(door, now):
    said_so = "They never tear, and nothing tastes of paper."
    rows = [{**REVIEW, "feedback_id": f"f{n}", "rating": 5, "customer_id": "c1", "language": "en"} for n in range(3)]
    door.shop.put_facts("feedback", [{**rows[0], "text": said_so}, *rows[1:]])
    [one] = ask(door, [{"placement": "product"}])["placements"]
    assert said_so in one["html"]
    assert "5.0 of 5 on average, from 3 ratings" in one["html"]
    assert said_so not in ask(door, [{"placement": "product"}], language="ko")["placements"][0]["html"]
    door.ask("DELETE", "/v1/customers/c1")
    door.shop.cards._kept.clear()  # as after a minute
    assert said_so not in ask(door, [{"placement": "product"}])["placements"][0]["html"]


def test_robots_are_answered_and_nothing_is_kept(door):
    before = door.shop.records.table("decisions", ["decision_id"]).num_rows
    [one] = ask(door, [{"placement": "product"}], traffic="robot")["placements"]
    assert (one["decision_id"], one["n_cards"] > 0) == (None, True)
    assert door.shop.records.table("decisions", ["decision_id"]).num_rows == before


def test_a_publishable_key_speaks_for_no_customer(door):
    found = ask(door, [{"placement": "account"}], customer="c2")
    assert found["warnings"] == ["customer_ignored:publishable_key"]


def test_a_fragment_needs_no_script(door):
    answer = fragment(
        door, add="/cart", field="sku", link="/p/{product}", anonymous="a1", back="https://shop.example/p/1"
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    text = answer.text
    assert '<div class="crosslift" lang="en" data-placement="product">' in text
    assert text.count('formaction="/cart"') == len(cards(text)) > 0
    assert '<input type="hidden" name="sku" value="FILT">' in text
    assert 'href="/p/FILT"' in text
    assert re.findall(r"<script(?! type=\"application/ld\+json\")|\son\w+=|style=", text) == []
    found = json.loads(re.search(r'ld\+json">(.*?)</script>', text)[1])["@graph"][0]
    assert found["sku"] == "DRIP"
    assert "FILT" in {one["sku"] for one in found["isRelatedTo"]}


def test_what_a_product_needs_is_its_accessory_in_the_words_of_schema_org(door):
    make_needed(door)
    found = json.loads(re.search(r'ld\+json">(.*?)</script>', fragment(door, block="needs").text)[1])["@graph"]
    assert [(one["sku"], one["isAccessoryOrSparePartFor"]["sku"]) for one in found] == [("FILT", "DRIP")]


def test_a_fragment_shows_the_card_of_the_widget(door):
    [one] = ask(door, [{"placement": "product"}])["placements"]
    mine = re.search(r'<p class="reason">[^<]+</p>', one["html"])[0]
    assert mine in fragment(door).text


@pytest.mark.parametrize(
    ("given", "where"),
    [({"placement": None}, "placement"), ({"placement": "x"}, "placement"), ({"k": "0"}, "k"), ({"k": "x"}, "k"),
     ({"nobody": "1"}, "nobody"),
     ({"add": "javascript:x"}, "add"), ({"back": "x"}, "back"), ({"policy": "none"}, "policy"), ({"traffic": "x"}, "traffic")],
)  # fmt: skip
def test_a_fragment_that_cannot_be_asked_is_refused(door, problem, given, where):
    assert where in json.dumps(problem(fragment(door, **given), 422, "bad_input"))


def test_a_fragment_asks_for_a_key_and_a_secret_one_never_stands_in_an_address(door, problem):
    problem(fragment(door, key=None), 401, "key_needed")
    problem(fragment(door, key=door.secret), 403, "key_in_address")
    own = door.ask("GET", "/v1/fragment", params={"placement": "account", "customer": "c2"})
    assert own.status_code == 200


def press(door, found, *, origin="https://shop.example", **more):
    """Press a button of the first card's other answers, as a browser without a script does."""
    form = re.search(
        r'<details class="others">.*?<form method="post" action="([^"]+)">(.*?)</form>', found.text, re.DOTALL
    )
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2])) | more
    address = html.unescape(form[1]).replace("http://shop.test", "")
    return door.run(door.client.post(address, data=fields, headers={"Origin": origin} if origin else {}))


@pytest.mark.parametrize(
    ("answer", "action", "reason"),
    [("decline", "decline", None), ("have_it", "decline", "have it"), ("later", "decline", "later"), ("never", "mute", None)],
)  # fmt: skip
def test_a_no_without_a_script_is_heard_and_leads_back(door, answer, action, reason):
    found = fragment(door, anonymous="a1", back="https://shop.example/p/1")
    done = press(door, found, answer=answer)
    assert (done.status_code, done.headers.get("location")) == (303, "https://shop.example/p/1")
    decision, product = cards(found.text)[0]
    assert said(door, "decision_id", "product_id", "action", "reason") == [(decision, product, action, reason)]
    assert product not in [one for _, one in cards(fragment(door, anonymous="a1").text)]


def test_nobody_is_led_to_another_site(door):
    for back, origin in (
        ("https://evil.example/", "https://shop.example"),
        ("https://shop.example/", None),
        ("//shop.example", "https://shop.example"),
    ):
        done = press(door, fragment(door, anonymous=f"of {back}"), answer="later", back=back, origin=origin)
        assert (done.status_code, "location" in done.headers) == (200, False)
        assert "noted" in done.text


@pytest.mark.parametrize("form", [{"answer": "accept"}, {"answer": ""}, {"from": ""}, {"from": "0" * 32}])
def test_an_answer_that_is_none_is_refused(door, form):
    done = press(door, fragment(door, anonymous="a1"), **{"answer": "decline", **form})
    assert done.status_code in (404, 422)
    assert said(door, "action") == []


def test_what_cards_lack_is_listed_and_a_benefit_closes_the_gap(door):
    before = door.ask("GET", "/v1/cards/gaps").json()
    row = next(one for one in before["rows"] if one["id"] == "FILT")
    assert row["benefit_in"] == before["languages"] == ["en", "ko", "ja"]
    assert before["n_of"]["benefit"] == before["n_lacking"] == before["n_looked_at"]
    assert "BEANS-200" not in [one["id"] for one in before["rows"]]
    facts = {"benefit_en": "Clean cups", "benefit_ko": "깔끔한 맛이에요", "benefit_ja": "すっきりした味です"}
    door.ask("PUT", "/v1/products", {"products": [
        {"product_id": "FILT", "title": "Filters", "price": "6500", "currency": "KRW", "attributes": facts}
    ]})  # fmt: skip
    after = door.ask("GET", "/v1/cards/gaps").json()
    assert after["n_of"]["benefit"] == before["n_of"]["benefit"] - 1
    assert door.ask("GET", "/v1/cards/gaps", params={"language": "en"}).json()["languages"] == ["en"]
    [one] = ask(door, [{"placement": "product"}], language="ko")["placements"]
    assert '<p class="benefit" lang="ko">깔끔한 맛이에요</p>' in one["html"]
