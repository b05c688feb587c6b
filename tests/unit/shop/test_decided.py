"""The log of decisions in columns: what a day holds comes apart into decisions and the offers they gave, and back together."""

import numpy as np
import pyarrow as pa

from crosslift.shop.decided import COLUMNS, Decided, Log
from crosslift.shop.one_reading import one_reading

DAY = 86_400_000_000
DAYS = [
    [
        ("d1", 5, "cart", "web", "anonymous:a", False, "", ["P1", "P2"], ["similar", "popular"], "personalization"),
        ("d2", 6, "home", "web", None, True, "", ["P3"], ["popular"], "personalization"),
        ("d3", 7, "home", "app", "customer:1", False, "capped", [], [], "personalization"),
    ],
    [
        ("d4", DAY + 1, "cart", "web", "customer:1", False, "", ["P1"], ["similar"], "evaluation"),
        ("d5", DAY + 2, "cart", "app", "anonymous:b", False, "", ["P3", "P1", "P2"], ["popular"] * 3, "contextual"),
    ],
]


class Files:
    """Days of decisions, as frames give them."""

    def __init__(self, days=DAYS):
        self.days, self.n_read = days, 0

    def each_decided(self, work, read, since, until, columns):
        self.n_read += 1
        return [work(table(rows).select([*columns])) for rows in self.days]

    def decisions(self, read, since, until, columns):
        return table([]).select([*columns])


class Rows:
    """What the records know of answers."""

    def table(self, name, columns, within, values):
        found = {
            "exposures": [("d5", None, DAY + 3), ("gone", None, 9)], "responses": [("d1", "P2", "click", 8)],
        }[name]  # fmt: skip
        lists = list(zip(*found, strict=True))
        return pa.table({column: pa.array(values) for column, values in zip(columns, lists, strict=True)})


def table(rows):
    lists = pa.list_(pa.string())
    kinds = [pa.string(), pa.int64(), *[pa.string()] * 3, pa.bool_(), pa.string(), lists, lists, pa.string()]
    columns = list(zip(*rows, strict=True)) if rows else [[]] * len(kinds)
    return pa.table({
        name: pa.array(list(values), kind) for name, values, kind in zip((*COLUMNS, "purpose"), columns, kinds, strict=True)
    })  # fmt: skip


def decided(files=None):
    people = pa.table({"identity": ["anonymous:b"], "person_id": ["customer:1"]})
    return Decided(Rows(), files or Files(), lambda: people, {"measure.click_days": 7})


def told(log: Log, *columns):
    found = log.given(columns)
    names = (*columns, "product", "source")
    return list(zip(*(found[name].to_pylist() for name in names), strict=True))


def test_an_offer_has_a_row_and_what_its_decision_says() -> None:
    assert told(decided().of(0, 2 * DAY), "decision_id", "placement", "at") == [
        ("d1", "cart", 5, "P1", "similar"), ("d1", "cart", 5, "P2", "popular"),
        ("d5", "cart", DAY + 2, "P3", "popular"), ("d5", "cart", DAY + 2, "P1", "popular"),
        ("d5", "cart", DAY + 2, "P2", "popular"),
    ]  # fmt: skip


def test_what_was_withheld_is_decided_and_not_given_and_evaluations_are_neither() -> None:
    log = decided().of(0, 2 * DAY)
    assert log.rows["decision_id"].to_pylist() == ["d1", "d2", "d3", "d5"]
    assert "d2" not in {row[0] for row in told(log, "decision_id")}


def test_a_unit_is_the_person_an_identity_belongs_to_and_nobody_where_none_was_named() -> None:
    assert decided().of(0, 2 * DAY).rows["unit"].to_pylist() == ["anonymous:a", None, "customer:1", "customer:1"]


def test_part_of_a_period_gives_its_own_offers() -> None:
    log = decided().of(0, 2 * DAY).within(DAY, 2 * DAY)
    assert {row[0] for row in told(log, "decision_id")} == {"d5"}
    assert log.given(("unit",)).num_rows == 3


def test_answers_know_their_decision_by_its_number_or_by_none() -> None:
    log = decided().of(0, 2 * DAY)
    number = dict(zip(log.rows["decision_id"].to_pylist(), log.rows["number"].to_pylist(), strict=True))
    assert log.seen["number"].to_pylist() == [number["d5"], None]
    assert log.said.select(["number", "product_id", "action"]).to_pylist() == [
        {"number": number["d1"], "product_id": "P2", "action": "click"}
    ]
    assert log.numbers.of(pa.chunked_array([["d3", "nobody"]])).to_pylist() == [number["d3"], None]


def test_no_decision_at_all_is_an_empty_log() -> None:
    log = decided(Files([])).of(0, 2 * DAY)
    assert (log.rows.num_rows, log.given(("decision_id", "unit", "at")).num_rows) == (0, 0)
    assert log.seen["number"].to_pylist() == [None, None]


def test_a_reading_opens_the_files_once_for_periods_within_each_other() -> None:
    files = Files()
    log = decided(files)
    with one_reading():
        whole, part = log.of(0, 2 * DAY), log.of(DAY, 2 * DAY)
    assert files.n_read == 1
    assert part.rows.num_rows < whole.rows.num_rows
    assert np.asarray(part.rows["number"]).tolist() == whole.rows["number"].to_pylist()[-1:]
