"""The page that tells shoppers how offers are chosen, made from the policy and the settings in force and from nothing else.

Every figure on it stands in the policy, in an experiment or in the settings; what a policy does not say is not told. It serves
what the law of several markets asks for: the main parameters of a ranking in plain words (Directive (EU) 2019/2161, article 3(4);
Korea's PIPA, article 37-2).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from crosslift.domain.experiment import HELD, TrialKind
from crosslift.domain.money import Money
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import Policy
from crosslift.domain.pressure import ACCOUNT, Reaction
from crosslift.domain.rule import Gate, Rule
from crosslift.domain.value import Lever, Objective
from crosslift.wording.formats import clock, day, exact, listing, money
from crosslift.wording.in_force import InForce, Page, Section
from crosslift.wording.messages import Noun, text
from crosslift.wording.reasons import KINDS, kind_word
from crosslift.wording.storefront import labels

SOURCES = (
    "stand_in", "pinned", "required", "refill", "searched", "content", "goal", "complement", "offer", "own_list", "plugin",
    "held", "sequence", "category_companion", "substitute", "alike", "upgrade", "filler", "bestseller", "completion",
)  # fmt: skip
"""Those that have a sentence of their own."""
TRAITS = (
    "health", "religion", "ethnicity", "race", "sexual_orientation", "politics", "union", "biometrics", "genetics"
)  # fmt: skip
CHANNELS = ("web", "app", "email", "sms", "push", "phone", "desk", "till", "kiosk", "receipt", "chat")
SCOPES = ("product", "category", "all")
HEADINGS = ("sources", "order", "interest", "chance", "never", "often", "no")
KEYS = (
    "title", "lead", "stopped", "other", *(f"heading.{one}" for one in HEADINGS), "data.context", "data.history",
    "data.contextual", *(f"source.{one}" for one in SOURCES), "gates", *(f"gate.{gate}" for gate in Gate), "owned",
    *(f"rule{one}" for one in ("", "_law", "_pack", "_pack_law")), "look_first", *(f"rank.{one}" for one in Objective),
    "usual", "at_most", "of_category", "of_kind", "kept_for", "extras", "sets", "companion_price", "step_price", "closed",
    "returning", "near_date", "goals", "bar", "packs", "explore", "explore_none", "variants", "guardrails", "holdout",
    "holdout_at", "holdout_kinds", "holdout_none", "trial", "never.sensitive", "never.price", *(f"trait.{one}" for one in TRAITS),
    "cap", "cap_account", "cap_none", "everything", "quiet", "everywhere", "in_markets", "on_topics", "behind",
    "incentive", "lower_step", "solve_first", "useful", "win", "first_where", "rest", "rest_times", "often.intro",
    *(f"interest.{one}" for one in ("none", "order", "pinned", "slow", "lever", "slow_word", "lever_from",
        "lever_budget", "lever_part", "weight", "weight_at", "margin", "worth", "cost", "by_hand", "banned")),
    *(f"reaction.{one}" for one in Reaction), *(f"scope.{one}" for one in SCOPES),
    *(f"no.{one}" for one in ("button", "everywhere", "consent", "why")),
    *(f"span.{one}" for one in ("days", "hours", "minutes")),
    *(f"place.{one}" for one in ("everywhere", "elsewhere", *PLACEMENTS)), *(f"channel.{one}" for one in CHANNELS),
)  # fmt: skip
"""All keys of its messages."""
NEUTRAL = (Objective.RELEVANCE, Objective.CONVERSION)
"""What a placement may be for without the shop's own interest in it."""


def how_we_recommend(found: InForce, language: str) -> Page:
    """Tell how offers are chosen.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from crosslift.domain.policy import HELPFUL
    >>> page = how_we_recommend(InForce(HELPFUL, datetime(2026, 11, 1, tzinfo=UTC), "USD"), "en")
    >>> page.sections[5].heading, page.sections[5].sentences[1]
    ('How often we speak at most', 'At most 1 time in 1 day: website, app.')
    """
    policy = found.policy
    lead = [_say("lead", language, policy=policy.name, version=str(policy.version))]
    lead += [_say("stopped", language)] if found.is_stopped else []
    lead += [_say("other", language, names=listing(found.others, language))] if found.others else []
    parts = (_sources, _order, _interest, _chance, _never, _often, _no)
    return Page(
        _say("title", language),
        tuple(lead),
        tuple(
            Section(key, _say(f"heading.{key}", language), tuple(part(found, language)))
            for key, part in zip(HEADINGS, parts, strict=True)
        ),
    )


