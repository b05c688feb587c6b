"""Who may do what: every endpoint, asked without a key, with each kind of key, with another shop's and a revoked one."""

import json
import re
import shutil
from uuid import uuid4

import pytest

from crosslift.domain.audit import Entry
from crosslift.domain.guardrail import Guarded, Sign
from crosslift.domain.pausing import paused
from crosslift.shop import Shop
from crosslift.shop.guardrails import PAUSE
from crosslift.web.openapi import OPERATIONS

BODIES = {
    "/v1/collect": {"batch": []},
    "/v1/decide": {"placement": "cart", "cart": ["DRIP"]},
    "/v1/decide/page": {"cart": ["DRIP"], "page": [{"placement": "cart"}]},
    "/v1/widget": {"cart": ["DRIP"], "page": [{"placement": "cart"}]},
    "/v1/respond": {"responses": []},
    "/v1/products": {"products": [{"product_id": "FILT", "title": "Filters", "price": "1", "currency": "KRW"}]},
}
BODIES["/v1/decide/text"] = {"cart": ["DRIP"], "paper": "receipt"}
BODIES["/v1/chat"] = {"text": "How much is the spoon?", "anonymous": "b1"}
LINK = {"from_id": "DRIP", "to_id": "FILT", "kind": "fits"}
BODIES["/v1/links"] = {"links": [LINK]}
BODIES["/v1/bundles"] = {
    "bundles": [{"bundle_id": "S", "product_id": product, "kind": "look"} for product in ("DRIP", "FILT")]
}
BODIES["/v1/facts/{dataset}"] = {"customers": [{"customer_id": "c1"}]}
BODIES["/v1/identify"] = {"customer": "c1", "identifiers": {"email": "c1@mail.example"}}
BODIES["/v1/identities"] = {"first": "c1", "second": "c2", "action": "split", "author": "a", "reason": "two people"}
GRANT = {"customer_id": "c1", "purpose": "marketing", "channel": "email", "status": "granted", "source": "form"}
BODIES["/v1/consents"] = {"consents": [{**GRANT, "at": "2026-03-01T00:00:00Z"}]}
ASK = {"customer": "c1", "purpose": "marketing", "channel": "email", "source": "form", "wording": "Yes."}
BODIES["/v1/consents/ask"] = ASK
BODIES["/v1/segments"] = {
    "segment_id": "all", "titles": {"en": "All"}, "rule": "orders >= 0", "author": "a", "reason": "b"
}  # fmt: skip
BODIES["/v1/voice/{source}"] = {"data": {"kind": "nps", "rating": 9, "scale": 10, "customer_id": "c1"}}
BODIES["/v1/webhooks/{source}"] = {"type": "customers", "data": {"customer_id": "c1"}}
BODIES["/v1/offers"] = {
    "offers": [{"offer_id": "visit", "kind": "service", "title_en": "Visit", "price": "1", "currency": "KRW"}],
    "author": "a", "reason": "b",
}  # fmt: skip
WATCHED = 'name = "watched"\nextends = "helpful"\n'
DRAFT = {"text": 'name = "ours"\nextends = "helpful"\n', "author": "a", "reason": "b"}
BODIES["/v1/policies"] = DRAFT
BODIES["/v1/policies/check"] = {"text": DRAFT["text"]}
BODIES["/v1/off-policy"] = {"shares": {"letter": 1.0}}
BODIES["/v1/policies/simulate"] = {"text": DRAFT["text"], "days": 9}
BODIES["/v1/customers/{customer}/mute"] = BODIES["/v1/customers/{customer}/unmute"] = {"product": "MUG"}
BODIES["/v1/policies/stop"] = BODIES["/v1/policies/resume"] = {"author": "a", "reason": "b"}
BODIES["/v1/policies/{name}/publish"] = {"version": 1, "author": "a"}
BODIES["/v1/policies/{name}/rollback"] = {"version": 1, "author": "a", "reason": "b"}
CONTRACT = {
    "subscription_id": "s1", "customer_id": "c1", "product_id": "BEANS", "status": "active", "agent_id": "mina",
    "started_at": "2026-03-01T00:00:00Z", "recurring_price": "15000", "currency": "KRW", "period": "month",
}  # fmt: skip
BODIES["/v1/confirmations/ask"] = {"customer": "c1", "wording": "Yes.", "subscription": "s1"}
CAMPAIGN = {
    "campaign_id": "thanks", "kind": "amount_off", "titles": {"en": "Thanks"}, "value": "1", "budget": "90000000",
    "currency": "KRW", "ends_at": "2036-01-01T00:00:00Z", "author": "a", "reason": "b",
}  # fmt: skip
BODIES["/v1/coupon-campaigns"] = {"campaigns": [CAMPAIGN]}
BODIES["/v1/coupons"] = {"campaign": "thanks", "customer": "c1"}
BODIES["/v1/coupons/{code}/redeem"] = {"order": "o1", "cart_value": "9", "currency": "KRW"}
BODIES["/v1/coupons/{code}/release"] = {"order": "o1"}
BODIES["/v1/experiments"] = {"experiments": [
    {"experiment_id": "words", "kind": "variant", "arms": {"a": 0.5, "b": 0.5}, "author": "a", "reason": "b"}
]}  # fmt: skip
BODIES["/v1/experiments/{experiment_id}/stop"] = {"author": "a", "reason": "b"}
BODIES["/v1/experiments/{experiment_id}/promote"] = {"arm": "b", "author": "a", "reason": "b", "forced": True}
BODIES["/v1/experiments/{experiment_id}/rollback"] = {"author": "a", "reason": "b"}
BODIES["/v1/guardrails/lift"] = {
    "policy": "watched", "of": "strategy", "target": "complement", "author": "a", "reason": "b"
}  # fmt: skip
BODIES["/v1/goals"] = {
    "goals": [{"goal_id": "spring", "title": "Sell more", "figure": "revenue", "target": 9, "since": "2026-03-01",
               "until": "2026-06-01"}],
    "author": "mina",
}  # fmt: skip
BODIES["/v1/holdout"] = {"share": 0.1, "author": "a", "reason": "b"}
for verb in ("run", "pause", "resume"):
    BODIES[f"/v1/jobs/{{job}}/{verb}"] = {"author": "mina"}
