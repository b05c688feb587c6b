"""One file that holds a home as it was at one moment, made while the shop goes on; and a home made from it again.

Layout of the file (tar, zstd): `records.db`, `parts/` and `snapshots/` as these records list them, `shop.toml` and
`audit.heads` where there are such, and last `manifest.json` with the size and hash of every other member. A file that was cut
off has no manifest and is refused.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import pyarrow as pa

from crosslift.errors import BadInput, Busy, Conflict, NotFound, UnknownFormat, WillNotWork
from crosslift.settings import VERSION, Settings
from crosslift.store import migrate, snapshot
from crosslift.store.opening import server_of
from crosslift.store.snapshot import settle_folder

FORMAT = 1
MANIFEST = "manifest.json"
RECORDS = "records.db"
SETTINGS = "shop.toml"
HEADS = "audit.heads"
"""Heads of the audit noted outside the records; a line each, only ever appended."""
TRIES = 20
"""So often a copy begins anew because a file it lists was replaced meanwhile, which takes a moment each time. In the second half
of them a damaged snapshot is taken as it is."""
BLOCK = 1 << 20
MOST_MANIFEST = 256 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds; `fingerprint` is the hash of its manifest, and through it of every byte."""

    path: Path
    taken_at: str
    schema: str
    snapshot_id: str | None
    n_files: int
    n_bytes: int
    fingerprint: str


def write_backup(home: Path, target: Path, now: datetime) -> Backup:
    """Copy a home into one file while others read and write it; nobody waits.

    The records are those of one transaction; what was acknowledged before the call is in it. The file is readable by its
    owner alone, for it holds the shop's secret, hashes of keys and everybody's data.

    Parameters
    ----------
    target : Path
        The file to write, outside the home: what is inside is searched when a person is erased.

    Raises
    ------
    NotFound
        If the home has no records.
    StoreDown
        If its records are on PostgreSQL, and the server cannot be reached.
    Conflict
        If there is such a file.
    BadInput
        For a file inside the home.
    WillNotWork
        If it cannot be written; nothing is left then.
    """
    settings = Settings.load(file=home / SETTINGS)
    if not settings["records.address"] and not (home / RECORDS).exists():
        raise NotFound(f"{home} is no shop's folder: it has no {RECORDS}; name the home with --home")
    if target.exists():
        raise Conflict(f"{target} is there already and is kept; name another file")
    if target.resolve().is_relative_to(home.resolve()):
        raise BadInput(f"lies inside the shop's folder {home}; write the backup to another disk", where=str(target))
    hidden = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with _explained(target, hidden), _staged(home, settings) as staged:
        made = _pack(staged, hidden, now)
        hidden.rename(target)
        settle_folder(target.parent)
    return Backup(target, **made)


def restore_backup(source: Path, home: Path) -> Backup:
    """Make a home from a backup: complete and verified, or not at all.

    Raises
    ------
    NotFound
        If there is no such file.
    Conflict
        If the home is not empty.
    BadInput
        Naming the file and what is wrong, for a file that was cut off, damaged or is no backup.
    UnknownFormat
        If a newer crosslift wrote it.
    WillNotWork
        If the home cannot be written; nothing is left then.
    """
    if not source.is_file():
        raise NotFound(f"there is no backup {source}")
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise Conflict(f"{home} is not empty and is kept; restore into another folder, then move that in its place")
    target = home.resolve()
    hidden = target.with_name(f".{target.name}.restoring-{secrets.token_hex(4)}")
    with _explained(home, hidden):
        target.parent.mkdir(parents=True, exist_ok=True)
        hidden.mkdir(mode=0o700)
        manifest = _unpack(source, hidden)
        digest = blake2b(_as_bytes(manifest), digest_size=16).hexdigest()
        for folder, _, _ in os.walk(hidden):
            settle_folder(Path(folder))
        hidden.rename(target)
        settle_folder(target.parent)
    return _told(home, manifest, digest)


# writing -------------------------------------------------------------------------------------------------------------