def _sources(found: InForce, language: str) -> list[str]:
    said = [_say("data.context", language)]
    said.append(_say("data.contextual" if found.is_contextual_only else "data.history", language))
    return said + [_say(f"source.{name}", language) for name in SOURCES if _is_asked(found.policy, name)]


def _is_asked(policy: Policy, source: str) -> bool:
    """Tell whether any placement asks a source under a policy, as `decide.sources.sources_of` does."""
    if source not in policy.candidates:
        return False
    if source == "completion":
        return True
    if source == "bestseller":
        return "completion" in policy.candidates or any(one.shows_bestsellers for one in PLACEMENTS.values())
    return any(source in placement.sources for placement in PLACEMENTS.values())


def _order(found: InForce, language: str) -> list[str]:
    policy, said = found.policy, [_say("gates", language)]
    for gate in Gate:
        said.append(_say(f"gate.{gate}", language))
        if gate is Gate.ELIGIBLE:
            said += [_say("owned", language)] * policy.excludes_owned + _prices(policy, language)
        if gate is Gate.APPLICABLE and policy.closed_days:
            said.append(_say("closed", language, span=_span(policy.closed_days, language)))
            if policy.returning_days:
                said.append(_say("returning", language, span=_span(policy.returning_days, language)))
        if gate is Gate.SUITABLE and not found.is_contextual_only:
            said += [_say("incentive", language)] + [_say("lower_step", language)] * _is_asked(policy, "upgrade")
        said += [_rule(rule, found, language) for rule in policy.rules if rule.gate is gate]
    said += _ranks(policy, language) + _counts(policy, language)
    if policy.goals:
        titles = [_best(goal.titles, language) or goal.goal_id for goal in policy.goals]
        said.append(_say("goals", language, titles=listing(titles, language)))
    for bar in policy.value.bars:
        amount = money(Money(Decimal(str(bar.amount)), bar.currency), language)
        said.append(_say("bar", language, amount=amount, title=Noun(_best(bar.titles, language) or bar.bar_id)))
    return said + ([_say("packs", language, packs=listing(policy.packs, language))] if policy.packs else [])


def _prices(policy: Policy, language: str) -> list[str]:
    terms, said = policy.value, []
    if terms.max_cross_ratio is not None:
        said.append(_say("companion_price", language, times=exact(terms.max_cross_ratio, language)))
    if terms.max_step is not None:
        said.append(_say("step_price", language, share=_percent(terms.max_step, language)))
    return said


def _rule(rule: Rule, found: InForce, language: str) -> str:
    seconds = rule.moment.below_dwell_seconds
    if rule.moment.interrupts and seconds is not None and not rule.law:
        return _say("look_first", language, n=exact(seconds, language))
    pack = found.pack_titles.get(rule.rule_id)
    key, named = ("rule", {}) if pack is None else ("rule_pack", {"pack": Noun(_best(pack, language) or "")})
    if rule.law:
        return _say(f"{key}_law", language, reason=Noun(rule.reason), law=Noun(rule.law), **named)
    return _say(key, language, reason=Noun(rule.reason), **named)


def _ranks(policy: Policy, language: str) -> list[str]:
    """Name what goes first, place by place; the objective of all others last."""
    rest = policy.value.objective("")
    of = {name: policy.value.objective(name) for name in PLACEMENTS}
    said = []
    for objective in Objective:
        named = [_say(f"place.{name}", language) for name, one in of.items() if one is objective is not rest]
        if objective is rest:
            named = [_say("place.everywhere" if set(of.values()) == {rest} else "place.elsewhere", language)]
        if named:
            said.append(_say(f"rank.{objective}", language, places=listing(named, language)))
    return said


def _counts(policy: Policy, language: str) -> list[str]:
    said = [_say("usual", language, n=str(policy.default_offers))]
    if policy.max_offers is not None:
        said.append(_say("at_most", language, n=str(policy.max_offers)))
    if policy.max_per_category is not None:
        said.append(_say("of_category", language, n=str(policy.max_per_category)))
    for key, counts in (("of_kind", policy.max_per_kind), ("kept_for", policy.reserved)):
        said += [_say(key, language, kind=_kind(kind, language), n=str(n)) for kind, n in counts.items()]
    for most in sorted(set(policy.max_extras.values())):
        places = [_place(name, language) for name, n in policy.max_extras.items() if n == most]
        said.append(_say("extras", language, places=listing(places, language), n=str(most)))
    if policy.offers_sets:
        said.append(_say("sets", language, n=str(policy.max_sets)))
    said.append(_say("near_date", language, span=_span(policy.near_date_days, language)))
    return said


