"""Snapshots: published whole, checked by hash, mapped read-only, rolled back by moving a pointer."""

import json
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from crosslift.errors import NotReady, UnknownFormat, WillNotWork
from crosslift.store import snapshot
from crosslift.store.snapshot import current_id, listed, load, point_at, publish, write

ARRAYS = {
    "lift": np.array([1.5, 2.5]),
    "offsets": np.array([0, 2], dtype=np.int64),
    "none": np.zeros(0, dtype=np.int32),
}
TEXTS = {"products": ["A", "차", "é"], "report": {"n": 1}}
ABOUT = {"as_of": 5, "engine_version": "0.1.0"}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "snapshots"


def put(folder, name, value=1.0):
    return publish(folder, name, {"x": np.full(1_000, value)}, {}, ABOUT)


def test_what_is_published_is_loaded(folder):
    digest = publish(folder, "s1", ARRAYS, TEXTS, ABOUT)
    found = load(folder)
    assert found.snapshot_id == "s1"
    assert found.manifest["as_of"] == 5
    assert found.texts == TEXTS
    assert {name: (a.dtype, a.tolist()) for name, a in found.arrays.items()} == {
        name: (a.dtype, a.tolist()) for name, a in ARRAYS.items()
    }
    assert len(digest) == 32


def test_the_same_content_has_the_same_hash(folder, tmp_path):
    first, second = (write(f, "s1", ARRAYS, TEXTS, ABOUT) for f in (folder, tmp_path / "elsewhere"))
    other = write(tmp_path / "third", "s1", {**ARRAYS, "lift": np.array([1.5, 2.6])}, TEXTS, ABOUT)
    assert first == second != other


@pytest.mark.parametrize(("from_bytes", "kind"), [(0, np.memmap), (1 << 20, np.ndarray)])
def test_large_arrays_are_mapped_small_ones_read_and_none_can_be_written(folder, monkeypatch, from_bytes, kind):
    monkeypatch.setattr(snapshot, "MAPPED_FROM", from_bytes)
    publish(folder, "s1", ARRAYS, TEXTS, ABOUT)
    lift = load(folder).arrays["lift"]
    assert type(lift) is kind
    with pytest.raises(ValueError, match="read-only"):
        lift[0] = 9


def test_what_a_reader_has_mapped_stays_when_the_folder_is_swept(folder):
    put(folder, "s01", 7.0)
    held = load(folder).arrays["x"]
    for number in range(2, 2 + snapshot.KEEP + 1):
        put(folder, f"s{number:02d}")
    assert not (folder / "s01").exists()
    assert held.sum() == 7_000


def test_nothing_learned_yet_is_said(folder):
    with pytest.raises(NotReady, match="nothing has been learned yet; run `crosslift learn` first"):
        load(folder)
    assert current_id(folder) is None
    assert listed(folder) == []


def test_a_written_snapshot_is_not_in_force_until_it_is_pointed_at(folder):
    put(folder, "s1")
    write(folder, "s2", {}, {}, ABOUT)
    assert load(folder).snapshot_id == "s1"
    point_at(folder, "s2")
    assert load(folder).snapshot_id == "s2"


def test_rolling_back_moves_the_pointer(folder):
    put(folder, "s1", 1.0)
    put(folder, "s2", 2.0)
    point_at(folder, "s1")
    assert load(folder).arrays["x"][0] == 1.0
    assert listed(folder) == ["s1", "s2"]


def test_a_snapshot_that_is_gone_cannot_be_pointed_at(folder):
    put(folder, "s1")
    with pytest.raises(WillNotWork, match=r"snapshot s9 is not in .*`crosslift learn --list` shows those that are"):
        point_at(folder, "s9")
    assert current_id(folder) == "s1"


DIES = """
import os, sys
from pathlib import Path
import numpy as np
from crosslift.store import snapshot

real, calls = snapshot._settle, []
def settle(descriptor):
    real(descriptor)
    calls.append(descriptor)
    if len(calls) == int(sys.argv[2]):
        os._exit(9)
snapshot._settle = settle
snapshot.publish(Path(sys.argv[1]), "s2", {"a": np.zeros(9), "b": np.zeros(9)}, {"t": [1]}, {})
"""


