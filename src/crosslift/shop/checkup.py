"""What `doctor` looks at: each check says what it found and how to mend it."""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

from crosslift.errors import CrossliftError
from crosslift.shop import installed
from crosslift.shop.shop import Shop
from crosslift.stats import kernels

FREE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    is_ok: bool
    found: str
    remedy: str = ""


def checkup(shop: Shop) -> list[Check]:
    """Look at folder, space, records, snapshot, compiler and clock."""
    return [_folder(shop), _space(shop), _records(shop), _snapshot(shop), _compiler(), _clock(shop), _plugins(shop)]


def _folder(shop: Shop) -> Check:
    is_ok = os.access(shop.home, os.W_OK)
    return Check("home", is_ok, str(shop.home), "make the folder writable for this user")


def _space(shop: Shop) -> Check:
    free = shutil.disk_usage(shop.home).free
    return Check("space", free > FREE_BYTES, f"{free / 1e9:.1f} GB free", "free at least 1 GB")


def _records(shop: Shop) -> Check:
    pending = [r.source for r in shop.records.imports() if r.state == "pending"]
    found = f"{len(shop.records.imports())} imports" + (
        f", {len(pending)} unfinished: {', '.join(pending)}" if pending else ""
    )
    return Check("records", not pending, found, "collect the file again; what was unfinished is taken back first")


def _snapshot(shop: Shop) -> Check:
    try:
        knowledge = shop.knowledge
    except CrossliftError as error:
        return Check("snapshot", False, str(error), "run `crosslift learn`")
    return Check("snapshot", True, f"{knowledge.snapshot_id}, {knowledge.n_products:,} products")


def _compiler() -> Check:
    found = "numba kernels" if kernels.jit_available() else "scipy path (slower, same results)"
    return Check("kernels", True, found)


def _clock(shop: Shop) -> Check:
    skew = abs((shop.clock() - datetime.now(UTC)).total_seconds())
    newest = shop.knowledge.as_of / 1e6 if _snapshot(shop).is_ok else 0.0
    ahead = newest - shop.clock().timestamp()
    return Check(
        "clock",
        ahead < 86_400,
        f"{skew:.0f} s apart from the machine's",
        "the newest order lies in the future; set the clock",
    )


def _plugins(shop: Shop) -> Check:
    try:
        troubled = shop.plugins.troubled()
    except CrossliftError as error:
        return Check("plugins", False, str(error), "mend plugins.enabled")
    names = installed.names_in(shop.settings["plugins.enabled"])
    found = f"given up: {', '.join(troubled)}" if troubled else ", ".join(names) or "none switched on"
    return Check("plugins", not troubled, found, "see `crosslift plugins`; once mended, `crosslift plugins on NAME`")
