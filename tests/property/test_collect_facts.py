"""Facts come late, twice, in any order and in any pieces: what is known in the end is the same."""

import shutil
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.collect.evidence import EVIDENCE_COLUMNS
from crosslift.collect.facts import FACTS
from crosslift.collect.order_events import orders_told
from crosslift.collect.sources.segment import Message, to_rows
from crosslift.store import migrate
from crosslift.store.keys import KEYS
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.facts_contract import OTHERWISE, TYPICAL, VERSIONED, fact
from crosslift.testing.records_rows import COLUMNS, DAY, MONDAY, headers, line, row

quick = settings(deadline=None, max_examples=7, suppress_health_check=[HealthCheck.function_scoped_fixture])
NOW = MONDAY + 90 * DAY
KEPT_ONCE = ("consents", "returns", "usage")
"""Datasets without a time that tells two versions apart: each key comes with one content."""


def versions(dataset):
    """Give every row that is ever sent of a dataset: three keys, several versions each, told apart by their times."""
    found = []
    for n in range(3):
        if dataset in FACTS:
            key = next(name for name in KEYS[dataset].columns if isinstance(TYPICAL[dataset][name], str))
            named = {key: f"{TYPICAL[dataset][key]}{n}"[-3 if key == "currency" else 0 :]}
            if dataset in VERSIONED:
                contents = ({}, OTHERWISE[dataset], {})
                found += [fact(dataset, **named, **content, updated_at=NOW + v) for v, content in enumerate(contents)]
            elif dataset == "assignments":
                found += [fact(dataset, **named, arm=arm, at=MONDAY + v) for v, arm in enumerate("aba")]
            elif dataset == "logged_choices":
                times = ({}, {"outcome": 0.0, "outcome_at": NOW}, {"outcome": 5.0, "outcome_at": NOW + 1})
                found += [fact(dataset, **named, **told) for told in times]
            else:
                found.append(fact(dataset, **named))
        elif dataset == "orders":
            found += [
                line(
                    order_id=str(n),
                    line_id=str(place),
                    quantity=1 + v % 2,
                    ordered_at=MONDAY + n * DAY,
                    updated_at=NOW + v,
                )
                for place in (1, 2)
                for v in range(3)
            ]
        elif dataset in KEPT_ONCE:
            key = {"consents": "customer_id", "returns": "order_id", "usage": "meter"}[dataset]
            found.append(row(dataset, **{key: f"k{n}"}))
        else:
            key, value = {
                "products": ("product_id", "title"), "links": ("to_id", "reason"), "customers": ("customer_id", "email"),
                "subscriptions": ("subscription_id", "period"),
            }[dataset]  # fmt: skip
            found += [
                row(dataset, **{key: f"k{n}", value: f"{text}@x.org", "updated_at": NOW + v})
                for v, text in enumerate("aba")
            ]
    return found


ROWS = {
    dataset: versions(dataset)
    for dataset in (*FACTS, "orders", "products", "links", "subscriptions", "customers", *KEPT_ONCE)
}  # fmt: skip


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    path = tmp_path_factory.mktemp("blank") / "records.db"
    migrate.ensure_current(path)
    return path


@pytest.fixture(scope="module")
def opened(blank, tmp_path_factory):
    """Open a new store as often as asked, and close it: `with opened() as records`."""
    folder, number = tmp_path_factory.mktemp("stores"), count()

    class Opened:
        def __enter__(self):
            self.path = folder / f"{next(number)}.db"
            self.records = SqliteRecords(shutil.copy(blank, self.path))
            return self.records

        def __exit__(self, *_):
            self.records.close()
            for file in folder.glob(f"{self.path.name}*"):
                file.unlink()

    return Opened


def tables_of(dataset, rows):
    """Give rows by table, as a door hands them to the records."""
    if dataset == "orders":
        heads = [head for one in rows for head in headers((one,))]
        return [("orders", COLUMNS["orders"], heads), ("order_lines", COLUMNS["order_lines"], rows)]
    columns = FACTS[dataset].columns if dataset in FACTS else COLUMNS[dataset]
    return [(dataset, columns, rows)]


def send(records, dataset, rows, how):
    """Bring rows by the API at once, by a file in one piece, or by a file row by row."""
    if how == "api":
        records.put_tables(dataset, tables_of(dataset, rows), NOW)
        return
    import_id = records.start_import(dataset, "facts.csv", f"canonical {dataset}", NOW, None)
    for piece in [rows] if how == "file" else [[one] for one in rows]:
        for table, columns, some in tables_of(dataset, piece):
            records.import_rows(import_id, table, columns, some)
    records.commit_import(import_id, NOW, "{}")


def state(records, *datasets):
    """Read everything that is visible, in one order; ingestion numbers and imports aside."""
    found = {}
    for dataset in datasets:
        contacts = [("identity_evidence", EVIDENCE_COLUMNS, [])] if dataset == "customers" else []
        for table, columns, _ in [*tables_of(dataset, []), *contacts]:
            rows = zip(*(c.to_pylist() for c in records.table(table, columns).columns), strict=True)
            found[table] = sorted(rows, key=repr)
    return found


