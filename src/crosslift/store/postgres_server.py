"""A PostgreSQL schema that holds the records of one shop: connections to it, its locks, its tables brought up to date.

Passwords come from the address, the environment (PGPASSWORD) or a password file, as libpq has it; none is ever shown.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crosslift.errors import BadInput, Busy, StoreDown, UnknownFormat, WillNotWork
from crosslift.store.migrate import HEAD, upgrade

try:
    import psycopg
    from psycopg import conninfo, sql
    from psycopg.adapt import Loader
    from psycopg.types.numeric import Int8Dumper
except ImportError as missing:
    raise WillNotWork("records on PostgreSQL need the extra: pip install 'crosslift[postgres]'") from missing

if TYPE_CHECKING:
    from sqlalchemy import Engine

SCHEMES: Final = ("postgresql://", "postgres://")
WAIT_SECONDS = 30
"""So long a writer waits for the others."""
CONNECTING: Final = {
    "connect_timeout": "5", "tcp_user_timeout": "20000", "keepalives_idle": "10", "keepalives_interval": "5",
    "keepalives_count": "3", "application_name": "crosslift",
}  # fmt: skip
"""What an address need not say: a host that went silent is given up within seconds, so that a page goes on without it."""
SERVES_FROM: Final = "0015"
"""The oldest schema whose crosslift goes on working beside this one: since then tables and columns were only added."""
SERVES: Final = "serves_from"

Raw = psycopg.Connection[Any]


class _Whole(Loader):
    """Sums of whole numbers come as `numeric`; the statements sum nothing else."""

    def load(self, data: Any) -> int:
        return int(bytes(data))


@dataclass(frozen=True, slots=True)
class Server:
    """Where a shop's records are.

    Parameters
    ----------
    address : str
        `postgresql://user@host:5432/database`; what it leaves out comes from the environment as libpq has it.
    schema : str
        The schema of this shop and no other; made when missing.
    folder : Path
        Where a dump goes before the tables change.
    """

    address: str = field(repr=False)
    schema: str
    folder: Path

    @property
    def name(self) -> str:
        """What messages call it: without user, password and options."""
        known = self._parts()
        host = known.get("host", os.environ.get("PGHOST", "localhost"))
        return f"postgresql://{host}/{known.get('dbname', os.environ.get('PGDATABASE', ''))} schema {self.schema}"

    @property
    def has_password(self) -> bool:
        """Tell whether the address itself holds the password."""
        return "password" in self._parts()

    def _parts(self) -> dict[str, Any]:
        try:
            return conninfo.conninfo_to_dict(self.address)
        except psycopg.Error:
            raise BadInput(
                "the address of the records is none that PostgreSQL knows; write postgresql://user@host:5432/database"
            ) from None  # the driver's own message would show the password

    def connect(self) -> Raw:
        """Open a connection whose statements mean the tables of this shop and are durable.

        Raises
        ------
        StoreDown
            If the server cannot be reached or refuses.
        """
        given = {**CONNECTING, **self._parts(), "client_encoding": "utf8"}
        try:
            raw: Raw = psycopg.connect(conninfo.make_conninfo(**given), autocommit=True)
            raw.execute(
                "select set_config('search_path', %s, false), set_config('jit', 'off', false), "
                "set_config('cursor_tuple_fraction', '1', false), set_config('synchronous_commit', case "
                "current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end, "
                f"false), set_config('lock_timeout', '{WAIT_SECONDS}s', false)",
                (sql.Identifier(self.schema).as_string(),),
            )
        except psycopg.Error as error:
            raise StoreDown(f"cannot open {self.name}: {told(error)}; start the server or mend the address") from error
        raw.adapters.register_dumper(int, Int8Dumper)  # one plan a statement, however large its numbers
        raw.adapters.register_loader("numeric", _Whole)
        raw.prepared_max = 500
        return raw

    def number(self, what: str) -> int:
        """Give the number of an advisory lock of this shop."""
        digest = blake2b(f"crosslift\0{self.schema}\0{what}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)

    @contextmanager
    def alone(self, what: str, busy: str) -> Iterator[None]:
        """Hold an advisory lock; the server lets go of it when the process or its connection ends."""
        raw = self.connect()
        try:
            if not _value(raw, "select pg_try_advisory_lock(%s)", self.number(what)):
                raise Busy(busy)
            yield
        finally:
            raw.close()

    # tables ----------------------------------------------------------------------------------------------------------

    def ensure_current(self) -> str:
        """Make or migrate the tables; one process does, the others wait. Gives where a dump was put, or why none was.

        Raises
        ------
        UnknownFormat
            If a newer crosslift made them, and says that this one does not go on beside it.
        """
        try:
            with self.connect() as raw:
                return self._brought_up(raw)
        except psycopg.Error as error:
            raise StoreDown(
                f"cannot make the tables of {self.name}: {told(error)}; see to the user's rights"
            ) from error

    def _brought_up(self, raw: Raw) -> str:
        if _encoding(raw) != "UTF8":
            raise WillNotWork(f"{self.name} is in a database of encoding {_encoding(raw)}; make one with encoding UTF8")
        if self._stands(raw):
            return ""
        raw.execute("set lock_timeout = 0")
        raw.execute("select pg_advisory_lock(%s)", (self.number("migrate"),))
        if self._stands(raw):  # another process was first
            return ""
        said = "" if _revision(raw) is None else self._dump()
        raw.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(self.schema)))
        self._upgrade()
        return said

    def _stands(self, raw: Raw) -> bool:
        found = _revision(raw)
        if found is None or found < HEAD:
            return False
        if found > HEAD:
            row = raw.execute(f"select value from shop_meta where key = '{SERVES}'").fetchone()
            if row is None or row[0] > HEAD:
                raise UnknownFormat(
                    f"{self.name} was made by a newer crosslift (schema {found}, this one knows {HEAD}); upgrade"
                )
        return True

    def _dump(self) -> str:
        """Dump the schema before it changes; gives where to, or why not."""
        program = shutil.which("pg_dump")
        if program is None:
            return "no dump was made before the tables changed: pg_dump is not installed"
        target = self.folder / f"records.before-{HEAD}.dump"
        libpq = {"host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
                 "dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "passfile": "PGPASSFILE",
                 "options": "PGOPTIONS", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "service": "PGSERVICE"}  # fmt: skip
        given = {libpq[name]: str(value) for name, value in self._parts().items() if name in libpq}
        done = subprocess.run(  # noqa: S603 - the address goes by the environment, where no list of processes shows it
            [program, "--format=custom", f"--schema={sql.Identifier(self.schema).as_string()}", f"--file={target}"],
            env={**os.environ, **given}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            target.unlink(missing_ok=True)
            return f"no dump was made before the tables changed: {done.stderr.strip().splitlines()[-1:]}"
        target.chmod(0o600)
        return f"{target} holds the tables as they were"

    def _upgrade(self) -> None:
        from sqlalchemy.exc import DBAPIError

        engine = self.sqlalchemy()
        try:
            with engine.begin() as connection:
                upgrade(connection)
                connection.exec_driver_sql(
                    f"insert into shop_meta (key, value) values ('{SERVES}', '{SERVES_FROM}') "
                    "on conflict (key) do update set value = excluded.value"
                )
        except DBAPIError as error:
            reason = told(error.orig or error)
            raise StoreDown(
                f"cannot change the tables of {self.name}: {reason}; nothing was changed, start again"
            ) from error
        finally:
            engine.dispose()

    def sqlalchemy(self) -> "Engine":
        """Give SQLAlchemy's engine, which makes columns that behave as SQLite's do.

        Texts of any length in order of their bytes, whole numbers of 64 bits; a row's import is not looked up for each row.
        """
        from sqlalchemy import create_engine
        from sqlalchemy.dialects.postgresql.base import PGDDLCompiler, PGTypeCompiler
        from sqlalchemy.pool import NullPool

        class Types(PGTypeCompiler):
            def visit_VARCHAR(self, *_: object, **__: object) -> str:  # noqa: N802 - SQLAlchemy names it so
                return 'TEXT COLLATE "C"'

            visit_TEXT = visit_VARCHAR  # noqa: N815 - as above

            def visit_INTEGER(self, *_: object, **__: object) -> str:  # noqa: N802 - as above
                return "BIGINT"

        class Tables(PGDDLCompiler):
            def visit_foreign_key_constraint(self, *_: object, **__: object) -> str:
                return None  # type: ignore[return-value] # left out

        engine = create_engine("postgresql+psycopg://", creator=self.connect, poolclass=NullPool)
        engine.dialect.type_compiler_instance = Types(engine.dialect)
        engine.dialect.ddl_compiler = Tables
        return engine


def told(error: BaseException) -> str:
    """Give the first line of what the server or the driver said."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _value(raw: Raw, statement: str, *values: object) -> object:
    """Ask for a single value; None where there is no row."""
    row = raw.execute(statement, values or None).fetchone()
    return None if row is None else row[0]


def _revision(raw: Raw) -> str | None:
    if _value(raw, "select to_regclass('alembic_version')") is None:
        return None
    row = raw.execute("select version_num from alembic_version").fetchone()
    return str(row[0]) if row else None


def _encoding(raw: Raw) -> str:
    return str(raw.info.parameter_status("server_encoding"))
