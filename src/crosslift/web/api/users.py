"""`/v1/session` and `/v1/users`: signing in to the back office, and who may."""

from collections.abc import MutableMapping
from typing import Annotated, Any

import msgspec

from crosslift.domain.access import Role
from crosslift.web import sessions
from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Scope = MutableMapping[str, Any]
Login = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Password = Annotated[str, msgspec.Meta(max_length=1000)]
Roles = Annotated[list[Role], msgspec.Meta(min_length=1, max_length=len(Role))]


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """Who, and the password that shows it."""

    login: Login
    password: Password


class ChoosePassword(msgspec.Struct, forbid_unknown_fields=True):
    """The token of a link, and the password that shall hold from now on."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    password: Password


class InviteUser(msgspec.Struct, forbid_unknown_fields=True):
    """Who shall come in, and what they may do."""

    login: Login
    roles: Roles


class ChangeUser(msgspec.Struct, forbid_unknown_fields=True):
    """What changes of somebody; their sessions end."""

    roles: Roles | None = None
    is_active: bool | None = None


class Session(msgspec.Struct):
    """Who is signed in; `csrf` goes into X-CSRF-Token with whatever changes something. All null for nobody."""

    user_id: str | None
    login: str | None
    roles: list[Role]
    csrf: str | None
    expires_at: int | None


class User(msgspec.Struct):
    """Somebody of the back office; instants in microseconds UTC."""

    user_id: str
    login: str
    roles: list[Role]
    is_active: bool
    has_password: bool
    created_at: int
    signed_in_at: int | None


class Invited(User):
    """Somebody new, with the token of the link by which they choose a password, this once."""

    token: str


class UserList(msgspec.Struct):
    """Everybody, by login."""

    users: list[User]


class Link(msgspec.Struct):
    """The token of a link, this once."""

    token: str


_sign_in = msgspec.json.Decoder(SignIn)
_password = msgspec.json.Decoder(ChoosePassword)
_invite = msgspec.json.Decoder(InviteUser)
_change = msgspec.json.Decoder(ChangeUser)
NOBODY = Session(None, None, [], None, None)


async def sign_in(served: ServedShop, scope: Scope, body: bytes) -> tuple[Session, str]:
    """Open a session; gives it with the cookie that keeps it."""
    sent = decode(_sign_in, body)
    served.limits.sign_in(scope, sent.login)
    token, who = await served.in_thread(lambda: sessions.sign_in(served, scope, sent.login, sent.password))
    csrf = served.shop.users.csrf_of(token)
    told = Session(who.user_id, who.login, list(who.roles), csrf, who.expires_at)
    return told, sessions.cookie(served, scope, token)


async def whoami(served: ServedShop, scope: Scope) -> Session:
    """Say who is signed in."""
    token = sessions.session_of(scope)
    found = await served.in_thread(lambda: served.shop.users.session(token)) if token else None
    if found is None:
        return NOBODY
    csrf = served.shop.users.csrf_of(token)
    return Session(found.user_id, found.login, list(found.roles), csrf, found.expires_at)


async def sign_out(served: ServedShop, scope: Scope) -> tuple[Session, str]:
    """End the session; a cookie alone does, so that nobody is kept in."""
    token = sessions.session_of(scope)
    if token:
        await served.in_thread(lambda: served.shop.users.sign_out(token))
    return NOBODY, sessions.cookie(served, scope, "")


async def choose_password(served: ServedShop, scope: Scope, body: bytes) -> Session:
    """Set a password by a link; whoever did signs in with it."""
    sent = decode(_password, body)
    served.limits.sign_in(scope, sent.token)
    await served.in_thread(lambda: served.shop.users.choose_password(sent.token, sent.password))
    return NOBODY


async def get(served: ServedShop) -> UserList:
    """List everybody."""
    return msgspec.convert({"users": await served.in_thread(served.shop.users.known)}, UserList)


async def invite(served: ServedShop, body: bytes) -> Invited:
    """Add somebody."""
    sent = decode(_invite, body)
    return msgspec.convert(await served.in_thread(lambda: served.shop.users.invite(sent.login, sent.roles)), Invited)


async def link(served: ServedShop, user_id: str) -> Link:
    """Give a link by which somebody chooses a new password."""
    return Link(await served.in_thread(lambda: served.shop.users.link(user_id)))


async def change(served: ServedShop, user_id: str, body: bytes) -> User:
    """Change what somebody may do, or whether they may come in."""
    sent = decode(_change, body)
    users = served.shop.users
    done = await served.in_thread(lambda: users.change(user_id, sent.roles, is_active=sent.is_active))
    return msgspec.convert(done, User)


_ID = Parameter("user_id", "path", "As `GET /v1/users` lists it.", {"type": "string", "examples": ["4f1c0c9ad6f04c2f"]})
_SESSION = {
    "user_id": "4f1c0c9ad6f04c2f", "login": "mina", "roles": ["marketer"], "csrf": "9a3e…", "expires_at": 1772755200000000,
}  # fmt: skip
_NOBODY: dict[str, Any] = {"user_id": None, "login": None, "roles": [], "csrf": None, "expires_at": None}
_USER = {
    "user_id": "4f1c0c9ad6f04c2f", "login": "mina", "roles": ["marketer"], "is_active": True, "has_password": True,
    "created_at": 1772712000000000, "signed_in_at": None,
}  # fmt: skip
SIGN_IN = Operation(
    name="sign_in",
    method="POST",
    path="/v1/session",
    summary="Sign in",
    about=(
        "Sets the cookie of the session (HttpOnly, SameSite=Lax, over TLS Secure and bound to the host). It ends after 12 hours, "
        "or an hour without use. Whatever a session changes needs `csrf` in the header X-CSRF-Token."
    ),
    group="operate",
    bodies=(SignIn,),
    body_example={"login": "mina", "password": "correct horse battery"},
    answer=Session,
    answer_example=_SESSION,
    problems=(400, 401, 408, 413, 422, 429, 503),
)
WHOAMI = Operation(
    name="get_session",
    method="GET",
    path="/v1/session",
    summary="See who is signed in",
    about="All null where nobody is.",
    group="operate",
    answer=Session,
    answer_example=_SESSION,
    problems=(429, 503),
)
SIGN_OUT = Operation(
    name="sign_out",
    method="DELETE",
    path="/v1/session",
    summary="Sign out",
    about="The session ends on the server as well.",
    group="operate",
    answer=Session,
    answer_example=_NOBODY,
    problems=(503,),
)
PASSWORD = Operation(
    name="choose_password",
    method="POST",
    path="/v1/session/password",
    summary="Choose a password by a link",
    about="The token of an invitation (72 hours) or of a reset (2 hours) works once; every session of the user ends.",
    group="operate",
    bodies=(ChoosePassword,),
    body_example={"token": "Qm9y…", "password": "correct horse battery"},
    answer=Session,
    answer_example=_NOBODY,
    problems=(400, 403, 408, 413, 422, 429, 503),
)
GET = Operation(
    name="get_users",
    method="GET",
    path="/v1/users",
    summary="List the people of the back office",
    about="By login, with their roles.",
    group="operate",
    keys=(SECRET,),
    answer=UserList,
    answer_example={"users": [_USER]},
    problems=(401, 403),
)
INVITE = Operation(
    name="invite_user",
    method="POST",
    path="/v1/users",
    summary="Invite somebody to the back office",
    about="Gives the token of a link, this once; hand it over yourself, nothing is mailed.",
    group="operate",
    keys=(SECRET,),
    bodies=(InviteUser,),
    body_example={"login": "mina", "roles": ["marketer"]},
    answer=Invited,
    answer_example={**_USER, "has_password": False, "token": "Qm9y…"},
    problems=(400, 401, 403, 408, 409, 413, 422, 503),
)
LINK = Operation(
    name="link_user",
    method="POST",
    path="/v1/users/{user_id}/link",
    summary="Let somebody choose a new password",
    about="Gives the token of a link, this once; earlier ones stop working.",
    group="operate",
    keys=(SECRET,),
    parameters=(_ID,),
    answer=Link,
    answer_example={"token": "Qm9y…"},
    problems=(400, 401, 403, 404, 422, 503),
)
CHANGE = Operation(
    name="change_user",
    method="PATCH",
    path="/v1/users/{user_id}",
    summary="Change what somebody may do",
    about="Other roles, or shut out and let in again; their sessions end. One active admin is always left.",
    group="operate",
    keys=(SECRET,),
    parameters=(_ID,),
    bodies=(ChangeUser,),
    body_example={"roles": ["marketer", "analyst"]},
    answer=User,
    answer_example=_USER,
    problems=(400, 401, 403, 404, 408, 409, 413, 422, 503),
)
OPERATIONS = (SIGN_IN, WHOAMI, SIGN_OUT, PASSWORD, GET, INVITE, LINK, CHANGE)
