"""One published result of learning: an immutable folder of memory-mappable columns, swapped by moving a pointer.

Layout of `snapshots/`: one folder a snapshot (`*.npy` columns, `*.json` texts, `manifest.json` with format and
hashes) and the file `CURRENT` that names the one in force. A half-written snapshot has no name yet and is never seen.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.errors import NotReady, UnknownFormat, WillNotWork

FORMAT = 2
POINTER = "CURRENT"
KEEP = 5
MAPPED_FROM = 1 << 20
"""Bytes from which a column is mapped and shared between processes."""
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A loaded snapshot. Arrays are memory-mapped read-only and shared by all processes that map them."""

    snapshot_id: str
    manifest: Mapping[str, Any]
    arrays: Mapping[str, Array]
    texts: Mapping[str, Any]


def publish(
    folder: Path,
    snapshot_id: str,
    arrays: Mapping[str, Array],
    texts: Mapping[str, Any],
    about: Mapping[str, Any],
) -> str:
    """Write a snapshot completely, then point at it; returns the hash of its manifest.

    Parameters
    ----------
    arrays : mapping of str to array
        Plain numeric columns; object arrays are refused.
    texts : mapping of str to value
        Whatever JSON holds: ids, titles, reports.
    about : mapping
        as_of, engine version, settings; goes into the manifest.
    """
    digest = write(folder, snapshot_id, arrays, texts, about)
    point_at(folder, snapshot_id)
    _sweep(folder)
    return digest


def write(
    folder: Path,
    snapshot_id: str,
    arrays: Mapping[str, Array],
    texts: Mapping[str, Any],
    about: Mapping[str, Any],
) -> str:
    """Write a snapshot without pointing at it; returns the hash of its manifest."""
    hidden = folder / f".writing-{snapshot_id}"
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise WillNotWork(f"snapshot column {name!r} holds Python objects; only plain numbers are stored")
    with _explained(snapshot_id, hidden):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(hidden, ignore_errors=True)
        hidden.mkdir()
        hashes = {**_write_arrays(hidden, arrays), **_write_texts(hidden, texts)}
        manifest = {"format": FORMAT, "snapshot_id": snapshot_id, **about, "files": dict(sorted(hashes.items()))}
        _write_json(hidden / "manifest.json", manifest)
        digest = _hash(hidden / "manifest.json")
        settle_folder(hidden)
        hidden.rename(folder / snapshot_id)
        settle_folder(folder)
    return digest


@contextmanager
def _explained(snapshot_id: str, unfinished: Path) -> Iterator[None]:
    """Turn a full or read-only disk into an error that says so, and leave nothing half-written."""
    try:
        yield
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        reason = error.strerror or f"the disk is probably full ({error})"  # numpy names no reason for a short write
        raise WillNotWork(
            f"cannot write snapshot {snapshot_id}: {reason}; free space or fix the permissions"
        ) from error


def _write_arrays(hidden: Path, arrays: Mapping[str, Array]) -> dict[str, str]:
    hashes: dict[str, str] = {}
    for name, array in arrays.items():
        with (hidden / f"{name}.npy").open("wb") as stream:
            np.lib.format.write_array(stream, np.ascontiguousarray(array), allow_pickle=False)
            _settle(stream.fileno())
        hashes[f"{name}.npy"] = _hash(hidden / f"{name}.npy")
    return hashes


def _write_texts(hidden: Path, texts: Mapping[str, Any]) -> dict[str, str]:
    for name, value in texts.items():
        _write_json(hidden / f"{name}.json", value)
    return {f"{name}.json": _hash(hidden / f"{name}.json") for name in texts}


def point_at(folder: Path, snapshot_id: str) -> None:
    """Make a written snapshot the current one; also how a rollback is done.

    Raises
    ------
    WillNotWork
        If it does not exist (any more).
    """
    if not (folder / snapshot_id / "manifest.json").exists():
        raise WillNotWork(f"snapshot {snapshot_id} is not in {folder}; `crosslift learn --list` shows those that are")
    fresh = folder / f".{POINTER}.new"
    with _explained(snapshot_id, fresh):
        with fresh.open("w", encoding="utf-8") as stream:
            stream.write(snapshot_id + "\n")
            stream.flush()
            _settle(stream.fileno())
        fresh.rename(folder / POINTER)
        settle_folder(folder)


def current_id(folder: Path) -> str | None:
    """Name the current snapshot, or None before the first."""
    try:
        return (folder / POINTER).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def pointer(folder: Path) -> tuple[int, int] | None:
    """Give the pointer's file number and time: cheap to ask in every decision, other when it was moved."""
    try:
        found = os.stat(f"{folder}/{POINTER}")  # noqa: PTH116 - a third of the time of Path.stat
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def load(folder: Path, snapshot_id: str | None = None) -> Snapshot:
    """Map a snapshot, the current one by default.

    Raises
    ------
    NotReady
        If nothing has been learned yet.
    UnknownFormat
        If a newer crosslift wrote it.
    WillNotWork
        If a file is missing or its hash does not match.
    """
    name = snapshot_id or current_id(folder)
    if name is None:
        raise NotReady("nothing has been learned yet; run `crosslift learn` first")
    home = folder / name
    try:
        manifest = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError) as error:
        raise WillNotWork(f"snapshot {name} is incomplete: {error}; learn again or roll back") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise WillNotWork(f"snapshot {name} is incomplete: its manifest lists no files; learn again or roll back")
    if manifest.get("format") != FORMAT:
        is_older = isinstance(manifest.get("format"), int) and manifest["format"] < FORMAT
        remedy = "run `crosslift learn` to make a new one" if is_older else "upgrade crosslift"
        raise UnknownFormat(
            f"snapshot {name} has format {manifest.get('format')}, this crosslift reads {FORMAT}; {remedy}"
        )
    arrays: dict[str, Array] = {}
    texts: dict[str, Any] = {}
    for file, expected in manifest["files"].items():
        if not (home / file).exists() or _hash(home / file) != expected:
            raise WillNotWork(f"snapshot {name}: {file} is damaged; learn again or roll back to another snapshot")
        if file.endswith(".npy"):
            arrays[file.removesuffix(".npy")] = _array(home / file)
        else:
            texts[file.removesuffix(".json")] = json.loads((home / file).read_text(encoding="utf-8"))
    return Snapshot(name, manifest, arrays, texts)


def _array(path: Path) -> Array:
    """Map a large column; read a small one, because each mapping keeps a file open."""
    is_large = path.stat().st_size >= MAPPED_FROM
    array: Array = np.load(path, mmap_mode="r" if is_large else None, allow_pickle=False)
    array.flags.writeable = False
    return array


def listed(folder: Path) -> list[str]:
    """Name the complete snapshots, newest last (ids begin with their time)."""
    if not folder.exists():
        return []
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith(".") and (p / "manifest.json").exists())


def _sweep(folder: Path) -> None:
    """Remove half-written folders and all but the newest few."""
    for path in folder.glob(".writing-*"):
        shutil.rmtree(path, ignore_errors=True)
    keep = {*listed(folder)[-KEEP:], current_id(folder)}
    for name in listed(folder):
        if name not in keep:
            shutil.rmtree(folder / name, ignore_errors=True)


def _write_json(path: Path, value: Any) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(
            json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        )  # dump is not compiled
        stream.flush()
        _settle(stream.fileno())


def _hash(path: Path) -> str:
    digest = blake2b(digest_size=16)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _settle(descriptor: int) -> None:
    os.fsync(descriptor)


def settle_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
