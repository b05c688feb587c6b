"""Customers' records come late, twice, in any order and in any pieces: whoever they are in the end is the same."""

import csv
import io
import json
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.collect.intake import collect_file
from crosslift.collect.recognition import Options
from crosslift.collect.rows import CUSTOMER_COLUMNS
from crosslift.settings import Settings
from crosslift.shop.facts import put_facts
from crosslift.store import migrate
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.identity_contract import mapper
from crosslift.testing.records_rows import MONDAY

SETTINGS = Settings.load(environment={})
NOW = datetime(2024, 6, 1, tzinfo=UTC)
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
COLUMNS = (
    "customer_id",
    "email",
    "phone",
    "locale",
    "market",
    "created_at",
    "traits",
    "loyalty_id",
    "size",
    "updated_at",
)
quick = settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
maybe = st.sampled_from
contents = st.fixed_dictionaries({
    "email": maybe(["jane@x.org", "june@x.org", ""]), "phone": maybe(["010-1111-2222", ""]), "locale": maybe(["ko", ""]),
    "market": maybe(["KR", ""]), "created_at": maybe(["2023-05-01T00:00:00Z", ""]),
    "traits": maybe([{}, {"pet": "cat"}, {"pet": "dog", "size": "S"}]), "loyalty_id": maybe(["L-1", "L-2", ""]),
    "size": maybe(["M", ""]),
})  # fmt: skip
versions = st.lists(st.tuples(maybe(["c1", "c2", "c3"]), contents), min_size=2, max_size=7)


def dated(told):
    """Give each version a time of its own."""
    return [
        {"customer_id": who, **content, "updated_at": (FIRST + timedelta(hours=n)).isoformat()}
        for n, (who, content) in enumerate(told)
    ]


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    path = tmp_path_factory.mktemp("blank") / "records.db"
    migrate.ensure_current(path)
    return path


def end_of(blank, deliveries):
    """Bring batches, each by a door, into an empty store; give every column, the contacts, and who is who by them."""
    with tempfile.TemporaryDirectory() as folder:
        records = SqliteRecords(shutil.copy(blank, Path(folder) / "records.db"))
        for number, (rows, by_file) in enumerate(deliveries):
            if by_file:
                collect_file(written(Path(folder) / f"{number}.csv", rows), records, SETTINGS, NOW, Options(), quiet)
            else:
                put_facts(records, SETTINGS, NOW, "customers", rows)
        records.remap(None, mapper, MONDAY)
        found = [
            sorted(zip(*(column.to_pylist() for column in records.table(*what).columns), strict=True), key=repr)
            for what in (("customers", CUSTOMER_COLUMNS), ("identity_evidence", ("first", "second", "rule", "at")))
        ]
        found.append(records.people().sort_by("identity").to_pylist())
        records.close()
    return found


def quiet(_step, _done, _total):
    pass


def written(path, rows):
    stream = io.StringIO()
    table = csv.writer(stream)
    table.writerow(COLUMNS)
    table.writerows([json.dumps(row[name]) if name == "traits" else row[name] for name in COLUMNS] for row in rows)
    path.write_text(stream.getvalue(), encoding="utf-8")
    return path


@st.composite
def histories(draw):
    """Give the versions of some customers, and a way they may come: in any order, some twice, in pieces, by two doors."""
    told = dated(draw(versions))
    sent = draw(st.permutations([*told, *draw(st.lists(st.sampled_from(told), max_size=4))]))
    cuts = sorted(draw(st.sets(st.integers(1, len(sent) - 1), max_size=4)))
    batches = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    return told, [(batch, draw(st.booleans())) for batch in batches]


@quick
@given(history=histories())
def test_records_that_say_when_they_changed_end_the_same_however_they_come(blank, history):
    told, deliveries = history
    wanted = end_of(blank, [(told, True)])
    assert len(wanted[0]) == len({row["customer_id"] for row in told})
    assert end_of(blank, deliveries) == wanted


@quick
@given(told=versions)
def test_records_that_do_not_say_it_are_as_they_came_last(blank, told):
    rows = [{"customer_id": who, **content} for who, content in told]
    last = {row["customer_id"]: row for row in rows}
    assert end_of(blank, [([row], False) for row in rows]) == end_of(blank, [(list(last.values()), False)])
