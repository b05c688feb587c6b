"""The decision log: what was answered where, looked through; one decision with why, and why not another product."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.decide.replay import Replayed
from crosslift.domain.access import Permission
from crosslift.domain.decision import Reason
from crosslift.domain.placement import PLACEMENTS
from crosslift.errors import BadInput, CrossliftError, NotFound, NotReplayable
from crosslift.shop import decision_log, why_not
from crosslift.web.api.offers import traced
from crosslift.web.office.frame import ROOT, Caller, Frame
from crosslift.web.office.relations import Namer
from crosslift.web.pages.shelf import Shelves
from crosslift.wording import how_we_recommend, reasons
from crosslift.wording.messages import language_of, text

PATH = f"{ROOT}/decisions"
PAGE = 50
OUTCOMES = ("offered", "nothing", "withheld")


def mount(app: FastAPI, frame: Frame) -> None:
    """Serve the pages."""
    pages = Decisions(frame)
    frame.add(app, PATH, Permission.ASK, pages.newest)
    frame.add(app, f"{PATH}/{{decision_id}}", Permission.ASK, pages.show)


class Decisions:
    """The pages.

    Parameters
    ----------
    frame : Frame
        Renders them.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame, self._shop, self._served = frame, frame.served.shop, frame.served
        self._shelves = Shelves(frame.served)

    async def newest(self, request: Request, caller: Caller) -> Response:
        """List decisions, newest first, by what was asked for."""
        asked = request.query_params
        names = [*decision_log.FILTERS, "outcome"]
        if not caller.may(Permission.SERVE):
            names.remove("identity")
        wanted = {name: asked[name].strip()[:250] for name in names if asked.get(name, "").strip()}
        if wanted.get("outcome") not in (None, *OUTCOMES):
            raise BadInput(f"outcome is one of {', '.join(OUTCOMES)}")
        rows, following = await self._served.in_thread(
            lambda: decision_log.newest(self._shop, wanted, _cursor(asked.get("before", "")), PAGE)
        )
        return self._frame.page(
            "decisions.html", request, caller.language, caller, rows=rows, wanted=wanted, outcome_of=decision_log.outcome_of,
            placements=list(PLACEMENTS), outcomes=OUTCOMES, place=placements_in(caller.language), title=self._title(caller),
            older=f"{following[0]}-{following[1]}" if following else None, channels=how_we_recommend.CHANNELS,
            channel=_channel(caller.language),
        )  # fmt: skip

    async def show(self, request: Request, caller: Caller) -> Response:
        """Show one decision: what was offered and why, what became of every candidate, and why not another product."""
        decision_id, product = request.path_params["decision_id"], request.query_params.get("product", "").strip()[:200]
        row = await self._served.in_thread(lambda: self._shop.decision(decision_id))
        again, trouble = await self._served.in_thread(lambda: self._again(decision_id))
        missing = await self._why_not(decision_id, product, caller.language) if product else None
        is_same = again is not None and again.is_equal
        sentences = [self._sentence(one.reason, caller.language) for one in again.decision.offers] if again else []
        return self._frame.page(
            "decision.html", request, caller.language, caller, row=row, again=again, trouble=trouble, product=product,
            sentences=sentences if is_same else [], place=placements_in(caller.language), title=self._title(caller),
            channel=_channel(caller.language), trace=traced(again.decision, caller.language) if again else None,
            outcome=decision_log.outcome_of({**row}), missing=missing,
            no_offer=reasons.no_offer_sentence(row["no_offer"], caller.language) if row["no_offer"] else None,
            stopped=[(code, reasons.drop_sentence(code, caller.language), n) for code, n in row["dropped"].items()],
            products=list((await self._shelves.current()).products) if self._served.is_ready else [],
            say_dropped=lambda code: reasons.drop_sentence(code, caller.language),
        )  # fmt: skip

    def _again(self, decision_id: str) -> tuple[Replayed | None, str | None]:
        try:
            return self._shop.replay(decision_id), None
        except NotReplayable as error:
            return None, str(error)

    async def _why_not(self, decision_id: str, product: str, language: str) -> tuple[str, list[str]]:
        name = product
        if self._served.catalog.find(name) is None and self._served.is_ready:  # words, not an id
            found = (await self._shelves.current()).search(product)
            name = found[0].product_id if found else product
        try:
            told = await self._served.in_thread(
                lambda: why_not.told(self._shop, self._shop.why_not(decision_id, name), language)
            )
        except (NotReplayable, NotFound) as error:
            return name, [str(error)]
        return name, told["sentences"]

    def _sentence(self, reason: Reason, language: str) -> str:
        """Say why: to an English reader with every figure, to others what shoppers read; figures stand beside it."""
        try:
            return (
                reasons.operator_sentence(reason)
                if language_of(language) == "en"
                else reasons.sentence(reason, language)
            )
        except CrossliftError:
            return reason.code.value

    def _title(self, caller: Caller) -> Namer:
        def title(name: str) -> str:
            found = self._served.catalog.find(name)
            return found.title_in(caller.language) if found else why_not.title_of(self._shop, name, caller.language)

        return title


def _cursor(text: str) -> tuple[int, str] | None:
    at, _, decision_id = text.partition("-")
    if not (at.isascii() and at.isdigit() and len(at) < 18 and decision_id):
        return None
    return int(at), decision_id


def placements_in(language: str) -> Namer:
    """Give what names a placement in a language."""
    return lambda name: text(f"how.place.{name}", language) if name in PLACEMENTS else name


def _channel(language: str) -> Namer:
    return lambda name: text(f"how.channel.{name}", language) if name in how_we_recommend.CHANNELS else name
