"""An offered product as it is sold: every price line, the total, terms and benefits, in one language; the same everywhere."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, PriceLine

Row = dict[str, Any]


def told(offer: Offer | None, price: Money, language: str, *, is_taxed: bool) -> Row:
    """Write down what is sold and what it costs in all.

    Parameters
    ----------
    offer : Offer or None
        None for a bare product: one line, its price.
    price : Money
        What is paid in all, as it was decided.
    is_taxed : bool
        Whether prices of the catalog hold the tax.

    Returns
    -------
    dict
        offer, offer_version, lines, total, total_includes_tax; benefits, proofs, terms, cancellation and guarantee in the
        language, else in the one a reader most likely understands; `ends_at` where the offer names it.
    """
    lines = [_line(line, language) for line in offer.prices] if offer is not None else []
    return {
        "offer": offer and offer.offer_id,
        "offer_version": offer and offer.version,
        "lines": lines or [_line(PriceLine(price, includes_tax=is_taxed), language)],
        "total": amount(price),
        "total_includes_tax": is_taxed or bool(lines),
        "benefits": list(in_language(offer.benefits, language) or ()) if offer else [],
        "proofs": [{"text": in_language(one.texts, language), "source": one.source} for one in offer.proofs] if offer else [],
        **{name: in_language(getattr(offer, name), language) if offer else None
           for name in ("terms", "cancellation", "guarantee")},
        "ends_at": offer.ends_at.isoformat() if offer and offer.ends_at else None,
    }  # fmt: skip


def amount(money: Money) -> Row:
    """Write an amount as it is paid; one too fine for that keeps its decimals."""
    return {"amount": _written(money), "currency": money.currency}


@lru_cache(65_536)
def _written(money: Money) -> str:
    """Write the figure; the same prices come again and again."""
    paid = money.rounded()
    exact = paid.amount if paid.amount == money.amount else money.amount.normalize()
    return f"{exact:f}"


def in_language(texts: Mapping[str, Any], language: str) -> Any:
    """Choose what is said in a language: its own, else that of its first part, else English, else the first there is."""
    for tag in (language, language.partition("-")[0], "en", *sorted(texts)):
        if texts.get(tag):
            return texts[tag]
    return None


def _line(line: PriceLine, language: str) -> Row:
    return {
        **amount(line.amount),
        "gross": amount(line.gross)["amount"],
        "period": line.period and line.period.value,
        "n_periods": line.n_periods,
        "tax_rate": None if line.tax_rate is None else float(line.tax_rate),
        "includes_tax": line.includes_tax,
        "label": in_language(line.labels, language),
    }
