"""Files on their way in by a page: kept until somebody has looked at what they seem to be and says yes, an hour at most."""

import secrets
import shutil
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from crosslift.errors import NotFound
from crosslift.web.pages.forms import File

KEPT_SECONDS = 3600
MOST_KEPT = 8
MOST_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits for a yes; `path` ends with the name it came under."""

    token: str
    path: Path
    who: str
    until: float


class Uploads:
    """Those of one server process; they go with it.

    Parameters
    ----------
    clock : callable
        Gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._folder = Path(mkdtemp(prefix="crosslift-upload-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._kept: dict[str, Upload] = {}

    def keep(self, file: File, who: str) -> Upload:
        """Keep a file for whoever sent it; the oldest goes where there are too many."""
        self._sweep()
        token = secrets.token_urlsafe(16)
        folder = self._folder / token
        folder.mkdir()
        path = folder / plain_name(file.name)
        path.write_bytes(file.content)
        self._kept[token] = Upload(token, path, who, self._clock() + KEPT_SECONDS)
        while len(self._kept) > MOST_KEPT:
            self.drop(next(iter(self._kept)))
        return self._kept[token]

    def get(self, token: str, who: str) -> Upload:
        """Give a file back to whoever sent it.

        Raises
        ------
        NotFound
            If it is not there any more, or somebody else's.
        """
        self._sweep()
        found = self._kept.get(token)
        if found is None or found.who != who:
            raise NotFound("this file is not kept any more; choose it again")
        return found

    def drop(self, token: str) -> None:
        """Forget a file."""
        found = self._kept.pop(token, None)
        if found is not None:
            found.path.unlink(missing_ok=True)
            found.path.parent.rmdir()

    def _sweep(self) -> None:
        now = self._clock()
        for token in [one.token for one in self._kept.values() if one.until <= now]:
            self.drop(token)


def plain_name(name: str) -> str:
    r"""Give the last part of a file's name as a plain one, whatever path a browser or somebody else wrote before it.

    Examples
    --------
    >>> plain_name("C:\\Users\\mina\\주문.csv"), plain_name("../../etc/passwd"), plain_name("..")
    ('주문.csv', 'passwd', 'file')
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(one for one in last if one.isprintable()).strip().lstrip(".")
    return kept.encode()[-120:].decode(errors="ignore") or "file"
