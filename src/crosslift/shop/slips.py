"""A decision made ready to be printed as text: titles, every price, the true reason, and the code that opens it at the till."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crosslift.deliver.channels.text import PriceRow, Slip, SlipBar, SlipOffer, SlipSet, paper_of, rendered
from crosslift.domain.decision import Decision, Offered
from crosslift.domain.money import Money
from crosslift.shop.sold import told
from crosslift.shop.why_not import title_of
from crosslift.wording import reasons

if TYPE_CHECKING:
    from crosslift.shop import Shop

NOTES = ("terms", "cancellation", "guarantee")


def printed(shop: "Shop", decision: Decision, paper: str, language: str | None = None, width: int | None = None) -> str:
    """Print a decision as text.

    Parameters
    ----------
    paper : str
        One of `deliver.channels.text.PAPERS`.
    language : str, optional
        We write en, ko, ja; by default the shop's.
    width : int, optional
        Columns, 20 to 120; by default the paper's own.

    Raises
    ------
    BadInput
        For an unknown paper or a width outside these.
    """
    found = paper_of(paper)
    return rendered(slip_of(shop, decision, language or shop.settings["shop.language"]), found, width)


def slip_of(shop: "Shop", decision: Decision, language: str) -> Slip:
    """Gather what a decision prints."""
    bar = decision.bar
    missing = None if bar is None else Money(Decimal(str(bar.missing)), bar.currency).rounded()
    return Slip(
        language,
        tuple(_offer(shop, decision, one, language) for one in decision.offers),
        tuple(
            SlipSet(one.titles.get(language.partition("-")[0]) or one.titles.get("") or one.bundle_id, one.price, one.single)
            for one in decision.sets
        ),
        None if bar is None or missing is None else SlipBar(
            bar.titles.get(language) or bar.titles.get(language[:2]) or bar.titles.get("en") or bar.bar_id, missing
        ),
    )  # fmt: skip


def _offer(shop: "Shop", decision: Decision, made: Offered, language: str) -> SlipOffer:
    offer = None if made.offer_id is None else shop.offers.get(made.offer_id, made.offer_version)
    price = made.price or Money.from_micros(0, shop.settings["shop.currency"])
    sold = told(offer, price, language, is_taxed=shop.settings["shop.prices_include_tax"])
    code, until = _promise(shop, decision, made)
    notes = [reasons.sentence(label, language) for label in made.labels] + list(sold["benefits"])
    return SlipOffer(
        title_of(shop, made.product_id, language) if offer is None else offer.title(language),
        reasons.sentence(made.reason, language), made.price, sold["total_includes_tax"],
        tuple(_price(line) for line in sold["lines"]) if offer is not None and len(offer.prices) > 1 else (),
        code, until, (*notes, *(str(sold[name]) for name in NOTES if sold[name])),
    )  # fmt: skip


def _price(line: dict[str, Any]) -> PriceRow:
    return PriceRow(Money(Decimal(line["gross"]), line["currency"]), line["label"], line["period"])


def _promise(shop: "Shop", decision: Decision, made: Offered) -> tuple[str | None, date | None]:
    """Promise the offer; what was decided from memory while the store was down is not promised."""
    if decision.is_degraded or not decision.decision_id:
        return None, None
    promise = shop.promises.make(decision.decision_id, made.offer_id or made.product_id)
    return promise.code, promise.ends_at.astimezone(ZoneInfo(shop.settings["shop.time_zone"])).date()