@st.composite
def streams(draw, dataset):
    """Every row at least once, in any order, cut into batches that come by any door, some of them twice."""
    rows = draw(st.permutations([*ROWS[dataset], *draw(st.lists(st.sampled_from(ROWS[dataset]), max_size=6))]))
    cuts = sorted(draw(st.sets(st.integers(1, len(rows) - 1), max_size=4)))
    batches = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    again = draw(st.lists(st.sampled_from(batches), max_size=2))
    doors = st.sampled_from(["api", "file", "row by row"])
    return [(batch, draw(doors)) for batch in [*batches, *again]]


@pytest.mark.parametrize("dataset", list(ROWS))
def test_in_any_order_and_pieces_the_end_is_the_same(opened, dataset):
    with opened() as records:
        send(records, dataset, ROWS[dataset], "file")
        wanted = state(records, dataset)
        assert all(wanted.values())

    @quick
    @given(stream=streams(dataset))
    def check(stream):
        with opened() as records:
            for batch, how in stream:
                send(records, dataset, batch, how)
            assert state(records, dataset) == wanted
            before = records.table("imports", ["id"]).num_rows
            for batch, how in stream:
                send(records, dataset, batch, how)
            assert state(records, dataset) == wanted
            assert records.table("imports", ["id"]).num_rows == before + len(stream)

    check()


def message(name, order, minute, *products, user="c1"):
    return Message(
        event=name, message_id=f"{name} {order} {minute}", user_id=user, anonymous_id="a1",
        timestamp=f"2024-01-0{1 + int(order)}T10:{minute:02}:00Z",
        properties={"order_id": order, "products": [{"product_id": p, "price": 5} for p in products]},
    )  # fmt: skip


MESSAGES = [
    message("Order Completed", "1", 0, "A", "B", "C"),
    message("Order Completed", "1", 1, "A", "B"),
    message("Order Completed", "2", 0, "A"),
    message("Order Cancelled", "2", 9, "A"),
    message("Order Refunded", "1", 30, "B"),
    message("Order Completed", "3", 0, "X", "Y", "Z"),
    Message(event="Product Viewed", message_id="v", user_id="c1", timestamp="2024-01-01T09:00:00Z"),
]  # fmt: skip
FILED = tuple(line(source="events", order_id="3", line_id=str(n), product_id=p) for n, p in enumerate("XG", 1))
"""The orders file has its own word on order 3."""


def tell(records, messages, how):
    rows = to_rows(messages, NOW, "batch")
    told = orders_told(messages, NOW, "events").tables
    if how == "api":
        records.append_events(rows, NOW, told)
        return
    import_id = records.start_import("events", "events.jsonl", "Segment events", NOW, None)
    for table, columns, some in [("events", COLUMNS["events"], rows), *told]:
        records.import_rows(import_id, table, columns, some)
    records.commit_import(import_id, NOW, "{}")


@st.composite
def histories(draw):
    sent = draw(st.permutations([*MESSAGES, *draw(st.lists(st.sampled_from(MESSAGES), max_size=4))]))
    cuts = sorted(draw(st.sets(st.integers(1, len(sent) - 1), max_size=5)))
    steps = [
        (sent[a:b], draw(st.sampled_from(["api", "file"]))) for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)
    ]
    steps.insert(draw(st.integers(0, len(steps))), (FILED, "orders"))
    return steps


@settings(quick, max_examples=25)
@given(steps=histories())
def test_orders_that_events_and_files_tell_of_are_the_same_in_any_order(opened, steps):
    with opened() as records:
        for sent, how in steps:
            send(records, "orders", list(sent), "api") if how == "orders" else tell(records, sent, how)
        lines = records.table("order_lines", ["order_id", "line_id", "product_id", "status"])
        assert sorted(zip(*(column.to_pylist() for column in lines.columns), strict=True)) == [
            ("1", "1", "A", "placed"), ("1", "2", "B", "placed"), ("2", "1", "A", "cancelled"), ("3", "1", "X", "placed"),
            ("3", "2", "G", "placed"),
        ]  # fmt: skip
        heads = records.table("orders", ["order_id", "status", "ordered_at"]).to_pylist()
        assert sorted((one["order_id"], one["status"]) for one in heads) == [
            ("1", "placed"), ("2", "cancelled"), ("3", "placed"),
        ]  # fmt: skip
        assert {one["ordered_at"] for one in heads if one["order_id"] == "1"} == {1_704_189_660_000_000}
        assert records.table("returns", ["order_id", "product_id"]).to_pylist() == [
            {"order_id": "1", "product_id": "B"}
        ]
        assert records.table("events", ["id"]).num_rows == len(MESSAGES)
        records.refresh_person_states()
        assert records.person("customer:c1").owned == {"A", "X", "G"}
