"""Who asks a cold route: a key, or somebody of the back office by their session. Pages ask here as well.

caller = sessions.require(served, request.scope, Permission.CURATE)     # 401, 403; a changing request sends its token
token = sessions.csrf_token(served, request.scope)                     # for the form, or the header X-CSRF-Token
"""

import hmac
from collections.abc import Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from crosslift.domain.access import Permission
from crosslift.domain.audit import act_as
from crosslift.errors import Refused
from crosslift.shop.users import SESSION_HOURS, SignedIn
from crosslift.web.problems import Problem
from crosslift.web.security import CHALLENGE, NEEDED, Key, check, presented_in
from crosslift.web.served import ServedShop

Scope = MutableMapping[str, Any]
COOKIE, SECURE_COOKIE = "crosslift_session", "__Host-crosslift_session"
"""The name of the cookie; over TLS browsers hold the second to this very host."""
CSRF_HEADER = b"x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def who(served: ServedShop, scope: Scope) -> Key | None:
    """Give who is signed in, None where nobody is."""
    token = session_of(scope)
    found = served.shop.users.session(token) if token else None
    return None if found is None else Key("session", f"user:{found.user_id}", found.roles)


def asking(served: ServedShop, scope: Scope) -> Key:
    """Find out who asks, by key or by session, and count the request.

    Raises
    ------
    Problem
        401 where it is neither, 429 where there were too many.
    """
    if presented_in(scope):
        return keyed(served, scope)
    found = who(served, scope)
    if found is None:
        raise Problem(401, "key_needed", f"{NEEDED}, or sign in", headers=CHALLENGE)
    served.limits.key(found.name)
    act_as(found.name)
    return found


def keyed(served: ServedShop, scope: Scope) -> Key:
    """Find out whose key came with a request, and count it: a secret key's by the key, all others by their address.

    Raises
    ------
    Problem
        401 for no key or a wrong one, 403 for one that may not be used so, 429 where there were too many.
    """
    try:
        key = check(served.shop, scope)
    except Problem:
        served.limits.address(scope)
        raise
    if key.is_secret:
        served.limits.key(key.name)
    else:
        served.limits.address(scope)
    return key


def require(
    served: ServedShop, scope: Scope, permission: Permission, what: str | None = None, csrf: str | None = None
) -> Key:
    """Let in whoever may; a request of a session that changes something has to show that a page of ours made it.

    Parameters
    ----------
    what : str, optional
        What is asked for, for the refusal; method and path by default.
    csrf : str, optional
        The token as a form sent it; by default that of the header X-CSRF-Token.

    Raises
    ------
    Problem
        401 where nobody asks whom we know, 403 `csrf_wrong`, 429.
    Refused
        If the caller may not.
    """
    key = asking(served, scope)
    if key.kind == "session" and scope["method"] not in SAFE:
        _check_csrf(served, scope, csrf)
    key.needs(permission, what or f"{scope['method']} {scope['path']}")
    return key


def csrf_token(served: ServedShop, scope: Scope) -> str:
    """Give what the pages of this session send back with whatever they change; empty where nobody is signed in."""
    token = session_of(scope)
    return served.shop.users.csrf_of(token) if token else ""


def sign_in(served: ServedShop, scope: Scope, login: str, password: str) -> tuple[str, SignedIn]:
    """Open a session; gives its secret, for `cookie`, and who it is. It takes a tenth of a second: call it in a thread.

    Raises
    ------
    Problem
        401 `sign_in_wrong`; which of login and password is wrong is not told.
    """
    try:
        return served.shop.users.sign_in(login, password)
    except Refused as error:
        raise Problem(401, "sign_in_wrong", str(error)) from None


def cookie(served: ServedShop, scope: Scope, token: str) -> str:
    """Write the Set-Cookie header that keeps a session; an empty token ends it."""
    is_tls = served.limits.is_tls(scope)
    name = SECURE_COOKIE if is_tls else COOKIE
    age = SESSION_HOURS * 3600 if token else 0
    return f"{name}={token}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{'; Secure' if is_tls else ''}"


def session_of(scope: Scope) -> str:
    """Give the secret of the session a request brings, empty where there is none."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            found = _cookies(value.decode("latin-1"))
            token = found.get(SECURE_COOKIE) or found.get(COOKIE)
            if token:
                return token
    return ""


def _cookies(header: str) -> Mapping[str, str]:
    try:
        return {name: one.value for name, one in SimpleCookie(header).items()}
    except CookieError:
        return {}


def _check_csrf(served: ServedShop, scope: Scope, given: str | None) -> None:
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    told = headers.get(CSRF_HEADER, "") if given is None else given
    is_ours = headers.get(b"sec-fetch-site", "same-origin") in ("same-origin", "none")
    if not is_ours or not hmac.compare_digest(told.encode(), csrf_token(served, scope).encode()):
        raise Problem(403, "csrf_wrong", "send X-CSRF-Token with what GET /v1/session gave; another site's page cannot")