BODIES["/v1/keys"] = {"label": "till", "roles": ["agent"]}
BODIES["/v1/keys/token"] = {"customer": "c1"}
BODIES["/v1/keys/{key_id}/rotate"] = {"hours": 1}
BODIES["/v1/users"] = {"login": "mina", "roles": ["marketer"]}
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
PATCH = {"products": [{"product_id": "FILT", "stock": 7}]}
KEYED = [one for one in OPERATIONS if one.keys]
OPEN = [one for one in OPERATIONS if not one.keys]
SECRET_ONLY = [one for one in KEYED if one.keys == ("secret",)]
EITHER = [one for one in KEYED if "publishable" in one.keys]


def ask(door, operation, **options):
    path = operation.path.replace("{decision_id}", door.decide()["decision_id"])
    path = (
        path.replace("{customer}", "c1")
        .replace("{dataset}", "customers")
        .replace("{job}", "learn")
        .replace("{experiment_id}", "words")
        .replace("{goal_id}", "spring")
        .replace("{import_id}", newest_import(door.shop))
    )
    body = PATCH if operation.method == "PATCH" else BODIES.get(operation.path)
    if operation.path.startswith(("/v1/users", "/v1/session")):
        path, body = somebody(door.shop.users, operation, path, body)
    if "{key_id}" in operation.path:
        path = path.replace("{key_id}", another_key(door.shop.keys))
    if operation.name == "get_segment_members":
        path = path.replace("{segment_id}", door.shop.segments.put(**BODIES["/v1/segments"])["segment_id"])
    if operation.name in ("get_promise", "redeem_promise"):
        decided = door.decide()
        promise = door.shop.promises.make(decided["decision_id"], decided["offers"][0]["product"])
        path, body = path.replace("{code}", promise.code), {"order": "o1"}
    if operation.path.startswith("/v1/coupons"):
        door.shop.coupons.put([CAMPAIGN, {**CAMPAIGN, "campaign_id": "all", "code": "SPRING"}])
        door.shop.coupons.redeem("SPRING", "o1", cart_value=9, currency="KRW", customer="c1")
        path = path.replace("{code}", "spring")
    measured(door.shop, operation)
    if operation.name == "make_promise":
        body = {"product": door.shop.decision(path.split("/")[3])["offers"][0]["product"]}
    if operation.name == "get_offer":
        door.shop.offers.put(**{"items" if k == "offers" else k: v for k, v in BODIES["/v1/offers"].items()})
        path = path.replace("{offer_id}", "visit")
    if operation.name == "explain":
        body = {"decision_id": door.decide()["decision_id"], "product": "FILT"}
    if operation.name == "get_consents":
        body, options = None, {"params": {"customer": "c1"}, **options}
    if operation.name == "get_fragment":
        options = {"params": {"placement": "cart"}, **options}
    if operation.name == "suggest_threshold":
        options = {"params": {"worth": 1}, **options}
    if operation.name == "erase_customer":
        path = path.replace("c1", brought := f"c{uuid4().hex}")
        door.shop.put_facts("customers", [{"customer_id": brought}])
    if operation.path.startswith("/v1/confirmations/"):
        door.shop.put_facts("subscriptions", [CONTRACT])
        asked = door.shop.confirmations.ask(**BODIES["/v1/confirmations/ask"])
        body = body or {"token": asked["token"]}
    if operation.name == "confirm_consent":
        body = {"token": door.shop.consents.ask(*ASK.values())}
    if operation.is_signed:
        sender = "facts" if operation.name == "post_webhook" else "standard"
        webhook, body = door.shop.webhooks.create("spring", sender), json.dumps(body).encode()
        path, options = path.replace("{source}", "spring"), {"headers": door.sign(webhook, body), **options}
    if operation.name == "delete_link":
        door.shop.put_links([LINK])
        body, options = None, {"params": LINK, **options}
    if "{name}" in operation.path:
        path = path.replace("{name}", "ours")
        drafted(door.shop.policies, is_retired=operation.name == "roll_back_policy")
    return door.ask(operation.method, path, None if operation.method == "GET" else body, **options)


