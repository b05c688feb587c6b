"""Imports: what was collected, a file looked at before it is, and the last one taken back."""

from typing import cast

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.collect.findings import ImportReport
from crosslift.collect.proposal import Proposal
from crosslift.collect.schemas import SCHEMAS
from crosslift.domain.access import Permission
from crosslift.errors import BadInput, NotFound, Unconfirmed
from crosslift.web.office.findings import told
from crosslift.web.office.frame import ROOT, Caller, Frame
from crosslift.web.office.uploads import MOST_BYTES, Upload, Uploads

PATH = f"{ROOT}/imports"
MOST_SHOWN = 100
COLUMN, WAS = "column.", "was."
"""Before the names of the fields by which a proposal is answered, and of those that say what was proposed."""


def mount(app: FastAPI, frame: Frame) -> None:
    """Serve the pages."""
    pages = Imports(frame)
    frame.add(app, PATH, Permission.LOOK, pages.newest)
    frame.add(app, f"{PATH}/look", Permission.FEED, pages.look, changes=True, most=MOST_BYTES)
    frame.add(app, f"{PATH}/collect", Permission.FEED, pages.collect, changes=True)
    frame.add(app, f"{PATH}/undo", Permission.FEED, pages.undo, changes=True)
    frame.add(app, f"{PATH}/{{import_id:int}}", Permission.LOOK, pages.show)


class Imports:
    """The pages.

    Parameters
    ----------
    frame : Frame
        Renders them.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame, self._shop, self._served = frame, frame.served.shop, frame.served
        self._uploads = Uploads()

    async def newest(self, request: Request, caller: Caller) -> Response:
        """Show the newest imports, and the form for a file where the caller may send one."""
        found = (await self._served.in_thread(self._shop.records.imports))[::-1]
        last = next((one for one in found if one.state == "committed" and one.source != "api"), None)
        return self._frame.page(
            "imports.html", request, caller.language, caller, imports=found[:MOST_SHOWN], n_more=len(found) - MOST_SHOWN,
            last=last, most=MOST_BYTES // 1_000_000,
        )  # fmt: skip

    async def show(self, request: Request, caller: Caller) -> Response:
        """Show what one import did."""
        wanted = request.path_params["import_id"]
        found = next((one for one in self._shop.records.imports() if one.import_id == wanted), None)
        if found is None:
            raise NotFound(f"no import {wanted}")
        report = msgspec.json.decode(found.report, type=ImportReport) if found.report else None
        return self._frame.page(
            "import.html", request, caller.language, caller, one=found, report=report,
            findings=told(report.findings if report else (), caller.language),
        )  # fmt: skip

    async def look(self, request: Request, caller: Caller) -> Response:
        """Read a file without keeping anything of it, and show what it seems to be."""
        file = caller.form.files.get("file")
        if file is None or not file.content:
            return self._frame.to(PATH, "no_file")
        upload = self._uploads.keep(file, caller.key.name)
        return await self._looked(request, caller, upload, None)

    async def collect(self, request: Request, caller: Caller) -> Response:
        """Collect a file that was looked at, with the columns as somebody confirmed them."""
        sent = caller.form.fields
        upload = self._uploads.get(sent.get("token", ""), caller.key.name)
        mapping = {
            name.removeprefix(COLUMN): value for name, value in sent.items() if name.startswith(COLUMN) and value
        }
        proposed = {name.removeprefix(WAS): value for name, value in sent.items() if name.startswith(WAS) and value}
        is_as_proposed = mapping == proposed
        chosen = None if is_as_proposed else mapping
        if "again" in sent:
            return await self._looked(request, caller, upload, chosen, skips="skip" in sent)
        try:
            await self._served.in_thread(
                lambda: self._shop.collect(
                    upload.path, mapping=chosen, accept=is_as_proposed, skip_bad_rows="skip" in sent
                )
            )
        except BadInput as error:
            return self._unreadable(request, caller, upload, error, chosen)
        self._uploads.drop(upload.token)
        return self._frame.to(PATH, "collected")

    async def undo(self, request: Request, caller: Caller) -> Response:
        """Take an import back."""
        wanted = caller.form.fields.get("import_id", "")
        if not wanted.isdecimal():
            raise BadInput("no import is named")
        await self._served.in_thread(lambda: self._shop.undo_import(int(wanted)))
        return self._frame.to(PATH, "undone")

    async def _looked(
        self, request: Request, caller: Caller, upload: Upload, mapping: dict[str, str] | None, *, skips: bool = False
    ) -> Response:
        proposal: Proposal | None = None
        try:
            report = await self._served.in_thread(lambda: self._dry(upload, mapping, accept=False, skips=skips))
        except Unconfirmed as error:
            proposal = cast("Proposal", error.proposal)
            report = None
            if proposal.is_complete:
                try:
                    report = await self._served.in_thread(lambda: self._dry(upload, None, accept=True, skips=skips))
                except BadInput as wrong:
                    return self._unreadable(request, caller, upload, wrong, mapping)
        except BadInput as error:
            return self._unreadable(request, caller, upload, error, mapping)
        return self._frame.page(
            "look.html", request, caller.language, caller, upload=upload, report=report, proposal=proposal,
            choices=_choices(proposal), others=_others(proposal), mapping=mapping or {}, skips=skips,
            findings=told(report.findings if report else (), caller.language),
            is_known=report is not None and report.state == "already collected",
        )  # fmt: skip

    def _dry(self, upload: Upload, mapping: dict[str, str] | None, *, accept: bool, skips: bool) -> ImportReport:
        return self._shop.collect(upload.path, mapping=mapping, dry_run=True, accept=accept, skip_bad_rows=skips)[0]

    def _unreadable(
        self, request: Request, caller: Caller, upload: Upload, error: BadInput, mapping: dict[str, str] | None
    ) -> Response:
        """Say what is wrong with a file; where only some rows are, they may be left out."""
        return self._frame.page(
            "unreadable.html", request, caller.language, caller, 422, upload=upload, mapping=mapping or {},
            error=str(error).replace(str(upload.path), upload.path.name), problems=error.problems,
        )  # fmt: skip


def _choices(proposal: Proposal | None) -> list[tuple[str, str, tuple[str, ...], bool]]:
    """List the columns of a dataset with what seems to hold each, its samples, and whether it is required."""
    if proposal is None:
        return []
    guessed = {guess.canonical: guess for guess in proposal.columns}
    schema = SCHEMAS[proposal.dataset]
    names = [*schema.required, *(one.name for one in schema.fields if one.name not in schema.required)]
    found = []
    for name in names:
        guess = guessed.get(name)
        constant = proposal.mapping.get(name, "") if name in proposal.constants else ""
        if guess or constant or name in proposal.missing:
            column = guess.column if guess else constant
            found.append((name, column, guess.samples if guess else (), name in schema.required))
    return found


def _others(proposal: Proposal | None) -> list[str]:
    """List what a file of this kind may hold as well, and nothing in it seems to be."""
    if proposal is None or not proposal.unused:
        return []
    taken = {name for name, *_ in _choices(proposal)}
    return [one.name for one in SCHEMAS[proposal.dataset].fields if one.name not in taken]
