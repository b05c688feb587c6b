"""Files pages need: our own style and script, and the pictures of the demo shop."""

import re
from base64 import b64encode
from functools import cache
from hashlib import blake2b, sha384
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.web import problems
from crosslift.web.demo import DemoInfo
from crosslift.web.served import ServedShop

STATIC = Path(__file__).parent.parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".jsonl": "application/x-ndjson",
    ".xml": "text/xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DOWNLOADS = (".csv", ".tsv", ".jsonl", ".xml", ".xlsx")
"""Kinds that are saved, never shown: the sample files."""
PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".webp")
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A picture may style itself and nothing else, even when it is opened as a page."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


def mount(app: FastAPI, served: ServedShop) -> None:
    """Serve both."""

    async def static(request: Request) -> Response:
        found = _static().get(request.path_params["name"])
        if found is None:
            raise problems.not_found()
        content, media_type, version = found
        is_pinned = request.query_params.get("v") == version
        response = _file(content, media_type, "public, max-age=31536000, immutable" if is_pinned else "no-cache")
        if request.path_params["name"].endswith(DOWNLOADS):
            response.headers["Content-Disposition"] = "attachment"
        return response

    async def picture(request: Request) -> Response:
        path = find_picture(served.demo, request.path_params["name"])
        if path is None:
            raise problems.not_found()
        response = _file(path.read_bytes(), TYPES[path.suffix], "public, max-age=3600")
        response.headers["Content-Security-Policy"] = SANDBOX
        return response

    app.add_route("/static/{name:path}", static, methods=["GET"])
    app.add_route("/pictures/{name:path}", picture, methods=["GET"])


def find_picture(demo: DemoInfo | None, name: str) -> Path | None:
    """Find a picture by its bare name; nothing outside the folder, whatever the name says or links to."""
    if demo is None or not _NAME.fullmatch(name):
        return None
    path = demo.pictures / name
    if path.suffix not in PICTURES or not path.is_file():
        return None
    return path if path.resolve().parent == demo.pictures.resolve() else None


def picture_of(demo: DemoInfo | None, image: str | None) -> str | None:
    """Give the address of a product's picture, or None where there is none to show.

    Pictures elsewhere are not loaded: a page of ours fetches nothing from outside.
    """
    folder, _, name = (image or "").rpartition("/")
    if folder not in ("", "pictures") or find_picture(demo, name) is None:
        return None
    return f"/pictures/{name}"


def static_url(name: str) -> str:
    """Give the address of one of our files, with its version so that it may be kept for ever."""
    return f"/static/{name}?v={_static()[name][2]}"


@cache
def integrity(name: str) -> str:
    """Give what a browser holds one of our files against before it runs it (Subresource Integrity)."""
    return f"sha384-{b64encode(sha384(_static()[name][0]).digest()).decode()}"


@cache
def _static() -> dict[str, tuple[bytes, str, str]]:
    """Read them once, the sample files in their folder included."""
    paths = (path for path in sorted(STATIC.rglob("*")) if path.is_file())
    found = ((path.relative_to(STATIC).as_posix(), path.read_bytes(), TYPES[path.suffix]) for path in paths)
    return {name: (content, kind, blake2b(content, digest_size=6).hexdigest()) for name, content, kind in found}


def _file(content: bytes, media_type: str, keep: str) -> Response:
    return Response(
        content, media_type=media_type, headers={"Cache-Control": keep, "X-Content-Type-Options": "nosniff"}
    )
