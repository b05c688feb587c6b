"""The store itself on a full disk and in a folder it may only read: named, nothing half there, alive again afterwards."""

import os
import pwd
import subprocess
import sys

import numpy as np
import pytest

from crosslift.collect.rows import LINE_COLUMNS
from crosslift.errors import WillNotWork
from crosslift.store import snapshot
from crosslift.store.duckdb import DuckdbFrames
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.records_rows import MONDAY, begin, event, line, order


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own with 2 MB."""
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(place):
    """Write until a plain write fails; give the file that takes the space."""
    ballast = place / "ballast"
    with pytest.raises(OSError, match="No space left on device"):
        ballast.write_bytes(b"x" * (4 << 20))
    return ballast


def many(first, last):
    return tuple(line(order_id=str(n), title="x" * 900) for n in range(first, last))


def test_a_write_that_finds_the_disk_full_is_refused_and_the_next_one_works(small_disk):
    records = SqliteRecords(small_disk / "records.db")
    order(records, line(order_id="kept"))
    ballast = fill(small_disk)
    for _ in range(2):
        with pytest.raises(WillNotWork, match=r"cannot write .*records\.db: .*(full|I/O).*nothing was changed"):
            order(records, *many(0, 400))
    with pytest.raises(WillNotWork, match="free space"):
        records.append_events([event(n, properties="x" * 1_000) for n in range(300)], MONDAY)
    assert records.table("order_lines", ["order_id"]).column("order_id").to_pylist() == ["kept"]
    assert records.table("events", ["id"]).num_rows == 0
    ballast.unlink()
    records.recover_imports(MONDAY)
    order(records, *many(0, 5))
    assert records.append_events([event(0)], MONDAY) == 1
    assert records.table("order_lines", ["id"]).num_rows == 6
    records.close()


def test_an_import_cut_off_by_a_full_disk_is_taken_back_once_there_is_room(small_disk):
    records = SqliteRecords(small_disk / "records.db")
    import_id, _ = begin(records, "orders", many(0, 20))
    ballast = fill(small_disk)
    with pytest.raises(WillNotWork, match="nothing was changed"):
        records.import_rows(import_id, "order_lines", LINE_COLUMNS, many(20, 2_000))
    ballast.unlink()
    records.close()
    again = SqliteRecords(small_disk / "records.db")
    assert again.table("order_lines", ["id"]).num_rows == 0
    assert [r.import_id for r in again.recover_imports(MONDAY)] == [import_id]
    assert again._reader().execute("select count(*) from order_lines").fetchone() == (0,)
    again.close()


def test_a_store_that_cannot_be_made_says_so(small_disk):
    fill(small_disk)
    with pytest.raises(WillNotWork, match=r"cannot write .*records\.db: .*check the folder's permissions and space"):
        SqliteRecords(small_disk / "records.db")
    (small_disk / "ballast").unlink()
    SqliteRecords(small_disk / "records.db").close()


def test_a_copy_that_does_not_fit_leaves_its_days_dirty_and_no_file(small_disk, tmp_path):
    records = SqliteRecords(tmp_path / "records.db")
    frames = DuckdbFrames(records, small_disk / "parts")
    order(records, *(line(order_id=str(n), title=os.urandom(40_000).hex()) for n in range(30)))
    fill(small_disk)
    with pytest.raises(WillNotWork, match=r"cannot write .*parquet: No space left on device; free space"):
        frames.refresh()
    assert records.dirty_days("order_lines") == [19_723]
    assert list((small_disk / "parts").rglob("*.parquet")) == []
    (small_disk / "ballast").unlink()
    records.close()


def test_a_snapshot_that_does_not_fit_leaves_the_previous_in_force(small_disk):
    folder = small_disk / "snapshots"
    snapshot.publish(folder, "s1", {"x": np.arange(10)}, {}, {})
    with pytest.raises(
        WillNotWork, match=r"cannot write snapshot s2: .*(No space left|disk is probably full).*; free space"
    ):
        snapshot.publish(folder, "s2", {"x": np.zeros(1_000_000)}, {}, {})
    assert snapshot.load(folder).snapshot_id == "s1"
    assert snapshot.listed(folder) == ["s1"]
    assert not list(folder.glob(".writing-*"))
    snapshot.publish(folder, "s3", {"x": np.arange(10)}, {}, {})
    assert snapshot.load(folder).snapshot_id == "s3"


AS_NOBODY = """
import os, sys
from pathlib import Path
from crosslift.errors import WillNotWork
from crosslift.store.sqlite import SqliteRecords

folder = Path(sys.argv[1])
SqliteRecords(Path(sys.argv[3])).close()  # everything is imported while the interpreter's own files may be read
os.setuid(int(sys.argv[2]))
try:
    (folder / "probe").write_text("x")
    sys.exit("a plain write works here: nothing is proved")
except PermissionError:
    pass
try:
    records = SqliteRecords(folder / "records.db")
except WillNotWork as error:
    print("refused:", error)
else:
    print("opened")
    try:
        records.set_meta("a", "1")
    except WillNotWork as error:
        print("refused:", error)
"""


@pytest.mark.parametrize("is_there", [True, False])
def test_a_folder_that_may_only_be_read_is_refused_and_nobody_waits(tmp_path, is_there, open_the_way):
    if os.geteuid() != 0:
        pytest.skip("only root can become another user here")
    folder = tmp_path / "home"
    folder.mkdir()
    if is_there:
        records = SqliteRecords(folder / "records.db")
        order(records, line())
        records.close()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    folder.chmod(0o755)
    open_the_way(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, folder, str(pwd.getpwnam("nobody").pw_uid), tmp_path / "warm.db"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "refused: cannot write" in done.stdout
    assert "permissions" in done.stdout
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
