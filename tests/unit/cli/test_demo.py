import subprocess
import sys
from multiprocessing import active_children

import pytest

from crosslift.cli import demo
from crosslift.shop import Shop
from crosslift.testing.demo import files


@pytest.fixture
def written(monkeypatch):
    """Write a word instead of 40,000 orders; gives the seeds asked for."""
    seeds = []

    def write(folder, seed):
        seeds.append(seed)
        folder.mkdir(parents=True)
        (folder / "orders.csv").write_text(f"orders of seed {seed}")

    monkeypatch.setattr(files, "write", write)
    return seeds


def test_the_files_are_written_once_and_kept(tmp_path, written):
    first = demo.prepare(tmp_path / "home", 7)
    assert first.orders.read_text() == "orders of seed 7"
    assert demo.prepare(tmp_path / "home", 7) == first
    assert written == [7]


def test_another_seed_writes_them_anew(tmp_path, written):
    demo.prepare(tmp_path / "home", 7)
    assert demo.prepare(tmp_path / "home", 8).orders.read_text() == "orders of seed 8"
    assert written == [7, 8]


def test_files_of_an_interrupted_run_are_not_taken_for_whole(tmp_path, written, monkeypatch):
    def stopped(folder, seed):
        folder.mkdir(parents=True)
        (folder / "orders.csv").write_text("half an ord")
        raise KeyboardInterrupt

    whole = files.write
    monkeypatch.setattr(files, "write", stopped)
    with pytest.raises(KeyboardInterrupt):
        demo.prepare(tmp_path / "home", 7)
    assert not (tmp_path / "home" / "demo-files").exists()
    monkeypatch.setattr(files, "write", whole)
    assert demo.prepare(tmp_path / "home", 7).orders.read_text() == "orders of seed 7"
    assert not (tmp_path / "home" / ".demo-files.part").exists()


def test_settings_a_merchant_changed_are_kept(tmp_path, written):
    demo.prepare(tmp_path, 7)
    assert "Moru Coffee Supply" in (tmp_path / "shop.toml").read_text()
    (tmp_path / "shop.toml").write_text('[shop]\nname = "Mine"\n')
    demo.prepare(tmp_path, 8)
    assert (tmp_path / "shop.toml").read_text() == '[shop]\nname = "Mine"\n'


def test_nothing_is_learned_again_while_nothing_was_collected(stocked_home, little):
    with little.open_shop(stocked_home) as shop:
        again = demo._learn(shop, False, little.quiet)
        assert (again["snapshot_id"], again["n_orders"]) == (shop.knowledge.snapshot_id, 700)
        assert len(shop.snapshots()) == 1


def test_kernels_are_compiled_beside_collecting_and_learning_waits_for_them(tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")  # the process alone: compiling takes seconds
    with Shop(tmp_path) as shop:
        with demo._compiling(shop):
            assert len(active_children()) == 1
        assert active_children() == []


def test_nothing_is_compiled_beside_once_something_was_learned(stocked_home, little):
    with little.open_shop(stocked_home) as shop, demo._compiling(shop):
        assert active_children() == []


def test_the_peak_is_this_programs_own(tmp_path):
    ballast = bytearray(300_000_000)
    code = "from crosslift.cli.demo import _peak_megabytes; print(_peak_megabytes())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert len(ballast) / 1e6 > int(done.stdout) > 0
    assert demo._peak_megabytes(tmp_path / "none") > 0
