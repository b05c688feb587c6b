"""A backup while the shop goes on is the shop of one moment; a broken one is refused and leaves nothing."""

import io
import json
import os
import shutil
import sqlite3
import tarfile
import threading
from contextlib import closing
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from crosslift.errors import BadInput, Conflict, NotFound, UnknownFormat, WillNotWork
from crosslift.shop import Shop
from crosslift.store import backup, snapshot
from crosslift.store.backup import restore_backup, write_backup
from crosslift.store.duckdb import DuckdbFrames
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.records_rows import DAY, MONDAY, event, line, order

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
TOGETHER = 7


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(scope="module")
def shop(little, tmp_path_factory):
    """A shop that collected, learned and decided, open as a server has it."""
    home = tmp_path_factory.mktemp("backup") / "home"
    home.mkdir()
    pantry = little.pantry(500)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CROSSLIFT_NO_JIT", "1")
        with little.stocked(home, pantry.orders, pantry.catalog, little.Clock()) as shop:
            (home / "audit.heads").write_text("12:ab one\n13:cd half")
            (home / "shop.toml").write_text('[shop]\nname = "Pantry"\n')
            shop.create_key("secret", "kept")
            shop.records.append_events([event(n) for n in range(40)], MONDAY)
            shop.frames.seal(at_least=1)
            yield shop


@pytest.fixture(scope="module")
def decision(shop):
    return shop.decide("cart", ["P00"], customer="c1")


@pytest.fixture(scope="module")
def packed(shop, decision, tmp_path_factory):
    assert decision.offers
    return write_backup(shop.home, tmp_path_factory.mktemp("packed") / "pantry.tar.zst", NOW)


def rows_of(home):
    """Every row of every table, as it is."""
    with closing(sqlite3.connect(f"file:{home / 'records.db'}?mode=ro", uri=True)) as records:
        names = [name for (name,) in records.execute("select name from sqlite_master where type = 'table'")]
        return {name: sorted(map(repr, records.execute(f"select * from {name}"))) for name in names}


def files_of(home):
    """Every file that counts, byte for byte, but for records, whose bytes differ where their rows do not."""
    kept = [home / "shop.toml", *(home / "parts").rglob("*.parquet"), *(home / "snapshots").rglob("*")]
    return {str(path.relative_to(home)): path.read_bytes() for path in kept if path.is_file()}


def test_a_home_is_equal_after_the_round_trip(shop, decision, packed, tmp_path):
    restored = restore_backup(packed.path, tmp_path / "home")
    assert (restored.fingerprint, restored.n_files) == (packed.fingerprint, packed.n_files)
    assert rows_of(tmp_path / "home") == rows_of(shop.home)
    assert files_of(tmp_path / "home") == files_of(shop.home)
    assert (tmp_path / "home" / "audit.heads").read_text() == "12:ab one\n"
    with Shop(tmp_path / "home", clock=shop.clock) as again:
        assert again.key == shop.key
        assert again.decision(decision.decision_id) == shop.decision(decision.decision_id)
        assert again.replay(decision.decision_id) == shop.replay(decision.decision_id)
        told = {"placement": "cart", "cart": ["P02"]}
        assert again.decide(**told).offers == shop.decide(**told).offers
        assert again.frames.order_lines().equals(shop.frames.order_lines())
        assert again.frames.events().equals(shop.frames.events())


def test_only_the_owner_may_read_it_and_the_home_is_left_as_it_was(shop, packed):
    assert packed.path.stat().st_mode & 0o777 == 0o600
    assert not list(shop.home.glob(".backup-*"))
    assert {path.name for path in packed.path.parent.iterdir()} == {packed.path.name}


def test_a_backup_of_a_backup_has_the_same_content(packed, tmp_path):
    restore_backup(packed.path, tmp_path / "home")
    again = write_backup(tmp_path / "home", tmp_path / "again", NOW)
    assert (again.n_files, again.snapshot_id) == (packed.n_files, packed.snapshot_id)
    restore_backup(again.path, tmp_path / "twice")
    assert rows_of(tmp_path / "twice") == rows_of(tmp_path / "home")


