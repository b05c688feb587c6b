"""Coupons: campaigns with a capped budget, a code for a person, what it takes off an order, once.

Codes are shown once and kept as hashes keyed by the shop's secret. What somebody was given holds by the terms it was given
under; budget, uses and limits are judged in the transaction that writes them.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog

from crosslift.collect import coupons as doors
from crosslift.collect.coupons import Number
from crosslift.decide.who import NOBODY
from crosslift.domain.condition import needs
from crosslift.domain.coupon import NEGATIVE, Campaign, CouponRefusal
from crosslift.domain.customer import Purpose
from crosslift.domain.membership import PersonFacts, predicate
from crosslift.domain.segment_grammar import parse
from crosslift.errors import BadInput, NotFound
from crosslift.shop.campaigns import Campaigns, plain
from crosslift.shop.cart import cart_of
from crosslift.shop.customers import as_identity
from crosslift.shop.live.person import facts_of
from crosslift.shop.promises import LETTERS
from crosslift.store.offer_rows import instant, micros
from crosslift.wording.coupons import why

log = structlog.get_logger()
Row = dict[str, Any]
LENGTH = 20
"""Letters of a personal code, five bits each: a hundred bits."""
_ORDER = 200


class Coupons(Campaigns):
    """The coupons of one shop; campaigns are written as `Campaigns` says."""

    def issue(self, campaign_id: str, customer: str, *, is_replacing: bool = False, language: str | None = None) -> Row:
        """Give a person a code of their own; who has an open one keeps it, and it is not shown again.

        Parameters
        ----------
        customer : str
            A customer id, or any identity as `kind:value`.
        is_replacing : bool
            Whether an open code is exchanged for a new one that is shown; the earlier one stops.

        Returns
        -------
        dict
            campaign_id, code (None unless this call gave it), is_new, ends_at, value; or refusal and why.

        Raises
        ------
        NotFound
            If there is no such campaign, or nobody is known under that id.
        BadInput
            If the campaign has one code for everybody.
        """
        campaign, now, identity = self.get(campaign_id), self._clock(), as_identity(customer)
        if not campaign.is_personal:
            raise BadInput(
                f"campaign {campaign_id!r} has the code {campaign.code} for everybody; none is given", where="campaign"
            )
        facts, holding = self._facts(campaign, identity, now)
        refusal = _not_now(campaign, now) or self._not_for(facts, campaign, micros(now))
        if refusal is not None:
            return self._refused(refusal, language, campaign_id=campaign_id, code=None)
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        row = self._code_row(campaign, identity, code, campaign.value_for(holding), now)
        issued = self._records.issue_coupon(row, micros(now), replaces=is_replacing)
        if issued.row is None:
            return self._refused(issued.refusal, language, campaign_id=campaign_id, code=None)
        log.info("coupon_issued", campaign_id=campaign_id, is_new=issued.is_new)
        return {
            "campaign_id": campaign_id, "code": _in_groups(code) if issued.is_new else None, "is_new": issued.is_new,
            "value": issued.row["value"], "ends_at": _iso(issued.row["ends_at"]), "refusal": None, "why": None,
        }  # fmt: skip

    def show(self, code: str, language: str | None = None) -> Row:
        """Tell what a code is worth: its terms, its state (open, not_yet, used, expired, taken_back), whether it is personal.

        Raises
        ------
        NotFound
            If nobody was given it.
        """
        row = self._records.coupon(self._hash(code))
        if row is None:
            raise NotFound(why(CouponRefusal.UNKNOWN, "en"))
        campaign = self._version(row["campaign_id"], row["version"])
        asked = language or self._settings["shop.language"]
        told = doors.plain(campaign)
        terms = ("campaign_id", "kind", "currency", "most", "minimum", "products", "stacks_with")
        return {
            **{name: told[name] for name in terms},
            "title": _title(campaign, asked), "value": row["value"], "is_personal": row["identity"] is not None,
            "state": self._state(row, campaign), "n_uses": row["n_uses"],
            "max_uses": campaign.max_uses if row["identity"] is None else 1,
            "starts_at": told["starts_at"], "ends_at": _iso(row["ends_at"]),
        }  # fmt: skip

    def redeem(
        self, code: str, order: str, *, lines: Sequence[Mapping[str, Any]] | None = None, cart_value: Number | str | None = None,
        currency: str | None = None, delivery: Number | str = 0, customer: str | None = None, language: str | None = None,
    ) -> Row:  # fmt: skip
        """Use a code on an order; the same code and order again answers the same and takes nothing off twice.

        Parameters
        ----------
        order : str
            The order id.
        lines : sequence of mapping
            What is bought: product, quantity, unit_price; or instead
        cart_value : number or decimal text
            what it comes to in all. Campaigns for some products need lines, and margins are judged by lines alone.
        currency : str, optional
            The shop's own where it is left out.
        delivery : number or decimal text
            What the customer would pay for delivery.
        customer : str, optional
            Whose order it is, a customer id or `kind:value`; personal codes need it.

        Returns
        -------
        dict
            campaign_id, order, discount (exact decimal), currency, lines_without_cost, redeemed_at, is_new; or refusal and why.

        Raises
        ------
        BadInput
            If the cart cannot be read.
        """
        cart = cart_of(self._records, lines, cart_value, currency or self._settings["shop.currency"], delivery)
        hashed, named = self._hash(code), _order_of(order)
        identity = None if customer is None else as_identity(customer)
        refusal = self._class_refusal(hashed, named, identity)
        if refusal is not None:
            return self._refused(refusal, language, order=named)
        done = self._records.redeem_coupon(hashed, named, identity, cart, micros(self._clock()))
        if done.use is None:
            return self._refused(done.refusal, language, order=named)
        if done.is_new:
            log.info("coupon_redeemed", campaign_id=done.use["campaign_id"], order_id=named)
        return {**_use(done.use), "is_new": done.is_new, "refusal": None, "why": None}

    def release(self, code: str, order: str) -> Row:
        """Give the use of a canceled order back; again changes nothing. NotFound if the code was not used on it."""
        done = self._records.release_coupon(self._hash(code), _order_of(order), micros(self._clock()))
        if done.use is None:
            raise NotFound(f"this code was not used on order {order[:40]!r}")
        return {**_use(done.use), "released_at": _iso(done.use["released_at"]), "is_new": done.is_new}

    def _facts(self, campaign: Campaign, identity: str, now: datetime) -> tuple[PersonFacts, tuple[bool, ...]]:
        """Read what the campaign's conditions ask of a person, and tell which tiers hold of what may be known."""
        tiers = [parse(tier.condition) for tier in campaign.tiers]
        asked = needs([*tiers, *([parse(campaign.audience)] if campaign.audience else [])])
        facts = facts_of(self._records, self._frames, identity, asked, micros(now), self._sensitive)
        if facts is None:
            raise NotFound(f"nobody is known as {identity}; a customer id, or kind:value")
        known = self._may_know(facts)
        return facts, tuple(predicate(tier)(known, micros(now)) for tier in tiers)

    def _may_know(self, facts: PersonFacts) -> PersonFacts:
        """Give the facts conditions may be asked of: all with consent, else nobody's but for what protects the person.

        A coupon has no channel: the word on all channels (`*`) is asked.
        """
        is_contextual = self._settings["privacy.contextual_only"]
        if facts.consents.get((Purpose.PERSONALIZATION.value, "*"), False) and not is_contextual:
            return facts
        open_here = replace(NOBODY.profile, open_cases=facts.profile.open_cases)
        return replace(NOBODY, profile=open_here, consents={} if is_contextual else facts.consents)

    def _not_for(self, facts: PersonFacts, campaign: Campaign, now: int) -> CouponRefusal | None:
        """Refuse people whose purchases cost more than they bring, whatever they allowed, then those it is not for."""
        if facts.profile.contribution_class in NEGATIVE:
            return CouponRefusal.NOT_FOR_CLASS
        if not campaign.audience or predicate(parse(campaign.audience))(self._may_know(facts), now):
            return None
        return CouponRefusal.NOT_FOR_PERSON

    def _class_refusal(self, hashed: str, order: str, identity: str | None) -> CouponRefusal | None:
        """Ask whether a code of everybody is for the person named; whoever was given one of their own was asked then."""
        row = self._records.coupon(hashed)
        if row is None or row["identity"] is not None or identity is None:
            return None
        if self._records.table("coupon_uses", ["id"], "code_hash = ? and order_id = ?", (hashed, order)).num_rows:
            return None  # what is done already is answered as it was
        campaign, now = self._version(row["campaign_id"], row["version"]), self._clock()
        try:
            facts, _ = self._facts(campaign, identity, now)
        except NotFound:
            return CouponRefusal.NOT_FOR_PERSON if campaign.audience else None
        return self._not_for(facts, campaign, micros(now))

    def _code_row(self, campaign: Campaign, identity: str, code: str, value: Decimal | None, now: datetime) -> Row:
        ends = campaign.ends_at
        if campaign.valid_days is not None:
            ends = min(ends, now + timedelta(days=campaign.valid_days))
        return {
            "code_hash": self._hash(code), "campaign_id": campaign.campaign_id, "version": campaign.version,
            "identity": identity, "value": None if value is None else f"{value:f}",
            "reserved_micros": campaign.most_off(value).to_micros(), "currency": campaign.currency,
            "issued_at": micros(now), "ends_at": micros(ends), "is_used": False,
        }  # fmt: skip

    def _state(self, row: Row, campaign: Campaign) -> str:
        now, is_personal = self._clock(), row["identity"] is not None
        if instant(row["ends_at"]) <= now:
            return "expired"
        if not is_personal and not self.get(row["campaign_id"]).is_active:
            return "taken_back"
        most = 1 if is_personal else campaign.max_uses
        if most is not None and row["n_uses"] >= most:
            return "used"
        return "not_yet" if campaign.starts_at is not None and now < campaign.starts_at else "open"

    def _refused(self, refusal: CouponRefusal | None, language: str | None, **named: Any) -> Row:
        told = refusal or CouponRefusal.UNKNOWN
        return {
            **named, "is_new": False, "refusal": told.value, "why": why(told, language or self._settings["shop.language"]),
        }  # fmt: skip


