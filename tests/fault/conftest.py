"""What the fault tests share: a way for other users, small disks, a shop that learned, servers that may be killed."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("server_driver.py")


@pytest.fixture
def open_the_way(tmp_path_factory):
    """Let another user walk to a test's folder: every folder of this test run above it, up to the shared one."""
    top = tmp_path_factory.getbasetemp()
    while top.name and not top.name.startswith("pytest-of-"):
        top = top.parent

    def open_the_way(folder):
        while folder != top.parent and folder.name:
            folder.chmod(0o755)
            folder = folder.parent

    return open_the_way


@pytest.fixture(scope="module")
def stocked(load_script, tmp_path_factory):
    """A shop that learned, and a key of it."""
    little = load_script("tests/unit/shop/little.py")
    home = tmp_path_factory.mktemp("killed") / "home"
    home.mkdir()
    pantry = little.pantry(300)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CROSSLIFT_NO_JIT", "1")
        with little.stocked(home, pantry.orders, pantry.catalog) as shop:
            yield home, shop.create_key("secret", "test")


class Servers:
    """Forks of the driver."""

    def __init__(self):
        self._driver = subprocess.Popen(
            [sys.executable, DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "CROSSLIFT_NO_JIT": "1"},
        )  # fmt: skip
        self._up = set()

    def _ask(self, line):
        self._driver.stdin.write(line + "\n")
        self._driver.stdin.flush()
        return self._driver.stdout.readline().split()

    def start(self, verb, home, **knobs):
        given = " ".join(f"serve.{name}={value}" for name, value in knobs.items())
        pid, port = self._ask(f"{verb} {home} {given}")
        self._up.add(int(pid))
        return int(pid), int(port)

    def reap(self, pid):
        self._up.discard(pid)
        return int(self._ask(f"reap {pid}")[0])

    @contextmanager
    def up(self, home, **knobs):
        pid, port = self.start("serve", home, **knobs)
        try:
            yield pid, port
        finally:
            if pid in self._up:
                os.kill(pid, signal.SIGKILL)
                self.reap(pid)

    def close(self):
        self._driver.stdin.close()
        self._driver.stdout.close()
        self._driver.wait(30)


@pytest.fixture(scope="module")
def servers():
    servers = Servers()
    yield servers
    servers.close()