class Writers:
    """Commit events and orders in groups and rewrite days and snapshots until told to stop."""

    def __init__(self, home):
        home.mkdir()
        self.home, self.acknowledged, self.failed = home, 0, []
        self.records = SqliteRecords(home / "records.db")
        self._stop = threading.Event()
        works = (self.events, self.days, self.snapshots)
        self._threads = [threading.Thread(target=self._watched, args=(work,)) for work in works]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.records.close()

    def _watched(self, work):
        try:
            number = 0
            while not self._stop.is_set():
                work(number)
                number += 1
        except Exception as error:  # noqa: BLE001 - told by the test, which must not hang
            self.failed.append(error)

    def events(self, number):
        self.records.append_events([event(number * TOGETHER + n) for n in range(TOGETHER)], MONDAY)
        self.acknowledged = (number + 1) * TOGETHER

    def days(self, number):
        order(self.records, *(line(order_id=f"{number}-{n}", ordered_at=MONDAY + n * DAY) for n in range(TOGETHER)))
        DuckdbFrames(self.records, self.home / "parts").refresh()

    def snapshots(self, number):
        name = f"s{number:05}"
        snapshot.publish(self.home / "snapshots", name, {"x": np.full(100, number)}, {"n": number}, {})
        self.records.save_snapshot({
            "snapshot_id": name, "created_at": number, "as_of": 0, "engine_version": "", "manifest_hash": "",
            "ndcg": None, "state": "published", "report": "{}",
        })  # fmt: skip


def test_a_backup_among_writers_is_one_moment_and_holds_what_was_acknowledged(tmp_path):
    """Days and snapshots are rewritten and swept meanwhile; no group that was committed together is torn."""
    with Writers(tmp_path / "home") as writers:
        for number in range(5):
            before = writers.acknowledged
            made = write_backup(writers.home, tmp_path / f"{number}.tar.zst", NOW)
            there = tmp_path / f"home-{number}"
            restore_backup(made.path, there)
            copy = SqliteRecords(there / "records.db")
            n_events, n_lines = (copy.table(name, ["id"]).num_rows for name in ("events", "order_lines"))
            sealed = DuckdbFrames(copy, there / "parts").order_lines().num_rows
            copy.close()
            assert n_events >= before
            assert n_events % TOGETHER == n_lines % TOGETHER == 0
            assert sealed <= n_lines
            if made.snapshot_id is not None:
                assert snapshot.load(there / "snapshots").snapshot_id == made.snapshot_id
                assert all(snapshot.load(there / "snapshots", name) for name in snapshot.listed(there / "snapshots"))
    assert writers.failed == []
    assert writers.acknowledged > 0


def unpacked(path):
    """The bytes of the tar inside."""
    with pa.memory_map(str(path)) as raw, pa.CompressedInputStream(raw, "zstd") as stream:
        return stream.read()


def repacked(path, tar):
    with pa.OSFile(str(path), "w") as raw, pa.CompressedOutputStream(raw, "zstd") as stream:
        stream.write(tar)
    return path


def members_of(tar):
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        return [(member.name, opened.extractfile(member).read()) for member in opened]


def tar_of(members):
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as opened:
        for name, content in members:
            member = tarfile.TarInfo(name)
            if isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
                opened.addfile(member)
            else:
                member.size = len(content)
                opened.addfile(member, io.BytesIO(content))
    return written.getvalue()


def refused(path, tmp_path, error=BadInput, match="is damaged or no backup: .*; nothing was restored"):
    folder = tmp_path / "target"
    folder.mkdir()
    with pytest.raises(error, match=match) as told:
        restore_backup(path, folder / "home")
    assert str(path) in str(told.value)
    assert list(folder.iterdir()) == []
    shutil.rmtree(folder)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(packed, tmp_path, share):
    whole = packed.path.read_bytes()
    short = tmp_path / "short.tar.zst"
    short.write_bytes(whole[: int(len(whole) * share)])
    refused(short, tmp_path)