def _not_now(campaign: Campaign, now: datetime) -> CouponRefusal | None:
    if not campaign.is_active:
        return CouponRefusal.TAKEN_BACK
    return CouponRefusal.EXPIRED if now >= campaign.ends_at else None


def _order_of(order: str) -> str:
    named = order.strip()
    if not 0 < len(named) <= _ORDER:
        raise BadInput(f"name the order by an id of 1 to {_ORDER} characters", where="order")
    return named


def _use(use: Mapping[str, Any]) -> Row:
    return {
        "campaign_id": use["campaign_id"], "order": use["order_id"], "discount": plain(use["discount_micros"], use["currency"]),
        "currency": use["currency"], "lines_without_cost": use["n_unknown_costs"], "redeemed_at": _iso(use["redeemed_at"]),
    }  # fmt: skip


def _title(campaign: Campaign, language: str) -> str:
    named = {code: text for code, text in campaign.titles.items() if text.strip()}
    return named.get(language) or named.get(language[:2]) or named.get("en") or next(iter(named.values()))


def _iso(at: int) -> str:
    return instant(at).isoformat()


def _in_groups(code: str) -> str:
    """Write a code as it is read aloud: five letters at a time."""
    return "-".join(code[start : start + 5] for start in range(0, len(code), 5))
