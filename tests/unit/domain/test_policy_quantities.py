"""Quantities as people write them: the shortest writing that gives exactly the same again."""

from datetime import UTC, datetime, time, timedelta, timezone

import pytest

from crosslift.domain.policy_forms import Reading, Vocabulary, Wrong
from crosslift.domain.policy_quantities import Clock, Moment, Number, Share, Span

SEOUL = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("form", "value", "written"),
    [
        (Number(is_whole=True), 3, "3"),
        (Number(), 0.1, "0.1"),
        (Share(), 0.2, '"20 %"'),
        (Share(), 0.0725, '"7.25 %"'),
        (Share(), 0.29, '"29 %"'),
        (Share(), 1 / 3, "0.3333333333333333"),
        (Share(high=None), 2.5, '"250 %"'),
        (Span(), 1.0, '"1 day"'),
        (Span(), 1.5, '"36 hours"'),
        (Span(), 1 / 1440, '"1 minute"'),
        (Span(), 0.3, '"432 minutes"'),
        (Span(), 1 / 7, '"0.14285714285714285 days"'),
        (Span(may_be_zero=True), 0.0, '"0 days"'),
        (Span("second"), 5.0, '"5 seconds"'),
        (Span("second"), 90.0, '"90 seconds"'),
        (Span("second"), 120.0, '"2 minutes"'),
        (Span("second"), 0.25, '"0.25 seconds"'),
        (Clock(), time(21), '"21:00"'),
        (Clock(), time(21, 0, 5), '"21:00:05"'),
        (Moment(), datetime(2026, 5, 1, tzinfo=SEOUL), "2026-05-01T00:00:00+09:00"),
        (Moment(), datetime(2026, 5, 1, tzinfo=timezone(timedelta(seconds=30))), "2026-04-30T23:59:30+00:00"),
    ],
)
def test_a_quantity_is_written_as_people_say_it(form, value, written):
    assert form.write(value) == written
    if not isinstance(form, Moment):  # TOML reads an instant by itself
        raw = written.strip('"') if written.startswith('"') else float(written)
        assert read(form, int(written) if written.isdigit() else raw) == value


def read(form, raw):
    return form.read(raw, (), Reading(Vocabulary()))


@pytest.mark.parametrize(
    ("form", "raw", "value"),
    [
        (Share(), "20%", 0.2),
        (Share(), 1, 1.0),
        (Span(), "2 weeks", 14.0),
        (Span(), "1day", 1.0),
        (Span("second"), "1 hour", 3600.0),
        (Clock(), time(21), time(21)),
        (Moment(), datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)),
    ],
)
def test_other_writings_are_read_too(form, raw, value):
    assert read(form, raw) == value


@pytest.mark.parametrize(
    ("form", "raw"),
    [(Share(), "20"), (Share(), -0.1), (Share(), True), (Span(), "7"), (Span(), "-7 days"), (Span(), "200 years"),
     (Span(), "1e300 days"), (Clock(), "9pm"), (Clock(), "24:00"), (Moment(), datetime(2026, 5, 1)), (Number(), float("inf")),  # noqa: DTZ001
     (Number(0), -1), (Number(is_whole=True), 1.0)],
)  # fmt: skip
def test_what_is_no_such_quantity_is_refused(form, raw):
    with pytest.raises(Wrong):
        read(form, raw)
