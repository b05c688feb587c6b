"""`crosslift chat`, `crosslift wording` and `crosslift decide --text`."""

import csv
import io
import json

import pytest

from crosslift.shop import Shop
from crosslift.wording.sentences import sentences


@pytest.fixture(scope="module")
def home(load_script, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        talking = load_script("tests/unit/shop/chat/talking.py")
        home = talking.build(tmp_path_factory.mktemp("cli-chat"), load_script("tests/web/conftest.py").write_files)
    (home / "shop.toml").write_text(
        '[shop]\ncurrency = "KRW"\n[brand]\nimage_flags = "JP: alcohol"\n', encoding="utf-8"
    )
    return home


@pytest.fixture
def call(run, home):
    """Call it on the talking shop; gives what it printed."""

    def call(*words, code=0):
        done = run("--home", home, *words)
        assert done.code == code, done
        return done.out

    return call


def test_a_question_is_answered_with_its_source(call):
    said = call("chat", "드립 주전자 얼마예요?")
    assert "드립 주전자의 가격은 세금을 포함해 89,000원이에요." in said
    assert "[price, 0.95] product KETTLE" in said


def test_what_is_handed_over_is_told_and_listed(call):
    told = json.loads(call("chat", "Do you roast at night?", "--customer", "c2", "--json"))
    assert told["handover"]["id"] in call("chat", "--waiting")
    assert told["handover"]["id"] in [one["id"] for one in json.loads(call("chat", "--waiting", "--json"))["waiting"]]
    assert "Handed over as" in call("chat", "Can I rent the machine?")


def test_without_a_question_it_says_what_to_do(call):
    call("chat", code=2)


def test_a_decision_is_printed_for_a_till(call):
    said = call("decide", "--cart", "DRIP", "--text", "till", "--language", "ko", "--width", "30")
    assert said.startswith("도움이 될 때 안내할 상품\n\n종이 필터\n")
    told = json.loads(call("decide", "--cart", "DRIP", "--text", "receipt", "--json"))
    assert told.keys() == {"decision_id", "text"}
    call("decide", "--cart", "DRIP", "--text", "fax", code=1)


def test_every_sentence_is_listed_as_text_table_and_json(call):
    assert call("wording", "--where", "text").endswith(f"{len(sentences(where='text'))} sentences\n")
    read = list(csv.DictReader(io.StringIO(call("wording", "--csv"))))
    assert [row["key"] for row in read] == [one.key for one in sentences()]
    (found,) = json.loads(call("wording", "--words", "slip.total", "--json"))
    assert found["texts"]["ja"] == "合計"
    call("wording", "--where", "moon", code=2)


def test_the_lint_of_the_brand_fails_where_it_finds_something(call, home):
    assert call("wording", "--lint") == "0 findings\n"
    with Shop(home) as shop:
        wine = {
            "product_id": "WINE",
            "title": "Wine",
            "price": "1",
            "currency": "KRW",
            "attributes": {"image_flags": ["alcohol"]},
        }
        shop.put_products([wine])
    assert "image_flag.JP at product WINE.image" in call("wording", "--lint", code=1)
