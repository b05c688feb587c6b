"""`/v1/policies`: how the shop decides, as texts: drafted, compared, published, rolled back; and the stop switch."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec

from crosslift.domain import policy_text
from crosslift.errors import BadInput
from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.problems import Problem
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

T = TypeVar("T")

Toml = Annotated[str, msgspec.Meta(min_length=1, max_length=policy_text.LONGEST, description="The policy, as TOML.")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Version = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class CheckPolicy(msgspec.Struct, forbid_unknown_fields=True):
    """A policy to be read; nothing is kept."""

    text: Toml


class DraftPolicy(msgspec.Struct, forbid_unknown_fields=True):
    """A policy as its author wrote it."""

    text: Toml
    author: Text
    reason: Text


class PublishPolicy(msgspec.Struct, forbid_unknown_fields=True):
    """Which draft is put in force, by whom, and who approves it where that is needed."""

    version: Version
    author: Text
    approved_by: Text | None = None


class RollBack(msgspec.Struct, forbid_unknown_fields=True):
    """Which earlier version is put in force again."""

    version: Version
    author: Text
    reason: Text
    approved_by: Text | None = None


class Switch(msgspec.Struct, forbid_unknown_fields=True):
    """Who does it, and why."""

    author: Text
    reason: Text


class Finding(msgspec.Struct):
    """What a check found; a severe one refuses publishing."""

    rule_id: str
    is_severe: bool
    said: str


class Checked(msgspec.Struct):
    """What a text is made of, the later wins, and what it would change."""

    name: str
    precedence: list[str]
    changes: list[str]
    findings: list[Finding]


class Drafted(msgspec.Struct):
    """The version that was kept."""

    name: str
    version: int
    state: str


class Published(msgspec.Struct):
    """The version in force, and what the checks found without refusing it."""

    name: str
    version: int
    state: str
    findings: list[Finding]


class Changes(msgspec.Struct):
    """What a version changes, in plain words; `from_version` is null where nothing is in force."""

    name: str
    from_version: int | None
    to_version: int
    changes: list[str]


class Switched(msgspec.Struct):
    """Whether the shop is stopped, since when, by whom and why."""

    is_stopped: bool
    at: str | None
    author: str | None
    reason: str | None


class Summary(msgspec.Struct):
    """A policy: the version in force and the newest draft above it."""

    name: str
    version: int | None
    draft: int | None
    is_built_in: bool
    packs: list[str]
    needs_approval: bool
    author: str | None
    reason: str | None
    approved_by: str | None
    published_at: str | None


class PolicyList(msgspec.Struct):
    """Every policy, and the stop switch."""

    policies: list[Summary]
    stop: Switched


class PolicyVersion(msgspec.Struct):
    """One version of a policy, what became of the others, and who did what, newest first."""

    name: str
    version: int
    state: str
    text: str
    resolved: str
    versions: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    author: str | None = None
    reason: str | None = None
    created_at: str | None = None
    approved_by: str | None = None
    published_at: str | None = None


_check = msgspec.json.Decoder(CheckPolicy)
_draft = msgspec.json.Decoder(DraftPolicy)
_publish = msgspec.json.Decoder(PublishPolicy)
_roll_back = msgspec.json.Decoder(RollBack)
_switch = msgspec.json.Decoder(Switch)


async def get(served: ServedShop) -> PolicyList:
    """List the policies."""
    policies = served.shop.policies
    found, standing = await served.in_thread(lambda: (policies.list(), policies.standing()))
    return PolicyList([Summary(**row) for row in found], Switched(**standing))


async def show(served: ServedShop, name: str, version: int | None) -> PolicyVersion:
    """Give one version of a policy."""
    found = await served.in_thread(lambda: served.shop.policies.show(name, version))
    return msgspec.convert(found, PolicyVersion)


async def diff(served: ServedShop, name: str, version: int | None) -> Changes:
    """Say what a version changes."""
    return Changes(**await served.in_thread(lambda: served.shop.policies.diff(name, version)))


async def check(served: ServedShop, body: bytes) -> Checked:
    """Read a text and keep nothing."""
    sent = decode(_check, body)
    return msgspec.convert(await _done(served, lambda: served.shop.policies.check(sent.text)), Checked)


async def draft(served: ServedShop, body: bytes) -> Drafted:
    """Keep a text as the next version."""
    sent = decode(_draft, body)
    return Drafted(**await _done(served, lambda: served.shop.policies.draft(sent.text, sent.author, sent.reason)))


async def publish(served: ServedShop, name: str, body: bytes) -> Published:
    """Put a draft in force."""
    sent = msgspec.structs.asdict(decode(_publish, body))
    return msgspec.convert(await _done(served, lambda: served.shop.policies.publish(name, **sent)), Published)


async def rollback(served: ServedShop, name: str, body: bytes) -> Drafted:
    """Put an earlier version in force again."""
    sent = decode(_roll_back, body)
    policies = served.shop.policies
    return Drafted(
        **await _done(served, lambda: policies.rollback(name, sent.version, sent.author, sent.reason, sent.approved_by))
    )


async def stop(served: ServedShop, body: bytes) -> Switched:
    """Stop the shop."""
    sent = msgspec.structs.asdict(decode(_switch, body))
    return Switched(**await _done(served, lambda: served.shop.policies.stop(**sent)))


async def resume(served: ServedShop, body: bytes) -> Switched:
    """Let the shop offer again."""
    sent = msgspec.structs.asdict(decode(_switch, body))
    return Switched(**await _done(served, lambda: served.shop.policies.resume(**sent)))


async def _done(served: ServedShop, work: Callable[[], T]) -> T:
    """Do it away from the loop; what is wrong in a text stands line by line in the problem's `errors`."""
    try:
        return await served.in_thread(work)
    except BadInput as error:
        faults = tuple({"pointer": "/text" if one.startswith("line ") else "", "detail": one} for one in error.problems)
        raise Problem(422, error.code, str(error), faults) from None


