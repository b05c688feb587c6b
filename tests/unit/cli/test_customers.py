"""`crosslift customers`: what it prints for people and programs, and how it ends."""

import io
import json
import zipfile

import pytest


@pytest.fixture
def known(run, tmp_path):
    """A shop with two customers of one address, and a consent; gives a runner of `customers` on it."""
    (tmp_path / "c.csv").write_text(
        "customer_id,email,market\njane,j@mail.example,KR\njune,j@mail.example,KR\n", encoding="utf-8"
    )
    (tmp_path / "k.csv").write_text(
        "customer_id,purpose,channel,status,source,at\njane,marketing,email,granted,form,2024-03-01T00:00:00Z\n",
        encoding="utf-8",
    )
    assert run("--home", tmp_path / "home", "collect", tmp_path / "c.csv", tmp_path / "k.csv").code == 0
    return lambda *words: run("--home", tmp_path / "home", "customers", *words)


def told(known, *words):
    done = known(*words, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_show_prints_one_person_under_all_names(known):
    shown = told(known, "show", "june")
    assert shown["person_id"] == "customer:jane"
    page = known("show", "june").out
    assert "customer:jane, known under 3 names" in page
    assert "email email:j@mail.example" in page


def test_a_wrong_merge_is_parted_and_joined_again(known):
    done = known("split", "jane", "june", "--author", "mina", "--reason", "sisters")
    assert (done.code, "apart" in done.out) == (0, True)
    assert told(known, "show", "june")["person_id"] == "customer:june"
    assert told(known, "log", "june")[-1]["author"] == "mina"
    assert known("rejoin", "jane", "june", "--author", "mina").code == 0
    assert told(known, "show", "june")["person_id"] == "customer:jane"


def test_identify_and_merge(known):
    assert told(known, "identify", "jane", "loyalty:L-1", "email:info@x.example")["left_out"] == ["email"]
    assert known("merge", "jane", "joan", "--author", "mina").code == 0
    assert told(known, "show", "joan")["person_id"] == "customer:jane"
    assert known("identify", "jane", "nonsense").code == 2


def test_consents_and_renewals(known):
    assert told(known, "consents", "jane")["ledger"][0]["status"] == "granted"
    [due] = told(known, "renewals")
    assert (due["customer_id"], due["is_overdue"]) == ("jane", True)
    assert "50(8)" in known("renewals").out


def test_export_and_erase(known, tmp_path):
    assert known("export", "jane", "--out", tmp_path / "jane.zip").code == 0
    with zipfile.ZipFile(io.BytesIO((tmp_path / "jane.zip").read_bytes())) as archive:
        assert "customers.json" in archive.namelist()
    certificate = told(known, "erase", "jane", "--yes")
    assert (certificate["is_complete"], certificate["removed"]["customers"]) == (True, 2)
    assert known("show", "jane").code == 1
    assert known("export", "jane", "--out", tmp_path / "no" / "such.zip").code == 1
    assert told(known, "retain")["decision_inputs"] == 0


def test_show_says_the_codes_of_a_profile_in_words(known, run, tmp_path):
    orders = "order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency\n" + "".join(
        f"o{n},2026-0{1 + n}-01T00:00:00Z,jane,T{n},1,20,USD\n" for n in range(3)
    )
    (tmp_path / "o.csv").write_text(orders, encoding="utf-8")
    assert run("--home", tmp_path / "home", "collect", tmp_path / "o.csv").code == 0
    assert run("--home", tmp_path / "home", "learn").code == 0
    page = known("show", "jane").out
    assert "As of 1 Mar 2026; all times count from that day." in page
    assert "The cost or the price of something bought is missing. Not known for this reason: margin" in page
    assert "costs_missing" not in page
    assert "2026년 3월 1일 기준이에요." in known("show", "jane", "--language", "ko").out
    assert told(known, "show", "jane", "--language", "ja")["told"][0]["text"].startswith("2026年3月1日時点です。")


def test_idle_lists_whom_retain_erases(known, tmp_path):
    assert "idle: 0" in known("idle").out
    (tmp_path / "home" / "shop.toml").write_text("[privacy]\nidle_days = 365\n", encoding="utf-8")
    [jane] = told(known, "idle")
    assert (jane["person_id"], len(jane["identities"])) == ("customer:jane", 3)
    page = known("idle").out
    assert "customer:jane" in page
    assert "2024-03-01 00:00" in page
    done = known("retain")
    assert (done.code, "certificate" in done.out, "0 traces left" in done.out) == (0, True, True)
    assert told(known, "retain")["certificate"] is None
    assert told(known, "idle") == []
