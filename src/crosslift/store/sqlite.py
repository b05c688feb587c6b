"""Records on SQLite: WAL, one writer thread with group commit, durable before anybody is answered.

Readers have a connection each and never wait for the writer.
"""

from crosslift.store.sql_records import SqlRecords
from crosslift.store.sqlite_file import SqliteFile


class SqliteRecords(SqliteFile, SqlRecords):
    """Records in one SQLite file.

    Parameters
    ----------
    path : Path
        The file; created with its tables when missing, migrated forward when old.

    Raises
    ------
    UnknownFormat
        If the file was written by a newer crosslift.
    """
