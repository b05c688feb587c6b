import json
import os
import subprocess
import sys

import pytest

from crosslift.stats import kernels

IMPORT_ALL = """
import importlib, pkgutil, sys
import crosslift.stats
for module in pkgutil.iter_modules(crosslift.stats.__path__):
    importlib.import_module(f"crosslift.stats.{module.name}")
assert "numba" not in sys.modules, "numba was imported"
assert "scipy.stats" not in sys.modules, "scipy.stats was imported"
"""

WARM_THEN_WORK = """
import json, sys
from pathlib import Path
import numpy as np
from crosslift.stats import kernels
from crosslift.stats.companions import Companions, Edges
from crosslift.stats.merge import Merger
from crosslift.stats.pairs import count_pairs
from crosslift.stats.ranking import first_of
from crosslift.stats.shuffle import swap_shuffle
from crosslift.stats.similarity import cosine, item_counts, top_neighbors

folder = Path(sys.argv[1])
seconds = kernels.warm(folder)
codes = dict(kernels._machine_code)
compiled = lambda: {name: len(code.signatures) for name, code in kernels._machine_code.items()}
before = compiled()
items, offsets = np.array([0, 1, 2, 1, 2, 0], np.int32), np.array([0, 3, 5, 6])
items.flags.writeable = False
for n_items in (3, 70_000):
    pairs = count_pairs(items, offsets, n_items)
    count_pairs(items.astype(np.int64), offsets, n_items, groups=[4, 4, 1])
    count_pairs(items, offsets, n_items, groups=[4, 4, 1], cap_per_group=3, weighted=True)
    count_pairs(items, offsets, n_items, groups=[1, 4, 4], weighted=True)
    count_pairs(items, offsets, n_items, weighted=True)
swap_shuffle(items, offsets, 3, seed=1)
neighbors = top_neighbors(cosine(count_pairs(items, offsets, 3), item_counts(items, 3)), 2)
for column in (neighbors.offsets, neighbors.ids, neighbors.scores):
    column.flags.writeable = False
cart = np.array([0, 1], np.int32)
cart.flags.writeable = False
merger = Merger(neighbors, 3)
merger.merge(cart)
ends = np.array([0, 1, 2, 2]), np.array([1, 0], np.int32), np.array([0, 0], np.int32), np.ones(1), np.zeros(1, np.uint16)
for column in ends:
    column.flags.writeable = False
companions, stopped = Companions(Edges(*ends), merger), np.zeros(1, np.uint16)
stopped.flags.writeable = False
companions.scored(cart), companions.strongest(cart, cart, stopped), companions.firsts(cart.copy())
first_of(np.zeros(2, np.int8), np.zeros(2), ends[0], cart.copy(), np.array([0, 1]), 1)
files = len(list(folder.rglob("*.nbc")))
print(json.dumps({"seconds": seconds, "before": before, "after": compiled(), "files": files}))
"""


def run(code, *arguments, **environment):
    variables = {key: value for key, value in os.environ.items() if not key.startswith(("NUMBA_", "CROSSLIFT_"))}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
        env=variables | environment,
        capture_output=True,
        text=True,
    )


def test_importing_the_room_imports_neither_numba_nor_scipy_stats():
    done = run(IMPORT_ALL)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def warmed(tmp_path_factory):
    if not kernels.jit_available():
        pytest.skip("kernels cannot be compiled here")
    folder = tmp_path_factory.mktemp("machine_code") / "cache"
    done = run(WARM_THEN_WORK, folder)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_warm_fills_the_folder_it_is_given(warmed):
    folder, facts = warmed
    assert facts["seconds"] > 0
    assert facts["files"] == sum(facts["before"].values())
    assert folder.is_dir()


def test_nothing_is_compiled_after_warm(warmed):
    assert warmed[1]["before"] == warmed[1]["after"]


def test_a_set_numba_cache_folder_goes_before_ours(warmed, tmp_path):
    filled, _ = warmed
    done = run(WARM_THEN_WORK, tmp_path / "unused", NUMBA_CACHE_DIR=str(filled))
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "unused").exists()


def test_no_jit_leaves_numba_alone(tmp_path):
    done = run(WARM_THEN_WORK + "\nassert 'numba' not in sys.modules", tmp_path, CROSSLIFT_NO_JIT="1")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["seconds"] == 0


def test_jit_is_off_where_the_environment_says_so(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")
    assert not kernels.jit_available()


def test_jit_is_off_where_numba_cannot_be_imported(monkeypatch):
    monkeypatch.delenv("CROSSLIFT_NO_JIT", raising=False)
    monkeypatch.setattr(kernels, "_numba", lambda: None)
    assert not kernels.jit_available()
