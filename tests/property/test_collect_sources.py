"""Exports that were damaged on their way: read or refused, never anything else; where batches end makes no difference."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.collect.recognition import Options, look
from crosslift.errors import BadInput
from crosslift.settings import Settings
from crosslift.testing.demo.samples import samples

DEFAULTS = Settings.load(environment={})
EDITS = st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 40), st.binary(max_size=6)), min_size=1, max_size=6)
BEGINNINGS = st.sampled_from(
    [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<rss>", b"\xff\xfe", b"\xfe\xff", b"<?xml"]
)
calmly = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path, step=None):
    """Read a file to its end as what it seems to be; give its canonical rows."""
    known = look(path, DEFAULTS, Options(accept=True))
    found = {}
    for whole in known.table.batches():
        if known.schema is None:
            continue
        batch = whole.select(known.table.columns)
        size = step or max(batch.num_rows, 1)
        for start in range(0, batch.num_rows, size):
            for name, column in known.renamer.rename(batch.slice(start, size)).columns.items():
                found.setdefault(name, []).extend(column.to_pylist())
    known.renamer.findings()
    return found


def is_read_or_refused(path):
    refused = str(path)
    try:
        read(path)
    except BadInput as error:
        refused = str(error)
    return refused.startswith(str(path)) and len(refused) < 4_000


@settings(calmly, max_examples=150)
@given(st.sampled_from(samples()), EDITS)
def test_a_damaged_export_is_read_or_refused(tmp_path, sample, edits):
    content = bytearray(sample.content)
    for place, n_gone, put in edits:
        start = place % (len(content) + 1)
        content[start : start + n_gone] = put
    path = tmp_path / "file"
    path.write_bytes(bytes(content))
    assert is_read_or_refused(path)


@settings(calmly, max_examples=60)
@given(BEGINNINGS, st.binary(max_size=600))
def test_what_only_begins_like_a_known_kind_is_read_or_refused(tmp_path, beginning, rest):
    path = tmp_path / "file"
    path.write_bytes(beginning + rest)
    assert is_read_or_refused(path)


@settings(calmly, max_examples=60)
@given(st.sampled_from([sample for sample in samples() if sample.dataset != "events"]), st.integers(1, 7))
def test_rows_are_the_same_wherever_batches_end(tmp_path, sample, step):
    path = tmp_path / "file"
    path.write_bytes(sample.content)
    assert read(path, step) == read(path)