def _interest(found: InForce, language: str) -> list[str]:
    policy, said = found.policy, []
    objectives = {policy.value.objective(name) for name in PLACEMENTS}
    asks_money = not objectives <= set(NEUTRAL)
    said += [_say("interest.order", language)] if asks_money else []
    said += [_say("interest.pinned", language)] if _is_asked(policy, "pinned") else []
    for key, n in (("by_hand", found.n_weighed), ("banned", found.n_banned)):
        said += [_say(f"interest.{key}", language, n=str(n))] if n else []
    if policy.prefers_slow_stock and Objective.RELEVANCE in objectives:
        said.append(_say("interest.slow", language, share=_percent(policy.slow_floor, language)))
    for lever in policy.value.levers:
        said += _lever(found, lever, language)
    for name, weight in policy.value.context_weights.items():
        said += _weight(name, weight, language)
    if policy.value.margin_floor is not None:
        said.append(_say("interest.margin", language, share=_percent(policy.value.margin_floor, language)))
    if asks_money and policy.value.min_worth > 0:
        said.append(_say("interest.worth", language, amount=_amount(policy.value.min_worth, found, language)))
    for channel, cost in policy.pressure.costs.items():
        if asks_money and cost > 0:
            amount = _amount(cost, found, language)
            said.append(_say("interest.cost", language, channel=_channel(channel, language), amount=amount))
    return said or [_say("interest.none", language)]


def _lever(found: InForce, lever: Lever, language: str) -> list[str]:
    """Tell of a lever while it is on; one that names nothing is on nothing."""
    if found.now >= lever.ends_at or (lever.starts_at is not None and found.now < lever.starts_at):
        return []
    what = [*(found.title_of(one) for one in lever.products), *lever.categories]
    if lever.slow_stock:
        what = [_say("interest.slow_word", language), *what]
    if not what:
        return []
    on = day(lever.ends_at.date(), language)
    said = [_say("interest.lever", language, on=on, times=exact(lever.factor, language), what=listing(what, language))]
    if lever.min_relevance:
        said.append(_say("interest.lever_from", language, share=_percent(lever.min_relevance, language)))
    if lever.max_share is not None:
        said.append(_say("interest.lever_budget", language, share=_percent(lever.max_share, language)))
    if any(lever.lever_id in some for one in found.policy.variants for some in one.levers.values()):
        said.append(_say("interest.lever_part", language))
    return said


def _weight(name: str, weight: float, language: str) -> list[str]:
    place, _, source = name.rpartition(":")
    if weight == 1.0:
        return []
    named = {"times": exact(weight, language), "kind": _kind(source, language)}
    if not place:
        return [_say("interest.weight", language, None, **named)]
    return [_say("interest.weight_at", language, None, place=_place(place, language), **named)]


def _chance(found: InForce, language: str) -> list[str]:
    policy, said = found.policy, []
    if policy.epsilon > 0 and not policy.is_holdout_exempt:
        said.append(_say("explore", language, share=_percent(policy.epsilon, language)))
    else:
        said.append(_say("explore_none", language))
    if policy.variants and not policy.is_holdout_exempt:
        said.append(_say("variants", language, n=str(len(policy.variants))))
    if policy.guardrails:
        said.append(_say("guardrails", language, n=str(len(policy.guardrails))))
    asked = () if policy.is_holdout_exempt else found.experiments
    running = [one for one in asked if any(one.runs_at(found.now, name) for name in PLACEMENTS)]
    held = [one for one in running if one.kind is TrialKind.HOLDOUT]
    for trial in held:
        said.append(_say("holdout", language, share=_percent(trial.arms[HELD], language)))
        if trial.placements:
            places = [_place(one, language) for one in trial.placements]
            said.append(_say("holdout_at", language, places=listing(places, language)))
        if trial.strategies:
            kinds = [_kind(one, language) for one in trial.strategies]
            said.append(_say("holdout_kinds", language, kinds=listing(kinds, language)))
    if not held:
        said.append(_say("holdout_none", language))
    if len(running) > len(held):
        said.append(_say("trial", language, n=str(len(running) - len(held))))
    return said


