"""Statements written for SQLite, as PostgreSQL has them."""

import pytest

from crosslift.store.postgres_text import copied, written


@pytest.mark.parametrize(
    ("statement", "text", "is_numbered"),
    [
        ("select a from t where b = ? and c = '?'", "select a from t where b = %s and c = '?'", False),
        ("a = ?1 or b = ?1 and c = ?", "a = %(v1)s or b = %(v1)s and c = %(v2)s", True),
        ("a = :now and b = 'x:y' and d < :now", "a = %(now)s and b = 'x:y' and d < %(now)s", False),
        ("a like '50%'", "a like '50%%'", False),
        ("t cross join u on u.a = t.a", "t join u on u.a = t.a", False),
        ("a.x is not b.x and c is not null", "a.x is distinct from b.x and c is not null", False),
        ("a.x is b.x and c is null", "a.x is not distinct from b.x and c is null", False),
        ("a in () or b in (?)", "a = any ('{}') or b in (%s)", False),
        ("select max(a), min(b + max(c, d))", "select max(a), min(b + greatest(c, d))", False),
        ("min(max(a, b), coalesce(c, 0))", "least(greatest(a, b), coalesce(c, 0))", False),
        ("count(distinct x) > max((select max(a, b) from t))", "count(distinct x) > max((select greatest(a, b) from t))", False),
    ],
)  # fmt: skip
def test_a_statement_says_the_same_in_both(statement, text, is_numbered):
    assert written(statement) == (text, is_numbered)


def test_only_plain_inserts_are_copied():
    assert copied("insert into t (a, b) values (?, ?)") == ("copy t (a, b) from stdin", (None, None))
    assert copied("insert into t (a, b) values (?,?,12)") == ("copy t (a, b) from stdin", (None, None, "12"))
    assert copied("insert into t (a) values (?) on conflict do nothing") is None
    assert copied("insert into t (a) values (lower(?))") is None
    assert copied("insert into t (a) select b from u where c = ?") is None
    assert copied("delete from t where a = ?") is None
