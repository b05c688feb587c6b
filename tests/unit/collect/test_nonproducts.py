"""Non-products are inferred from any shop's own codes, titles and prices; ordinary goods are left alone."""

import pytest

from crosslift.collect.nonproducts import Sold, infer, shape
from crosslift.domain.catalog import ProductKind


def shop(code, n=40, title="Ceramic mug {}", lines=20):
    """Give an invented shop's ordinary goods: `code` and `title` are formats of a number."""
    return [Sold(code.format(i), title.format(i), lines, 2.0, 3.0, 2.5) for i in range(100, 100 + n)]


def kinds(sold):
    return {i.product_id: i.kind for i in infer(sold)}


def charge(code, title, lines=30, low=3.0, high=4.0, median=3.5):
    return Sold(code, title, lines, low, high, median)


SHOPS = {
    "UK, digits": ("{}A", "POST", "POSTAGE"),
    "Korean, digits": ("{}", "배송비", "배송비"),
    "Korean, prefix": ("KR-{}", "DELIVERY", "택배비 (선불)"),
    "Japanese, prefix": ("jp{}", "送料", "送料"),
    "Japanese, dashes": ("JP-{}-01", "SHIP", "配送料 全国一律"),
    "US, words": ("mug-{}", "shipping", "Standard shipping"),
}


@pytest.mark.parametrize("name", SHOPS)
@pytest.mark.parametrize("lines", [3, 30, 400])
def test_postage_is_found_in_every_shop_however_often_it_is_sold(name, lines):
    code, postage, title = SHOPS[name]
    assert kinds([*shop(code), charge(postage, title, lines)]) == {postage: ProductKind.SHIPPING}


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Bank charges", ProductKind.FEE), ("AMAZON FEE", ProductKind.FEE), ("결제 수수료", ProductKind.FEE),
        ("代引き手数料", ProductKind.FEE), ("Dotcomgiftshop Gift Voucher £20", ProductKind.GIFT_CARD),
        ("기프트카드 3만원", ProductKind.GIFT_CARD), ("商品券", ProductKind.GIFT_CARD), ("Manual", ProductKind.ADJUSTMENT),
        ("Discount", ProductKind.ADJUSTMENT), ("에누리", ProductKind.ADJUSTMENT), ("値引き", ProductKind.ADJUSTMENT),
        ("Adjust bad debt", ProductKind.ADJUSTMENT), ("SAMPLES", ProductKind.SAMPLE), ("試供品", ProductKind.SAMPLE),
        ("무료 샘플", ProductKind.SAMPLE), ("Free delivery", ProductKind.SHIPPING),
    ],
)  # fmt: skip
def test_each_kind_is_called_by_its_name(title, kind):
    assert kinds([*shop("{}"), charge("X", title)]) == {"X": kind}


@pytest.mark.parametrize(
    "title",
    [
        "Sample box of teas", "Postage stamp poster", "Gift card holder", "Delivery van toy", "Manual coffee grinder",
        "할인 특가 머그", "샘플러 세트", "送料無料 マグカップ", "サンプル生豆 200g",
    ],
)  # fmt: skip
@pytest.mark.parametrize("code", ["{}", "{}A", "KR-{}", "mug-{}"])
def test_a_thing_with_an_ordinary_code_is_not_touched_whatever_its_title(title, code):
    assert infer([*shop(code), charge(code.format(777), title)]) == []


def test_things_with_odd_codes_and_ordinary_titles_are_not_touched():
    assert infer([*shop("{}"), charge("GIFTSET", "Tea for two"), charge("C2", "Blue bowl")]) == []


def test_words_are_whole_words():
    odd = ["Coffee mug", "Charger for phones", "Feel good tea", "Postagestamp", "Sampler quilt"]
    assert infer([*shop("{}"), *(charge(f"X{'Y' * i}", title) for i, title in enumerate(odd))]) == []


def test_a_shop_without_a_rule_for_its_codes_is_not_judged_by_them():
    """Every code is a word or two: an unusual build says nothing there."""
    builds = ["tea", "tea-pot", "tea pot 2", "3-cup", "cup_4", "a.b", "x/y", "k-l-m", "9 lives", "p-q 7"]
    goods = [Sold(code, f"Thing {i}", 50, 2.0, 3.0, 2.5) for i, code in enumerate(builds * 1)]
    assert infer([*goods, charge("stamp*poster", "Postage stamp poster")]) == []


def test_a_handful_of_codes_is_no_rule():
    goods = [Sold(str(i), "Mug", 50, 2.0, 3.0, 2.5) for i in range(8)]
    assert infer([*goods, charge("SAMPLEBOX", "Sample box", lines=50)]) == []


def test_wild_prices_tell_a_manual_entry_with_an_ordinary_code():
    assert kinds([*shop("{}"), charge("777", "Manual", 20, 0.1, 900.0, 5.0)]) == {"777": ProductKind.ADJUSTMENT}


def test_negative_prices_and_an_odd_code_need_no_word():
    found = infer([*shop("{}"), charge("B", "?", 3, -11062.06, 11062.06, 0.0)])
    assert [(i.product_id, i.kind) for i in found] == [("B", ProductKind.ADJUSTMENT)]
    assert found[0].reason == "code 'B' is built unlike the shop's others; sold at -11062.1 to 11062.1"


def test_one_sign_alone_is_not_enough():
    assert infer([*shop("{}"), charge("777", "Vase", 20, 0.1, 900.0, 5.0), charge("ODD", "Vase")]) == []


def test_the_reason_names_the_signs():
    [found] = infer([*shop("{}A"), charge("POST", "POSTAGE")])
    assert found.reason == "title says 'postage'; code 'POST' is built unlike the shop's others"


def test_a_shop_that_sells_nothing_has_no_non_products():
    assert infer([]) == []


def test_answers_come_in_order_of_codes():
    charges = [charge("POST", "POSTAGE"), charge("FEE", "Fee")]
    assert [i.product_id for i in infer([charges[0], *shop("{}"), charges[1]])] == ["FEE", "POST"]


@pytest.mark.parametrize(
    ("code", "built"),
    [
        ("85123A", "9A"),
        ("POST", "A"),
        ("gift_0001_40", "A_9_9"),
        ("", ""),
        ("배송비", "A"),
        ("KR-1", "A-9"),
        ("１２", "9"),
        ("é1", "A9"),
    ],
)
def test_the_build_of_a_code(code, built):
    assert shape(code) == built
