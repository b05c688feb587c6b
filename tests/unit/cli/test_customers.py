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
