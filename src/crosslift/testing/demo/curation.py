"""What the merchant wrote down: a handful of links with reason and author, and four sets, one of which cannot pay."""
# ruff: noqa: E501

from collections.abc import Iterator
from dataclasses import dataclass

from crosslift.testing.demo.catalog import CURRENCY
from crosslift.testing.demo.relations import WRONG_FITS

LINK_COLUMNS = "from_id,to_id,kind,action,reason,author,expires_at,value"
BUNDLE_COLUMNS = (
    "bundle_id,product_id,role,quantity,kind,price,discount_percent,currency,title,title_ko,title_ja,min_parts,active"
)


@dataclass(frozen=True, slots=True)
class CuratedLink:
    """One row of links.csv. `from_id` is a product, a guide, or a category written `category:path`."""

    from_id: str
    to_id: str
    kind: str
    action: str = ""
    reason: str = ""
    author: str = "jiwoo"
    expires_at: str = ""
    value: str = ""


#: In the box of the first: whoever takes it does not need another.
INCLUDED = (("ESP-LEVER-51", "TMP-51"),)

# fmt: off
LINKS = (
    CuratedLink("DRP-FOLD", "MUG-CAMP", "complement", "pin", "The camping page shows the two together"),
    CuratedLink("ESP-HOME-58", "WAR-ESP-2Y", "complement", "boost", "Repairs out of warranty are our most frequent complaint", "minho", value="1.5"),
    CuratedLink("KTL-GN-900", "THM-DIGITAL", "complement", "bury", "A thermometer with a better battery arrives in December", value="0.5"),
    CuratedLink("MOKA-IND-4", "MOKA-PLATE", "complement", "ban", "An induction pot has no use for an induction plate", "minho"),
    CuratedLink("GIFT-MUGS", "GIFT-DBG", "complement", "ban", "The tin was out of print until spring", expires_at="2026-03-31T00:00:00Z"),
    *(CuratedLink(owned, wrong, "excludes", reason="Wrong size") for owned, wrong in WRONG_FITS[:2]),
    *(CuratedLink(box, part, "included", reason="One lies in the box", author="minho") for box, part in INCLUDED),
    CuratedLink("category:cafe/disposables", "category:gifts/sets", "apart", reason="Supplies for a counter are no present"),
    CuratedLink("GIFT-OSEIBO-A", "GIFT-CHU-A", "apart", reason="Two feasts, two countries"),
    CuratedLink("guide-pour-over", "DRP-V60-02", "content", reason="The guide brews with it"),
    CuratedLink("guide-descale", "DSC-POWDER", "content", reason="The guide uses one sachet", author="minho"),
    CuratedLink("faq-voltage", "KTL-EL-800", "content", reason="Asked most often about this kettle"),
    CuratedLink("ESP-HOME-58", "CHK-ESP", "refill", reason="Gaskets and pressure are checked twice a year", author="minho", value="180 days"),
    CuratedLink("ESP-HOME-58", "CLN-TABS", "refill", reason="The maker says so", author="minho", value="200 shots"),
    CuratedLink("GRD-E-54", "GRD-TABS", "refill", reason="Oil builds up in the burrs", author="minho", value="5 kg"),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Bundle:
    """A set with one price, or with a discount on any `min_parts` of its parts; `parts` are product, role, quantity."""

    bundle_id: str
    kind: str
    title: str
    title_ko: str
    title_ja: str
    parts: tuple[tuple[str, str, int], ...]
    price: int | None = None
    discount_percent: float | None = None
    min_parts: int | None = None


#: Sold below what its parts cost the merchant and a sane margin: a shop must refuse to offer it.
UNSOUND_BUNDLE = "SET-ESP-ALLIN"
BUNDLES = (
    Bundle(
        "SET-POUR-START", "fixed", "Pour-Over Starter: Dripper, Filters, Server", "핸드드립 시작 세트: 드리퍼·필터·서버",
        "ドリップスターター: ドリッパー・フィルター・サーバー",
        (("DRP-V60-02", "dripper", 1), ("FLT-02", "filters", 1), ("SRV-600", "server", 1)), price=46_000,
    ),
    Bundle(
        "MIX-THREE-BEANS", "mix", "Any Three Bags, 10 % Off", "원두 3봉 골라 담기 10% 할인", "お好きな豆3袋で10％引き",
        tuple((name, "beans", 1) for name in ("BEAN-ETH-YIR", "BEAN-ETH-GUJ", "BEAN-KEN-AA", "BEAN-COL-HUI", "BEAN-GTM-ANT",
              "BEAN-BRA-CER", "BLD-MORNING", "BLD-SEOUL")), discount_percent=10, min_parts=3,
    ),
    Bundle(
        "LOOK-STEEL", "look", "The Steel Corner: Kettle, Dripper, Server", "스틸 드립 코너: 주전자·드리퍼·서버",
        "ステンレスのコーナー: ケトル・ドリッパー・サーバー",
        (("KTL-GN-900", "kettle", 1), ("DRP-FLAT-185", "dripper", 1), ("SRV-THERMO-700", "server", 1)), discount_percent=5,
    ),
    Bundle(
        UNSOUND_BUNDLE, "fixed", "Espresso All-In: Machine, Tamper, Pitcher", "에스프레소 올인 세트: 머신·탬퍼·피처",
        "エスプレッソ全部入り: マシン・タンパー・ピッチャー",
        (("ESP-HOME-58", "machine", 1), ("TMP-58", "tamper", 1), ("PIT-350", "pitcher", 1)), price=569_000,
    ),
)  # fmt: skip


def link_rows() -> Iterator[tuple[str, ...]]:
    """Give the rows of links.csv."""
    for link in LINKS:
        yield (
            link.from_id, link.to_id, link.kind, link.action, link.reason, link.author, link.expires_at, link.value
        )  # fmt: skip


def bundle_rows() -> Iterator[tuple[object, ...]]:
    """Give the rows of bundles.csv, one a part."""
    for one in BUNDLES:
        for product_id, role, quantity in one.parts:
            told = (one.price, one.discount_percent, CURRENCY, one.title, one.title_ko, one.title_ja, one.min_parts)
            cells = ("" if cell is None else cell for cell in told)
            yield (one.bundle_id, product_id, role, quantity, one.kind, *cells, "true")
