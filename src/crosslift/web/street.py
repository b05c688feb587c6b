"""Several shops in one process, each behind its own door: the host or the key of a request says which.

Nothing is shared but the process: a shop has its own records, threads, figures, limits and snapshot, and checks every key
itself. Here it is only decided whose door a request is led to.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Metric, generate_latest
from structlog.contextvars import bound_contextvars

from crosslift.errors import CrossliftError, Refused, StoreDown, TryAgain
from crosslift.settings import VERSION, Settings
from crosslift.shop import Shop
from crosslift.shop.homes import hold, homes_in
from crosslift.web.figures import MEDIA_TYPE, Figures
from crosslift.web.problems import Problem
from crosslift.web.router import Router
from crosslift.web.security import presented_in
from crosslift.web.served import ServedShop
from crosslift.web.wire import PROBLEM, Message, Receive, Scope, Send, answer, as_bytes

log = structlog.get_logger()
LOOK_SECONDS = 1.0
MOST_KEYS = 10_000
"""Keys whose shop is remembered, so that not every shop is asked again."""
LOCAL = frozenset({"127.0.0.1", "::1"})
FORWARDED = (b"forwarded", b"x-forwarded-for", b"via")
ABOUT_SHOPS = ("/healthz", "/readyz", "/metrics")
PROCESS = "process_"
"""Figures of the process begin so; they are nobody's alone."""


@dataclass(slots=True)
class Open:
    """One shop that is served."""

    name: str
    shop: Shop
    router: Router
    held: IO[str]
    hosts: frozenset[str]
    settings_at: int
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    life: asyncio.Task[None] | None = None


