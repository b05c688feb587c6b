"""Row D20: what presses, shames, hides or forces is refused wherever somebody writes it down, by its rule, in three languages."""

import csv
import json
import tomllib

import pytest

from crosslift.errors import BadInput
from crosslift.shop.packs import Packs

pytestmark = pytest.mark.usefixtures("_no_compiler")
BY = {"author": "mina", "reason": "asked for"}
VISIT = {
    "offer_id": "visit", "kind": "service", "title_en": "Visit", "title_ko": "방문", "title_ja": "訪問", "currency": "USD",
    "price": "30", "beside": "P00",
}  # fmt: skip
SAID = {
    "fake_urgency": {"en": "Last chance", "ko": "마감 임박", "ja": "今だけ"},
    "fake_scarcity": {"en": "Only 2 left", "ko": "품절 임박", "ja": "残りわずか"},
    "confirm_shaming": {"en": "No thanks, I", "ko": "혜택을 포기", "ja": "いいえ、お得"},
    "pre_ticked": {"en": "added by default", "ko": "자동 추가", "ja": "自動的に追加"},
    "hidden_cost": {"en": "plus fees", "ko": "부가세 별도", "ja": "送料別途"},
    "forced_bundle": {"en": "Only sold together", "ko": "세트로만 판매", "ja": "単品購入不可"},
}
"""For each rule the words of each language that it must find."""
CASES = [(rule, language, words) for rule, by_language in SAID.items() for language, words in by_language.items()]
FIELDS = ("title", "benefit", "terms", "cancellation", "guarantee", "label")
"""Where an offer speaks; each case is written into one of them, so that every field and every rule has its turn."""


def sentence(words, language):
    """Put the words into a longer text, as somebody would write them."""
    return {
        "en": f"A visit at home. {words} for you.",
        "ko": f"집으로 방문합니다. {words}",
        "ja": f"ご自宅へ伺います。{words}",
    }[language]


def as_file(folder, *rows):
    path = folder / "offers.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def as_toml(folder, *rows):
    path = folder / "offers.toml"
    tables = (
        "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in row.items()) for row in rows
    )
    path.write_text("".join(f"[[offers]]\n{table}\n" for table in tables), encoding="utf-8")
    return path


@pytest.fixture
def call(load_script, shop):
    """Send requests to the shop's own server."""
    over_http = load_script("tests/acceptance/test_offer_rows.py").over_http
    return lambda *calls: over_http(shop, *calls)


@pytest.mark.parametrize(("number", "rule", "language", "words"), [(n, *case) for n, case in enumerate(CASES)])
def test_d20_every_rule_in_every_language_at_every_door_of_the_offer_library(
    shop, call, tmp_path, number, rule, language, words
):
    """Named are the rule with its language, the column, the offending words and what to write instead; nothing is kept."""
    column = f"{FIELDS[number % len(FIELDS)]}_{language}"
    bad = {**VISIT, "offer_id": "bad", column: sentence(words, language)}
    doors = (
        lambda: shop.offers.put([VISIT, bad], **BY),
        lambda: shop.offers.put_file(as_file(tmp_path, VISIT, bad), **BY),
        lambda: shop.offers.put_file(as_toml(tmp_path, VISIT, bad), **BY),
    )
    for door, place in zip(doors, ("offers[1]", "row 3", f"line {len(VISIT) + 3}"), strict=True):
        with pytest.raises(BadInput) as refused:
            door()
        [problem] = refused.value.problems
        assert problem.startswith(f"{place}, {column}: {rule}.{language}: '{words}'; "), problem
        assert problem.partition("'; ")[2]
    [answer] = call(("PUT", "/v1/offers", {"offers": [VISIT, bad], **BY}))
    [fault] = answer["errors"]
    assert (answer["status"], fault["pointer"]) == (422, f"/offers/1/{column}")
    assert fault["detail"].startswith(f"{rule}.{language}: '{words}'; ")
    assert shop.offers.list() == []


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_d20_a_missing_full_price_is_refused_by_its_rule(shop, language):
    """No price, no total, a tax nobody names, a product the catalog has no price of; and a total that hides a line."""
    title = {f"title_{language}": {"en": "Visit", "ko": "방문", "ja": "訪問"}[language]}
    visit = {"offer_id": "visit", "kind": "service", "currency": "USD", "price": "30", **title}
    shop.put_products([{"product_id": "bare", "title": "Bare"}])
    for wrong, column, rule in (
        ({"price": None}, "price", "missing_full_price"),
        ({"period": "month"}, "total", "missing_full_price"),
        ({"includes_tax": False}, "total", "missing_full_price"),
        ({"price": None, "product_id": "bare"}, "price", "missing_full_price"),
        ({"total": "29"}, "total", "hidden_cost"),
    ):
        with pytest.raises(BadInput) as refused:
            shop.offers.put({**visit, **wrong}, **BY)
        [problem] = refused.value.problems
        assert problem.startswith(f"offers[0], {column}: {rule}"), problem
    assert shop.offers.list() == []
    shop.offers.put({**visit, "price": None, "product_id": "P05"}, **BY)


def test_d20_a_file_names_every_fault_at_once(shop, tmp_path):
    """Seven wrong rows among nine: each is told with its own row, column and rule, in one go."""
    wrong = [{**VISIT, "offer_id": f"bad-{n}", f"title_{CASES[n][1]}": CASES[n][2]} for n in range(6)]
    renewing = {**VISIT, "offer_id": "renewing", "period": "month", "total": "360", "cancellation_en": "any day"}
    path = as_file(tmp_path, VISIT, *wrong, {**VISIT, "offer_id": "fine"}, renewing)
    with pytest.raises(BadInput, match="8 things are wrong, nothing was collected") as refused:
        shop.offers.put_file(path, **BY)
    told = [problem.split("; ")[0] for problem in refused.value.problems]
    assert told == [
        *(f"row {n + 3}, title_{language}: {rule}.{language}: '{words}'" for n, (rule, language, words) in enumerate(CASES[:6])),
        *(f"row 10, cancellation_{language}: hidden_renewal: 'nothing in {language}'" for language in ("ja", "ko")),
    ]  # fmt: skip
    assert shop.offers.list() == []


