"""Keep the last pair counts on disk: plain columns that are mapped rather than read, whole or not used at all.

The folder tells, under hashes, who bought what: it is as personal as the orders themselves. Nothing is lost with it, so
it may be deleted at any time, and after an erasure it must be (`forget_ledger`); the next run counts everything anew.

Two files hold columns one after the other; a third, written last, names them with type, shape and checksum. What does not
match it to the byte is not used, so neither a crash between two writes nor files of two runs do any harm. There are
never more than these three files and a draft.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from crosslift.stats.pairs import PairCounts

FORMAT = 2
PAGE = 4096
PAIR_COLUMNS = ("first", "second", "n_both", "n_groups", "n_effective", "weight")
KEPT_COLUMNS = ("starts", *PAIR_COLUMNS[1:])
BOUGHT_COLUMNS = ("name_hashes", "items", "offsets", "customers", "dates", "basket_hashes")

Columns = dict[str, npt.NDArray[Any]]
Described = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Bought:
    """Baskets of two products or more, customers numbered from 0.

    Attributes
    ----------
    products : list of str
        Sorted names of the items.
    name_hashes : uint64, shape (products,)
        Hash of each name.
    items, offsets : int32, int64
        The baskets.
    customers, dates : int32, shape (baskets,)
        Whose basket it is, and of which day since 1970.
    basket_hashes : uint64, shape (baskets,)
        Hash of the products it holds, in any order.
    """

    products: list[str]
    name_hashes: npt.NDArray[np.uint64]
    items: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    customers: npt.NDArray[np.int32]
    dates: npt.NDArray[np.int32]
    basket_hashes: npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class KeptPairs:
    """Pairs as they were when last written whole, those with the same first product side by side.

    Attributes
    ----------
    products : int32, shape (products then,)
        Where each product of that time stands among the ledger's.
    starts : int64, shape (products then + 1,)
        Where the pairs of each first product begin.
    second : int32, shape (pairs,)
        Second product, by its number then; ascending for each first one.
    n_both, n_groups, n_effective, weight
        As in `PairCounts`.
    """

    products: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    second: npt.NDArray[np.int32]
    n_both: npt.NDArray[np.int32]
    n_groups: npt.NDArray[np.int32]
    n_effective: npt.NDArray[np.int32]
    weight: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return int(self.second.size)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was counted last: baskets, the pairs of an earlier time, and how they have changed since.

    `written` describes the file the pairs are in; None where they are not written yet.
    """

    bought: Bought
    kept: KeptPairs
    change: PairCounts
    cap_per_group: int
    written: Described | None


def write_ledger(folder: Path, ledger: Ledger) -> None:
    """Write a ledger in place of the one that is there; a crash between leaves none that is used."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = {name: getattr(ledger.bought, name) for name in BOUGHT_COLUMNS}
    columns |= {f"change_{name}": getattr(ledger.change, name) for name in PAIR_COLUMNS}
    columns["kept_products"] = ledger.kept.products
    pairs = ledger.written or _write(folder / "pairs", {name: getattr(ledger.kept, name) for name in KEPT_COLUMNS})
    facts = {
        "format": FORMAT,
        "cap_per_group": ledger.cap_per_group,
        "products": ledger.bought.products,
        "pairs": pairs,
        "orders": _write(folder / "orders", columns),
    }
    text = json.dumps(facts).encode()
    _replace(folder / "ledger", [b"%08x\n" % crc32(text), text])


def read_ledger(folder: Path, cap_per_group: int) -> Ledger | None:
    """Map the last ledger; None where there is none, or it is damaged, of another format or another cap."""
    try:
        checksum, _, text = (folder / "ledger").read_bytes().partition(b"\n")
        if checksum != b"%08x" % crc32(text):
            return None
        facts = json.loads(text)
        if facts["format"] != FORMAT or facts["cap_per_group"] != cap_per_group:
            return None
        pairs, orders = (_read(folder / name, facts[name]) for name in ("pairs", "orders"))
    except (OSError, ValueError, KeyError):
        return None
    bought = Bought(facts["products"], **{name: orders[name] for name in BOUGHT_COLUMNS})
    change = PairCounts(*(orders[f"change_{name}"] for name in PAIR_COLUMNS))
    return Ledger(bought, KeptPairs(orders["kept_products"], **pairs), change, cap_per_group, facts["pairs"])


def forget_ledger(folder: Path) -> None:
    """Delete a ledger of whatever format, and the folder with it; nothing happens where there is none."""
    if folder.exists():
        shutil.rmtree(folder)


def _write(file: Path, columns: Mapping[str, npt.NDArray[Any]]) -> Described:
    """Write columns one after the other, wide ones first so that each is aligned; describe them for `_read`."""
    wide_first = sorted(columns, key=lambda name: -columns[name].itemsize)
    plain = {name: np.ascontiguousarray(columns[name]) for name in wide_first}
    _replace(file, (column.data for column in plain.values()))
    return [[name, column.dtype.str, column.size, _checksum(column)] for name, column in plain.items()]


def _read(file: Path, described: Described) -> Columns:
    """Map the columns of a file; ValueError unless it holds them and nothing else."""
    content = np.asarray(np.memmap(file, np.uint8, "r"))
    columns: Columns = {}
    begin = 0
    for name, kind, size, checksum in described:
        end = begin + size * np.dtype(kind).itemsize
        columns[name] = content[begin:end].view(kind)
        if _checksum(columns[name]) != checksum:
            raise ValueError(f"{file.name} is damaged in {name}")
        begin = end
    if begin != content.size:
        raise ValueError(f"{file.name} has {content.size} bytes, not {begin}")
    return columns


def _checksum(column: npt.NDArray[Any]) -> int:
    """Add up the 64-bit words of each page and take the CRC-32 of the sums: that is as fast as memory is read.

    One wrong byte, a page of zeros and pages that changed places are all noticed; forgery is not.
    """
    content = column.view(np.uint8)
    whole = content.size // PAGE * PAGE
    sums = content[:whole].view(np.uint64).reshape(-1, PAGE // 8).sum(axis=1)
    return crc32(content[whole:].data, crc32(sums.data))


def _replace(file: Path, parts: Iterable[bytes | memoryview]) -> None:
    draft = file.with_suffix(".writing")
    with draft.open("wb") as target:
        target.writelines(parts)
    draft.replace(file)