def measured(shop, operation):
    """Let there be what is measured."""
    if "{experiment_id}" in operation.path:
        shop.experiments.put(BODIES["/v1/experiments"]["experiments"])
    if operation.name == "roll_back_promotion":
        shop.promotions.promote("words", "b", "a", "b", is_forced=True)
    if operation.name == "lift_pause":
        rests(shop)
    if operation.name in ("get_holdout", "get_satisfaction"):
        shop.experiments.hold_out(0.5, "a", "b", has_agreed=True)
    if operation.name == "delete_goal":
        shop.goals.put(BODIES["/v1/goals"]["goals"], "mina")
    if operation.name == "value_policy":
        chosen = {
            "choice_id": "x1",
            "unit_id": "c1",
            "at": "2026-03-01T00:00:00Z",
            "action": "letter",
            "probability": 0.5,
        }
        shop.put_facts("logged_choices", [{**chosen, "outcome": 1}])


def rests(shop):
    """Let a strategy rest as if a guardrail had paused it."""
    shop.policies.publish("watched", shop.policies.draft(**{**DRAFT, "text": WATCHED})["version"], "a")
    of, target = Guarded.STRATEGY, "complement"
    shop.in_force.amend(paused(shop.known.rulings.named("watched"), of, target, Sign.DECLINED), "a", "b", is_less=True)
    told = {"policy": "watched", "of": "strategy", "target": target, "version_before": 1}
    shop.records.append_audit(Entry(0, PAUSE, "strategy complement", told))


def newest_import(shop):
    """Name the import that can be taken back."""
    return str(max(one.import_id for one in shop.records.imports() if one.state == "committed"))


def another_key(keys):
    """Make a key to be rotated or revoked; gives its id."""
    keys.create("publishable", label := uuid4().hex)
    return next(one["key_id"] for one in keys.known() if one["label"] == label)


def somebody(users, operation, path, body):
    """Invite somebody to be changed, or to choose a password and sign in."""
    login = f"u{uuid4().hex}"
    invited = users.invite(login, ["viewer"])
    body = {"login": login + "2", "roles": ["viewer"]} if operation.name == "invite_user" else body
    body = {"roles": ["viewer"]} if operation.name == "change_user" else body
    if operation.name == "sign_in":
        users.choose_password(invited["token"], PASSWORD)
        body = {"login": login, "password": PASSWORD}
    if operation.name == "choose_password":
        body = {"token": invited["token"], "password": PASSWORD}
    return path.replace("{user_id}", invited["user_id"]), body


def drafted(policies, *, is_retired):
    """Draft a policy and, where it is to be rolled back to, let another take its place."""
    policies.draft(**DRAFT)
    if is_retired:
        second = policies.draft(**{**DRAFT, "text": DRAFT["text"] + "# again"})["version"]
        policies.publish("ours", 1, "a")
        policies.publish("ours", second, "a")


