"""`GET /v1/plugins`: what was added to the shop from outside, and how it does."""

import msgspec

from crosslift.web.api.operation import SECRET, Operation
from crosslift.web.served import ServedShop


class Plugin(msgspec.Struct):
    """One plugin, installed or running."""

    name: str
    kind: str
    version: str
    package: str
    api_version: int | None
    state: str
    why: str
    at: str
    failures: dict[str, int]


class Plugins(msgspec.Struct):
    """Those that are switched on first, in the order of the settings."""

    plugins: list[Plugin]


async def get(served: ServedShop) -> Plugins:
    """List the plugins."""
    return Plugins([Plugin(**row) for row in await served.in_thread(served.shop.plugins.listed)])


OPERATION = Operation(
    name="get_plugins",
    method="GET",
    path="/v1/plugins",
    summary="List the plugins",
    about=(
        "Those named in `plugins.enabled` are `running`, `failed` (given up after too many failures; `why` and `at` tell the "
        "last) or `off` (a person switched them off); others are `installed` and never run. `failures` counts this process's "
        "calls by cause: `error`, `slow`, `busy`, `answer`."
    ),
    group="operate",
    keys=(SECRET,),
    answer=Plugins,
    answer_example={
        "plugins": [
            {
                "name": "season", "kind": "candidates", "version": "1.0", "package": "crosslift-sample-plugin",
                "api_version": 1, "state": "running", "why": "", "at": "",
                "failures": {"error": 0, "slow": 0, "busy": 0, "answer": 0},
            }
        ]
    },
    problems=(401, 403),
)  # fmt: skip
