"""The records of a home opened, whichever engine its settings name."""

from pathlib import Path
from typing import TYPE_CHECKING

from crosslift.errors import BadInput
from crosslift.store.sql_records import SqlRecords
from crosslift.store.sqlite import SqliteRecords

if TYPE_CHECKING:
    from crosslift.store.postgres_server import Server

RECORDS = "records.db"


def open_records(home: Path, address: str, schema: str) -> SqlRecords:
    """Open the records of a shop.

    Parameters
    ----------
    address : str
        `postgresql://user@host:5432/database` without a password; empty for SQLite in the folder.
    schema : str
        The schema of the shop on PostgreSQL.

    Raises
    ------
    BadInput
        If the address is none, or holds a password: settings are shown and copied.
    StoreDown
        If the server cannot be reached.
    """
    if not address:
        return SqliteRecords(home / RECORDS)
    from crosslift.store.postgres import PostgresRecords

    return PostgresRecords(server_of(home, address, schema))


def server_of(home: Path, address: str, schema: str) -> "Server":
    """Give the server that an address names; BadInput as of `open_records`."""
    from crosslift.store.postgres_server import SCHEMES, Server

    if not address.startswith(SCHEMES):
        raise BadInput("records.address is none that crosslift knows; write postgresql://user@host:5432/database")
    server = Server(address, schema, home)
    if server.has_password:
        raise BadInput(
            "records.address holds a password, and settings are shown and copied; put it into PGPASSWORD or ~/.pgpass"
        )
    return server
