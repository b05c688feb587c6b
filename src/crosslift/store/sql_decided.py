"""How the log of decisions stands, day by day: what its columnar copy is held against."""

from collections.abc import Sequence

from crosslift.store.engine import Connection
from crosslift.store.sql_people import marks

DAY = 86_400_000_000
LOG = "decisions"


def standing(c: Connection) -> tuple[int, dict[int, int]]:
    """Give a number that grows with every erasure, and how many decisions each UTC day has."""
    found = c.execute(f"select at / {DAY} as day, count(*) from decisions group by at / {DAY}").fetchall()
    return _erasures(c), {int(day): int(n) for day, n in found}


def has_moved_on(c: Connection, day: int, n_rows: int, erasures: int) -> bool:
    """Tell whether a day has other decisions than those a file was written from, or somebody was erased since."""
    begin = day * DAY
    n = c.execute("select count(*) from decisions where at >= ? and at < ?", (begin, begin + DAY)).fetchone()[0]
    return bool((n, _erasures(c)) != (n_rows, erasures))


def days_of(c: Connection, identities: Sequence[str]) -> list[int]:
    """Name the days on which something was decided for some identities."""
    chosen = f"where identity in ({marks(identities)})"
    found = c.execute(f"select distinct at / {DAY} from decisions {chosen}", tuple(identities)).fetchall()
    return [int(row[0]) for row in found]


def _erasures(c: Connection) -> int:
    """Number them: whoever is erased twice is one row, but a later one."""
    return int(c.execute("select count(*) + coalesce(max(at), 0) from erased").fetchone()[0])
