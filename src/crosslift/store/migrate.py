"""Bring a records file to the newest schema: forward only, by Alembic, after a copy was put aside."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from crosslift.errors import Busy, UnknownFormat, WillNotWork

if TYPE_CHECKING:
    from sqlalchemy import Connection

HEAD = "0016"
"""The newest revision; a test holds it to the migrations folder."""


def ensure_current(path: Path) -> None:
    """Create or migrate the file at `path`; costs one small read when it is current.

    Raises
    ------
    UnknownFormat
        If a newer crosslift wrote it.
    WillNotWork
        If the folder cannot be written.
    """
    found = _revision(path)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise UnknownFormat(f"{path} was written by a newer crosslift (schema {found}, this one knows {HEAD}); upgrade")
    if found is not None:
        _put_aside(path, path.with_suffix(f".before-{HEAD}.db"))
    _upgrade(path)


def _put_aside(path: Path, copy: Path) -> None:
    """Copy what is committed, also what still waits in the write-ahead log."""
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)


def _revision(path: Path) -> str | None:
    if not path.exists() or path.stat().st_size == 0:
        return None
    connection = sqlite3.connect(path)
    try:
        row = connection.execute("select version_num from alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    except sqlite3.DatabaseError as error:
        raise WillNotWork(f"{path} is no crosslift records file: {error}") from error
    finally:
        connection.close()
    return str(row[0]) if row else None


def _upgrade(path: Path) -> None:
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import OperationalError

    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    # The driver would commit before each CREATE TABLE: a kill in between left half a schema, two first starts collided.
    event.listen(engine, "connect", lambda raw, _record: setattr(raw, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("begin immediate"))
    try:
        with engine.begin() as connection:
            upgrade(connection)
    except OperationalError as error:
        reason = str(error.orig)
        if "locked" in reason:
            raise Busy(f"{path} is being written by another process; try again in a moment") from error
        if any(sign in reason for sign in ("unable to open", "readonly", "disk is full", "disk I/O")):
            raise WillNotWork(f"cannot write {path}: {reason}; check the folder's permissions and space") from error
        raise
    finally:
        engine.dispose()


def upgrade(connection: "Connection") -> None:
    """Bring the tables of either engine to the newest schema, in the transaction of a connection."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
