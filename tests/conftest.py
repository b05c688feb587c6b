"""Fixtures every test may use, and the rule of CI: a browser test that skips there has failed."""

import fcntl
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: workers beside each other gain nothing from threads

import pytest
from hypothesis import settings

REPO = Path(__file__).resolve().parent.parent
SHARED = REPO.parent / "shared"
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
settings.register_profile("desk", max_examples=25, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None)
settings.load_profile("ci" if IN_CI else "desk")
DATA_ABSENT = "../shared/data is not here: its real data sets are not part of the repository"


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of the checkout."""
    return REPO


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data sets beside the checkout; marks its test `data`, skips where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip(DATA_ABSENT)
    return SHARED


@pytest.fixture(scope="session")
def common(tmp_path_factory):
    """A folder that all processes of one run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def crosslift_cache(common):
    """One folder of compiled kernels for every shop of the run."""
    return common / "kernels"


@pytest.fixture(scope="session")
def once(common):
    """Build a folder once a run, whichever process comes first: `once("demo", build)`; the others wait and share it."""

    def once(name, build):
        with (common / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (common / f"{name}.done").exists():
                build(common / name)
                (common / f"{name}.done").touch()
        return common / name

    return once


@pytest.fixture(scope="session")
def run_crosslift(crosslift_cache):
    """Run the command line as a user would: `run_crosslift("--home", home, "learn")`."""

    def run(*arguments, cwd=None, check=None, before=()):
        done = subprocess.run(
            [*before, sys.executable, "-m", "crosslift", *map(str, arguments)],
            capture_output=True, text=True, cwd=cwd, env={**os.environ, "CROSSLIFT_CACHE": str(crosslift_cache)},
        )  # fmt: skip
        if check is not None:
            assert done.returncode == check, done.stdout + done.stderr
        return done

    return run


@pytest.fixture(scope="session")
def without_network():
    """What to put before a command so that it has no network: a namespace whose one interface is a loopback that is down.

    Nothing, where this user may not make one.
    """
    alone = ("unshare", "--net")
    return alone if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode == 0 else ()


@pytest.fixture(scope="session")
def demo_home(run_crosslift, once, without_network):
    """The demo shop, made, collected and learned once by the demo command; read it, do not change it.

    Beside it, `demo.json`: what the command said.
    """

    def build(home):
        done = run_crosslift("--home", home, "demo", "--once", "--json", before=without_network, check=0)
        home.with_suffix(".json").write_text(done.stdout, encoding="utf-8")

    return once("demo", build)


@pytest.fixture(scope="session")
def retail_home(shared, run_crosslift, once):
    """A shop with the real Online Retail file collected and learned; read it, do not change it."""

    def build(home):
        run_crosslift("--home", home, "collect", shared / "data/online_retail/online_retail.csv.gz", check=0)
        run_crosslift("--home", home, "learn", check=0)

    return once("retail", build)


@pytest.fixture(scope="session")
def load_script():
    """Import a script that is no package by its path: `load_script("docs/generate.py")`."""

    def load(path: str):
        name = Path(path).stem + "_script"
        if name not in sys.modules:
            spec = importlib.util.spec_from_file_location(name, REPO / path)
            sys.modules[name] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(sys.modules[name])
        return sys.modules[name]

    return load


@pytest.fixture(scope="session")
def postgres(load_script):
    """A PostgreSQL server for this session; skipped with its reason where the programs are absent, a failure in CI."""
    script = load_script("tests/postgres.py")
    if absent := script.absent():
        (pytest.fail if IN_CI else pytest.skip)(absent)
    server = script.Postgres()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def blank_database(postgres, tmp_path_factory):
    """A database with the tables of a shop and no rows, to be copied: making them takes longer than most tests."""
    from crosslift.store.postgres_server import Server

    name = postgres.database()
    Server(postgres.address(name), "shop", tmp_path_factory.mktemp("dumps")).ensure_current()
    return name


@pytest.fixture(scope="session")
def free_databases():
    """Databases with empty tables that no test uses."""
    return []


@pytest.fixture
def postgres_server(postgres, blank_database, free_databases, tmp_path):
    """A place for records on PostgreSQL, its own and without rows."""
    from crosslift.store.postgres_server import Server

    name = free_databases.pop() if free_databases else postgres.database(blank_database)
    yield Server(postgres.address(name), "shop", tmp_path)
    postgres.empty(name, "shop")
    free_databases.append(name)


def pytest_collection_modifyitems(config, items):
    for item in items:
        used = getattr(item, "fixturenames", ())
        if "shared" in used:
            item.add_marker(pytest.mark.data)
        takes_minutes = "retail_home" in used or {"browser", "simulation"} & set(item.path.relative_to(REPO).parts)
        if takes_minutes and not item.get_closest_marker("long"):
            item.add_marker(pytest.mark.ci)
    if not IN_CI and not config.option.markexpr.count("ci"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("ci")])
        items[:] = [item for item in items if not item.get_closest_marker("ci")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        if item.get_closest_marker("data") and not (SHARED / "data").is_dir():
            item.config.stash.setdefault(_data_skips, set()).add(item.nodeid)
        elif IN_CI and (item.get_closest_marker("browser") or item.get_closest_marker("data")):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            report.outcome = "failed"
            report.longrepr = f"skipped in CI, where browser and data tests must run. {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    if IN_CI and report.skipped and "browser" in collector.path.relative_to(collector.config.rootpath).parts:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid}: the whole file is skipped in CI, where browser tests must run"
    return report


def pytest_terminal_summary(terminalreporter, config):
    skipped = config.stash.get(_data_skips, ())
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} data tests skipped: {DATA_ABSENT}", yellow=True)


_data_skips = pytest.StashKey[set]()