class Street:
    """The ASGI application of every shop directly beneath a folder; shops come and go while it runs.

    Parameters
    ----------
    folder : Path
        The folder above them.
    open_shop : callable, optional
        Opens one; tests bring a clock of their own.
    """

    def __init__(self, folder: Path, open_shop: Callable[[Path], Shop] = Shop) -> None:
        self._folder = folder
        self._open_shop = open_shop
        self._open: dict[str, Open] = {}
        self._by_host: dict[str, Open] = {}
        self._by_key: dict[bytes, str] = {}
        self._refused: dict[Path, int] = {}
        self._is_draining = False
        self.on_first_look: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection, as ASGI has it."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._lead(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    @property
    def shops(self) -> Mapping[str, Shop]:
        """The shops that are served now, by name."""
        return {name: one.shop for name, one in self._open.items()}

    def drain(self) -> None:
        """Let `/readyz` say no from now on, of the process and of every shop."""
        self._is_draining = True
        for one in self._open.values():
            one.router.drain()

    # leading ---------------------------------------------------------------------------------------------------------

    async def _lead(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._whose(scope)
        if found is not None:
            with bound_contextvars(shop=found.name):
                await found.router(scope, receive, send)
        elif scope["path"] in ABOUT_SHOPS:
            await self._tell(scope, send)
        else:
            problem = Problem(404, "shop_unknown", "ask at a host of a shop, or bring a key of one that is valid")
            await _answer_problem(problem, scope, send)

    def _whose(self, scope: Scope) -> Open | None:
        """Give the shop of the host, else of the key; the shop itself decides what the key may."""
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        found = self._by_host.get(_host(host))
        if found is not None:
            return found
        presented = presented_in(scope)
        return self._of_key(presented) if presented else None

    def _of_key(self, presented: str) -> Open | None:
        digest = blake2b(presented.encode(), digest_size=16).digest()
        known = self._open.get(self._by_key.get(digest, ""))
        if known is not None:
            return known
        for one in self._open.values():
            with suppress(Refused):
                one.shop.keys.find(presented)
                if len(self._by_key) >= MOST_KEYS:
                    self._by_key.clear()
                self._by_key[digest] = one.name
                return one
        return None

    async def _tell(self, scope: Scope, send: Send) -> None:
        """Say how the process is, without a word on whose shops these are; figures of all are for this machine alone."""
        n_ready = sum(one.router.served.is_ready for one in self._open.values())
        body: dict[str, Any] = {"status": "alive", "version": VERSION}
        if scope["path"] == "/readyz":
            if not n_ready or self._is_draining:
                why = "the server is about to stop" if self._is_draining else "no shop is ready yet"
                return await _answer_problem(Problem(503, "not_ready", why), scope, send)
            body = {"status": "ready", "n_shops": len(self._open), "n_ready": n_ready}
        if scope["path"] == "/metrics":
            if not _is_local(scope):
                refused = Problem(
                    403, "refused", "figures of all shops are told on this machine alone; ask at a shop's host"
                )
                return await _answer_problem(refused, scope, send)
            figures = {name: one.router.served.figures for name, one in sorted(self._open.items())}
            return await answer(send, 200, merged(figures), MEDIA_TYPE.encode())
        return await answer(send, 200, msgspec.json.encode(body))

    # coming and going ------------------------------------------------------------------------------------------------

    async def _live(self, receive: Receive, send: Send) -> None:
        following: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                following = asyncio.create_task(self._follow())
                await send({"type": "lifespan.startup.complete"})
            else:
                if following is not None:
                    following.cancel()
                    await asyncio.gather(following, return_exceptions=True)
                await asyncio.gather(*(self._close(one) for one in list(self._open.values())))
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _follow(self) -> None:
        """Open shops that came, close those that went, for ever."""
        is_first = True
        while True:
            await self.look()
            if is_first:
                is_first = False
                self.on_first_look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Open shops that came and close those that went, once."""
        homes = {name: home for name, home in homes_in(self._folder).items() if home != self._folder}
        for gone in [one for name, one in self._open.items() if name not in homes]:
            await self._close(gone)
        for name, home in homes.items():
            known = self._open.get(name)
            if known is None:
                await self._come(name, home)
            elif known.settings_at != _changed_at(home):
                known.hosts, known.settings_at = await asyncio.to_thread(_hosts, home), _changed_at(home)
                self._count_hosts()

    async def _come(self, name: str, home: Path) -> None:
        changed = _changed_at(home)
        if self._refused.get(home) == changed:
            return
        try:
            shop = await asyncio.to_thread(self._open_shop, home)
            router = _router_of(shop)
        except CrossliftError as error:
            if not isinstance(error, TryAgain | StoreDown):  # these may be over at the next look
                self._refused[home] = changed
            log.error("shop_refused", shop=name, why=str(error))
            return
        one = Open(name, shop, router, hold(home), _hosts(home), changed)
        with bound_contextvars(shop=name):
            one.life = asyncio.create_task(self._lived(one))
            log.info("shop_opened")
        self._open[name] = one
        self._count_hosts()

    async def _lived(self, one: Open) -> None:
        """Be the server of one shop: it starts, and stops when it has ended."""
        told = iter(("lifespan.startup",))

        async def receive() -> Message:
            kind = next(told, None)
            if kind is None:
                await one.ended.wait()
            return {"type": kind or "lifespan.shutdown"}

        async def send(_: Message) -> None:
            pass

        await one.router({"type": "lifespan"}, receive, send)

    async def _close(self, one: Open) -> None:
        del self._open[one.name]
        self._by_key = {digest: name for digest, name in self._by_key.items() if name != one.name}
        self._count_hosts()
        one.ended.set()
        if one.life is not None:
            await one.life
        await asyncio.to_thread(one.shop.close)
        one.held.close()
        log.info("shop_closed", shop=one.name)

    def _count_hosts(self) -> None:
        found: dict[str, Open] = {}
        for name in sorted(self._open):
            for host in self._open[name].hosts:
                if found.setdefault(host, self._open[name]).name != name:
                    log.error("host_taken", shop=name, host=host)
        self._by_host = found


def merged(figures: Mapping[str, Figures]) -> bytes:
    """Give the figures of several shops in the Prometheus text format, each with the label `shop`."""

    class Merged:
        """What a registry reads."""

        def collect(self) -> Iterator[Metric]:
            """Give each figure once, with the samples of all."""
            families: dict[str, Metric] = {}
            for name, one in figures.items():
                for metric in one.registry.collect():
                    is_new = metric.name not in families
                    family = families.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
                    is_process = metric.name.startswith(PROCESS)
                    for sample in metric.samples if is_new or not is_process else ():
                        labels = sample.labels if is_process else {"shop": name, **sample.labels}
                        family.add_sample(sample.name, labels, sample.value)
            yield from families.values()

    registry = CollectorRegistry()
    registry.register(Merged())
    return generate_latest(registry)


def _router_of(shop: Shop) -> Router:
    try:
        return Router(ServedShop(shop))
    except CrossliftError:
        shop.close()
        raise


def _hosts(home: Path) -> frozenset[str]:
    try:
        given = Settings.load(file=home / "shop.toml")["shop.hosts"]
    except CrossliftError as error:
        log.error("shop_settings_refused", shop=home.name, why=str(error))
        return frozenset()
    return frozenset(filter(None, (_host(one.strip().encode()) for one in given.split(","))))


def _host(given: bytes) -> str:
    """Give a host name in small letters without its port."""
    text = given.decode("latin-1").strip().lower()
    if text.startswith("["):
        return text.partition("]")[0] + "]"
    return text.partition(":")[0].rstrip(".")


def _is_local(scope: Scope) -> bool:
    client = scope.get("client")
    forwarded = any(name in FORWARDED for name, _ in scope["headers"])
    return client is not None and client[0] in LOCAL and not forwarded


def _changed_at(home: Path) -> int:
    try:
        return (home / "shop.toml").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


async def _answer_problem(problem: Problem, scope: Scope, send: Send) -> None:
    await answer(send, problem.status, problem.body(scope["path"]), PROBLEM, as_bytes(problem.headers))
