import json

import pytest


@pytest.fixture
def decide(run, stocked_home):
    return lambda *arguments, home=stocked_home: run("--home", home, "decide", *arguments)


def test_an_offer_is_printed_with_its_title_its_kind_and_its_reason(decide):
    ran = decide("--cart", "P00")
    first, second, *_, last = ran.out.splitlines()
    assert first == "1. P01  Cup 1  4.50 USD  [goes with]"
    assert second.strip().startswith("Bought together with Kettle 0 in ")
    assert last.startswith("Decision ")
    assert "contextual" in last


def test_explained_it_shows_evidence_and_what_became_of_every_candidate(decide):
    out = decide("--cart", "P00,P02", "--explain", "--exclude", "P03").out
    assert "Lift" in out
    assert "p_basket 0." in out
    assert "2 candidates" in out
    assert "excluded_by_request" in out
    assert "offer 1" in out


def test_no_offer_is_an_answer(decide):
    ran = decide("--cart", "P20", "--language", "ja")
    assert ran.code == 0
    assert "No offer (no_candidates): " in ran.out
    assert decide("--cart", "P20", "--json").json["no_offer"] == "no_candidates"


def test_unknown_ids_are_named_and_the_rest_is_decided(decide):
    ran = decide("--cart", "P00,nope", "--customer", "nobody")
    assert "! unknown_product:nope" in ran.out
    assert "! unknown_customer:nobody" in ran.out
    assert "1. P01" in ran.out


def test_spaces_and_empty_parts_of_a_list_are_nothing(decide):
    assert decide("--cart", " P00 , ,", "--json").json["offers"][0]["product"] == "P01"


def test_as_of_an_earlier_instant(decide, stocked_home, little):
    answer = decide("--cart", "P00", "--at", "2026-10-01T09:00:00+09:00", "--json").json
    with little.open_shop(stocked_home) as shop:
        assert shop.decision(answer["decision_id"])["at"] == 1_790_812_800_000_000


@pytest.mark.parametrize("wrong", [["--at", "soon"], ["--placement", "fridge"], ["--policy", "x"], ["--purpose", "x"]])
def test_what_does_not_exist_is_usage(decide, wrong):
    assert decide("--cart", "P00", *wrong).code == 2


def test_a_decision_is_replayed_by_its_id(decide):
    made = decide("--cart", "P00", "--json").json
    again = decide("--replay", made["decision_id"], "--json").json
    assert again["offers"] == made["offers"]
    assert again["replay"] == {"is_equal": True, "difference": None}
    assert [row["product"] for row in again["trace"]] == ["P01"]
    assert "Replay: equal, byte for byte" in decide("--replay", made["decision_id"]).out


def test_a_batch_is_answered_line_by_line(decide, tmp_path):
    contexts, out = tmp_path / "contexts.jsonl", tmp_path / "out.jsonl"
    contexts.write_text('{"id":1,"placement":"cart","cart":["P00"]}\n{"id":2,"placement":"cart","cart":["P02"]}\n')
    ran = decide("--batch", contexts, "--out", out)
    assert (ran.code, ran.out) == (0, f"2 decided, 0 bad lines, answers in {out}\n")
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == [1, 2]


def test_a_bad_line_makes_the_exit_code_1_and_the_answers_stand(decide, tmp_path):
    contexts, out = tmp_path / "contexts.jsonl", tmp_path / "out.jsonl"
    contexts.write_text('{"id":1,"placement":"cart","cart":["P00"]}\nnonsense\n')
    ran = decide("--batch", contexts, "--out", out, "--json")
    assert ran.code == 1
    assert ran.json == {"decided": 1, "bad": 1, "out": str(out)}
    assert len(out.read_text().splitlines()) == 2


def test_a_batch_needs_a_place_for_its_answers(decide, tmp_path):
    ran = decide("--batch", tmp_path / "contexts.jsonl")
    assert (ran.code, "--out" in ran.err) == (2, True)


def test_an_empty_batch_is_refused(decide, tmp_path):
    (tmp_path / "empty.jsonl").touch()
    ran = decide("--batch", tmp_path / "empty.jsonl", "--out", tmp_path / "out.jsonl")
    assert (ran.code, "is empty" in ran.err) == (1, True)
    assert not (tmp_path / "out.jsonl").exists()
