"""The gates once more, one candidate at a time and as slowly as they read: what `test_gates` holds the fast ones to.

Written from the definitions (DESIGN 6, the domain's docstrings) over the plain tables of `gate_worlds`; nothing of `decide`
is used but the names of codes. Loaded by `load_script`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from crosslift.domain.decision import DropCode
from crosslift.domain.placement import GOES_WITH, PLACEMENTS
from crosslift.domain.pressure import ContactState, Reaction
from crosslift.domain.rule import Gate

DAY = 86_400_000_000
SOUTH = ("AU", "NZ")
ALTERNATIVES = ("substitute", "alike", "upgrade")
SPARED = ("required", "stand_in")
COSTLY = ("serial_returner", "heavy_service", "defaulter", "unprofitable")


@dataclass(frozen=True)
class Judge:
    """One context in one world; `code` tells what stops a candidate."""

    world: Any
    asked: Any

    # what is looked at

    @property
    def request(self):
        return self.asked.request

    @cached_property
    def placement(self):
        return PLACEMENTS[self.request.placement]

    @cached_property
    def now(self):
        return int(self.request.at.timestamp() * 1e6)

    @cached_property
    def allows(self):
        def allows(purpose):
            consents = self.asked.person.consents
            return consents.get((purpose, self.placement.channel), consents.get((purpose, "*"), False))

        return allows

    @cached_property
    def is_refused(self):
        return self.placement.is_message and not self.allows("marketing")

    @cached_property
    def knows(self):
        """Whether the person may be known here."""
        return self.asked.person.is_known and self.allows("personalization")

    @cached_property
    def profile(self):
        facts = self.asked.person.facts
        return facts.profile if self.knows and facts else None

    def items(self, names):
        """Products of the snapshot that some names mean, variants by their product too."""
        found = set()
        for name in names:
            row = self.world.rows.get(name)
            found |= {self.sold_as(one) for one in (name, row.parent_id if row else None)} - {None}
        return found

    def sold_as(self, name):
        """The product of the snapshot, or the offer with a place of its own, that an id means."""
        if name in self.world.shelves:
            return name
        return next((one.sold_as for one in self.world.offers if one.offer_id == name), None)

    @cached_property
    def cart(self):
        return self.items(self.request.cart)

    @cached_property
    def page(self):
        return self.items([self.request.product] if self.request.product else [])

    @cached_property
    def owned(self):
        return self.items(self.asked.person.owned) if self.knows else set()

    @cached_property
    def held(self):
        return self.items([*self.request.holdings, *(self.asked.person.holdings if self.knows else ())])

    @cached_property
    def anchors(self):
        history = self.owned if self.placement.uses_history else set()
        return self.cart | self.page or self.held or self.items(self.request.viewed[-5:]) or history

    @cached_property
    def local(self):
        zones, market = self.asked.policy.timezones, self.request.market
        zone = self.asked.person.timezone or zones.get(market or "") or zones.get("*") or "UTC"
        return self.request.at.astimezone(ZoneInfo(zone))

    def to(self, kind, sources):
        return {b for a, b in self.world.links[kind] if a in sources}

    def shelf(self, item):
        """The category the snapshot has."""
        offer = next((one for one in self.world.offers if one.sold_as == item), None)
        return self.world.shelves.get(item) if item in self.world.shelves else offer.category

    def offers(self, item):
        return [one for one in self.world.offers if one.sold_as == item]

    # live values

    def flag(self, item):
        """What the catalog says against offering it, and the row it would be sold as."""
        rows = self.world.rows
        if item not in self.world.shelves:
            return None, item
        variants = sorted(
            (self._flag(row), row.price_micros or 0, name) for name, row in rows.items() if row.parent_id == item
        )
        own = rows.get(item)
        if not variants:
            if own is None:
                return DropCode.INACTIVE, item
            if own.parent_id in self.world.known.index:
                return DropCode.SAME_PRODUCT, item
            return self._named(self._flag(own)), item
        best, _, name = variants[0]
        if own is not None and self._flag(own) in (1, 2):
            best = self._flag(own)
        return self._named(best), name

    @staticmethod
    def _flag(row):
        tests = (
            not row.is_sellable,
            not row.is_active,
            row.stock is not None and row.stock <= 0,
            row.price_micros is None,
        )
        return next((n for n, fails in enumerate(tests, 1) if fails), 0)

    @staticmethod
    def _named(flag):
        codes = (None, DropCode.NOT_SELLABLE, DropCode.INACTIVE, DropCode.OUT_OF_STOCK, DropCode.PRICE_MISSING)
        return codes[flag]

    def price(self, item):
        if item not in self.world.shelves:
            return float(self.offers(item)[0].prices[0].amount.amount)
        row = self.world.rows.get(self.flag(item)[1])
        return None if row is None or row.price_micros is None else row.price_micros / 1e6

    def cost(self, item):
        return self.world.costs.get(item)

    @cached_property
    def dearest(self):
        prices = [price for item in self.cart | self.page if (price := self.price(item)) is not None]
        return max(prices, default=None)

    # the merchant's links

    @cached_property
    def links(self):
        """Links in force here as (kind, action, items they lead to)."""
        found = []
        for one in self.world.curated:
            if (one.expires_at is not None and self.now >= one.expires_at) or one.market not in (
                None,
                self.request.market,
            ):
                continue
            if one.from_id == "*" or self.meant(one.from_id) & self.anchors:
                found.append((one.kind, one.action, self.meant(one.to_id)))
            if one.kind == "apart" and self.meant(one.to_id) & self.anchors:
                found.append((one.kind, one.action, self.meant(one.from_id)))
        return found

    def meant(self, end):
        if not end.startswith("category:"):
            return {self.sold_as(end)} - {None}
        return {item for item in self.world.known.products if within(self.shelf(item), end.removeprefix("category:"))}

    # the gates

    def code(self, item, source):
        """What stops a candidate first; None for nothing."""
        for gate in (self.eligible, self.applicable, self.suitable, self.allowed):
            for found in gate(item, source):
                if found:
                    return str(found)
        return None

    def eligible(self, item, source):
        world, sight = self.world, self.cart | self.page
        yield item in self.cart and DropCode.IN_CART
        yield item in self.items(self.request.exclude) and DropCode.EXCLUDED
        yield any(action == "ban" and item in to for _, action, to in self.links) and DropCode.BANNED
        yield item in self.page and DropCode.SAME_PRODUCT
        yield self.flag(item)[0]
        has = self.owned | self.held
        yield (
            self.asked.policy.excludes_owned and source != "refill" and item in has and item not in world.consumable
            and DropCode.OWNED
        )  # fmt: skip
        best_before = world.dates.get(item)
        today = int(datetime(2026, 7, 1, tzinfo=UTC).timestamp()) // 86_400
        yield best_before is not None and today + best_before < self.now // DAY and DropCode.EXPIRED
        yield item in self.to("excludes", self.anchors) - self.to("fits", self.anchors) and DropCode.DOES_NOT_FIT
        yield item in self.to("included", self.anchors) and DropCode.INCLUDED
        apart = [to for kind, action, to in self.links if kind == "apart" and action != "ban"]
        yield any(item in to for to in apart) and DropCode.NEVER_TOGETHER
        yield source in GOES_WITH and item in self.to("substitute", sight) and DropCode.SUBSTITUTE_OF_CART
        yield self.is_too_dear(item, source) and DropCode.TOO_DEAR
        yield self.is_below_floor(item) and DropCode.BELOW_FLOOR
        yield any(one.min_age and not self.is_of_age(one.min_age) for one in self.here(item)) and DropCode.TOO_YOUNG
        yield self.rule(Gate.ELIGIBLE, item, source)

    def is_too_dear(self, item, source):
        most, price = self.asked.policy.value.max_cross_ratio, self.price(item)
        if most is None or source not in GOES_WITH or price is None or self.dearest is None:
            return False
        return price > most * self.dearest

    def is_below_floor(self, item):
        terms, price = self.asked.policy.value, self.price(item)
        cost = self.cost(item)
        if terms.margin_floor is None or price is None or cost is None:
            return False
        rate = terms.tax_rates.get(self.request.market or "*", terms.tax_rates.get("*", 0.0))
        net = price / (1 + rate)
        return net - cost < terms.margin_floor * net - 1e-6

    def is_of_age(self, years):
        age = self.profile.traits.get("age") if self.profile else None
        return age is not None and int(age) >= years

    def applicable(self, item, source):
        yield source == "complement" and self.out_of_season(item)
        yield self.is_too_late(item, source) and DropCode.TOO_LATE
        here = self.here(item)
        if self.offers(item) and not self.running(item) and not self.is_bare(item, source):
            yield DropCode.NOT_YET if here else DropCode.WRONG_MARKET
        yield self.rule(Gate.APPLICABLE, item, source)

    def out_of_season(self, item):
        """Told of a companion none of whose relations to what is here holds now and here."""
        found = [self.world.pairs[pair] for a in self.anchors if (pair := frozenset((a, item))) in self.world.pairs]
        is_here = [told for told in found if self.holds_here(told)]
        if any(self.holds_now(told) for told in is_here):
            return None
        return DropCode.NOT_YET if is_here else DropCode.WRONG_MARKET

    def holds_here(self, told):
        market = self.request.market
        return "markets" not in told or market not in ("KR", "JP", "AU") or market in told["markets"]

    def holds_now(self, told):
        """One market tells the season, if any does; the others take it from there."""
        market, month = self.request.market, self.local.month
        if "seasons" not in told:
            return True
        ((told_by, months),) = told["seasons"].items()
        if market == told_by:
            return month in months
        if market is None:
            return told["mask"] == -1 or month in months
        if told["mask"] == -1 and market in ("KR", "JP", "AU"):
            return True
        is_turned = (market in SOUTH) != (told_by in SOUTH)
        return ((month + 5) % 12 + 1 if is_turned else month) in months

    def is_too_late(self, item, source):
        policy, person = self.asked.policy, self.asked.person
        if not self.knows or source not in ALTERNATIVES or item in self.world.consumable or self.comes_back_to(item):
            return False
        for name, at in person.lately.items():
            for bought in self.items([name]):
                if bought != self.parent(name) or bought in self.world.consumable:
                    continue
                same = (self.shelf(bought) is not None and self.shelf(bought) == self.shelf(item)) or bought == item
                if same and 0 <= self.now - at < policy.closed_days * DAY:
                    return True
        return False

    def parent(self, name):
        row = self.world.rows.get(name)
        return row.parent_id if row and row.parent_id else name

    def comes_back_to(self, item):
        for visit in self.asked.person.returning:
            bought_since = any(
                visit.last_at < at <= self.now and within(self.shelf(self.parent(name)), visit.category)
                for name, at in self.asked.person.lately.items() if self.parent(name) in self.world.known.index
            )  # fmt: skip
            is_lately = self.now - visit.last_at <= self.asked.policy.returning_days * DAY
            if visit.n_visits >= 2 and is_lately and not bought_since and within(self.shelf(item), visit.category):
                return True
        return False

    def here(self, item):
        return [one for one in self.offers(item) if not one.markets or self.request.market in one.markets]

    def running(self, item):
        return [
            one for one in self.here(item)
            if (one.starts_at is None or one.starts_at <= self.request.at)
            and (one.ends_at is None or self.request.at < one.ends_at)
            and (not one.months or self.local.month in one.months)
        ]  # fmt: skip

    def is_bare(self, item, source):
        return item in self.world.shelves and source not in ("offer", "goal")

    def suitable(self, item, source):
        offers = self.offers(item)
        is_costly = self.profile is not None and self.profile.contribution_class in COSTLY
        yield bool(offers) and offers[0].kind == "coupon" and is_costly and DropCode.NO_INCENTIVE
        yield any(one.avoid and self.who(one.avoid) for one in self.here(item)) and DropCode.NOT_FOR_PERSON
        fitting = [one for one in self.running(item) if not one.audience or self.who(one.audience)]
        yield bool(offers) and not fitting and not self.is_bare(item, source) and DropCode.NOT_FOR_PERSON
        yield self.rule(Gate.SUITABLE, item, source)

    def allowed(self, item, source):
        yield self.rule(Gate.ALLOWED, item, source)
        if source in SPARED:
            return
        yield self.is_resting(item) and DropCode.COOLING_DOWN
        yield self.stop

    def is_resting(self, item):
        days = {one.after: one.days for one in self.asked.policy.pressure.cooldowns if one.scope == "product"}
        for told in self.asked.person.pressure.reactions:
            means = told.product_id if told.product_id in self.world.known.index else self.parent(told.product_id)
            rests = told.reaction in days and self.now < told.at + days[told.reaction] * DAY
            if means == item and (told.reaction is Reaction.MUTED or rests):
                return True
        return False

    @cached_property
    def stop(self):
        """What stops everything that sells, from the first question to the last."""
        person, limits = self.asked.person, self.asked.policy.pressure
        if limits.must_solve_first and person.open_cases:
            return DropCode.SOLVE_FIRST
        for rest in limits.cooldowns:
            told = [one.at for one in person.pressure.reactions if one.reaction is rest.after]
            if rest.scope == "all" and any(self.now < at + rest.days * DAY for at in told):
                return DropCode.COOLING_DOWN
        is_taken = self.placement.interrupts or self.placement.is_message
        clock = self.local.time()
        for quiet in limits.quiet_hours:
            is_night = clock >= quiet.start or clock < quiet.end  # they all pass midnight here
            if is_taken and is_night and self.placement.channel in quiet.channels:
                return DropCode.QUIET_HOURS
        return DropCode.CAPPED if self.is_used_up(is_taken) else None

    def is_used_up(self, is_taken):
        is_spoken = self.placement.channel == "desk" or self.request.agent_id is not None
        caps = self.asked.policy.pressure.caps
        if not caps or not (is_taken or is_spoken):
            return False
        if self.asked.person.identity is None and self.request.session_id is None:
            return is_taken
        for cap in caps:
            if cap.channels and self.placement.channel not in cap.channels:
                continue
            counted = [
                one for one in self.asked.person.pressure.contacts
                if one.state is ContactState.CONFIRMED and one.at > self.now - cap.days * DAY
                and (not cap.channels or one.channel in cap.channels)
            ]  # fmt: skip
            if len(counted) >= cap.most:
                return True
        return False

    # rules of the policy

    def rule(self, gate, item, source):
        """The code of the first rule of a gate that stops a candidate."""
        for one in self.asked.policy.rules:
            spared = one.spares_needs and source in SPARED
            if one.gate is gate and not spared and self.is_moment(one.moment) and self.selects(one.stops, item, source):
                is_young = one.younger_than is None or not self.is_of_age(one.younger_than)
                if is_young and (not one.who or self.who(one.who)):
                    return one.code
        return None

    def is_moment(self, moment):
        request, placement, local = self.request, self.placement, self.local
        is_spoken = placement.channel == "desk" or request.agent_id is not None
        part = next(
            (name for begins, name in ((23, "night"), (18, "evening"), (15, "afternoon"), (11, "midday"), (5, "morning"))
             if local.hour >= begins), "night",
        )  # fmt: skip
        names = {one for name in (*request.cart, request.product) if name for one in (name, self.parent(name))}
        shelves = [self.shelf(item) for item in self.cart | self.page]

        def has(wanted):
            return any(
                any(within(shelf, one.removeprefix("category:")) for shelf in shelves)
                if one.startswith("category:") else one in names
                for one in wanted
            )  # fmt: skip

        dwell = request.dwell_seconds
        return all((
            not moment.placements or placement.name in moment.placements,
            not moment.channels or placement.channel in moment.channels,
            not moment.markets or request.market in moment.markets,
            not moment.devices or request.device in moment.devices,
            not moment.dayparts or part in moment.dayparts,
            not moment.months or local.month in moment.months,
            not moment.weekdays or local.weekday() + 1 in moment.weekdays,
            is_season(local, moment.starts_on, moment.ends_on),
            moment.below_dwell_seconds is None or dwell is None or dwell < moment.below_dwell_seconds,
            moment.interrupts is None or placement.interrupts == moment.interrupts,
            moment.is_assisted is None or is_spoken == moment.is_assisted,
            not moment.cart_has or has(moment.cart_has),
            not moment.cart_lacks or not has(moment.cart_lacks),
        ))  # fmt: skip

    def selects(self, stops, item, source):
        offers = self.offers(item)
        kind = offers[0].kind if offers else "goods"
        goals = {goal for one in offers for goal in one.goals}
        price, times = self.price(item), stops.min_price_ratio
        is_dear = price is not None and self.dearest is not None and times is not None and price >= times * self.dearest
        return all((
            not stops.products or self.is_named(item, stops.products),
            not stops.categories or any(within(shelf, one) for shelf in self.shelves_now(item) for one in stops.categories),
            not stops.kinds or source in stops.kinds,
            not stops.offer_kinds or kind in stops.offer_kinds,
            not stops.tags or not self.tags(item).isdisjoint(stops.tags),
            not stops.goals or not goals.isdisjoint(stops.goals),
            all(value in self.said(item, name) for name, value in stops.attributes.items()),
            times is None or is_dear,
            not stops.lacks_goal or not self.serves(item),
            not stops.lacks_licence or any(not set(one.licences) <= self.asked.licences for one in offers),
            stops.is_paid_incentive is None or (kind == "coupon") == stops.is_paid_incentive,
            item not in map(self.sold_as, stops.not_products),
            not any(within(shelf, one) for shelf in self.shelves_now(item, own=True) for one in stops.not_categories),
            self.tags(item, own=True).isdisjoint(stops.not_tags),
        ))  # fmt: skip

    def is_named(self, item, names):
        return any(item in self.items([name]) for name in names)

    def facets(self, item, *, own):
        rows = self.world.facets.values()
        return [one for one in rows if one.product_id == item or (not own and one.parent_id == item)]

    def shelves_now(self, item, *, own=False):
        """Categories the catalog has of it now; the snapshot's where the catalog says nothing."""
        every = self.facets(item, own=False)
        if not any(one.product_id == item or one.category for one in every):
            return [self.shelf(item)]
        return [one.category for one in self.facets(item, own=own)]

    def said(self, item, name, *, own=False):
        return {text for one in self.facets(item, own=own) for key, text in one.said if key == name}

    def tags(self, item, *, own=False):
        return self.said(item, "tags", own=own) | {tag for one in self.offers(item) for tag in one.tags}

    def serves(self, item):
        wanted = {*self.request.goals, *(self.asked.person.goals if self.knows else ())}
        for goal in wanted:
            served = any(goal in one.goals for one in self.offers(item))
            for told in self.asked.policy.goals:
                if told.goal_id == goal:
                    served |= item in map(self.sold_as, told.offers)
                    served |= any(within(self.shelf(item), one) for one in told.categories)
                    served &= item not in map(self.sold_as, told.not_offers)
            if served:
                return True
        return False

    def who(self, condition):
        """Ask one of the conditions that worlds know; without consent of a blank profile, but for open cases."""
        profile, person = self.profile, self.asked.person
        age = profile.traits.get("age") if profile else None
        orders = profile.n_orders if profile else 0
        return {
            'trait("age") < 18': age is not None and int(age) < 18,
            'not (trait("age") >= 18)': age is None or int(age) < 18,
            "orders >= 3": orders >= 3,
            'stage is "lapse"': profile is not None and profile.stage == "lapse",
            "open_cases > 0": person.open_cases > 0,
            'contribution_class is "unprofitable"': profile is not None
            and profile.contribution_class == "unprofitable",
            'owns("P01")': profile is not None and "P01" in person.facts.owned,
            "orders >= 1 and clv is unknown": orders >= 1 and profile.clv is None,
        }[condition]


def within(shelf, category):
    return shelf is not None and (shelf == category or shelf.startswith(category + "/"))


def is_season(local, starts_on, ends_on):
    """Tell whether a day lies in a season; without years it comes every year and may pass new year."""
    if not starts_on and not ends_on:
        return True
    day = local.date().isoformat()
    after = not starts_on or (day if len(starts_on) == 10 else day[5:]) >= starts_on
    before = not ends_on or (day if len(ends_on) == 10 else day[5:]) <= ends_on
    if len(starts_on) == len(ends_on) == 5 and starts_on > ends_on:
        return after or before
    return after and before
