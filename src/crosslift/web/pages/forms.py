"""Forms as browsers send them: fields, files, and whether a page of ours made them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request

from crosslift.errors import BadInput, Refused
from crosslift.web.wire import read_body

MAX_FORM = 10_000
MOST_FIELDS = 100
_BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,70})"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a form; `name` is what the browser called it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """What a form said: the last value of each field, and its files."""

    fields: Mapping[str, str]
    files: Mapping[str, File]


async def fields(request: Request, most: int = MAX_FORM) -> dict[str, str]:
    """Read the fields of a form of this site's own pages.

    Raises
    ------
    Refused
        When the browser says that it comes from elsewhere.
    Problem
        413 when it is larger than `most` bytes.
    """
    return dict((await form(request, most)).fields)


async def form(request: Request, most: int) -> Form:
    """Read a form of this site's own pages, files and all.

    Raises
    ------
    Refused
        When the browser says that it comes from elsewhere.
    BadInput
        When it cannot be read.
    """
    same_origin(request)
    body = await read_body(request.scope, request.receive, most)
    kind = request.headers.get("content-type", "")
    if kind.lower().startswith("multipart/form-data"):
        found = _BOUNDARY.search(kind)
        if found is None:
            raise BadInput("a form with files names its boundary; send it from the page")
        return split(body, found[1].encode("latin-1"))
    try:
        given = parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise BadInput(f"a form has at most {MOST_FIELDS} fields") from error
    return Form({name: values[-1] for name, values in given.items()}, {})


def split(body: bytes, boundary: bytes) -> Form:
    r"""Take the parts of a form apart (RFC 7578); what a file holds is never changed.

    Raises
    ------
    BadInput
        For a body that is cut off, or has too many parts.

    Examples
    --------
    >>> body = b'--x\r\nContent-Disposition: form-data; name="a"; filename="o.csv"\r\n\r\n1\r\n\r\n--x--\r\n'
    >>> split(body, b"x").files["a"]
    File(name='o.csv', content=b'1\r\n')
    """
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(parts) < 2 or not parts[-1].startswith(b"--"):
        raise BadInput("the form was cut off on its way; send it again")
    if len(parts) > MOST_FIELDS:
        raise BadInput(f"a form has at most {MOST_FIELDS} fields")
    named: dict[str, str] = {}
    files: dict[str, File] = {}
    for part in parts[1:-1]:
        head, _, content = part.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
        told = HeaderParser().parsestr(head.decode("utf-8", "replace"))
        name, filename = (told.get_param(key, header="content-disposition") for key in ("name", "filename"))
        if isinstance(filename, str) and isinstance(name, str):
            files[name] = File(filename, content)
        elif isinstance(name, str):
            named[name] = content.decode("utf-8", "replace")
    return Form(named, files)


def same_origin(request: Request) -> None:
    """Refuse what another site's page sends in a visitor's name.

    Raises
    ------
    Refused
        When the browser says that it comes from elsewhere.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    is_ours = site in ("same-origin", "none") if site else True
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        is_ours = False
    if not is_ours:
        raise Refused("forms and exposures are taken from this shop's own pages only")
