"""The part of the records port that remembers who did what: a chain that is only ever added to (`domain.audit`)."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from crosslift.domain.audit import Entry, Head, Link


class AuditRecords(Protocol):
    """The audit. Whoever changes intent, consent, keys or roles writes its entry in the transaction of the change."""

    def append_audit(self, entry: Entry) -> int:
        """Write down what changes no record, such as an export; gives its number. The actor is who acts in this context."""

    def audit(
        self, before: int | None = None, limit: int = 100, action: str = "", people: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """Give entries, newest first.

        Parameters
        ----------
        before : int, optional
            Only entries with a smaller number.
        action : str
            Only what begins so, such as `policy.`.
        people : sequence of str
            Only what is about one of these identities; nothing for somebody erased.
        """

    def audit_chain(self) -> Iterator[Link]:
        """Give every entry in order, as it is kept."""

    def audit_head(self) -> Head | None:
        """Give the newest entry as it is kept beside the chain; None before the first."""
