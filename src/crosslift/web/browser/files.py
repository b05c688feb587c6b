"""The scripts that pages of shops load, by version: a version once served is served for as long as the home stands.

The version is a hash of all of them, so that an address holds the same bytes for ever and a page may pin them (SRI).
"""

import gzip
import re
import shutil
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b, sha384
from html import escape
from pathlib import Path
from tempfile import mkdtemp

import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.web import problems
from crosslift.web.answers import GUARDS, as_json
from crosslift.web.served import ServedShop

log = structlog.get_logger()
SOURCE = Path(__file__).parent / "widget"
"""In a checkout a link to `widget/` at its root; in a wheel the files themselves."""
KEPT = "widget"
"""The folder of a home with every version it served."""
SCRIPTS = ".js"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_NOW = "public, max-age=300"
ANYWHERE = {
    "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin", "Timing-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding",
}  # fmt: skip
_VERSION = re.compile(r"[0-9a-f]{12}")
_NAME = re.compile(r"(?:[a-z0-9][a-z0-9_-]{0,60}/){0,3}[a-z0-9][a-z0-9_.-]{0,80}\.js")


@dataclass(frozen=True, slots=True)
class Script:
    """One file of ours that a page may load."""

    name: str
    content: bytes

    @property
    def integrity(self) -> str:
        """What a browser holds it against before it runs it."""
        return f"sha384-{b64encode(sha384(self.content).digest()).decode()}"


@cache
def scripts() -> Mapping[str, Script]:
    """Give the scripts of this version by name, read once."""
    paths = (path for path in sorted(SOURCE.resolve().rglob(f"*{SCRIPTS}")) if path.is_file())
    named = ((path.relative_to(SOURCE.resolve()).as_posix(), path) for path in paths)
    return {name: Script(name, path.read_bytes()) for name, path in named if _NAME.fullmatch(name)}


@cache
def version() -> str:
    """Give the version of the scripts: 12 hexadecimal digits that change with any of them."""
    told = blake2b(digest_size=6)
    for name, one in scripts().items():
        told.update(f"{name}\0{len(one.content)}\0".encode() + one.content)
    return told.hexdigest()


def address_of(name: str) -> str:
    """Give the path of a script that never changes."""
    return f"/widget/{version()}/{name}"


def snippet(server: str, key: str) -> str:
    """Give the one line that a shop puts into its pages.

    Parameters
    ----------
    server : str
        Where browsers reach this server, as `https://crosslift.shop.example`.
    key : str
        A publishable key.
    """
    one = scripts()["track.js"]
    return (
        f'<script async src="{escape(server.rstrip("/"))}{address_of(one.name)}" data-key="{escape(key)}" '
        f'integrity="{one.integrity}" crossorigin="anonymous"></script>'
    )


def mount(app: FastAPI, served: ServedShop) -> None:
    """Serve them; this version is kept beside the shop's records first, for pages that name it after the next update."""
    home = served.shop.home
    _keep(home)

    async def pinned(request: Request) -> Response:
        wanted, name = request.path_params["version"], request.path_params["name"]
        found = find(home, wanted, name)
        if found is None:
            raise problems.not_found()
        return _script(request, found, FOR_EVER)

    async def newest(request: Request) -> Response:
        found = scripts().get(request.path_params["name"])
        if found is None:
            raise problems.not_found()
        return _script(request, found.content, FOR_NOW)

    async def listed(request: Request) -> Response:
        told = as_json(listing(str(request.base_url)))
        told.headers.update({**ANYWHERE, "Cache-Control": "no-cache"})
        return told

    app.add_route("/widget/", listed, methods=["GET"])
    app.add_route("/widget/{version}/{name:path}", pinned, methods=["GET"])
    app.add_route("/widget/{name}", newest, methods=["GET"])


def listing(server: str) -> dict[str, object]:
    """Tell what there is: the version, each script with its address, size and hash, and the line to paste."""
    files = {
        name: {"path": address_of(name), "integrity": one.integrity, "n_bytes": len(one.content),
               "n_bytes_packed": len(_packed(one.content))}
        for name, one in scripts().items()
    }  # fmt: skip
    return {"version": version(), "files": files, "snippet": snippet(server, "pk_…")}


def find(home: Path, wanted: str, name: str) -> bytes | None:
    """Give a script of any version this home served; nothing outside the folder, whatever is asked."""
    if wanted == version():
        now = scripts().get(name)
        return None if now is None else now.content
    if not _VERSION.fullmatch(wanted) or not _NAME.fullmatch(name):
        return None
    path = home / KEPT / wanted / name
    return path.read_bytes() if path.is_file() else None


def _keep(home: Path) -> None:
    """Copy this version beside the records, whole or not at all; a home that cannot be written to serves this one only."""
    place = home / KEPT / version()
    if place.exists():
        return
    new: Path | None = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        new = Path(mkdtemp(prefix=".", dir=place.parent))
        for name, one in scripts().items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(one.content)
        new.chmod(0o755)
        new.rename(place)
    except OSError as error:
        if not place.exists():  # else another process was first
            log.warning("widget_not_kept", version=version(), why=error.strerror)
        if new is not None:
            shutil.rmtree(new, ignore_errors=True)


def _script(request: Request, content: bytes, keep: str) -> Response:
    headers = {**GUARDS, **ANYWHERE, "Cache-Control": keep}
    if "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = _packed(content), "gzip"
    return Response(content, media_type="text/javascript; charset=utf-8", headers=headers)


@lru_cache(64)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)
