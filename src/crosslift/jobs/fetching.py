"""Files to collect: those that lie in a folder, and those behind an address."""

import shutil
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from crosslift.errors import BadInput, TryAgain, WillNotWork

STILL_SECONDS = 30
"""A file that was written to so lately may not be whole yet; it is taken the next time."""
WAIT_SECONDS = 60
BLOCK = 1 << 20


def files_in(folder: Path, now: float) -> list[Path]:
    """Give the files of a folder that nobody writes to any more, by name; hidden ones are nobody's business.

    Parameters
    ----------
    now : float
        Seconds since 1970.

    Raises
    ------
    BadInput
        If there is no such folder.
    """
    try:
        found = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}; see jobs.collect_from", where=str(folder)) from error
    return [path for path in found if not 0 <= now - path.stat().st_mtime < STILL_SECONDS]


def fetch(address: str, folder: Path) -> Path:
    """Bring the file behind an address into a folder, whole or not at all; whoever wrote the settings chose the address.

    Raises
    ------
    BadInput
        If it is no http(s) address, or says that the file is not there.
    TryAgain
        If it does not answer now.
    WillNotWork
        If the disk is full.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput("is no http(s) address; see jobs.collect_from", where=address)
    name = PurePosixPath(unquote(parts.path)).name or "file"
    place = folder / blake2b(address.encode(), digest_size=8).hexdigest()
    target, hidden = place / name.replace("/", "_"), place / ".fetching"
    try:
        place.mkdir(parents=True, exist_ok=True)
        _download(address, hidden)
        hidden.rename(target)
    except HTTPError as error:
        if error.code >= 500 or error.code in (408, 429):
            raise TryAgain(f"{address} answers {error.code} now") from error
        raise BadInput(f"answers {error.code}; see jobs.collect_from", where=address) from error
    except (URLError, TimeoutError, ConnectionError) as error:
        raise TryAgain(f"{address} does not answer now: {getattr(error, 'reason', error)}") from error
    except OSError as error:
        raise WillNotWork(f"cannot write {target}: {error.strerror}; free space or fix the permissions") from error
    finally:
        with suppress(OSError):
            hidden.unlink(missing_ok=True)
    return target


def _download(address: str, hidden: Path) -> None:
    request = Request(address, headers={"User-Agent": "crosslift"})  # noqa: S310 - the kind was checked
    with urlopen(request, timeout=WAIT_SECONDS) as answer, hidden.open("wb") as file:  # noqa: S310 - follows to http(s) alone
        declared = answer.headers.get("Content-Length")
        shutil.copyfileobj(answer, file, BLOCK)
        if declared is not None and declared.isdigit() and file.tell() != int(declared):
            raise TryAgain(f"{address} broke off after {file.tell()} of {declared} bytes")
