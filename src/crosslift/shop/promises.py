"""Promises: what was shown to somebody opens at the same price, terms and reason anywhere, until its end, and is honored once.

A promise is the decision's own: the price is the one its record holds and the terms those of the version it showed, whatever
the catalog says by now. Its short code is derived from the decision, and kept when somebody first asks for it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec
import structlog

from crosslift.domain.decision import Decision, Reason, ReasonCode
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, Promise, PromiseState
from crosslift.errors import BadUsage, Conflict, NotFound, NotReplayable, Refused
from crosslift.settings import Settings
from crosslift.shop.offers import Offers
from crosslift.shop.sold import told
from crosslift.store.offer_rows import instant, micros
from crosslift.store.ports import Records
from crosslift.wording import reasons

log = structlog.get_logger()
Row = dict[str, Any]
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O: nobody reads them aloud without a mistake."""
SHORTEST, LONGEST = 8, 16
"""Letters of a code; more than the shortest only where two decisions meet in it."""
_DECISION = re.compile(r"[0-9a-f]{32}", re.ASCII)
_MOST_KEY = 200


class Promises:
    """The promises of one shop.

    Parameters
    ----------
    records : Records
        Where they are kept.
    offers : Offers
        The offer library; versions shown long ago are read from it.
    settings : Settings
        Of it how long a promise holds where its offer names no end.
    clock : callable
        Gives the present instant.
    key : bytes
        The shop's own secret: nobody can work a code out from a decision id.
    decided, again : callable
        Read a recorded decision; make it again (NotReplayable where that cannot be).
    """

    def __init__(
        self, records: Records, offers: Offers, settings: Settings, clock: Callable[[], datetime], key: bytes,
        decided: Callable[[str], Mapping[str, Any]], again: Callable[[str], Decision],
    ) -> None:  # fmt: skip
        self._records = records
        self._offers = offers
        self._settings = settings
        self._clock = clock
        self._key = key
        self._decided = decided
        self._again = again

    def make(self, decision_id: str, product: str | None = None) -> Promise:
        """Give the promise of one offer of a decision, under the same code every time.

        Parameters
        ----------
        product : str, optional
            Which of its offers, by the product or offer id it was shown under; needed where there are several.

        Raises
        ------
        NotFound
            If there is no such decision, or it offered no such thing.
        BadUsage
            If it offered several and none is named.
        Refused
            If it was held out: nobody saw it.
        """
        row = self._decided(decision_id)
        slot = _slot(decision_id, row, product)
        standing = self._records.promise_of(decision_id, slot)
        return _promise(standing or self._records.save_promise(self._row(row, slot), self._codes(decision_id, slot)))

    def open(self, code: str, product: str | None = None) -> Promise:
        """Open a promise by its code, however it is written, or by its decision.

        Raises
        ------
        NotFound
            If nobody was given that code.
        """
        if _DECISION.fullmatch(code.strip()):
            return self.make(code.strip(), product)
        plain = re.sub(r"[\s-]", "", code).upper()
        found = self._records.promise(plain)
        if found is None:
            raise NotFound(f"no promise {code[:40]!r}; codes have {SHORTEST} letters and digits, never 0, 1, I or O")
        return _promise(found)

    def redeem(self, code: str, redeemed_by: str, product: str | None = None) -> tuple[Promise, bool]:
        """Honor a promise; the same key again changes nothing.

        Parameters
        ----------
        redeemed_by : str
            The order it is redeemed with, or a key of the caller's own.

        Returns
        -------
        Promise, bool
            As it stands now, and whether this call redeemed it.

        Raises
        ------
        Refused
            If it has ended.
        Conflict
            If something else redeemed it already.
        """
        by = redeemed_by.strip()
        if not by or len(by) > _MOST_KEY:
            raise BadUsage(f"say which order redeems it, or give a key of your own, at most {_MOST_KEY} letters")
        before, now = self.open(code, product), self._clock()
        if before.state(now) is PromiseState.EXPIRED:
            raise Refused(
                f"promise {before.code} ended on {before.ends_at:%Y-%m-%d %H:%M} UTC; today's price holds, decide again"
            )
        row = self._records.redeem_promise(before.code, by, micros(now))
        after = before if row is None else _promise(row)
        if after.redeemed_by != by:
            raise Conflict(
                f"promise {after.code} was redeemed on {after.redeemed_at:%Y-%m-%d %H:%M} UTC with {after.redeemed_by!r}; "
                "it is honored once"
            )
        log.info("promise_redeemed", decision_id=after.decision_id, is_new=before.redeemed_at is None)
        return after, before.redeemed_at is None

    def shown(self, promise: Promise, language: str | None = None) -> Row:
        """Write a promise as till, desk, chat and API show it: the same price, terms and reason as the decision.

        Returns
        -------
        dict
            code, state, decision_id, product, title, price lines, total, terms ..., the sentence `reason` (None where its
            evidence is gone), made_at, ends_at, redeemed_at, redeemed_by.
        """
        asked = language or self._settings["shop.language"]
        offer = self._offer(promise)
        is_taxed = self._settings["shop.prices_include_tax"]
        price = promise.price or Money.from_micros(0, self._settings["shop.currency"])
        return {
            "code": promise.code,
            "state": promise.state(self._clock()).value,
            "decision_id": promise.decision_id,
            "product": promise.product_id,
            "title": offer.title(asked) if offer is not None else self._title(promise.product_id, asked),
            **told(offer, price, asked, is_taxed=is_taxed),
            "reason": _sentence(promise.reason, asked),
            "made_at": promise.made_at.isoformat(),
            "ends_at": promise.ends_at.isoformat(),
            "redeemed_at": promise.redeemed_at and promise.redeemed_at.isoformat(),
            "redeemed_by": promise.redeemed_by,
        }

    def _offer(self, promise: Promise) -> Offer | None:
        return None if promise.offer_id is None else self._offers.get(promise.offer_id, promise.offer_version)

    def _row(self, decision: Mapping[str, Any], slot: int) -> Row:
        """Write down what one offer of a decision promises."""
        shown = decision["offers"][slot]
        made_at = int(decision["at"])
        days = timedelta(days=self._settings["offers.promise_days"])
        ends_at = made_at + int(days.total_seconds() * 1_000_000)
        if shown["offer"] is not None:
            offer = self._offers.get(shown["offer"], shown["offer_version"])
            ends_at = ends_at if offer.ends_at is None else micros(offer.ends_at)
        return {
            "decision_id": decision["decision_id"], "slot": slot, "product_id": shown["product"], "offer_id": shown["offer"],
            "offer_version": shown["offer_version"], "price_micros": shown["price_micros"], "currency": shown["currency"],
            "reason": self._reason(decision, slot), "made_at": made_at, "ends_at": ends_at,
        }  # fmt: skip

    def _reason(self, decision: Mapping[str, Any], slot: int) -> str:
        """Keep why it was offered with its evidence, while that can still be found."""
        code = decision["offers"][slot]["reason"]
        try:
            offers = self._again(decision["decision_id"]).offers
        except NotReplayable:
            offers = ()
        told_then = next((one.reason for one in offers[slot : slot + 1] if one.reason.code == code), None)
        kept = {"code": code} if told_then is None else {"code": code, "evidence": told_then.evidence}
        return msgspec.json.encode(kept, order="sorted").decode()

    def _title(self, product_id: str, language: str) -> str:
        found = self._records.table("products", ["title", "titles"], "product_id = ?", (product_id,)).to_pylist()
        if not found:
            return product_id
        titles = msgspec.json.decode(found[0]["titles"] or "{}")
        return str(titles.get(language.partition("-")[0]) or found[0]["title"] or product_id)

    def _codes(self, decision_id: str, slot: int) -> list[str]:
        """Work out the codes of one offer of a decision, the shortest first."""
        digest = blake2b(f"{decision_id}:{slot}".encode(), digest_size=LONGEST, key=self._key).digest()
        letters = "".join(LETTERS[byte % len(LETTERS)] for byte in digest)
        return [letters[:n] for n in range(SHORTEST, LONGEST + 1)]


