"""Coupon campaigns: written in versions, with a budget that is never exceeded, and what each cost so far."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import structlog

from crosslift.collect import coupons as doors
from crosslift.collect.coupons import Items
from crosslift.domain.condition import needs
from crosslift.domain.coupon import Campaign
from crosslift.domain.money import Money
from crosslift.domain.segment_grammar import parse
from crosslift.domain.trait import is_sensitive, sensitive_names
from crosslift.errors import BadInput, NotFound
from crosslift.settings import Settings
from crosslift.store.coupon_rows import campaign_of, campaign_row
from crosslift.store.frames import Frames
from crosslift.store.offer_rows import micros
from crosslift.store.ports import Records
from crosslift.wording import ethics

log = structlog.get_logger()
Row = dict[str, Any]
Rows = list[Row]


class Campaigns:
    """The coupon campaigns of one shop.

    Parameters
    ----------
    records, frames : Records, Frames
        Where they are kept, and what is known of people.
    settings : Settings
        Of it currency, language and the traits nobody is grouped by.
    clock : callable
        Gives the present instant.
    key : bytes
        The shop's own secret, which keys the hashes of codes.
    """

    def __init__(
        self, records: Records, frames: Frames, settings: Settings, clock: Callable[[], datetime], key: bytes
    ) -> None:
        self._records = records
        self._frames = frames
        self._settings = settings
        self._clock = clock
        self._key = key
        self._sensitive = sensitive_names(settings["profile.sensitive_traits"])

    def put(self, items: Items | Mapping[str, Any], author: str | None = None, reason: str | None = None) -> Rows:
        """Write campaigns, each as its first or next version; the same content once more changes nothing.

        Parameters
        ----------
        items : mapping, or sequence of mapping
            One or several, in the fields of `collect.coupons.CampaignText`.
        author, reason : str, optional
            Who writes them and why, where a campaign does not say so itself.

        Returns
        -------
        list of dict
            campaign_id, version and outcome of each: new, replaced or same.

        Raises
        ------
        BadInput
            Naming the campaign and the field; nothing is kept then.
        Conflict
            If a budget is less than what is given or promised already, or a code belongs to another campaign; those before it
            in the list are kept.
        """
        given = [items] if isinstance(items, Mapping) else items
        now, currency = self._clock(), self._settings["shop.currency"]
        read = [doors.read_item(one, n, currency, now, author, reason) for n, one in enumerate(given, 1)]
        for campaign in read:
            self._check_traits(campaign)
        _check_words(read)
        return [self._keep(campaign) for campaign in read]

    def put_file(self, path: str | Path, author: str | None = None, reason: str | None = None) -> Rows:
        """Write the campaigns of a TOML file; otherwise as `put`."""
        return self.put(doors.read_file(Path(path)), author, reason)

    def withdraw(self, campaign_id: str, author: str, reason: str) -> Row:
        """Take a campaign back: no code is given any more and one for everybody stops; personal codes given hold.

        Raises
        ------
        NotFound
            If there is none of that id.
        """
        before = self.get(campaign_id)
        return self._keep(replace(before, is_active=False, author=author, reason=reason, created_at=self._clock()))

    def get(self, campaign_id: str) -> Campaign:
        """Give the newest version of a campaign. NotFound if there is none of that id."""
        return self._versions(campaign_id)[-1]

    def list(self) -> Rows:
        """Give the newest version of every campaign by id with its report, in the fields it can be put with again."""
        found = [campaign_of(row) for row in self._records.campaigns()]
        return [{**_told(one), "report": self._report(one)} for one in found]

    def history(self, campaign_id: str) -> Rows:
        """Give every version of a campaign, oldest first. NotFound if there is none of that id."""
        return [_told(one) for one in self._versions(campaign_id)]

    def report(self, campaign_id: str) -> Row:
        """Tell what a campaign cost so far.

        Returns
        -------
        dict
            campaign_id, currency; issued personal codes and how many are open; redeemed and released uses; lines_without_cost
            that passed unjudged; discount given, reserved by open codes, budget and what is left of it, in exact decimals.

        Raises
        ------
        NotFound
            If there is none of that id.
        """
        return self._report(self.get(campaign_id))

    def _keep(self, campaign: Campaign) -> Row:
        versions = [campaign_of(row) for row in self._records.campaign_versions(campaign.campaign_id)]
        if versions and versions[-1].content == campaign.content:
            return {"campaign_id": campaign.campaign_id, "version": versions[-1].version, "outcome": "same"}
        hashed = None if campaign.code is None else self._hash(campaign.code)
        version = self._records.save_campaign(campaign_row(campaign), hashed, micros(self._clock()))
        log.info("campaign_written", campaign_id=campaign.campaign_id, version=version)
        outcome = "replaced" if versions else "new"
        return {"campaign_id": campaign.campaign_id, "version": version, "outcome": outcome}

    def _check_traits(self, campaign: Campaign) -> None:
        rules = [parse(text) for text in (campaign.audience, *(one.condition for one in campaign.tiers)) if text]
        withheld = sorted(name for name in needs(rules).traits if is_sensitive(name, self._sensitive))
        if withheld:
            raise BadInput(
                f'trait("{withheld[0]}") is sensitive: nobody is grouped by it; leave it out',
                where=f"campaign {campaign.campaign_id!r}",
            )

    def _versions(self, campaign_id: str) -> Sequence[Campaign]:
        found = self._records.campaign_versions(campaign_id)
        if not found:
            raise NotFound(f"no campaign {campaign_id!r}; `crosslift offers coupons list` shows them")
        return [campaign_of(row) for row in found]

    def _version(self, campaign_id: str, version: int) -> Campaign:
        return next(one for one in self._versions(campaign_id) if one.version == version)

    def _report(self, campaign: Campaign) -> Row:
        counted = self._records.coupon_report(campaign.campaign_id, micros(self._clock()))
        left = campaign.budget.to_micros() - counted["given_micros"] - counted["reserved_micros"]
        return {
            "campaign_id": campaign.campaign_id, "currency": campaign.currency, "issued": counted["n_issued"],
            "open": counted["n_open"], "redeemed": counted["n_redeemed"], "released": counted["n_released"],
            "lines_without_cost": counted["n_unknown_costs"], "discount": plain(counted["given_micros"], campaign.currency),
            "reserved": plain(counted["reserved_micros"], campaign.currency), "budget": f"{campaign.budget.amount:f}",
            "left": plain(left, campaign.currency),
        }  # fmt: skip

    def _hash(self, code: str) -> str:
        """Hash a code as it is meant: case, spaces and hyphens do not matter."""
        meant = re.sub(r"[\s-]", "", code[:200]).upper()
        return blake2b(meant.encode(), digest_size=32, key=self._key, person=b"coupon").hexdigest()


def _check_words(campaigns: Sequence[Campaign]) -> None:
    """Refuse titles that press; every campaign ends, so that words of hurry may be true."""
    found = [
        (f"campaigns[{place}].titles.{language}", f"campaign {campaign.campaign_id}: {one.told}")
        for place, campaign in enumerate(campaigns)
        if campaign.is_active
        for language, text in campaign.titles.items()
        for one in ethics.of_titles({language: text}, "", has_true_end=True)
    ]
    if found:
        where, told = found[0]
        raise BadInput(f"{told}; nothing was kept", where=where, problems=tuple(": ".join(one) for one in found))


def _told(campaign: Campaign) -> Row:
    return {
        **doors.plain(campaign), "version": campaign.version, "author": campaign.author, "reason": campaign.reason,
        "created_at": campaign.created_at.isoformat(),
    }  # fmt: skip


def plain(amount: int, currency: str) -> str:
    """Write stored millionths as an exact decimal in what the currency is paid in."""
    return f"{Money.from_micros(amount, currency).rounded().amount:f}"
