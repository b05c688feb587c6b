"""What stands on a shelf of the demo shop: an item, its variants, and the few facts the purchase process reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to have an item: a color, a bag size, a voltage.

    `share` is how often it is chosen among its siblings; `price_factor` multiplies the item's price.
    """

    code: str
    title: str
    title_ko: str
    title_ja: str
    share: float
    price_factor: float = 1.0
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One of the shop's products, in the merchant's words and in the process's.

    `price` is in won, tax included. `popularity` is the relative chance of a free draw, before segment and season.
    `world` is the kind of brewing it belongs to, which the segments lean on. Items that share a `need` never share
    a basket: who takes one has no use for the other (two kettles). `season` names a row of the season table.
    """

    product_id: str
    title: str
    title_ko: str
    title_ja: str
    brand: str
    category: str
    price: int
    popularity: float
    world: str
    shape: str
    need: str | None = None
    kind: str = "goods"
    season: str | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()
    cost: int | None = None
    stock: int = 0
    is_active: bool = True
    has_price: bool = True
    has_picture: bool = True

    def title_in(self, language: str) -> str:
        """Give the title in `en`, `ko` or `ja`."""
        return {"ko": self.title_ko, "ja": self.title_ja}.get(language, self.title)

    @property
    def image(self) -> str:
        """Path of the picture beside the catalog file, or nothing where the merchant forgot it."""
        return f"pictures/{self.product_id}.svg" if self.has_picture else ""


#: id, English, Korean, Japanese, brand, won, popularity, attributes
Row = tuple[str, str, str, str, str, int, float, dict[str, object]]


def shelf(
    category: str,
    world: str,
    shape: str,
    rows: Iterable[Row],
    *,
    need: str | None = None,
    kind: str = "goods",
    variants: Mapping[str, tuple[Variant, ...]] | None = None,
) -> tuple[Item, ...]:
    """Turn hand-written rows into items that share category, world, picture and need.

    The row attributes `world`, `shape`, `need` and `season` speak for one item alone and do not reach the catalog file.
    """
    items = []
    for product_id, title, title_ko, title_ja, brand, price, popularity, facts in rows:
        own = dict(facts)
        own_need, own_season = own.pop("need", need), own.pop("season", None)
        own_world = str(own.pop("world", world))
        items.append(
            Item(
                product_id,
                title,
                title_ko,
                title_ja,
                brand,
                category,
                price,
                popularity,
                own_world,
                str(own.pop("shape", shape)),
                need=None if own_need is None else str(own_need),
                kind=kind,
                season=None if own_season is None else str(own_season),
                attributes=own,
                variants=(variants or {}).get(product_id, ()),
            )
        )
    return tuple(items)
