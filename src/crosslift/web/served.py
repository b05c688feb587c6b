"""One shop while it is served: durable decisions, the newest snapshot, and work that must not hold up the loop."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import TypeVar

import structlog

from crosslift.decide.overlay import Overlay
from crosslift.domain.decision import Decision, Request
from crosslift.errors import Busy, NotReady, StoreDown, WillNotWork
from crosslift.shop import Shop, requests
from crosslift.shop.counting import Made
from crosslift.shop.degraded import degraded
from crosslift.web.catalog import Catalog
from crosslift.web.demo import DemoInfo
from crosslift.web.figures import Figures
from crosslift.web.limits import Limits
from crosslift.web.problems import log_failure
from crosslift.web.recorder import Recorder
from crosslift.web.watch import Watch, watch_of

log = structlog.get_logger()
T = TypeVar("T")

LOOK_SECONDS = 0.5
"""How often a newer snapshot and changed products are looked for."""
STORE_SECONDS = 5
"""So long a page waits for its commit; then it is answered from memory."""
PATIENCE = 10
"""Times longer between looks at a snapshot that was refused: checking its hashes again is work."""
THREADS = 4
BOOKS_SECONDS = 60
"""How often it is written down when keys were used, and what the head of the audit is."""


class ServedShop:
    """What every route is handed.

    Parameters
    ----------
    shop : Shop
        Opened; whoever opened it closes it.
    demo : DemoInfo, optional
        Makes the storefront the front page.
    watch : Watch, optional
        Names requests and spans them; as the settings say without one.
    """

    def __init__(self, shop: Shop, demo: DemoInfo | None = None, watch: Watch | None = None) -> None:
        self.shop = shop
        self.demo = demo
        self.watch = watch or watch_of(shop.home.resolve().name, shop.settings)
        self.catalog = Catalog(shop.records)
        self.figures = Figures(self._snapshot_age)
        self.figures.watch(shop.plugins)
        self.limits = Limits(shop.settings, time.monotonic)
        self._recorder = Recorder(shop.records)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web-work")
        self._key = shop.key
        self._waits_for = "the server is starting; try again in a few seconds"
        self._refused: str | None = None
        self._learned_at: float | None = None
        self._books_at = time.monotonic() + BOOKS_SECONDS
        self.is_draining = False
        """Whether a stop was asked for: requests are answered, nobody should send new ones."""
        self.version = 0
        """Grows whenever snapshot or catalog changed; what pages prepared for an older one is made anew."""

    @property
    def is_ready(self) -> bool:
        """Whether decisions can be made: a snapshot is loaded and the kernels are warm."""
        return not self._waits_for

    def check_ready(self) -> None:
        """Raise `NotReady`, saying what is missing, before decisions can be made."""
        if self._waits_for:
            raise NotReady(self._waits_for)

    async def decide(self, request: Request, *, with_trace: bool = False) -> Decision:
        """Decide and return once the decision is on disk.

        The decision itself takes a fraction of a millisecond and runs on the loop; the commit is shared with every
        decision of the same moment and waited for, not blocked on. One whose reservation met another is made again.
        """
        return (await self.decide_page([request], with_trace=with_trace))[0]

    async def decide_page(self, requests: Sequence[Request], *, with_trace: bool = False) -> list[Decision]:
        """Decide the placements of one page, in order, and return once all are on disk.

        While the store is down, what can be answered from memory is, unrecorded and marked.
        """
        self.check_ready()
        began = time.perf_counter()
        try:
            async with asyncio.timeout(STORE_SECONDS):
                decisions = await self._decided(requests, with_trace)
        except (StoreDown, Busy, TimeoutError) as error:
            log.error(
                "store_down", why=str(error) or f"no commit within {STORE_SECONDS} seconds; somebody holds the store"
            )
            decisions = [degraded(request, self.shop.known, self._key, self.shop.plugins) for request in requests]
        for decision in decisions:
            self.figures.decided(decision, time.perf_counter() - began)
        self.watch.decided(decisions)
        return decisions

    def decide_uncounted(self, requests: Sequence[Request], *, with_trace: bool = False) -> list[Decision]:
        """Answer somebody who is no shopper, as if nobody were known: nothing is recorded, and there is no id to answer to."""
        self.check_ready()
        nobody = [
            replace(one, customer_id=None, anonymous_id=None, session_id=None, account_id=None) for one in requests
        ]
        made = self.shop.decide_page_unrecorded(nobody, with_trace)
        return [replace(one.decision, decision_id="") for one in made]

    async def _decided(self, requests: Sequence[Request], with_trace: bool) -> list[Decision]:
        with self.watch.step("decide"):
            page = self.shop.decide_page_unrecorded(requests, with_trace)
        with self.watch.step("commit"):
            return await self._kept(page)

    async def _kept(self, page: list[Made]) -> list[Decision]:
        asked = [self._recorder.record(made) for made in page]
        kept = [await asked[0]] if len(asked) == 1 else await asyncio.gather(*asked)
        waiting = [place for place, is_kept in enumerate(kept) if not is_kept]
        while waiting:
            for place in waiting:
                page[place] = self.shop.decide_again(page[place])
            waiting = [place for place in waiting if not await self._recorder.record(page[place])]
        return [made.decision for made in page]

    def overlay(self) -> Overlay:
        """Give price, stock and activity as they are now."""
        self.check_ready()
        return self.shop.known.at(self.shop.records.person(None).change_number)[1]

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do what writes, waits or reads files away from the loop; who acts is known there as well."""
        acting: Callable[[], T] = partial(copy_context().run, work)
        return await asyncio.get_running_loop().run_in_executor(self._threads, acting)

    async def follow(self, on_first_look: Callable[[], None]) -> None:
        """Pick up newer snapshots and products for ever; requests go on with the old ones meanwhile."""
        self.shop.known.follow()
        is_first = True
        while True:
            await self.in_thread(self.catch_up)
            if is_first:
                is_first = False
                on_first_look()
            await asyncio.sleep(LOOK_SECONDS * (PATIENCE if self._refused else 1))

    def catch_up(self) -> None:
        """Read changed products, load a snapshot newer than the one in force, warm the kernels; keep the books of the door."""
        try:
            self._keep_books()
            self.refresh_catalog()
            is_newer = self.shop.known.refresh()
            if is_newer or self._waits_for:
                self._warm()
        except NotReady as error:
            self._waits_for = str(error)
        except WillNotWork as error:
            self._refuse(str(error))
        except Exception as error:  # noqa: BLE001 - the outermost loop of a job: logged, and tried again
            log_failure("catch_up_failed", error)

    def _keep_books(self) -> None:
        """Write down now and then when keys were used, and the head of the audit outside the records."""
        now = time.monotonic()
        if now >= self._books_at:
            self._books_at = now + BOOKS_SECONDS
            self._write_books()

    def _write_books(self) -> None:
        try:
            self.shop.keys.keep_used()
            self.shop.audit.note_head()
        except Exception as error:  # noqa: BLE001 - a full disk stops nobody from being served; tried again
            log_failure("books_failed", error)

    def refresh_catalog(self) -> None:
        """Read changed products at once, instead of at the next look."""
        if self.catalog.refresh():
            self.version += 1

    def close(self) -> None:
        """Finish what is under way; the shop is as it was before it was served."""
        self._write_books()
        self.shop.known.unfollow()
        self._recorder.close()
        self._threads.shutdown()
        self.watch.close()

    def _warm(self) -> None:
        """Decide once for nobody: compiles the kernels, touches the mapped columns; nothing is recorded."""
        knowledge = self.shop.knowledge
        self.shop.decide_unrecorded(
            requests.build(
                "cart",
                knowledge.products[:1],
                None,
                (),
                None,
                self.shop.clock(),
                (),
                "helpful",
                "evaluation",
                "en",
                None,
            )
        )
        rows = (row for row in self.shop.records.snapshots() if row["snapshot_id"] == knowledge.snapshot_id)
        self._learned_at = next((row["created_at"] / 1e6 for row in rows), None)
        self._waits_for, self._refused = "", None
        self.version += 1
        log.info("snapshot_in_force", snapshot_id=knowledge.snapshot_id)

    def _refuse(self, why: str) -> None:
        """Keep serving with what is in force; say once what is wrong with the newer one."""
        if why != self._refused:
            self._refused = why
            log.error("snapshot_refused", why=why)
        if self._waits_for:
            self._waits_for = "the newest snapshot cannot be used; learn again or roll back"

    def _snapshot_age(self) -> float:
        return self.shop.clock().timestamp() - self._learned_at if self._learned_at else float("nan")
