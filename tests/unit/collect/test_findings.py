"""What was noticed: three samples, plain values."""

import json

from crosslift.collect.findings import Finding, ImportReport, Severity, three


def test_samples_are_the_first_three_that_differ():
    assert three([]) == ()
    assert three(["a", "a", 1, "1", None, "z"]) == ("a", "1", "None")


def test_samples_are_drawn_no_further_than_needed():
    def endless():
        yield from "abc"
        raise AssertionError("a fourth sample was asked for")

    assert three(endless()) == ("a", "b", "c")


def test_conflicts_are_counted_from_the_findings():
    report = ImportReport(1, "orders", "f.csv", "canonical orders", "committed")
    assert report.conflicts == 0
    report.findings.append(Finding("conflict", Severity.ERROR, 4, "m", "e", "r"))
    report.findings.append(Finding("other", Severity.NOTE, 9, "m", "e", "r"))
    assert report.conflicts == 4


def test_a_report_is_plain_values():
    report = ImportReport(
        1, "orders", "f.csv", "x", "committed", findings=[Finding("c", Severity.NOTE, 1, "m", "e", "r", ("s",))]
    )
    assert json.loads(json.dumps(report.as_dict()))["findings"] == [
        {"code": "c", "severity": "note", "count": 1, "message": "m", "effect": "e", "remedy": "r", "samples": ["s"]},
    ]
