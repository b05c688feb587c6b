"""Who is in a segment, for everybody at once: the same rules as in process, written as Narwhals expressions.

DuckDB computes them here and Spark past one machine. Every value a rule compares becomes one column beside the person: long
tables are summed up once each, however many rules ask them, and joined; the rules are then one pass over that wide table.
`domain.membership` is the other reading of the same rules; tests hold the two together, person by person.
"""

import operator
from collections.abc import Callable, Mapping
from functools import reduce

import narwhals as nw
import pyarrow as pa

from crosslift.domain.condition import (
    SECOND,
    Ago,
    Compares,
    Condition,
    Every,
    Is,
    Known,
    Leaf,
    Not,
    Sign,
    Some,
    Trait,
    When,
    leaves,
)
from crosslift.domain.membership import day_begins
from crosslift.errors import BadUsage
from crosslift.learn.customers.segment_columns import Asked, Summed, summed, value_of
from crosslift.learn.customers.segment_tables import PERSON, Lazy, People

Names = Mapping[Asked, str]
"""The column of everything that is read."""

_COMPARE: Mapping[Sign, Callable[[nw.Expr, nw.Expr], nw.Expr]] = {
    Sign.LESS: operator.lt,
    Sign.AT_MOST: operator.le,
    Sign.MORE: operator.gt,
    Sign.AT_LEAST: operator.ge,
    Sign.EQUAL: operator.eq,
    Sign.OTHER: operator.ne,
}


def memberships(rules: Mapping[str, Condition], people: People, now: int) -> pa.Table:
    """Ask some rules of everybody.

    Parameters
    ----------
    rules : mapping of str to Condition
        By the id of their segment.
    people : People
        Frames with everything the rules need (`condition.needs`).
    now : int
        The instant they are asked at, microseconds UTC.

    Returns
    -------
    pyarrow.Table
        `person_id`, sorted, and a column of true and false for each segment, in the order of `rules`.

    Raises
    ------
    BadUsage
        If a rule asks a table that is not there.
    """
    asked = dict.fromkeys(_read_of(leaf) for rule in rules.values() for leaf in leaves(rule))
    names = {one: f"asked_{number}" for number, one in enumerate(asked)}
    wide = people.profiles
    for table, columns in _by_table(names, now).items():
        long: Lazy | None = getattr(people, table)
        if long is None:
            raise BadUsage(f"a rule asks {table}, and no such table was given; see condition.needs")
        wide = wide.join(_summed_up(long, columns), on=PERSON, how="left")
    told = [_holds(rule, names, now).alias(f"in_{place}") for place, rule in enumerate(rules.values())]
    found: pa.Table = wide.select(PERSON, *told).sort(PERSON).collect("pyarrow").to_native()
    return found.rename_columns([PERSON, *rules])


def members(rule: Condition, people: People, now: int) -> set[str]:
    """Give the people one rule holds for; parameters and errors as `memberships`."""
    found = memberships({"members": rule}, people, now)
    chosen: list[str] = found.filter(found.column("members")).column(PERSON).to_pylist()
    return set(chosen)


def _read_of(leaf: Leaf) -> Asked:
    return leaf.value if isinstance(leaf, Compares | Is | When | Known) else leaf


def _by_table(names: Names, now: int) -> dict[str, list[Summed]]:
    found: dict[str, list[Summed]] = {}
    for asked, name in names.items():
        for column in summed(asked, name, now):
            found.setdefault(column.table, []).append(column)
    return found


def _summed_up(long: Lazy, columns: list[Summed]) -> Lazy:
    """Sum a long table up to one row a person."""
    rows = long.select(PERSON, *(column.of_row.alias(column.name) for column in columns))
    of_person = (
        nw.col(column.name).sum() if column.is_added else nw.col(column.name).max() for column in columns
    )  # fmt: skip
    return rows.group_by(PERSON).agg(*of_person)


def _holds(rule: Condition, names: Names, now: int) -> nw.Expr:
    """Say of each person whether a rule holds: true or false, never null."""
    match rule:
        case Not(part):
            return ~_holds(part, names, now)
        case Every(parts):
            return reduce(operator.and_, (_holds(part, names, now) for part in parts))
        case Some(parts):
            return reduce(operator.or_, (_holds(part, names, now) for part in parts))
    asked = _read_of(rule)
    value = value_of(asked, names[asked])
    match rule:
        case Compares(Trait() as trait, sign, limit):
            return _known(_COMPARE[sign](nw.col(f"{names[trait]}_number"), nw.lit(float(limit))))
        case Compares(_, sign, limit):
            return _known(_COMPARE[sign](value, nw.lit(float(limit))))
        case Is(_, texts, is_negated):
            is_one = value.is_in(texts)
            return _known(~is_one if is_negated else is_one)
        case When(_, sign, bound):
            at = now - bound.seconds * SECOND if isinstance(bound, Ago) else day_begins(bound)
            return _known(_COMPARE[sign](value, nw.lit(at)))
        case Known(_, is_known):
            return ~value.is_null() if is_known else value.is_null()
    return value


def _known(comparison: nw.Expr) -> nw.Expr:
    """Take a comparison with something unknown as false."""
    return comparison.fill_null(value=False)
