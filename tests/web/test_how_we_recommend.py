"""/how-we-recommend: public, without scripts, in three languages, as the rules in force have it; JSON beside it."""

import html
import re

import pytest

PATH = "/how-we-recommend"
BY = {"author": "mina", "reason": "asked for"}


def get(door, path=PATH, **options):
    return door.ask("GET", path, key=None, **options)


def publish(door, text):
    version = door.shop.policies.draft(text, **BY)["version"]
    door.shop.policies.publish(re.search(r'name = "(.*?)"', text)[1], version, "mina")


@pytest.mark.parametrize(
    ("language", "title"), [("en", "How we recommend"), ("ko", "추천 방법 안내"), ("ja", "おすすめの方法について")]
)
def test_the_page_is_public_has_no_script_and_speaks_the_language(demo, language, title):
    page = get(demo, f"{PATH}?lang={language}")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert f"<h1>{title}</h1>" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    headings = re.findall(r"<h2 id=\"(\w+)\">", page.text)
    assert headings == ["sources", "order", "interest", "chance", "never", "often", "no"]
    assert all(f'<section aria-labelledby="{one}">' in page.text for one in headings)
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_the_storefront_leads_there_and_the_page_back(demo, door):
    assert f'href="{PATH}"' in get(demo, "/").text
    assert 'class="name" href="/"' in get(demo).text
    assert 'class="name" href="/preview"' in get(door).text


def test_it_follows_the_policy_in_force_at_once_and_its_tag_with_it(demo):
    first = get(demo, f"{PATH}?lang=en")
    tag = first.headers["etag"]
    assert "policy helpful, version 5" in first.text
    assert get(demo, f"{PATH}?lang=en", headers={"If-None-Match": f'"x", W/{tag}'}).status_code == 304
    assert get(demo, f"{PATH}?lang=ko", headers={"If-None-Match": tag}).status_code == 200
    publish(demo, 'name = "helpful"\nextends = "helpful"\n[offers]\nusual = 7\nexplore = "4 %"\n')
    after = get(demo, f"{PATH}?lang=en", headers={"If-None-Match": tag})
    assert after.status_code == 200
    assert after.headers["etag"] != tag
    assert "policy helpful, version 1001" in after.text
    assert "another number: 7." in after.text
    assert "In at most 4% of the lists" in after.text
    demo.shop.policies.stop(**BY)
    assert "the shop has stopped all offers" in get(demo, f"{PATH}?lang=en").text


def test_a_holdout_that_runs_is_told(demo):
    assert "From nobody are offers kept back" in get(demo, f"{PATH}?lang=en").text
    demo.shop.experiments.hold_out(0.05, **BY, has_agreed=True)
    assert "From 5% of the people offers are kept back" in get(demo, f"{PATH}?lang=en").text


def test_levers_are_told_by_the_title_of_what_they_are_on_and_hostile_words_are_shown_as_text(demo, hostile):
    lever = (
        'name = "helpful"\nextends = "helpful"\n[[levers]]\nid = "spring"\nfactor = 3\nauthor = "mina"\nreason = "full shelves"\n'
        'until = 2026-05-01T00:00:00Z\nproducts = ["MUG", "FILT"]\nmay_win = "20 %"\n'
        '[[rules]]\nid = "r"\ngate = "suitable"\ncode = "not_now"\nowner = "mina"\nreason = "<b>Not & now</b>"\n'
        'stops.products = ["SPOON"]\n'
    )
    publish(demo, lever)
    page = get(demo, f"{PATH}?lang=en").text
    assert f"Until 1 May 2026 the shop counts this 3 times: {hostile}, Paper filters." in html.unescape(page)
    assert "It may decide at most 20% of the offers." in page
    assert "<script>alert" not in page
    assert "<b>Not" not in page
    assert "&lt;b&gt;Not &amp; now&lt;/b&gt;" in page


@pytest.mark.parametrize(("asked", "spoken"), [("xx", "en"), ("ko-KR", "ko"), ("JA", "ja")])
def test_the_answer_names_the_language_it_is_written_in(door, asked, spoken):
    told, same = (get(door, "/v1/how-we-recommend", params={"language": one}).json() for one in (asked, spoken))
    assert told["language"] == spoken
    assert told == same


def test_rules_of_a_pack_are_told_as_those_of_the_pack_unless_the_shop_wrote_them_anew(demo):
    head = 'name = "helpful"\nextends = "helpful"\npacks = ["market/us", "sector/bank"]\n'
    publish(demo, head)
    page = get(demo, f"{PATH}?lang=ja").text
    assert "ルール集「アメリカ合衆国」のルール（英語の原文のまま）：" in page
    assert "お店の言葉のまま" not in page
    publish(
        demo,
        head
        + '[[rules]]\nid = "advice"\ngate = "suitable"\ncode = "not_now"\nowner = "mina"\nreason = "朝は静かに。"\n'
        'stops.products = ["SPOON"]\n',
    )
    assert "お店のルール（お店の言葉のまま）：朝は静かに。" in get(demo, f"{PATH}?lang=ja").text


def test_other_policies_in_force_have_pages_of_their_own(demo, problem):
    publish(demo, 'name = "calm"\nextends = "helpful"\n[offers]\nusual = 1\n')
    assert "The shop also decides by these policies: calm." in get(demo, f"{PATH}?lang=en").text
    assert "policy calm, version 1" in get(demo, f"{PATH}?lang=en&policy=calm").text
    problem(get(demo, f"{PATH}?policy=nobody's"), 400, "bad_usage")


def test_the_same_as_json_for_pages_of_the_shops_own(door, problem):
    answer = get(door, "/v1/how-we-recommend", params={"language": "ja"})
    told = answer.json()
    assert (told["language"], told["policy"], told["title"]) == ("ja", "helpful", "おすすめの方法について")
    assert [one["key"] for one in told["sections"]] == [
        "sources",
        "order",
        "interest",
        "chance",
        "never",
        "often",
        "no",
    ]
    again = get(
        door, "/v1/how-we-recommend", params={"language": "ja"}, headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    problem(get(door, "/v1/how-we-recommend", params={"policy": "nobody"}), 400, "bad_usage")
