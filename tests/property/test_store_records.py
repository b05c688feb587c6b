"""Records and frames against a model of twenty lines: any sequence of imports, edits, abandoned ones, seen by two instances."""

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.store import migrate
from crosslift.store.duckdb import DuckdbFrames
from crosslift.store.parts import COPIES
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.records_rows import DAY, MONDAY, begin, event, line

quick = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])

ROWS = st.fixed_dictionaries({
    "source": st.sampled_from(["web", "till"]),
    "order_id": st.sampled_from(["1", "2"]),
    "line_id": st.sampled_from(["a", "b"]),
    "quantity": st.integers(1, 3),
    "day": st.integers(0, 2),
    "updated_at": st.sampled_from([None, 1, 2, 3]),
})  # fmt: skip
IMPORTS = st.lists(
    st.tuples(st.lists(st.lists(ROWS, min_size=1, max_size=5), min_size=1, max_size=3), st.booleans(), st.booleans()),
    min_size=1,
    max_size=6,
)


class Model:
    """DESIGN 2b.1 in plain Python: what is visible, and what ever was."""

    def __init__(self):
        self.visible = {}
        self.history = {}

    def imported(self, rows, commits):
        own, counts, seen = {}, {"new": 0, "same": 0, "replaced": 0, "conflict": 0}, {}
        for row in rows:
            key = (row["source"], row["order_id"], row["line_id"])
            content, at = (row["quantity"], row["day"]), row["updated_at"]
            old = own.get(key) or self.visible.get(key)
            if old is None:
                verdict = "new"
            elif at is not None and at > (old[1] or 0):
                verdict = "replaced"
            elif old[0] == content or content in self.history.get(key, set()) or content in seen.get(key, set()):
                verdict = "same"
            else:
                verdict = "conflict"
            counts[verdict] += 1
            if verdict in ("new", "replaced"):
                own[key] = (content, at)
                seen.setdefault(key, set()).add(content)
        if commits:
            self.visible.update(own)
            for key, contents in seen.items():
                self.history.setdefault(key, set()).update(contents)
        return counts, {content[1] for content, _ in own.values()}


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    path = tmp_path_factory.mktemp("blank") / "records.db"
    migrate.ensure_current(path)
    return path


@pytest.fixture
def opened(blank, tmp_path_factory):
    """Open a new store as often as asked; all are closed at the end."""
    stores = []

    def give(folder=None):
        if folder is None:
            folder = tmp_path_factory.mktemp("shop")
            shutil.copy(blank, folder / "records.db")
        records = SqliteRecords(folder / "records.db")
        stores.append(records)
        return records, DuckdbFrames(records, folder / "parts"), folder

    yield give
    for records in stores:
        records.close()


def built(row):
    return line(**{name: value for name, value in row.items() if name != "day"}, ordered_at=MONDAY + row["day"] * DAY)


def visible(records):
    table = records.table("order_lines", ["source", "order_id", "line_id", "quantity", "ordered_on", "updated_at"])
    return {(r[0], r[1], r[2]): ((r[3], r[4] - 19_723), r[5]) for r in zip(*table.to_pydict().values(), strict=True)}


@quick
@given(IMPORTS)
def test_any_sequence_of_imports_leaves_what_the_rules_say(opened, imports):
    records, frames, folder = opened()
    other, elsewhere, _ = opened(folder)
    model = Model()
    for batches, commits, reads in imports:
        before = visible(other)
        import_id, outcome = begin(records, "orders", *([built(row) for row in batch] for batch in batches))
        counts, _ = model.imported([row for batch in batches for row in batch], commits)
        assert (outcome.n_new, outcome.n_same, outcome.n_replaced, len(outcome.conflicts)) == tuple(counts.values())
        assert visible(other) == before
        if commits:
            records.commit_import(import_id, MONDAY, "{}")
        else:
            records.abandon_import(import_id, MONDAY)
        assert visible(records) == visible(other) == model.visible
        if reads:
            assert_copied(frames, records)
    assert_copied(elsewhere, records)
    assert {row[:2] for row in model.visible} == {
        (r["source"], r["order_id"]) for r in records.table("orders", ["source", "order_id"]).to_pylist()
    }
    for store in (records, other):
        store.close()


def assert_copied(frames, records):
    """The columnar copy equals the visible rows, and a second refresh has nothing left to do."""
    assert frames.order_lines() == records.table("order_lines", COPIES["order_lines"][1])
    assert frames.refresh() == 0


@quick
@given(st.lists(st.lists(ROWS, min_size=1, max_size=6), min_size=1, max_size=5))
def test_a_refresh_rewrites_exactly_the_days_an_import_touched(opened, imports):
    records, frames, _ = opened()
    model = Model()
    for rows in imports:
        days = {key: content[1] for key, (content, _) in model.visible.items()}
        import_id, outcome = begin(records, "orders", [built(row) for row in rows])
        model.imported(rows, commits=True)
        records.commit_import(import_id, MONDAY, "{}")
        changed = {key: c[1] for key, (c, _) in model.visible.items()}
        sure = {day for key, day in changed.items() if key not in days} | {
            day for key in days for day in (days[key], changed[key]) if days[key] != changed[key]
        }
        touched = set(records.dirty_days("order_lines"))
        assert (
            {19_723 + day for day in sure}
            <= touched
            <= {19_723 + day for day in (*days.values(), *(r["day"] for r in rows))}
        )
        assert bool(touched) == bool(outcome.n_new or outcome.n_replaced)
        assert frames.refresh() == len(touched)
    records.close()


@quick
@given(st.lists(st.one_of(st.integers(0, 12), st.just("seal"), st.just("die"), st.just("other")), max_size=25))
def test_every_event_counts_once_through_sealing_dying_and_repeating(opened, steps):
    records, frames, folder = opened()
    other, elsewhere, _ = opened(folder)
    known = set()
    for step in steps:
        if step == "seal":
            frames.seal(at_least=1)
        elif step == "other":
            elsewhere.seal(at_least=1)
        elif step == "die":
            died_before_listing(records, folder)
        else:
            assert records.append_events([event(step, at=step)], MONDAY) == (step not in known)
            known.add(step)
        assert sorted(elsewhere.events().column("at").to_pylist()) == sorted(known)
        ids = frames.events().column("id").to_pylist()
        assert len(set(ids)) == len(ids) == len(known)
    for store in (records, other):
        store.close()


def died_before_listing(records, folder):
    """The part is written, the process is gone before it could list it."""
    from crosslift.store.parts import write_part

    def write(rows):
        write_part(rows, folder / "parts" / "events", "stray")
        raise KeyboardInterrupt

    if records.table("events", ["id"]).num_rows:
        with pytest.raises(KeyboardInterrupt):
            records.seal_events(write, 100)
