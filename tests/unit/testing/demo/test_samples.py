"""Sample files: each is what it says, collected end to end into a fresh shop."""

import pytest

from crosslift.errors import Unconfirmed
from crosslift.shop import Shop
from crosslift.testing.demo.samples import samples, write
from crosslift.web.pages.files import STATIC

SAMPLES = samples()
SEOUL = {"shop.time_zone": "Asia/Seoul", "shop.currency": "USD"}


@pytest.fixture(autouse=True)
def _no_compiler(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")


def named(name):
    return next(sample for sample in SAMPLES if sample.name == name)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_it_is_collected_as_what_it_is(sample, tmp_path):
    path = tmp_path / sample.name
    path.write_bytes(sample.content)
    with Shop(tmp_path / "home", SEOUL) as shop:
        if not sample.is_certain:
            with pytest.raises(Unconfirmed):
                shop.collect(path)
        [report] = shop.collect(path, accept=not sample.is_certain)
        assert (report.format, report.dataset, report.n_new) == (sample.format, sample.dataset, sample.n_rows)
        table = {"orders": "order_lines", "events": "events"}.get(sample.dataset, sample.dataset)
        assert shop.records.table(table, ["id"]).num_rows == sample.n_rows
        assert {finding.code for finding in report.findings} <= {
            "left_out", "consent_not_invented", "currency_assumed", "unknown_product", "links_not_collected",
        }  # fmt: skip
        n_told = shop.records.table("order_lines", ["id"]).num_rows if sample.dataset == "events" else 0
        told = shop.undo_import()
        assert (told["n_gone"] - n_told, shop.records.table(table, ["id"]).num_rows) == (sample.n_rows, 0)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("cafe24_orders_cp949.csv", "read as CP949"), ("till_cp949.csv", "read as CP949"),
        ("ec_cube_orders_shift_jis.csv", "read as Shift_JIS"), ("rakuten_orders_shift_jis.csv", "read as Shift_JIS"),
        ("till_shift_jis.csv", "read as Shift_JIS"), ("smartstore_orders.xlsx", "1 title row above the names skipped"),
    ],
)  # fmt: skip
def test_how_it_was_read_is_said(name, note, tmp_path):
    path = tmp_path / name
    path.write_bytes(named(name).content)
    with Shop(tmp_path / "home", SEOUL) as shop:
        [report] = shop.collect(path, accept=True, dry_run=True)
    assert report.notes[0] == note


def test_the_same_seed_gives_the_same_bytes_and_another_others():
    assert samples.__wrapped__(7) == SAMPLES
    assert samples.__wrapped__(8) != SAMPLES


def test_every_language_and_kind_of_file_is_there():
    assert {sample.language for sample in SAMPLES} == {"en", "ko", "ja"}
    assert {sample.name.rpartition(".")[2] for sample in SAMPLES} == {"csv", "tsv", "xml", "xlsx", "jsonl"}
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)


def test_what_the_web_serves_is_what_is_generated(tmp_path):
    """Where this fails, write them again: `crosslift collect --samples src/crosslift/web/static/samples`."""
    written = {path.name: path.read_bytes() for path in write(tmp_path / "new")}
    assert {path.name: path.read_bytes() for path in (STATIC / "samples").iterdir()} == written
