"""The storefront as a shopper without JavaScript meets it: true reasons, an easy no, everything escaped."""

import html
import re

import pytest

from crosslift.web.pages.visit import MAX_COOKIE, Visit

TITLES = {"ko": "원추형 드리퍼", "ja": "円すいドリッパー", "en": "Cone dripper"}
SAME = {"Sec-Fetch-Site": "same-origin"}


def get(door, path, **options):
    return door.ask("GET", path, key=None, **options)


def post(door, path, headers=SAME, **form):
    return door.run(door.client.post(path, data=form, headers=headers))


def cards(page):
    return re.findall(r'data-decision="(\w+)" data-product="([^"]+)"', page.text)


def responses(door):
    rows = door.shop.records.table("responses", ["decision_id", "product_id", "action"]).to_pylist()
    return [(row["decision_id"], row["product_id"], row["action"]) for row in rows]


def exposures(door):
    rows = door.shop.records.table("exposures", ["decision_id", "product_id"]).to_pylist()
    return [(row["decision_id"], row["product_id"]) for row in rows]


@pytest.mark.parametrize("language", TITLES)
def test_a_product_page_speaks_the_visitors_language(demo, language):
    page = get(demo, f"/p/DRIP?lang={language}")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert f"<h1>{TITLES[language]}</h1>" in page.text
    assert TITLES[language] in re.search(r'class="reason">([^<]+)<', page.text)[1]
    again = get(demo, "/p/DRIP")
    assert f'<html lang="{language}">' in again.text


@pytest.mark.parametrize(
    ("wished", "language"),
    [("ja-JP,ja;q=0.9,en;q=0.8", "ja"), ("fr-FR,ko;q=0.5", "ko"), ("fr", "en"), ("", "en"), ("x" * 9000, "en")],
)
def test_without_a_choice_the_browsers_wish_counts(demo, wished, language):
    assert f'<html lang="{language}">' in get(demo, "/p/DRIP", headers={"Accept-Language": wished}).text


def test_an_unknown_language_changes_nothing(demo):
    page = get(demo, "/p/DRIP?lang=<script>")
    assert '<html lang="en">' in page.text
    assert "<script>&" not in page.text


def test_money_is_that_of_the_market_as_long_as_its_tag_holds(demo):
    assert "¥2,580（税込）" in get(demo, "/p/DRIP?lang=ja").text
    assert "24,000원" in get(demo, "/p/DRIP?lang=ko").text
    demo.ask("PATCH", "/v1/products", {"products": [{"product_id": "DRIP", "price": "19000"}]})
    assert "₩19,000（税込）" in get(demo, "/p/DRIP?lang=ja").text


def test_offers_show_reason_counts_and_decision(demo):
    page = get(demo, "/p/DRIP?lang=en")
    found = cards(page)
    assert "FILT" in {product for _, product in found}
    assert len(found) <= 3
    decision_id = found[0][0]
    told = demo.ask("GET", f"/v1/decisions/{decision_id}").json()
    assert [offer["product"] for offer in told["offers"]] == [product for _, product in found]
    evidence = demo.shop.replay(decision_id).decision.offers[0].reason.evidence
    text = html.unescape(page.text)
    for shown in (evidence["n_both"], evidence["n_customers"], decision_id):
        assert f"<dd>{shown}</dd>" in text
    assert "Why this?" in text
    assert text.count("Not for me") == text.count('formaction="/decline"') == len(found)


def test_showing_a_page_is_no_exposure(demo):
    get(demo, "/p/DRIP")
    assert exposures(demo) == []


def test_what_was_seen_is_an_exposure_once(demo):
    decision_id, product = cards(get(demo, "/p/DRIP"))[0]
    for _ in range(2):
        body = {"decision_id": decision_id, "product": product}
        assert demo.ask("POST", "/storefront/respond", body, key=None, headers=SAME).status_code == 204
    assert exposures(demo) == [(decision_id, product)]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        ({"decision_id": "x"}, 422, "bad_input"),
        ({"decision_id": "0" * 32, "product": "FILT"}, 404, "not_found"),
        ({"decision_id": None, "product": "FILT"}, 422, "bad_input"),
    ],
)
def test_a_wrong_exposure_is_refused(demo, problem, body, status, code):
    problem(demo.ask("POST", "/storefront/respond", body, key=None, headers=SAME), status, code)


def test_a_product_that_was_not_offered_was_not_seen(demo, problem):
    decision_id, _ = cards(get(demo, "/p/DRIP"))[0]
    answer = demo.ask("POST", "/storefront/respond", {"decision_id": decision_id, "product": "TOWEL"}, key=None)
    problem(answer, 404, "not_found")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize("path", ["/storefront/respond", "/cart/add", "/cart/remove", "/decline"])
