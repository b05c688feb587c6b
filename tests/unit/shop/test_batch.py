import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crosslift.errors import BadInput, NotReady
from crosslift.shop import batch
from crosslift.shop.batch import decide_file, plain
from crosslift.wording import reasons


@pytest.fixture
def run(shop, little, tmp_path):
    """Decide a file of contexts; gives the answers and the counts."""

    def run(*lines, on=shop, out=tmp_path / "answers.jsonl"):
        contexts = tmp_path / "contexts.jsonl"
        contexts.write_bytes(b"".join((x if isinstance(x, bytes) else json.dumps(x).encode()) + b"\n" for x in lines))
        counts = decide_file(on, contexts, out, little.quiet)
        return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()], counts

    return run


def ask(id_, *cart, **more):
    return {"id": id_, "placement": "cart", "cart": list(cart), **more}


def test_answers_come_in_the_order_of_the_questions(run):
    many = [ask(n, f"P{n % 24:02}") for n in range(1_203)]  # more than two chunks
    answers, counts = run(*many)
    assert [answer["id"] for answer in answers] == list(range(1_203))
    assert counts == (1_203, 0)
    assert len({answer["decision_id"] for answer in answers}) == 1_203


def test_an_answer_has_the_shape_that_was_promised(run, shop):
    answers, _ = run(ask("a", "P00", k=1, language="ko"), ask("b", "P20"))
    assert answers[0].keys() >= {"id", "decision_id", "offers", "no_offer"}
    offer = answers[0]["offers"][0]
    assert offer.keys() == {"product", "kind", "p", "priority", "reason", "labels", "offer", "total"}
    assert (offer["product"], offer["kind"], answers[0]["no_offer"]) == ("P01", "complement", None)
    assert offer["reason"].startswith("주전자 0")
    assert (answers[1]["offers"], answers[1]["no_offer"]) == ([], "no_candidates")
    assert shop.decision(answers[0]["decision_id"])["offers"][0]["product"] == "P01"


def test_every_context_means_what_a_single_decision_means(run, shop, little):
    context = ask(1, "P00", "P02", "P04", k=2, exclude=["P03"], holdings=["P05"], policy="relevance", market="KR",
                  at="2026-10-01T09:00:00+09:00", purpose="contextual")  # fmt: skip
    answer = run(context)[0][0]
    alone = shop.decide("cart", ["P00", "P02", "P04"], k=2, exclude=["P03"], holdings=["P05"], policy="relevance",
                        market="KR", at=datetime(2026, 10, 1, tzinfo=UTC), purpose="contextual")  # fmt: skip
    assert answer["offers"] == plain(alone, "en")["offers"]
    assert shop.decision(answer["decision_id"])["at"] == little.micros(datetime(2026, 10, 1, tzinfo=UTC))


def test_a_bad_line_yields_its_error_in_its_place_and_the_others_are_decided(run):
    answers, counts = run(
        ask("first", "P00"),
        b"{not json",
        ask("k", "P00", k=0),
        ask("unknown field", "P00", basket=["P00"]),
        ask("placement", "P00", placement="fridge"),
        ask("time", "P00", at="yesterday"),
        {"placement": "cart"},
        {"id": 1.5, "placement": "cart"},
        ask("text", "P00", k="three"),
        b'{"id": "latin", "placement": "caf\xe9"}',
        ask("last", "P00"),
    )
    assert counts == (2, 9)
    assert [answer["id"] for answer in answers] == [
        "first", None, "k", "unknown field", "placement", "time", None, None, "text", None, "last"
    ]  # fmt: skip
    errors = [answer.get("error") for answer in answers]
    assert errors[0] is errors[-1] is None
    for number, said in {
        2: "line 2: JSON is malformed",
        3: "line 3: k = 0: at least one offer must be asked for",
        4: "line 4: Object contains unknown field `basket`",
        5: "line 5: no placement 'fridge'",
        6: "line 6: at = 'yesterday' is no ISO 8601 instant",
        7: "line 7: Object missing required field `id`",
        8: "line 8: Expected `int | str`, got `float`",
        9: "line 9: Expected `int | null`, got `str`",
        10: "line 10: ",
    }.items():
        assert errors[number - 1].startswith(said)
        assert answers[number - 1].keys() == {"id", "error"}


