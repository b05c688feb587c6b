"""One reading: what a report asks for twice is read once, and never longer than the report takes."""

import threading

import pyarrow as pa
import pytest

from crosslift.shop.one_reading import once, one_reading, within


class Counted:
    def __init__(self) -> None:
        self.n = 0

    def read(self) -> int:
        self.n += 1
        return self.n


def test_within_a_reading_it_is_read_once() -> None:
    one = Counted()
    with one_reading():
        assert [once(one, "number", one.read), once(one, "number", one.read)] == [1, 1]
        assert once(one, "another", one.read) == once(one, "number", one.read) + 1
        assert once(one, "number", one.read, "of this") == 3


def test_outside_of_a_reading_it_is_read_each_time() -> None:
    one = Counted()
    with one_reading():
        once(one, "number", one.read)
    assert [once(one, "number", one.read), once(one, "number", one.read)] == [2, 3]


def test_a_reading_within_a_reading_is_part_of_it() -> None:
    one = Counted()
    with one_reading():
        once(one, "number", one.read)
        with one_reading():
            once(one, "number", one.read)
        once(one, "number", one.read)
    assert one.n == 1


def test_a_reading_that_failed_is_over() -> None:
    one = Counted()
    with pytest.raises(ZeroDivisionError), one_reading():
        once(one, "number", lambda: one.read() // 0)
    once(one, "number", one.read)
    assert one.n == 2


def test_another_thread_has_a_reading_of_its_own() -> None:
    one = Counted()
    with one_reading():
        once(one, "number", one.read)
        other = threading.Thread(target=lambda: once(one, "number", one.read))
        other.start()
        other.join()
    assert one.n == 2


def test_memory_is_taken_as_before_once_it_is_over() -> None:
    before = pa.default_memory_pool().backend_name
    with one_reading():
        pass
    assert pa.default_memory_pool().backend_name == before


def test_rows_of_a_period_leave_out_its_end() -> None:
    rows = pa.table({"at": [1, 2, 3]})
    assert within(rows, 2, 3)["at"].to_pylist() == [2]
    assert within(rows, 0, 4) is rows
    assert within(rows.slice(0, 0), 0, 4).num_rows == 0
