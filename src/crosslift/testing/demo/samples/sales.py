"""A dozen orders of Moru Coffee Supply, small enough to read: what every sample file tells in its own platform's way."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from crosslift.testing.demo.catalog import get_item
from crosslift.testing.demo.item import Item, Variant

N_ORDERS = 12
FIRST = datetime.fromisoformat("2026-09-01 09:15")
"""By the shop's own clock, as exports have it."""
GOODS = (
    "DRP-V60-02", "FLT-02", "KTL-EL-800", "SRV-600", "BEAN-ETH-YIR", "BLD-SEOUL", "MUG-STONE", "DRP-V60-02-PL",
)  # fmt: skip
PEOPLE = (
    ("C-0101", "minji.kim@example.com", "김민지", "金 敏智", "Minji", "Kim"),
    ("C-0102", "ken.sato@example.com", "사토 켄", "佐藤 健", "Ken", "Sato"),
    ("C-0103", "alex.kim@example.com", "김알렉스", "アレックス・キム", "Alex", "Kim"),
    ("C-0104", "seojun.park@example.com", "박서준", "朴 瑞俊", "Seojun", "Park"),
    ("C-0105", "hana.mori@example.com", "모리 하나", "森 花", "Hana", "Mori"),
)
"""Customer id, e-mail address, name in Korean and Japanese script, given name, family name; nobody real."""
REFUNDED, UNPAID = 4, 9
"""The places of the order that was given back and of the one nobody has paid for yet."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what, in which variant, how often."""

    item: Item
    variant: Variant | None
    quantity: int

    @property
    def code(self) -> str:
        """The code of what is bought: the variant's, where there are variants."""
        return f"{self.item.product_id}-{self.variant.code}" if self.variant else self.item.product_id

    @property
    def won(self) -> int:
        """The price of one, in won."""
        return int(self.item.price * (self.variant.price_factor if self.variant else 1.0))

    def title(self, language: str) -> str:
        """The title with its variant."""
        kind = {"ko": "title_ko", "ja": "title_ja"}.get(language, "title")
        return self.item.title_in(language) + (f" - {getattr(self.variant, kind)}" if self.variant else "")


@dataclass(frozen=True, slots=True)
class Sale:
    """One order: its place in the list, when, by whom (a place in `PEOPLE`), and its lines."""

    place: int
    at: datetime
    person: int
    lines: tuple[Line, ...]


def draw_sales(seed: int) -> tuple[Sale, ...]:
    """Draw the orders; the same seed gives the same."""
    rng = np.random.Generator(np.random.PCG64([seed, 11]))
    sales = []
    for place in range(N_ORDERS):
        chosen = sorted(rng.choice(len(GOODS), size=int(rng.integers(1, 4)), replace=False).tolist())
        lines = []
        for goods in chosen:
            item = get_item(GOODS[goods])
            variant = item.variants[int(rng.integers(len(item.variants)))] if item.variants else None
            lines.append(Line(item, variant, int(rng.integers(1, 3))))
        at = FIRST + timedelta(days=place * 2, minutes=int(rng.integers(0, 600)))
        sales.append(Sale(place, at, int(rng.integers(len(PEOPLE))), tuple(lines)))
    return tuple(sales)


def n_lines(sales: tuple[Sale, ...], *left_out: int) -> int:
    """Count the lines of all orders but some."""
    return sum(len(sale.lines) for sale in sales if sale.place not in left_out)


def catalog() -> tuple[Item, ...]:
    """Give what the orders are drawn from."""
    return tuple(get_item(goods) for goods in GOODS)
