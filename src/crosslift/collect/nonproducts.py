"""Which codes are no products: postage, fees, manual entries. Inferred from any shop's own data, always reviewable.

No pattern of one data set is used. Three independent signs are looked at, and two must agree:

1. **words**: the title holds a word that names a charge in English, Korean or Japanese;
2. **shape**: the code is built unlike this shop's codes (letters where nearly all have digits, say), by lines sold
   or, where one build is the rule, by number of codes: postage may be on every second order;
3. **price**: the same code is sold at wildly different or negative prices, as manual entries are.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crosslift.domain.catalog import ProductKind

WORDS: Mapping[ProductKind, tuple[str, ...]] = {
    ProductKind.SHIPPING: (
        "postage", "shipping", "carriage", "delivery", "freight", "courier", "배송비", "택배비", "배송료", "送料", "配送料",
    ),
    ProductKind.FEE: (
        "fee", "fees", "charge", "charges", "commission", "surcharge", "handling", "수수료", "手数料", "代引料",
    ),
    ProductKind.GIFT_CARD: (
        "gift card", "gift voucher", "voucher", "gift certificate", "기프트카드", "상품권", "ギフト券", "商品券",
    ),
    ProductKind.ADJUSTMENT: (
        "discount", "adjust", "adjustment", "manual", "rounding", "bad debt", "correction", "credit note", "deposit",
        "할인", "조정", "에누리", "値引", "値引き", "調整",
    ),
    ProductKind.SAMPLE: ("sample", "samples", "샘플", "サンプル", "試供品"),
}  # fmt: skip
"""Words that name a charge rather than a thing, by the kind they mean."""

_RARE_SHAPE = 0.01
_RARE_CODES = 0.05
_FEW_CODES = 3
_RULE_SHAPE = 0.8
_ENOUGH_CODES = 10
_WILD_PRICES = 20.0


@dataclass(frozen=True, slots=True)
class Inferred:
    """A code held for a non-product, with the signs that say so."""

    product_id: str
    kind: ProductKind
    reason: str


@dataclass(frozen=True, slots=True)
class Sold:
    """What the lines say of one code: title, lines, lowest and highest unit price, median."""

    product_id: str
    title: str
    n_lines: int
    low: float
    high: float
    median: float


def infer(sold: list[Sold]) -> list[Inferred]:
    """Name the codes that are probably no products.

    Examples
    --------
    >>> goods = [Sold(f"{n}A", "MUG", 500, 2.0, 3.0, 2.5) for n in range(100, 200)]
    >>> [i.product_id for i in infer([*goods, Sold("POST", "POSTAGE", 90, 1.0, 50.0, 18.0)])]
    ['POST']
    """
    total = sum(s.n_lines for s in sold) or 1
    lines_by_shape: Counter[str] = Counter()
    codes_by_shape = Counter(shape(s.product_id) for s in sold)
    has_rule = max(codes_by_shape.values(), default=0) >= _RULE_SHAPE * len(sold)
    few = max(_FEW_CODES, _RARE_CODES * len(sold)) if has_rule and len(sold) >= _ENOUGH_CODES else 0
    for s in sold:
        lines_by_shape[shape(s.product_id)] += s.n_lines
    found = []
    for s in sold:
        kind, word = _word(s.title)
        signs = [f"title says {word!r}"] if word else []
        built = shape(s.product_id)
        if lines_by_shape[built] / total < _RARE_SHAPE or codes_by_shape[built] <= few:
            signs.append(f"code {s.product_id!r} is built unlike the shop's others")
        if s.low < 0 or (s.median > 0 and s.high / s.median > _WILD_PRICES and s.n_lines >= 5):
            signs.append(f"sold at {s.low:g} to {s.high:g}")
        if word and len(signs) >= 2:
            found.append(Inferred(s.product_id, kind, "; ".join(signs)))
        elif not word and len(signs) == 2 and s.low < 0:
            found.append(Inferred(s.product_id, ProductKind.ADJUSTMENT, "; ".join(signs)))
    return sorted(found, key=lambda i: i.product_id)


def shape(code: str) -> str:
    """Reduce a code to its build: runs of digits become 9, of letters A.

    Examples
    --------
    >>> shape("85123A"), shape("POST"), shape("gift_0001_40")
    ('9A', 'A', 'A_9_9')
    """
    return re.sub(r"[^\W\d_]+", "A", re.sub(r"\d+", "9", code))


def _word(title: str) -> tuple[ProductKind, str]:
    words = f" {re.sub(r'[^0-9a-z가-힣ぁ-んァ-ヶ一-龠ー]+', ' ', title.lower())} "
    for kind, terms in WORDS.items():
        for term in terms:
            if (f" {term} " in words) if term.isascii() else (term in words):
                return kind, term
    return ProductKind.GOODS, ""


def spread(prices: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> tuple[float, float, float]:
    """Give lowest, highest and median price."""
    return float(prices.min()), float(prices.max()), float(np.median(prices))
