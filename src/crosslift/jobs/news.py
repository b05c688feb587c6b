"""News of jobs: to the log, by mail, and by a signed webhook, each once."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec
import structlog

from crosslift.deliver import outbound
from crosslift.domain.plugin import Notice
from crosslift.domain.signature import StandardWebhooks
from crosslift.errors import CrossliftError
from crosslift.jobs.mail import Mail
from crosslift.shop import Shop

log = structlog.get_logger()
LOGGED = ("job", "run_id", "state")
MOST_TOLD = 1_000
Channel = Callable[[str, Mapping[str, Any]], None]


class News:
    """Tells the news of one shop wherever its settings say.

    Raises
    ------
    BadInput
        If the settings of mail cannot be, or a plugin cannot be taken.
    """

    def __init__(self, shop: Shop) -> None:
        self._channels: dict[str, Channel] = {"log": _to_log, "mail": Mail(shop.settings)}
        if shop.settings["jobs.webhook_to"]:
            self._channels["webhook"] = Hook(shop)
        for name, send in shop.plugins.channels().items():
            self._channels[f"plugin:{name}"] = _of_plugin(send, shop.clock)
        self._told: set[tuple[str, int, str]] = set()

    def __call__(self, kind: str, facts: Mapping[str, Any]) -> None:
        """Tell it by every channel that was not told yet; raises what the first that failed raised, after all were tried."""
        problem: CrossliftError | None = None
        for name, channel in self._channels.items():
            if (kind, facts["run_id"], name) in self._told:
                continue
            try:
                channel(kind, facts)
                self._told.add((kind, facts["run_id"], name))
            except CrossliftError as error:
                problem = problem or error
        if problem is not None:
            raise problem
        if len(self._told) > MOST_TOLD:
            self._told.clear()


class Hook:
    """Sends news as Standard Webhooks; once more for the same run, it is the same delivery."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._secret = secret_of(shop)

    def __call__(self, kind: str, facts: Mapping[str, Any]) -> None:
        """Send it; TryAgain and Refused as `outbound` has them."""
        settings, now = self._shop.settings, self._shop.clock()
        target = outbound.target_of(settings["jobs.webhook_to"], allows_private=settings["webhooks.allow_private"])
        when = now.astimezone(UTC).isoformat().replace("+00:00", "Z")
        body = msgspec.json.encode({"type": kind, "timestamp": when, "data": dict(facts)}, enc_hook=str)
        outbound.post(target, self._secret, f"{kind}-{facts['run_id']}", body, int(now.timestamp() * 1_000_000))


def _of_plugin(send: Callable[[Notice], None], clock: Callable[[], datetime]) -> Channel:
    """Hand news to the channel of a plugin; told once more, it has the same id."""
    return lambda kind, facts: send(Notice(f"{kind}-{facts['run_id']}", kind, clock(), dict(facts)))


def secret_of(shop: Shop) -> str:
    """Give the secret that news of jobs are signed with; it follows from the shop's own and is the same in every process."""
    return StandardWebhooks().written(blake2b(b"", digest_size=32, key=shop.key, person=b"news of jobs").digest())


def _to_log(kind: str, facts: Mapping[str, Any]) -> None:
    log.warning("job_news", kind=kind, **{name: facts[name] for name in LOGGED if name in facts})