def _slot(decision_id: str, row: Mapping[str, Any], product: str | None) -> int:
    """Find which offer of a decision is meant."""
    if row["is_withheld"]:
        raise Refused(f"decision {decision_id} was held out: nobody saw its offers, so nothing was promised")
    offers = row["offers"]
    named = [place for place, one in enumerate(offers) if product in (None, one["product"], one["offer"])]
    if not named:
        raise NotFound(f"decision {decision_id} offered {'nothing' if product is None else f'no {product!r}'}")
    if product is None and len(named) > 1:
        listed = ", ".join(str(one["product"]) for one in offers)
        raise BadUsage(f"decision {decision_id} offered {listed}; name the product that is meant")
    return named[0]


def _promise(row: Mapping[str, Any]) -> Promise:
    price = None if row["price_micros"] is None else Money.from_micros(row["price_micros"], row["currency"])
    told_then = msgspec.json.decode(row["reason"])
    return Promise(
        row["code"], row["decision_id"], row["offer_id"], row["offer_version"], row["product_id"], price,
        instant(row["made_at"]), instant(row["ends_at"]), instant(row["redeemed_at"]), row["redeemed_by"], row["slot"],
        Reason(ReasonCode(told_then["code"]), told_then.get("evidence", {})),
    )  # fmt: skip


def _sentence(reason: Reason | None, language: str) -> str | None:
    return reasons.sentence(reason, language) if reason is not None and reason.evidence else None