@contextmanager
def _staged(home: Path, settings: Settings) -> Iterator[Path]:
    """Give a folder with the records of one moment and links to every file they list: nobody can take these away."""
    _sweep(home)
    staged = home / f".backup-{secrets.token_hex(4)}"
    staged.mkdir(mode=0o700)
    with ExitStack() as closes:
        closes.callback(shutil.rmtree, staged, ignore_errors=True)
        held = os.open(staged, os.O_RDONLY)
        closes.callback(os.close, held)
        fcntl.flock(held, fcntl.LOCK_EX)
        for left in reversed(range(TRIES)):
            try:
                _stage(home, staged, settings, is_strict=left > TRIES // 2)
                break
            except FileNotFoundError as error:  # a part was rewritten, or an old snapshot swept, in between
                if not left:
                    raise Busy(
                        f"{error.filename} is listed and was not there {TRIES} times; try again in a moment"
                    ) from error
            for path in staged.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield staged


def _sweep(home: Path) -> None:
    """Remove what a killed backup left: the kernel let go of its lock."""
    for left in home.glob(".backup-*"):
        descriptor = os.open(left, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(descriptor)


def _stage(home: Path, staged: Path, settings: Settings, *, is_strict: bool) -> None:
    current = snapshot.current_id(home / "snapshots")
    if (home / HEADS).exists():  # before the records: what it names is in them
        written = (home / HEADS).read_bytes()
        (staged / HEADS).write_bytes(written[: written.rfind(b"\n") + 1])
    _copy_records(home, staged / RECORDS, settings)
    with closing(sqlite3.connect(staged / RECORDS)) as copy:
        parts = [row[0] for row in copy.execute("select file from parts where file is not null order by file")]
        known = {row[0] for row in copy.execute("select snapshot_id from snapshots")}
    if (home / SETTINGS).exists():
        said = (home / SETTINGS).read_text(encoding="utf-8")
        (staged / SETTINGS).write_text(_without_address(said), encoding="utf-8")
    for name in parts:
        _link(home / "parts" / name, staged / "parts" / name)
    for name in snapshot.listed(home / "snapshots"):
        if name in known or name == current:
            _link_snapshot(home / "snapshots" / name, staged / "snapshots" / name, is_strict=is_strict)
    if current is not None:
        if is_strict:
            (staged / "snapshots" / current / MANIFEST).stat()
        (staged / "snapshots").mkdir(exist_ok=True)
        (staged / "snapshots" / snapshot.POINTER).write_text(current + "\n", encoding="utf-8")


def _copy_records(home: Path, path: Path, settings: Settings) -> None:
    """Write the records of one transaction into a file; writers go on beside it."""
    if settings["records.address"]:
        from crosslift.store.copying import copy_records  # PostgreSQL is an extra

        copy_records(server_of(home, settings["records.address"], settings["records.schema"]), path)
        return
    with closing(sqlite3.connect(home / RECORDS, timeout=30)) as records, closing(sqlite3.connect(path)) as copy:
        records.backup(copy)


def _without_address(text: str) -> str:
    """Take the section [records] out of settings: a backup holds the records themselves, and restores without a server."""
    return re.sub(r"(?ms)^\[records\][^\n]*\n.*?(?=^\[|\Z)", "", text)


def _link_snapshot(source: Path, target: Path, *, is_strict: bool) -> None:
    """Link every file its manifest lists, for it may be swept at this moment; one that stays damaged is taken as it is."""
    try:
        listed = list(json.loads((source / MANIFEST).read_text(encoding="utf-8"))["files"])
    except (ValueError, KeyError, TypeError):
        listed = [path.name for path in source.iterdir() if path.name != MANIFEST]
    for file in (MANIFEST, *listed):
        with nullcontext() if is_strict else suppress(FileNotFoundError):
            _link(source / file, target / file)


def _link(source: Path, target: Path) -> None:
    """Give a file that is never changed under its name a second one; copy it where the disk knows no links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)


def _pack(staged: Path, hidden: Path, now: datetime) -> dict[str, Any]:
    with closing(sqlite3.connect(staged / RECORDS)) as copy:
        schema = str(copy.execute("select version_num from alembic_version").fetchone()[0])
    stamp = int(now.timestamp())
    files: dict[str, dict[str, Any]] = {}
    descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with ExitStack() as closes:
        raw = closes.enter_context(os.fdopen(descriptor, "wb"))
        packed = closes.enter_context(pa.CompressedOutputStream(pa.PythonFile(raw, "w"), "zstd"))
        tar = closes.enter_context(tarfile.open(fileobj=cast("BinaryIO", packed), mode="w|", bufsize=BLOCK))
        for path in sorted(path for path in staged.rglob("*") if path.is_file()):
            name = path.relative_to(staged).as_posix()
            files[name] = _add(tar, path, name, stamp)
        about = {
            "format": FORMAT, "made_by": VERSION, "schema": schema, "taken_at": now.isoformat(),
            "snapshot_id": snapshot.current_id(staged / "snapshots"), "files": files,
        }  # fmt: skip
        written = _as_bytes(about)
        tar.addfile(_member(MANIFEST, len(written), stamp), BytesIO(written))
    with hidden.open("rb") as stream:
        os.fsync(stream.fileno())
    told = _told(hidden, about, blake2b(written, digest_size=16).hexdigest())
    return {name: getattr(told, name) for name in Backup.__slots__ if name != "path"}


def _add(tar: tarfile.TarFile, path: Path, name: str, stamp: int) -> dict[str, Any]:
    """Write one member; gives its size and hash."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        hashed = _Hashed(stream)
        tar.addfile(_member(name, size, stamp), cast("BinaryIO", hashed))
    return {"bytes": size, "blake2b": hashed.digest.hexdigest()}


class _Hashed:
    """A stream that hashes what is read of it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.digest = blake2b(digest_size=32)

    def read(self, size: int = -1) -> bytes:
        """Read and hash."""
        block = self._stream.read(size)
        self.digest.update(block)
        return block


def _member(name: str, size: int, stamp: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, stamp, 0o600
    return member


# reading -------------------------------------------------------------------------------------------------------------


def _unpack(source: Path, hidden: Path) -> dict[str, Any]:
    """Write every member below a folder; gives the manifest once all of it was found to be true."""
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    try:
        with pa.memory_map(str(source)) as raw, pa.CompressedInputStream(raw, "zstd") as packed:
            with tarfile.open(fileobj=cast("BinaryIO", packed), mode="r|", bufsize=BLOCK) as tar:
                for member in tar:
                    if manifest is not None:
                        raise _damaged(source, f"{member.name} follows the manifest")
                    if member.name == MANIFEST:
                        manifest = _manifest(tar, member, source)
                        _check_known(manifest, source)
                    else:
                        found[member.name] = _extract(tar, member, hidden, source)
            while packed.read(BLOCK):  # a broken end is told by whoever unpacks it
                pass
    except (tarfile.TarError, pa.ArrowException, EOFError, ValueError) as error:
        raise _damaged(source, str(error)) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise _damaged(source, str(error)) from error  # what Arrow says of a broken stream
    if manifest is None:
        raise _damaged(source, "it ends before its manifest")
    if found != manifest["files"] or RECORDS not in found:
        names = sorted({*found, *manifest["files"]} - {n for n in found if manifest["files"].get(n) == found[n]})
        raise _damaged(source, f"{', '.join(names[:3]) or RECORDS} is not what its manifest says")
    return manifest


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, hidden: Path, source: Path) -> dict[str, Any]:
    place = PurePosixPath(member.name)
    is_ours = place.as_posix() in (RECORDS, SETTINGS, HEADS) or (place.parts[:1] in (("parts",), ("snapshots",)))
    stream = tar.extractfile(member) if member.isreg() and is_ours and ".." not in place.parts else None
    if stream is None or (hidden / place).exists():
        raise _damaged(source, f"{member.name!r} has no place in a backup")
    (hidden / place).parent.mkdir(parents=True, exist_ok=True)
    digest, size = blake2b(digest_size=32), 0
    with os.fdopen(os.open(hidden / place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        while block := stream.read(BLOCK):
            digest.update(block)
            size += len(block)
            written.write(block)
        written.flush()
        os.fsync(written.fileno())
    return {"bytes": size, "blake2b": digest.hexdigest()}


def _manifest(tar: tarfile.TarFile, member: tarfile.TarInfo, source: Path) -> dict[str, Any]:
    stream = tar.extractfile(member)
    if stream is None or member.size > MOST_MANIFEST:
        raise _damaged(source, "its manifest cannot be read")
    manifest = json.loads(stream.read())
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise _damaged(source, "its manifest lists no files")
    return manifest


def _check_known(manifest: Mapping[str, Any], source: Path) -> None:
    if manifest.get("format") != FORMAT or str(manifest.get("schema")) > migrate.HEAD:
        raise UnknownFormat(
            f"{source} was written by crosslift {manifest.get('made_by')} (format {manifest.get('format')}, schema "
            f"{manifest.get('schema')}); this one reads format {FORMAT} and schemas up to {migrate.HEAD}; upgrade"
        )


def _damaged(source: Path, why: str) -> BadInput:
    return BadInput(
        f"is damaged or no backup: {why}; nothing was restored, take another backup or copy this one again",
        where=str(source),
    )


# both ----------------------------------------------------------------------------------------------------------------


@contextmanager
def _explained(place: Path, hidden: Path) -> Iterator[None]:
    """Leave nothing half-written, and say why it was not written."""
    try:
        yield
    except BaseException as error:
        shutil.rmtree(hidden, ignore_errors=True) if hidden.is_dir() else hidden.unlink(missing_ok=True)
        if isinstance(error, OSError) or (isinstance(error, sqlite3.Error) and "full" in str(error)):
            reason = getattr(error, "strerror", None) or str(error)
            raise WillNotWork(f"cannot write {place}: {reason}; free space or fix the permissions") from error
        raise


def _as_bytes(manifest: Mapping[str, Any]) -> bytes:
    return json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _told(path: Path, manifest: Mapping[str, Any], digest: str) -> Backup:
    sizes = [int(one["bytes"]) for one in manifest["files"].values()]
    return Backup(
        path,
        str(manifest["taken_at"]),
        str(manifest["schema"]),
        manifest["snapshot_id"],
        len(sizes),
        sum(sizes),
        digest,
    )
