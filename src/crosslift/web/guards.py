"""The cold routes of whoever guards the shop: the audit, API keys, people of the back office and their sessions."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRouter

from crosslift.web.answers import GUARDS, as_json
from crosslift.web.api import audit, keys, users
from crosslift.web.served import ServedShop


def add_to(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add all of them.

    Parameters
    ----------
    merchant : list
        What has to hold before most of them are asked: a role that may.
    body : callable
        Reads what was sent.
    """
    _audit(router, served, merchant)
    for add in (_keys, _users):
        add(router, served, merchant, body)
    _session(router, served, body)


def _audit(router: APIRouter, served: ServedShop, merchant: list[Any]) -> None:
    Before = Annotated[int | None, Query(ge=1, lt=2**31)]
    Limit = Annotated[int, Query(ge=1, le=1000)]
    Action = Annotated[str, Query(max_length=60)]
    Customer = Annotated[str | None, Query(min_length=1, max_length=250)]
    Heads = Annotated[tuple[str, ...], Query(max_length=audit.MOST_HEADS)]

    @router.get(audit.GET.path, dependencies=merchant)
    async def get_audit(
        before: Before = None, limit: Limit = audit.PAGE, action: Action = "", customer: Customer = None
    ) -> Response:
        return as_json(await audit.get(served, before, limit, action, customer))

    @router.get(audit.VERIFY.path, dependencies=merchant)
    async def verify_audit(head: Heads = ()) -> Response:
        return as_json(await audit.verify(served, head))

    @router.get(audit.EXPORT.path, dependencies=merchant)
    async def export_audit() -> Response:
        named = {**GUARDS, "Content-Disposition": 'attachment; filename="audit.jsonl"'}
        return StreamingResponse(audit.export(served), media_type=audit.EXPORT.media_type, headers=named)


def _keys(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    Body = Annotated[bytes, Depends(body)]
    Id = Annotated[str, Path(min_length=1, max_length=80)]

    @router.post(keys.CREATE.path, dependencies=merchant)
    async def create_key(sent: Body) -> Response:
        return as_json(await keys.create(served, sent))

    @router.get(keys.GET.path, dependencies=merchant)
    async def get_keys() -> Response:
        return as_json(await keys.get(served))

    @router.post(keys.TOKEN.path, dependencies=merchant)
    async def mint_token(sent: Body) -> Response:
        return as_json(await keys.mint(served, sent))

    @router.post(keys.ROTATE.path, dependencies=merchant)
    async def rotate_key(key_id: Id, sent: Body) -> Response:
        return as_json(await keys.rotate(served, key_id, sent))

    @router.delete(keys.REVOKE.path, dependencies=merchant)
    async def revoke_key(key_id: Id) -> Response:
        return as_json(await keys.revoke(served, key_id))


def _users(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    Body = Annotated[bytes, Depends(body)]
    Id = Annotated[str, Path(min_length=1, max_length=200)]

    @router.get(users.GET.path, dependencies=merchant)
    async def get_users() -> Response:
        return as_json(await users.get(served))

    @router.post(users.INVITE.path, dependencies=merchant)
    async def invite_user(sent: Body) -> Response:
        return as_json(await users.invite(served, sent))

    @router.post(users.LINK.path, dependencies=merchant)
    async def link_user(user_id: Id) -> Response:
        return as_json(await users.link(served, user_id))

    @router.patch(users.CHANGE.path, dependencies=merchant)
    async def change_user(user_id: Id, sent: Body) -> Response:
        return as_json(await users.change(served, user_id, sent))


def _session(router: APIRouter, served: ServedShop, body: Callable[..., Any]) -> None:
    Body = Annotated[bytes, Depends(body)]

    @router.post(users.SIGN_IN.path)
    async def sign_in(request: Request, sent: Body) -> Response:
        return _kept(*await users.sign_in(served, request.scope, sent))

    @router.get(users.WHOAMI.path)
    async def get_session(request: Request) -> Response:
        return as_json(await users.whoami(served, request.scope))

    @router.delete(users.SIGN_OUT.path)
    async def sign_out(request: Request) -> Response:
        return _kept(*await users.sign_out(served, request.scope))

    @router.post(users.PASSWORD.path)
    async def choose_password(request: Request, sent: Body) -> Response:
        return as_json(await users.choose_password(served, request.scope, sent))


def _kept(told: users.Session, cookie: str) -> Response:
    """Answer with a session and the cookie that keeps it."""
    headers = {**GUARDS, "Set-Cookie": cookie}
    return Response(msgspec.json.encode(told), media_type="application/json", headers=headers)
