"""Amazon Personalize: runtime and events, as botocore's service descriptions have them.

The access key id of the signature is our key; the signature itself is not checked (our keys are kept as hashes, so there
is nothing to check it with): the connection has to be encrypted, as for any bearer key.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crosslift.domain.access import Permission
from crosslift.domain.customer import Purpose
from crosslift.errors import BadInput
from crosslift.web.compat import items, personalize_events, personalize_filters
from crosslift.web.compat.asking import Answered, Keep, Scored, Wish, preview, purpose_of, rank, recommend
from crosslift.web.compat.bindings import Binding, binding_of
from crosslift.web.compat.call import Answer, Call, Reply, not_here
from crosslift.web.compat.history import History
from crosslift.web.problems import Problem
from crosslift.web.security import Key

USUAL, MOST, MOST_WITH_METADATA = 25, 500, 50
_ARN = re.compile(r"arn:[a-z\d-]+:personalize:[^:]*:[^:]*:(?P<what>[^:]+)")
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/")
_ERRORS = {404: "ResourceNotFoundException", 409: "ResourceInUseException"}
_OTHERS = {401: "UnrecognizedClientException", 403: "AccessDeniedException", 413: "RequestEntityTooLargeException",
           503: "ServiceUnavailableException", 500: "InternalServerException"}  # fmt: skip
PREFIX = personalize_events.PREFIX


class Personalize:
    """The door."""

    is_for_browsers = False

    def find(self, call: Call) -> Answer:
        """Name what answers."""
        verb = _VERBS.get(call.path)
        if verb is None or call.method != "POST":
            raise not_here(call.method, call.path)
        return verb

    def key_of(self, call: Call) -> str | None:
        """Find our key as the access key id of the signature."""
        found = _CREDENTIAL.search(call.headers.get("authorization", ""))
        return found[1] if found else None

    def wrong(self, problem: Problem) -> Reply:
        """Say what is wrong as AWS does."""
        status = 400 if problem.status in (400, 405, 408, 410, 422) else problem.status
        kind = _ERRORS.get(status) or _OTHERS.get(status) or "InvalidInputException"
        return Reply({"message": problem.detail}, status, {**problem.headers, "x-amzn-ErrorType": kind})


async def _recommendations(call: Call, key: Key) -> Reply:
    key.needs(Permission.ASK, "GetRecommendations")
    sent = call.object()
    arn = sent.get("recommenderArn") or sent.get("campaignArn")
    binding, wish = await _wish(call, sent, arn)
    if binding.needs_product and not wish.product:
        raise BadInput(f"{_name(arn, 'campaignArn')!r} answers about a product; itemId is missing", where="itemId")
    columns = _columns(sent)
    if columns and wish.n > MOST_WITH_METADATA:
        raise BadInput(f"with metadataColumns at most {MOST_WITH_METADATA} are given", where="numResults")
    promotion = _promotion(sent)
    promoted: dict[str, Scored] = {}
    if promotion is not None:
        promoted = await _promoted(call, wish, promotion)
        wish = _beside(call, wish, promoted)
    found = await recommend(call.served, wish)
    listed = _interleaved(found, promoted, wish.n) if promoted else list(found.products)[: wish.n]
    name = promotion["name"] if promotion is not None else None
    told = [_told(call, one, name if one.product in promoted else None, columns) for one in listed]
    return Reply({"itemList": told, "recommendationId": PREFIX + found.decision_id})


async def _ranking(call: Call, key: Key) -> Reply:
    key.needs(Permission.ASK, "GetPersonalizedRanking")
    sent = call.object()
    given, _ = sent.get("inputList"), _name(sent.get("campaignArn"), "campaignArn")
    if (
        not isinstance(given, list)
        or not given
        or len(given) > MOST
        or not all(isinstance(one, str) and one for one in given)
    ):
        raise BadInput(f"inputList must be a list of 1 to {MOST} item ids", where="inputList")
    items.named(sent, "userId", "userId")
    _, wish = await _wish(call, sent, sent["campaignArn"])
    kept = [one for one in given if wish.keep is None or wish.keep(one)]
    found = await rank(call.served, replace(wish, keep=None), kept)
    columns = _columns(sent)
    told = [_told(call, one, None, columns) for one in found.products]
    return Reply({"personalizedRanking": told, "recommendationId": PREFIX + found.decision_id})


async def _actions(call: Call, key: Key) -> Reply:
    key.needs(Permission.ASK, "GetActionRecommendations")
    sent = call.object()
    binding, wish = await _wish(call, sent, sent.get("campaignArn"), usual=5, most=100)
    if not binding.is_bound:
        wish = replace(wish, binding=binding_of(call.served.shop.settings, "personalize", "actions"))
    found = await recommend(call.served, wish)
    told = [{"actionId": one.product, "score": one.score} for one in found.products]
    return Reply({"actionList": told, "recommendationId": PREFIX + found.decision_id})


async def _wish(
    call: Call, sent: Mapping[str, Any], arn: Any, usual: int = USUAL, most: int = MOST
) -> tuple[Binding, Wish]:
    """Read what all three questions have in common."""
    call.served.check_ready()
    n = sent.get("numResults", usual)
    if not isinstance(n, int) or isinstance(n, bool) or not 0 <= n <= most:
        raise BadInput(f"numResults must be a whole number from 0 to {most}", where="numResults")
    for name in ("userId", "itemId"):
        if sent.get(name) is not None:
            items.named(sent, name, name)
    binding = binding_of(call.served.shop.settings, "personalize", _name(arn, "campaignArn"))
    wish = Wish(
        binding, n or usual, sent.get("userId"), product=sent.get("itemId"), device=_context(sent).get("DEVICE"),
        exclude=(sent["itemId"],) if sent.get("itemId") else (),
    )  # fmt: skip
    return binding, replace(wish, keep=await _keep(call, wish, sent.get("filterArn"), sent.get("filterValues")))


async def _keep(call: Call, wish: Wish, arn: Any, values: Any) -> Keep | None:
    """Read a filter; what it asks of the person is looked up once, where they allowed it."""
    if arn is None:
        return None
    if not isinstance(values or {}, dict) or not all(isinstance(one, str) for one in (values or {}).values()):
        raise BadInput("filterValues must map names to texts", where="filterValues")
    served = call.served
    kept = personalize_filters.read(
        personalize_filters.saved(served.shop.settings, _name(arn, "filterArn")), values or {}
    )
    may_look = wish.customer is not None and purpose_of(served, wish) is not Purpose.CONTEXTUAL
    history = await served.in_thread(lambda: History(served, wish.customer, may_look=may_look))
    page = items.facts_of(served, wish.product) if wish.product else {}
    overlay = served.overlay()

    def keeps(name: str) -> bool:
        done = history.done_with(name, overlay.parent_of(name))
        return kept.keeps(personalize_filters.Asked(items.facts_of(served, name), page, history.traits, done))

    return keeps


def _promotion(sent: Mapping[str, Any]) -> dict[str, Any] | None:
    given = sent.get("promotions") or []
    if not isinstance(given, list) or len(given) > 1 or not all(isinstance(one, dict) for one in given):
        raise BadInput("promotions holds at most one", where="promotions")
    if not given:
        return None
    share = given[0].get("percentPromotedItems", 100)
    if not isinstance(share, int) or not 1 <= share <= 100:
        raise BadInput("percentPromotedItems must be a whole number from 1 to 100", where="promotions")
    return {"name": "promotion", **given[0], "percentPromotedItems": share}


async def _promoted(call: Call, wish: Wish, promotion: Mapping[str, Any]) -> dict[str, Scored]:
    """Give what a promotion puts into the list: the best of what its filter keeps."""
    n = max(1, round(wish.n * promotion["percentPromotedItems"] / 100))
    keep = await _keep(call, wish, promotion.get("filterArn"), promotion.get("filterValues"))
    found = preview(call.served, replace(wish, n=n, keep=keep))
    return {one.product: one for one in found.products}


def _beside(call: Call, wish: Wish, promoted: Mapping[str, Scored]) -> Wish:
    """Ask for the promoted products and the best others: they are decided, and recorded, together."""
    others = preview(call.served, wish).products
    room = wish.n - len(promoted)
    chosen = {*promoted, *[one.product for one in others if one.product not in promoted][:room]}
    return replace(wish, keep=lambda name: name in chosen)


def _interleaved(found: Answered, promoted: Mapping[str, Scored], n: int) -> list[Scored]:
    """Spread the promoted products evenly over the list."""
    first = [one for one in found.products if one.product in promoted]
    others = [one for one in found.products if one.product not in promoted]
    listed: list[Scored] = []
    total = len(first) + len(others)
    for place in range(total):
        is_due = len(first) and (place + 1) * len(promoted) / max(total, 1) >= 1 + sum(
            one.product in promoted for one in listed
        )
        listed.append(first.pop(0) if is_due or not others else others.pop(0))
    return listed[:n]


def _told(call: Call, one: Scored, promotion: str | None, columns: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"itemId": one.product, "score": one.score}
    if promotion is not None:
        told |= {"promotionName": promotion, "reason": ["Promoted item"]}
    elif one.is_popular:
        told["reason"] = ["Popular item"]
    if columns:
        facts = items.facts_of(call.served, one.product)
        told["metadata"] = {
            name.lower(): "|".join(map(str, facts[name.casefold()][:20]))
            for name in columns
            if name.casefold() in facts
        }
    return told


def _columns(sent: Mapping[str, Any]) -> list[str]:
    given = sent.get("metadataColumns")
    if given is None:
        return []
    if not isinstance(given, dict) or len(given) > 1:
        raise BadInput("metadataColumns names one dataset type and its columns", where="metadataColumns")
    columns: list[str] = next(iter(given.values()), [])
    if not isinstance(columns, list) or not all(isinstance(one, str) for one in columns):
        raise BadInput("columns must be a list of names", where="metadataColumns")
    return columns


def _context(sent: Mapping[str, Any]) -> dict[str, str]:
    given = sent.get("context") or {}
    if not isinstance(given, dict) or len(given) > 150 or not all(isinstance(one, str) for one in given.values()):
        raise BadInput("context maps at most 150 names to texts", where="context")
    return {str(name).upper(): value for name, value in given.items()}


def _name(arn: Any, where: str) -> str:
    """Give the name an ARN ends with."""
    found = _ARN.fullmatch(arn) if isinstance(arn, str) and len(arn) <= 256 else None
    if found is None:
        raise BadInput(
            "an ARN of Amazon Personalize is needed, such as arn:aws:personalize:eu-west-1:1:campaign/name", where=where
        )
    return found["what"].rpartition("/")[2]


_VERBS: Mapping[str, Answer] = {
    "/recommendations": _recommendations, "/personalize-ranking": _ranking, "/action-recommendations": _actions,
    "/events": personalize_events.put_events, "/items": personalize_events.put_items,
    "/users": personalize_events.put_users, "/actions": personalize_events.put_actions,
    "/action-interactions": personalize_events.put_action_interactions,
}  # fmt: skip