def test_a_file_with_a_byte_changed_is_refused(packed, tmp_path):
    whole = packed.path.read_bytes()
    for place in np.random.default_rng(5).integers(len(whole) // 10, len(whole) * 9 // 10, size=8):  # data, not padding
        bent = tmp_path / "bent.tar.zst"
        bent.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        refused(bent, tmp_path)


def test_members_changed_missing_or_added_are_refused_by_name(packed, tmp_path):
    members = members_of(unpacked(packed.path))
    records = next(content for name, content in members if name == "records.db")
    changed = [(n, b"[shop]\n" if n == "shop.toml" else c) for n, c in members]
    missing = [(n, c) for n, c in members if n != "shop.toml"]
    for altered in (changed, missing):
        refused(repacked(tmp_path / "x", tar_of(altered)), tmp_path, match="shop.toml is not what its manifest says")
    added = [*members[:-1], ("parts/more.parquet", b"x"), members[-1]]
    refused(repacked(tmp_path / "x", tar_of(added)), tmp_path, match=r"parts/more\.parquet is not what")
    for name in ("../evil", "/evil", "parts/../../evil", "learn.lock"):
        refused(repacked(tmp_path / "x", tar_of([(name, b"x"), *members])), tmp_path, match="has no place in a backup")
    linked = [("parts/link", "/etc/passwd"), *members]
    refused(repacked(tmp_path / "x", tar_of(linked)), tmp_path, match="has no place in a backup")
    twice = [("records.db", records), *members]
    refused(repacked(tmp_path / "x", tar_of(twice)), tmp_path, match="has no place in a backup")


def test_another_file_and_one_of_a_newer_crosslift_are_refused(packed, tmp_path):
    (tmp_path / "no.tar.zst").write_bytes(b"PK\x03\x04 not ours")
    refused(tmp_path / "no.tar.zst", tmp_path)
    members = members_of(unpacked(packed.path))
    newer = json.dumps({**json.loads(members[-1][1]), "schema": "9999"}).encode()
    newer_tar = tar_of([*members[:-1], ("manifest.json", newer)])
    refused(repacked(tmp_path / "x", newer_tar), tmp_path, UnknownFormat, "schema 9999.*upgrade")
    with pytest.raises(NotFound, match="there is no backup"):
        restore_backup(tmp_path / "none", tmp_path / "home")


def test_a_home_that_is_not_empty_is_kept(shop, packed, tmp_path):
    with pytest.raises(Conflict, match="is not empty and is kept"):
        restore_backup(packed.path, shop.home)
    (tmp_path / "empty").mkdir()
    restore_backup(packed.path, tmp_path / "empty")
    assert files_of(tmp_path / "empty") == files_of(shop.home)


def test_a_backup_goes_to_a_new_file_outside_the_home(shop, packed, tmp_path):
    with pytest.raises(Conflict, match="is there already"):
        write_backup(shop.home, packed.path, NOW)
    with pytest.raises(BadInput, match="lies inside the shop's folder"):
        write_backup(shop.home, shop.home / "parts" / "b.tar.zst", NOW)
    with pytest.raises(NotFound, match="is no shop's folder"):
        write_backup(tmp_path, tmp_path / "b.tar.zst", NOW)
    with pytest.raises(WillNotWork, match=r"cannot write .*No such file"):
        write_backup(shop.home, tmp_path / "none" / "b.tar.zst", NOW)
    assert not list(shop.home.glob(".backup-*"))


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ('[shop]\nname = "Tea"\n\n[records]\naddress = "postgresql://x"\n', '[shop]\nname = "Tea"\n\n'),
        ('[records]\naddress = "postgresql://x"\nschema = "tea"\n[shop]\nname = "Tea"\n', '[shop]\nname = "Tea"\n'),
        ('# [records] of old\n[shop]\nname = "[records]"\n', '# [records] of old\n[shop]\nname = "[records]"\n'),
    ],
)
def test_settings_go_without_the_address_of_the_records(said, left):
    assert backup._without_address(said) == left


def test_what_a_killed_backup_left_goes_with_the_next(shop, tmp_path):
    (shop.home / ".backup-dead").mkdir()
    (shop.home / ".backup-dead" / "records.db").write_bytes(b"x")
    write_backup(shop.home, tmp_path / "b.tar.zst", NOW)
    assert not list(shop.home.glob(".backup-*"))


def test_files_that_vanish_for_ever_are_told(shop, tmp_path, monkeypatch):
    def gone(source, _):
        raise FileNotFoundError(2, "gone", str(source))

    monkeypatch.setattr(backup, "_link", gone)
    with pytest.raises(Exception, match=r"is listed and was not there 20 times; try again"):
        write_backup(shop.home, tmp_path / "b.tar.zst", NOW)
    assert not list(shop.home.glob(".backup-*"))
    assert list(tmp_path.iterdir()) == []


def test_a_snapshot_that_was_damaged_keeps_no_backup_from_being_made(shop, tmp_path):
    home = tmp_path / "home"
    restore_backup(write_backup(shop.home, tmp_path / "a", NOW).path, home)
    current = home / "snapshots" / snapshot.current_id(home / "snapshots")
    lost = next(current.glob("*.npy"))
    lost.unlink()
    restore_backup(write_backup(home, tmp_path / "b", NOW).path, tmp_path / "again")
    kept = files_of(tmp_path / "again")
    assert kept == files_of(home)
    (current / "manifest.json").write_text("{")
    restore_backup(write_backup(home, tmp_path / "c", NOW).path, tmp_path / "once more")
    assert files_of(tmp_path / "once more") == files_of(home)
