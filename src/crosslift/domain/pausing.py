"""A policy in which something rests because a guardrail was breached, and the policy in which it works again."""

from collections.abc import Mapping
from dataclasses import replace

from crosslift.domain.guardrail import Guarded, Sign
from crosslift.domain.policy import Policy
from crosslift.domain.rule import Gate, Moment, Rule, Selector
from crosslift.domain.variant import FEWEST, VariantSet

OWNER = "guardrails"
"""Who answers for what was paused by itself."""
CODE = "paused"
_REASONS = {
    Sign.DECLINED: "more people said no to them than we accept",
    Sign.MUTED: "more people asked never to see their like again than we accept",
    Sign.COMPLAINED: "more people complained after them than we accept",
    Sign.UNSUBSCRIBED: "more people unsubscribed after them than we accept",
    Sign.RETURNED: "more of what was bought by them came back than we accept",
    Sign.LEFT_CHECKOUT: "more people left the checkout after them than we accept",
    Sign.SLOW_PAGE: "their pages were slower than we accept",
}


def paused(policy: Policy, of: Guarded, target: str, sign: Sign) -> Policy:
    """Give a policy in which a strategy, a placement or an option (`set:option`) rests; arms are no part of a policy.

    Needs are told all the same: what something cannot be used without, and stand-ins. Of a set that would be left with
    one option nothing is drawn any more, and the levers that were on under its options rest.
    """
    if of is Guarded.OPTION:
        return _without_option(policy, *target.split(":", 1))
    kept = tuple(one for one in policy.rules if one.rule_id != rule_id(of, target))
    return replace(policy, rules=(*kept, _rule(of, target, sign)))


def is_paused(policy: Policy, of: Guarded, target: str) -> bool:
    """Tell whether a policy lets it rest."""
    if of is Guarded.OPTION:
        set_id, option = target.split(":", 1)
        return option not in {name for one in policy.variants if one.set_id == set_id for name in one.options}
    return any(one.rule_id == rule_id(of, target) and one.owner == OWNER for one in policy.rules)


def lifted(policy: Policy, before: Policy, of: Guarded, target: str) -> Policy:
    """Give a policy in which it works again, an option as it was in the policy before the pause."""
    if of is Guarded.OPTION:
        return _with_option(policy, before, *target.split(":", 1))
    return replace(policy, rules=tuple(one for one in policy.rules if one.rule_id != rule_id(of, target)))


def carried(policy: Policy, standing: Policy | None) -> Policy:
    """Give a new text of a policy the pauses of the one in force: they are lifted by hand alone."""
    rests = [one for one in standing.rules if one.owner == OWNER and one.code == CODE] if standing else []
    own = {one.rule_id for one in policy.rules}
    return replace(policy, rules=(*policy.rules, *(one for one in rests if one.rule_id not in own)))


def rule_id(of: Guarded, target: str) -> str:
    """Name the rule by which a strategy or placement rests."""
    return f"paused-{of}-{target}"


def _rule(of: Guarded, target: str, sign: Sign) -> Rule:
    moment, stops = Moment(), Selector()
    if of is Guarded.STRATEGY:
        stops = Selector(kinds=(target,))
    else:
        moment = Moment(placements=(target,))
    reason = f"These offers rest: {_REASONS[sign]}."
    return Rule(rule_id(of, target), Gate.APPLICABLE, CODE, OWNER, reason, moment, stops=stops)


def _without_option(policy: Policy, set_id: str, option: str) -> Policy:
    kept: list[VariantSet] = []
    rests: set[str] = set()
    for one in policy.variants:
        options = tuple(name for name in one.options if name != option)
        if one.set_id != set_id or option not in one.options:
            kept.append(one)
        elif len(options) < FEWEST:
            rests |= one.lever_ids
        else:
            levers = {name: ids for name, ids in one.levers.items() if name != option}
            kept.append(replace(one, options=options, levers=levers))
            rests |= one.lever_ids - kept[-1].lever_ids
    levers_left = tuple(one for one in policy.value.levers if one.lever_id not in rests)
    return replace(policy, variants=tuple(kept), value=replace(policy.value, levers=levers_left))


def _with_option(policy: Policy, before: Policy, set_id: str, option: str) -> Policy:
    [was] = [one for one in before.variants if one.set_id == set_id]
    now = next((one for one in policy.variants if one.set_id == set_id), None)
    has = {*now.options, option} if now else set(was.options)
    levers: Mapping[str, tuple[str, ...]] = {**was.levers, **(now.levers if now else {})}
    options = tuple(name for name in (*was.options, *(now.options if now else ())) if name in has)
    back = replace(
        now or was,
        options=tuple(dict.fromkeys(options)),
        levers={name: ids for name, ids in levers.items() if name in has},
    )
    others = tuple(one for one in policy.variants if one.set_id != set_id)
    known = {one.lever_id for one in policy.value.levers}
    again = [one for one in before.value.levers if one.lever_id in back.lever_ids and one.lever_id not in known]
    return replace(policy, variants=(*others, back), value=replace(policy.value, levers=(*policy.value.levers, *again)))
