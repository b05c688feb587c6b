"""Exports written by hand, read as what they are recognized to be."""

import csv
import io
from dataclasses import dataclass, field

import pytest

from crosslift.collect.recognition import Options, look
from crosslift.settings import Settings


@dataclass
class Renamed:
    """What became of a file: its format, canonical columns, where each row was, what was noticed."""

    format: str
    columns: dict = field(default_factory=dict)
    origins: list = field(default_factory=list)
    findings: dict = field(default_factory=dict)

    def rows(self, *names):
        return list(zip(*(self.columns[name] for name in names), strict=True))


def as_csv(header, rows, mark=",", encoding="utf-8"):
    """Write rows given as dicts or lists under their header."""
    stream = io.StringIO(newline="")
    out = csv.writer(stream, delimiter=mark)
    out.writerow(header)
    out.writerows([row.get(name, "") for name in header] if isinstance(row, dict) else row for row in rows)
    return stream.getvalue().encode(encoding)


@pytest.fixture
def written_out():
    """Give rows as the bytes of a file: `written_out(HEADER, [row])`."""
    return as_csv


@pytest.fixture
def renamed(write):
    """Rename a file as it is recognized, confirmed where it must be: `renamed(HEADER, [row], "a.csv")`."""

    def give(header, rows, name="a.csv", settings=None, batch_rows=None, mark=",", encoding="utf-8"):
        path = write(name, as_csv(header, rows, mark, encoding))
        return read(path, settings, batch_rows)

    return give


@pytest.fixture
def renamed_text(write):
    """The same for a file given as it stands."""

    def give(content, name="a.csv", settings=None):
        return read(write(name, content), settings, None)

    return give


def read(path, settings, batch_rows):
    known = look(path, Settings.load(settings, environment={}), Options(accept=True))
    found = Renamed(known.format)
    n_before = 0
    for whole in known.table.batches():
        step = batch_rows or whole.num_rows
        for batch in (whole.slice(start, step) for start in range(0, whole.num_rows, step)):
            one = known.renamer.rename(batch)
            for name, column in one.columns.items():
                found.columns.setdefault(name, []).extend(column.to_pylist())
            n_rows = len(next(iter(one.columns.values())))
            found.origins += [n_before + place for place in (range(n_rows) if one.origin is None else one.origin)]
            n_before += batch.num_rows
    found.findings = {finding.code: finding for finding in known.renamer.findings()}
    return found
