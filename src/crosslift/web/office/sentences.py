"""Every sentence customers may read, in three languages side by side, for review by native speakers."""

import csv
import io

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.domain.access import Permission
from crosslift.web.answers import GUARDS
from crosslift.web.office.frame import ROOT, Caller, Frame
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.sentences import WHERE, Register, Sentence, rows, sentences

PATH = f"{ROOT}/sentences"
NAMES = {"en": "English", "ko": "한국어", "ja": "日本語"}
MOST_LETTERS = 100


def mount(app: FastAPI, frame: Frame) -> None:
    """Serve the page, and the same as a file."""

    async def page(request: Request, caller: Caller) -> Response:
        where, register, words = _asked(request)
        return frame.page(
            "sentences.html", request, caller.language, caller, found=_found(request), where=where, register=register,
            query=words, places=WHERE, registers=tuple(Register), tongues=[(one, NAMES[one]) for one in LANGUAGES],
            as_csv=f"{PATH}.csv?{request.url.query}",
        )  # fmt: skip

    async def table(request: Request, caller: Caller) -> Response:
        headers = {**GUARDS, "Content-Disposition": 'attachment; filename="sentences.csv"'}
        return Response(as_csv(_found(request)), media_type="text/csv; charset=utf-8", headers=headers)

    frame.add(app, PATH, Permission.LOOK, page)
    frame.add(app, f"{PATH}.csv", Permission.LOOK, table)


def as_csv(found: list[Sentence]) -> str:
    """Write sentences as a file that spreadsheets open with its letters right."""
    out = io.StringIO()
    csv.writer(out).writerows(rows(found))
    return f"\ufeff{out.getvalue()}"


def _found(request: Request) -> list[Sentence]:
    return sentences(*_asked(request))


def _asked(request: Request) -> tuple[str, str, str]:
    """Read the filters; what is none of ours asks for everything."""
    asked = request.query_params
    where, register = asked.get("where", ""), asked.get("register", "")
    words = asked.get("q", "").strip()[:MOST_LETTERS]
    return where if where in WHERE else "", register if register in tuple(Register) else "", words