def test_a_publication_that_dies_at_any_step_is_never_seen_half(folder):
    put(folder, "s1")
    for step in (1, 2, 3, 4, 5):
        done = subprocess.run([sys.executable, "-c", DIES, str(folder), str(step)], timeout=30)
        assert done.returncode == 9
        assert load(folder).snapshot_id == "s1"
        assert listed(folder) == (["s1"] if step < 5 else ["s1", "s2"])
    put(folder, "s3")
    assert not list(folder.glob(".writing-*"))


def test_python_objects_are_refused_before_anything_is_written(folder):
    with pytest.raises(WillNotWork, match="snapshot column 'names' holds Python objects"):
        publish(folder, "s1", {"fine": np.zeros(2), "names": np.array(["a", None], dtype=object)}, {}, ABOUT)
    assert listed(folder) == []
    assert current_id(folder) is None


def test_a_smuggled_pickle_is_never_opened(folder):
    class Evil:
        def __reduce__(self):
            return (os.abort, ())

    put(folder, "s1")
    np.save(folder / "s1" / "x.npy", np.array([pickle.dumps(Evil())], dtype=object), allow_pickle=True)
    manifest = json.loads((folder / "s1" / "manifest.json").read_text())
    manifest["files"]["x.npy"] = snapshot._hash(folder / "s1" / "x.npy")
    (folder / "s1" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ValueError, match=r"allow_pickle=False|Python objects"):
        load(folder)


@pytest.mark.parametrize("file", ["x.npy", "t.json"])
def test_a_damaged_file_is_refused_and_named(folder, file):
    publish(folder, "s1", {"x": np.zeros(100)}, {"t": ["abc"]}, ABOUT)
    raw = bytearray((folder / "s1" / file).read_bytes())
    raw[-3] ^= 1
    (folder / "s1" / file).write_bytes(bytes(raw))
    with pytest.raises(WillNotWork, match=f"snapshot s1: {file} is damaged; learn again or roll back"):
        load(folder)
    (folder / "s1" / file).unlink()
    with pytest.raises(WillNotWork, match=f"{file} is damaged"):
        load(folder)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"format":1}', '{"format":1,"files":["x.npy"]}', "\udcff"]
)
def test_a_broken_manifest_is_refused(folder, text):
    put(folder, "s1")
    (folder / "s1" / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(WillNotWork, match="snapshot s1 is incomplete"):
        load(folder)


def test_an_unknown_format_is_refused_and_the_previous_one_can_be_kept(folder):
    put(folder, "s1")
    put(folder, "s2")
    manifest = json.loads((folder / "s2" / "manifest.json").read_text())
    (folder / "s2" / "manifest.json").write_text(json.dumps({**manifest, "format": snapshot.FORMAT + 1}))
    newer = f"snapshot s2 has format {snapshot.FORMAT + 1}, this crosslift reads {snapshot.FORMAT}; upgrade crosslift"
    with pytest.raises(UnknownFormat, match=newer):
        load(folder)
    assert load(folder, "s1").snapshot_id == "s1"
    point_at(folder, "s1")
    assert load(folder).snapshot_id == "s1"


def test_only_the_newest_are_kept_and_the_one_in_force(folder):
    for number in range(snapshot.KEEP + 2):
        put(folder, f"s{number}")
    assert listed(folder) == [f"s{number}" for number in range(2, snapshot.KEEP + 2)]
    point_at(folder, "s2")
    for number in (8, 9):
        write(folder, f"s{number}", {}, {}, ABOUT)
    snapshot._sweep(folder)
    assert listed(folder) == ["s2", "s4", "s5", "s6", "s8", "s9"]


def test_a_snapshot_is_never_overwritten(folder):
    put(folder, "s1", 1.0)
    with pytest.raises(WillNotWork, match="cannot write snapshot s1: Directory not empty"):
        put(folder, "s1", 2.0)
    assert load(folder).arrays["x"][0] == 1.0
    assert not list(folder.glob(".writing-*"))


def test_a_pointer_that_moved_is_noticed(folder):
    assert snapshot.pointer(folder) is None
    put(folder, "s1")
    first = snapshot.pointer(folder)
    put(folder, "s2")
    assert snapshot.pointer(folder) != first


def test_a_snapshot_of_an_older_crosslift_is_to_be_learned_anew(folder):
    put(folder, "s1")
    manifest = json.loads((folder / "s1" / "manifest.json").read_text())
    (folder / "s1" / "manifest.json").write_text(json.dumps({**manifest, "format": snapshot.FORMAT - 1}))
    with pytest.raises(UnknownFormat, match="run `crosslift learn` to make a new one"):
        load(folder)
