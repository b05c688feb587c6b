"""Gorse's REST API: what PyGorse and the other clients call."""

import re
from collections.abc import Mapping
from typing import Any

from crosslift.collect.sources import gorse as vendor
from crosslift.collect.sources.interactions import messages_of
from crosslift.domain.access import Permission
from crosslift.errors import BadInput
from crosslift.web.compat import gorse_objects as objects
from crosslift.web.compat import items
from crosslift.web.compat.asking import Answered, Wish, recommend
from crosslift.web.compat.bindings import binding_of
from crosslift.web.compat.call import Answer, Call, Reply, not_here
from crosslift.web.problems import Problem
from crosslift.web.security import Key

USUAL, MOST = 10, 500
MOST_AT_ONCE = 1_000


class Gorse:
    """The door."""

    is_for_browsers = False

    def find(self, call: Call) -> Answer:
        """Name what answers."""
        for method, pattern, verb in _ROUTES:
            if method == call.method and pattern.fullmatch(call.path):
                return verb
        raise not_here(call.method, call.path)

    def key_of(self, call: Call) -> str | None:
        """Find our key in `X-API-Key`."""
        return call.headers.get("x-api-key")

    def wrong(self, problem: Problem) -> Reply:
        """Say what is wrong as Gorse does: the message as plain text."""
        status = 400 if problem.status in (405, 408, 410, 413, 422) else problem.status
        return Reply(problem.detail, status, problem.headers, "text/plain; charset=utf-8")


def part(call: Call, place: int) -> str:
    """Give a part of the path, checked: `/api/user/u1` has user at 1 and u1 at 2.

    Raises
    ------
    BadInput
        If it is no id.
    """
    parts = call.path.split("/")[1:]
    found = parts[place] if place < len(parts) else ""
    if not 1 <= len(found) <= 250:
        raise BadInput("an id of 1 to 250 characters is needed in the path")
    return found


async def _recommend(call: Call, key: Key) -> Reply:
    key.needs(Permission.ASK, "recommend")
    category = call.path.split("/")[4] if call.path.count("/") >= 4 else ""
    categories = [one for one in (*call.query.get("category", ()), category) if one]
    answer, n, offset = await _asked(call, "recommend", customer=part(call, 2), categories=categories)
    listed = answer.products[offset : offset + n]
    if call.headers.get("x-api-version") == "2":
        return Reply(_scores(answer, offset, n))
    return Reply([one.product for one in listed])


async def _session(call: Call, key: Key) -> Reply:
    key.needs(Permission.ASK, "session/recommend")
    sent = call.json()
    if not isinstance(sent, list) or len(sent) > MOST_AT_ONCE:
        raise BadInput(f"a list of at most {MOST_AT_ONCE} feedbacks is expected")
    seen = [
        one["ItemId"] for one in sent if isinstance(one, dict) and isinstance(one.get("ItemId"), str) and one["ItemId"]
    ]
    answer, n, offset = await _asked(call, "session", viewed=tuple(dict.fromkeys(seen)))
    return Reply(_scores(answer, offset, n))


async def _neighbors(call: Call, key: Key) -> Reply:
    key.needs(Permission.ASK, "neighbors")
    answer, n, offset = await _asked(call, "neighbors", product=part(call, 2))
    return Reply(_scores(answer, offset, n))


async def _item_to_item(call: Call, key: Key) -> Reply:
    key.needs(Permission.ASK, "item-to-item")
    answer, n, offset = await _asked(
        call, part(call, 2), product=part(call, 3), categories=call.query.get("category", ())
    )
    return Reply(_scores(answer, offset, n))


async def _popular(call: Call, key: Key) -> Reply:
    key.needs(Permission.ASK, "non-personalized")
    answer, n, offset = await _asked(call, "bestsellers", categories=call.query.get("category", ()))
    return Reply(_scores(answer, offset, n))


async def _asked(
    call: Call, name: str, *, customer: str | None = None, product: str | None = None, viewed: tuple[str, ...] = (),
    categories: Any = (),
) -> tuple[Answered, int, int]:  # fmt: skip
    """Ask for a list and give it with the page of it that is wanted."""
    n, offset = call.number("n", USUAL, MOST), call.number("offset", 0, MOST)
    binding = binding_of(call.served.shop.settings, "gorse", name)
    if binding.needs_product and product is None:
        raise BadInput(f"{name!r} answers about an item")
    wanted = [one for one in categories if one]
    keep = (lambda own: items.has_any(items.facts_of(call.served, own), "categories", wanted)) if wanted else None
    own = tuple(one for one in (product, *viewed) if one)
    wish = Wish(binding, min(n + offset, MOST), customer, product=product, viewed=viewed, exclude=own, keep=keep)
    return await recommend(call.served, wish), n, offset


def _scores(answer: Answered, offset: int, n: int) -> list[dict[str, Any]]:
    return [{"Id": one.product, "Score": one.score} for one in answer.products[offset : offset + n]]


async def _insert_feedback(call: Call, key: Key) -> Reply:
    key.needs(Permission.FEED, "feedback")
    now = call.served.shop.clock().isoformat()
    given = _several(call.json())
    told = [vendor.interaction_of(one, f"feedback {place}", now) for place, one in enumerate(given)]
    messages = messages_of(told)
    if messages:
        await call.served.in_thread(lambda: call.served.shop.collect_events(messages))
    return Reply(_affected(len(told)))


async def _insert_items(call: Call, key: Key) -> Reply:
    key.needs(Permission.CURATE, "items")
    rows = [vendor.product_of(one, f"item {place}") for place, one in enumerate(_several(call.json()))]
    await items.put(call.served, rows)
    return Reply(_affected(len(rows)))