def test_d20_a_true_end_makes_words_of_hurry_true_and_what_is_taken_back_may_say_anything(shop):
    hurry = {**VISIT, "title_en": "Last chance"}
    with pytest.raises(BadInput, match=r"fake_urgency\.en"):
        shop.offers.put(hurry, **BY)
    assert shop.offers.put({**hurry, "ends_at": "2026-12-01T00:00:00Z"}, **BY)["new"] == 1
    assert shop.offers.put({**hurry, "offer_id": "gone", "active": False}, **BY)["new"] == 1


@pytest.mark.parametrize(("rule", "language", "words"), CASES)
def test_d20_sets_campaigns_links_and_policies_are_refused_alike(shop, call, tmp_path, rule, language, words):
    """Titles of sets by API and file, of coupon campaigns, reasons of pins, goals and bars of a policy about to be published."""
    told = f"{rule}.{language}: '{words}'"
    part = {"bundle_id": "S", "kind": "fixed", "price": "5", "currency": "USD"}
    parts = [{**part, "product_id": one, f"title_{language}": words} for one in ("P00", "P01")]
    with pytest.raises(BadInput) as refused:
        shop.put_bundles(parts)
    assert f"bundles[0], title_{language}: bundle 'S': {told}" in refused.value.problems[0]
    path = as_file(tmp_path, *parts).rename(tmp_path / "bundles.csv")
    with pytest.raises(BadInput) as refused:
        shop.collect(path)
    assert f"row 2, title_{language}: bundle 'S': {told}" in refused.value.problems[0]
    assert shop.bundles()["bundles"] == []
    pin = {"from_id": "P00", "to_id": "P02", "kind": "complement", "action": "pin", "reason": words, "author": "mina"}
    with pytest.raises(BadInput) as refused:
        shop.put_links([pin])
    assert f"links[0], reason: {told}" in refused.value.problems[0]
    assert shop.links()["links"] == []
    shop.put_links([{**pin, "action": "ban"}])  # nobody reads the reason of what is never shown
    policy = f'name = "ours"\nextends = "helpful"\n[[goals]]\nid = "calm"\ntitle.{language} = {json.dumps(words)}\n'
    version = shop.policies.draft(policy, **BY)["version"]
    with pytest.raises(BadInput, match=rf"is not published: {rule}\.{language}"):
        shop.policies.publish("ours", version, "mina")


@pytest.mark.parametrize(("rule", "language", "words"), CASES)
def test_d20_titles_of_coupon_campaigns_may_hurry_as_they_end_and_do_nothing_else(shop, rule, language, words):
    campaign = {
        "campaign_id": "thanks", "kind": "amount_off", "titles": {language: words}, "value": "1", "budget": "9",
        "currency": "USD", "ends_at": "2027-01-01T00:00:00Z", **BY,
    }  # fmt: skip
    if rule == "fake_urgency":
        assert shop.coupons.put(campaign)[0]["outcome"] == "new"
        return
    with pytest.raises(BadInput, match=rf"titles\.{language}: campaign thanks: {rule}\.{language}: '{words}'; "):
        shop.coupons.put(campaign)
    assert shop.coupons.list() == []


def test_d20_a_set_with_a_part_that_is_not_sold_alone_is_forced(shop, call, tmp_path):
    """What the catalog does not sell alone cannot be brought in by a set; what is unknown yet may still come."""
    shop.patch_products([{"product_id": "P01", "active": False}])
    part = {"bundle_id": "S", "kind": "fixed", "price": "5", "currency": "USD"}
    parts = [{**part, "product_id": one} for one in ("P00", "P01", "LATER")]
    [answer] = call(("PUT", "/v1/bundles", {"bundles": parts}))
    [fault] = answer["errors"]
    assert (fault["pointer"], fault["detail"]) == (
        "/bundles/1/product_id", "bundle 'S': forced_bundle: 'P01'; let every part be bought alone"
    )  # fmt: skip
    with pytest.raises(BadInput, match="row 3, product_id: bundle 'S': forced_bundle: 'P01'"):
        shop.collect(as_file(tmp_path, *parts).rename(tmp_path / "bundles.csv"))
    assert shop.bundles()["bundles"] == []
    assert shop.put_bundles([{**one, "active": False} for one in parts])["new"] == 3
    shop.patch_products([{"product_id": "P01", "active": True}])
    assert shop.put_bundles(parts)["unknown"] == ["LATER"]


@pytest.mark.parametrize("name", Packs())
def test_d20_the_sample_offers_of_every_pack_are_taken(shop, tmp_path, name):
    path = tmp_path / "offers.toml"
    path.write_text(Packs().told(name)["offers"], encoding="utf-8")
    shop.put_products([{"product_id": one, "title": one, "price": "1", "currency": "USD"} for one in needed(path)])
    told = shop.offers.put_file(path, **BY)
    assert told["new"] == len(told["offers"]) > 0


def needed(path):
    """Name the products a pack's samples sell or step up from, which are the merchant's to bring."""
    offers = tomllib.loads(path.read_text(encoding="utf-8"))["offers"]
    own = {one["offer_id"] for one in offers}
    named = {one.get(name) for one in offers for name in ("product_id", "step_of")}
    return sorted(named - own - {None}) or ["nothing"]
