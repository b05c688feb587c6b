"""The audit under attack: whoever edits the file with a database tool is found out, and what is noted outside finds a cut."""

import json
import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest

from crosslift.domain.audit import GENESIS, Entry
from crosslift.errors import BadUsage
from crosslift.shop import Shop

TRIGGERS = ("drop trigger audit_refuses_update", "drop trigger audit_refuses_delete")


@pytest.fixture
def shop(tmp_path, little):
    with Shop(tmp_path / "home", clock=little.Clock()) as opened:
        for number in range(6):
            opened.records.append_audit(Entry(number, "test.write", f"thing {number}"))
        yield opened


def tampered(shop, *statements, drops=True):
    """Change the file as somebody with a database tool would."""
    with closing(sqlite3.connect(shop.home / "records.db", isolation_level=None)) as raw:
        for statement in (*(TRIGGERS if drops else ()), *statements):
            raw.execute(statement)


def rehashed(shop):
    """Hash the whole chain anew, as whoever knows how it is made would."""
    with closing(sqlite3.connect(shop.home / "records.db", isolation_level=None)) as raw:
        before = GENESIS
        rows = raw.execute("select seq, at, actor, action, object, subject, details from audit order by seq").fetchall()
        for row in rows:
            listed = json.dumps([before, *row], ensure_ascii=False, separators=(",", ":"))
            before = sha256(listed.encode()).hexdigest()
            raw.execute("update audit set hash = ? where seq = ?", (before, row[0]))
        raw.execute("update shop_meta set value = ? where key = 'audit_head'", (f"{rows[-1][0]}:{before}",))


def test_an_audit_nobody_touched_is_whole(shop):
    found = shop.audit.verify()
    assert (found["is_whole"], found["entries"], found["faults"]) == (True, 6, [])
    assert found["head"].startswith("6:")


@pytest.mark.parametrize("statement", ["update audit set actor = 'somebody else' where seq = 3", "delete from audit"])
def test_the_file_itself_refuses_whoever_would_change_a_row(shop, statement):
    with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        tampered(shop, statement, drops=False)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("update audit set actor = 'somebody else' where seq = 3", "entry 3 was altered"),
        ("update audit set at = at + 1 where seq = 1", "entry 1 was altered"),
        ("update audit set details = '{\"by\": 1}' where seq = 6", "entry 6 was altered"),
        ("update audit set subject = 'c1' where seq = 2", "entry 2 was altered"),
        ("delete from audit where seq = 3", "entry 3 is missing before entry 4"),
        ("delete from audit where seq in (2, 3)", "entries 2 to 3 are missing before entry 4"),
        ("delete from audit where seq > 4", "the chain ends with entry 4, but its head is entry 6"),
        ("delete from audit", "the chain ends with entry 0, but its head is entry 6"),
        ("delete from shop_meta where key = 'audit_head'", "the head of the chain is missing"),
    ],
)
def test_an_edit_a_gap_and_a_cut_tail_are_found(shop, statement, fault):
    tampered(shop, statement)
    found = shop.audit.verify()
    assert not found["is_whole"]
    assert any(one.startswith(fault) for one in found["faults"]), found["faults"]


def test_two_entries_that_changed_places_are_found(shop):
    tampered(
        shop, "update audit set seq = -1 where seq = 2", "update audit set seq = 2 where seq = 3",
        "update audit set seq = 3 where seq = -1",
    )  # fmt: skip
    assert [one.split(":")[0] for one in shop.audit.verify()["faults"][:2]] == [
        "entry 2 was altered", "entry 3 was altered",
    ]  # fmt: skip


def test_a_tail_that_was_cut_stays_missing_however_much_is_written_after_it(shop):
    """The next entry follows the head, not the last row."""
    tampered(shop, "delete from audit where seq > 4")
    shop.records.append_audit(Entry(9, "test.write", "later"))
    assert shop.audit.verify()["faults"][0] == "entries 5 to 6 are missing before entry 7"


def test_a_tail_cut_off_with_its_head_is_missed_by_the_heads_noted_beside_the_records(shop):
    assert shop.audit.verify()["is_whole"]
    tampered(shop, "delete from audit where seq > 4")
    rehashed(shop)
    found = shop.audit.verify()
    assert found["faults"] == ["entry 6 was noted and is gone: the end was cut"]
    assert found["heads_noted"] == 1


def test_a_chain_made_anew_does_not_fit_a_head_somebody_wrote_down_elsewhere(shop):
    head = shop.audit.verify()["head"]
    (shop.home / "audit.heads").unlink()
    tampered(shop, "update audit set actor = 'somebody else' where seq = 3")
    rehashed(shop)
    assert shop.audit.verify()["is_whole"]  # nothing inside the folder tells any more
    assert shop.audit.verify([head])["faults"] == [
        "entry 6 is another one than when its hash was noted: the chain was made anew"
    ]


def test_noted_heads_are_signed(shop):
    shop.audit.verify()
    file = shop.home / "audit.heads"
    file.write_text(file.read_text().replace("6:", "5:"))
    assert shop.audit.verify()["faults"] == [
        "line 1 of audit.heads was altered, or cut off by a crash while it was written"
    ]


def test_a_head_is_noted_once(shop):
    for _ in range(3):
        shop.audit.verify()
    assert len((shop.home / "audit.heads").read_text().splitlines()) == 1


@pytest.mark.parametrize("head", ["", "6", "6:abc", "six:" + "0" * 64, "9" * 30 + ":" + "0" * 64])
def test_what_is_no_head_is_refused(shop, head):
    with pytest.raises(BadUsage, match="is no head"):
        shop.audit.verify([head])


def test_an_export_can_be_walked_with_nothing_but_a_hash_function(shop):
    before = GENESIS
    lines = [json.loads(line) for line in shop.audit.export()]
    for one in lines:
        listed = [before, *(one[k] for k in ("seq", "at", "actor", "action", "object", "subject", "details"))]
        before = sha256(json.dumps(listed, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
        assert before == one["hash"]
    assert [one["action"] for one in lines][-1] == "audit.export"


def test_a_person_finds_what_was_done_about_them_in_their_copy(shop):
    shop.consents.record([{
        "customer_id": "c1", "purpose": "marketing", "channel": "email", "status": "granted", "source": "form",
        "at": "2026-03-01T00:00:00Z",
    }])  # fmt: skip
    assert [one["action"] for one in shop.audit.entries(customer="c1")] == ["consent.granted"]
    assert b"audit.json" in shop.privacy.export("c1")
    assert [one["action"] for one in shop.audit.entries(customer="c1")] == ["person.export", "consent.granted"]
    shop.privacy.erase("c1")
    assert shop.audit.entries(customer="c1") == []
    assert [one["action"] for one in shop.audit.entries(limit=2)] == ["people.erase", "person.export"]
    assert shop.audit.verify()["is_whole"]


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_page_has_a_size(shop, limit):
    with pytest.raises(BadUsage, match="ask for 1 to 1000"):
        shop.audit.entries(limit=limit)
