"""The brand at the doors: an offer or policy out of its voice is refused by rule, and the catalog can be looked through."""

import pytest

from crosslift.errors import BadInput, Refused
from crosslift.shop import Shop

CARE = {"offer_id": "care", "kind": "service", "title_en": "A cheap visit", "price": "1", "currency": "USD"}
BY = ("mina", "asked for")


@pytest.fixture
def branded(tmp_path):
    """Open an empty shop with a brand."""
    opened = []

    def branded(**settings):
        opened.append(Shop(tmp_path / "branded", {name.replace("__", "."): value for name, value in settings.items()}))
        return opened[-1]

    yield branded
    for shop in opened:
        shop.close()


def test_an_offer_out_of_voice_is_refused_with_rule_column_and_what_to_do(branded):
    shop = branded(brand__forbidden_words="en: cheap")
    with pytest.raises(BadInput, match=r"title_en: brand_word\.en: 'cheap'; the brand does not use this word"):
        shop.offers.put(CARE, *BY)
    shop.offers.put({**CARE, "title_en": "A visit"}, *BY)
    assert shop.brands.findings() == []


def test_a_picture_of_the_product_it_sells_counts(branded):
    shop = branded(brand__image_flags="JP: alcohol")
    wine = {"product_id": "W", "title": "Wine set", "price": "9", "currency": "USD", "image": "w.png"}
    shop.put_products([{**wine, "attributes": {"image_flags": "alcohol, glass"}}])
    sold = {"offer_id": "wine", "kind": "goods", "title_en": "Wine", "product_id": "W"}
    with pytest.raises(BadInput, match=r"product_id: image_flag\.JP: 'alcohol'; choose another picture"):
        shop.offers.put({**sold, "markets": "JP"}, *BY)
    shop.offers.put({**sold, "markets": "KR"}, *BY)
    assert [(one.rule_id, one.where) for one in shop.brands.findings()] == [("image_flag.JP", "product W.image")]


def test_the_list_of_what_was_approved_is_a_file_of_the_shop(branded, tmp_path):
    shop = branded(brand__approved_file="approved.txt")
    with pytest.raises(BadInput, match="the list of what was approved cannot be read"):
        shop.offers.put(CARE, *BY)
    (tmp_path / "branded" / "approved.txt").write_text("# spring\nA visit\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"not_approved: 'A cheap visit'; have it approved"):
        shop.offers.put(CARE, *BY)
    shop.offers.put({**CARE, "title_en": "A visit"}, *BY)


def test_goals_and_bars_of_a_policy_speak_in_its_voice(branded):
    shop = branded(brand__forbidden_words="en: cheap")
    bar = '[[bars]]\nid = "ship"\namount = 50\ncurrency = "USD"\ntitle = { en = "Cheap delivery" }\n'
    text = f'name = "ours"\nextends = "helpful"\n{bar}'
    shop.policies.draft(text, *BY)
    with pytest.raises(BadInput, match=r"brand_word\.en"):
        shop.policies.publish("ours", 1, "mina")


def test_a_theme_that_cannot_be_read_is_refused(branded):
    with pytest.raises(Refused, match=r"theme_contrast at brand\.theme\.accent"):
        branded(brand__theme="accent: #ffee00").brands.css()


def test_a_setting_that_cannot_be_read_is_named(branded):
    with pytest.raises(BadInput, match=r"brand\.address: 'rude' is none of formal, polite, plain"):
        _ = branded(brand__address="ko: rude").brands.brand
