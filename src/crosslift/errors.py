"""Every error crosslift raises, in one short tree.

    CrossliftError
    ├── TryAgain                 transient: the same call may succeed later
    │   ├── Busy                 another process holds what this one needs
    │   └── NotReady             nothing learned yet, or still warming (exit 5, HTTP 503)
    └── WillNotWork              terminal: change the input or the settings first
        ├── StoreDown            the records cannot be read or written: full disk, lost folder (HTTP 503)
        ├── BadInput             the caller's data: says what, where and what to do (exit 1, HTTP 422)
        │   ├── CountsDisagree   statistics handed in that cannot all be true
        │   └── Unconfirmed      a file whose format is only proposed: somebody says yes, or names its columns
        ├── BadUsage             the call itself makes no sense (exit 2, HTTP 400)
        ├── QualityGate          the data are readable but too poor to use (exit 3)
        ├── Conflict             the same key with other content (exit 4, HTTP 409)
        ├── NotFound             an id nobody knows (HTTP 404)
        ├── NotReplayable        a decision whose inputs or snapshot are gone, or that differs now
        ├── Refused              not allowed for this caller or purpose (HTTP 401 and 403)
        └── UnknownFormat        a snapshot or home written by a newer crosslift

A message says what happened, to which id, and what to do. Each class carries a stable `code`.
"""


class CrossliftError(Exception):
    """The root: catch this to catch everything crosslift raises on purpose."""

    code = "error"
    exit_code = 1


class TryAgain(CrossliftError):
    """Transient: the same call may succeed later."""

    code = "try_again"


class Busy(TryAgain):
    """Another process holds what this one needs."""

    code = "busy"


class NotReady(TryAgain):
    """Nothing has been learned or warmed up yet."""

    code = "not_ready"
    exit_code = 5


class WillNotWork(CrossliftError):
    """Terminal: change the input or the settings first."""

    code = "will_not_work"


class StoreDown(WillNotWork):
    """The records cannot be read or written; inline contextual placements are still answered from memory."""

    code = "store_down"


class BadInput(WillNotWork):
    """The caller's data are wrong.

    Parameters
    ----------
    message : str
        What is wrong and what to do about it.
    where : str, optional
        The place: file and row, or the path inside a JSON body.
    problems : sequence of str, optional
        Further single findings, at most a handful, shown below the message.
    """

    code = "bad_input"

    def __init__(self, message: str, *, where: str | None = None, problems: tuple[str, ...] = ()) -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.where = where
        self.problems = problems


class CountsDisagree(BadInput):
    """Statistics were handed in that cannot all be true."""

    code = "counts_disagree"


class Unconfirmed(BadInput):
    """A file's format is only proposed; it is collected once somebody says yes.

    Parameters
    ----------
    message : str
        What the file seems to be and how to say yes.
    proposal : object
        The `collect.proposal.Proposal`: its columns with sample values, and what is missing.
    where : str, optional
        The file.
    """

    code = "unconfirmed"

    def __init__(self, message: str, proposal: object, *, where: str | None = None) -> None:
        super().__init__(message, where=where)
        self.proposal = proposal


class BadUsage(WillNotWork):
    """The call itself makes no sense, whatever the data."""

    code = "bad_usage"
    exit_code = 2


class QualityGate(WillNotWork):
    """The data are readable but too poor for what was asked."""

    code = "quality_gate"
    exit_code = 3


class Conflict(WillNotWork):
    """The same key came with other content."""

    code = "conflict"
    exit_code = 4


class NotFound(WillNotWork):
    """An id that nobody knows."""

    code = "not_found"


class NotReplayable(WillNotWork):
    """A decision that cannot be replayed: its inputs or its snapshot are gone."""

    code = "not_replayable"


class Refused(WillNotWork):
    """Not allowed for this caller, key or purpose."""

    code = "refused"


class UnknownFormat(WillNotWork):
    """A snapshot or home folder in a format this version does not know."""

    code = "unknown_format"