def test_other_sites_cannot_act_for_a_visitor(demo, problem, headers, path):
    problem(post(demo, path, headers, product="FILT"), 403, "refused")
    assert "set-cookie" not in post(demo, path, headers, product="FILT").headers


def test_following_an_offer_is_a_click_once(demo):
    page = get(demo, "/p/DRIP")
    decision_id, product = cards(page)[0]
    link = f"/p/{product}?from={decision_id}"
    assert f'href="{link}"' in page.text
    for _ in range(2):
        assert get(demo, link).status_code == 200
    assert responses(demo) == [(decision_id, product, "click")]


def test_looking_ahead_and_made_up_origins_are_no_clicks(demo):
    decision_id, product = cards(get(demo, "/p/DRIP"))[0]
    get(demo, f"/p/{product}?from={decision_id}", headers={"Sec-Purpose": "prefetch;prerender"})
    for path in (f"/p/TOWEL?from={decision_id}", f"/p/{product}?from={'0' * 32}", f"/p/{product}?from=%00%22"):
        assert get(demo, path).status_code == 200
    assert responses(demo) == []


def test_an_accepted_offer_goes_into_the_cart_and_is_recorded(demo):
    decision_id, product = cards(get(demo, "/p/DRIP"))[0]
    answer = post(demo, "/cart/add", product=product, back="/p/DRIP", **{"from": decision_id})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/p/DRIP?done=added"
    cookie = answer.headers["set-cookie"].lower()
    assert "samesite=lax" in cookie
    assert "httponly" in cookie
    assert responses(demo) == [(decision_id, product, "accept")]
    page = get(demo, "/p/DRIP?done=added")
    assert "Added to the cart." in page.text
    assert product not in {offered for _, offered in cards(page)}


def test_a_no_is_recorded_and_the_product_not_offered_again(demo):
    decision_id, product = cards(get(demo, "/p/DRIP"))[0]
    answer = post(demo, "/decline", product=product, back="/p/DRIP", **{"from": decision_id})
    assert answer.headers["location"] == "/p/DRIP?done=noted"
    assert responses(demo) == [(decision_id, product, "decline")]
    for path in ("/p/DRIP", "/p/SERV", "/"):
        assert product not in {offered for _, offered in cards(get(demo, path))}
    assert "Thank you, noted." in get(demo, "/p/DRIP?done=noted").text


def test_the_cart_adds_up_offers_and_gives_back(demo):
    for product in ("DRIP", "BEANS-200", "DRIP"):
        post(demo, "/cart/add", product=product, back="/")
    page = get(demo, "/cart?lang=ko")
    assert "63,000원" in page.text
    assert "FILT" in {product for _, product in cards(page)}
    post(demo, "/cart/remove", product="DRIP", back="/cart")
    page = get(demo, "/cart")
    assert "15,000원" in page.text
    assert "63,000원" not in page.text


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "x", "/a\r\nSet-Cookie: b=1"]
)
def test_a_form_leads_back_to_this_shop_only(demo, back):
    answer = post(demo, "/cart/add", product="DRIP", back=back)
    assert answer.headers["location"] == "/?done=added"


@pytest.mark.parametrize("cookie", ["x", "!!!", "W10", "eyJhIjoxfQ==", "W1siYSIsMF1d", "é", "A" * 4000])
def test_a_broken_cookie_is_an_empty_cart(demo, cookie):
    headers = {"Cookie": f"crosslift_cart={cookie}; crosslift_declined={cookie}".encode()}
    for path in ("/", "/p/DRIP", "/cart"):
        assert get(demo, path, headers=headers).status_code == 200


def test_cookies_stay_small_whatever_is_put_in():
    from starlette.responses import Response

    visit, response = Visit("en", {f"product-{n:0150}": 1 for n in range(200)}, []), Response()
    visit.keep(response, "crosslift_cart")
    assert len(response.headers["set-cookie"]) < MAX_COOKIE + 300


def test_unknown_and_odd_products_in_a_cart_are_left_out(demo):
    post(demo, "/cart/add", product="no-such", back="/")
    page = get(demo, "/cart")
    assert "Your cart is empty." in page.text


