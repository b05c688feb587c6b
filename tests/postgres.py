"""A PostgreSQL server of the tests' own: Debian's programs, a free port on loopback, a user of its own, one a session."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

PASSWORD = "correct-horse"  # noqa: S105 - of a server that lives for one test run
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def absent():
    """Say what is missing, nothing where all is there."""
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed: pip install 'crosslift[postgres]'"
    return "" if PROGRAMS else "PostgreSQL is not installed: apt-get install -y postgresql"


class Postgres:
    """A cluster in a folder of its own; forgets what a power cut would take, as a test may."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="crosslift-postgres-"))
        self.folder.chmod(0o700)
        self._as = ["setpriv", "--pdeathsig=QUIT"]  # whoever kills the tests kills the server
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            self._as += ["--reuid=postgres", "--regid=postgres", "--init-groups"]
        self._as.append("--")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._numbers = count()
        word = self.folder / "word"
        word.write_text(PASSWORD)
        word.chmod(0o644)
        locale = "en_US.UTF-8" if _has_locale() else "C.UTF-8"  # the first orders texts unlike their bytes
        self._run(
            "initdb", "--username=shop", "--auth=scram-sha-256", f"--pwfile={word}", "--encoding=UTF8",
            f"--locale={locale}", "--no-sync", "--pgdata", self._data,
        )  # fmt: skip
        self.start()

    @property
    def _data(self):
        return self.folder / "data"

    def _run(self, program, *arguments):
        done = subprocess.run([*self._as, PROGRAMS[-1] / program, *arguments], cwd="/", capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self):
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder, "fsync": "off"}
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [*self._as, PROGRAMS[-1] / "postgres", "-D", self._data, "-p", str(self.port),
                 *(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))],
                cwd="/", stdout=log, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + 60
        while not self._answers():
            assert self._server.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.02)

    def _answers(self):
        import psycopg

        try:
            self.sql("select 1")
        except psycopg.OperationalError:
            return False
        return True

    def stop(self):
        """Stop at once, as a power cut would."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(60)

    def address(self, database):
        return f"postgresql://shop:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def sql(self, statement, database="postgres"):
        import psycopg

        with psycopg.connect(self.address(database), autocommit=True) as raw:
            cursor = raw.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def database(self, template="template0"):
        """Make a database, empty or as another one is; gives its name."""
        name = f"shop_{next(self._numbers)}"
        self.sql(f"create database {name} template {template}")
        return name

    def empty(self, name, schema):
        """Empty the tables that hold something, which takes less time than a new database."""
        held = self.sql(
            "select relname from pg_class where relkind = 'r' and pg_relation_size(oid) > 0 and relname not in "
            f"('alembic_version', 'shop_meta') and relnamespace = '{schema}'::regnamespace", name,
        )  # fmt: skip
        tables = ", ".join(f"{schema}.{table}" for (table,) in held)
        emptied = f"truncate {tables} restart identity;" if tables else ""
        self.sql(f"{emptied} delete from {schema}.shop_meta where key <> 'serves_from'", name)

    def drop(self, name):
        self.sql(f"drop database {name} with (force)")

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _has_locale():
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout
    return "en_US.utf8" in listed.split()
