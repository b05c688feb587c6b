"""The statements of the records as PostgreSQL wants them: written once for SQLite, translated once for each text."""

import re
from functools import lru_cache

_TOKENS = re.compile(r"'(?:[^']|'')*'|\?(\d*)|(?<![:\w]):([a-z]\w*)")
_WORDS = (
    (re.compile(r"\bcross join\b"), "join"),  # there it fixes the order in which SQLite reads; here the planner decides
    (re.compile(r"\bis not (?!null\b|distinct\b|true\b|false\b)"), "is distinct from "),
    (re.compile(r"\bis (?!null\b|not\b|distinct\b|true\b|false\b)(?=\w+\.)"), "is not distinct from "),
    (re.compile(r"\bin \(\)"), "= any ('{}')"),
    (re.compile(r"\browid\b"), "ctid"),  # rows are only added where their order is asked for
)
_FUNCTIONS = re.compile(r"\b(max|min)\(")
_SCALAR = {"max": "greatest", "min": "least"}


@lru_cache(4096)
def written(statement: str) -> tuple[str, bool]:
    """Give a statement with psycopg's placeholders and PostgreSQL's words, and whether its values go by number.

    Examples
    --------
    >>> written("update t set a = max(t.a, ?) where b is not t.c and d in ()")
    ("update t set a = greatest(t.a, %s) where b is distinct from t.c and d = any ('{}')", False)
    >>> written("select max(a) from t where a > ?1 and b = ? and c = '?%'")
    ("select max(a) from t where a > %(v1)s and b = %(v2)s and c = '?%%'", True)
    >>> written("select a from t order by rowid desc")
    ('select a from t order by ctid desc', False)
    """
    is_numbered = re.search(r"\?\d", statement) is not None
    highest = 0

    def token(match: re.Match[str]) -> str:
        nonlocal highest
        number, name = match.group(1), match.group(2)
        if name is not None:
            return f"%({name})s"
        if number is None:
            return match.group()
        if not is_numbered:
            return "%s"
        highest = int(number) if number else highest + 1
        return f"%(v{highest})s"

    text = _TOKENS.sub(token, statement.replace("%", "%%"))
    for word, ours in _WORDS:
        text = word.sub(ours, text)
    return _scalars(text), is_numbered


def _scalars(text: str) -> str:
    """Call the greater or lesser of several values by their own names; of rows they stay what they are."""
    for match in reversed(list(_FUNCTIONS.finditer(text))):
        depth, n_values = 1, 1
        for place in range(match.end(), len(text)):
            depth += {"(": 1, ")": -1}.get(text[place], 0)
            n_values += text[place] == "," and depth == 1
            if depth == 0:
                break
        if n_values > 1:
            text = text[: match.start()] + _SCALAR[match.group(1)] + text[match.end() - 1 :]
    return text


INSERT = re.compile(r"insert into (\w+) \(([\w, ]+)\) values \(([\w?, ]+)\)")


@lru_cache(1024)
def copied(statement: str) -> tuple[str, tuple[str | None, ...]] | None:
    """Give a plain insert as a COPY, and of each column what is the same in every row; None for any other statement.

    Examples
    --------
    >>> copied("insert into t (a, b) values (?, 7)")
    ('copy t (a, b) from stdin', (None, '7'))
    """
    match = INSERT.fullmatch(statement)
    if match is None:
        return None
    table, columns, values = match.groups()
    fixed = tuple(None if value == "?" else value for value in values.replace(" ", "").split(","))
    if any(value is not None and not value.isdecimal() for value in fixed):
        return None
    return f"copy {table} ({columns}) from stdin", fixed
