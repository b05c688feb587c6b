"""Any sequence of files, puts and removals leaves the links and bundles the rules say, for every process alike."""

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.store import migrate
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.curation_contract import bundle, link
from crosslift.testing.records_rows import begin

quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
LINKS = st.fixed_dictionaries({
    "end": st.sampled_from("BC"),
    "kind": st.sampled_from(["complement", "fits"]),
    "action": st.sampled_from(["link", "ban", "remove"]),
    "expires_at": st.sampled_from([None, 5, 15]),
    "updated_at": st.sampled_from([None, 1, 2, 3]),
})  # fmt: skip
BUNDLES = st.fixed_dictionaries({
    "bundle_id": st.sampled_from("ST"),
    "parts": st.sampled_from(["AB", "ABC", "CD"]),
    "updated_at": st.sampled_from([None, 1, 2, 3]),
})  # fmt: skip
FILES = st.lists(
    st.tuples(
        st.lists(LINKS, max_size=4),
        st.lists(BUNDLES, max_size=2, unique_by=lambda one: one["bundle_id"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    path = tmp_path_factory.mktemp("blank") / "records.db"
    migrate.ensure_current(path)
    return path


def no_older(at, before):
    return at is None or before is None or at >= before


def told(model, key, content, at):
    """Say what becomes of one key: the model keeps the content and the time it was last told with."""
    old = model.get(key)
    if old is None or (old[0] != content and no_older(at, old[1])):
        model[key] = (content, at)


@quick
@given(FILES)
def test_what_stands_is_what_was_last_said(blank, tmp_path_factory, files):
    path = shutil.copy(blank, tmp_path_factory.mktemp("shop") / "records.db")
    records, other = SqliteRecords(path), SqliteRecords(path)
    links, bundles = {}, {}
    number = 0
    for said, sets, commits in files:
        for dataset, rows, model in (
            ("links", [link(**one) for one in said], links),
            ("bundles", [row for one in sets for row in _parts(**one)], bundles),
        ):
            if not rows:
                continue
            before = dict(model)
            import_id, _ = begin(records, dataset, tuple(rows))
            if not commits:
                records.abandon_import(import_id, 1)
                continue
            records.commit_import(import_id, 1, "{}")
            for one in said if dataset == "links" else sets:
                at = one["updated_at"]
                if dataset == "links":
                    told(model, (one["end"], one["kind"]), (one["action"], one["expires_at"]), at)
                else:
                    told(model, one["bundle_id"], one["parts"], at)
            newer = other.person(None).change_number
            assert newer >= number + (model != before)
            changed = {"links": other.links_changed_since, "bundles": other.bundles_changed_since}[dataset]
            assert changed(number) == (newer > number)
            number = newer
    for now in (0, 10, 20):
        for store in (records, other):
            found = {(r["to_id"], r["kind"]): (r["action"], r["expires_at"]) for r in store.links(now)[1].to_pylist()}
            assert found == {
                key: content
                for key, (content, _) in links.items()
                if content[0] != "remove" and (content[1] is None or content[1] > now)
            }
    seen = {}
    for row in other.bundles()[1].to_pylist():
        seen[row["bundle_id"]] = seen.get(row["bundle_id"], "") + row["product_id"]
    assert seen == {name: parts for name, (parts, _) in bundles.items()}
    for store in (records, other):
        store.close()


def _parts(bundle_id, parts, updated_at):
    return bundle(*parts, digest=hash(parts) % 1_000_003, bundle_id=bundle_id, updated_at=updated_at)
