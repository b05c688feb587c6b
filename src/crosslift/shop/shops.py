"""Several shops beneath one folder: one more, one less, and which there are."""

import re
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crosslift.errors import BadUsage, Busy, Conflict, NotFound
from crosslift.settings import Settings
from crosslift.shop.homes import MARKS, SERVED, homes_in, is_held, is_home
from crosslift.shop.shop import Shop
from crosslift.store.backup import Backup, write_backup

LET_GO_SECONDS = 30
"""So long a server gets to let go of a shop that is taken away."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Added:
    """A new shop and its keys, shown this once."""

    name: str
    home: Path
    secret: str
    publishable: str


def listed(folder: Path) -> list[dict[str, Any]]:
    """Give the shops of a folder: name, home, title, hosts, whether a server of several shops serves it now."""
    found = []
    for name, home in homes_in(folder).items():
        if is_home(home):
            settings = Settings.load(file=home / "shop.toml")
            hosts = [host.strip() for host in settings["shop.hosts"].split(",") if host.strip()]
            served = (home / SERVED).exists() and is_held(home)
            found.append(
                {"name": name, "home": str(home), "title": settings["shop.name"], "hosts": hosts, "is_served": served}
            )
    return found


def add(folder: Path, name: str, hosts: Sequence[str] = (), settings: Mapping[str, str] | None = None) -> Added:
    """Make a shop beneath a folder; a server of that folder serves it within seconds.

    Parameters
    ----------
    hosts : sequence of str
        Host names that lead to it.
    settings : mapping of str to str, optional
        Further text settings by dotted name, such as `shop.currency`; written into its `shop.toml`.

    Raises
    ------
    BadUsage
        For a name or a host that cannot be one, or a folder that is a shop's own.
    Conflict
        If there is one of that name, or another has one of the hosts.
    """
    if is_home(folder):
        raise BadUsage(f"{folder} is a shop's own folder; name the one above it with --home, shops lie beneath")
    if not _NAME.fullmatch(name):
        raise BadUsage(f"{name!r} cannot be a shop's name; use up to 40 small letters, digits and -")
    wrong = next((host for host in hosts if not _HOST.fullmatch(host)), None)
    if wrong is not None:
        raise BadUsage(f"{wrong!r} is no host name such as shop.example; leave out scheme and port")
    if (folder / name).exists():
        raise Conflict(f"there is a {folder / name} already; choose another name")
    for other in listed(folder):
        if taken := sorted(set(hosts) & set(other["hosts"])):
            raise Conflict(f"{taken[0]} leads to {other['name']} already; take it out of its shop.hosts first")
    folder.mkdir(parents=True, exist_ok=True)
    hidden = folder / f".making-{name}-{secrets.token_hex(4)}"
    hidden.mkdir(mode=0o700)
    try:
        text = _toml({"shop.name": name, "shop.hosts": ", ".join(hosts), **(settings or {})})
        (hidden / MARKS[0]).write_text(text, encoding="utf-8")
        with Shop(hidden) as shop:
            keys = [shop.create_key(kind, "made with the shop") for kind in ("secret", "publishable")]
        hidden.rename(folder / name)
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        raise
    return Added(name, folder / name, *keys)


def remove(folder: Path, name: str, backup: Path | None, now: datetime) -> Backup | None:
    """Take a shop away: out of sight, let go of by a server, kept in a backup unless none is wanted, deleted.

    Raises
    ------
    NotFound
        If there is none of that name beneath the folder.
    Busy
        If a server does not let go of it; it is back in its place then.
    """
    home = folder / name
    if is_home(folder) or homes_in(folder).get(name) != home:
        raise NotFound(f"there is no shop {name!r} beneath {folder}; `crosslift shops list` shows those there are")
    hidden = folder / f".removing-{name}-{secrets.token_hex(4)}"
    home.rename(hidden)
    try:
        deadline = time.monotonic() + LET_GO_SECONDS
        while is_held(hidden):
            if time.monotonic() > deadline:
                raise Busy(f"a server does not let go of {name}; stop it, then remove the shop")
            time.sleep(0.1)
        made = None if backup is None else write_backup(hidden, backup, now)
    except BaseException:
        hidden.rename(home)
        raise
    shutil.rmtree(hidden)
    return made


def _toml(values: Mapping[str, str]) -> str:
    """Write text settings as TOML, a section each."""
    sections: dict[str, list[str]] = {}
    for dotted, value in values.items():
        section, _, key = dotted.partition(".")
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        sections.setdefault(section, []).append(f'{key} = "{quoted}"')
    return "\n".join(line for section, lines in sections.items() for line in (f"[{section}]", *lines)) + "\n"