def test_hostile_titles_are_shown_as_text(demo, hostile):
    demo.ask("PUT", "/v1/products", {"products": [
        {"product_id": '"><script>x', "title": hostile, "price": 1, "currency": "KRW", "category": "<i>odd</i>/x", "brand": "<b>"}
    ]})  # fmt: skip
    post(demo, "/cart/add", product="MUG", back="/")
    for path in (
        "/",
        "/?page=1",
        "/p/MUG",
        "/p/SPOON",
        "/p/%22%3E%3Cscript%3Ex",
        "/cart",
        "/?q=mug",
        "/?category=%3Ci%3Eodd%3C/i%3E",
    ):
        page = get(demo, path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text
        assert "<script>x" not in page.text
        assert "<b>" not in page.text
        assert "<i>odd" not in page.text
        assert "49" not in page.text or "{{ 7 * 7 }}" in page.text
    assert html.escape(hostile, quote=False).split("&lt;")[1].split("&gt;")[0] in get(demo, "/p/MUG").text


def test_a_hostile_search_is_shown_as_text(demo):
    page = get(demo, "/?q=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E")
    assert "<img src=x" not in page.text
    assert "Nothing found" in page.text


@pytest.mark.parametrize(
    ("text", "found"),
    [("DRIPPER", "DRIP"), ("ﾄﾞﾘｯﾊﾟｰ", "DRIP"), ("どりっぱー", "DRIP"), ("종이", "FILT"), ("glass serv", "SERV")],
)
def test_search_finds_titles_in_every_writing(demo, text, found):
    page = get(demo, "/", params={"q": text})
    assert f'href="/p/{found}"' in page.text
    assert 'href="/p/TOWEL"' not in page.text


def test_headings_are_translated_where_somebody_did_and_shown_as_they_are_elsewhere(demo):
    page = get(demo, "/?lang=ko")
    assert ">추출</a>" in page.text
    assert ">kettles</a>" in page.text


def test_only_what_is_active_and_sellable_is_listed(demo):
    demo.ask("PATCH", "/v1/products", {"products": [{"product_id": "TOWEL", "active": False}]})
    assert "/p/TOWEL" not in get(demo, "/?page=1").text
    assert get(demo, "/p/TOWEL").status_code == 404
    assert "/p/BEANS-200" not in get(demo, "/?page=1").text


def test_what_is_sold_out_cannot_be_bought(demo):
    demo.ask("PATCH", "/v1/products", {"products": [{"product_id": "KETTLE", "stock": 0}]})
    page = get(demo, "/p/KETTLE")
    assert "Out of stock" in page.text
    assert 'class="buy"' not in page.text


def test_variants_are_chosen_from_a_list(demo):
    page = get(demo, "/p/BEANS?lang=en")
    assert re.findall(r'<option value="([^"]+)"', page.text) == ["BEANS-1KG", "BEANS-200"]
    assert "₩15,000 – ₩52,000" in page.text


@pytest.mark.parametrize("path", ["/p/no-such", "/p/", "/p/a/b/c", "/p/%00"])
def test_an_unknown_product_is_a_page_not_found(demo, path):
    page = get(demo, path)
    assert page.status_code == 404
    assert "This page does not exist." in page.text


@pytest.mark.parametrize("page", ["0", "-1", "9999999", "x", "", "1e3", "²"])
def test_any_page_number_is_some_page(demo, page):
    assert get(demo, "/", params={"page": page}).status_code == 200


def test_pictures_that_are_missing_or_elsewhere_are_replaced_by_ours(demo):
    page = get(demo, "/?page=1").text
    assert '/pictures/drip.svg"' in page
    assert "elsewhere.example" not in page
    assert "missing.svg" not in page
    assert "secret.svg" not in page
    for tag in re.findall(r"<img [^>]+>", page):
        assert 'width="240" height="240"' in tag


def test_the_demo_says_that_it_is_one_and_a_preview_does_not(demo):
    assert "A demo shop" in get(demo, "/").text


def test_a_preview_keeps_to_its_own_paths(door):
    page = get(door, "/preview/p/DRIP?lang=en")
    assert "A demo shop" not in page.text
    assert cards(page)
    own = re.findall(r'(?:href|action|formaction)="(/[^"]*)"', page.text)
    assert all(path.startswith(("/preview", "/static/", "/docs", "/how-we-recommend")) for path in own)
    assert get(door, "/preview/").status_code == get(door, "/preview/cart").status_code == 200
    assert get(door, "/p/DRIP").status_code == 404


def test_products_without_a_category_are_fine(door):
    rows = [{"product_id": row, "title": row, "price": 1, "currency": "KRW"} for row in ("A", "B")]
    door.ask("PUT", "/v1/products", {"products": rows})
    assert get(door, "/preview/p/A").status_code == 200
    assert 'href="/preview/p/A"' in get(door, "/preview?page=1").text