async def _update_item(call: Call, key: Key) -> Reply:
    key.needs(Permission.CURATE, "item")
    own = part(call, 2)
    if call.served.catalog.find(own) is None:
        raise Problem(404, "not_found", f"item {own!r} not found")
    changes = {name: value for name, value in call.object().items() if value is not None}
    await items.put(call.served, [vendor.product_of({**changes, "ItemId": own}, "item")])
    return Reply(_affected(1))


async def _delete_item(call: Call, key: Key) -> Reply:
    key.needs(Permission.CURATE, "item")
    own = part(call, 2)
    done = await call.served.in_thread(lambda: call.served.shop.patch_products([{"product_id": own, "active": False}]))
    return Reply(_affected(done["changed"]))


async def _insert_users(call: Call, key: Key) -> Reply:
    key.needs(Permission.FEED, "users")
    given, now = _several(call.json()), call.served.shop.clock().isoformat()
    rows = []
    for place, one in enumerate(given):
        traits = {name: one[name] for name in ("Labels", "Comment") if one.get(name)}
        rows.append({"customer_id": items.named(one, "UserId", f"user {place}"), "traits": traits, "updated_at": now})
    if rows:
        await call.served.in_thread(lambda: call.served.shop.put_facts("customers", rows))
    return Reply(_affected(len(rows)))


async def _update_user(call: Call, key: Key) -> Reply:
    key.needs(Permission.FEED, "user")
    own, now = part(call, 2), call.served.shop.clock().isoformat()
    traits = {**objects.user(call.served, own), **{n: v for n, v in call.object().items() if v is not None}}
    row = {
        "customer_id": own,
        "updated_at": now,
        "traits": {n: traits[n] for n in ("Labels", "Comment") if traits.get(n)},
    }
    await call.served.in_thread(lambda: call.served.shop.put_facts("customers", [row]))
    return Reply(_affected(1))


async def _delete_user(call: Call, key: Key) -> Reply:
    key.needs(Permission.RIGHTS, "user")
    own = part(call, 2)
    await call.served.in_thread(lambda: call.served.shop.privacy.erase(own))
    return Reply(_affected(1))


async def _get_item(call: Call, key: Key) -> Reply:
    key.needs(Permission.LOOK, "item")
    return Reply(objects.item(call.served, part(call, 2)))


async def _get_items(call: Call, key: Key) -> Reply:
    key.needs(Permission.LOOK, "items")
    n, query = call.number("n", USUAL, MOST_AT_ONCE), call.parameter("q")
    found = await call.served.in_thread(lambda: objects.item_page(call.served, call.parameter("cursor"), n, query))
    return Reply(found)


async def _get_user(call: Call, key: Key) -> Reply:
    key.needs(Permission.SERVE, "user")
    own = part(call, 2)
    return Reply(await call.served.in_thread(lambda: objects.user(call.served, own)))


async def _get_users(call: Call, key: Key) -> Reply:
    key.needs(Permission.SERVE, "users")
    n = call.number("n", USUAL, MOST_AT_ONCE)
    return Reply(await call.served.in_thread(lambda: objects.user_page(call.served, call.parameter("cursor"), n)))


async def _user_feedback(call: Call, key: Key) -> Reply:
    key.needs(Permission.SERVE, "feedback")
    own, kind = part(call, 2), call.path.split("/")[5] if call.path.count("/") >= 5 else ""
    return Reply(await call.served.in_thread(lambda: objects.feedback_of(call.served, own, kind)))


async def _not_kept(call: Call, key: Key) -> Reply:
    key.needs(Permission.LOOK, "feedback")
    raise Problem(
        501,
        "refused",
        "feedback is kept as facts: it is not listed as a whole or deleted one by one; erase a user instead",
    )


async def _alive(call: Call, key: Key) -> Reply:
    return Reply({
        "Ready": call.served.is_ready, "DataStoreConnected": True, "CacheStoreConnected": True, "DataStoreError": None,
        "CacheStoreError": None,
    })  # fmt: skip


def _several(sent: Any) -> list[dict[str, Any]]:
    given = sent if isinstance(sent, list) else [sent]
    if len(given) > MOST_AT_ONCE or not all(isinstance(one, dict) for one in given):
        raise BadInput(f"at most {MOST_AT_ONCE} objects are expected")
    return given


def _affected(n: int) -> dict[str, int]:
    return {"RowAffected": n}


_PATTERNS: Mapping[str, Mapping[str, Answer]] = {
    r"/api/recommend/[^/]+(?:/[^/]*)?": {"GET": _recommend},
    r"/api/session/recommend(?:/[^/]*)?": {"POST": _session},
    r"/api/item/[^/]+/neighbors/?": {"GET": _neighbors},
    r"/api/item-to-item/[^/]+/[^/]+": {"GET": _item_to_item},
    r"/api/(?:non-personalized/[^/]+|popular/?|latest/?)": {"GET": _popular},
    r"/api/feedback": {"POST": _insert_feedback, "PUT": _insert_feedback, "GET": _not_kept},
    r"/api/feedback/.+": {"GET": _not_kept, "DELETE": _not_kept},
    r"/api/items?": {"POST": _insert_items, "GET": _get_items},
    r"/api/item/[^/]+": {"GET": _get_item, "PATCH": _update_item, "DELETE": _delete_item},
    r"/api/users?": {"POST": _insert_users, "GET": _get_users},
    r"/api/user/[^/]+": {"GET": _get_user, "PATCH": _update_user, "DELETE": _delete_user},
    r"/api/user/[^/]+/feedback(?:/[^/]*)?": {"GET": _user_feedback},
    r"/api/health/(?:live|ready)": {"GET": _alive},
}
_ROUTES = tuple((method, re.compile(path), verb) for path, verbs in _PATTERNS.items() for method, verb in verbs.items())
