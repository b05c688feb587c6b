"""Taking imports back one after the other walks through exactly the states there were, whatever the imports brought."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.errors import Conflict
from crosslift.store import migrate
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.records_rows import DAY, MONDAY, event, line, row
from crosslift.testing.undo_contract import brought, state, take_back

quick = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
versions = st.sampled_from([None, MONDAY, MONDAY + 1, MONDAY + 2])
people = st.sampled_from(["c1", "c2", "c3", None])
goods = st.sampled_from(["A", "B", "C"])
orders = st.builds(
    lambda order, number, customer, product, quantity, day, at: line(
        order_id=order, line_id=number, customer_id=customer, product_id=product, quantity=quantity,
        ordered_at=MONDAY + day * DAY, updated_at=at,
    ),
    st.sampled_from(["1", "2"]), st.sampled_from(["a", "b"]), people, goods, st.integers(1, 2), st.integers(0, 1), versions,
)  # fmt: skip
products = st.builds(
    lambda product, stock, price, at: row(
        "products", product_id=product, stock=stock, price_micros=price, updated_at=at
    ),
    goods, st.integers(0, 2), st.sampled_from([1, 2]), versions,
)  # fmt: skip
customers = st.builds(
    lambda customer, email, at: row("customers", customer_id=customer, email=email, updated_at=at),
    st.sampled_from(["c1", "c2"]), st.sampled_from(["jane@x.org", "june@x.org", None]), versions,
)  # fmt: skip
consents = st.builds(
    lambda status, at: row("consents", status=status, at=at),
    st.sampled_from(["granted", "withdrawn"]), st.integers(MONDAY, MONDAY + 2),
)  # fmt: skip
links = st.builds(lambda end, action: row("links", to_id=end, action=action), goods, st.sampled_from(["pin", "ban"]))
events = st.builds(event, st.integers(1, 4))
files = st.one_of(*(
    st.tuples(st.just(name), st.lists(rows, min_size=1, max_size=5))
    for name, rows in (("orders", orders), ("products", products), ("customers", customers), ("consents", consents),
                       ("links", links), ("events", events))
))  # fmt: skip


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    path = tmp_path_factory.mktemp("blank") / "records.db"
    migrate.ensure_current(path)
    return path


def opened(blank, folder):
    return SqliteRecords(shutil.copy(blank, Path(folder) / "records.db"))


@quick
@given(brings=st.lists(files, min_size=1, max_size=6))
def test_undoing_one_file_after_the_other_gives_every_earlier_state_again(blank, brings):
    with tempfile.TemporaryDirectory() as folder:
        records = opened(blank, folder)
        states, imports = [state(records)], []
        for dataset, rows in brings:
            imports.append(brought(records, dataset, *rows))
            states.append(state(records))
        for import_id in reversed(imports):
            states.pop()
            take_back(records, import_id)
            assert state(records) == states[-1]
        records.sweep_undone()
        assert state(records) == states[0]
        records.close()


@quick
@given(brings=st.lists(files, min_size=2, max_size=5), which=st.integers(0, 3))
def test_an_earlier_file_goes_only_where_the_rest_is_as_if_it_had_never_come(blank, brings, which):
    which %= len(brings) - 1
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        records, without = opened(blank, folder), opened(blank, other)
        imports = [brought(records, dataset, *rows) for dataset, rows in brings]
        refusal = None
        try:
            take_back(records, imports[which])
        except Conflict as error:
            refusal = str(error)
        if refusal is not None:
            assert any(f"import {later} " in refusal for later in imports[which + 1 :])
        else:
            for place, (dataset, rows) in enumerate(brings):
                if place != which:
                    brought(without, dataset, *rows)
            assert without_numbers(state(records)) == without_numbers(state(without))
        records.close()
        without.close()


def without_numbers(found):
    """Leave the numbers of rows out: the other store counted otherwise."""
    return {
        name: sorted((one[1:] for one in rows), key=repr) if name not in KEPT else rows for name, rows in found.items()
    }


KEPT = ("live", "persons", "known_customers", "known_products", "links", "parts")