def name(operation):
    return operation.name


@pytest.fixture(scope="module")
def gate(learned_home, tmp_path_factory, open_door, now):
    """One shop served for all who are refused at the door: nobody changes it."""
    home = tmp_path_factory.mktemp("gate") / "home"
    shutil.copytree(learned_home, home)
    with Shop(home, clock=lambda: now) as shop, open_door(shop) as one:
        yield one.wait_until_ready()


def knock(door, operation, **options):
    """Ask without there being anything to ask about: who is refused at the door never comes that far."""
    path = re.sub(r"{\w+}", "c1", operation.path)
    return door.ask(
        operation.method, path, None if operation.method == "GET" else BODIES.get(operation.path, {}), **options
    )


@pytest.mark.parametrize("operation", KEYED, ids=name)
def test_without_a_key_nothing_is_told(gate, problem, operation):
    answer = knock(gate, operation, key=None)
    problem(answer, 401, "key_needed")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("operation", KEYED, ids=name)
def test_an_unknown_key_is_no_key(gate, problem, operation):
    for key in ("sk_nobody-made-this", "", "ü", "x" * 5000):
        answer = knock(gate, operation, key=None, headers={"X-Crosslift-Key": key.encode()})
        problem(answer, 401, "key_unknown" if key else "key_needed")
        assert key == "" or key not in answer.text


@pytest.fixture(scope="module")
def neighbors_key(learned_home, tmp_path_factory):
    """A key that another shop made."""
    home = tmp_path_factory.mktemp("neighbor") / "other"
    shutil.copytree(learned_home, home)
    with Shop(home) as other:
        return other.create_key("secret", "the neighbor's")


@pytest.mark.parametrize("operation", KEYED, ids=name)
def test_another_shops_key_is_no_key(gate, problem, operation, neighbors_key):
    problem(knock(gate, operation, key=neighbors_key), 401, "key_unknown")


@pytest.mark.parametrize("operation", KEYED, ids=name)
def test_a_revoked_key_stops_with_the_next_request(door, problem, operation, now):
    key = door.shop.create_key("secret", "to be revoked")
    assert ask(door, operation, key=key).status_code == 200
    row = next(row for row in door.shop.records.api_keys() if row["label"] == "to be revoked")
    with Shop(door.shop.home, clock=lambda: now) as elsewhere:  # another process does it
        elsewhere.revoke_key(row["key_id"])
    problem(ask(door, operation, key=key), 401, "key_unknown")


@pytest.mark.parametrize("operation", KEYED, ids=name)
def test_a_secret_key_may_do_everything_and_no_web_page_the_rest(door, operation):
    answer = ask(door, operation, headers={"Origin": "https://shop.example"})
    assert answer.status_code == 200
    assert operation not in SECRET_ONLY or "access-control-allow-origin" not in answer.headers


def test_a_key_may_come_in_a_header_of_its_own(door):
    operation = next(one for one in KEYED if one.name == "get_offers")
    assert ask(door, operation, key=None, headers={"X-Crosslift-Key": door.secret}).status_code == 200


@pytest.mark.parametrize("operation", SECRET_ONLY, ids=name)
def test_a_publishable_key_may_not(gate, problem, operation):
    problem(knock(gate, operation, key="publishable"), 403, "refused")


@pytest.mark.parametrize("operation", EITHER, ids=name)
def test_a_publishable_key_may(door, operation):
    assert ask(door, operation, key="publishable").status_code == 200


@pytest.mark.parametrize("operation", OPEN, ids=name)
def test_no_key_is_needed_to_look_after_the_server(door, operation):
    assert ask(door, operation, key=None).status_code == 200


@pytest.mark.parametrize("operation", [one for one in EITHER if one.method == "POST"], ids=name)
def test_any_web_page_may_ask_what_a_publishable_key_may(door, operation):
    origin = {"Origin": "https://shop.example"}
    asked = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    before = door.ask("OPTIONS", operation.path, key=None, headers=asked)
    assert before.status_code == 204
    assert "POST" in before.headers["access-control-allow-methods"]
    assert "authorization" in before.headers["access-control-allow-headers"].lower()
    for key in ("publishable", None):  # a refusal can be read as well
        assert ask(door, operation, key=key, headers=origin).headers["access-control-allow-origin"] == "*"