_NAME = Parameter("name", "path", "The policy's name.", {"type": "string", "examples": ["our-shop"]})
_VERSION: Any = {"type": "integer", "minimum": 0}
_TOML = 'name = "our-shop"\nextends = "helpful"\npacks = ["market/us"]\n\n[offers]\nat_most = 6\n'
_STOP = {
    "is_stopped": True, "at": "2026-03-05T12:00:00+00:00", "author": "mina", "reason": "prices of the feed are wrong"
}  # fmt: skip
_DRAFTED = {"name": "our-shop", "version": 2, "state": "draft"}
_CHANGED = ["[offers] at_most: was 12, is 6"]
_PROBLEMS = (400, 401, 403, 408, 413, 422, 503)

GET = Operation(
    name="get_policies",
    method="GET",
    path="/v1/policies",
    summary="List the policies and see the stop switch",
    about="The version in force of each, crosslift's own among them, and the newest draft above it.",
    group="decide",
    keys=(SECRET,),
    answer=PolicyList,
    answer_example={
        "policies": [{
            "name": "our-shop", "version": 1, "draft": 2, "is_built_in": False, "packs": ["market/us"],
            "needs_approval": True, "author": "mina", "reason": "fewer offers", "approved_by": "jun",
            "published_at": "2026-03-01T09:00:00+00:00",
        }],
        "stop": {"is_stopped": False, "at": None, "author": None, "reason": None},
    },
    problems=(401, 403, 503),
)  # fmt: skip
SCHEMA = Operation(
    name="get_policy_schema",
    method="GET",
    path="/v1/policies/schema",
    summary="Get the JSON Schema of policies",
    about="For editors that complete and check TOML. Instants, which TOML has and JSON has not, are texts in it.",
    group="decide",
    keys=(SECRET,),
    answer={"type": "object"},
    problems=(401, 403, 503),
)
SHOW = Operation(
    name="get_policy",
    method="GET",
    path="/v1/policies/{name}",
    summary="Get a policy with its history",
    about=(
        "By default the version in force, else the newest draft; `text` is what its author wrote, `resolved` the whole "
        "policy, what it extends and its packs worked in."
    ),
    group="decide",
    keys=(SECRET,),
    parameters=(_NAME, Parameter("version", "query", "By default the one in force.", _VERSION)),
    answer=PolicyVersion,
    problems=(401, 403, 404, 422, 503),
)
DIFF = Operation(
    name="get_policy_changes",
    method="GET",
    path="/v1/policies/{name}/diff",
    summary="See what a version changes, in plain words",
    about="Compared with the version in force; where there is none, with the policy it extends.",
    group="decide",
    keys=(SECRET,),
    parameters=(_NAME, Parameter("version", "query", "By default the newest.", _VERSION)),
    answer=Changes,
    answer_example={"name": "our-shop", "from_version": 1, "to_version": 2, "changes": _CHANGED},
    problems=(401, 403, 404, 422, 503),
)
CHECK = Operation(
    name="check_policy",
    method="POST",
    path="/v1/policies/check",
    summary="Read a policy and keep nothing",
    about=(
        "Every fault of the text is named at once in `errors`: its line, the path of its key, what is wrong, what was perhaps "
        "meant. A text that can be read is answered with what it would change and what the checks find."
    ),
    group="decide",
    keys=(SECRET,),
    bodies=(CheckPolicy,),
    body_example={"text": _TOML},
    answer=Checked,
    answer_example={
        "name": "our-shop", "precedence": ["helpful 3", "market/us", "the text itself"], "changes": _CHANGED, "findings": [],
    },
    problems=_PROBLEMS,
)  # fmt: skip
PUT = Operation(
    name="draft_policy",
    method="PUT",
    path="/v1/policies",
    summary="Keep a policy as a draft",
    about="The text names the policy; each other text is a version of its own. It decides nothing before it is published.",
    group="decide",
    keys=(SECRET,),
    bodies=(DraftPolicy,),
    body_example={"text": _TOML, "author": "mina", "reason": "fewer offers"},
    answer=Drafted,
    answer_example=_DRAFTED,
    problems=_PROBLEMS,
)
PUBLISH = Operation(
    name="publish_policy",
    method="POST",
    path="/v1/policies/{name}/publish",
    summary="Put a draft in force",
    about=(
        "From the very next decision on, in every process. Refused with the rules' ids where a check has a severe finding; "
        "where the policy, or the one it replaces, needs an approval, by anybody but the author of the draft."
    ),
    group="decide",
    keys=(SECRET,),
    parameters=(_NAME,),
    bodies=(PublishPolicy,),
    body_example={"version": 2, "author": "mina", "approved_by": "jun"},
    answer=Published,
    answer_example={**_DRAFTED, "state": "published", "findings": []},
    problems=(400, 401, 403, 404, 408, 409, 413, 422, 503),
)
ROLLBACK = Operation(
    name="roll_back_policy",
    method="POST",
    path="/v1/policies/{name}/rollback",
    summary="Put an earlier version in force again",
    about="From the very next decision on, in every process. Of a built-in policy crosslift's own version may be named.",
    group="decide",
    keys=(SECRET,),
    parameters=(_NAME,),
    bodies=(RollBack,),
    body_example={"version": 1, "author": "mina", "reason": "fewer clicks than before"},
    answer=Drafted,
    answer_example={"name": "our-shop", "version": 1, "state": "published"},
    problems=(400, 401, 403, 404, 408, 409, 413, 422, 503),
)
STOP = Operation(
    name="stop_shop",
    method="POST",
    path="/v1/policies/stop",
    summary="Stop every offer of the shop",
    about=(
        "From the very next decision on, in every process: decisions are recorded and answered `no_offer: stopped`. Purpose "
        "`evaluation` and policy `relevance` go on: nobody is shown by us what they rank."
    ),
    group="decide",
    keys=(SECRET,),
    bodies=(Switch,),
    body_example={"author": "mina", "reason": "prices of the feed are wrong"},
    answer=Switched,
    answer_example=_STOP,
    problems=_PROBLEMS,
)
RESUME = Operation(
    name="resume_shop",
    method="POST",
    path="/v1/policies/resume",
    summary="Let the shop offer again",
    about="From the very next decision on, in every process.",
    group="decide",
    keys=(SECRET,),
    bodies=(Switch,),
    body_example={"author": "mina", "reason": "prices are right again"},
    answer=Switched,
    answer_example={"is_stopped": False, "at": None, "author": None, "reason": None},
    problems=_PROBLEMS,
)
OPERATIONS = (GET, SCHEMA, SHOW, DIFF, CHECK, PUT, PUBLISH, ROLLBACK, STOP, RESUME)
"""Every endpoint of this file; `schema`, `check`, `stop` and `resume` are no names of policies."""
