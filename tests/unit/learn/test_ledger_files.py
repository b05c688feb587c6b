"""The ledger on disk: it comes back as it was or not at all, whatever happened to its files."""

from dataclasses import fields, replace

import numpy as np
import pytest

from crosslift.learn import ledger_files
from crosslift.learn.ledger_files import Bought, KeptPairs, Ledger, forget_ledger, read_ledger, write_ledger
from crosslift.stats.pairs import PairCounts

CAP = 3
FILES = ("ledger", "orders", "pairs")
PAGES = 3 * 4096


def ledger(seed=1, n_pairs=PAGES, n_changes=2):
    """Whatever numbers; the files do not look into them."""
    chance = np.random.default_rng(seed)

    def ints(n):
        return chance.integers(0, 9, n).astype(np.int32)

    def hashes(n):
        return chance.integers(0, 2**64, n, dtype=np.uint64)

    bought = Bought(["T-40", "차", "緑茶"], hashes(3), ints(7), np.array([0, 3, 5, 7]), ints(3), ints(3), hashes(3))
    kept = KeptPairs(ints(3), np.array([0, 1, 1, n_pairs]), *(ints(n_pairs) for _ in range(4)), chance.random(n_pairs))
    change = PairCounts(*(ints(n_changes) for _ in range(5)), chance.random(n_changes))
    return Ledger(bought, kept, change, CAP, None)


def assert_same(found, wanted):
    for part in ("bought", "kept", "change"):
        for field in fields(getattr(wanted, part)):
            one, other = getattr(getattr(found, part), field.name), getattr(getattr(wanted, part), field.name)
            if isinstance(other, np.ndarray):
                np.testing.assert_array_equal(one, other, err_msg=f"{part}.{field.name}")
                assert one.dtype == other.dtype
            else:
                assert one == other


@pytest.mark.parametrize(("n_pairs", "n_changes"), [(0, 0), (1, 0), (513, 2), (PAGES, 1)])
def test_a_ledger_comes_back_as_it_was(tmp_path, n_pairs, n_changes):
    wanted = ledger(n_pairs=n_pairs, n_changes=n_changes)
    write_ledger(tmp_path / "made" / "if missing", wanted)
    assert_same(read_ledger(tmp_path / "made" / "if missing", CAP), wanted)


def test_pairs_that_are_written_already_are_left_alone(tmp_path):
    write_ledger(tmp_path, ledger())
    before = (tmp_path / "pairs").stat().st_ino
    known = read_ledger(tmp_path, CAP)
    later = replace(known, bought=ledger(seed=2).bought, change=ledger(seed=2).change)
    write_ledger(tmp_path, later)
    assert (tmp_path / "pairs").stat().st_ino == before
    assert_same(read_ledger(tmp_path, CAP), later)


def harmed(content, harm):
    if harm == "empty":
        return b""
    if harm == "cut":
        return content[:-40]
    if harm == "longer":
        return content + bytes(64)
    changed = bytearray(content)
    if harm == "flip":  # far into the file
        changed[len(content) * 3 // 4] ^= 1
    elif harm == "first":
        changed[0] ^= 0x80
    elif harm == "zeros":
        changed[: min(4096, len(content))] = bytes(min(4096, len(content)))
    return bytes(changed)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["flip", "first", "zeros", "cut", "longer", "empty"])
def test_a_damaged_ledger_is_not_used(tmp_path, name, harm):
    write_ledger(tmp_path, ledger())
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(harmed(content, harm))
    assert read_ledger(tmp_path, CAP) is None
    (tmp_path / name).write_bytes(content)
    assert read_ledger(tmp_path, CAP) is not None


def test_swapped_pages_are_noticed(tmp_path):
    write_ledger(tmp_path, ledger())
    content = (tmp_path / "pairs").read_bytes()
    (tmp_path / "pairs").write_bytes(content[:4096] + content[8192:12288] + content[4096:8192] + content[12288:])
    assert read_ledger(tmp_path, CAP) is None


@pytest.mark.parametrize("name", FILES)
def test_files_of_two_runs_are_not_mixed(tmp_path, name):
    write_ledger(tmp_path, ledger())
    stale = (tmp_path / name).read_bytes()
    write_ledger(tmp_path, ledger(seed=2))
    (tmp_path / name).write_bytes(stale)
    assert read_ledger(tmp_path, CAP) is None


@pytest.mark.parametrize("n_written", [0, 1, 2])
def test_a_crash_between_two_writes_leaves_none_that_is_used(tmp_path, monkeypatch, n_written):
    old = ledger()
    write_ledger(tmp_path, old)
    calls = []

    def killed(file, parts):
        calls.append(file.name)
        if len(calls) > n_written:
            file.with_suffix(".writing").write_bytes(b"half of it")
            raise KeyboardInterrupt
        replace_file(file, parts)

    replace_file = ledger_files._replace
    monkeypatch.setattr(ledger_files, "_replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_ledger(tmp_path, ledger(seed=2))
    found = read_ledger(tmp_path, CAP)
    if n_written:
        assert found is None
    else:
        assert_same(found, old)
    monkeypatch.undo()
    write_ledger(tmp_path, ledger(seed=3))
    assert_same(read_ledger(tmp_path, CAP), ledger(seed=3))
    assert {file.name for file in tmp_path.iterdir()} == set(FILES)


def test_another_cap_or_format_is_not_used(tmp_path, monkeypatch):
    write_ledger(tmp_path, ledger())
    assert read_ledger(tmp_path, CAP + 1) is None
    monkeypatch.setattr(ledger_files, "FORMAT", ledger_files.FORMAT + 1)
    assert read_ledger(tmp_path, CAP) is None


def test_there_is_none_where_none_was_written(tmp_path):
    assert read_ledger(tmp_path, CAP) is None
    assert read_ledger(tmp_path / "nowhere", CAP) is None


def test_a_forgotten_ledger_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "pairs"
    write_ledger(folder, ledger())
    (folder / "orders.writing").write_bytes(b"of a run that was killed")
    forget_ledger(folder)
    assert not folder.exists()
    forget_ledger(folder)


def test_what_was_mapped_stays_readable_after_the_next_run_has_written(tmp_path):
    wanted = ledger()
    write_ledger(tmp_path, wanted)
    mapped = read_ledger(tmp_path, CAP)
    write_ledger(tmp_path, ledger(seed=2))
    assert_same(mapped, wanted)
