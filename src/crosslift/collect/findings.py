"""What was noticed in the data: counted, sampled, with its effect on offers and what to do."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much it matters for offers."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of oddity, said so that a merchant understands it.

    `samples` holds at most three real cases; `effect` says what it does to offers, `remedy` what to do.
    """

    code: str
    severity: Severity
    count: int
    message: str
    effect: str
    remedy: str
    samples: tuple[str, ...] = ()


@dataclass(slots=True)
class ImportReport:
    """What one `collect` did; `notes` say how the file was read where that is not plain (encoding, sheet, skipped rows)."""

    import_id: int | None
    dataset: str
    source: str
    format: str
    state: str
    n_read: int = 0
    n_new: int = 0
    n_same: int = 0
    n_replaced: int = 0
    n_refused: int = 0
    seconds: float = 0.0
    mapping: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    preview: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def conflicts(self) -> int:
        """Rows that came again with other content and no newer `updated_at`."""
        return sum(f.count for f in self.findings if f.code == "conflict")

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return asdict(self)


def three(values: Iterable[object]) -> tuple[str, ...]:
    """Take the first three distinct values as samples.

    Examples
    --------
    >>> three(["a", "a", "b", "c", "d"])
    ('a', 'b', 'c')
    """
    seen: dict[str, None] = {}
    for value in values:
        seen.setdefault(str(value))
        if len(seen) == 3:
            break
    return tuple(seen)
