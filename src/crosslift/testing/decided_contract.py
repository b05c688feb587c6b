"""What every engine of frames has to keep of the log of decisions: its columns are the log's, whatever came or went since."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from crosslift.store.frames import Frames
from crosslift.store.ports import Records
from crosslift.testing.records_rows import DAY, MONDAY, slim


class DecidedContract:
    """Part of `frames_contract.FramesContract`, whose fixtures it uses."""

    def test_decisions_are_read_from_their_files_and_the_last_day_from_the_log(
        self, records: Records, frames: Frames
    ) -> None:
        """Each once, whatever came since: a day whose decisions are others than its file's is written anew."""
        decided(records, 0, 1, 2)
        assert told(frames) == ["d0", "d1", "d2"]
        assert len(records.part_files("decisions")) == 2
        records.record_decisions([on_day("late", 1)], [])
        assert told(frames) == ["d0", "d1", "d2", "late"]
        assert frames.refresh_decisions(read) == 0
        assert told(frames, MONDAY + DAY, MONDAY + 2 * DAY) == ["d1", "late"]
        [row] = frames.decisions(read, MONDAY, MONDAY + 1, ("code", "products", "sources", "identity")).to_pylist()
        assert row == {"code": "body", "products": ["P"], "sources": ["kind"], "identity": "customer:c1"}

    def test_files_that_are_lost_are_made_again(
        self, records: Records, frames: Frames, elsewhere: tuple[Records, Frames]
    ) -> None:
        """The records are the truth; another process finds what one wrote."""
        decided(records, 0, 1, 2)
        assert frames.refresh_decisions(read) == 2
        assert elsewhere[1].refresh_decisions(read) == 0
        frames.discard(records.part_files("decisions"))
        assert told(elsewhere[1]) == ["d0", "d1", "d2"]
        assert frames.refresh_decisions(read) == 0

    def test_whoever_is_erased_is_in_no_file_of_decisions(self, records: Records, frames: Frames) -> None:
        """Files of other days stay; what is written anew has the tombstone."""
        decided(records, 0, 1, 2)
        records.record_decisions([on_day("other", 1, "customer:c2")], [])
        frames.refresh_decisions(read)
        kept = set(records.part_files("decisions"))
        records.erase({"erased:x": ["customer:c2"]}, MONDAY + 3 * DAY)
        frames.refresh()
        assert len(kept - set(records.part_files("decisions"))) == 1
        found = frames.decisions(read, MONDAY, MONDAY + 9 * DAY, ("decision_id", "identity")).to_pylist()
        assert {row["decision_id"]: row["identity"] for row in found} == {
            "d0": "customer:c1", "d1": "customer:c1", "d2": "customer:c1", "other": "erased:x",
        }  # fmt: skip

    def test_a_day_is_not_listed_if_somebody_was_erased_while_it_was_written(
        self, records: Records, frames: Frames
    ) -> None:
        """The file was read before: its day stays to be written."""
        decided(records, 0, 1)

        def erasing(bodies: pa.ChunkedArray) -> Mapping[str, pa.Array]:
            records.erase({"erased:x": ["customer:c1"]}, MONDAY + 3 * DAY)
            return read(bodies)

        frames.refresh_decisions(erasing)
        assert MONDAY // DAY in records.dirty_days("decisions")
        found = frames.decisions(read, MONDAY, MONDAY + 9 * DAY, ("identity",))
        assert found["identity"].to_pylist() == ["erased:x", "erased:x"]
        assert len(records.part_files("decisions")) == 1


def decided(records: Records, *days: int) -> None:
    """Record a decision on each of some days."""
    records.record_decisions([on_day(f"d{day}", day) for day in days], [])


def on_day(decision_id: str, day: int, identity: str = "customer:c1") -> tuple[Any, ...]:
    """Build a decision of a day."""
    row = slim(decision_id, identity)
    return (row[0], MONDAY + day * DAY, *row[2:])


def read(bodies: pa.ChunkedArray) -> Mapping[str, pa.Array]:
    """Read the bodies of `slim`, which are none."""
    n = len(bodies)
    return {
        "code": bodies.cast(pa.string()), "products": pa.array([["P"]] * n, pa.list_(pa.string())),
        "sources": pa.array([["kind"]] * n, pa.list_(pa.string())),
    }  # fmt: skip


def told(frames: Frames, since: int = MONDAY, until: int = MONDAY + 9 * DAY) -> list[str]:
    """Name the decisions of a time."""
    return sorted(frames.decisions(read, since, until, ("decision_id",))["decision_id"].to_pylist())