def _never(found: InForce, language: str) -> list[str]:
    named = [_say(f"trait.{one}", language) if one in TRAITS else one for one in found.sensitive_traits]
    said = [_say("never.sensitive", language, traits=listing(named, language))] if named else []
    return [*said, _say("never.price", language)]


def _often(found: InForce, language: str) -> list[str]:
    limits, said = found.policy.pressure, [_say("often.intro", language)]
    for cap in limits.caps:
        where = _where(cap.channels, "everything", language, topics=cap.topics)
        key = "cap_account" if cap.unit == ACCOUNT else "cap"
        said.append(_say(key, language, cap.most, n=str(cap.most), span=_span(cap.days, language), where=where))
    if not limits.caps:
        said.append(_say("cap_none", language))
    for hours in limits.quiet_hours:
        where = _where(hours.channels, "everywhere", language, hours.markets)
        said.append(
            _say("quiet", language, start=clock(hours.start, language), end=clock(hours.end, language), where=where)
        )
        said += _law(hours.law, language)
    said += [_say("solve_first", language)] if limits.must_solve_first else []
    first = limits.value_first
    if first is not None and (first.n_useful or first.needs_win):
        said += [_say("useful", language, n=str(first.n_useful))] if first.n_useful else []
        said += [_say("win", language)] if first.needs_win else []
        where = _where(first.channels, "everywhere", language, first.markets)
        said.append(_say("first_where", language, where=where))
    return said


def _no(found: InForce, language: str) -> list[str]:
    said = [_say("no.button", language, label=labels(language)["not_for_me"])]
    for pause in found.policy.pressure.cooldowns:
        named = {
            "what": Noun(_say(f"reaction.{pause.after}", language)), "scope": Noun(_say(f"scope.{pause.scope}", language)),
            "span": _span(pause.days, language),
        }  # fmt: skip
        if pause.n_times > 1:
            within = _span(pause.within_days, language)
            said.append(_say("rest_times", language, None, n=str(pause.n_times), within=within, **named))
        else:
            said.append(_say("rest", language, None, **named))
        said += _law(pause.law, language)
    return said + [_say(f"no.{key}", language) for key in ("everywhere", "consent", "why")]


# words ------------------------------------------------------------------------------------------------------------


def _say(key: str, language: str, count: int | None = None, /, **values: str) -> str:
    return text(f"how.{key}", language, count, **values)


def _law(law: str, language: str) -> list[str]:
    return [_say("behind", language, law=Noun(law))] if law else []


def _kind(source: str, language: str) -> str:
    return kind_word(source, language) if source in KINDS else source


def _place(name: str, language: str) -> str:
    return _say(f"place.{name}", language) if name in PLACEMENTS else name


def _where(
    channels: Sequence[str], everything: str, language: str, markets: Sequence[str] = (), topics: Sequence[str] = ()
) -> str:
    """Name channels, and apart from them markets or topics."""
    named = [_channel(name, language) for name in channels]
    where = listing(named, language) if named else _say(everything, language)
    if markets:
        where = _say("in_markets", language, where=where, markets=listing(markets, language))
    return _say("on_topics", language, where=where, topics=listing(topics, language)) if topics else where


def _channel(name: str, language: str) -> str:
    return _say(f"channel.{name}", language) if name in CHANNELS else name


_UNITS = {"days": 1.0, "hours": 24.0, "minutes": 1440.0}
"""Of a day."""


def _span(days: float, language: str) -> str:
    """Write a span as exactly as a policy does: in days, else in hours, else in minutes."""
    whole = (unit for unit, size in _UNITS.items() if round(days * size, 6) == int(round(days * size, 6)))
    unit = next(whole, "minutes")
    n = round(days * _UNITS[unit], 6)
    return _say(f"span.{unit}", language, 1 if n == 1 else 2, n=exact(n, language))


def _percent(share: float, language: str) -> str:
    return f"{exact(round(share * 100, 6), language)}%"


def _amount(value: float, found: InForce, language: str) -> str:
    return money(Money(Decimal(str(value)), found.currency), language)


def _best(titles: Mapping[str, str], language: str) -> str | None:
    return titles.get(language) or titles.get(language[:2]) or titles.get("en") or next(iter(titles.values()), None)