def test_a_line_nested_a_hundred_thousand_deep_is_one_bad_line(run):
    answers, counts = run(ask(1, "P00"), b'{"id":2,"x":' + b"[" * 100_000, b"[" * 100_000, ask(4, "P00"))
    assert counts == (2, 2)
    assert [("error" in answer) for answer in answers] == [False, True, True, False]


def test_blank_lines_are_no_questions_and_a_mark_of_windows_is_none_either(run):
    answers, counts = run(b"\xef\xbb\xbf" + json.dumps(ask(1, "P00")).encode(), b"", b"  \r", ask(2, "P00"))
    assert counts == (2, 0)
    assert [answer["id"] for answer in answers] == [1, 2]


def test_an_unknown_product_is_a_warning_and_no_error(run):
    answers, counts = run(ask(1, "P00", "nope", customer="nobody"))
    assert counts == (1, 0)
    assert answers[0]["warnings"] == ["unknown_customer:nobody", "unknown_product:nope"]
    assert answers[0]["offers"]


def test_an_instant_without_a_zone_is_the_shops_own(run, little, stocked_home):
    with little.open_shop(stocked_home, shop_time_zone="Asia/Seoul") as seoul:
        answer = run(ask(1, "P00", at="2026-10-01T09:00"), on=seoul)[0][0]
        assert seoul.decision(answer["decision_id"])["at"] == little.micros(datetime(2026, 10, 1, tzinfo=UTC))


def test_evaluation_may_be_asked_for_in_bulk(run, shop):
    answer = run(ask(1, "P00", purpose="evaluation"))[0][0]
    assert answer["purpose"] == "evaluation"
    assert shop.decision(answer["decision_id"])["purpose"] == "evaluation"


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file_is_refused_and_an_earlier_answer_kept(shop, little, tmp_path, content):
    out, contexts = tmp_path / "answers.jsonl", tmp_path / "contexts.jsonl"
    out.write_text("yesterday's answers")
    contexts.write_bytes(content)
    with pytest.raises(BadInput, match=r"contexts\.jsonl: is empty; give one JSON object a line"):
        decide_file(shop, contexts, out, little.quiet)
    assert out.read_text() == "yesterday's answers"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.jsonl", "contexts.jsonl"]


def test_contexts_that_cannot_be_read_are_named(shop, little, tmp_path):
    with pytest.raises(BadInput, match=r"no-such\.jsonl: cannot be read: No such file or directory"):
        decide_file(shop, tmp_path / "no-such.jsonl", tmp_path / "out", little.quiet)
    with pytest.raises(BadInput, match="cannot be read: Is a directory"):
        decide_file(shop, tmp_path, tmp_path / "out", little.quiet)


@pytest.mark.parametrize("out", ["missing/answers.jsonl", "folder", "."])
def test_an_output_that_cannot_be_written_is_named_and_nothing_is_left(shop, little, tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    contexts = tmp_path / "contexts.jsonl"
    contexts.write_text(json.dumps(ask(1, "P00")))
    with pytest.raises(BadInput, match=r"cannot be written: No such file|is a folder; name the file"):
        decide_file(shop, contexts, Path(out), little.quiet)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["contexts.jsonl", "folder"]


def test_nothing_is_left_behind_when_nothing_has_been_learned(run, empty_shop, tmp_path):
    with pytest.raises(NotReady):
        run(ask(1, "P00"), on=empty_shop)
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith((".part", "answers.jsonl"))]


def test_progress_is_told_as_it_goes(shop, tmp_path):
    contexts = tmp_path / "c.jsonl"
    contexts.write_text("".join(json.dumps(ask(n, "P00")) + "\n" for n in range(700)))
    told = []
    decide_file(shop, contexts, tmp_path / "out", lambda *step: told.append(step))
    assert told == [("decide", 500, 0), ("decide", 700, 0)]


def test_a_sentence_is_made_once_for_the_same_evidence_and_never_for_other(shop):
    say = batch._remembering()
    one = shop.decide("cart", ["P00"]).offers[0].reason
    two = shop.decide("cart", ["P02"]).offers[0].reason
    for why in (one, two, one):
        for language in ("en", "ko", "ja"):
            assert say(why, language) == reasons.sentence(why, language)


def test_contexts_may_be_answered_into_their_own_file(shop, little, tmp_path):
    file = tmp_path / "both.jsonl"
    file.write_text(json.dumps(ask(1, "P00")) + "\n")
    assert decide_file(shop, file, file, little.quiet) == (1, 0)
    assert json.loads(file.read_text())["offers"]
